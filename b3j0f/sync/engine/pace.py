"""Pace: how far a plan or a run has come, and stopping it where nothing is half done."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from ..errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Pace", "Progress"]

T = TypeVar("T")
CHUNK = 100
"""So many data are read between two looks at whether to stop."""


class Progress(NamedTuple):
    """How far a plan or a run has come.

    Attributes:
        phase: ``read``: a store is being read; ``write``: records are written and noted.
        done: How many data were read of this store, or how many records are through.
        total: Of how many; while a store is read, as many as it had when last agreed, and
            None when it never was.
        datatype, store: What is being read, and where; None while records are written.
    """

    phase: Literal["read", "write"]
    done: int
    total: int | None
    datatype: str | None = None
    store: str | None = None


class Pace:
    """Tells how far it has come, and raises StoppedError where it was asked to stop.

    Attributes:
        tell: Called from time to time; None: nobody wants to know.
        is_stopping: Whether it was asked to stop.
    """

    def __init__(self) -> None:
        self.tell: Callable[[Progress], object] | None = None
        self.is_stopping = False
        self._done = self._total = 0

    def check(self) -> None:
        """Raise StoppedError when it was asked to stop."""
        if self.is_stopping:
            raise StoppedError("stopped as asked")

    def reading(self, data: Iterable[T], datatype: str, store: str, known: int) -> Iterator[T]:
        """*data* of a store that had *known* of them when last agreed."""
        return chain.from_iterable(self._chunks(data, datatype, store, known or None))

    def _chunks(
        self, data: Iterable[T], datatype: str, store: str, total: int | None
    ) -> Iterator[list[T]]:
        data, done = iter(data), 0
        while True:
            self.check()
            if self.tell is not None:
                self.tell(Progress("read", done, total, datatype, store))
            chunk = list(islice(data, CHUNK))
            if not chunk:
                return
            done += len(chunk)
            yield chunk

    def begin_writing(self, total: int) -> None:
        """From now on, *total* records are written."""
        self._done, self._total = 0, total
        self.wrote(0)

    def wrote(self, count: int) -> None:
        """*count* more records are through."""
        self._done += count
        if self.tell is not None:
            self.tell(Progress("write", self._done, self._total))
