"""Stores: connection, verbs, the set."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from b3j0f.sync import (
    ConfigError,
    Data,
    DataError,
    Link,
    MemoryStore,
    NotFoundError,
    Store,
    StoreError,
    StoreUnavailableError,
    SyncError,
    errors,
)


class Folder(Data):
    pass


class Note(Data, parent=Folder):
    text: str = ""


class Elsewhere(Data):
    pass


class Slow(MemoryStore):
    """Counts its connections, and fails on demand."""

    problem = None

    def __init__(self, **options):
        self.calls = []
        super().__init__([Note], **options)

    def _connect(self):
        self.calls.append("connect")
        if self.problem is not None:
            raise self.problem

    def _disconnect(self):
        self.calls.append("disconnect")


class TestConnection:
    def test_the_first_verb_connects(self):
        store = Slow()
        assert not store.is_connected
        store.get(Note, 1)
        assert store.is_connected
        store.connect()
        assert store.calls == ["connect"]

    def test_the_next_verb_connects_again(self):
        store = Slow()
        store.connect()
        store.disconnect()
        store.disconnect()
        assert len(store) == 0
        assert store.calls == ["connect", "disconnect", "connect"]

    def test_as_a_context(self):
        with Slow() as store:
            assert store.is_connected
        assert not store.is_connected

    def test_without_autoconnect(self):
        store = Slow(autoconnect=False)
        with pytest.raises(StoreUnavailableError, match="call connect"):
            store.get(Note, 1)
        store.connect()
        assert store.get(Note, 1) is None

    @pytest.mark.parametrize("problem", [OSError("no route"), ValueError("no route")])
    def test_out_of_reach(self, problem):
        store = Slow()
        store.problem = problem
        with pytest.raises(StoreUnavailableError, match="no route") as caught:
            store.get(Note, 1)
        assert caught.value.__cause__ is problem
        assert (caught.value.action, store.is_connected) == ("connect", False)

    def test_an_error_of_ours_passes(self):
        store = Slow()
        store.problem = ConfigError("no password", option="password")
        with pytest.raises(ConfigError, match="no password"):
            store.connect()

    def test_one_connection_for_many_threads(self):
        store, barrier = Slow(), threading.Barrier(8)

        def use():
            barrier.wait()
            store.get(Note, 1)

        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.calls == ["connect"]


@pytest.fixture
def store():
    return MemoryStore([Folder, Note], name="desk")


class TestVerbs:
    def test_names(self):
        assert Slow().name == "memory"
        assert Store().name == "store"
        assert Store(name="").name == ""

    def test_other_types(self, store):
        with pytest.raises(StoreError, match="no data of type Elsewhere; its types: Folder, Note"):
            store.get(Elsewhere, 1)
        with pytest.raises(StoreError, match="its types: none"):
            Store().add(Note(name="a"))
        assert Elsewhere(name="a") not in store
        assert "text" not in store

    def test_missing(self, store):
        assert store.get(Note, 1) is None
        assert store.get_by_name(Note, "a") is None
        for verb in (store.update, store.remove):
            with pytest.raises(NotFoundError) as caught:
                verb(Note(name="a", context=("b",)))
            assert caught.value.name == "b/a"
            assert "b/a" in str(caught.value)
            assert isinstance(caught.value, KeyError)

    def test_find(self, store):
        start = datetime.now(UTC)
        store.add(Folder(name="a"))
        for number, name in enumerate("abc"):
            store.add(Note(name=name, text=str(number), context=("a",) * (number % 2)))
        assert len(list(store.find())) == 4
        assert [n.name for n in store.find(Note, names="a")] == ["a"]
        assert [n.name for n in store.find(Note, names=iter("ab"))] == ["a", "b"]
        assert [n.name for n in store.find(Note, context=["a"])] == ["b"]
        assert [n.name for n in store.find(Note, names=["a", "b"], context=())] == ["a"]
        assert [n.name for n in store.find(Note, text="2")] == ["c"]
        assert len(list(store.find(limit=2))) == 2
        assert len(list(store.find(limit=0))) == 0
        assert len(list(store.find(Note, updated_since=start))) == 3
        assert not list(store.find(Note, created_since=start + timedelta(days=1)))

    def test_find_knows_its_fields(self, store):
        with pytest.raises(DataError, match="Note has no field 'titel'"):
            store.find(Note, titel="a")
        with pytest.raises(DataError, match="Folder has no field 'text'"):
            store.find(text="a")
        with pytest.raises(DataError, match=r"Note\.text: expected str"):
            store.find(Note, text=1)
        with pytest.raises(DataError, match="time zone"):
            store.find(Note, updated_since=datetime(2024, 1, 1))  # noqa: DTZ001 - the point

    def test_repr(self, store):
        assert repr(store) == "<MemoryStore 'desk' of Folder, Note>"


class TestSet:
    @pytest.fixture
    def notes(self, store):
        return [store.add(Note(name=name)) for name in "abc"]

    def test_items(self, store, notes):
        assert store[Note, 2] == notes[1]
        with pytest.raises(KeyError, match="no Note with the id 9"):
            store[Note, 9]
        del store[Note, 2]
        with pytest.raises(NotFoundError):
            del store[Note, 2]
        assert len(store) == 2

    def test_in_place(self, store, notes):
        same = store
        store += Note(name="d")
        store += [Note(name="e")]
        store |= [Note(name="a", text="x"), Note(name="f")]
        store -= notes[1]
        store -= [Note(name="e")]
        assert store is same
        assert {(n.name, n.text) for n in store} == {("a", "x"), ("c", ""), ("d", ""), ("f", "")}
        store &= [Note(name="a"), Note(name="zzz")]
        assert [n.name for n in store] == ["a"]
        store &= []
        assert len(store) == 0

    def test_new_sets(self, store, notes):
        other = MemoryStore([Note], name="other")
        other += [Note(name="c", text="theirs"), Note(name="d")]
        assert {n.name for n in store & other} == {"c"}
        assert {n.text for n in store & other} == {""}
        assert {n.name for n in store | other} == set("abcd")
        assert {n.name for n in store - other} == set("ab")
        assert {n.name for n in store - notes[0]} == set("bc")
        assert len(store) == 3

    def test_a_failure_leaves_what_was_done_before(self, store):
        with pytest.raises(StoreError):
            store += [Note(name="a"), Elsewhere(name="b"), Note(name="c")]
        assert [n.name for n in store] == ["a"]

    def test_it_is_one_thing(self, store):
        assert store != MemoryStore([Folder, Note], name="desk")
        assert len({store, store}) == 1


class TestLink:
    def test_modes(self, store):
        modes = {mode: Link(store, mode) for mode in ("both", "read", "write")}
        assert {m: (li.reads, li.writes) for m, li in modes.items()} == {
            "both": (True, True),
            "read": (True, False),
            "write": (False, True),
        }
        with pytest.raises(ConfigError, match=r"'readonly' is no mode .* both, read, write"):
            Link(store, "readonly")

    def test_types(self, store):
        assert Link(store).types == (Folder, Note)
        assert Link(store, types=iter([Note])).types == (Note,)
        with pytest.raises(StoreError, match="Elsewhere"):
            Link(store, types=[Elsewhere])

    def test_repr(self, store):
        assert "mode='read'" in repr(Link(store, "read"))
        assert "where=" in repr(Link(store, where=bool))


def test_every_error_is_a_sync_error():
    classes = [getattr(errors, name) for name in errors.__all__]
    assert all(issubclass(error, SyncError) for error in classes)
    for error in classes:
        assert error.__name__ in errors.__doc__
