"""The ledger: what was last agreed, so that edits, removals and renames can be told apart."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .base import Agreed, Entry, Ledger, Linked, Run, RunKind
from .failures import Failing
from .history import Change, FieldChange, Write
from .memory import MemoryLedger

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Agreed",
    "Change",
    "Entry",
    "Failing",
    "FieldChange",
    "Ledger",
    "Linked",
    "MemoryLedger",
    "Run",
    "RunKind",
    "Write",
    "open_ledger",
]


def open_ledger(place: str | Path | None) -> Ledger:
    """The ledger at *place*, made when it is not there.

    *place* is a file (SQLite), a SQLAlchemy URL, or None: in memory.

    Raises:
        LedgerError: It cannot be opened, is no ledger, or was made by a newer version.
    """
    if place is None:
        return MemoryLedger()
    from .sql import SQLLedger

    text = os.fspath(place)
    return SQLLedger(text) if "://" in text else SQLLedger.at(text)
