"""What runs did is known: explained field by field, and taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from scripted import Folder, Note, in_step, stores

from b3j0f.sync import (
    MISSING,
    Capability,
    DataError,
    Link,
    NotFoundError,
    Plan,
    Prefer,
    StaleError,
    Synchronizer,
)
from b3j0f.sync.ledger import RunKind


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request, tmp_path):
    return None if request.param == "memory" else tmp_path / "ledger.db"


@pytest.fixture
def three(ledger):
    a, b, c = stores(3)
    with Synchronizer([a, b, c], max_removals=1, ledger=ledger) as sync:
        yield a, b, c, sync


def last(sync):
    return sync.history(1)[0].number


def test_every_way_is_a_run_of_its_kind(three):
    a, b, _c, sync = three
    a.add(Note(name="n"))
    sync.run()
    sync.apply(sync.plan())
    sync.retry()
    b.edit("n", text="x", notify=True)
    sync.apply(sync.undo(last(sync)))
    kinds = [RunKind.UNDO, RunKind.EVENT, RunKind.RETRY, RunKind.APPLY, RunKind.RUN, RunKind.EVENT]
    assert [run.kind for run in sync.history()] == kinds
    assert [run.kind for run in sync.history(2)] == kinds[:2]
    assert all(run.ended >= run.started for run in sync.history())


def test_an_event_that_changes_nothing_is_no_run(three):
    a, _b, _c, sync = three
    note = a.add(Note(name="n"))
    runs = len(sync.history())
    a.update(note.replace(), note)
    assert len(sync.history()) == runs


def test_each_field_is_explained(three):
    a, b, c, sync = three
    a.add(Note(name="n", text="1"))
    b.edit("n", text="2", notify=True)
    c.edit("n", count=3)
    sync.run()
    origins = sync.explain(Note, "n")
    assert list(origins) == ["name", "context", "description", "text", "count"]
    told = {f: (o.value, o.source, o.run, o.before) for f, o in origins.items()}
    assert told["name"] == ("n", "a", 1, MISSING)
    assert told["description"] == ("", "a", 1, MISSING)
    assert told["text"] == ("2", "b", 2, "1")
    assert told["count"] == (3, "c", 3, None)
    assert all(origin.at <= datetime.now(UTC) for origin in origins.values())
    assert str(origins["text"]).startswith("text: '2' (b, run 2, ")
    assert sync.explain("Note", "n") == origins


def test_what_a_store_holds_otherwise_is_told(ledger):
    a, b = stores(2)
    b.script["add"] = lambda data: setattr(data, "text", data.text.strip())
    with Synchronizer([a, b], ledger=ledger) as sync:
        a.add(Note(name="n", text=" x "))
        assert sync.explain(Note, "n")["text"].held == {"b": "x"}


def test_a_policy_and_a_user_are_named(ledger):
    a, b = stores(2)
    with Synchronizer([a, b], ledger=ledger, policy={Note: {"text": Prefer("b")}}) as sync:
        a.add(Note(name="n"))
        for store in (a, b):
            store.edit("n", text=store.name, count=len(a) + (store is b))
        sync.run()
        assert sync.explain(Note, "n")["text"].source == "b by Prefer('b')"
        (conflict,) = sync.conflicts()
        sync.resolve(conflict, value=7)
        assert sync.explain(Note, "n")["count"].source == "merged by a user"
        (change,) = sync.changes(2)
        assert {w.store: dict(w.replaced) for w in change.writes} == {"a": {"text": "a"}}


def test_what_was_alike_from_the_start_has_no_source(three):
    a, b, c, sync = three
    for store in (a, b, c):
        store.add(Note(name="n"), notify=False)
    sync.run()
    origin = sync.explain(Note, "n")["text"]
    assert (origin.value, origin.source, origin.run, origin.at) == ("", "", None, None)
    assert "before the history begins" in str(origin)


def test_what_was_removed_is_explained_by_its_end(three):
    a, b, _c, sync = three
    a.add(Note(name="n", text="x"))
    b.drop("n", notify=True)
    origin = sync.explain(Note, "n")["text"]
    assert (origin.value, origin.before, origin.source, origin.run) == (MISSING, "x", "b", 2)


def test_what_there_is_not(three):
    a, _b, _c, sync = three
    with pytest.raises(NotFoundError, match="no Note 'x', and the history knows of none"):
        sync.explain(Note, "x")
    with pytest.raises(DataError, match="does not keep Nothing in step"):
        sync.explain("Nothing", "x")
    with pytest.raises(DataError, match="knows of no run 9"):
        sync.undo(9)
    for text in "xy":
        a.add(Note(name="n", text=text))
    with pytest.raises(DataError, match="2 records of type Note are called 'n'; say which: 1, 2"):
        sync.explain(Note, "n")
    assert sync.explain(Note, "n", record=2)["text"].value == "y"


def test_edits_are_taken_back_everywhere(three):
    a, b, c, sync = three
    a.add(Note(name="n", text="1", count=1))
    b.edit("n", text="2", count=2, notify=True)
    c.edit("n", count=3, notify=True)
    plan = sync.undo(2)
    assert [(o.store, dict(o.changes)) for o in plan.operations] == [
        (name, {"text": ("2", "1")}) for name in "abc"
    ]
    assert [(name, why) for _, name, why in plan.skipped] == [
        ("n", "count was changed since, by run 3")
    ]
    assert sync.apply(plan).ok
    assert [(n.text, n.count) for store in (a, b, c) for n in store.find(Note)] == [("1", 3)] * 3
    assert in_step(sync)
    assert sync.explain(Note, "n")["text"].source == "undo of run 2"


def test_removals_come_back(three):
    a, b, c, sync = three
    a.add(Folder(name="f"))
    a.add(Note(name="n", context=("f",), text="x"))
    a.drop("n")
    a.drop("f", datatype=Folder)
    sync.run()
    plan = sync.undo(last(sync))
    assert [o.datatype for o in plan.operations] == ["Folder"] * 3 + ["Note"] * 3
    saved = Plan.from_json(plan.to_json())
    assert saved.undoes == last(sync)
    report = sync.apply(saved)
    assert report.ok
    assert not report.skipped
    assert [n.text for store in (a, b, c) for n in store.find(Note)] == ["x"] * 3
    assert in_step(sync)


def test_additions_go_where_the_run_had_made_them(three):
    a, b, c, sync = three
    a.add(Folder(name="f"))
    a.add(Note(name="n", context=("f",)), notify=False)
    sync.run()
    plan = sync.undo(last(sync))
    assert [(str(o.kind), o.store) for o in plan.operations] == [("remove", "b"), ("remove", "c")]
    assert "; it stays in a" in plan.operations[0].reason
    sync.apply(plan)
    assert [len(list(store.find(Note))) for store in (a, b, c)] == [1, 0, 0]
    assert [o.store for o in sync.plan().operations] == ["b", "c"]  # it is there again, then


def test_what_was_edited_since_is_left_and_told(three):
    a, b, c, sync = three
    a.add(Note(name="n"), notify=False)
    a.add(Note(name="m"), notify=False)
    sync.run()
    b.edit("n", text="mine")
    a.edit("m", text="later", notify=True)
    plan = sync.undo(1)
    told = {(store, name): why for store, name, why in plan.skipped}
    assert told == {
        ("b", "n"): "it was edited there since",
        ("", "m"): "it was changed since, by run 2",
    }
    assert [(o.store, o.global_name) for o in plan.operations] == [("c", "n")]
    assert "it was edited there since" in str(plan)
    sync.apply(plan)
    assert b.texts() == {"n": "mine", "m": "later"}
    assert sync.run().ok
    assert a.texts() == b.texts() == c.texts() == {"n": "mine", "m": "later"}


def test_what_came_again_meanwhile(three):
    a, _b, _c, sync = three
    a.add(Note(name="n", text="1"))
    a.drop("n", notify=True)
    a.add(Note(name="n", text="2"))
    plan = sync.undo(2)
    assert not plan.operations
    assert [why for *_, why in plan.skipped] == ["there is one of this name again"]
    a.drop("n", notify=True)
    a.add(Note(name="n", text="3"), notify=False)
    assert [why for *_, why in sync.undo(2).skipped] == ["there is one of this name again"]


def test_a_plan_to_undo_that_has_moved(three):
    a, b, c, sync = three
    a.add(Note(name="n", text="1"))
    a.edit("n", text="2", notify=True)
    plan = sync.undo(2)
    b.edit("n", text="3", notify=True)
    report = sync.apply(plan)
    assert not report.applied
    assert {skip.reason for skip in report.skipped} == {"it has moved since the plan was made"}
    assert a.texts() == c.texts() == {"n": "3"}


def test_stores_that_are_not_written_or_cannot_remove(ledger):
    a, (b,) = stores(1)[0], stores(2, lacks=Capability.REMOVE)[1:]
    c = stores(3)[2]
    with Synchronizer([a, b, Link(c, mode="read")], ledger=ledger) as sync:
        a.add(Note(name="n"))
        plan = sync.undo(1)
        assert not plan.operations
        assert plan.skipped == [("b", "n", "removals are not possible there")]


def test_history_is_kept_as_long_as_the_user_wants(ledger):
    a, b = stores(2)
    with Synchronizer([a, b], ledger=ledger, keep_history=1) as sync:
        a.add(Note(name="n"))
        sync.run()
        assert len(sync.history()) == 2
        sync.ledger.forget_runs(datetime.now(UTC) + timedelta(days=1))
        assert sync.history() == []
        assert sync.changes(1) == []
        assert sync.explain(Note, "n")["name"].source == ""
        sync.keep_history = 0
        sync.run()
        assert sync.history() == []
        sync.keep_history = None
        a.edit("n", text="x", notify=True)
        sync.run()
        assert [run.number for run in sync.history()] == [5, 4]  # numbers are not used again


def test_a_conflict_that_moved_is_not_resolved_twice(three):
    a, b, _c, sync = three
    a.add(Note(name="n"))
    for store in (a, b):
        store.edit("n", text=store.name)
    sync.run()
    (conflict,) = sync.conflicts()
    sync.resolve(conflict, store="a")
    with pytest.raises(StaleError):
        sync.resolve(conflict, store="b")
