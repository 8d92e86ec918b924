"""What the columns of a database are made for."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

__all__ = ["Storage", "storage_of"]


class Storage(enum.Enum):
    """What a column is made for."""

    TEXT = enum.auto()
    INTEGER = enum.auto()
    FLOAT = enum.auto()
    NUMERIC = enum.auto()
    BOOLEAN = enum.auto()
    BINARY = enum.auto()
    DATETIME = enum.auto()
    DATETIME_TZ = enum.auto()
    DATE = enum.auto()
    TIME = enum.auto()
    UUID = enum.auto()
    JSON = enum.auto()
    ARRAY = enum.auto()
    ENUM = enum.auto()
    """Texts of a list."""
    OTHER = enum.auto()

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self in {Storage.INTEGER, Storage.FLOAT, Storage.NUMERIC, Storage.BOOLEAN}

    @property
    def is_time(self) -> bool:
        """Whether it holds points in time."""
        return self in {Storage.DATETIME, Storage.DATETIME_TZ}


_STORAGES: list[tuple[Any, Storage]] = [  # the first that fits
    (sa.Boolean, Storage.BOOLEAN),
    (sa.Integer, Storage.INTEGER),
    (sa.Float, Storage.FLOAT),
    (sa.Numeric, Storage.NUMERIC),
    (sa.LargeBinary, Storage.BINARY),
    (sa.BINARY, Storage.BINARY),
    (sa.VARBINARY, Storage.BINARY),
    (sa.DateTime, Storage.DATETIME),
    (sa.Date, Storage.DATE),
    (sa.Time, Storage.TIME),
    (sa.Uuid, Storage.UUID),
    (sa.JSON, Storage.JSON),
    (sa.ARRAY, Storage.ARRAY),
    (sa.Enum, Storage.ENUM),
    (sa.String, Storage.TEXT),
]


def storage_of(column: TypeEngine[Any]) -> Storage:
    """What a column of this type is made for."""
    found = next((s for known, s in _STORAGES if isinstance(column, known)), Storage.OTHER)
    if found is Storage.DATETIME and getattr(column, "timezone", False):
        return Storage.DATETIME_TZ
    return found
