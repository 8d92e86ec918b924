"""Stores on database servers, each in a schema of its own, which goes when the store does."""

from __future__ import annotations

import os
import uuid
import weakref
from typing import TYPE_CHECKING

from .types import Folder, Note

if TYPE_CHECKING:
    from ...store import Store

__all__ = ["MARIADB", "POSTGRESQL", "mariadb_store", "postgresql_store"]

POSTGRESQL = os.environ.get(
    "B3J0F_SYNC_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
MARIADB = os.environ.get("B3J0F_SYNC_MARIADB", "mariadb+pymysql://root@127.0.0.1:3306/test")
"""The servers: as the environment says, or on this machine."""


def postgresql_store(name: str, _folder: str) -> Store:
    """A store on PostgreSQL."""
    return _store(POSTGRESQL, name, " CASCADE")


def mariadb_store(name: str, _folder: str) -> Store:
    """A store on MariaDB."""
    return _store(MARIADB, name, "")


def _store(url: str, name: str, with_all: str) -> Store:
    from ...stores.sql import SQLStore

    schema = f"b3j0f_sync_{uuid.uuid4().hex}"
    store = SQLStore(url, [Folder, Note], name=name, schema=schema, timeout=10)
    _execute(store, f"CREATE SCHEMA {schema}")
    weakref.finalize(store, _drop, url, f"DROP SCHEMA {schema}{with_all}")
    return store


def _drop(url: str, statement: str) -> None:
    from ...stores.sql import SQLStore

    _execute(SQLStore(url, [Folder]), statement)


def _execute(store: Store, statement: str) -> None:
    engine = store._made_engine()  # type: ignore[attr-defined]
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
