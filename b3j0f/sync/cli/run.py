"""``run``: bring every store in step, or do what a saved plan says."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import click

from ..errors import DataError, PlanOutdatedError
from . import options
from .options import Exit
from .output import Output, hint, say_error
from .text import command
from .writing import perform

if TYPE_CHECKING:
    from ..reconcile.plan import Plan
    from ..reconcile.report import Report

__all__ = ["run"]


@click.command(short_help="Bring every store in step.")
@options.name
@options.types
@click.option(
    "--plan",
    "file",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Do what this plan says, which plan --save or undo --save made.",
)
@click.option(
    "--adopt", is_flag=True, help="Forget what was agreed, and pair what is there by name."
)
@click.option("--yes", is_flag=True, help="Go on where a run is refused for safety.")
@options.as_json
@options.verbose
def run(
    *,
    name: str | None,
    types: tuple[str, ...],
    file: IO[str] | None,
    adopt: bool,
    yes: bool,
    as_json: bool,
) -> Exit:
    """Bring every store in step.

    With --plan, do just what a saved plan says: what has moved since it was made is left out,
    and told. Ctrl-C stops where nothing is half done.

    --adopt is for a ledger that is lost, or that no longer fits its stores: nothing is removed,
    what differs is a conflict, and what only some stores have is added to the others.

    Exit codes: 0 all is well, 1 something failed, 3 conflicts wait for a decision.
    """
    if file is not None and adopt:
        raise click.UsageError("--adopt makes a plan of its own: it does not go with --plan")
    plan = None if file is None else _read(file)
    if plan is not None and name is None:
        name = plan.synchronizer
    with options.opened(name) as synchronizer:
        name = synchronizer.name
        chosen = options.chosen_types(synchronizer, types)
        words = ["run", name, *(word for each in types for word in ("--type", each))]
        words += [] if file is None else ["--plan", file.name]
        words += ["--adopt"] * adopt

        def work() -> Report:
            if plan is None:
                return synchronizer.run(chosen, force=yes, adopt=adopt)
            return synchronizer.apply(plan, chosen, force=yes)

        try:
            return perform(
                synchronizer, Output(as_json=as_json), work, again=words, review=_making(plan, name)
            )
        except PlanOutdatedError as exc:
            say_error(str(exc))
            hint(f"to make one: {command(*_making(plan, name), '--save', str(file and file.name))}")
            return Exit.ERROR


def _making(plan: Plan | None, name: str) -> list[str]:
    """The command that shows what is done."""
    if plan is None or plan.undoes is None:
        return ["plan", name]
    return ["undo", name, str(plan.undoes)]


def _read(file: IO[str]) -> Plan:
    from ..reconcile.plan import Plan

    try:
        return Plan.from_json(file.read())
    except (DataError, UnicodeDecodeError) as exc:
        raise click.ClickException(f"{file.name}: {exc}") from exc
