"""Commands that write to stores: their work, its report, and what is told of how to go on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..errors import EmptyStoreError, RefusedError, TooManyRemovalsError
from .interrupt import stoppable
from .options import Exit
from .output import hint, say_error, warn
from .progress import shown_progress
from .text import command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..reconcile.report import Report
    from ..synchronizer import Synchronizer
    from .output import Output

__all__ = ["perform"]

MOST = 20
"""So many failures, skips and so on are shown at a terminal."""


def perform(
    synchronizer: Synchronizer,
    output: Output,
    work: Callable[[], Report],
    *,
    again: Sequence[str],
    review: Sequence[str] = (),
) -> Exit:
    """Do *work*, report it, and give the exit code.

    Args:
        synchronizer: Whose work it is; Ctrl-C stops it.
        output: Where the report goes.
        work: What is to be done.
        again: The words of the command that does it, for whoever has to repeat it.
        review: Those of the command that shows what it would do.
    """
    from .reportview import ReportView
    from .values import Values

    _tell_who_is_at_it(synchronizer)
    try:
        with stoppable(synchronizer), shown_progress(synchronizer):
            report = work()
    except RefusedError as exc:
        _tell_refusal(exc, again, review)
        return Exit.ERROR
    for warning in report.warnings:
        warn(warning)
    view = ReportView(report, Values(synchronizer.types), name=synchronizer.name, limit=MOST)
    output.report(document=view.document, lines=view.lines, tables=view.tables)
    return _told(report, again, synchronizer.name)


def _tell_who_is_at_it(synchronizer: Synchronizer) -> None:
    """Tell a person why nothing happens for some seconds."""
    if sys.stderr.isatty():
        holder = synchronizer.ledger.lock.holder()
        if holder is not None:
            hint(f"waiting for some seconds, since there is {holder}")


def _tell_refusal(error: RefusedError, again: Sequence[str], review: Sequence[str]) -> None:
    """Tell what a guard saw, and the command that goes past it."""
    if isinstance(error, EmptyStoreError):
        say_error(
            f"store {error.store!r} is empty now and held {error.known:,} data when last "
            "agreed; nothing was written"
        )
        hint(f"if they were removed on purpose: {command(*again, '--yes')}")
    elif isinstance(error, TooManyRemovalsError):
        say_error(
            f"{error.removals:,} of the {error.known:,} data of store {error.store!r} would be "
            f"removed, more than the allowed share of {error.allowed:.0%}; nothing was written"
        )
        if review:
            hint(f"to see them: {command(*review)}")
        hint(f"if they are right: {command(*again, '--yes')}")
    else:
        say_error(str(error))


def _told(report: Report, again: Sequence[str], name: str) -> Exit:
    """Tell how to go on, and give the exit code."""
    if report.stopped:
        say_error("stopped before it was through; what was written is noted")
        hint(f"to go on: {command(*again)}")
    if report.conflicts:
        hint(f"to see the conflicts, and how to decide them: {command('conflicts', name)}")
    if report.failed or report.stopped:
        return Exit.ERROR
    return Exit.CONFLICTS if report.conflicts else Exit.OK
