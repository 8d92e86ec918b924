"""``undo``: take a run back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..reconcile.operation import Kind
from . import options
from .options import Exit
from .output import Output
from .plan import MOST, save_plan
from .text import command
from .writing import perform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..reconcile.plan import Plan
    from ..synchronizer import Synchronizer

__all__ = ["undo"]


@click.command(short_help="Take a run back.")
@click.argument("words", nargs=-1, metavar="[NAME] RUN")
@click.option("--apply", "apply_it", is_flag=True, help="Do it; else it is only shown.")
@click.option("--yes", is_flag=True, help="With --apply, go on where it is refused for safety.")
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save the plan, for run --plan FILE.",
)
@click.option("--all", "everything", is_flag=True, help=f"Show more than {MOST} of each type.")
@options.as_json
@options.verbose
def undo(
    *,
    words: tuple[str, ...],
    apply_it: bool,
    yes: bool,
    save: Path | None,
    everything: bool,
    as_json: bool,
) -> Exit:
    """Show what takes a run back, and what of it cannot be taken back. --apply does it.

    RUN is its number in history. Fields get the values that they had before, in every store;
    what was removed is added again; what was added is removed where the run had added it. What
    was edited since is left alone.

    Exit codes: 0 there is nothing to take back, 2 there is something; with --apply those of
    run.
    """
    name, (number,) = options.named(words, "RUN")
    if yes and not apply_it:
        raise click.UsageError("--yes goes with --apply")
    output = Output(as_json=as_json)
    with options.opened(name) as synchronizer:
        plan = synchronizer.undo(options.run_number(synchronizer, number))
        if save is not None:
            save_plan(save, plan.to_json())
        if not apply_it:
            return _show(synchronizer, plan, output, save, None if everything else MOST)
        back = ["undo", synchronizer.name, number]
        return perform(
            synchronizer,
            output,
            lambda: synchronizer.apply(plan, force=yes),
            again=[*back, "--apply"],
            review=back,
        )


def _show(
    synchronizer: Synchronizer, plan: Plan, output: Output, save: Path | None, limit: int | None
) -> Exit:
    from .planview import PlanView
    from .values import Values

    view = PlanView(plan, Values(synchronizer.types), limit)
    output.report(document=view.document, lines=view.lines, tables=view.tables)
    if output.is_terminal and plan.operations:
        for line in _next_steps(synchronizer.name, plan, save):
            output.say(line)
    return Exit.TO_DO if plan.operations else Exit.OK


def _next_steps(name: str, plan: Plan, save: Path | None) -> Iterator[str]:
    """What follows from it, and the command to go on with."""
    if any(operation.kind is Kind.REMOVE for operation in plan.operations):
        yield (
            "What another store keeps is added again by the next run, unless it is removed or "
            "filtered out there by then."
        )
    if save is not None:
        yield f"To do it: {command('run', name, '--plan', str(save))}"
    else:
        yield f"To do it: {command('undo', name, str(plan.undoes), '--apply')}"
