"""Applying a plan: every record is decided anew, and carried out if that is what was planned."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ..reconcile.plan import Step, plain_changes, to_plain_of
from ..reconcile.report import Skip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..ledger import Entry
    from ..reconcile.merge import Decision
    from ..reconcile.report import Report
    from .core import Engine
    from .point import Look
    from .write import Writer

__all__ = ["apply_steps"]


def apply_steps(engine: Engine, writer: Writer, steps: Sequence[Step]) -> None:
    """Carry out *steps*; those of which anything has moved are skipped, and said."""

    def phase(step: Step) -> tuple[str, bool]:
        return step.datatype, any(operation.after is None for operation in step.operations)

    for _, every in groupby(steps, key=phase):
        decisions = (_decide_again(engine, step, writer.report) for step in every)
        writer.carry_out(decision for decision in decisions if decision is not None)


def _decide_again(engine: Engine, step: Step, report: Report) -> Decision | None:
    """The decision on the record of *step* as things are now; None when it is not the planned one."""
    if not step.ids:
        return None
    found = _look(engine, step)
    decision = None if found is None else found[0].decide(found[1], engine.policy)
    if decision is not None and _written(Step.of(decision)) == _written(step):
        return decision
    report.skipped.extend(
        Skip(
            store=operation.store,
            datatype=operation.datatype,
            global_name=operation.global_name,
            reason="it has moved since the plan was made",
        )
        for operation in step.operations
    )
    return None


def _look(engine: Engine, step: Step) -> tuple[Look, Entry | None] | None:
    schema = engine.schemas[step.datatype]
    places = engine.places[schema.datatype]
    if step.record is None:
        place = next((place for place in places if place.store in step.ids), None)
        if place is None or _is_known(engine, step):
            return None
        return engine.look_at_new(schema, place.store, step.ids[place.store])
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


def _is_known(engine: Engine, step: Step) -> bool:
    """Whether what was new when the plan was made has become a record since."""
    schema = engine.schemas[step.datatype]
    return any(
        engine.ledger.find(schema, store, id) is not None for store, id in step.ids.items()
    )


def _written(step: Step) -> list[tuple[object, ...]]:
    """What *step* writes, in a form that is the same for a plan that was saved and read back."""
    to_plain = to_plain_of(step)
    return sorted(
        (o.store, str(o.kind), repr(o.id), repr(sorted(plain_changes(o, to_plain).items())))
        for o in step.operations
    )
