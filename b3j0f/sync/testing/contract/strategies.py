"""Hypothesis strategies for the values of any field, and for whole data."""

from __future__ import annotations

import enum
import typing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import strategies as st

from ...ref import Ref
from ...samples.examples import shape

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["values_of"]

_TEXTS = st.text(max_size=12)

_SCALARS: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
    str: lambda: _TEXTS,
    bool: st.booleans,
    int: lambda: st.integers(-(2**63), 2**63 - 1),
    float: lambda: st.floats(allow_nan=False, allow_infinity=False),
    Decimal: lambda: st.decimals(-(10**9), 10**9, places=4),
    bytes: lambda: st.binary(max_size=12),
    datetime: lambda: st.datetimes(timezones=st.just(UTC)),
    date: st.dates,
    time: st.times,
    UUID: st.uuids,
}


def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value that a field of this annotation can have, within what stores usually hold."""
    kind, within = shape(annotation)
    if kind is typing.Optional:
        return st.none() | values_of(within)
    if kind is typing.Literal or kind is enum.Enum:
        return st.sampled_from(list(within))
    if kind is frozenset:
        return st.frozensets(values_of(within), max_size=3)
    if kind is tuple:
        return st.lists(values_of(within), max_size=3).map(tuple)
    if kind is Ref:
        return _TEXTS.map(Ref)
    return _SCALARS[kind]()
