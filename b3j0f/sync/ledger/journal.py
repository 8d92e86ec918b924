"""Journal: what is about to be written, noted before it is.

A batch of writes goes through three steps: the journal notes every record as it will be if
nothing more is heard of the writes; the stores are written; the records are saved with what
the stores answered, and the note goes, in one transaction. After a crash in between, whoever
has the lock next takes over the notes that are left: what they say becomes what was agreed,
with the writes as pending and begun, and the next look at the stores tells what became of
them. This is write-ahead logging, with the stores as the second resource that no transaction
covers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..data import Schema
    from .base import Entry
    from .history import Change

__all__ = ["Journal", "NoJournal"]


class Journal(ABC):
    """Notes of writes that are under way.

    Attributes:
        is_kept: Whether anything needs to be noted.
    """

    is_kept: bool

    @abstractmethod
    def begin(self, entries: Sequence[Entry], changes: Sequence[Change | None]) -> int | None:
        """Note *entries* of one type as they are if nothing more is heard of their writes.

        *changes* are what the history is to tell of each one then. It is safe on the disk
        when the transaction is. The number of the note, or None where nothing is noted.

        Raises:
            LockedError: The lock was lost meanwhile: nothing may be written.
        """

    @abstractmethod
    def settle(self, note: int) -> None:
        """What became of the writes is known: the note goes."""

    @abstractmethod
    def recover(self, schemas: Mapping[str, Schema]) -> int:
        """Save the entries of notes that are left, and let these go; how many records it were.

        Notes on types that are not among *schemas* stay.
        """


class NoJournal(Journal):
    """For a ledger that is gone with its process: there is nobody to take over."""

    is_kept = False

    def begin(self, entries: Sequence[Entry], changes: Sequence[Change | None]) -> None:
        """Nothing is noted."""

    def settle(self, note: int) -> None:
        """There is no note."""

    def recover(self, schemas: Mapping[str, Schema]) -> int:
        """There is no note."""
        return 0
