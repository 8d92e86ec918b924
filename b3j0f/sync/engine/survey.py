"""Surveying: decide about every record of a type on which anything differs or is left open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import SyncError
from ..names import global_name
from ..reconcile.merge import Decision, Side, decide
from ..reconcile.report import Failure
from .embedded import excuse_dropped
from .scan import Scan, scan
from .unique import keep_unique

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ..data import Schema
    from ..ledger import Agreed, Entry, Ledger
    from ..reconcile.conflict import Conflict
    from ..reconcile.pairing import Seen
    from ..reconcile.policy import Policy
    from .pace import Pace
    from .place import Place

__all__ = ["Survey", "sides_of", "survey"]

Key = tuple[str, tuple[str, ...]]
BATCH = 1000
NOTHING: Mapping[str, SyncError] = {}


@dataclass(slots=True)
class Survey:
    """What is to be done about the data of one type.

    Attributes:
        schema: Of the type.
        decisions: One for each record that needs any.
        agreed: New records that every store has already, all alike: they are only to be noted;
            None when there are none.
        ambiguous: Data that cannot be told apart.
        failures: What could not be read.
        sizes: How many data each store that could be read has.
        outside: By store, names and contexts of data that take no part.
    """

    schema: Schema
    decisions: list[Decision] = field(default_factory=list)
    agreed: Agreed | None = None
    ambiguous: list[Conflict] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    outside: Mapping[str, Collection[Key]] = field(default_factory=dict)


def survey(
    ledger: Ledger,
    schema: Schema,
    places: Sequence[Place],
    policy: Policy,
    pace: Pace,
    *,
    down: Mapping[str, SyncError] = NOTHING,
    retries: int = 0,
) -> Survey:
    """Read every place and decide; nothing is written, neither to a store nor to the ledger.

    *down* and *retries* are those of ``scan``.
    """
    found = scan(ledger, schema, places, pace, down=down, retries=retries)
    result = Survey(schema, agreed=found.agreed, ambiguous=found.ambiguous, sizes=found.sizes)
    result.failures = [
        Failure(store=store, datatype=None, global_name=None, error=error)
        for store, error in found.failures.items()
    ]
    result.failures += [
        Failure(store=store, datatype=schema.name, global_name=str(id), error=error)
        for (store, id), error in found.unreadable.items()
    ]
    for group in found.groups:
        if group.record is not None:
            found.changed[group.record].update(group.seen)
        else:
            sides = _new_sides(places, group.seen, found)
            if not any(side.is_present and side.reads for side in sides):
                for store, seen in group.seen.items():  # nobody takes it: its name is taken
                    found.outside[store].add(seen.content[:2])
            _decide(result, sides, policy, None)
    for entry, sides in _known(ledger, schema, places, found):
        excuse_dropped(ledger, schema, sides)
        _decide(result, sides, policy, entry, found.changed.get(entry.record or 0))
    result.outside = found.outside
    keep_unique(ledger, schema, places, result.decisions, result.outside)
    return result


def _decide(
    result: Survey,
    sides: Sequence[Side],
    policy: Policy,
    entry: Entry | None,
    changed: Mapping[str, Seen | None] | None = None,
) -> None:
    """Add the decision on one record to *result*; a policy that fails leaves out that one alone."""
    try:
        decision = decide(
            result.schema,
            sides,
            policy=policy,
            base=None if entry is None else entry.base,
            removed=entry is not None and entry.removed,
            record=None if entry is None else entry.record,
        )
    except SyncError as exc:
        stores = ", ".join(side.store for side in sides if side.is_present)
        name = next(global_name(*s.current[:2]) for s in sides if s.current is not None)
        result.failures.append(
            Failure(store=stores, datatype=result.schema.name, global_name=name, error=exc)
        )
        return
    if decision is not None and (entry is None or _is_news(decision, entry, changed)):
        result.decisions.append(decision)


def _known(
    ledger: Ledger, schema: Schema, places: Sequence[Place], found: Scan
) -> Iterator[tuple[Entry, list[Side]]]:
    """The records of the ledger about which there may be something to do, with their sides."""
    touched = set(found.changed) | ledger.unsettled(schema)
    for place in places:
        if place.store not in found.failures:
            touched |= ledger.unlinked(schema, place.store)
    order = sorted(touched)
    for start in range(0, len(order), BATCH):
        for record, entry in sorted(ledger.load(schema, order[start : start + BATCH]).items()):
            yield (
                entry,
                sides_of(
                    entry,
                    places,
                    found.changed.get(record, {}),
                    aside=[store for store, records in found.aside.items() if record in records],
                    failed=found.failures,
                    blocked=found.blocked,
                ),
            )


def _is_news(decision: Decision, entry: Entry, changed: Mapping[str, Seen | None] | None) -> bool:
    """Whether there is anything to write or to note."""
    if changed or decision.operations:
        return True
    if decision.merged is None:  # a store that is never written may keep it for ever
        return not any(linked.id is not None for linked in entry.links.values())
    # Open conflicts are told at every run.
    return not entry.is_settled or len(entry.links) < len(decision.sides)


def sides_of(
    entry: Entry,
    places: Sequence[Place],
    changed: Mapping[str, Seen | None],
    *,
    aside: Sequence[str] = (),
    failed: Mapping[str, object] | Sequence[str] = (),
    blocked: Mapping[str, Mapping[tuple[Any, ...], str]] | None = None,
) -> list[Side]:
    """The sides of a record of the ledger: what was read, or what was agreed where nothing was.

    *changed* has what was read in a store, None for a data that is gone; *aside* and *failed*
    name the stores where the record, or the whole store, takes no part.
    """
    sides = []
    for place in places:
        linked = entry.links.get(place.store)
        side = place.side(linked)
        side.available = place.store not in failed and place.store not in aside
        if place.store in changed:
            seen = changed[place.store]
            if seen is not None:
                side.id, side.current, side.updated = seen.id, seen.content, seen.updated
        else:
            side.current = side.view
        is_absent = side.current is None
        if blocked and is_absent:
            side.blocked = blocked.get(place.store, {}).get(entry.base[:2])
        sides.append(side)
    return sides


def _new_sides(places: Sequence[Place], seen: Mapping[str, Seen], found: Scan) -> list[Side]:
    key = next(iter(seen.values())).content[:2]
    sides = []
    for place in places:
        side = place.side(None)
        side.available = place.store not in found.failures
        here = seen.get(place.store)
        if here is not None:
            side.id, side.current, side.updated = here.id, here.content, here.updated
        else:
            side.blocked = found.blocked.get(place.store, {}).get(key)
        sides.append(side)
    return sides
