"""Data that cannot be told apart, read from their stores so that a person can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import SyncError
from ..reconcile.conflict import AMBIGUOUS
from .text import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..data import Data
    from ..reconcile.conflict import Conflict
    from ..synchronizer import Synchronizer
    from .values import Values

__all__ = ["Candidate", "differing", "read_candidates"]

Id = str | int


class Candidate(NamedTuple):
    """One of the data that cannot be told apart.

    Attributes:
        store, id: Where it is.
        data: What is there now; None when it is gone or cannot be read.
        problem: Why there is no data, in words, or nothing.
    """

    store: str
    id: Id
    data: Data | None
    problem: str = ""

    def documents(self, values: Values, datatype: str) -> dict[str, Any]:
        """It as a JSON object; its fields are null when it cannot be read."""
        fields = None
        if self.data is not None:
            fields = {
                name: values.plain(datatype, name, getattr(self.data, name))
                for name in values.fields(datatype)
            }
        return {"store": self.store, "id": self.id, "fields": fields}


def read_candidates(
    synchronizer: Synchronizer, conflicts: Iterable[Conflict]
) -> dict[int, list[Candidate]]:
    """For each of *conflicts* that is about this, by its position, the data as they are now."""
    types = {datatype.__name__: datatype for datatype in synchronizer.types}
    return {
        position: [
            _read(synchronizer, store, types[conflict.datatype], id)
            for store, ids in conflict.values.items()
            for id in ids or ()
        ]
        for position, conflict in enumerate(conflicts)
        if conflict.field == AMBIGUOUS
    }


def _read(synchronizer: Synchronizer, store: str, datatype: type[Data], id: Id) -> Candidate:
    if store not in synchronizer.stores:
        return Candidate(store, id, None, "it is linked no more")
    try:
        data = synchronizer.stores[store].get(datatype, id)
    except SyncError as exc:
        return Candidate(store, id, None, without_secrets(exc))
    return Candidate(store, id, data, "" if data is not None else "it is gone")


def differing(candidates: Sequence[Candidate], values: Values, datatype: str) -> list[str]:
    """Names of the fields that tell *candidates* apart."""
    every = [candidate.data for candidate in candidates if candidate.data is not None]
    return [
        name
        for name in values.fields(datatype)
        if any(getattr(data, name) != getattr(every[0], name) for data in every)
    ]
