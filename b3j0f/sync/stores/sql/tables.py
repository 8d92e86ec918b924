"""Tables as they are in a database, and making those that are missing."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from .values import base_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import ReflectedColumn

    from ...data import Schema
    from .dialects import Dialect
    from .options import TableOptions

__all__ = ["FoundTable", "create_table", "find_table", "near_table"]


@dataclass(frozen=True, slots=True)
class FoundTable:
    """What the database tells of a table.

    Attributes:
        name, schema: Of the table.
        columns: By name, in their order.
        primary_key: Names of the columns of its primary key.
        unique: The sets of columns that are unique together.
        foreign_keys: By column, the schema, table and column that it leads to; those of one
            column alone.
        is_view: Whether it is a view.
    """

    name: str
    schema: str | None
    columns: Mapping[str, ReflectedColumn]
    primary_key: tuple[str, ...]
    unique: frozenset[frozenset[str]]
    foreign_keys: Mapping[str, tuple[str | None, str, str]]
    is_view: bool

    def column(self, name: str) -> str | None:
        """The column that is called so, if need be but for its case; or None."""
        return _called(name, self.columns)


def find_table(
    connection: Connection, name: str, schema: str | None, dialect: Dialect
) -> FoundTable | None:
    """The table or view that is called so, or None."""
    inspector = sa.inspect(connection)
    called = _called(name, inspector.get_table_names(schema=schema))
    is_view = called is None
    if called is None:
        called = _called(name, dialect.view_names(inspector, schema))
    if called is None:
        return None
    name = called
    with warnings.catch_warnings():  # of types and indexes that SQLAlchemy has no class for
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        columns = inspector.get_columns(name, schema=schema)
        key = tuple(inspector.get_pk_constraint(name, schema=schema)["constrained_columns"])
        constraints = inspector.get_unique_constraints(name, schema=schema)
        indexes = inspector.get_indexes(name, schema=schema)
        foreign = inspector.get_foreign_keys(name, schema=schema)
        dialect.correct(connection, columns, name, schema)
    unique = {frozenset(constraint["column_names"]) for constraint in constraints} | {
        frozenset(str(column) for column in index["column_names"])
        for index in indexes
        if index["unique"] and None not in index["column_names"] and not _is_partial(index)
    }
    if key:
        unique.add(frozenset(key))
    by_name = {column["name"]: column for column in columns}
    foreign_keys = {
        one["constrained_columns"][0]: (
            one["referred_schema"],
            one["referred_table"],
            one["referred_columns"][0],
        )
        for one in foreign
        if len(one["constrained_columns"]) == 1
    }
    return FoundTable(name, schema, by_name, key, frozenset(unique), foreign_keys, is_view)


def near_table(connection: Connection, name: str, schema: str | None) -> str | None:
    """The table whose name is nearest to *name*, or None."""
    known = sa.inspect(connection).get_table_names(schema=schema)
    return next(iter(get_close_matches(name, known, n=1)), None)


def create_table(
    connection: Connection, schema: Schema, options: TableOptions, dialect: Dialect
) -> None:
    """Make the table of a type, with the names that *options* give, and its index by name."""
    table = _table(schema, options, dialect)
    connection.execute(CreateTable(table, if_not_exists=True))
    for index in table.indexes:
        connection.execute(CreateIndex(index, if_not_exists=True))


def _table(schema: Schema, options: TableOptions, dialect: Dialect) -> sa.Table:
    names = options.columns
    name = options.name_column or names.get("name", "name")
    contexts = options.context_columns or (names.get("context", "context"),)
    made: dict[str, sa.Column[Any]] = {}

    def column(called: str, *arguments: Any, **more: Any) -> None:
        made.setdefault(called, sa.Column(called, *arguments, **more))

    if options.key == (name,):
        column(name, dialect.name_type(), primary_key=True)
    else:
        column(
            next(iter(options.key), "id"), dialect.key_type(), primary_key=True, autoincrement=True
        )
    column(name, dialect.name_type(), nullable=False)
    for context in contexts:
        if options.context_columns:
            column(context, dialect.name_type())
        else:
            column(context, dialect.name_type(), nullable=False, server_default="")
    column(names.get("description", "description"), dialect.column_type(str))
    column(options.created_column or "created", dialect.column_type(datetime))
    column(options.updated_column or "updated", dialect.column_type(datetime))
    for field in list(schema.fields.values())[3:]:
        base = base_of(field.annotation)[0]
        column(names.get(field.name, field.name), dialect.column_type(base))
    called = options.table or schema.name
    table = sa.Table(
        called, sa.MetaData(), *made.values(), schema=options.schema, sqlite_autoincrement=True
    )
    if options.key != (name,):
        indexed = [made[each] for each in dict.fromkeys((name, *contexts))]
        unique = options.unique_names
        more = dialect.index_options(unique=unique)
        sa.Index(f"ix_{called}_name", *indexed, unique=unique, **more)
    return table


def _called(name: str, known: Iterable[str]) -> str | None:
    """The one of *known* that is *name*, or differs by nothing but its case."""
    alike = [one for one in known if one.casefold() == name.casefold()]
    if name in alike:
        return name
    return alike[0] if len(alike) == 1 else None


def _is_partial(index: Any) -> bool:
    return any(
        option.endswith("_where") and condition is not None
        for option, condition in index.get("dialect_options", {}).items()
    )
