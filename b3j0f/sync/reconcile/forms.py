"""Forms: whether what a store holds is what it was given, in a form of its own.

Stores strip texts, change line ends, cut what is too long, keep whole seconds, round numbers,
or cannot tell nothing from an empty text. Where nobody heard how a write ended, what is there
is compared with what was written in this light: it is the write if it looks like it. This is
only asked of values that were being written; what looks otherwise is taken for an edit.
"""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime, time
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ..fields import MISSING

if TYPE_CHECKING:
    from ..data import Content

__all__ = ["content_resembles", "plain_key", "resembles"]

SHORTEST_CUT = 8
"""A text that is the beginning of another one is taken for it when it has so many letters."""
DIGITS = range(7)
ROUNDINGS = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN)


def resembles(held: Any, given: Any) -> bool:
    """Whether *held* may be the form in which a store keeps *given*."""
    if held == given or held is MISSING or given is MISSING:
        return True
    if _is_nothing(held) or _is_nothing(given):
        return _is_nothing(held) and _is_nothing(given)
    for kinds, alike in _ALIKE:
        if isinstance(held, kinds) and isinstance(given, kinds):
            return bool(alike(held, given))
    return False


def content_resembles(held: Content, given: Content) -> bool:
    """Whether each value of *held* may be the form of that of *given*."""
    return all(resembles(one, other) for one, other in zip(held, given, strict=True))


def plain_key(name: str, context: tuple[str, ...]) -> tuple[str, ...]:
    """The same for a name and context in any of their forms, as far as nothing was cut off."""
    return tuple(map(_plain, (*context, name)))


def _is_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, tuple | frozenset | list | dict) and not value)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _texts(held: str, given: str) -> bool:
    held, given = _plain(held), _plain(given)
    return held == given or (len(held) >= SHORTEST_CUT and given.startswith(held))


def _moments(held: Any, given: Any) -> bool:
    whole = {"microsecond": 0}
    forms = [given.replace(microsecond=given.microsecond // 1000 * 1000), given.replace(**whole)]
    for unit in ("second", "minute", "hour"):
        whole[unit] = 0
        forms.append(given.replace(**whole))
    return held in forms


def _numbers(held: Any, given: Any) -> bool:
    if isinstance(held, Decimal) and isinstance(given, Decimal):
        return any(_rounded(given, digits, way) == held for digits in DIGITS for way in ROUNDINGS)
    return math.isclose(held, given, rel_tol=1e-6) or any(
        round(given, digits) == held for digits in DIGITS
    )


def _rounded(number: Decimal, digits: int, way: str) -> Decimal | None:
    """*number* with so many digits after the point; None when it is too long for that."""
    try:
        return number.quantize(Decimal(1).scaleb(-digits), way)
    except InvalidOperation:
        return None


def _collections(held: Any, given: Any) -> bool:
    if isinstance(held, dict):
        return held.keys() == given.keys() and all(resembles(held[k], given[k]) for k in held)
    rest = list(given)
    for one in held:  # in any order, each once or more often
        found = next((other for other in rest if resembles(one, other)), MISSING)
        if found is MISSING:
            return False
        rest.remove(found)
    return all(any(resembles(one, other) for one in held) for other in rest)


_ALIKE: tuple[tuple[tuple[type, ...], Any], ...] = (
    ((bool,), lambda held, given: held == given),
    ((str,), _texts),
    ((datetime,), _moments),
    ((date,), lambda held, given: held == given),
    ((time,), _moments),
    ((int, float), _numbers),
    ((Decimal,), _numbers),
    ((tuple, list), _collections),
    ((frozenset, set), _collections),
    ((dict,), _collections),
)
