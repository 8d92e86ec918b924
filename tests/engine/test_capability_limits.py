"""What stores cannot do or hold is left out, told, and harms nobody else."""

import pytest
from scripted import Folder, Note, ScriptedStore, in_step, stores

from b3j0f.sync import Capability, Data, Link, MemoryStore, Ref, Synchronizer
from b3j0f.sync.stores.memory import MemoryAccessor

CAN = Capability


def synchronized(*links, **options):
    return Synchronizer(links, max_removals=1, **options)


@pytest.mark.parametrize("live", [True, False])
def test_a_store_that_cannot_add(live):
    a, b = ScriptedStore("a"), ScriptedStore("b", lacks=CAN.ADD)
    with synchronized(a, b) as sync:
        a.add(Note(name="n"), notify=live)
        report = sync.run()
        assert report.ok
        assert len(b) == 0
        b._accessors[Note].capabilities |= CAN.ADD
    with synchronized(a, b) as sync:
        assert sync.run().ok
        assert b.texts() == {"n": ""}


@pytest.mark.parametrize("live", [True, False])
def test_a_store_that_cannot_update(live):
    a, b, c = ScriptedStore("a"), ScriptedStore("b", lacks=CAN.UPDATE), ScriptedStore("c")
    with synchronized(a, b, c) as sync:
        a.add(Note(name="n"))
        a.edit("n", text="x", notify=live)
        report = sync.run()
        assert report.ok
        if not live:
            assert [(s.store, s.reason) for s in report.skipped] == [
                ("b", "updates are not possible there")
            ]
        assert (a.texts(), b.texts(), c.texts()) == ({"n": "x"}, {"n": ""}, {"n": "x"})
        assert in_step(sync)
        a.edit("n", count=3)
        sync.run()
        assert a.texts() == c.texts() == {"n": "x"}


def test_an_edit_in_a_store_that_is_behind_is_a_conflict():
    """Whoever edits there has not seen what the others have."""
    a, b = ScriptedStore("a"), ScriptedStore("b", lacks=CAN.UPDATE)
    with synchronized(a, b) as sync:
        a.add(Note(name="n"))
        a.edit("n", text="x")
        sync.run()
        b._accessors[Note].capabilities |= CAN.UPDATE
        b.edit("n", text="y")
        b._accessors[Note].capabilities &= ~CAN.UPDATE
        sync.run()
        (conflict,) = sync.conflicts()
        assert conflict.values == {"a": "x", "b": "y"}


def test_a_store_that_cannot_remove():
    a, b, c = ScriptedStore("a"), ScriptedStore("b", lacks=CAN.REMOVE), ScriptedStore("c")
    with synchronized(a, b, c) as sync:
        a.add(Note(name="n"))
        a.drop("n")
        report = sync.run()
        assert report.ok
        assert "removals are not possible there" in str(report)
        assert (len(a), len(b), len(c)) == (0, 1, 0)
        assert in_step(sync)
        b.edit("n", text="alive")
        sync.run()
        assert a.texts() == b.texts() == c.texts() == {"n": "alive"}


def test_a_store_that_cannot_rename():
    a, b, c = ScriptedStore("a"), ScriptedStore("b", lacks=CAN.RENAME), ScriptedStore("c")
    with synchronized(a, b, c) as sync:
        a.add(Note(name="n"))
        a.edit("n", name="m", text="x")
        report = sync.run()
        assert report.ok
        assert "renaming is not possible there" in str(report)
        assert (a.texts(), b.texts(), c.texts()) == ({"m": "x"}, {"n": "x"}, {"m": "x"})
        assert in_step(sync)
        b.edit("n", text="y")
        sync.run()
        assert (a.texts(), b.texts(), c.texts()) == ({"m": "y"}, {"n": "y"}, {"m": "y"})


def test_a_store_that_cannot_show_removals():
    """What it does not show is not taken for removed, whatever it looks like."""
    a, b = ScriptedStore("a"), ScriptedStore("b", lacks=CAN.DETECT_REMOVALS)
    with synchronized(a, b) as sync:
        for number in range(6):
            a.add(Note(name=f"n{number}"))
        b.hidden = {f"n{number}" for number in range(6)}
        assert in_step(sync)
        a.edit("n1", text="x")
        assert sync.run().ok
        b.hidden = set()
        assert b.texts()["n1"] == "x"
        assert len(a.texts()) == len(b.texts()) == 6


def test_a_read_only_backend():
    a, b = ScriptedStore("a"), ScriptedStore("b", lacks=CAN.WRITE)
    with synchronized(a, Link(b)) as sync:
        a.add(Note(name="n"))
        sync.run()
        assert len(b) == 0
        assert not [hook for hook, _ in b.calls if hook in {"add", "update", "remove"}]


@pytest.mark.parametrize("held", [{"text"}, {"name", "context", "text"}])
def test_a_store_that_holds_fewer_fields(held):
    """What it cannot hold stays with the others; name and context are held by everyone."""
    a, b, c = ScriptedStore("a"), ScriptedStore("b", types=[Note], held=held), ScriptedStore("c")
    with synchronized(a, b, c) as sync:
        a.add(Note(name="n", context=("f",), text="x", count=5, description="d"))
        assert in_step(sync)
        (here,) = b.find(Note)
        b.update(here.replace(text="y", count=None, description=""), notify=False)
        assert sync.run().ok
        for store in (a, c):
            (note,) = store.find(Note)
            assert (note.text, note.count, note.description) == ("y", 5, "d")
        a.edit("n", count=7)
        b.calls.clear()
        assert sync.run().ok
        assert [note.count for note in c.find(Note)] == [7]
        assert "update" not in dict(b.calls)
        b.drop("n")
        assert sync.run().ok
        assert not [*a, *c]


def test_new_data_of_a_store_that_holds_fewer_fields():
    a, b = ScriptedStore("a"), ScriptedStore("b", types=[Note], held={"text"})
    with synchronized(a, b) as sync:
        b.add(Note(name="n", text="x"))
        assert in_step(sync)
        a.edit("n", count=3)
        b.edit("n", text="y")
        sync.run()
        assert [(n.text, n.count) for n in a.find(Note)] == [("y", 3)]
        assert in_step(sync)


# --- names that are unique somewhere -----------------------------------------------------------


def unique(count=2):
    return [ScriptedStore("a"), ScriptedStore("u", unique_names=True), *stores(count)[2:]]


@pytest.mark.parametrize("live", [True, False])
def test_two_of_a_name_where_one_has_room_for_one(live):
    a, u = unique()
    with synchronized(a, u) as sync:
        first, second = (a.add(Note(name="n", text=t), notify=live) for t in "xy")
        report = sync.run()
        assert report.ok, str(report)
        assert len(u) == 1
        (kept,) = u.find(Note)
        again = sync.run()
        assert again.ok
        assert not again.applied
        other = second if kept.text == "x" else first
        a.update(other.replace(name="m"), notify=live)
        assert sync.run().ok
        assert len(u.texts()) == 2
        assert in_step(sync)


@pytest.mark.parametrize("live", [True, False])
def test_names_that_change_places(live):
    a, u, c = unique(3)
    with synchronized(a, u, c) as sync:
        for name in "mn":
            a.add(Note(name=name, text=name))
        a.edit("m", name="-", notify=live)
        a.edit("n", name="m", notify=live)
        a.edit("-", name="n", notify=live)
        report = sync.run()
        assert report.ok, str(report)
        assert a.texts() == u.texts() == c.texts() == {"m": "n", "n": "m"}
        assert in_step(sync)


def test_names_that_go_round_while_there_is_a_conflict():
    """To step aside for another name does not decide what a user has to decide."""
    a, u = unique()
    with synchronized(a, u) as sync:
        for name in "mn":
            a.add(Note(name=name, text=name))
        for name in "mn":
            a.edit(name, text=f"{name} here")
            u.edit(name, text=f"{name} there")
        a.edit("m", name="-")
        a.edit("n", name="m")
        a.edit("-", name="n")
        assert sync.run().ok
        assert len(sync.conflicts()) == 2
        assert a.texts() == {"m": "n here", "n": "m here"}
        assert u.texts() == {"m": "n there", "n": "m there"}
        sync.run()
        assert len(sync.conflicts()) == 2
        for conflict in sync.conflicts():
            assert sync.resolve(conflict, store="u").ok
        assert a.texts() == u.texts() == {"m": "n there", "n": "m there"}


def test_a_name_that_a_removal_frees():
    a, u = unique()
    with synchronized(a, u) as sync:
        for name in "mn":
            a.add(Note(name=name, text=name))
        a.drop("m")
        a.edit("n", name="m")
        assert sync.run().ok
        assert a.texts() == u.texts() == {"m": "n"}


def test_a_rename_that_has_no_room_waits_and_the_rest_flows():
    a, u = unique()
    with synchronized(a, u) as sync:
        for name in "mn":
            a.add(Note(name=name, text=name))
        second = next(a.find(Note, names=["n"]))
        a.update(second.replace(name="m", text="new"), notify=False)
        report = sync.run()
        assert report.ok
        assert u.texts() == {"m": "m", "n": "new"}
        assert any("names are unique there" in skip.reason for skip in report.skipped)
        a.remove(next(n for n in a.find(Note) if n.text == "m"), notify=False)
        assert sync.run().ok
        assert u.texts() == {"m": "new"}
        assert in_step(sync)


def test_a_rename_that_has_no_room_while_the_rest_fails():
    """Both are noted: neither is forgotten once the other is done."""
    a, u = unique()
    with synchronized(a, u) as sync:
        for name in "mn":
            a.add(Note(name=name, text=name))
        second = next(a.find(Note, names=["n"]))
        a.update(second.replace(name="m", text="new"), notify=False)
        u.fails("update", ValueError("not now"))
        assert not sync.run().ok
        u.script.clear()
        assert sync.run().ok
        assert u.texts() == {"m": "m", "n": "new"}
        a.remove(next(n for n in a.find(Note) if n.text == "m"), notify=False)
        assert sync.run().ok
        assert u.texts() == {"m": "new"}


def test_folders_too():
    a, u = unique()
    with synchronized(a, u) as sync:
        for colour in ("red", "blue"):
            a.add(Folder(name="f", colour=colour), notify=False)
        assert sync.run().ok
        assert len(list(u.find(Folder))) == 1


class Person(Data):
    boss: Ref[Folder]


class WithoutBoss(MemoryAccessor):
    datatype = Person
    fields = frozenset({"name", "context", "description"})

    def _find(self, query):
        return (data.replace(boss=Ref("nobody")) for data in super()._find(query))


class Names(MemoryStore):
    def __init__(self):
        super().__init__([Person], name="names")
        self._accessors = {Person: WithoutBoss(self)}


def test_a_field_that_needs_a_value_and_has_none_anywhere():
    """A store that has to hold it is not given an invalid data; it follows once there is one."""
    names, other = Names(), Names()
    other.name = "other"
    full, late = MemoryStore([Person], name="full"), MemoryStore([Person], name="late")
    names.add(Person(name="ann", boss=Ref("nobody")))
    with synchronized(names, other, full, late) as sync:
        report = sync.run()
        assert report.ok
        assert [(skip.store, skip.reason) for skip in report.skipped] == [
            (store, "no store has a value for boss, which it needs") for store in ("full", "late")
        ]
        assert (len(other), len(full), len(late)) == (1, 0, 0)
        assert not sync.plan().operations
        late.add(Person(name="ann", boss=Ref("eve")), notify=False)
        assert sync.run().ok
        assert [person.boss for person in full] == [Ref("eve")]
        assert [len(store) for store in (names, other, late)] == [1, 1, 1]
        assert sync.plan().is_empty
