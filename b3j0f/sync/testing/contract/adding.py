"""Adding: what add answers, what it leaves alone, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...accessor import Capability
from ...errors import AlreadyExistsError, StoreError, SyncError, UnsupportedError
from ...samples.texts import ODD_IDS
from ...stores.memory import MemoryStore
from .base import Contract, id_of, needs, touch

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store


class AddingContract(Contract):
    """Promises of add."""

    @needs(Capability.ADD)
    def test_add_gives_data_as_stored(self, store: Store, datatype: type[Data]) -> None:
        """Add answers the data as stored: with an id, bound, clean, and equal to what get gives."""
        given = self.example(datatype, 1)
        stored = store.add(given)
        self.check(store, stored, given)
        assert stored.id is not None
        found = self.read(store, stored)
        self.check(store, found, given)
        assert found is not None
        assert self.values_of(store, found) == self.values_of(store, stored)
        assert (found.created, found.updated) == (stored.created, stored.updated)

    @needs(Capability.ADD)
    def test_add_leaves_what_it_is_given(self, store: Store, datatype: type[Data]) -> None:
        """Add changes nothing of the data that it is given, and answers another one."""
        given = self.example(datatype, 1)
        copy = given.replace()
        stored = store.add(given)
        assert stored is not given
        assert given == copy
        assert (given.id, given.created, given.updated) == (None, None, None)
        assert given.store is None
        assert given.dirty == copy.dirty

    @needs(Capability.ADD)
    def test_added_data_have_their_own_ids(self, store: Store, datatype: type[Data]) -> None:
        """No two data have one id."""
        ids = [store.add(self.example(datatype, number)).id for number in range(5)]
        assert len(set(ids)) == 5

    @needs(Capability.ADD)
    def test_add_refuses_a_taken_id(self, store: Store, datatype: type[Data]) -> None:
        """Add raises AlreadyExistsError for an id that is there, and writes nothing."""
        (stored,) = self.given(store, datatype)
        before, events = self.all_of(store, datatype), self.observed(store)
        for given in (stored, self.example(datatype, 1).replace(id=stored.id)):
            with pytest.raises(AlreadyExistsError) as caught:
                store.add(given)
            assert caught.value.id == stored.id
            assert caught.value.store == store.name
            assert caught.value.datatype == datatype.__name__
        self.kept(store, datatype, before.values())
        assert events == []

    @needs(Capability.ADD)
    def test_added_id_is_kept_or_replaced(self, store: Store, datatype: type[Data]) -> None:
        """A free id that comes along is taken, replaced or refused; never is it lost or unsafe."""
        for number, id in enumerate(ODD_IDS):
            given = self.example(datatype, number).replace(id=id)
            before = self.all_of(store, datatype)
            try:
                stored = store.add(given)
            except SyncError:
                self.kept(store, datatype, before.values())
                continue
            assert stored.id is not None
            self.check(store, self.read(store, stored), given)
            assert self.all_of(store, datatype).keys() == {*before, stored.id}

    @needs(Capability.ADD)
    def test_add_drops_the_id_of_another_store(self, store: Store, datatype: type[Data]) -> None:
        """A data of another store is added although its id is taken here by something else."""
        here = self.given(store, datatype)[0]
        elsewhere = MemoryStore([datatype], name="elsewhere")
        given = elsewhere.add(self.example(datatype, 1).replace(id=here.id))
        stored = store.add(given)
        assert stored.id != here.id
        self.check(store, stored, given)
        self.check(store, self.read(store, here), self.example(datatype, 0))
        assert given.store is elsewhere
        assert given.id == here.id

    @needs(Capability.ADD | Capability.UNIQUE_NAMES)
    def test_add_refuses_a_taken_name(self, store: Store, datatype: type[Data]) -> None:
        """Where names are unique, add raises AlreadyExistsError for one that is there."""
        (stored,) = self.given(store, datatype)
        before, events = self.all_of(store, datatype), self.observed(store)
        given = self.changed(self.example(datatype, 0))
        with pytest.raises(AlreadyExistsError) as caught:
            store.add(given)
        assert caught.value.name == stored.global_name
        self.kept(store, datatype, before.values())
        assert events == []

    @needs(Capability.ADD)
    def test_add_keeps_data_of_one_name_apart(self, store: Store, datatype: type[Data]) -> None:
        """Where names are not unique, two data of one name stay two."""
        if Capability.UNIQUE_NAMES in store.accessor(datatype).capabilities:
            pytest.skip(f"store {store.name!r} keeps names unique")
        first = self.example(datatype, 0)
        second = self.changed(first)
        ids = [id_of(store.add(data)) for data in (first, second)]
        found = self.all_of(store, datatype)
        assert found.keys() == set(ids)
        self.check(store, found[ids[0]], first)
        self.check(store, found[ids[1]], second)
        by_name = store.get_by_name(datatype, first.name, first.context)
        assert by_name is not None
        assert by_name.id in ids

    @needs(Capability.ADD)
    def test_added_data_is_not_shared(self, store: Store, datatype: type[Data]) -> None:
        """What is done afterwards to the given or to the answered data does not reach the store."""
        given = self.example(datatype, 0)
        expected = given.replace()
        stored = store.add(given)
        id = id_of(stored)
        for data in (given, stored):
            other = self.changed(data)
            touch(data, **dict(self.values_of(store, other).items()))
        self.check(store, store.get(datatype, id), expected)

    @needs(Capability.ADD)
    def test_add_of_defaults(self, store: Store, datatype: type[Data]) -> None:
        """A data whose fields have their defaults is kept as such."""
        try:
            given = datatype(name="bare", context=self.contexts(datatype)[0])
        except SyncError:
            pytest.skip(f"{datatype.__name__} has fields without a default")
        self.check(store, store.add(given), given)
        self.check(store, store.get_by_name(datatype, given.name, given.context), given)

    def test_add_without_the_capability(self, store: Store, datatype: type[Data]) -> None:
        """A store that cannot add says so by UnsupportedError."""
        if Capability.ADD in store.accessor(datatype).capabilities:
            pytest.skip(f"store {store.name!r} can add")
        with pytest.raises(UnsupportedError):
            store.add(self.example(datatype, 0))

    def test_unknown_type_is_refused(self, store: Store) -> None:
        """A data of a type that the store has not is refused with the names of its types."""
        from ...data import Data as AnyData

        class Stranger(AnyData):
            """Of no store."""

        stranger = Stranger(name="stranger")
        assert stranger not in store
        for verb in (store.add, store.update, store.remove):
            with pytest.raises(StoreError, match=self.datatypes[0].__name__):
                verb(stranger)
        with pytest.raises(StoreError, match="Stranger"):
            store.get(Stranger, 1)
