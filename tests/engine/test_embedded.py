"""What is embedded goes where that which embeds it goes, and is never lost with it."""

import pytest
from scripted import in_step

from b3j0f.sync import DataError, MemoryStore, StaleError, Synchronizer
from b3j0f.sync.testing.cascading import CascadingStore
from b3j0f.sync.testing.world import Folder, Note

TYPES = [Folder, Note]


def one(store, datatype, name):
    (found,) = store.find(datatype, names=[name])
    return found


def contexts(store):
    return {note.name: note.context for note in store.find(Note)}


@pytest.fixture(params=["memory", "cascading"])
def three(request):
    """A store that moves what is embedded along, one that does not, and one of either kind."""
    third = MemoryStore if request.param == "memory" else CascadingStore
    stores = [
        CascadingStore(TYPES, name="a"),
        MemoryStore(TYPES, name="b"),
        third(TYPES, name="c"),
    ]
    with Synchronizer(stores, max_removals=1) as sync:
        stores[0].add(Folder(name="f"))
        stores[0].add(Note(name="n", context=("f",), text="x"))
        stores[0].add(Note(name="m", context=("f",)))
        yield *stores, sync


@pytest.mark.parametrize("notify", [True, False])
@pytest.mark.parametrize("where", [0, 1])
def test_a_folder_is_renamed_with_its_notes(three, notify, where):
    """Renamed where its notes move along, they move everywhere; so they do where it is renamed
    by the synchronizer and its notes move along by themselves."""
    *stores, sync = three
    store = stores[where]
    ids = {s.name: {n.id for n in s.find(Note)} for s in stores}
    store.update(one(store, Folder, "f").replace(name="g"), notify=notify)
    if not notify:
        assert sync.run().ok
    for each in stores:
        assert [f.name for f in each.find(Folder)] == ["g"]
        assert contexts(each) == {"n": ("g",), "m": ("g",)}
        assert {n.id for n in each.find(Note)} == ids[each.name]  # moved, not made anew
    assert in_step(sync)


@pytest.mark.parametrize("notify", [True, False])
def test_a_folder_is_removed_with_its_notes(three, notify):
    a, b, c, sync = three
    for note in list(a.find(Note)):
        a.remove(note, notify=notify)
    a.remove(one(a, Folder, "f"), notify=notify)
    assert sync.run().ok
    assert not any(map(len, (a, b, c)))


@pytest.mark.parametrize("notify", [True, False])
def test_notes_that_stay_are_not_lost_with_their_folder(three, notify):
    """A folder is removed where its notes stay: elsewhere they are removed along, and come back."""
    a, b, c, sync = three
    b.remove(one(b, Folder, "f"), notify=notify)
    sync.run()
    for store in (a, b, c):
        assert not list(store.find(Folder))
        assert {n.name: n.text for n in store.find(Note)} == {"n": "x", "m": ""}
    assert in_step(sync)


def test_an_edit_that_nobody_has_seen_keeps_its_folder(three):
    a, b, c, sync = three
    note = one(a, Note, "n")
    a.update(note.replace(text="new"), note, notify=False)
    b.remove(one(b, Folder, "f"), notify=False)
    for note in list(b.find(Note)):
        b.remove(note, notify=False)
    sync.run()
    for store in (a, b, c):
        assert [f.name for f in store.find(Folder)] == ["f"]
        assert {n.name: n.text for n in store.find(Note)} == {"n": "new"}
    assert in_step(sync)


def test_a_folder_with_a_conflict_in_it_waits(three):
    a, b, _c, sync = three
    for store in (a, b):
        note = one(store, Note, "n")
        store.update(note.replace(text=store.name), note, notify=False)
    sync.run()
    b.remove(one(b, Folder, "f"))
    plan = sync.plan()
    reasons = {(store, reason) for store, _, reason in plan.skipped}
    assert ("a", "it embeds Note 'f/n', which is not in step") in reasons
    assert one(a, Note, "n").text == "a"
    (conflict,) = sync.conflicts()
    sync.resolve(conflict, store="a")
    sync.run()
    assert not list(a.find(Folder))
    assert one(a, Note, "n").text == "a"


@pytest.fixture
def ambiguous():
    """Two of one name in a, another one in b: nobody can say which is which."""
    a, b = MemoryStore(TYPES, name="a"), MemoryStore(TYPES, name="b")
    for text in "xy":
        a.add(Note(name="n", text=text))
    b.add(Note(name="n", text="z"))
    with Synchronizer([a, b]) as sync:
        sync.run()
        (conflict,) = sync.conflicts()
        yield a, b, sync, conflict


def texts(store):
    return sorted(note.text for note in store.find(Note))


def test_data_are_said_to_be_the_same(ambiguous):
    a, b, sync, conflict = ambiguous
    assert conflict.values == {"a": (1, 2), "b": (1,)}
    sync.resolve(conflict, value=[{"a": 2, "b": 1}])
    (field,) = sync.conflicts()
    assert (field.field, field.values) == ("text", {"a": "y", "b": "z"})
    sync.resolve(field, store="b")
    assert texts(a) == texts(b) == ["x", "z"]
    assert in_step(sync)


def test_data_are_said_to_be_different(ambiguous):
    a, b, sync, conflict = ambiguous
    sync.resolve(conflict, value=[])
    assert texts(a) == texts(b) == ["x", "y", "z"]
    assert not sync.conflicts()
    assert in_step(sync)


@pytest.mark.parametrize(
    "value", [None, "a", [1], [{"a": 9}], [{"c": 1}], [{"a": 1}, {"a": 1, "b": 1}]]
)
def test_what_does_not_say_which_are_the_same(ambiguous, value):
    *_, sync, conflict = ambiguous
    with pytest.raises(DataError, match="cannot be told apart"):
        sync.resolve(conflict, value=value)
    assert sync.conflicts() == [conflict]


def test_what_was_told_apart_already(ambiguous):
    a, _b, sync, conflict = ambiguous
    sync.resolve(conflict, value=[])
    with pytest.raises(StaleError, match="not open any more"):
        sync.resolve(conflict, value=[])
    assert len(texts(a)) == 3


def test_one_that_is_gone_meanwhile(ambiguous):
    a, b, sync, conflict = ambiguous
    a.remove(a.get(Note, 2), notify=False)
    with pytest.raises(StaleError, match="is gone"):
        sync.resolve(conflict, value=[{"a": 2, "b": 1}])
    assert texts(b) == ["z"]


def test_a_lost_ledger_is_rebuilt(tmp_path):
    """Nothing is doubled, nothing removed; who would lose something is warned."""
    a, b = MemoryStore(TYPES, name="a"), MemoryStore(TYPES, name="b")
    for number in range(30):
        a.add(Note(name=f"n{number % 10}", text=str(number)))
    with Synchronizer([a, b], ledger=tmp_path / "l.db") as sync:
        assert sync.run().warnings == []  # b was empty: there was nothing to be paired
    b.remove(next(b.find(Note)))
    note = next(b.find(Note, names=["n5"]))
    b.update(note.replace(text="edited"), note)
    (tmp_path / "l.db").unlink()
    with Synchronizer([a, b], ledger=tmp_path / "l.db") as sync:
        report = sync.run()
        (warning,) = report.warnings
        assert "(30 in a, 29 in b)" in warning
        assert "warning: nothing was known of these stores" in str(report)
        assert len(a) == len(b) == 30
        assert len(report.conflicts) == 1
        again = sync.run(adopt=True)
        assert not [o for o in again.applied if o.kind != "add"]
        assert len(a) == len(b) == 30
        assert len(sync.conflicts()) == 1
