"""The journal of a ledger in a database: one row for a batch of writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from ..coding import entries_from_bytes, entry_to_plain
from ..journal import Journal
from . import tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...data import Schema
    from ..base import Entry, Ledger
    from .database import Database

__all__ = ["SQLJournal"]


class SQLJournal(Journal):
    """Notes of writes that are under way, in the ledger's database."""

    def __init__(self, ledger: Ledger, database: Database) -> None:
        self._ledger, self._database = ledger, database

    def begin(self, entries: Sequence[Entry]) -> int | None:
        if not entries:
            return None
        content = msgspec.json.encode([entry_to_plain(entry) for entry in entries])
        row = {"datatype": entries[0].schema.name, "content": content}
        with self._database.begin() as connection:
            self._ledger.lock.confirm()
            table = tables.journal
            return int(connection.scalar(sa.insert(table).returning(table.c.number), row))

    def settle(self, note: int) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.delete(tables.journal).where(tables.journal.c.number == note))

    def recover(self, schemas: Mapping[str, Schema]) -> int:
        table = tables.journal
        recovered = 0
        with self._database.begin() as connection:
            for row in connection.execute(sa.select(table).order_by(table.c.number)).all():
                if row.datatype not in schemas:
                    continue
                entries = entries_from_bytes(schemas[row.datatype], row.content)
                self._ledger.save(entries)
                self.settle(row.number)
                recovered += len(entries)
        return recovered
