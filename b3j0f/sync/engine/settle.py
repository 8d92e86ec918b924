"""Settling: what the ledger notes of a record once its writes were made, or failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..errors import (
    AlreadyExistsError,
    DataError,
    NotFoundError,
    StaleError,
    StoreNotInstalledError,
    SyncError,
    UnsupportedError,
)
from ..fields import MISSING
from ..ledger import Entry, Linked
from ..ledger.base import dated
from ..reconcile.forms import resembles
from ..reconcile.operation import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..data import Content, Schema
    from ..reconcile.merge import Decision, Side
    from ..reconcile.operation import Operation
    from ..reconcile.pairing import Seen

__all__ = ["Untried", "by_itself", "settled"]

CLEAR = (
    AlreadyExistsError,
    DataError,
    NotFoundError,
    StaleError,
    StoreNotInstalledError,
    UnsupportedError,
)
"""Errors that say that nothing was written; after any other one nobody knows."""


class Untried(NamedTuple):
    """In place of an answer: the write was not even tried, and why."""

    error: SyncError


Answer: TypeAlias = "Seen | SyncError | Untried | None"


def by_itself(
    operation: Operation, content: Content, computed: Collection[str] = ()
) -> frozenset[str]:
    """The fields that a store changed by itself when it was written; *content* is its answer.

    They were not written and are another value by now, not only another form of it; or they
    are *computed*, and not what was written.
    """
    if operation.after is None:
        return frozenset()
    rows = list(zip(operation.names, operation.after, content, strict=True))
    found = {
        name for name, wanted, now in rows if name in computed and now not in (wanted, MISSING)
    }
    for then, (name, wanted, now) in zip(operation.before or (), rows, strict=False):
        if then == wanted and not resembles(now, then):
            found.add(name)
    return frozenset(found)


def settled(decision: Decision, answers: Mapping[str, Answer], before: Entry | None) -> Entry:
    """The entry of a record after *decision* was carried out with these *answers*."""
    schema = decision.schema
    links = dict(before.links) if before is not None else {}
    for side in decision.sides:
        linked = links.get(side.store)
        if not side.available:
            after = _later(decision, linked)
        elif decision.merged is None:
            after = _after_removal(side, answers, linked)
        else:
            after = _after_merge(decision, side, answers)
        if after is None:
            links.pop(side.store, None)
        else:
            links[side.store] = after
    base = decision.merged if decision.merged is not None else decision.base
    assert base is not None  # noqa: S101 - only what was agreed before can be removed
    return Entry(
        schema,
        decision.record,
        base,
        links,
        removed=decision.merged is None,
        conflicts=dated(decision.conflicts, before.conflicts if before is not None else ()),
    )


def _later(decision: Decision, linked: Linked | None) -> Linked | None:
    """For a store that takes no part now: it still has to get what was agreed without it."""
    if linked is None or linked.id is None or decision.merged is None:
        return linked
    base = decision.base or (MISSING,) * len(decision.merged)
    moved = {
        name
        for name, agreed, now in zip(decision.schema.names, base, decision.merged, strict=True)
        if agreed != now
    }
    return linked._replace(pending=linked.pending | moved)


def _after_removal(
    side: Side, answers: Mapping[str, Answer], linked: Linked | None
) -> Linked | None:
    if not side.is_present:
        return None  # where an addition was begun, it has been looked for
    if side.store in answers:
        answer = answers[side.store]
        if not _failed(answer) or isinstance(answer, NotFoundError):
            return None
    if linked is not None and linked.id == side.id:
        return linked  # it keeps the data
    return Linked(side.id, side.view or side.current, side.pending, side.begun)


def _after_merge(decision: Decision, side: Side, answers: Mapping[str, Answer]) -> Linked | None:
    schema = decision.schema
    operation = next((o for o in decision.operations if o.store == side.store), None)
    if operation is None:
        if side.current is None:
            # What was blocked is tried again; what is not wanted there is not.
            if side.blocked:
                return Linked(None, None, _all(schema), side.begun)
            return Linked(None, None)
        view = _view(decision, side, side.current)
        return Linked(side.id, view, _kept(decision, side))
    answer = answers[side.store]
    if operation.kind is Kind.REMOVE:  # it is taken back here and lives on elsewhere
        if not _failed(answer) or side.current is None:
            return None
        return Linked(side.id, _view(decision, side, side.current), _kept(decision, side))
    if isinstance(answer, SyncError | Untried) or answer is None:
        begun = side.begun if isinstance(answer, Untried) else None
        if not isinstance(answer, (*CLEAR, Untried)):
            begun = _written(operation)
        if operation.kind is Kind.ADD or side.current is None:
            return Linked(None, None, _all(schema), begun)
        view = _view(decision, side, side.current)
        pending = side.pending | operation.changes.keys() | _kept(decision, side)
        return Linked(side.id, view, pending, begun)
    content = _told(operation, answer.content, side)
    if operation.kind is Kind.ADD:
        return Linked(answer.id, content, side.left_out)
    view = _view(decision, side, content)
    return Linked(answer.id, view, _kept(decision, side))


def _told(operation: Operation, content: Content, side: Side) -> Content:
    """What the store answered, but for what it changed by itself: that is an edit of its own."""
    changed = by_itself(operation, content, side.computed)
    if not changed or operation.after is None:
        return content
    rows = zip(operation.names, operation.after, content, strict=True)
    return tuple(was if name in changed else now for name, was, now in rows)


def _written(operation: Operation) -> Content | None:
    """What is written; MISSING in the fields that are left as they are, but for the name."""
    before, after = operation.before, operation.after
    if before is None or after is None:
        return after
    changed = (
        MISSING if then == now else then for now, then in zip(before[2:], after[2:], strict=True)
    )
    return (*after[:2], *changed)


def _kept(decision: Decision, side: Side) -> frozenset[str]:
    """What is pending after all was written that could be: the disputed, and a taken name."""
    kept = side.left_out | (side.pending & decision.disputed)
    if decision.disputed and decision.base is not None:
        kept |= _never_had(decision, side)
    return kept if side.blocked is None else kept | {"name", "context"}


def _never_had(decision: Decision, side: Side) -> frozenset[str]:
    """The disputed fields on which others had agreed before, when *side* was not there."""
    base, view = decision.base or (), side.view
    return frozenset(
        name
        for position, name in enumerate(decision.schema.names)
        if name in decision.disputed and base[position] is not MISSING
        if view is None or view[position] is MISSING
        if side.current is not None and side.current[position] not in (base[position], MISSING)
    )


def _view(decision: Decision, side: Side, content: Content) -> Content:
    """What *side* holds, where a disputed field stays as it was agreed: it is no new agreement."""
    disputed = decision.disputed
    if not disputed:
        return content
    return tuple(
        (MISSING if side.view is None else side.view[position]) if name in disputed else value
        for position, (name, value) in enumerate(zip(decision.schema.names, content, strict=True))
    )


def _failed(answer: Answer) -> bool:
    return isinstance(answer, SyncError | Untried)


def _all(schema: Schema) -> frozenset[str]:
    return frozenset(schema.names)
