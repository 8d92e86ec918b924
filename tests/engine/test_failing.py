"""Failures stay where they are, writes never go over what they have not seen."""

import logging

import pytest
from scripted import Folder, Note, ScriptedStore, in_step, stores

from b3j0f.sync import (
    AlreadyExistsError,
    Capability,
    DataError,
    Link,
    Manual,
    MemoryStore,
    Merge,
    NotFoundError,
    Prefer,
    StaleError,
    StoreError,
    Synchronizer,
)

DOWN = ConnectionRefusedError("no answer")


@pytest.fixture
def three():
    a, b, c = stores(3)
    with Synchronizer([a, b, c], max_removals=1) as sync:
        yield a, b, c, sync


# --- edited in the middle of a run ---------------------------------------------------------------


def test_an_edit_of_another_field_just_before_the_write(three):
    a, b, c, sync = three
    a.add(Note(name="n"))
    a.edit("n", text="mine")
    b.once("update", lambda _: b.edit("n", count=5))
    report = sync.run()
    assert report.ok, str(report)
    for store in (a, b, c):
        (note,) = store.find(Note)
        assert (note.text, note.count) == ("mine", 5)
    assert in_step(sync)


def test_an_edit_of_the_same_field_just_before_the_write(three):
    a, b, _c, sync = three
    a.add(Note(name="n"))
    a.edit("n", text="mine")
    b.once("update", lambda _: b.edit("n", text="theirs"))
    report = sync.run()
    assert report.ok
    assert (a.texts(), b.texts()) == ({"n": "mine"}, {"n": "theirs"})
    (conflict,) = sync.conflicts()
    assert conflict.values["b"] == "theirs"
    assert set(conflict.values.values()) == {"mine", "theirs"}
    assert len(report.conflicts) == 1


def test_an_edit_just_before_the_removal(three):
    a, b, c, sync = three
    a.add(Note(name="n"))
    a.drop("n")
    b.once("get_many", lambda _: b.edit("n", text="still needed"))
    assert sync.run().ok
    assert a.texts() == b.texts() == c.texts() == {"n": "still needed"}
    assert in_step(sync)


def test_an_edit_between_plan_and_removal(three):
    a, b, c, sync = three
    a.add(Note(name="n"))
    a.drop("n")
    plan = sync.plan()
    b.edit("n", text="still needed")
    report = sync.apply(plan)
    assert report.skipped
    assert sync.run().ok
    assert a.texts() == b.texts() == c.texts() == {"n": "still needed"}


def test_a_store_that_goes_down_is_told_once(three):
    """And tried once a run, whatever there is to be written to it."""
    a, b, c, sync = three
    for number in range(1_100):
        a.add(Note(name=f"n{number}"), notify=False)
    a.add(Folder(name="f"), notify=False)
    b.fails("add", DOWN)
    report = sync.run()
    assert [(f.store, f.datatype) for f in report.failed] == [("b", None)]
    assert len(c) == 1_101
    assert len([hook for hook, _ in b.calls if hook == "add"]) < 600
    b.script.clear()
    assert sync.run().ok
    assert len(b) == 1_101


def test_removed_just_before_the_update(three):
    a, b, c, sync = three
    a.add(Note(name="n"))
    a.edit("n", text="new")
    b.once("update", lambda _: b.drop("n"))
    assert sync.run().ok
    assert a.texts() == b.texts() == c.texts() == {"n": "new"}
    assert in_step(sync)


def test_removed_just_before_the_removal(three):
    a, b, c, sync = three
    a.add(Note(name="n"))
    a.drop("n")
    b.once("remove", lambda _: b.drop("n"))
    assert sync.run().ok
    assert not [*a, *b, *c]
    assert sync.ledger.count(sync._engine.schemas["Note"]) == 0


def test_a_data_that_keeps_moving_is_left_to_the_next_run(three):
    a, b, c, sync = three
    a.add(Note(name="n"))
    a.edit("n", text="mine")
    numbers = iter(range(1, 100))

    def meddle(_):
        meddler = b.script.pop("update")
        b.edit("n", count=next(numbers))
        b.script["update"] = meddler

    b.script["update"] = meddle
    report = sync.run()
    assert [type(failure.error) for failure in report.failed] == [StaleError]
    assert "keeps changing" in str(report.failed[0])
    assert c.texts() == {"n": "mine"}
    b.script.clear()
    assert sync.run().ok
    assert in_step(sync)
    assert b.texts() == {"n": "mine"}


def test_conflicts_are_told_once(three):
    """Also when a record is decided again, since a store moved on under the write."""
    a, b, c, sync = three
    a.add(Note(name="n"))
    a.edit("n", text="x", count=1)
    b.edit("n", text="y")
    c.once("update", lambda _: c.edit("n", count=2))
    report = sync.run()
    fields = [conflict.field for conflict in report.conflicts]
    assert sorted(fields) == sorted(set(fields))


# --- stores and data that fail -------------------------------------------------------------------


@pytest.mark.parametrize("hook", ["find", "add"])
def test_a_store_that_is_down(three, hook):
    a, b, c, sync = three
    b.fails(hook, DOWN)
    for name in "mno":
        a.add(Note(name=name), notify=False)
    report = sync.run()
    (failure,) = report.failed
    assert (failure.store, failure.datatype) == ("b", None) or hook == "find"
    assert "no answer" in str(failure)
    assert len(c.texts()) == 3
    b.script.clear()
    assert sync.run().ok
    assert len(b.texts()) == 3
    assert in_step(sync)


def test_a_store_that_cannot_be_read_has_removed_nothing(three):
    a, b, c, sync = three
    for name in "mno":
        a.add(Note(name=name))
    b.fails("find", DOWN)
    plan = sync.plan()
    assert not plan.operations
    assert "no answer" in plan.failures["b"]
    a.edit("m", text="x")
    a.drop("n")
    assert {f.store for f in sync.run().failed} == {"b"}
    assert c.texts() == {"m": "x", "o": ""}
    b.script.clear()
    assert sync.run().ok
    assert a.texts() == b.texts() == c.texts() == {"m": "x", "o": ""}


def test_a_store_that_is_down_when_it_happens(three, caplog):
    a, b, c, sync = three
    for hook in ("get", "get_by_name", "add", "update"):
        b.fails(hook, DOWN)
    with caplog.at_level(logging.WARNING):
        a.add(Note(name="n"))
    assert c.texts() == {"n": ""}
    b.script.clear()
    assert sync.run().ok
    assert in_step(sync)
    b.fails("update", DOWN)
    a.edit("n", text="x", notify=True)
    assert "no answer" in caplog.text
    b.script.clear()
    assert c.texts() == {"n": "x"}
    assert sync.run().ok
    assert b.texts() == {"n": "x"}


def test_one_data_that_is_refused(three):
    a, b, c, sync = three
    for name in "mno":
        a.add(Note(name=name), notify=False)

    def picky(data):
        if data.name == "n":
            raise ValueError("no n, please")

    b.script["add"] = picky
    report = sync.run()
    (failure,) = report.failed
    assert (failure.store, failure.datatype, failure.global_name) == ("b", "Note", "n")
    assert "no n, please" in str(failure)
    assert set(b.texts()) == set("mo")
    assert set(c.texts()) == set("mno")
    again = sync.run()
    assert len(again.failed) == 1
    assert not again.applied
    b.script.clear()
    assert sync.run().ok
    assert in_step(sync)


@pytest.mark.parametrize("error", [NotFoundError, StaleError])
def test_an_addition_that_is_refused_says_why(three, error):
    """It is no write on stale ground: nothing was to be replaced."""
    a, b, _c, sync = three
    a.add(Note(name="n"), notify=False)
    b.fails("add", error("there is no such project", store="b"))
    (failure,) = sync.run().failed
    assert str(failure.error) == "there is no such project"


def test_a_taken_id_or_name_that_the_planner_cannot_know(three):
    a, b, c, sync = three
    a.add(Note(name="n"), notify=False)
    b.fails("add", AlreadyExistsError("taken, by whom ever", store="b"))
    report = sync.run()
    assert [str(failure) for failure in report.failed] == ["taken, by whom ever"]
    assert c.texts() == {"n": ""}


def test_an_unreadable_data_is_neither_removed_nor_written(three):
    a, b, c, sync = three
    for name in "mn":
        a.add(Note(name=name))
    b.unreadable["n"] = DataError("half a file", datatype="Note")
    a.edit("n", text="x")
    report = sync.run()
    (failure,) = report.failed
    assert (failure.store, failure.datatype, str(failure)) == ("b", "Note", "half a file")
    assert c.texts() == {"m": "", "n": "x"}
    b.unreadable.clear()
    assert b.texts() == {"m": "", "n": ""}
    assert sync.run().ok
    assert b.texts() == {"m": "", "n": "x"}


def test_a_removal_of_what_has_become_unreadable(three):
    """It is there, whatever it is: it must not be forgotten."""
    a, b, c, sync = three
    a.add(Note(name="n"))
    a.drop("n")
    plan = sync.plan()
    b.unreadable["n"] = DataError("half a file", datatype="Note")
    report = sync.apply(plan)
    assert {f.store for f in report.failed} == {"b"}
    b.unreadable.clear()
    assert sync.run().ok
    assert not [*a, *b, *c]


def test_a_filter_that_fails_on_one_data():
    a, b = stores(2)

    def where(data):
        if data.name == "bad":
            raise ZeroDivisionError("oops")
        return True

    with Synchronizer([Link(a, where=where), b]) as sync:
        for name in ("bad", "good"):
            a.add(Note(name=name), notify=False)
        report = sync.run()
        (failure,) = report.failed
        assert "the filter of the link to 'a' failed on Note 'bad'" in str(failure)
        assert set(b.texts()) == {"good"}
        a.edit("bad", text="x", notify=True)
        assert set(b.texts()) == {"good"}


def test_a_policy_that_fails_stops_no_other():
    a, b = stores(2)

    def merge(base, values):
        if "bad" in values:
            raise ZeroDivisionError("oops")
        return min(values)

    with Synchronizer([a, b], policy=Merge(merge)) as sync:
        for name in "mn":
            a.add(Note(name=name))
        a.edit("m", text="bad")
        b.edit("m", text="x")
        a.edit("n", text="y")
        b.edit("n", text="x")
        report = sync.run()
        (failure,) = report.failed
        assert "Merge(merge) failed on Note 'm' text: ZeroDivisionError: oops" in str(failure)
        assert a.texts() == {"m": "bad", "n": "x"}


def test_a_policy_that_fails_when_it_is_asked_again():
    a, b, c = stores(3)

    class Fickle(Manual):
        def resolve(self, conflict):
            if conflict.field == "count":
                raise ZeroDivisionError("oops")
            return super().resolve(conflict)

    with Synchronizer([a, b, c], policy=Fickle()) as sync:
        for name in "mn":
            a.add(Note(name=name))
        for name in "mn":
            a.edit(name, count=1)

        def meddle(_):
            b.edit("m", count=2)

        b.once("update", meddle)
        report = sync.run()
        assert {type(f.error) for f in report.failed} == {DataError}
        assert "oops" in str(report.failed[0])
        assert [note.count for note in c.find(Note, names=["n"])] == [1]


def test_a_plan_with_a_policy_that_fails_by_now():
    a, b = stores(2)
    with Synchronizer([a, b], policy=Prefer("a")) as sync:
        for name in "mn":
            a.add(Note(name=name))
            a.edit(name, text="x")
        plan = sync.plan()
        b.edit("m", text="y")
        sync.policy = Merge(lambda base, values: 1 / 0)
        report = sync.apply(plan)
        assert [f.global_name for f in report.failed] == ["m"]
        assert b.texts() == {"m": "y", "n": "x"}


def test_what_fails_after_all_leaves_the_ledger_usable(three):
    """An error that is not the store's ends the run, and the next one goes on."""
    a, b, c, sync = three
    a.add(Note(name="n"), notify=False)

    def bug(_):
        raise KeyboardInterrupt

    b.script["add"] = bug
    with pytest.raises(KeyboardInterrupt):
        sync.run()
    b.script.clear()
    assert sync.run().ok
    assert in_step(sync)
    assert a.texts() == b.texts() == c.texts() == {"n": ""}


def test_a_crash_between_write_and_note_doubles_nothing(three, monkeypatch):
    a, b, c, sync = three
    for name in "mn":
        a.add(Note(name=name), notify=False)
    monkeypatch.setattr(sync.ledger, "save", lambda entries: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sync.run()
    monkeypatch.undo()
    assert len(list(b)) == 2
    assert sync.run().ok
    assert in_step(sync)
    assert a.texts() == b.texts() == c.texts()


def test_one_observer_that_fails_is_none_of_our_business(three):
    a, b, _c, _sync = three
    a.observe(lambda event: 1 / 0)
    a.add(Note(name="n"))
    assert b.texts() == {"n": ""}


def test_removals_that_fail_keep_what_embeds(three):
    """What embeds goes after what is embedded, or not at all."""
    a, b, c, sync = three
    a.add(Folder(name="f"))
    a.add(Note(name="n", context=("f",)))
    a.drop("n")
    a.drop("f", datatype=Folder)

    def stuck(data):
        if isinstance(data, Note):
            raise LookupError("in use")  # noqa: TRY004 - it is no wrong type

    b.script["remove"] = stuck
    report = sync.run()
    assert [str(f) for f in report.failed] == [
        "store 'b', remove Note: LookupError: in use"
    ] or "in use" in str(report.failed[0])
    assert len(b) == 2
    assert len(c) == 0
    assert any("waits" in skip.reason for skip in report.skipped)
    b.script.clear()
    assert sync.run().ok
    assert len(b) == 0


def test_stores_of_any_kind_may_be_mixed():
    a, b = ScriptedStore("a", [Note]), MemoryStore([Folder, Note], name="b")
    with Synchronizer([a, b]) as sync:
        assert sync.types == (Note,)
        b.add(Note(name="n", context=("f",)))
        b.add(Folder(name="f"))
        assert a.texts() == {"n": ""}
        assert in_step(sync)


def test_a_removal_that_is_not_detected_but_told():
    """A store that cannot show removals tells of those that this program makes."""
    a, b = ScriptedStore("a", lacks=Capability.DETECT_REMOVALS), ScriptedStore("b")
    with Synchronizer([a, b]) as sync:
        a.add(Note(name="n"))
        a.drop("n", notify=True)
        assert not list(b)
        assert in_step(sync)


def test_raising_store_error_without_a_name(three):
    a, b, _c, sync = three
    b.fails("add", StoreError("just no"))
    a.add(Note(name="n"), notify=False)
    assert str(sync.run().failed[0]) == "just no"
