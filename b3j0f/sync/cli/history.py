"""``history``: the runs, and what one of them changed."""

from __future__ import annotations

import click

from . import options
from .options import Exit
from .output import Output

__all__ = ["history"]

RUNS, RECORDS = 20, 50
"""So many runs are shown, and so many records of a run at a terminal."""


@click.command(short_help="List the runs, or what one of them changed.")
@options.name
@click.option("--run", "number", metavar="RUN", help="What this run changed, record by record.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"So many runs, or records of a run, at most; by default {RUNS} runs.",
)
@options.as_json
@options.verbose
def history(name: str | None, number: str | None, limit: int | None, as_json: bool) -> Exit:
    """List the runs, the last one first; with --run what it changed, from where and to where.

    What was written to a store that a program has linked, and was propagated at once, is a run
    of the kind event. To take a run back: undo.
    """
    from .changeview import ChangeView
    from .runview import RunView
    from .values import Values

    output = Output(as_json=as_json)
    with options.opened(name) as synchronizer:
        name = synchronizer.name
        if number is None:
            most = limit or RUNS
            runs = synchronizer.history(most + 1)
            runs_view = RunView(runs[:most], name=name, has_more=len(runs) > most)
            output.report(
                document=runs_view.document, lines=runs_view.lines, tables=runs_view.tables
            )
            return Exit.OK
        which = options.run_number(synchronizer, number)
        run = next(run for run in synchronizer.history() if run.number == which)
        shown = limit or (RECORDS if output.is_terminal else None)
        changes, values = synchronizer.changes(which), Values(synchronizer.types)
        view = ChangeView(run, changes, values, name=name, limit=shown)
        output.report(document=view.document, lines=view.lines, tables=view.tables)
    return Exit.OK
