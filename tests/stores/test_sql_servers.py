"""SQLStore keeps the contract on PostgreSQL and MariaDB."""

# ruff: noqa: S106, S608 - every name here is ours, and the password nobody's

from contextlib import contextmanager
from decimal import Decimal
from typing import ClassVar
from uuid import uuid4

import pytest
import sqlalchemy as sa

from b3j0f.sync.stores.sql import SQLStore
from b3j0f.sync.testing import Folder, Note, StoreContract

TYPES = [Folder, Note]


class ServerContract(StoreContract):
    """A database of its own, with a user of its own who can be shut out."""

    options: ClassVar = {}
    tables: ClassVar = ["Folder", "Note"]

    @pytest.fixture(scope="class")
    @classmethod
    def url(cls, service):
        engine = service(cls.admin)
        name = f"b3j0f_sync_{uuid4().hex[:12]}"
        cls.make(engine, name)
        yield engine.url.set(database=name, username=name, password="it's/a:secret@")
        cls.drop(engine, name)

    @pytest.fixture
    def store(self, url, service):
        store = SQLStore(url, TYPES, timeout=5, **self.options)
        yield store
        store.disconnect()
        self.empty(service(self.admin), url.database)

    def reopen(self, store):
        return SQLStore(store._url, TYPES, name="other", timeout=5, **self.options)

    @contextmanager
    def broken(self, store):
        admin = sa.create_engine(self.admin, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            self.shut(connection, store._url.database)
            try:
                yield
            finally:
                self.reopened(connection, store._url.database)
        admin.dispose()

    def spoil(self, store, data):
        return False


def run(engine, *statements):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


class PostgreSQLContract(ServerContract):
    admin = "postgresql+psycopg://postgres@127.0.0.1:5432/test"

    @classmethod
    def make(cls, engine, name):
        run(
            engine,
            f"CREATE ROLE {name} LOGIN PASSWORD 'it''s/a:secret@'",
            f"CREATE DATABASE {name} OWNER {name}",
            f"ALTER DATABASE {name} SET synchronous_commit = off",
        )

    @classmethod
    def drop(cls, engine, name):
        run(engine, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}")

    def empty(self, engine, name):
        inside = sa.create_engine(engine.url.set(database=name), poolclass=sa.NullPool)
        run(inside, *(f'DELETE FROM "{table}"' for table in self.tables))

    def shut(self, connection, name):
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.exec_driver_sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )

    def reopened(self, connection, name):
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def takes(self, datatype, field, value):
        is_text = field == "context" or not isinstance(value, bytes | tuple | frozenset)
        if is_text and "\\x00" in repr(value):
            return False
        return not isinstance(value, int) or -(2**63) <= value < 2**63


class TestPostgreSQL(PostgreSQLContract):
    pass


@pytest.mark.slow
class TestPostgreSQLWithUniqueNames(PostgreSQLContract):
    options: ClassVar = {"unique_names": True}


class MariaDBContract(ServerContract):
    admin = "mariadb+pymysql://root@127.0.0.1:3306/test"

    @classmethod
    def make(cls, engine, name):
        run(
            engine,
            f"CREATE DATABASE {name}",
            f"CREATE USER '{name}'@'%%' IDENTIFIED BY 'it''s/a:secret@'",
            f"GRANT ALL ON {name}.* TO '{name}'@'%%'",
        )

    @classmethod
    def drop(cls, engine, name):
        run(engine, f"DROP DATABASE {name}", f"DROP USER '{name}'@'%%'")

    def empty(self, engine, name):
        run(engine, *(f"DELETE FROM {name}.`{table}`" for table in self.tables))

    def shut(self, connection, name):
        connection.exec_driver_sql(f"ALTER USER '{name}'@'%%' ACCOUNT LOCK")
        rows = connection.exec_driver_sql(
            f"SELECT id FROM information_schema.processlist WHERE user = '{name}'"
        ).all()
        for (number,) in rows:
            connection.exec_driver_sql(f"KILL {number}")

    def reopened(self, connection, name):
        connection.exec_driver_sql(f"ALTER USER '{name}'@'%%' ACCOUNT UNLOCK")

    def takes(self, datatype, field, value):
        if isinstance(value, Decimal):
            return abs(value) < Decimal(10) ** 35
        return not isinstance(value, int) or -(2**63) <= value < 2**63


@pytest.mark.slow
class TestMariaDB(MariaDBContract):
    pass


@pytest.mark.slow
class TestMariaDBWithUniqueNames(MariaDBContract):
    options: ClassVar = {"unique_names": True}
