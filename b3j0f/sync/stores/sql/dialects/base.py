"""What is true of databases with types of their own, behind a server."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import URL, Connection, Engine, Inspector
    from sqlalchemy.engine.interfaces import ReflectedColumn
    from sqlalchemy.sql import ColumnElement, Executable
    from sqlalchemy.types import TypeEngine

__all__ = ["WRITES", "Dialect"]

WRITES = "b3j0f_sync_writes"
"""Execution option of a connection whose next transaction is going to write."""


class Dialect:
    """A database with types of its own for times, decimals and the like, behind a server.

    Attributes:
        native: Whether the driver takes and gives bool, Decimal, datetime, date, time and UUID;
            otherwise they are numbers or text.
        has_uuid: Whether UUID is among them.
        refuses_texts: Whether there are texts that it cannot hold; ``refusal`` tells which.
    """

    native = True
    has_uuid = True
    refuses_texts = False

    def url(self, url: URL) -> URL:
        """*url* with the driver that is used where it names none."""
        return url

    def place(self, url: URL) -> str:
        """What messages call the database."""
        return url.render_as_string(hide_password=True)

    def engine(self, url: URL, timeout: float) -> Engine:
        """An engine that waits *timeout* seconds for a connection, and for a lock."""
        return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_timeout=timeout)

    def check_place(self, url: URL) -> None:
        """Raise when it is plain that *url* cannot be opened."""

    def is_lasting(self, _url: URL) -> bool:
        """Whether the data are still there when nobody is connected."""
        return True

    # --- tables --------------------------------------------------------------------------

    def column_type(self, base: Any) -> TypeEngine[Any]:
        """The column type for values of *base*, a type of Python; text for all others."""
        made: Any = _COLUMN_TYPES.get(base, sa.Text)
        return cast("TypeEngine[Any]", made())

    def key_type(self) -> TypeEngine[Any]:
        """The type of a key that the database makes up."""
        return sa.BigInteger()

    def name_type(self) -> TypeEngine[Any]:
        """The type of names and contexts, which are indexed."""
        return sa.Text()

    def index_options(self, *, unique: bool) -> dict[str, Any]:
        """What the index of names and contexts needs."""
        return {}

    def view_names(self, inspector: Inspector, schema: str | None) -> list[str]:
        """The names of the views."""
        return inspector.get_view_names(schema=schema)

    def correct(
        self,
        connection: Connection,
        columns: Sequence[ReflectedColumn],
        table: str,
        schema: str | None,
    ) -> None:
        """Put right what SQLAlchemy does not tell of *columns*."""

    def generates_key(
        self, connection: Connection, column: ReflectedColumn, table: str, schema: str | None
    ) -> bool:
        """Whether the database makes up the value of a primary key *column*."""
        return bool(
            column.get("identity")
            or column.get("default") is not None
            or column.get("autoincrement") is True
        )

    def key_collation(
        self, connection: Connection, column: str, table: str, schema: str | None
    ) -> str | None:
        """The collation in which a text key is unique, where the column may have another."""
        return None

    # --- rows ----------------------------------------------------------------------------

    def fetch(
        self, connection: Connection, statement: Executable, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        """All rows of *statement*; a text that cannot be decoded comes as bytes."""
        return connection.execute(statement, parameters).all()

    def since(self, column: ColumnElement[Any], start: dt.datetime) -> ColumnElement[bool] | None:
        """A condition that every row fulfils that is at *start* or later, or None.

        It is for columns that hold times and are not of a type for times.
        """
        return None

    def refusal(self, value: str) -> str | None:
        """What is expected of a text where *value* is none that the database can hold."""
        return None

    # --- errors --------------------------------------------------------------------------

    def is_unavailable(self, error: sa.exc.DBAPIError) -> bool:
        """Whether the same may well succeed later."""
        kinds = (sa.exc.OperationalError, sa.exc.InterfaceError)
        return error.connection_invalidated or isinstance(error, kinds)

    def is_refusal(self, error: sa.exc.DBAPIError) -> bool:
        """Whether it is the values that are wrong: too long, out of range, against a constraint."""
        return isinstance(error, sa.exc.DataError | sa.exc.IntegrityError)

    def problem(self, error: sa.exc.DBAPIError, place: str) -> str:
        """The database's own words; never SQL, never a parameter."""
        return str(error.orig).strip()

    def has_lost_transaction(self, connection: Connection) -> bool:
        """Whether an error ended the transaction as a whole, savepoints included."""
        return False


_COLUMN_TYPES: dict[Any, Any] = {
    bool: sa.Boolean,
    int: sa.BigInteger,
    float: sa.Double,
    Decimal: sa.Numeric,
    bytes: sa.LargeBinary,
    dt.datetime: lambda: sa.DateTime(timezone=True),
    dt.date: sa.Date,
    dt.time: sa.Time,
    uuid.UUID: sa.Uuid,
}
