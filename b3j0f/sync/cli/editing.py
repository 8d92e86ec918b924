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
    texts = {
        store: values.editable(conflict.datatype, conflict.field, value).split("\n")
        for store, value in conflict.values.items()
    }
    marks = [f"{'=======' if number else '<<<<<<<'} {store}" for number, store in enumerate(texts)]
    every = list(texts.values())
    lines = list(_merged(marks, every) if len(every) == TWO else _sections(marks, every))
    return {*marks, END}, lines


def _sections(marks: Sequence[str], every: Sequence[Sequence[str]]) -> Iterator[str]:
    for mark, lines in zip(marks, every, strict=True):
        yield mark
        yield from lines
    yield END


def _merged(marks: Sequence[str], every: Sequence[Sequence[str]]) -> Iterator[str]:
    """Two texts at once: what they have in common stands outside of the marks."""
    one, other = every
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for kind, at, to, other_at, other_to in matcher.get_opcodes():
        if kind == "equal":
            yield from one[at:to]
        else:
            yield from _sections(marks, [one[at:to], other[other_at:other_to]])


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
