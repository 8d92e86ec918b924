"""Values: everything that a field can hold comes back as it was, names and contexts included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ...accessor import Capability
from ...errors import SyncError
from .base import Contract, id_of, needs

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store


_CONDITIONS = 25
"""How many values of a field are looked for: each is compared with a reading of everything."""


class ValuesContract(Contract):
    """Promises about what is kept."""

    @needs(Capability.ADD)
    def test_values_come_back(self, store: Store, datatype: type[Data], field: str) -> None:
        """Every value of every kind that is added comes back, however it is read."""
        given = self._with_values(store, datatype, field)
        stored = [store.add(data) for data in given]
        found = self.all_of(store, datatype)
        assert len(found) == len(given)
        for data, answered in zip(given, stored, strict=True):
            assert answered.id is not None
            for reading in (answered, found[id_of(answered)], self.read(store, answered)):
                self.check(store, reading, data)
            by_name = store.get_by_name(datatype, data.name, data.context)
            self.check(store, by_name, data)
            assert by_name is not None
            assert by_name.id == answered.id

    @needs(Capability.UPDATE)
    def test_values_can_be_updated_to(self, store: Store, datatype: type[Data], field: str) -> None:
        """Every value of every kind can be updated to from another one."""
        renames = field in {"name", "context"}
        if renames and Capability.RENAME not in store.accessor(datatype).capabilities:
            pytest.skip(f"store {store.name!r} declares no RENAME")
        given = self._with_values(store, datatype, field)
        now = self.fill(store, self.example(datatype, 0))
        for data in given:
            new = now.replace(**{field: getattr(data, field)})
            now = store.update(new, now)
            self.check(store, now, new)
            self.check(store, self.read(store, now), new)
            if renames:
                assert self.all_of(store, datatype).keys() == {now.id}

    def test_values_can_be_found(self, store: Store, datatype: type[Data], field: str) -> None:
        """A condition on any value of any kind finds the data that have it, and no other."""
        given = self._with_values(store, datatype, field)
        for data in given:
            self.fill(store, data)
        every = list(store.find(datatype))
        values = list({_key(v): v for v in (getattr(data, field) for data in every)}.values())
        for value in values[:: len(values) // _CONDITIONS + 1]:
            expected = sorted(str(data.id) for data in every if getattr(data, field) == value)
            found = sorted(
                str(data.id) for data in store.find(datatype, **self._where(field, value))
            )
            assert found == expected, f"{field} = {value!r:.100}"

    @needs(Capability.ADD)
    def test_values_that_cannot_be_held_are_refused(
        self, store: Store, datatype: type[Data]
    ) -> None:
        """A value that the store cannot hold is refused with a SyncError; nothing is written."""
        refused = [
            (field, value)
            for field in self.held(store, datatype)
            for value in self.values(datatype, field)
            if not self.takes(datatype, field, value)
        ]
        if not refused:
            pytest.skip(f"store {store.name!r} takes every value")
        for field, value in refused:
            with pytest.raises(SyncError):
                store.add(self.example(datatype, 0).replace(**{field: value}))
        self.kept(store, datatype, [])

    def test_normalised_is_idempotent(self, store: Store, datatype: type[Data], field: str) -> None:
        """What a store has normalised it takes as it is."""
        for data in self._with_values(store, datatype, field):
            once = self.normalised(data)
            assert self.values_of(store, self.normalised(once)) == self.values_of(store, once)

    def _with_values(self, store: Store, datatype: type[Data], field: str) -> list[Data]:
        """An example with each value of the field that the store takes."""
        if field not in self.held(store, datatype):
            pytest.skip(f"store {store.name!r} does not hold {field}")
        values = [v for v in self.values(datatype, field) if self.takes(datatype, field, v)]
        return [
            self._valid_name(datatype, number, field, value) for number, value in enumerate(values)
        ]

    def _valid_name(self, datatype: type[Data], number: int, field: str, value: Any) -> Data:
        data = self.example(datatype, number)
        if field == "context":  # one name in many contexts tells them apart best
            data = data.replace(name=self.example(datatype, 0).name)
        elif field == "name":
            data = data.replace(context=self.contexts(datatype)[0])
        return data.replace(**{field: value})

    @staticmethod
    def _where(field: str, value: Any) -> dict[str, Any]:
        if field == "name":
            return {"names": [value]}
        return {field: value}


def _key(value: Any) -> Any:
    return type(value).__name__, value
