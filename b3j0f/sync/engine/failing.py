"""Failing: which records and stores fail, and whether it is time to try them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import StoreUnavailableError
from ..ledger.failures import again

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..data import Schema
    from ..errors import SyncError
    from ..ledger import Entry, Failing, Ledger
    from ..ledger.failures import Place as Where
    from ..reconcile.merge import Decision
    from ..reconcile.operation import Operation

__all__ = ["FailureBook"]


class FailureBook:
    """What the ledger knows to be failing, at hand for every event.

    A store that did not answer rests until it is due: events go on without it. As soon as it
    answers again it is *revived*: what it has missed is to be caught up with.

    Attributes:
        revived: Stores that have answered again since ``take_revived`` was last called.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[Where, Failing] | None = None
        self.revived: set[str] = set()

    @property
    def known(self) -> dict[Where, Failing]:
        """Everything that is failing."""
        if self._known is None:
            self._known = self._ledger.failures.all()
        return self._known

    def reload(self) -> None:
        """Look into the ledger again: another process may have noted something."""
        self._known = None

    def resting(self, store: str) -> SyncError | None:
        """Why *store* is not to be asked yet; None: it may be."""
        failing = self.known.get((store, "", None))
        if failing is None or failing.due is None or failing.due <= datetime.now(UTC):
            return None
        return StoreUnavailableError(
            f"{failing.error} (asked again after {failing.due:%H:%M:%S} UTC)", store=store
        )

    def wake(self) -> None:
        """No store rests any more: a user asks for them."""
        now = datetime.now(UTC)
        for where, failing in self.known.items():
            if failing.due is not None:
                self.known[where] = replace(failing, due=now)

    def due(self) -> list[Failing]:
        """What is to be tried again by now; what is set aside never is."""
        now = datetime.now(UTC)
        return [one for one in self.known.values() if one.due is not None and one.due <= now]

    def store_failed(self, store: str, error: SyncError) -> None:
        """*store* could not be reached."""
        self.revived.discard(store)
        self._put(again(self.known.get((store, "", None)), store=store, error=str(error)))

    def store_worked(self, store: str) -> None:
        """*store* has answered."""
        if (store, "", None) in self.known:
            self.revived.add(store)
            self._clear([(store, "", None)])

    def failed(self, operation: Operation, record: int, error: SyncError) -> None:
        """One write could not be made."""
        where = (operation.store, operation.datatype, record)
        self._put(
            again(
                self.known.get(where),
                store=operation.store,
                error=str(error),
                datatype=operation.datatype,
                record=record,
                global_name=operation.global_name,
            )
        )

    def decided(self, decisions: Iterable[tuple[Decision, Collection[str]]]) -> None:
        """These were carried out but in some stores; nothing of them fails in any other one."""
        failing = {(d.schema.name, d.record): stores for d, stores in decisions}
        done = [
            (store, datatype, record)
            for store, datatype, record in self.known
            if store not in failing.get((datatype, record), (store,))
        ]
        self._clear(done)

    def forget_done(self, schemas: Mapping[str, Schema]) -> None:
        """Let go of records of which nothing is left to be done, however that came about."""
        done: list[Where] = []
        for store, datatype, record in list(self.known):
            if record is not None and datatype in schemas:
                entry = self._ledger.load(schemas[datatype], [record]).get(record)
                if entry is None or not _is_left(entry, store):
                    done.append((store, datatype, record))
        self._clear(done)

    def take_revived(self) -> set[str]:
        """The stores that have answered again; from now on they are taken as caught up with."""
        revived, self.revived = self.revived, set()
        return revived

    def _put(self, failing: Failing) -> None:
        self.known[failing.place] = failing
        self._ledger.failures.put([failing])

    def _clear(self, places: list[Where]) -> None:
        for place in places:
            del self.known[place]
        if places:
            self._ledger.failures.clear(places)


def _is_left(entry: Entry, store: str) -> bool:
    """Whether anything is left to be done about a record in *store*."""
    linked = entry.links.get(store)
    if linked is None:
        return False
    return bool(linked.pending) or linked.begun is not None or entry.removed
