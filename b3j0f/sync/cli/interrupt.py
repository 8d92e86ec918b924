"""Ctrl-C during a run: it ends where nothing is half done."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from ..synchronizer import Synchronizer

__all__ = ["stoppable"]

STDERR = 2
MESSAGE = b"\nstopping once what is being written is noted; again to stop at once\n"


@contextmanager
def stoppable(synchronizer: Synchronizer) -> Iterator[None]:
    """Within, a first Ctrl-C, or SIGTERM, stops *synchronizer* at a border; a second at once."""

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, before[number])
        synchronizer.stop()
        os.write(STDERR, MESSAGE)  # not by print: it may be what was interrupted

    before: dict[int, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
