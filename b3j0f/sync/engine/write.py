"""Writing: carry out decisions, batch by batch, and note what became of them."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..data import schema_of
from ..errors import (
    AlreadyExistsError,
    NotFoundError,
    StaleError,
    StoreError,
    StoreUnavailableError,
    SyncError,
)
from ..names import global_name
from ..reconcile.operation import Kind
from ..reconcile.report import Failure, Report, Skip
from .pace import Pace
from .place import ForestalledError
from .settle import settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..data import Content, Data, Schema
    from ..event import Subscription
    from ..ledger import Entry, Ledger
    from ..reconcile.merge import Decision
    from ..reconcile.operation import Operation
    from ..reconcile.pairing import Seen
    from .place import Place

__all__ = ["Writer"]

SMALLEST, LARGEST = 50, 1000
"""Records in one batch."""
QUICK = 0.5
"""Seconds; after a batch that took longer the next one is small."""
Answers = dict[str, "Seen | SyncError | None"]
Parent = tuple[str, type, str, tuple[str, ...]]
Id = str | int


class WaitingError(StoreError):
    """What embeds the data could not be written there yet."""


class Writer:
    """Carries out decisions of one run or of one event, and gathers the report.

    Attributes:
        report: What was done so far.
        pace: Is told of each batch, and may end the work between two of them.
        stale: Decisions with an operation that met another state than it was made for; they
            were noted as not done and are to be made again.
        refused: Decisions with an operation whose name is taken, and the error: to be made
            again as well, for another operation may free it.
    """

    def __init__(
        self,
        ledger: Ledger,
        places: Mapping[type[Data], Sequence[Place]],
        subscriptions: Mapping[str, Subscription],
        report: Report,
    ) -> None:
        self.ledger, self.report, self.pace = ledger, report, Pace()
        self.stale: list[tuple[Decision, Operation]] = []
        self.refused: list[tuple[Decision, Operation, SyncError]] = []
        self._places = {
            (schema_of(datatype).name, place.store): place
            for datatype, every in places.items()
            for place in every
        }
        self._subscriptions = subscriptions
        self._down: dict[str, SyncError] = {}
        # Of data that embed others: could not be added, need not be waited for, still have some.
        self._missing: set[Parent] = set()
        self._there: set[Parent] = set()
        self._occupied: set[Parent] = set()
        self._told: set[tuple[object, ...]] = set()  # conflicts and skips that are in the report

    def keep(self, pace: Pace, total: int) -> None:
        """Keep this *pace* for *total* records."""
        self.pace = pace
        pace.begin_writing(total)

    def carry_out(self, decisions: Iterable[Decision]) -> None:
        """Carry out *decisions* on data of one type, which all remove or none does."""
        size, rest = SMALLEST, iter(decisions)
        while batch := list(islice(rest, size)):
            started = time.monotonic()
            self._carry_out(batch)
            # A slow store is to be stopped, and to tell how far it is, in good time.
            size = min(size * 2, LARGEST) if time.monotonic() - started < QUICK else SMALLEST

    def _carry_out(self, decisions: Sequence[Decision]) -> None:
        self.pace.check()
        schema = decisions[0].schema
        known = [d.record for d in decisions if d.record is not None]
        before = self.ledger.load(schema, known) if known else {}
        answers = self._write(schema, decisions)
        entries = [
            settled(d, answers.get(i, {}), None if d.record is None else before.get(d.record))
            for i, d in enumerate(decisions)
        ]
        self.ledger.save(entries)
        for decision, entry in zip(decisions, entries, strict=True):
            decision.record = entry.record
            self._note_conflicts(entry, decision)
            self._note_skips(decision)
        self.pace.wrote(len(decisions))

    def _write(self, schema: Schema, decisions: Sequence[Decision]) -> dict[int, Answers]:
        """Make the writes of a batch; the answers by the position of the decision."""
        work: dict[tuple[str, Kind], list[tuple[int, Operation]]] = defaultdict(list)
        answers: dict[int, Answers] = defaultdict(dict)
        for position, decision in enumerate(decisions):
            for operation in decision.operations:
                problem = self._obstacle(schema, operation)
                if problem is None:
                    work[operation.store, operation.kind].append((position, operation))
                else:
                    self._note(decision, operation, problem, answers[position])
        for (store, kind), every in work.items():
            place = self._places[schema.name, store]
            outcomes = self._write_many(place, kind, [operation for _, operation in every])
            for (position, operation), outcome in zip(every, outcomes, strict=True):
                self._note(decisions[position], operation, outcome, answers[position], place)
        return answers

    def _obstacle(self, schema: Schema, operation: Operation) -> SyncError | None:
        """Why *operation* need not be tried, or None."""
        down = self._down.get(operation.store)
        if down is not None:
            return down
        if operation.after is None:
            assert operation.before is not None  # noqa: S101 - it removes what is there
            if (operation.store, schema.datatype, *operation.before[:2]) not in self._occupied:
                return None
            return _waiting(schema, operation, "for what it embeds, which could not be removed")
        parent = _parent(schema, operation.store, operation.after)
        if parent is None or parent in self._there:
            return None
        if parent not in self._missing and not self._is_awaited(*parent):
            self._there.add(parent)
            return None
        self._missing.add(parent)
        what = f"{parent[1].__name__} {parent[2]!r}"
        return _waiting(schema, operation, f"for {what}, which is not there yet")

    def _is_awaited(
        self, store: str, datatype: type[Data], name: str, context: tuple[str, ...]
    ) -> bool:
        schema = schema_of(datatype)
        if (schema.name, store) not in self._places:
            return False
        links = [entry.links.get(store) for entry in self.ledger.named(schema, [(name, context)])]
        # Where nothing is noted, the store took no part so far: it gets it with the next run.
        return bool(links) and all(
            linked is None or (linked.id is None and linked.pending) for linked in links
        )

    def _write_many(
        self, place: Place, kind: Kind, operations: Sequence[Operation]
    ) -> Sequence[Any]:
        """Write to one store; one outcome each: the data as stored, None, or the error."""
        accessor, make = place.accessor, place.schema.make
        skip = self._subscriptions.get(place.store)
        try:
            if kind is Kind.ADD:
                added = [make(o.after) for o in operations]
                return place.add_many(added, partial(self._is_known, place), skip)
            if kind is Kind.UPDATE:
                pairs = [(make(o.after, o.id), make(o.before, o.id)) for o in operations]
                return accessor.update_many(pairs, skip=skip)
            return self._remove_many(place, operations)
        except SyncError as exc:
            return [exc] * len(operations)

    def _is_known(self, place: Place, id: Id) -> bool:
        return self.ledger.find(place.schema, place.store, id) is not None

    def _remove_many(self, place: Place, operations: Sequence[Operation]) -> list[SyncError | None]:
        """Remove what is still as it was when its removal was decided."""
        unreadable: dict[Id, SyncError] = {}
        ids = [o.id for o in operations if o.id is not None]
        every = place.accessor.get_many(ids, unreadable=unreadable.__setitem__)
        now = {data.id: data for data in every}
        outcomes: dict[int, SyncError | None] = {}
        doomed = []
        for position, operation in enumerate(operations):
            data = now.get(operation.id)
            if data is not None and place.content(data) == operation.before:
                doomed.append((position, data))
            elif data is not None:
                problem = f"{operation.global_name!r} has been changed by somebody else"
                outcomes[position] = place.accessor._error(StaleError, "remove", problem)
            else:  # it cannot be read just now, or somebody else has removed it
                outcomes[position] = unreadable.get(operation.id)  # type: ignore[arg-type]
        if doomed:
            removed = place.accessor.remove_many(
                [data for _, data in doomed], skip=self._subscriptions.get(place.store)
            )
            outcomes |= {p: outcome for (p, _), outcome in zip(doomed, removed, strict=True)}
        return [outcomes[position] for position in range(len(operations))]

    def _note(
        self,
        decision: Decision,
        operation: Operation,
        outcome: Data | SyncError | None,
        answers: Answers,
        place: Place | None = None,
    ) -> None:
        if not isinstance(outcome, SyncError):
            assert place is not None  # noqa: S101 - only obstacles come without
            answers[operation.store] = None if outcome is None else place.seen(outcome)
            self.report.applied.append(operation)
            return
        answers[operation.store] = outcome
        if operation.kind is Kind.REMOVE:
            if isinstance(outcome, NotFoundError):
                return  # somebody else removed it just now
            assert operation.before is not None  # noqa: S101 - it was there
            parent = _parent(decision.schema, operation.store, operation.before)
            if parent is not None:
                self._occupied.add(parent)
        is_stale = isinstance(outcome, StaleError | NotFoundError)
        if isinstance(outcome, ForestalledError) or (is_stale and operation.kind is not Kind.ADD):
            self.stale.append((decision, operation))
            return
        if operation.kind is Kind.ADD:
            assert operation.after is not None  # noqa: S101 - an addition has a content
            name, context = operation.after[:2]
            self._missing.add((operation.store, decision.schema.datatype, name, context))
        if isinstance(outcome, AlreadyExistsError):
            self.refused.append((decision, operation, outcome))
            return
        self._note_failure(operation, outcome)

    def step_aside(self, decision: Decision, operation: Operation) -> None:
        """Give the data of *operation* a name that nobody has, until its own one is free.

        The ledger notes that its name is pending: whatever happens, the next run gives it.
        """
        wanted = operation.after
        assert wanted is not None  # noqa: S101 - it is an update
        after = (f"{wanted[0]} (b3j0f-sync {decision.record})", *wanted[1:])
        aside = replace(operation, after=after, reason="makes room for another name")
        side = next(side for side in decision.sides if side.store == operation.store)
        side.blocked = aside.reason
        self._carry_out([replace(decision, operations=[aside], skipped=[])])

    def tell(self, failures: Iterable[Failure]) -> None:
        """Report what could not be read; a store that is down is told once, not once a type."""
        for failure in failures:
            if isinstance(failure.error, StoreUnavailableError) and failure.datatype is None:
                if ("down", failure.store) in self._told:
                    continue
                self._told.add(("down", failure.store))
            self.report.failed.append(failure)

    def fail(self, operation: Operation, error: SyncError) -> None:
        """Report that *operation* was given up."""
        self._note_failure(operation, error)

    def _note_failure(self, operation: Operation, error: SyncError) -> None:
        if isinstance(error, WaitingError):
            self.report.skipped.append(
                Skip(
                    store=operation.store,
                    datatype=operation.datatype,
                    global_name=operation.global_name,
                    reason=str(error),
                )
            )
            return
        is_down = isinstance(error, StoreUnavailableError)
        if is_down and operation.store in self._down:
            return  # a store that is down is told once, not once per record
        if is_down:
            self._down[operation.store] = error
        self.report.failed.append(
            Failure(
                store=operation.store,
                datatype=None if is_down else operation.datatype,
                global_name=None if is_down else operation.global_name,
                error=error,
                operation=None if is_down else operation,
            )
        )

    def _note_conflicts(self, entry: Entry, decision: Decision) -> None:
        for conflict in entry.conflicts:
            place = (decision.record, conflict.field)
            if place not in self._told:  # a decision that is made again has it again
                self._told.add(place)
                self.report.conflicts.append(replace(conflict, record=decision.record))

    def _note_skips(self, decision: Decision) -> None:
        content = decision.merged or decision.base
        name = "" if content is None else global_name(content[0], content[1])
        for store, reason in decision.skipped:
            place = (decision.record, store, reason)
            if decision.record is None or place not in self._told:
                self._told.add(place)
                datatype = decision.schema.name
                skip = Skip(store=store, datatype=datatype, global_name=name, reason=reason)
                self.report.skipped.append(skip)


def _parent(schema: Schema, store: str, content: Content) -> Parent | None:
    """What embeds the data of this *content* in *store*, or None when nothing does."""
    context = content[1]
    if schema.parent is None or not context:
        return None
    return store, schema.parent, context[-1], context[:-1]


def _waiting(schema: Schema, operation: Operation, what: str) -> WaitingError:
    return WaitingError(
        f"{schema.name} {operation.global_name!r} in {operation.store!r} waits {what}",
        store=operation.store,
        datatype=schema.name,
        action=str(operation.kind),
    )
