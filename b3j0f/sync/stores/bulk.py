"""Accessors whose backends write many data as easily as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..accessor import Accessor
from ..data import Data
from ..errors import SyncError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BulkAccessor"]

D = TypeVar("D", bound=Data)


class BulkAccessor(Accessor[D]):
    """Writes one data as a batch of one: only the hooks for many are to be written."""

    def _add(self, data: D) -> D:
        stored: D = _only(self._add_many([data]))
        return stored

    def _update(self, data: D, old: D) -> D:
        stored: D = _only(self._update_many([(data, old)]))
        return stored

    def _remove(self, data: D) -> None:
        _only(self._remove_many([data]))


def _only(outcomes: Iterable[Any]) -> Any:
    (outcome,) = outcomes
    if isinstance(outcome, SyncError):
        raise outcome
    return outcome
