"""Open conflicts as reports show them, each with a key by which it can be resolved.

A key stands for one conflict with the values that it has: where a store has another value by
now, it is another conflict.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from .output import cell, table
from .text import escaped, moment, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType

    from ..reconcile.conflict import Conflict
    from .values import Values

__all__ = ["ConflictList", "key_of"]

LETTERS = "bcdfghjkmnpqrstvwxz"  # no digits: a key is never taken for a number
LENGTH = 6
READABLE = 16
"""A column of a table is as wide as its texts, or at least as this."""


def key_of(conflict: Conflict, values: Values, twin: int = 0) -> str:
    """Letters that stand for *conflict*; *twin* counts others that look just the same."""
    what = [
        conflict.datatype,
        conflict.global_name,
        conflict.field,
        values.plain(conflict.datatype, conflict.field, conflict.base),
        {
            store: values.plain(conflict.datatype, conflict.field, value)
            for store, value in sorted(conflict.values.items())
        },
        twin,
    ]
    number = int.from_bytes(hashlib.sha256(json.dumps(what).encode()).digest()[:8])
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


class ConflictList:
    """Conflicts with their keys.

    Args:
        conflicts: The conflicts, in the order in which they are shown.
        values: Of their types.
        numbered: Whether each gets a number as well.
    """

    def __init__(
        self, conflicts: Sequence[Conflict], values: Values, *, numbered: bool = False
    ) -> None:
        self.values, self.numbered = values, numbered
        self.by_key: dict[str, Conflict] = {}
        for conflict in conflicts:
            twin, key = 0, key_of(conflict, values)
            while key in self.by_key:
                twin += 1
                key = key_of(conflict, values, twin)
            self.by_key[key] = conflict

    def documents(self) -> list[dict[str, Any]]:
        """Each as a JSON object."""
        return [self._document(key, conflict) for key, conflict in self.by_key.items()]

    def lines(self) -> Iterator[str]:
        """Each on one line."""
        for number, (key, conflict) in enumerate(self.by_key.items(), 1):
            head = f"{number} {key}" if self.numbered else f"conflict {key}"
            name = f"{escaped(conflict.datatype)} {quoted(conflict.global_name)}"
            sides = ", ".join(
                f"{escaped(store)} {self._text(conflict, value, quotes=True)}"
                for store, value in conflict.values.items()
            )
            base = self._base(conflict, quotes=True)
            since = f" (since {conflict.since:%Y-%m-%dT%H:%M:%SZ})" if conflict.since else ""
            yield f"{head} {name} {conflict.field}: {sides}; agreed {base}{since}"

    def tables(self) -> Iterator[RenderableType]:
        """All of them, with the stores side by side where there is room for that."""
        if self.by_key:
            yield _Sides(self._columns(), self._rows(), self._blocks())

    def _columns(self) -> list[str]:
        return ["#"] * self.numbered + ["key", "what", "field", "agreed", *self._stores(), "since"]

    def _stores(self) -> list[str]:
        return list(dict.fromkeys(store for c in self.by_key.values() for store in c.values))

    def _rows(self) -> list[list[str]]:
        rows = []
        for number, (key, conflict) in enumerate(self.by_key.items(), 1):
            what = f"{conflict.datatype} {conflict.global_name}"
            values = [
                self._text(conflict, conflict.values[store], quotes=False)
                if store in conflict.values
                else "-"
                for store in self._stores()
            ]
            row = [key, what, conflict.field, self._base(conflict, quotes=False), *values]
            rows.append([str(number)] * self.numbered + [*row, _since(conflict)])
        return rows

    def _blocks(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """For each, a title, and its values with what they are."""
        for row, conflict in zip(self._rows(), self.by_key.values(), strict=True):
            head = row[: 3 + self.numbered]
            values = [("agreed", self._base(conflict, quotes=False))]
            for store, value in conflict.values.items():
                values.append((store, self._text(conflict, value, quotes=False)))
            yield "  ".join([*head, f"(since {_since(conflict)})"]), values

    def _base(self, conflict: Conflict, *, quotes: bool) -> str:
        from ..fields import MISSING

        if conflict.base is MISSING:
            return "nothing yet"
        return self._text(conflict, conflict.base, quotes=quotes)

    def _text(self, conflict: Conflict, value: Any, *, quotes: bool) -> str:
        return self.values.text(conflict.datatype, conflict.field, value, quotes=quotes)

    def _document(self, key: str, conflict: Conflict) -> dict[str, Any]:
        plain = self.values.plain
        return {
            "key": key,
            "type": conflict.datatype,
            "name": conflict.global_name,
            "field": conflict.field,
            "agreed": plain(conflict.datatype, conflict.field, conflict.base),
            "values": {
                store: plain(conflict.datatype, conflict.field, value)
                for store, value in conflict.values.items()
            },
            "since": conflict.since and conflict.since.isoformat(),
        }


class _Sides:
    """Rows of a table, or, where the terminal is too narrow for it, one block for each row."""

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        blocks: Iterable[tuple[str, Iterable[tuple[str, str]]]],
    ) -> None:
        self.columns, self.rows, self.blocks = columns, rows, blocks

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        cells = zip(self.columns, *self.rows, strict=True)
        widths = [max(min(len(text), READABLE) for text in column) for column in cells]
        if sum(widths) + 2 * len(widths) <= options.max_width + 2:
            made = table(*self.columns, whole=("#", "key"))
            for column, width in zip(made.columns, widths, strict=True):
                column.min_width = width
            for row in self.rows:
                made.add_row(*map(cell, row))
            yield made
            return
        for title, values in self.blocks:
            yield cell(title, "bold")
            block = table("", "")
            block.show_header = False
            for what, text in values:
                block.add_row(cell(f"  {what}"), cell(text))
            yield block


def _since(conflict: Conflict) -> str:
    return moment(conflict.since) if conflict.since else "now"
