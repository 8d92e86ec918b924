"""Where databases differ; nothing outside of here asks which one it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .base import WRITES, Dialect
from .sqlite import SQLite

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

__all__ = ["WRITES", "Dialect", "dialect_of"]


def dialect_of(url: URL) -> Dialect:
    """The dialect of the database that *url* leads to."""
    return SQLite() if url.get_backend_name() == "sqlite" else Dialect()
