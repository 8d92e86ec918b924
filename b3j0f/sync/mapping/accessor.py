"""MappedAccessor: the data of a store in their shared form, as the engine reads and writes them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from ..data import schema_of
from ..errors import DataError, NotFoundError, StaleError, SyncError, UnresolvedReferenceError
from ..query import EVERYTHING, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..accessor import Accessor, Capability, Outcome, Report
    from ..data import Content, Data
    from ..event import EventKind, Subscription
    from .mapping import Mapping

__all__ = ["MappedAccessor"]

Id = str | int


class MappedAccessor:
    """Stands before a store's accessor; what goes through it is in the shared form.

    An update is made on the store's own form as it is now: fields that nobody shares, and
    values whose shared form did not change, stay to the letter.
    """

    def __init__(self, inner: Accessor[Any], mapping: Mapping) -> None:
        self.inner, self.mapping = inner, mapping
        self.store = inner.store
        self.schema = schema_of(mapping.shared)
        self._added: dict[Id, Data] = {}  # in the store's own form, until they are told

    @property
    def capabilities(self) -> Capability:
        """What the store can do."""
        return self.inner.capabilities

    @property
    def fields(self) -> frozenset[str]:
        """Names of the shared fields that the store holds."""
        lacking = {
            field.name
            for way in self.mapping._ways
            for field in way.shared
            if not {local.name for local in way.local} <= {*self.inner.fields, "name", "context"}
        }
        return self.mapping.held - lacking

    @property
    def computed(self) -> frozenset[str]:
        """Names of the shared fields that the store alone says."""
        return frozenset(
            field.name
            for way in self.mapping._ways
            for field in way.shared
            if any(local.name in self.inner.computed for local in way.local)
        )

    # Who adds at the same time is counted for the store's own accessor: others may share it.

    @property
    def _adding(self) -> Any:
        return self.inner._adding

    @property
    def _additions(self) -> int:
        return self.inner._additions

    @_additions.setter
    def _additions(self, count: int) -> None:
        self.inner._additions = count

    # --- reading -----------------------------------------------------------------------------

    def get(self, id: Id) -> Data | None:
        """See Accessor; DataError for one that has no shared form."""
        found = self.inner.get(id)
        return None if found is None else self.shared(found)

    def get_by_name(self, name: str, context: tuple[str, ...] = ()) -> Data | None:
        """See Accessor."""
        if self.mapping.is_named:
            found = self.inner.get_by_name(name, context)
            return None if found is None else self.shared(found)
        wanted = Query(names=frozenset([name]), context=tuple(context))
        return next(self.find(wanted), None)

    def find(
        self, query: Query = EVERYTHING, *, unreadable: Report | None = None
    ) -> Iterator[Data]:
        """See Accessor; one that has no shared form is told as unreadable."""
        names = query.names if self.mapping.is_named else None
        context = query.context if self.mapping.is_named else None
        inner = Query(names=names, context=context)
        left = query.limit
        for data in self.inner.find(inner, unreadable=unreadable):
            if left is not None and left <= 0:
                return
            try:
                made = self.shared(data)
            except DataError as exc:
                assert data.id is not None  # noqa: S101 - it comes from a store
                (unreadable or self.inner._log_unreadable)(data.id, exc)
                continue
            if query.is_unconditional or query.matches(made):
                left = None if left is None else left - 1
                yield made

    def shared(self, data: Data) -> Data:
        """*data* in its shared form; DataError when it has none."""
        content = self.mapping.to_shared(data, self.store.name)
        made: Data = self.schema.make(content, data.id, data.created, data.updated, self.store)
        return made

    # --- writing -----------------------------------------------------------------------------

    def add_many(
        self, data: Sequence[Data], *, notify: bool = True, skip: Subscription | None = None
    ) -> list[Outcome[Any]]:
        """See Accessor."""
        place = self.store.name
        made = [self._tried(self.mapping.to_local, one, None, None, place) for one in data]
        ready = [one for one in made if not isinstance(one, SyncError)]
        done = iter(self.inner.add_many(ready, notify=notify, skip=skip))
        return [
            one if isinstance(one, SyncError) else self._answered(next(done), keep=True)
            for one in made
        ]

    def update_many(
        self, pairs: Sequence[tuple[Data, Data]], *, skip: Subscription | None = None
    ) -> list[Outcome[Any]]:
        """See Accessor; what the store has now is what its own form is compared with."""
        current = self._current([old for _, old in pairs])
        made: list[Any] = [
            self._tried(self._replacement, new, old, current[position])
            for position, (new, old) in enumerate(pairs)
        ]
        ready = [one for one in made if not isinstance(one, SyncError)]
        done = iter(self.inner.update_many(ready, skip=skip))
        return [one if isinstance(one, SyncError) else self._answered(next(done)) for one in made]

    def remove_many(
        self,
        data: Sequence[Data],
        *,
        unchanged: bool = False,
        skip: Subscription | None = None,
    ) -> list[SyncError | None]:
        """See Accessor."""
        current = self._current(data)
        made: list[Any] = [
            self._tried(partial(self._as_it_is, unchanged=unchanged), one, current[position])
            for position, one in enumerate(data)
        ]
        ready = [one for one in made if not isinstance(one, SyncError)]
        done = iter(self.inner.remove_many(ready, unchanged=unchanged, skip=skip))
        return [one if isinstance(one, SyncError) else next(done) for one in made]

    def _replacement(self, new: Data, old: Data, before: Data | None) -> tuple[Data, Data]:
        before = self._as_it_is(old, before, unchanged=True)
        return self.mapping.to_local(new, old, before, self.store.name), before

    def _as_it_is(self, given: Data, current: Data | None, *, unchanged: bool) -> Data:
        """*current*, when it is what was *given* in its shared form."""
        if current is None:
            raise NotFoundError(
                f"store {self.store.name!r} has no {self.schema.name} {given.global_name!r}",
                id=given.id,
                name=given.global_name,
                store=self.store.name,
                datatype=self.schema.name,
            )
        if unchanged and self._held(self.shared(current)) != self._held(given):
            raise StaleError(
                f"store {self.store.name!r}: {self.schema.name} {given.global_name!r} has been "
                "changed by somebody else",
                store=self.store.name,
                datatype=self.schema.name,
            )
        return current

    def _current(self, data: Sequence[Data]) -> list[Data | None]:
        found = {one.id: one for one in self.inner.get_many([cast("Id", one.id) for one in data])}
        return [found.get(one.id) for one in data]

    def _held(self, data: Data) -> Content:
        content = self.schema.content(data)
        held = self.fields
        return tuple(v for name, v in zip(self.schema.names, content, strict=True) if name in held)

    def _answered(self, outcome: Any, *, keep: bool = False) -> Any:
        if isinstance(outcome, UnresolvedReferenceError):
            return self._unresolved(outcome)
        if isinstance(outcome, SyncError):
            return outcome
        if keep:
            self._added[outcome.id] = outcome
        return self._tried(self.shared, outcome)

    def _unresolved(self, error: UnresolvedReferenceError) -> UnresolvedReferenceError:
        """*error* with the name of the shared field."""
        for way in self.mapping._ways:
            if any(field.name == error.field for field in way.local):
                made = UnresolvedReferenceError(
                    str(error),
                    datatype=self.schema.name,
                    field=way.shared[0].name,
                    target=error.target,
                )
                made.__cause__ = error
                return made
        return error

    def _tell(
        self,
        kind: EventKind,
        data: Data,
        old: Data | None,
        *,
        notify: bool,
        skip: Subscription | None,
    ) -> None:
        """Tell the store's observers of an addition, in the store's own form."""
        own = self._added.pop(cast("Id", data.id), None)
        if own is not None:
            self.inner._tell(kind, own, old, notify, skip)

    @staticmethod
    def _tried(function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except SyncError as exc:
            return exc
