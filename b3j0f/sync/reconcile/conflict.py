"""Conflict: the same field changed to different values in several stores since the base."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..fields import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["AMBIGUOUS", "Conflict"]

AMBIGUOUS = "id"
"""The field of a conflict about which data are the same one; its values are ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What stores disagree on, and what they agreed on before.

    A field on which the stores keep different values until someone decides; or, with the
    field ``id``, data of one name that cannot be told apart: the values are their ids.

    Attributes:
        datatype: Name of the data type.
        global_name: Name and context of the record as one string.
        field: Name of the field.
        base: The agreed value, or MISSING when none ever was.
        values: What each store that changed it has now, by the store's name.
        updated: When each of these stores says it was changed; None when it doesn't say.
        since: When it was first seen, in UTC; None before it is in the ledger.
        record: The ledger's number of the record, or None before it has one.
    """

    datatype: str
    global_name: str
    field: str
    base: Any
    values: Mapping[str, Any]
    updated: Mapping[str, datetime | None] = dataclasses.field(default_factory=dict, compare=False)
    since: datetime | None = dataclasses.field(default=None, compare=False)
    record: int | None = dataclasses.field(default=None, compare=False)

    def __str__(self) -> str:
        values = ", ".join(f"{store} has {value!r}" for store, value in self.values.items())
        if self.field == AMBIGUOUS:
            return f"{self.datatype} {self.global_name!r} cannot be told apart: {values}"
        was = "" if self.base is MISSING else f" (was {self.base!r})"
        return f"{self.datatype} {self.global_name!r} {self.field}: {values}{was}"
