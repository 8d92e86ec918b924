"""What embeds others: it stays while they are needed there, and they follow where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..data import schema_of
from ..errors import SyncError
from ..ledger import Linked
from ..query import Query
from ..reconcile.merge import Decision, write_to
from ..reconcile.operation import Kind
from .unique import keep_unique

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from ..data import Data, Schema
    from ..ledger import Entry, Ledger
    from ..reconcile.merge import Side
    from ..reconcile.operation import Operation
    from .place import Place
    from .survey import Survey

__all__ = [
    "disturbed",
    "dropped_with",
    "embedded_in",
    "found_in",
    "hold_back",
    "keep_needed",
    "lost_there",
    "moved_with",
    "not_in_step",
]

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
            where = places[found.schema.datatype]
            keep_unique(ledger, found.schema, where, found.decisions, found.outside)
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
        write_to(kept, side, f"removed, but {embedded!r} was added or changed in it: it stays")
    return kept


def hold_back(
    ledger: Ledger, places: Mapping[type[Data], Sequence[Place]], surveys: Sequence[Survey]
) -> None:
    """Leave out removals in stores where something is embedded that others have not seen.

    A store may remove it along. It waits until that is in step, or is removed as well.
    """
    doomed = {
        (operation.store, operation.datatype, operation.id)
        for found in surveys
        for decision in found.decisions
        for operation in decision.operations
        if operation.kind is Kind.REMOVE
    }
    doomed |= _in_step_then(surveys) | _moved_out(surveys)
    for found in surveys:
        is_held = False
        for decision in found.decisions:
            for operation in list(decision.operations):
                if operation.kind is not Kind.REMOVE or operation.before is None:
                    continue
                key, store = operation.before[:2], operation.store
                unseen = not_in_step(ledger, places, found.schema, store, key, doomed=doomed)
                if unseen is not None:
                    decision.operations.remove(operation)
                    decision.skip(store, f"it embeds {unseen}, which is not in step")
                    is_held = True
        if is_held:  # others may have counted on their names
            where = places[found.schema.datatype]
            keep_unique(ledger, found.schema, where, found.decisions, found.outside)


def _in_step_then(surveys: Sequence[Survey]) -> set[tuple[str, str, str | int | None]]:
    """What will be in step once all is carried out, in one store and in others."""
    found: set[tuple[str, str, str | int | None]] = set()
    for survey in surveys:
        for decision in survey.decisions:
            if decision.merged is None or decision.conflicts:
                continue
            left_out = {store for store, _ in decision.skipped}
            written = {operation.store for operation in decision.operations}
            holders = {s.store for s in decision.sides if s.is_present or s.store in written}
            if len(holders - left_out) > 1:
                found |= {
                    (side.store, survey.schema.name, side.id)
                    for side in decision.sides
                    if side.is_present and side.store not in left_out
                }
    return found


def _moved_out(surveys: Sequence[Survey]) -> set[tuple[str, str, str | int | None]]:
    """What will be embedded in something else in one store, whatever is disputed in it."""
    return {
        (operation.store, operation.datatype, operation.id)
        for survey in surveys
        for decision in survey.decisions
        for operation in decision.operations
        if operation.before is not None and operation.after is not None
        if operation.after[1][: len(operation.before[1])] != operation.before[1]
    }


def not_in_step(
    ledger: Ledger,
    places: Mapping[type[Data], Sequence[Place]],
    schema: Schema,
    store: str,
    key: tuple[Any, ...],
    *,
    doomed: Container[tuple[str, str, str | int | None]] = (),
    inside: dict[int, Schema] | None = None,
) -> str | None:
    """What a data embeds in *store*, at any depth, and others have not as it is; None: nothing.

    *doomed* are those that are to be removed there themselves, as (store, type, id). The
    numbers of the records that it embeds, with their types, are put into *inside*.
    """
    for datatype in embedded_in(schema, places):
        place = next((place for place in places[datatype] if place.store == store), None)
        if place is None:
            continue
        inner = place.schema
        try:
            embedded = found_in(place, (*key[1], key[0]))
        except SyncError:
            return f"what it embeds of {inner.name}, which cannot be read"
        for data in embedded:
            entry = ledger.find(inner, store, data.id or 0)
            is_doomed = (store, inner.name, data.id) in doomed
            if not is_doomed and not (entry and _is_elsewhere(entry, place, data)):
                return f"{inner.name} {data.global_name!r}"
            if inside is not None and entry is not None and entry.record is not None:
                inside[entry.record] = inner
            here = (data.name, data.context)
            deeper = not_in_step(ledger, places, inner, store, here, doomed=doomed, inside=inside)
            if deeper is not None:
                return deeper
    return None


def _is_elsewhere(entry: Entry, place: Place, data: Data) -> bool:
    """Whether others have all of *data*, so that nothing is lost with it."""
    if entry.conflicts or not place.takes(data):
        return False
    links = dict(entry.links)
    own = links.pop(place.store)
    is_known = _is_in_step(own) and own.view == place.content(data)
    return is_known and any(_is_in_step(linked) for linked in links.values())


def _is_in_step(linked: Linked) -> bool:
    return linked.id is not None and not linked.pending and linked.begun is None


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


def dropped_with(
    ledger: Ledger, datatype: type[Data], places: Sequence[Place], key: Key, store: str
) -> Iterator[Entry]:
    """Records in the context of *key* that others still have, and *store* has lost.

    It was told to remove what embeds them, and removed them with it: nobody wanted that. In
    the entries, they are still to be added there.
    """
    schema, context = schema_of(datatype), (*key[1], key[0])
    here = next((place for place in places if place.store == store), None)
    if here is None:
        return
    seen: set[int | None] = set()
    for place in places:
        for data in () if place is here else _found_if_read(place, context):
            entry = ledger.find(schema, place.store, data.id or 0)
            linked = None if entry is None else entry.links.get(store)
            if entry is None or entry.record in seen or linked is None or linked.id is None:
                continue
            seen.add(entry.record)
            try:
                is_gone = here.accessor.get(linked.id) is None
            except SyncError:
                continue
            if is_gone and not entry.removed:
                entry.links[store] = Linked(None, None, frozenset(schema.names))
                yield entry


def excuse_dropped(ledger: Ledger, schema: Schema, sides: Iterable[Side]) -> None:
    """Take what stores have lost along with what embedded it for still to be added there.

    We were about to remove that one when we were interrupted, or nobody heard the end.
    """
    for side in sides:
        if schema.parent is None or not side.is_gone or side.view is None or not side.view[1]:
            continue
        context = side.view[1]
        parents = ledger.named(schema_of(schema.parent), [(context[-1], context[:-1])])
        if any(entry.removed and side.store in entry.links for entry in parents):
            side.id, side.view, side.pending = None, None, frozenset(schema.names)


def found_in(place: Place, context: tuple[str, ...]) -> list[Data]:
    """The data of *place* in this context."""
    place.open()
    return list(place.accessor.find(Query(context=context)))


def _found_if_read(place: Place, context: tuple[str, ...]) -> list[Data]:
    """The data of *place* in this context; none when it does not answer: the next run looks."""
    try:
        return found_in(place, context)
    except SyncError:
        return []


def lost_there(ledger: Ledger, place: Place, records: Iterable[int]) -> Iterator[Entry]:
    """Those of *records* that *place* has lost; in the entries, they are to be added there."""
    for entry in ledger.load(place.schema, records).values():
        linked = entry.links.get(place.store)
        if linked is None or linked.id is None or entry.removed:
            continue
        try:
            is_gone = place.accessor.get(linked.id) is None
        except SyncError:
            continue  # the next run looks there
        if is_gone:
            entry.links[place.store] = Linked(None, None, frozenset(place.schema.names))
            yield entry


def moved_with(
    ledger: Ledger, datatype: type[Data], places: Sequence[Place], key: Key
) -> Iterator[Entry]:
    """Records that some store has in the context of *key* by now, and had elsewhere when agreed."""
    schema, context = schema_of(datatype), (*key[1], key[0])
    seen: set[int | None] = set()
    for place in places:
        for data in _found_if_read(place, context):
            assert data.id is not None  # noqa: S101 - it comes from a store
            entry = ledger.find(schema, place.store, data.id)
            if entry is None or entry.record in seen:
                continue
            view = entry.links[place.store].view
            if view is None or view[1] != context:
                seen.add(entry.record)
                yield entry
