"""From options and a table that is there to a layout; mistakes are told all at once."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import NullType

from ...errors import ConfigError
from ...fields import MISSING, Field
from .contexts import context_text, text_context
from .layout import Layout, absent_value
from .parts import Levels, Part
from .storage import Storage, storage_of
from .values import Codec, codec_of, key_codec

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from ...data import Schema
    from .dialects import Dialect
    from .options import TableOptions
    from .tables import FoundTable

__all__ = ["resolve"]

_JOINED = Codec(
    "the names of a context, joined by /",
    text_context,
    context_text,
    null=(),
    is_exact=True,
)


def resolve(
    connection: Connection,
    schema: Schema,
    options: TableOptions,
    found: FoundTable,
    dialect: Dialect,
) -> Layout:
    """The layout of the data of a type in the table *found*.

    Raises:
        ConfigError: An option does not fit the table; all that don't are told.
    """
    return _Resolver(connection, schema, options, found, dialect).layout()


class _Resolver:
    """Gathers mistakes and positions of columns on the way to one layout."""

    def __init__(
        self,
        connection: Connection,
        schema: Schema,
        options: TableOptions,
        found: FoundTable,
        dialect: Dialect,
    ) -> None:
        self.connection, self.schema, self.options = connection, schema, options
        self.found, self.dialect = found, dialect
        self.mistakes: list[ConfigError] = []
        self.indexes: dict[str, int] = {}  # position of each column that is used
        self.label = f"{options.schema}.{found.name}" if options.schema else found.name

    def layout(self) -> Layout:
        options, columns = self.options, self.options.columns
        self.check_fields()
        key = self.key()
        name = self.named("name_column", options.name_column or columns.get("name"))
        name = name or self.found.column("name") or key
        contexts = self.context_columns()
        times = self.times()
        fields = self.field_columns(key, name, {*contexts, *times.values()})
        codec = None if key is None else self.key_codec(key)
        unique_names = self.unique_names(name, contexts)
        self.check_shared({key, name, *contexts, *fields.values()}, times)
        if self.mistakes or key is None or name is None or codec is None:
            raise ConfigError.gather(self.mistakes)
        for column in (key, name, *contexts, *fields.values(), *times.values()):
            self.indexes.setdefault(column, len(self.indexes))
        generated = key != name and self.generates(key)
        table = self.table(counted=generated and self.is_counted(key))
        collation = None
        if self.storage(key) is Storage.TEXT:
            collation = self.dialect.key_collation(
                self.connection, key, self.found.name, self.found.schema
            )
        key_column = table.c[f"c{self.indexes[key]}"]
        return Layout(
            schema=self.schema,
            label=self.label,
            table=table,
            key=Part("id", self.indexes[key], key_column, codec),
            parts=self.parts(table, name, contexts, fields),
            **{
                field: self.part(table, self.schema.local[field], times[field])
                if field in times
                else None
                for field in ("created", "updated")
            },
            maintained=self.maintained(contexts, fields, times),
            generates_key=generated,
            has_nulls=self.found.columns[key]["nullable"] and not self.is_counted(key),
            key_order=key_column if collation is None else sa.collate(key_column, collation),
            unique_names=unique_names,
        )

    # --- which column ------------------------------------------------------------------------

    def named(self, option: str, column: str | None) -> str | None:
        """The column that an option names; a mistake where there is none."""
        if column is None:
            return None
        there = self.found.column(column)
        if there is None:
            near = get_close_matches(column, self.found.columns, n=1)
            self.mistake(
                option,
                f"table {self.label!r} has no column {column!r}",
                repr(near[0]) if near else "one of " + ", ".join(self.found.columns),
            )
        return there

    def key(self) -> str | None:
        found = self.found
        if self.options.key is not None:
            key = self.named("key", self.options.key)
            if key is not None and frozenset({key}) not in found.unique:
                problem = f"column {key!r} of table {self.label!r} is not unique by itself"
                self.mistake(
                    "key", problem, "the primary key, or a column with a unique constraint"
                )
                return None
            return key
        if len(found.primary_key) == 1:
            return found.primary_key[0]
        self.mistake(
            "key",
            f"table {self.label!r} has "
            + (
                f"a primary key of several columns ({', '.join(found.primary_key)})"
                if found.primary_key
                else "no primary key"
            ),
            "the name of a column that is unique by itself",
        )
        return None

    def key_codec(self, key: str) -> Codec | None:
        codec = key_codec(self.storage(key), native=self.is_native(key))
        if codec is None:
            kind = self.found.columns[key]["type"]
            problem = f"column {key!r} of table {self.label!r} is {kind!r}"
            self.mistake("key", problem, "a key of integers or of text")
        return codec

    def context_columns(self) -> list[str]:
        if self.options.context_columns:
            given = [self.named("context_columns", c) for c in self.options.context_columns]
            return [column for column in given if column is not None]
        if "context" in self.options.columns:
            one = self.named("columns.context", self.options.columns["context"])
        else:
            one = self.found.column("context")
            if one is not None and self.storage(one) is not Storage.TEXT:
                one = None
        return [] if one is None else [one]

    def times(self) -> dict[str, str]:
        """The columns of created and updated: those named, or made for times and called so."""
        times = {}
        for field in ("created", "updated"):
            named = getattr(self.options, f"{field}_column")
            column = self.named(f"{field}_column", named) or self.found.column(field)
            if column is not None and (named is not None or self.storage(column).is_time):
                times[field] = column
        return times

    def field_columns(self, key: str | None, name: str | None, taken: set[str]) -> dict[str, str]:
        """The columns of description and the type's own fields, by field.

        A field that no option mentions takes the column of its name, but not one that says
        something else, and not a key that the database makes up.
        """
        if key is not None and key != name and self.generates(key):
            taken.add(key)
        fields = {}
        for field in self.schema.names[2:]:
            if field in self.options.columns:
                column = self.named(f"columns.{field}", self.options.columns[field])
            else:
                column = self.found.column(field)
                column = None if column in taken else column
            if column is not None:
                fields[field] = column
            elif absent_value(self.schema.fields[field]) is MISSING:
                problem = f"table {self.label!r} has no column for {self.schema.name}.{field}"
                self.mistake(f"columns.{field}", problem, "a column: the field has no default")
        return fields

    def unique_names(self, name: str | None, contexts: list[str]) -> bool:
        """Whether a constraint keeps names unique; a mistake where an option alone says so."""
        told = {name, *contexts}
        unique = any(columns <= told for columns in self.found.unique)
        if self.options.unique_names and not unique and name is not None:
            columns = ", ".join([name, *contexts])
            self.mistake(
                "unique_names",
                f"table {self.label!r} does not keep names unique",
                f"a unique constraint on ({columns})",
            )
        return unique

    # --- checks ------------------------------------------------------------------------------

    def check_fields(self) -> None:
        for field in self.options.columns:
            if field not in self.schema.fields:
                near = get_close_matches(field, self.schema.names, n=1)
                self.mistake(
                    f"columns.{field}",
                    f"{self.schema.name} has no field {field!r}",
                    near[0] if near else "one of " + ", ".join(self.schema.names),
                )

    def check_shared(self, others: set[str | None], times: dict[str, str]) -> None:
        for field, column in times.items():
            if column in others or list(times.values()).count(column) > 1:
                problem = f"column {column!r} of table {self.label!r} is used for something else"
                self.mistake(f"{field}_column", problem, "a column of its own")

    def mistake(self, option: str, problem: str, expected: str) -> None:
        where = f"{self.schema.name}.{option}"
        self.mistakes.append(ConfigError(problem, option=where, expected=expected))

    # --- what is made of them ----------------------------------------------------------------

    def storage(self, column: str) -> Storage:
        return storage_of(self.found.columns[column]["type"])

    def is_native(self, column: str) -> bool:
        """Whether the driver takes and gives the values of the column as Python has them."""
        is_uuid = self.storage(column) is Storage.UUID
        return self.dialect.native and (self.dialect.has_uuid or not is_uuid)

    def generates(self, key: str) -> bool:
        return self.dialect.generates_key(
            self.connection, self.found.columns[key], self.found.name, self.found.schema
        )

    def is_counted(self, key: str) -> bool:
        return self.storage(key) is Storage.INTEGER and self.generates(key)

    def maintained(
        self, contexts: list[str], fields: dict[str, str], times: dict[str, str]
    ) -> frozenset[str]:
        """The times that are written: those that an option names, or both in a table of ours.

        That is one with a column for each base field.
        """
        if contexts and "description" in fields and len(times) == 2:  # noqa: PLR2004 - both
            return frozenset(times)
        return frozenset(
            field
            for field in ("created", "updated")
            if getattr(self.options, f"{field}_column") is not None
        )

    def table(self, *, counted: bool) -> sa.Table:
        """The table with neutral keys and types for its columns.

        A key that the database counts is declared as one, so that SQLAlchemy can tell which
        of many new rows got which.
        """
        columns: list[sa.Column[Any]] = [
            sa.Column(name, sa.BigInteger(), key="c0", primary_key=True)
            if counted and index == 0
            else sa.Column(name, NullType(), key=f"c{index}")
            for name, index in self.indexes.items()
        ]
        return sa.Table(self.found.name, sa.MetaData(), *columns, schema=self.options.schema)

    def parts(
        self, table: sa.Table, name: str, contexts: list[str], fields: dict[str, str]
    ) -> tuple[Part | Levels | None, ...]:
        declared = self.schema.fields
        context: Part | Levels
        if self.options.context_columns or not contexts:
            level = Field(self.schema.name, "context", str | None, None)
            context = Levels(tuple(self.part(table, level, column) for column in contexts))
        else:
            index = self.indexes[contexts[0]]
            context = Part("context", index, table.c[f"c{index}"], self.guarded(_JOINED))
        own = [
            self.part(table, declared[field], fields[field]) if field in fields else None
            for field in self.schema.names[2:]
        ]
        return (self.part(table, declared["name"], name), context, *own)

    def guarded(self, codec: Codec) -> Codec:
        return codec.guarded(self.dialect.refusal) if self.dialect.refuses_texts else codec

    def part(self, table: sa.Table, field: Field, column: str) -> Part:
        index = self.indexes[column]
        codec = codec_of(field, self.storage(column), native=self.is_native(column))
        codec = self.guarded(codec)
        is_computed = "computed" in self.found.columns[column]
        return Part(field.name, index, table.c[f"c{index}"], codec, is_computed)
