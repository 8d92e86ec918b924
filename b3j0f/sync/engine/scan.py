"""Scanning: what every store holds of one type, as far as it differs from what was agreed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from ..accessor import Capability
from ..errors import StoppedError, SyncError
from ..names import global_name, split_global_name
from ..reconcile.pairing import Known, Seen, moved, pair
from .adopt import adopt_begun, begun_outside, named_as
from .agree import take_agreed
from .retry import asked_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..data import Data, Schema
    from ..ledger import Agreed, Entry, Ledger
    from ..reconcile.conflict import Conflict
    from ..reconcile.pairing import Group
    from .agree import Raw
    from .pace import Pace
    from .place import Place

__all__ = ["Scan", "scan"]

Id = str | int
Key = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class Scan:
    """What differs from the ledger, store by store; what is not in it is as it was agreed.

    Attributes:
        changed: By record and store, what was read there; None: the data is gone.
        groups: Data that were paired to records that are new or were not in that store.
        agreed: New records that every store has already, all alike; None when there are none.
        ambiguous: Data that cannot be told apart.
        aside: By store, records that are there and take no part: outside the link's filter,
            or unreadable.
        blocked: By store, names and contexts that nothing can be added with now, and why.
        outside: By store, names and contexts of data that take no part, whatever the reason.
        failures: Stores that could not be read.
        unreadable: By store and id, the errors of data that could not be read.
        sizes: How many data each store has.
    """

    changed: dict[int, dict[str, Seen | None]] = field(default_factory=lambda: defaultdict(dict))
    groups: list[Group] = field(default_factory=list)
    agreed: Agreed | None = None
    ambiguous: list[Conflict] = field(default_factory=list)
    aside: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    blocked: dict[str, dict[Key, str]] = field(default_factory=lambda: defaultdict(dict))
    outside: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    failures: dict[str, SyncError] = field(default_factory=dict)
    unreadable: dict[tuple[str, Id], SyncError] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def scan(
    ledger: Ledger,
    schema: Schema,
    places: Sequence[Place],
    pace: Pace,
    *,
    down: Mapping[str, SyncError],
    retries: int,
) -> Scan:
    """Read every place once and compare it with the ledger; a store that fails is left out.

    Those that are *down* are not asked; one that does not answer is asked so many times more.
    """
    result = Scan()
    new: dict[str, list[Raw]] = {}
    for place in places:
        try:
            if place.store in down:
                raise down[place.store]
            reading = asked_again(partial(_read, ledger, place, pace), retries)
        except StoppedError:
            raise
        except SyncError as exc:
            result.failures[place.store] = exc
            continue
        reading.note(result)
        new[place.store] = reading.new
    _pair(result, ledger, schema, new)
    return result


def _read(ledger: Ledger, place: Place, pace: Pace) -> _Reading:
    reading = _Reading(ledger, place)
    reading.read(pace)
    return reading


class _Reading:
    """One pass over the data of one place."""

    def __init__(self, ledger: Ledger, place: Place) -> None:
        self.ledger, self.place = ledger, place
        self.changed: dict[int, Seen] = {}
        self.new: list[Raw] = []
        self.aside: set[int] = set()
        self.blocked: dict[Key, str] = {}
        self.outside: set[Key] = set()
        self.unlinked: list[Raw] = []  # outside, and not known; kept where it may matter
        self.has_begun = bool(ledger.begun(place.schema))
        self.unreadable: dict[Id, SyncError] = {}
        self.gone: Iterable[int] = ()
        self.size = 0

    def read(self, pace: Pace) -> None:
        place, schema = self.place, self.place.schema
        place.open()
        place.begin_reading()
        expected = self.ledger.marks(schema, place.store)
        mark, content = self.ledger.mark, place.content
        filtered, seen = place.link.where is not None, set()
        every = place.accessor.find(unreadable=self._set_aside)
        for data in pace.reading(every, schema.name, place.store, len(expected)):
            id: Any = data._f_id  # this is where every data passes: past the property
            if id in seen:
                continue  # while others add and remove, a store may show one on two pages
            seen.add(id)
            known = expected.pop(id, None)
            if filtered and not self._takes(data):
                self._leave_out(data, None if known is None else known[0])
                continue
            values = content(data)
            if known is None:
                self.new.append((id, values, data._f_updated))
            elif known[1] != mark(schema, values):
                self.changed[known[0]] = Seen(id, values, data._f_updated)
        self.size += len(seen)
        for id in self.unreadable:
            known = expected.pop(id, None)
            if known is not None:
                self.aside.add(known[0])
        if Capability.DETECT_REMOVALS in place.capabilities:
            self.gone = [record for record, _ in expected.values()]

    def _leave_out(self, data: Data, record: int | None) -> None:
        """Note that *data* is outside the filter, and of which record it is, if that is known."""
        self.outside.add((data.name, data.context))
        if record is not None:
            self.aside.add(record)
            return
        self.blocked[data.name, data.context] = filtered_out(data)
        if self.has_begun:
            self.unlinked.append((data.id or 0, self.place.content(data), None))

    def _takes(self, data: Data) -> bool:
        try:
            return self.place.takes(data)
        except SyncError as exc:  # a filter that fails on one data leaves out that one alone
            assert data.id is not None  # noqa: S101 - it comes from a store
            self.unreadable[data.id] = exc
            return False

    def _set_aside(self, id: Id, error: SyncError) -> None:
        self.unreadable[id] = error
        self.size += 1

    def note(self, result: Scan) -> None:
        """Put what was found into *result*, the data that only have another id now as changed."""
        store = self.place.store
        for find in (self._adopted, self._moved):
            found = find()
            self.changed |= found
            taken = {seen.id for seen in found.values()}
            self.new = [raw for raw in self.new if raw[0] not in taken]
        for record, seen in self.changed.items():
            result.changed[record][store] = seen
        # What was added unheard and left the filter since takes no part, and is there.
        outside = begun_outside(
            self.ledger, self.place.schema, store, self.unlinked, set(self.gone)
        )
        self.aside |= outside - self.changed.keys()
        for record in self.gone:
            result.changed[record].setdefault(store, None)
        result.aside[store] = self.aside
        result.blocked[store], result.outside[store] = self.blocked, self.outside
        if self.size or Capability.DETECT_REMOVALS in self.place.capabilities:
            result.sizes[store] = self.size  # else what is not seen may be there all the same
        result.unreadable.update({(store, id): error for id, error in self.unreadable.items()})

    def _adopted(self) -> dict[int, Seen]:
        found = adopt_begun(
            self.ledger, self.place.schema, self.place.store, self.new, set(self.gone)
        )
        return {record: Seen(*raw) for record, raw in found.items()}

    def _moved(self) -> dict[int, Seen]:
        gone = [record for record in self.gone if record not in self.changed]
        if not gone or not self.new:
            return {}
        entries = self.ledger.load(self.place.schema, gone)
        views = {record: e.links[self.place.store].view for record, e in entries.items()}
        new = [Seen(*raw) for raw in self.new]
        return moved({r: view for r, view in views.items() if view is not None}, new)


def _pair(result: Scan, ledger: Ledger, schema: Schema, new: Mapping[str, list[Raw]]) -> None:
    if not any(new.values()):
        return
    known = []
    if ledger.count(schema):
        keys: set[Key] = {content[:2] for every in new.values() for _, content, _ in every}
        for entry in ledger.named(schema, keys):
            if _leaves(result, entry):
                new = _without_begun(result, entry, new)
            else:
                changed = result.changed.get(entry.record or 0, ())
                known.append(known_of(entry, [*result.failures, *changed]))
    if known or result.failures:
        rest = {store: [Seen(*raw) for raw in every] for store, every in new.items()}
    else:
        result.agreed, rest = take_agreed(schema, new)
    result.groups, result.ambiguous = pair(schema.name, rest, known)
    for conflict in result.ambiguous:  # who waits for a place there may have it already
        key = split_global_name(conflict.global_name)
        for store, ids in conflict.values.items():
            if any(seen.id in ids for seen in rest.get(store, ())):
                result.blocked[store].setdefault(key, cannot_be_told(schema.name, *key))


def _leaves(result: Scan, entry: Entry) -> bool:
    """Whether a record is about to lose its name, or to go: new data of that name are others."""
    changed = result.changed.get(entry.record or 0, {})
    seen = [one for one in changed.values() if one is not None]
    if any(one.content[:2] != entry.base[:2] for one in seen):
        return True
    if entry.removed and not seen:
        return True
    lost = [store for store, one in changed.items() if one is None]
    return not seen and any(not entry.links[store].pending for store in lost)


def _without_begun(
    result: Scan, entry: Entry, new: Mapping[str, list[Raw]]
) -> Mapping[str, list[Raw]]:
    """*new* without what was added for *entry* unheard, and edited there while it was renamed."""
    rest = dict(new)
    assert entry.record is not None  # noqa: S101 - it comes from the ledger
    changed = result.changed[entry.record]
    for store, linked in entry.links.items():
        every = rest.get(store, [])
        if linked.id is None and linked.begun is not None and store not in changed:
            position = named_as(linked.begun, [content for _, content, _ in every])
            if position is not None:
                changed[store] = Seen(*every[position])
                rest[store] = [*every[:position], *every[position + 1 :]]
    return rest


def known_of(entry: Entry, failures: Iterable[str] = ()) -> Known:
    """*entry* for pairing: it has no place for another data in the stores that have it."""
    assert entry.record is not None  # noqa: S101 - it comes from the ledger
    taken = {store: linked.id for store, linked in entry.links.items() if linked.id is not None}
    return Known(entry.record, entry.base, frozenset(taken).union(failures), taken)


def filtered_out(data: Data) -> str:
    """Why nothing can be added with the name of *data*, which the link's filter leaves out."""
    name = data.global_name
    return f"a {type(data).__name__} {name!r} is there, outside the link's filter"


def cannot_be_told(datatype: str, name: str, context: tuple[str, ...]) -> str:
    """Why nothing can be added with a name that ambiguous data have."""
    what = global_name(name, context)
    return f"a {datatype} {what!r} is there, and it cannot be told whether it is this one"
