"""MemoryLedger: what was agreed, in the memory of this process, and gone with it."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from .base import Agreed, Entry, Id, Key, Ledger, Run, RunKind, dated, is_forgotten
from .failures import MemoryFailures
from .history import MemoryHistory
from .journal import NoJournal
from .lock import NoLock

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ..data import Content, Schema
    from ..reconcile.conflict import Conflict

__all__ = ["MemoryLedger"]


# A record on which all stores agree: their names, the content, the ids. Most records are like
# that, and a plain tuple costs a fifth of an Entry and no work of the garbage collector.
_Plain = tuple[tuple[str, ...], "Content", tuple[Id, ...]]


class _Book:
    """The records of one type, found by number, by id in a store, and by name."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.records: dict[int, Entry | _Plain] = {}
        self.by_id: dict[str, dict[Id, int]] = {}
        self.by_key: dict[Key, tuple[int, ...]] = {}
        self.unsettled: dict[int, None] = {}
        self.ambiguous: tuple[Conflict, ...] = ()

    def entry(self, record: int) -> Entry:
        """The entry of a record; what is done to it does not reach the book."""
        kept = self.records[record]
        if isinstance(kept, Entry):
            return _copy(kept)
        stores, content, ids = kept
        entry = Agreed(self.schema, stores).entry(content, ids)
        entry.record = record
        return entry

    def view(self, record: int, store: str) -> Content | None:
        """What *store* held of a record when last agreed."""
        kept = self.records[record]
        return kept.links[store].view if isinstance(kept, Entry) else kept[1]

    def put(self, entry: Entry, record: int) -> None:
        self.records[record] = entry
        self._index_name(entry.base[:2], record)
        for store, linked in entry.links.items():
            if linked.id is not None:
                self.by_id.setdefault(store, {})[linked.id] = record
        if not entry.is_settled:
            self.unsettled[record] = None

    def put_agreed(self, agreed: Agreed, first: int) -> None:
        stores = agreed.stores
        for record, (content, ids) in enumerate(agreed.rows, first):
            self.records[record] = (stores, content, ids)
            self._index_name(content[:2], record)
        for position, store in enumerate(stores):
            known = self.by_id.setdefault(store, {})
            known.update(
                (ids[position], record) for record, (_, ids) in enumerate(agreed.rows, first)
            )

    def drop(self, record: int) -> None:
        if record not in self.records:
            return
        entry = self.entry(record)
        del self.records[record]
        self.unsettled.pop(record, None)
        key: Key = entry.base[:2]
        rest = tuple(other for other in self.by_key.pop(key) if other != record)
        if rest:
            self.by_key[key] = rest
        for store, linked in entry.links.items():
            # Another record may have got the id in the same batch.
            if linked.id is not None and self.by_id[store].get(linked.id) == record:
                del self.by_id[store][linked.id]

    def _index_name(self, key: Key, record: int) -> None:
        others = self.by_key.get(key)
        self.by_key[key] = (record,) if others is None else (*others, record)


class MemoryLedger(Ledger):
    """What was agreed, in memory. The views are compared as they are: no digest is needed."""

    def __init__(self) -> None:
        self.identity = uuid.uuid4().hex
        self._books: dict[str, _Book] = {}
        self._last_record = 0
        self._saves = 0
        self._runs: dict[int, Run] = {}
        self._last_run = 0
        self.is_new = True
        self.lock, self.journal = NoLock(), NoJournal()
        self.history: MemoryHistory = MemoryHistory()
        self.failures = MemoryFailures()

    def transaction(self) -> AbstractContextManager[object]:
        return nullcontext()

    @property
    def revision(self) -> str:
        return str(self._saves)

    def mark(self, schema: Schema, content: Content) -> Hashable:
        return content

    def marks(self, schema: Schema, store: str) -> dict[Id, tuple[int, Hashable]]:
        book = self._book(schema)
        return {
            id: (record, book.view(record, store))
            for id, record in book.by_id.get(store, {}).items()
        }

    def load(self, schema: Schema, records: Iterable[int]) -> dict[int, Entry]:
        book = self._book(schema)
        return {record: book.entry(record) for record in records if record in book.records}

    def find(self, schema: Schema, store: str, id: Id) -> Entry | None:
        book = self._book(schema)
        record = book.by_id.get(store, {}).get(id)
        return None if record is None else book.entry(record)

    def named(self, schema: Schema, keys: Iterable[Key]) -> list[Entry]:
        book = self._book(schema)
        return [book.entry(record) for key in keys for record in book.by_key.get(key, ())]

    def unsettled(self, schema: Schema) -> set[int]:
        return set(self._book(schema).unsettled)

    def unlinked(self, schema: Schema, store: str) -> set[int]:
        return {
            record
            for record, kept in self._book(schema).records.items()
            if store not in (kept.links if isinstance(kept, Entry) else kept[0])
        }

    def count(self, schema: Schema, store: str | None = None) -> int:
        book = self._book(schema)
        return len(book.records if store is None else book.by_id.get(store, {}))

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

    def save_agreed(self, agreed: Agreed) -> None:
        self._saves += 1
        self._book(agreed.schema).put_agreed(agreed, self._last_record + 1)
        self._last_record += len(agreed.rows)

    def forget(self, schemas: Sequence[Schema]) -> None:
        self._saves += 1
        for schema in schemas:
            self._books.pop(schema.name, None)
        names = {schema.name for schema in schemas}
        self.failures.clear([place for place in self.failures.all() if place[1] in names])

    def conflicts(self, schemas: Mapping[str, Schema]) -> list[Conflict]:
        found = [
            conflict
            for name, book in self._books.items()
            if name in schemas
            for conflict in (
                *book.ambiguous,
                *(c for record in book.unsettled for c in book.entry(record).conflicts),
            )
        ]
        return sorted(found, key=lambda conflict: conflict.since)  # type: ignore[arg-type, return-value]

    def set_ambiguous(self, schema: Schema, conflicts: Sequence[Conflict]) -> None:
        book = self._book(schema)
        book.ambiguous = dated(conflicts, book.ambiguous)

    def begun(self, schema: Schema) -> set[int]:
        book = self._book(schema)
        return {
            record
            for record in book.unsettled
            if any(linked.begun is not None for linked in book.entry(record).links.values())
        }

    def begin_run(self, kind: RunKind = RunKind.RUN) -> int:
        self._last_run += 1
        started = datetime.now(UTC)
        self._runs[self._last_run] = Run(
            number=self._last_run, kind=kind, started=started, ended=None, counts={}
        )
        return self._last_run

    def end_run(self, number: int, counts: Mapping[str, int]) -> None:
        run = self._runs[number]
        self._runs[number] = replace(run, ended=datetime.now(UTC), counts=dict(counts))

    def runs(self, limit: int | None = None, kind: RunKind | None = None) -> list[Run]:
        every = reversed(self._runs.values())
        return list(islice((run for run in every if kind in {None, run.kind}), limit))

    def forget_runs(self, before: datetime) -> None:
        gone = [n for n, run in self._runs.items() if run.ended is not None and run.ended < before]
        for number in gone:
            del self._runs[number]
        if gone:
            self.history.forget(gone)

    def close(self) -> None:
        """Nothing is held open; what was agreed stays until the ledger itself is gone."""

    def _book(self, schema: Schema) -> _Book:
        book = self._books.get(schema.name)
        if book is None:
            book = self._books[schema.name] = _Book(schema)
        return book


def _copy(entry: Entry) -> Entry:
    return Entry(
        entry.schema, entry.record, entry.base, dict(entry.links), entry.removed, entry.conflicts
    )
