"""What could not be written, in the ledger's database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..failures import Failing, Failures
from . import tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..failures import Place
    from .database import Database

__all__ = ["SQLFailures"]


class SQLFailures(Failures):
    """What is failing, in the ledger's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[Place, Failing]:
        table, place = tables.failures, tables.collections
        wanted = (
            sa.select(table, place.c.store, place.c.datatype)
            .join(place, place.c.id == table.c.collection)
            .order_by(table.c.first)
        )
        with self._database.begin() as connection:
            every = [_failing(row) for row in connection.execute(wanted)]
        return {failing.place: failing for failing in every}

    def put(self, every: Iterable[Failing]) -> None:
        rows = [self._row(failing) for failing in every]
        if rows:
            with self._database.begin() as connection:
                self._delete(connection, rows)
                connection.execute(sa.insert(tables.failures), rows)

    def clear(self, places: Iterable[Place]) -> None:
        rows: list[dict[str, Any]] = [
            {"collection": self._database.number(store, datatype), "record": record or 0}
            for store, datatype, record in places
        ]
        if rows:
            with self._database.begin() as connection:
                self._delete(connection, rows)

    def _delete(self, connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
        table = tables.failures
        connection.execute(
            sa.delete(table).where(
                table.c.collection == sa.bindparam("_collection"),
                table.c.record == sa.bindparam("_record"),
            ),
            [{"_collection": row["collection"], "_record": row["record"]} for row in rows],
        )

    def _row(self, failing: Failing) -> dict[str, Any]:
        return {
            "collection": self._database.number(failing.store, failing.datatype),
            "record": failing.record or 0,
            "global_name": json.dumps(failing.global_name),
            "error": json.dumps(failing.error),
            "attempts": failing.attempts,
            "first": failing.first.timestamp(),
            "last": failing.last.timestamp(),
            "due": None if failing.due is None else failing.due.timestamp(),
        }


def _failing(row: sa.Row[Any]) -> Failing:
    return Failing(
        store=row.store,
        datatype=row.datatype,
        record=row.record or None,
        global_name=json.loads(row.global_name),
        error=json.loads(row.error),
        attempts=row.attempts,
        first=datetime.fromtimestamp(row.first, UTC),
        last=datetime.fromtimestamp(row.last, UTC),
        due=None if row.due is None else datetime.fromtimestamp(row.due, UTC),
    )
