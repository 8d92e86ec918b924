"""``run``: bring every store in step, or do what a saved plan says."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import click

from ..errors import (
    DataError,
    EmptyStoreError,
    PlanOutdatedError,
    RefusedError,
    TooManyRemovalsError,
)
from . import options
from .interrupt import stoppable
from .options import Exit
from .output import Output, hint, say_error
from .progress import shown_progress
from .text import command

if TYPE_CHECKING:
    from ..reconcile.plan import Plan
    from ..reconcile.report import Report

__all__ = ["run"]

MOST = 20
"""So many failures, skips and so on are shown at a terminal."""


@click.command(short_help="Bring every store in step.")
@options.name
@options.types
@click.option(
    "--plan",
    "file",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Do what this plan says, which plan --save made.",
)
@click.option("--yes", is_flag=True, help="Go on where a run is refused for safety.")
@options.as_json
@options.verbose
def run(
    name: str | None, types: tuple[str, ...], file: IO[str] | None, yes: bool, as_json: bool
) -> Exit:
    """Bring every store in step.

    With --plan, do just what a saved plan says: what has moved since it was made is left out,
    and told. Ctrl-C stops where nothing is half done.

    Exit codes: 0 all is well, 1 something failed, 3 conflicts wait for a decision.
    """
    from .reportview import ReportView
    from .values import Values

    plan = None if file is None else _read(file)
    output = Output(as_json=as_json)
    if plan is not None and name is None:
        name = plan.synchronizer
    with options.opened(name) as synchronizer:
        name = synchronizer.name
        chosen = options.chosen_types(synchronizer, types)
        words = ["run", name, *(word for each in types for word in ("--type", each))]
        words += [] if file is None else ["--plan", file.name]
        try:
            with stoppable(synchronizer), shown_progress(synchronizer):
                if plan is None:
                    report = synchronizer.run(chosen, force=yes)
                else:
                    report = synchronizer.apply(plan, chosen, force=yes)
        except RefusedError as exc:
            _tell_refusal(exc, name, words)
            return Exit.ERROR
        except PlanOutdatedError as exc:
            say_error(str(exc))
            hint(f"to make one: {command('plan', name, '--save', str(file and file.name))}")
            return Exit.ERROR
        view = ReportView(report, Values(synchronizer.types), name=name, limit=MOST)
        output.report(document=view.document, lines=view.lines, tables=view.tables)
        return _told(report, words, name)


def _read(file: IO[str]) -> Plan:
    from ..reconcile.plan import Plan

    try:
        return Plan.from_json(file.read())
    except (DataError, UnicodeDecodeError) as exc:
        raise click.ClickException(f"{file.name}: {exc}") from exc


def _tell_refusal(error: RefusedError, name: str, words: list[str]) -> None:
    """Tell what a guard saw, and the command that goes past it."""
    if isinstance(error, EmptyStoreError):
        say_error(
            f"store {error.store!r} is empty now and held {error.known:,} data when last "
            "agreed; nothing was written"
        )
        hint(f"if they were removed on purpose: {command(*words, '--yes')}")
    elif isinstance(error, TooManyRemovalsError):
        say_error(
            f"{error.removals:,} of the {error.known:,} data of store {error.store!r} would be "
            f"removed, more than the allowed share of {error.allowed:.0%}; nothing was written"
        )
        hint(f"to see them: {command('plan', name)}")
        hint(f"if they are right: {command(*words, '--yes')}")
    else:
        say_error(str(error))


def _told(report: Report, words: list[str], name: str) -> Exit:
    """Tell how to go on, and give the exit code."""
    if report.stopped:
        say_error("stopped before it was through; what was written is noted")
        hint(f"to go on: {command(*words)}")
    if report.conflicts:
        hint(f"to see the conflicts, and how to decide them: {command('conflicts', name)}")
    if report.failed or report.stopped:
        return Exit.ERROR
    return Exit.CONFLICTS if report.conflicts else Exit.OK
