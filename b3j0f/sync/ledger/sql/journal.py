"""The journal of a ledger in a database: one row for a batch of writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from ..coding import PlainEntry, entry_from_plain, entry_to_plain
from ..journal import Journal
from . import tables
from .history import decode_change, encode_change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...data import Schema
    from ..base import Entry, Ledger
    from ..history import Change
    from .database import Database

__all__ = ["SQLJournal"]


class SQLJournal(Journal):
    """Notes of writes that are under way, in the ledger's database."""

    def __init__(self, ledger: Ledger, database: Database) -> None:
        self._ledger, self._database = ledger, database

    is_kept = True

    def begin(self, entries: Sequence[Entry], changes: Sequence[Change | None]) -> int | None:
        if not entries:
            return None
        noted = [
            None if change is None else [change.run, change.at.timestamp(), encode_change(change)]
            for change in changes
        ]
        content = msgspec.json.encode([list(map(entry_to_plain, entries)), noted])
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
                if row.datatype in schemas:
                    recovered += self._take_over(schemas[row.datatype], row.content)
                    self.settle(row.number)
        return recovered

    def _take_over(self, schema: Schema, content: bytes) -> int:
        plain, noted = msgspec.json.decode(content, type=_Note)
        entries = [entry_from_plain(schema, one) for one in plain]
        self._ledger.save(entries)
        changes = [
            decode_change(schema, text, run=run, at=at, record=entry.record)
            for entry, (run, at, text) in _noted(entries, noted)
            if entry.record is not None
        ]
        self._ledger.history.add(changes)
        return len(entries)


_Note = tuple[list[PlainEntry], list[tuple[int, float, bytes] | None]]


def _noted(
    entries: Sequence[Entry], noted: Sequence[tuple[int, float, bytes] | None]
) -> Iterator[tuple[Entry, tuple[int, float, bytes]]]:
    for entry, one in zip(entries, noted, strict=True):
        if one is not None:
            yield entry, one
