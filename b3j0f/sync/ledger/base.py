"""Ledger: what was last agreed, record by record."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from ..reconcile.conflict import AMBIGUOUS, Conflict

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ..data import Content, Schema
    from .failures import Failures
    from .history import History
    from .journal import Journal
    from .lock import Lock

__all__ = ["Agreed", "Entry", "Ledger", "Linked", "Run", "RunKind"]

Id = str | int
Key = tuple[str, tuple[str, ...]]
NOTHING: frozenset[str] = frozenset()
BATCH = 1000


class Linked(NamedTuple):
    """A record's place in one store.

    Attributes:
        id: The store's id of it; None when it is not there.
        view: What the store held when last agreed, in its own form; None when it never did.
            MISSING stands in the fields that it cannot hold or on which nothing is agreed.
        pending: Names of the fields whose agreed values the store has not got yet. Without an
            id, anything in it means that the record is still to be added there, nothing in
            it that it is not wanted there.
        begun: The content of a write that was begun and of which nobody knows what became:
            what is there may be just that, in the store's own form. None: there is no such.
    """

    id: Id | None
    view: Content | None
    pending: frozenset[str] = NOTHING
    begun: Content | None = None


@dataclass(slots=True)
class Entry:
    """A record: one thing in the world, whatever its ids in the stores.

    Attributes:
        schema: Of its type.
        record: Its number; None before it is saved.
        base: The agreed content; MISSING where nothing is agreed yet.
        links: Its place in each store, by the store's name.
        removed: Whether its removal was agreed; it is kept until every store has followed.
        conflicts: Its open conflicts.
    """

    schema: Schema
    record: int | None
    base: Content
    links: dict[str, Linked] = field(default_factory=dict)
    removed: bool = False
    conflicts: tuple[Conflict, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether nothing about it is left to be done."""
        if self.removed or self.conflicts:
            return False
        for linked in self.links.values():
            if linked.pending or linked.begun is not None:
                return False
        return True


@dataclass(slots=True)
class Agreed:
    """New records that all stores have alike, many at once and in the least of memory.

    Attributes:
        schema: Of their type.
        stores: Names of the stores.
        rows: For each record its content, and its ids in the order of *stores*. They are plain
            tuples: the garbage collector need not watch them.
    """

    schema: Schema
    stores: tuple[str, ...]
    rows: list[tuple[Content, tuple[Id, ...]]] = field(default_factory=list)

    def entry(self, content: Content, ids: tuple[Id, ...]) -> Entry:
        """The entry of one of the rows."""
        links = {s: Linked(id, content) for s, id in zip(self.stores, ids, strict=True)}
        return Entry(self.schema, None, content, links)


class RunKind(enum.StrEnum):
    """What made a run."""

    RUN = "run"
    APPLY = "apply"
    """A plan was applied."""
    EVENT = "event"
    """Something was written to a store that the synchronizer observes."""
    RESOLVE = "resolve"
    RETRY = "retry"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as it was noted.

    Attributes:
        number: Counted from 1.
        kind: What made it.
        started, ended: In UTC; ended is None while it runs, or when it never came to an end.
        counts: How many writes, skips, failures and conflicts.
    """

    number: int
    kind: RunKind = RunKind.RUN
    started: datetime
    ended: datetime | None
    counts: Mapping[str, int]


class Ledger(ABC):
    """What was agreed, for one synchronizer; it is written by whoever has its lock.

    Attributes:
        identity: Tells this ledger from any other one.
        is_new: Whether it was made just now, so that nothing is known yet.
        lock: Keeps the runs of several processes apart.
        journal: What is about to be written.
        history: What was agreed and written when.
        failures: What could not be written, and when to try again.
    """

    identity: str
    is_new: bool
    lock: Lock
    journal: Journal
    history: History
    failures: Failures

    @abstractmethod
    def transaction(self) -> AbstractContextManager[object]:
        """All that is noted in it is noted, or nothing of it."""

    @property
    @abstractmethod
    def revision(self) -> str:
        """Another one after every ``save``, whoever made it."""

    @abstractmethod
    def mark(self, schema: Schema, content: Content) -> Hashable:
        """What stands for *content* in ``marks``: equal for equal contents only."""

    @abstractmethod
    def marks(self, schema: Schema, store: str) -> dict[Id, tuple[int, Hashable]]:
        """For each id that *store* has a record by: the record, and the mark of its view."""

    @abstractmethod
    def load(self, schema: Schema, records: Iterable[int]) -> dict[int, Entry]:
        """The entries of *records*; those that do not exist are left out."""

    @abstractmethod
    def find(self, schema: Schema, store: str, id: Id) -> Entry | None:
        """The entry that *store* has by *id*."""

    @abstractmethod
    def named(self, schema: Schema, keys: Iterable[Key]) -> list[Entry]:
        """The entries whose agreed name and context are among *keys*."""

    @abstractmethod
    def unsettled(self, schema: Schema) -> set[int]:
        """Records about which something is left to be done."""

    @abstractmethod
    def unlinked(self, schema: Schema, store: str) -> set[int]:
        """Records of which nothing is noted for *store*: it was linked after them."""

    @abstractmethod
    def count(self, schema: Schema, store: str | None = None) -> int:
        """How many records there are, or how many of them *store* has."""

    @abstractmethod
    def save(self, entries: Sequence[Entry]) -> None:
        """Note *entries*, all or none of them; they are the ledger's from then on.

        New ones get their numbers; those that were removed and are in no store any more, and
        those that are in no store and wait for none, are forgotten.
        """

    def save_agreed(self, agreed: Agreed) -> None:
        """Note new records, batch by batch; by default through ``save``."""
        for start in range(0, len(agreed.rows), BATCH):
            rows = agreed.rows[start : start + BATCH]
            self.save([agreed.entry(content, ids) for content, ids in rows])

    @abstractmethod
    def forget(self, schemas: Sequence[Schema]) -> None:
        """Let go of all that was agreed about data of these types, of conflicts and failures."""

    @abstractmethod
    def conflicts(self, schemas: Mapping[str, Schema]) -> list[Conflict]:
        """Every open conflict, the oldest first."""

    @abstractmethod
    def set_ambiguous(self, schema: Schema, conflicts: Sequence[Conflict]) -> None:
        """Note which data of a type cannot be told apart; whatever was noted before is gone."""

    @abstractmethod
    def begun(self, schema: Schema) -> set[int]:
        """Records with a write of which nobody knows what became of it."""

    @abstractmethod
    def begin_run(self, kind: RunKind = RunKind.RUN) -> int:
        """Note that a run starts, and give its number."""

    @abstractmethod
    def end_run(self, number: int, counts: Mapping[str, int]) -> None:
        """Note that a run came to its end."""

    @abstractmethod
    def runs(self, limit: int | None = None, kind: RunKind | None = None) -> list[Run]:
        """The runs, the last one first; of one *kind*, or of all."""

    @abstractmethod
    def forget_runs(self, before: datetime) -> None:
        """Let go of runs that ended before that time, and of their part of the history."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what it holds open."""


def is_forgotten(entry: Entry) -> bool:
    """Whether nothing more has to be known of *entry*."""
    for linked in entry.links.values():
        if (
            linked.id is not None
            or linked.begun is not None
            or (linked.pending and not entry.removed)
        ):
            return False
    return True


def dated(found: Sequence[Conflict], before: Sequence[Conflict]) -> tuple[Conflict, ...]:
    """*found*, each with the time at which it was first seen: that of *before*, or now."""
    if not found:
        return ()
    now = datetime.now(UTC)
    since = {_place(conflict): conflict.since for conflict in before}
    return tuple(replace(c, since=since.get(_place(c)) or now) for c in found)


def _place(conflict: Conflict) -> tuple[str, str]:
    # A record may be renamed while it is in conflict; data that are no record yet have a name.
    return conflict.field, conflict.global_name if conflict.field == AMBIGUOUS else ""
