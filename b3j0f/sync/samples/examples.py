"""Example data for any type: ordinary ones, changed ones, and values at the edges of a kind."""

from __future__ import annotations

import enum
import sys
import typing
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import UnionType
from typing import Any, TypeVar
from uuid import UUID

from ..data import Data, schema_of
from ..names import global_name
from ..ref import Ref
from .texts import LONG_TEXT, ODD_CONTEXTS, ODD_NAMES, ODD_TEXTS

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["changed", "contexts", "edge_values", "example", "example_value", "shape"]

D = TypeVar("D", bound=Data)

_TRIES = 10
_MOMENT = datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC)


def example(datatype: type[D], number: int, context: tuple[str, ...] | None = None) -> D:
    """An ordinary data of any type; another *number* gives another name and other values."""
    schema = schema_of(datatype)
    values = {
        name: example_value(field.annotation, number, name)
        for name, field in schema.fields.items()
        if name not in {"name", "context"}
    }
    if context is None:
        choice = contexts(datatype)
        context = choice[number % len(choice)]
    return datatype(name=_name(datatype, number), context=context, **values)


def changed(data: D) -> D:
    """A copy with another value in every field but name and context, where there is another."""
    schema = schema_of(type(data))
    return data.replace(
        **{
            name: other_value(field.annotation, getattr(data, name), name)
            for name, field in schema.fields.items()
            if name not in {"name", "context"}
        }
    )


def contexts(datatype: type[Data]) -> Sequence[tuple[str, ...]]:
    """Contexts as the place of a type among the others asks for: one name for each that embeds."""
    above: list[type[Data]] = []
    parent = schema_of(datatype).parent
    while parent is not None:
        above.insert(0, parent)
        parent = schema_of(parent).parent
    if not above:
        return [()]
    return [tuple(_name(outer, number) for outer in above) for number in range(3)]


def example_value(annotation: Any, number: int, name: str = "value") -> Any:
    """An ordinary value for a field of this annotation, other than most for other numbers."""
    kind, within = shape(annotation)
    if kind is typing.Optional:
        return example_value(within, number, name)
    if kind is typing.Literal or kind is enum.Enum:
        every = list(within)
        return every[number % len(every)]
    if kind is frozenset or kind is tuple:
        return kind(example_value(within, number + step, name) for step in range(1 + number % 2))
    if kind is Ref:
        return Ref(_ref_name(within, number))
    return _ORDINARY[kind](number, name)


def other_value(annotation: Any, value: Any, name: str = "value") -> Any:
    """A value that differs from *value*; *value* itself where the kind has one value only."""
    others = (example_value(annotation, number, name) for number in range(1, _TRIES))
    return next((other for other in others if other != value), value)


def edge_values(annotation: Any, name: str = "value") -> list[Any]:
    """Values that stores get wrong, for a field of this annotation and name."""
    if name == "name":
        return list(ODD_NAMES)
    if name == "context":
        return list(ODD_CONTEXTS)
    kind, within = shape(annotation)
    if kind is typing.Optional:
        return [None, *edge_values(within)]
    if kind is typing.Literal or kind is enum.Enum:
        return list(within)
    if kind is frozenset or kind is tuple:
        return _edge_collections(kind, within)
    if kind is Ref:
        return [Ref(text) for text in ODD_NAMES]
    return list(_EDGES[kind])


def shape(annotation: Any) -> tuple[Any, Any]:
    """What an annotation is at heart, and what it is made of.

    (str, None), (typing.Optional, inner), (tuple, item), (typing.Literal, values),
    (enum.Enum, members), (Ref, target), ...
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return shape(arguments[0])
    if origin in {typing.Union, UnionType}:
        return typing.Optional, next(inner for inner in arguments if inner is not type(None))
    if origin is typing.Literal:
        return origin, arguments
    if origin in {frozenset, tuple, Ref}:
        return origin, arguments[0]
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return enum.Enum, tuple(annotation)
    return annotation, None


def _name(datatype: type[Data], number: int) -> str:
    return f"{datatype.__name__.lower()} {number}"


def _ref_name(target: Any, number: int) -> str:
    if not isinstance(target, type):
        return f"somebody {number}"
    return global_name(_name(target, number), contexts(target)[0])


def _edge_collections(kind: Callable[[Any], Any], within: Any) -> list[Any]:
    edges = edge_values(within)
    short = [value for value in edges if value != LONG_TEXT]
    # One of each alone, then all together: separators are found out only by company.
    return [kind(()), *(kind([value]) for value in short), kind(short), kind(short[::-1])]


_ORDINARY: dict[Any, Callable[[int, str], Any]] = {
    str: lambda number, name: f"{name} {number}",
    bool: lambda number, _: number % 2 == 1,
    int: lambda number, _: number + 10,
    float: lambda number, _: number + 0.25,
    Decimal: lambda number, _: Decimal(number) + Decimal("0.75"),
    bytes: lambda number, _: bytes([number % 256, 255]),
    datetime: lambda number, _: _MOMENT + timedelta(days=number),
    date: lambda number, _: _MOMENT.date() + timedelta(days=number),
    time: lambda number, _: time(number % 24, 30, 15),
    UUID: lambda number, _: UUID(int=number + 2**100),
}

_EDGES: dict[Any, Sequence[Any]] = {
    str: ODD_TEXTS,
    bool: (False, True),
    int: (0, -1, 1, 255, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)),
    float: (
        *(0.0, -1.5, 1.0, 0.1 + 0.2, 1e22, 1e-7, -1e300, 5e-324, float(2**53)),
        *(sys.float_info.max, -sys.float_info.max, sys.float_info.min, sys.float_info.epsilon),
    ),
    Decimal: tuple(
        map(
            Decimal,
            ("0", "1", "-1", "1.50", "100", "1E+3", "0.1", "-0.000001", "1234567890123.4567"),
        )
    ),
    bytes: (b"", b"\0", b" ", b"\r\n", b"text", b"\xff\xfe", bytes(range(256)), b"x" * 100_000),
    datetime: (
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 30, 0, 1, tzinfo=UTC),
        datetime(2024, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(2024, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-11))),
    ),
    date: (date.min, date.max, date(1970, 1, 1), date(2024, 2, 29), date(1582, 10, 10)),
    time: (time.min, time.max, time(0, 0, 0, 1), time(12), time(23, 59, 59)),
    UUID: (UUID(int=0), UUID(int=2**128 - 1), UUID("12345678-1234-5678-1234-567812345678")),
}
