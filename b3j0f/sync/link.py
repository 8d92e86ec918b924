"""Link: how one store takes part in a synchronizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .data import Data
    from .store import Store

__all__ = ["Link"]

MODES = ("both", "read", "write")


class Link:
    """How one store takes part.

    Args:
        store: The store.
        mode: ``both``; ``read``: its edits are taken and it is never written; ``write``: it is
            written, and its own edits are overwritten.
        where: Called with a data of the store, tells whether it takes part. One for which it
            is false is never touched, and leaving the filter is no removal. It must depend on
            the data alone. None: every data takes part.
        types: The types that take part; None: all that the store has.

    Raises:
        ConfigError: There is no such mode.
        StoreError: The store has no data of a type.
    """

    def __init__(
        self,
        store: Store,
        mode: str = "both",
        *,
        where: Callable[[Data], bool] | None = None,
        types: Iterable[type[Data]] | None = None,
    ) -> None:
        if mode not in MODES:
            raise ConfigError(
                f"{mode!r} is no mode of a link", option="mode", expected=", ".join(MODES)
            )
        self.store, self.mode, self.where = store, mode, where
        self.types = store.types if types is None else tuple(types)
        for datatype in self.types:
            store.accessor(datatype)

    @property
    def reads(self) -> bool:
        """Whether edits in the store are taken."""
        return self.mode != "write"

    @property
    def writes(self) -> bool:
        """Whether the store is written."""
        return self.mode != "read"

    def __repr__(self) -> str:
        where = f", where={self.where!r}" if self.where is not None else ""
        return f"Link({self.store!r}, mode={self.mode!r}{where})"
