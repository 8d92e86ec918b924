"""Applying a plan: every record is decided anew, and carried out if that is what was planned."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING

from ..errors import DataError, SyncError
from ..reconcile.plan import Step, plain_changes, to_plain_of
from ..reconcile.report import Failure, Skip
from .point import Look
from .undo import undone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..ledger import Entry
    from ..reconcile.merge import Decision
    from ..reconcile.operation import Operation
    from ..reconcile.report import Report
    from .core import Engine
    from .write import Writer

__all__ = ["apply_steps", "apply_undo"]


def apply_steps(engine: Engine, writer: Writer, steps: Sequence[Step], *, is_current: bool) -> None:
    """Carry out *steps*; those of which anything has moved are skipped, and said.

    *is_current* tells that nothing was noted in the ledger since they were planned: then their
    own decisions hold where the stores still have what was read.
    """
    writer.keep(engine.pace, len(steps))
    for name in {step.datatype for step in steps}:
        engine.begin_reading(engine.schemas[name])
    claimed = _Claims(steps)
    for _, every in groupby(steps, key=lambda step: (step.datatype, _removes(step))):
        decisions = (
            step.decision
            if is_current and _holds(engine, step)
            else _decide_again(engine, step, claimed, writer.report)
            for step in every
        )
        writer.carry_out(decision for decision in decisions if decision is not None)


def apply_undo(engine: Engine, writer: Writer, run: int, steps: Sequence[Step]) -> None:
    """Carry out *steps* that undo *run*; what would be otherwise by now is skipped, and said."""
    writer.keep(engine.pace, len(steps))
    now = defaultdict(list)
    for decision in undone(engine, run):
        now[decision.schema.name, decision.record].append(decision)
    decisions = []
    for step in steps:
        same = now[step.datatype, step.record]
        found = next((d for d in same if _written(Step.of(d)) == _written(step)), None)
        if found is None:
            _skip_moved(step, writer.report)
        else:
            same.remove(found)
            decisions.append(found)
    for _, every in groupby(decisions, key=lambda d: (d.schema.name, _removes(Step.of(d)))):
        writer.carry_out(every)


class _Claims:
    """The data that the steps of a plan are about; gathered when first asked for."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._claims: set[tuple[str, str, str | int]] | None = None

    def has(self, datatype: str, store: str, id: str | int) -> bool:
        """Whether a step is about this data."""
        if self._claims is None:
            self._claims = {
                (s.datatype, store, id) for s in self._steps for store, id in s.ids.items()
            }
        return (datatype, store, id) in self._claims


def _holds(engine: Engine, step: Step) -> bool:
    """Whether every store that is written, or written from, has what was read for *step*."""
    if step.decision is None:
        return False
    if step.is_idle:
        # Only agreed: if a store has moved on, that will be seen as the edit that it is.
        return True
    content = step.decision.merged or step.decision.base
    name = ("", ()) if content is None else content[:2]
    by_store = {side.store: side for side in step.decision.sides}
    for place in engine.places[step.decision.schema.datatype]:
        side = by_store[place.store]
        if not side.available:
            continue
        try:
            if side.current is None:
                # Where somebody may have added it meanwhile, it takes a closer look.
                if place.accessor.get_by_name(*name) is not None:
                    return False
                continue
            data = None if side.id is None else place.accessor.get(side.id)
            if data is None or place.content(data) != side.current or not place.takes(data):
                return False
        except SyncError:
            return False
    return True


def _decide_again(engine: Engine, step: Step, claimed: _Claims, report: Report) -> Decision | None:
    """The decision on the record of *step* as things are now; None when it is another one."""
    if not step.ids:
        return None
    try:
        found = _look(engine, step, claimed)
        decision = None if found is None else found[0].decide(found[1], engine.policy)
    except DataError as exc:  # a policy or a filter failed on this one
        report.failed.extend(_failure(operation, exc) for operation in step.operations)
        return None
    if decision is not None and _written(Step.of(decision)) == _written(step):
        return decision
    _skip_moved(step, report)
    return None


def _skip_moved(step: Step, report: Report) -> None:
    report.skipped.extend(
        Skip(
            store=operation.store,
            datatype=operation.datatype,
            global_name=operation.global_name,
            reason="it has moved since the plan was made",
        )
        for operation in step.operations
    )


def _removes(step: Step) -> bool:
    return any(operation.after is None for operation in step.operations)


def _failure(operation: Operation, error: DataError) -> Failure:
    return Failure(
        store=operation.store,
        datatype=operation.datatype,
        global_name=operation.global_name,
        error=error,
        operation=operation,
    )


def _look(engine: Engine, step: Step, claimed: _Claims) -> tuple[Look, Entry | None] | None:
    """Read the record of *step* by the ids that the plan has; None when it cannot be the same."""
    schema = engine.schemas[step.datatype]
    places = engine.places[schema.datatype]
    if step.record is None:
        return _look_at_new(engine, step, claimed)
    entry = engine.ledger.load(schema, [step.record]).get(step.record)
    if entry is None:
        return None
    look = engine.look(entry)
    for place in places:
        linked, id = entry.links.get(place.store), step.ids.get(place.store)
        if id is not None and (linked is None or linked.id != id):
            look.seen.pop(place.store, None)  # that store has it by another id now
            look.by_id(place, id)
    return look, entry


def _look_at_new(engine: Engine, step: Step, claimed: _Claims) -> tuple[Look, Entry | None] | None:
    schema = engine.schemas[step.datatype]
    places = engine.places[schema.datatype]
    look = Look(engine.ledger, schema, places, engine.book)
    for place in places:
        if place.store in step.ids:
            id = step.ids[place.store]
            if engine.ledger.find(schema, place.store, id) is not None:
                return None  # it has become a record since
            look.by_id(place, id)
    first = next((seen for seen in look.seen.values() if seen is not None), None)
    if first is None:
        return None
    for place in places:
        if place.store not in step.ids:
            # Data of the same name that other steps are about are not in the way.
            found = look.by_name(place, *first.content[:2])
            if any(not claimed.has(step.datatype, place.store, seen.id) for seen in found):
                return None
    return look, None


def _written(step: Step) -> list[tuple[object, ...]]:
    """What *step* writes, in a form that is the same for a plan that was saved and read back."""
    to_plain = to_plain_of(step)
    return sorted(
        (o.store, str(o.kind), repr(o.id), repr(sorted(plain_changes(o, to_plain).items())))
        for o in step.operations
    )
