"""Data types to test stores with: one that embeds, and one with a field of every kind."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ..data import Data
from ..ref import Ref  # noqa: TC001 - the annotations are evaluated

__all__ = ["Folder", "Mood", "Note"]


class Mood(enum.Enum):
    """Three values, one of which is not a word."""

    CALM = "calm"
    GLAD = "glad"
    NOT_SO_GLAD = "not so glad, really"


class Folder(Data):
    """Embeds notes; few fields, as most real types have."""

    owner: str = ""
    quota: int = 0


class Note(Data, parent=Folder):
    """Embedded in a folder; one field of every kind, one of them named after an SQL keyword."""

    text: str = ""
    order: int = 0
    weight: float = 0.0
    done: bool = False
    price: Decimal = Decimal(0)
    moment: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    day: date = date(1970, 1, 1)
    alarm: time = time(0)
    key: UUID = UUID(int=0)
    attachment: bytes = b""
    mood: Mood = Mood.CALM
    colour: Literal["red", "green", "blue"] = "red"
    remark: str | None = None
    rank: int | None = None
    seen: datetime | None = None
    tags: frozenset[str] = frozenset()
    lines: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    folder: Ref[Folder] | None = None
