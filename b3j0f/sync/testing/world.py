"""World: some stores, a synchronizer, users who edit, and the laws that must hold.

A world does what it is told, remembers what its users may expect, and checks the laws after
every run. Who tells it (Hypothesis, a loop over random numbers) is another matter.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..data import Data, schema_of
from ..event import Event
from ..fields import MISSING
from ..link import Link
from ..reconcile.conflict import AMBIGUOUS
from ..synchronizer import Synchronizer
from .lossy import LossyStore, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..data import Content
    from ..ledger import Ledger
    from ..reconcile.conflict import Conflict
    from ..reconcile.report import Report
    from ..store import Store

__all__ = ["Folder", "LawBrokenError", "Note", "World"]

START = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


class Folder(Data):
    """What embeds notes."""

    birth: str = ""
    colour: str = ""


class Note(Data, parent=Folder):
    """What users edit: a text, a number that may lack, a set, a time with microseconds."""

    birth: str = ""
    text: str = ""
    count: int | None = None
    tags: frozenset[str] = frozenset()
    due: datetime | None = None


class LawBrokenError(AssertionError):
    """A law of the design does not hold."""


class World:
    """Stores with one synchronizer between them, and what their users did.

    Every value that a user writes is unlike any other one, so that it can be looked for.

    Args:
        stores: The stores, empty.
        modes: By store, the mode of its link, or ``filtered`` for both directions with a filter;
            ``both`` where it is not named.
        ledger: Of the synchronizer.
    """

    def __init__(
        self,
        stores: Sequence[Store],
        *,
        modes: Mapping[str, str] | None = None,
        ledger: str | Ledger | None = None,
    ) -> None:
        self.modes = {store.name: (modes or {}).get(store.name, "both") for store in stores}
        self.stores = {store.name: store for store in stores}
        links = [_link(store, self.modes[store.name]) for store in stores]
        self.sync = Synchronizer(links, name="world", ledger=ledger)
        self.log: list[Event] = []
        for store in stores:
            store.observe(self.log.append)
        self.alive: dict[str, str] = {}  # token -> how its user wrote it, and where
        self._exact: dict[str, str] = {}
        self._tokens = 0
        self._told_by_name: set[str] = set()

    # --- what users do -----------------------------------------------------------------------

    def find(self, store: str, datatype: type[Data]) -> list[Data]:
        """The data of one store in a stable order."""
        return sorted(
            self.stores[store].find(datatype), key=lambda d: (d.context, d.name, repr(d.id))
        )

    def add(
        self, store: str, datatype: type[Data], name: str, context: tuple[str, ...], *, live: bool
    ) -> None:
        """A user adds a data, known from all others by the field ``birth``."""
        birth = self._token("birth", "")
        make: Any = datatype
        data: Data = make(name=name, context=context, birth=birth)
        accessor = self.stores[store].accessor(datatype)
        if (
            accessor._is_name_taken(data)
            and accessor.capabilities & accessor.capabilities.UNIQUE_NAMES
        ):
            del self.alive[birth]
            return
        self.stores[store].add(data, notify=live)
        if self.modes[store] == "write":
            del self.alive[birth]  # its own data are not taken

    def edit(self, store: str, data: Data, field: str, padding: str, *, live: bool) -> None:
        """A user changes one field of what is in a store."""
        if self.modes[store] != "write":  # its own edits are overwritten
            self._forget(data, [field])
        value: Any
        token = self._token(field, padding)
        if field == "count":
            value = int(token[1:])
        elif field == "tags":
            value = frozenset([token])
        elif field == "due":
            value = START + timedelta(
                days=int(token[1:]), microseconds=int(token[1:]) * bool(padding)
            )
        else:
            value = self._exact[token]
        if self.modes[store] == "write":
            del self.alive[token]
        self.stores[store].update(data.replace(**{field: value}), data, notify=live)

    def rename(self, store: str, data: Data, name: str, *, live: bool) -> None:
        """A user renames what is in a store."""
        accessor = self.stores[store].accessor(type(data))
        renamed = data.replace(name=name)
        if not (
            accessor._is_name_taken(renamed)
            and accessor.capabilities & accessor.capabilities.UNIQUE_NAMES
        ):
            stored = self.stores[store].update(renamed, data, notify=live)
            if stored.id != data.id and not live:
                # Where the name is the id, a rename that nobody saw is a removal and an addition;
                # with something new under the old name, nobody can tell which one is which.
                self._told_by_name.add(getattr(data, "birth", "").strip())

    def remove(self, store: str, data: Data, *, live: bool) -> None:
        """A user removes what is in a store."""
        schema = schema_of(type(data))
        if self.modes[store] != "write":
            self._forget(data, schema.names)
        entry = self.sync.ledger.find(schema, store, data.id)  # type: ignore[arg-type]
        if entry is not None and self.modes[store] == "read":
            # It does not show what others wrote; the removal wins over that all the same.
            for token in _tokens_of(entry.base):
                self.alive.pop(token, None)
        self.stores[store].remove(data, notify=live)

    def resolve(self, number: int, store_number: int) -> None:
        """A user decides one of the open conflicts."""
        conflicts = [c for c in self.sync.conflicts() if c.field != AMBIGUOUS]
        if conflicts:
            conflict = conflicts[number % len(conflicts)]
            stores = list(conflict.values)
            chosen = stores[store_number % len(stores)]
            for store, value in conflict.values.items():
                if store != chosen:
                    for token in list(self.alive):
                        if token in _tokens_of(value):
                            del self.alive[token]
            self.sync.resolve(conflict, store=chosen)

    # --- what is checked -----------------------------------------------------------------------

    def run(self) -> Report:
        """Run, and check the laws."""
        untouched = {name: self.snapshot(name, outside=True) for name in self.stores}
        start = len(self.log)
        report = self.sync.run(force=True)
        self._check(report.ok, f"nothing fails here, but: {report}")
        for name, before in untouched.items():
            lost = before - self.snapshot(name)
            self._check(not lost, f"law 4: {name} is not to be written there: {lost}")
        self._check_order(self.log[start:])
        self.check()
        return report

    def check(self) -> None:
        """Check the laws that hold whenever all is in step, open conflicts aside."""
        plan = self.sync.plan()
        taken = "names are unique there"
        self._check(
            all(taken in reason for _, _, reason in plan.skipped), f"law 1: skipped:\n{plan}"
        )
        self._check(not plan.operations, f"laws 1 and 5: a run left something to do:\n{plan}")
        before = len(self.log)
        again = self.sync.run(force=True)
        self._check(not again.applied, f"law 5: a second run wrote:\n{again}")
        self._check(len(self.log) == before, "law 5: a second run made events")
        conflicts = self.sync.conflicts()
        self._check_equal(self._disputed(conflicts))
        self._check_once()
        self._check_alive(conflicts)

    def snapshot(self, store: str, *, outside: bool = False) -> Counter[tuple[Any, ...]]:
        """What a store holds; with *outside* only what must not be touched there."""
        mode = self.modes[store]
        return Counter(
            (type(data), data.id, *schema_of(type(data)).content(data))
            for data in self.stores[store]
            if not outside or mode == "read" or (mode == "filtered" and not passes(data))
        )

    def _disputed(self, conflicts: Iterable[Conflict]) -> set[tuple[str, str, Any]]:
        """Store, type and id of the data on which a conflict is open."""
        places = set()
        for conflict in conflicts:
            if conflict.field == AMBIGUOUS:
                places |= {
                    (store, conflict.datatype, id)
                    for store, ids in conflict.values.items()
                    for id in ids
                }
            else:
                assert conflict.record is not None
                schema = schema_of(Folder if conflict.datatype == "Folder" else Note)
                entry = self.sync.ledger.load(schema, [conflict.record])[conflict.record]
                places |= {(s, conflict.datatype, link.id) for s, link in entry.links.items()}
        for schema in (schema_of(Folder), schema_of(Note)):
            for record in self.sync.ledger.unsettled(schema):
                # A name that is taken where names are unique: the rest of the record waits.
                links = self.sync.ledger.load(schema, [record])[record].links
                if any(link.pending for link in links.values()):
                    places |= {(store, schema.name, link.id) for store, link in links.items()}
        return places

    def _check_equal(self, disputed: set[tuple[str, str, Any]]) -> None:
        """Law 1: stores that are read and written hold the same, open conflicts aside."""
        both = [name for name, mode in self.modes.items() if mode == "both"]
        held = {
            name: Counter(
                (type(d), schema_of(type(d)).content(normalised(d)))
                for d in self.stores[name]
                if (name, type(d).__name__, d.id) not in disputed
            )
            for name in both
        }
        for name in both[1:]:
            self._check(
                held[name] == held[both[0]],
                f"law 1: {both[0]} and {name} differ by {held[both[0]] - held[name]} "
                f"and {held[name] - held[both[0]]}",
            )
        for name, mode in self.modes.items():
            if mode in {"write", "filtered"} and both:
                self._check_part(name, held[both[0]], disputed)
        exact = [name for name in both if not isinstance(self.stores[name], LossyStore)]
        agreed = {
            name: Counter(
                d for d in self.stores[name] if (name, type(d).__name__, d.id) not in disputed
            )
            for name in exact
        }
        for name in exact[1:]:
            self._check(
                agreed[exact[0]] == agreed[name],
                f"law 6: {exact[0]} and {name} hold everything exactly, and differ",
            )

    def _check_part(
        self,
        name: str,
        full: Counter[tuple[type[Data], Content]],
        disputed: set[tuple[str, str, Any]],
    ) -> None:
        """Law 1 for a store that takes part with some of its data, or is written only."""
        here = Counter(
            (type(d), schema_of(type(d)).content(normalised(d))) for d in self.stores[name]
        )
        if self.modes[name] == "write":
            missing = full - here
            self._check(not missing, f"law 1: {name} lacks {missing}")
            return
        parted = {
            (type(d), schema_of(type(d)).content(normalised(d)))
            for d in self.stores[name]
            if passes(d) and (name, type(d).__name__, d.id) not in disputed
        }
        alone = {one for one in parted if one not in full}
        self._check(not alone, f"law 1: {name} alone has {alone}")

    def _check_once(self) -> None:
        """Law 3: one record is at most one data in each store."""
        for name in self.stores:
            births = Counter(
                (type(data), birth)
                for data in self.stores[name]
                if (birth := getattr(data, "birth", "").strip()) and birth not in self._told_by_name
            )
            twice = [birth for birth, count in births.items() if count > 1]
            self._check(not twice, f"law 3: {name} has {twice} more than once")

    def _check_alive(self, conflicts: Iterable[Conflict]) -> None:
        """Law 2: what a user wrote is somewhere until a user wrote over it."""
        found: set[str] = set()
        for store in self.stores.values():
            for data in store:
                found |= _tokens_of(schema_of(type(data)).content(data))
        for conflict in conflicts:
            found |= _tokens_of(tuple(conflict.values.values()))
        lost = {t: where for t, where in self.alive.items() if t not in found}
        self._check(not lost, f"law 2: lost {lost}")

    def _check_order(self, events: Sequence[Event]) -> None:
        """Law 10: what embeds comes before what is embedded, and goes after it."""
        added: dict[tuple[str, str], int] = {}
        for position, event in enumerate(events):
            if event.kind is Event.ADD and type(event.data) is Folder:
                added.setdefault((event.store.name, event.data.name), position)
            if event.kind is Event.REMOVE and type(event.data) is Folder:
                later = [
                    e
                    for e in events[position:]
                    if e.store is event.store
                    and e.kind is Event.REMOVE
                    and type(e.data) is Note
                    and e.data.context == (event.data.name,)
                ]
                self._check(not later, f"law 10: {event.data} was removed before {later}")
        for position, event in enumerate(events):
            if event.kind is Event.ADD and type(event.data) is Note and event.data.context:
                place = (event.store.name, event.data.context[-1])
                self._check(
                    added.get(place, -1) < position,
                    f"law 10: {event.data} was added before what embeds it",
                )

    def _check(self, holds: bool, what: str) -> None:
        if not holds:
            state = "\n".join(f"{name}: {list(store)}" for name, store in self.stores.items())
            raise LawBrokenError(f"{what}\n{state}\n{self.sync.plan()}")

    # --- tokens ----------------------------------------------------------------------------------

    def _token(self, field: str, padding: str) -> str:
        self._tokens += 1
        token = f"t{self._tokens}"
        self._exact[token] = f"{padding}{token}{padding}"
        self.alive[token] = field
        return token

    def _forget(self, data: Data, fields: Iterable[str]) -> None:
        """A user who saw *data* writes over these fields of it."""
        for field in fields:
            for token in _tokens_of(getattr(data, field)):
                self.alive.pop(token, None)


def passes(data: Data) -> bool:
    """The filter of filtered links: edits move data in and out."""
    count = getattr(data, "count", None)
    return count is None or count % 2 == 0


def _link(store: Store, mode: str) -> Link:
    return Link(store, where=passes) if mode == "filtered" else Link(store, mode)


def _tokens_of(value: Any) -> set[str]:
    """The tokens that a value shows."""
    if value is None or value is MISSING:
        return set()
    if isinstance(value, str):
        return {value.strip()}
    if isinstance(value, bool):
        return set()
    if isinstance(value, int):
        return {f"t{value}"}
    if isinstance(value, datetime):
        return {f"t{(value - START).days}"}
    if isinstance(value, tuple | frozenset | set):
        return set().union(*map(_tokens_of, value))
    return set()
