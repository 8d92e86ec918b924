"""Synchronizer: linked to stores, propagates what happens in one of them to all others."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from .data import schema_of
from .engine.ambiguous import checked_groups, pair_as_told
from .engine.applying import apply_steps, apply_undo
from .engine.core import Engine, in_order
from .engine.explain import explain
from .engine.guard import check_removals
from .engine.place import Place
from .engine.session import Session
from .engine.undo import undone
from .errors import (
    ConfigError,
    DataError,
    PlanOutdatedError,
    StaleError,
    StoppedError,
    SyncError,
)
from .fields import MISSING
from .ledger import Ledger, RunKind, open_ledger
from .link import Link
from .reconcile.conflict import AMBIGUOUS, Conflict
from .reconcile.operation import Kind
from .reconcile.plan import Plan, Step
from .reconcile.policy import Policy, policy_of
from .reconcile.report import Report
from .ref import ref_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from .conf.bridge import Configurable
    from .data import Data
    from .engine.explain import Origin
    from .engine.pace import Progress
    from .engine.point import Look
    from .engine.survey import Survey
    from .engine.write import Writer
    from .event import Event, Subscription
    from .ledger import Change, Entry, Run
    from .reconcile.policy import Removal
    from .reconcile.report import Failure
    from .store import Store

__all__ = ["Synchronizer"]

logger = logging.getLogger(__name__)


class Synchronizer:
    """Keeps the same records in step in all of its stores.

    From construction on, what the program does to a linked store is propagated before the verb
    that did it returns; ``run`` finds what other programs did. It may be used by several
    threads: they take turns.

    Args:
        links: Stores, or links that say how a store takes part.
        name: How messages, plans and the command line call it.
        ledger: Where what was agreed is kept: a file, a SQLAlchemy URL, a Ledger, or None: in
            memory, so that the next process starts anew.
        policy: Decides conflicts: a Policy or a dict of policies by type and field; None:
            Manual().
        max_removals: The share of a store's data that one run may remove, from 0 to 1.
        retries: How often a run asks a store again that does not answer, after pauses that
            grow, before it goes on without it. An event never waits: what it could not write
            is tried again later.
        keep_history: For how many days ``history``, ``explain`` and ``undo`` know what runs
            did; None: for ever.

    Raises:
        ConfigError: Two stores have one name, or no type is in two of them.
        LedgerError: The ledger cannot be opened.
    """

    def __init__(
        self,
        links: Iterable[Store | Link],
        *,
        name: str = "sync",
        ledger: str | Path | Ledger | None = None,
        policy: Policy | Mapping[Any, Any] | None = None,
        max_removals: float = 0.25,
        retries: int = 2,
        keep_history: float | None = 90,
    ) -> None:
        self.name = name
        self.links = tuple(link if isinstance(link, Link) else Link(link) for link in links)
        self.max_removals = _share(max_removals)
        self.keep_history = _days(keep_history)
        places = _places(name, self.links)
        own = ledger if isinstance(ledger, Ledger) else open_ledger(ledger)
        self._subscriptions: dict[str, Subscription] = {}
        self._engine = Engine(
            own, places, policy_of(policy), self._subscriptions, _retries(retries)
        )
        self._session = Session(name, self._engine, self._take)
        for link in self.links:
            tell = partial(self._tell_shared, link) if link.has_mapping else self._session.tell
            self._subscriptions[link.store.name] = link.store.observe(tell)

    @classmethod
    def load(cls, name: str | None = None) -> Synchronizer:
        """The synchronizer that section *name* of ``b3j0fsync-synchronizer.conf`` describes.

        Without a name it is the only one there is.

        Raises:
            ConfigError: Something is wrong there; its ``errors`` are all mistakes.
            LedgerError: The ledger cannot be opened.
        """
        from .conf.load import load_synchronizer  # a floor above

        return load_synchronizer(name)

    @cached_property
    def configurable(self) -> Configurable:
        """Applies what ``b3j0fsync-synchronizer.conf`` says about this one, at run time."""
        from .conf.configurable import SynchronizerConfigurable  # a floor above

        return SynchronizerConfigurable(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop observing and close the ledger; the stores stay as they are. Again: no effect."""
        for subscription in self._subscriptions.values():
            subscription.cancel()
        with self._session.reading():
            self.ledger.close()

    @property
    def ledger(self) -> Ledger:
        """What was agreed."""
        return self._engine.ledger

    @property
    def policy(self) -> Policy:
        """What decides conflicts; it may be exchanged at any time."""
        return self._engine.policy

    @policy.setter
    def policy(self, policy: Policy | Mapping[Any, Any] | None) -> None:
        self._engine.policy = policy_of(policy)

    @property
    def retries(self) -> int:
        """How often a run asks a store again that does not answer."""
        return self._engine.retries

    @retries.setter
    def retries(self, retries: int) -> None:
        self._engine.retries = _retries(retries)

    @property
    def stores(self) -> dict[str, Store]:
        """The linked stores by name."""
        return {link.store.name: link.store for link in self.links}

    @property
    def types(self) -> tuple[type[Data], ...]:
        """The types that are kept in step, what embeds before what is embedded."""
        return tuple(self._engine.places)

    @property
    def progress(self) -> Callable[[Progress], object] | None:
        """Called from time to time with how far a plan or a run has come; None: nobody is."""
        return self._engine.pace.tell

    @progress.setter
    def progress(self, callback: Callable[[Progress], object] | None) -> None:
        self._engine.pace.tell = callback

    def stop(self) -> None:
        """Let the plan or the run that is under way, or else the next one, end early.

        It ends where nothing is half done: what was written is noted, and the next run goes on
        from there. A run's report says ``stopped``, a plan raises StoppedError. It may be
        called from another thread or a signal handler, and does not wait.
        """
        self._engine.pace.is_stopping = True

    # --- everything --------------------------------------------------------------------------

    def plan(self, types: Iterable[type[Data]] | None = None) -> Plan:
        """What a run would do; nothing is written anywhere.

        A store that cannot be read is named in the plan's ``failures``, and nothing is
        planned for it.

        Raises:
            StoppedError: ``stop`` was called.
        """
        with self._session.planning(), self._stoppable():
            surveys = self._engine.plan(self._chosen(types))
            steps = [Step.of(decision) for every in in_order(surveys) for decision in every]
            steps += [_ambiguous(conflict) for found in surveys for conflict in found.ambiguous]
            return Plan(
                synchronizer=self.name,
                ledger=self.ledger.identity,
                steps=steps,
                failures={_where(f): str(f.error) for found in surveys for f in found.failures},
                known=self._engine.known(surveys),
                sizes=_sizes(surveys),
                revision=self.ledger.revision,
                agreed=[found.agreed for found in surveys if found.agreed is not None],
            )

    def apply(
        self, plan: Plan, types: Iterable[type[Data]] | None = None, *, force: bool = False
    ) -> Report:
        """Do what *plan* says; what has moved since it was made is skipped, and said.

        *types* leaves the rest of the plan undone; *force* goes past the guards.

        Raises:
            PlanOutdatedError: It is a plan of another synchronizer or another ledger.
            RefusedError: A guard wants a user's word first; nothing was written.
        """
        if (plan.synchronizer, plan.ledger) != (self.name, self.ledger.identity):
            raise PlanOutdatedError(
                f"this plan was made for synchronizer {plan.synchronizer!r} with another ledger "
                f"than {self.name!r} has now: make a new one"
            )
        wanted = {datatype.__name__ for datatype in self._chosen(types)}
        steps = [step for step in plan.steps if step.datatype in wanted]
        with self._session.writing("applying a plan"), self._stoppable():
            self._engine.note_dropped()
            if not force:
                operations = [operation for step in steps for operation in step.operations]
                check_removals(self.name, operations, plan.known, plan.sizes, self.max_removals)
            is_current = plan.revision == self.ledger.revision
            agreed = [e for e in plan.agreed if is_current and e.schema.name in wanted]

            def work(writer: Writer) -> None:
                if plan.undoes is not None:
                    apply_undo(self._engine, writer, plan.undoes, steps)
                    return
                for found in agreed:
                    self.ledger.save_agreed(found)
                apply_steps(self._engine, writer, steps, is_current=is_current)

            return self._perform(work, RunKind.APPLY if plan.undoes is None else RunKind.UNDO)

    def run(
        self,
        types: Iterable[type[Data]] | None = None,
        *,
        force: bool = False,
        adopt: bool = False,
    ) -> Report:
        """Bring every store in step; *types* only some of the types, *force* past the guards.

        A store or a data that fails is reported and stops no other. *adopt* forgets what was
        agreed and pairs what is there anew, by name and content: nothing is removed, what
        differs is a conflict, and what only some stores have is added to the others. So does
        a run that finds its ledger empty; the report's ``warnings`` say so.

        Raises:
            RefusedError: A guard wants a user's word first; nothing was written.
        """
        started, chosen = time.monotonic(), self._chosen(types)
        with self._session.writing("a run"), self._stoppable():
            self._engine.note_dropped()
            if adopt:
                self.ledger.forget([schema_of(datatype) for datatype in chosen])
            is_blank = not any(self.ledger.count(schema_of(datatype)) for datatype in chosen)
            try:
                surveys = self._engine.plan(chosen)
            except StoppedError:
                return Report(stopped=True)
            if not force:
                operations = [o for found in surveys for d in found.decisions for o in d.operations]
                known, sizes = self._engine.known(surveys), _sizes(surveys)
                check_removals(self.name, operations, known, sizes, self.max_removals)
            report = self._perform(
                lambda writer: self._engine.run(writer, surveys), RunKind.RUN, started
            )
            if is_blank:
                self._warn_of_blank(report, surveys)
            return report

    def retry(self) -> Report:
        """Try again whatever is left to be done, also what was set aside; the rest is not read.

        Stores that did not answer are asked now, however long they were to rest.

        Raises:
            LockedError: Another process is at it.
        """
        with self._session.writing("a retry"), self._stoppable():
            self._engine.note_dropped()
            return self._perform(self._try_again, RunKind.RETRY)

    def _try_again(self, writer: Writer) -> None:
        self._engine.ask_again(writer)
        self._engine.catch_up(writer, all=True)

    # --- what was done -----------------------------------------------------------------------

    def history(self, limit: int | None = None) -> list[Run]:
        """The runs that are known, the last one first; an event that wrote something is one."""
        with self._session.reading():
            return self.ledger.runs(limit)

    def changes(self, run: int) -> list[Change]:
        """What *run* agreed on and wrote, record by record, in the order in which it did."""
        with self._session.reading():
            return self.ledger.history.of_run(run, self._engine.schemas)

    def explain(
        self,
        datatype: type[Data] | str,
        name: str,
        context: Iterable[str] = (),
        *,
        record: int | None = None,
    ) -> dict[str, Origin]:
        """Where the agreed value of each field came from: store, run, time, what it replaced.

        A record that was removed is explained by how it ended, as long as that is known. Where
        several records have the same name, *record* is the number of the one that is meant.

        Raises:
            NotFoundError: There is no such record, and none is known to have been.
            DataError: The type is not kept in step, or several records have that name.
        """
        word = datatype if isinstance(datatype, str) else datatype.__name__
        schema = self._engine.schemas.get(word)
        if schema is None:
            known = ", ".join(self._engine.schemas)
            raise DataError(
                f"{self.name!r} does not keep {word} in step", datatype=word, expected=known
            )
        with self._session.reading():
            return explain(self.ledger, schema, (name, tuple(context)), record)

    def undo(self, run: int) -> Plan:
        """A plan that takes back what *run* agreed on; nothing is written.

        Fields get their earlier values in every store, what was removed is added again, what
        was added is removed where the run had added it. What was edited since is left alone:
        the plan's ``skipped`` tells it.

        Raises:
            DataError: No such run is known.
        """
        with self._session.planning():
            if not any(known.number == run for known in self.ledger.runs()):
                raise DataError(
                    f"{self.name!r} knows of no run {run!r}: it never was, or it is forgotten "
                    f"after keep_history ({self.keep_history} days)",
                    datatype="Run",
                    given=run,
                )
            decisions = undone(self._engine, run)
            return Plan(
                synchronizer=self.name,
                ledger=self.ledger.identity,
                steps=map(Step.of, decisions),
                known=self._engine.counts(),
                revision=self.ledger.revision,
                undoes=run,
            )

    # --- what only a user can decide -------------------------------------------------------------

    def conflicts(self) -> list[Conflict]:
        """The conflicts that are open, the oldest first."""
        with self._session.reading():
            return self.ledger.conflicts(self._engine.schemas)

    def resolve(
        self, conflict: Conflict, *, store: str | None = None, value: Any = MISSING
    ) -> Report:
        """Decide *conflict* for the value that *store* has in it, or for *value*; it is written.

        For data that cannot be told apart (field ``id``) *value* says which are the same: a
        list of dicts of ids by store. Those that it does not name are records by themselves,
        and added to the other stores as well.

        Raises:
            DataError: The field cannot have the value, or *store* has none in this conflict.
            StaleError: The conflict is not open any more, or a store has another value by now.
        """
        if (store is None) == (value is MISSING):
            raise TypeError("resolve takes either store=... or value=...")
        if store is not None and conflict.field != AMBIGUOUS:
            value = _value_of(conflict, store)
        if conflict.field == AMBIGUOUS:
            return self._tell_apart(conflict, value)
        with self._session.writing("resolving a conflict"):
            entry = self._entry_of(conflict)
            self._engine.begin_reading(entry.schema)
            value = entry.schema.fields[conflict.field].check(value)
            look = self._engine.look(entry)
            self._refuse_moved(conflict, look, entry)
            decided = _Decided(conflict.field, value, self.policy)
            return self._perform(
                lambda writer: self._engine.converge(writer, look, entry, decided), RunKind.RESOLVE
            )

    def status(self) -> dict[str, Any]:
        """How things stand, as a dict of plain values.

        For each type the number of records, of those on which something is left to be done,
        and of the data that each store had when last agreed; the number of conflicts; what
        is failing, as a list of ``Failing``; the last run, or None.
        """
        with self._session.reading():
            self._engine.book.reload()
            ledger, runs = self.ledger, self.ledger.runs(1, RunKind.RUN)
            types = {}
            for datatype, places in self._engine.places.items():
                schema = schema_of(datatype)
                types[schema.name] = {
                    "records": ledger.count(schema),
                    "unsettled": len(ledger.unsettled(schema)),
                    "stores": {place.store: ledger.count(schema, place.store) for place in places},
                }
            return {
                "synchronizer": self.name,
                "types": types,
                "conflicts": len(ledger.conflicts(self._engine.schemas)),
                "failing": list(self._engine.book.known.values()),
                "last_run": runs[0] if runs else None,
            }

    def _tell_apart(self, conflict: Conflict, value: Any) -> Report:
        schema = self._engine.schemas.get(conflict.datatype)
        groups = checked_groups(conflict, None if value is MISSING else value)
        with self._session.writing("telling data apart"):
            every = self.ledger.conflicts(self._engine.schemas)
            if schema is None or conflict not in every:
                raise StaleError(f"this conflict is not open any more: {conflict}")
            left = [c for c in every if c.field == AMBIGUOUS and c.datatype == schema.name]
            left.remove(conflict)

            def work(writer: Writer) -> None:
                pair_as_told(self._engine, writer, schema, groups)
                self.ledger.set_ambiguous(schema, left)

            return self._perform(work, RunKind.RESOLVE)

    # --- behind it -----------------------------------------------------------------------------

    def _tell_shared(self, link: Link, event: Event) -> None:
        shared = link.shared(event)
        if shared is not None:
            self._session.tell(shared)

    def _take(self, event: Event) -> None:
        """Propagate *event*; what fails is noted in the ledger and does not fail the caller."""
        report = Report()
        try:
            writer = self._engine.writer(report)
            self._engine.take(writer, event)
            self._engine.make_again(writer)
            if self._engine.book.known or self._engine.book.revived:
                self._engine.catch_up(writer, MOST_CAUGHT_UP)
                self._engine.make_again(writer)
            if report.run is not None:
                self.ledger.end_run(report.run, _counts(report))
        except SyncError:
            logger.exception(
                "%s of %s %r in store %r was not propagated; the next run does it",
                event.kind.name,
                type(event.data).__name__,
                event.data.global_name,
                event.store.name,
            )
        for failure in report.failed:
            logger.warning("synchronizer %r: %s", self.name, failure)

    def _perform(
        self, work: Callable[[Writer], None], kind: RunKind, started: float | None = None
    ) -> Report:
        """Do *work* as a run that is noted and reported; its clock started at *started*."""
        report = Report(run=self.ledger.begin_run(kind))
        started = time.monotonic() if started is None else started
        try:
            writer = self._engine.writer(report)
            work(writer)
            self._engine.make_again(writer, self._engine.retries)
        except StoppedError:
            report.stopped = True
        finally:
            report.duration = time.monotonic() - started
            assert report.run is not None  # noqa: S101 - it was made with one
            self.ledger.end_run(report.run, _counts(report))
        self._forget_history()
        return report

    def _warn_of_blank(self, report: Report, surveys: Sequence[Survey]) -> None:
        """Warn where data had to be paired without knowing what had been agreed before."""
        if not self.ledger.journal.is_kept:
            return  # it is in memory: that nothing was known goes without saying
        sizes = {s: size for s, size in _sizes(surveys).items() if size}
        is_added = any(operation.kind is Kind.ADD for operation in report.applied)
        if len(sizes) > 1 and (is_added or report.conflicts):
            held = ", ".join(f"{size} in {store}" for store, size in sizes.items())
            report.warnings.append(
                f"nothing was known of these stores before this run of {self.name!r}: the data "
                f"that are there ({held}) were paired by name and content; what only some had "
                "was added to the others, what differs is a conflict. If the ledger was lost: "
                "what had been removed from one store alone is back"
            )

    def _forget_history(self) -> None:
        if self.keep_history is not None:
            self.ledger.forget_runs(datetime.now(UTC) - timedelta(days=self.keep_history))

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """Whatever ``stop`` was called for ends with the block."""
        try:
            yield
        finally:
            self._engine.pace.is_stopping = False

    def _chosen(self, types: Iterable[type[Data]] | None) -> Sequence[type[Data]]:
        if types is None:
            return self.types
        wanted = set(types)
        unknown = wanted.difference(self.types)
        if unknown:
            names = ", ".join(sorted(datatype.__name__ for datatype in unknown))
            known = ", ".join(datatype.__name__ for datatype in self.types)
            raise ConfigError(f"{self.name!r} does not keep {names} in step", expected=known)
        return [datatype for datatype in self.types if datatype in wanted]

    def _entry_of(self, conflict: Conflict) -> Entry:
        schema, number = self._engine.schemas.get(conflict.datatype), conflict.record
        entry = None
        if schema is not None and number is not None:
            entry = self.ledger.load(schema, [number]).get(number)
        if entry is None or not any(c.field == conflict.field for c in entry.conflicts):
            raise StaleError(f"this conflict is not open any more: {conflict}")
        return entry

    def _refuse_moved(self, conflict: Conflict, look: Look, entry: Entry) -> None:
        """Raise when a store has another value by now than the user was shown."""
        position = entry.schema.index[conflict.field]
        for store, shown in conflict.values.items():
            seen = look.seen.get(store)
            now = None if seen is None else seen.content[position]
            if seen is None or now != shown:
                raise StaleError(
                    f"{conflict.datatype} {conflict.global_name!r} {conflict.field}: store "
                    f"{store!r} has {now!r} by now; run again, and look again",
                    store=store,
                    datatype=conflict.datatype,
                )

    def __repr__(self) -> str:
        return f"<Synchronizer {self.name!r} of {', '.join(self.stores)}>"


MOST_CAUGHT_UP = 100
"""Records that one event catches up with, at most: its caller waits."""


def _counts(report: Report) -> dict[str, int]:
    names = ("applied", "skipped", "failed", "conflicts")
    return {name: len(getattr(report, name)) for name in names}


class _Decided(Policy):
    """A user's word on one field; everything else is left to another policy."""

    def __init__(self, field: str, value: Any, otherwise: Policy) -> None:
        self.field, self.value, self.otherwise = field, value, otherwise

    def resolve(self, conflict: Conflict) -> Any:
        return self.value if conflict.field == self.field else self.otherwise.resolve(conflict)

    def decider(self, conflict: Conflict) -> Policy:
        return self if conflict.field == self.field else self.otherwise.decider(conflict)

    def removal_wins(self, removal: Removal) -> bool:
        return self.otherwise.removal_wins(removal)

    def __repr__(self) -> str:
        return "a user"


def _share(value: float) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(
            f"{value!r} is no share of removals", option="max_removals", expected="0 to 1"
        )
    return float(value)


def _days(value: float | None) -> float | None:
    if value is not None and (not isinstance(value, int | float) or value < 0):
        raise ConfigError(
            f"{value!r} is no number of days", option="keep_history", expected="0 or more, or None"
        )
    return value


def _retries(value: int) -> int:
    if not isinstance(value, int) or value < 0:
        raise ConfigError(
            f"{value!r} is no number of retries", option="retries", expected="0 or more"
        )
    return value


def _places(name: str, links: Sequence[Link]) -> dict[type[Data], list[Place]]:
    """By type, the places of the stores that have it; types of one store alone are left out."""
    names = [link.store.name for link in links]
    twice = sorted({store for store in names if names.count(store) > 1})
    if twice:
        raise ConfigError(
            f"synchronizer {name!r} has several stores called {', '.join(twice)}",
            option="stores",
            expected="a different name for each store",
        )
    types = dict.fromkeys(datatype for link in links for datatype in link.types)
    shared = [t for t in types if sum(t in link.types for link in links) > 1]
    if not shared:
        raise ConfigError(
            f"synchronizer {name!r} has nothing to keep in step: no type is in two of its stores "
            f"({', '.join(names) or 'there are none'})",
            option="stores",
            expected="at least two stores that have a type in common",
        )
    return {t: [Place(link, t) for link in links if t in link.types] for t in _in_order(shared)}


def _in_order(types: Sequence[type[Data]]) -> list[type[Data]]:
    """What embeds before what is embedded, and what is referred to before what refers to it.

    Where types refer to each other, the one that was named first comes last.
    """
    found: dict[type[Data], None] = {}
    begun: set[type[Data]] = set()

    def place(datatype: type[Data]) -> None:
        if datatype in begun or datatype not in types:
            return
        begun.add(datatype)
        for field in schema_of(datatype).fields.values():
            target = ref_target(field.annotation)
            if target is not None:
                place(target)
        found[datatype] = None

    for datatype in types:
        place(datatype)
    return sorted(found, key=lambda datatype: schema_of(datatype).depth)


def _sizes(surveys: Sequence[Survey]) -> dict[str, int]:
    """How many data each store has now, of those types of it that could be read."""
    sizes: dict[str, int] = {}
    for found in surveys:
        for store, size in found.sizes.items():
            sizes[store] = sizes.get(store, 0) + size
    return sizes


def _ambiguous(conflict: Conflict) -> Step:
    return Step(datatype=conflict.datatype, record=None, operations=[], conflicts=[conflict])


def _where(failure: Failure) -> str:
    return " ".join(filter(None, (failure.store, failure.datatype, failure.global_name)))


def _value_of(conflict: Conflict, store: str) -> Any:
    if store not in conflict.values:
        raise DataError(
            f"store {store!r} has no value in this conflict: {conflict}",
            datatype=conflict.datatype,
            field=conflict.field,
            expected=", ".join(conflict.values),
            given=store,
        )
    return conflict.values[store]
