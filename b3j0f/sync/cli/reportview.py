"""Reports of runs as tables, as plain lines and as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conflictlist import ConflictList
from .output import cell, listed, table
from .text import count, escaped, quoted, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from ..reconcile.report import Failure, Report, Skip
    from .values import Values

__all__ = ["ReportView", "skip_line"]

DONE = {"add": "added", "update": "updated", "remove": "removed"}


class ReportView:
    """The report of a run of the synchronizer *name*."""

    def __init__(
        self, report: Report, values: Values, *, name: str, limit: int | None = None
    ) -> None:
        self.report, self.values, self.name, self.limit = report, values, name, limit
        self.conflicts = ConflictList(report.conflicts, values)

    def document(self) -> dict[str, Any]:
        """Everything."""
        report = self.report
        return {
            "synchronizer": self.name,
            "run": report.run,
            "ok": report.ok,
            "stopped": report.stopped,
            "duration": round(report.duration, 3),
            "counts": report.counts(),
            "applied": [
                {
                    "kind": str(operation.kind),
                    "store": operation.store,
                    "type": operation.datatype,
                    "name": operation.global_name,
                    "changes": self.values.changes(operation),
                    "reason": operation.reason,
                }
                for operation in report.applied
            ],
            "skipped": [
                {
                    "store": skip.store,
                    "type": skip.datatype,
                    "name": skip.global_name,
                    "reason": skip.reason,
                }
                for skip in report.skipped
            ],
            "failed": [_failure(failure) for failure in report.failed],
            "conflicts": self.conflicts.documents(),
            "warnings": [*map(without_secrets, report.warnings)],
        }

    def lines(self) -> Iterator[str]:
        """One for each store that was written, and for each thing that was not."""
        for store, kinds in self.report.counts().items():
            counts = ", ".join(f"{DONE[kind]} {number}" for kind, number in kinds.items())
            yield f"written {escaped(store)}: {counts}"
        yield from map(skip_line, self.report.skipped)
        for failure in self.report.failed:
            yield f"failed {escaped(failure.store)}: {escaped(without_secrets(failure))}"
        yield from self.conflicts.lines()
        yield self.report.summary()

    def tables(self) -> Iterator[RenderableType]:
        """A table of the stores that were written, what was not, and the summary."""
        counts = self.report.counts()
        if counts:
            made = table("store", *DONE.values())
            for store, kinds in counts.items():
                made.add_row(cell(store), *(cell(f"{number:,}") for number in kinds.values()))
            yield made
            yield ""
        skipped = [
            (f"{s.datatype} {s.global_name}{f' in {s.store}' if s.store else ''}", s.reason)
            for s in self.report.skipped
        ]
        yield from listed("Skipped", skipped, self.limit)
        failed = [(failure.store, without_secrets(failure)) for failure in self.report.failed]
        yield from listed("Failed", failed, self.limit, style="red")
        if self.report.conflicts:
            yield cell("In conflict", "bold magenta")
            yield from self.conflicts.tables()
            yield ""
        yield cell(self._summary(), "bold" if self.report.ok else "bold red")

    def _summary(self) -> str:
        report = self.report
        written = len(report.applied)
        words = [f"{count(written, 'change')} made" if written else "Nothing to write"]
        if report.skipped:
            words.append(f"{len(report.skipped):,} skipped")
        if report.failed:
            words.append(f"{len(report.failed):,} failed")
        if report.conflicts:
            words.append(f"{count(len(report.conflicts), 'conflict')} open")
        return ", ".join(words) + f", in {report.duration:.1f} s."


def skip_line(skip: Skip) -> str:
    """What was not written, and why, on one line."""
    where = f"{escaped(skip.store)} " if skip.store else ""
    what = f"{escaped(skip.datatype)} {quoted(skip.global_name)}"
    return f"skipped {where}{what}: {escaped(skip.reason)}"


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "store": failure.store,
        "type": failure.datatype,
        "name": failure.global_name,
        "error": type(failure.error).__name__,
        "message": without_secrets(failure),
    }
