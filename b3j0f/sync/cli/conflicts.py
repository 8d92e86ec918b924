"""``conflicts``: what only a user can decide."""

from __future__ import annotations

import click

from . import options
from .options import Exit
from .output import Output
from .text import command

__all__ = ["conflicts"]


@click.command(short_help="List what only you can decide.")
@options.name
@options.as_json
@options.verbose
def conflicts(name: str | None, as_json: bool) -> Exit:
    """List fields that stores have different values in, and what they agreed on before.

    Each has a number and a key, by which it is resolved. The list is as of the last run.

    Exit codes: 0 there are none, 3 there are some.
    """
    from .conflictlist import ConflictList
    from .numbering import remember
    from .values import Values

    output = Output(as_json=as_json)
    with options.opened(name) as synchronizer:
        found = synchronizer.conflicts()
        listed = ConflictList(found, Values(synchronizer.types), numbered=True)
        if not as_json:
            remember(synchronizer, list(listed.by_key))
        name = synchronizer.name
    if not found:
        output.report(document=listed.documents, lines=lambda: ["no conflicts"])
        return Exit.OK
    output.report(document=listed.documents, lines=listed.lines, tables=listed.tables)
    if output.is_terminal:
        output.say()
        resolve = command("resolve", name, "1")
        output.say(f"To decide the first: {resolve} --store STORE, or --value VALUE")
    return Exit.CONFLICTS
