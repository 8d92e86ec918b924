"""Several processes with the same stores and the same ledger: one waits, or is refused."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from b3j0f.sync import FileStore, LockedError, SQLStore, Synchronizer
from b3j0f.sync.engine import session
from b3j0f.sync.ledger import open_ledger
from b3j0f.sync.ledger.process import Process
from b3j0f.sync.ledger.sql import lock as lock_module
from b3j0f.sync.testing.world import Folder, Note

TYPES = [Folder, Note]
POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1/test"
MARIADB = "mysql+pymysql://root@127.0.0.1/test"


def stores(folder):
    return [
        SQLStore(f"sqlite:///{folder}/table.db", TYPES, name="table"),
        FileStore(folder / "documents", TYPES, name="documents"),
    ]


def run(folder):
    """A run of its own; 0: done, 3: refused."""
    made = stores(folder)
    try:
        with Synchronizer(made, name="both", ledger=folder / "ledger.db") as sync:
            return 0 if sync.run(force=True).ok else 1
    except LockedError as exc:
        return 3 if exc.holder else 1
    finally:
        for store in made:
            store.disconnect()


def forked(act, *arguments):
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        code = act(*arguments)
    except BaseException:  # noqa: BLE001 - it must not go on as a second test runner
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)
    return 0


def waited(child):
    _, status = os.waitpid(child, 0)
    assert os.WIFEXITED(status), status
    return os.WEXITSTATUS(status)


def test_two_processes_run_at_the_same_time(tmp_path, request):
    """No duplicate, no loss, whoever comes first; also where the ledger is made by both."""
    for number in range(200 if request.config.getoption("--slow") else 12):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        table, documents = stores(folder)
        for name in "abc":
            table.add(Folder(name=name))
            documents.add(Note(name=f"{name}{number}", text="text"))
        table.disconnect()
        codes = {waited(child) for child in [forked(run, folder) for _ in range(2)]}
        assert codes <= {0, 3}
        assert 0 in codes
        with Synchronizer(stores(folder), name="both", ledger=folder / "ledger.db") as sync:
            sync.run(force=True)
            assert not sync.plan().operations
            assert not sync.conflicts()
            for store in sync.stores.values():
                assert sorted(d.name for d in store.find(Folder)) == ["a", "b", "c"]
                names = [f"{name}{number}" for name in "abc"]
                assert sorted(d.name for d in store.find(Note)) == names
                store.disconnect()


def live(folder, which):
    made = stores(folder)
    with Synchronizer(made, name="both", ledger=folder / "ledger.db"):
        for number in range(5):
            made[0].add(Note(name=f"{which}{number}", text=which))
        (first,) = made[0].find(Note, names=[f"{which}0"])
        made[0].update(first.replace(text="changed"), first)
        made[0].remove(next(made[0].find(Note, names=[f"{which}1"])))
    for store in made:
        store.disconnect()
    return 0


def test_a_run_while_others_make_live_changes(tmp_path):
    table, *_ = stores(tmp_path)
    table.connect()  # its tables are there before anybody races for making them
    table.disconnect()
    children = [forked(live, tmp_path, which) for which in "xy"] + [forked(run, tmp_path)]
    assert {waited(child) for child in children} <= {0, 3}
    with Synchronizer(stores(tmp_path), name="both", ledger=tmp_path / "ledger.db") as sync:
        sync.run(force=True)
        for store in sync.stores.values():
            names = sorted((d.name, d.text) for d in store.find(Note))
            expected = {(f"{w}{n}", w if n else "changed") for w in "xy" for n in (0, 2, 3, 4)}
            assert names == sorted(expected)
            store.disconnect()
        assert not sync.plan().operations
        assert not sync.conflicts()


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def place(request, tmp_path, database):
    if request.param == "sqlite":
        return tmp_path / "ledger.db"
    return database({"postgresql": POSTGRESQL, "mariadb": MARIADB}[request.param])


def test_the_lock_is_had_by_one(place):
    first, second = open_ledger(place), open_ledger(place)
    first.lock.acquire("a run of 'x'", 0)
    with pytest.raises(LockedError, match=r"a run of 'x' is under way \(process \d+ on ") as caught:
        second.lock.acquire("a run of 'x'", 0.05)
    assert str(os.getpid()) in caught.value.holder
    second.lock.release()  # of what it does not have: no effect
    with pytest.raises(LockedError):
        second.lock.acquire("again", 0)
    first.lock.release()
    second.lock.acquire("a run of 'x'", 0)
    with pytest.raises(LockedError):
        first.lock.acquire("once more", 0)
    for ledger in (first, second):
        ledger.close()


def test_a_lease_that_was_not_renewed_goes_to_others(place, monkeypatch):
    monkeypatch.setattr(lock_module, "LEASE", 0.2)
    first, second = open_ledger(place), open_ledger(place)
    first.lock._lease = second.lock._lease = 0.2
    first.lock._keeper = type("Asleep", (), {"is_alive": lambda self: True})()
    first.lock.acquire("a run", 0)
    second.lock.acquire("another run", 5)
    with pytest.raises(LockedError, match="held up for so long"):
        first.lock.confirm()
    second.lock.confirm()
    first.lock.release()
    second.lock.confirm()
    for ledger in (first, second):
        ledger.close()


def test_a_lease_is_renewed_while_it_is_had(tmp_path):
    ledger = open_ledger(tmp_path / "ledger.db")
    ledger.lock._lease = 0.4
    ledger.lock.acquire("a long run", 0)
    other = open_ledger(tmp_path / "ledger.db")
    with pytest.raises(LockedError):
        other.lock.acquire("another run", 1.2)
    for each in (ledger, other):
        each.close()


HOLD = """
import sys, time
from b3j0f.sync.ledger import open_ledger
ledger = open_ledger(sys.argv[1])
ledger.lock.acquire("a run", 0)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has the lock."""
    path = tmp_path / "ledger.db"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process, path
        process.kill()


def test_a_dead_process_loses_its_lock_at_once(holder, tmp_path):
    process, path = holder
    ledger = open_ledger(path)
    with pytest.raises(LockedError, match=f"process {process.pid} on .*frees itself in"):
        ledger.lock.acquire("a run", 0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    ledger.lock.acquire("a run", 0)
    ledger.close()


def test_a_number_that_another_program_has_now(holder):
    """The process that had it is gone, although its number is in use."""
    _process, path = holder
    with sqlite3.connect(path) as connection:
        ((text,),) = connection.execute("select holder from b3j0fsync_lock")
        changed = text.replace('"started": "', '"started": "1')
        assert changed != text
        connection.execute("update b3j0fsync_lock set holder = ?", (changed,))
    connection.close()
    ledger = open_ledger(path)
    ledger.lock.acquire("a run", 0)
    ledger.close()
    assert not Process.this().is_gone


def test_a_process_that_others_cannot_see_is_not_taken_for_gone():
    facts = {**Process.this().facts, "pid": 4_000_000}
    assert Process(facts).is_gone
    assert not Process({**facts, "host": "elsewhere"}).is_gone
    assert not Process({**facts, "place": "another boot"}).is_gone
    assert not Process({**facts, "pid": "none"}).is_gone


def test_who_is_refused_is_told_by_whom(holder, tmp_path, monkeypatch):
    process, path = holder
    monkeypatch.setattr(session, "PATIENCE", 0.05)
    with Synchronizer(stores(tmp_path), name="both", ledger=path) as sync:
        with pytest.raises(LockedError, match=rf"a run is under way \(process {process.pid} on"):
            sync.run()
        sync.plan()  # reads only
        sync.status()
        for store in sync.stores.values():
            store.disconnect()


def test_a_change_while_another_process_is_at_it_is_taken_later(holder, tmp_path, monkeypatch):
    process, path = holder
    monkeypatch.setattr(session, "LIVE_PATIENCE", 0.05)
    table, documents = stores(tmp_path)
    with Synchronizer([table, documents], name="both", ledger=path) as sync:
        table.add(Note(name="n"))
        assert len(documents) == 0
        process.kill()
        process.wait()
        sync.retry()
        assert len(documents) == 1
    table.disconnect()


def hang(folder, go, tell):
    """A run that stops in the middle of its writes, and is continued later."""
    lock_module.LEASE = 1.0
    made = stores(folder)
    sync = Synchronizer(made, name="both", ledger=folder / "ledger.db")
    sync.ledger.lock._lease = 1.0
    accessor = made[1].accessor(Note)
    add = accessor._add_many

    def slow(every):
        os.write(tell, b"x")
        os.kill(os.getpid(), signal.SIGSTOP)
        return add(every)

    accessor._add_many = slow
    try:
        sync.run(force=True)
    except LockedError:
        return 3
    return 0


def test_a_process_that_hangs_loses_its_lease_and_writes_no_more(tmp_path):
    table, documents = stores(tmp_path)
    for number in range(60):  # two batches
        table.add(Note(name=f"n{number}"))
    table.disconnect()
    read, write = os.pipe()
    child = forked(hang, tmp_path, read, write)
    os.read(read, 1)
    with Synchronizer(stores(tmp_path), name="both", ledger=tmp_path / "ledger.db") as sync:
        sync.ledger.lock._lease = 1.0
        assert sync.run(force=True).ok  # waits until the lease has ended
        os.kill(child, signal.SIGCONT)
        assert waited(child) == 3
        sync.run(force=True)
        for store in sync.stores.values():
            found = sorted(d.name for d in store.find(Note))
            assert found == sorted({*found})
            assert len(found) == 60
            store.disconnect()
    documents.disconnect()
