"""Writes of which nobody heard the end: what is there is looked at, and never doubled."""

import pytest
from scripted import in_step

from b3j0f.sync import MemoryStore, StoreError, Synchronizer
from b3j0f.sync.fields import MISSING
from b3j0f.sync.reconcile.forms import content_resembles, resembles
from b3j0f.sync.testing.faults import DiedError, Fault, Faults, make_faulty
from b3j0f.sync.testing.lossy import LossyStore
from b3j0f.sync.testing.world import Folder, Note

TYPES = [Folder, Note]
AFTER = [Fault.FAILS_AFTER, Fault.HANGS_AFTER, Fault.DIES_AFTER]
BEFORE = [Fault.FAILS, Fault.HANGS, Fault.DIES]


@pytest.fixture(params=["memory", "lossy"])
def two(request):
    faults = Faults()
    kind = MemoryStore if request.param == "memory" else LossyStore
    a, b = MemoryStore(TYPES, name="a"), make_faulty(kind(TYPES, name="b"), faults)
    with Synchronizer([a, b], ledger="sqlite://", retries=0) as sync:
        yield a, b, sync, faults


def interrupted(sync, faults, hook, fault):
    """A run in which a write to b goes wrong."""
    faults.arm("b", hook, fault)
    try:
        with faults.on():
            assert not sync.run().ok
    except DiedError:
        assert fault.is_death
    assert faults.met[-1] == ("b", hook, fault)


def only(store):
    (note,) = store.find(Note)
    return note


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_an_addition(two, fault):
    a, b, sync, faults = two
    a.add(Note(name="n", text=" x ", birth="1"), notify=False)
    interrupted(sync, faults, "_add_many", fault)
    assert sync.run().ok
    assert not sync.conflicts()
    assert (only(a).text, only(b).text.strip()) == (" x ", "x")
    assert in_step(sync)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_an_update(two, fault):
    a, b, sync, faults = two
    a.add(Note(name="n", text="x"))
    a.update(only(a).replace(text=" y "), notify=False)
    interrupted(sync, faults, "_update_many", fault)
    a.update(only(a).replace(count=3), notify=False)
    assert sync.run().ok
    assert not sync.conflicts()
    assert (only(a).text, only(b).text.strip(), only(b).count) == (" y ", "y", 3)
    assert in_step(sync)


@pytest.mark.parametrize("fault", AFTER)
def test_what_changed_in_between_is_an_edit(two, fault):
    a, b, sync, faults = two
    a.add(Note(name="n", text=" x ", birth="1"), notify=False)
    interrupted(sync, faults, "_add_many", fault)
    b.update(only(b).replace(text="theirs"), notify=False)
    assert sync.run().ok
    assert not sync.conflicts()
    assert only(a).text == only(b).text == "theirs"
    assert in_step(sync)


@pytest.mark.parametrize("fault", AFTER)
def test_what_was_removed_in_between_is_not_brought_back(two, fault):
    a, b, sync, faults = two
    a.add(Note(name="n", text=" x ", birth="1"), notify=False)
    interrupted(sync, faults, "_add_many", fault)
    a.remove(only(a), notify=False)
    assert sync.run(force=True).ok
    assert not len(a)
    assert not len(b)


@pytest.mark.parametrize("fault", AFTER)
def test_what_was_renamed_in_between_is_the_same(two, fault):
    a, b, sync, faults = two
    a.add(Note(name="n", text="x", birth="1"), notify=False)
    interrupted(sync, faults, "_add_many", fault)
    b.update(only(b).replace(name="m"), notify=False)
    assert sync.run().ok
    assert only(a).name == only(b).name == "m"
    assert in_step(sync)


@pytest.mark.parametrize("fault", AFTER)
def test_what_was_edited_there_and_renamed_elsewhere_is_the_same(two, fault):
    a, b, sync, faults = two
    a.add(Note(name="n", text="x", birth="1"), notify=False)
    interrupted(sync, faults, "_add_many", fault)
    b.update(only(b).replace(text="y"), notify=False)
    a.update(only(a).replace(name="m"), notify=False)
    assert sync.run().ok
    assert (only(a).name, only(a).text) == (only(b).name, only(b).text) == ("m", "y")
    assert in_step(sync)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_a_removal(two, fault):
    a, b, sync, faults = two
    a.add(Note(name="n"))
    a.remove(only(a), notify=False)
    interrupted(sync, faults, "_remove_many", fault)
    assert sync.run(force=True).ok
    assert not len(b)
    assert in_step(sync)


def test_a_name_alone_does_not_tell_ours_from_theirs(two):
    a, b, sync, faults = two
    a.add(Note(name="n", text="x"), notify=False)
    interrupted(sync, faults, "_add_many", Fault.FAILS)
    b.add(Note(name="n", count=5), notify=False)
    assert sync.run().ok
    assert (only(a).text, only(a).count) == (only(b).text, only(b).count) == ("x", 5)


def test_history_is_whole_after_a_crash(two):
    a, b, sync, faults = two
    a.add(Note(name="n", text="1", birth="1"), notify=False)
    interrupted(sync, faults, "_add_many", Fault.DIES_AFTER)
    sync.run()
    assert [w.store for w in sync.changes(1)[0].writes] == ["b"]
    assert sync.explain(Note, "n")["text"].source == "a"
    assert sync.history()[1].ended is not None
    assert not sync.plan().operations
    assert isinstance(only(b), Note)


def test_half_of_a_batch(two):
    a, b, sync, faults = two
    for number in range(20):
        a.add(Note(name=f"n{number}", text="x"), notify=False)
    interrupted(sync, faults, "_add_many", Fault.HALF)
    assert len(b) == 10
    assert len([f for f in sync.status()["failing"] if f.record]) == 10
    assert sync.run().ok
    assert len(b) == 20
    assert in_step(sync)


def test_a_page_that_is_shown_twice(two):
    a, b, sync, faults = two
    for number in range(3):
        b.add(Note(name=f"n{number}"), notify=False)
    for _ in range(2):
        faults.arm("b", "_find", Fault.TWICE)
        with faults.on():
            assert sync.run().ok
        assert len(a) == len(b) == 3


def test_what_a_fault_says():
    assert isinstance(Fault.FAILS.error("here"), StoreError)
    faults = Faults()
    faults.arm("b", "_get", Fault.FAILS)
    assert faults.take("b", "_get") is None  # nothing happens before it is on
    with faults.on():
        assert faults.take("a", "_get") is None
        assert faults.take("b", "_get") is Fault.FAILS
        assert faults.take("b", "_get") is None


@pytest.mark.parametrize(
    ("held", "given"),
    [
        ("x", " x\n"),
        ("a\r\nb", "a\nb"),
        ("a long tex", "a long text"),
        ("", None),
        (None, ()),
        (("b", "a"), ("a", "b")),
        (frozenset("a"), frozenset([" a"])),
        (1.23, 1.2345),
        ({"k": "v"}, {"k": " v"}),
        (MISSING, 1),
    ],
)
def test_forms_of_one_value(held, given):
    assert resembles(held, given)
    assert content_resembles(("n", held), ("n", given))


@pytest.mark.parametrize(
    ("held", "given"),
    [("x", "y"), ("short", "shorter"), (1, 2), (True, 1.5), (None, 0), ("a", "b a"), ((), ("a",))],
)
def test_other_values(held, given):
    assert not resembles(held, given)
