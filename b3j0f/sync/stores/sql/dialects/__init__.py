"""Where databases differ; nothing outside of here asks which one it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import WRITES, Dialect
from .mariadb import MariaDB
from .postgresql import PostgreSQL
from .sqlite import SQLite

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

__all__ = ["WRITES", "Dialect", "dialect_of"]


def dialect_of(url: URL) -> Dialect:
    """The dialect of the database that *url* leads to."""
    made = _DIALECTS.get(url.get_backend_name(), Dialect)
    return made()


_DIALECTS: dict[str, type[Dialect]] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "postgres": PostgreSQL,
    "mariadb": MariaDB,
    "mysql": MariaDB,
}
