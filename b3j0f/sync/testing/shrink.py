"""Shrinking: the shortest history that still goes wrong.

Parts are left out as long as that can be, big ones first; then numbers are made smaller. The
first half is delta debugging (Zeller and Hildebrandt, 2002: "Simplifying and isolating
failure-inducing input").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .world.steps import Step

__all__ = ["shrunk"]


def shrunk(steps: Sequence[Step], is_broken: Callable[[Sequence[Step]], bool]) -> list[Step]:
    """A part of *steps* with smaller numbers that is still broken, and nothing of it can go."""
    best, before = list(steps), None
    while best != before:
        before = list(best)
        best = _shorter(best, is_broken)
        best = _smaller(best, is_broken)
    return best


def _shorter(steps: list[Step], is_broken: Callable[[Sequence[Step]], bool]) -> list[Step]:
    size = max(1, len(steps) // 2)
    while size:
        start = 0
        while start < len(steps):
            rest = steps[:start] + steps[start + size :]
            if is_broken(rest):
                steps = rest
            else:
                start += size
        size //= 2
    return steps


def _smaller(steps: list[Step], is_broken: Callable[[Sequence[Step]], bool]) -> list[Step]:
    for position, step in enumerate(steps):
        for place in range(1, len(step)):
            for value in range(int(step[place])):
                changed = (*step[:place], value, *step[place + 1 :])
                some = [*steps[:position], changed, *steps[position + 1 :]]
                if is_broken(some):  # type: ignore[arg-type]
                    steps, step = some, changed  # type: ignore[assignment]  # noqa: PLW2901
                    break
    return steps
