"""PostgreSQL, through psycopg 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event

from .base import Dialect

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine, Inspector

__all__ = ["PostgreSQL"]

_UNAVAILABLE = frozenset({"08", "53", "57", "58", "40"})
"""Classes of errors after which the same may succeed: no connection, no room, shut down, ..."""
_LOCKED = frozenset({"55P03", "55006"})
_OURS_TO_BLAME = frozenset({"28P01", "28000", "3D000", "57P04"})
"""Wrong password, no such user or database: waiting does not help."""


class PostgreSQL(Dialect):
    """All of its types are the driver's own."""

    refuses_texts = True

    def url(self, url: URL) -> URL:
        """*url* with psycopg 3 where it names no driver."""
        bare = url.drivername in {"postgresql", "postgres"}
        return url.set(drivername="postgresql+psycopg") if bare else url

    def engine(self, url: URL, timeout: float) -> Engine:
        """As for any; a server that is gone without a word is given up as well."""
        seconds = max(1, round(timeout))
        arguments: dict[str, Any] = {
            "connect_timeout": max(2, seconds),  # libpq takes less for 2
            "keepalives_idle": seconds,
            "keepalives_interval": max(1, seconds // 3),
            "keepalives_count": 3,
            "tcp_user_timeout": round(timeout * 1000),
            "application_name": "b3j0f.sync",
        }
        engine = sa.create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=timeout,
            max_overflow=-1,
            connect_args={k: v for k, v in arguments.items() if k not in url.query},
        )

        from psycopg.types.string import TextLoader

        def set_up(driver: Any, _record: object) -> None:
            # A time without a zone is in UTC, and so is one with a zone when it is cut off.
            for name in ("json", "jsonb"):  # as text, as other databases give it
                driver.adapters.register_loader(name, TextLoader)
            driver.execute("SET TIME ZONE 'UTC'")
            driver.execute(f"SET lock_timeout = {round(timeout * 1000)}")
            driver.commit()

        event.listen(engine, "connect", set_up)
        return engine

    def view_names(self, inspector: Inspector, schema: str | None) -> list[str]:
        """Materialized ones as well."""
        views = inspector.get_view_names(schema=schema)
        return views + inspector.get_materialized_view_names(schema=schema)

    def is_unavailable(self, error: sa.exc.DBAPIError) -> bool:
        """By the class of its SQLSTATE; what has none happened on the way to the server."""
        state = getattr(error.orig, "sqlstate", None)
        if state is None:
            return super().is_unavailable(error)
        if state in _OURS_TO_BLAME:
            return False
        return state[:2] in _UNAVAILABLE or state in _LOCKED or error.connection_invalidated

    def problem(self, error: sa.exc.DBAPIError, place: str) -> str:
        """The message without the line of SQL that it points at."""
        diagnosis = getattr(error.orig, "diag", None)
        message = getattr(diagnosis, "message_primary", None)
        if not message:
            return super().problem(error, place)
        detail = getattr(diagnosis, "message_detail", None)
        column = getattr(diagnosis, "column_name", None)
        where = f" (column {column!r})" if column and column not in message else ""
        # A detail shows rows of the table; that of a constraint names the key at least.
        is_harmless = bool(detail) and error.orig.__class__.__name__ in _TELLING
        return f"{message}{where}" + (f": {detail}" if is_harmless else "")

    def refusal(self, value: str) -> str | None:
        """No text has the character 0."""
        return "text without the character 0" if "\0" in value else None


_TELLING = frozenset({"UniqueViolation", "ForeignKeyViolation"})
