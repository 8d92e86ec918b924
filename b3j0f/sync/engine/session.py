"""Session: the turn among threads and the lock among processes, for whoever decides and writes."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import LockedError
from .turn import Turn, is_nested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..event import Event
    from .core import Engine

__all__ = ["Session"]

logger = logging.getLogger(__name__)

PATIENCE, LIVE_PATIENCE = 10.0, 2.0
"""Seconds to wait for another process: of a run, and of an event, whose caller waits as well."""


class Session:
    """Who may use an engine now.

    Args:
        name: Of the synchronizer.
        engine: What is used.
        take: Called with each event, when it may be taken.
    """

    def __init__(self, name: str, engine: Engine, take: Callable[[Event], None]) -> None:
        self._name, self._engine, self._take_event = name, engine, take
        self._turn = Turn(self._take)
        self._is_locked = False
        self._missed: deque[Event] = deque()

    def tell(self, event: Event) -> None:
        """Take *event* now, or as soon as the turn or the lock is free."""
        self._turn.tell(event)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Nobody else of this process decides or writes; another process may."""
        with self._turn.held():
            yield

    @contextmanager
    def writing(self, action: str) -> Iterator[None]:
        """Nobody else decides or writes; what a crash left half done is taken over first.

        Raises:
            LockedError: Another process has the lock.
        """
        with self._turn.held():
            with self._locked(f"{action} of {self._name!r}", PATIENCE):
                self._engine.book.reload()
                yield
                missed, self._missed = self._missed, deque()
            for event in missed:
                self._turn.tell(event)

    @contextmanager
    def planning(self) -> Iterator[None]:
        """As ``reading``; what a crash left half done is taken over, if nobody has the lock."""
        with self._turn.held():
            try:
                with self._locked(f"plan of {self._name!r}", 0):
                    pass
            except LockedError as exc:
                logger.info("the plan is made while %s", exc)
            yield

    @contextmanager
    def _locked(self, action: str, wait: float) -> Iterator[None]:
        if self._is_locked:
            yield
            return
        ledger = self._engine.ledger
        ledger.lock.acquire(action, wait)
        self._is_locked = True
        try:
            recovered = ledger.journal.recover(self._engine.schemas)
            if recovered:
                logger.warning(
                    "synchronizer %r: took over %d writes that were under way when a run ended "
                    "before its time; what became of them is looked up",
                    self._name,
                    recovered,
                )
            yield
        finally:
            self._is_locked = False
            ledger.lock.release()

    def _take(self, event: Event) -> None:
        try:
            # Whoever is in the middle of another synchronizer keeps that one from going on.
            wait = 0 if is_nested() else LIVE_PATIENCE
            with self._locked(f"a change, taken by {self._name!r}", wait):
                self._take_event(event)
        except LockedError as exc:
            self._missed.append(event)
            logger.info("synchronizer %r takes a change later: %s", self._name, exc)
