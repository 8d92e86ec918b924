"""Guards: what is refused until a user says yes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..errors import EmptyStoreError, TooManyRemovalsError
from ..reconcile.operation import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..reconcile.operation import Operation

__all__ = ["check_removals"]

FEWEST = 5
"""Fewer data than that are no avalanche."""


def check_removals(
    synchronizer: str,
    operations: Iterable[Operation],
    known: Mapping[str, int],
    sizes: Mapping[str, int],
    allowed: float,
) -> None:
    """Refuse what looks like an accident; *known* and *sizes* count the data of each store.

    Raises:
        EmptyStoreError: A store that held data when last agreed has none now.
        TooManyRemovalsError: More than the share *allowed* of a store would be removed.
    """
    for store, count in known.items():
        if count >= FEWEST and sizes.get(store) == 0:
            raise EmptyStoreError(
                f"store {store!r} is empty now and held {count} data when last agreed; nothing "
                f"was written. If they were removed on purpose: b3j0f-sync run {synchronizer} "
                "--yes, or run(force=True)",
                store=store,
                known=count,
            )
    removals = Counter(o.store for o in operations if o.kind is Kind.REMOVE)
    for store, count in removals.items():
        held = known.get(store, 0)
        if count >= FEWEST and count > allowed * held:
            raise TooManyRemovalsError(
                f"{count} of the {held} data of store {store!r} would be removed, more than the "
                f"allowed share of {allowed:.0%}; nothing was written. Read the plan; if it is "
                f"right: b3j0f-sync run {synchronizer} --yes, or run(force=True)",
                store=store,
                removals=count,
                known=held,
                allowed=allowed,
            )
