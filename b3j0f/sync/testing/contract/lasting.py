"""Lasting: what was written is in the backend, where another store on it finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...accessor import Capability
from ...errors import AlreadyExistsError, NotFoundError, StaleError
from .base import Contract, id_of, needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...data import Data
    from ...store import Store


class LastingContract(Contract):
    """Promises that hold between two stores on one backend; skipped without ``reopen``."""

    @pytest.fixture
    def other(self, store: Store) -> Iterator[Store]:
        """Another store on the same backend."""
        store.connect()
        other = self.reopen(store)
        if other is None:
            pytest.skip(f"{type(self).__name__}.reopen() is not written")
        assert other is not store
        yield other
        other.disconnect()

    def test_data_survive_disconnection(self, store: Store, datatype: type[Data]) -> None:
        """What was written is there after the store was disconnected and connected again."""
        stored = self.given(store, datatype, 3)
        store.disconnect()
        self.kept(store, datatype, stored)

    def test_added_data_last(
        self, store: Store, other: Store, datatype: type[Data], field: str
    ) -> None:
        """What was added, any value of any kind, is found under its id by another store."""
        if field not in self.held(store, datatype):
            pytest.skip(f"store {store.name!r} does not hold {field}")
        values = [v for v in self.values(datatype, field) if self.takes(datatype, field, v)]
        stored = []
        for number, value in enumerate(values):
            data = self.example(datatype, number)
            if field == "context":
                data = data.replace(name=self.example(datatype, 0).name)
            stored.append(self.fill(store, data.replace(**{field: value})))
        found = self.all_of(other, datatype)
        assert len(found) == len(stored)
        for data in stored:
            self.check(other, found[id_of(data)], data)
            self.check(other, other.get(datatype, id_of(data)), data)
            assert found[id_of(data)].created == data.created
            assert found[id_of(data)].updated == data.updated

    @needs(Capability.UPDATE)
    def test_updated_data_last(self, store: Store, other: Store, datatype: type[Data]) -> None:
        """What was updated here is as new there, also where it has been read before."""
        old, kept = self.given(store, datatype, 2)
        self.kept(other, datatype, [old, kept])
        new = store.update(self.changed(old), old)
        self.kept(other, datatype, [new, kept])
        self.check(other, other.get(datatype, id_of(new)), new)

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_renamed_data_last(self, store: Store, other: Store, datatype: type[Data]) -> None:
        """What was renamed here is found under its new name only, also there."""
        old, kept = self.given(store, datatype, 2)
        self.kept(other, datatype, [old, kept])
        new = store.update(self.renamed(old), old)
        self.kept(other, datatype, [new, kept])
        assert other.get_by_name(datatype, old.name, old.context) is None
        found = other.get_by_name(datatype, new.name, new.context)
        self.check(other, found, new)
        assert found is not None
        assert found.id == new.id

    @needs(Capability.REMOVE)
    def test_removed_data_stay_removed(
        self, store: Store, other: Store, datatype: type[Data]
    ) -> None:
        """What was removed here is gone there, and removing it there raises NotFoundError."""
        gone, kept = self.given(store, datatype, 2)
        (seen,) = [data for data in other.find(datatype) if data.id == gone.id]
        store.remove(gone)
        self.kept(other, datatype, [kept])
        with pytest.raises(NotFoundError):
            other.remove(seen)
        if Capability.UPDATE in other.accessor(datatype).capabilities:
            with pytest.raises(NotFoundError):
                other.update(self.changed(seen), seen)

    @needs(Capability.UPDATE)
    def test_stale_update_between_stores(
        self, store: Store, other: Store, datatype: type[Data]
    ) -> None:
        """A state that somebody else has replaced is stale, also where nobody told us."""
        (old,) = self.given(store, datatype)
        theirs = other.get(datatype, id_of(old))
        assert theirs is not None
        new = other.update(self.changed(theirs), theirs)
        with pytest.raises(StaleError):
            store.update(self.changed(self.changed(old)), old)
        self.kept(store, datatype, [new])

    @needs(Capability.ADD)
    def test_ids_do_not_collide_between_stores(
        self, store: Store, other: Store, datatype: type[Data]
    ) -> None:
        """Data that two stores add in turn all stay, each under its own id."""
        given = [self.example(datatype, number) for number in range(4)]
        stored = [(store, other)[n % 2].add(data) for n, data in enumerate(given)]
        assert len({data.id for data in stored}) == 4
        self.kept(store, datatype, stored)
        self.kept(other, datatype, stored)
        with pytest.raises(AlreadyExistsError):
            other.add(given[0].replace(id=stored[0].id))

    @needs(Capability.ADD | Capability.UNIQUE_NAMES)
    def test_names_are_unique_between_stores(
        self, store: Store, other: Store, datatype: type[Data]
    ) -> None:
        """A name that somebody else has taken is taken."""
        assert list(store.find(datatype)) == []
        theirs = other.add(self.example(datatype, 0))
        with pytest.raises(AlreadyExistsError):
            store.add(self.changed(self.example(datatype, 0)))
        self.kept(store, datatype, [theirs])

    def test_events_stay_in_their_store(
        self, store: Store, other: Store, datatype: type[Data]
    ) -> None:
        """Observers of one store are not told of what another one wrote."""
        events = self.observed(other)
        (stored,) = self.given(store, datatype)
        if Capability.UPDATE in store.accessor(datatype).capabilities:
            store.update(self.changed(stored), stored)
        assert events == []
