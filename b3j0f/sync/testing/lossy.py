"""LossyStore: a store that normalises what it is given, as many a server does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from ..data import Data, schema_of
from ..stores.memory import MemoryAccessor, MemoryStore, accessor_for

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LossyStore", "normalised"]

D = TypeVar("D", bound=Data)

_LINE_FEED = re.compile(r"(?<!\r)\n")
_FIRST_WRITE = datetime(2024, 1, 1, tzinfo=UTC)


def normalised(data: D) -> D:
    """What a LossyStore holds of *data*; the same again when it is normalised once more.

    Texts are stripped, all but the name; a line feed in the description becomes a carriage
    return and a line feed; datetimes keep whole seconds.
    """
    schema = schema_of(type(data))
    content = zip(schema.names, schema.content(data), strict=True)
    copy: D = schema.make(
        tuple(value if name == "name" else _normalised(name, value) for name, value in content),
        data.id,
        data.created,
        data.updated,
        data.store,
    )
    return copy


def _normalised(name: str, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
        return _LINE_FEED.sub("\r\n", value) if name == "description" else value
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


class LossyAccessor(MemoryAccessor[D]):
    """Keeps what ``normalised`` leaves, and moves ``updated`` by one second at every write."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self._writes = count()

    def _add(self, data: D) -> D:
        return self._touched(super()._add(normalised(data)), added=True)

    def _update(self, data: D, old: D) -> D:
        return self._touched(super()._update(normalised(data), old))

    def _touched(self, stored: D, *, added: bool = False) -> D:
        now = _FIRST_WRITE + timedelta(seconds=next(self._writes))
        id: Any = stored.id
        content, created, _ = self._rows[id]
        row = (content, now if added else created, now)
        self._rows[id] = row
        return self._data(id, row)


class LossyStore(MemoryStore):
    """Data in memory, normalised as ``normalised`` tells; what it answers differs from what it got.

    Its clock is the number of writes, so that the same writes give the same data.

    Args:
        types: The types of its data.
        name: See Store.
        unique_names: Whether two data of one type and context cannot have one name.
    """

    def __init__(
        self, types: Iterable[type[Data]], *, name: str = "lossy", unique_names: bool = False
    ) -> None:
        super().__init__(types, name=name, unique_names=unique_names)
        for datatype in self.types:
            self._accessors[datatype] = accessor_for(LossyAccessor, datatype)(self)
