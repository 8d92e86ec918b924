"""Sheet: the rows of one table, and changing them."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from ...errors import DataError
from ...names import global_name
from .columns import Columns
from .csvtext import Dialect, Record, decoded, read_header, records
from .formats import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Self

    from ...data import Content, Schema
    from .options import TableOptions

__all__ = ["Row", "Sheet", "number_of"]

_DIGITS = 18  # longer ones are codes of some kind, not counted
_UNQUOTED = re.compile(r'\s*"([^"\r\n]*).*', re.DOTALL)  # what a cell of broken quoting may be


class Row:
    """One row: as it was written, and what it stands for.

    Attributes:
        raw: Its text, line break included.
        lines: How many lines of the file it takes.
        id: The id of its data; "" for a blank line.
        content: The content of its data, or None.
        problem: Why it has no content: an error, a text, or None for a blank line.
        created, updated: When, as far as it says so.
    """

    __slots__ = ("content", "created", "id", "lines", "problem", "raw", "updated")

    def __init__(self, raw: str, lines: int) -> None:
        self.raw, self.lines, self.id = raw, lines, ""
        self.content: Content | None = None
        self.problem: DataError | str | None = None
        self.created: datetime | None = None
        self.updated: datetime | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in it."""
        return self.content is None and self.problem is None


class Sheet:
    """The rows of one table; a copy can be changed without the original.

    Attributes:
        columns: Which column is which.
        rows: All rows, blank ones too.
        by_id: Rows by id, those that cannot be read too.
        by_name: Rows by name and context; of several the first.
        has_doubles: Whether several rows have one id or one name.
        is_changed: Whether it has been changed since it was copied.
    """

    def __init__(
        self, mark: bytes, encoding: str, head: str, dialect: Dialect, columns: Columns
    ) -> None:
        self.mark, self.encoding, self.head, self.dialect = mark, encoding, head, dialect
        self.columns = columns
        self.rows: list[Row] = []
        self.by_id: dict[str, Row] = {}
        self.by_name: dict[tuple[str, tuple[str, ...]], Row] = {}
        self.has_doubles = self.is_changed = False
        self._highest: int | None = None
        self._places: dict[Row, int] | None = None
        self._removed: set[Row] = set()

    @classmethod
    def parse(cls, content: bytes, schema: Schema, options: TableOptions) -> Self | None:
        """Read a file; None when it has no header.

        Raises:
            FormatError: It cannot be read as a whole: its encoding, its header.
        """
        mark, encoding, text = decoded(content, options.encoding)
        known = {name.casefold() for name in ("id", "created", "updated", *schema.names)}
        known |= {header.strip().casefold() for header in (options.columns or {}).values()}
        known |= {header.strip().casefold() for header in options.context_columns or ()}
        read = read_header(text, options.delimiter, known)
        if read is None:
            return None
        head, headers, lines, dialect = read
        sheet = cls(mark, encoding, head, dialect, Columns(headers, schema, options))
        for record in records(lines, dialect.delimiter):
            sheet._take(record)
        return sheet

    @classmethod
    def new(
        cls, headers: Sequence[str], schema: Schema, options: TableOptions, suffix: str
    ) -> Self:
        """A table without rows."""
        sign = options.delimiter or ("\t" if suffix.lower() == ".tsv" else ",")
        dialect = Dialect(sign, "\n")
        columns = Columns(headers, schema, options)
        return cls(b"", options.encoding or "utf-8", dialect.row(headers), dialect, columns)

    def copy(self) -> Self:
        """Another one of the same rows, yet unchanged."""
        copy = type(self)(self.mark, self.encoding, self.head, self.dialect, self.columns)
        copy.rows, copy.by_id, copy.by_name = list(self.rows), dict(self.by_id), dict(self.by_name)
        copy.has_doubles, copy._highest = self.has_doubles, self._highest
        return copy

    def content(self) -> bytes:
        """The file."""
        self._settle()
        text = self.head + "".join([row.raw for row in self.rows])
        return self.mark + text.encode(self.encoding)

    # --- places --------------------------------------------------------------------------------

    @property
    def first_line(self) -> int:
        """The line of the file in which the first row starts."""
        return 1 + len(re.findall(r"\r\n|\r|\n", self.head))

    def line_of(self, row: Row) -> int:
        """The line of the file in which *row* starts."""
        self._settle()
        return self.first_line + sum(r.lines for r in self.rows[: self.rows.index(row)])

    def highest_id(self) -> int:
        """The highest id where all are numbers (0 where there is none), else -1."""
        if self._highest is None:
            numbers = [number_of(id) for id in self.by_id] or [0]
            self._highest = -1 if min(numbers) < 0 else max(numbers)
        return self._highest

    def free_id(self, wanted: str, more: str) -> str:
        """*wanted*, or with a number behind it, as *more* says, the first that is free."""
        id, number = wanted, 1
        while id in self.by_id:
            number += 1
            id = wanted + more.format(number)
        return id

    # --- changing ------------------------------------------------------------------------------

    def add(self, texts: Mapping[int, str]) -> Row:
        """A new row below the last one that is not blank."""
        width = len(self.columns.headers)
        cells = [texts.get(place, "") for place in range(width)]
        raw = self.dialect.row(cells, self._quoted(texts))
        raw.encode(self.encoding)
        row = self._read(raw)
        self._settle()
        at = len(self.rows)
        while at and self.rows[at - 1].is_blank:
            at -= 1
        self._end_line(at)
        if at == len(self.rows) and self._places is not None:
            self._places[row] = at
        else:
            self._places = None
        self.rows.insert(at, row)
        self._index(row)
        self.is_changed = True
        return row

    def replace(self, row: Row, texts: Mapping[int, str]) -> Row:
        """A row in the place of another, with other cells at some places."""
        raw = self.dialect.changed(row.raw, texts, self._quoted(texts))
        raw.encode(self.encoding)
        made = self._read(raw)
        place = self._place_of(row)
        self._unindex(row)
        self.rows[place] = made
        if self._places is not None:
            del self._places[row]
            self._places[made] = place
        self._index(made)
        self.is_changed = True
        return made

    def remove(self, row: Row) -> None:
        """Take a row out."""
        self._unindex(row)
        self._removed.add(row)
        self.is_changed = True

    def _settle(self) -> None:
        if self._removed:
            self.rows = [row for row in self.rows if row not in self._removed]
            self._removed, self._places = set(), None

    def _place_of(self, row: Row) -> int:
        if self._places is None:
            self._places = {row: place for place, row in enumerate(self.rows)}
        return self._places[row]

    def _quoted(self, texts: Mapping[int, str]) -> set[int]:
        """An empty name stands in quotes: without them it is a name that is missing."""
        return {self.columns.name} if texts.get(self.columns.name) == "" else set()

    def _end_line(self, at: int) -> None:
        """The last line of a file may lack its line break; one that is no longer last needs it."""
        if at == 0:
            if not self.head.endswith(("\n", "\r")):
                self.head += self.dialect.newline
        elif not self.rows[at - 1].raw.endswith(("\n", "\r")):
            self.rows[at - 1].raw += self.dialect.newline

    # --- reading -------------------------------------------------------------------------------

    def _read(self, raw: str) -> Row:
        """A row of ours, read as it will be read from the file."""
        lines = io.StringIO(raw, newline="").readlines()
        row = self._row(next(records(lines, self.dialect.delimiter)))
        if row.problem is not None:
            raise FormatError(str(row.problem))
        return row

    def _take(self, record: Record) -> None:
        row = self._row(record)
        self.rows.append(row)
        if not row.is_blank:
            self._index(row)

    def _row(self, record: Record) -> Row:
        row = Row(record.raw, record.lines)
        cells, columns = record.cells, self.columns
        if cells is None:
            row.problem = "its quoting is broken: a quote within a cell is written twice"
            cells = [_UNQUOTED.sub(r"\1", c) for c in record.raw.split(self.dialect.delimiter)]
        elif not any(cells) and '"' not in record.raw:
            return row  # blank
        elif len(cells) > len(columns.headers) and any(cells[len(columns.headers) :]):
            row.problem = f"{len(cells)} cells for {len(columns.headers)} columns"
        elif not (columns.name < len(cells) and cells[columns.name]) and not self._is_named(record):
            row.problem = f"no name: the column {columns.headers[columns.name]!r} is empty"
        else:
            try:
                row.content = columns.content(cells)
            except DataError as exc:
                row.problem = exc.with_traceback(None)
            row.created = columns.time("created", cells)
            row.updated = columns.time("updated", cells)
        if row.content is not None:
            row.id = columns.key_cell(cells) or global_name(*row.content[:2])
        else:
            row.id = columns.guessed_id(cells) or "?"
        return row

    def _is_named(self, record: Record) -> bool:
        """Whether the empty name stands there in quotes."""
        try:
            cells, _ = self.dialect.split(record.raw)
        except FormatError:
            return False
        return self.columns.name < len(cells) and cells[self.columns.name] == '""'

    def _index(self, row: Row) -> None:
        wanted = row.id
        row.id = self.free_id(wanted, "#{}")
        self.has_doubles |= row.id != wanted
        self.by_id[row.id] = row
        if self._highest is not None and self._highest >= 0:
            number = number_of(row.id)
            self._highest = max(number, self._highest) if number >= 0 else -1
        if row.content is not None:
            first = self.by_name.setdefault(row.content[:2], row)
            self.has_doubles |= first is not row

    def _unindex(self, row: Row) -> None:
        del self.by_id[row.id]
        key = None if row.content is None else row.content[:2]
        if key is None or self.by_name.get(key) is not row:
            return
        del self.by_name[key]
        if self.has_doubles:
            again = (r for r in self.by_id.values() if r.content and r.content[:2] == key)
            self.by_name.update((key, other) for other in list(again)[:1])


def number_of(id: str) -> int:
    """The number that an id is, or -1."""
    return int(id) if id.isascii() and id.isdecimal() and len(id) <= _DIGITS else -1
