"""Updating and renaming: what is replaced, what is answered, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...accessor import Capability
from ...data import schema_of
from ...errors import AlreadyExistsError, NotFoundError, StaleError, UnsupportedError
from ...stores.memory import MemoryStore
from .base import Contract, id_of, needs, touch

if TYPE_CHECKING:
    from ...data import Data
    from ...store import Store


class UpdatingContract(Contract):
    """Promises of update."""

    @needs(Capability.UPDATE)
    def test_update_gives_data_as_stored(self, store: Store, datatype: type[Data]) -> None:
        """Update answers the data as stored, under the same id, and equal to what get gives."""
        old, other = self.given(store, datatype, 2)
        self.check(store, self.read(store, old), old)
        given = self.changed(old)
        stored = store.update(given, old)
        self.check(store, stored, given)
        assert stored.id == old.id
        found = self.all_of(store, datatype)
        assert found.keys() == {old.id, other.id}
        for reading in (found[id_of(old)], self.read(store, old)):
            self.check(store, reading, given)
            assert reading is not None
            assert (reading.created, reading.updated) == (stored.created, stored.updated)
        self.check(store, found[id_of(other)], other)

    @needs(Capability.UPDATE)
    def test_update_without_old_reads_it(self, store: Store, datatype: type[Data]) -> None:
        """Without the state to be replaced, update replaces what is there."""
        (old,) = self.given(store, datatype)
        given = self.changed(old)
        self.check(store, store.update(given), given)
        self.check(store, self.read(store, old), given)

    @needs(Capability.UPDATE)
    def test_update_of_each_field(
        self, store: Store, datatype: type[Data], plain_field: str
    ) -> None:
        """An update that changes one field changes this one, and no other."""
        (old,) = self.given(store, datatype)
        given = self._with_other_value(store, old, plain_field)
        self.check(store, store.update(given, old), given)
        self.check(store, self.read(store, old), given)
        self.check(store, self.all_of(store, datatype)[id_of(old)], given)

    @needs(Capability.UPDATE)
    def test_update_back_to_defaults(self, store: Store, datatype: type[Data]) -> None:
        """Fields can be emptied: an update to the defaults leaves nothing of what was."""
        (old,) = self.given(store, datatype)
        try:
            given = datatype(name=old.name, context=old.context, id=old.id)
        except Exception:  # noqa: BLE001 - some field has no default
            pytest.skip(f"{datatype.__name__} has fields without a default")
        store.update(given, old)
        self.check(store, self.read(store, old), given)

    @needs(Capability.UPDATE)
    def test_update_leaves_what_it_is_given(self, store: Store, datatype: type[Data]) -> None:
        """Update changes nothing of the data that it is given."""
        (old,) = self.given(store, datatype)
        given, old_copy = self.changed(old), old.replace()
        copy = given.replace()
        stored = store.update(given, old)
        assert stored is not given
        assert given == copy
        assert given.dirty == copy.dirty
        assert (given.id, given.created, given.updated) == (copy.id, copy.created, copy.updated)
        assert old == old_copy
        assert not old.is_dirty

    @needs(Capability.UPDATE)
    def test_updated_data_is_not_shared(self, store: Store, datatype: type[Data]) -> None:
        """What is done afterwards to the given or answered data does not reach the store."""
        (old,) = self.given(store, datatype)
        given = self.changed(old)
        expected = given.replace()
        stored = store.update(given, old)
        for data in (given, stored, old):
            touch(data, description="done afterwards")
        self.check(store, self.read(store, expected), expected)

    def test_read_data_are_not_shared(self, store: Store, datatype: type[Data]) -> None:
        """What is done to a data that was read does not reach the store before it is saved."""
        (stored,) = self.given(store, datatype)
        expected = self.example(datatype, 0)
        readings = [
            self.read(store, stored),
            store.get_by_name(datatype, stored.name, stored.context),
            next(store.find(datatype)),
            *store.accessor(datatype).get_many([id_of(stored)]),
        ]
        for data in readings:
            assert data is not None
            touch(data, name="not saved", description="not saved")
        self.check(store, self.read(store, stored), expected)
        self.check(store, next(store.find(datatype)), expected)

    @needs(Capability.UPDATE)
    def test_update_of_nothing_writes_nothing(self, store: Store, datatype: type[Data]) -> None:
        """An update to what is there already is no write: no event, and no new time."""
        (stored,) = self.given(store, datatype)
        events = self.observed(store)
        again = store.update(stored.replace())
        self.check(store, again, stored)
        assert (again.id, again.updated) == (stored.id, stored.updated)
        assert events == []

    @needs(Capability.UPDATE)
    def test_times_go_forward(self, store: Store, datatype: type[Data]) -> None:
        """An update leaves created as it is, and takes updated back never."""
        (old,) = self.given(store, datatype)
        stored = store.update(self.changed(old), old)
        assert stored.created == old.created
        if old.updated is not None:
            assert stored.updated is not None
            assert stored.updated >= old.updated

    @needs(Capability.UPDATE)
    def test_stale_update_is_refused(
        self, store: Store, datatype: type[Data], plain_field: str
    ) -> None:
        """Update raises StaleError when any field has moved on since *old*; nothing is written."""
        (old,) = self.given(store, datatype)
        now = store.update(self._with_other_value(store, old, plain_field), old)
        events = self.observed(store)
        with pytest.raises(StaleError) as caught:
            store.update(self.changed(old), old)
        assert caught.value.store == store.name
        self.kept(store, datatype, [now])
        assert events == []

    @needs(Capability.UPDATE)
    def test_stale_update_to_what_is_there(self, store: Store, datatype: type[Data]) -> None:
        """A stale state is told even where its replacement is what the store has by now."""
        (old,) = self.given(store, datatype)
        now = store.update(self.changed(old), old)
        with pytest.raises(StaleError):
            store.update(self.changed(old), old)
        self.kept(store, datatype, [now])

    @needs(Capability.UPDATE | Capability.REMOVE)
    def test_update_of_removed_data(self, store: Store, datatype: type[Data]) -> None:
        """Update raises NotFoundError for a data that is gone, with and without its old state."""
        gone, _ = self.given(store, datatype, 2)
        store.remove(gone, notify=False)
        before, events = self.all_of(store, datatype), self.observed(store)
        for old in (gone, None):
            with pytest.raises(NotFoundError) as caught:
                store.update(self.changed(gone), old)
            assert caught.value.name == gone.global_name
        self.kept(store, datatype, before.values())
        assert events == []

    @needs(Capability.UPDATE)
    def test_update_of_data_never_there(self, store: Store, datatype: type[Data]) -> None:
        """Update raises NotFoundError for a data without id whose name is not there."""
        self.given(store, datatype)
        before = self.all_of(store, datatype)
        with pytest.raises(NotFoundError):
            store.update(self.example(datatype, 1))
        self.kept(store, datatype, before.values())

    @needs(Capability.UPDATE)
    def test_update_of_another_stores_data(self, store: Store, datatype: type[Data]) -> None:
        """A data of another store, or without id, is found by name and context, not by its id."""
        first, second = self.given(store, datatype, 2)
        elsewhere = MemoryStore([datatype], name="elsewhere")
        foreign = elsewhere.add(self.changed(self.example(datatype, 0)).replace(id=second.id))
        stored = store.update(foreign)
        assert stored.id == first.id
        self.check(store, stored, foreign)
        self.check(store, self.read(store, second), second)
        assert foreign.store is elsewhere
        assert foreign.id == second.id

    @needs(Capability.UPDATE)
    def test_fields_the_backend_lacks_do_not_matter(
        self, store: Store, datatype: type[Data]
    ) -> None:
        """A field that the backend does not hold makes no state stale and no update a write."""
        lacking = set(schema_of(datatype).names) - self.held(store, datatype)
        if not lacking:
            pytest.skip(f"store {store.name!r} holds every field")
        (old,) = self.given(store, datatype)
        other = self.changed(old)
        seen = old.replace(**{name: getattr(other, name) for name in lacking})
        events = self.observed(store)
        store.update(seen)
        assert events == []
        self.check(store, store.update(self.changed(old), seen), self.changed(old))

    # --- renaming ------------------------------------------------------------------------------

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_rename(self, store: Store, datatype: type[Data]) -> None:
        """A renamed data is the same data under its new name, and no longer under the old one."""
        old, other = self.given(store, datatype, 2)
        given = self.renamed(old)
        stored = store.update(given, old)
        self.check(store, stored, given)
        self._check_moved(store, old, stored, other)

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_rename_and_change_at_once(self, store: Store, datatype: type[Data]) -> None:
        """One update can change the name and other fields."""
        old, other = self.given(store, datatype, 2)
        given = self.changed(self.renamed(old))
        stored = store.update(given, old)
        self.check(store, stored, given)
        self._check_moved(store, old, stored, other)

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_move_to_another_context(self, store: Store, datatype: type[Data]) -> None:
        """A data can move to another context."""
        old, other = self.given(store, datatype, 2)
        elsewhere = [c for c in self.contexts(datatype) if c != old.context]
        if not elsewhere:
            pytest.skip(f"{datatype.__name__} has one context only")
        given = old.replace(context=elsewhere[0])
        stored = store.update(given, old)
        self.check(store, stored, given)
        self._check_moved(store, old, stored, other)

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_rename_there_and_back(self, store: Store, datatype: type[Data]) -> None:
        """A name that was given up is free again."""
        first, second = self.given(store, datatype, 2)
        moved = store.update(self.renamed(first), first)
        taken = store.update(second.replace(name=first.name, context=first.context), second)
        found = self.all_of(store, datatype)
        self.check(store, found[id_of(moved)], moved)
        self.check(store, found[id_of(taken)], taken)
        assert len(found) == 2

    @needs(Capability.UPDATE | Capability.RENAME | Capability.UNIQUE_NAMES)
    def test_rename_to_a_taken_name(self, store: Store, datatype: type[Data]) -> None:
        """Where names are unique, renaming to one that is there raises AlreadyExistsError."""
        first, second = self.given(store, datatype, 2)
        before, events = self.all_of(store, datatype), self.observed(store)
        for old in (second, None):
            with pytest.raises(AlreadyExistsError):
                store.update(second.replace(name=first.name, context=first.context), old)
        self.kept(store, datatype, before.values())
        assert events == []

    def test_rename_without_the_capability(self, store: Store, datatype: type[Data]) -> None:
        """A store that cannot rename, or not update at all, says so by UnsupportedError."""
        capabilities = store.accessor(datatype).capabilities
        (old,) = self.given(store, datatype)
        before, events = self.all_of(store, datatype), self.observed(store)
        if Capability.RENAME not in capabilities or Capability.UPDATE not in capabilities:
            with pytest.raises(UnsupportedError):
                store.update(self.renamed(old), old)
        if Capability.UPDATE not in capabilities:
            with pytest.raises(UnsupportedError):
                store.update(self.changed(old), old)
        self.kept(store, datatype, before.values())
        assert events == []

    def _with_other_value(self, store: Store, data: Data, field: str) -> Data:
        if field not in self.held(store, type(data)):
            pytest.skip(f"store {store.name!r} does not hold {field}")
        other = data.replace(**{field: getattr(self.changed(data), field)})
        if other == data:
            pytest.skip(f"{field} has one value only")
        return other

    def _check_moved(self, store: Store, old: Data, stored: Data, other: Data) -> None:
        datatype = type(old)
        assert store.get_by_name(datatype, old.name, old.context) is None
        by_name = store.get_by_name(datatype, stored.name, stored.context)
        self.check(store, by_name, stored)
        assert by_name is not None
        assert by_name.id == stored.id
        found = self.all_of(store, datatype)
        assert found.keys() == {stored.id, other.id}
        self.check(store, self.read(store, stored), stored)
        self.check(store, found[id_of(other)], other)
        if stored.id != old.id:
            assert self.read(store, old) is None
