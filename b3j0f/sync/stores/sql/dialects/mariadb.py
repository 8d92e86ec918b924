"""MariaDB, through PyMySQL."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import mysql

from .base import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import ReflectedColumn
    from sqlalchemy.types import TypeEngine

__all__ = ["MariaDB"]

_BYTEWISE = "utf8mb4_nopad_bin"
"""Equal are only equal texts: neither case, nor accents, nor blanks at the end are passed over."""

_UNAVAILABLE = frozenset(
    {
        1020,  # changed since it was read
        1021,  # disk full
        1037,  # out of memory
        1038,
        1040,  # too many connections
        1041,
        1053,  # shutting down
        1114,  # table full
        1152,  # connection aborted
        1158,  # network errors
        1159,
        1160,
        1161,
        1184,
        1203,  # too many connections of this user
        1205,  # waited for a lock in vain
        1206,
        1213,  # deadlock
        1226,
        1290,  # read only for now
        1317,  # interrupted
        1836,
        1927,  # connection killed
        1969,  # took too long
        2002,  # no connection
        2003,
        2006,
        2013,
        2055,
        4031,
    }
)

_REFUSALS = frozenset({1048, 1264, 1265, 1292, 1364, 1366, 1406, 1411, 1452, 3819, 4025})

_STRICT = (
    "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,"
    "NO_AUTO_VALUE_ON_ZERO"
)
"""What does not fit is refused; an id of 0 is that and no wish for a new one."""

_DIGITS, _PLACES = 65, 30


class MariaDB(Dialect):
    """Its types are the driver's own, but for UUID, which is text there."""

    has_uuid = False

    def url(self, url: URL) -> URL:
        """*url* with PyMySQL where it names no driver, and all of Unicode."""
        if url.drivername in {"mariadb", "mysql"}:
            url = url.set(drivername=f"{url.drivername}+pymysql")
        return url if "charset" in url.query else url.update_query_dict({"charset": "utf8mb4"})

    def engine(self, url: URL, timeout: float) -> Engine:
        """As for any; every session is strict, in UTC, and reads what is committed."""
        seconds = max(1, round(timeout))
        engine = sa.create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=timeout,
            max_overflow=-1,
            isolation_level="READ COMMITTED",
            connect_args={
                "connect_timeout": seconds,
                # More than it waits for a lock, of which it tells by itself.
                "read_timeout": seconds + 5,
                "write_timeout": seconds + 5,
            },
        )

        def set_up(driver: Any, _record: object) -> None:
            with driver.cursor() as cursor:
                cursor.execute(
                    f"SET SESSION time_zone = '+00:00', sql_mode = '{_STRICT}', "
                    f"innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}"
                )
            driver.commit()

        event.listen(engine, "connect", set_up)
        return engine

    # --- tables --------------------------------------------------------------------------

    def column_type(self, base: Any) -> TypeEngine[Any]:
        """The widest that there are: TEXT would end after 64 KB, DATETIME at whole seconds."""
        made: TypeEngine[Any] = _COLUMN_TYPES.get(base, _text)()
        return made

    def name_type(self) -> TypeEngine[Any]:
        """Text of which the beginning is indexed."""
        return mysql.TEXT(charset="utf8mb4", collation=_BYTEWISE)

    def index_options(self, *, unique: bool) -> dict[str, Any]:
        """Only so much of a text goes into an index; a unique one takes a digest of it all."""
        return {} if unique else {"mysql_length": 191, "mariadb_length": 191}

    def correct(
        self,
        connection: Connection,
        columns: Sequence[ReflectedColumn],
        table: str,
        schema: str | None,
    ) -> None:
        """JSON is a text with a check."""
        statement = sa.text(
            "SELECT check_clause FROM information_schema.check_constraints "
            "WHERE constraint_schema = COALESCE(:schema, DATABASE()) AND table_name = :table"
        )
        checks = connection.execute(statement, {"schema": schema, "table": table}).scalars()
        told = {check.strip().lower() for check in checks}
        for column in columns:
            if f"json_valid(`{column['name'].lower()}`)" in told:
                column["type"] = sa.JSON()

    def generates_key(
        self, connection: Connection, column: ReflectedColumn, table: str, schema: str | None
    ) -> bool:
        """AUTO_INCREMENT, or a default that is more than a constant."""
        default = str(column.get("default") or "")
        return column.get("autoincrement") is True or "(" in default

    # --- errors --------------------------------------------------------------------------

    def is_unavailable(self, error: sa.exc.DBAPIError) -> bool:
        """By its number."""
        return error.connection_invalidated or _number(error) in _UNAVAILABLE

    def is_refusal(self, error: sa.exc.DBAPIError) -> bool:
        """By its number as well: PyMySQL does not know all of them."""
        return super().is_refusal(error) or _number(error) in _REFUSALS

    def problem(self, error: sa.exc.DBAPIError, place: str) -> str:
        """The message without its number."""
        arguments: Sequence[Any] = getattr(error.orig, "args", ())
        text = arguments[1] if len(arguments) > 1 else None
        return text.strip() if isinstance(text, str) else super().problem(error, place)

    def has_lost_transaction(self, connection: Connection) -> bool:
        """A deadlock ends it; that counts as unavailable."""
        return False


def _number(error: sa.exc.DBAPIError) -> int:
    arguments: Sequence[Any] = getattr(error.orig, "args", ())
    number = arguments[0] if arguments else None
    return number if isinstance(number, int) else 0


def _text() -> TypeEngine[Any]:
    return mysql.LONGTEXT(charset="utf8mb4", collation=_BYTEWISE)


_COLUMN_TYPES: dict[Any, Any] = {
    bool: lambda: mysql.TINYINT(1),
    int: sa.BigInteger,
    float: sa.Double,
    bytes: mysql.LONGBLOB,
    Decimal: lambda: mysql.DECIMAL(_DIGITS, _PLACES),
    dt.datetime: lambda: mysql.DATETIME(fsp=6),
    dt.date: sa.Date,
    dt.time: lambda: mysql.TIME(fsp=6),
    uuid.UUID: lambda: mysql.CHAR(36, charset="ascii", collation="ascii_bin"),
}
