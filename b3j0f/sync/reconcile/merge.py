"""Merging one record: what each store holds, and the base, give what is to be written where.

Each store has a *view*: what it held when last agreed, in its own form. A value that differs
from the store's own view is an edit; one that differs from the base alone is only the form
in which that store keeps it. This is a three-way merge with one ancestor a store.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..accessor import Capability
from ..errors import DataError
from ..fields import MISSING
from ..names import global_name
from .begun import take_in
from .conflict import Conflict
from .operation import Kind, Operation
from .policy import ABSTAIN, Policy, Removal, decided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from ..data import Content, Schema

__all__ = ["Decision", "Side", "decide", "write_to"]

Id = str | int
NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Side:
    """How one store takes part in the decision on one record.

    Attributes:
        store: Its name.
        id: Its id of the record, or None when it never had it.
        current: What it holds now; None: nothing. Fields that it cannot hold are MISSING.
        view: What it held when last agreed; None: never. Fields without agreement are MISSING.
        pending: Names of the fields whose agreed values it has not got yet.
        begun: The content of a write of which nobody knows what became; None: none.
        updated: When it says that the data was changed last.
        reads, writes: Whether its edits are taken, and whether it is written.
        capabilities: What its backend can do with data of this type.
        available: False when it could not be read, or when its data lies outside the link's
            filter: it neither takes part now, nor is anything concluded from that.
        accepts: Tells whether a content passes the link's filter; None: every one does.
        blocked: Why nothing can be added there now, or None.
        lacks: Names of the fields that it cannot hold.
        computed: Names of the fields that it alone says.
        left_out: Names of the fields that are written in a second step.
    """

    store: str
    id: Id | None = None
    current: Content | None = None
    view: Content | None = None
    pending: frozenset[str] = NOTHING
    begun: Content | None = None
    updated: datetime | None = None
    reads: bool = True
    writes: bool = True
    capabilities: Capability = Capability.DEFAULT
    available: bool = True
    accepts: Callable[[Content], bool] | None = None
    blocked: str | None = None
    lacks: frozenset[str] = NOTHING
    computed: frozenset[str] = NOTHING
    left_out: frozenset[str] = NOTHING

    @property
    def is_present(self) -> bool:
        """Whether it has the record and takes part."""
        return self.available and self.current is not None

    @property
    def is_gone(self) -> bool:
        """Whether it had the record and has lost it."""
        return self.available and self.current is None and self.view is not None

    @property
    def is_edited(self) -> bool:
        """Whether it was changed since it was last agreed, or never agreed as it is."""
        return self.is_present and self.current != self.view

    def lags(self, name: str, view: Any, base: Any) -> bool:
        """Whether it has not got the agreed value of a field yet, or never gets it."""
        needed = Capability.UPDATE
        if name in {"name", "context"}:
            needed |= Capability.RENAME
        is_updated = self.writes and needed in self.capabilities
        return name in self.pending or (not is_updated and view != base)


@dataclass(slots=True, kw_only=True)
class Decision:
    """What is to be done about one record.

    Attributes:
        schema: Of its type.
        record: Its number in the ledger, or None when it is new.
        base: What was agreed before, or None.
        merged: What is agreed now; None: it is removed. A field on which nothing could be
            agreed keeps its base.
        sides: The stores, as they were seen.
        operations: What is to be written where.
        conflicts: What only a user can decide.
        skipped: What should be written but cannot, as (store, reason).
        sources: For each field that changes, the store or the policy that it comes from; None
            where nothing had to be merged.
    """

    schema: Schema
    record: int | None
    base: Content | None
    merged: Content | None
    sides: Sequence[Side]
    operations: list[Operation] = field(default_factory=list)
    # Most decisions have none of these: one empty value serves them all.
    conflicts: Sequence[Conflict] = ()
    skipped: Sequence[tuple[str, str]] = ()
    sources: Mapping[str, str] | None = None

    def skip(self, store: str, reason: str) -> None:
        """Note what should be written to *store* but cannot."""
        self.skipped = (*self.skipped, (store, reason))

    @property
    def disputed(self) -> frozenset[str]:
        """Names of the fields with an open conflict."""
        if not self.conflicts:
            return NOTHING
        return frozenset(conflict.field for conflict in self.conflicts)


def decide(
    schema: Schema,
    sides: Sequence[Side],
    *,
    policy: Policy,
    base: Content | None = None,
    removed: bool = False,
    record: int | None = None,
) -> Decision | None:
    """Decide one record.

    *base* is what was agreed, None for a record that is new; *removed* tells that it was
    agreed to remove it, and some store has not followed yet. None when there is nothing to
    agree on: no store that is read has it.
    """
    for side in sides:
        take_in(schema, side, base)
    readers = [side for side in sides if side.reads]
    edited = [side for side in readers if side.is_edited]
    gone = [side for side in readers if side.is_gone]
    if base is None and not edited:
        return None
    # A store that has not got yet what was agreed last lost an older state: that is no
    # removal of what the others have.
    knowing = [side for side in gone if not side.pending]
    if (removed or knowing) and not edited:
        return _remove(schema, sides, base, record, knowing)
    if knowing and base is not None and _removal_wins(schema, policy, base, knowing, edited):
        return _remove(schema, sides, base, record, knowing)
    if removed:
        # Made anew after the removal was agreed: whoever did that knew what had been there.
        for side in edited:
            side.view = base if side.view is None else side.view
    decision = _agreed(schema, sides, base, record)
    if decision is None:
        decision = _Merger(schema, sides, base, policy, record).merge()
    reason = ""
    if removed or gone:
        where = f" in {', '.join(side.store for side in gone)}" if gone else ""
        editors = ", ".join(side.store for side in edited) or "others before"
        reason = f"removed{where}, but changed in {editors}: the change wins"
    for side in sides:
        write_to(decision, side, reason)
    return decision


def _removal_wins(
    schema: Schema, policy: Policy, base: Content, gone: Sequence[Side], edited: Sequence[Side]
) -> bool:
    removal = Removal(
        datatype=schema.name,
        global_name=_name(base),
        removed=[side.store for side in gone],
        edited=[side.store for side in edited],
    )
    try:
        return policy.removal_wins(removal)
    except Exception as exc:
        raise DataError(
            f"{policy!r} failed on the removal of {schema.name} {removal.global_name!r}: "
            f"{type(exc).__name__}: {exc}",
            datatype=schema.name,
        ) from exc


def _agreed(
    schema: Schema, sides: Sequence[Side], base: Content | None, record: int | None
) -> Decision | None:
    """The decision on a new record that all who have it agree on: by far the most common one."""
    if base is not None:
        return None
    contents = {side.current for side in sides if side.is_present and side.reads}
    if len(contents) != 1:
        return None
    (content,) = contents
    if content is None or MISSING in content:
        return None
    return Decision(schema=schema, record=record, base=None, merged=content, sides=sides)


def _remove(
    schema: Schema,
    sides: Sequence[Side],
    base: Content | None,
    record: int | None,
    gone: Sequence[Side],
) -> Decision:
    decision = Decision(schema=schema, record=record, base=base, merged=None, sides=sides)
    where = ", ".join(side.store for side in gone)
    for side in sides:
        if side.is_present and side.writes and side.id is not None:
            if Capability.REMOVE not in side.capabilities:
                decision.skip(side.store, "removals are not possible there")
                continue
            decision.operations.append(
                Operation(
                    kind=Kind.REMOVE,
                    store=side.store,
                    datatype=schema.name,
                    global_name=_name(side.current),
                    names=schema.names,
                    id=side.id,
                    before=side.current,
                    after=None,
                    reason=f"removed in {where}" if where else "removed before",
                )
            )
    return decision


class _Merger:
    """Merges the fields of one record that lives on."""

    def __init__(
        self,
        schema: Schema,
        sides: Sequence[Side],
        base: Content | None,
        policy: Policy,
        record: int | None,
    ) -> None:
        self.schema, self.policy = schema, policy
        self.base: Content = (MISSING,) * len(schema.names) if base is None else base
        self.present = [side for side in sides if side.is_present]
        self.readers = [side for side in self.present if side.reads]
        self.decision = Decision(schema=schema, record=record, base=base, merged=(), sides=sides)
        self.conflicts: list[Conflict] = []
        self.sources: dict[str, str] = {}

    def merge(self) -> Decision:
        decision = self.decision
        if not self.readers:  # none of those whose edits count is here: it stays as agreed
            decision.merged = decision.base
            return decision
        columns = zip(*(side.current for side in self.readers), strict=True)
        decision.merged = tuple(
            # Where all hold the same, and nothing else was agreed, there is nothing to find out.
            column[0]
            if (base is MISSING or base == column[0]) and column.count(column[0]) == len(column)
            else self._merge_field(position, base)
            for position, (base, column) in enumerate(zip(self.base, columns, strict=True))
        )
        decision.sources = self.sources
        if not self.conflicts:
            return decision
        name = self._name(decision.merged)  # it may have changed, too
        decision.conflicts = [replace(c, global_name=name) for c in self.conflicts]
        return decision

    def _merge_field(self, position: int, base: Any) -> Any:
        proposals = self._proposals(position, base)
        values = list(proposals.values())
        if not values:
            return base
        field = self.schema.fields[self.schema.names[position]]
        if base is MISSING and any(value != values[0] for value in values):
            filled = {s: v for s, v in proposals.items() if v not in field.kind.empty}
            proposals = filled or proposals
            values = list(proposals.values())
        if all(value == values[0] for value in values):
            if values[0] != base:
                self.sources[field.name] = ", ".join(proposals)
            return values[0]
        conflict = self._conflict(field.name, base, proposals)
        value = decided(self.policy, conflict, field)
        if value is ABSTAIN:
            self.conflicts.append(conflict)
            return base
        self.sources[field.name] = (
            f"{_choice(value, proposals)} by {self.policy.decider(conflict)!r}"
        )
        return value

    def _proposals(self, position: int, base: Any) -> dict[str, Any]:
        """The values that stores' users put there since it was last agreed, by store."""
        name = self.schema.names[position]
        empty = self.schema.fields[name].kind.empty
        proposals, late = {}, False
        for side in self.readers:
            value = side.current[position]  # type: ignore[index]
            if value is MISSING:
                continue
            view = MISSING if side.view is None else side.view[position]
            if view is not MISSING:
                if value != view and not (value == base and name in side.pending):
                    proposals[side.store] = value
                    late |= value != base and side.lags(name, view, base)
            elif base is MISSING:
                proposals[side.store] = value
            elif value != base and value not in empty:
                proposals[side.store] = value
                late = late or base not in empty
        if late and base is not MISSING:
            self._add_agreed(proposals, position, base)
        return proposals

    def _add_agreed(self, proposals: dict[str, Any], position: int, base: Any) -> None:
        """Let the agreed value be a rival and not an ancestor.

        Some store never had it: its users changed an older one, or made theirs by themselves.
        """
        for side in self.decision.sides:  # also those that cannot be asked just now
            held = side.current if side.available else side.view
            if side.reads and held is not None and held[position] == base:
                proposals.setdefault(side.store, base)

    def _conflict(self, name: str, base: Any, proposals: Mapping[str, Any]) -> Conflict:
        times = {side.store: side.updated for side in self.decision.sides}
        return Conflict(
            datatype=self.schema.name,
            global_name=self._name(self.base),
            field=name,
            base=base,
            values=dict(proposals),
            updated={store: times[store] for store in proposals},
            record=self.decision.record,
        )

    def _name(self, content: Content) -> str:
        held = (content, *(side.current for side in self.readers))
        known = [c for c in held if c is not None]
        name: str = next((c[0] for c in known if c[0] is not MISSING), "")
        context: tuple[str, ...] = next((c[1] for c in known if c[1] is not MISSING), ())
        return global_name(name, context)


def fill(
    schema: Schema, content: Content, others: Sequence[Content | None], *, first: bool = False
) -> Content:
    """*content* with something in every field, for a data needs all of them.

    A MISSING value is taken from one of *others* (at once with *first*, else where the field
    has no default), from the default, or is what says the least.
    """
    if MISSING not in content:
        return content
    filled = []
    for position, value in enumerate(content):
        if value is MISSING:
            default = schema.defaults[position]
            held = (other[position] for other in others if other is not None)
            known = next((other for other in held if other is not MISSING), MISSING)
            empty = next(iter(schema.fields[schema.names[position]].kind.empty), None)
            choices = (known, default) if first or default is MISSING else (default, known)
            value = next((c for c in (*choices, empty) if c is not MISSING), None)  # noqa: PLW2901
        filled.append(value)
    return tuple(filled)


def _without_value(schema: Schema, content: Content) -> list[str]:
    """Names of the fields that need a value, and that ``fill`` found none for."""
    return [
        name
        for name, value in zip(schema.names, content, strict=True)
        if value is None and None not in schema.fields[name].kind.empty
    ]


def _name(content: Content | None) -> str:
    name, context = (content or (MISSING, MISSING))[:2]
    return global_name("" if name is MISSING else name, () if context is MISSING else context)


def _choice(value: Any, proposals: Mapping[str, Any]) -> str:
    stores = [store for store, proposed in proposals.items() if proposed == value]
    return ", ".join(stores) or "merged"


def write_to(decision: Decision, side: Side, reason: str) -> None:
    """Add to *decision* what *side* has to be told; *reason* is that of an addition."""
    if not side.available or not side.writes:
        return
    if side.current is None:
        _add(decision, side, reason)
    else:
        _update(decision, side)


def _add(decision: Decision, side: Side, reason: str) -> None:
    assert decision.merged is not None  # noqa: S101 - a record that lives on has a content
    holders = [other for other in decision.sides if other.is_present and other.reads]
    after = fill(decision.schema, decision.merged, [other.current for other in holders])
    wanting = [name for name in _without_value(decision.schema, after) if name not in side.lacks]
    if wanting:
        decision.skip(side.store, f"no store has a value for {', '.join(wanting)}, which it needs")
        return
    if side.accepts is not None and not side.accepts(after):
        return
    if Capability.ADD not in side.capabilities:
        decision.skip(side.store, "additions are not possible there")
        return
    if side.blocked is not None:
        decision.skip(side.store, side.blocked)
        return
    where = ", ".join(other.store for other in holders)
    decision.operations.append(
        Operation(
            kind=Kind.ADD,
            store=side.store,
            datatype=decision.schema.name,
            global_name=global_name(after[0], after[1]),
            names=decision.schema.names,
            id=None,
            before=None,
            after=after,
            reason=reason or f"is in {where}",
        )
    )


def _update(decision: Decision, side: Side) -> None:
    merged, current = decision.merged, side.current
    assert merged is not None and current is not None  # noqa: S101, PT018 - see the caller
    schema, base = decision.schema, decision.base
    if merged == current:
        return
    wanted = list(current)
    disputed = decision.disputed
    for position, (value, now) in enumerate(zip(merged, current, strict=True)):
        if value == now or value is MISSING or now is MISSING:
            continue
        name = schema.names[position]
        if name in disputed:
            continue
        is_edited = side.view is None or now != side.view[position]
        has_moved = base is None or value != base[position]
        if is_edited or has_moved or name in side.pending:
            wanted[position] = value
    if wanted == list(current):
        return
    if Capability.UPDATE not in side.capabilities:
        decision.skip(side.store, "updates are not possible there")
        return
    if Capability.RENAME not in side.capabilities and tuple(wanted[:2]) != current[:2]:
        decision.skip(side.store, "renaming is not possible there")
        wanted[:2] = current[:2]
        if wanted == list(current):
            return
    before = fill(schema, current, [merged], first=True)
    changed = [
        name for name, now, then in zip(schema.names, current, wanted, strict=True) if now != then
    ]
    decision.operations.append(
        Operation(
            kind=Kind.UPDATE,
            store=side.store,
            datatype=schema.name,
            global_name=global_name(before[0], before[1]),
            names=schema.names,
            id=side.id,
            before=before,
            after=fill(schema, tuple(wanted), [merged], first=True),
            reason=_reason(decision, side, changed),
        )
    )


def _reason(decision: Decision, side: Side, changed: Sequence[str]) -> str:
    known = decision.sources or {}
    sources = dict.fromkeys(known.get(name, "") for name in changed)
    named = [source for source in sources if source]
    if not named:
        return "its own edits are not taken" if not side.reads else "not written there before"
    return "changed in " + "; ".join(named)
