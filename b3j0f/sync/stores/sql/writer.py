"""Writing the data of one type: each outcome is the data as stored, or its own error."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

import sqlalchemy as sa

from ...data import Data
from ...errors import DataError, StoreError, SyncError
from .batches import write_each

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection

    from ...accessor import Outcome
    from .accessor import SQLAccessor
    from .layout import Values
    from .statements import Statements

__all__ = ["Writer"]

D = TypeVar("D", bound=Data)
Id = str | int


class _New(NamedTuple):
    data: Data
    values: Values


class _Change(NamedTuple):
    data: Data
    old: Data
    key: Any


class _Removal(NamedTuple):
    data: Data
    key: Any


class Writer(Generic[D]):
    """Adds, updates and removes many data in one transaction."""

    def __init__(self, accessor: SQLAccessor[D], statements: Statements) -> None:
        self._accessor, self._sql = accessor, statements
        self._store, self._layout = accessor.store, statements.layout

    def add(self, data: Sequence[D]) -> list[Outcome[D]]:
        """Add each one."""
        times = self._layout.times(datetime.now(UTC))

        def prepare(one: D) -> _New:
            try:
                return _New(one, self._layout.new_values(one, times, self._store))
            except DataError:
                if self._is_there(one.id):  # whatever else is wrong with it
                    raise self._accessor._already_exists(one) from None
                raise

        return self._each("add", data, prepare, self._write_new)

    def update(self, pairs: Sequence[tuple[D, D]]) -> list[Outcome[D]]:
        """Replace the second one of each pair by the first one."""

        def prepare(pair: tuple[D, D]) -> _Change:
            new, old = pair
            return _Change(new, old, self._known_key("update", old))

        return self._each("update", pairs, prepare, self._write_changes)

    def remove(self, data: Sequence[D], *, unchanged: bool = False) -> list[SyncError | None]:
        """Remove each one; with *unchanged* those alone that are stored as they are given."""

        def prepare(one: D) -> _Removal:
            return _Removal(one, self._known_key("remove", one))

        write = self._write_unchanged_removals if unchanged else self._write_removals
        return self._each("remove", data, prepare, write)

    def _each(
        self,
        action: str,
        given: Sequence[Any],
        prepare: Callable[[Any], Any],
        write: Callable[[Connection, Sequence[Any]], list[Any]],
    ) -> list[Any]:
        """One outcome for each of *given*: what is wrong by itself never reaches the database."""
        prepared = [self._accessor._attempt(action, prepare, one) for one in given]
        ready = [one for one in prepared if not isinstance(one, SyncError)]

        def failure(connection: Connection | None, item: Any, exc: Exception) -> SyncError:
            return self._failure(action, connection, item, exc)

        done = iter(write_each(self._store, ready, write, failure))
        return [one if isinstance(one, SyncError) else next(done) for one in prepared]

    def _write_new(self, connection: Connection, items: Sequence[_New]) -> list[Any]:
        values = self._sql.localized(connection, [item.values for item in items])
        keys = self._sql.insert(connection, values)
        if None in keys:
            raise self._refused("add")
        return self._as_stored("add", connection, keys)

    def _write_changes(self, connection: Connection, items: Sequence[_Change]) -> list[Any]:
        if len({item.key for item in items}) < len(items):  # one after the other, then
            return [one for item in items for one in self._write_changes(connection, [item])]
        there = self._current(connection, [item.key for item in items])
        updated = self._layout.updated_value(datetime.now(UTC))
        outcomes: list[Any] = []
        changes: list[tuple[int, Any, Values]] = []
        for item in items:
            stored = there.get(item.key)
            values = self._accessor._attempt("update", self._changed, item, stored)
            if isinstance(values, SyncError):
                stored = values
            elif values:
                changes.append((len(outcomes), item.key, values | updated))
            outcomes.append(stored)
        localized = self._sql.localized(connection, [values for *_, values in changes])
        changes = [(*change[:2], values) for change, values in zip(changes, localized, strict=True)]
        if not self._sql.update(connection, [(key, values) for _, key, values in changes]):
            raise self._refused("update")
        keys = [self._layout.key.among(values, key) for _, key, values in changes]
        written = self._as_stored("update", connection, keys)
        for (position, _, _), stored in zip(changes, written, strict=True):
            outcomes[position] = stored
        return outcomes

    def _current(self, connection: Connection, keys: Sequence[Any]) -> dict[Any, D | SyncError]:
        """What is stored under *keys*, or the error of what cannot be read; nobody changes it."""
        rows = self._sql.rows(connection, keys, lock=True)
        try:
            data = self._layout.read_all(list(rows.values()), self._store)
        except Exception:  # noqa: BLE001 - found again, for its row alone
            data = [
                self._accessor._attempt("update", self._layout.read, row, self._store)
                for row in rows.values()
            ]
        return dict(zip(rows, data, strict=True))

    def _changed(self, item: _Change, stored: D | SyncError | None) -> Values:
        """What is to be written, when *stored* is still what it replaces."""
        if isinstance(stored, SyncError):
            raise stored
        self._accessor._check_state(stored, cast("D", item.old))
        return self._layout.changed_values(item.data, item.old, self._store)

    def _write_unchanged_removals(
        self, connection: Connection, items: Sequence[_Removal]
    ) -> list[Any]:
        there = self._current(connection, [item.key for item in items])
        refusals = [
            self._accessor._attempt("remove", self._refuse_changed, item, there.get(item.key))
            for item in items
        ]
        rest = [item for item, refusal in zip(items, refusals, strict=True) if refusal is None]
        removed = iter(self._write_removals(connection, rest))
        return [next(removed) if refusal is None else refusal for refusal in refusals]

    def _refuse_changed(self, item: _Removal, stored: D | SyncError | None) -> None:
        if isinstance(stored, SyncError):
            raise stored
        self._accessor._check_removal(stored, cast("D", item.data))

    def _write_removals(self, connection: Connection, items: Sequence[_Removal]) -> list[Any]:
        there = self._sql.present(connection, [item.key for item in items])
        outcomes: list[Any] = []
        for item in items:
            is_there = item.key in there
            there.discard(item.key)  # what is named twice is gone the second time
            outcomes.append(None if is_there else self._accessor._not_found("remove", item.data))
        keys = [item.key for item, gone in zip(items, outcomes, strict=True) if gone is None]
        if not self._sql.delete(connection, keys):
            raise self._refused("remove")
        return outcomes

    def _as_stored(self, action: str, connection: Connection, keys: Sequence[Any]) -> list[Any]:
        """The data of *keys* read back: defaults, triggers and the columns' own rules show."""
        rows = self._sql.rows(connection, keys)
        try:
            found = [rows[key] for key in keys]
        except KeyError as exc:
            problem = f"the key {exc} is not there any more right after it was written"
            raise self._accessor._error(StoreError, action, problem) from None
        try:
            return self._layout.read_all(found, self._store)
        except Exception:  # noqa: BLE001 - found again, and then it says which
            return [self._layout.read(row, self._store) for row in found]

    # --- ids and errors ----------------------------------------------------------------------

    def _known_key(self, action: str, data: Data) -> Any:
        key = None if data.id is None else self._sql.key(data.id)
        if key is None:
            raise self._accessor._not_found(action, data)
        return key

    def _is_there(self, id: Id | None) -> bool:
        key = None if id is None else self._sql.key(id)
        if key is None:
            return False
        with self._store.reading() as connection:
            return bool(self._sql.present(connection, [key]))

    def _refused(self, action: str) -> StoreError:
        return self._accessor._error(
            StoreError, action, "the database silently ignored it (a trigger?)"
        )

    def _failure(
        self, action: str, connection: Connection | None, item: Any, exc: Exception
    ) -> SyncError:
        if isinstance(exc, SyncError):
            return exc
        error: SyncError | None = None
        if isinstance(exc, sa.exc.IntegrityError) and connection is not None:
            error = self._taken(action, connection, item)
        if error is None:
            error = self._accessor._translate(exc, action)
        error.__cause__ = exc
        return error

    def _wanted_key(self, connection: Connection, item: _New | _Change) -> Any:
        """The key that a row was to get; None where the database makes it up."""
        if isinstance(item, _New):
            values, own = item.values, None
        else:
            values, own = self._layout.changed_values(item.data, item.old, self._store), item.key
        with suppress(SyncError):  # what it is to lead to is gone: that is told instead
            (values,) = self._sql.localized(connection, [values])
            return self._layout.key.among(values, own)
        return None

    def _taken(self, action: str, connection: Connection, item: Any) -> SyncError | None:
        """What a broken constraint means, when it means that the id or the name is taken."""
        if isinstance(item, _Removal):
            return None
        error, own = None, item.key if isinstance(item, _Change) else None
        key = self._wanted_key(connection, item)
        if key not in {None, own} and self._sql.is_taken(connection, key):
            error = self._accessor._already_exists(
                self._accessor._with_id(item.data, self._layout.key.id_of(key))
            )
        elif self._layout.unique_names:
            conditions = self._accessor._named(item.data.name, item.data.context)
            others = self._sql.page(connection, conditions, 2, None)
            if any(self._layout.key.given(row) != own for row in others):
                error = self._accessor._already_exists(item.data, by_name=True)
        if error is not None:
            error.action = action
        return error
