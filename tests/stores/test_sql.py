"""SQLStore keeps the contract: in tables that it makes and in tables that are there."""

import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from b3j0f.sync.stores.sql import SQLStore
from b3j0f.sync.testing import Folder, Note, StoreContract

TABLES = {
    "Folder": {
        "table": "folders",
        "key": "number",
        "name_column": "title",
        "columns": {"context": "path", "description": "About it", "owner": "order"},
        "created_column": "made",
        "updated_column": "touched",
    },
    "Note": {
        "table": "notes",
        "key": "code",
        "name_column": "title",
        "context_columns": ["outer", "inner"],
        "columns": {"description": "about", "text": "body", "done": "is done"},
    },
}

SCRIPT = """
CREATE TABLE folders (
    "order" VARCHAR, quota INT, title TEXT COLLATE NOCASE, number INTEGER PRIMARY KEY AUTOINCREMENT,
    unused TEXT NOT NULL DEFAULT 'untouched', path VARCHAR(200) NOT NULL, "About it" TEXT,
    made TIMESTAMP, touched DATETIME
);
CREATE TABLE notes (
    about TEXT, title VARCHAR, code TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))),
    "outer" TEXT, "inner" TEXT, body TEXT,
    "order" BIGINT, weight REAL, "is done" TEXT, price TEXT, moment TEXT, day TEXT, alarm TEXT,
    "key" BLOB, attachment TEXT, mood TEXT, colour TEXT, remark TEXT, rank TEXT, seen TIMESTAMP,
    tags TEXT, lines TEXT, days TEXT, folder TEXT, unused INTEGER
);
"""


class SQLContract(StoreContract):
    """What the classes below have in common: a file that the tests spoil and block."""

    options: ClassVar[dict] = {}

    @pytest.fixture(autouse=True)
    def _hurry(self):
        """No waiting for the disk: no test takes the power away."""

        def hurry(driver, record):
            if isinstance(driver, sqlite3.Connection):
                driver.execute("PRAGMA synchronous = OFF")

        event.listen(Engine, "connect", hurry)
        yield
        event.remove(Engine, "connect", hurry)

    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "store.db"

    @pytest.fixture
    def store(self, path):
        return SQLStore(f"sqlite:///{path}", [Folder, Note], **self.options)

    def reopen(self, store):
        return SQLStore(store._url, [Folder, Note], name="other", **self.options)

    @contextmanager
    def broken(self, store):
        store.disconnect()
        path = Path(store._url.database)
        content = path.read_bytes()
        path.write_bytes(b"no database at all" * 1000)
        try:
            yield
        finally:
            store.disconnect()
            path.write_bytes(content)

    def column(self, store, datatype, field):
        layout = store.accessor(datatype)._layout
        return layout.label, layout.part(field).column.name, layout.key.name

    def spoil(self, store, data):
        field = {Folder: "quota", Note: "order"}[type(data)]
        table, column, key = self.column(store, type(data), field)
        with sqlite3.connect(store._url.database) as connection:
            spoil = f'UPDATE "{table}" SET "{column}" = ? WHERE "{key}" = ?'  # noqa: S608
            connection.execute(spoil, ("many", data.id))
        connection.close()
        return True

    def takes(self, datatype, field, value):
        return not isinstance(value, int) or -(2**63) <= value < 2**63


class TestMadeTables(SQLContract):
    pass


class TestMadeTablesWithUniqueNames(SQLContract):
    options: ClassVar = {"unique_names": True}


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self):
        return SQLStore("sqlite://", [Folder, Note])

    takes = SQLContract.takes


class TestExistingTables(SQLContract):
    """Other names for everything, a key of text, a column for each level of the context."""

    options: ClassVar = {"per_type": TABLES}

    @pytest.fixture
    def path(self, tmp_path):
        with sqlite3.connect(tmp_path / "store.db") as connection:
            connection.executescript(SCRIPT)
        connection.close()
        return tmp_path / "store.db"

    def contexts(self, datatype):
        return [(), ("a",), ("a", "b"), ("", "x/y"), ("A",)]

    def takes(self, datatype, field, value):
        if datatype is Note and field == "context":
            return len(value) <= 2
        return field == "rank" or super().takes(datatype, field, value)


class TestNameIsKey(SQLContract):
    """The key is the name: of a table that has no other, and no context; of one that we make."""

    reuses_ids = True
    options: ClassVar = {"per_type": {"Note": {"key": "name", "create": True}}}

    @pytest.fixture
    def path(self, tmp_path):
        with sqlite3.connect(tmp_path / "store.db") as connection:
            connection.execute(
                "CREATE TABLE folder (path TEXT PRIMARY KEY, description, owner TEXT, quota INT)"
            )
        connection.close()
        return tmp_path / "store.db"

    def contexts(self, datatype):
        return [()]

    def values(self, datatype, field):
        if field != "context":
            return super().values(datatype, field)
        return [(), ("a",)] if datatype is Folder else [()]

    def takes(self, datatype, field, value):
        return not (field == "context" and value) and super().takes(datatype, field, value)
