"""Live: what the program does in one store is in the others before the verb returns."""

import sys
import threading
import time
from pathlib import Path

import pytest
from scripted import Folder, Note, ScriptedStore, in_step, stores

from b3j0f.sync import Event, Link, MemoryStore, Synchronizer
from b3j0f.sync.engine.turn import Turn

PATIENCE = 20  # seconds until a thread counts as stuck


@pytest.fixture
def two():
    a, b = stores(2)
    with Synchronizer([a, b], max_removals=1) as sync:
        yield a, b, sync


def test_add_update_rename_remove(two):
    a, b, sync = two
    note = a.add(Note(name="n", text="x"))
    assert b.texts() == {"n": "x"}
    note = a.update(note.replace(name="m", text="y"))
    assert b.texts() == {"m": "y"}
    b.drop("m", notify=True)
    assert not list(a)
    assert in_step(sync)


def test_a_data_keeps_its_ids(two):
    a, b, _ = two
    b.add(Note(name="other", id=77))
    a.add(Note(name="n"))
    (before,) = b.find(Note, names=["n"])
    a.edit("n", notify=True, text="x")
    (after,) = b.find(Note, names=["n"])
    assert (after.id, after.text) == (before.id, "x")


def test_data_that_save_and_delete_themselves(two):
    a, b, _ = two
    note = a.create(Note, name="n")
    note.save()
    note.text = "x"
    note.save()
    assert b.texts() == {"n": "x"}
    note.delete()
    assert not list(b)


def test_of_a_type_that_is_not_kept_in_step():
    a, b = ScriptedStore("a"), ScriptedStore("b", types=[Note])
    with Synchronizer([a, b]):
        a.add(Folder(name="f"))
        assert not list(b)


def test_events_are_hints(two):
    """Late, repeated, wrong ones do no harm: the stores are read."""
    a, b, sync = two
    note = a.add(Note(name="n"))
    later = a.update(note.replace(text="x"), notify=False)
    for event in (
        Event(kind=Event.ADD, data=note, old=None, store=a),
        Event(kind=Event.ADD, data=note, old=None, store=a),
        Event(kind=Event.REMOVE, data=later, old=None, store=a),
        Event(kind=Event.UPDATE, data=Note(name="nowhere", id=99), old=note, store=a),
        Event(kind=Event.UPDATE, data=Note(name="no id"), old=None, store=a),
    ):
        sync._session.tell(event)
    assert a.texts() == b.texts() == {"n": "x"}
    assert in_step(sync)


def test_an_id_that_changes(two):
    """A rename may give a data another id: it is the same record."""
    a, b, sync = two
    note = a.add(Note(name="n"))
    (there,) = b.find(Note)
    a.remove(note, notify=False)
    moved = a.add(Note(name="m", id=50), notify=False)
    sync._session.tell(Event(kind=Event.UPDATE, data=moved, old=note, store=a))
    assert [(n.id, n.name) for n in b.find(Note)] == [(there.id, "m")]
    assert in_step(sync)


def test_an_edit_that_nobody_saw_is_taken_along(two):
    a, b, sync = two
    a.add(Note(name="n"))
    b.edit("n", count=5)
    a.edit("n", text="x", notify=True)
    assert [(n.text, n.count) for store in (a, b) for n in store.find(Note)] == [("x", 5)] * 2
    assert in_step(sync)


def test_a_live_conflict_is_noted(two):
    a, b, sync = two
    a.add(Note(name="n"))
    b.edit("n", text="x")
    a.edit("n", text="y", notify=True)
    (conflict,) = sync.conflicts()
    assert conflict.values == {"a": "y", "b": "x"}


@pytest.mark.parametrize("equal_first", [True, False])
def test_a_newcomer_is_no_guess(equal_first):
    """Where its namesake is equal to another one, it is paired with nobody else."""
    a, b = stores(2)
    b.add(Note(name="n", text="x"))
    with Synchronizer([a, b]) as sync:
        a.add(Note(name="n", text="x"), notify=equal_first)
        a.add(Note(name="n", text="y"), notify=True)
        assert sync.run().ok
        assert not sync.conflicts()
        for store in (a, b):
            assert sorted(n.text for n in store.find(Note)) == ["x", "y"]
        assert in_step(sync)


def test_a_newcomer_is_the_record_that_its_store_still_lacks():
    a, b, c = stores(3)
    with Synchronizer([a, b, c]) as sync:
        b.fails("add", ValueError("not now"))
        a.add(Note(name="n", text="x"))
        assert (len(b), len(c)) == (0, 1)
        b.script.clear()
        b.add(Note(name="n", count=5))
        for store in (a, b, c):
            assert [(n.text, n.count) for n in store.find(Note)] == [("x", 5)]
        assert sync.status()["types"]["Note"]["records"] == 1
        assert in_step(sync)


def test_what_cannot_be_told_apart_is_left_to_the_next_run(two):
    a, b, sync = two
    for text in "xy":
        b.add(Note(name="n", text=text), notify=False)
    a.add(Note(name="n", text="z"))
    assert [n.text for n in a.find(Note)] == ["z"]
    assert not sync.conflicts()
    sync.run()
    assert [c.field for c in sync.conflicts()] == ["id"]


def test_what_an_observer_writes_is_propagated_too(two):
    a, b, sync = two

    def stamp(event):
        if not event.data.text:
            event.store.update(event.data.replace(text="stamped"))

    b.observe(stamp, Event.ADD)
    a.add(Note(name="n"))
    assert a.texts() == b.texts() == {"n": "stamped"}
    assert in_step(sync)


def test_an_observer_may_run_it(two):
    a, b, sync = two
    b.observe(lambda event: sync.run())
    a.add(Note(name="n"))
    assert in_step(sync)


def test_closed(two):
    a, b, sync = two
    sync.close()
    sync.close()
    a.add(Note(name="n"))
    assert not list(b)


def test_what_arrives_during_a_run_that_is_refused_is_not_left_over():
    """A thread in the middle of another synchronizer leaves its event; somebody takes it."""
    taken = []
    turn = Turn(taken.append)

    def refuse():
        with turn.held():
            other = threading.Thread(target=tell_from_within)
            other.start()
            other.join()
            raise ZeroDivisionError

    def tell_from_within():
        with Turn(print).held():
            turn.tell("event")

    with pytest.raises(ZeroDivisionError):
        refuse()
    assert taken == ["event"]


# --- several synchronizers ---------------------------------------------------------------------


def joined(names, pairs):
    made = {name: ScriptedStore(name) for name in names}
    syncs = [Synchronizer([made[n] for n in pair], name=pair, max_removals=1) for pair in pairs]
    return list(made.values()), syncs


SHAPES = {
    "chain": ("abcd", ["ab", "bc", "cd"]),
    "star": ("abcd", ["ab", "ac", "ad"]),
    "ring": ("abc", ["ab", "bc", "ca"]),
    "big ring": ("abcde", ["ab", "bc", "cd", "de", "ea"]),
    "twice": ("ab", ["ab", "ab"]),
    "overlapping": ("abcd", ["abc", "bcd", "da"]),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("start", [0, -1])
def test_events_travel_through_all_and_end(shape, start):
    every, syncs = joined(*SHAPES[shape])
    first, last = every[start], every[start - 1 if start else 1]
    events = []
    for store in every:
        store.observe(events.append)
    first.add(Folder(name="f"))
    first.add(Note(name="n", text="x", context=("f",)))
    assert all(store.texts() == {"n": "x"} for store in every)
    last.edit("n", text="y", notify=True)
    assert all(store.texts() == {"n": "y"} for store in every)
    first.edit("n", name="m", notify=True)
    assert all(store.texts() == {"m": "y"} for store in every)
    last.drop("m", notify=True)
    assert all(store.texts() == {} for store in every)
    # Each of the five writes was made once in each store.
    assert len(events) == 5 * len(every)
    for sync in syncs:
        assert in_step(sync)
        sync.close()


@pytest.mark.parametrize("shape", ["chain", "ring", "overlapping"])
def test_runs_in_turn_bring_all_in_step(shape):
    every, syncs = joined(*SHAPES[shape])
    every[0].add(Note(name="n", text="x"), notify=False)
    every[-1].add(Note(name="m", text="y"), notify=False)
    for _ in range(len(syncs)):
        for sync in syncs:
            assert sync.run().ok
    assert all(store.texts() == {"n": "x", "m": "y"} for store in every)
    for sync in syncs:
        assert in_step(sync)
        sync.close()


# --- several threads ---------------------------------------------------------------------------


def all_at_once(*works):
    """Run *works*, each in a thread; what one raises is raised here."""
    problems = []
    barrier = threading.Barrier(len(works))

    def run(work):
        barrier.wait()
        try:
            work()
        except BaseException as exc:  # noqa: BLE001 - it is raised again below
            problems.append(exc)

    threads = [threading.Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    stuck = [thread for thread in threads if thread.is_alive()]
    assert not stuck, "threads wait for each other"
    if problems:
        raise problems[0]


@pytest.fixture
def hasty():
    """Threads change more often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def writer(store, prefix, count=25):
    def work():
        for number in range(count):
            note = store.add(Note(name=f"{prefix}{number}"))
            note = store.update(note.replace(text="x"))
            if number % 3 == 0:
                store.remove(note)

    return work


def expected(*prefixes, count=25):
    return {f"{p}{n}": "x" for p in prefixes for n in range(count) if n % 3}


def test_threads_that_write_to_two_stores(two, hasty):
    a, b, sync = two
    all_at_once(writer(a, "a"), writer(b, "b"), writer(a, "c"))
    assert a.texts() == b.texts() == expected("a", "b", "c")
    assert in_step(sync)


def test_threads_that_write_while_it_runs(two, hasty):
    a, b, sync = two

    def run():
        for _ in range(10):
            assert sync.run().ok
            sync.plan()
            sync.conflicts()
            sync.status()

    all_at_once(writer(a, "a"), run, writer(b, "b"), run)
    assert a.texts() == b.texts() == expected("a", "b")
    assert in_step(sync)


@pytest.mark.parametrize("shape", ["chain", "ring", "star"])
def test_threads_and_several_synchronizers(shape, hasty):
    """They call each other through events, and never wait for each other for ever."""
    every, syncs = joined(*SHAPES[shape])
    all_at_once(*(writer(store, store.name, 12) for store in every))
    wanted = expected(*(store.name for store in every), count=12)
    for _ in range(4):
        for sync in syncs:
            assert sync.run(force=True).ok
    held = [store.texts() for store in every]
    assert held == [held[0]] * len(held)
    if shape == "ring":  # what is removed while it still goes round may come back, once
        assert held[0].items() >= wanted.items()
    else:
        assert held[0] == wanted
    for sync in syncs:
        assert in_step(sync)
        sync.close()


def test_an_answer_to_an_answer_comes_to_an_end(two, caplog):
    """Two who always answer each other are stopped, and what was written is in step."""
    a, b, sync = two

    def answer(event):
        a.edit("n", count=(event.data.count or 0) + 1, notify=True)

    a.add(Note(name="n"))
    b.observe(answer, Event.UPDATE)
    a.edit("n", count=1, notify=True)
    assert "goes round and round" in caplog.text
    assert sync.run().ok


def test_threads_with_a_ledger_in_a_file(tmp_path, hasty):
    a, b = stores(2)
    with Synchronizer([a, b], ledger=Path(tmp_path, "l.db"), max_removals=1) as sync:
        all_at_once(writer(a, "a", 10), writer(b, "b", 10), sync.run)
        assert a.texts() == b.texts() == expected("a", "b", count=10)
        assert in_step(sync)


def test_closed_while_others_write(hasty):
    a, b = stores(2)
    sync = Synchronizer([a, b])
    all_at_once(writer(a, "a", 10), sync.close, writer(b, "b", 10))
    with Synchronizer([a, b], max_removals=1) as another:
        assert another.run(force=True).ok
        assert in_step(another)


def test_links_and_modes_live():
    a, b, c = (MemoryStore([Note], name=name) for name in "abc")
    links = [a, Link(b, "read"), Link(c, "write")]
    with Synchronizer(links, max_removals=1) as sync:
        a.add(Note(name="from a"))
        b.add(Note(name="from b"))
        c.add(Note(name="from c"))
        names = [{n.name for n in store} for store in (a, b, c)]
        assert names == [{"from a", "from b"}, {"from b"}, {"from a", "from b", "from c"}]
        (copy,) = c.find(Note, names=["from a"])
        c.update(copy.replace(text="x"))
        assert {n.text for n in c} == {""}
        assert in_step(sync)


def test_where_nobody_else_adds_nobody_is_asked_again(two):
    a, b, sync = two
    for number in range(1_100):
        a.add(Note(name=f"n{number}"), notify=False)
    b.calls.clear()
    assert sync.run().ok
    assert {hook for hook, _ in b.calls} == {"find", "add"}
    assert len([hook for hook, _ in b.calls if hook == "find"]) == 2  # once for each type
