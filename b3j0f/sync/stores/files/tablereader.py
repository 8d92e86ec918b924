"""Reading data that are the rows of one CSV file."""

from __future__ import annotations

import stat
import time
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

from ...accessor import Accessor
from ...data import Data
from ...errors import DataError, StoreError, StoreUnavailableError, SyncError
from .atomic import Stamp, is_settled, stamp
from .formats import FormatError
from .options import TableOptions
from .sheet import Row, Sheet

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...query import Query
    from .store import FileStore

__all__ = ["TableReader"]

D = TypeVar("D", bound=Data)
Id = str | int


class TableReader(Accessor[D]):
    """Reads the file; what was read serves as long as the file is the same."""

    store: FileStore

    def __init__(self, store: FileStore) -> None:
        super().__init__(store)
        options = store.options[self.datatype]
        assert isinstance(options, TableOptions)  # noqa: S101 - for mypy: made by the store
        options.check_fields(self.schema.name, [*self.schema.names, "created", "updated"])
        self.options = options
        self._known: tuple[Stamp | None, bytes, Sheet] | None = None
        self._draft: Sheet | None = None  # while it is changed
        self._was_there = False

    @property
    def path(self) -> Path:
        """The file."""
        if self.store.is_single_file:
            return self.store.path.resolve()
        return self.store.path / (self.options.file or f"{self.schema.name}.csv")

    @property
    def fields(self) -> frozenset[str]:
        """Names of the fields that have a column; all of them where there is no file yet."""
        sheet = self._draft or self._call("find", self._sheet)
        return frozenset(self.schema.names if sheet is None else sheet.columns.held)

    # --- hooks ---------------------------------------------------------------------------------

    def _get(self, id: Id) -> D | None:
        sheet = self._sheet()
        row = None if sheet is None else sheet.by_id.get(str(id))
        if sheet is None or row is None:
            return None
        if row.problem is not None:
            raise self._error_of(sheet, row)
        return self._data(row)

    def _get_many(self, ids: Sequence[Id]) -> Iterator[D]:
        sheet = self._sheet()
        if sheet is None:
            return
        for id in ids:
            row = sheet.by_id.get(str(id))
            if row is not None and row.problem is not None:
                self._unreadable(id, self._error_of(sheet, row))
            elif row is not None:
                yield self._data(row)

    def _get_by_name(self, name: str, context: tuple[str, ...]) -> D | None:
        sheet = self._sheet()
        row = None if sheet is None else sheet.by_name.get((name, context))
        return None if row is None else self._data(row)

    def _find(self, query: Query) -> Iterator[D]:
        if query.names is not None and query.context is not None:
            found = (self._get_by_name(name, query.context) for name in sorted(query.names))
            if (sheet := self._sheet()) is None or not sheet.has_doubles:
                yield from (data for data in found if data is not None)
                return
        sheet = self._sheet()
        if sheet is None:
            return
        make, store = self.schema.make, self.store
        line = sheet.first_line
        for row in sheet.rows:
            if row.content is not None:
                yield make(row.content, row.id, row.created, row.updated, store)
            elif row.problem is not None:
                self._unreadable(row.id, self._error_of(sheet, row, line))
            line += row.lines

    def _count(self) -> int:
        sheet = self._sheet()
        return 0 if sheet is None else len(sheet.by_id)

    # --- the file ------------------------------------------------------------------------------

    def _sheet(self, *, fresh: bool = False) -> Sheet | None:
        """What the file holds, or None when there is none, or nothing in it.

        What was read before serves as long as the stamp is the same; *fresh*: as long as the
        content is.
        """
        with self.store.lock.threads:
            path = self.path
            known = self._known
            looked_at = time.time_ns()
            status = self._status(path)
            if status is None:
                return None
            mark = stamp(status)
            if known is not None and known[0] == mark and not fresh:
                return known[2]
            content = path.read_bytes()
            digest = blake2b(content).digest()
            if known is not None and known[1] == digest:
                sheet: Sheet | None = known[2]
            else:
                sheet = self._parsed(path, content)
            settled = is_settled(status, looked_at)
            self._known = None if sheet is None else (mark if settled else None, digest, sheet)
            self._stamp = mark
            return sheet

    def _status(self, path: Path) -> os.stat_result | None:
        self.store.check_there()
        try:
            status = path.lstat()
        except FileNotFoundError:
            if self._was_there:
                raise self._error(
                    StoreUnavailableError, "find", f"{path} was there, and is missing now"
                ) from None
            return None
        if not stat.S_ISREG(status.st_mode):
            link = stat.S_ISLNK(status.st_mode)
            what = "is a symbolic link, which is not followed" if link else "is no regular file"
            raise self._error(StoreError, "find", f"{path} {what}")
        self._was_there = True
        return status

    def _parsed(self, path: Path, content: bytes) -> Sheet | None:
        try:
            return Sheet.parse(content, self.schema, self.options)
        except FormatError as exc:
            raise self._error(StoreError, "find", f"{exc.place(path)}: {exc.problem}") from exc

    # --- data ----------------------------------------------------------------------------------

    def _data(self, row: Row) -> D:
        data: D = self.schema.make(row.content, row.id, row.created, row.updated, self.store)
        return data

    def _error_of(self, sheet: Sheet, row: Row, line: int | None = None) -> SyncError:
        """Why a row cannot be read."""
        if line is None:
            line = sheet.line_of(row)
        where = f"{self.path}, line {line}"
        if isinstance(row.problem, DataError):
            error = row.problem
            return DataError(
                f"{where}: {error}",
                datatype=error.datatype,
                field=error.field,
                expected=error.expected,
                given=error.given,
            )
        return self._error(StoreError, "find", f"{where}: {row.problem}")
