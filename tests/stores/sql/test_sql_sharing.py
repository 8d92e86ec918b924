"""SQLStore: several readers and writers at once, in this process and in others."""

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from b3j0f.sync import Data
from b3j0f.sync.errors import NotFoundError, StaleError, StoreUnavailableError
from b3j0f.sync.stores.sql import SQLStore
from b3j0f.sync.stores.sql.statements import PAGE


class Item(Data):
    count: int = 0


@pytest.fixture(params=["file", "wal", "memory"])
def store(request, path, execute):
    if request.param == "wal":
        execute("PRAGMA journal_mode = WAL")
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{path}"
    store = SQLStore(url, [Item], timeout=20)
    yield store
    store.disconnect()


def test_writing_while_reading(store):
    """The loop over a find may add, update and remove; every data comes once."""
    count = 2 * PAGE + 10
    store.accessor(Item).add_many([Item(name=str(n), count=n) for n in range(count)])
    seen = []
    for data in store.find(Item):
        if data.count >= count:
            continue
        seen.append(data.id)
        if data.count % 100 == 0:
            store.update(data.replace(count=data.count), data)
            store.update(data.replace(description="seen"), data)
        if data.count % 150 == 1:
            store.remove(data)
        if data.count % 700 == 2:
            store.add(Item(name=f"new {data.name}", count=count))
    assert len(seen) == len(set(seen)) == count
    assert len(list(store.find(description="seen"))) == len(range(0, count, 100))


def test_finds_side_by_side(store):
    """Streams that are not read to their end hold nothing back, not even each other."""
    store.accessor(Item).add_many([Item(name=str(n)) for n in range(3 * PAGE)])
    streams = [store.find(Item) for _ in range(40)]
    for stream in streams:
        next(stream)
    store.add(Item(name="new"))
    assert len(list(streams[0])) == 3 * PAGE
    assert next(streams[1]).name == "1"


def test_threads(store):
    """Several threads add, read and remove through one store; nothing is lost or doubled."""
    accessor = store.accessor(Item)

    def work(number):
        for turn in range(15):
            name = f"{number}-{turn}"
            stored = store.add(Item(name=name))
            assert store.get_by_name(Item, name) == stored
            batch = accessor.add_many([Item(name=f"{name}-{n}") for n in range(5)])
            assert [data.name for data in batch] == [f"{name}-{n}" for n in range(5)]
            store.remove(batch[0])
            assert stored.id in {data.id for data in store.find(Item)}
        return number

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == list(range(6))
    assert len(store) == 6 * 15 * 5


def test_one_of_many_wins(store):
    """Counting up from what was read: whoever is late is told so, and no count is lost."""
    store.add(Item(name="counter"))
    late = []

    def count_up(_):
        for _ in range(20):
            while True:
                old = store.get_by_name(Item, "counter")
                try:
                    store.update(old.replace(count=old.count + 1), old)
                except StaleError:
                    late.append(1)
                else:
                    break

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(4)))
    assert store.get_by_name(Item, "counter").count == 80


def test_one_removes_it(store):
    stored = store.add(Item(name="a"))
    outcomes = []

    def remove(_):
        try:
            store.remove(stored)
        except NotFoundError:
            outcomes.append("late")
        else:
            outcomes.append("first")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remove, range(4)))
    assert sorted(outcomes) == ["first", "late", "late", "late"]


# --- other programs --------------------------------------------------------------------------


def test_journal_mode_is_the_users(path, execute, open_store):
    store = open_store(Item)
    store.add(Item(name="a"))
    assert execute("PRAGMA journal_mode") == [("delete",)]
    execute("PRAGMA journal_mode = WAL")
    store.add(Item(name="b"))
    assert execute("PRAGMA journal_mode") == [("wal",)]


def test_locked_by_another_program(path, open_store):
    """A writer that does not end makes us unavailable after the timeout; readers go on."""
    store = open_store(Item, timeout=0.2)
    stored = store.add(Item(name="a"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for verb in (
            lambda: store.add(Item(name="b")),
            lambda: store.update(stored.replace(count=1), stored),
            lambda: store.remove(stored),
            lambda: store.accessor(Item).add_many([Item(name="b"), Item(name="c")]),
        ):
            with pytest.raises(StoreUnavailableError, match="database is locked") as caught:
                verb()
            assert caught.value.store == "sql"
        assert store.get(Item, stored.id) == stored
        other.execute("COMMIT")
    assert store.update(stored.replace(count=1), stored).count == 1
    assert len(store) == 1


def test_reader_of_another_program(path, open_store):
    """One who reads keeps us from committing; nothing is half-written then."""
    store = open_store(Item, timeout=0.2)
    stored = store.add(Item(name="a"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM Item").fetchone()
        with pytest.raises(StoreUnavailableError):
            store.update(stored.replace(count=1), stored)
        other.execute("ROLLBACK")
    assert store.get(Item, stored.id) == stored
    assert store.update(stored.replace(count=2), stored).count == 2


def test_waiting_for_another_program(path, open_store):
    """A writer that ends in time is waited for."""
    store = open_store(Item, timeout=20)
    store.connect()
    script = (
        "import sqlite3, sys, time\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute(\"INSERT INTO Item (name) VALUES ('theirs')\")\n"
        "print('locked', flush=True)\n"
        "time.sleep(0.5)\n"
        "c.execute('COMMIT')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "locked\n"
        store.add(Item(name="ours"))
        assert other.wait() == 0
    assert [data.name for data in store.find(Item)] == ["theirs", "ours"]


def test_two_stores_make_one_table(path):
    """Whoever is second finds what the first one made."""
    barrier, stores = threading.Barrier(4), []

    def connect(number):
        store = SQLStore(f"sqlite:///{path}", [Item])
        stores.append(store)
        barrier.wait()
        return store.add(Item(name=str(number))).id

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(connect, range(4)))
    assert sorted(ids) == [1, 2, 3, 4]
    for store in stores:
        store.disconnect()


def test_memory_of_two_stores():
    """Each store in memory is a database of its own."""
    one, two = SQLStore("sqlite://", [Item]), SQLStore("sqlite:///:memory:", [Item])
    one.add(Item(name="a"))
    assert len(two) == 0
    one.disconnect()
    assert [data.name for data in one] == ["a"]
