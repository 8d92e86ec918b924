"""Tables of others with keys of several columns, and foreign keys as names."""

import datetime as dt

import pytest
import sqlalchemy as sa

from b3j0f.sync import (
    AlreadyExistsError,
    Data,
    DataError,
    FileStore,
    Ref,
    StaleError,
    Synchronizer,
    UnresolvedReferenceError,
)
from b3j0f.sync.stores.sql import SQLStore


class Account(Data):
    email: str = ""
    manager: "Ref[Account] | None" = None


class Project(Data):
    url: str = ""


class Ticket(Data, parent=Project):
    number: int = 0
    state: str = "open"
    assignee: Ref[Account] | None = None
    due: dt.date | None = None


TYPES = [Account, Project, Ticket]

SCHEMA = [
    """CREATE TABLE people (
        id {serial}, login VARCHAR(40) NOT NULL UNIQUE, email VARCHAR(80),
        manager_id INTEGER REFERENCES people (id))""",
    "CREATE TABLE projects (id {serial}, title VARCHAR(60) NOT NULL, url VARCHAR(200))",
    """CREATE TABLE tickets (
        project_id INTEGER NOT NULL, number INTEGER NOT NULL, title VARCHAR(60) NOT NULL,
        state VARCHAR(10) DEFAULT 'open' NOT NULL, assignee INTEGER, due DATE,
        PRIMARY KEY (project_id, number), FOREIGN KEY (project_id) REFERENCES projects (id),
        FOREIGN KEY (assignee) REFERENCES people (id))""",
]
SERIAL = {
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "postgresql": "SERIAL PRIMARY KEY",
    "mariadb": "INTEGER AUTO_INCREMENT PRIMARY KEY",
}
TABLES = {
    "Account": {"table": "people", "name_column": "login"},
    "Project": {"table": "projects", "name_column": "title"},
    "Ticket": {"table": "tickets", "name_column": "title"},
}


@pytest.fixture
def engine(any_database):
    with any_database.begin() as connection:
        for statement in SCHEMA:
            made = statement.format(serial=SERIAL[any_database.dialect.name])
            connection.exec_driver_sql(made)
        connection.exec_driver_sql("INSERT INTO people (login, email) VALUES ('ann', 'a@x')")
        connection.exec_driver_sql("INSERT INTO people (login, manager_id) VALUES ('bob', 1)")
        connection.exec_driver_sql("INSERT INTO projects (title) VALUES ('editor')")
        connection.exec_driver_sql("INSERT INTO projects (title) VALUES ('a/b')")
        connection.exec_driver_sql(
            "INSERT INTO tickets (project_id, number, title, assignee) VALUES (1, 1, 'crash', 2), "
            "(1, 2, 'slow', NULL), (2, 1, 'crash', 1)"
        )
    return any_database


@pytest.fixture
def store(engine):
    store = SQLStore(engine.url, TYPES, per_type=TABLES)
    yield store
    store.disconnect()


def rows(engine, statement):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def test_keys_are_read_as_names(store):
    found = {(d.context, d.name): d for d in store.find(Ticket)}
    assert found.keys() == {(("editor",), "crash"), (("editor",), "slow"), (("a/b",), "crash")}
    crash = found[("editor",), "crash"]
    assert (crash.id, crash.assignee) == ("1/1", Ref("bob"))
    assert found[("editor",), "slow"].assignee is None
    assert store.get(Ticket, "2/1").context == ("a/b",)
    assert store.get_by_name(Account, "bob").manager == Ref("ann")


@pytest.mark.parametrize("id", ["1", "1/9", "x/y", "01/1", "1/1/1", 1, "", "/"])
def test_ids_of_nobody(store, id):
    assert store.get(Ticket, id) is None


def test_conditions(store):
    assert [d.id for d in store.find(Ticket, context=("a/b",))] == ["2/1"]
    assert [d.id for d in store.find(Ticket, assignee=Ref("bob"))] == ["1/1"]
    assert [d.id for d in store.find(Ticket, assignee=None)] == ["1/2"]
    assert not list(store.find(Ticket, context=("nowhere",)))
    assert not list(store.find(Ticket, context=()))
    assert store.get_by_name(Ticket, "crash", ("a/b",)).id == "2/1"
    assert store.get_by_name(Ticket, "crash", ("a", "b")) is None


def test_names_are_written_as_keys(store, engine):
    ticket = Ticket(name="new", context=("a/b",), number=7, assignee=Ref("ann"))
    added = store.add(ticket)
    assert added.id == "2/7"
    assert (added, added.assignee) == (ticket, Ref("ann"))
    assert rows(engine, "SELECT project_id, assignee FROM tickets WHERE number = 7") == [(2, 1)]
    changed = store.update(added.replace(assignee=Ref("bob"), state="closed"), added)
    assert changed.assignee == Ref("bob")
    cleared = store.update(changed.replace(assignee=None), changed)
    assert cleared.assignee is None
    assert rows(engine, "SELECT state, assignee FROM tickets WHERE number = 7") == [
        ("closed", None)
    ]
    store.remove(cleared)
    assert store.get(Ticket, "2/7") is None


def test_a_move_changes_the_id(store):
    slow = store.get(Ticket, "1/2")
    moved = store.update(slow.replace(context=("a/b",)), slow)
    assert (moved.id, moved.context) == ("2/2", ("a/b",))
    assert store.get(Ticket, "1/2") is None
    renumbered = store.update(moved.replace(number=9), moved)
    assert renumbered.id == "2/9"


def test_what_leads_nowhere_is_refused(store, engine):
    before = rows(engine, "SELECT * FROM tickets")
    with pytest.raises(UnresolvedReferenceError, match="there is no Account 'eve'") as caught:
        store.add(Ticket(name="new", context=("editor",), number=3, assignee=Ref("eve")))
    assert (caught.value.field, caught.value.target) == ("assignee", "eve")
    with pytest.raises(UnresolvedReferenceError, match="no Project 'none'"):
        store.add(Ticket(name="new", context=("none",), number=3))
    with pytest.raises(DataError, match="context"):
        store.add(Ticket(name="new", number=3))
    assert rows(engine, "SELECT * FROM tickets") == before


def test_one_that_is_refused_fails_alone(store):
    every = [
        Ticket(
            name=f"n{n}", context=("editor",), number=n, assignee=Ref("eve" if n == 12 else "ann")
        )
        for n in range(10, 20)
    ]
    outcomes = store.accessor(Ticket).add_many(every)
    assert [isinstance(outcome, DataError) for outcome in outcomes] == [
        n == 12 for n in range(10, 20)
    ]
    assert store.get(Ticket, "1/19").assignee == Ref("ann")


def test_a_taken_key(store):
    with pytest.raises(AlreadyExistsError, match="'1/1'"):
        store.add(Ticket(name="other", context=("editor",), number=1))
    slow = store.get(Ticket, "1/2")
    with pytest.raises(AlreadyExistsError, match="'1/1'"):
        store.update(slow.replace(number=1), slow)
    with pytest.raises(AlreadyExistsError, match="'2/1'"):
        store.add(Ticket(id="2/1", name="other", context=("a/b",), number=1))
    with pytest.raises(DataError, match="shares column"):
        store.add(Ticket(id="2/3", name="other", context=("a/b",), number=4))


def test_others_change_what_a_key_leads_to(store, engine):
    """Who is assigned is the same account, under another name; the ticket has changed for all."""
    crash = store.get(Ticket, "1/1")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET login = 'robert' WHERE id = 2")
    assert store.get(Ticket, "1/1").assignee == Ref("robert")
    with pytest.raises(StaleError):
        store.update(crash.replace(state="closed"), crash)


def test_many_are_read_in_pages(store, engine):
    with engine.begin() as connection:
        insert = sa.text("INSERT INTO tickets (project_id, number, title) VALUES (1, :n, 't')")
        connection.execute(insert, [{"n": n} for n in range(100, 2600)])
    ids = [d.id for d in store.find(Ticket)]
    assert len(ids) == len(set(ids)) == len(store.accessor(Ticket).get_many(ids)) == 2503
    assert store.accessor(Ticket).count() == 2503


def test_in_step_with_files(store, engine, tmp_path):
    files = FileStore(tmp_path / "data", TYPES, name="files")
    with Synchronizer([store, files]) as sync:
        assert sync.run().ok
        assert files.get_by_name(Ticket, "crash", ("editor",)).assignee == Ref("bob")
        files.add(Account(name="eve", manager=Ref("ann")))
        files.add(Project(name="viewer"))
        files.add(Ticket(name="blank", context=("viewer",), number=1, assignee=Ref("eve")))
        assert store.get_by_name(Ticket, "blank", ("viewer",)).assignee == Ref("eve")
        assert rows(engine, "SELECT project_id, assignee FROM tickets WHERE title = 'blank'") == [
            (3, 3)
        ]
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE projects SET title = 'ide' WHERE id = 1")
            connection.exec_driver_sql("UPDATE people SET login = 'robert' WHERE id = 2")
        assert sync.run().ok
        assert files.get_by_name(Ticket, "crash", ("ide",)).assignee == Ref("robert")
        assert not sync.conflicts()
        assert not sync.plan().operations
        assert rows(engine, "SELECT count(*) FROM tickets") == [(4,)]


def test_a_key_that_leads_nowhere(any_database):
    """Without a constraint it may; the row is set aside, and the others are read."""
    with any_database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE project (id INTEGER PRIMARY KEY, name VARCHAR(9))")
        connection.exec_driver_sql(
            "CREATE TABLE ticket (id INTEGER PRIMARY KEY, name VARCHAR(9), project INTEGER)"
        )
        connection.exec_driver_sql("INSERT INTO project VALUES (1, 'p')")
        connection.exec_driver_sql(
            "INSERT INTO ticket VALUES (1, 'a', 1), (2, 'b', 7), (3, 'c', NULL)"
        )
    options = {
        "Project": {"table": "project"},
        "Ticket": {"table": "ticket", "context_columns": "project"},
    }
    store = SQLStore(any_database.url, [Project, Ticket], per_type=options)
    errors = {}
    found = {d.name: d.context for d in store.accessor(Ticket).find(unreadable=errors.__setitem__)}
    assert found == {"a": ("p",), "c": ()}
    assert "column 'project': expected the key of a Project" in str(errors[2])
    assert store.add(Ticket(name="d", id=9)).context == ()
    store.disconnect()


def test_a_reference_within_one_type(store, engine):
    ann = store.get_by_name(Account, "ann")
    changed = store.update(ann.replace(manager=Ref("ann")), ann)
    assert changed.manager == Ref("ann")
    assert rows(engine, "SELECT manager_id FROM people WHERE login = 'ann'") == [(1,)]
