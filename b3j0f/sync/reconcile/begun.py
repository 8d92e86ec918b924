"""Writes of which nobody heard the end: what a store holds tells whether they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..fields import MISSING
from .forms import resembles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..data import Content, Schema
    from .merge import Side

__all__ = ["take_in"]

NAMING = {"name", "context"}


def take_in(schema: Schema, side: Side, base: Content | None) -> None:
    """See whether a write that was begun in *side* was made, and then take it for made.

    It was made when there is a value that looks like one that was written; what looks
    otherwise was edited after it. Without any such sign it stays open. What was agreed anew
    since, in *base*, is still pending.
    """
    if base is None or side.begun is None or side.current is None or not side.available:
        return
    written, edited = _found(schema, side, side.begun)
    if side.view is None and not _is_ours(schema, side.begun, written, edited):
        return
    if written:
        side.view = tuple(
            value if name in written else given if name in edited else seen
            for name, value, seen, given in _rows(schema, side, side.begun)
        )
        side.pending = frozenset(
            name
            for name, given, agreed in zip(schema.names, side.begun, base, strict=True)
            if name in side.pending
            if given not in (agreed, MISSING) or name not in written | edited
        )
        side.begun = None


def _rows(schema: Schema, side: Side, begun: Content) -> Iterator[tuple[str, Any, Any, Any]]:
    """Each field: its name, what is there, what was there when last agreed, what was written."""
    assert side.current is not None  # noqa: S101 - see the caller
    view = side.view or (MISSING,) * len(begun)
    return zip(schema.names, side.current, view, begun, strict=True)


def _found(schema: Schema, side: Side, begun: Content) -> tuple[set[str], set[str]]:
    """Names of the fields that have what was written, and of those that have something else."""
    written: set[str] = set()
    edited: set[str] = set()
    for name, value, seen, given in _rows(schema, side, begun):
        is_known = value is not MISSING and given is not MISSING
        if name in side.pending and is_known and value != seen:
            (written if resembles(value, given) else edited).add(name)
    return written, edited


def _is_ours(schema: Schema, begun: Content, written: set[str], edited: set[str]) -> bool:
    """Whether a data that is there was added by us; its name alone does not tell that."""
    telling = {
        name
        for name, given in zip(schema.names, begun, strict=True)
        if name not in NAMING and given not in schema.fields[name].kind.empty
    }
    return not edited or bool(written & telling)
