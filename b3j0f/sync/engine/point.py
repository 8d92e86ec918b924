"""One record: read what every store holds of it now, and decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..accessor import Capability
from ..errors import SyncError
from ..fields import MISSING
from ..ledger import Entry
from ..query import Query
from ..reconcile.merge import Decision, decide
from ..reconcile.pairing import Seen, pair
from .scan import known_of
from .survey import sides_of
from .unique import keep_unique

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..data import Data, Schema
    from ..ledger import Ledger
    from ..reconcile.policy import Policy
    from .place import Place

__all__ = ["Look", "look_at_entry", "look_at_new"]

Id = str | int


class Look:
    """What every place holds of one record, read just now.

    Attributes:
        seen: By store, what is there; None: it is gone.
        aside: Stores where it takes no part: filtered out or unreadable.
        failed: Stores that did not answer, with their errors.
        blocked: By store, the name that is taken by a data outside the filter.
    """

    def __init__(self, ledger: Ledger, schema: Schema, places: Sequence[Place]) -> None:
        self.ledger, self.schema, self.places = ledger, schema, places
        self.seen: dict[str, Seen | None] = {}
        self.aside: list[str] = []
        self.failed: dict[str, SyncError] = {}
        self.blocked: dict[str, set[tuple[str, tuple[str, ...]]]] = {}

    def by_id(self, place: Place, id: Id) -> None:
        """Read what *place* has by *id*."""
        try:
            place.open()
            data = place.accessor.get(id)
            is_taken = data is not None and place.takes(data)
        except SyncError as exc:
            self.failed[place.store] = exc
            return
        if data is None:
            if Capability.DETECT_REMOVALS in place.capabilities:
                self.seen[place.store] = None
        elif is_taken:
            self.seen[place.store] = place.seen(data)
        else:
            self.aside.append(place.store)

    def by_name(self, place: Place, name: str, context: tuple[str, ...]) -> list[Seen]:
        """Data of *place* with this name that belong to no record yet."""
        try:
            place.open()
            first = place.accessor.get_by_name(name, context)
            if first is None:
                return []
            every = place.accessor.find(Query(names=frozenset([name]), context=context))
            free = [data for data in every if self._is_free(place, data)]
            taken = [data for data in free if place.takes(data)]
        except SyncError as exc:
            self.failed[place.store] = exc
            return []
        if len(taken) < len(free):
            self.blocked.setdefault(place.store, set()).add((name, context))
        return [place.seen(data) for data in taken]

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
        decision = decide(
            self.schema,
            sides,
            policy=policy,
            base=None if entry.record is None else entry.base,
            removed=entry.removed,
            record=entry.record,
        )
        if decision is not None:
            keep_unique(self.ledger, self.schema, self.places, [decision])
        return decision


def look_at_entry(ledger: Ledger, entry: Entry, places: Sequence[Place]) -> Look:
    """Read a record of the ledger everywhere; where it is not, a data of its name is adopted."""
    look = Look(ledger, entry.schema, places)
    name, context = entry.base[:2]
    for place in places:
        linked = entry.links.get(place.store)
        if linked is not None and linked.id is not None:
            look.by_id(place, linked.id)
        elif not entry.removed:
            found = look.by_name(place, name, context)
            if len(found) == 1:
                look.seen[place.store] = found[0]
            elif found:
                look.blocked.setdefault(place.store, set()).add((name, context))
    return look


def look_at_new(
    ledger: Ledger, schema: Schema, places: Sequence[Place], where: Place, id: Id
) -> tuple[Look, Entry | None] | None:
    """Read a data that the ledger does not know, and what other places have of its name.

    The entry is that of the record that it turns out to be, None for a new one. None when it
    is not there, is filtered out, or cannot be told apart: the next run lists that.
    """
    look = Look(ledger, schema, places)
    look.by_id(where, id)
    here = look.seen.get(where.store)
    if here is None:
        return None
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
    groups, _ = pair(schema.name, new, [known_of(entry) for entry in entries])
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
