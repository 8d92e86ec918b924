"""Documents: one file per data, which people write too."""

import json
import os
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from b3j0f.sync import Data
from b3j0f.sync.errors import (
    AlreadyExistsError,
    ConfigError,
    DataError,
    NotFoundError,
    StaleError,
    StoreError,
    StoreUnavailableError,
)
from b3j0f.sync.samples.texts import LONG_TEXT, ODD_TEXTS
from b3j0f.sync.stores.files import FileStore
from b3j0f.sync.stores.files.formats import format_called

SHORT = [text for text in ODD_TEXTS if text != LONG_TEXT]


class Customer(Data):
    """What the tests keep."""

    email: str = ""
    credit: int = 0
    price: Decimal = Decimal(0)
    labels: frozenset[str] = frozenset()


class Strict(Data):
    """One field has to be there."""

    code: str


@pytest.fixture
def store(tmp_path):
    with FileStore(tmp_path / "records", [Customer, Strict]) as store:
        yield store


@pytest.fixture
def folder(store):
    store.add(Customer(name="Ann"), notify=False)
    store.remove(store.get(Customer, "Ann"))
    return store.path / "Customer"


def entries(folder):
    return sorted(path.name for path in folder.iterdir())


def found(store, datatype=Customer):
    """What is readable, and the errors of what is not."""
    told = {}
    data = list(store.accessor(datatype).find(unreadable=told.__setitem__))
    return {one.id: one for one in data}, told


def test_a_new_document_shows_every_field(store):
    ann = Customer(name="Ann", context=("north", "a/b"), email="a@b.org", labels=frozenset("ba"))
    stored = store.add(ann)
    path = store.path / "Customer" / "north" / "a%2Fb" / "Ann.yaml"
    assert path.read_text() == (
        "description: ''\nemail: a@b.org\ncredit: 0\nprice: 0\nlabels:\n  - a\n  - b\n"
    )
    assert stored.id == "north/a%2Fb/Ann"
    assert stored.created is None
    assert stored.updated == datetime.fromtimestamp(path.stat().st_mtime_ns // 1000 / 1e6, UTC)


def test_json_documents(tmp_path):
    with FileStore(tmp_path / "records", [Customer], format="json") as store:
        stored = store.add(Customer(name="Ann", email="é", price=Decimal("1.10")))
        path = store.path / "Customer" / "Ann.json"
        assert json.loads(path.read_text()) == {
            "description": "",
            "email": "é",
            "credit": 0,
            "price": "1.1",
            "labels": [],
        }
        text = '{\n    "price": 1.10,\n    "unknown": {"a": [1.50]},\n    "email": "\\u00e9"}'
        path.write_text(text)
        old = store.get(Customer, stored.id)
        assert old.price == Decimal("1.10")
        store.update(old.replace(price=Decimal("2.20"), email="\u00fc", credit=5), old)
        assert path.read_text() == (
            '{\n    "price": 2.20,\n    "unknown": {"a": [1.50]},\n'
            '    "email": "\\u00fc",\n    "credit": 5}'
        )


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "expected an object"),
        ("[1]", 1, "expected an object"),
        ('{"a": 1,\n"a": 2}', 2, "'a' is there twice"),
        ('{"email": 5}', 1, "expected str, given 5"),
        ('{"credit":\n true}', 2, "expected int, given true"),
        ('{"credit": 1,}', 1, "broken JSON"),
        ('{"credit": NaN}', 1, "broken JSON"),
        ('{"a": 1} x', 1, "broken JSON"),
        ('{"a": ' + "[" * 100_000, 1, "broken JSON"),
    ],
)
def test_broken_json_is_told_with_its_place(tmp_path, text, line, problem):
    with FileStore(tmp_path / "records", [Customer], format="json") as store:
        store.add(Customer(name="good"))
        (store.path / "Customer" / "bad.json").write_text(text)
        good, told = found(store)
        assert good.keys() == {"good"}
        assert problem in str(told["bad"])
        assert str(store.path / "Customer" / "bad.json") in str(told["bad"])
        if "[[" not in text and "NaN" not in text:
            assert f"line {line}, column" in str(told["bad"])


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.text(max_size=8) | st.sampled_from(SHORT)),
    st.text(max_size=8) | st.sampled_from(SHORT),
    st.sampled_from([None, 2, "\t"]),
)
def test_any_change_of_any_json(values, after, indent):
    from b3j0f.sync.kinds import kind_of

    text = json.dumps(values, indent=indent)
    many = kind_of(tuple[str, ...])
    document = format_called("json").parse(text)
    changed = document.edited({"a": (kind_of(str), after), "z": (many, (after, "x"))}, ())
    assert json.loads(changed) == values | {"a": after, "z": [after, "x"]}
    for redundant in (["a"], ["a", "z"], ["z", "a", "b"]):
        changes = {key: (kind_of(str), after) for key in redundant}
        left = json.loads(document.edited(changes, redundant))
        kept = {k: v for k, v in values.items() if k not in redundant}
        assert left == kept or (not kept and len(left) <= 1)


def test_a_change_shows_only_what_changed(store, folder):
    text = (
        "# our best one\nemail:   ann@b.org  # work\nfax: 007\n\nlabels: [x]\ncredit: 5\n"
        "created: 2020-01-02 03:04:05Z\n"
    )
    (folder / "Ann.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    old = store.get(Customer, "Ann")
    assert old.created == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    new = store.update(old.replace(credit=6, description="new"), old)
    assert (folder / "Ann.yaml").read_bytes() == b"\xef\xbb\xbf" + (
        text.replace("credit: 5", "credit: 6") + "description: new\n"
    ).encode()
    assert (new.credit, new.created) == (6, old.created)
    assert store.get(Customer, "Ann") == new


def test_the_same_again_leaves_the_file_alone(store):
    stored = store.add(Customer(name="Ann", email="a"))
    path = store.path / "Customer" / "Ann.yaml"
    os.utime(path, ns=(10**18, 10**18))
    before = path.stat()
    old = store.get(Customer, "Ann")
    assert store.update(old.replace(), old) == stored
    assert store.accessor(Customer).update_many([(old, old)]) == [stored]
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_missing_keys(store, folder):
    (folder / "Ann.yaml").write_text("credit: 7\n")
    (store.path / "Strict").mkdir()
    (store.path / "Strict" / "x.yaml").write_text("description: y\n")
    assert store.get(Customer, "Ann") == Customer(name="Ann", credit=7)
    with pytest.raises(StoreError, match="'code' is missing; expected str"):
        store.get(Strict, "x")


def test_bad_files_stop_no_other(store, folder):
    bad = {
        "empty": b"",
        "broken": b"email: [a\n",
        "encoding": "email: ok\ncredit: 5\ndescription: ü".encode("latin-1"),
        "value": b"email: x\ncredit: many\n",
        "created": b"created: yesterday\n",
    }
    for name, content in bad.items():
        (folder / f"{name}.yaml").write_bytes(content)
    os.mkfifo(folder / "pipe.yaml")
    store.add(Customer(name="good"))
    for _ in range(2):
        good, told = found(store)
        assert good.keys() == {"good"}
        assert told.keys() == bad.keys() | {"pipe"}
        for name, error in told.items():
            assert str(folder / f"{name}.yaml") in str(error)
    assert "line 3: this is not UTF-8" in str(told["encoding"])
    assert isinstance(told["value"], DataError)
    assert "line 2, column 9: Customer.credit: expected int, given 'many'" in str(told["value"])
    for name in told:
        with pytest.raises((StoreError, DataError)):
            store.get(Customer, name)
        with pytest.raises((StoreError, DataError)):
            store.get_by_name(Customer, name)
        with pytest.raises((StoreError, DataError)):
            store.add(Customer(name=name))
    assert store.accessor(Customer).changes().removed == []
    for name, content in bad.items():
        assert (folder / f"{name}.yaml").read_bytes() == content


def test_foreign_files_are_left_alone(store, folder):
    names = [
        ".hidden.yaml",
        "Ann.yaml~",
        ".#Ann.yaml",
        "#Ann.yaml#",
        ".Ann.yaml.swp",
        "Ann.json",
        "README",
    ]
    for name in names:
        (folder / name).write_text("not: ours")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.yaml").write_text("not: ours")
    stored = store.add(Customer(name="Ann", context=("north",)))
    (folder / "north" / "notes.txt").write_text("mine")
    assert list(store) == [stored]
    store.remove(stored)
    assert found(store) == ({}, {})
    assert set(entries(folder)) == {*names, ".git", "north"}
    assert entries(folder / "north") == ["notes.txt"]


def test_a_rename_takes_all_along(store, folder):
    (folder / "old").mkdir()
    (folder / "old" / "Ann.yaml").write_text("# a comment\nemail: a\nfax: 007\n")
    old = store.get(Customer, "old/Ann")
    new = store.update(old.replace(name="Bob", context=("new", "deep"), credit=1), old)
    assert new.id == "new/deep/Bob"
    assert (folder / "new" / "deep" / "Bob.yaml").read_text() == (
        "# a comment\nemail: a\nfax: 007\ncredit: 1\n"
    )
    assert entries(folder) == ["new"]
    assert store.get(Customer, "old/Ann") is None
    # To a name that a path cannot say, and back.
    long = store.update(new.replace(name="x" * 300, context=()), new)
    assert f"name: {'x' * 300}\n" in (folder / f"{long.id}.yaml").read_text()
    assert entries(folder) == [f"{long.id}.yaml"]
    back = store.update(long.replace(name="Bob"), long)
    assert (folder / "Bob.yaml").read_text() == "# a comment\nemail: a\nfax: 007\ncredit: 1\n"
    assert list(store) == [back]


def test_a_rename_takes_no_other_place(store):
    ann, bob = (store.add(Customer(name=name)) for name in ("Ann", "Bob"))
    with pytest.raises(AlreadyExistsError):
        store.update(ann.replace(name="Bob"), ann)
    (outcome,) = store.accessor(Customer).update_many([(ann.replace(name="Bob"), ann)])
    assert isinstance(outcome, AlreadyExistsError)
    assert {c.name for c in store} == {"Ann", "Bob"}
    lower = store.update(ann.replace(name="bob"), ann)
    assert lower.id.startswith("bob~")
    assert {c.name: c.id for c in store} == {"bob": lower.id, "Bob": bob.id}


def test_a_rename_is_at_no_time_two_documents(store, monkeypatch):
    """Whatever step it stops at, there is one document, under the old name or the new one."""
    from b3j0f.sync.stores.files import documents

    ann = store.add(Customer(name="Ann", email="a"))

    def stopped(source, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(documents, "move", stopped)
        with pytest.raises(KeyboardInterrupt):
            store.update(ann.replace(name="Bob", context=("north",)), ann)
    other = FileStore(store.path, [Customer])
    (left,) = other
    assert (left.id, left.name, left.context, left.email) == ("Ann", "Bob", ("north",), "a")
    assert other.get_by_name(Customer, "Ann") is None
    assert other.get_by_name(Customer, "Bob", ("north",)).id == "Ann"
    done = other.update(left.replace(email="b"), left)
    assert (done.name, done.email) == ("Bob", "b")


def test_stale_updates(store):
    old = store.add(Customer(name="Ann", email="a"))
    path = store.path / "Customer" / "Ann.yaml"
    path.write_text(path.read_text().replace("email: a", "email: b"))
    with pytest.raises(StaleError):
        store.update(old.replace(credit=1), old)
    assert "email: b" in path.read_text()
    path.write_text("fax: 1\n" + path.read_text().replace("email: b", "email: a"))
    store.update(old.replace(credit=1), old)  # what no field is about is no other state
    path.unlink()
    with pytest.raises(NotFoundError):
        store.update(old.replace(credit=2), old)
    with pytest.raises(NotFoundError):
        store.remove(old)


def test_permissions_stay(store):
    old = store.add(Customer(name="Ann"))
    path = store.path / "Customer" / "Ann.yaml"
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18))
    store.update(old.replace(credit=1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_leftovers_of_interrupted_writes_go(store, folder):
    from b3j0f.sync.stores.files.atomic import locked_if_free

    old, young = (folder / f".b3j0f-{n * 16}.tmp" for n in "ab")
    for path in (old, young, folder / ".b3j0f-mine.tmp"):
        path.write_text("half")
    os.utime(old, (0, 0))
    os.utime(folder / ".b3j0f-mine.tmp", (0, 0))
    store.disconnect()
    with locked_if_free(
        store.folder
    ) as is_locked:  # another program is writing: the young one is its
        assert is_locked
        store.connect()
        assert entries(folder) == [".b3j0f-" + "b" * 16 + ".tmp", ".b3j0f-mine.tmp"]
    store.disconnect()
    store.connect()
    assert entries(folder) == [".b3j0f-mine.tmp"]
    assert list(store) == []


def test_a_file_that_appears_meanwhile_is_not_overwritten(store, monkeypatch):
    """Somebody writes the file between our look and our write."""
    from b3j0f.sync.stores.files import documents

    create = documents.create

    def late(path, content):
        if path.name == "Ann.yaml":
            path.write_text("email: theirs\n")
        return create(path, content)

    monkeypatch.setattr(documents, "create", late)
    store.accessor(Customer)._add(Customer(name="Ann", email="ours"))
    assert (store.path / "Customer" / "Ann.yaml").read_text() == "email: theirs\n"


def test_a_file_that_changes_meanwhile_is_read_again(store, monkeypatch):
    from b3j0f.sync.stores.files import documents

    old = store.add(Customer(name="Ann", email="a"))
    path = store.path / "Customer" / "Ann.yaml"
    replace, late = documents.replace, ["email: theirs\n", "email: a\nfax: 1\n"]

    def slow(target, content, expected):
        if late:
            path.write_text(late.pop())
        return replace(target, content, expected)

    monkeypatch.setattr(documents, "replace", slow)
    with pytest.raises(StaleError):
        store.update(old.replace(credit=1), old)
    assert path.read_text() == "email: theirs\n"


def test_changes_within_one_tick_are_seen(store, folder):
    path = folder / "Ann.yaml"
    for number in range(200):
        path.write_text(f"credit: {number % 10}\n")  # same size, same inode, perhaps same time
        assert store.get(Customer, "Ann").credit == number % 10
        assert [c.credit for c in store.find(Customer)] == [number % 10]


def test_the_missing_folder(tmp_path):
    nowhere = FileStore(tmp_path / "no" / "where", [Customer])
    with pytest.raises(StoreUnavailableError, match=str(tmp_path / "no")):
        nowhere.connect()
    new = FileStore(tmp_path / "new", [Customer])
    assert list(new) == []
    assert not new.path.exists()
    new.add(Customer(name="Ann"))
    new.path.rename(tmp_path / "away")
    for verb in (
        lambda: list(new),
        lambda: new.get(Customer, "Ann"),
        lambda: new.add(Customer(name="B")),
    ):
        with pytest.raises(StoreUnavailableError, match="is its disk mounted"):
            verb()
    assert not new.path.exists()
    (tmp_path / "away").rename(new.path)
    assert len(new) == 1


def test_a_file_where_a_folder_is_needed(tmp_path, store):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "records", tmp_path / "file"):
        with pytest.raises((StoreUnavailableError, ConfigError), match=str(tmp_path / "file")):
            FileStore(path, [Customer]).connect()
    store.path.mkdir()
    (store.path / "Customer").write_text("a file")
    with pytest.raises(StoreError, match="Customer"):
        store.add(Customer(name="Ann"))
    with pytest.raises(StoreError, match="Customer"):
        list(store)


@contextmanager
def unprivileged():
    """Root may write anywhere: for a while be nobody."""
    user = os.geteuid()
    if user == 0:
        try:
            os.seteuid(65534)
        except PermissionError:
            pytest.skip("this root may not become another user")
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("format", ["yaml", "csv"])
def test_a_folder_without_permission(format):
    with tempfile.TemporaryDirectory() as made:  # pytest's own are closed to other users
        folder = Path(made)
        store = FileStore(folder, [Customer], format=format)
        old = store.add(Customer(name="Ann"))
        left = sorted(folder.rglob("*"))
        folders = [folder, *filter(Path.is_dir, left)]
        for one in folders:
            one.chmod(0o555)
        with unprivileged():
            with pytest.raises(
                StoreUnavailableError, match=f"Customer.*Permission|Permission.*{folder}"
            ):
                store.add(Customer(name="Bob"))
            with pytest.raises(StoreUnavailableError, match=str(folder)):
                store.update(old.replace(credit=1), old)
            with pytest.raises(StoreUnavailableError, match=str(folder)):
                store.remove(old)
            assert list(store) == [old]
        for one in folders:
            one.chmod(0o755)
        assert sorted(folder.rglob("*")) == left


def test_a_file_without_permission():
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        store = FileStore(made, [Customer])
        for name in ("Ann", "Bob"):
            store.add(Customer(name=name))
        (Path(made) / "Customer" / "Bob.yaml").chmod(0)
        other = FileStore(made, [Customer])
        with unprivileged():
            good, told = found(other)
        assert good.keys() == {"Ann"}
        assert "Bob.yaml" in str(told["Bob"])


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


FULL_DISK = """
    import resource, signal, sys
    from b3j0f.sync import Data
    from b3j0f.sync.errors import StoreError
    from b3j0f.sync.stores.files import FileStore
    class Customer(Data):
        email: str = ""
    with FileStore(sys.argv[1], [Customer], format=sys.argv[2]) as store:
        old = store.add(Customer(name="Ann", email="a"))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        verbs = [
            lambda: store.add(Customer(name="Bob", email="x" * 4000)),
            lambda: store.update(old.replace(email="x" * 4000), old),
            lambda: store.update(old.replace(name="B", context=("c",), email="x" * 4000), old),
        ]
        for verb in verbs[: 2 if sys.argv[2] == "csv" else 3]:
            try:
                verb()
            except StoreError as error:
                print(error)
            assert list(store) == [old], list(store)
        store.update(old.replace(email="b"), old)
"""


@pytest.mark.parametrize("format", ["yaml", "json", "csv"])
def test_a_full_disk_leaves_all_as_it_was(tmp_path, format):
    done = run(FULL_DISK, tmp_path / "records", format)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert len(told) == (2 if format == "csv" else 3)
    assert all("File too large" in line and f".{format}" in line for line in told)
    left = [p.name for p in (tmp_path / "records").rglob("*") if p.is_file()]
    assert left == ["Customer.csv" if format == "csv" else f"Ann.{format}"]


WRITER = """
    import sys
    from b3j0f.sync import Data
    from b3j0f.sync.errors import StaleError
    from b3j0f.sync.stores.files import FileStore
    class Customer(Data):
        credit: int = 0
    with FileStore(sys.argv[1], [Customer], format=sys.argv[2]) as store:
        for number in range(40):
            store.add(Customer(name=f"{sys.argv[3]} {number}"))
            while True:
                old = store.get_by_name(Customer, "shared")
                try:
                    store.update(old.replace(credit=old.credit + 1), old)
                    break
                except StaleError:
                    pass
"""


@pytest.mark.parametrize("format", ["yaml", "csv"])
def test_two_programs_lose_nothing(tmp_path, format):
    class Customer(Data):
        credit: int = 0

    with FileStore(tmp_path / "records", [Customer], format=format) as store:
        store.add(Customer(name="shared"))
        threads = [
            threading.Thread(target=lambda n=n: results.append(run(WRITER, store.path, format, n)))
            for n in "ab"
        ]
        results = []
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [r.returncode for r in results] == [0, 0], [r.stderr for r in results]
        names = {c.name for c in store}
        assert names == {"shared"} | {f"{p} {n}" for p in "ab" for n in range(40)}
        assert store.get_by_name(Customer, "shared").credit == 80


def test_finding_while_others_rename(store):
    """A document that gets another path while all are read is not taken for removed."""
    for number in range(30):
        store.add(Customer(name=f"{number:03}", email=str(number)))
    stop = threading.Event()

    def rename():
        turn = 0
        while not stop.is_set():
            for data in list(store.find(Customer)):
                new = data.name[::-1] if len(data.name) == 3 else data.name
                store.update(
                    data.replace(name=f"{new}{turn % 10}"[-3:] + data.email.zfill(2)), data
                )
            turn += 1

    thread = threading.Thread(target=rename)
    thread.start()
    try:
        until = time.monotonic() + 2
        while time.monotonic() < until:
            assert {c.email for c in store.find(Customer)} == {str(n) for n in range(30)}
    finally:
        stop.set()
        thread.join()


def test_options(tmp_path):
    store = FileStore(
        str(tmp_path / "records"),
        [Customer, Strict],
        per_type={"Customer": {"folder": "clients", "keys": {"email": "E-Mail", "name": "title"}}},
    )
    stored = store.add(Customer(name="Ann", email="a"))
    assert "E-Mail: a\n" in (tmp_path / "records" / "clients" / "Ann.yaml").read_text()
    (tmp_path / "records" / "clients" / "b.yaml").write_text("title: Bob\nE-Mail: b\n")
    assert store.get(Customer, stored.id) == stored
    assert store.get_by_name(Customer, "Bob").email == "b"
    assert FileStore("~/records", [Customer]).path.is_absolute()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "toml"}, "no format 'toml'.*yaml, json or csv"),
        ({"delimiter": ";"}, "delimiter: the format yaml has no such option"),
        ({"per_type": {"Custmer": {}}}, "expected Customer"),
        ({"per_type": {"Customer": {"foldr": "x"}}}, "expected Customer.folder"),
        ({"keys": {"emial": "x"}}, "no field 'emial'; expected email"),
        ({"folder": "../x"}, "folder: '../x' is no name of a folder"),
        ({"format": "csv", "columns": {"emial": "x"}}, "no field 'emial'; expected email"),
        ({"format": "csv", "delimiter": "ab"}, "'ab' cannot stand between cells"),
        ({"format": "csv", "encoding": "klingon"}, "no encoding 'klingon'"),
        ({"format": "csv", "file": "a/b.csv"}, "file: 'a/b.csv' is no name of a file"),
    ],
)
def test_wrong_options_are_told_at_once(tmp_path, options, message):
    with pytest.raises(ConfigError, match=message):
        FileStore(tmp_path / "records", [Customer], **options)


def test_paths_and_formats(tmp_path):
    assert FileStore(tmp_path / "a.csv", [Customer]).format == "csv"
    assert FileStore(tmp_path / "records", [Customer]).format == "yaml"
    with pytest.raises(ConfigError, match="several types: Customer, Strict"):
        FileStore(tmp_path / "a.csv", [Customer, Strict])
    with pytest.raises(ConfigError, match="is one file; expected a folder"):
        FileStore(tmp_path / "a.yaml", [Customer])
    (tmp_path / "b.yaml").mkdir()
    assert FileStore(tmp_path / "b.yaml", [Customer]).format == "yaml"
