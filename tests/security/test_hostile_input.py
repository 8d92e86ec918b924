"""Hostile names, ids and values stay what they are: data."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from b3j0f.sync import (
    Data,
    FileStore,
    MemoryStore,
    SQLStore,
    StoreError,
    SyncError,
    Synchronizer,
    global_name,
)
from b3j0f.sync.ledger import open_ledger

HOSTILE = [
    "..",
    "../../outside",
    "/etc/passwd",
    "a/../../b",
    ".hidden",
    "nul\0inside",
    "two\nlines",
    "\x1b[31mred\x1b[0m",
    "'; DROP TABLE note; --",
    '"quoted" `ticks`',
    "100% %s %(name)s {0} {name} :bind",
    "$(touch owned) `touch owned`",
    "_%[a-z]*?",
    "\u202eright to left",
    "Ωmega ünïcode 🦀",
    "con",
    "trailing. ",
    "x" * 300,
    "a.yaml",
    "\\..\\windows",
]


class Note(Data):
    text: str = ""


def sqlite(folder):
    return SQLStore(f"sqlite:///{folder}/notes.db", [Note], name="sqlite")


def yaml(folder):
    return FileStore(folder / "documents", [Note], name="yaml")


def json(folder):
    return FileStore(folder / "json", [Note], name="json", format="json")


def csv(folder):
    return FileStore(folder / "sheets", [Note], name="csv", format="csv")


@pytest.fixture(params=[sqlite, yaml, json, csv], ids=lambda make: make.__name__)
def store(request, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    with request.param(inside) as made:
        yield made


def outside(tmp_path):
    return {path for path in tmp_path.rglob("*") if "inside" not in path.parts}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_is_a_name_a_context_and_a_value(store, tmp_path, text):
    """It is stored and found as it is, or refused by an error of ours; no more is touched."""
    before = outside(tmp_path)
    kept = store.add(Note(name="kept"))
    for given in (
        Note(name=text),
        Note(name="n", context=(text,)),
        Note(name="v", text=text, description=text),
    ):
        try:
            stored = store.add(given)
        except SyncError:
            continue
        assert (stored.name, stored.context, stored.text) == (given.name, given.context, given.text)
        assert store.get(Note, stored.id) == given
        assert store.get_by_name(Note, given.name, given.context) == given
        assert list(store.find(Note, names=[given.name], context=given.context)) == [given]
        store.update(given.replace(text="changed"), stored)
        store.remove(store[Note, stored.id])
    assert list(store.find(Note)) == [kept]
    assert outside(tmp_path) == before
    assert not Path("owned").exists()


@pytest.mark.parametrize("id", [*HOSTILE, "", 0, -1, 2**70], ids=repr)
def test_an_id_that_leads_elsewhere_is_nobodys(store, tmp_path, id):
    secret = tmp_path / "outside.yaml"
    secret.write_text("name: secret\n")
    (kept,) = [store.add(Note(name="kept"))]
    assert store.get(Note, id) is None
    stranger = Note(name="kept").replace(id=id)
    with pytest.raises(SyncError):
        store.remove(stranger)
    with pytest.raises(SyncError):
        store.update(stranger.replace(text="x"), stranger)
    assert list(store.find(Note)) == [kept]
    assert secret.read_text() == "name: secret\n"


def test_links_are_not_followed_out_of_the_folder(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    target = tmp_path / "target"
    target.mkdir()
    (target / "secret.yaml").write_text("text: secret\n")
    with yaml(inside) as store:
        store.add(Note(name="kept"))
        root = inside / "documents" / "Note"
        (root / "file.yaml").symlink_to(target / "secret.yaml")
        (root / "folder").symlink_to(target)
        assert [note.name for note in store.find(Note)] == ["kept"]
        for given in (Note(name="new", context=("folder",)), Note(name="file", text="x")):
            try:
                stored = store.add(given)
            except StoreError:
                continue
            assert store.get(Note, stored.id) == given  # beside the link, under another path
    assert [path.name for path in target.iterdir()] == ["secret.yaml"]
    assert (target / "secret.yaml").read_text() == "text: secret\n"


def test_a_pipe_is_no_document(tmp_path):
    with yaml(tmp_path) as store:
        store.add(Note(name="kept"))
        os.mkfifo(tmp_path / "documents" / "Note" / "pipe.yaml")
        assert [note.name for note in store.find(Note)] == ["kept"]


ALIASES = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 8)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "text: !!python/object/apply:os.system ['touch owned']\n",
        "text: !!python/name:os.system\n",
        "!!python/object/new:subprocess.Popen [['touch', 'owned']]\n",
        ALIASES,
        "text: " + "[" * 5000 + "]" * 5000 + "\n",
    ],
)
def test_yaml_is_text_and_nothing_else(tmp_path, text):
    with yaml(tmp_path) as store:
        store.add(Note(name="kept"))
        (tmp_path / "documents" / "Note" / "bad.yaml").write_text(text)
        assert {note.name for note in store.find(Note)} - {"bad"} == {"kept"}
    assert not Path("owned").exists()
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_cells_come_back_as_they_are(tmp_path, cell):
    with csv(tmp_path) as store:
        stored = store.add(Note(name="n", text=cell))
        assert store.get(Note, stored.id).text == cell


def test_a_ledger_holds_any_text(tmp_path):
    a, b = MemoryStore([Note], name="a"), MemoryStore([Note], name="b'; --")
    with Synchronizer([a, b], name="s'; DROP TABLE x; --", ledger=tmp_path / "l.db") as sync:
        for number, text in enumerate(HOSTILE):
            a.add(Note(name=text, context=(text,), text=text).replace(id=f"{text}{number}"))
        assert len(b) == len(HOSTILE)
        assert sync.plan().is_empty
        for text in HOSTILE:
            assert sync.explain(Note, text, [text])["text"].value == text
        assert len(sync.changes(1)) == 1


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_ledgers_and_temporary_files_are_private(tmp_path, umask, monkeypatch):
    from b3j0f.sync.stores.files import atomic

    modes = {}
    written = atomic._written

    def watched(path, content, like):
        temporary = written(path, content, like)
        modes[path.name] = stat.S_IMODE(temporary.stat().st_mode)
        return temporary

    monkeypatch.setattr(atomic, "_written", watched)
    before = os.umask(umask)
    try:
        ledger = open_ledger(tmp_path / "l.db")
        ledger.begin_run()
        found = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.glob("l.db*")}
        ledger.close()
        with yaml(tmp_path) as store:
            stored = store.add(Note(name="n"))
            path = tmp_path / "documents" / "Note" / "n.yaml"
            path.chmod(0o600)
            store.update(stored.replace(text="secret"))
    finally:
        os.umask(before)
    assert set(found.values()) == {0o600}
    assert modes["n.yaml"] == 0o600  # as private as what it replaces
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_line_is_one_line(caplog):
    """Whatever a name has in it, nobody can forge a line of the log."""
    a, b = MemoryStore([Note], name="a"), MemoryStore([Note], name="b")

    def refuse(_data):
        raise ValueError("bad\nCRITICAL forged")

    b.accessor(Note)._add = refuse
    with caplog.at_level(logging.DEBUG), Synchronizer([a, b]) as sync:
        a.add(Note(name="n\nCRITICAL forged by its name"))
        sync.run()
    assert caplog.records
    names = [r.getMessage() for r in caplog.records if "forged by its name" in r.getMessage()]
    assert not [message for message in names if "\nCRITICAL forged by" in message]


def test_a_name_cannot_break_a_line_of_the_command(tmp_path):
    conf = tmp_path / "etc"
    conf.mkdir()
    (conf / "b3j0fsync-data.conf").write_text("[note]\ntext = str\n")
    (conf / "b3j0fsync-store.conf").write_text(
        f"[one]\nclass = sql\nurl = sqlite:///{tmp_path}/one.db\ntypes = note\n"
        f"[two]\nclass = files\npath = {tmp_path}/two\ntypes = note\n"
    )
    (conf / "b3j0fsync-synchronizer.conf").write_text(
        f"[both]\nstores = one, two\nledger = {tmp_path}/l.db\n"
    )
    name = "x\nremove everything \x1b[2J %s {0}"
    script = (
        "from b3j0f.sync import Store\n"
        "store = Store.load('one')\n"
        f"store.add(store.types[0](name={name!r}))\n"
    )
    environment = {**os.environ, "B3J0F_CONF_DIR": str(conf), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    for command in ("plan", "run", "history", "status"):
        done = subprocess.run(
            [sys.executable, "-m", "b3j0f.sync", command, "both"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        text = done.stdout + done.stderr
        assert "\x1b[2J" not in text
        assert not [line for line in text.splitlines() if line.startswith("remove everything")]


def test_names_are_told_apart_whatever_is_in_them():
    contexts = [(), *((text,) for text in HOSTILE)]
    texts = {global_name(text, context) for text in HOSTILE for context in contexts}
    assert len(texts) == len(HOSTILE) * len(contexts)
