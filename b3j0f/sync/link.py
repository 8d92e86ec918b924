"""Link: how one store takes part in a synchronizer."""

from __future__ import annotations

import logging
from collections.abc import Mapping as DictABC
from typing import TYPE_CHECKING, Any

from .errors import ConfigError, DataError
from .event import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Mapping as Dict

    from .accessor import Accessor
    from .data import Data
    from .mapping.accessor import MappedAccessor
    from .mapping.mapping import Mapping
    from .store import Store

logger = logging.getLogger(__name__)

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
        mapping: How the store has its data in another form: a Mapping, several ones, or a dict
            of a shared type to its Mapping, or to what ``Mapping(shared, None, ...)`` takes.
            Filters, plans, conflicts and reports are about the shared form.

    Raises:
        ConfigError: There is no such mode, or two mappings are about one type.
        StoreError: The store has no data of a type.
    """

    def __init__(
        self,
        store: Store,
        mode: str = "both",
        *,
        where: Callable[[Data], bool] | None = None,
        types: Iterable[type[Data]] | None = None,
        mapping: Mapping | Iterable[Mapping] | Dict[type[Data], Any] | None = None,
    ) -> None:
        if mode not in MODES:
            raise ConfigError(
                f"{mode!r} is no mode of a link", option="mode", expected=", ".join(MODES)
            )
        self.store, self.mode, self.where = store, mode, where
        self._mapped = _mapped(store, mapping) if mapping is not None else {}
        local = {mapped.mapping.local: shared for shared, mapped in self._mapped.items()}
        every = tuple(dict.fromkeys(local.get(datatype, datatype) for datatype in store.types))
        self.types = every if types is None else tuple(types)
        for datatype in self.types:
            self.accessor(datatype)

    @property
    def has_mapping(self) -> bool:
        """Whether any type is held in another form."""
        return bool(self._mapped)

    def accessor(self, datatype: type[Data]) -> Accessor[Any] | MappedAccessor:
        """Reads and writes the data of a shared type, in their shared form."""
        mapped = self._mapped.get(datatype)
        return self.store.accessor(datatype) if mapped is None else mapped

    def shared(self, event: Event) -> Event | None:
        """*event* in the shared form; None when the data has none: the next run tells that."""
        for mapped in self._mapped.values():
            if mapped.mapping.local is type(event.data):
                try:
                    data = mapped.shared(event.data)
                    old = None if event.old is None else mapped.shared(event.old)
                except DataError as exc:
                    logger.warning("%s", exc)
                    return None
                return Event(kind=event.kind, data=data, old=old, store=event.store)
        return event

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


def _mapped(
    store: Store, given: Mapping | Iterable[Mapping] | Dict[type[Data], Any]
) -> dict[type[Data], MappedAccessor]:
    from .mapping.accessor import MappedAccessor
    from .mapping.mapping import Mapping

    if isinstance(given, Mapping):
        every = [given]
    elif isinstance(given, DictABC):
        every = [
            how if isinstance(how, Mapping) else Mapping(shared, None, how)
            for shared, how in given.items()
        ]
    else:
        every = list(given)
    made: dict[type[Data], MappedAccessor] = {}
    for mapping in every:
        if mapping.shared in made or any(m.mapping.local is mapping.local for m in made.values()):
            raise ConfigError(
                f"store {store.name!r} has two mappings for {mapping!r}",
                option="mapping",
                expected="one for each type",
            )
        made[mapping.shared] = MappedAccessor(store.accessor(mapping.local), mapping)
    return made
