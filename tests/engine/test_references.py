"""What refers to other data is written after them; in two steps where they refer to each other."""

import pytest

from b3j0f.sync import Data, MemoryStore, Ref, SQLStore, Synchronizer
from b3j0f.sync.synchronizer import _in_order


class Team(Data):
    lead: "Ref[Person] | None" = None


class Person(Data):
    team: Ref[Team] | None = None
    friend: "Ref[Person] | None" = None


@pytest.fixture
def tables(tmp_path):
    """Two tables with foreign keys to each other."""
    import sqlite3

    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.executescript("""
            CREATE TABLE team (
                id INTEGER PRIMARY KEY, name TEXT, lead_id INTEGER REFERENCES person);
            CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT,
                team_id INTEGER REFERENCES team, friend_id INTEGER REFERENCES person);
        """)
    connection.close()
    store = SQLStore(
        f"sqlite:///{tmp_path}/t.db",
        [Team, Person],
        name="tables",
        per_type={"Team": {"table": "team"}, "Person": {"table": "person"}},
    )
    yield store
    store.disconnect()


def held(store):
    return {
        (type(d).__name__, d.name): tuple(
            None if (ref := getattr(d, field)) is None else ref.name
            for field in type(d).__annotations__
        )
        for d in store
    }


EVERY = {
    ("Team", "core"): ("ann",),
    ("Person", "ann"): ("core", "bob"),
    ("Person", "bob"): ("core", "ann"),
    ("Person", "eve"): (None, "bob"),
}


def fill(store):
    store.add(Person(name="ann", team=Ref("core"), friend=Ref("bob")), notify=False)
    store.add(Person(name="bob", team=Ref("core"), friend=Ref("ann")), notify=False)
    store.add(Person(name="eve", friend=Ref("bob")), notify=False)
    store.add(Team(name="core", lead=Ref("ann")), notify=False)


def test_circles_are_written_in_two_steps(tables):
    memory = MemoryStore([Person, Team], name="memory")
    fill(memory)
    with Synchronizer([memory, tables], ledger="sqlite://") as sync:
        report = sync.run()
        assert report.ok
        assert not report.skipped, str(report)
        assert held(tables) == EVERY
        assert not sync.plan().operations
        bob = memory.get_by_name(Person, "bob")
        memory.update(bob.replace(friend=Ref("eve")), bob)
        assert held(tables)["Person", "bob"] == ("core", "eve")


def test_what_is_never_there_is_waited_for(tables):
    memory = MemoryStore([Person, Team], name="memory")
    memory.add(Person(name="ann", team=Ref("core"), friend=Ref("nobody")))
    memory.add(Person(name="bob"))
    with Synchronizer([memory, tables], ledger="sqlite://") as sync:
        report = sync.run()
        assert held(tables) == {("Person", "ann"): (None, None), ("Person", "bob"): (None, None)}
        told = str(report)
        assert "waits for 'core'" in told or "waits for 'nobody'" in told
        assert held(memory)["Person", "ann"] == ("core", "nobody")
        memory.add(Team(name="core"))
        memory.add(Person(name="nobody"))
        assert sync.run().ok
        assert held(tables)["Person", "ann"] == ("core", "nobody")
        assert not sync.plan().operations


def test_live(tables):
    memory = MemoryStore([Person, Team], name="memory")
    with Synchronizer([memory, tables], ledger="sqlite://") as sync:
        memory.add(Person(name="ann", team=Ref("core")))
        assert held(tables) == {("Person", "ann"): (None, None)}
        memory.add(Team(name="core"))
        sync.run()
        assert held(tables)["Person", "ann"] == ("core", None)
        assert held(memory)["Person", "ann"] == ("core", None)


def test_the_order_of_types():
    class Account(Data):
        pass

    class Group(Data):
        owner: Ref[Account] | None = None

    class Member(Data, parent=Group):
        account: Ref[Account] | None = None

    assert _in_order([Member, Group, Account]) == [Account, Group, Member]
    assert set(_in_order([Team, Person])) == {Team, Person}
