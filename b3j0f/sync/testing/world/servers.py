"""Stores on servers, each in a place of its own, which goes when its world is closed."""

from __future__ import annotations

import os
import uuid
from functools import partial
from typing import TYPE_CHECKING

from .types import Folder, Note

if TYPE_CHECKING:
    from ...store import Store

__all__ = ["MARIADB", "POSTGRESQL", "REDIS", "mariadb_store", "postgresql_store", "redis_store"]

POSTGRESQL = os.environ.get(
    "B3J0F_SYNC_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"
)
MARIADB = os.environ.get("B3J0F_SYNC_MARIADB", "mariadb+pymysql://root@127.0.0.1:3306/test")
REDIS = os.environ.get("B3J0F_SYNC_REDIS", "redis://127.0.0.1:6379/9")
"""The servers: as the environment says, or on this machine."""


def postgresql_store(name: str, _folder: str) -> Store:
    """A store on PostgreSQL."""
    return _store(POSTGRESQL, name, " CASCADE")


def mariadb_store(name: str, _folder: str) -> Store:
    """A store on MariaDB."""
    return _store(MARIADB, name, "")


def redis_store(name: str, _folder: str) -> Store:
    """A store on Redis, with keys that nobody else has."""
    from ...stores.redis import RedisStore

    prefix = f"b3j0f_sync_{uuid.uuid4().hex}"
    keys = f"{prefix}:{{type}}:{{id}}"
    store = RedisStore(REDIS, [Folder, Note], name=name, keys=keys, timeout=10)
    store.discard = partial(_delete, prefix)  # type: ignore[attr-defined] # for World.close
    return store


def _delete(prefix: str) -> None:
    import redis

    client = redis.Redis.from_url(REDIS)
    for key in client.scan_iter(match=f"{prefix}:*", count=1000):
        client.delete(key)
    client.close()


def _store(url: str, name: str, with_all: str) -> Store:
    from ...stores.sql import SQLStore

    schema = f"b3j0f_sync_{uuid.uuid4().hex}"
    store = SQLStore(url, [Folder, Note], name=name, schema=schema, timeout=10)
    _execute(store, f"CREATE SCHEMA {schema}")
    drop = f"DROP SCHEMA {schema}{with_all}"
    store.discard = partial(_drop, url, drop)  # type: ignore[attr-defined] # for World.close
    return store


def _drop(url: str, statement: str) -> None:
    from ...stores.sql import SQLStore

    _execute(SQLStore(url, [Folder]), statement)


def _execute(store: Store, statement: str) -> None:
    engine = store._made_engine()  # type: ignore[attr-defined]
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
