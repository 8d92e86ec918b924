"""Accessor of data that are the rows of one CSV file."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, TypeVar

from ...accessor import Capability, Outcome
from ...data import Data
from ...errors import StaleError, StoreError, SyncError
from ..bulk import BulkAccessor
from .atomic import MovedError, create, is_settled, replace, stamp
from .columns import new_header
from .formats import FormatError
from .sheet import Row, Sheet, number_of
from .tablereader import TableReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .store import FileStore

__all__ = ["TableAccessor"]

D = TypeVar("D", bound=Data)

_ATTEMPTS = 10


class TableAccessor(TableReader[D], BulkAccessor[D]):
    """One row per data; rows that a change is not about stay as they are, to the byte.

    The id of a row is the cell of its key column, or else its global name; a second one of
    the same id is ``<id>#2``, and so on, by the order of rows. The file is written once for a
    verb, however many data it has.
    """

    capabilities = Capability.DEFAULT | Capability.UNIQUE_NAMES

    def __init__(self, store: FileStore) -> None:
        super().__init__(store)
        self._highest = 0  # of the ids that are numbers: none is given twice

    # --- hooks ---------------------------------------------------------------------------------

    def _add_many(self, data: Sequence[D]) -> Iterable[Outcome[D]]:
        def change(sheet: Sheet) -> list[Outcome[D]]:
            return [self._attempt("add", self._add_to, sheet, one) for one in data]

        return self._changed("add", change)

    def _update_many(self, pairs: Sequence[tuple[D, D]]) -> Iterable[Outcome[D]]:
        def change(sheet: Sheet) -> list[Outcome[D]]:
            return [self._attempt("update", self._update_in, sheet, *pair) for pair in pairs]

        return self._changed("update", change)

    def _remove_many(self, data: Sequence[D]) -> Iterable[SyncError | None]:
        def change(sheet: Sheet) -> list[SyncError | None]:
            return [self._attempt("remove", self._remove_from, sheet, one) for one in data]

        return self._changed("remove", change)

    def _remove_unchanged_many(self, data: Sequence[D]) -> Iterable[SyncError | None]:
        def change(sheet: Sheet) -> list[SyncError | None]:
            return [self._attempt("remove", self._remove_unchanged, sheet, one) for one in data]

        return self._changed("remove", change)

    # --- changing a sheet ----------------------------------------------------------------------

    def _add_to(self, sheet: Sheet, data: D) -> D:
        if data.id is not None and str(data.id) in sheet.by_id:
            raise self._already_exists(data)
        if (data.name, data.context) in sheet.by_name:
            raise self._already_exists(data, by_name=True)
        texts = self._texts(sheet, data, "add", self.schema.names)
        texts |= self._times(sheet, data, "created", "updated")
        key = sheet.columns.key
        if key is not None:
            texts[key] = self._new_key(sheet, data)
        return self._data(self._made("add", sheet, texts, None))

    def _update_in(self, sheet: Sheet, data: D, old: D) -> D:
        row = sheet.by_id.get(str(data.id))
        if row is None:
            raise self._not_found("update", data)
        if row.content is None:
            raise self._error_of(sheet, row)
        self._check_state(self._data(row), old)
        before, after = row.content, self.schema.content(data)
        names = [
            name
            for name, was, is_ in zip(self.schema.names, before, after, strict=True)
            if was != is_ and name in sheet.columns.held
        ]
        if not names:
            return self._data(row)
        taken = (data.name, data.context) in sheet.by_name
        if taken and before[:2] != after[:2]:
            raise self._already_exists(data, by_name=True)
        texts = self._texts(sheet, data, "update", names)
        return self._data(
            self._made("update", sheet, texts | self._times(sheet, row, "updated"), row)
        )

    def _remove_unchanged(self, sheet: Sheet, data: D) -> None:
        row = sheet.by_id.get(str(data.id))
        if row is not None and row.content is None:
            raise self._error_of(sheet, row)
        self._check_removal(None if row is None else self._data(row), data)
        self._remove_from(sheet, data)

    def _remove_from(self, sheet: Sheet, data: D) -> None:
        row = sheet.by_id.get(str(data.id))
        if row is None:
            raise self._not_found("remove", data)
        self._highest = max(self._highest, number_of(row.id))
        sheet.remove(row)

    def _texts(self, sheet: Sheet, data: D, action: str, names: Sequence[str]) -> dict[int, str]:
        try:
            return sheet.columns.texts(self.schema.content(data), names)
        except FormatError as exc:
            raise self._error(StoreError, action, f"{exc.place(self.path)}: {exc.problem}") from exc

    def _made(self, action: str, sheet: Sheet, texts: Mapping[int, str], row: Row | None) -> Row:
        """A row with these cells, new or in the place of *row*."""
        try:
            return sheet.add(texts) if row is None else sheet.replace(row, texts)
        except FormatError as exc:
            raise self._error(StoreError, action, f"{exc.place(self.path)}: {exc.problem}") from exc
        except UnicodeEncodeError as exc:
            character = exc.object[exc.start]
            problem = f"{self.path} is written in {sheet.encoding}, which has no {character!r}"
            raise self._error(StoreError, action, problem) from exc

    def _new_key(self, sheet: Sheet, data: D) -> str:
        """An id for a new row: the one that was given, the next number, or the name."""
        if data.id is not None:
            return str(data.id)
        if (highest := sheet.highest_id()) >= 0:
            self._highest = max(self._highest, highest) + 1
            return str(self._highest)
        return sheet.free_id(data.global_name, "-{}")

    def _times(self, sheet: Sheet, given: Any, *names: str) -> dict[int, str]:
        """The cells of ``created`` and ``updated``, where there are such columns."""
        now = datetime.now(UTC)
        times = {"created": given.created or now, "updated": now}
        return {
            place: times[name].isoformat(timespec="seconds")
            for name, place in sheet.columns.local.items()
            if name in names
        }

    # --- the file ------------------------------------------------------------------------------

    def _changed(self, action: str, change: Callable[[Sheet], list[Any]]) -> list[Any]:
        """Do *change* to what the file holds now, and write the file once."""
        for _ in range(_ATTEMPTS):
            with self.store.writing():
                current = self._sheet(fresh=True)
                is_new = current is None and not self._was_there
                if current is None:
                    header = new_header(self.schema, self.options)
                    current = Sheet.new(header, self.schema, self.options, self.path.suffix)
                draft = self._draft = current.copy()
                try:
                    outcomes = change(draft)
                finally:
                    self._draft = None
                if not draft.is_changed:
                    return outcomes
                try:
                    self._write(draft, is_new=is_new)
                except (MovedError, FileExistsError):
                    continue  # somebody wrote it since: do the same to what is there now
                return outcomes
        raise self._error(StaleError, action, f"{self.path} keeps changing")

    def _write(self, sheet: Sheet, *, is_new: bool) -> None:
        path, content = self.path, sheet.content()
        self.store.lock.touch(path.parent)
        status = create(path, content) if is_new else replace(path, content, self._stamp)
        self._was_there = True
        # Ids of doubles go by their order: they are counted anew. So is anything after a write
        # within the clock's tick, which only the digest can tell from another.
        self._known = None if sheet.has_doubles else (None, blake2b(content).digest(), sheet)
        if self._known is not None and is_settled(status, time.time_ns()):
            self._known = stamp(status), *self._known[1:]
