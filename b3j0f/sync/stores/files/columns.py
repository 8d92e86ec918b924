"""Which column of a table holds which field, and what its cells stand for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import DataError
from ...fields import MISSING
from ...kinds import StrKind
from ...names import global_name, split_global_name
from .formats import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...data import Content, Schema
    from ...fields import Field
    from .options import TableOptions

__all__ = ["Columns", "new_header"]

_LOCAL = ("created", "updated")


class _Column(NamedTuple):
    field: Field
    place: int | None  # None: the table does not hold it
    read: Callable[[str], Any] | None  # None: the text itself
    blank: Any  # the value of an empty cell, or MISSING


class Columns:
    """The columns of one table, by the fields of one type.

    Attributes:
        headers: The names of all columns.
        key: Place of the column of ids, or None: then the global name is the id.
        name: Place of the column of names.
        levels: Places of the columns of the context, or () when there are none.
        local: Places of ``created`` and ``updated``, as far as there are such columns.
        held: Names of the fields that the table holds.
    """

    def __init__(self, headers: Sequence[str], schema: Schema, options: TableOptions) -> None:
        self.headers, self._schema = list(headers), schema
        self._chosen = dict(options.columns or {})
        self._counts = Counter(headers)
        self.name: int = self._place("name", needed=True)  # type: ignore[assignment]
        self.is_levelled = options.context_columns is not None
        self.levels = self._levels(options)
        key = self._find(options.key or "id", needed=options.key is not None)
        self.key = None if key == self.name else key
        places = {name: self._place(name) for name in (*_LOCAL, *schema.names[2:])}
        self.local = {name: p for name in _LOCAL if (p := places[name]) is not None}
        self.columns = [_column(schema.fields[name], places[name]) for name in schema.names[2:]]
        self.held = {"name", "context"}  # without a column for it the context is always empty
        self.held |= {column.field.name for column in self.columns if column.place is not None}
        for column in self.columns:
            if column.place is None and column.blank is MISSING:
                self._place(column.field.name, needed=True)
        used = [self.name, *self.levels, *([] if self.key is None else [self.key])]
        self._width = 1 + max([*used, *self.local.values(), *(c.place or 0 for c in self.columns)])

    # --- reading -------------------------------------------------------------------------------

    def content(self, cells: list[str]) -> Content:
        """The content of a row; DataError or FormatError when it has none."""
        cells = self._filled(cells)
        try:
            values = [
                (text if read is None else read(text))
                if place is not None and (text := cells[place]) != ""
                else blank
                for _, place, read, blank in self.columns
            ]
        except (TypeError, ValueError, OverflowError):
            values = [MISSING]
        if MISSING in values:
            values = [self._value(column, cells) for column in self.columns]
        return (cells[self.name], self._context(cells), *values)

    def key_cell(self, cells: list[str]) -> str:
        """The cell of the id, empty where there is none."""
        return "" if self.key is None or self.key >= len(cells) else cells[self.key]

    def guessed_id(self, cells: list[str]) -> str:
        """The id of a row that is not readable otherwise; "" when it has none."""
        cells = self._filled(cells)
        return self.key_cell(cells) or global_name(cells[self.name], self._context(cells))

    def time(self, name: str, cells: list[str]) -> datetime | None:
        """When a row was created or updated, as far as it says so."""
        place = self.local.get(name)
        if place is None or place >= len(cells) or not cells[place]:
            return None
        return read_time(cells[place])

    # --- writing -------------------------------------------------------------------------------

    def texts(self, content: Content, names: Sequence[str]) -> dict[int, str]:
        """The cells for the fields *names*, by place; those without a column are left out.

        Raises:
            FormatError: The context cannot be written.
        """
        values = dict(zip(self._schema.names, content, strict=True))
        found = {self.name: values["name"]} if "name" in names else {}
        if "context" in names:
            found |= self._context_texts(values["context"])
        for field, place, _, _ in self.columns:
            if place is not None and field.name in names:
                value = values[field.name]
                found[place] = "" if value is None else field.to_text(value)
        return found

    def _context_texts(self, context: tuple[str, ...]) -> dict[int, str]:
        if not self.is_levelled:
            if self.levels:
                return {self.levels[0]: _context_text(context)}
            if context:
                raise FormatError(f"there is no column for the context {'/'.join(context)!r}")
            return {}
        if len(context) > len(self.levels) or "" in context:
            raise FormatError(
                f"the context {context!r} does not fit the {len(self.levels)} context columns"
            )
        texts = [*context, *[""] * (len(self.levels) - len(context))]
        return dict(zip(self.levels, texts, strict=True))

    # --- cells ---------------------------------------------------------------------------------

    def _filled(self, cells: list[str]) -> list[str]:
        short = self._width - len(cells)
        return cells if short <= 0 else cells + [""] * short

    def _context(self, cells: list[str]) -> tuple[str, ...]:
        if not self.levels:
            return ()
        if not self.is_levelled:
            return _context_of(cells[self.levels[0]])
        parts = [cells[place] for place in self.levels]
        while parts and not parts[-1]:
            del parts[-1]
        return tuple(parts)

    def _value(self, column: _Column, cells: list[str]) -> Any:
        field, place, read, blank = column
        text = "" if place is None else cells[place]
        if text or read is None:
            return field.from_text(text)
        if blank is MISSING:
            raise DataError(
                f"{field.owner}.{field.name}: expected {field.kind.expected}, given an empty cell",
                datatype=field.owner,
                field=field.name,
                expected=field.kind.expected,
                given="",
            )
        return blank

    # --- the header ----------------------------------------------------------------------------

    def _levels(self, options: TableOptions) -> tuple[int, ...]:
        if options.context_columns is not None:
            return tuple(self._find(c, needed=True) for c in options.context_columns)  # type: ignore[misc]
        place = self._place("context")
        return () if place is None else (place,)

    def _place(self, field: str, *, needed: bool = False) -> int | None:
        header = self._chosen.get(field)
        return self._find(header or field, needed=needed or header is not None)

    def _find(self, header: str, *, needed: bool) -> int | None:
        """The place of the column *header*: exactly so, else whatever its case and its spaces."""
        if self._counts[header] > 1:
            raise FormatError(f"the column {header!r} is there {self._counts[header]} times", 1)
        if header in self._counts:
            return self.headers.index(header)
        folded = [h.strip().casefold() for h in self.headers]
        wanted = header.strip().casefold()
        if folded.count(wanted) > 1:
            raise FormatError(f"several columns could be {header!r}", 1)
        if wanted in folded:
            return folded.index(wanted)
        if needed:
            near = get_close_matches(wanted, folded, n=1)
            hint = f" (did you mean {self.headers[folded.index(near[0])]!r}?)" if near else ""
            there = ", ".join(repr(h) for h in self.headers)
            raise FormatError(f"there is no column {header!r}{hint}; its columns: {there}", 1)
        return None


def new_header(schema: Schema, options: TableOptions) -> list[str]:
    """The columns of a new table: with one for the context where the type is embedded."""
    chosen = dict(options.columns or {})
    name = chosen.get("name", "name")
    header = [name]
    if options.context_columns is not None:
        header += options.context_columns
    elif schema.parent is not None or "context" in chosen:
        header.append(chosen.get("context", "context"))
    header += [chosen.get(field, field) for field in schema.names[2:]]
    header += [chosen[field] for field in _LOCAL if field in chosen]
    if options.key is not None and options.key not in header:
        header.insert(0, options.key)
    return header


def read_time(text: str) -> datetime | None:
    """A time as people and programs write it, in UTC where nothing else is said; or None."""
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _column(field: Field, place: int | None) -> _Column:
    """How a field is read: a text as it is, anything else by its kind, or blank."""
    try:
        blank = field.kind.from_text("")
    except (TypeError, ValueError):
        blank = field.default
        if blank is MISSING:
            blank = next(iter(field.kind.empty), MISSING)
    if place is None:
        default = field.default if field.default is not MISSING else blank
        return _Column(field, None, field.kind.from_text, default)
    if isinstance(field.kind, StrKind):
        return _Column(field, place, None, "")
    return _Column(field, place, field.kind.from_text, blank)


def _context_text(context: tuple[str, ...]) -> str:
    """An inverse of ``_context_of``: no context is no text, and so one empty part needs a mark."""
    if not context:
        return ""
    text = global_name(context[-1], context[:-1])
    return f"/{text}" if context[0] == "" else text


def _context_of(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    last, before = split_global_name(text.removeprefix("/"))
    return (*before, last)
