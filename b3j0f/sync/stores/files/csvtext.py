"""CSV files as text: rows as they were written, and how to write others like them."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from .formats import FormatError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

__all__ = ["Dialect", "Record", "decoded", "read_header", "records"]

_DELIMITERS = (",", ";", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEPARATOR_LINE = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)  # told to Excel
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


class Record:
    """One row as it was written, and the lines that it takes.

    Attributes:
        raw: Its text, line break included.
        lines: How many lines of the file it takes.
        cells: Its cells, or None when its quoting is broken; empty for a blank line.
    """

    __slots__ = ("cells", "lines", "raw")

    def __init__(self, raw: str, lines: int, cells: list[str] | None) -> None:
        self.raw, self.lines, self.cells = raw, lines, cells


class Dialect:
    """How the rows of one file are written."""

    def __init__(self, delimiter: str, newline: str) -> None:
        self.delimiter, self.newline = delimiter, newline
        sign = re.escape(delimiter)
        self._cell = re.compile(rf'(?:{_QUOTED.pattern}|(?!")[^{sign}\r\n]*)(?={sign}|[\r\n]|\Z)')
        self._special = re.compile(rf'[{sign}"\r\n]')

    def cell(self, text: str, *, quoted: bool = False) -> str:
        """One cell as it is written: in quotes where it must be, or where asked for."""
        if quoted or self._special.search(text):
            return '"' + text.replace('"', '""') + '"'
        return text

    def row(self, texts: Sequence[str], quoted: Collection[int] = ()) -> str:
        """A new row; the cells at the places *quoted* stand in quotes."""
        if not any(texts):  # else it would be taken for a blank line
            quoted = {*quoted, 0}
        cells = [self.cell(text, quoted=place in quoted) for place, text in enumerate(texts)]
        return self.delimiter.join(cells) + self.newline

    def split(self, raw: str) -> tuple[list[str], str]:
        """The cells of a row as they are written, and what ends the row."""
        cells, at = [], 0
        while (match := self._cell.match(raw, at)) is not None:
            cells.append(match[0])
            at = match.end()
            if raw[at : at + 1] != self.delimiter:
                return cells, raw[at:]
            at += 1
        raise FormatError("a row that cannot be changed in place: its quoting is broken")

    def changed(self, raw: str, texts: Mapping[int, str], quoted: Collection[int] = ()) -> str:
        """A row with other cells at some places; the rest is as it was written."""
        cells, end = self.split(raw)
        cells += [""] * (max(texts, default=0) + 1 - len(cells))
        for place, text in texts.items():
            in_quotes = place in quoted or cells[place].startswith('"')
            cells[place] = self.cell(text, quoted=in_quotes)
        if not any(cells):
            cells[0] = '""'
        return self.delimiter.join(cells) + end


def decoded(content: bytes, encoding: str | None) -> tuple[bytes, str, str]:
    """The byte order mark of a file, its encoding, and its text.

    Raises:
        FormatError: It is not in that encoding; the line is told.
    """
    mark, found = next(((b, e) for b, e in _BOMS if content.startswith(b)), (b"", "utf-8"))
    if encoding is not None and codecs.lookup(encoding) != codecs.lookup(found):
        mark = mark if codecs.lookup(encoding).name == "utf-8" else b""
    name = encoding or found
    try:
        return mark, name, content[len(mark) :].decode(name)
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, len(mark) + exc.start) + 1
        hint = "" if encoding else "; the option encoding tells another, such as cp1252"
        raise FormatError(f"this is not {name}{hint}", line) from exc


def read_header(
    text: str, delimiter: str | None, known: Collection[str]
) -> tuple[str, list[str], list[str], Dialect] | None:
    """What stands before the rows, the names of the columns, the lines of rows, the dialect.

    The delimiter is the one that gives most of the *known* columns (in small letters). None
    when there is no header: the file is empty.
    """
    lines = io.StringIO(text, newline="").readlines()
    start = 0
    told = _SEPARATOR_LINE.match(text)
    if told is not None:
        delimiter, start = delimiter or told[1], 1
    while start < len(lines) and not lines[start].strip():
        start += 1
    if start == len(lines):
        return None
    candidates = []
    for sign in [delimiter] if delimiter else _DELIMITERS:
        record = next(records(lines[start:], sign))
        cells = record.cells or []
        score = sum(cell.strip().casefold() in known for cell in cells), len(cells)
        candidates.append((score, sign, record))
    _, sign, header = max(candidates, key=lambda candidate: candidate[0])
    if header.cells is None:
        raise FormatError("the header's quoting is broken", start + 1)
    end = start + header.lines
    newline = re.search(r"\r\n|\r|\n", lines[start])
    dialect = Dialect(sign, newline[0] if newline else "\n")
    return "".join(lines[:end]), header.cells, lines[end:], dialect


def records(lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    """The rows of *lines*, blank ones too.

    A quote that nothing closes would swallow all that follows: there, one line alone is
    broken, and reading goes on with the next.
    """
    at = 0
    with _any_length():
        while at < len(lines):
            start = at
            reader = csv.reader(islice(lines, start, None), delimiter=delimiter, strict=True)
            try:
                for cells in reader:
                    end = start + reader.line_num
                    raw = lines[at] if end == at + 1 else "".join(lines[at:end])
                    yield Record(raw, end - at, cells)
                    at = end
            except csv.Error:
                yield Record(lines[at], 1, None)
                at += 1


@contextmanager
def _any_length() -> Iterator[None]:
    """Cells may be longer than the limit that the csv module has by default."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
