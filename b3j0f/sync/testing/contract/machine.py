"""Random histories of a store, compared step by step with a model of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ...accessor import Capability
from ...data import Data, schema_of
from ...errors import AlreadyExistsError, NotFoundError, StaleError, SyncError
from ...event import Event
from .base import NAMING, Contract
from .model import Model
from .strategies import values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...store import Store

__all__ = ["StoreMachine"]

_NUMBERS = st.integers(0, 3)
_PICKS = st.integers(0, 30)


def _has_data(machine: StoreMachine) -> bool:
    return bool(machine.model.every())


def _can(capability: Capability) -> Callable[[StoreMachine], bool]:
    return lambda machine: capability in machine.capabilities and _has_data(machine)


class StoreMachine(RuleBasedStateMachine):
    """Adds, changes, renames, removes and finds at random; data of few names, so that they meet."""

    def __init__(self, contract: Contract, store: Store) -> None:
        super().__init__()
        fresh = contract.fresh(store)
        self.contract, self.store = contract, store if fresh is None else fresh
        self.is_fresh = fresh is not None
        self.datatypes = contract.datatypes
        self.capabilities = Capability.WRITE | Capability.UNIQUE_NAMES
        for datatype in self.datatypes:
            self.capabilities &= store.accessor(datatype).capabilities
        self.model = Model(contract)
        self.cursors: dict[type[Data], Any] = {}
        self.mirror: dict[type[Data], dict[Any, Data]] = {}
        for datatype in self.datatypes:
            self._start(datatype)
        self.events: list[Event] = []
        self.subscription = self.store.observe(self.events.append)

    def _start(self, datatype: type[Data]) -> None:
        """Every history starts from nothing: what the one before has left is removed."""
        accessor = self.store.accessor(datatype)
        accessor.remove_many(list(accessor.find()), notify=False)
        self.cursors[datatype] = accessor.changes().cursor
        self.mirror[datatype] = {}

    def teardown(self) -> None:
        """End the observation, and let go of a store that nobody else has."""
        self.subscription.cancel()
        if self.is_fresh:
            self.store.disconnect()

    # --- what can happen ---------------------------------------------------------------------

    @rule(draw=st.data())
    def add(self, draw: st.DataObject) -> None:
        """Add a data, with a name that may be there."""
        given = self._any_data(draw)
        if self._is_taken(given):
            with pytest.raises(AlreadyExistsError):
                self.store.add(given)
        else:
            self.model.put(Event.ADD, given, self.store.add(given))

    @precondition(_has_data)
    @rule(draw=st.data(), pick=_PICKS)
    def add_taken_id(self, draw: st.DataObject, pick: int) -> None:
        """Add a data whose id is there."""
        stored = self._pick(pick)
        given = self._any_data(draw, type(stored)).replace(id=stored.id)
        with pytest.raises(AlreadyExistsError):
            self.store.add(given)

    @rule(draw=st.data(), count=st.integers(0, 4))
    def add_many(self, draw: st.DataObject, count: int) -> None:
        """Add several data at once, some of which may have names that are there."""
        datatype = draw.draw(st.sampled_from(self.datatypes))
        given = [self._any_data(draw, datatype) for _ in range(count)]
        outcomes = self.store.accessor(datatype).add_many(given)
        for data, outcome in zip(given, outcomes, strict=True):
            if self._is_taken(data):
                assert isinstance(outcome, AlreadyExistsError)
            else:
                assert not isinstance(outcome, SyncError), outcome
                self.model.put(Event.ADD, data, outcome)

    @precondition(_can(Capability.UPDATE))
    @rule(draw=st.data(), pick=_PICKS, knows_old=st.booleans())
    def update(self, draw: st.DataObject, pick: int, knows_old: bool) -> None:
        """Change some fields of a data."""
        old = self._pick(pick)
        given = old.replace(**self._any_values(draw, type(old)))
        stored = self.store.update(given, old if knows_old else None)
        if knows_old or self._differ(given, old):
            self.model.put(Event.UPDATE, given, stored, old)

    @precondition(_can(Capability.UPDATE | Capability.RENAME))
    @rule(draw=st.data(), pick=_PICKS)
    def rename(self, draw: st.DataObject, pick: int) -> None:
        """Give a data another name or context, which may be taken."""
        old = self._pick(pick)
        other = self._any_data(draw, type(old))
        given = old.replace(name=other.name, context=other.context)
        if self._is_taken(given, but=old):
            with pytest.raises(AlreadyExistsError):
                self.store.update(given, old)
        else:
            self.model.put(Event.UPDATE, given, self.store.update(given, old), old)
        self._look_up(old)

    @precondition(_can(Capability.UPDATE))
    @rule(draw=st.data(), pick=_PICKS)
    def update_stale(self, draw: st.DataObject, pick: int) -> None:
        """Replace a state that the store has not."""
        stored = self._pick(pick)
        old = self.contract.changed(stored)
        if self._differ(stored, old):
            given = stored.replace(**self._any_values(draw, type(stored)))
            with pytest.raises(StaleError):
                self.store.update(given, old)

    @precondition(_can(Capability.UPDATE))
    @rule(draw=st.data(), picks=st.sets(_PICKS, max_size=4))
    def update_many(self, draw: st.DataObject, picks: set[int]) -> None:
        """Change several data of one type at once."""
        datatype = type(self._pick(0))
        olds = self._some(datatype, picks)
        pairs = [(old.replace(**self._any_values(draw, datatype)), old) for old in olds]
        outcomes = self.store.accessor(datatype).update_many(pairs)
        for (given, old), outcome in zip(pairs, outcomes, strict=True):
            assert not isinstance(outcome, SyncError), outcome
            self.model.put(Event.UPDATE, given, outcome, old)

    @precondition(_can(Capability.REMOVE))
    @rule(pick=_PICKS)
    def remove(self, pick: int) -> None:
        """Remove a data; a second time it is not there."""
        stored = self._pick(pick)
        self.store.remove(stored)
        self.model.drop(Event.REMOVE, stored)
        self._look_up(stored)
        with pytest.raises(NotFoundError):
            self.store.remove(stored)

    @precondition(_can(Capability.REMOVE))
    @rule(picks=st.sets(_PICKS, max_size=4))
    def remove_many(self, picks: set[int]) -> None:
        """Remove several data of one type at once."""
        datatype = type(self._pick(0))
        some = self._some(datatype, picks)
        assert self.store.accessor(datatype).remove_many(some) == [None] * len(some)
        for stored in some:
            self.model.drop(Event.REMOVE, stored)

    @rule()
    def reconnect(self) -> None:
        """Disconnect; what comes next connects."""
        self.store.disconnect()

    # --- what has to hold --------------------------------------------------------------------

    @rule(draw=st.data())
    def find(self, draw: st.DataObject) -> None:
        """Find by conditions of which some data fulfil some."""
        like = draw.draw(st.sampled_from(self.model.every() or [self._any_data(draw)]))
        conditions = draw.draw(st.sets(st.sampled_from(sorted(self._held(type(like))))))
        where: dict[str, Any] = {name: getattr(like, name) for name in conditions}
        expected = {
            id
            for id, data in self.model.stored[type(like)].items()
            if all(getattr(data, name) == value for name, value in where.items())
        }
        if "name" in where:
            where["names"] = [where.pop("name")]
        found = [data.id for data in self.store.find(type(like), **where)]
        assert set(found) == expected
        assert len(found) == len(expected)

    @rule(draw=st.data())
    def get_by_name(self, draw: st.DataObject) -> None:
        """Get by a name and a context that may be there."""
        self._look_up(self._any_data(draw))

    @rule()
    def follow(self) -> None:
        """Whoever applies the changes since a cursor has what the store has."""
        for datatype, cursor in self.cursors.items():
            changes = self.store.accessor(datatype).changes(cursor)
            mirror = self.mirror[datatype]
            for id in changes.removed:
                del mirror[id]
            mirror.update({data.id: data for data in changes.data})
            self._compare(datatype, mirror)
            self.cursors[datatype] = json.loads(json.dumps(changes.cursor))

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        """Everything is there, under its id, and nothing else."""
        for datatype in self.datatypes:
            self._compare(datatype, self.contract.all_of(self.store, datatype))
            assert self.store.accessor(datatype).count() == len(self.model.expected[datatype])

    @invariant()
    def removed_data_are_gone(self) -> None:
        """What was removed last is found under its id by nobody, unless the id came back."""
        for data in self.model.gone[-1:]:
            if data.id not in self.model.expected[type(data)]:
                assert self.contract.read(self.store, data) is None

    @invariant()
    def tells_what_the_model_tells(self) -> None:
        """Every write was told once, in order."""
        told = [(event.kind, type(event.data), event.data.id) for event in self.events]
        assert told == self.model.events

    def _look_up(self, like: Data) -> None:
        """The name and context of *like* give one of the data that have them, or None."""
        found = self.store.get_by_name(type(like), like.name, like.context)
        ids = {data.id for data in self.model.named(like)}
        assert (found is None and not ids) or (found is not None and found.id in ids)

    def _compare(self, datatype: type[Data], found: dict[Any, Data]) -> None:
        expected = self.model.expected[datatype]
        assert found.keys() == expected.keys()
        for id, data in expected.items():
            actual = self.contract.values_of(self.store, found[id])
            assert actual == self.contract.values_of(self.store, data)

    # --- drawing -----------------------------------------------------------------------------

    def _any_data(self, draw: st.DataObject, datatype: type[Data] | None = None) -> Data:
        if datatype is None:
            datatype = draw.draw(st.sampled_from(self.datatypes))
        data = self.contract.example(datatype, draw.draw(_NUMBERS))
        context = draw.draw(st.sampled_from(self.contract.contexts(datatype)))
        return data.replace(context=context, **self._any_values(draw, datatype))

    def _any_values(self, draw: st.DataObject, datatype: type[Data]) -> dict[str, Any]:
        """Values for a few of the fields; most histories need no more to go wrong."""
        names = sorted(self._held(datatype) - set(NAMING))
        chosen = draw.draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
        fields = schema_of(datatype).fields
        return {name: draw.draw(self._values(datatype, fields[name])) for name in chosen}

    def _values(self, datatype: type[Data], field: Any) -> st.SearchStrategy[Any]:
        def takes(value: Any) -> bool:
            return self.contract.takes(datatype, field.name, value)

        return values_of(field.annotation).filter(takes)

    def _pick(self, pick: int) -> Data:
        every = self.model.every()
        return every[pick % len(every)]

    def _some(self, datatype: type[Data], picks: set[int]) -> list[Data]:
        every = list(self.model.stored[datatype].values())
        return [every[index] for index in sorted({pick % len(every) for pick in picks})]

    def _is_taken(self, data: Data, but: Data | None = None) -> bool:
        if Capability.UNIQUE_NAMES not in self.capabilities:
            return False
        return any(but is None or other.id != but.id for other in self.model.named(data))

    def _held(self, datatype: type[Data]) -> frozenset[str]:
        return self.contract.held(self.store, datatype)

    def _differ(self, one: Data, other: Data) -> bool:
        values = self.contract.values_of
        return values(self.store, one) != values(self.store, other)
