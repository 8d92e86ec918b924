"""Where a ledger can be, and what is said where it cannot."""

import os
import sqlite3
import stat

import pytest

from b3j0f.sync import Data, LedgerError, MemoryStore, Synchronizer
from b3j0f.sync.data import schema_of
from b3j0f.sync.ledger import Entry, Linked, MemoryLedger, open_ledger


class Note(Data):
    pass


def used(ledger):
    """Written to, so that its journals are there."""
    ledger.save([Entry(schema_of(Note), None, ("n", (), ""), {"a": Linked(1, ("n", (), ""))})])
    return ledger


def test_none_is_in_memory():
    assert isinstance(open_ledger(None), MemoryLedger)


@pytest.mark.parametrize(
    "name", ["l.db", "with space.db", "a?b=c.db", "a#b.db", "50%.db", "a%2Fb.db", "é:@.db", "a'b"]
)
def test_any_path_is_that_file(tmp_path, name):
    path = tmp_path / name
    used(open_ledger(path)).close()
    assert [one.name for one in tmp_path.iterdir()] == [name]
    again = open_ledger(str(path))
    assert again.count(schema_of(Note)) == 1
    again.close()


def test_home_and_here(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    open_ledger("~/home.db").close()
    open_ledger("here.db").close()
    assert {one.name for one in tmp_path.iterdir()} == {"home.db", "here.db"}


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_only_its_owner_reads_it(tmp_path, umask):
    before = os.umask(umask)
    try:
        ledger = used(open_ledger(tmp_path / "l.db"))
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
        ledger.close()
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(["l.db", "l.db-wal", "l.db-shm"], 0o600)


def test_what_a_user_allowed_stays(tmp_path):
    path = tmp_path / "l.db"
    path.touch()
    path.chmod(0o640)
    open_ledger(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_no_such_directory(tmp_path):
    with pytest.raises(LedgerError, match="cannot be opened: No such file") as caught:
        open_ledger(tmp_path / "nowhere" / "l.db")
    assert str(tmp_path / "nowhere" / "l.db") in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_directory(tmp_path):
    with pytest.raises(LedgerError, match="Is a directory"):
        open_ledger(tmp_path)


def test_an_unwritable_directory(tmp_path):
    open_ledger("sqlite://").close()  # what is imported late is imported as who we are
    tmp_path.chmod(0o555)
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.seteuid(65534)  # root writes everywhere
        with pytest.raises(LedgerError, match="cannot be opened: Permission denied"):
            open_ledger(tmp_path / "l.db")
    finally:
        if is_root:
            os.seteuid(0)
        tmp_path.chmod(0o755)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"no database at all, but a note\n" * 100, b"\0" * 5_000])
def test_no_database(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="not a database") as caught:
        open_ledger(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["notes.txt"]


def test_of_a_newer_version(tmp_path):
    path = tmp_path / "l.db"
    open_ledger(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("update b3j0fsync_meta set value = '999' where key = 'version'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=r"newer version .*999.*upgrade b3j0f.sync"):
        open_ledger(path)
    assert path.read_bytes() == before


def test_beside_other_tables(tmp_path):
    """A database of somebody else keeps what it has."""
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table customers (name)")
        connection.execute("insert into customers values ('ann')")
    connection.close()
    used(open_ledger(path)).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("select * from customers").fetchall() == [("ann",)]
    connection.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense://host/db", "nonsense"),
        ("postgresql+nodriver://host/db", "nodriver"),
        ("sqlite:///no/such/directory/l.db", "cannot be opened: No such file"),
        ("://", "parse"),
    ],
)
def test_urls_that_lead_nowhere(url, message):
    with pytest.raises(LedgerError, match=message):
        open_ledger(url)


def test_no_password_is_told():
    with pytest.raises(LedgerError) as caught:
        open_ledger("sqlite://user:secret@host/no/such.db")
    assert "secret" not in str(caught.value)


def test_a_failure_while_writing_notes_nothing(tmp_path):
    ledger = used(open_ledger(tmp_path / "l.db"))
    schema = schema_of(Note)
    bad = Entry(schema, None, ("n", (), object()), {"a": Linked(2, None)})
    good = Entry(schema, None, ("m", (), ""), {"a": Linked(3, ("m", (), ""))})
    with pytest.raises(TypeError):
        ledger.save([good, bad])
    assert ledger.count(schema) == ledger.count(schema, "a") == 1
    assert used(ledger).count(schema) == 2
    ledger.close()


def test_one_that_is_gone_wrong_under_way(tmp_path):
    path = tmp_path / "l.db"
    ledger = used(open_ledger(path))
    with sqlite3.connect(path) as connection:
        connection.execute("drop table b3j0fsync_links")
    connection.close()
    with pytest.raises(LedgerError, match="no such table"):
        ledger.find(schema_of(Note), "a", 1)
    ledger.close()


def test_two_processes_one_after_the_other(tmp_path):
    """What one synchronizer agreed, the next one knows."""
    path = tmp_path / "l.db"
    a, b = MemoryStore([Note], name="a"), MemoryStore([Note], name="b")
    with Synchronizer([a, b], ledger=path):
        a.add(Note(name="n"))
    a.remove(a[Note, 1])
    with Synchronizer([a, b], ledger=path) as sync:
        (operation,) = sync.plan().operations
        assert (str(operation.kind), operation.store) == ("remove", "b")


def test_a_url_of_a_file_is_private_too(tmp_path):
    open_ledger(f"sqlite:///{tmp_path}/url.db").close()
    assert (tmp_path / "url.db").stat().st_mode & 0o777 == 0o600
