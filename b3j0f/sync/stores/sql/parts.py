"""Parts: where a field stands in a row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import NullType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.sql import ColumnElement

    from .values import Codec

__all__ = ["Levels", "Part", "bound"]


@dataclass(frozen=True, slots=True)
class Part:
    """One field in one column.

    Attributes:
        field: Name of the field.
        index: The column's position in a row.
        column: The column.
        codec: How the column holds the field.
        is_computed: Whether the database alone says what the column holds.
    """

    field: str
    index: int
    column: sa.Column[Any]
    codec: Codec
    is_computed: bool = False

    @property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        """The columns that are written for the field."""
        return (self.column,)

    @property
    def expected(self) -> str:
        """What the column has to hold, in words."""
        return self.codec.expected

    def given(self, row: Sequence[Any]) -> Any:
        """What *row* holds of it."""
        return row[self.index]

    def read(self, row: Sequence[Any]) -> Any:
        """The field's value in *row*."""
        return self.codec.read(row[self.index])

    def read_all(self, columns: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """The field's values in rows whose columns are *columns*."""
        return self.codec.read_all(columns[self.index])

    def write(self, value: Any) -> Iterable[tuple[str, Any]]:
        """Keys of columns, and what they hold for *value*."""
        if self.is_computed:
            return ()
        return ((self.column.key, self.codec.write(value)),)

    def equals(self, value: Any) -> ColumnElement[bool] | None:
        """A condition that every row fulfils that has *value*; None where there is none."""
        if not self.codec.is_exact:
            return None
        if value is None:
            return self.column.is_(None) if self.codec.null is None else None
        try:
            same = self.column == bound(self.codec.write(value))
        except (TypeError, ValueError, OverflowError):
            return None
        return sa.or_(same, self.column.is_(None)) if value == self.codec.null else same


@dataclass(frozen=True, slots=True)
class Levels:
    """A context in one column a level, outermost first; NULL where it is shorter.

    A table without any such column has all its data in the context ().
    """

    parts: tuple[Part, ...]
    field: str = "context"

    @property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        """The columns that are written for the field."""
        return tuple(part.column for part in self.parts)

    @property
    def expected(self) -> str:
        """What the columns have to hold, in words."""
        return f"a context of at most {len(self.parts)} names, the outermost first"

    def given(self, row: Sequence[Any]) -> Any:
        """What *row* holds of it."""
        return tuple(part.given(row) for part in self.parts)

    def read(self, row: Sequence[Any]) -> tuple[str, ...]:
        """The context of *row*."""
        names = [part.read(row) for part in self.parts]
        while names and names[-1] is None:
            names.pop()
        if None in names:
            raise ValueError
        return tuple(names)

    def read_all(self, columns: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """The contexts of rows whose columns are *columns*."""
        if not self.parts:
            return [()] * len(columns[0])
        return [self.read(row) for row in zip(*columns, strict=True)]

    def write(self, value: tuple[str, ...]) -> Iterable[tuple[str, Any]]:
        """Keys of columns, and what they hold for the context *value*."""
        if len(value) > len(self.parts):
            raise ValueError
        padded = (*value, *repeat(None, len(self.parts) - len(value)))
        return [
            written
            for part, name in zip(self.parts, padded, strict=True)
            for written in part.write(name)
        ]

    def equals(self, value: tuple[str, ...]) -> ColumnElement[bool] | None:
        """A condition that every row fulfils that has the context *value*."""
        padded = (*value, *repeat(None, len(self.parts) - len(value)))
        wanted = [part.equals(name) for part, name in zip(self.parts, padded, strict=False)]
        return sa.and_(sa.true(), *(one for one in wanted if one is not None))


def bound(value: Any) -> sa.BindParameter[Any]:
    """*value* as a parameter that goes to the driver as it is."""
    return sa.bindparam(None, value, type_=NullType(), unique=True)
