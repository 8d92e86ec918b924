"""History: what was agreed, where it came from, and where it was written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ..fields import MISSING
from ..names import global_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ..data import Content, Schema

__all__ = ["Change", "FieldChange", "History", "MemoryHistory", "Write"]

Id = str | int
Key = tuple[str, tuple[str, ...]]


class FieldChange(NamedTuple):
    """How the agreed value of one field changed.

    Attributes:
        before, after: MISSING where nothing was agreed: before it was added, after it was
            removed.
        source: The store that it came from, or the policy that decided, in words.
    """

    before: Any
    after: Any
    source: str


class Write(NamedTuple):
    """One write that was made.

    Attributes:
        store: Where.
        kind: "add", "update" or "remove".
        id: The store's id of the data; None when it was added and nobody heard the answer.
        replaced: What that store held otherwise than what had been agreed, by field: what
            was overwritten or removed with it.
    """

    store: str
    kind: str
    id: Id | None
    replaced: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one run agreed on about one record, and where it wrote that.

    Attributes:
        run: The run's number.
        at: When, in UTC.
        schema: Of the record's type.
        record: The ledger's number of the record.
        key: Its name and context, as agreed; before it was removed, when it was.
        fields: The agreed values that changed.
        writes: What was written for it.
    """

    run: int
    at: datetime
    schema: Schema
    record: int
    key: Key
    fields: Mapping[str, FieldChange] = field(default_factory=dict)
    writes: Sequence[Write] = ()

    @property
    def datatype(self) -> str:
        """Name of the data type."""
        return self.schema.name

    @property
    def global_name(self) -> str:
        """Name and context as one string."""
        return global_name(*self.key)

    @property
    def is_addition(self) -> bool:
        """Whether the record began with it."""
        return "name" in self.fields and self.fields["name"].before is MISSING

    @property
    def is_removal(self) -> bool:
        """Whether the record ended with it."""
        return "name" in self.fields and self.fields["name"].after is MISSING

    def content_before(self) -> Content:
        """The agreed content that a removal ended."""
        nothing = FieldChange(MISSING, MISSING, "")
        return tuple(self.fields.get(name, nothing).before for name in self.schema.names)


class History(ABC):
    """Changes, kept for as long as the user wants."""

    @abstractmethod
    def add(self, changes: Sequence[Change]) -> None:
        """Note *changes*."""

    @abstractmethod
    def of_run(self, run: int, schemas: Mapping[str, Schema]) -> list[Change]:
        """What one run changed, in the order in which it did."""

    @abstractmethod
    def of_record(self, schema: Schema, record: int) -> list[Change]:
        """What changed one record, the last first."""

    @abstractmethod
    def of_name(self, schema: Schema, key: Key) -> list[Change]:
        """What changed records of this name, the last first; also of those that are gone."""


class MemoryHistory(History):
    """Changes in memory."""

    def __init__(self) -> None:
        self._every: list[Change] = []

    def add(self, changes: Sequence[Change]) -> None:
        self._every.extend(changes)

    def of_run(self, run: int, schemas: Mapping[str, Schema]) -> list[Change]:
        return [one for one in self._every if one.run == run and one.datatype in schemas]

    def of_record(self, schema: Schema, record: int) -> list[Change]:
        return self._last_first(lambda one: one.schema is schema and one.record == record)

    def of_name(self, schema: Schema, key: Key) -> list[Change]:
        return self._last_first(lambda one: one.schema is schema and one.key == key)

    def forget(self, runs: Iterable[int]) -> None:
        """Let go of what these runs changed."""
        gone = set(runs)
        self._every = [one for one in self._every if one.run not in gone]

    def _last_first(self, wanted: Any) -> list[Change]:
        return [one for one in reversed(self._every) if wanted(one)]
