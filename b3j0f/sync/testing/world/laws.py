"""The laws of the design, checked on a world."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ...data import Data, schema_of
from ...event import Event
from ...reconcile.conflict import AMBIGUOUS
from ..cascading import CascadingStore
from ..lossy import LossyStore, normalised
from .tokens import tokens_of
from .types import Folder, LawBrokenError, Note, passes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...data import Content
    from ...reconcile.conflict import Conflict
    from ...reconcile.report import Report
    from .world import World

__all__ = ["Laws"]

MEANT = ("names are unique", "cannot be told", "outside the link's filter", "not in step")
"""Why something may be skipped for ever: a user has to do something about it."""
Held = Counter[tuple[Any, ...]]


class Laws:
    """What must hold in a world: at any time, and after a run in which nothing failed."""

    def __init__(self, world: World) -> None:
        self._world = world

    def check_run(self) -> Report:
        """Run, and check that all laws hold."""
        world = self._world
        untouched = self.untouchable()
        start = len(world.log)
        report = world.sync.run(force=True)
        self._check(report.ok, f"law 1: nothing fails here, but: {report}")
        self.check_untouched(untouched)
        self._check_order(world.log[start:])
        self.check()
        return report

    def check(self) -> None:
        """Check the laws that hold whenever all is in step, open conflicts aside."""
        world = self._world
        plan = world.sync.plan()
        for _, _, reason in plan.skipped:
            self._check(any(meant in reason for meant in MEANT), f"law 1: skipped:\n{plan}")
        conflicts = world.sync.conflicts()
        # What is embedded waits where what embeds it does: it cannot be told from another one,
        # or its name is taken.
        is_open = any(conflict.field == AMBIGUOUS for conflict in conflicts)
        waiting = {store for store, *_ in plan.skipped}
        left = [
            operation
            for operation in plan.operations
            if operation.datatype != Note.__name__ or not (is_open or operation.store in waiting)
        ]
        self._check(not left, f"laws 1 and 5: a run left something to do:\n{plan}")
        before = len(world.log)
        again = world.sync.run(force=True)
        self._check(not again.applied, f"law 5: a second run wrote:\n{again}")
        self._check(len(world.log) == before, "law 5: a second run made events")
        # What lies outside a filter by now keeps what it could not be told.
        # So does what waits for a name that an ambiguous one has.
        failing = [f for f in world.sync.status()["failing"] if world.modes[f.store] != "filtered"]
        self._check(is_open or not failing, f"law 7: nothing fails any more, but {failing}")
        self._check_equal(self._disputed(world.sync.conflicts()))
        self.check_at_once()

    def check_at_once(self) -> None:
        """Check the laws that hold at any time, whatever fails."""
        self._check_once()
        self._check_alive(self._world.sync.conflicts())

    def untouchable(self) -> dict[str, Held]:
        """By store, what must not be touched there."""
        return {name: self._snapshot(name, outside=True) for name in self._world.stores}

    def check_untouched(self, before: Mapping[str, Held]) -> None:
        """Law 4: nobody is overruled."""
        for name, held in before.items():
            lost = held - self._snapshot(name)
            self._check(not lost, f"law 4: {name} is not to be written there: {lost}")

    def unequal_forms(self) -> bool:
        """Whether stores hold the same data in different forms, so that it can be taken for two."""
        held = [
            Counter((type(d), schema_of(type(d)).content(d)) for d in store)
            for store in self._world.stores.values()
        ]
        return any(one != held[0] for one in held)

    def _snapshot(self, store: str, *, outside: bool = False) -> Held:
        mode = self._world.modes[store]
        # Where a folder is renamed, what is in it moves along, whether it takes part or not.
        follows = isinstance(self._world.stores[store], CascadingStore)
        return Counter(
            (type(data), data.id, *schema_of(type(data)).content(_in_place(data, follows=follows)))
            for data in self._world.stores[store]
            if not outside or mode == "read" or (mode == "filtered" and not passes(data))
        )

    def _disputed(self, conflicts: Iterable[Conflict]) -> set[tuple[str, str, Any]]:
        """Store, type and id of the data on which a conflict is open."""
        ledger, places = self._world.sync.ledger, set()
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
                entry = ledger.load(schema, [conflict.record])[conflict.record]
                places |= {(s, conflict.datatype, link.id) for s, link in entry.links.items()}
        for schema in (schema_of(Folder), schema_of(Note)):
            for record in ledger.unsettled(schema):
                # A name that is taken where names are unique: the rest of the record waits.
                # So does the removal of what embeds something that is not in step.
                entry = ledger.load(schema, [record])[record]
                if entry.removed or any(link.pending for link in entry.links.values()):
                    places |= {(store, schema.name, link.id) for store, link in entry.links.items()}
        return places

    def _check_equal(self, disputed: set[tuple[str, str, Any]]) -> None:
        """Law 1: stores that are read and written hold the same, open conflicts aside."""
        stores, modes = self._world.stores, self._world.modes
        both = [name for name, mode in modes.items() if mode == "both"]
        held = {
            name: Counter(
                (type(d), schema_of(type(d)).content(normalised(d)))
                for d in stores[name]
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
        for name, mode in modes.items():
            if mode in {"write", "filtered"} and both:
                self._check_part(name, held[both[0]], disputed)
        exact = [name for name in both if not isinstance(stores[name], LossyStore)]
        agreed = {
            name: Counter(d for d in stores[name] if (name, type(d).__name__, d.id) not in disputed)
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
        store = self._world.stores[name]
        here = Counter((type(d), schema_of(type(d)).content(normalised(d))) for d in store)
        if self._world.modes[name] == "write":
            missing = full - here
            self._check(not missing, f"law 1: {name} lacks {missing}")
            return
        parted = {
            (type(d), schema_of(type(d)).content(normalised(d)))
            for d in store
            if passes(d) and (name, type(d).__name__, d.id) not in disputed
        }
        alone = {one for one in parted if one not in full}
        self._check(not alone, f"law 1: {name} alone has {alone}")

    def _check_once(self) -> None:
        """Law 3: one record is at most one data in each store."""
        for name, store in self._world.stores.items():
            births = Counter(
                (type(data), birth)
                for data in store
                if (birth := getattr(data, "birth", "").strip())
                and birth not in self._world.told_by_name
            )
            twice = [birth for birth, count in births.items() if count > 1]
            self._check(not twice, f"law 3: {name} has {twice} more than once")

    def _check_alive(self, conflicts: Iterable[Conflict]) -> None:
        """Law 2: what a user wrote is somewhere until a user wrote over it.

        That may be the ledger, when a store has lost it along with what embedded it and does
        not take it back yet.
        """
        found: set[str] = set()
        for schema in (schema_of(Folder), schema_of(Note)):
            ledger = self._world.ledger
            for entry in ledger.load(schema, ledger.unsettled(schema)).values():
                if not entry.removed:
                    found |= tokens_of(entry.base)
        for store in self._world.stores.values():
            for data in store:
                found |= tokens_of(schema_of(type(data)).content(data))
        for conflict in conflicts:
            found |= tokens_of(tuple(conflict.values.values()))
        alive = self._world.tokens.alive
        lost = {token: where for token, where in alive.items() if token not in found}
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
            world = self._world
            state = "\n".join(f"{name}: {list(store)}" for name, store in world.stores.items())
            raise LawBrokenError(f"{what}\n{state}\n{world.sync.plan()}")


def _in_place(data: Data, *, follows: bool) -> Data:
    """*data*, without its context where that *follows* from another data."""
    return data.replace(context=()) if follows else data
