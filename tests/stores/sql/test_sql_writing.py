"""SQLStore: what the database makes of what it is given, and many writes at once."""

import sqlite3
from contextlib import closing
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from b3j0f.sync import Data, make_datatype
from b3j0f.sync.errors import (
    AlreadyExistsError,
    DataError,
    NotFoundError,
    StaleError,
    StoreError,
    SyncError,
    UnfitDataError,
)
from b3j0f.sync.stores.sql import SQLStore


class Issue(Data):
    title: str = ""
    points: int = 0


TABLE = """
CREATE TABLE Issue (
    id INTEGER PRIMARY KEY, name TEXT, title TEXT, points INTEGER CHECK (points < 100),
    parent INTEGER REFERENCES Issue (id) DEFERRABLE INITIALLY DEFERRED
)
"""


@pytest.fixture
def make(execute, open_store):
    """A store on a file where *statements* have been run."""

    def open_after(*statements, **options):
        for statement in statements:
            execute(statement)
        return open_store(Issue, **options)

    return open_after


def kinds(outcomes):
    return [type(one).__name__ for one in outcomes]


# --- as stored -------------------------------------------------------------------------------

TRIM_NEW = """
CREATE TRIGGER trim_new AFTER INSERT ON Issue BEGIN
    UPDATE Issue SET title = trim(title) WHERE id = new.id;
END
"""
TRIM_OLD = """
CREATE TRIGGER trim_old AFTER UPDATE OF title ON Issue BEGIN
    UPDATE Issue SET title = trim(title) WHERE id = new.id;
END
"""


def test_triggers_show(make, execute):
    """What a trigger changes is in the answer, alone or among many."""
    store = make(TABLE, TRIM_NEW, TRIM_OLD)
    accessor = store.accessor(Issue)
    assert store.add(Issue(name="a", title=" x ")).title == "x"
    added = accessor.add_many([Issue(name=f"n{n}", title=f" {n} ") for n in range(3)])
    assert [data.title for data in added] == ["0", "1", "2"]
    assert store.update(added[0].replace(title=" y "), added[0]).title == "y"
    (updated,) = accessor.update_many([(added[1].replace(title=" z "), added[1])])
    assert updated.title == "z"
    assert execute("SELECT title FROM Issue ORDER BY id") == [("x",), ("y",), ("z",), ("2",)]


@pytest.mark.parametrize("verb", ["INSERT", "UPDATE", "DELETE"])
def test_rows_that_are_silently_kept_from_us(make, verb):
    """A trigger that swallows a write makes an error of that write, and of no other."""
    row = "old" if verb == "DELETE" else "new"
    store = make(
        TABLE,
        f"CREATE TRIGGER swallow BEFORE {verb} ON Issue WHEN {row}.title = 'no' BEGIN "
        "SELECT RAISE(IGNORE); END",
    )
    accessor = store.accessor(Issue)
    if verb == "INSERT":
        given_titles = ["a", "no", "b"]
        outcomes = accessor.add_many([Issue(name=t, title=t) for t in given_titles])
        assert [data.title for data in store.find()] == ["a", "b"]
        known = accessor.add_many([Issue(name=t, title=t, id=9 + n) for n, t in enumerate("xy")])
        assert [data.id for data in known] == [9, 10]
        assert kinds(accessor.add_many([Issue(name="c", title="no", id=20)])) == ["StoreError"]
    else:
        old = accessor.add_many([Issue(name=n, title="no" if n == "1" else n) for n in "012"])
        if verb == "UPDATE":
            new = ["a", "no", "b"]
            pairs = [(o.replace(title=t, points=1), o) for t, o in zip(new, old, strict=True)]
            outcomes = accessor.update_many(pairs)
            assert [data.points for data in store.find()] == [1, 0, 1]
        else:
            outcomes = accessor.remove_many(old)
            assert [data.title for data in store.find()] == ["no"]
    assert isinstance(outcomes[1], StoreError)
    assert "silently ignored" in str(outcomes[1])
    assert not isinstance(outcomes[0], SyncError)
    assert not isinstance(outcomes[2], SyncError)


def test_row_that_cannot_be_read_back(make, execute):
    """What the database turns into something unreadable is not written at all."""
    store = make(
        "CREATE TABLE Issue (id INTEGER PRIMARY KEY, name TEXT, title TEXT, points INTEGER)",
        "CREATE TRIGGER spoil AFTER INSERT ON Issue WHEN new.title = 'spoil' BEGIN "
        "UPDATE Issue SET points = 'many' WHERE id = new.id; END",
    )
    accessor = store.accessor(Issue)
    outcomes = accessor.add_many([Issue(name="a"), Issue(name="b", title="spoil")])
    assert kinds(outcomes) == ["Issue", "DataError"]
    assert "column 'points': expected int" in str(outcomes[1])
    assert execute("SELECT name FROM Issue") == [("a",)]


def test_nothing_to_change_writes_nothing(make, execute):
    """An update to the same moves no time and fires no trigger."""
    store = make()
    stored = store.add(Issue(name="a"))
    (same,) = store.accessor(Issue).update_many([(stored.replace(), stored)])
    assert same == stored
    assert same.updated == stored.updated == store[Issue, stored.id].updated


# --- constraints -----------------------------------------------------------------------------


def test_taken_ids_and_names(make):
    """AlreadyExistsError, from every verb, with what is taken."""
    store = make(
        "CREATE TABLE Issue (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE, title TEXT)"
    )
    accessor = store.accessor(Issue)
    first = store.add(Issue(name="a", id=7))
    with pytest.raises(AlreadyExistsError) as caught:
        store.add(Issue(name="b", id=7))
    assert caught.value.id == 7
    for data, name in ((Issue(name="a"), "a"), (Issue(name="A"), "A")):
        with pytest.raises(AlreadyExistsError) as caught:
            store.add(data)
        assert caught.value.name == name
    outcomes = accessor.add_many([Issue(name="b", id=7), Issue(name="a"), Issue(name="c")])
    assert kinds(outcomes) == ["AlreadyExistsError", "AlreadyExistsError", "Issue"]
    assert isinstance(outcomes[0].__cause__.orig, sqlite3.IntegrityError)
    other = outcomes[2]
    (refused,) = accessor.update_many([(other.replace(name="A"), other)])
    assert isinstance(refused, AlreadyExistsError)
    assert refused.action == "update"
    assert store.update(first.replace(name="A"), first).name == "A"
    assert [data.name for data in store.find()] == ["A", "c"]


def test_names_taken_within_one_batch(make):
    store = make(unique_names=True)
    outcomes = store.accessor(Issue).add_many(
        [Issue(name="a"), Issue(name="a", context=("x",)), Issue(name="a"), Issue(name="b")]
    )
    assert kinds(outcomes) == ["Issue", "Issue", "AlreadyExistsError", "Issue"]
    assert len(store) == 3


def test_other_constraints_speak_for_themselves(make):
    store = make(TABLE)
    stored = store.add(Issue(name="a"))
    for verb in (
        lambda: store.add(Issue(name="b", points=100)),
        lambda: store.update(stored.replace(points=100), stored),
    ):
        with pytest.raises(StoreError, match="CHECK constraint failed") as caught:
            verb()
        assert type(caught.value) is UnfitDataError
        assert "100" not in str(caught.value).replace("points < 100", "")
    assert list(store) == [stored]


def test_foreign_keys_hold(make, execute):
    """Also those that are looked at when committing: the one that breaks them fails alone."""
    store = make(TABLE)
    accessor = store.accessor(Issue)
    parent, child, other = accessor.add_many([Issue(name=n) for n in "abc"])
    execute("UPDATE Issue SET parent = ? WHERE id = ?", parent.id, child.id)
    outcomes = accessor.remove_many([parent, other])
    assert kinds(outcomes) == ["StoreError", "NoneType"]
    assert "FOREIGN KEY constraint failed" in str(outcomes[0])
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.remove(parent)
    assert [data.name for data in store.find()] == ["a", "b"]


def test_constraint_that_gives_up_the_transaction(make, execute):
    """Even then, the others are written, and all outcomes are told."""
    store = make(
        TABLE,
        "CREATE TRIGGER give_up BEFORE INSERT ON Issue WHEN new.title = 'no' BEGIN "
        "SELECT RAISE(ROLLBACK, 'not with me'); END",
    )
    titles = ["a", "no", "b", "no", "c"]
    outcomes = store.accessor(Issue).add_many([Issue(name=t, title=t) for t in titles])
    assert kinds(outcomes) == ["Issue", "UnfitDataError", "Issue", "UnfitDataError", "Issue"]
    assert "not with me" in str(outcomes[1])
    assert execute("SELECT title FROM Issue") == [("a",), ("b",), ("c",)]
    with pytest.raises(StoreError, match="not with me"):
        store.add(Issue(name="d", title="no"))


# --- stale ground ----------------------------------------------------------------------------


def test_stale_and_missing(make, execute):
    """Only what the store holds and the data says counts; another column is nobody's business."""
    store = make(TABLE)
    accessor = store.accessor(Issue)
    a, b, c, d = accessor.add_many([Issue(name=n) for n in "abcd"])
    execute("UPDATE Issue SET title = 'theirs' WHERE name = 'b'")
    execute("DELETE FROM Issue WHERE name = 'c'")
    execute("UPDATE Issue SET parent = 1 WHERE name = 'd'")
    outcomes = accessor.update_many([(o.replace(points=5), o) for o in (a, b, c, d)])
    assert kinds(outcomes) == ["Issue", "StaleError", "NotFoundError", "Issue"]
    assert execute("SELECT name, points FROM Issue") == [("a", 5), ("b", 0), ("d", 5)]
    with pytest.raises(StaleError):
        store.update(b.replace(title="mine"), b)
    with pytest.raises(NotFoundError):
        store.remove(c)


def test_one_data_twice_in_a_batch(make):
    """The second one sees what the first one wrote."""
    store = make()
    accessor = store.accessor(Issue)
    old = store.add(Issue(name="a"))
    new = old.replace(points=1)
    outcomes = accessor.update_many([(new, old), (new.replace(title="x"), new), (new, old)])
    assert kinds(outcomes) == ["Issue", "Issue", "StaleError"]
    assert store[Issue, old.id] == new.replace(title="x")
    assert kinds(accessor.remove_many([old, old])) == ["NoneType", "NotFoundError"]


# --- many ------------------------------------------------------------------------------------


def test_batch_is_one_commit(make, path):
    """Nobody sees a part of it."""
    store = make(TABLE)
    seen = []

    def look(changed):
        with closing(sqlite3.connect(path)) as connection:
            seen.append(connection.execute("SELECT count(*) FROM Issue").fetchone()[0])

    store.connect()
    accessor = store.accessor(Issue)
    insert = accessor._sql.insert

    def insert_and_look(connection, values):
        keys = insert(connection, values)
        look(None)
        return keys

    accessor._sql.insert = insert_and_look
    given_data = [Issue(name=str(n), points=100 * (n == 700)) for n in range(1500)]
    outcomes = accessor.add_many(given_data)
    assert set(seen) == {0}
    assert sum(isinstance(one, StoreError) for one in outcomes) == 1
    assert isinstance(outcomes[700], StoreError)
    assert [data.name for data in outcomes if isinstance(data, Issue)] == [
        str(n) for n in range(1500) if n != 700
    ]
    look(None)
    assert seen[-1] == 1499


def test_ids_given_and_not_given(make):
    """Both kinds in one batch; every answer belongs to what was given in its place."""
    store = make()
    names = [f"n{n}" for n in range(50)]
    outcomes = store.accessor(Issue).add_many(
        [Issue(name=name, id=1000 - n if n % 3 == 0 else None) for n, name in enumerate(names)]
    )
    assert [data.name for data in outcomes] == names
    assert [data.id for data in outcomes[::3]] == [1000 - n for n in range(0, 50, 3)]
    assert len({data.id for data in outcomes}) == 50


def test_what_is_wrong_by_itself(make):
    """It fails before the database is asked, at its place."""
    store = make()
    big = Issue(name="big", points=2**64)
    outcomes = store.accessor(Issue).add_many([big, Issue(name="a"), Issue(name="b", id="x"), big])
    assert kinds(outcomes) == ["DataError", "Issue", "DataError", "DataError"]
    with pytest.raises(DataError, match="column 'id': expected an integer"):
        store.add(Issue(name="b", id="x"))


batches = st.lists(
    st.tuples(
        st.sampled_from(["add", "update", "remove"]),
        st.lists(
            st.tuples(st.integers(1, 8), st.sampled_from("abcd"), st.sampled_from([1, 2, 100])),
            max_size=6,
        ),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(batches)
def test_a_batch_does_what_its_parts_would_do(steps):
    """One by one or at once: the same outcomes and the same rows."""
    folder = TemporaryDirectory()
    stores = []
    for name in ("one", "many"):
        path = f"{folder.name}/{name}.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(TABLE.replace("name TEXT", "name TEXT UNIQUE"))
        stores.append(SQLStore(f"sqlite:///{path}", [Issue]))
    one, many = (store.accessor(Issue) for store in stores)
    try:
        for verb, items in steps:
            data = [Issue(id=id, name=name, points=points) for id, name, points in items]
            if verb == "update":
                now = {d.id: d for d in one.find()}
                pairs = [(d, now.get(d.id, d)) for d in data]
                singly = [one.update_many([pair])[0] for pair in pairs]
                at_once = many.update_many(pairs)
            else:
                singly = [getattr(one, f"{verb}_many")([d])[0] for d in data]
                at_once = getattr(many, f"{verb}_many")(data)
            assert kinds(singly) == kinds(at_once)
            assert [d for d in singly if isinstance(d, Issue)] == [
                d for d in at_once if isinstance(d, Issue)
            ]
            rows = [{d.id: d for d in accessor.find()} for accessor in (one, many)]
            assert rows[0] == rows[1]
    finally:
        for store in stores:
            store.disconnect()
        folder.cleanup()


def test_hooks_of_make_datatype(make):
    """Types made at run time are no different."""
    made = make_datatype("Made", {"size": int}, parent=Issue)
    store = SQLStore("sqlite://", [Issue, made])
    stored = store.add(made(name="a", context=("x",), size=3))
    assert store.get_by_name(made, "a", ["x"]) == stored
    store.disconnect()
