"""Finding: conditions agree with a plain filter over everything; laziness; limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import pytest

from ...accessor import Capability
from ...data import schema_of
from ...errors import DataError
from .base import NAMING, Contract, id_of, needs

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store

_EARLY = datetime(1, 1, 1, tzinfo=UTC)
_LATE = datetime(9999, 1, 1, tzinfo=UTC)


class FindingContract(Contract):
    """Promises of find."""

    def test_find_by_names(self, store: Store, datatype: type[Data]) -> None:
        """Names given as a set, as any iterable, or as one text find the data of these names."""
        every = self._various(store, datatype)
        name, other = every[0].name, every[3].name
        one, both = {name}, {name, other}
        asked: list[tuple[Iterable[str], set[str]]] = [
            *((name, one), ([name], one), ([name, "no such name"], one)),
            *((both, both), (iter([other, name]), both), ([name, other, name], both)),
        ]
        for names, wanted in asked:
            found = store.find(datatype, names=names)
            self._same(found, [data for data in every if data.name in wanted])
        for nothing in ([], ["no such name"], [name.upper()], ["%"], [name[:-1] + "_"], "*"):
            assert list(store.find(datatype, names=nothing)) == []

    def test_find_by_context(self, store: Store, datatype: type[Data]) -> None:
        """A context finds the data in exactly this context, not those in one that is within."""
        every = self._various(store, datatype)
        contexts = {data.context for data in every}
        for context in [*contexts, (), ("no such context",), *(c[:-1] for c in contexts)]:
            expected = [data for data in every if data.context == context]
            self._same(store.find(datatype, context=context), expected)
            self._same(store.find(datatype, context=list(context)), expected)

    def test_find_by_field(self, store: Store, datatype: type[Data], plain_field: str) -> None:
        """A field's value finds the data that have this value in this field."""
        every = self._various(store, datatype)
        for value in {repr(v): v for v in (getattr(d, plain_field) for d in every)}.values():
            expected = [data for data in every if getattr(data, plain_field) == value]
            self._same(store.find(datatype, **{plain_field: value}), expected)

    def test_find_by_id(self, store: Store, datatype: type[Data]) -> None:
        """An id finds its data."""
        for data in self._various(store, datatype):
            self._same(store.find(datatype, id=data.id), [data])
        assert list(store.find(datatype, id="no such id")) == []

    def test_find_by_time(self, store: Store, datatype: type[Data]) -> None:
        """A time finds data created or updated then or later; an unknown time is left out."""
        every = self._various(store, datatype)
        for attribute in ("created", "updated"):
            known = [t for t in (getattr(data, attribute) for data in every) if t is not None]
            edges = [t + step for t in known[:3] for step in (timedelta(0), timedelta(0, 0, 1))]
            for since in (_EARLY, *edges, _LATE):
                expected = [data for data in every if (getattr(data, attribute) or _EARLY) >= since]
                if since is _EARLY:
                    expected = [d for d in every if getattr(d, attribute) is not None]
                self._same(store.find(datatype, **{f"{attribute}_since": since}), expected)

    def test_find_by_time_of_another_zone(self, store: Store, datatype: type[Data]) -> None:
        """A time is the same moment in every zone; one without a zone is refused."""
        from datetime import timezone

        every = self._various(store, datatype)
        for moment in {data.updated for data in every if data.updated is not None}:
            there = moment.astimezone(timezone(timedelta(hours=-11)))
            expected = [d for d in every if d.updated is not None and d.updated >= moment]
            self._same(store.find(datatype, updated_since=there), expected)
        with pytest.raises(DataError):
            list(store.find(datatype, updated_since=datetime(2024, 1, 1)))  # noqa: DTZ001

    def test_find_by_several_conditions(self, store: Store, datatype: type[Data]) -> None:
        """Every condition has to be fulfilled, with and without a limit."""
        every = self._various(store, datatype)
        descriptions = sorted({data.description for data in every})
        contexts = sorted({data.context for data in every})
        names = [[data.name for data in every[:6]], [data.name for data in every[4:]]]
        for description, context, some in product(descriptions, contexts, names):
            expected = [
                data
                for data in every
                if data.description == description and data.context == context and data.name in some
            ]
            where: dict[str, Any] = {"names": some, "context": context, "description": description}
            self._same(store.find(datatype, **where), expected)
            limited = list(store.find(datatype, **where, limit=1))
            assert len(limited) == min(1, len(expected))
            assert all(data in expected for data in limited)

    def test_find_limits(self, store: Store, datatype: type[Data]) -> None:
        """A limit gives so many at most, each once, of those that match."""
        every = self._various(store, datatype)
        ids = {data.id for data in every}
        for limit in (0, 1, len(every) - 1, len(every), len(every) + 1):
            found = [data.id for data in store.find(datatype, limit=limit)]
            assert len(found) == min(limit, len(every))
            assert len(set(found)) == len(found)
            assert ids.issuperset(found)
        last = every[-1]
        self._same(store.find(datatype, names=[last.name], context=last.context, limit=1), [last])

    def test_find_in_all_types(self, store: Store) -> None:
        """Without a type, find gives the data of all types; conditions and limit hold for all."""
        given = [data for datatype in self.datatypes for data in self.given(store, datatype, 2)]
        every: list[Data] = list(store.find())
        found = [data for data in every if type(data) in self.datatypes]
        assert len(found) == len(given)
        assert {(type(d), d.id) for d in found} == {(type(d), d.id) for d in given}
        assert len(list(store.find(limit=1))) == 1
        named: list[Data] = list(store.find(names=[given[-1].name]))
        assert [(type(d), d.id) for d in named] == [(type(given[-1]), given[-1].id)]

    def test_find_refuses_unknown_fields(self, store: Store, datatype: type[Data]) -> None:
        """A field that the type has not, or a value that it cannot have, raises DataError."""
        self.given(store, datatype)
        with pytest.raises(DataError, match="no_such_field"):
            list(store.find(datatype, no_such_field=1))
        with pytest.raises(DataError, match="description"):
            list(store.find(datatype, description=3))

    @needs(Capability.ADD)
    def test_find_is_lazy(self, store: Store, datatype: type[Data]) -> None:
        """The store is asked when the first data is wanted, not when find is called."""
        found = store.find(datatype)
        assert isinstance(found, Iterator)
        stored = store.add(self.example(datatype, 0))
        assert [data.id for data in found] == [stored.id]

    def test_finds_do_not_disturb_each_other(self, store: Store, datatype: type[Data]) -> None:
        """Several finds can be under way at once, other verbs in between, and one be given up."""
        every = self._various(store, datatype)
        given_up = store.find(datatype)
        next(given_up)
        pairs = zip(store.find(datatype), store.find(datatype), strict=True)
        for first, second in pairs:
            assert first.id == second.id
            self.check(store, self.read(store, first), second)
        del given_up
        assert len(list(store.find(datatype))) == len(every)

    @needs(Capability.UPDATE)
    def test_writing_what_is_found(self, store: Store, datatype: type[Data]) -> None:
        """What was found can be written back one by one; a find has to be read as a whole first."""
        every = self._various(store, datatype)
        for data in list(store.find(datatype)):
            store.update(self.changed(data), data)
        found = self.all_of(store, datatype)
        assert len(found) == len(every)
        for data in every:
            self.check(store, found[id_of(data)], self.changed(data))

    def test_found_data_are_clean(self, store: Store, datatype: type[Data]) -> None:
        """What find gives is bound to the store, unchanged, and in the form of its fields."""
        self._various(store, datatype)
        for data in islice(store.find(datatype), 3):
            assert data.store is store
            assert data.is_stored
            assert not data.is_dirty
            self.check_canonical(data)

    def _various(self, store: Store, datatype: type[Data]) -> list[Data]:
        """Ten data that share values in every field but the name."""
        contexts = self.contexts(datatype)
        for number in range(10):
            data = self.example(datatype, number)
            like = self.example(datatype, number % 3)
            shared = {
                field: getattr(like, field)
                for field in schema_of(datatype).names
                if field not in NAMING
            }
            context = contexts[number // 2 % len(contexts)]
            self.fill(store, data.replace(**{**shared, "context": context}))
        return list(store.find(datatype))

    @staticmethod
    def _same(found: Iterator[Data], expected: list[Data]) -> None:
        assert sorted(repr(d.id) for d in found) == sorted(repr(d.id) for d in expected)
