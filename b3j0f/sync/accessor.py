"""Accessor: reads and writes the data of one type in one store.

An author writes six hooks, each named after its verb with an underscore in front. The public
verbs around them check what they are given and what the hooks answer, translate errors and
notify the observers; they are not to be overridden.
"""

from __future__ import annotations

import enum
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar, cast

from .data import Content, Data, schema_of
from .errors import (
    AlreadyExistsError,
    DataError,
    NotFoundError,
    StaleError,
    StoreError,
    StoreUnavailableError,
    SyncError,
    UnsupportedError,
)
from .event import Event, EventKind, Subscription
from .query import EVERYTHING, Query

if TYPE_CHECKING:
    from .store import Store

__all__ = ["Accessor", "Capability", "Changes", "Outcome"]

D = TypeVar("D", bound=Data)
Id = str | int

logger = logging.getLogger(__name__)

Report: TypeAlias = Callable[[Id, SyncError], object]
Outcome: TypeAlias = "D | SyncError"
"""What became of one of many: the data as stored, or the error that it alone had."""


class Capability(enum.Flag):
    """What a backend can do; planning respects it, so that nobody learns it by an error."""

    ADD = enum.auto()
    UPDATE = enum.auto()
    REMOVE = enum.auto()
    RENAME = enum.auto()
    """An update may change name and context; without it they are fixed once added."""
    DETECT_REMOVALS = enum.auto()
    """Finding shows everything that is there: what is absent has been removed."""
    UNIQUE_NAMES = enum.auto()
    """Two data of one type and context cannot have one name."""

    WRITE = ADD | UPDATE | REMOVE | RENAME
    DEFAULT = WRITE | DETECT_REMOVALS
    READ_ONLY = DETECT_REMOVALS


@dataclass(frozen=True, slots=True)
class Changes(Generic[D]):
    """What changed since a cursor.

    Attributes:
        data: Data added or updated since, as they are now; a data may come although it
            did not change.
        removed: Ids of what was removed since.
        cursor: Where to go on; a JSON value that only the same accessor understands.
    """

    data: Sequence[D]
    removed: Sequence[Id]
    cursor: Any


class Accessor(Generic[D]):
    """Reads and writes the data of ONE type in ONE store; subclass it and write six hooks.

    Hooks get and give data of ``datatype``. They may raise what their driver raises: the
    verbs make a StoreError of it (``_translate`` decides which).

    Attributes:
        datatype: The type of its data.
        store: The store that it belongs to.
        capabilities: What the backend can do; by default everything but unique names.
    """

    datatype: ClassVar[type[Any]]
    capabilities: Capability = Capability.DEFAULT

    def __init__(self, store: Store) -> None:
        self.store = store
        self.schema = schema_of(self.datatype)
        self._reader = threading.local()  # who is told of unreadable data, in this thread
        self._adding = threading.Lock()  # held by a synchronizer that adds: others may share us
        self._additions = 0  # how many data synchronizers have added

    @property
    def fields(self) -> frozenset[str]:
        """Names of the synchronized fields that the backend holds; by default all.

        Name and context tell data from one another: they count as held in any case.
        """
        return frozenset(self.schema.names)

    @property
    def computed(self) -> frozenset[str]:
        """Names of the fields that the backend alone says (a computed column); by default none.

        What is written there is not taken; what the backend makes of it goes to the others.
        """
        return frozenset()

    # --- the six hooks -------------------------------------------------------------------

    def _get(self, id: Id) -> D | None:
        """The data with this id, or None; an id of a form that the backend does not know: None."""
        raise NotImplementedError

    def _get_by_name(self, name: str, context: tuple[str, ...]) -> D | None:
        """The first data with exactly this name and context, or None."""
        raise NotImplementedError

    def _find(self, query: Query) -> Iterable[D]:
        """All data, in any order, each once; those that don't match *query* may be left out."""
        raise NotImplementedError

    def _add(self, data: D) -> D:
        """Store *data* and give it as stored, with its id; AlreadyExistsError for a taken id."""
        raise NotImplementedError

    def _update(self, data: D, old: D) -> D:
        """Replace *old*, which has the id, by *data* and give it as stored; its id may change.

        StaleError when what is stored is no longer *old* (``_check_state`` tells);
        NotFoundError when nothing is stored.
        """
        raise NotImplementedError

    def _remove(self, data: D) -> None:
        """Remove the data with the id of *data*; NotFoundError when it is not there."""
        raise NotImplementedError

    # --- optional hooks: correct as they are, replaced for speed or precision --------------

    def _get_many(self, ids: Sequence[Id]) -> Iterable[D]:
        """Those of *ids* that exist, in any order; by default one by one.

        By default a data whose ``_get`` raises a DataError is told as unreadable.
        """
        for id in ids:
            try:
                data = self._get(id)
            except DataError as exc:
                self._unreadable(id, exc)
                continue
            if data is not None:
                yield data

    def _count(self) -> int:
        """How many data there are; by default they are all read."""
        return sum(1 for _ in self._find(EVERYTHING))

    def _add_many(self, data: Sequence[D]) -> Iterable[Outcome[D]]:
        """Add each one; one outcome each, in order, an error only for those that failed."""
        return [self._attempt("add", self._add, one) for one in data]

    def _update_many(self, pairs: Sequence[tuple[D, D]]) -> Iterable[Outcome[D]]:
        """Update each pair of new and old; one outcome each, in order."""
        return [self._attempt("update", self._update, new, old) for new, old in pairs]

    def _remove_many(self, data: Sequence[D]) -> Iterable[SyncError | None]:
        """Remove each one; None or its error each, in order."""
        return [self._attempt("remove", self._remove, one) for one in data]

    def _remove_unchanged_many(self, data: Sequence[D]) -> Iterable[SyncError | None]:
        """Remove each one that is stored as it is given; None or its error each, in order.

        StaleError for one that has another state, NotFoundError for one that is not there. By
        default they are read and compared first; between that and the removal others may edit
        them, unless the backend does it in one.
        """
        unreadable: dict[Id, SyncError] = {}
        ids = [cast("Id", one.id) for one in data]
        found = self._stream("get", lambda: self._get_many(ids), unreadable.__setitem__)
        stored = {one.id: one for one in found}
        outcomes = [
            unreadable.get(id) or self._attempt("remove", self._check_removal, stored.get(id), one)
            for id, one in zip(ids, data, strict=True)
        ]
        unchanged = [one for one, refusal in zip(data, outcomes, strict=True) if refusal is None]
        removed = iter(self._remove_many(unchanged))
        return [next(removed) if refusal is None else refusal for refusal in outcomes]

    def _changes(self, cursor: Any) -> Changes[D]:
        """What changed since *cursor* (None: everything there is).

        By default a scan is compared with the one before; the cursor holds a digest a data.
        What is there and cannot be read counts as it did before.
        """
        from .digest import digest

        before = {} if cursor is None else dict(map(tuple, cursor))
        after, changed = [], []

        def keep(id: Id, error: SyncError) -> None:
            self._log_unreadable(id, error)
            if id in before:
                after.append([id, before.pop(id)])

        for data in self._stream("find", lambda: self._find(EVERYTHING), keep):
            mark = digest(self.schema, self.schema.content(data)).hex()
            after.append([data.id, mark])
            if before.pop(data.id, None) != mark:
                changed.append(data)
        return Changes(changed, list(before), after)

    def _translate(self, error: Exception, action: str) -> SyncError:
        """The error that a caller gets for what a hook raised; the hook's becomes its cause."""
        kind = StoreUnavailableError if isinstance(error, OSError) else StoreError
        return self._error(kind, action, f"{type(error).__name__}: {error}")

    # --- the verbs -------------------------------------------------------------------------

    def create(self, **fields: Any) -> D:
        """A data bound to the store and not stored yet; ``data.save()`` adds it."""
        data: D = self.datatype(**fields)
        data._store = self.store
        return data

    def get(self, id: Id) -> D | None:
        """The data with this id, or None."""
        self.store._ready()
        found = self._call("get", self._get, id)
        return None if found is None else self._bound(found, "get")

    def get_many(self, ids: Iterable[Id], *, unreadable: Report | None = None) -> list[D]:
        """Those of *ids* that exist, in any order; *unreadable* as in ``find``."""
        self.store._ready()
        wanted = list(ids)
        return list(self._stream("get", lambda: self._get_many(wanted), unreadable))

    def get_by_name(self, name: str, context: Iterable[str] = ()) -> D | None:
        """The first data with this name in this context, or None."""
        if isinstance(context, str):  # it would be taken for its letters
            self.schema.check("context", context)
        self.store._ready()
        found = self._call("get", self._get_by_name, name, tuple(context))
        return None if found is None else self._bound(found, "get")

    def find(self, query: Query = EVERYTHING, *, unreadable: Report | None = None) -> Iterator[D]:
        """Yield the data that match *query*, lazily; the first one asks the store.

        A data that is there and cannot be read (a broken file among good ones) ends nothing:
        *unreadable* is called with its id and its error; without it, a warning is logged.
        """
        self.store._ready()
        found = self._stream("find", lambda: self._find(query), unreadable)
        if not query.is_unconditional:
            found = filter(query.matches, found)
        return found if query.limit is None else islice(found, query.limit)

    def count(self) -> int:
        """How many data there are."""
        self.store._ready()
        counted: int = self._call("find", self._count)
        return counted

    def changes(self, cursor: Any = None) -> Changes[D]:
        """What changed since *cursor*; None gives everything there is, and a first cursor."""
        self.store._ready()
        found: Changes[D] = self._call("find", self._changes, cursor)
        for data in found.data:
            self._bound(data, "find")
        return found

    def add(self, data: D, *, notify: bool = True, skip: Subscription | None = None) -> D:
        """Add *data* and give it as stored; *data* itself stays as it is.

        An id that another store gave means nothing here and is dropped.

        Raises:
            AlreadyExistsError: The id is there, or the name where names are unique.
            UnsupportedError: The store cannot add.
        """
        self.store._ready()
        data = self._without_foreign_id(self._checked(data, "add", Capability.ADD))
        self._refuse_taken(data)
        stored = self._bound(self._call("add", self._add, data), "add")
        self._tell(Event.ADD, stored, None, notify, skip)
        return stored

    def update(
        self,
        data: D,
        old: D | None = None,
        *,
        notify: bool = True,
        skip: Subscription | None = None,
    ) -> D:
        """Replace what is stored by *data* and give it as stored.

        *old* is the state to be replaced; without it, it is read first, and nothing is
        written when it is *data* already. A data of another store is found by name and context.

        Raises:
            NotFoundError: It is not there.
            StaleError: What is there is not *old*.
            AlreadyExistsError: The new name is taken in a store that keeps names unique.
            UnsupportedError: The store cannot update, or cannot rename.
        """
        self.store._ready()
        data = self._checked(data, "update", Capability.UPDATE)
        if old is None:
            old = self._stored(data, "update")
            if self._held(old) == self._held(data):
                return self._bound(old, "update")
        elif not self._is_ours(old):
            stored = self._stored(old, "update")
            self._check_state(stored, old)
            old = stored
        data = self._with_id(data, old.id)
        self._refuse_rename(data, old)
        stored = self._bound(self._call("update", self._update, data, old), "update")
        self._tell(Event.UPDATE, stored, old, notify, skip)
        return stored

    def remove(self, data: D, *, notify: bool = True, skip: Subscription | None = None) -> None:
        """Remove *data*, by its id, or by name and context when it is of another store.

        Raises:
            NotFoundError: It is not there.
            UnsupportedError: The store cannot remove.
        """
        self.store._ready()
        data = self._checked(data, "remove", Capability.REMOVE)
        if not self._is_ours(data):
            data = self._stored(data, "remove")
        elif data.is_dirty:
            data = data._before()  # the event tells of what was stored
        self._call("remove", self._remove, data)
        self._tell(Event.REMOVE, data, None, notify, skip)

    def add_many(
        self, data: Sequence[D], *, notify: bool = True, skip: Subscription | None = None
    ) -> list[Outcome[D]]:
        """Add each one, in one go where the backend can; one outcome each, in order.

        Where names are unique, the backend's own refusal is relied on.
        """
        self.store._ready()
        ours = [self._without_foreign_id(self._checked(d, "add", Capability.ADD)) for d in data]
        outcomes = self._all("add", lambda: self._add_many(ours), len(ours))
        for outcome in outcomes:
            if not isinstance(outcome, SyncError):
                self._tell(Event.ADD, self._bound(outcome, "add"), None, notify, skip)
        return outcomes

    def update_many(
        self, pairs: Sequence[tuple[D, D]], *, notify: bool = True, skip: Subscription | None = None
    ) -> list[Outcome[D]]:
        """Update each pair of new and old, in one go where the backend can; one outcome each."""
        self.store._ready()
        for new, old in pairs:
            self._checked(new, "update", Capability.UPDATE)
            if Capability.RENAME not in self.capabilities:
                self._refuse_rename(new, old)
        pairs = [(self._with_id(new, old.id), old) for new, old in pairs]
        outcomes = self._all("update", lambda: self._update_many(pairs), len(pairs))
        for outcome, (_, old) in zip(outcomes, pairs, strict=True):
            if not isinstance(outcome, SyncError):
                self._tell(Event.UPDATE, self._bound(outcome, "update"), old, notify, skip)
        return outcomes

    def remove_many(
        self,
        data: Sequence[D],
        *,
        unchanged: bool = False,
        notify: bool = True,
        skip: Subscription | None = None,
    ) -> list[SyncError | None]:
        """Remove each one, in one go where the backend can; None or its error each, in order.

        With *unchanged* those alone that are stored as they are given: the others have a
        StaleError.
        """
        self.store._ready()
        for one in data:
            self._checked(one, "remove", Capability.REMOVE)
        hook = self._remove_unchanged_many if unchanged else self._remove_many
        outcomes = self._all("remove", lambda: hook(data), len(data))
        for outcome, one in zip(outcomes, data, strict=True):
            if outcome is None:
                self._tell(Event.REMOVE, one, None, notify, skip)
        return outcomes

    def __contains__(self, data: D) -> bool:
        if self._is_ours(data):
            return self.get(cast("Id", data.id)) is not None
        return self.get_by_name(data.name, data.context) is not None

    # --- for hooks ---------------------------------------------------------------------------

    def _check_state(self, stored: D | None, old: D) -> None:
        """Raise when *stored*, read just now, is not the state *old* that is to be replaced."""
        if stored is None:
            raise self._not_found("update", old)
        if self._held(stored) != self._held(old):
            raise self._error(
                StaleError, "update", f"{old.global_name!r} has been changed by somebody else"
            )

    def _check_removal(self, stored: D | None, given: D) -> None:
        """Raise when *stored*, read just now, is not the state *given* that is to be removed."""
        if stored is None:
            raise self._not_found("remove", given)
        if self._held(stored) != self._held(given):
            raise self._error(
                StaleError, "remove", f"{given.global_name!r} has been changed by somebody else"
            )

    def _unreadable(self, id: Id, error: SyncError) -> None:
        """Tell that the data with this id exists and cannot be read; then go on with the next.

        For ``_find`` and ``_get_many``: one broken file or row must neither hide the others
        nor be taken for removed.
        """
        getattr(self._reader, "report", self._log_unreadable)(id, error)

    def _held(self, data: Data) -> Content:
        """The values of the fields that the backend holds."""
        held = self.fields
        content = self.schema.content(data)
        if len(held) == len(content):
            return content
        return tuple(v for name, v in zip(self.schema.names, content, strict=True) if name in held)

    def _not_found(self, action: str, data: Data) -> NotFoundError:
        return NotFoundError(
            f"store {self.store.name!r} has no {self.schema.name} {data.global_name!r}",
            id=data.id,
            name=data.global_name,
            store=self.store.name,
            datatype=self.schema.name,
            action=action,
        )

    def _already_exists(self, data: Data, *, by_name: bool = False) -> AlreadyExistsError:
        what = f"{data.global_name!r}" if by_name else f"with the id {data.id!r}"
        return AlreadyExistsError(
            f"store {self.store.name!r} has a {self.schema.name} {what} already",
            id=data.id,
            name=data.global_name,
            store=self.store.name,
            datatype=self.schema.name,
            action="add",
        )

    # --- behind the verbs ----------------------------------------------------------------------

    def _stream(
        self, action: str, hook: Callable[[], Iterable[D]], unreadable: Report | None
    ) -> Iterator[D]:
        report = self._log_unreadable if unreadable is None else unreadable
        try:
            self._reader.report = report
            for data in hook():
                # ``_bound``, written out: this is where every data passes.
                if type(data) is not self.datatype or data._f_id is None:
                    self._bound(data, action)
                data._store, data._old = self.store, None
                yield data
                self._reader.report = report  # another stream may have run in between
        except SyncError:
            raise
        except Exception as exc:
            raise self._translate(exc, action) from exc
        finally:
            self._reader.report = self._log_unreadable

    def _log_unreadable(self, id: Id, error: SyncError) -> None:
        logger.warning("%s %r in store %r: %s", self.schema.name, id, self.store.name, error)

    def _call(self, action: str, hook: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return hook(*arguments)
        except SyncError:
            raise
        except Exception as exc:
            raise self._translate(exc, action) from exc

    def _attempt(self, action: str, hook: Callable[..., Any], *arguments: Any) -> Any:
        """What *hook* answers, or the error that it raised, as a value."""
        try:
            return self._call(action, hook, *arguments)
        except SyncError as exc:
            return exc

    def _all(self, action: str, hook: Callable[[], Iterable[Any]], expected: int) -> list[Any]:
        outcomes = list(self._call(action, lambda: list(hook())))
        if len(outcomes) != expected:
            message = f"its bulk hook answered {len(outcomes)} outcomes for {expected} data"
            raise self._error(StoreError, action, message)
        return outcomes

    def _bound(self, data: Any, action: str) -> D:
        """What a hook gave, made a data of this store."""
        if type(data) is not self.datatype or data._f_id is None:
            given = "a data without id" if type(data) is self.datatype else repr(data)
            raise self._error(
                StoreError, action, f"its hook gave {given} where a stored data was expected"
            )
        data._store, data._old = self.store, None
        return cast("D", data)

    def _checked(self, data: D, action: str, needed: Capability) -> D:
        if type(data) is not self.datatype:
            raise self._error(
                StoreError, action, f"expected {self.schema.name}, given {type(data).__name__}"
            )
        if needed not in self.capabilities:
            raise self._error(UnsupportedError, action, "the store cannot do this")
        return data

    def _is_ours(self, data: Data) -> bool:
        return data.id is not None and data._store in {None, self.store}

    def _stored(self, data: D, action: str) -> D:
        """What this store has of *data*; NotFoundError when it has nothing."""
        found: D | None
        if self._is_ours(data):
            found = self._call(action, self._get, data.id)
        else:
            found = self._call(action, self._get_by_name, data.name, data.context)
        if found is None:
            raise self._not_found(action, data)
        return self._bound(found, action)

    def _without_foreign_id(self, data: D) -> D:
        """*data* without what another store knows of it: id, created and updated."""
        if data._store is None or data._store is self.store:
            return data
        copy: D = self.schema.make(self.schema.content(data), None, None, None, self.store)
        return copy

    def _with_id(self, data: D, id: Id | None) -> D:
        if data.id == id and data._store in {None, self.store}:
            return data
        copy: D = self.schema.make(
            self.schema.content(data), id, data.created, data.updated, self.store
        )
        return copy

    def _refuse_taken(self, data: D) -> None:
        if data.id is not None and self._call("add", self._get, data.id) is not None:
            raise self._already_exists(data)
        if Capability.UNIQUE_NAMES in self.capabilities and self._is_name_taken(data):
            raise self._already_exists(data, by_name=True)

    def _refuse_rename(self, data: D, old: D) -> None:
        if data.name == old.name and data.context == old.context:
            return
        if Capability.RENAME not in self.capabilities:
            raise self._error(
                UnsupportedError, "update", f"{old.global_name!r} cannot be renamed here"
            )
        if Capability.UNIQUE_NAMES in self.capabilities and self._is_name_taken(data):
            raise self._already_exists(data, by_name=True)

    def _is_name_taken(self, data: D) -> bool:
        found = self._call("get", self._get_by_name, data.name, data.context)
        return found is not None and found.id != data.id

    def _tell(
        self,
        kind: EventKind,
        data: D,
        old: D | None,
        notify: bool,
        skip: Subscription | None,
    ) -> None:
        if notify and self.store._observers:
            self.store._observers.tell(Event(kind=kind, data=data, old=old, store=self.store), skip)

    def _error(self, kind: type[StoreError], action: str, problem: str) -> StoreError:
        return kind(
            f"store {self.store.name!r}, {action} {self.schema.name}: {problem}",
            store=self.store.name,
            datatype=self.schema.name,
            action=action,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.schema.name} in {self.store.name!r}>"
