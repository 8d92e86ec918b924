"""Undoing a run: what it agreed on is taken back, as far as nobody has built on it since.

Fields get the values that were agreed before, in every store; what was removed is added
again; what was added is removed where the run had added it, and stays where its users made
it: the next run brings it back from there, unless it has been removed or filtered by then.
What was edited since is left as it is, and told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..accessor import Capability
from ..fields import MISSING
from ..ledger.history import FieldChange
from ..names import global_name
from ..reconcile.merge import Decision, write_to
from ..reconcile.operation import Kind, Operation
from .point import Look
from .survey import sides_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..data import Schema
    from ..ledger import Change, Entry
    from ..reconcile.merge import Side
    from .core import Engine

__all__ = ["undone"]


@dataclass(slots=True)
class _Whole:
    """What one run did to one record, which it may have looked at several times."""

    schema: Schema
    record: int
    key: tuple[str, tuple[str, ...]]
    fields: dict[str, FieldChange] = field(default_factory=dict)
    added_to: list[str] = field(default_factory=list)

    def include(self, change: Change) -> None:
        for name, now in change.fields.items():
            first = self.fields.get(name, now)
            self.fields[name] = FieldChange(first.before, now.after, now.source)
        self.added_to += [write.store for write in change.writes if write.kind == Kind.ADD]
        self.key = change.key

    @property
    def is_addition(self) -> bool:
        return "name" in self.fields and self.fields["name"].before is MISSING

    @property
    def is_removal(self) -> bool:
        return "name" in self.fields and self.fields["name"].after is MISSING


def undone(engine: Engine, run: int) -> list[Decision]:
    """A decision for each record that *run* changed; one without operations says why not.

    They come in the order in which they are carried out.
    """
    wholes: dict[tuple[str, int], _Whole] = {}
    for change in engine.ledger.history.of_run(run, engine.schemas):
        whole = _Whole(change.schema, change.record, change.key)
        wholes.setdefault((change.datatype, change.record), whole).include(change)
    for schema in engine.schemas.values():
        engine.begin_reading(schema)
    decisions = [made for whole in wholes.values() for made in _undo(engine, whole, run)]
    rank = {name: position for position, name in enumerate(engine.schemas)}

    def order(decision: Decision) -> tuple[bool, int]:
        position = rank[decision.schema.name]
        removes = any(o.kind is Kind.REMOVE for o in decision.operations)
        return removes, -position if removes else position

    return sorted(decisions, key=order)


def _undo(engine: Engine, whole: _Whole, run: int) -> Iterator[Decision]:
    if whole.is_addition and whole.is_removal:
        return
    entry = engine.ledger.load(whole.schema, [whole.record]).get(whole.record)
    if whole.is_removal:
        yield _restored(engine, whole, entry, run)
    elif whole.is_addition:
        if whole.added_to:
            yield _withdrawn(engine, whole, entry, run)
    elif whole.fields:
        yield _reverted(engine, whole, entry, run)


def _restored(engine: Engine, whole: _Whole, entry: Entry | None, run: int) -> Decision:
    """What was removed, added again wherever it may be."""
    schema, places = whole.schema, engine.places[whole.schema.datatype]
    content = tuple(whole.fields[n].before if n in whole.fields else MISSING for n in schema.names)
    sides = [place.side(None) for place in places]
    decision = Decision(schema=schema, record=None, base=None, merged=content, sides=sides)
    if entry is not None:
        return _refused(decision, "", "not every store has followed the removal yet: run first")
    if engine.ledger.named(schema, [whole.key]):
        return _refused(decision, "", "there is one of this name again")
    look = Look(engine.ledger, schema, places, engine.book)
    for place, side in zip(places, sides, strict=True):
        is_there = look.by_name(place, *whole.key)
        side.available = place.store not in look.failed
        if is_there or look.blocked.get(place.store):
            return _refused(decision, place.store, "there is one of this name again")
    for side in sides:
        write_to(decision, side, f"removed by run {run}, which is undone")
    return decision


def _withdrawn(engine: Engine, whole: _Whole, entry: Entry | None, run: int) -> Decision:
    """What was added, removed where the run had added it."""
    if entry is None or entry.removed:
        return _refused(_nothing(whole), "", "it was removed since")
    decision = _as_it_is(engine, entry)
    later = _later_run(engine, whole, run)
    if later is not None:
        return _refused(decision, "", f"it was changed since, by run {later}")
    for side in decision.sides:
        if side.store not in whole.added_to or not side.is_present or not side.writes:
            continue
        if side.current != side.view:
            decision.skip(side.store, "it was edited there since")
        elif Capability.REMOVE not in side.capabilities:
            decision.skip(side.store, "removals are not possible there")
        else:
            decision.operations.append(_removal(decision, side, whole.added_to, run))
    # What others have is no news: an edit there is left for the next run to see.
    written = {operation.store for operation in decision.operations}
    decision.sides = [side for side in decision.sides if side.store in written]
    return decision


def _removal(decision: Decision, side: Side, added_to: Sequence[str], run: int) -> Operation:
    assert side.current is not None  # noqa: S101 - it is present
    holders = [o.store for o in decision.sides if o.is_present and o.store not in added_to]
    stays = f"; it stays in {', '.join(holders)}" if holders else ""
    return Operation(
        kind=Kind.REMOVE,
        store=side.store,
        datatype=decision.schema.name,
        global_name=global_name(*side.current[:2]),
        names=decision.schema.names,
        id=side.id,
        before=side.current,
        after=None,
        reason=f"added by run {run}, which is undone{stays}",
    )


def _reverted(engine: Engine, whole: _Whole, entry: Entry | None, run: int) -> Decision:
    """The fields that changed, with the values that had been agreed before."""
    if entry is None or entry.removed:
        return _refused(_nothing(whole), "", "it was removed since")
    decision = _as_it_is(engine, entry)
    edited = [side.store for side in decision.sides if side.is_edited and side.reads]
    if edited:
        return _refused(decision, ", ".join(edited), "it was edited there since: run first")
    merged, schema = list(entry.base), whole.schema
    for name, change in whole.fields.items():
        position = schema.index[name]
        if entry.base[position] != change.after:
            later = _later_run(engine, whole, run)
            decision.skip("", f"{name} was changed since, by run {later}")
        elif change.before is MISSING:
            decision.skip("", f"{name}: nothing had been agreed before")
        else:
            merged[position] = change.before
    decision.merged = tuple(merged)
    decision.sources = dict.fromkeys(whole.fields, f"undo of run {run}")
    for side in decision.sides:
        if side.current is not None:
            write_to(decision, side, "")
    for operation in decision.operations:
        operation.reason = f"changed by run {run}, which is undone"
    return decision


def _as_it_is(engine: Engine, entry: Entry) -> Decision:
    look = engine.look(entry)
    sides = sides_of(entry, look.places, look.seen, aside=look.aside, failed=look.failed)
    return Decision(
        schema=entry.schema,
        record=entry.record,
        base=entry.base,
        merged=entry.base,
        sides=sides,
        conflicts=entry.conflicts,
    )


def _nothing(whole: _Whole) -> Decision:
    content = (*whole.key, *(MISSING for _ in whole.schema.names[2:]))
    return Decision(schema=whole.schema, record=whole.record, base=content, merged=None, sides=())


def _refused(decision: Decision, store: str, why: str) -> Decision:
    decision.operations.clear()
    decision.skip(store, why)
    return decision


def _later_run(engine: Engine, whole: _Whole, run: int) -> int | None:
    """The last run after *run* that changed the record."""
    changes: Sequence[Change] = engine.ledger.history.of_record(whole.schema, whole.record)
    return next((change.run for change in changes if change.run > run), None)
