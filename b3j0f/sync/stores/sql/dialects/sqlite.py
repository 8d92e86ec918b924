"""SQLite: a file, or a database in memory."""

from __future__ import annotations

import datetime as dt
import sqlite3
import uuid
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from ....errors import ConfigError, StoreError, StoreUnavailableError
from .base import WRITES, Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import ReflectedColumn
    from sqlalchemy.sql import ColumnElement, Executable
    from sqlalchemy.types import TypeEngine

__all__ = ["SQLite"]


class SQLite(Dialect):
    """Its own types are numbers, text and bytes."""

    native = False

    _UNAVAILABLE = frozenset(
        {
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_PROTOCOL,
            sqlite3.SQLITE_NOMEM,
        }
    )

    def url(self, url: URL) -> URL:
        """*url* with ``~`` for the home directory written out."""
        database = url.database
        if database is not None and database.startswith("~"):
            return url.set(database=str(Path(database).expanduser()))
        return url

    def place(self, url: URL) -> str:
        """The path of the file."""
        return "a database in memory" if self._is_memory(url) else str(url.database)

    def engine(self, url: URL, timeout: float) -> Engine:
        """As for any; a database in memory is its one connection, used in turns."""
        size: dict[str, Any] = (
            {"pool_size": 1, "max_overflow": 0} if self._is_memory(url) else {"max_overflow": -1}
        )
        engine = sa.create_engine(
            url,
            hide_parameters=True,
            poolclass=QueuePool,
            pool_timeout=timeout,
            connect_args={"timeout": timeout, "check_same_thread": False},
            **size,
        )
        event.listen(engine, "connect", _open)
        event.listen(engine, "begin", _begin)
        return engine

    def check_place(self, url: URL) -> None:
        """A missing file is made by SQLite; a missing directory is a mistake."""
        if url.host or url.username or url.password:
            raise ConfigError(
                "a SQLite database is a file, and has neither a host nor a user",
                option="url",
                expected="sqlite:///customers.db, or sqlite:////srv/customers.db from the root on",
            )
        if self._is_memory(url) or "uri" in url.query:
            return
        path = Path(str(url.database))
        if path.is_dir():
            raise StoreError(f"{path} is a directory; expected the path of a SQLite database")
        if not path.parent.is_dir():
            raise StoreUnavailableError(
                f"{path} cannot be opened: there is no directory {path.parent}"
            )

    def column_type(self, base: Any) -> TypeEngine[Any]:
        """As for any, but decimals as text: the numbers of SQLite would round them."""
        if base is Decimal:
            return sa.Text()
        return sa.String(36) if base is uuid.UUID else super().column_type(base)

    def key_type(self) -> TypeEngine[Any]:
        """INTEGER, to the letter: only so it is the row's own number."""
        return sa.Integer()

    def generates_key(
        self, connection: Connection, column: ReflectedColumn, table: str, schema: str | None
    ) -> bool:
        """An INTEGER PRIMARY KEY is the row's own number, and only that has no index."""
        if super().generates_key(connection, column, table, schema):
            return True
        indexes = _pragma(connection, "index_list", table, schema)
        return isinstance(column["type"], sa.Integer) and all(row[3] != "pk" for row in indexes)

    def key_collation(
        self, connection: Connection, column: str, table: str, schema: str | None
    ) -> str | None:
        """The collation of the unique index on *column*."""
        for row in _pragma(connection, "index_list", table, schema):
            parts = _pragma(connection, "index_xinfo", row[1], schema)
            keys = [part for part in parts if part[5]]
            if row[2] and not row[4] and [part[2] for part in keys] == [column]:
                return str(keys[0][4])
        return None

    def fetch(
        self, connection: Connection, statement: Executable, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        """As for any; SQLite lets a text column hold any bytes."""
        try:
            return connection.execute(statement, parameters).all()
        except sa.exc.OperationalError as exc:
            if not str(exc.orig).startswith("Could not decode"):
                raise
        driver = _driver(connection)
        usual, driver.text_factory = driver.text_factory, _decode
        try:
            return connection.execute(statement, parameters).all()
        finally:
            driver.text_factory = usual

    def since(self, column: ColumnElement[Any], start: dt.datetime) -> ColumnElement[bool]:
        """Times are text in any ISO format, with any offset: only their dates compare."""
        day = max(start.date(), dt.date(1, 1, 3)) - dt.timedelta(days=2)
        return sa.or_(column >= day.isoformat(), sa.func.typeof(column).in_(["integer", "real"]))

    def is_unavailable(self, error: sa.exc.DBAPIError) -> bool:
        """Locked, full or unreadable; not a mistake in the statement."""
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in self._UNAVAILABLE

    def problem(self, error: sa.exc.DBAPIError, place: str) -> str:
        """The database's own words, and what is behind them where they don't say."""
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            return f"{place} is no SQLite database"
        if code == sqlite3.SQLITE_CANTOPEN:
            return f"{place} cannot be opened: {error.orig}; may it be read and written?"
        return super().problem(error, place)

    def has_lost_transaction(self, connection: Connection) -> bool:
        """A trigger or a constraint may roll everything back, and so does a full disk."""
        return not _driver(connection).in_transaction

    def is_lasting(self, url: URL) -> bool:
        """A database in memory is its connection."""
        return not self._is_memory(url)

    @staticmethod
    def _is_memory(url: URL) -> bool:
        return url.database in {None, "", ":memory:"} or (
            "uri" in url.query
            and ("mode=memory" in str(url.database) or url.query.get("mode") == "memory")
        )


def _open(driver: sqlite3.Connection, _record: object) -> None:
    # Transactions begin when we say so, not before the first write that the driver sees.
    driver.isolation_level = None
    driver.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could find the file changed in between.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def _pragma(
    connection: Connection, pragma: str, of: str, schema: str | None
) -> Sequence[Sequence[Any]]:
    columns = {
        "index_list": 'seq, name, "unique", origin, partial',
        "index_xinfo": 'seqno, cid, name, "desc", coll, "key"',
    }[pragma]
    statement = sa.text(f"SELECT {columns} FROM pragma_{pragma}(:of, :schema)")  # noqa: S608 - both parts are ours
    return connection.execute(statement, {"of": of, "schema": schema or "main"}).all()


def _decode(text: bytes) -> str | bytes:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text
