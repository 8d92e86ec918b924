"""What was agreed and written when, in the ledger's database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from ...fields import MISSING
from ..coding import id_from_text, id_to_text, name_hash, plain_value, value_of_plain
from ..history import Change, FieldChange, History, Write
from . import tables
from .database import batches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...data import Schema
    from ..history import Key
    from .database import Database

__all__ = ["SQLHistory", "decode_change", "encode_change"]


class SQLHistory(History):
    """Changes, in the ledger's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, changes: Sequence[Change]) -> None:
        with self._database.begin() as connection:
            for batch in batches(changes):
                connection.execute(sa.insert(tables.history), [self._row(one) for one in batch])

    def of_run(self, run: int, schemas: Mapping[str, Schema]) -> list[Change]:
        table, place = tables.history, tables.collections
        wanted = (
            sa.select(table, place.c.datatype)
            .join(place, place.c.id == table.c.collection)
            .where(table.c.run == run, place.c.datatype.in_(list(schemas)))
            .order_by(table.c.id)
        )
        with self._database.begin() as connection:
            return [_change(schemas[row.datatype], row) for row in connection.execute(wanted)]

    def of_record(self, schema: Schema, record: int) -> list[Change]:
        return self._of(schema, tables.history.c.record == record)

    def of_name(self, schema: Schema, key: Key) -> list[Change]:
        found = self._of(schema, tables.history.c.name_hash == name_hash(*key))
        return [change for change in found if change.key == key]

    def _of(self, schema: Schema, which: Any) -> list[Change]:
        table = tables.history
        own = table.c.collection == self._database.number("", schema.name)
        wanted = sa.select(table).where(own, which).order_by(table.c.id.desc())
        with self._database.begin() as connection:
            return [_change(schema, row) for row in connection.execute(wanted)]

    def _row(self, change: Change) -> dict[str, Any]:
        return {
            "run": change.run,
            "at": change.at.timestamp(),
            "collection": self._database.number("", change.datatype),
            "record": change.record,
            "name_hash": name_hash(*change.key),
            "content": encode_change(change),
        }


def encode_change(change: Change) -> bytes:
    """What is kept of *change* in one column."""
    schema = change.schema
    fields = {}
    for name, (before, after, source) in change.fields.items():
        fields[name] = {"from": source}
        if before is not MISSING:
            fields[name]["before"] = plain_value(schema, name, before)
        if after is not MISSING:
            fields[name]["after"] = plain_value(schema, name, after)
    writes = [
        [
            store,
            kind,
            None if id is None else id_to_text(id),
            {name: plain_value(schema, name, value) for name, value in replaced.items()},
        ]
        for store, kind, id, replaced in change.writes
    ]
    return msgspec.json.encode({"key": change.key, "fields": fields, "writes": writes})


def _change(schema: Schema, row: Any) -> Change:
    return decode_change(schema, row.content, run=row.run, at=row.at, record=row.record)


def decode_change(schema: Schema, text: bytes, *, run: int, at: float, record: int) -> Change:
    """The change of which ``encode_change`` made *text*; *at* is a timestamp."""
    plain = msgspec.json.decode(text)
    name, context = plain["key"]

    def value(field: str, given: Mapping[str, Any], which: str) -> Any:
        return value_of_plain(schema, field, given[which]) if which in given else MISSING

    return Change(
        run=run,
        at=datetime.fromtimestamp(at, UTC),
        schema=schema,
        record=record,
        key=(name, tuple(context)),
        fields={
            field: FieldChange(
                value(field, given, "before"), value(field, given, "after"), given["from"]
            )
            for field, given in plain["fields"].items()
        },
        writes=[
            Write(
                store,
                kind,
                None if id is None else id_from_text(id),
                {field: value_of_plain(schema, field, one) for field, one in replaced.items()},
            )
            for store, kind, id, replaced in plain["writes"]
        ],
    )
