"""Events: what observers are told, when, and what their failures stop."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from ...accessor import Capability
from ...event import Event
from .base import Contract, needs, touch

if TYPE_CHECKING:
    from ...data import Data
    from ...errors import StoreError  # noqa: F401 - named in docstrings
    from ...store import Store

_WRITE = Capability.ADD | Capability.UPDATE | Capability.REMOVE


class EventsContract(Contract):
    """Promises of observe."""

    @needs(Capability.ADD)
    def test_add_is_told(self, store: Store, datatype: type[Data]) -> None:
        """An added data is told once, as stored."""
        events = self.observed(store)
        given = self.example(datatype, 0)
        stored = store.add(given)
        (event,) = events
        self._check_event(event, Event.ADD, store, stored)
        assert event.old is None

    @needs(Capability.UPDATE)
    def test_update_is_told(self, store: Store, datatype: type[Data]) -> None:
        """An updated data is told once, as stored, with what was replaced."""
        (old,) = self.given(store, datatype)
        before = old.replace()
        for given in (self.changed(old), self.changed(self.changed(old))):
            events = self.observed(store)
            stored = store.update(given)
            self._check_event(events[0], Event.UPDATE, store, stored)
            assert len(events) == 1
            self.check(store, events[0].old, before)
            assert events[0].old is not None
            assert events[0].old.id == before.id
            before = stored

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_rename_is_told_as_update(self, store: Store, datatype: type[Data]) -> None:
        """A renaming is one update whose old data has the old name, and the old id."""
        (old,) = self.given(store, datatype)
        name, events = old.name, self.observed(store)
        stored = store.update(self.renamed(old), old)
        (event,) = events
        self._check_event(event, Event.UPDATE, store, stored)
        assert event.old is not None
        assert (event.old.name, event.old.id) == (name, old.id)

    @needs(Capability.REMOVE)
    def test_remove_is_told(self, store: Store, datatype: type[Data]) -> None:
        """A removed data is told once, as it was."""
        gone, _ = self.given(store, datatype, 2)
        events = self.observed(store)
        store.remove(gone)
        (event,) = events
        self._check_event(event, Event.REMOVE, store, gone)
        assert event.old is None

    @needs(_WRITE)
    def test_events_come_in_order(self, store: Store, datatype: type[Data]) -> None:
        """Events come in the order of the writes, each before its verb returns."""
        events = self.observed(store)
        counts = []
        first = store.add(self.example(datatype, 0))
        counts.append(len(events))
        second = store.add(self.example(datatype, 1))
        counts.append(len(events))
        store.update(self.changed(first), first)
        counts.append(len(events))
        store.remove(second)
        counts.append(len(events))
        assert counts == [1, 2, 3, 4]
        assert [(event.kind, event.data.id) for event in events] == [
            (Event.ADD, first.id),
            (Event.ADD, second.id),
            (Event.UPDATE, first.id),
            (Event.REMOVE, second.id),
        ]

    @needs(_WRITE)
    def test_quiet_writes(self, store: Store, datatype: type[Data]) -> None:
        """With notify=False nobody is told."""
        events = self.observed(store)
        stored = store.add(self.example(datatype, 0), notify=False)
        stored = store.update(self.changed(stored), stored, notify=False)
        store.remove(stored, notify=False)
        assert events == []

    @needs(_WRITE)
    def test_skipped_observer(self, store: Store, datatype: type[Data]) -> None:
        """The observer of the subscription that a write skips is not told; the others are."""
        skipped: list[Event] = []
        subscription = store.observe(skipped.append)
        events = self.observed(store)
        stored = store.add(self.example(datatype, 0), skip=subscription)
        stored = store.update(self.changed(stored), stored, skip=subscription)
        store.remove(stored, skip=subscription)
        assert skipped == []
        assert [event.kind for event in events] == [Event.ADD, Event.UPDATE, Event.REMOVE]

    def test_reading_is_not_told(self, store: Store, datatype: type[Data]) -> None:
        """Reading and creating send no event."""
        (stored,) = self.given(store, datatype)
        events = self.observed(store)
        self.read(store, stored)
        store.get_by_name(datatype, stored.name, stored.context)
        list(store.find(datatype))
        len(store)
        store.accessor(datatype).changes(None)
        store.create(datatype, **self.values_of(store, self.example(datatype, 1)))
        assert events == []

    @needs(_WRITE)
    def test_kinds_of_events(self, store: Store, datatype: type[Data]) -> None:
        """An observer gets the kinds of events that it asked for."""
        asked = (Event.ADD, Event.UPDATE, Event.REMOVE, Event.ADD | Event.REMOVE)
        told: dict[Any, list[Event]] = {kinds: [] for kinds in asked}
        for kinds, events in told.items():
            store.observe(events.append, kinds)
        stored = store.add(self.example(datatype, 0))
        store.remove(store.update(self.changed(stored), stored))
        seen = {kinds: [event.kind for event in events] for kinds, events in told.items()}
        assert seen == {
            Event.ADD: [Event.ADD],
            Event.UPDATE: [Event.UPDATE],
            Event.REMOVE: [Event.REMOVE],
            Event.ADD | Event.REMOVE: [Event.ADD, Event.REMOVE],
        }

    @needs(Capability.ADD)
    def test_types_of_events(self, store: Store) -> None:
        """An observer gets the events of the type that it asked for."""
        seen = {datatype: self.observed(store, datatype) for datatype in self.datatypes}
        for datatype in self.datatypes:
            store.add(self.example(datatype, 0))
        assert {t: [type(event.data) for event in events] for t, events in seen.items()} == {
            datatype: [datatype] for datatype in self.datatypes
        }

    @needs(Capability.ADD)
    def test_cancelled_observer(self, store: Store, datatype: type[Data]) -> None:
        """After cancel an observer is told nothing; cancelling again has no effect."""
        cancelled: list[Event] = []
        subscription = store.observe(cancelled.append)
        events = self.observed(store)
        store.add(self.example(datatype, 0))
        subscription.cancel()
        subscription.cancel()
        store.add(self.example(datatype, 1))
        assert len(cancelled) == 1
        assert len(events) == 2

    @needs(Capability.ADD)
    def test_observers_are_called_in_order(self, store: Store, datatype: type[Data]) -> None:
        """Observers are called in the order in which they subscribed."""
        calls: list[int] = []
        for number in range(3):
            store.observe(partial(_note, calls, number))
        store.add(self.example(datatype, 0))
        assert calls == [0, 1, 2]

    @needs(_WRITE)
    def test_failing_observer_stops_nothing(
        self, store: Store, datatype: type[Data], caplog: pytest.LogCaptureFixture
    ) -> None:
        """An observer that fails is logged; the write stands and the other observers are told."""

        def fail(event: Event) -> None:
            raise RuntimeError(f"no {event.kind.name} please")

        store.observe(fail)
        events = self.observed(store)
        with caplog.at_level(logging.ERROR, logger="b3j0f.sync"):
            stored = store.add(self.example(datatype, 0))
            given = self.changed(stored)
            stored = store.update(given, stored)
            self.check(store, self.read(store, stored), given)
            store.remove(stored)
        assert self.read(store, stored) is None
        assert [event.kind for event in events] == [Event.ADD, Event.UPDATE, Event.REMOVE]
        assert len([record for record in caplog.records if record.exc_info]) == 3

    @needs(_WRITE)
    def test_observer_sees_the_write(self, store: Store, datatype: type[Data]) -> None:
        """When an observer is called, the store shows what the event tells."""
        seen: list[Data | None] = []
        store.observe(lambda event: seen.append(self.read(store, event.data)))
        stored = store.add(self.example(datatype, 0))
        given = self.changed(stored)
        store.remove(store.update(given, stored))
        added, updated, removed = seen
        self.check(store, added, self.example(datatype, 0))
        self.check(store, updated, given)
        assert removed is None

    @needs(Capability.ADD | Capability.REMOVE)
    def test_observer_may_write(self, store: Store, datatype: type[Data]) -> None:
        """An observer may write to the store that calls it."""

        def undo(event: Event) -> None:
            store.remove(event.data)

        store.observe(undo, Event.ADD)
        stored = store.add(self.example(datatype, 0))
        assert self.read(store, stored) is None

    @needs(Capability.ADD)
    def test_observer_does_not_share_data(self, store: Store, datatype: type[Data]) -> None:
        """What an observer does to the data that it gets does not reach the store."""

        def spoil(event: Event) -> None:
            touch(event.data, description="spoilt")

        store.observe(spoil)
        stored = store.add(self.example(datatype, 0))
        self.check(store, self.read(store, stored), self.example(datatype, 0))

    def test_observe_refuses_nonsense(self, store: Store) -> None:
        """What cannot be called, no kind of event, and an unknown type are refused at once."""
        from ...data import Data as AnyData
        from ...errors import StoreError as AnyStoreError

        class Stranger(AnyData):
            """Of no store."""

        with pytest.raises(TypeError):
            store.observe(None)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            store.observe(print, "add")  # type: ignore[arg-type]
        with pytest.raises(AnyStoreError):
            store.observe(print, datatype=Stranger)

    def _check_event(self, event: Event, kind: object, store: Store, data: Data) -> None:
        assert event.kind is kind
        assert event.store is store
        assert event.data.id == data.id
        self.check(store, event.data, data)


def _note(calls: list[int], number: int, _: Event) -> None:
    calls.append(number)
