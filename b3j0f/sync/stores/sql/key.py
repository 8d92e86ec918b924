"""Key: what tells the rows of a table apart, and the id that is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import NullType

from ..contexts import context_text, text_context
from .forms import text_of
from .parts import bound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.sql import ColumnElement

    from .parts import Part

__all__ = ["RAW", "Key"]

RAW = NullType()
"""The type of parameters that go to the driver as they are."""


@dataclass(frozen=True, slots=True)
class Key:
    """One column or several ones; what they hold is a value, or a tuple of values.

    The id of one column is what it holds. That of several ones is a text: what they hold,
    joined by ``/`` as names are joined to a global name.

    Attributes:
        parts: Of the columns, in the order of the key.
        collations: For each column the one in which it is unique; None for its own.
        is_generated: Whether the database makes up the key of a new row.
        has_nulls: Whether the key of a row may be NULL; such a row is no data.
    """

    parts: tuple[Part, ...]
    collations: tuple[str | None, ...]
    is_generated: bool
    has_nulls: bool
    columns: tuple[sa.Column[Any], ...] = field(init=False)
    is_one: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(part.column for part in self.parts))
        object.__setattr__(self, "is_one", len(self.parts) == 1)

    @property
    def name(self) -> str:
        """What messages call it."""
        return ", ".join(column.name for column in self.columns)

    @property
    def expected(self) -> str:
        """What the columns hold, in words."""
        return ", ".join(part.expected for part in self.parts)

    # --- from a row ------------------------------------------------------------------------

    def given(self, row: Sequence[Any]) -> Any:
        """What *row* holds of it."""
        if self.is_one:
            return self.parts[0].given(row)
        return tuple(part.given(row) for part in self.parts)

    def read(self, row: Sequence[Any]) -> str | int:
        """The id of *row*."""
        if self.is_one:
            made: str | int = self.parts[0].read(row)
            return made
        return context_text(tuple(text_of(part.read(row)) for part in self.parts))

    def read_all(self, columns: Sequence[tuple[Any, ...]]) -> Sequence[str | int]:
        """The ids of rows whose columns are *columns*."""
        if self.is_one:
            return self.parts[0].read_all(columns)
        every = zip(*(part.read_all(columns) for part in self.parts), strict=True)
        return [context_text(tuple(map(text_of, values))) for values in every]

    def id_of(self, given: Any) -> str | int:
        """The id of a row that holds *given*."""
        if self.is_one:
            made: str | int = self.parts[0].codec.read(given)
            return made
        pairs = zip(self.parts, given, strict=True)
        return context_text(tuple(text_of(part.codec.read(one)) for part, one in pairs))

    # --- to a row --------------------------------------------------------------------------

    def write(self, id: Any) -> Any:
        """What the columns hold for *id*.

        Raises:
            TypeError, ValueError, OverflowError: It can be nobody's.
        """
        if self.is_one:
            return self.parts[0].codec.write(id)
        if not isinstance(id, str):
            raise TypeError
        texts = text_context(id)
        if len(texts) != len(self.parts) or context_text(texts) != id:
            raise ValueError
        return tuple(_held(part, text) for part, text in zip(self.parts, texts, strict=True))

    def values(self, given: Any) -> dict[str, Any]:
        """What is written where the columns are to hold *given*."""
        held = (given,) if self.is_one else given
        return {column.key: one for column, one in zip(self.columns, held, strict=True)}

    def among(self, values: Mapping[str, Any], known: Any = None) -> Any:
        """What the columns hold once *values* are written over *known*.

        None when that is for the database to say.
        """
        known = self.values(known) if known is not None else {}
        held = [values.get(column.key, known.get(column.key)) for column in self.columns]
        if None in held:
            return None
        return held[0] if self.is_one else tuple(held)

    # --- in statements ---------------------------------------------------------------------

    def is_in(self, parameter: str) -> ColumnElement[bool]:
        """That a row has one of the keys that are given by the *parameter*."""
        if self.is_one:
            return self.columns[0].in_(sa.bindparam(parameter, expanding=True, type_=RAW))
        every = sa.tuple_(*self.columns, types=[RAW] * len(self.columns))
        return every.in_(sa.bindparam(parameter, expanding=True))

    def is_at(self) -> ColumnElement[bool]:
        """That a row has the key that is given by the parameters of ``at``."""
        return sa.and_(
            *(column == sa.bindparam(f"at_{column.key}", type_=RAW) for column in self.columns)
        )

    def at(self, given: Any) -> dict[str, Any]:
        """The parameters of ``is_at``."""
        return {f"at_{name}": value for name, value in self.values(given).items()}

    def order(self) -> list[ColumnElement[Any]]:
        """An ordering in which it is unique."""
        return [
            column if collation is None else sa.collate(column, collation)
            for column, collation in zip(self.columns, self.collations, strict=True)
        ]

    def is_after(self) -> ColumnElement[bool]:
        """That a row comes after the key that is given by the parameters of ``after``."""
        order = self.order()
        given = [sa.bindparam(f"after_{column.key}", type_=RAW) for column in self.columns]
        if self.is_one:
            return order[0] > given[0]
        return sa.tuple_(*order) > sa.tuple_(*given)

    def after(self, given: Any) -> dict[str, Any]:
        """The parameters of ``is_after``."""
        return {f"after_{name}": value for name, value in self.values(given).items()}

    def is_there(self) -> ColumnElement[bool]:
        """That a row has a key."""
        return sa.and_(*(column.is_not(None) for column in self.columns))

    def equals(self, id: Any) -> ColumnElement[bool] | None:
        """That a row has this *id*; None where it can be nobody's."""
        try:
            values = self.values(self.write(id))
        except (TypeError, ValueError, OverflowError):
            return None
        return sa.and_(*(column == bound(values[column.key]) for column in self.columns))


def _held(part: Part, text: str) -> Any:
    """What a column of a key of several ones holds for its part of an id."""
    try:
        return part.codec.write(text)
    except TypeError:  # a column of integers
        number = int(text)
        if str(number) != text:
            raise ValueError from None
        return part.codec.write(number)
