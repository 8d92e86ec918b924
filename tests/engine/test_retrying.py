"""What fails is tried again: at once after pauses, later when it is due, or when a user asks."""

from datetime import UTC, datetime, timedelta

import pytest
from scripted import Note, ScriptedStore, in_step, stores

from b3j0f.sync import ConfigError, StoreUnavailableError, Synchronizer
from b3j0f.sync.engine import retry
from b3j0f.sync.ledger import failures

DOWN = ConnectionRefusedError("no answer")


@pytest.fixture(params=[None, "sqlite://"])
def three(request, monkeypatch):
    monkeypatch.setattr(retry, "FIRST", 0.001)
    a, b, c = stores(3)
    with Synchronizer([a, b, c], max_removals=1, ledger=request.param) as sync:
        yield a, b, c, sync


def fails_times(store, hook, times, error=DOWN):
    """The next calls of *hook* fail, so many of them."""
    left = [times]

    def fail(_given):
        if left[0]:
            left[0] -= 1
            raise error

    store.script[hook] = fail
    return left


def soon(sync):
    """Everything that waits is due by now."""
    book = sync._engine.book
    past = datetime.now(UTC) - timedelta(seconds=1)
    for place, failing in list(book.known.items()):
        if failing.due is not None:
            book.known[place] = type(failing)(
                **{n: getattr(failing, n) for n in failing.__slots__ if n != "due"}, due=past
            )


@pytest.mark.parametrize("hook", ["add", "find"])
def test_a_store_that_answers_again_is_written_in_the_same_run(three, hook):
    a, b, c, sync = three
    a.add(Note(name="n", text="x"), notify=False)
    left = fails_times(b, hook, 2)
    report = sync.run()
    assert left == [0]
    assert report.ok, str(report)
    assert b.texts() == c.texts() == {"n": "x"}
    assert not sync.status()["failing"]
    assert in_step(sync)


def test_an_addition_that_was_made_is_not_made_again(three):
    a, b, _c, sync = three
    a.add(Note(name="n", text="x"), notify=False)

    def add_and_fail(data):
        del b.script["add"]
        b.add(data.replace(), notify=False)
        raise TimeoutError("too late")

    b.script["add"] = add_and_fail
    assert sync.run().ok
    assert b.texts() == {"n": "x"}
    assert in_step(sync)


def test_a_store_that_stays_down_is_told_once_and_asked_a_few_times(three):
    a, b, c, sync = three
    for number in range(120):
        a.add(Note(name=f"n{number}"), notify=False)
    b.fails("add", DOWN)
    report = sync.run()
    (failure,) = report.failed
    assert (failure.store, failure.datatype) == ("b", None)
    asked = sum(hook == "add" for hook, _ in b.calls)
    assert asked <= 3 * 50 + 10  # a batch, and the first of it at each retry
    assert len(c) == 120
    (failing,) = sync.status()["failing"]
    assert (failing.store, failing.datatype, failing.record) == ("b", "", None)
    assert not failing.is_set_aside
    b.script.clear()
    report = sync.retry()
    assert report.ok
    assert len(b) == 120
    assert not sync.status()["failing"]
    assert in_step(sync)


def test_events_go_on_without_a_store_that_is_down(three):
    a, b, c, sync = three
    b.fails("get_by_name", DOWN)
    a.add(Note(name="1"))
    calls = len(b.calls)
    for name in "234":
        a.add(Note(name=name))
    assert len(b.calls) == calls  # it rests: nobody waits for it again and again
    assert len(c) == 4
    assert len(b) == 0
    b.script.clear()
    soon(sync)
    a.add(Note(name="5"))
    assert len(b) == 5  # it has caught up
    assert not sync.status()["failing"]
    assert in_step(sync)


def test_a_store_that_tells_something_is_there_again(three):
    a, b, c, sync = three
    b.fails("get_by_name", DOWN)
    a.add(Note(name="1"))
    b.script.clear()
    b.add(Note(name="2"))
    assert sorted(b.texts()) == sorted(a.texts()) == sorted(c.texts()) == ["1", "2"]
    assert in_step(sync)


def test_one_record_that_fails_is_tried_when_it_is_due_and_then_set_aside(three, monkeypatch):
    a, b, c, sync = three
    monkeypatch.setattr(failures, "MOST", 3)
    b.script["add"] = lambda data: (
        (_ for _ in ()).throw(ValueError("bad")) if data.name == "x" else 0
    )
    a.add(Note(name="x"))
    for attempt in (1, 2):
        (failing,) = sync.status()["failing"]
        assert failing.attempts == attempt
        assert (failing.store, failing.datatype, failing.global_name) == ("b", "Note", "x")
        assert failing.error.endswith("ValueError: bad")
        assert failing.due > failing.last
        a.add(Note(name=f"not due {attempt}"))
        assert sync._engine.book.known[failing.place].attempts == attempt
        soon(sync)
        a.add(Note(name=f"due {attempt}"))
    (failing,) = sync.status()["failing"]
    assert failing.is_set_aside
    soon(sync)
    a.add(Note(name="more"))
    assert sync.status()["failing"][0].attempts == 3
    assert sorted(b.texts()) == sorted(set(c.texts()) - {"x"})
    b.script.clear()
    assert sync.retry().ok
    assert not sync.status()["failing"]
    assert in_step(sync)


def test_a_run_tries_what_was_set_aside(three, monkeypatch):
    a, b, _c, sync = three
    monkeypatch.setattr(failures, "MOST", 1)
    b.fails("add", ValueError("bad"))
    a.add(Note(name="x"))
    assert sync.status()["failing"][0].is_set_aside
    b.script.clear()
    assert sync.run().ok
    assert not sync.status()["failing"]
    assert b.texts() == {"x": ""}


def test_pauses_grow_and_end(monkeypatch):
    pauses, before = [], None
    for _ in range(9):
        before = failures.again(before, store="s", error="e", datatype="N", record=1)
        pauses.append(before.due and (before.due - before.last).total_seconds())
    assert pauses[-1] is None
    for shorter, longer in zip(pauses[:6], pauses[2:8], strict=False):
        assert longer is None or shorter < longer
    assert failures.SHORTEST / 2 <= pauses[0] <= failures.SHORTEST
    for _ in range(30):  # a whole store is never given up
        before = failures.again(before, store="s", error="e")
        assert before.due is not None
        assert before.due - before.last <= timedelta(seconds=failures.LONGEST)


def test_without_retries_nobody_waits(monkeypatch):
    a, b = stores(2)
    with Synchronizer([a, b], retries=0) as sync:
        a.add(Note(name="n"), notify=False)
        left = fails_times(b, "find", 1)
        assert not sync.run().ok
        assert left == [0]
        sync.retries = 1
        assert sync.retries == 1
        fails_times(b, "find", 1)
        assert sync.run().ok


@pytest.mark.parametrize(
    ("option", "value"), [("retries", -1), ("retries", 1.5), ("keep_history", -1)]
)
def test_options_that_make_no_sense(option, value):
    with pytest.raises(ConfigError, match=option):
        Synchronizer(stores(2), **{option: value})


def test_failures_are_known_to_the_next_process(tmp_path):
    a, b = stores(2)
    with Synchronizer([a, b], ledger=tmp_path / "l.db", retries=0) as sync:
        b.fails("get_by_name", StoreUnavailableError("gone fishing", store="b"))
        a.add(Note(name="n"))
    with Synchronizer([a, b], ledger=tmp_path / "l.db", retries=0) as sync:
        (failing,) = sync.status()["failing"]
        assert str(failing) == "b: gone fishing"
        b.script.clear()
        assert sync.run().ok
        assert not sync.status()["failing"]
    assert isinstance(a, ScriptedStore)
