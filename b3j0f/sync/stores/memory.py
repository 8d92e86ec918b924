"""MemoryStore: data in the memory of this process."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from ..accessor import Accessor, Capability
from ..data import Data
from ..store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..data import Content
    from ..errors import SyncError
    from ..query import Query

__all__ = ["MemoryStore"]

D = TypeVar("D", bound=Data)
Id = str | int


# Content, created, updated. A plain tuple: the garbage collector need not watch it.
_Row = tuple["Content", datetime, datetime]


class MemoryAccessor(Accessor[D]):
    """Keeps contents, not objects: what a caller does with a data does not reach the store."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self._rows: dict[Id, _Row] = {}
        self._ids_by_name: dict[tuple[str, tuple[str, ...]], dict[Id, None]] = {}
        self._lock = store.lock
        self._next_id = count(1)
        if store.unique_names:
            self.capabilities |= Capability.UNIQUE_NAMES

    def _get(self, id: Id) -> D | None:
        row = self._rows.get(id)
        return None if row is None else self._data(id, row)

    def _get_by_name(self, name: str, context: tuple[str, ...]) -> D | None:
        with self._lock:
            id = next(iter(self._ids_by_name.get((name, context), ())), None)
            return None if id is None else self._data(id, self._rows[id])

    def _find(self, query: Query) -> Iterator[D]:
        with self._lock:
            if query.names is not None and query.context is not None:
                keys = [(name, query.context) for name in query.names]
                ids = [id for key in keys for id in self._ids_by_name.get(key, ())]
                rows = [(id, self._rows[id]) for id in ids]
            else:
                rows = list(self._rows.items())
        make, store = self.schema.make, self.store
        for id, (content, created, updated) in rows:
            yield make(content, id, created, updated, store)

    def _count(self) -> int:
        return len(self._rows)

    def _add(self, data: D) -> D:
        now = datetime.now(UTC)
        with self._lock:
            id = self._free_id() if data.id is None else data.id
            if id in self._rows:
                raise self._already_exists(data)
            self._refuse_taken_name(data, id)
            row = (self.schema.content(data), data.created or now, now)
            self._put(id, row)
        return self._data(id, row)

    def _update(self, data: D, old: D) -> D:
        id: Any = data.id
        with self._lock:
            before = self._rows.get(id)
            self._check_state(None if before is None else self._data(id, before), old)
            self._refuse_taken_name(data, id)
            assert before is not None  # noqa: S101 - its state was checked
            row = (self.schema.content(data), before[1], datetime.now(UTC))
            # It is replaced and never away: reading by id takes no lock.
            self._forget_name(id, before)
            self._put(id, row)
        return self._data(id, row)

    def _remove(self, data: D) -> None:
        with self._lock:
            if data.id not in self._rows:
                raise self._not_found("remove", data)
            self._drop(data.id)

    def _remove_unchanged_many(self, data: Sequence[D]) -> Iterable[SyncError | None]:
        with self._lock:
            return super()._remove_unchanged_many(data)

    def _free_id(self) -> int:
        return next(id for id in self._next_id if id not in self._rows)

    def _refuse_taken_name(self, data: D, id: Id) -> None:
        if Capability.UNIQUE_NAMES in self.capabilities:
            taken = self._ids_by_name.get((data.name, data.context), {})
            if taken and id not in taken:
                raise self._already_exists(data, by_name=True)

    def _put(self, id: Id, row: _Row) -> None:
        self._rows[id] = row
        self._ids_by_name.setdefault(row[0][:2], {})[id] = None

    def _drop(self, id: Id) -> None:
        self._forget_name(id, self._rows.pop(id))

    def _forget_name(self, id: Id, row: _Row) -> None:
        ids = self._ids_by_name[row[0][:2]]
        del ids[id]
        if not ids:
            del self._ids_by_name[row[0][:2]]

    def _data(self, id: Id, row: _Row) -> D:
        content, created, updated = row
        data: D = self.schema.make(content, id, created, updated, self.store)
        return data


class MemoryStore(Store):
    """Data in the memory of this process; ids are counted from 1 for each type.

    It may be used by several threads. It is empty when made, and what it holds is gone with it.

    Args:
        types: The types of its data.
        name: See Store.
        unique_names: Whether two data of one type and context cannot have one name.
    """

    def __init__(
        self,
        types: Iterable[type[Data]],
        *,
        name: str = "memory",
        unique_names: bool = False,
        autoconnect: bool = True,
    ) -> None:
        self.lock = threading.RLock()
        self.unique_names = unique_names
        super().__init__(
            name=name,
            autoconnect=autoconnect,
            accessors=[accessor_for(MemoryAccessor, datatype) for datatype in types],
        )

    def _configure(self, **options: Any) -> None:
        """Also keeps the data, which are nowhere else."""
        kept = {datatype: dict(vars(each)) for datatype, each in self._accessors.items()}
        super()._configure(**options)
        for datatype, before in kept.items():
            if datatype in self._accessors:
                held = {name: before[name] for name in ("_rows", "_ids_by_name", "_next_id")}
                vars(self._accessors[datatype]).update(held)


def accessor_for(base: type[Accessor[Any]], datatype: type[Data]) -> Any:
    """A class of accessors like *base* for one type, for stores whose types are given to them."""
    return type(f"{datatype.__name__}{base.__name__}", (base,), {"datatype": datatype})
