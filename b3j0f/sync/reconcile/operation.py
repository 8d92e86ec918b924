"""Operation: one write to one store, with what it replaces and why."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..data import Content

__all__ = ["Kind", "Operation"]


class Kind(enum.StrEnum):
    """What is done to a data."""

    ADD = "add"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(slots=True, kw_only=True)
class Operation:
    """One write that brings one store in step.

    Attributes:
        kind: Add, update or remove.
        store: Name of the store.
        datatype: Name of the data type.
        global_name: Name and context, as the store knows them now, or will once it is added.
        names: Names of the fields, in the order of *before* and *after*.
        id: The store's id of the data; None for what is added.
        before: What the store has now; None for what is added.
        after: What it is to have; None for what is removed.
        reason: Where this comes from, in words.
    """

    kind: Kind
    store: str
    datatype: str
    global_name: str
    names: tuple[str, ...]
    id: str | int | None
    before: Content | None
    after: Content | None
    reason: str

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Each field that changes, as (before, after); None on the side where there is nothing."""
        nothing = (None,) * len(self.names)
        before = nothing if self.before is None else self.before
        after = nothing if self.after is None else self.after
        return {
            name: (now, then)
            for name, now, then in zip(self.names, before, after, strict=True)
            if self.kind is not Kind.UPDATE or now != then
        }

    def __str__(self) -> str:
        text = f"{self.kind} {self.datatype} {self.global_name!r} in {self.store}"
        if self.kind is Kind.UPDATE:
            changes = self.changes.items()
            text += ": " + ", ".join(f"{n} {now!r} -> {then!r}" for n, (now, then) in changes)
        return f"{text} ({self.reason})"
