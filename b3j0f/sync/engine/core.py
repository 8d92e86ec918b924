"""Engine: the ledger and the places of one synchronizer, and the ways through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data import schema_of
from ..errors import DataError, StaleError
from ..event import Event
from ..reconcile.operation import Kind
from .pace import Pace
from .point import look_at_entry, look_at_new
from .survey import Survey, survey
from .write import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..data import Data, Schema
    from ..event import Subscription
    from ..ledger import Entry, Ledger
    from ..reconcile.merge import Decision
    from ..reconcile.policy import Policy
    from ..reconcile.report import Report
    from .place import Place
    from .point import Look

__all__ = ["Engine", "in_order"]

ATTEMPTS = 3
"""How often a record is read and merged again when a store moved on under the write."""


class Engine:
    """What the four ways to converge share; used by one thread at a time.

    Attributes:
        ledger: What was agreed.
        places: By type, the linked stores that have it; what embeds comes first.
        schemas: The schemas of these types by name.
        policy: Decides conflicts.
        pace: That of plans and runs.
    """

    def __init__(
        self,
        ledger: Ledger,
        places: Mapping[type[Data], Sequence[Place]],
        policy: Policy,
        subscriptions: Mapping[str, Subscription],
    ) -> None:
        self.ledger, self.places, self.policy = ledger, places, policy
        self.schemas: dict[str, Schema] = {s.name: s for s in map(schema_of, places)}
        self.pace = Pace()
        self._subscriptions = subscriptions

    def surveys(self, types: Iterable[type[Data]]) -> Iterator[Survey]:
        """What is to be done, type by type; nothing is written."""
        for datatype in types:
            schema = schema_of(datatype)
            yield survey(self.ledger, schema, self.places[datatype], self.policy, self.pace)

    def known(self, surveys: Iterable[Survey]) -> dict[str, int]:
        """How many data each store held when last agreed, of those types that were read there."""
        known: dict[str, int] = {}
        for found in surveys:
            unread = {failure.store for failure in found.failures if failure.datatype is None}
            for place in self.places[found.schema.datatype]:
                if place.store not in unread:
                    count = self.ledger.count(found.schema, place.store)
                    known[place.store] = known.get(place.store, 0) + count
        return known

    def writer(self, report: Report) -> Writer:
        """Carries out decisions and notes them in *report*."""
        return Writer(self.ledger, self.places, self._subscriptions, report)

    def run(self, writer: Writer, surveys: Sequence[Survey]) -> None:
        """Carry out what was surveyed."""
        writer.keep(self.pace, sum(len(found.decisions) for found in surveys))
        for found in surveys:
            writer.tell(found.failures)
            writer.report.conflicts.extend(found.ambiguous)
            self.ledger.set_ambiguous(found.schema, found.ambiguous)
            if found.agreed is not None:
                self.ledger.save_agreed(found.agreed)
        for decisions in in_order(surveys):
            writer.carry_out(decisions)

    def begin_reading(self, schema: Schema) -> None:
        """What is written from now on rests on what is read from now on."""
        for place in self.places[schema.datatype]:
            place.begin_reading()

    def look(self, entry: Entry) -> Look:
        """Read a record of the ledger in every place."""
        return look_at_entry(self.ledger, entry, self.places[entry.schema.datatype])

    def look_at_new(
        self, schema: Schema, store: str, id: str | int
    ) -> tuple[Look, Entry | None] | None:
        """Read a data that the ledger does not know; see ``point.look_at_new``."""
        places = self.places[schema.datatype]
        where = next(place for place in places if place.store == store)
        return look_at_new(self.ledger, schema, places, where, id)

    def converge(
        self, writer: Writer, look: Look, entry: Entry | None, policy: Policy | None = None
    ) -> None:
        """Decide on one record by what was read of it just now, and carry that out."""
        decision = look.decide(entry, policy or self.policy)
        if decision is not None:
            writer.carry_out([decision])

    def take(self, writer: Writer, event: Event) -> None:
        """Converge the record that *event* is about.

        An event is a hint: the stores are read again, so that late, repeated and reordered
        ones do no harm.
        """
        data, store = event.data, event.store.name
        places = self.places.get(type(data), ())
        if data.id is None or not any(place.store == store for place in places):
            return
        schema = schema_of(type(data))
        self.begin_reading(schema)
        entry = self.ledger.find(schema, store, data.id)
        id_before = None if event.old is None else event.old.id
        if entry is None and id_before is not None and id_before != data.id:
            entry = self.ledger.find(schema, store, id_before)
        if entry is None:
            found = self.look_at_new(schema, store, data.id)
            if found is not None:
                self.converge(writer, *found)
            return
        look = self.look(entry)
        if data.id != entry.links[store].id:
            place = next(place for place in places if place.store == store)
            before = look.seen.pop(store, None)
            look.by_id(place, data.id)
            if before is not None and look.seen.get(store) is None:
                look.seen[store] = before  # the event is wrong: it has its old id
        if event.kind is Event.REMOVE and store not in {*look.seen, *look.failed, *look.aside}:
            look.seen[store] = None  # it cannot detect removals; this one is told
        self.converge(writer, look, entry)

    def make_again(self, writer: Writer) -> None:
        """Make again what met another state than it was decided for, and names that were taken.

        A record that keeps moving is left to the next run: its entry says what is pending.
        """
        for _ in range(ATTEMPTS):
            if not writer.stale:
                break
            stale = {id(decision): decision for decision, _ in writer.stale}
            writer.stale = []
            for decision in stale.values():
                self._make_again(writer, decision)
        self._free_names(writer)
        for _, operation in writer.stale:
            problem = "it keeps changing while it is written; the next run goes on with it"
            what = f"{operation.datatype} {operation.global_name!r} in {operation.store!r}"
            writer.fail(operation, StaleError(f"{what}: {problem}", store=operation.store))
        for _, operation, taken in writer.refused:
            writer.fail(operation, taken)

    def _free_names(self, writer: Writer) -> None:
        """Make again what was refused for its name, as long as that gets any further.

        Names that go round in a circle get no further: then one of them steps aside first.
        """
        stepped = False
        while writer.refused:
            refused, writer.refused = writer.refused, []
            for decision, _, _ in refused:
                self._make_again(writer, decision)
            if len(writer.refused) < len(refused):
                continue
            circle = [one for one in writer.refused if one[1].kind is Kind.UPDATE]
            if stepped or not circle:
                return
            stepped = True
            writer.step_aside(*circle[0][:2])

    def _make_again(self, writer: Writer, decision: Decision) -> None:
        if decision.record is None:
            return
        self.begin_reading(decision.schema)
        entry = self.ledger.load(decision.schema, [decision.record]).get(decision.record)
        if entry is None:
            return
        try:
            self.converge(writer, self.look(entry), entry)
        except DataError as exc:  # a policy or a filter failed on this one
            for operation in decision.operations:
                writer.fail(operation, exc)


def in_order(surveys: Sequence[Survey]) -> Iterator[list[Decision]]:
    """Decisions in the order in which they are carried out.

    What embeds is added before what is embedded, and removed after it.
    """
    for found in surveys:
        yield [decision for decision in found.decisions if decision.merged is not None]
    for found in reversed(surveys):
        yield [decision for decision in found.decisions if decision.merged is None]
