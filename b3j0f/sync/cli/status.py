"""``status``: how things stand, as far as the ledger knows; no store is asked."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

import click

from . import options
from .failingview import FailingView
from .options import Exit
from .output import Output, cell, table
from .runview import run_document, told_counts, took
from .text import command, count, escaped, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from ..ledger import Run
    from ..synchronizer import Synchronizer

__all__ = ["status"]

MOST = 10
"""So much of what is failing is shown at a terminal."""
LATELY = 100
"""Among so many runs, those are looked for that never ended."""


@click.command(short_help="Tell how things stand.")
@options.name
@options.as_json
@options.verbose
def status(name: str | None, as_json: bool) -> Exit:
    """Tell how things stand, as of the last run; no store is asked.

    What fails is tried again after pauses that grow, then it is set aside until retry asks for
    it. A run tries all of it.

    Exit codes: 0 all is well, 1 something is failing or the last run never ended, 3 conflicts
    wait for a decision.
    """
    with options.opened(name) as synchronizer:
        view = _StatusView(synchronizer)
        output = Output(as_json=as_json)
        output.report(document=view.document, lines=view.lines, tables=view.tables)
        if view.failing.every or view.unended:
            return Exit.ERROR
        return Exit.CONFLICTS if view.status["conflicts"] else Exit.OK


class _StatusView:
    def __init__(self, synchronizer: Synchronizer) -> None:
        self.status = synchronizer.status()
        self.run: Run | None = self.status["last_run"]
        self.failing = FailingView(self.status["failing"], MOST)
        self.holder = synchronizer.ledger.lock.holder()
        self.unended = [] if self.holder else _unended(synchronizer)
        self.modes = {link.store.name: link.mode for link in synchronizer.links}
        self.name = synchronizer.name

    def document(self) -> dict[str, Any]:
        return {
            **self.status,
            "links": self.modes,
            "failing": self.failing.documents(),
            "under_way": self.holder,
            "unended": [*map(run_document, self.unended)],
            "last_run": self.run and run_document(self.run),
        }

    def lines(self) -> Iterator[str]:
        yield f"synchronizer {escaped(self.name)}: {escaped(self._links())}"
        for datatype, numbers in self.status["types"].items():
            stores = ", ".join(f"{store} {number}" for store, number in numbers["stores"].items())
            unsettled = numbers["unsettled"]
            yield (
                f"type {escaped(datatype)}: {count(numbers['records'], 'record')}, "
                f"{unsettled:,} unsettled; {escaped(stores)}"
            )
        yield from self.failing.lines()
        yield from self._rest()

    def tables(self) -> Iterator[RenderableType]:
        yield cell(self.name, "bold").append_text(cell(f": {self._links()}"))
        yield ""
        made = table("type", "records", "to be done", *self.modes)
        for datatype, numbers in self.status["types"].items():
            held = [numbers["stores"].get(store) for store in self.modes]
            cells = [f"{numbers['records']:,}", f"{numbers['unsettled']:,}"]
            cells += ["-" if number is None else f"{number:,}" for number in held]
            made.add_row(cell(datatype, "bold"), *map(cell, cells))
        yield made
        yield ""
        yield from self.failing.tables()
        for line in self._rest():
            yield cell(line)

    def _links(self) -> str:
        return ", ".join(s if m == "both" else f"{s} ({m})" for s, m in self.modes.items())

    def _rest(self) -> Iterator[str]:
        conflicts = self.status["conflicts"]
        more = f"; to see them: {command('conflicts', self.name)}" if conflicts else ""
        yield f"conflicts: {conflicts:,}{more}"
        yield f"failing: {self._failing()}"
        if self.holder:
            yield f"under way: {escaped(self.holder)}"
        for run in self.unended:
            yield (
                f"run {run.number:,} ({run.kind}, {moment(run.started)}) never ended; what it did "
                f"is taken over by: {command('run', self.name)}"
            )
        yield f"last run: {self._last_run()}"

    def _failing(self) -> str:
        every = self.failing.every
        down = sum(not one.datatype for one in every)
        aside = sum(one.is_set_aside for one in every)
        counts = [f"{len(every) - down:,}"] if len(every) > down or not down else []
        counts[:1] = [f"{counts[0]} ({aside:,} set aside)"] if aside else counts
        counts += [f"{count(down, 'store')} down"] if down else []
        again = f"; to try again now: {command('retry', self.name)}" if every else ""
        return ", ".join(counts) + again

    def _last_run(self) -> str:
        run = self.run
        if run is None:
            return "never"
        text = f"number {run.number:,}, {moment(run.started)}"
        if run.ended is None:
            return f"{text}, {'is under way' if self.holder else 'did not come to its end'}"
        return f"{text}, took {took(run)}: {told_counts(run)}"


def _unended(synchronizer: Synchronizer) -> list[Run]:
    """Runs that never ended, as far as no other one has taken over what they did."""
    lately = synchronizer.history(LATELY)
    return [*takewhile(lambda run: run.ended is None, lately)]
