"""Checking that values come back: generated ones go through a transform and back, each way."""

from __future__ import annotations

from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..fields import Field
    from .mapping import Way

__all__ = ["check_way"]

MOST = 200
"""Values that are tried each way, at most."""
Values = tuple[Any, ...]


def check_way(label: str, way: Way) -> list[ConfigError]:
    """The first value that does not come back, from the store and to it; none where all do.

    A value that a transform refuses counts for nothing: its record would be set aside.
    """
    told = [tuple(values) for values in way.transform.examples()]
    local = [*told, *_examples(way.local)]
    found = [_first_lost(way, local, way.to_shared, way.to_local, is_local=True)]
    found += [_first_lost(way, list(_examples(way.shared)), way.to_local, way.to_shared)]
    return [
        ConfigError(problem, option=label, expected="what comes back as it was, or lossy=True")
        for problem in found
        if problem is not None
    ]


def _first_lost(
    way: Way,
    every: Sequence[Values],
    there: Callable[[Values], Values],
    back: Callable[[Values], Values],
    *,
    is_local: bool = False,
) -> str | None:
    is_default = getattr(way.transform, "is_default", None)
    for values in every[:MOST]:
        if is_default is not None and is_default(values, local=is_local):
            continue
        try:
            made = there(values)
        except (DataError, ArithmeticError, LookupError, TypeError, ValueError):
            continue
        try:
            again = back(made)
        except (DataError, ArithmeticError, LookupError, TypeError, ValueError) as exc:
            return f"{_shown(values)} becomes {_shown(made)}, which has no way back: {exc}"
        if again != values:
            return f"{_shown(values)} becomes {_shown(made)} and comes back as {_shown(again)}"
    return None


def _examples(fields: Sequence[Field]) -> Iterator[Values]:
    """Values of the kinds of these fields, those at the edges first."""
    from ..samples.examples import edge_values, example_value

    columns = []
    for field in fields:
        usual = (example_value(field.annotation, number, field.name) for number in range(9))
        columns.append([*edge_values(field.annotation, field.name), *usual])
    rows = zip_longest(*columns, fillvalue=None)
    for number, row in enumerate(islice(rows, MOST)):
        yield tuple(
            column[number % len(column)] if value is None else value
            for column, value in zip(columns, row, strict=True)
        )


def _shown(values: Values) -> str:
    return ", ".join(map(repr, values))
