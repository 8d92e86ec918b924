"""Conflicts at a terminal: side by side, long texts as differences, data to be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..fields import MISSING
from .candidates import differing
from .difference import differences, told_size
from .output import cell, table
from .text import count, moment, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType

    from .conflictlist import ConflictList, Listed

__all__ = ["tables"]

READABLE = 16
"""A column of a table is as wide as its texts, or at least as this."""
MOST_LINES, MOST_FIELDS = 30, 6
"""So many lines of a difference, and so many fields of data to be told apart, are shown."""
STYLES = {"-": "red", "+": "green", "…": "dim", " ": "dim"}
WHICH = "which are the same"


def tables(listed: ConflictList) -> Iterator[RenderableType]:
    """All that *listed* has, up to its limit; nothing when it has none."""
    every = listed.every[: listed.limit]
    details = {one.key: _details(listed, one) for one in every}
    plain = [one for one in every if not details[one.key]]
    if plain:
        yield _Sides(listed, plain)
    for number, one in enumerate(one for one in every if details[one.key]):
        if number or plain:
            yield ""
        yield cell("  ".join([*_head(listed, one), f"(since {_since(one)})"]), "bold")
        yield from details[one.key]
    if len(every) < len(listed.every):
        yield ""
        yield cell(f"... and {len(listed.every) - len(every):,} more; --all shows them")


class _Sides:
    """Rows of a table, or, where the terminal is too narrow for it, one block for each row."""

    def __init__(self, listed: ConflictList, every: Sequence[Listed]) -> None:
        self.listed, self.every = listed, every
        self.stores = list(dict.fromkeys(store for one in every for store in one.conflict.values))

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        rows = [self._row(one) for one in self.every]
        columns = ["#"] * self.listed.numbered
        columns += ["key", "what", "field", "agreed", *self.stores, "since"]
        widths = [
            max(min(len(text), READABLE) for text in column)
            for column in zip(columns, *rows, strict=True)
        ]
        if sum(widths) + 2 * len(widths) > options.max_width + 2:
            yield from self._blocks()
            return
        made = table(*columns, whole=("#", "key"))
        for column, width in zip(made.columns, widths, strict=True):
            column.min_width = width
        for row in rows:
            made.add_row(*map(cell, row))
        yield made

    def _row(self, one: Listed) -> list[str]:
        texts = dict(_texts(self.listed, one))
        values = [texts.get(store, "-") for store in ("", *self.stores)]
        return [*_head(self.listed, one), *values, _since(one)]

    def _blocks(self) -> Iterator[RenderableType]:
        for one in self.every:
            yield cell("  ".join([*_head(self.listed, one), f"(since {_since(one)})"]), "bold")
            block = table("", "")
            block.show_header = False
            for store, text in _texts(self.listed, one):
                block.add_row(cell(f"  {store or 'agreed'}"), cell(text))
            yield block


def _head(listed: ConflictList, one: Listed) -> list[str]:
    """Number, key, what it is about, and the field."""
    conflict = one.conflict
    field = WHICH if one.is_ambiguous else conflict.field
    what = f"{conflict.datatype} {conflict.global_name}"
    return [f"{one.number}"] * listed.numbered + [one.key, what, field]


def _texts(listed: ConflictList, one: Listed) -> list[tuple[str, str]]:
    """The store, "" for what was agreed, and the value as text."""
    conflict = one.conflict
    every = {"": conflict.base, **conflict.values}
    texts = listed.values.side_by_side(
        conflict.datatype, conflict.field, every.values(), quotes=False
    )
    told = list(zip(every, texts, strict=True))
    if conflict.base is MISSING or one.is_ambiguous:
        told[0] = ("", "nothing yet")
    return told


def _since(one: Listed) -> str:
    return moment(one.conflict.since) if one.conflict.since else "now"


def _details(listed: ConflictList, one: Listed) -> list[RenderableType]:
    """What is shown in place of a row: differences of long texts, data that are alike."""
    if one.candidates:
        return [_candidates(listed, one)]
    conflict = one.conflict
    texts = {
        store: listed.values.long_text(conflict.datatype, conflict.field, value)
        for store, value in {"": conflict.base, **conflict.values}.items()
    }
    if not any(texts.values()):
        return []
    return list(_compared(listed, one))


def _compared(listed: ConflictList, one: Listed) -> Iterator[RenderableType]:
    """Each store's text by how it differs from what was agreed, or else from the first one."""
    conflict = one.conflict

    def whole(value: Any) -> str:
        plain = listed.values.plain(conflict.datatype, conflict.field, value)
        return plain if isinstance(plain, str) else ""

    every: dict[str, Any] = dict(conflict.values)
    base, name = conflict.base, "agreed"
    if base is MISSING:
        name, base = next(iter(every.items()))
        del every[name]
    before = whole(base)
    yield cell(f"  {name}: {told_size(before) if before else 'empty'}", "dim")
    for store, value in every.items():
        yield cell(f"  {store}", "bold")
        after = whole(value)
        lines = (
            list(differences(before, after)) if before else [("+", t) for t in after.split("\n")]
        )
        block = table("", "")
        block.show_header = False
        for sign, text in lines[:MOST_LINES]:
            style = STYLES[sign]
            block.add_row(cell(f"  {sign}", style), cell(text, style))
        yield block
        if len(lines) > MOST_LINES:
            yield cell(f"    ... and {count(len(lines) - MOST_LINES, 'line')} more", "dim")


def _candidates(listed: ConflictList, one: Listed) -> RenderableType:
    """A table of data that cannot be told apart, with the fields in which they differ."""
    datatype, values = one.conflict.datatype, listed.values
    fields = differing(one.candidates, values, datatype)[:MOST_FIELDS]
    made = table("  store", "id", *fields, *([] if fields else [""]))
    for candidate in one.candidates:
        if candidate.data is None:
            told = [cell(candidate.problem, "red")]
        elif not fields:
            told = [cell("just the same", "dim")]
        else:
            told = [
                cell(values.text(datatype, field, getattr(candidate.data, field), quotes=False))
                for field in fields
            ]
        made.add_row(cell(f"  {candidate.store}"), cell(shown(candidate.id, quotes=False)), *told)
    return made
