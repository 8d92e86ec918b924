"""Stores that have the same records in other forms, kept in step."""

import datetime as dt
import sqlite3

import pytest

from b3j0f.sync import (
    ConfigError,
    Data,
    DataError,
    FileStore,
    Link,
    Mapping,
    MemoryStore,
    Plan,
    Prefer,
    SQLStore,
    StaleError,
    Synchronizer,
)
from b3j0f.sync.mapping import Convert, Join, Scale, Text, Values


class Project(Data):
    url: str = ""


class Issue(Data, parent=Project):
    title: str = ""
    state: str = "open"
    owner: str = ""
    cents: int = 0
    due: dt.date | None = None


class Area(Data):
    url: str = ""


class Ticket(Data, parent=Area):
    summary: str = ""
    code: int = 1
    first: str = ""
    last: str = ""
    amount: int = 0
    day: str = ""
    private: str = "untouched"


MAPPINGS = [
    Mapping(Project, Area),
    Mapping(
        Issue,
        Ticket,
        title="summary",
        state=Values({1: "open", 5: "closed"}, "code"),
        owner=Join("first", "last"),
        cents=Scale(1, "amount"),
        due=Text("%d.%m.%Y", "day"),
    ),
]


@pytest.fixture
def tracker(tmp_path):
    store = SQLStore(f"sqlite:///{tmp_path}/tracker.db", [Area, Ticket], name="tracker")
    yield store
    store.disconnect()


@pytest.fixture
def files(tmp_path):
    return FileStore(tmp_path / "files", [Project, Issue], name="files")


@pytest.fixture
def memory():
    return MemoryStore([Project, Issue], name="memory")


@pytest.fixture
def sync(tracker, files, memory):
    links = [files, Link(tracker, mapping=MAPPINGS), memory]
    with Synchronizer(links, ledger="sqlite://", policy=Prefer("files")) as sync:
        yield sync


FULL = Issue(
    name="crash",
    context=("editor",),
    title="it crashes",
    state="closed",
    owner="ann smith",
    cents=5,
    due=dt.date(2026, 12, 24),
)


def only(store, datatype):
    (found,) = store.find(datatype)
    return found


def test_live_in_every_direction(sync, tracker, files, memory):
    memory.add(Project(name="editor"))
    memory.add(FULL)
    ticket = only(tracker, Ticket)
    assert (ticket.summary, ticket.code, ticket.first, ticket.last, ticket.day) == (
        "it crashes",
        5,
        "ann",
        "smith",
        "24.12.2026",
    )
    assert only(files, Issue) == FULL
    changed = tracker.update(ticket.replace(code=1, private="mine"), ticket)
    assert only(files, Issue).state == only(memory, Issue).state == "open"
    issue = only(files, Issue)
    files.update(issue.replace(owner="bob"), issue)
    ticket = only(tracker, Ticket)
    assert (ticket.first, ticket.last, ticket.private) == ("bob", "", "mine")
    assert changed.id == ticket.id
    tracker.remove(ticket)
    assert not list(files.find(Issue))
    assert not sync.plan().operations


def test_what_others_changed_in_between(sync, tracker, files, memory, tmp_path):
    tracker.add(Area(name="editor"))
    tracker.add(Ticket(name="slow", context=("editor",), summary="s", code=5), notify=False)
    assert sync.run().ok
    assert only(memory, Issue).state == "closed"
    with sqlite3.connect(tmp_path / "tracker.db") as connection:
        connection.execute("UPDATE Ticket SET summary = 'very slow', private = 'theirs'")
    connection.close()
    issue = only(files, Issue)
    files.update(issue.replace(cents=7), issue, notify=False)
    plan = sync.plan()
    assert {o.datatype for o in plan.operations} == {"Issue"}
    assert "title" in str(plan)
    again = Plan.from_json(plan.to_json())
    assert sync.apply(again).ok
    ticket, issue = only(tracker, Ticket), only(files, Issue)
    assert (ticket.summary, ticket.amount, ticket.private) == ("very slow", 7, "theirs")
    assert (issue.title, issue.cents) == ("very slow", 7)
    assert not sync.plan().operations


def test_conflicts_speak_of_shared_fields(sync, tracker, files, memory):
    memory.add(Project(name="editor"))
    memory.add(FULL)
    issue, ticket = only(memory, Issue), only(tracker, Ticket)
    memory.update(issue.replace(title="ours"), issue, notify=False)
    tracker.update(ticket.replace(summary="theirs"), ticket, notify=False)
    with Synchronizer(
        [memory, Link(tracker, mapping=MAPPINGS)], ledger=sync.ledger, name="other"
    ) as manual:
        manual.run()
        (conflict,) = manual.conflicts()
        assert (conflict.datatype, conflict.field) == ("Issue", "title")
        assert conflict.values == {"memory": "ours", "tracker": "theirs"}
        manual.resolve(conflict, store="memory")
    assert only(tracker, Ticket).summary == "ours"


def test_renames_and_moves(sync, tracker, files, memory):
    for name in ("editor", "viewer"):
        memory.add(Project(name=name))
    memory.add(FULL)
    ticket = only(tracker, Ticket)
    tracker.update(ticket.replace(name="boom", context=("viewer",)), ticket)
    issue = only(files, Issue)
    assert (issue.name, issue.context, issue.title) == ("boom", ("viewer",), "it crashes")


def test_undo_and_explain(sync, tracker, memory):
    memory.add(Project(name="editor"))
    memory.add(FULL)
    ticket = only(tracker, Ticket)
    tracker.update(ticket.replace(code=1), ticket, notify=False)
    run = sync.run().run
    assert sync.explain(Issue, "crash", ("editor",))["state"].source == "tracker"
    assert sync.apply(sync.undo(run)).ok
    assert (only(tracker, Ticket).code, only(memory, Issue).state) == (5, "closed")


def test_one_value_without_a_form_stops_no_other(sync, tracker, memory):
    memory.add(Project(name="editor"))
    memory.add(FULL)
    memory.add(FULL.replace(name="odd", state="unheard of"))
    assert [t.name for t in tracker.find(Ticket)] == ["crash"]
    tracker.add(Ticket(name="nine", context=("editor",), code=9))
    assert len(list(memory.find(Issue))) == 2
    report = sync.run()
    told = " ".join(str(failure.error) for failure in report.failed)
    assert "state 'unheard of' is not in the table" in told
    assert "code 9 is not in the table" in told
    assert len(list(tracker.find(Ticket))) == 2
    odd = next(issue for issue in memory.find(Issue) if issue.name == "odd")
    memory.update(odd.replace(state="open"), odd)
    sync.run(force=True)
    assert len(list(tracker.find(Ticket))) == 3


def test_a_lossy_form_is_no_edit():
    """What comes back otherwise is the store's own form: no echo, and nobody loses anything."""

    class Shouted(Data):
        title: str = ""

    class Said(Data):
        title: str = ""

    mapping = Mapping(Said, Shouted, title=Convert(str.lower, str.upper, lossy=True))
    loud, quiet = MemoryStore([Shouted], name="loud"), MemoryStore([Said], name="quiet")
    with Synchronizer([Link(loud, mapping=mapping), quiet]) as sync:
        quiet.add(Said(name="n", title="Hello"))
        assert only(loud, Shouted).title == "HELLO"
        assert not sync.run(force=True).applied
        assert only(quiet, Said).title == "Hello"
        shouted = only(loud, Shouted)
        loud.update(shouted.replace(title="BYE"), shouted)
        assert only(quiet, Said).title == "bye"
        assert not sync.plan().operations


def test_who_is_faster_is_not_overruled(sync, tracker, memory, monkeypatch):
    """Between reading and writing, the store's own form is what is compared."""
    memory.add(Project(name="editor"))
    memory.add(FULL)
    accessor = tracker.accessor(Ticket)
    get_many = accessor.get_many
    others = [{"private": "theirs"}, {"summary": "faster"}]

    def read_and_wait(ids):
        found = list(get_many(ids))
        if others:
            (ticket,) = found
            tracker.update(ticket.replace(**others.pop()), ticket, notify=False)
        return found

    monkeypatch.setattr(accessor, "get_many", read_and_wait)
    issue = only(memory, Issue)
    memory.update(issue.replace(cents=8), issue)
    assert sync.run().ok
    ticket = only(tracker, Ticket)
    assert (ticket.amount, ticket.summary, ticket.private) == (8, "faster", "theirs")
    assert only(memory, Issue).title == "faster"


def test_a_filter_sees_the_shared_form(tracker, memory):
    link = Link(
        tracker, mapping=MAPPINGS, where=lambda data: getattr(data, "state", "") != "closed"
    )
    with Synchronizer([link, memory]) as sync:
        memory.add(Project(name="editor"))
        memory.add(FULL)
        memory.add(FULL.replace(name="open", state="open"))
        assert [t.name for t in tracker.find(Ticket)] == ["open"]
        assert not sync.plan().operations


def test_a_dict_and_one_mapping(tracker):
    link = Link(tracker, mapping=MAPPINGS[1])
    assert set(link.types) == {Area, Issue}
    same = MemoryStore([Issue], name="same")
    assert Link(same, mapping={Issue: {"title": None}}).types == (Issue,)
    with pytest.raises(ConfigError, match="two mappings"):
        Link(tracker, mapping=[MAPPINGS[1], MAPPINGS[1]])


def test_a_field_that_is_not_held_is_taken_from_nobody(memory):
    other = MemoryStore([Issue], name="other")
    with Synchronizer([memory, Link(other, mapping={Issue: {"title": None}})]) as sync:
        memory.add(FULL)
        assert only(other, Issue).title == ""
        data = only(other, Issue)
        other.update(data.replace(cents=9, title="own"), data)
        assert (only(memory, Issue).title, only(memory, Issue).cents) == ("it crashes", 9)
        assert not sync.plan().operations


def test_stale_and_missing_ones_are_told(tracker):
    link = Link(tracker, mapping=MAPPINGS)
    accessor = link.accessor(Issue)
    tracker.add(Area(name="editor"))
    added = accessor.add_many([FULL])[0]
    edited = added.replace(title="other")
    (outcome,) = accessor.update_many([(edited, added.replace(title="never was"))])
    assert isinstance(outcome, StaleError)
    assert accessor.remove_many([added.replace(title="never was")], unchanged=True)[0] is not None
    assert accessor.get(added.id) == added
    assert accessor.get_by_name("crash", ("editor",)) == added
    assert accessor.remove_many([added], unchanged=True) == [None]
    assert accessor.get(added.id) is None
    (outcome,) = accessor.add_many([FULL.replace(state="odd")])
    assert isinstance(outcome, DataError)
