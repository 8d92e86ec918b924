"""Reading: get, get_by_name, get_many, count, and what they say of data that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...accessor import Capability
from ...samples.texts import ODD_IDS
from .base import Contract, id_of, needs

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store


class ReadingContract(Contract):
    """Promises of the verbs that read by id or by name."""

    def test_new_store_is_empty(self, store: Store, datatype: type[Data]) -> None:
        """The suite starts with a store that has no data of the types that it tests."""
        assert list(store.find(datatype)) == []
        assert store.accessor(datatype).count() == 0

    def test_get_gives_the_data_with_the_id(self, store: Store, datatype: type[Data]) -> None:
        """Get gives the data that has the id, among others."""
        for number, stored in enumerate(self.given(store, datatype, 3)):
            assert stored.id is not None
            found = self.read(store, stored)
            self.check(store, found, self.example(datatype, number))
            assert found is not None
            assert found.id == stored.id

    def test_get_of_odd_id_is_none(self, store: Store, datatype: type[Data]) -> None:
        """Get gives None for an id that the store never gave, of whatever form."""
        (stored,) = self.given(store, datatype)
        for id in ODD_IDS:
            if id != stored.id:
                assert store.get(datatype, id) is None, f"{id!r:.60}"
                assert store.accessor(datatype).get_many([id]) == [], f"{id!r:.60}"

    def test_get_takes_ids_as_they_are(self, store: Store, datatype: type[Data]) -> None:
        """An id of the other type, 1 for "1" or "1" for 1, is the same data or none."""
        (stored,) = self.given(store, datatype)
        other = str(stored.id) if isinstance(stored.id, int) else stored.id
        if other == stored.id:
            pytest.skip("ids are texts")
        assert isinstance(other, str)
        found = store.get(datatype, other)
        assert found is None or found.id == stored.id

    def test_get_and_find_give_the_same(self, store: Store, datatype: type[Data]) -> None:
        """get, get_many and get_by_name give the same content, times included, as find."""
        self.given(store, datatype, 3)
        for id, found in self.all_of(store, datatype).items():
            by_name = store.get_by_name(datatype, found.name, found.context)
            (many,) = store.accessor(datatype).get_many([id])
            for other in (store.get(datatype, id), by_name, many):
                assert other is not None
                assert (other.id, other.created, other.updated) == (
                    *(id, found.created),
                    found.updated,
                )
                assert self.values_of(store, other) == self.values_of(store, found)

    def test_get_by_name_needs_name_and_context(self, store: Store, datatype: type[Data]) -> None:
        """get_by_name gives the data with exactly this name in exactly this context."""
        (stored,) = self.given(store, datatype)
        self.check(store, store.get_by_name(datatype, stored.name, stored.context), stored)
        self.check(store, store.get_by_name(datatype, stored.name, list(stored.context)), stored)
        assert store.get_by_name(datatype, stored.name + "x", stored.context) is None
        assert store.get_by_name(datatype, stored.name.upper(), stored.context) is None
        assert store.get_by_name(datatype, stored.name, (*stored.context, "x")) is None
        if stored.context:
            assert store.get_by_name(datatype, stored.name) is None
            assert store.get_by_name(datatype, stored.name, stored.context[:-1]) is None

    def test_get_by_name_tells_contexts_apart(self, store: Store, datatype: type[Data]) -> None:
        """The same name in another context is another data."""
        contexts = self.contexts(datatype)
        if len(contexts) == 1:
            pytest.skip(f"{datatype.__name__} has one context only")
        given = [self.example(datatype, 0).replace(context=context) for context in contexts]
        ids = [self.fill(store, data).id for data in given]
        for data, id in zip(given, ids, strict=True):
            found = store.get_by_name(datatype, data.name, data.context)
            self.check(store, found, data)
            assert found is not None
            assert found.id == id

    def test_get_many_gives_those_that_exist(self, store: Store, datatype: type[Data]) -> None:
        """get_many gives each data of the ids that exist, and nothing for the others."""
        first, _, third = self.given(store, datatype, 3)
        assert first.id is not None
        assert third.id is not None
        found = store.accessor(datatype).get_many(iter([third.id, "no such id", first.id]))
        assert {data.id for data in found} == {first.id, third.id}
        assert len(found) == 2
        for data in found:
            self.check(store, data, first if data.id == first.id else third)

    def test_get_many_of_nothing(self, store: Store, datatype: type[Data]) -> None:
        """get_many of no ids gives nothing, not everything."""
        self.given(store, datatype, 2)
        assert list(store.accessor(datatype).get_many([])) == []

    def test_count_counts(self, store: Store, datatype: type[Data]) -> None:
        """Count tells how many data of the type there are."""
        self.given(store, datatype, 3)
        assert store.accessor(datatype).count() == 3

    def test_times_are_in_utc_or_none(self, store: Store, datatype: type[Data]) -> None:
        """Created and updated are aware times in UTC, or None where the store doesn't know."""
        self.given(store, datatype)
        for data in store.find(datatype):
            self.check_canonical(data)

    def test_types_do_not_mix(self, store: Store, datatype: type[Data]) -> None:
        """A data of one type is not found among those of another one."""
        stored, _ = self.given(store, datatype, 2)
        for other in self.datatypes:
            if other is not datatype:
                assert list(store.find(other)) == []
                assert store.get(other, id_of(stored)) is None
                assert store.get_by_name(other, stored.name, stored.context) is None

    @needs(Capability.DETECT_REMOVALS)
    def test_find_shows_everything(self, store: Store, datatype: type[Data]) -> None:
        """Find without conditions shows every data, each once."""
        given = self.given(store, datatype, 5)
        assert self.all_of(store, datatype).keys() == {data.id for data in given}
