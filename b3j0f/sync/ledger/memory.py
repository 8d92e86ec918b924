"""MemoryLedger: what was agreed, in the memory of this process, and gone with it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .base import Entry, Id, Key, Ledger, Run, dated, is_forgotten

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from ..data import Content, Schema
    from ..reconcile.conflict import Conflict

__all__ = ["MemoryLedger"]


class _Book:
    """The records of one type, found by number, by id in a store, and by name."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.by_id: dict[str, dict[Id, int]] = {}
        self.by_key: dict[Key, tuple[int, ...]] = {}
        self.unsettled: dict[int, None] = {}
        self.ambiguous: tuple[Conflict, ...] = ()

    def put(self, entry: Entry, record: int) -> None:
        self.entries[record] = entry
        key: Key = entry.base[:2]
        self.by_key[key] = (*self.by_key[key], record) if key in self.by_key else (record,)
        for store, linked in entry.links.items():
            if linked.id is not None:
                self.by_id.setdefault(store, {})[linked.id] = record
        if not entry.is_settled:
            self.unsettled[record] = None

    def drop(self, record: int) -> None:
        entry = self.entries.pop(record, None)
        if entry is None:
            return
        self.unsettled.pop(record, None)
        key: Key = entry.base[:2]
        rest = tuple(other for other in self.by_key.pop(key) if other != record)
        if rest:
            self.by_key[key] = rest
        for store, linked in entry.links.items():
            # Another record may have got the id in the same batch.
            if linked.id is not None and self.by_id[store].get(linked.id) == record:
                del self.by_id[store][linked.id]


class MemoryLedger(Ledger):
    """What was agreed, in memory. The views are compared as they are: no digest is needed."""

    def __init__(self) -> None:
        self.identity = uuid.uuid4().hex
        self._books: dict[str, _Book] = {}
        self._last_record = 0
        self._saves = 0
        self._runs: list[Run] = []

    @property
    def revision(self) -> str:
        return str(self._saves)

    def mark(self, schema: Schema, content: Content) -> Hashable:
        return content

    def marks(self, schema: Schema, store: str) -> dict[Id, tuple[int, Hashable]]:
        book = self._book(schema)
        return {
            id: (record, book.entries[record].links[store].view)
            for id, record in book.by_id.get(store, {}).items()
        }

    def load(self, schema: Schema, records: Iterable[int]) -> dict[int, Entry]:
        entries = self._book(schema).entries
        return {record: _copy(entries[record]) for record in records if record in entries}

    def find(self, schema: Schema, store: str, id: Id) -> Entry | None:
        book = self._book(schema)
        record = book.by_id.get(store, {}).get(id)
        return None if record is None else _copy(book.entries[record])

    def named(self, schema: Schema, keys: Iterable[Key]) -> list[Entry]:
        book = self._book(schema)
        return [_copy(book.entries[record]) for key in keys for record in book.by_key.get(key, ())]

    def unsettled(self, schema: Schema) -> set[int]:
        return set(self._book(schema).unsettled)

    def unlinked(self, schema: Schema, store: str) -> set[int]:
        entries = self._book(schema).entries
        return {record for record, entry in entries.items() if store not in entry.links}

    def count(self, schema: Schema, store: str | None = None) -> int:
        book = self._book(schema)
        return len(book.entries if store is None else book.by_id.get(store, {}))

    def save(self, entries: Sequence[Entry]) -> None:
        self._saves += 1
        for entry in entries:
            if entry.record is not None:
                self._book(entry.schema).drop(entry.record)
        for entry in entries:
            if is_forgotten(entry):
                continue
            if entry.record is None:
                self._last_record += 1
                entry.record = self._last_record
            if entry.conflicts:
                entry.conflicts = tuple(
                    replace(conflict, record=entry.record) for conflict in entry.conflicts
                )
            self._book(entry.schema).put(entry, entry.record)

    def conflicts(self, schemas: Mapping[str, Schema]) -> list[Conflict]:
        found = [
            conflict
            for name, book in self._books.items()
            if name in schemas
            for conflict in (
                *book.ambiguous,
                *(c for record in book.unsettled for c in book.entries[record].conflicts),
            )
        ]
        return sorted(found, key=lambda conflict: conflict.since)  # type: ignore[arg-type, return-value]

    def set_ambiguous(self, schema: Schema, conflicts: Sequence[Conflict]) -> None:
        book = self._book(schema)
        book.ambiguous = dated(conflicts, book.ambiguous)

    def begin_run(self) -> int:
        number = len(self._runs) + 1
        self._runs.append(Run(number=number, started=datetime.now(UTC), ended=None, counts={}))
        return number

    def end_run(self, number: int, counts: Mapping[str, int]) -> None:
        run = self._runs[number - 1]
        self._runs[number - 1] = replace(run, ended=datetime.now(UTC), counts=dict(counts))

    def runs(self, limit: int | None = None) -> list[Run]:
        return self._runs[::-1][:limit]

    def close(self) -> None:
        """Nothing is held open; what was agreed stays until the ledger itself is gone."""

    def _book(self, schema: Schema) -> _Book:
        return self._books.setdefault(schema.name, _Book())


def _copy(entry: Entry) -> Entry:
    return Entry(
        entry.schema, entry.record, entry.base, dict(entry.links), entry.removed, entry.conflicts
    )
