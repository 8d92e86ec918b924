"""A process that dies: what a run, or a program that edits, leaves, and what follows.

Run as a program, ``killed.py SCENARIO FIRST STEP``, it tries the points FIRST, FIRST + STEP and
so on, until the work comes through. It does so in a process of its own, since a small one forks
faster.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from boundaries import killed_at

from b3j0f.sync import FileStore, Manual, Prefer, SQLStore, Synchronizer
from b3j0f.sync.data import schema_of
from b3j0f.sync.testing.world import Folder, Note

TYPES = [Folder, Note]


class LossySQLStore(SQLStore):
    """Strips texts and keeps whole seconds, as many a server does."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        for datatype in self.types:
            accessor = self.accessor(datatype)
            accessor._add_many = _stripped(accessor._add_many)
            accessor._update_many = _stripped(accessor._update_many)


def _stripped(hook):
    def write(every):
        return hook([_strip(one) if not isinstance(one, tuple) else _pair(one) for one in every])

    return write


def _pair(pair):
    return (_strip(pair[0]), pair[1])


def _strip(data):
    schema = schema_of(type(data))
    content = tuple(
        value.strip() if isinstance(value, str) and name != "name" else value
        for name, value in zip(schema.names, schema.content(data), strict=True)
    )
    return schema.make(content, data.id, data.created, data.updated, data.store)


@contextmanager
def opened(folder, policy=None, count=4):
    """The first *count* stores in *folder* and their synchronizer."""
    every = [
        SQLStore(f"sqlite:///{folder}/table.db", TYPES, name="table"),
        FileStore(folder / "documents", TYPES, name="documents"),
        LossySQLStore(f"sqlite:///{folder}/lossy.db", TYPES, name="lossy"),
        FileStore(folder / "sheets", TYPES, name="sheets", format="csv"),
    ]
    stores = every[:count]
    with Synchronizer(stores, ledger=folder / "ledger.db", policy=policy) as sync:
        try:
            yield sync
        finally:
            for store in stores:
                store.disconnect()


def one(store, datatype, name):
    (found,) = store.find(datatype, names=[name])
    return found


def change(store, datatype, which, /, **fields):
    """A user changes something, and the synchronizer is not told."""
    data = one(store, datatype, which)
    store.update(data.replace(**fields), data, notify=False)


def fill(sync):
    table, documents = sync.stores["table"], sync.stores["documents"]
    for name in ("home", "work"):
        table.add(Folder(name=name), notify=False)
    for number in range(4):
        context = ("home",) if number % 2 else ("work",)
        text = f"  text {number} "
        table.add(Note(name=f"n{number}", context=context, text=text), notify=False)
    documents.add(Folder(name="play", colour="blue"), notify=False)
    documents.add(Note(name="p", context=("play",), count=3), notify=False)


def nothing(sync):
    pass


def edits(sync):
    stores = sync.stores
    change(stores["table"], Note, "n0", text=" a new text ", count=7)
    change(stores["documents"], Note, "n0", description="elsewhere\n")
    change(stores["sheets"], Note, "n1", due=datetime(2024, 5, 17, 12, 0, tzinfo=UTC))
    change(stores["lossy"], Folder, "home", colour="green")


def renames(sync):
    table, documents = sync.stores["table"], sync.stores["documents"]
    change(table, Note, "n0", name="temporary")
    change(table, Note, "n2", name="n0")
    change(table, Note, "temporary", name="n2")
    change(documents, Note, "n1", name="renamed", text="and edited")
    change(table, Note, "n3", context=("work",))


def removals(sync):
    table, documents = sync.stores["table"], sync.stores["documents"]
    table.remove(one(table, Note, "n1"), notify=False)
    table.remove(one(table, Note, "n3"), notify=False)
    table.remove(one(table, Folder, "home"), notify=False)
    documents.remove(one(documents, Note, "n0"), notify=False)
    change(sync.stores["sheets"], Note, "n0", text="still needed")


def disputes(sync):
    change(sync.stores["table"], Note, "n0", text="ours", count=1)
    change(sync.stores["documents"], Note, "n0", text="theirs", count=2, description="agreed")


def snapshot(sync):
    """What is in every store, without ids, and what is open."""
    held = {
        name: sorted((type(d).__name__, repr(schema_of(type(d)).content(d))) for d in store.find())
        for name, store in sync.stores.items()
    }
    conflicts = [(c.global_name, c.field, dict(c.values)) for c in sync.conflicts()]
    return held, conflicts


def check(folder, expected, policy, count):
    """A normal run ends as if nothing had been, and leaves nothing behind."""
    with opened(folder, policy, count) as sync:
        report = sync.run(force=True)  # refused, if the dead process still had the lock
        assert report.ok, str(report)
        assert snapshot(sync) == expected
        assert not sync.plan().operations, str(sync.plan())
        assert not sync.status()["failing"]
        assert [run.number for run in sync.history()] == sorted(
            (run.number for run in sync.history()), reverse=True
        )
    left = [path for path in folder.rglob("*") if path.suffix == ".tmp"]
    assert not left


SCENARIOS = {
    "first mirror": (None, fill, None, 4),
    "edits": (fill, edits, None, 4),
    "renames and swaps": (fill, renames, None, 2),
    "removals": (fill, removals, None, 4),
    "conflicts": (fill, disputes, {Note: {"text": Manual(), None: Prefer("table")}}, 4),
}
EDITING = "a program that edits"


def prepared(start, name):
    """Fill the folder *start* for a scenario; what its run has to lead to."""
    before, then, policy, count = SCENARIOS[name]
    with opened(start, policy, count) as sync:
        if before is not None:
            before(sync)
            assert sync.run(force=True).ok
        then(sync)
    end = start.with_name("end")
    shutil.copytree(start, end)
    with opened(end, policy, count) as sync:
        assert sync.run(force=True).ok
        return snapshot(sync)


def try_run(start, name):
    """What is done until it is killed, and what is checked then."""
    *_, policy, count = SCENARIOS[name]
    expected = prepared(start, name)

    def run(folder):
        with opened(folder, policy, count) as sync:
            sync.run(force=True)

    return run, lambda folder: check(folder, expected, policy, count)


def try_editing(start):
    """Live: whatever users did before it died is everywhere after the next run, once."""
    with opened(start, count=2) as sync:
        fill(sync)
        sync.run(force=True)

    def work(folder):
        with opened(folder, count=2) as sync:
            table = sync.stores["table"]
            table.add(Note(name="new", context=("work",), text=" new "))
            note = one(table, Note, "n0")
            table.update(note.replace(text="newer"), note)
            note = one(table, Note, "n1")
            table.update(note.replace(name="moved", context=("work",)), note)
            table.remove(one(table, Note, "n2"))

    return work, check_edited


def check_edited(folder):
    """A normal run ends with what was done, in both stores, once."""
    with opened(folder, count=2) as sync:
        assert sync.run(force=True).ok
        held = {
            store: sorted(
                (type(d).__name__, *d.context, d.name, getattr(d, "text", "").strip())
                for d in sync.stores[store].find()
            )
            for store in sync.stores
        }
        assert all(every == held["table"] for every in held.values()), held
        assert len({each[:-1] for each in held["table"]}) == len(held["table"])
        assert not sync.conflicts()
        assert not sync.plan().operations
    assert not list(folder.rglob("*.tmp"))


def main(name, first, step):
    """Try points of a scenario; how many were tried."""
    with tempfile.TemporaryDirectory() as temporary:
        start = Path(temporary, "start")
        start.mkdir()
        work, look = try_editing(start) if name == EDITING else try_run(start, name)
        number, tried = first, 0
        while True:
            folder = Path(temporary, f"at{number}")
            shutil.copytree(start, folder)
            is_killed = killed_at(number, lambda folder=folder: work(folder))
            try:
                look(folder)
            except BaseException as exc:
                exc.add_note(f"{name}, killed at point {number}")
                raise
            shutil.rmtree(folder)
            if not is_killed:
                return tried
            tried += 1
            number += step


if __name__ == "__main__":
    sys.stdout.write(str(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
