"""The types of the data in a world, and the filter of its filtered links."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - the field needs it

from ...data import Data

__all__ = ["Folder", "LawBrokenError", "Note", "passes"]


class Folder(Data):
    """What embeds notes."""

    birth: str = ""
    colour: str = ""


class Note(Data, parent=Folder):
    """What users edit: a text, a number that may lack, a set, a time with microseconds."""

    birth: str = ""
    text: str = ""
    count: int | None = None
    tags: frozenset[str] = frozenset()
    due: datetime | None = None


class LawBrokenError(AssertionError):
    """A law of the design does not hold."""


def passes(data: Data) -> bool:
    """The filter of filtered links: edits move data in and out."""
    count = getattr(data, "count", None)
    return count is None or count % 2 == 0
