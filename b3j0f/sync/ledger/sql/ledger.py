"""SQLLedger: what was agreed, in a database: SQLite by default, any SQLAlchemy URL."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ...digest import decode, digest, encode
from ...errors import LedgerError
from ...reconcile.conflict import Conflict
from ..base import Entry, Ledger, Linked, Run, RunKind, dated, is_forgotten
from ..coding import (
    BEGUN,
    conflict_from_bytes,
    conflict_to_bytes,
    id_from_text,
    id_to_text,
    name_hash,
    pending_from_text,
    pending_to_text,
    view_from_bytes,
    view_to_bytes,
)
from ..lock import NoLock
from . import tables
from .database import Database, batches
from .failures import SQLFailures
from .history import SQLHistory
from .journal import SQLJournal
from .lock import SQLLock

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ...data import Content, Schema
    from ..base import Id, Key

__all__ = ["SQLLedger"]

ATTEMPTS = 5
"""To make the tables, while another process may be making them."""


class SQLLedger(Ledger):
    """What was agreed, in a database.

    Args:
        url: A SQLAlchemy URL.

    Raises:
        LedgerError: It cannot be opened, is no ledger, or was made by a newer version.
    """

    def __init__(self, url: str | sa.URL) -> None:
        self._database = database = Database(url)
        try:
            self.identity, self.is_new = self._open()
        except BaseException:
            database.close()
            raise
        self.lock = SQLLock(database) if database.is_shared else NoLock()
        self.journal = SQLJournal(self, database)
        self.history = SQLHistory(database)
        self.failures = SQLFailures(database)

    @classmethod
    def at(cls, path: str | Path) -> SQLLedger:
        """The ledger in the SQLite file *path*; a new one is readable by its owner only."""
        return cls(sa.URL.create("sqlite", database=str(Path(path).expanduser().absolute())))

    def _open(self) -> tuple[str, bool]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._make()
            except LedgerError as exc:
                # Another process may have made the same tables at the same moment.
                if attempt == ATTEMPTS or not isinstance(exc.__cause__, sa.exc.DBAPIError):
                    raise
                time.sleep(0.02 * 2**attempt)
        raise AssertionError  # the last attempt raises

    def _make(self) -> tuple[str, bool]:
        """Make what is missing; the identity, and whether nothing was there."""
        with self._database.begin() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # nobody else makes them meanwhile
            known: dict[str, str] = {}
            if sa.inspect(connection).has_table(tables.meta.name):
                rows = connection.execute(sa.select(tables.meta.c.key, tables.meta.c.value)).all()
                known = {row.key: row.value for row in rows}
            version = int(known.get("version", tables.SCHEMA_VERSION))
            if version > tables.SCHEMA_VERSION:
                raise LedgerError(
                    f"the ledger {self._database.where} was made by a newer version of b3j0f.sync "
                    f"(its schema is {version}, this version knows {tables.SCHEMA_VERSION}): "
                    "upgrade b3j0f.sync"
                )
            tables.metadata.create_all(connection)
            tables.upgrade(connection, version)
            if not known:
                new = {
                    "version": str(tables.SCHEMA_VERSION),
                    "identity": uuid.uuid4().hex,
                    "revision": "",
                }
                facts = [{"key": key, "value": value} for key, value in new.items()]
                connection.execute(sa.insert(tables.meta), facts)
                connection.execute(
                    sa.insert(tables.lock), {"id": 1, "token": "", "holder": "", "until": 0.0}
                )
                return new["identity"], True
            return known["identity"], False

    def transaction(self) -> AbstractContextManager[object]:
        return self._database.begin()

    @property
    def revision(self) -> str:
        meta = tables.meta
        with self._database.begin() as connection:
            return str(connection.scalar(sa.select(meta.c.value).where(meta.c.key == "revision")))

    def mark(self, schema: Schema, content: Content) -> Hashable:
        return digest(schema, content)

    def marks(self, schema: Schema, store: str) -> dict[Id, tuple[int, Hashable]]:
        table = tables.links
        wanted = sa.select(table.c.local_id, table.c.record, table.c.mark).where(
            table.c.collection == self._number(schema, store), table.c.local_id.is_not(None)
        )
        with self._database.begin() as connection:
            return {
                id_from_text(id): (record, mark) for id, record, mark in connection.execute(wanted)
            }

    def load(self, schema: Schema, records: Iterable[int]) -> dict[int, Entry]:
        entries: dict[int, Entry] = {}
        with self._database.begin() as connection:
            for batch in batches(sorted(records)):
                self._load(connection, schema, tables.records.c.id.in_(batch), entries)
        return entries

    def find(self, schema: Schema, store: str, id: Id) -> Entry | None:
        table = tables.links
        wanted = sa.select(table.c.record).where(
            table.c.collection == self._number(schema, store), table.c.local_id == id_to_text(id)
        )
        with self._database.begin() as connection:
            record = connection.scalar(wanted)
        return None if record is None else self.load(schema, [record]).get(record)

    def named(self, schema: Schema, keys: Iterable[Key]) -> list[Entry]:
        if not self.count(schema):
            return []
        wanted = {name_hash(*key): key for key in keys}
        entries: dict[int, Entry] = {}
        with self._database.begin() as connection:
            for batch in batches(list(wanted)):
                self._load(connection, schema, tables.records.c.name_hash.in_(batch), entries)
        return [e for e in entries.values() if wanted.get(name_hash(*e.base[:2])) == e.base[:2]]

    def unsettled(self, schema: Schema) -> set[int]:
        table = tables.records
        return self._ids(
            sa.select(table.c.id).where(
                table.c.collection == self._number(schema), table.c.settled.is_(False)
            )
        )

    def begun(self, schema: Schema) -> set[int]:
        table, link = tables.records, tables.links
        return self._ids(
            sa.select(table.c.id)
            .join(link, link.c.record == table.c.id)
            .where(
                table.c.collection == self._number(schema),
                table.c.settled.is_(False),
                link.c.pending.like(f"{BEGUN}%"),
            )
        )

    def unlinked(self, schema: Schema, store: str) -> set[int]:
        table, link = tables.records, tables.links
        linked = sa.select(link.c.record).where(
            link.c.record == table.c.id, link.c.collection == self._number(schema, store)
        )
        return self._ids(
            sa.select(table.c.id).where(
                table.c.collection == self._number(schema), ~linked.exists()
            )
        )

    def count(self, schema: Schema, store: str | None = None) -> int:
        if store is None:
            wanted = sa.select(sa.func.count()).where(
                tables.records.c.collection == self._number(schema)
            )
        else:
            wanted = sa.select(sa.func.count()).where(
                tables.links.c.collection == self._number(schema, store),
                tables.links.c.local_id.is_not(None),
            )
        with self._database.begin() as connection:
            return int(connection.scalar(wanted) or 0)

    def save(self, entries: Sequence[Entry]) -> None:
        with self._database.begin() as connection:
            gone = [e.record for e in entries if e.record is not None and is_forgotten(e)]
            kept = [entry for entry in entries if not is_forgotten(entry)]
            old = [entry.record for entry in kept if entry.record is not None]
            for batch in batches([*gone, *old]):
                for table in (tables.links, tables.conflicts):
                    connection.execute(sa.delete(table).where(table.c.record.in_(batch)))
            for batch in batches(gone):
                connection.execute(sa.delete(tables.records).where(tables.records.c.id.in_(batch)))
            self._save_records(connection, kept)
            self._insert(connection, tables.links, [row for e in kept for row in self._links(e)])
            self._renew_revision(connection)
            self._insert(
                connection,
                tables.conflicts,
                [_conflict_row(e.schema, c, e.record) for e in kept for c in e.conflicts],
            )

    def forget(self, schemas: Sequence[Schema]) -> None:
        table = tables.records
        with self._database.begin() as connection:
            for schema in schemas:
                mine = sa.select(table.c.id).where(table.c.collection == self._number(schema))
                named = tables.conflicts.c.datatype == schema.name
                connection.execute(sa.delete(tables.links).where(tables.links.c.record.in_(mine)))
                connection.execute(sa.delete(tables.conflicts).where(named))
                connection.execute(
                    sa.delete(tables.journal).where(tables.journal.c.datatype == schema.name)
                )
                connection.execute(
                    sa.delete(table).where(table.c.collection == self._number(schema))
                )
            names = {schema.name for schema in schemas}
            self.failures.clear([place for place in self.failures.all() if place[1] in names])
            self._renew_revision(connection)

    def conflicts(self, schemas: Mapping[str, Schema]) -> list[Conflict]:
        table = tables.conflicts
        wanted = sa.select(table).where(table.c.datatype.in_(list(schemas)))
        with self._database.begin() as connection:
            rows = connection.execute(wanted.order_by(table.c.since, table.c.id)).all()
        return [_conflict(schemas[row.datatype], row) for row in rows]

    def set_ambiguous(self, schema: Schema, conflicts: Sequence[Conflict]) -> None:
        table = tables.conflicts
        ours = sa.and_(table.c.record.is_(None), table.c.datatype == schema.name)
        with self._database.begin() as connection:
            before = [
                _conflict(schema, row) for row in connection.execute(sa.select(table).where(ours))
            ]
            if before or conflicts:
                connection.execute(sa.delete(table).where(ours))
                rows = [_conflict_row(schema, c, None) for c in dated(conflicts, before)]
                self._insert(connection, table, rows)

    def begin_run(self, kind: RunKind = RunKind.RUN) -> int:
        row = {"started": datetime.now(UTC).timestamp(), "kind": str(kind)}
        with self._database.begin() as connection:
            return int(
                connection.scalar(sa.insert(tables.runs).returning(tables.runs.c.number), row)
            )

    def end_run(self, number: int, counts: Mapping[str, int]) -> None:
        ended = {"ended": datetime.now(UTC).timestamp(), "counts": json.dumps(dict(counts))}
        with self._database.begin() as connection:
            connection.execute(
                sa.update(tables.runs).where(tables.runs.c.number == number).values(ended)
            )

    def runs(self, limit: int | None = None, kind: RunKind | None = None) -> list[Run]:
        wanted = sa.select(tables.runs).order_by(tables.runs.c.number.desc()).limit(limit)
        if kind is not None:
            wanted = wanted.where(tables.runs.c.kind == str(kind))
        with self._database.begin() as connection:
            return [
                Run(
                    number=row.number,
                    kind=RunKind(row.kind),
                    started=datetime.fromtimestamp(row.started, UTC),
                    ended=None if row.ended is None else datetime.fromtimestamp(row.ended, UTC),
                    counts=json.loads(row.counts or "{}"),
                )
                for row in connection.execute(wanted)
            ]

    def forget_runs(self, before: datetime) -> None:
        table = tables.runs
        with self._database.begin() as connection:
            last = connection.scalar(
                sa.select(sa.func.max(table.c.number)).where(table.c.ended < before.timestamp())
            )
            if last is not None:
                for each, column in ((tables.history, "run"), (table, "number")):
                    connection.execute(sa.delete(each).where(each.c[column] <= last))

    def close(self) -> None:
        self.lock.release()
        self._database.close()

    # --- behind it ---------------------------------------------------------------------------

    def _renew_revision(self, connection: sa.Connection) -> None:
        meta = tables.meta
        connection.execute(
            sa.update(meta).where(meta.c.key == "revision"), {"value": uuid.uuid4().hex}
        )

    def _ids(self, wanted: sa.Select[Any]) -> set[int]:
        with self._database.begin() as connection:
            return set(connection.scalars(wanted))

    def _number(self, schema: Schema, store: str = "") -> int:
        return self._database.number(store, schema.name)

    def _load(
        self, connection: sa.Connection, schema: Schema, which: Any, entries: dict[int, Entry]
    ) -> None:
        """Add to *entries* those records of a type that *which* is true of."""
        table, link = tables.records, tables.links
        own = sa.and_(table.c.collection == self._number(schema), which)
        found = {}
        for row in connection.execute(sa.select(table).where(own)):
            base = decode(schema, row.content)
            found[row.id] = Entry(schema, row.id, base, {}, row.removed)
            if not row.settled:
                found[row.id].conflicts = self._conflicts_of(connection, schema, row.id)
        place = tables.collections
        joined = (
            sa.select(link, place.c.store)
            .join(place, place.c.id == link.c.collection)
            .join(table, table.c.id == link.c.record)
            .where(own)
        )
        for row in connection.execute(joined):
            entry = found[row.record]
            entry.links[row.store] = Linked(
                None if row.local_id is None else id_from_text(row.local_id),
                None if row.mark is None else view_from_bytes(schema, entry.base, row.view),
                *pending_from_text(schema, entry.base, row.pending),
            )
        entries.update(found)

    def _conflicts_of(
        self, connection: sa.Connection, schema: Schema, record: int
    ) -> tuple[Conflict, ...]:
        table = tables.conflicts
        wanted = sa.select(table).where(table.c.record == record).order_by(table.c.id)
        return tuple(_conflict(schema, row) for row in connection.execute(wanted))

    def _save_records(self, connection: sa.Connection, entries: Sequence[Entry]) -> None:
        table = tables.records
        new = [entry for entry in entries if entry.record is None]
        for batch in batches(new):
            numbers = connection.scalars(
                sa.insert(table).returning(table.c.id, sort_by_parameter_order=True),
                [self._record(entry) for entry in batch],
            )
            for entry, number in zip(batch, numbers, strict=True):
                entry.record = number
        known = set(map(id, new))
        old = [entry for entry in entries if id(entry) not in known]
        if old:
            connection.execute(
                sa.update(table).where(table.c.id == sa.bindparam("key")),
                [{**self._record(entry), "key": entry.record} for entry in old],
            )

    def _record(self, entry: Entry) -> dict[str, Any]:
        return {
            "collection": self._number(entry.schema),
            "name_hash": name_hash(*entry.base[:2]),
            "content": encode(entry.schema, entry.base),
            "removed": entry.removed,
            "settled": entry.is_settled,
        }

    def _links(self, entry: Entry) -> Iterator[dict[str, Any]]:
        schema, base = entry.schema, entry.base
        for store, linked in entry.links.items():
            view = linked.view
            yield {
                "record": entry.record,
                "collection": self._number(schema, store),
                "local_id": None if linked.id is None else id_to_text(linked.id),
                "mark": None if view is None else digest(schema, view),
                "view": None if view is None else view_to_bytes(schema, base, view),
                "pending": pending_to_text(schema, base, linked),
            }

    def _insert(
        self, connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]
    ) -> None:
        if rows:
            connection.execute(sa.insert(table), rows)


def _conflict_row(schema: Schema, conflict: Conflict, record: int | None) -> dict[str, Any]:
    return {
        "record": record,
        "datatype": conflict.datatype,
        "global_name": json.dumps(conflict.global_name),
        "field": conflict.field,
        "content": conflict_to_bytes(schema, conflict),
        "since": (conflict.since or datetime.now(UTC)).timestamp(),
    }


def _conflict(schema: Schema, row: Any) -> Conflict:
    blank = Conflict(
        datatype=row.datatype,
        global_name=json.loads(row.global_name),
        field=row.field,
        base=None,
        values={},
        since=datetime.fromtimestamp(row.since, UTC),
        record=row.record,
    )
    return conflict_from_bytes(schema, blank, row.content)
