"""CascadingStore: what is embedded goes where that which embeds it goes, as on many a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..data import Data, schema_of
from ..query import EVERYTHING
from ..stores.memory import MemoryAccessor, MemoryStore, accessor_for

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CascadingStore"]

D = TypeVar("D", bound=Data)


class CascadingAccessor(MemoryAccessor[D]):
    """Renames, moves and removes what is embedded along, and tells nobody."""

    def _update(self, data: D, old: D) -> D:
        with self._lock:
            stored = super()._update(data, old)
            if (data.name, data.context) != (old.name, old.context):
                for accessor, each in self._embedded(old):
                    moved: Any = each.replace(context=(*data.context, data.name))
                    accessor._update(moved, each)
        return stored

    def _remove(self, data: D) -> None:
        with self._lock:
            stored = None if data.id is None else self._get(data.id)
            super()._remove(data)
            for accessor, each in self._embedded(stored or data):
                accessor._remove(each)

    def _embedded(self, data: Data) -> list[tuple[MemoryAccessor[Any], Data]]:
        """What only *data* embeds: none, where another one of its name is there."""
        context = (*data.context, data.name)
        if self._get_by_name(data.name, data.context) is not None:
            return []
        found: list[tuple[MemoryAccessor[Any], Data]] = []
        for datatype in self.store.types:
            if schema_of(datatype).parent is self.datatype:
                accessor: Any = self.store.accessor(datatype)
                held = [each for each in accessor._find(EVERYTHING) if each.context == context]
                found += [(accessor, each) for each in held]
        return found


class CascadingStore(MemoryStore):
    """A MemoryStore that renames, moves and removes what is embedded along."""

    def __init__(self, types: Iterable[type[Data]], *, name: str = "cascading") -> None:
        super().__init__(types, name=name)
        for datatype in self.types:
            self._accessors[datatype] = accessor_for(CascadingAccessor, datatype)(self)
