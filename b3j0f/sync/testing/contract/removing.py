"""Removing: what is gone afterwards, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...accessor import Capability
from ...data import schema_of
from ...errors import NotFoundError, StaleError, UnsupportedError
from ...stores.memory import MemoryStore
from .base import Contract, id_of, needs

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store


class RemovingContract(Contract):
    """Promises of remove."""

    @needs(Capability.REMOVE)
    def test_removed_data_is_gone(self, store: Store, datatype: type[Data]) -> None:
        """A removed data is found by no verb, and the others stay."""
        first, gone, third = self.given(store, datatype, 3)
        store.remove(gone)
        assert self.read(store, gone) is None
        assert store.get_by_name(datatype, gone.name, gone.context) is None
        assert store.accessor(datatype).get_many([id_of(gone)]) == []
        assert list(store.find(datatype, names=[gone.name])) == []
        assert gone not in store
        assert store.accessor(datatype).count() == 2
        self.kept(store, datatype, [first, third])

    @needs(Capability.REMOVE)
    def test_remove_of_removed_data(self, store: Store, datatype: type[Data]) -> None:
        """Remove raises NotFoundError for a data that is gone, and sends no event."""
        gone, other = self.given(store, datatype, 2)
        store.remove(gone, notify=False)
        events = self.observed(store)
        with pytest.raises(NotFoundError) as caught:
            store.remove(gone)
        assert caught.value.store == store.name
        assert events == []
        self.kept(store, datatype, [other])

    @needs(Capability.REMOVE)
    def test_remove_of_data_never_there(self, store: Store, datatype: type[Data]) -> None:
        """Remove raises NotFoundError for a data without id whose name is not there."""
        self.given(store, datatype)
        before = self.all_of(store, datatype)
        with pytest.raises(NotFoundError):
            store.remove(self.example(datatype, 1))
        self.kept(store, datatype, before.values())

    @needs(Capability.REMOVE)
    def test_remove_goes_by_the_id(self, store: Store, datatype: type[Data]) -> None:
        """A data is removed by its id, whatever else is said of it."""
        first, second = self.given(store, datatype, 2)
        schema = schema_of(datatype)
        store.remove(schema.make(schema.content(second), first.id))
        self.kept(store, datatype, [second])

    @needs(Capability.REMOVE)
    def test_remove_of_another_stores_data(self, store: Store, datatype: type[Data]) -> None:
        """A data of another store, or without id, is removed by name and context, not by its id."""
        first, second = self.given(store, datatype, 2)
        elsewhere = MemoryStore([datatype], name="elsewhere")
        foreign = elsewhere.add(self.example(datatype, 0).replace(id=second.id))
        store.remove(foreign)
        self.kept(store, datatype, [second])
        assert foreign in elsewhere
        assert foreign.id == second.id
        store.remove(self.example(datatype, 1))
        self.kept(store, datatype, [])
        assert first not in store

    @needs(Capability.REMOVE | Capability.ADD)
    def test_name_is_free_after_removal(self, store: Store, datatype: type[Data]) -> None:
        """What was removed can be added anew, and is what it is then."""
        (gone,) = self.given(store, datatype)
        store.remove(gone)
        given = self.changed(self.example(datatype, 0))
        stored = store.add(given)
        self.check(store, self.read(store, stored), given)
        self.kept(store, datatype, [stored])

    @needs(Capability.REMOVE | Capability.ADD)
    def test_ids_are_not_reused(self, store: Store, datatype: type[Data]) -> None:
        """The id of a removed data is not given to another one."""
        if self.reuses_ids:
            pytest.skip(f"store {store.name!r} is declared to reuse ids")
        first, last = self.given(store, datatype, 2)
        store.remove(last)
        third = store.add(self.example(datatype, 2))
        store.remove(first)
        store.remove(third)
        fourth = store.add(self.example(datatype, 1))
        assert len({first.id, last.id, third.id, fourth.id}) == 4

    @needs(Capability.REMOVE | Capability.UPDATE)
    def test_removal_of_what_has_changed(self, store: Store, datatype: type[Data]) -> None:
        """Many are removed as they are known: one that somebody has edited since stays."""
        accessor = store.accessor(datatype)
        first, edited, last = self.given(store, datatype, 3)
        now = store.update(self.changed(edited), edited)
        events = self.observed(store)
        outcomes = accessor.remove_many([first, edited, last], unchanged=True)
        assert [type(outcome) for outcome in outcomes] == [type(None), StaleError, type(None)]
        assert [event.data.id for event in events] == [first.id, last.id]
        self.kept(store, datatype, [now])

    @needs(Capability.REMOVE)
    def test_removal_of_what_is_gone(self, store: Store, datatype: type[Data]) -> None:
        """Many are removed as they are known: one that is gone has a NotFoundError."""
        accessor = store.accessor(datatype)
        first, gone, kept = self.given(store, datatype, 3)
        store.remove(gone)
        outcomes = accessor.remove_many([first, gone], unchanged=True)
        assert [type(outcome) for outcome in outcomes] == [type(None), NotFoundError]
        self.kept(store, datatype, [kept])

    def test_remove_without_the_capability(self, store: Store, datatype: type[Data]) -> None:
        """A store that cannot remove says so by UnsupportedError."""
        if Capability.REMOVE in store.accessor(datatype).capabilities:
            pytest.skip(f"store {store.name!r} can remove")
        (stored,) = self.given(store, datatype)
        with pytest.raises(UnsupportedError):
            store.remove(stored)
        self.kept(store, datatype, [stored])
