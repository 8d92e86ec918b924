"""``plan``: what a run would do; nothing is written anywhere."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import click

from . import options
from .options import Exit
from .output import Output
from .progress import shown_progress
from .text import command

if TYPE_CHECKING:
    from .planview import PlanView

__all__ = ["MOST", "plan", "save_plan"]

MOST = 50
"""So many operations of a type are shown at a terminal."""


@click.command(short_help="Show what a run would do.")
@options.name
@options.types
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save the plan, for run --plan FILE.",
)
@click.option("--all", "everything", is_flag=True, help=f"Show more than {MOST} of each type.")
@options.as_json
@options.verbose
def plan(
    name: str | None, types: tuple[str, ...], save: Path | None, everything: bool, as_json: bool
) -> Exit:
    """Show what a run would do, and why. Nothing is written to any store.

    Exit codes: 0 all is in step, 2 there is something to do, 3 there is nothing to do but
    conflicts wait for a decision, 1 something could not be read.
    """
    from .planview import PlanView
    from .values import Values

    output = Output(as_json=as_json)
    with options.opened(name) as synchronizer:
        chosen = options.chosen_types(synchronizer, types)
        with shown_progress(synchronizer):
            made = synchronizer.plan(chosen)
        if save is not None:
            save_plan(save, made.to_json())
        view = PlanView(made, Values(synchronizer.types), None if everything else MOST)
        output.report(document=view.document, lines=view.lines, tables=view.tables)
        if output.is_terminal:
            for line in _next_steps(synchronizer.name, types, save, view):
                output.say(line)
    if made.failures:
        return Exit.ERROR
    if made.operations:
        return Exit.TO_DO
    return Exit.CONFLICTS if made.conflicts else Exit.OK


def _next_steps(name: str, types: tuple[str, ...], save: Path | None, view: PlanView) -> list[str]:
    """Commands to go on with."""
    steps = []
    if view.plan.operations and save is not None:
        steps.append(f"To do it: {command('run', name, '--plan', str(save))}")
    elif view.plan.operations:
        chosen = [word for each in types for word in ("--type", each)]
        steps.append(f"To do it: {command('run', name, *chosen)}")
    if view.plan.conflicts:
        after = ", once that is done" if view.plan.operations else ""
        steps.append(f"To decide{after}: {command('conflicts', name)}")
    return steps


def save_plan(file: Path, text: str) -> None:
    """Write *text* to *file*, for the user's eyes only and all of it or nothing."""
    with NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as made:
        temporary = Path(made.name)
        try:
            made.write(text)
            made.close()
            temporary.replace(file)
        except BaseException:
            temporary.unlink()
            raise
