"""How long texts differ, line by line, as people read it."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from .text import escaped, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["differences", "is_long", "told_size"]

LONG = 60
"""A text of one line that is longer than this is no longer compared at a glance."""
AROUND = 1
"""So many lines that are the same stand around those that differ."""
CLOSE = 20
"""Where long lines differ in a part of them, so many characters stand around it."""


def is_long(text: str) -> bool:
    """Whether *text* is compared better by what differs than as a whole."""
    return "\n" in text or len(text) > LONG


def told_size(text: str) -> str:
    """How long *text* is, in words."""
    lines = len(text.splitlines())
    return f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"


def differences(before: str, after: str) -> Iterator[tuple[str, str]]:
    r"""The lines of a comparison, each with its sign: ``-``, ``+``, a blank, or ``…`` for a gap.

    >>> list(differences("one\ntwo\nthree\nfour", "one\ntwo\nthree\n4"))
    [(' ', 'three'), ('-', 'four'), ('+', '4')]
    """
    old, new = before.split("\n"), after.split("\n")
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND)
    for number, group in enumerate(groups):
        if number:
            yield "…", ""
        for kind, at, to, new_at, new_to in group:
            if kind == "equal":
                yield from ((" ", escaped(line)) for line in old[at:to])
            else:
                yield from _changed(old[at:to], new[new_at:new_to])


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(old) == len(new):
        pairs = [_parts(*pair) for pair in zip(old, new, strict=True)]
        old, new = [one for one, _ in pairs], [other for _, other in pairs]
    yield from (("-", _visible(line)) for line in old)
    yield from (("+", _visible(line)) for line in new)


def _parts(one: str, other: str) -> tuple[str, str]:
    """Both lines; where they are long, without what they have in common at either end."""
    if max(len(one), len(other)) <= LONG:
        return one, other
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    first = max(0, start - CLOSE)
    last = max(0, end - CLOSE)

    def part(line: str) -> str:
        inner = line[first : len(line) - last]
        return ("…" if first else "") + inner + ("…" if last else "")

    return part(one), part(other)


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _visible(line: str) -> str:
    """*line*, in quotes where what differs may be blank."""
    return quoted(line) if not line or line != line.rstrip() else escaped(line)
