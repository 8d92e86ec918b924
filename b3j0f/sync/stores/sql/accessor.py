"""SQLAccessor: the rows of one table as the data of one type."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa

from ...accessor import Capability, Outcome
from ...data import Data
from ...errors import StoreError, StoreUnavailableError, SyncError, UnfitDataError
from ..bulk import BulkAccessor
from .conditions import name_conditions, query_conditions
from .statements import PAGE, Statements
from .writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.sql import ColumnElement

    from ...query import Query
    from .layout import Layout
    from .store import SQLStore

__all__ = ["SQLAccessor"]

D = TypeVar("D", bound=Data)
Id = str | int


class SQLAccessor(BulkAccessor[D]):
    """The rows of one table as the data of one type.

    It reads in pages by ascending key. Between two of them it holds no connection, so that
    whoever reads may write at the same time.
    """

    store: SQLStore

    def __init__(self, store: SQLStore) -> None:
        super().__init__(store)
        self._statements: Statements | None = None

    @property
    def capabilities(self) -> Capability:  # type: ignore[override]
        """Everything, and unique names where the table has them; connects when it never was."""
        if self._statements is None and self.store.autoconnect:
            with suppress(SyncError):  # whoever reads or writes next will hear of it
                self.store.connect()
        if self._statements is None:
            unique = self.store.options[self.datatype].unique_names
        elif self._layout.is_view:
            return Capability.READ_ONLY
        else:
            unique = self._layout.unique_names
        return Capability.DEFAULT | Capability.UNIQUE_NAMES if unique else Capability.DEFAULT

    @property
    def fields(self) -> frozenset[str]:
        """Names of the fields that have a column; connects when it never was."""
        return self._layout.held

    @property
    def computed(self) -> frozenset[str]:
        """Names of the fields whose columns the database computes; connects when it never was."""
        return self._layout.computed

    def settle(self, layout: Layout) -> None:
        """Take *layout*, which the table has been found to have."""
        self._statements = Statements(layout, self.store.dialect)

    @property
    def _writer(self) -> Writer[D]:
        return Writer(self, self._sql)

    @property
    def _sql(self) -> Statements:
        if self._statements is None:
            self.store._ready()
        return cast("Statements", self._statements)

    @property
    def _layout(self) -> Layout:
        return self._sql.layout

    # --- reading -----------------------------------------------------------------------------

    def _get(self, id: Id) -> D | None:
        key = self._sql.key(id)
        if key is None:
            return None
        with self.store.reading() as connection:
            row = self._sql.rows(connection, [key]).get(key)
        return None if row is None else cast("D", self._layout.read(row, self.store))

    def _get_by_name(self, name: str, context: tuple[str, ...]) -> D | None:
        for page in self._pages(self._named(name, context), 1):
            for row in page:
                data: D = self._layout.read(row, self.store)
                if data.name == name and data.context == context:
                    return data
        return None

    def _get_many(self, ids: Sequence[Id]) -> Iterator[D]:
        keys = [key for key in map(self._sql.key, dict.fromkeys(ids)) if key is not None]
        for start in range(0, len(keys), PAGE):
            with self.store.reading() as connection:
                rows = self._sql.rows(connection, keys[start : start + PAGE])
            yield from self._data(list(rows.values()))

    def _find(self, query: Query) -> Iterator[D]:
        if self._layout.key.has_nulls:
            self._report_keyless()
        # The limit is a hint only: the verb takes no more, whatever conditions were left to it.
        size = PAGE if query.limit is None else max(1, min(PAGE, query.limit))
        conditions = query_conditions(self._layout, self.store.dialect, query)
        if query.names is None:
            for page in self._pages(conditions, size):
                yield from self._data(page)
            return
        names = sorted(query.names)  # in several passes: a statement has so many parameters
        for start in range(0, len(names), PAGE):
            some = name_conditions(self._layout, names[start : start + PAGE])
            for page in self._pages([*some, *conditions], size):
                yield from self._data(page)

    def _count(self) -> int:
        with self.store.reading() as connection:
            return int(connection.execute(self._sql.count).scalar_one())

    def _pages(
        self, conditions: Sequence[ColumnElement[bool]], size: int
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """Rows by ascending key, *size* and more at a time."""
        after = None
        while True:
            with self.store.reading() as connection:
                rows = self._sql.page(connection, conditions, size, after)
            if rows:
                yield rows
            if len(rows) < size:
                return
            after, size = self._layout.key.given(rows[-1]), min(PAGE, size * 2)

    def _data(self, rows: Sequence[Sequence[Any]]) -> Iterator[D]:
        try:
            data = self._layout.read_all(rows, self.store)
        except Exception:  # noqa: BLE001 - found again below, for its row alone
            data = None
        if data is not None:
            yield from data
            return
        for row in rows:
            try:
                one = self._layout.read(row, self.store)
            except SyncError as exc:
                self._unreadable(self._layout.id_of(row), exc)
            else:
                yield one

    def _report_keyless(self) -> None:
        with self.store.reading() as connection:
            without = connection.execute(self._sql.count_keyless).scalar_one()
        if without:
            column = self._layout.key.name
            problem = f"{without} rows have NULL in the key column {column!r}; give them a key"
            self._unreadable("NULL", self._error(StoreError, "find", problem))

    def _named(self, name: str, context: tuple[str, ...]) -> list[ColumnElement[bool]]:
        part = self._layout.part("context")
        inside = None if part is None else part.equals(context)
        return [*name_conditions(self._layout, [name]), *([] if inside is None else [inside])]

    # --- writing -----------------------------------------------------------------------------

    def _add_many(self, data: Sequence[D]) -> list[Outcome[D]]:
        return self._writer.add(data)

    def _update_many(self, pairs: Sequence[tuple[D, D]]) -> list[Outcome[D]]:
        return self._writer.update(pairs)

    def _remove_many(self, data: Sequence[D]) -> list[SyncError | None]:
        return self._writer.remove(data)

    def _remove_unchanged_many(self, data: Sequence[D]) -> list[SyncError | None]:
        return self._writer.remove(data, unchanged=True)

    def _translate(self, error: Exception, action: str) -> SyncError:
        if isinstance(error, sa.exc.SQLAlchemyError):
            return self._error(self._kind(error, action), action, self.store.problem(error))
        return super()._translate(error, action)

    def _kind(self, error: sa.exc.SQLAlchemyError, action: str) -> type[StoreError]:
        if self.store.is_unavailable(error):
            return StoreUnavailableError
        is_answer = isinstance(error, sa.exc.DBAPIError) and action in {"add", "update"}
        if is_answer and self.store.dialect.is_refusal(cast("sa.exc.DBAPIError", error)):
            return UnfitDataError
        return StoreError
