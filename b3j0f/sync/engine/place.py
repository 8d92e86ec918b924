"""Place: the data of one type in one linked store, as the engine sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..accessor import Capability
from ..errors import DataError, StaleError, SyncError
from ..event import Event
from ..fields import MISSING
from ..query import Query
from ..reconcile.merge import Side
from ..reconcile.pairing import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..data import Content, Data, Schema
    from ..event import Subscription
    from ..ledger import Linked
    from ..link import Link

__all__ = ["ForestalledError", "Place"]

Id = str | int


class ForestalledError(StaleError):
    """Somebody else has added the data since it was seen to be missing."""


class Place:
    """The data of one type in one linked store."""

    def __init__(self, link: Link, datatype: type[Data]) -> None:
        self.link = link
        self.accessor: Any = link.accessor(datatype)
        self.store = link.store.name
        self.schema: Schema = self.accessor.schema
        self.capabilities = Capability.DEFAULT
        self.content: Callable[[Data], Content] = self.schema.content
        self._lacks: list[bool] = []
        self._lacking: frozenset[str] = frozenset()
        self.computed: frozenset[str] = frozenset()
        self._opened = -1
        self._own = self._before = 0  # additions of ours, and of others when it was read

    def begin_reading(self) -> None:
        """From now on, what other synchronizers add may be missing in what was read."""
        self._before = self.accessor._additions - self._own

    def add_many(
        self, every: Sequence[Data], known: Callable[[Id], bool], skip: Subscription | None
    ) -> list[Any]:
        """Add each one that nobody else has added since it was read; one outcome each.

        Synchronizers that share a store, in this thread or in another one, may have been told
        of the same data on different ways. *known* tells which ids belong to records.
        """
        accessor = self.accessor
        with accessor._adding:
            outcomes: list[Any] = [None] * len(every)
            if accessor._additions - self._own != self._before:
                outcomes = [self._forestalled(data, known) for data in every]
            rest = [i for i, outcome in enumerate(outcomes) if outcome is None]
            try:
                added = accessor.add_many([every[i] for i in rest], notify=False)
            finally:  # counted when they are there: who reads before that looks again
                self._own += len(rest)
                accessor._additions += len(rest)
        for position, outcome in zip(rest, added, strict=True):
            outcomes[position] = outcome
            if not isinstance(outcome, SyncError):  # with the lock held, nobody told could add
                accessor._tell(Event.ADD, outcome, None, notify=True, skip=skip)
        return outcomes

    def _forestalled(self, data: Data, known: Callable[[Id], bool]) -> SyncError | None:
        """An error when somebody else may have added *data* by now."""
        if self.accessor.get_by_name(data.name, data.context) is None:
            return None
        every = self.accessor.find(Query(names=frozenset([data.name]), context=data.context))
        if all(known(one.id) for one in every):
            return None
        return ForestalledError(
            f"somebody else has added {self.schema.name} {data.global_name!r} to {self.store!r}",
            store=self.store,
            datatype=self.schema.name,
            action="add",
        )

    def open(self) -> None:
        """Ask the store what it can hold and do, once; until then nothing is read or written.

        A store may have to be connected for that: it must not keep others from being linked.

        Raises:
            SyncError: The store's.
        """
        configured = self.link.store._configured
        if self._opened != configured:
            held = {"name", "context", *self.accessor.fields}  # what tells data from one another
            self.capabilities = self.accessor.capabilities
            self.computed = self.accessor.computed
            self._lacks = [name not in held for name in self.schema.names]
            self._lacking = frozenset(self.schema.names) - held
            self.content = self._masked if any(self._lacks) else self.schema.content
            self._opened = configured

    def _masked(self, data: Data) -> Content:
        """The content of *data*, MISSING in the fields that the store cannot hold."""
        content = self.schema.content(data)
        return tuple(
            MISSING if lacks else value for lacks, value in zip(self._lacks, content, strict=True)
        )

    def seen(self, data: Data) -> Seen:
        """*data* as it was read."""
        return Seen(data.id, self.content(data), data.updated)  # type: ignore[arg-type]

    def takes(self, data: Data) -> bool:
        """Whether *data* passes the link's filter."""
        where = self.link.where
        if where is None:
            return True
        try:
            return bool(where(data))
        except SyncError:
            raise
        except Exception as exc:
            raise DataError(
                f"the filter of the link to {self.store!r} failed on {self.schema.name} "
                f"{data.global_name!r}: {type(exc).__name__}: {exc}",
                datatype=self.schema.name,
            ) from exc

    def side(self, linked: Linked | None) -> Side:
        """This store's part in a decision, before it is told what the store holds."""
        side = Side(
            store=self.store,
            reads=self.link.reads,
            writes=self.link.writes,
            capabilities=self.capabilities,
            accepts=None if self.link.where is None else self._accepts,
            lacks=self._lacking,
            computed=self.computed,
        )
        if linked is not None:
            side.pending, side.begun = linked.pending, linked.begun
            if linked.id is not None:
                side.id, side.view = linked.id, linked.view
        return side

    def _accepts(self, content: Content) -> bool:
        return self.takes(self.schema.make(content))

    def __repr__(self) -> str:
        return f"<place of {self.schema.name} in {self.store!r}>"
