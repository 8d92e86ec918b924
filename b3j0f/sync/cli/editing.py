"""A conflict in an editor: all of its values, of which a person leaves what is right."""

from __future__ import annotations

import os
import sys
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..reconcile.conflict import Conflict
    from .values import Values

__all__ = ["edited"]

SCISSORS = "# --------------------------- >8 ---------------------------"
HELP = """\
# Whatever is above this line is taken. Leave what is right, and remove the lines that begin
# with <<<<<<<, ======= and >>>>>>>. To decide nothing, leave all of it as it is."""
END = ">>>>>>>"
TWO = 2


def edited(conflict: Conflict, values: Values) -> str | None:
    """What a person makes of *conflict*, as text; None: nothing.

    Raises:
        click.ClickException: There is no editor, it failed, or lines that mark the values were
            left.
    """
    if not (os.environ.get("VISUAL") or os.environ.get("EDITOR") or sys.stdin.isatty()):
        raise click.UsageError("--edit needs a terminal, or an editor in VISUAL or EDITOR")
    marks, lines = _marked(conflict, values)
    template = "\n".join([*lines, SCISSORS, HELP, *_remarks(conflict, values)]) + "\n"
    text = click.edit(template, extension=".txt")
    # The editor's file has no \r\n: click takes them for those of another system.
    if text is None or text == template.replace("\r\n", "\n") or not text.strip():
        return None
    answer = text.partition(SCISSORS)[0].removesuffix("\n")
    left = [line for line in answer.split("\n") if line in marks]
    if left:
        raise click.ClickException(f"the line {left[0]!r} was left: nothing was decided")
    return answer


def _marked(conflict: Conflict, values: Values) -> tuple[set[str], list[str]]:
    """Lines that mark where a value begins or ends, and all lines."""
    from ..fields import MISSING

    def lines_of(value: Any) -> list[str]:
        return values.editable(conflict.datatype, conflict.field, value).split("\n")

    every = [lines_of(value) for value in conflict.values.values()]
    base = None if conflict.base is MISSING else lines_of(conflict.base)
    marks = [
        f"{'=======' if number else '<<<<<<<'} {store}"
        for number, store in enumerate(conflict.values)
    ]
    lines = _merged(marks, every, base) if len(every) == TWO else _sections(marks, every)
    return {*marks, END}, list(lines)


def _sections(marks: Sequence[str], every: Sequence[Sequence[str]]) -> Iterator[str]:
    for mark, lines in zip(marks, every, strict=True):
        yield mark
        yield from lines
    yield END


def _merged(
    marks: Sequence[str], every: Sequence[Sequence[str]], base: Sequence[str] | None
) -> Iterator[str]:
    """Two texts as one: only what both have changed, in different ways, stands in marks."""
    from merge3 import Merge3

    one, other = every
    if base is None:
        # What they have in common is as good as agreed.
        blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
        base = [line for block in blocks for line in one[block.a : block.a + block.size]]
    merge: Any = Merge3(base, one, other)
    for kind, *lines in merge.reprocess_merge_regions(merge.merge_regions()):
        if kind == "conflict":
            _, _, at, to, other_at, other_to = lines
            yield from _sections(marks, [one[at:to], other[other_at:other_to]])
        else:
            at, to = lines
            yield from {"unchanged": base, "b": other}.get(kind, one)[at:to]


def _remarks(conflict: Conflict, values: Values) -> Iterator[str]:
    from ..fields import MISSING

    yield "#"
    yield f"# {conflict.datatype} {conflict.global_name!r} {conflict.field}"
    if conflict.base is MISSING:
        yield "# nothing had been agreed before"
        return
    yield "# agreed before:"
    base: Any = values.editable(conflict.datatype, conflict.field, conflict.base)
    yield from (f"#   {line}".rstrip() for line in base.split("\n"))
