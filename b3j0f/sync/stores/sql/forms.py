"""Forms of values: what columns are found to hold, and what is put into them.

All raise TypeError or ValueError for what they do not understand.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import uuid
from decimal import Decimal
from typing import Any

__all__ = [
    "UnfitError",
    "base64_text",
    "date_of",
    "datetime_of",
    "datetime_text",
    "int64",
    "int_of",
    "int_of_text",
    "isoformat",
    "json_of_text",
    "naive",
    "or_null",
    "text_of",
    "time_of",
    "uuid_bytes",
    "uuid_of",
]


class UnfitError(ValueError):
    """A column cannot hold a value; its message is what the column takes."""


_MIDNIGHT = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - only its time is looked at

# --- decoding ------------------------------------------------------------------------------

_INTEGER = re.compile(r"\s*[+-]?[0-9]+\s*", re.ASCII)


def text_of(value: Any) -> str:
    """The text that any value of a column reads as."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float | uuid.UUID):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError


def int_of(value: Any) -> int:
    """The integer that a number or a numeral is."""
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise ValueError
    elif isinstance(value, float | Decimal):
        if value != int(value):
            raise ValueError
    elif not isinstance(value, int):
        raise TypeError
    return int(value)


def datetime_of(value: Any) -> dt.datetime:
    """The point in time, in UTC, that a time or an ISO text is."""
    if isinstance(value, str):
        if value[4:5] != "-" or value[5:6] == "W":  # others don't compare as text do
            raise ValueError
        value = dt.datetime.fromisoformat(value.rstrip())
    elif not isinstance(value, dt.datetime):
        if not isinstance(value, dt.date):
            raise TypeError
        value = dt.datetime.combine(value, dt.time())
    # A time without a zone is in UTC, whatever the zone of this machine.
    moment: dt.datetime = value
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def date_of(value: Any) -> dt.date:
    """The date that a date, an ISO text, or a midnight is."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value.strip())
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            raise ValueError
        return value.date()
    raise TypeError


def time_of(value: Any) -> dt.time:
    """The time of day that a time, an ISO text or a duration is."""
    if isinstance(value, str):
        value = dt.time.fromisoformat(value.strip())
    elif isinstance(value, dt.timedelta):  # of a driver for which times are durations
        if not dt.timedelta() <= value < dt.timedelta(days=1):
            raise ValueError
        value = (_MIDNIGHT + value).time()
    if not isinstance(value, dt.time):
        raise TypeError
    if value.tzinfo is not None:
        raise ValueError
    return value


def uuid_of(value: Any) -> uuid.UUID:
    """The UUID that sixteen bytes or a text are."""
    if isinstance(value, bytes):
        return uuid.UUID(bytes=value)
    return uuid.UUID(value.strip())


# --- encoding ------------------------------------------------------------------------------

_MOST = 2**63


def int64(value: int) -> int:
    """*value*, when an integer column can hold it."""
    if not -_MOST <= value < _MOST:
        raise OverflowError("an integer column holds 64 bits")
    return value


def int_of_text(text: str) -> int | None:
    """The integer that *text* is the one form of; NULL for none."""
    if not text:
        return None
    number = int64(int(text)) if _INTEGER.fullmatch(text) else None
    if str(number) != text:
        raise ValueError("it is a column of integers")
    return number


def json_of_text(text: str) -> str | None:
    """*text* as JSON: an object or a list as it is, any other text as a string."""
    if not text:
        return None
    try:
        is_structure = isinstance(json.loads(text), dict | list)
    except ValueError:
        is_structure = False
    return text if is_structure else json.dumps(text, ensure_ascii=False)


def or_null(text: str) -> str | None:
    """*text*, or NULL for none: only columns of text hold an empty one."""
    return text or None


def naive(value: dt.datetime) -> dt.datetime:
    """*value* without its zone, which is UTC."""
    return value.replace(tzinfo=None)


def datetime_text(value: dt.datetime) -> str:
    """*value* in the form that SQL has for times in UTC."""
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")


def isoformat(value: Any) -> str:
    """*value* in its ISO form."""
    return str(value.isoformat())


def base64_text(value: bytes) -> str:
    """*value* as text."""
    return base64.b64encode(value).decode("ascii")


def uuid_bytes(value: uuid.UUID) -> bytes:
    """The sixteen bytes of *value*."""
    return value.bytes
