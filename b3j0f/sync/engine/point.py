"""One record: read what every store holds of it now, and decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..accessor import Capability
from ..errors import StoreUnavailableError, SyncError
from ..fields import MISSING
from ..ledger import Entry, Linked
from ..query import Query
from ..reconcile.merge import Decision, decide
from ..reconcile.pairing import Seen, pair
from .adopt import called, named_as, written_as
from .embedded import excuse_dropped
from .scan import cannot_be_told, filtered_out, known_of
from .survey import sides_of
from .unique import keep_unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..data import Content, Data, Schema
    from ..ledger import Ledger
    from ..reconcile.policy import Policy
    from .failing import FailureBook
    from .place import Place

__all__ = ["Look", "look_at_entry", "look_at_new"]

NOWHERE = Linked(None, None)
Id = str | int
Key = tuple[str, tuple[str, ...]]


def _once(every: Iterable[Data]) -> Iterable[Data]:
    """Each data once: a store may show one on two pages."""
    return {data.id: data for data in every}.values()


class Look:
    """What every place holds of one record, read just now.

    Attributes:
        seen: By store, what is there; None: it is gone.
        aside: Stores where it takes no part: filtered out or unreadable.
        failed: Stores that did not answer, with their errors.
        blocked: By store, names and contexts that nothing can be added with now, and why.
    """

    def __init__(
        self, ledger: Ledger, schema: Schema, places: Sequence[Place], book: FailureBook
    ) -> None:
        self.ledger, self.schema, self.places, self._book = ledger, schema, places, book
        self.seen: dict[str, Seen | None] = {}
        self.aside: list[str] = []
        self.failed: dict[str, SyncError] = {}
        self.blocked: dict[str, dict[Key, str]] = {}

    def afresh(self) -> Look:
        """Another one, which has seen nothing yet."""
        return Look(self.ledger, self.schema, self.places, self._book)

    def by_id(self, place: Place, id: Id) -> None:
        """Read what *place* has by *id*."""
        try:
            self._open(place)
            data = place.accessor.get(id)
            self._book.store_worked(place.store)
            is_taken = data is not None and place.takes(data)
        except SyncError as exc:
            self._fail(place, exc)
            return
        self._book.store_worked(place.store)
        if data is None:
            if Capability.DETECT_REMOVALS in place.capabilities:
                self.seen[place.store] = None
        elif is_taken:
            self.seen[place.store] = place.seen(data)
        else:
            self.aside.append(place.store)

    def by_name(
        self, place: Place, name: str, context: tuple[str, ...], record: int | None = None
    ) -> list[Seen]:
        """Data of *place* with this name that belong to no record yet, but may be *record*."""
        try:
            self._open(place)
            first = place.accessor.get_by_name(name, context)
            self._book.store_worked(place.store)
            if first is None:
                return []
            every = place.accessor.find(Query(names=frozenset([name]), context=context))
            free = [data for data in _once(every) if self._is_free(place, data)]
            taken = [data for data in free if place.takes(data)]
        except SyncError as exc:
            self._fail(place, exc)
            return []
        if len(taken) < len(free):
            other = next(data for data in free if data not in taken)
            self.blocked.setdefault(place.store, {})[name, context] = filtered_out(other)
        found = [place.seen(data) for data in taken]
        return [seen for seen in found if not self._is_begun(place, seen, record)]

    def _is_begun(self, place: Place, seen: Seen, record: int | None) -> bool:
        """Whether *seen* was added, unheard, for another record than *record*, renamed since."""
        begun = _begun_as(self, place, seen)
        if begun is None or begun.record == record:
            return False
        return begun.base[:2] != seen.content[:2]  # else its name tells

    def written(self, place: Place, content: Content, base: Content) -> Seen | None:
        """What *place* has of a write of *content* of which nobody heard the end, if anything.

        It may have made another name of that one: all of its data are looked at. *base* is
        what is agreed on the record now. What has left the filter since is put aside.
        """
        try:
            self._open(place)
            every = place.accessor.find()
            free = [data for data in _once(every) if self._is_free(place, data)]
            taken = [place.takes(data) for data in free]
        except SyncError as exc:
            self._fail(place, exc)
            return None
        found = [place.seen(data) for data in free]
        contents = [seen.content for seen in found]
        position = written_as(self.schema, content, contents)
        if position is None:
            position = called(content, base, contents)
        if position is not None and taken[position]:
            return found[position]
        outside = [held for held, is_taken in zip(contents, taken, strict=True) if not is_taken]
        if position is not None or named_as(content, outside) is not None:
            self.aside.append(place.store)
        return None

    def _open(self, place: Place) -> None:
        resting = self._book.resting(place.store)
        if resting is not None:
            raise resting
        place.open()

    def _fail(self, place: Place, error: SyncError) -> None:
        if isinstance(error, StoreUnavailableError) and not self._book.resting(place.store):
            self._book.store_failed(place.store, error)
        self.failed[place.store] = error

    def _is_free(self, place: Place, data: Data) -> bool:
        assert data.id is not None  # noqa: S101 - it comes from a store
        return self.ledger.find(self.schema, place.store, data.id) is None

    def decide(self, entry: Entry | None, policy: Policy) -> Decision | None:
        """Decide on the record of *entry*, or on a new one, by what was seen."""
        seen = {store: one for store, one in self.seen.items() if one is not None}
        if entry is None:
            first = next(iter(seen.values()))
            key = (*first.content[:2], *(MISSING for _ in self.schema.names[2:]))
            entry = Entry(self.schema, None, key)
        sides = sides_of(
            entry,
            self.places,
            self.seen,
            aside=self.aside,
            failed=self.failed,
            blocked=self.blocked,
        )
        excuse_dropped(self.ledger, self.schema, sides)
        decision = decide(
            self.schema,
            sides,
            policy=policy,
            base=None if entry.record is None else entry.base,
            removed=entry.removed,
            record=entry.record,
        )
        if decision is not None:
            keep_unique(self.ledger, self.schema, self.places, [decision], {}, are_all=False)
        return decision


def look_at_entry(ledger: Ledger, entry: Entry, places: Sequence[Place], book: FailureBook) -> Look:
    """Read a record of the ledger everywhere; where it is not, a data of its name is adopted."""
    look = Look(ledger, entry.schema, places, book)
    for place in places:
        linked = entry.links.get(place.store)
        if linked is not None and linked.id is not None:
            look.by_id(place, linked.id)
            if linked.begun is not None and look.seen.get(place.store, MISSING) is None:
                look.seen[place.store] = look.written(place, linked.begun, entry.base)
        elif linked is not None and linked.begun is not None:
            _look_for_begun(look, place, entry, linked.begun)
        elif not entry.removed:
            _look_for_named(look, place, entry)
    return look


def _look_for_begun(look: Look, place: Place, entry: Entry, begun: Content) -> None:
    found = look.written(place, begun, entry.base)
    if found is not None:
        look.seen[place.store] = found
    elif place.store not in look.failed and place.store not in look.aside:
        _look_for_named(look, place, entry)


def _look_for_named(look: Look, place: Place, entry: Entry) -> None:
    """Adopt the data of the record's name, unless it may belong to another record."""
    key = entry.base[:2]
    name, context = key
    found = look.by_name(place, name, context, entry.record)
    if not found:
        return
    known = [known_of(other) for other in look.ledger.named(look.schema, [key])]
    groups, ambiguous = pair(look.schema.name, {place.store: found}, known)
    for group in groups:
        if group.record == entry.record and place.store in group.seen:
            look.seen[place.store] = group.seen[place.store]
            return
    if ambiguous:
        reason = cannot_be_told(look.schema.name, *key)
        look.blocked.setdefault(place.store, {})[key] = reason


def look_at_new(
    ledger: Ledger,
    schema: Schema,
    places: Sequence[Place],
    where: Place,
    id: Id,
    *,
    book: FailureBook,
    old: Content | None = None,
) -> tuple[Look, Entry | None] | None:
    """Read a data that the ledger does not know, and what other places have of its name.

    The entry is that of the record that it turns out to be, None for a new one. None when it
    is not there, is filtered out, or cannot be told apart: the next run lists that. *old* is
    what it was before, when that is known.
    """
    look = Look(ledger, schema, places, book)
    look.by_id(where, id)
    here = look.seen.get(where.store)
    if here is None:
        return None
    begun = _begun_as(look, where, here, old)
    if begun is not None:
        look = look_at_entry(ledger, begun, [place for place in places if place is not where], book)
        look.places, look.seen[where.store] = places, here
        return look, begun
    name, context = here.content[:2]
    new = {}
    for place in places:
        found = look.by_name(place, name, context)
        if place is where:
            # Others of its name may be there: which one is paired with whom is no guess.
            found = [here, *(other for other in found if other.id != here.id)]
        if found:
            new[place.store] = found
    entries = ledger.named(schema, [(name, context)])
    known = [known_of(entry, _unheard_in(look, entry, new)) for entry in entries]
    groups, _ = pair(schema.name, new, known)
    group = next((group for group in groups if group.seen.get(where.store) is here), None)
    if group is None:
        return None
    look.seen = dict(group.seen)
    if group.record is None:
        return look, None
    entry = next(entry for entry in entries if entry.record == group.record)
    for place in places:
        linked = entry.links.get(place.store)
        if place.store not in look.seen and linked is not None and linked.id is not None:
            look.by_id(place, linked.id)
    return look, entry


def _unheard_in(look: Look, entry: Entry, new: Mapping[str, list[Seen]]) -> list[str]:
    """The stores to which the record was added unheard, by a name that is not its own any more.

    Those of its name there are others.
    """
    stores = []
    for place in look.places:
        linked = entry.links.get(place.store, NOWHERE)
        if place.store in new and linked.begun is not None and linked.id is None:
            found = look.written(place, linked.begun, entry.base)
            if found is not None and all(found.id != seen.id for seen in new[place.store]):
                stores.append(place.store)
    return stores


def _begun_as(look: Look, where: Place, seen: Seen, old: Content | None = None) -> Entry | None:
    """The record that was being added to *where* and looks like what is *seen* there now.

    Or like what it was before: *old*. Its name alone tells that where nothing else there looks
    like what was written.
    """
    ledger, schema = look.ledger, look.schema
    for _, entry in sorted(ledger.load(schema, ledger.begun(schema)).items()):
        linked = entry.links.get(where.store, NOWHERE)
        if linked.begun is None or linked.id is not None:
            continue
        if written_as(schema, linked.begun, [seen.content]) is not None:
            return entry
        named = called(linked.begun, entry.base, [seen.content])
        if old is not None and old[:2] != seen.content[:2] and named is None:
            named = named_as(linked.begun, [old])  # an event renamed it; it had that name
        if named is not None:
            other = look.afresh().written(where, linked.begun, entry.base)
            if other is None or other.id == seen.id:
                return entry
    return None
