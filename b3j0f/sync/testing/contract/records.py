"""Data that know their store: create, save, delete, rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...accessor import Capability
from ...errors import NotFoundError, StaleError
from ...event import Event
from .base import Contract, id_of, needs, touch

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store


class RecordsContract(Contract):
    """Promises of a data that is bound to the store."""

    def test_create_stores_nothing(self, store: Store, datatype: type[Data]) -> None:
        """Create gives a data that is bound to the store, and that the store has not yet."""
        created = self._create(store, self.example(datatype, 0))
        assert created.store is store
        assert created.id is None
        assert not created.is_stored
        assert created not in store
        assert list(store.find(datatype)) == []

    @needs(Capability.ADD)
    def test_save_adds(self, store: Store, datatype: type[Data]) -> None:
        """Saving a created data adds it; the data then is what the store answered."""
        events = self.observed(store)
        data = self._create(store, self.example(datatype, 0))
        data.save()
        self.check(store, data, self.example(datatype, 0))
        assert data.is_stored
        assert self.all_of(store, datatype).keys() == {data.id}
        assert [event.kind for event in events] == [Event.ADD]

    @needs(Capability.UPDATE)
    def test_save_updates(self, store: Store, datatype: type[Data]) -> None:
        """Saving a changed data updates it; the event tells what it was when it was read."""
        (stored,) = self.given(store, datatype)
        events = self.observed(store)
        data = store[datatype, id_of(stored)]
        given = self.changed(data)
        touch(data, **self._plain_values(store, given))
        assert data.is_dirty
        data.save()
        self.check(store, data, given)
        self.check(store, self.read(store, stored), given)
        (event,) = events
        assert event.kind is Event.UPDATE
        self.check(store, event.old, self.example(datatype, 0))

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_save_renames(self, store: Store, datatype: type[Data]) -> None:
        """A renamed data that is saved is the same data under its new name."""
        (stored,) = self.given(store, datatype)
        data = store[datatype, id_of(stored)]
        new = self.renamed(data)
        touch(data, name=new.name)
        data.save()
        self.check(store, store.get_by_name(datatype, new.name, new.context), new)
        assert self.all_of(store, datatype).keys() == {data.id}

    @needs(Capability.UPDATE)
    def test_save_of_stale_data(self, store: Store, datatype: type[Data]) -> None:
        """Saving what has moved on since it was read raises StaleError; the data stays as it is."""
        (stored,) = self.given(store, datatype)
        mine, theirs = (store[datatype, id_of(stored)] for _ in range(2))
        touch(theirs, description=self.changed(stored).description)
        theirs.save()
        touch(mine, description="mine")
        with pytest.raises(StaleError):
            mine.save()
        assert mine.description == "mine"
        assert mine.dirty == {"description"}
        self.check(store, self.read(store, stored), theirs)

    def test_rollback(self, store: Store, datatype: type[Data]) -> None:
        """A rollback takes back what was changed since the data was read."""
        (stored,) = self.given(store, datatype)
        data = store[datatype, id_of(stored)]
        touch(data, name="other", **self._plain_values(store, self.changed(data)))
        data.rollback()
        self.check(store, data, self.example(datatype, 0))

    @needs(Capability.ADD | Capability.REMOVE)
    def test_delete_and_save_anew(self, store: Store, datatype: type[Data]) -> None:
        """A deleted data is gone from its store, has no id, and can be saved anew."""
        (data,) = self.given(store, datatype)
        events = self.observed(store)
        data.delete()
        assert data.id is None
        assert not data.is_stored
        assert list(store.find(datatype)) == []
        data.save()
        self.kept(store, datatype, [data])
        assert [event.kind for event in events] == [Event.REMOVE, Event.ADD]

    @needs(Capability.REMOVE)
    def test_delete_of_what_is_gone(self, store: Store, datatype: type[Data]) -> None:
        """Deleting what is gone raises NotFoundError."""
        data, _ = self.given(store, datatype, 2)
        store.remove(data.replace())
        with pytest.raises(NotFoundError):
            data.delete()

    def _create(self, store: Store, like: Data) -> Data:
        return store.create(type(like), **self.values_of(store, like))

    def _plain_values(self, store: Store, data: Data) -> dict[str, object]:
        values = self.values_of(store, data)
        return {name: value for name, value in values.items() if name not in {"name", "context"}}
