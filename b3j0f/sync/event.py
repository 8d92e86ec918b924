"""Events: a data was added, updated or removed in a store; observers and their subscriptions."""

from __future__ import annotations

import enum
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from .data import Data
    from .store import Store

__all__ = ["Event", "EventKind", "Subscription"]

logger = logging.getLogger(__name__)


class EventKind(enum.Flag):
    """What happened; kinds combine by ``|`` where several are meant."""

    ADD = enum.auto()
    UPDATE = enum.auto()
    REMOVE = enum.auto()
    ALL = ADD | UPDATE | REMOVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Sent once for each write, after the store accepted it and before the verb returns.

    Attributes:
        kind: Event.ADD, Event.UPDATE or Event.REMOVE.
        data: As stored; for a removal, as it was.
        old: For an update, what was replaced, or None when the writer did not know it.
        store: Where it happened.
    """

    ADD: ClassVar = EventKind.ADD
    UPDATE: ClassVar = EventKind.UPDATE
    REMOVE: ClassVar = EventKind.REMOVE
    ALL: ClassVar = EventKind.ALL

    kind: EventKind
    data: Data
    old: Data | None
    store: Store


class Subscription:
    """One callback's interest in the events of one store, until cancelled."""

    __slots__ = ("_observers", "callback", "datatype", "events")

    def __init__(
        self,
        observers: Observers,
        callback: Callable[[Event], object],
        events: EventKind,
        datatype: type[Data] | None,
    ) -> None:
        self._observers = observers
        self.callback, self.events, self.datatype = callback, events, datatype

    def cancel(self) -> None:
        """No more calls, except one that another thread has begun; again: no effect."""
        self._observers.drop(self)


class Observers:
    """The subscriptions of one store, called in the order in which they were made."""

    __slots__ = ("_subscriptions",)

    def __init__(self) -> None:
        # Replaced as a whole, never changed: who iterates needs no lock.
        self._subscriptions: tuple[Subscription, ...] = ()

    def __bool__(self) -> bool:
        return bool(self._subscriptions)

    def add(
        self,
        callback: Callable[[Event], object],
        events: EventKind,
        datatype: type[Data] | None,
    ) -> Subscription:
        """Call *callback* for *events* on data of *datatype* (None: of every type)."""
        subscription = Subscription(self, callback, events, datatype)
        self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def drop(self, subscription: Subscription) -> None:
        """Forget *subscription*."""
        self._subscriptions = tuple(s for s in self._subscriptions if s is not subscription)

    def tell(self, event: Event, skip: Subscription | None = None) -> None:
        """Call whoever wants *event*, but *skip*; one that fails is logged and stops no other."""
        for subscription in self._subscriptions:
            if (
                subscription is skip
                or event.kind not in subscription.events
                or subscription.datatype not in {None, type(event.data)}
            ):
                continue
            try:
                subscription.callback(event)
            except Exception:
                logger.exception(
                    "an observer of store %r failed on %s of %s %r",
                    event.store.name,
                    event.kind.name,
                    type(event.data).__name__,
                    event.data.global_name,
                )
