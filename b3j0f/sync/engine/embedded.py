"""What embeds others: it stays while they are needed there, and they follow where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data import schema_of
from ..errors import SyncError
from ..query import Query
from ..reconcile.merge import Decision, write_to
from ..reconcile.operation import Kind
from .unique import keep_unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..data import Data, Schema
    from ..ledger import Entry, Ledger
    from ..reconcile.operation import Operation
    from .place import Place
    from .survey import Survey

__all__ = ["disturbed", "embedded_in", "keep_needed", "moved_with"]

Key = tuple[str, tuple[str, ...]]


def keep_needed(
    ledger: Ledger, places: Mapping[type[Data], Sequence[Place]], surveys: Sequence[Survey]
) -> None:
    """Let live on what was to be removed, but embeds what is to be added somewhere.

    Somebody has added or edited data in it that others have not seen: that counts for more
    than the removal, as an edit of the data itself would. Where another one of its name and
    context lives, that one embeds them.
    """
    needed: dict[tuple[str, Key], list[str]] = {}
    for found in reversed(surveys):  # what is kept may be embedded itself
        doomed = {
            d.record: needed[found.schema.name, d.base[:2]][0]
            for d in found.decisions
            if d.merged is None and d.base is not None
            if (found.schema.name, d.base[:2]) in needed
        }
        if doomed:
            _keep(ledger, found, doomed)
            keep_unique(ledger, found.schema, places[found.schema.datatype], found.decisions)
        for decision in found.decisions:
            _note_needed(needed, found.schema, decision)


def _keep(ledger: Ledger, found: Survey, doomed: Mapping[int | None, str]) -> None:
    """Let those of *doomed* live on that nobody can stand in for; by record, what needs it."""
    living = {d.merged[:2] for d in found.decisions if d.merged is not None}
    removed = {d.record for d in found.decisions if d.merged is None}
    for position, decision in enumerate(found.decisions):
        if decision.record in doomed and decision.merged is None and decision.base is not None:
            key: Key = decision.base[:2]
            others = {e.record for e in ledger.named(found.schema, [key])} - removed
            if key not in living and not others:
                found.decisions[position] = _kept(decision, doomed[decision.record])


def _note_needed(
    needed: dict[tuple[str, Key], list[str]], schema: Schema, decision: Decision
) -> None:
    if schema.parent is None or decision.merged is None:
        return
    added = [o for o in decision.operations if o.kind is Kind.ADD]
    context = decision.merged[1]
    if added and isinstance(context, tuple) and context:
        parent = schema_of(schema.parent).name
        needed.setdefault((parent, (context[-1], context[:-1])), []).append(added[0].global_name)


def _kept(decision: Decision, embedded: str) -> Decision:
    kept = Decision(
        schema=decision.schema,
        record=decision.record,
        base=decision.base,
        merged=decision.base,
        sides=decision.sides,
    )
    for side in decision.sides:
        if side.current is None:
            write_to(kept, side, f"removed, but {embedded!r} was added or changed in it: it stays")
    return kept


def embedded_in(
    schema: Schema, places: Mapping[type[Data], Sequence[Place]]
) -> Iterator[type[Data]]:
    """The types that are directly embedded in one."""
    for datatype in places:
        if schema_of(datatype).parent is schema.datatype:
            yield datatype


def disturbed(
    operations: Iterable[Operation], places: Mapping[type[Data], Sequence[Place]]
) -> list[type[Data]]:
    """The types whose data a store may have moved or removed by itself when it made these.

    Many a server moves what is embedded along with what embeds it, or removes it with it.
    """
    changed = {o.datatype for o in operations if o.kind is Kind.REMOVE or is_rename(o)}
    found = []
    for datatype in places:  # what embeds comes first
        parent = schema_of(datatype).parent
        if parent is not None and schema_of(parent).name in changed:
            changed.add(schema_of(datatype).name)
            found.append(datatype)
    return found


def is_rename(operation: Operation) -> bool:
    """Whether it changes name or context."""
    before, after = operation.before, operation.after
    return before is not None and after is not None and before[:2] != after[:2]


def moved_with(
    ledger: Ledger, datatype: type[Data], places: Sequence[Place], key: Key
) -> Iterator[Entry]:
    """Records that some store has in the context of *key* by now, and had elsewhere when agreed."""
    schema, context = schema_of(datatype), (*key[1], key[0])
    seen: set[int | None] = set()
    for place in places:
        try:
            place.open()
            every = list(place.accessor.find(Query(context=context)))
        except SyncError:
            continue  # the next run looks there
        for data in every:
            assert data.id is not None  # noqa: S101 - it comes from a store
            entry = ledger.find(schema, place.store, data.id)
            if entry is None or entry.record in seen:
                continue
            view = entry.links[place.store].view
            if view is None or view[1] != context:
                seen.add(entry.record)
                yield entry
