"""Runs as tables, as plain lines and as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .output import cell, table
from .text import command, escaped, moment, span, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from ..ledger import Run

__all__ = ["RunView", "run_document", "run_line", "told_counts", "took"]

COUNTS = {
    "applied": "written",
    "skipped": "skipped",
    "failed": "failed",
    "conflicts": "in conflict",
}
STYLES = ("bold", "", "red", "magenta")


class RunView:
    """*runs* of the synchronizer *name*; *has_more* tells that there are others before them."""

    def __init__(self, runs: Sequence[Run], *, name: str, has_more: bool) -> None:
        self.runs, self.name, self.has_more = runs, name, has_more

    def document(self) -> list[dict[str, Any]]:
        """Each as a JSON object."""
        return [run_document(run) for run in self.runs]

    def lines(self) -> Iterator[str]:
        """Each on one line."""
        for run in self.runs:
            yield run_line(run)
        if not self.runs:
            yield "no run yet"

    def tables(self) -> Iterator[RenderableType]:
        """A table, and how to see more."""
        if not self.runs:
            yield cell("No run yet.")
            return
        made = table("run", "what", "when", "took", *COUNTS.values(), whole=("run", "when"))
        for run in self.runs:
            numbers = [run.counts.get(name, 0) for name in COUNTS]
            counts = [
                cell(f"{number:,}", style) if number else cell("-", "dim")
                for number, style in zip(numbers, STYLES, strict=True)
            ]
            made.add_row(
                cell(f"{run.number}", "bold"),
                cell(run.kind),
                cell(moment(run.started)),
                cell(took(run), "red" if run.ended is None else ""),
                *counts,
            )
        yield made
        yield ""
        if self.has_more:
            yield cell("There are more before them; --limit N shows them.")
        yield cell(f"What one of them changed: {self._example()}")

    def _example(self) -> str:
        wrote = [run for run in self.runs if run.counts.get("applied")]
        return command("history", self.name, "--run", str((wrote or self.runs)[0].number))


def run_document(run: Run) -> dict[str, Any]:
    """*run* as a JSON object."""
    return {
        "number": run.number,
        "kind": str(run.kind),
        "started": run.started.isoformat(),
        "ended": run.ended and run.ended.isoformat(),
        "counts": dict(run.counts),
    }


def run_line(run: Run) -> str:
    """*run* on one line."""
    when = f"{stamp(run.started)} {took(run)}"
    return f"run {run.number} {run.kind} {when}: {told_counts(run)}"


def took(run: Run) -> str:
    """How long *run* took, in words."""
    return "did not end" if run.ended is None else span((run.ended - run.started).total_seconds())


def told_counts(run: Run) -> str:
    """The counts of *run* in words."""
    if not run.counts:
        return "nothing is known of it"
    return escaped(", ".join(f"{what} {number:,}" for what, number in run.counts.items()))
