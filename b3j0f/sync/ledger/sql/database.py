"""The database of a ledger: connections, transactions, and the numbers of collections."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from ...errors import LedgerError
from . import tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Database", "batches"]

T = TypeVar("T")
BATCH = 500  # values in one statement; SQLite before 3.32 takes 999
TIMEOUT = 30
"""Seconds until a database that does not answer, or that others keep locked, is given up."""


class Database:
    """Where a ledger is kept.

    Attributes:
        where: Its address, without secrets.
        is_shared: Whether another process could use it as well.
    """

    def __init__(self, url: str | sa.URL) -> None:
        try:
            url = sa.make_url(url)
            self._engine = sa.create_engine(url, **_options(url))
        except (sa.exc.ArgumentError, ImportError, ValueError) as exc:
            raise LedgerError(f"the ledger cannot be opened: {exc}") from exc
        self.where = self._engine.url.render_as_string(hide_password=True)
        self.is_shared = not _is_in_memory(url)
        if self._engine.dialect.name == "sqlite":
            _make_private(url.database)
            sa.event.listen(self._engine, "connect", _set_up_sqlite)
        self._numbers: dict[tuple[str, str], int] = {}
        self._current = threading.local()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction; within another one of this thread, that one."""
        current = getattr(self._current, "connection", None)
        if current is not None:
            yield current
            return
        try:
            with self._engine.begin() as connection:
                self._current.connection = connection
                yield connection
        except sa.exc.SQLAlchemyError as exc:
            self._numbers.clear()  # what was numbered in this transaction is not
            problem = getattr(exc, "orig", None) or exc
            raise LedgerError(f"the ledger {self.where}: {problem}") from exc
        except BaseException:
            self._numbers.clear()
            raise
        finally:
            self._current.connection = None

    def number(self, store: str, datatype: str) -> int:
        """The number of the collection of one type in one store; it gets one when it has none."""
        place = (store, datatype)
        number = self._numbers.get(place)
        if number is None:
            table = tables.collections
            wanted = sa.select(table.c.id).where(
                table.c.store == store, table.c.datatype == datatype
            )
            with self.begin() as connection:
                number = connection.scalar(wanted)
                if number is None:
                    row = {"store": store, "datatype": datatype}
                    number = connection.scalar(sa.insert(table).returning(table.c.id), row)
            self._numbers[place] = number = int(number)
        return number


def _is_in_memory(url: sa.URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def _options(url: sa.URL) -> dict[str, Any]:
    name = url.get_backend_name()
    if name == "sqlite":
        options: dict[str, Any] = {"connect_args": {"timeout": TIMEOUT, "check_same_thread": False}}
        if _is_in_memory(url):
            options["poolclass"] = sa.pool.StaticPool  # one connection is one database
        return options
    given = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL}.get(name, {})
    limits = {key: value for key, value in given.items() if key not in url.query}
    return {"pool_pre_ping": True, "pool_timeout": TIMEOUT, "connect_args": limits}


_POSTGRESQL = {"connect_timeout": TIMEOUT}
_MYSQL = {"connect_timeout": TIMEOUT, "read_timeout": TIMEOUT, "write_timeout": TIMEOUT}


def _make_private(database: str | None) -> None:
    """Make the file, if there is to be one, so that its owner alone can read it."""
    if database in {None, "", ":memory:"} or str(database).startswith("file:"):
        return
    try:
        # SQLite gives its journals the permissions of the file.
        os.close(os.open(str(database), os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as exc:
        raise LedgerError(f"the ledger {database} cannot be opened: {exc.strerror}") from exc


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # Readers and the writer do not wait for each other; a commit survives a crash of the
    # process, and a crash of the machine loses no more than the last commits, never the file.
    until = time.monotonic() + TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as exc:
            # While another process does the same, SQLite does not wait by itself.
            if "locked" not in str(exc) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            break
    connection.execute("PRAGMA synchronous=NORMAL")


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """*values* in parts that fit in one statement."""
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))
