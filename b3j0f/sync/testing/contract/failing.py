"""Failing: whatever goes wrong in a backend leaves a verb as one of this library's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ...accessor import Accessor, Capability
from ...errors import StoreError, StoreUnavailableError, SyncError
from .base import Contract, id_of, needs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...data import Data
    from ...store import Store

_VERBS = (
    *("create", "get", "get_many", "get_by_name", "find", "count", "changes"),
    *("add", "update", "remove", "add_many", "update_many", "remove_many"),
)


class DriverError(Exception):
    """Stands for what a driver raises: no error that this library knows."""


class FailingContract(Contract):
    """Promises about errors."""

    def test_verbs_are_the_librarys(self, store: Store, datatype: type[Data]) -> None:
        """An accessor writes hooks and leaves the verbs alone: their checks would be lost."""
        accessor = type(store.accessor(datatype))
        changed = [
            verb for verb in _VERBS if getattr(accessor, verb) is not getattr(Accessor, verb)
        ]
        assert not changed, f"write the hooks instead: {', '.join('_' + verb for verb in changed)}"

    def test_capabilities_are_declared(self, store: Store, datatype: type[Data]) -> None:
        """What the backend can do and holds is declared; name and context are always held."""
        accessor = store.accessor(datatype)
        assert isinstance(accessor.capabilities, Capability)
        assert accessor.datatype is datatype
        assert accessor.fields <= set(accessor.schema.names)
        assert {"name", "context"} <= accessor.fields

    @pytest.mark.parametrize("kind", [DriverError, OSError])
    def test_errors_of_hooks(
        self,
        store: Store,
        datatype: type[Data],
        kind: type[Exception],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What a hook raises leaves its verb as a StoreError, with the cause and the place."""
        (stored,) = self.given(store, datatype)
        events = self.observed(store)
        accessor = store.accessor(datatype)
        cause = kind("broken")

        def fail(*_: Any) -> Any:
            raise cause

        for hook, verb in self._verbs(store, datatype, stored).items():
            with monkeypatch.context() as patch:
                patch.setattr(accessor, hook, fail)
                with pytest.raises(StoreError) as caught:
                    verb()
            assert caught.value.__cause__ is cause
            assert isinstance(caught.value, StoreUnavailableError) == (kind is OSError)
            assert caught.value.store == store.name
        self.kept(store, datatype, [stored])
        assert events == []

    def test_errors_while_finding(
        self, store: Store, datatype: type[Data], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What fails in the middle of a find is a StoreError, after what came before it."""
        given = self.given(store, datatype, 2)
        accessor = store.accessor(datatype)
        find, cause = accessor._find, DriverError("broken")

        def fail(query: Any) -> Iterator[Data]:
            yield next(iter(find(query)))
            raise cause

        monkeypatch.setattr(accessor, "_find", fail)
        found = store.find(datatype)
        assert next(found).id in {data.id for data in given}
        with pytest.raises(StoreError) as caught:
            next(found)
        assert caught.value.__cause__ is cause

    def test_broken_backend(self, store: Store, datatype: type[Data]) -> None:
        """While the backend is broken, every verb raises a SyncError and nothing else."""
        (stored,) = self.given(store, datatype)
        broken = self.broken(store)
        if broken is None:
            pytest.skip(f"{type(self).__name__}.broken() is not written")
        events = self.observed(store)
        with broken:
            for verb in self._verbs(store, datatype, stored).values():
                with pytest.raises(SyncError):
                    verb()
        assert events == []

    @needs(Capability.DETECT_REMOVALS)
    def test_unreadable_data(self, store: Store, datatype: type[Data]) -> None:
        """A data that is there and cannot be read is told, hides no other, and is not removed."""
        first, bad, third = self.given(store, datatype, 3)
        accessor = store.accessor(datatype)
        cursor = accessor.changes().cursor
        if not self.spoil(store, bad):
            pytest.skip(f"{type(self).__name__}.spoil() is not written")
        told: dict[Any, Any] = {}
        every = accessor.find(unreadable=told.__setitem__)
        assert {data.id for data in every} == {first.id, third.id}
        assert told.keys() == {bad.id}
        assert isinstance(told.pop(id_of(bad)), SyncError)
        ids = [id_of(data) for data in (first, bad, third)]
        many = accessor.get_many(ids, unreadable=told.__setitem__)
        assert {data.id for data in many} == {first.id, third.id}
        assert told.keys() == {bad.id}
        with pytest.raises(SyncError):
            store.get(datatype, id_of(bad))
        assert list(accessor.changes(cursor).removed) == []

    def _verbs(
        self, store: Store, datatype: type[Data], stored: Data
    ) -> dict[str, Callable[[], object]]:
        """A verb for each hook, as far as the capabilities go."""
        accessor, can = store.accessor(datatype), store.accessor(datatype).capabilities
        verbs: dict[str, Callable[[], object]] = {
            "_get": lambda: store.get(datatype, id_of(stored)),
            "_get_by_name": lambda: store.get_by_name(datatype, stored.name, stored.context),
            "_get_many": lambda: accessor.get_many([id_of(stored)]),
            "_find": lambda: list(store.find(datatype)),
            "_count": accessor.count,
            "_changes": accessor.changes,
        }
        if Capability.ADD in can:
            new = self.example(datatype, 1)
            verbs["_add"] = lambda: store.add(new)
            verbs["_add_many"] = lambda: _raise_first(accessor.add_many([new]))
        if Capability.UPDATE in can:
            pair = (self.changed(stored), stored)
            verbs["_update"] = lambda: store.update(*pair)
            verbs["_update_many"] = lambda: _raise_first(accessor.update_many([pair]))
        if Capability.REMOVE in can:
            verbs["_remove"] = lambda: store.remove(stored)
            verbs["_remove_many"] = lambda: _raise_first(accessor.remove_many([stored]))
        return verbs


def _raise_first(outcomes: list[Any]) -> None:
    """A bulk verb may raise, or answer an error for each data: either is an error here."""
    for outcome in outcomes:
        if isinstance(outcome, SyncError):
            raise outcome
