"""The statements of one table, made once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ...errors import UnresolvedReferenceError
from ...names import global_name
from .conditions import name_conditions
from .key import RAW
from .references import Reference, Target

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.engine import Connection
    from sqlalchemy.sql import ColumnElement, Select

    from .dialects import Dialect
    from .layout import Layout, Values

__all__ = ["PAGE", "Statements"]

PAGE = 1000
"""Rows that are read in one go, and named in one statement."""

Name = tuple[str, tuple[str, ...]]


class Statements:
    """Runs the statements of one table on a connection that it is given.

    Attributes:
        layout: Of the table.
        count, count_keyless: Select how many data there are, and how many rows without a key.
    """

    def __init__(self, layout: Layout, dialect: Dialect) -> None:
        self.layout, self._dialect = layout, dialect
        table, key = layout.table, layout.key
        self._key = key
        some = key.is_in("keys")
        limit = sa.bindparam("limit", type_=sa.Integer())
        ordered = sa.select(*table.c).order_by(*key.order()).limit(limit)
        count = sa.select(sa.func.count()).select_from(table)
        self.count = count.where(key.is_there()) if key.has_nulls else count
        self.count_keyless = count.where(sa.not_(key.is_there()))
        self._rows = sa.select(*table.c).where(some)
        self._present = sa.select(*key.columns).where(some).with_for_update()
        self._first_page = ordered.where(key.is_there()) if key.has_nulls else ordered
        self._next_page = ordered.where(key.is_after())
        self._insert = sa.insert(table)
        self._insert_new = sa.insert(table).returning(*key.columns, sort_by_parameter_order=True)
        self._insert_one = sa.insert(table).returning(*key.columns)
        self._delete = sa.delete(table).where(some)
        self._updates: dict[frozenset[str], sa.Update] = {}

    def key(self, id: Any) -> Any:
        """*id* as the key column holds it; None when it can be nobody's."""
        try:
            return self.layout.key.write(id)
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
        parameters = {"limit": limit} | ({} if after is None else self._key.after(after))
        if conditions:
            statement = statement.where(*conditions)
        return self._with_names(connection, self._dialect.fetch(connection, statement, parameters))

    def rows(
        self, connection: Connection, keys: Sequence[Any], *, lock: bool = False
    ) -> dict[Any, Sequence[Any]]:
        """The rows that have one of *keys*, by key; *lock* keeps others from changing them."""
        statement = self._rows.with_for_update() if lock else self._rows
        given, wanted = self._key.given, set(keys)
        found = {}
        for some in _parts(keys):
            rows = self._dialect.fetch(connection, statement, {"keys": some})
            for row in self._with_names(connection, rows):
                key = given(row)
                if key in wanted:  # the column may call more equal than we do
                    found[key] = row
        return found

    def present(self, connection: Connection, keys: Sequence[Any]) -> set[Any]:
        """Those of *keys* that a row has; others cannot remove them."""
        return {
            self._made(row)
            for some in _parts(keys)
            for row in connection.execute(self._present, {"keys": some})
        }.intersection(keys)

    def is_taken(self, connection: Connection, key: Any) -> bool:
        """Whether a row has *key*, or one that the column calls equal."""
        return connection.execute(self._present, {"keys": [key]}).first() is not None

    # --- what foreign keys lead to ------------------------------------------------------------

    def _with_names(
        self, connection: Connection, rows: Sequence[Sequence[Any]]
    ) -> Sequence[Sequence[Any]]:
        """*rows* with the names that their foreign keys lead to behind them."""
        references = self.layout.references
        if not references or not rows:
            return rows
        names = []
        for reference in references:
            keys = {row[reference.raw_index] for row in rows} - {None}
            target = reference.statements()
            names.append(target.names(connection, list(keys)) if keys else {})
        return [
            (
                *row,
                *(
                    known.get(row[reference.raw_index])
                    for reference, known in zip(references, names, strict=True)
                ),
            )
            for row in rows
        ]

    def names(self, connection: Connection, keys: Sequence[Any]) -> dict[Any, Name]:
        """Name and context of the rows that have one of *keys*, by key; of those that have any."""
        found: dict[Any, Name] = {}
        called, inside = self.layout.part("name"), self.layout.part("context")
        assert called is not None  # noqa: S101 - every layout has one
        for some in _parts(keys):
            rows = self._dialect.fetch(connection, self._rows, {"keys": some})
            if isinstance(inside, Reference):
                rows = self._with_names(connection, rows)
            for row in rows:
                with suppress(TypeError, ValueError):  # who leads there is told
                    context: Any = () if inside is None else inside.read(row)
                    name: Any = called.read(row)
                    found[self._key.given(row)] = (name, context)
        return found

    def keys_named(self, target: Target) -> sa.Select[Any]:
        """Selects the keys of the rows that may have a name and context."""
        called, inside = self.layout.part("name"), self.layout.part("context")
        conditions = [
            None if called is None else called.equals(target.name),  # type: ignore[arg-type]
            None if inside is None else inside.equals(target.context),
        ]
        return sa.select(*self._key.columns).where(*(c for c in conditions if c is not None))

    def localized(self, connection: Connection, every: Sequence[Values]) -> list[Values]:
        """*every* with keys in place of the names that references are to lead to.

        Raises:
            UnresolvedReferenceError: One of them is not there.
        """
        references = self.layout.references
        if not references:
            return list(every)
        made = [dict(values) for values in every]
        for reference in references:
            column = reference.column.key
            wanted = {v[column] for v in made if isinstance(v.get(column), Target)}
            keys = reference.statements().keys_of(connection, wanted) if wanted else {}
            for values in made:
                target = values.get(column)
                if isinstance(target, Target):
                    if target not in keys:
                        raise self._unresolved(reference, target)
                    values[column] = keys[target]
        return made

    def keys_of(self, connection: Connection, wanted: Collection[Target]) -> dict[Target, Any]:
        """The keys of the rows with these names and contexts; the first where there are several."""
        found: dict[Target, Any] = {}
        names = sorted({target.name for target in wanted})
        for some in _parts(names):
            statement = sa.select(*self.layout.table.c).where(*name_conditions(self.layout, some))
            ordered = statement.order_by(*self._key.order())
            rows = self._dialect.fetch(connection, ordered, {})
            keys = [self._key.given(row) for row in rows]
            for key, (name, context) in self.names(connection, keys).items():
                found.setdefault(Target(name, context), key)
        return {target: key for target, key in found.items() if target in wanted}

    def _unresolved(self, reference: Reference, target: Target) -> UnresolvedReferenceError:
        name, schema = global_name(*target), self.layout.schema.name
        return UnresolvedReferenceError(
            f"table {self.layout.label!r}, column {reference.column.name!r}: there is no "
            f"{reference.datatype} {name!r} that {schema}.{reference.field} could lead to",
            datatype=schema,
            field=reference.field,
            target=name,
        )

    # --- writing -----------------------------------------------------------------------------

    def insert(self, connection: Connection, values: Sequence[Values]) -> list[Any]:
        """Add rows and give their keys; None for one that the database did not take."""
        known = [self._key.among(one) for one in values]
        told = [one for one, key in zip(values, known, strict=True) if key is not None]
        rest = [one for one, key in zip(values, known, strict=True) if key is None]
        if told:
            connection.execute(self._insert, told)
        made = iter(self._insert_unknown(connection, rest))
        return [next(made) if key is None else key for key in known]

    def _insert_unknown(self, connection: Connection, values: list[Values]) -> list[Any]:
        if self._key.columns[0].primary_key and len(values) > 1:
            return [self._made(row) for row in connection.execute(self._insert_new, values)]
        return [self._made(connection.execute(self._insert_one, one).first()) for one in values]

    def _made(self, row: Sequence[Any] | None) -> Any:
        """The key of a row of nothing but its columns."""
        if row is None:
            return None
        return row[0] if self._key.is_one else tuple(row)

    def update(self, connection: Connection, changes: Sequence[tuple[Any, Values]]) -> bool:
        """Change rows, each by its key; whether the database took all of it."""
        alike: dict[frozenset[str], list[Values]] = {}
        for key, values in changes:
            parameters = {f"to_{name}": value for name, value in values.items()}
            alike.setdefault(frozenset(values), []).append(self._key.at(key) | parameters)
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
            update = sa.update(self.layout.table).values(values)
            self._updates[columns] = update.where(self._key.is_at())
        return self._updates[columns]


def _parts(keys: Sequence[Any]) -> list[Sequence[Any]]:
    return [keys[start : start + PAGE] for start in range(0, len(keys), PAGE)]
