"""Writing: carry out decisions, batch by batch, and note what became of them."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..accessor import Capability
from ..data import schema_of
from ..errors import (
    AlreadyExistsError,
    NotFoundError,
    StaleError,
    StoreError,
    StoreUnavailableError,
    SyncError,
    UnresolvedReferenceError,
)
from ..fields import MISSING
from ..ledger import RunKind
from ..names import global_name
from ..reconcile.operation import Kind
from .chronicle import change_of
from .embedded import not_in_step
from .pace import Pace
from .place import ForestalledError
from .reporting import Reporter, WaitingError
from .settle import Untried, by_itself, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..data import Content, Data, Schema
    from ..event import Subscription
    from ..ledger import Change, Entry, Ledger
    from ..reconcile.merge import Decision
    from ..reconcile.operation import Operation
    from ..reconcile.report import Report
    from .failing import FailureBook
    from .place import Place
    from .settle import Answer

__all__ = ["Writer"]

SMALLEST, LARGEST = 50, 1000
"""Records in one batch."""
QUICK = 0.5
"""Seconds; after a batch that took longer the next one is small."""
UNHEARD = StoreError("nobody heard how the write ended")
Answers = dict[str, "Answer"]
Parent = tuple[str, type, str, tuple[str, ...]]
Id = str | int
Attempt = tuple["Decision", "Operation", SyncError]


class Writer:
    """Carries out decisions of one run or of one event, and gathers the report.

    Attributes:
        report: What was done so far.
        run: The number of the run; None before an event has anything to note.
        pace: Is told of each batch, and may end the work between two of them.
        down: Stores that did not answer, with their errors: they are not asked any more.
        stale: Decisions with an operation that met another state than it was made for, or
            made one in which less is disputed; they are to be made again.
        refused: Decisions with an operation whose name is taken, and the error: to be made
            again as well, for another operation may free it.
        unanswered: Decisions with an operation whose store did not answer, and the error; with
            *retries* they are to be made again after a pause.
        waiting: Decisions with an operation that waits for another data, and what it waits for.
        inside: By store, the records in what was removed there: it may have removed them along.
        given_up: Numbers of the records of which something failed for good.
    """

    def __init__(
        self,
        ledger: Ledger,
        places: Mapping[type[Data], Sequence[Place]],
        subscriptions: Mapping[str, Subscription],
        book: FailureBook,
        report: Report,
    ) -> None:
        self.ledger, self.report, self.pace = ledger, report, Pace()
        self.run = report.run
        self.down: dict[str, SyncError] = {}
        self.stale: list[tuple[Decision, Operation]] = []
        self.refused: list[Attempt] = []
        self.unanswered: list[Attempt] = []
        self.waiting: list[Attempt] = []
        self.reporter = Reporter(report)
        self._book = book
        self.given_up: set[int | None] = set()
        self.inside: dict[str, dict[int, Schema]] = defaultdict(dict)
        self._failed: list[Attempt] = []  # given up, and not noted in the ledger yet
        self._places = {
            (schema_of(datatype).name, place.store): place
            for datatype, every in places.items()
            for place in every
        }
        self._types = places
        self._subscriptions = subscriptions
        # Of data that embed others: could not be added, need not be waited for, still have some.
        self._missing: set[Parent] = set()
        self._there: set[Parent] = set()
        self._occupied: set[Parent] = set()

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
        loaded = self.ledger.load(schema, known) if known else {}
        before = [None if d.record is None else loaded.get(d.record) for d in decisions]
        note = self._begin(decisions, before)
        try:
            answers = self._write(schema, decisions)
        except BaseException:
            if note is None:  # else whoever has the ledger next takes over the note
                self.ledger.save(_unheard(decisions, before))
            raise
        entries = [
            settled(decision, answers.get(position, {}), before[position])
            for position, decision in enumerate(decisions)
        ]
        with self.ledger.transaction():
            self.ledger.save(entries)
            if note is not None:
                self.ledger.journal.settle(note)
            for decision, entry in zip(decisions, entries, strict=True):
                decision.record = entry.record
                self.reporter.decided(entry, decision)
            self._note_history(decisions, before, answers)
            self._note_failures(decisions, answers)
        self.pace.wrote(len(decisions))

    def _begin(self, decisions: Sequence[Decision], before: Sequence[Entry | None]) -> int | None:
        """Note in the journal what is about to be written."""
        journal = self.ledger.journal
        writing = [pair for pair in zip(decisions, before, strict=True) if pair[0].operations]
        if not journal.is_kept or not writing:
            return None
        with self.ledger.transaction():
            entries = _unheard(*zip(*writing, strict=True))
            changes = [
                self._change(d, old, [(o, None) for o in d.operations]) for d, old in writing
            ]
            return journal.begin(entries, changes)

    def _change(
        self,
        decision: Decision,
        before: Entry | None,
        made: Sequence[tuple[Operation, Id | None]],
    ) -> Change | None:
        if self.run is None:
            self.run = self.report.run = self.ledger.begin_run(RunKind.EVENT)
        return change_of(decision, before, made, run=self.run, at=datetime.now(UTC))

    def _note_history(
        self,
        decisions: Sequence[Decision],
        before: Sequence[Entry | None],
        answers: Mapping[int, Answers],
    ) -> None:
        changes = []
        for position, decision in enumerate(decisions):
            if decision.operations or decision.base != decision.merged:
                of_each = answers.get(position, {})
                made = [
                    (o, None if answer is None else answer.id)
                    for o in decision.operations
                    if not isinstance(answer := of_each[o.store], SyncError | Untried)
                ]
                changes.append(self._change(decision, before[position], made))
        self.ledger.history.add([change for change in changes if change is not None])

    def _note_failures(self, decisions: Sequence[Decision], answers: Mapping[int, Answers]) -> None:
        """Note what failed, and what does not any more."""
        if self._book.known:
            self._book.decided(
                (decision, _left_out(decision, answers.get(position, {})))
                for position, decision in enumerate(decisions)
            )
        failed, self._failed = self._failed, []
        for decision, operation, error in failed:
            self.given_up.add(decision.record)
            if decision.record is not None:
                self._book.failed(operation, decision.record, error)

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
                    answers[position][operation.store] = Untried(problem)
                    self._note_unwritten(decision, operation)
                    self._note_failure(decision, operation, problem)
        for (store, kind), every in work.items():
            place = self._places[schema.name, store]
            outcomes = self._write_many(place, kind, [operation for _, operation in every])
            for (position, operation), outcome in zip(every, outcomes, strict=True):
                self._note(decisions[position], operation, outcome, answers[position], place)
        return answers

    def _obstacle(self, schema: Schema, operation: Operation) -> SyncError | None:
        """Why *operation* need not be tried, or None."""
        down = self.down.get(operation.store)
        if down is not None:
            return down
        if operation.after is None:
            assert operation.before is not None  # noqa: S101 - it removes what is there
            if (operation.store, schema.datatype, *operation.before[:2]) in self._occupied:
                return _waiting(schema, operation, "for what it embeds, which could not be removed")
            key = operation.before[:2]
            inside: dict[int, Schema] = {}
            unseen = not_in_step(
                self.ledger, self._types, schema, operation.store, key, inside=inside
            )
            if unseen is None:
                self.inside[operation.store].update(inside)
                return None
            what = f"for {unseen}, which it embeds, and which is not in step"
            return _waiting(schema, operation, what)
        parent = _parent(schema, operation.store, operation.after)
        stays = operation.before is not None and operation.before[1] == operation.after[1]
        if parent is None or parent in self._there or stays:
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
        named = self.ledger.named(schema, [(name, context)])
        if any(entry.removed and store in entry.links for entry in named):
            return False  # one of that name is still there
        links = [entry.links.get(store) for entry in named if not entry.removed]
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
                return list(accessor.update_many(pairs, skip=skip))
            doomed = [make(o.before, o.id) for o in operations]
            return list(accessor.remove_many(doomed, unchanged=True, skip=skip))
        except SyncError as exc:
            return [exc] * len(operations)

    def _is_known(self, place: Place, id: Id) -> bool:
        return self.ledger.find(place.schema, place.store, id) is not None

    def _note(
        self,
        decision: Decision,
        operation: Operation,
        outcome: Data | SyncError | None,
        answers: Answers,
        place: Place,
    ) -> None:
        if not isinstance(outcome, SyncError):
            answers[operation.store] = None if outcome is None else place.seen(outcome)
            self.reporter.applied(operation)
            if outcome is not None and self._moved_on(decision, operation, outcome, place):
                self.stale.append((decision, operation))
            return
        answers[operation.store] = outcome
        if operation.kind is Kind.REMOVE and isinstance(outcome, NotFoundError):
            return  # somebody else removed it just now
        is_stale = isinstance(outcome, StaleError | NotFoundError)
        if isinstance(outcome, ForestalledError) or (is_stale and operation.kind is not Kind.ADD):
            self.stale.append((decision, operation))
            return
        self._note_unwritten(decision, operation)
        if isinstance(outcome, UnresolvedReferenceError):
            outcome = _unresolved(decision.schema, operation, outcome)
        if isinstance(outcome, AlreadyExistsError):
            self.refused.append((decision, operation, outcome))
        else:
            self._note_failure(decision, operation, outcome)

    @staticmethod
    def _moved_on(decision: Decision, operation: Operation, outcome: Data, place: Place) -> bool:
        """Whether the write left something to decide: the store changed more by itself.

        Or it led out of the filter, and who is outside disputes nothing any more.
        """
        if decision.conflicts and not place.takes(outcome):
            return True
        return bool(by_itself(operation, place.content(outcome), place.computed))

    def _note_unwritten(self, decision: Decision, operation: Operation) -> None:
        """Keep in mind what others have to wait for now."""
        schema, store = decision.schema, operation.store
        if operation.kind is Kind.REMOVE and operation.before is not None:
            parent = _parent(schema, store, operation.before)
            if parent is not None:
                self._occupied.add(parent)
        if operation.kind is Kind.ADD and operation.after is not None:
            self._missing.add((store, schema.datatype, *operation.after[:2]))

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
        # What is left to be done in other stores stays as it is noted.
        self._carry_out([replace(decision, sides=[side], operations=[aside], skipped=[])])

    def leave_out(self, done: set[tuple[str, int | None, str | None]]) -> bool:
        """Write one of the waiting without the reference that it waits for; whether there was one.

        What refers to each other is written in two steps: the reference follows as soon as
        there is something that it leads to. What is *done* so was waiting for it in vain.
        """
        return any(self._write_without(*attempt, done) for attempt in list(self.waiting))

    def _write_without(
        self,
        decision: Decision,
        operation: Operation,
        error: SyncError,
        done: set[tuple[str, int | None, str | None]],
    ) -> bool:
        field = error.field if isinstance(error, WaitingError) else None
        key = (operation.store, decision.record, field)
        if field is None or key in done or operation.after is None:
            return False
        kind, position = decision.schema.fields[field].kind, decision.schema.index[field]
        if kind.present is kind:
            return False  # it cannot do without
        done.add(key)
        before = MISSING if operation.before is None else operation.before[position]
        value = None if before is MISSING else before
        after = (*operation.after[:position], value, *operation.after[position + 1 :])
        side = next(side for side in decision.sides if side.store == operation.store)
        side.left_out |= {field}
        partly = replace(operation, after=after)
        if partly.after != partly.before:
            made = replace(decision, sides=[side], operations=[partly], skipped=[])
            self._carry_out([made])
            others = [attempt for attempt in self.waiting if attempt[0] is made]
            self.waiting = [attempt for attempt in self.waiting if attempt[0] is not made]
            for attempt in others:  # it has another one
                self._write_without(*attempt, done)
        return True

    def fail(self, decision: Decision, operation: Operation, error: SyncError) -> None:
        """Report that *operation* was given up, and note when to try it again."""
        self.reporter.failed(operation, error)
        self._failed.append((decision, operation, error))
        self._note_failures((), {})

    def take_waiting(self) -> list[Decision]:
        """The decisions with operations that do not have to wait any more; these are dropped."""
        self._missing.clear()
        self._occupied.clear()
        waiting, self.waiting = self.waiting, []
        ready = {}
        for decision, operation, error in waiting:
            if self._obstacle(decision.schema, operation) is None:
                ready[id(decision)] = decision
            else:
                self.waiting.append((decision, operation, error))
        return list(ready.values())

    def skip_waiting(self) -> None:
        """Report what waits for another data."""
        for _, operation, error in self.waiting:
            self.reporter.failed(operation, error)
        self.waiting = []

    def skip_refused(self) -> None:
        """Report what cannot be written as long as somebody else has its name."""
        refused, self.refused = self.refused, []
        for decision, operation, taken in refused:
            place = self._places[operation.datatype, operation.store]
            if Capability.UNIQUE_NAMES not in place.capabilities:  # it is something else, then
                self.fail(decision, operation, taken)
                continue
            assert operation.after is not None  # noqa: S101 - removals claim no name
            name = global_name(*operation.after[:2])
            reason = f"names are unique there, and another {operation.datatype} is called {name!r}"
            self.reporter.skipped(operation.store, operation.datatype, name, reason)

    def fail_unanswered(self) -> None:
        """Report what stores did not answer to, and note when to ask them again."""
        unanswered, self.unanswered = self.unanswered, []
        for store, error in {o.store: error for _, o, error in unanswered}.items():
            self._book.store_failed(store, error)
        for _, operation, error in unanswered:
            self.reporter.failed(operation, error)

    def _note_failure(self, decision: Decision, operation: Operation, error: SyncError) -> None:
        if isinstance(error, StoreUnavailableError):
            if operation.store not in self.down:
                self.down[operation.store] = error
            self.unanswered.append((decision, operation, error))
            return
        if isinstance(error, WaitingError):
            self.waiting.append((decision, operation, error))
            return
        self.reporter.failed(operation, error)
        self._failed.append((decision, operation, error))


def _unheard(decisions: Iterable[Decision], before: Iterable[Entry | None]) -> list[Entry]:
    """The records as they are if nobody hears how their writes end."""
    return [
        settled(decision, {o.store: UNHEARD for o in decision.operations}, old)
        for decision, old in zip(decisions, before, strict=True)
    ]


def _left_out(decision: Decision, answers: Answers) -> set[str]:
    """The stores in which something is left to be done: it failed, or they took no part."""
    absent = {side.store for side in decision.sides if not side.available}
    return absent.union(store for store, answer in answers.items() if _is_failure(answer))


def _is_failure(answer: Answer) -> bool:
    return isinstance(answer, SyncError | Untried)


def _parent(schema: Schema, store: str, content: Content) -> Parent | None:
    """What embeds the data of this *content* in *store*, or None when nothing does."""
    context = content[1]
    if schema.parent is None or not context:
        return None
    return store, schema.parent, context[-1], context[:-1]


def _unresolved(
    schema: Schema, operation: Operation, error: UnresolvedReferenceError
) -> WaitingError:
    what = f"for {error.target!r}, to which its {error.field} refers, and which is not there yet"
    waiting = _waiting(schema, operation, what)
    waiting.field, waiting.__cause__ = error.field, error
    return waiting


def _waiting(schema: Schema, operation: Operation, what: str) -> WaitingError:
    return WaitingError(
        f"{schema.name} {operation.global_name!r} in {operation.store!r} waits {what}",
        store=operation.store,
        datatype=schema.name,
        action=str(operation.kind),
    )
