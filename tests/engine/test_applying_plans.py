"""Applying a plan later: what has moved is skipped and said, the rest is done."""

import pytest
from scripted import Note, in_step, stores

from b3j0f.sync import Link, Plan, Prefer, Synchronizer


@pytest.fixture
def two():
    a, b = stores(2)
    with Synchronizer([a, b], max_removals=1) as sync:
        for name in "mno":
            a.add(Note(name=name))
        a.calls.clear()
        b.calls.clear()
        yield a, b, sync


@pytest.fixture(params=["at once", "saved"])
def kept(request):
    """What became of a plan before it is applied."""
    if request.param == "at once":
        return lambda plan: plan
    return lambda plan: Plan.from_json(plan.to_json())


def skipped(report):
    return sorted((s.store, s.global_name) for s in report.skipped)


def test_another_record_has_moved(two, kept):
    a, b, sync = two
    a.edit("m", text="x")
    plan = kept(sync.plan())
    a.edit("n", text="y", notify=True)
    report = sync.apply(plan)
    assert report.ok
    assert not report.skipped
    assert b.texts() == {"m": "x", "n": "y", "o": ""}


def test_done_already(two, kept):
    a, b, sync = two
    a.edit("m", text="x")
    plan = kept(sync.plan())
    b.edit("m", text="x")
    report = sync.apply(plan)
    assert not report.applied
    assert skipped(report) == [("b", "m")]
    assert sync.run().ok
    assert in_step(sync)


def test_gone_since(two, kept):
    a, b, sync = two
    a.edit("m", text="x")
    a.add(Note(name="new"), notify=False)
    plan = kept(sync.plan())
    a.drop("m")
    a.drop("new")
    report = sync.apply(plan)
    assert skipped(report) == [("b", "m"), ("b", "new")]
    assert b.texts() == {"m": "", "n": "", "o": ""}


def test_added_meanwhile(two, kept):
    a, b, sync = two
    a.add(Note(name="new", text="x"), notify=False)
    plan = kept(sync.plan())
    b.add(Note(name="new", text="x"), notify=False)
    report = sync.apply(plan)
    assert skipped(report) == [("b", "new")]
    assert len(list(b.find(Note, names=["new"]))) == 1


def test_it_has_become_a_record(two, kept):
    a, _b, sync = two
    a.add(Note(name="new", text="x"), notify=False)
    plan = kept(sync.plan())
    assert sync.run().applied
    report = sync.apply(plan)
    assert skipped(report) == [("b", "new")]
    assert in_step(sync)


def test_the_record_is_gone(two, kept):
    a, _b, sync = two
    a.edit("m", text="x")
    plan = kept(sync.plan())
    a.drop("m", notify=True)
    report = sync.apply(plan)
    assert skipped(report) == [("b", "m")]
    assert in_step(sync)


def test_two_of_one_name_that_are_both_planned(two, kept):
    """Neither is in the way of the other."""
    a, b, sync = two
    for text in "xy":
        a.add(Note(name="new", text=text), notify=False)
    report = sync.apply(kept(sync.plan()))
    assert report.ok
    assert not report.skipped
    assert sorted(n.text for n in b.find(Note, names=["new"])) == ["x", "y"]
    assert in_step(sync)


def test_another_id_since_the_ledger_knew_it(two, kept):
    a, b, sync = two
    (old,) = a.find(Note, names=["m"])
    a.remove(old, notify=False)
    a.add(Note(name="m", text="x"), notify=False)
    report = sync.apply(kept(sync.plan()))
    assert report.ok
    assert not report.skipped
    assert b.texts()["m"] == "x"
    assert in_step(sync)


def test_a_store_that_is_down_by_now(two, kept):
    a, b, sync = two
    a.edit("m", text="x")
    a.add(Note(name="new"), notify=False)
    plan = kept(sync.plan())
    for hook in ("get", "get_by_name", "add", "update"):
        b.fails(hook, ConnectionError("down"))
    report = sync.apply(plan)
    assert not report.applied
    assert {s.global_name for s in report.skipped} == {"m", "new"}
    b.script.clear()
    assert sync.run().ok
    assert in_step(sync)


def test_it_left_the_filter(kept):
    a, b = stores(2)
    with Synchronizer([Link(a, where=lambda n: n.count is None), b]) as sync:
        a.add(Note(name="n"))
        b.edit("n", text="x")
        plan = kept(sync.plan())
        a.edit("n", count=1)
        report = sync.apply(plan)
        assert skipped(report) == [("a", "n")]
        assert a.texts() == {"n": ""}


def test_a_filter_that_fails_by_now(kept):
    a, b = stores(2)

    def where(note):
        return 1 / (note.count or 1) > 0 if note.count != 0 else 1 / 0

    with Synchronizer([Link(a, where=where), b]) as sync:
        for name in "mn":
            a.add(Note(name=name))
            b.edit(name, text="x")
        plan = kept(sync.plan())
        a.edit("m", count=0)
        report = sync.apply(plan)
        assert [o.global_name for o in report.applied] == ["n"]
        assert a.texts() == {"m": "", "n": "x"}


def test_another_policy_by_now(two, kept):
    a, b, sync = two
    a.edit("m", text="x")
    b.edit("m", text="y")
    sync.policy = Prefer("a")
    plan = kept(sync.plan())
    sync.policy = Prefer("b")
    report = sync.apply(plan)
    if report.applied:  # at once: what was decided is what was looked at
        assert (a.texts()["m"], b.texts()["m"]) == ("x", "x")
    else:
        assert skipped(report) == [("b", "m")]
        assert (a.texts()["m"], b.texts()["m"]) == ("x", "y")


def test_conflicts_of_a_plan_are_noted(two, kept):
    a, b, sync = two
    a.edit("m", text="x")
    b.edit("m", text="y")
    plan = kept(sync.plan())
    report = sync.apply(plan)
    assert [c.field for c in report.conflicts] == ["text"]
    assert len(sync.conflicts()) == 1


def test_several_newcomers_of_a_name_that_the_ledger_knows(two):
    """Which one it is, is no guess, when another store's event asks."""
    a, b, sync = two
    b.drop("m")
    sync.run()
    a.add(Note(name="p"), notify=False)
    b.fails("add", ValueError("not now"))
    sync.run()
    b.script.clear()
    for text in "xy":
        b.add(Note(name="p", text=text), notify=False)
    a.edit("p", text="z", notify=True)
    assert sorted(n.text for n in b.find(Note, names=["p"])) == ["x", "y"]
    assert [c.field for c in sync.plan().conflicts] == ["id"]
