"""Turns: one thread at a time decides and writes; events that arrive meanwhile wait.

Two synchronizers that share stores call each other through events. A thread that is in the
middle of one of them and is told something by another must never wait for its turn there:
the thread that has the turn may be waiting for this one. It leaves the event in the inbox
instead, and whoever has the turn takes it before leaving.

An event knows how many synchronizers it has come through. Where they stand in a ring and
several threads write at once, an addition and a removal can chase each other for ever: what
has come too far is left to the next run.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..event import Event

__all__ = ["Turn", "is_nested"]

logger = logging.getLogger(__name__)

FARTHEST = 64
"""Through more synchronizers than that no event travels."""

_inside = threading.local()
"""How many synchronizers this thread is in the middle of; how far the event has come."""


def is_nested() -> bool:
    """Whether this thread is in the middle of more than one synchronizer."""
    return getattr(_inside, "depth", 0) > 1


class Turn:
    """Who may decide and write in one synchronizer, and the events that wait for it."""

    def __init__(self, take: Callable[[Event], None]) -> None:
        self._take = take
        self._lock = threading.Lock()
        self._inbox: deque[tuple[Event, int]] = deque()
        self._owner: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the turn and have it; events that arrive meanwhile are taken at its end."""
        if self._owner == threading.get_ident():
            yield
            return
        try:
            with self._lock, self._entered():
                yield
                self._drain()
        finally:
            self._take_waiting(blocking=False)

    def tell(self, event: Event) -> None:
        """Take *event* now, or leave it to the one whose turn it is."""
        self._inbox.append((event, getattr(_inside, "distance", 0) + 1))
        if self._owner != threading.get_ident():
            self._take_waiting(blocking=not getattr(_inside, "depth", 0))

    def _take_waiting(self, *, blocking: bool) -> None:
        # Checked again after every turn: an event may come between the last look and its end.
        while self._inbox:
            if not self._lock.acquire(blocking=blocking):
                return
            try:
                with self._entered():
                    self._drain()
            finally:
                self._lock.release()

    def _drain(self) -> None:
        while self._inbox:
            event, distance = self._inbox.popleft()
            if distance > FARTHEST:
                logger.warning(
                    "%s of %s %r in store %r goes round and round; the next run looks at it",
                    event.kind.name,
                    type(event.data).__name__,
                    event.data.global_name,
                    event.store.name,
                )
                continue
            before = getattr(_inside, "distance", 0)
            _inside.distance = distance
            try:
                self._take(event)
            finally:
                _inside.distance = before

    @contextmanager
    def _entered(self) -> Iterator[None]:
        self._owner = threading.get_ident()
        _inside.depth = getattr(_inside, "depth", 0) + 1
        try:
            yield
        finally:
            _inside.depth -= 1
            self._owner = None
