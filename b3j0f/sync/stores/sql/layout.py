"""Layout: where each field of a type stands in a row, and the way there and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any

from ...errors import DataError
from ...fields import MISSING, Field
from .forms import UnfitError
from .key import Key
from .parts import Levels, Part
from .references import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import sqlalchemy as sa

    from ...data import Data, Schema
    from ...store import Store

__all__ = ["AnyPart", "Layout", "Values", "absent_value"]

_SHOWN = 80

AnyPart = Part | Levels | Reference
Values = dict[str, Any]
"""What is written: values of columns, by the columns' keys in ``Layout.table``."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the data of one type are, and the way from a row to a data and back.

    Attributes:
        schema: Of the type.
        label: What messages call the table.
        table: The table, its columns without types: they carry what the driver takes.
        key: What the ids are made of.
        parts: One for each field, in the order of ``schema.names``; None where none holds it.
        created, updated: Of the times, or None.
        maintained: Those of them that are written.
        unique_names: Whether the database keeps names unique within a context.
        held: Names of the fields that have a part.
        computed: Names of those of them that the database computes.
        defaults: What a data has in the fields that have none.
        is_shared: Whether any column has more than one field.
        references: Those of the parts that are foreign keys.
        is_view: Whether it is a view, which is not written.
    """

    schema: Schema
    label: str
    table: sa.Table
    key: Key
    parts: tuple[AnyPart | None, ...]
    created: Part | None
    updated: Part | None
    maintained: frozenset[str]
    unique_names: bool
    is_view: bool
    held: frozenset[str] = field(init=False)
    computed: frozenset[str] = field(init=False)
    defaults: tuple[Any, ...] = field(init=False)
    is_shared: bool = field(init=False)
    references: tuple[Reference, ...] = field(init=False)

    def __post_init__(self) -> None:
        held = frozenset(part.field for part in self.parts if part is not None)
        object.__setattr__(self, "held", held)
        computed = [p.field for p in self.parts if isinstance(p, Part) and p.is_computed]
        object.__setattr__(self, "computed", frozenset(computed))
        defaults = tuple(map(absent_value, self.schema.fields.values()))
        object.__setattr__(self, "defaults", defaults)
        keys = [c.key for part in self.parts if part is not None for c in part.columns]
        object.__setattr__(self, "is_shared", len(set(keys)) < len(keys))
        references = tuple(part for part in self.parts if isinstance(part, Reference))
        object.__setattr__(self, "references", references)

    def part(self, name: str) -> AnyPart | None:
        """The part of a synchronized field."""
        return self.parts[self.schema.index[name]]

    # --- from a row ------------------------------------------------------------------------

    def read_all(self, rows: Sequence[Sequence[Any]], store: Store) -> list[Any]:
        """The data of *rows*, column by column; any error where any row is wrong."""
        if not rows:
            return []
        columns = list(zip(*rows, strict=True))
        content = [
            repeat(default) if part is None else part.read_all(columns)
            for part, default in zip(self.parts, self.defaults, strict=True)
        ]
        ids = self.key.read_all(columns)
        times = [
            repeat(None) if part is None else part.read_all(columns)
            for part in (self.created, self.updated)
        ]
        return list(map(self.schema.make, zip(*content, strict=False), ids, *times, repeat(store)))

    def read(self, row: Sequence[Any], store: Store) -> Any:
        """The data of *row*; DataError with table, key, column and value where it is none."""
        content = tuple(
            default if part is None else self._value(part, row, store)
            for part, default in zip(self.parts, self.defaults, strict=True)
        )
        id: Any = self._value(self.key, row, store)
        created, updated = (
            None if part is None else self._value(part, row, store)
            for part in (self.created, self.updated)
        )
        return self.schema.make(content, id, created, updated, store)

    def id_of(self, row: Sequence[Any]) -> str | int:
        """The id of *row*, or what comes nearest to one."""
        raw = self.key.given(row)
        try:
            id: str | int = self.key.read(row)
        except Exception:  # noqa: BLE001 - a column without a type can hold anything
            return raw if isinstance(raw, str | int) else repr(raw)
        return id

    def _value(self, part: AnyPart | Key, row: Sequence[Any], store: Store) -> Any:
        try:
            return part.read(row)
        except Exception as exc:  # a kind meets what its author never thought of
            where = f"store {store.name!r}, table {self.label!r}, key {self.key.given(row)!r}"
            raise self._error(part, where, part.given(row)) from exc

    # --- to a row --------------------------------------------------------------------------

    def times(self, now: datetime) -> Values:
        """What is written for a data that is added *now*, in the columns of the times."""
        times = {"created": self.created, "updated": self.updated}
        values: Values = {}
        for field_, part in times.items():
            if part is not None and field_ in self.maintained:
                values.update(part.write(now))
        return values

    def updated_value(self, now: datetime) -> Values:
        """What is written for a data that is updated *now*, in the column of that time."""
        if self.updated is None or "updated" not in self.maintained:
            return {}
        return dict(self.updated.write(now))

    def new_values(self, data: Data, times: Values, store: Store) -> Values:
        """What is written for a new *data*; without the key where the database makes it up.

        *times* are those of ``times``; a data that says when it was created keeps that.

        Raises:
            DataError: A column cannot hold a value, or the data has no id and needs one.
        """
        content = self.schema.content(data)
        values = times.copy()
        for part, value in zip(self.parts, content, strict=True):
            if part is not None:
                self._put(values, part, value, store)
        if data.created is not None and self.created is not None and "created" in self.maintained:
            values.update(self.created.write(data.created))
        if data.id is not None:
            self._put_id(values, data.id, store)
        elif self.key.among(values) is None and not self.key.is_generated:
            raise DataError(
                f"store {store.name!r}, table {self.label!r}: {self.schema.name} "
                f"{data.global_name!r} has no id, and column {self.key.name!r} "
                "gets none from the database; give it one",
                datatype=self.schema.name,
                field="id",
                expected=self.key.expected,
            )
        return values

    def changed_values(self, data: Data, old: Data, store: Store) -> Values:
        """What is written to turn *old* into *data*: columns of fields that differ, no other."""
        before, after = self.schema.content(old), self.schema.content(data)
        values: Values = {}
        for part, was, is_ in zip(self.parts, before, after, strict=True):
            if part is not None and was != is_:
                self._put(values, part, is_, store)
        if self.is_shared and values:
            changed = set(values)
            for part, is_ in zip(self.parts, after, strict=True):
                if part is not None and not changed.isdisjoint(c.key for c in part.columns):
                    self._put(values, part, is_, store)
        return values

    def _put(self, values: Values, part: AnyPart, value: Any, store: Store) -> None:
        try:
            written = part.write(value)
        except (TypeError, ValueError, OverflowError) as exc:
            raise self._error(part, self._where(store), value, exc) from exc
        self._merge(values, part, written, value, store)

    def _put_id(self, values: Values, id: Any, store: Store) -> None:
        try:
            written = self.key.values(self.key.write(id)).items()
        except (TypeError, ValueError, OverflowError) as exc:
            raise self._error(self.key, self._where(store), id, exc) from exc
        self._merge(values, self.key, written, id, store)

    def _where(self, store: Store) -> str:
        return f"store {store.name!r}, table {self.label!r}"

    def _merge(
        self,
        values: Values,
        part: AnyPart | Key,
        written: Iterable[tuple[str, Any]],
        value: Any,
        store: Store,
    ) -> None:
        for key, held in written:
            if key in values and values[key] != held:
                column, field_ = self.table.c[key].name, _field(part)
                raise DataError(
                    f"{self._where(store)}: {self.schema.name}.{field_} shares column {column!r} "
                    f"with another field, which says {values[key]!r} where it says {held!r}",
                    datatype=self.schema.name,
                    field=field_,
                    expected=repr(values[key]),
                    given=value,
                )
            values[key] = held

    def _error(
        self, part: AnyPart | Key, where: str, given: Any, exc: Exception | None = None
    ) -> DataError:
        expected = str(exc) if isinstance(exc, UnfitError) else part.expected
        columns = ", ".join(repr(column.name) for column in part.columns) or "(none)"
        shown = repr(given)
        return DataError(
            f"{where}, column {columns}: expected {expected} for {self.schema.name}."
            f"{_field(part)}, given {type(given).__name__} "
            f"{shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}",
            datatype=self.schema.name,
            field=_field(part),
            expected=expected,
            given=given,
        )


def _field(part: AnyPart | Key) -> str:
    return "id" if isinstance(part, Key) else part.field


def absent_value(declared: Field) -> Any:
    """What a data has in a field that no column holds; MISSING when it cannot do without."""
    if declared.default is not MISSING:
        return declared.default
    return next(iter(declared.kind.empty), MISSING)
