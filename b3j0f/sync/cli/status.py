"""``status``: how things stand, as far as the ledger knows; no store is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import options
from .options import Exit
from .output import Output, cell, table
from .text import command, count, escaped, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from ..ledger import Run
    from ..synchronizer import Synchronizer

__all__ = ["status"]


@click.command(short_help="Tell how things stand.")
@options.name
@options.as_json
@options.verbose
def status(name: str | None, as_json: bool) -> Exit:
    """Tell how things stand, as of the last run; no store is asked.

    Exit codes: 0 all is well, 3 conflicts wait for a decision.
    """
    with options.opened(name) as synchronizer:
        view = _StatusView(synchronizer)
        output = Output(as_json=as_json)
        output.report(document=view.document, lines=view.lines, tables=view.tables)
        return Exit.CONFLICTS if view.status["conflicts"] else Exit.OK


class _StatusView:
    def __init__(self, synchronizer: Synchronizer) -> None:
        self.status = synchronizer.status()
        self.run: Run | None = self.status["last_run"]
        self.modes = {link.store.name: link.mode for link in synchronizer.links}
        self.name = synchronizer.name

    def document(self) -> dict[str, Any]:
        run = self.run
        last = run and {
            "number": run.number,
            "started": run.started.isoformat(),
            "ended": run.ended and run.ended.isoformat(),
            "counts": dict(run.counts),
        }
        return {**self.status, "links": self.modes, "last_run": last}

    def lines(self) -> Iterator[str]:
        yield f"synchronizer {escaped(self.name)}: {escaped(self._links())}"
        for datatype, numbers in self.status["types"].items():
            stores = ", ".join(f"{store} {number}" for store, number in numbers["stores"].items())
            unsettled = numbers["unsettled"]
            yield (
                f"type {escaped(datatype)}: {count(numbers['records'], 'record')}, "
                f"{unsettled:,} unsettled; {escaped(stores)}"
            )
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
        for line in self._rest():
            yield cell(line)

    def _links(self) -> str:
        return ", ".join(s if m == "both" else f"{s} ({m})" for s, m in self.modes.items())

    def _rest(self) -> Iterator[str]:
        conflicts = self.status["conflicts"]
        more = f"; to see them: {command('conflicts', self.name)}" if conflicts else ""
        yield f"conflicts: {conflicts:,}{more}"
        yield f"last run: {self._last_run()}"

    def _last_run(self) -> str:
        run = self.run
        if run is None:
            return "never"
        text = f"number {run.number:,}, {moment(run.started)}"
        if run.ended is None:
            return f"{text}, did not come to its end"
        counts = ", ".join(f"{what} {number:,}" for what, number in run.counts.items())
        return f"{text}, took {(run.ended - run.started).total_seconds():.1f} s: {counts}"
