"""What one run changed, as tables, as plain lines and as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..fields import MISSING
from .output import cell, joined, table
from .runview import run_document, run_line, told_counts, took
from .text import command, count, escaped, moment, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType
    from rich.text import Text

    from ..ledger import Change, Run, Write
    from .values import Values

__all__ = ["ChangeView"]

DONE = {"add": "added to", "update": "written to", "remove": "removed from"}
STYLES = {"added": "green", "updated": "yellow", "removed": "red", "written": ""}


class ChangeView:
    """The *changes* of one *run* of the synchronizer *name*, at most *limit* of them."""

    def __init__(
        self,
        run: Run,
        changes: Sequence[Change],
        values: Values,
        *,
        name: str,
        limit: int | None = None,
    ) -> None:
        self.run, self.values, self.name = run, values, name
        self.changes, self.left = changes[:limit], max(0, len(changes) - (limit or len(changes)))

    def document(self) -> dict[str, Any]:
        """The run and its changes."""
        return {**run_document(self.run), "changes": [*map(self._document, self.changes)]}

    def lines(self) -> Iterator[str]:
        """The run, and each change on one line."""
        yield run_line(self.run)
        for change in self.changes:
            what = f"{_verb(change)} {escaped(change.datatype)} {quoted(change.global_name)}"
            told = ", ".join(
                f"{name} {before} -> {after} ({source})" if before else f"{name} {after}"
                for name, before, after, source in self._fields(change, quotes=True)
            )
            parts = [f"{what}{_origin(change)}{': ' if told else ''}{told}"]
            yield "; ".join([*parts, *self._written(change, quotes=True)])
        yield from self._rest()

    def tables(self) -> Iterator[RenderableType]:
        """The run, and a table of the changes."""
        run = self.run
        when = f"{moment(run.started)}, {took(run)}"
        yield cell(f"Run {run.number}", "bold").append_text(cell(f" ({run.kind}), {when}"))
        yield cell(told_counts(run))
        yield ""
        if self.changes:
            made = table("what", "name", "changes", "where")
            for change in self.changes:
                verb = _verb(change)
                made.add_row(
                    cell(f"{verb} {change.datatype}", STYLES[verb]),
                    cell(change.global_name, "bold"),
                    joined(self._field_lines(change)),
                    joined(cell(text) for text in self._written(change, quotes=False)),
                )
            yield made
            yield ""
        for line in self._rest():
            yield cell(line)
        if self.changes and run.ended is not None:
            yield cell(f"To take it back: {command('undo', self.name, str(run.number))}")

    def _field_lines(self, change: Change) -> Iterator[Text]:
        if _origin(change):
            yield cell(_origin(change).strip(), "dim")
        for name, before, after, source in self._fields(change, quotes=False):
            line = cell(f"{name}: ", "dim")
            if before:
                line.append_text(cell(before, "red")).append(" → ")
            line.append_text(cell(after, "green" if before else ""))
            yield line.append_text(cell(f" ({source})", "dim")) if source else line

    def _rest(self) -> Iterator[str]:
        if not self.changes:
            yield "it changed nothing"
        if self.left:
            yield f"... and {count(self.left, 'record')} more; --limit N shows them"

    def _fields(self, change: Change, *, quotes: bool) -> Iterator[tuple[str, str, str, str]]:
        """Of each field its name, the text before, the text after, and the source.

        Of a removal it is what there was, which is not empty; of an addition, what came from
        elsewhere than the rest.
        """
        for name, field in change.fields.items():
            before = self._text(change, name, field.before, quotes=quotes)
            after = self._text(change, name, field.after, quotes=quotes)
            if change.is_removal:
                plain = self.values.plain(change.datatype, name, field.before)
                if name not in {"name", "context"} and plain not in EMPTY:
                    yield name, "", f"was {before}", ""
            elif not change.is_addition:
                yield name, before, after, escaped(field.source)
            elif name != "name":
                yield name, "", f"{after} ({escaped(field.source)})", ""

    def _text(self, change: Change, name: str, value: Any, *, quotes: bool) -> str:
        if value is MISSING:
            return "nothing"
        return self.values.text(change.datatype, name, value, quotes=quotes)

    def _written(self, change: Change, *, quotes: bool) -> Iterator[str]:
        """Where it was written, and what was overwritten there."""
        for write in change.writes:
            told = ", ".join(
                f"{name} {self._text(change, name, value, quotes=quotes)}"
                for name, value in write.replaced.items()
            )
            over = f", where it was {told}" if told else ""
            yield escaped(f"{DONE[write.kind]} {write.store}") + over

    def _document(self, change: Change) -> dict[str, Any]:
        plain = self.values.plain
        return {
            "what": _verb(change),
            "type": change.datatype,
            "name": change.global_name,
            "record": change.record,
            "at": change.at.isoformat(),
            "fields": {
                name: {
                    "before": plain(change.datatype, name, field.before),
                    "after": plain(change.datatype, name, field.after),
                    "source": field.source,
                }
                for name, field in change.fields.items()
            },
            "writes": [self._write(change, write) for write in change.writes],
        }

    def _write(self, change: Change, write: Write) -> dict[str, Any]:
        return {
            "store": write.store,
            "kind": write.kind,
            "id": write.id,
            "replaced": {
                name: self.values.plain(change.datatype, name, value)
                for name, value in write.replaced.items()
            },
        }


EMPTY: tuple[Any, ...] = (None, "", [], False)


def _verb(change: Change) -> str:
    if change.is_addition:
        return "added"
    if change.is_removal:
        return "removed"
    return "updated" if change.fields else "written"


def _origin(change: Change) -> str:
    """Where an addition or a removal came from."""
    if change.is_addition:
        return f" from {escaped(change.fields['name'].source)}"
    return f" in {escaped(change.fields['name'].source)}" if change.is_removal else ""
