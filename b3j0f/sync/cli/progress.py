"""Progress of a plan or a run at a terminal: counts, rate and time left, on stderr."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .text import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from ..engine.pace import Progress
    from ..synchronizer import Synchronizer

__all__ = ["shown_progress"]

PATIENCE = 0.5
"""What takes less than these seconds shows no progress."""


@contextmanager
def shown_progress(synchronizer: Synchronizer, *, wanted: bool = True) -> Iterator[None]:
    """Within, show how far *synchronizer* has come, if a person is looking and it is *wanted*."""
    if not wanted or not sys.stderr.isatty():
        yield
        return
    shown = _Shown()
    synchronizer.progress = shown.take
    try:
        yield
    finally:
        synchronizer.progress = None
        shown.end()


class _Shown:
    """A bar for the phase that is under way; the bars of those before it are gone."""

    def __init__(self) -> None:
        self.started = self.phase_started = time.monotonic()
        self.bar: Bar | None = None
        self.task: TaskID | None = None
        self.phase: tuple[str | None, ...] = ()

    def take(self, progress: Progress) -> None:
        if progress.total == 0:
            return
        phase = (progress.phase, progress.datatype, progress.store)
        if phase != self.phase:
            self.phase, self.phase_started = phase, time.monotonic()
            if self.bar is not None and self.task is not None:
                self.bar.remove_task(self.task)
                self.task = None
        if self.bar is None:
            if time.monotonic() - self.started < PATIENCE:
                return
            self.bar = _bar()
            self.bar.start()
        if self.task is None:
            self.task = self.bar.add_task(_title(progress), total=progress.total, counts="")
        total = progress.total
        if total is not None and progress.done > total:
            total = progress.done  # a store may have more now than when last agreed
        counts = _counts(progress.done, total, time.monotonic() - self.phase_started)
        self.bar.update(self.task, completed=progress.done, total=total, counts=counts)

    def end(self) -> None:
        if self.bar is not None:
            self.bar.stop()


def _title(progress: Progress) -> str:
    if progress.phase == "write":
        return "writing"
    return escaped(f"reading {progress.datatype} in {progress.store}")


def _counts(done: int, total: int | None, seconds: float) -> str:
    of = "" if total is None else f" of {total:,}"
    rate = f", {done / seconds:,.0f}/s" if done and seconds else ""
    return f"{done:,}{of}{rate}"


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True, markup=False, emoji=False, highlight=False),
        transient=True,
    )
