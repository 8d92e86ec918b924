"""Events, observers, subscriptions."""

import logging
import threading

import pytest

from b3j0f.sync import Data, Event, MemoryStore, StoreError
from b3j0f.sync.event import EventKind


class Note(Data):
    text: str = ""


class Tag(Data):
    pass


@pytest.fixture
def store():
    return MemoryStore([Note, Tag], name="desk")


def test_one_event_for_each_write(store):
    seen = []
    store.observe(seen.append)
    added = store.add(Note(name="a"))
    changed = store.update(added.replace(text="b"))
    store.remove(changed)
    assert [event.kind for event in seen] == [Event.ADD, Event.UPDATE, Event.REMOVE]
    assert [event.data.text for event in seen] == ["", "b", "b"]
    assert [event.old and event.old.text for event in seen] == [None, "", None]
    assert {event.store for event in seen} == {store}


def test_a_removal_tells_what_was_stored(store):
    seen = []
    note = store.add(Note(name="a", text="stored"))
    store.observe(seen.append)
    note.text = "never saved"
    store.remove(note)
    assert seen[0].data.text == "stored"


def test_kinds_combine(store):
    seen = []
    store.observe(seen.append, Event.ADD | Event.REMOVE)
    note = store.add(Note(name="a"))
    store.remove(store.update(note.replace(text="b")))
    assert [event.kind for event in seen] == [Event.ADD, Event.REMOVE]
    assert EventKind.ALL == Event.ADD | Event.UPDATE | Event.REMOVE == Event.ALL


def test_one_type_only(store):
    seen = []
    store.observe(seen.append, datatype=Tag)
    store.add(Note(name="a"))
    store.add(Tag(name="b"))
    assert [event.data for event in seen] == [Tag(name="b")]


def test_cancel_in_the_middle(store):
    seen = []

    def once(event):
        seen.append(event)
        subscription.cancel()
        subscription.cancel()

    subscription = store.observe(once)
    for name in "ab":
        store.add(Note(name=name))
    assert len(seen) == 1


def test_one_that_fails_stops_no_other(store, caplog):
    seen = []

    def fail(event):
        raise ZeroDivisionError("on purpose")

    store.observe(fail)
    store.observe(seen.append)
    with caplog.at_level(logging.ERROR):
        assert store.add(Note(name="a", context=("b",))).id is not None
    assert len(seen) == 1
    assert "an observer of store 'desk' failed on ADD of Note 'b/a'" in caplog.text
    assert "on purpose" in caplog.text


def test_quiet_and_skipped(store):
    seen, others = [], []
    ours = store.observe(seen.append)
    store.observe(others.append)
    note = store.add(Note(name="a"), notify=False)
    assert not seen + others
    store.update(note.replace(text="b"), skip=ours)
    assert (len(seen), len(others)) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((None,), TypeError, "cannot be called"),
        ((print, "add"), TypeError, "Event.ADD"),
        ((print, EventKind(0)), TypeError, "Event.ADD"),
        ((print, Event.ALL, Data), StoreError, "has no data of type Data"),
    ],
)
def test_what_cannot_be_observed(store, arguments, error, message):
    with pytest.raises(error, match=message):
        store.observe(*arguments)
    store.add(Note(name="a"))


def test_an_event_cannot_be_changed(store):
    seen = []
    store.observe(seen.append)
    store.add(Note(name="a"))
    with pytest.raises(AttributeError):
        seen[0].kind = Event.REMOVE


def test_called_in_the_thread_that_wrote(store):
    threads = []
    store.observe(lambda event: threads.append(threading.get_ident()))
    worker = threading.Thread(target=store.add, args=(Note(name="a"),))
    worker.start()
    worker.join()
    assert threads == [worker.ident]
