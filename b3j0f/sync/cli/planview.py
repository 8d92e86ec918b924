"""Plans as tables, as plain lines and as a JSON document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .conflictlist import ConflictList
from .output import cell, joined, listed, table
from .text import count, escaped, quoted, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType
    from rich.text import Text

    from ..reconcile.operation import Operation
    from ..reconcile.plan import Plan
    from .values import Values

__all__ = ["PlanView"]

SIGNS = {"add": ("+", "green"), "update": ("~", "yellow"), "remove": ("-", "red")}


class PlanView:
    """A plan; *limit* is how many lines each of its tables has at most, None: all."""

    def __init__(self, plan: Plan, values: Values, limit: int | None = None) -> None:
        self.plan, self.values, self.limit = plan, values, limit
        self.conflicts = ConflictList(plan.conflicts, values)

    @property
    def says_anything(self) -> bool:
        """Whether there is more to tell than that all is in step."""
        return not self.plan.is_empty or bool(self.plan.failures or self.plan.skipped)

    def document(self) -> dict[str, Any]:
        """What ``Plan.from_json`` reads, and what should be written but cannot."""
        document: dict[str, Any] = json.loads(self.plan.to_json(indent=None))
        document["skipped"] = [
            {"store": store, "name": name, "reason": reason}
            for store, name, reason in self.plan.skipped
        ]
        document["not_read"] = {
            where: without_secrets(reason) for where, reason in self.plan.failures.items()
        }
        return document

    def lines(self) -> Iterator[str]:
        """One for each operation and for what is in the way, and the summary."""
        for operation in self.plan.operations:
            yield self._line(operation)
        yield from self.conflicts.lines()
        for store, name, reason in self.plan.skipped:
            where = f"{escaped(store)} " if store else ""
            yield f"skipped {where}{quoted(name)}: {escaped(reason)}"
        for where, reason in self.plan.failures.items():
            yield f"unread {escaped(where)}: {escaped(without_secrets(reason))}"
        yield self.plan.summary() if self.says_anything else self._nothing.lower()

    def tables(self) -> Iterator[RenderableType]:
        """A table for each type, one for what is in the way, and the summary."""
        by_type: dict[str, list[Operation]] = {}
        for operation in self.plan.operations:
            by_type.setdefault(operation.datatype, []).append(operation)
        for datatype, operations in by_type.items():
            yield cell(datatype, "bold underline")
            yield self._table(operations[: self.limit])
            if self.limit is not None and len(operations) > self.limit:
                yield cell(f"... and {len(operations) - self.limit:,} more; --all shows them")
            yield ""
        if self.plan.conflicts:
            yield cell("In conflict", "bold magenta")
            yield from self.conflicts.tables()
            yield ""
        skipped = [
            (f"{name} in {store}" if store else name, reason)
            for store, name, reason in self.plan.skipped
        ]
        title = "Skipped" if self.plan.undoes is None else "Cannot be taken back"
        yield from listed(title, skipped, self.limit)
        unread = [(where, without_secrets(why)) for where, why in self.plan.failures.items()]
        yield from listed("Not read", unread, self.limit, style="red")
        yield self._summary()

    @property
    def _nothing(self) -> str:
        if self.plan.undoes is None:
            return "In step: nothing to do"
        return f"Run {self.plan.undoes:,} wrote nothing: nothing to take back"

    def _line(self, operation: Operation) -> str:
        told = [
            f"{name} {before} -> {after}" if before else f"{name} {after}"
            for name, before, after in self.values.told(operation, quotes=True)
        ]
        what = f"{escaped(operation.datatype)} {quoted(operation.global_name)}"
        fields = ": " + ", ".join(told) if told else ""
        reason = escaped(operation.reason)
        return f"{operation.kind} {escaped(operation.store)} {what}{fields} ({reason})"

    def _table(self, operations: Sequence[Operation]) -> RenderableType:
        made = table("", "where", "name", "what", "why", whole=("",))
        for operation in operations:
            sign, style = SIGNS[operation.kind]
            made.add_row(
                cell(sign, f"bold {style}"),
                cell(operation.store),
                cell(operation.global_name, style),
                self._fields(self.values.told(operation, quotes=False)),
                cell(operation.reason, "dim"),
            )
        return made

    def _fields(self, told: Iterable[tuple[str, str, str]]) -> Text:
        lines = []
        for name, before, after in told:
            line = cell(f"{name}: ", "dim")
            if before:
                line.append_text(cell(before, "red")).append(" → ")
            lines.append(line.append_text(cell(after, "green" if before else "")))
        return joined(lines)

    def _summary(self) -> Text:
        if not self.says_anything:
            return cell(f"{self._nothing}.", "bold green")
        counts = self.plan.counts()
        words = [f"{counts[kind]:,} to {kind}" for kind in SIGNS if counts[kind]]
        if counts["conflict"]:
            words.append(count(counts["conflict"], "conflict"))
        if self.plan.skipped:
            left = "skipped" if self.plan.undoes is None else "that cannot be taken back"
            words.append(f"{len(self.plan.skipped):,} {left}")
        if self.plan.failures:
            words.append(f"{len(self.plan.failures):,} not read")
        return cell(", ".join(words) + ".", "bold")
