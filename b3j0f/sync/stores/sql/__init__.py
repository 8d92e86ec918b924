"""SQLStore: data in the tables of a SQL database."""

from .options import TableOptions
from .store import SQLStore

__all__ = ["SQLStore", "TableOptions"]
