"""Who competes: each is a generator that does the work and yields after each of its phases.

A phase is timed from one ``yield`` to the next. The last value that a contender yields is
what it did, so that nobody wins by doing less.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from work import FIELDS, changes, source, target


def ours(count: int, ledger: str | None = None) -> Iterator[str]:
    from b3j0f.sync import Data, MemoryStore, Prefer, Synchronizer

    class Item(Data):
        a: str = ""
        b: str = ""
        c: str = ""
        d: int = 0
        e: int = 0

    yield "start"
    stores = [MemoryStore([Item], name=name) for name in ("source", "target")]
    for store, rows in zip(stores, (source(count), target(count)), strict=True):
        accessor = store.accessor(Item)
        accessor.add_many([Item(**dict(zip(FIELDS, row, strict=True))) for row in rows])
    sync = Synchronizer(stores, policy=Prefer("source"), ledger=ledger)
    yield "load"
    plan = sync.plan()
    yield "plan"
    report = sync.apply(plan)
    yield "apply"
    item = stores[0].get(Item, 7)
    assert item is not None
    item.a = "once more"
    item.save()
    yield "one change"
    assert sync.plan().is_empty
    yield "plan again"
    missing, changed, extra = changes(count)
    assert len(report.applied) == missing + changed + extra, report.summary()


def ours_with_sqlite_ledger(count: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield from ours(count, str(Path(folder) / "ledger.db"))


def diffsync(count: int) -> Iterator[str]:
    import logging

    import structlog
    from diffsync import Adapter, DiffSyncModel

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

    class Item(DiffSyncModel):
        _modelname = "item"
        _identifiers = ("name",)
        _attributes = ("a", "b", "c", "d", "e")
        name: str
        a: str
        b: str
        c: str
        d: int
        e: int

    class Side(Adapter):
        item = Item
        top_level = ("item",)

    yield "start"
    here, there = Side(), Side()
    for side, rows in ((here, source(count)), (there, target(count))):
        for row in rows:
            side.add(Item(**dict(zip(FIELDS, row, strict=True))))
    yield "load"
    diff = here.diff_to(there)
    yield "plan"
    here.sync_to(there, diff=diff)
    yield "apply"
    here.get(Item, "n6").a = "once more"
    here.sync_to(there)
    yield "one change"
    assert not here.diff_to(there).has_diffs()
    yield "plan again"
    assert len(there.get_all(Item)) == count


def floor(count: int) -> Iterator[str]:
    """The least possible by hand: slotted objects in dicts, one way, no ledger."""

    class Item:
        __slots__ = FIELDS

        def __init__(self, *values: object) -> None:
            self.name, self.a, self.b, self.c, self.d, self.e = values

    def content(item: Item) -> tuple[object, ...]:
        return item.a, item.b, item.c, item.d, item.e

    yield "start"
    here = {row[0]: Item(*row) for row in source(count)}
    there = {row[0]: Item(*row) for row in target(count)}
    yield "load"
    missing = [item for name, item in here.items() if name not in there]
    changed = [i for n, i in here.items() if n in there and content(there[n]) != content(i)]
    extra = [name for name in there if name not in here]
    yield "plan"
    for item in (*missing, *changed):
        there[item.name] = Item(item.name, *content(item))
    for name in extra:
        del there[name]
    yield "apply"
    assert (len(missing), len(changed), len(extra)) == changes(count)


def sqlite_to_sqlite(count: int, ledger: bool = False) -> Iterator[str]:
    """First mirror of one SQLite table into an empty one."""
    from b3j0f.sync import Data, SQLStore, Synchronizer

    class Item(Data):
        a: str = ""
        b: str = ""
        c: str = ""
        d: int = 0
        e: int = 0

    with tempfile.TemporaryDirectory() as folder:
        stores = [SQLStore(f"sqlite:///{folder}/{n}.db", [Item], name=n) for n in ("one", "two")]
        items = [Item(**dict(zip(FIELDS, row, strict=True))) for row in source(count)]
        for start in range(0, count, 1000):
            stores[0].accessor(Item).add_many(items[start : start + 1000])
        del items
        yield "start"
        sync = Synchronizer(stores, ledger=f"{folder}/ledger.db" if ledger else None)
        report = sync.run()
        yield "mirror"
        assert not sync.run().applied
        yield "run again"
        assert len(report.applied) == count
        for store in stores:
            store.disconnect()


def sqlite_to_sqlite_with_ledger(count: int) -> Iterator[str]:
    yield from sqlite_to_sqlite(count, ledger=True)


def sqlite_floor(count: int) -> Iterator[str]:
    """The same by a script: read both, compare, executemany."""
    columns = ", ".join(FIELDS)
    marks = ", ".join("?" * len(FIELDS))
    with tempfile.TemporaryDirectory() as folder:
        here, there = (sqlite3.connect(f"{folder}/{name}.db") for name in ("one", "two"))
        for database in (here, there):
            database.execute(f"CREATE TABLE item (id INTEGER PRIMARY KEY, {columns})")
        here.executemany(f"INSERT INTO item ({columns}) VALUES ({marks})", source(count))
        here.commit()

        def mirror() -> int:
            rows = {row[0]: row for row in here.execute(f"SELECT {columns} FROM item")}
            known = {row[0]: row for row in there.execute(f"SELECT {columns} FROM item")}
            new = [row for name, row in rows.items() if known.get(name) != row]
            there.executemany(f"INSERT INTO item ({columns}) VALUES ({marks})", new)
            there.commit()
            return len(new)

        yield "start"
        written = mirror()
        yield "mirror"
        assert mirror() == 0
        yield "run again"
        assert written == count
        here.close()
        there.close()


CONTENDERS = {
    "ours": ours,
    "ours, SQLite ledger": ours_with_sqlite_ledger,
    "DiffSync": diffsync,
    "by hand": floor,
    "SQLite, ours": sqlite_to_sqlite,
    "SQLite, ours, SQLite ledger": sqlite_to_sqlite_with_ledger,
    "SQLite, by hand": sqlite_floor,
}
