"""Writes of which nobody heard the end: what a store holds tells whether they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fields import MISSING
from .forms import resembles

if TYPE_CHECKING:
    from ..data import Content, Schema
    from .merge import Side

__all__ = ["take_in"]

NAMING = {"name", "context"}


def take_in(schema: Schema, side: Side, base: Content | None) -> None:
    """See whether a write that was begun in *side* was made, and then take it for made.

    It was made when there is a value that looks like one that was written; what looks
    otherwise was edited after it. Without any such sign it stays open.
    """
    if base is None or not (side.begun and side.available) or side.current is None:
        return
    written, edited = _found(schema, side, base)
    if side.view is None and not _is_ours(schema, base, written, edited):
        return
    if written:
        view = side.view or (MISSING,) * len(base)
        side.view = tuple(
            value if name in written else agreed if name in edited else seen
            for name, value, seen, agreed in zip(
                schema.names, side.current, view, base, strict=True
            )
        )
        side.pending -= written | edited
        side.begun = False


def _found(schema: Schema, side: Side, base: Content) -> tuple[set[str], set[str]]:
    """Names of the fields that have what was written, and of those that have something else."""
    assert side.current is not None  # noqa: S101 - see the caller
    view = side.view or (MISSING,) * len(base)
    written: set[str] = set()
    edited: set[str] = set()
    for name, value, seen, agreed in zip(schema.names, side.current, view, base, strict=True):
        is_open = value is MISSING or agreed is MISSING or value == seen
        if name in side.pending and not is_open:
            (written if resembles(value, agreed) else edited).add(name)
    return written, edited


def _is_ours(schema: Schema, base: Content, written: set[str], edited: set[str]) -> bool:
    """Whether a data that is there was added by us; its name alone does not tell that."""
    telling = {
        name
        for name, agreed in zip(schema.names, base, strict=True)
        if name not in NAMING and agreed not in schema.fields[name].kind.empty
    }
    return written >= NAMING and (not edited or bool(written & telling))
