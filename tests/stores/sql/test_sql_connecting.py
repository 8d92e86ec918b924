"""SQLStore: finding the database, and saying what is wrong when there is none."""

import gc
import sqlite3
import sys

import pytest
import sqlalchemy as sa

from b3j0f.sync import Data
from b3j0f.sync.errors import (
    ConfigError,
    StoreError,
    StoreNotInstalledError,
    StoreUnavailableError,
    SyncError,
)
from b3j0f.sync.stores import store_class
from b3j0f.sync.stores.sql import SQLStore


class Item(Data):
    count: int = 0


def failure(url, kind=StoreError, **options):
    store = SQLStore(url, [Item], **options)
    with pytest.raises(SyncError) as caught:
        store.connect()
    assert type(caught.value) is kind
    assert not store.is_connected
    return str(caught.value)


def test_found_by_its_name():
    assert store_class("b3j0f.sync.stores.sql.SQLStore") is SQLStore


def test_nothing_happens_before_the_first_verb(path):
    """Making a store touches nothing; the file is made when it is first used."""
    store = SQLStore(f"sqlite:///{path}", [Item])
    assert not path.exists()
    assert len(store) == 0
    assert path.exists()
    store.disconnect()


def test_directory_that_is_not_there(tmp_path):
    """Neither a directory nor a file is made for what may be a misspelling."""
    path = tmp_path / "cusotmers" / "store.db"
    message = failure(f"sqlite:///{path}", StoreUnavailableError)
    assert f"{path} cannot be opened: there is no directory {path.parent}" in message
    assert "store 'sql'" in message
    assert list(tmp_path.iterdir()) == []


def test_directory_in_place_of_a_file(tmp_path):
    assert f"{tmp_path} is a directory" in failure(f"sqlite:///{tmp_path}")


def test_file_that_is_no_database(path):
    """It is named, and left as it is."""
    path.write_text("name;email\n" * 200)
    assert f"{path} is no SQLite database" in failure(f"sqlite:///{path}")
    assert path.read_text() == "name;email\n" * 200


def test_file_that_breaks_while_connected(path, open_store):
    """The driver's error is the cause of one of ours, whatever the verb."""
    store = open_store(Item)
    stored = store.add(Item(name="a"))
    store.disconnect()
    store.connect()
    path.write_bytes(b"x" * len(path.read_bytes()))
    for verb in (lambda: store.get(Item, 1), lambda: list(store), lambda: store.remove(stored)):
        with pytest.raises(StoreError, match="is no SQLite database") as caught:
            verb()
        assert isinstance(caught.value.__cause__, sa.exc.DatabaseError)


def test_table_that_is_dropped_while_connected(execute, open_store):
    store = open_store(Item)
    store.connect()
    execute("DROP TABLE Item")
    with pytest.raises(StoreError, match="no such table: Item") as caught:
        store.add(Item(name="a"))
    assert not isinstance(caught.value, StoreUnavailableError)
    assert "INSERT" not in str(caught.value)


def test_read_only_file(path, execute, open_store):
    """What the database refuses is no matter of trying again."""
    execute("CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT)")
    store = SQLStore(f"sqlite:///file:{path}?mode=ro&uri=true", [Item])
    assert list(store) == []
    with pytest.raises(StoreError, match="readonly database") as caught:
        store.add(Item(name="a"))
    assert type(caught.value) is StoreError
    store.disconnect()


@pytest.mark.parametrize("url", ["customers.db", "", "http//x", 5, None, "sqlite"])
def test_url_that_is_none(url):
    with pytest.raises(ConfigError, match=r"sqlite:///customers\.db") as caught:
        SQLStore(url, [Item])
    assert caught.value.option == "url"


def test_database_that_nobody_knows():
    message = failure("nosuchdb://host/x", ConfigError)
    assert "nosuchdb" in message
    assert "postgresql://user@host/database" in message


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [
        ("postgresql://ann@localhost/x", "psycopg", "postgresql"),
        ("postgresql+psycopg://ann@localhost/x", "psycopg", "postgresql"),
        ("mariadb://ann@localhost/x", "pymysql", "mariadb"),
    ],
)
def test_driver_that_is_missing(monkeypatch, url, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    assert f'pip install "b3j0f.sync[{extra}]"' in failure(url, StoreNotInstalledError)


def test_password_is_never_shown(monkeypatch, path):
    """Not the one in the URL, not the one beside it; not in messages, reprs and causes."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for url, options in (
        ("postgresql://ann:s3cret@localhost/x", {}),
        ("postgresql://ann@localhost/x", {"password": "s3cret"}),
    ):
        store = SQLStore(url, [Item], **options)
        assert store._url.password == "s3cret"  # noqa: S105 - of nobody
        with pytest.raises(SyncError) as caught:
            store.connect()
        error = caught.value
        while error is not None:
            assert "s3cret" not in f"{error!r} {error}"
            error = error.__cause__
        assert "s3cret" not in repr(store) + store.dialect.place(store._url)
    with pytest.raises(ConfigError) as caught:
        SQLStore("ann:s3cret@localhost", [Item])
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("sqlite:///x.db", {"password": "s3cret"}),
        ("sqlite://ann:s3cret@host/x.db", {}),
    ],
)
def test_password_for_a_file(url, options):
    message = failure(url, ConfigError, **options)
    assert "s3cret" not in message
    assert "has neither a host nor a user" in message


@pytest.mark.parametrize("timeout", ["30", -1, True, None])
def test_timeout_that_is_none(timeout):
    with pytest.raises(ConfigError, match="expected seconds"):
        SQLStore("sqlite://", [Item], timeout=timeout)


def test_values_are_not_in_messages(execute, open_store):
    execute("CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT CHECK (length(name) < 5))")
    store = open_store(Item)
    with pytest.raises(StoreError) as caught:
        store.add(Item(name="confidential"))
    assert "confidential" not in str(caught.value)
    assert "confidential" not in str(caught.value.__cause__)


def test_home_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    with SQLStore("sqlite:///~/mine.db", [Item]) as store:
        store.add(Item(name="a"))
    assert (tmp_path / "mine.db").exists()


def test_connections_go_with_the_store(path):
    """One that nobody disconnects closes its connections when it is forgotten."""
    closed = []

    class Counted(sqlite3.Connection):
        def close(self):
            closed.append(1)
            super().close()

    store = SQLStore(f"sqlite:///{path}", [Item])
    store.connect()
    store._engine.dispose()
    closed.clear()
    sa.event.listen(store._engine, "do_connect", lambda *_: sqlite3.connect(path, factory=Counted))
    assert len(store) == 0
    del store
    gc.collect()
    assert closed == [1]


def test_mistake_at_connecting_leaves_nothing_open(path, execute):
    """And what was wrong can be put right without making another store."""
    execute("CREATE TABLE Item (name TEXT)")
    store = SQLStore(f"sqlite:///{path}", [Item])
    with pytest.raises(ConfigError):
        store.connect()
    assert store._engine is None
    execute("DROP TABLE Item")
    assert store.add(Item(name="a")).id == 1
    store.disconnect()
