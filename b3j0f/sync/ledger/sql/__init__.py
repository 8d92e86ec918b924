"""The ledger in a database: SQLite by default, any SQLAlchemy URL."""

from .ledger import SQLLedger

__all__ = ["SQLLedger"]
