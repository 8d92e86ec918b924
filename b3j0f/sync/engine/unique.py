"""Unique names: what a store that keeps names unique has no room for is left out of the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from ..accessor import Capability
from ..names import global_name
from ..reconcile.operation import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from ..data import Schema
    from ..ledger import Entry, Ledger
    from ..reconcile.merge import Decision
    from ..reconcile.operation import Operation
    from .place import Place

__all__ = ["keep_unique"]

Key = tuple[object, ...]
Claim: TypeAlias = "tuple[Decision, Operation]"


def keep_unique(
    ledger: Ledger,
    schema: Schema,
    places: Iterable[Place],
    decisions: Sequence[Decision],
    outside: Mapping[str, Collection[Key]],
    *,
    are_all: bool = True,
) -> None:
    """Take out of *decisions* the names that are taken in stores where names are unique.

    They are taken by other records, and by what is *outside*, by store. A name that one of the
    decisions frees is not taken. What is taken out is pending there, and comes back once the
    name is free. Where *decisions* are not all that there are, what is to be removed may be
    gone at any time, and what has a disputed name may have another one: that is left for the
    store to refuse.
    """
    for place in places:
        if Capability.UNIQUE_NAMES in place.capabilities:
            # What is taken out frees no name any more: others may have counted on that.
            others = outside.get(place.store, ())
            while _Names(ledger, schema, place.store, decisions).take_out_taken(others, are_all):
                pass


class _Names:
    """Who has which name in one store, once the decisions are carried out."""

    def __init__(
        self,
        ledger: Ledger,
        schema: Schema,
        store: str,
        decisions: Sequence[Decision],
    ) -> None:
        self.ledger, self.schema, self.store = ledger, schema, store
        self.decisions = decisions
        self.decided = {d.record for d in decisions if d.record is not None}
        self.owners: dict[Key, int] = {}
        for decision in decisions:
            for side in decision.sides:
                if side.store == store and side.current is not None:
                    operation = _operation(decision, store)
                    if operation is None or not _frees(operation):
                        self.owners[side.current[:2]] = id(decision)

    def take_out_taken(self, outside: Collection[Key], are_all: bool) -> bool:
        """Take out what claims a taken name; whether there was any."""
        wanted = [
            (decision, operation)
            for decision in self.decisions
            for operation in decision.operations
            if operation.store == self.store and _new_key(operation) is not None
        ]
        if not wanted:
            return False
        keys = {_new_key(operation) for _, operation in wanted}
        for key in (*self._had(keys, are_all), *keys.intersection(outside)):
            self.owners.setdefault(key, -1)  # type: ignore[arg-type]
        refused = False
        for decision, operation in _ranked(wanted):
            wants = _new_key(operation)
            assert wants is not None  # noqa: S101 - others are not wanted
            if self.owners.setdefault(wants, id(decision)) != id(decision):
                self._take_out(decision, operation, wants)
                refused = True
        return refused

    def _had(self, keys: Collection[Key | None], are_all: bool) -> Iterator[Key]:
        """Those of *keys* that records have on which nothing is decided."""
        for entry in self.ledger.named(self.schema, keys):  # type: ignore[arg-type]
            linked = entry.links.get(self.store)
            is_sure = are_all or not (entry.removed or _is_disputed(entry))
            is_undecided = entry.record not in self.decided and is_sure
            if linked is not None and linked.view is not None and is_undecided:
                yield linked.view[:2]

    def _take_out(self, decision: Decision, operation: Operation, key: Key) -> None:
        name = global_name(key[0], key[1])  # type: ignore[arg-type]
        reason = f"names are unique there, and another {self.schema.name} is called {name!r}"
        side = next(side for side in decision.sides if side.store == self.store)
        side.blocked = reason
        decision.skip(self.store, reason)
        decision.operations.remove(operation)
        rest = _without_rename(operation)
        if rest is not None:
            decision.operations.append(rest)


def _ranked(wanted: Sequence[Claim]) -> list[Claim]:
    """Who claims a name, those first that can have it: data that pass their names around.

    Were one of them refused for another one that wants the same name, nobody would leave
    that name, and all would be refused. New data come last.
    """
    leaves = {
        operation.before[:2]: _new_key(operation)
        for _, operation in wanted
        if operation.before is not None
    }
    circles = _circles(leaves)

    def rank(claim: Claim) -> int:
        before = claim[1].before
        return 2 if before is None else int(before[:2] not in circles)

    return sorted(wanted, key=rank)


def _circles(leads: Mapping[Key, Key | None]) -> set[Key]:
    """The keys that lead to themselves again."""
    found: set[Key] = set()
    passed: dict[Key, Key] = {}
    for start in leads:
        at: Key | None = start
        path: list[Key] = []
        while at is not None and at not in passed:
            passed[at] = start
            path.append(at)
            at = leads.get(at)
        if at is not None and passed[at] == start:
            found.update(path[path.index(at) :])
    return found


def _is_disputed(entry: Entry) -> bool:
    return any(conflict.field in {"name", "context"} for conflict in entry.conflicts)


def _new_key(operation: Operation) -> Key | None:
    """The name and context that *operation* claims, or None when it claims none."""
    if operation.after is None:
        return None
    key = operation.after[:2]
    return None if operation.before is not None and operation.before[:2] == key else key


def _frees(operation: Operation) -> bool:
    return operation.kind is Kind.REMOVE or _new_key(operation) is not None


def _operation(decision: Decision, store: str) -> Operation | None:
    return next((o for o in decision.operations if o.store == store), None)


def _without_rename(operation: Operation) -> Operation | None:
    """*operation* with the old name, or None when nothing is left of it."""
    before, after = operation.before, operation.after
    if before is None or after is None or after[2:] == before[2:]:
        return None
    return replace(operation, after=(*before[:2], *after[2:]))
