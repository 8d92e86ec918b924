"""Options of one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ...errors import ConfigError

__all__ = ["TableOptions"]

_TEXTS = ("table", "schema", "name_column", "created_column", "updated_column")
_LISTS = ("key", "context_columns")


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """Where the data of one type live in a database.

    Without any option that is a table named after the type, with the columns ``id``, ``name``,
    ``context``, ``description``, ``created``, ``updated`` and one for each field.

    Attributes:
        table: Name of the table; by default the type's.
        schema: Name of the database schema that it is in; by default the connection's.
        key: Column of the ids, integer, text or UUID, or several ones, that are unique; by
            default the primary key. A view needs it. The id of several columns is a text.
        columns: Field to column, where they differ. A ``Ref`` whose column is a foreign key to
            the table of another type of the store is that key there, and a name elsewhere; a
            column called like the field with ``_id`` behind it is found, too.
        name_column: By default a column called ``name``, else the key.
        context_columns: One column for each level of the context, outermost first, or the one
            foreign key to what embeds the data; by default one text column called ``context``
            holds it as a whole, or it is the only foreign key to the table of the type that
            embeds this one.
        created_column, updated_column: Columns of the times; when named, they are written too.
        unique_names: Whether two data cannot have one name in one context. A table that is
            there already says so by a unique constraint, and needs no option.
        create: Whether a missing table is made; by default it is, unless another option
            names its columns: then it is expected to be there.
    """

    table: str | None = None
    schema: str | None = None
    key: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    name_column: str | None = None
    context_columns: tuple[str, ...] = ()
    created_column: str | None = None
    updated_column: str | None = None
    unique_names: bool = False
    create: bool | None = None

    def __post_init__(self) -> None:
        wrong = [mistake for mistake in map(self._mistake, fields(self)) if mistake]
        if wrong:
            raise ConfigError.gather(wrong)
        for name in _LISTS:
            given = getattr(self, name)
            object.__setattr__(self, name, (given,) if isinstance(given, str) else tuple(given))

    def _mistake(self, option: Any) -> ConfigError | None:
        name, value = option.name, getattr(self, option.name)
        if name in _TEXTS:
            expected, right = "a name", value is None or (isinstance(value, str) and value != "")
        elif name == "columns":
            expected = "a mapping of fields to columns"
            right = isinstance(value, Mapping) and _are_names([*value, *value.values()])
        elif name in _LISTS:
            expected = "names of columns"
            right = _are_names([value] if isinstance(value, str) else value)
        else:
            expected = "true or false"
            right = isinstance(value, bool) or (name == "create" and value is None)
        return None if right else ConfigError(f"given {value!r}", option=name, expected=expected)

    @property
    def names_columns(self) -> bool:
        """Whether any option is about the columns of a table."""
        return bool(
            self.key
            or self.columns
            or self.name_column
            or self.context_columns
            or self.created_column
            or self.updated_column
        )

    @property
    def may_create(self) -> bool:
        """Whether a missing table is made."""
        return not self.names_columns if self.create is None else self.create


def _are_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(name, str) and name for name in value)
