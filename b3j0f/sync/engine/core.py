"""Engine: the ledger and the places of one synchronizer, and the ways through them."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from ..data import schema_of
from ..errors import DataError, StaleError, StoreUnavailableError, SyncError
from ..event import Event
from ..query import Query
from ..reconcile.report import Failure
from .circles import in_circle
from .embedded import (
    disturbed,
    dropped_with,
    embedded_in,
    hold_back,
    is_rename,
    keep_needed,
    lost_there,
    moved_with,
)
from .failing import FailureBook
from .pace import Pace
from .point import look_at_entry, look_at_new
from .retry import until_done
from .survey import NOTHING, Survey, survey
from .write import Writer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from ..data import Content, Data, Schema
    from ..event import Subscription
    from ..ledger import Entry, Ledger
    from ..reconcile.merge import Decision
    from ..reconcile.policy import Policy
    from ..reconcile.report import Report
    from .place import Place
    from .point import Look

__all__ = ["Engine", "in_order"]

Key = tuple[str, tuple[str, ...]]
BATCH = 1000
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
        book: What is failing.
        retries: How often a run asks a store again that does not answer.
    """

    def __init__(
        self,
        ledger: Ledger,
        places: Mapping[type[Data], Sequence[Place]],
        policy: Policy,
        subscriptions: Mapping[str, Subscription],
        retries: int,
    ) -> None:
        self.ledger, self.places, self.policy = ledger, places, policy
        self.book, self.retries = FailureBook(ledger), retries
        self.schemas: dict[str, Schema] = {s.name: s for s in map(schema_of, places)}
        self.pace = Pace()
        self._subscriptions = subscriptions

    def note_dropped(self) -> None:
        """Note what stores have removed along with what they were told to remove.

        Those who told them so were interrupted before they could look.
        """
        for schema in self.schemas.values():
            embeds = any(embedded_in(schema, self.places))
            left = self.ledger.unsettled(schema) if embeds else ()
            for entry in self.ledger.load(schema, left).values():
                self._note_dropped(entry)

    def _note_dropped(self, entry: Entry) -> None:
        for store in entry.links if entry.removed else ():  # it was under way, or failed
            for datatype in embedded_in(entry.schema, self.places):
                places, key = self.places[datatype], entry.base[:2]
                dropped = dropped_with(self.ledger, datatype, places, key, store)
                self.ledger.save(list(dropped))

    def plan(self, types: Iterable[type[Data]]) -> list[Survey]:
        """What is to be done about data of these types; nothing is written."""
        surveys = list(self.surveys(types))
        keep_needed(self.ledger, self.places, surveys)
        hold_back(self.ledger, self.places, surveys)
        return surveys

    def surveys(
        self, types: Iterable[type[Data]], down: Mapping[str, SyncError] = NOTHING
    ) -> Iterator[Survey]:
        """What is to be done, type by type, each by itself.

        A store that is *down*, or does not answer, is not asked for its other types.
        """
        down = dict(down)
        for datatype in types:
            found = survey(
                self.ledger,
                schema_of(datatype),
                self.places[datatype],
                self.policy,
                self.pace,
                down=down,
                retries=self.retries,
            )
            for failure in found.failures:
                if failure.datatype is None and isinstance(failure.error, StoreUnavailableError):
                    down[failure.store] = failure.error
            yield found

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

    def counts(self) -> dict[str, int]:
        """How many data each store held when last agreed."""
        found: dict[str, int] = {}
        for schema in self.schemas.values():
            for place in self.places[schema.datatype]:
                count = self.ledger.count(schema, place.store)
                found[place.store] = found.get(place.store, 0) + count
        return found

    def writer(self, report: Report) -> Writer:
        """Carries out decisions and notes them in *report*."""
        return Writer(self.ledger, self.places, self._subscriptions, self.book, report)

    def run(self, writer: Writer, surveys: Sequence[Survey]) -> None:
        """Carry out what was surveyed."""
        writer.keep(self.pace, sum(len(found.decisions) for found in surveys))
        for found in surveys:
            writer.reporter.unreadable(found.failures)
            writer.report.conflicts.extend(found.ambiguous)
            self.ledger.set_ambiguous(found.schema, found.ambiguous)
            if found.agreed is not None:
                self.ledger.save_agreed(found.agreed)
        self._note_answers(surveys)
        for decisions in in_order(surveys):
            writer.carry_out(decisions)
        self._give_back(writer)
        again = disturbed(writer.report.applied, self.places)
        if again:  # stores may have moved or removed what is embedded by themselves
            more = list(self.surveys(again, writer.down))
            keep_needed(self.ledger, self.places, more)
            hold_back(self.ledger, self.places, more)
            for decisions in in_order(more):
                writer.carry_out(d for d in decisions if d.record not in writer.given_up)

    def _note_answers(self, surveys: Sequence[Survey]) -> None:
        """Note which stores did not answer, and which do again."""
        self.book.forget_done(self.schemas)
        down = {
            failure.store: failure.error
            for found in surveys
            for failure in found.failures
            if failure.datatype is None and isinstance(failure.error, StoreUnavailableError)
        }
        for store, error in down.items():
            self.book.store_failed(store, error)
        for found in surveys:
            for store in found.sizes.keys() - down.keys():
                self.book.store_worked(store)

    def begin_reading(self, schema: Schema) -> None:
        """What is written from now on rests on what is read from now on."""
        for place in self.places[schema.datatype]:
            place.begin_reading()

    def look(self, entry: Entry) -> Look:
        """Read a record of the ledger in every place."""
        return look_at_entry(self.ledger, entry, self.places[entry.schema.datatype], self.book)

    def look_at_new(
        self, schema: Schema, store: str, id: str | int, old: Content | None
    ) -> tuple[Look, Entry | None] | None:
        """Read a data that the ledger does not know; see ``point.look_at_new``."""
        places = self.places[schema.datatype]
        where = next(place for place in places if place.store == store)
        return look_at_new(self.ledger, schema, places, where, id, book=self.book, old=old)

    def converge(
        self, writer: Writer, look: Look, entry: Entry | None, policy: Policy | None = None
    ) -> None:
        """Decide on one record by what was read of it just now, and carry that out."""
        if (
            entry is not None and entry.removed
        ):  # its removal was under way, or is to be tried again
            self._note_dropped(entry)
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
        self.book.store_worked(store)  # else it would have told of nothing
        entry = self.ledger.find(schema, store, data.id)
        id_before = None if event.old is None else event.old.id
        if entry is None and id_before is not None and id_before != data.id:
            entry = self.ledger.find(schema, store, id_before)
        if entry is None:
            old = None if event.old is None else schema.content(event.old)
            found = self.look_at_new(schema, store, data.id, old)
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
        self._look_along(writer, schema, (data.name, data.context))

    def _look_along(self, writer: Writer, schema: Schema, key: Key) -> None:
        """Look at what stores have moved or removed along with what is called *key* now."""
        if any(is_rename(operation) for operation in writer.report.applied):
            self._follow(writer, schema, key)
        self._restore(writer)

    def _restore(self, writer: Writer) -> None:
        """Add again what stores have removed along with what embedded it."""
        for record, embedded in self._give_back(writer).items():
            for dropped in self.ledger.load(embedded, [record]).values():
                self.converge(writer, self.look(dropped), dropped)

    def _give_back(self, writer: Writer) -> dict[int, Schema]:
        """Note what stores have removed along with what embedded it: it is to be added again.

        The numbers of these records, with their types.
        """
        found: dict[int, Schema] = {}
        inside, writer.inside = writer.inside, defaultdict(dict)
        for store, records in inside.items():
            for schema in set(records.values()):
                place = next(p for p in self.places[schema.datatype] if p.store == store)
                some = [record for record, its in records.items() if its is schema]
                lost = list(lost_there(self.ledger, place, some))
                self.ledger.save(lost)
                found |= {entry.record: schema for entry in lost if entry.record is not None}
        return found

    def _follow(self, writer: Writer, schema: Schema, key: Key) -> None:
        """Converge what stores have moved by themselves into what is called *key* now."""
        for datatype in embedded_in(schema, self.places):
            moved = moved_with(self.ledger, datatype, self.places[datatype], key)
            for entry in list(moved):
                self.converge(writer, self.look(entry), entry)
                now = self.ledger.load(entry.schema, [entry.record or 0])
                for one in now.values():
                    self._follow(writer, entry.schema, one.base[:2])

    def ask_again(self, writer: Writer) -> None:
        """Ask every store that did not answer for any data of it, whether it rests or not."""
        self.book.wake()
        for store in [store for store, _, record in self.book.known if record is None]:
            places = (p for every in self.places.values() for p in every if p.store == store)
            place = next(places, None)
            if place is None:
                continue  # it is linked no more
            try:
                place.open()
                next(iter(place.accessor.find(Query(limit=1))), None)
            except SyncError as exc:
                self.book.store_failed(store, exc)
                failure = Failure(store=store, datatype=None, global_name=None, error=exc)
                writer.reporter.unreadable([failure])
            else:
                self.book.store_worked(store)

    def catch_up(self, writer: Writer, most: int | None = None, *, all: bool = False) -> None:
        """Converge what failed before and is due by now, or *all* that is left to be done.

        That is what failed by itself, and what a store missed that has answered again; at
        most so many records.
        """
        revived = self.book.take_revived()
        due = list(self.book.known.values()) if all else self.book.due()
        stores = revived | {failing.store for failing in due if failing.record is None}
        chosen = {(f.datatype, f.record) for f in due if f.record is not None}
        rest = most
        for schema in self.schemas.values():
            records = {record for name, record in chosen if name == schema.name and record}
            if stores or all:
                records |= self._left(schema, stores, all=all)
            some = sorted(records)[:rest]
            if rest is not None:
                rest -= len(some)
                if len(some) < len(records):
                    self.book.revived |= revived  # the next event goes on with it
            self._converge_all(writer, schema, some)
            self._give_back(writer)

    def _left(self, schema: Schema, stores: Collection[str], *, all: bool) -> set[int]:
        """Records on which something is left to be done."""
        places = [p.store for p in self.places[schema.datatype] if all or p.store in stores]
        found = self.ledger.unsettled(schema)
        return found.union(*(self.ledger.unlinked(schema, store) for store in places))

    def _converge_all(self, writer: Writer, schema: Schema, records: Sequence[int]) -> None:
        """Converge these records, what is removed last."""
        if not records:
            return
        self.begin_reading(schema)
        decisions = []
        for start in range(0, len(records), BATCH):
            entries = self.ledger.load(schema, records[start : start + BATCH])
            for _, entry in sorted(entries.items()):
                self._note_dropped(entry)
                try:
                    decision = self.look(entry).decide(entry, self.policy)
                except DataError:
                    continue  # a policy or a filter fails on this one; the next run tells it
                if decision is not None:
                    decisions.append(decision)
        for removes in (False, True):
            some = [d for d in decisions if (d.merged is None) == removes]
            if some:
                writer.carry_out(some)

    def make_again(self, writer: Writer, retries: int = 0) -> None:
        """Make again what met another state than it was decided for, and names that were taken.

        What a store did not answer to is made again after a pause, as often as *retries*. A
        record that keeps moving is left to the next run: its entry says what is pending.
        """
        self._settle_moved(writer)
        if writer.unanswered:
            until_done(partial(self._ask_again, writer), retries)
        for decision, operation in writer.stale:
            problem = "it keeps changing while it is written; the next run goes on with it"
            what = f"{operation.datatype} {operation.global_name!r} in {operation.store!r}"
            error = StaleError(f"{what}: {problem}", store=operation.store)
            writer.fail(decision, operation, error)
        self._go_on(writer)
        self._restore(writer)
        writer.skip_waiting()
        writer.skip_refused()
        writer.fail_unanswered()

    def _go_on(self, writer: Writer) -> None:
        """Make again what had to wait, for something to be there or for a name to be free.

        What waits in a circle gets no further: then one of them steps aside first, or is
        written without what it refers to.
        """
        stepped: set[tuple[str, int | None]] = set()
        left_out: set[tuple[str, int | None, str | None]] = set()
        while writer.refused or writer.waiting:
            left = len(writer.refused) + len(writer.waiting)
            for decision in writer.take_waiting():
                self._make_again(writer, decision)
            refused, writer.refused = writer.refused, []
            for decision, _, _ in refused:
                self._make_again(writer, decision)
            if len(writer.refused) + len(writer.waiting) < left:
                continue
            stuck = in_circle(writer.refused, writer.waiting, stepped)
            if stuck is None:
                if not writer.leave_out(left_out):
                    return
                continue
            decision, operation = stuck
            stepped.add((operation.store, decision.record))
            writer.step_aside(decision, operation)

    def _settle_moved(self, writer: Writer) -> None:
        for _ in range(ATTEMPTS):
            if not writer.stale:
                break
            stale = {id(decision): decision for decision, _ in writer.stale}
            writer.stale = []
            for decision in stale.values():
                self._make_again(writer, decision)
        self._go_on(writer)

    def _ask_again(self, writer: Writer) -> bool:
        """Make again what stores did not answer to; whether nothing is left of that."""
        waiting, writer.unanswered = writer.unanswered, []
        writer.down.clear()
        made: set[int] = set()
        for decision, operation, error in waiting:
            if operation.store in writer.down:  # it is enough to ask it once
                writer.unanswered.append((decision, operation, error))
            elif id(decision) not in made:
                made.add(id(decision))
                self._make_again(writer, decision)
        self._settle_moved(writer)
        return not writer.unanswered

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
                writer.fail(decision, operation, exc)


def in_order(surveys: Sequence[Survey]) -> Iterator[list[Decision]]:
    """Decisions in the order in which they are carried out.

    What embeds is added before what is embedded, and removed after it.
    """
    for found in surveys:
        yield [decision for decision in found.decisions if decision.merged is not None]
    for found in reversed(surveys):
        yield [decision for decision in found.decisions if decision.merged is None]
