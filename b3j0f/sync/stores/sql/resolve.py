"""From options and a table that is there to a layout; mistakes are told all at once."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.types import NullType

from ...data import schema_of
from ...errors import ConfigError
from ...fields import MISSING, Field
from ...ref import Ref, ref_target
from ..contexts import context_text, text_context
from .key import Key
from .layout import Layout, absent_value
from .parts import Levels, Part
from .references import Reference
from .storage import Storage, storage_of
from .values import Codec, base_of, codec_of, key_codec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.engine import Connection

    from ...data import Data
    from .dialects import Dialect
    from .layout import AnyPart
    from .options import TableOptions
    from .statements import Statements
    from .tables import FoundTable

__all__ = ["Others", "resolve"]

_JOINED = Codec(
    "the names of a context, joined by /",
    text_context,
    context_text,
    null=(),
    is_exact=True,
)


class Others(NamedTuple):
    """The tables of all types of a store.

    Attributes:
        found: By type, its table.
        options: By type, its options.
        statements: Gives those of a type, once it is settled.
    """

    found: Mapping[type[Data], FoundTable]
    options: Mapping[type[Data], TableOptions]
    statements: Callable[[type[Data]], Statements]

    def led_to(self, key: tuple[str | None, str, str]) -> type[Data] | None:
        """The type whose ids a foreign key holds, or None."""
        for datatype, table in self.found.items():
            if (table.schema, table.name) == key[:2] and self.key(datatype) == (key[2],):
                return datatype
        return None

    def key(self, datatype: type[Data]) -> tuple[str, ...]:
        """The columns of the ids of a type."""
        return self.options[datatype].key or self.found[datatype].primary_key


def resolve(
    connection: Connection, datatype: type[Data], others: Others, dialect: Dialect
) -> Layout:
    """The layout of the data of a type in its table.

    Raises:
        ConfigError: An option does not fit the table; all that don't are told.
    """
    return _Resolver(connection, datatype, others, dialect).layout()


class _Resolver:
    """Gathers mistakes and positions of columns on the way to one layout."""

    def __init__(
        self, connection: Connection, datatype: type[Data], others: Others, dialect: Dialect
    ) -> None:
        self.connection, self.others, self.dialect = connection, others, dialect
        self.schema, self.options = schema_of(datatype), others.options[datatype]
        self.found = found = others.found[datatype]
        self.mistakes: list[ConfigError] = []
        self.indexes: dict[str, int] = {}  # position of each column that is used
        self.led = 0  # how many references there are
        schema = self.options.schema
        self.label = f"{schema}.{found.name}" if schema else found.name

    def layout(self) -> Layout:
        options, columns = self.options, self.options.columns
        self.check_fields()
        keys = self.keys()
        one = keys[0] if len(keys) == 1 else None
        name = self.named("name_column", options.name_column or columns.get("name"))
        name = name or self.found.column("name") or one
        if name is None and keys:
            problem = f"table {self.label!r} has no column for the names"
            self.mistake("name_column", problem, "the name of a column")
        contexts = self.context_columns()
        times = self.times()
        fields = self.field_columns(one, name, {*contexts, *times.values()})
        codecs = [self.key_codec(key) for key in keys]
        unique_names = self.unique_names(name, contexts)
        self.check_shared({*keys, name, *contexts, *fields.values()}, times)
        if self.mistakes or not keys or name is None or None in codecs:
            raise ConfigError.gather(self.mistakes)
        for column in (*keys, name, *contexts, *fields.values(), *times.values()):
            self.indexes.setdefault(column, len(self.indexes))
        generated = one is not None and one != name and self.generates(one)
        table = self.table(counted=one is not None and generated and self.is_counted(one))
        return Layout(
            schema=self.schema,
            label=self.label,
            table=table,
            key=self.made_key(table, keys, codecs, is_generated=generated),
            parts=self.parts(table, name, contexts, fields),
            **{
                field: self.part(table, self.schema.local[field], times[field])
                if field in times
                else None
                for field in ("created", "updated")
            },
            maintained=self.maintained(contexts, fields, times),
            unique_names=unique_names,
            is_view=self.found.is_view,
        )

    def made_key(
        self,
        table: sa.Table,
        keys: Sequence[str],
        codecs: Sequence[Codec | None],
        *,
        is_generated: bool,
    ) -> Key:
        parts = [
            Part("id", self.indexes[key], table.c[f"c{self.indexes[key]}"], codec)
            for key, codec in zip(keys, codecs, strict=True)
            if codec is not None
        ]
        collations = [
            self.dialect.key_collation(self.connection, key, self.found.name, self.found.schema)
            if self.storage(key) is Storage.TEXT
            else None
            for key in keys
        ]
        has_nulls = any(
            self.found.columns[key]["nullable"] and not self.is_counted(key) for key in keys
        )
        return Key(tuple(parts), tuple(collations), is_generated, has_nulls)

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

    def keys(self) -> tuple[str, ...]:
        """The columns of the ids; none, and a mistake, where it cannot be told."""
        found = self.found
        if self.options.key:
            named = [self.named("key", key) for key in self.options.key]
            keys = tuple(key for key in named if key is not None)
            is_unique = any(unique <= frozenset(keys) for unique in found.unique)
            if len(keys) == len(named) and not is_unique and not found.is_view:
                what = "is not unique by itself" if len(keys) == 1 else "are not unique together"
                problem = f"{_columns(keys)} of table {self.label!r} {what}"
                self.mistake("key", problem, "the primary key, or columns with a unique constraint")
                return ()
            return keys if len(keys) == len(named) else ()
        if not found.primary_key:
            what = "is a view" if found.is_view else "has no primary key"
            expected = "the name of a column that is unique, or names of several ones"
            self.mistake("key", f"{self.label!r} {what}", expected)
        return found.primary_key

    def key_codec(self, key: str) -> Codec | None:
        codec = key_codec(self.storage(key), native=self.is_native(key))
        if codec is None:
            kind = self.found.columns[key]["type"]
            problem = f"column {key!r} of table {self.label!r} is {kind!r}"
            self.mistake("key", problem, "a key of integers, of text or of UUIDs")
        return codec

    def context_columns(self) -> list[str]:
        if self.options.context_columns:
            given = [self.named("context_columns", c) for c in self.options.context_columns]
            return [column for column in given if column is not None]
        if "context" not in self.options.columns and self.found.column("context") is None:
            leading = [c for c in self.found.foreign_keys if self.embeds(c)]
            return leading if len(leading) == 1 else []
        if "context" in self.options.columns:
            one = self.named("columns.context", self.options.columns["context"])
        else:
            one = self.found.column("context")
            if one is not None and self.storage(one) is not Storage.TEXT:
                one = None
        return [] if one is None else [one]

    def embeds(self, column: str) -> bool:
        """Whether *column* leads to what embeds the data."""
        parent = self.schema.parent
        if parent is None or parent not in self.others.found:
            return False
        if column in self.found.foreign_keys:
            return self.others.led_to(self.found.foreign_keys[column]) is parent
        return self.storage(column) not in {Storage.TEXT, Storage.OTHER}

    def led_to(self, field: Field, column: str) -> type[Data] | None:
        """The type that a field refers to by its ids in *column*; None: by name, or not at all."""
        base, _ = base_of(field.annotation)
        if base is not Ref:
            return None
        if column in self.found.foreign_keys:
            return self.others.led_to(self.found.foreign_keys[column])
        target = ref_target(field.annotation)
        is_text = self.storage(column) in {Storage.TEXT, Storage.OTHER}
        return target if target in self.others.found and not is_text else None

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
                if column is None and base_of(self.schema.fields[field].annotation)[0] is Ref:
                    column = self.found.column(f"{field}_id")
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
    ) -> tuple[AnyPart | None, ...]:
        declared = self.schema.fields
        context: AnyPart
        parent = self.schema.parent
        if len(contexts) == 1 and parent is not None and self.embeds(contexts[0]):
            context = self.reference(table, "context", contexts[0], parent)
        elif self.options.context_columns or not contexts:
            level = Field(self.schema.name, "context", str | None, None)
            context = Levels(tuple(self.part(table, level, column) for column in contexts))
        else:
            index = self.indexes[contexts[0]]
            context = Part("context", index, table.c[f"c{index}"], self.guarded(_JOINED))
        own = [
            self.field_part(table, declared[field], fields[field]) if field in fields else None
            for field in self.schema.names[2:]
        ]
        return (self.part(table, declared["name"], name), context, *own)

    def field_part(self, table: sa.Table, field: Field, column: str) -> AnyPart:
        target = self.led_to(field, column)
        if target is not None:
            return self.reference(table, field.name, column, target)
        return self.part(table, field, column)

    def reference(self, table: sa.Table, field: str, column: str, target: type[Data]) -> Reference:
        index = self.indexes[column]
        self.led += 1
        return Reference(
            field,
            len(self.indexes) + self.led - 1,
            index,
            table.c[f"c{index}"],
            schema_of(target).name,
            partial(self.others.statements, target),
            bool(self.found.columns[column]["nullable"]),
        )

    def guarded(self, codec: Codec) -> Codec:
        return codec.guarded(self.dialect.refusal) if self.dialect.refuses_texts else codec

    def part(self, table: sa.Table, field: Field, column: str) -> Part:
        index = self.indexes[column]
        codec = codec_of(field, self.storage(column), native=self.is_native(column))
        if isinstance(self.found.columns[column]["type"], sa.CHAR):
            codec = codec.unpadded()
        codec = self.guarded(codec)
        is_computed = "computed" in self.found.columns[column]
        return Part(field.name, index, table.c[f"c{index}"], codec, is_computed)


def _columns(names: Sequence[str]) -> str:
    return ("column " if len(names) == 1 else "columns ") + ", ".join(map(repr, names))
