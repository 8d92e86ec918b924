"""Policies: small objects that decide a conflict, or abstain in favour of the next one."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..fields import Field
    from .conflict import Conflict

__all__ = [
    "ABSTAIN",
    "Manual",
    "Merge",
    "Newest",
    "Policy",
    "Prefer",
    "Removal",
    "Removals",
    "policy_of",
]


class _Abstain(enum.Enum):
    ABSTAIN = "abstain"

    def __repr__(self) -> str:
        return "ABSTAIN"


ABSTAIN = _Abstain.ABSTAIN
"""What a policy answers when it does not decide."""


class Policy:
    """Decides conflicts; ``a | b`` asks b where a abstains.

    A subclass writes ``resolve``; it must answer the same for the same conflict, whatever
    the time and the order of the stores.
    """

    def resolve(self, conflict: Conflict) -> Any:
        """The value to agree on, or ABSTAIN."""
        raise NotImplementedError

    def decider(self, conflict: Conflict) -> Policy:
        """Whoever decides *conflict*: itself, or the one among those that it asks."""
        return self

    def removal_wins(self, removal: Removal) -> bool:
        """Whether a removal wins over edits made elsewhere; False leaves it to the next one.

        Where nobody says so, the edits win, and what was removed comes back.
        """
        return False

    def __or__(self, other: Policy) -> Policy:
        return _FirstOf(self, other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A record that was removed in some stores and edited in others since it was agreed.

    Attributes:
        datatype: Name of the data type.
        global_name: Name and context of the record as one string.
        removed: Names of the stores that have lost it.
        edited: Names of the stores that have changed it.
    """

    datatype: str
    global_name: str
    removed: Sequence[str]
    edited: Sequence[str]


class Manual(Policy):
    """Decides nothing: the field stays as it is in each store and the conflict is listed."""

    def resolve(self, conflict: Conflict) -> Any:
        """ABSTAIN, always."""
        return ABSTAIN

    def __repr__(self) -> str:
        return "Manual()"


class Newest(Policy):
    """The value of the store that was changed last.

    It abstains when one of the stores does not say when, or when two say the same time and
    have different values.
    """

    def resolve(self, conflict: Conflict) -> Any:
        """The last changed value, or ABSTAIN."""
        times = [conflict.updated.get(store) for store in conflict.values]
        known = [time for time in times if time is not None]
        if len(known) < len(times):
            return ABSTAIN
        last = max(known)
        winners = [
            value
            for (_, value), time in zip(conflict.values.items(), times, strict=True)
            if time == last
        ]
        return winners[0] if all(value == winners[0] for value in winners) else ABSTAIN

    def __repr__(self) -> str:
        return "Newest()"


class Prefer(Policy):
    """The value of the first of these stores that changed the field; else it abstains."""

    def __init__(self, *stores: str) -> None:
        if not stores or not all(isinstance(store, str) for store in stores):
            raise TypeError('Prefer takes names of stores: Prefer("crm", "sheet")')
        self.stores = stores

    def resolve(self, conflict: Conflict) -> Any:
        """The value of the first preferred store, or ABSTAIN."""
        for store in self.stores:
            if store in conflict.values:
                return conflict.values[store]
        return ABSTAIN

    def __repr__(self) -> str:
        return f"Prefer({', '.join(map(repr, self.stores))})"


class Merge(Policy):
    """What a function makes of the base and the values.

    ``function(base, values)`` gets the agreed value (MISSING when there is none) and the list
    of the different values; it gives the merged value, or ABSTAIN.
    """

    def __init__(self, function: Callable[[Any, list[Any]], Any]) -> None:
        if not callable(function):
            raise TypeError(f"Merge takes a function of base and values, not {function!r}")
        self.function = function

    def resolve(self, conflict: Conflict) -> Any:
        """What the function gives."""
        different: list[Any] = []
        for value in conflict.values.values():
            if value not in different:
                different.append(value)
        return self.function(conflict.base, different)

    def __repr__(self) -> str:
        return f"Merge({getattr(self.function, '__name__', self.function)})"


class Removals(Policy):
    """A removal in one of these stores wins over edits elsewhere; without stores, in any.

    It decides nothing else: on fields it abstains.
    """

    def __init__(self, *stores: str) -> None:
        if not all(isinstance(store, str) for store in stores):
            raise TypeError('Removals takes names of stores: Removals("crm", "sheet")')
        self.stores = stores

    def resolve(self, conflict: Conflict) -> Any:
        """ABSTAIN, always."""
        return ABSTAIN

    def removal_wins(self, removal: Removal) -> bool:
        """Whether one of the stores has removed it."""
        return not self.stores or any(store in self.stores for store in removal.removed)

    def __repr__(self) -> str:
        return f"Removals({', '.join(map(repr, self.stores))})"


class _FirstOf(Policy):
    def __init__(self, *policies: Policy) -> None:
        self.policies = policies

    def resolve(self, conflict: Conflict) -> Any:
        for policy in self.policies:
            value = policy.resolve(conflict)
            if value is not ABSTAIN:
                return value
        return ABSTAIN

    def decider(self, conflict: Conflict) -> Policy:
        decides = (p for p in self.policies if p.resolve(conflict) is not ABSTAIN)
        return next((policy.decider(conflict) for policy in decides), self)

    def removal_wins(self, removal: Removal) -> bool:
        return any(policy.removal_wins(removal) for policy in self.policies)

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.policies))


class _ByPlace(Policy):
    """Asks the policy of the conflict's field, else that of its type, else the general one."""

    def __init__(self, places: Mapping[tuple[str | None, str | None], Policy]) -> None:
        self.places = places

    def resolve(self, conflict: Conflict) -> Any:
        policy = self._of(conflict)
        return ABSTAIN if policy is None else policy.resolve(conflict)

    def decider(self, conflict: Conflict) -> Policy:
        policy = self._of(conflict)
        return self if policy is None else policy.decider(conflict)

    def _of(self, conflict: Conflict) -> Policy | None:
        field, datatype = conflict.field, conflict.datatype
        for place in ((datatype, field), (datatype, None), (None, field), (None, None)):
            if place in self.places:
                return self.places[place]
        return None

    def removal_wins(self, removal: Removal) -> bool:
        for place in ((removal.datatype, None), (None, None)):
            if place in self.places:
                return self.places[place].removal_wins(removal)
        return False

    def __repr__(self) -> str:
        told = [f"{_words(*place)}: {policy!r}" for place, policy in self.places.items()]
        return f"{{{', '.join(told)}}}"


def _words(datatype: str | None, field: str | None) -> str:
    """A type and a field in words."""
    return f"{datatype or 'any type'}.{field}" if field else datatype or "all others"


def policy_of(given: Any) -> Policy:
    """The policy that *given* stands for: itself, or a dict by type and field.

    The keys of a dict are data types or their names, None for all others; its values are
    policies, or dicts of policies by field name, again with None for all other fields.
    """
    if isinstance(given, Policy):
        return given
    if given is None:
        return Manual()
    if not isinstance(given, Mapping):
        raise TypeError(f"a policy is a Policy or a dict of policies, not {given!r}")
    places: dict[tuple[str | None, str | None], Policy] = {}
    for datatype, own in given.items():
        name = datatype if datatype is None else getattr(datatype, "__name__", datatype)
        by_field = own if isinstance(own, Mapping) else {None: own}
        for field, policy in by_field.items():
            if not isinstance(policy, Policy):
                raise TypeError(f"the policy for {name}.{field} is no Policy but {policy!r}")
            places[name, field] = policy
    return _ByPlace(places)


def decided(policy: Policy, conflict: Conflict, field: Field) -> Any:
    """What *policy* decides, checked to be a value of *field*; or ABSTAIN.

    Raises:
        DataError: The policy failed, or gave what the field does not take; the message names it.
    """
    try:
        value = policy.resolve(conflict)
    except Exception as exc:
        raise DataError(
            f"{policy!r} failed on {conflict.datatype} {conflict.global_name!r} "
            f"{conflict.field}: {type(exc).__name__}: {exc}",
            datatype=conflict.datatype,
            field=conflict.field,
        ) from exc
    if value is ABSTAIN:
        return ABSTAIN
    try:
        return field.check(value)
    except DataError as exc:
        raise DataError(
            f"{policy!r} decided on what the field does not take: {exc}",
            datatype=exc.datatype,
            field=exc.field,
            expected=exc.expected,
            given=exc.given,
        ) from exc
