"""Chronicle: what the history notes of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fields import MISSING
from ..ledger import Change, FieldChange, Write
from ..reconcile.operation import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ..ledger import Entry
    from ..reconcile.merge import Decision
    from ..reconcile.operation import Operation

__all__ = ["change_of"]

Id = str | int


def change_of(
    decision: Decision,
    before: Entry | None,
    made: Iterable[tuple[Operation, Id | None]],
    *,
    run: int,
    at: datetime,
) -> Change | None:
    """What *decision* changed and where that was written; None when nothing of the kind.

    *before* is the record as it was, *made* the operations that took place, each with the id
    that the store gave. An addition
    notes its name alone, and what was not taken from where the rest was: the record itself
    tells the values, and later changes what they were.
    """
    removed_before = before is not None and before.removed
    if decision.merged is not None:
        fields = _agreed(decision)
    else:
        fields = {} if removed_before else _removed(decision)
    writes = [_write(decision, operation, id) for operation, id in made]
    if not fields and not writes:
        return None
    content = decision.merged or decision.base
    assert content is not None  # noqa: S101 - it was agreed now or before
    name, context = content[:2]
    return Change(
        run=run,
        at=at,
        schema=decision.schema,
        record=decision.record or 0,
        key=("" if name is MISSING else name, () if context is MISSING else context),
        fields=fields,
        writes=writes,
    )


def _agreed(decision: Decision) -> dict[str, FieldChange]:
    merged, sources = decision.merged, decision.sources or {}
    assert merged is not None  # noqa: S101 - see the caller
    names = decision.schema.names
    holders = [side.store for side in decision.sides if side.is_present and side.reads]
    origin = ", ".join(holders)
    if decision.base is None:
        return {
            name: FieldChange(MISSING, value, sources.get(name, origin))
            for name, value in zip(names, merged, strict=True)
            if name == "name" or (value is not MISSING and sources.get(name, origin) != origin)
        }
    return {
        name: FieldChange(before, after, sources.get(name, origin))
        for name, before, after in zip(names, decision.base, merged, strict=True)
        if before != after
    }


def _removed(decision: Decision) -> dict[str, FieldChange]:
    assert decision.base is not None  # noqa: S101 - only what was agreed can be removed
    gone = ", ".join(side.store for side in decision.sides if side.is_gone and side.reads)
    return {
        name: FieldChange(before, MISSING, gone)
        for name, before in zip(decision.schema.names, decision.base, strict=True)
        if before is not MISSING
    }


def _write(decision: Decision, operation: Operation, id: Id | None) -> Write:
    base = decision.base or (MISSING,) * len(operation.names)
    replaced = {}
    if operation.before is not None:
        after = operation.after or (MISSING,) * len(operation.names)
        replaced = {
            name: held
            for name, held, agreed, new in zip(
                operation.names, operation.before, base, after, strict=True
            )
            if new not in (held, MISSING) or operation.kind is Kind.REMOVE
            if held not in (agreed, MISSING)
        }
    return Write(operation.store, str(operation.kind), operation.id if id is None else id, replaced)
