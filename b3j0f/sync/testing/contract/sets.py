"""A store is a set: membership, length, items, and the operators of sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...accessor import Capability
from ...errors import AlreadyExistsError, NotFoundError
from ...event import Event
from ...stores.memory import MemoryStore
from .base import Contract, id_of, needs

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store

_ADD_UPDATE = Capability.ADD | Capability.UPDATE


class SetsContract(Contract):
    """Promises of a store as a set."""

    def test_contains(self, store: Store, datatype: type[Data]) -> None:
        """A data is in the store by its id, or by name and context where it is not of the store."""
        (stored,) = self.given(store, datatype)
        assert stored in store
        assert self.example(datatype, 0) in store
        assert self.changed(self.example(datatype, 0)) in store
        assert self.example(datatype, 1) not in store
        assert stored.replace(name="renamed, not saved") in store

    def test_contains_foreign_data(self, store: Store, datatype: type[Data]) -> None:
        """A data of another store is looked for by name and context, whatever its id there."""
        (stored,) = self.given(store, datatype)
        elsewhere = MemoryStore([datatype], name="elsewhere")
        assert elsewhere.add(self.example(datatype, 0).replace(id="other")) in store
        assert elsewhere.add(self.example(datatype, 1).replace(id=stored.id)) not in store

    def test_contains_no_other_things(self, store: Store, datatype: type[Data]) -> None:
        """Whatever is no data of its types is not in the store, and no error."""
        (stored,) = self.given(store, datatype)
        for thing in (None, "", stored.name, stored.id, (datatype, stored.id), object(), [stored]):
            assert thing not in store

    def test_length_and_iteration(self, store: Store, datatype: type[Data]) -> None:
        """The length counts the data of all types, and iterating shows each once."""
        before = len(store)
        assert len(list(store)) == before
        given = self.given(store, datatype, 3)
        assert len(store) == before + 3
        seen = [data.id for data in store if type(data) is datatype]
        assert sorted(map(repr, seen)) == sorted(repr(data.id) for data in given)
        assert len(list(store)) == before + 3

    def test_item(self, store: Store, datatype: type[Data]) -> None:
        """store[type, id] is the data, or a KeyError that is a NotFoundError."""
        (stored,) = self.given(store, datatype)
        self.check(store, store[datatype, id_of(stored)], self.example(datatype, 0))
        with pytest.raises(KeyError) as caught:
            store[datatype, "no such id"]
        assert isinstance(caught.value, NotFoundError)
        assert caught.value.id == "no such id"

    @needs(Capability.REMOVE)
    def test_delete_item(self, store: Store, datatype: type[Data]) -> None:
        """Deleting store[type, id] removes it, and tells so; KeyError when it is not there."""
        first, second = self.given(store, datatype, 2)
        events = self.observed(store)
        del store[datatype, id_of(first)]
        self.kept(store, datatype, [second])
        assert [(event.kind, event.data.id) for event in events] == [(Event.REMOVE, first.id)]
        with pytest.raises(KeyError):
            del store[datatype, id_of(first)]

    @needs(Capability.ADD)
    def test_plus_adds(self, store: Store, datatype: type[Data]) -> None:
        """+= adds a data or several, or those of a store, and refuses what is there."""
        itself = store
        store += self.example(datatype, 0)
        store += (self.example(datatype, number) for number in (1, 2))
        store += _elsewhere(self, datatype, [3, 4])
        assert store is itself
        found = self.all_of(store, datatype)
        assert len(found) == 5
        for number in range(5):
            example = self.example(datatype, number)
            self.check(store, store.get_by_name(datatype, example.name, example.context), example)
        taken = next(iter(found.values()))
        with pytest.raises(AlreadyExistsError):
            store += taken

    @needs(_ADD_UPDATE)
    def test_or_adds_or_updates(self, store: Store, datatype: type[Data]) -> None:
        """|= adds what is not there and updates what is, told as such."""
        itself, events = store, self.observed(store)
        first, second = self.example(datatype, 0), self.example(datatype, 1)
        store |= first
        store |= [self.changed(first), second]
        assert store is itself
        assert [event.kind for event in events] == [Event.ADD, Event.UPDATE, Event.ADD]
        found = [data for data in store if type(data) is datatype]
        assert len(found) == 2
        by_name = store.get_by_name(datatype, first.name, first.context)
        self.check(store, by_name, self.changed(first))
        changed = self.changed(self.changed(second))
        store |= _elsewhere(self, datatype, [], changed)
        assert len(self.all_of(store, datatype)) == 2
        self.check(store, store.get_by_name(datatype, second.name, second.context), changed)

    @needs(Capability.REMOVE)
    def test_minus_removes(self, store: Store, datatype: type[Data]) -> None:
        """-= removes a data or several, or those of a store; what is not there is an error."""
        itself = store
        stored = self.given(store, datatype, 5)
        store -= stored[0]
        store -= [stored[1], self.example(datatype, 2)]
        store -= _elsewhere(self, datatype, [3])
        assert store is itself
        self.kept(store, datatype, [stored[4]])
        with pytest.raises(NotFoundError):
            store -= stored[0]

    @needs(Capability.REMOVE)
    def test_and_keeps_only(self, store: Store, datatype: type[Data]) -> None:
        """&= removes everything but these, told as removals."""
        itself = store
        stored = self.given(store, datatype, 4)
        others = [data for data in store if type(data) is not datatype]
        events = self.observed(store)
        store &= [*others, self.example(datatype, 1), stored[2], self.example(datatype, 9)]
        assert store is itself
        self.kept(store, datatype, stored[1:3])
        assert {event.data.id for event in events} == {stored[0].id, stored[3].id}
        assert {event.kind for event in events} == {Event.REMOVE}

    def test_operators_give_sets(self, store: Store, datatype: type[Data]) -> None:
        """&, | and - with a store, a data or several give sets, and write nothing."""
        self.given(store, datatype, 3)
        others = {data for data in store if type(data) is not datatype}
        before, events = self.all_of(store, datatype), self.observed(store)
        zero, one, two, three = (self.example(datatype, number) for number in range(4))
        for some in ([two, three], _elsewhere(self, datatype, [2, 3])):
            assert _names(store & some) == {two.name}
            assert _names((store | some) - others) == {zero.name, one.name, two.name, three.name}
            assert _names((store - some) - others) == {zero.name, one.name}
        assert _names(store & one) == {one.name}
        assert _names((store - one) - others) == {zero.name, two.name}
        assert isinstance(store & one, set)
        self.kept(store, datatype, before.values())
        assert events == []

    def test_store_is_one_thing(self, store: Store, datatype: type[Data]) -> None:
        """A store equals itself only, whatever it holds, and can be in a set."""
        self.given(store, datatype)
        twin = MemoryStore([datatype], name=store.name)
        assert store == store  # noqa: PLR0124 - that is the promise
        assert store != twin
        assert {store, twin} == {twin, store}


def _elsewhere(
    contract: Contract, datatype: type[Data], numbers: list[int], *more: Data
) -> MemoryStore:
    """A store of examples whose ids mean nothing in the store under test."""
    made = MemoryStore([datatype], name="elsewhere")
    for data in (*(contract.example(datatype, number) for number in numbers), *more):
        made.add(data.replace(id=None))
    return made


def _names(data: set[Data]) -> set[str]:
    return {one.name for one in data}
