"""``conflicts``: what only a user can decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from . import options
from .options import Exit
from .output import Output
from .text import command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conflictlist import ConflictList

__all__ = ["conflicts"]

MOST = 50
"""So many are shown at a terminal."""


@click.command(short_help="List what only you can decide.")
@options.name
@options.types
@options.fields
@click.option("--all", "everything", is_flag=True, help=f"Show more than {MOST}.")
@options.as_json
@options.verbose
def conflicts(
    *,
    name: str | None,
    types: tuple[str, ...],
    fields: tuple[str, ...],
    everything: bool,
    as_json: bool,
) -> Exit:
    """List fields that stores have different values in, and what they agreed on before.

    Each has a number and a key, by which it is resolved. The list is as of the last run; data
    of which nobody knows which are the same are read from their stores.

    Exit codes: 0 there are none, 3 there are some.
    """
    from .candidates import read_candidates
    from .conflictlist import ConflictList
    from .numbering import remember
    from .values import Values

    output = Output(as_json=as_json)
    with options.opened(name) as synchronizer:
        wanted = options.chosen_conflicts(synchronizer, types, fields)
        found = [conflict for conflict in synchronizer.conflicts() if wanted(conflict)]
        listed = ConflictList(
            found,
            Values(synchronizer.types),
            numbered=True,
            candidates=read_candidates(synchronizer, found),
            limit=None if everything else MOST,
        )
        if not as_json:
            remember(synchronizer, list(listed.by_key))
        name = synchronizer.name
    if not found:
        output.report(document=listed.documents, lines=lambda: ["no conflicts"])
        return Exit.OK
    output.report(document=listed.documents, lines=listed.lines, tables=listed.tables)
    if output.is_terminal:
        output.say()
        for line in _next_steps(name, listed):
            output.say(line)
    return Exit.CONFLICTS


def _next_steps(name: str, listed: ConflictList) -> Iterator[str]:
    """How the first one of each kind is decided."""
    fields = [one for one in listed.every if not one.is_ambiguous]
    if fields:
        resolve = command("resolve", name, str(fields[0].number))
        yield f"To decide one: {resolve} --store STORE, or --value VALUE, --edit, --policy POLICY"
    alike = [one for one in listed.every if one.is_ambiguous]
    if alike:
        resolve = command("resolve", name, str(alike[0].number))
        yield f"To tell data apart: {resolve} --same STORE=ID,STORE=ID, or --apart"
