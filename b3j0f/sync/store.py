"""Store: a set of data, with one accessor per data type, a connection, and observers."""

from __future__ import annotations

import dataclasses
import threading
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .data import Data, schema_of
from .errors import ConfigError, NotFoundError, StoreError, StoreUnavailableError, SyncError
from .event import Event, EventKind, Observers
from .query import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from .accessor import Accessor
    from .conf.bridge import Configurable
    from .event import Subscription

__all__ = ["Store"]

D = TypeVar("D", bound=Data)


class Store:
    """A set of data of one or more types.

    What "the same data" means: to ``in``, ``+=``, ``|=`` and ``-=`` its id where the data is of
    this store, else type, name and context; to ``&``, ``|``, ``-`` and ``&=``, which look at two
    sets, always type, name and context. A subclass names its accessors and opens its connection in
    ``_connect``. Verbs connect by themselves, unless ``autoconnect`` is off.

    Args:
        name: How synchronizers, plans and messages call it; by default its class in small
            letters. Unique within a synchronizer.
        autoconnect: Whether the first verb connects.
        accessors: Classes of accessors, for stores whose types are known only when made.
    """

    accessors: ClassVar[Sequence[type[Accessor[Any]]]] = ()

    def __init__(
        self,
        *,
        name: str | None = None,
        autoconnect: bool = True,
        accessors: Iterable[type[Accessor[Any]]] | None = None,
    ) -> None:
        self.name = type(self).__name__.lower() if name is None else name
        self.autoconnect = autoconnect
        self._observers = Observers()
        self._connected = False
        self._configured = 0  # how often it took new options: what it can hold may differ
        self._connecting = threading.RLock()
        classes = self.accessors if accessors is None else accessors
        self._accessors: dict[type[Data], Accessor[Any]] = {
            made.datatype: made for made in (accessor(self) for accessor in classes)
        }

    # --- configuration ---------------------------------------------------------------------

    @classmethod
    def load(cls, name: str) -> Self:
        """The store that section *name* of ``b3j0fsync-store.conf`` describes.

        Raises:
            ConfigError: Something is wrong there, or it is no store of this class.
        """
        from .conf.load import load_store  # a floor above, which builds stores of any class

        store = load_store(name)
        if not isinstance(store, cls):
            raise ConfigError(
                f"store {name!r} is a {type(store).__qualname__}",
                section=name,
                option="class",
                expected=cls.__qualname__,
            )
        return store

    @cached_property
    def configurable(self) -> Configurable:
        """Applies what ``b3j0fsync-store.conf`` says about a store of this name, at run time."""
        from .conf.configurable import StoreConfigurable  # a floor above, as for load

        return StoreConfigurable(self)

    def _configure(self, **options: Any) -> None:
        """Take the *options* of the constructor anew; by default it is called again.

        They are known to be right. The store is left disconnected; it keeps its observers,
        and accessors that somebody holds go on with the new options.
        """
        with self._connecting:
            self.disconnect()
            kept, observers, lock = self._accessors, self._observers, self._connecting
            times = self._configured
            type(self).__init__(self, **options)
            self._configured = times + 1
            self._observers, self._connecting = observers, lock
            for datatype, accessor in kept.items():
                made = self._accessors.get(datatype)
                if made is not None:
                    accessor.__class__, accessor.__dict__ = type(made), vars(made)
                    self._accessors[datatype] = accessor

    # --- connection ------------------------------------------------------------------------

    def _connect(self) -> None:
        """Open what the accessors need; by default nothing."""

    def _disconnect(self) -> None:
        """Close what ``_connect`` opened; by default nothing."""

    @property
    def is_connected(self) -> bool:
        """Whether it is connected, as far as it knows."""
        return self._connected

    def connect(self) -> None:
        """Connect; no effect when connected.

        Raises:
            StoreUnavailableError: It cannot be reached; it stays disconnected.
        """
        with self._connecting:
            if not self._connected:
                try:
                    self._connect()
                except SyncError:
                    raise
                except Exception as exc:
                    raise StoreUnavailableError(
                        f"store {self.name!r} cannot be reached: {exc}",
                        store=self.name,
                        action="connect",
                    ) from exc
                self._connected = True

    def disconnect(self) -> None:
        """Disconnect; no effect when disconnected. The next verb connects again."""
        with self._connecting:
            if self._connected:
                self._connected = False
                self._disconnect()

    def _ready(self) -> None:
        if not self._connected:
            if not self.autoconnect:
                raise StoreUnavailableError(
                    f"store {self.name!r} is not connected: call connect() first",
                    store=self.name,
                )
            self.connect()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.disconnect()

    # --- verbs -----------------------------------------------------------------------------

    @property
    def types(self) -> tuple[type[Data], ...]:
        """The types of its data."""
        return tuple(self._accessors)

    def accessor(self, datatype: type[D]) -> Accessor[D]:
        """The accessor of a type; StoreError when the store has no such data."""
        try:
            return self._accessors[datatype]
        except KeyError:
            known = ", ".join(known.__name__ for known in self._accessors) or "none"
            raise StoreError(
                f"store {self.name!r} has no data of type {datatype.__name__}; its types: {known}",
                store=self.name,
                datatype=datatype.__name__,
            ) from None

    def create(self, datatype: type[D], /, **fields: Any) -> D:
        """A data bound to this store and not stored yet; ``data.save()`` adds it."""
        return self.accessor(datatype).create(**fields)

    def get(self, datatype: type[D], id: str | int) -> D | None:
        """The data with this id, or None."""
        return self.accessor(datatype).get(id)

    def get_by_name(self, datatype: type[D], name: str, context: Iterable[str] = ()) -> D | None:
        """The first data with this name in this context (outermost first), or None."""
        return self.accessor(datatype).get_by_name(name, context)

    def find(
        self,
        datatype: type[D] | None = None,
        /,
        *,
        names: Iterable[str] | None = None,
        context: Iterable[str] | None = None,
        created_since: datetime | None = None,
        updated_since: datetime | None = None,
        limit: int | None = None,
        **equal_fields: Any,
    ) -> Iterator[D]:
        """Yield, lazily and in the store's order, the data that fulfil every condition.

        None means any: any type, any name, any context, any time. Data whose store does not
        know a time are left out where that time is asked for.

        Raises:
            DataError: A type has no field of that name, or its field cannot have that value.
        """
        accessors = self._accessors.values() if datatype is None else [self.accessor(datatype)]
        if isinstance(names, str):
            names = [names]
        if isinstance(context, str):  # it would be taken for its letters
            schema_of(Data).check("context", context)
        query = Query(
            names=None if names is None else frozenset(names),
            context=None if context is None else tuple(context),
            limit=limit,
        )
        # Every type is asked for its own form of the values before any store is.
        queries = [
            dataclasses.replace(
                query,
                created_since=accessor.schema.check("created", created_since),
                updated_since=accessor.schema.check("updated", updated_since),
                equal={n: accessor.schema.check(n, value) for n, value in equal_fields.items()},
            )
            for accessor in accessors
        ]
        found = chain.from_iterable(map(_find, accessors, queries))
        return islice(found, limit)

    def add(self, data: D, *, notify: bool = True, skip: Subscription | None = None) -> D:
        """Add *data* and give it as stored; *data* itself stays as it is.

        *notify* tells the observers, all but the one of *skip*.

        Raises:
            AlreadyExistsError: The id is there, or the name where names are unique.
        """
        return self.accessor(type(data)).add(data, notify=notify, skip=skip)

    def update(
        self,
        data: D,
        old: D | None = None,
        *,
        notify: bool = True,
        skip: Subscription | None = None,
    ) -> D:
        """Replace what is stored by *data* and give it as stored.

        *old* is the state to be replaced; without it, it is read first.

        Raises:
            NotFoundError: It is not there.
            StaleError: What is there is not *old*.
        """
        return self.accessor(type(data)).update(data, old, notify=notify, skip=skip)

    def remove(self, data: Data, *, notify: bool = True, skip: Subscription | None = None) -> None:
        """Remove *data*, by its id, or by name and context when it is of another store.

        Raises:
            NotFoundError: It is not there.
        """
        self.accessor(type(data)).remove(data, notify=notify, skip=skip)

    def observe(
        self,
        callback: Callable[[Event], object],
        events: EventKind = Event.ALL,
        datatype: type[Data] | None = None,
    ) -> Subscription:
        """Call *callback* with each event of these kinds and of this type (None: any).

        It is called in the thread that wrote, before the verb returns. What it raises is
        logged and stops neither the write nor another observer.

        Raises:
            StoreError: The store has no data of *datatype*.
            TypeError: *callback* cannot be called, or *events* is no kind of event.
        """
        if not callable(callback):
            raise TypeError(f"an observer is called with an event; {callback!r} cannot be called")
        if not isinstance(events, EventKind) or not events:
            raise TypeError(f"events are Event.ADD, UPDATE and REMOVE joined by |, not {events!r}")
        if datatype is not None:
            self.accessor(datatype)
        return self._observers.add(callback, events, datatype)

    # --- the set ---------------------------------------------------------------------------

    def __contains__(self, data: object) -> bool:
        accessor = self._accessors.get(type(data)) if isinstance(data, Data) else None
        return accessor is not None and data in accessor

    def __len__(self) -> int:
        return sum(accessor.count() for accessor in self._accessors.values())

    def __iter__(self) -> Iterator[Data]:
        return self.find()

    def __getitem__(self, key: tuple[type[D], str | int]) -> D:
        datatype, id = key
        found = self.get(datatype, id)
        if found is None:
            raise NotFoundError(
                f"store {self.name!r} has no {datatype.__name__} with the id {id!r}",
                id=id,
                store=self.name,
                datatype=datatype.__name__,
                action="get",
            )
        return found

    def __delitem__(self, key: tuple[type[Data], str | int]) -> None:
        self.remove(self[key])

    def __iadd__(self, other: Data | Iterable[Data]) -> Self:
        for data in _each(other):
            self.add(data)
        return self

    def __ior__(self, other: Data | Iterable[Data]) -> Self:
        for data in _each(other):
            if data in self:
                self.update(data)
            else:
                self.add(data)
        return self

    def __isub__(self, other: Data | Iterable[Data]) -> Self:
        for data in _each(other):
            self.remove(data)
        return self

    def __iand__(self, other: Data | Iterable[Data]) -> Self:
        kept = _keys(other)
        # Read as a whole first: nobody promises that a store can be changed while it is read.
        for data in [data for data in self if _key(data) not in kept]:
            self.remove(data)
        return self

    def __and__(self, other: Data | Iterable[Data]) -> set[Data]:
        kept = _keys(other)
        return {data for data in self if _key(data) in kept}

    def __or__(self, other: Data | Iterable[Data]) -> set[Data]:
        here = set(self)
        known = {_key(data) for data in here}
        return here | {data for data in _each(other) if _key(data) not in known}

    def __sub__(self, other: Data | Iterable[Data]) -> set[Data]:
        dropped = _keys(other)
        return {data for data in self if _key(data) not in dropped}

    # Compared and hashed as the one thing that it is, not by what it holds.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        types = ", ".join(datatype.__name__ for datatype in self._accessors)
        return f"<{type(self).__name__} {self.name!r} of {types}>"


def _each(other: Data | Iterable[Data]) -> Iterable[Data]:
    return [other] if isinstance(other, Data) else other


def _key(data: Data) -> tuple[type[Data], str, tuple[str, ...]]:
    return type(data), data.name, data.context


def _keys(other: Data | Iterable[Data]) -> set[tuple[type[Data], str, tuple[str, ...]]]:
    return {_key(data) for data in _each(other)}


def _find(accessor: Accessor[D], query: Query) -> Iterator[D]:
    return accessor.find(query)
