"""Queries: which data of one type are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .data import Data

__all__ = ["Query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which data are wanted; a hook may ignore what its backend cannot filter.

    Attributes:
        names: Those with one of these names, or None for any.
        context: Those in exactly this context, or None for any.
        created_since, updated_since: Those created or updated at this time or later; data
            whose store does not know the time are left out. None for any.
        equal: Those whose fields have these values.
        limit: At most so many, or None for all. A hook that ignored another condition must
            ignore the limit too.
    """

    names: frozenset[str] | None = None
    context: tuple[str, ...] | None = None
    created_since: datetime | None = None
    updated_since: datetime | None = None
    equal: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None

    @property
    def is_unconditional(self) -> bool:
        """Whether every data is wanted, up to the limit."""
        return (
            self.names is None
            and self.context is None
            and self.created_since is None
            and self.updated_since is None
            and not self.equal
        )

    def matches(self, data: Data) -> bool:
        """Whether *data* fulfils every condition; the limit is not looked at."""
        return (
            (self.names is None or data.name in self.names)
            and (self.context is None or data.context == self.context)
            and _since(data.created, self.created_since)
            and _since(data.updated, self.updated_since)
            and all(getattr(data, name) == value for name, value in self.equal.items())
        )


EVERYTHING = Query()


def _since(time: datetime | None, start: datetime | None) -> bool:
    return start is None or (time is not None and time >= start)
