"""References: a foreign key as the name of what it leads to, and back.

A foreign key means nothing in another store; the name and context of the row that it leads to
do. Rows are read together with these names, page by page; before rows are written, the names
are looked up. What leads to nothing yet cannot be written, and is said to wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ...names import global_name, split_global_name
from ...ref import Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import sqlalchemy as sa
    from sqlalchemy.sql import ColumnElement

    from .statements import Statements

__all__ = ["Reference", "Target"]

Name = tuple[str, tuple[str, ...]]


class Target(NamedTuple):
    """What a foreign key is to lead to: written in its place, until its key is looked up."""

    name: str
    context: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that is another data, or the context, in the column of a foreign key.

    Attributes:
        field: Name of the field.
        index: Where a row has the names that the key leads to, once it is read.
        raw_index: The column's position in a row.
        column: The column.
        datatype: The name of the type of what it leads to.
        statements: Gives those of the table that it leads to.
        is_optional: Whether the column may be NULL.
    """

    field: str
    index: int
    raw_index: int
    column: sa.Column[Any]
    datatype: str
    statements: Callable[[], Statements]
    is_optional: bool

    @property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        """The columns that are written for the field."""
        return (self.column,)

    @property
    def is_context(self) -> bool:
        """Whether it says what embeds the data, rather than being a field of it."""
        return self.field == "context"

    @property
    def expected(self) -> str:
        """What the column has to hold, in words."""
        return f"the key of a {self.datatype}"

    def given(self, row: Sequence[Any]) -> Any:
        """What *row* holds of it."""
        return row[self.raw_index]

    def read(self, row: Sequence[Any]) -> Any:
        """The field's value in *row*."""
        return self._value(row[self.index], row[self.raw_index])

    def read_all(self, columns: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """The field's values in rows whose columns are *columns*."""
        pairs = zip(columns[self.index], columns[self.raw_index], strict=True)
        return [self._value(name, key) for name, key in pairs]

    def _value(self, name: Name | None, key: Any) -> Any:
        if name is None:
            if key is not None:  # it leads to nothing, or to what cannot be read
                raise ValueError
            return () if self.is_context else None
        return (*name[1], name[0]) if self.is_context else Ref(global_name(*name))

    def write(self, value: Any) -> Iterable[tuple[str, Any]]:
        """Keys of columns, and what they hold for *value*: a Target where that is to be found."""
        if value is None or value == ():
            if not self.is_optional:
                raise ValueError
            return ((self.column.key, None),)
        name = (value[-1], value[:-1]) if self.is_context else split_global_name(value.global_name)
        return ((self.column.key, Target(*name)),)

    def equals(self, value: Any) -> ColumnElement[bool] | None:
        """A condition that every row fulfils that has *value*."""
        ((_, target),) = self.write(value) if value or self.is_optional else ((None, None),)
        if target is None:
            return self.column.is_(None) if self.is_optional else None
        return self.column.in_(self.statements().keys_named(target))
