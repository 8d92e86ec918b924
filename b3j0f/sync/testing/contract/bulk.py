"""Bulk verbs of the accessor: as the single ones, one outcome for each, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...accessor import Capability
from ...errors import AlreadyExistsError, NotFoundError, StaleError, SyncError
from ...event import Event
from .base import Contract, id_of, needs

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store


class BulkContract(Contract):
    """Promises of add_many, update_many and remove_many."""

    @needs(Capability.ADD)
    def test_add_many(self, store: Store, datatype: type[Data]) -> None:
        """add_many answers each data as stored, in the order in which they were given."""
        given = [self.example(datatype, number) for number in range(5)]
        copies = [data.replace() for data in given]
        outcomes = store.accessor(datatype).add_many(given)
        assert len(outcomes) == 5
        for outcome, copy in zip(outcomes, copies, strict=True):
            assert not isinstance(outcome, SyncError), outcome
            self.check(store, outcome, copy)
            self.check(store, self.read(store, outcome), copy)
        assert len(self.all_of(store, datatype)) == 5
        assert given == copies
        assert {(data.id, data.store) for data in given} == {(None, None)}

    @needs(Capability.ADD)
    def test_add_many_where_one_fails(self, store: Store, datatype: type[Data]) -> None:
        """One data that cannot be added gets its error as its outcome and stops no other."""
        (taken,) = self.given(store, datatype)
        given = [self.example(datatype, number) for number in (1, 2, 3)]
        given[1] = given[1].replace(id=taken.id)
        events = self.observed(store)
        first, refused, third = store.accessor(datatype).add_many(given)
        assert isinstance(refused, AlreadyExistsError)
        assert refused.id == taken.id
        assert not isinstance(first, SyncError), first
        assert not isinstance(third, SyncError), third
        self.check(store, first, self.example(datatype, 1))
        self.check(store, third, self.example(datatype, 3))
        self.kept(store, datatype, [taken, first, third])
        assert [(event.kind, event.data.id) for event in events] == [
            (Event.ADD, first.id),
            (Event.ADD, third.id),
        ]

    @needs(Capability.ADD | Capability.UNIQUE_NAMES)
    def test_add_many_of_taken_names(self, store: Store, datatype: type[Data]) -> None:
        """Where names are unique, one that is there, or comes twice, is refused alone."""
        (taken,) = self.given(store, datatype)
        again, fresh = self.example(datatype, 0), self.example(datatype, 1)
        outcomes = store.accessor(datatype).add_many([again, fresh, self.changed(fresh)])
        assert isinstance(outcomes[0], AlreadyExistsError)
        assert not isinstance(outcomes[1], SyncError), outcomes[1]
        assert isinstance(outcomes[2], AlreadyExistsError)
        self.kept(store, datatype, [taken, outcomes[1]])

    @needs(Capability.UPDATE)
    def test_update_many(self, store: Store, datatype: type[Data]) -> None:
        """update_many answers each data as stored, in order, and leaves the others alone."""
        *olds, other = self.given(store, datatype, 4)
        pairs = [(self.changed(old), old) for old in reversed(olds)]
        outcomes = store.accessor(datatype).update_many(pairs)
        assert len(outcomes) == 3
        found = self.all_of(store, datatype)
        for outcome, (new, old) in zip(outcomes, pairs, strict=True):
            assert not isinstance(outcome, SyncError), outcome
            self.check(store, outcome, new)
            assert outcome.id == old.id
            self.check(store, found[id_of(old)], new)
        self.check(store, found[id_of(other)], other)
        assert len(found) == 4

    @needs(Capability.UPDATE)
    def test_update_many_where_one_fails(self, store: Store, datatype: type[Data]) -> None:
        """A stale data gets a StaleError as its outcome; nothing of it is written."""
        olds = self.given(store, datatype, 3)
        moved_on = store.update(self.changed(olds[1]), olds[1], notify=False)
        news = [self.changed(olds[0]), self.changed(moved_on), self.changed(olds[2])]
        events = self.observed(store)
        outcomes = store.accessor(datatype).update_many(list(zip(news, olds, strict=True)))
        first, stale, third = outcomes
        assert isinstance(stale, StaleError)
        assert not isinstance(first, SyncError), first
        assert not isinstance(third, SyncError), third
        self.kept(store, datatype, [first, moved_on, third])
        self.check(store, first, news[0])
        self.check(store, third, news[2])
        assert [(event.kind, event.data.id) for event in events] == [
            (Event.UPDATE, olds[0].id),
            (Event.UPDATE, olds[2].id),
        ]
        self.check(store, events[1].old, olds[2])

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_update_many_renames(self, store: Store, datatype: type[Data]) -> None:
        """Names can be changed in bulk, too."""
        olds = self.given(store, datatype, 2)
        pairs = [(self.renamed(old), old) for old in olds]
        outcomes = store.accessor(datatype).update_many(pairs)
        for outcome, (new, old) in zip(outcomes, pairs, strict=True):
            assert not isinstance(outcome, SyncError), outcome
            self.check(store, store.get_by_name(datatype, new.name, new.context), outcome)
            assert store.get_by_name(datatype, old.name, old.context) is None
        assert len(self.all_of(store, datatype)) == 2

    @needs(Capability.REMOVE)
    def test_remove_many(self, store: Store, datatype: type[Data]) -> None:
        """remove_many removes these and no others; one that is gone gets its error alone."""
        first, gone, third, kept = self.given(store, datatype, 4)
        store.remove(gone, notify=False)
        events = self.observed(store)
        outcomes = store.accessor(datatype).remove_many([first, gone, third])
        assert outcomes[0] is outcomes[2] is None
        assert isinstance(outcomes[1], NotFoundError)
        self.kept(store, datatype, [kept])
        assert [(event.kind, event.data.id) for event in events] == [
            (Event.REMOVE, first.id),
            (Event.REMOVE, third.id),
        ]

    @needs(Capability.WRITE)
    def test_bulk_of_nothing(self, store: Store, datatype: type[Data]) -> None:
        """Nothing in, nothing out, nothing done."""
        (kept,) = self.given(store, datatype)
        accessor, events = store.accessor(datatype), self.observed(store)
        assert accessor.add_many([]) == []
        assert accessor.update_many([]) == []
        assert accessor.remove_many([]) == []
        self.kept(store, datatype, [kept])
        assert events == []

    @needs(Capability.WRITE)
    def test_bulk_in_silence(self, store: Store, datatype: type[Data]) -> None:
        """Notify and skip hold for the bulk verbs as well."""
        accessor = store.accessor(datatype)
        skipped: list[Event] = []
        subscription = store.observe(skipped.append)
        events = self.observed(store)
        for told, options in ((0, {"notify": False}), (3, {"skip": subscription})):
            (stored,) = accessor.add_many([self.example(datatype, told)], **options)
            assert not isinstance(stored, SyncError), stored
            (updated,) = accessor.update_many([(self.changed(stored), stored)], **options)
            assert not isinstance(updated, SyncError), updated
            assert accessor.remove_many([updated], **options) == [None]
            assert skipped == []
            assert len(events) == told

    @needs(Capability.WRITE)
    def test_bulk_of_many(self, store: Store, datatype: type[Data]) -> None:
        """More than a page at once are no different."""
        accessor, count = store.accessor(datatype), 120
        added = accessor.add_many([self.example(datatype, number) for number in range(count)])
        stored = [data for data in added if not isinstance(data, SyncError)]
        assert len(stored) == len(self.all_of(store, datatype)) == count
        ids = [id_of(data) for data in stored]
        assert len(accessor.get_many(ids)) == count
        updated = accessor.update_many([(self.changed(data), data) for data in stored])
        for new, old in zip(updated, stored, strict=True):
            self.check(store, new if not isinstance(new, SyncError) else None, self.changed(old))
        assert accessor.remove_many(stored) == [None] * count
        assert accessor.count() == 0
