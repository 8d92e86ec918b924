"""Functions for ``Merge``: what becomes of a field that was changed in several ways.

Each takes the agreed value (MISSING when there is none) and the different values, and gives the
merged value or ABSTAIN. The order of the values makes no difference.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..fields import MISSING
from .policy import ABSTAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["merge_counters", "merge_elements", "merge_lines"]


def merge_elements(base: Any, values: Sequence[Any]) -> Any:
    """Sets and lists by element: what anybody has added is in, what anybody has removed is out.

    A list keeps its order; what was added comes where it was added first, in sorted order
    where several added in one place. It abstains where lists were put in different orders,
    and for anything else than sets and lists. Without a base everything is kept.
    """
    every = values if base is MISSING else [base, *values]
    if all(isinstance(one, frozenset | set) for one in every):
        return _merged_sets(frozenset() if base is MISSING else base, values)
    if all(isinstance(one, tuple | list) for one in every):
        return _merged_lists(() if base is MISSING else base, values)
    return ABSTAIN


def _merged_sets(base: Any, values: Sequence[Any]) -> Any:
    added = frozenset().union(*values) - base
    kept = base.intersection(*values)
    return type(values[0])(kept | added)


def _merged_lists(base: Sequence[Any], values: Sequence[Any]) -> Any:
    """The elements of *base* that all have kept, and behind each what was added there."""
    kept = _kept(base, values)
    if any(_common(one, kept) != kept for one in values):
        return ABSTAIN
    merged: list[Any] = []
    additions = [_added(base, one, kept) for one in values]
    surplus: Counter[Any] = Counter()
    for one in values:
        surplus |= Counter(one) - Counter(base)
    for position in range(len(kept) + 1):
        here = sorted({tuple(map(_Orderly, added[position])) for added in additions})
        for group in here:  # what several have added, wherever, is there once
            merged += [one.value for one in group if _take(surplus, one.value)]
        merged += kept[position : position + 1]
    return type(values[0])(merged)


def _kept(base: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """The elements of *base* that every one of *values* still has, as often as it does."""
    counts = [Counter(one) for one in values]
    left = Counter({e: min(count[e] for count in counts) for e in set(base)})
    return [element for element in base if _take(left, element)]


def _common(value: Sequence[Any], kept: Sequence[Any]) -> list[Any]:
    """Those elements of *value* that are among *kept*, in its own order."""
    left = Counter(kept)
    return [element for element in value if _take(left, element)]


def _added(base: Sequence[Any], value: Sequence[Any], kept: Sequence[Any]) -> list[list[Any]]:
    """What *value* has and *base* had not, before each element of *kept* and at the end."""
    groups: list[list[Any]] = [[]]
    left, surplus = Counter(kept), Counter(value) - Counter(base)
    for element in value:
        if _take(left, element):
            groups.append([])
        elif _take(surplus, element):
            groups[-1].append(element)
    return groups


def _take(left: Counter[Any], element: Any) -> bool:
    if left[element] <= 0:
        return False
    left[element] -= 1
    return True


class _Orderly:
    """A value that can be compared with any other one, so that the order is always the same."""

    def __init__(self, value: Any) -> None:
        self.value, self._key = value, (type(value).__name__, repr(value))

    def __lt__(self, other: _Orderly) -> bool:
        return self._key < other._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Orderly) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


def merge_lines(base: Any, values: Sequence[Any]) -> Any:
    """Texts by lines, three-way, by the library merge3; several values one after the other.

    It abstains where lines that touch each other were changed in different ways, without a
    base, and for anything else than texts. Line ends count as they are.
    """
    if not all(isinstance(one, str) for one in (base, *values)):
        return ABSTAIN
    from merge3 import Merge3

    lines = base.splitlines(keepends=True)
    merged, *rest = sorted(values)
    for value in rest:
        regions = list(
            Merge3(
                lines, merged.splitlines(keepends=True), value.splitlines(keepends=True)
            ).merge_groups()
        )
        if any(region[0] == "conflict" for region in regions):
            return ABSTAIN
        merged = "".join(line for region in regions for line in region[1])
    return merged


def merge_counters(base: Any, values: Sequence[Any]) -> Any:
    """Numbers as counters: the base and the sum of what each value has more or less than it.

    Two stores that both counted from 5 to 6 agree on 6 before anybody is asked: values are
    compared, not the steps that led to them. It abstains without a base, and for anything
    else than numbers of one type.
    """
    every = [base, *values]
    if any(isinstance(one, bool) or type(one) is not type(base) for one in every):
        return ABSTAIN
    if not isinstance(base, int | float | Decimal):
        return ABSTAIN
    numbers: Any = values
    total: Any = base
    for number in sorted(numbers):
        total += number - base
    return total
