"""Connecting: when it happens by itself, and what a disconnected store says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...errors import StoreUnavailableError
from .base import Contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...data import Data
    from ...store import Store


class ConnectingContract(Contract):
    """Promises of connect and disconnect."""

    def test_store_has_a_name(self, store: Store) -> None:
        """A store has a name, by which plans and messages call it."""
        assert isinstance(store.name, str)
        assert store.name
        assert store.name in repr(store)

    def test_connect_and_disconnect(self, store: Store, datatype: type[Data]) -> None:
        """Connect connects, disconnect disconnects, and doing it again has no effect."""
        for _ in range(2):
            for _ in range(2):
                store.connect()
                assert store.is_connected
            assert list(store.find(datatype)) == []
            for _ in range(2):
                store.disconnect()
                assert not store.is_connected

    def test_verbs_connect(self, store: Store, datatype: type[Data]) -> None:
        """Every verb connects a store that is not connected."""
        self.given(store, datatype)
        for verb in self._reading_verbs(store, datatype):
            store.disconnect()
            verb()
            assert store.is_connected

    def test_verbs_without_autoconnect(self, store: Store, datatype: type[Data]) -> None:
        """Without autoconnect, every verb of a disconnected store raises StoreUnavailableError."""
        (stored,) = self.given(store, datatype)
        store.disconnect()
        store.autoconnect = False
        given = self.example(datatype, 1)
        writing: list[Callable[[], object]] = [
            lambda: store.add(given),
            lambda: store.update(self.changed(stored)),
            lambda: store.update(self.changed(stored), stored),
            lambda: store.remove(stored),
        ]
        for verb in (*self._reading_verbs(store, datatype), *writing):
            with pytest.raises(StoreUnavailableError) as caught:
                verb()
            assert caught.value.store == store.name
            assert not store.is_connected
        store.connect()
        self.kept(store, datatype, [stored])

    def test_context_manager(self, store: Store, datatype: type[Data]) -> None:
        """As a context manager a store is connected within, and disconnected after."""
        with store as entered:
            assert entered is store
            assert store.is_connected
            self.given(store, datatype)
        assert not store.is_connected

    def test_context_manager_lets_errors_through(self, store: Store) -> None:
        """An error within leaves a disconnected store, and is not swallowed."""
        with pytest.raises(ZeroDivisionError), store:
            raise ZeroDivisionError
        assert not store.is_connected

    def test_store_that_cannot_be_reached(
        self, store: Store, datatype: type[Data], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A connection that fails raises StoreUnavailableError; later it can be tried again."""
        store.disconnect()
        cause = OSError("nobody answers")

        def fail() -> None:
            raise cause

        with monkeypatch.context() as patch:
            patch.setattr(store, "_connect", fail)
            for verb in (store.connect, *self._reading_verbs(store, datatype)):
                with pytest.raises(StoreUnavailableError) as caught:
                    verb()
                assert caught.value.__cause__ is cause
                assert not store.is_connected
        store.connect()
        assert list(store.find(datatype)) == []

    def _reading_verbs(self, store: Store, datatype: type[Data]) -> list[Callable[[], object]]:
        example = self.example(datatype, 0)
        return [
            lambda: store.get(datatype, 1),
            lambda: store.get_by_name(datatype, "name"),
            lambda: list(store.find(datatype)),
            lambda: list(store.find()),
            lambda: len(store),
            lambda: list(store),
            lambda: example in store,
            lambda: store.accessor(datatype).get_many([1]),
            lambda: store.accessor(datatype).count(),
            lambda: store.accessor(datatype).changes(),
        ]
