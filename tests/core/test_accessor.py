"""The verbs around the hooks: what they check, translate and refuse."""

import pytest

from b3j0f.sync import (
    Accessor,
    AlreadyExistsError,
    Capability,
    Data,
    DataError,
    MemoryStore,
    NotFoundError,
    Query,
    StaleError,
    Store,
    StoreError,
    StoreUnavailableError,
    UnsupportedError,
)
from b3j0f.sync.data import schema_of


class Note(Data):
    text: str = ""


class Other(Data):
    pass


class Notes(Accessor[Note]):
    """Six hooks over a dict, and a place to make each of them fail."""

    datatype = Note

    def __init__(self, store):
        super().__init__(store)
        self.rows, self.problem, self.answer = {}, {}, {}

    def _trouble(self, hook, right):
        if hook in self.problem:
            raise self.problem[hook]
        return self.answer.get(hook, right)

    def _row(self, id):
        return self.schema.make(self.rows[id], id) if id in self.rows else None

    def _get(self, id):
        return self._trouble("get", self._row(id))

    def _get_by_name(self, name, context):
        found = [id for id, row in self.rows.items() if row[:2] == (name, context)]
        return self._trouble("get_by_name", self._row(found[0]) if found else None)

    def _find(self, query):
        for id in list(self.rows):
            yield self._trouble("find", self._row(id))

    def _add(self, data):
        id = len(self.rows) + 1 if data.id is None else data.id
        self.rows[id] = self.schema.content(data)
        return self._trouble("add", self._row(id))

    def _update(self, data, old):
        self._check_state(self._row(old.id), old)
        self.rows[old.id] = self.schema.content(data)
        return self._trouble("update", self._row(old.id))

    def _remove(self, data):
        self._trouble("remove", None)
        if self.rows.pop(data.id, None) is None:
            raise self._not_found("remove", data)


class Desk(Store):
    accessors = (Notes,)


@pytest.fixture
def store():
    return Desk()


@pytest.fixture
def notes(store):
    return store.accessor(Note)


VERBS = {
    "get": lambda notes, note: notes.get(1),
    "get_by_name": lambda notes, note: notes.get_by_name("a"),
    "find": lambda notes, note: list(notes.find()),
    "add": lambda notes, note: notes.add(Note(name="b")),
    "update": lambda notes, note: notes.update(note.replace(text="x"), note),
    "remove": lambda notes, note: notes.remove(note),
}


@pytest.mark.parametrize("hook", VERBS)
@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (ZeroDivisionError("one"), StoreError),
        (ConnectionResetError("two"), StoreUnavailableError),
        (TimeoutError("three"), StoreUnavailableError),
        (KeyError("four"), StoreError),
    ],
)
def test_a_drivers_error_is_translated(notes, hook, raised, error):
    note = notes.add(Note(name="a"))
    notes.problem[hook] = raised
    with pytest.raises(error) as caught:
        VERBS[hook](notes, note)
    assert type(caught.value) is error
    assert caught.value.__cause__ is raised
    assert (caught.value.store, caught.value.datatype) == ("desk", "Note")
    assert str(raised) in str(caught.value)
    assert "desk" in str(caught.value)


@pytest.mark.parametrize("hook", VERBS)
def test_an_error_of_ours_is_left_as_it_is(notes, hook):
    note = notes.add(Note(name="a"))
    notes.problem[hook] = StaleError("moved on", store="desk")
    with pytest.raises(StaleError, match="moved on") as caught:
        VERBS[hook](notes, note)
    assert caught.value is notes.problem[hook]


@pytest.mark.parametrize("hook", ["get", "get_by_name", "find", "add", "update"])
@pytest.mark.parametrize("answer", [Note(name="no id"), Other(name="a", id=1), {"name": "a"}])
def test_a_hook_that_answers_nonsense(notes, hook, answer):
    note = notes.add(Note(name="a"))
    notes.answer[hook] = answer
    with pytest.raises(StoreError, match=r"its hook gave .* where a stored data was expected"):
        VERBS[hook](notes, note)


def test_a_bulk_hook_that_answers_too_little(notes, monkeypatch):
    monkeypatch.setattr(Notes, "_add_many", lambda self, data: [])
    with pytest.raises(StoreError, match="0 outcomes for 2 data"):
        notes.add_many([Note(name="a"), Note(name="b")])


def test_hooks_that_are_not_written():
    bare = type("Bare", (Accessor,), {"datatype": Note})
    store = Store(name="bare", accessors=[bare])
    with pytest.raises(StoreError, match="NotImplementedError"):
        store.get(Note, 1)


@pytest.mark.parametrize(
    ("lacking", "verb"),
    [(Capability.ADD, "add"), (Capability.UPDATE, "update"), (Capability.REMOVE, "remove")],
)
def test_what_the_store_cannot_do(notes, lacking, verb):
    note = notes.add(Note(name="a"))
    notes.capabilities = Capability.DEFAULT & ~lacking
    with pytest.raises(UnsupportedError) as caught:
        VERBS[verb](notes, note)
    assert caught.value.action == verb
    many = {"add": [note], "update": [(note, note)], "remove": [note]}[verb]
    with pytest.raises(UnsupportedError):
        getattr(notes, f"{verb}_many")(many)


def test_renaming_where_it_is_not_possible(notes):
    note = notes.add(Note(name="a"))
    notes.capabilities = Capability.DEFAULT & ~Capability.RENAME
    assert notes.update(note.replace(text="b"), note).text == "b"
    for renamed in (note.replace(name="b"), note.replace(context=("b",))):
        with pytest.raises(UnsupportedError, match="'a' cannot be renamed"):
            notes.update(renamed, note)


def test_names_that_are_unique(notes):
    notes.capabilities |= Capability.UNIQUE_NAMES
    first, second = (notes.add(Note(name=name)) for name in "ab")
    with pytest.raises(AlreadyExistsError) as caught:
        notes.add(Note(name="a"))
    assert caught.value.name == "a"
    with pytest.raises(AlreadyExistsError):
        notes.update(second.replace(name="a"), second)
    assert notes.update(first.replace(text="x"), first).text == "x"


def test_ids_of_other_stores_mean_nothing(notes):
    elsewhere = MemoryStore([Note], name="elsewhere")
    foreign = [elsewhere.add(Note(name=name)) for name in "ab"][1]
    notes.add(Note(name="first"))
    notes.add(Note(name="second"))
    added = notes.add(foreign)
    assert added.id == 3
    assert notes.update(foreign.replace(text="x")).id == 3
    assert foreign in notes
    assert foreign.id == 2
    notes.remove(foreign)
    assert notes.get(3) is None
    for verb in (notes.update, notes.remove):
        with pytest.raises(NotFoundError) as caught:
            verb(foreign)
        assert caught.value.name == "b"


def test_an_id_that_is_taken(notes):
    notes.add(Note(name="a", id=7))
    with pytest.raises(AlreadyExistsError, match="with the id 7") as caught:
        notes.add(Note(name="b", id=7))
    assert caught.value.id == 7


def test_update_of_what_is_so_already_writes_nothing(notes):
    seen = []
    note = notes.add(Note(name="a"))
    notes.store.observe(seen.append)
    notes.problem["update"] = AssertionError("it is written")
    assert notes.update(note) == note
    assert not seen


def test_stale(notes):
    note = notes.add(Note(name="a"))
    notes.update(note.replace(text="theirs"))
    with pytest.raises(StaleError, match="changed by somebody else"):
        notes.update(note.replace(text="mine"), note)
    with pytest.raises(NotFoundError):
        notes.update(note.replace(id=99), note.replace(id=99))


def test_of_another_type(notes):
    for verb in (notes.add, notes.update, notes.remove):
        with pytest.raises(StoreError, match="expected Note, given Other"):
            verb(Other(name="a"))


def test_a_context_is_no_text(notes, store):
    """It would be taken for its letters, and nothing would ever be found."""
    with pytest.raises(DataError, match=r"context: expected tuple of str, given str 'ab'"):
        notes.get_by_name("a", "ab")
    with pytest.raises(DataError, match=r"context: expected tuple of str, given str 'ab'"):
        store.find(Note, context="ab")


def test_one_outcome_for_each_of_many(notes):
    notes.add(Note(name="a", id=1))
    first, second = notes._row(1), Note(name="nowhere", id=9)
    updated, missing = notes.update_many(
        [(first.replace(text="b"), first), (second.replace(text="b"), second)]
    )
    assert updated.text == "b"
    assert isinstance(missing, NotFoundError)
    gone, missing = notes.remove_many([updated, second])
    assert gone is None
    assert isinstance(missing, NotFoundError)


def test_find_is_lazy_and_limited(notes):
    for name in "abc":
        notes.add(Note(name=name))
    found = notes.find(Query(limit=2))
    notes.remove(notes.get(1))
    assert [note.name for note in found] == ["b", "c"]
    assert [note.name for note in notes.find(Query(names=frozenset("bc"), limit=1))] == ["b"]


class TestUnreadable:
    @pytest.fixture
    def broken(self, notes, monkeypatch):
        for name in "abc":
            notes.add(Note(name=name))

        def find(self, query):
            for id in self.rows:
                if id == 2:
                    self._unreadable(id, DataError("broken", datatype="Note"))
                else:
                    yield self._row(id)

        monkeypatch.setattr(Notes, "_find", find)
        return notes

    def test_told_and_passed_over(self, broken):
        told = {}
        assert [n.name for n in broken.find(unreadable=told.__setitem__)] == ["a", "c"]
        assert list(told) == [2]

    def test_logged_where_nobody_asks(self, broken, caplog):
        assert len(list(broken.find())) == 2
        assert "Note 2 in store 'desk': broken" in caplog.text

    def test_two_streams_at_once(self, broken, caplog):
        """Each is told of its own, also when the other ended meanwhile."""
        told, others = {}, {}
        stream = broken.find(unreadable=told.__setitem__)
        next(stream)
        list(broken.find(unreadable=others.__setitem__))
        assert [n.name for n in stream] == ["c"]
        assert list(told) == list(others) == [2]
        assert not caplog.records

    def test_it_is_no_removal(self, broken):
        first = broken.changes()
        assert [n.name for n in first.data] == ["a", "c"]
        assert broken.changes(first.cursor).removed == []


def test_changes_by_comparing_scans(notes):
    first = notes.add(Note(name="a"))
    notes.add(Note(name="b"))
    changes = notes.changes()
    assert {n.name for n in changes.data} == {"a", "b"}
    notes.update(first.replace(text="x"))
    notes.remove(notes.get(2))
    later = notes.changes(changes.cursor)
    assert [n.text for n in later.data] == ["x"]
    assert later.removed == [2]
    assert not notes.changes(later.cursor).data


def test_fewer_fields_are_fewer_states(notes, monkeypatch):
    """What the backend does not hold plays no part in what is stale."""
    monkeypatch.setattr(Notes, "fields", frozenset({"name", "context"}))
    note = notes.add(Note(name="a", text="b"))
    assert notes.update(note.replace(name="c"), note.replace(text="another")).name == "c"


def test_capabilities():
    assert Capability.UNIQUE_NAMES not in Capability.DEFAULT
    assert Capability(0) == Capability.READ_ONLY & Capability.WRITE


def test_repr(notes):
    assert repr(notes) == "<Notes of Note in 'desk'>"
    assert "Note" in repr(schema_of(Note))


def test_one_data_that_cannot_be_read_hides_no_other_one(notes):
    """The default of the optional hook keeps the promise of the verb, too."""
    for name in "abc":
        notes.add(Note(name=name))
    right = notes._get

    def broken(id):
        if id == 2:
            raise DataError("it is broken", datatype="Note")
        return right(id)

    notes._get = broken
    told = []
    found = notes.get_many(
        [1, 2, 3, 9], unreadable=lambda key, error: told.append((key, str(error)))
    )
    assert [data.name for data in found] == ["a", "c"]
    assert told == [(2, "it is broken")]


def test_a_store_that_fails_as_a_whole_is_no_unreadable_data(notes):
    notes.add(Note(name="a"))
    notes.problem["get"] = StoreUnavailableError("down", store="desk")
    with pytest.raises(StoreUnavailableError):
        notes.get_many([1])
