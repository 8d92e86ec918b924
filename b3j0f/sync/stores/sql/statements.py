"""The statements of one table, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import NullType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection
    from sqlalchemy.sql import ColumnElement, Select

    from .dialects import Dialect
    from .layout import Layout, Values

__all__ = ["PAGE", "Statements"]

PAGE = 1000
"""Rows that are read in one go, and named in one statement."""

RAW = NullType()
"""The type of parameters that go to the driver as they are."""


class Statements:
    """Runs the statements of one table on a connection that it is given.

    Attributes:
        layout: Of the table.
        count, count_keyless: Select how many data there are, and how many rows without a key.
    """

    def __init__(self, layout: Layout, dialect: Dialect) -> None:
        self.layout, self._dialect = layout, dialect
        table, key, order = layout.table, layout.key.column, layout.key_order
        self._key = key
        some = key.in_(sa.bindparam("keys", expanding=True, type_=RAW))
        limit = sa.bindparam("limit", type_=sa.Integer())
        ordered = sa.select(*table.c).order_by(order).limit(limit)
        self.count = sa.select(sa.func.count(key))
        self.count_keyless = sa.select(sa.func.count()).where(key.is_(None))
        self._rows = sa.select(*table.c).where(some)
        self._present = sa.select(key).where(some).with_for_update()
        self._first_page = ordered.where(key.is_not(None)) if layout.has_nulls else ordered
        self._next_page = ordered.where(order > sa.bindparam("after", type_=RAW))
        self._insert = sa.insert(table)
        self._insert_new = sa.insert(table).returning(key, sort_by_parameter_order=True)
        self._insert_one = sa.insert(table).returning(key)
        self._delete = sa.delete(table).where(some)
        self._updates: dict[frozenset[str], sa.Update] = {}

    def key(self, id: Any) -> Any:
        """*id* as the key column holds it; None when it can be nobody's."""
        try:
            return self.layout.key.codec.write(id)
        except (TypeError, ValueError, OverflowError):
            return None

    # --- reading -----------------------------------------------------------------------------

    def page(
        self,
        connection: Connection,
        conditions: Sequence[ColumnElement[bool]],
        limit: int,
        after: Any,
    ) -> Sequence[Sequence[Any]]:
        """At most *limit* rows that fulfil all *conditions*, by ascending key from *after* on."""
        statement: Select[Any] = self._first_page if after is None else self._next_page
        parameters = {"limit": limit} if after is None else {"limit": limit, "after": after}
        if conditions:
            statement = statement.where(*conditions)
        return self._dialect.fetch(connection, statement, parameters)

    def rows(
        self, connection: Connection, keys: Sequence[Any], *, lock: bool = False
    ) -> dict[Any, Sequence[Any]]:
        """The rows that have one of *keys*, by key; *lock* keeps others from changing them."""
        statement = self._rows.with_for_update() if lock else self._rows
        position, wanted = self.layout.key.index, set(keys)
        found = {}
        for some in _parts(keys):
            for row in self._dialect.fetch(connection, statement, {"keys": some}):
                if row[position] in wanted:  # the column may call more equal than we do
                    found[row[position]] = row
        return found

    def present(self, connection: Connection, keys: Sequence[Any]) -> set[Any]:
        """Those of *keys* that a row has; others cannot remove them."""
        return {
            key
            for some in _parts(keys)
            for key in connection.execute(self._present, {"keys": some}).scalars()
        }.intersection(keys)

    def is_taken(self, connection: Connection, key: Any) -> bool:
        """Whether a row has *key*, or one that the column calls equal."""
        return connection.execute(self._present, {"keys": [key]}).first() is not None

    # --- writing -----------------------------------------------------------------------------

    def insert(self, connection: Connection, values: Sequence[Values]) -> list[Any]:
        """Add rows and give their keys; None for one that the database did not take."""
        name = self._key.key
        known = [one for one in values if name in one]
        new = [one for one in values if name not in one]
        if known:
            connection.execute(self._insert, known)
        made = iter(self._insert_unknown(connection, new))
        return [one[name] if name in one else next(made) for one in values]

    def _insert_unknown(self, connection: Connection, values: list[Values]) -> list[Any]:
        if self._key.primary_key and len(values) > 1:
            return list(connection.execute(self._insert_new, values).scalars())
        return [connection.execute(self._insert_one, one).scalar() for one in values]

    def update(self, connection: Connection, changes: Sequence[tuple[Any, Values]]) -> bool:
        """Change rows, each by its key; whether the database took all of it."""
        alike: dict[frozenset[str], list[Values]] = {}
        for key, values in changes:
            parameters = {f"to_{name}": value for name, value in values.items()}
            alike.setdefault(frozenset(values), []).append({"at": key, **parameters})
        taken = [
            connection.execute(self._update(columns), parameters).rowcount in {-1, len(parameters)}
            for columns, parameters in alike.items()
        ]
        return all(taken)

    def delete(self, connection: Connection, keys: Sequence[Any]) -> bool:
        """Remove rows by their keys; whether the database took all of it."""
        taken = [
            connection.execute(self._delete, {"keys": some}).rowcount in {-1, len(some)}
            for some in _parts(keys)
        ]
        return all(taken)

    def _update(self, columns: frozenset[str]) -> sa.Update:
        if columns not in self._updates:
            values = {name: sa.bindparam(f"to_{name}", type_=RAW) for name in sorted(columns)}
            at = self._key == sa.bindparam("at", type_=RAW)
            self._updates[columns] = sa.update(self.layout.table).values(values).where(at)
        return self._updates[columns]


def _parts(keys: Sequence[Any]) -> list[Sequence[Any]]:
    return [keys[start : start + PAGE] for start in range(0, len(keys), PAGE)]
