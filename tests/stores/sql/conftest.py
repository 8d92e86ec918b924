"""What the tests of SQLStore share: one file, SQL that is run on it, stores that are closed."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa
from databases import DATABASES, SERVERS
from sqlalchemy import event
from sqlalchemy.engine import Engine

from b3j0f.sync.stores.sql import SQLStore


@pytest.fixture(autouse=True)
def _hurry():
    """No waiting for the disk: no test takes the power away."""

    def hurry(driver, record):
        if isinstance(driver, sqlite3.Connection):
            driver.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", hurry)
    yield
    event.remove(Engine, "connect", hurry)


@pytest.fixture
def path(tmp_path):
    """Of a SQLite file, which is not there yet."""
    return tmp_path / "store.db"


@pytest.fixture
def execute(path):
    """Runs SQL on the file as another program would, and gives the rows."""

    def run(sql, *parameters):
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(sql, parameters).fetchall()
            connection.commit()
        return rows

    return run


@pytest.fixture
def open_store(path):
    """Makes stores on the file, and closes them."""
    stores = []

    def make(*types, **options):
        stores.append(SQLStore(f"sqlite:///{path}", types, **options))
        return stores[-1]

    yield make
    for store in stores:
        store.disconnect()


@pytest.fixture(params=DATABASES)
def any_database(request, path):
    """An empty database on each server: SQLAlchemy's engine, for what other programs do."""
    if request.param == "sqlite":
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("database")(SERVERS[request.param])
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    engine.dialect.name = request.param  # MySQL's, by SQLAlchemy's leave, for MariaDB
    return engine
