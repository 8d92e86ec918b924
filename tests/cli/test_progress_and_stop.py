"""Synchronizer.progress and stop."""

from __future__ import annotations

import pytest

from b3j0f.sync import Data, MemoryStore, StoppedError, Synchronizer
from b3j0f.sync.engine.write import SMALLEST


class Thing(Data):
    size: int = 0


COUNT = 4 * SMALLEST + 10


@pytest.fixture
def stores():
    one, other = MemoryStore([Thing], name="one"), MemoryStore([Thing], name="other")
    for number in range(COUNT):
        one.add(Thing(name=str(number)))
    return one, other


def assert_told(writes):
    """Told at the start and after each batch; how large they are depends on the time they take."""
    done = [each.done for each in writes]
    assert done[:2] == [0, SMALLEST]
    assert done[-1] == COUNT
    assert done == sorted(set(done))


def test_progress_is_told_as_far_as_it_has_come(stores):
    told = []
    with Synchronizer(stores) as sync:
        sync.progress = told.append
        sync.run()
        reads = [each for each in told if each.phase == "read"]
        assert {(each.datatype, each.store) for each in reads} == {
            ("Thing", "one"),
            ("Thing", "other"),
        }
        assert max(each.done for each in reads if each.store == "one") == COUNT
        assert {each.total for each in reads} == {None}  # nothing was agreed before
        writes = [each for each in told if each.phase == "write"]
        assert_told(writes)
        assert {each.total for each in writes} == {COUNT}
        told.clear()
        plan = sync.plan()
        assert plan.is_empty
        assert {each.total for each in told} == {COUNT}
        sync.progress = None
        told.clear()
        sync.run()
        assert told == []


def test_progress_of_a_plan_that_is_applied(stores):
    told = []
    with Synchronizer(stores) as sync:
        plan = sync.plan()
        sync.progress = told.append
        sync.apply(plan)
    assert_told(told)


def test_a_run_that_is_stopped_while_it_writes(stores):
    _, other = stores
    with Synchronizer(stores) as sync:
        sync.progress = lambda told: (
            sync.stop() if told == ("write", SMALLEST, COUNT, None, None) else 0
        )
        report = sync.run()
        assert report.stopped
        assert report.ok
        assert "stopped before it was through" in str(report)
        assert len(report.applied) == len(other) == SMALLEST
        assert sync.status()["last_run"].ended is not None
        sync.progress = None
        assert len(sync.plan().operations) == COUNT - SMALLEST
        report = sync.run()
        assert not report.stopped
        assert len(other) == COUNT
        assert sync.plan().is_empty


def test_a_run_that_is_stopped_while_it_reads(stores):
    _, other = stores
    with Synchronizer(stores) as sync:
        sync.progress = lambda told: sync.stop() if told.done == 200 else None
        report = sync.run()
        assert report.stopped
        assert report.applied == []
        assert len(other) == 0


def test_a_plan_that_is_stopped(stores):
    with Synchronizer(stores) as sync:
        sync.stop()
        with pytest.raises(StoppedError):
            sync.plan()
        assert len(sync.plan().operations) == COUNT  # it was for the one plan only


def test_events_and_resolutions_are_not_stopped(stores):
    one, other = stores
    with Synchronizer(stores) as sync:
        sync.run()
        told = []
        sync.progress = told.append
        sync.stop()
        one.add(Thing(name="late"))
        assert len(other) == COUNT + 1
        data = one.get_by_name(Thing, "1")
        one.update(data.replace(size=1), data, notify=False)
        data = other.get_by_name(Thing, "1")
        other.update(data.replace(size=2), data, notify=False)
        assert sync.run().stopped
        assert sync.run().conflicts
        told.clear()
        sync.stop()
        (conflict,) = sync.conflicts()
        assert not sync.resolve(conflict, store="one").stopped
        assert other.get_by_name(Thing, "1").size == 1
        assert told == []


def test_a_stop_in_the_last_batch_comes_too_late_to_matter(stores):
    _, other = stores
    with Synchronizer(stores) as sync:
        sync.progress = lambda told: sync.stop() if told[:2] == ("write", COUNT) else None
        report = sync.run()
        assert not report.stopped
        assert len(other) == COUNT
