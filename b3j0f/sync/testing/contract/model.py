"""A model of a store: what it has to hold and to tell, as plain dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .base import id_of

if TYPE_CHECKING:
    from ...data import Data
    from ...event import EventKind
    from .base import Contract

__all__ = ["Model"]


class Model:
    """What the store has to hold of each type, by id, and the events that it has to send.

    Attributes:
        expected: What each data has to be.
        stored: What the store answered when each was written: the state that a write replaces.
        gone: Data that were removed.
        events: Kind, type and id of each event, in order.
    """

    def __init__(self, contract: Contract) -> None:
        self._normalised = contract.normalised
        self.expected: dict[type[Data], dict[str | int, Data]] = {t: {} for t in contract.datatypes}
        self.stored: dict[type[Data], dict[str | int, Data]] = {t: {} for t in contract.datatypes}
        self.gone: list[Data] = []
        self.events: list[tuple[EventKind, type[Data], Any]] = []

    def put(self, kind: EventKind, given: Data, stored: Data, old: Data | None = None) -> None:
        """The store answered *stored* when *given* was added, or replaced *old*."""
        datatype = type(given)
        if old is not None:
            self._forget(old)
        assert stored.id not in self.expected[datatype], f"{stored.id!r} is the id of another one"
        self.expected[datatype][id_of(stored)] = self._normalised(given)
        self.stored[datatype][id_of(stored)] = stored
        self.events.append((kind, datatype, stored.id))

    def drop(self, kind: EventKind, stored: Data) -> None:
        """The store removed *stored*."""
        self._forget(stored)
        self.gone.append(stored)
        self.events.append((kind, type(stored), stored.id))

    def every(self) -> list[Data]:
        """All data, as the store answered them, in the order of their writing."""
        return [data for by_id in self.stored.values() for data in by_id.values()]

    def named(self, data: Data) -> list[Data]:
        """Those that have the type, name and context of *data*, as the store answered them."""
        wanted = data.name, data.context
        return [d for d in self.stored[type(data)].values() if (d.name, d.context) == wanted]

    def _forget(self, data: Data) -> None:
        del self.expected[type(data)][id_of(data)], self.stored[type(data)][id_of(data)]
