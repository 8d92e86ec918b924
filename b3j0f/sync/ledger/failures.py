"""Failures: what could not be written, how often it was tried, and when to try again."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Failing", "Failures", "MemoryFailures", "again"]

SHORTEST, LONGEST = 2.0, 3600.0
"""Seconds until the first retry, and at most until any."""
MOST = 8
"""After so many attempts it is set aside."""

Place = tuple[str, str, int | None]
"""Store, type and record; type "" and record None: the store as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """What could not be written, or a store that could not be reached.

    Attributes:
        store: Name of the store.
        datatype: Name of the data type; "" when it is about the whole store.
        record: The ledger's number of the record; None when it is about the whole store.
        global_name: Of the record; "" when it is about the whole store.
        error: What the store said last.
        attempts: How often it was tried in vain.
        first, last: When it failed for the first and for the last time, in UTC.
        due: When it is tried again by itself; None: it is set aside. A run, and ``retry``,
            try it whenever that is.
    """

    store: str
    datatype: str
    record: int | None
    global_name: str
    error: str
    attempts: int
    first: datetime
    last: datetime
    due: datetime | None

    @property
    def place(self) -> Place:
        """What it is about."""
        return self.store, self.datatype, self.record

    @property
    def is_set_aside(self) -> bool:
        """Whether it is tried only when a user asks for it."""
        return self.due is None

    def __str__(self) -> str:
        what = f"{self.datatype} {self.global_name!r} in " if self.datatype else ""
        return f"{what}{self.store}: {self.error}"


def again(
    before: Failing | None,
    *,
    store: str,
    error: str,
    datatype: str = "",
    record: int | None = None,
    global_name: str = "",
) -> Failing:
    """What is noted after one more attempt failed; *before* is what was noted so far.

    The pauses double and are jittered, so that those who failed together do not come back
    together. A store as a whole is never set aside: it may come back at any time.
    """
    now = datetime.now(UTC)
    attempts = 1 if before is None else before.attempts + 1
    pause = min(SHORTEST * 2 ** min(attempts - 1, 20), LONGEST) * random.uniform(0.5, 1.0)  # noqa: S311 - nothing secret
    is_over = attempts >= MOST and record is not None
    return Failing(
        store=store,
        datatype=datatype,
        record=record,
        global_name=global_name,
        error=error,
        attempts=attempts,
        first=now if before is None else before.first,
        last=now,
        due=None if is_over else now + timedelta(seconds=pause),
    )


class Failures(ABC):
    """What is failing, by place."""

    @abstractmethod
    def all(self) -> dict[Place, Failing]:
        """Everything that is failing, the oldest first."""

    @abstractmethod
    def put(self, every: Iterable[Failing]) -> None:
        """Note these, in place of what was noted of the same places."""

    @abstractmethod
    def clear(self, places: Iterable[Place]) -> None:
        """These do not fail any more."""


class MemoryFailures(Failures):
    """What is failing, in memory."""

    def __init__(self) -> None:
        self._every: dict[Place, Failing] = {}

    def all(self) -> dict[Place, Failing]:
        return dict(sorted(self._every.items(), key=lambda item: item[1].first))

    def put(self, every: Iterable[Failing]) -> None:
        self._every.update({failing.place: failing for failing in every})

    def clear(self, places: Iterable[Place]) -> None:
        for place in places:
            self._every.pop(place, None)
