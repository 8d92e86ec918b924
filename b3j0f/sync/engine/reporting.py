"""Reporting: what becomes of a run's decisions is told once each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import StoreError, StoreUnavailableError
from ..names import global_name
from ..reconcile.report import Failure, Skip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..errors import SyncError
    from ..ledger import Entry
    from ..reconcile.merge import Decision
    from ..reconcile.operation import Operation
    from ..reconcile.report import Report

__all__ = ["Reporter", "WaitingError"]


class WaitingError(StoreError):
    """What embeds the data, or what it refers to, is not there yet.

    Attributes:
        field: Name of the field that refers to it; None for what embeds it.
    """

    field: str | None = None


class Reporter:
    """Fills a report; what is decided again, or is down for all data alike, is told once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._told: set[tuple[object, ...]] = set()

    def unreadable(self, failures: Iterable[Failure]) -> None:
        """What could not be read; a store that is down is told once, not once a type."""
        for failure in failures:
            is_down = isinstance(failure.error, StoreUnavailableError) and failure.datatype is None
            if not is_down or self._is_news("down", failure.store):
                self.report.failed.append(failure)

    def applied(self, operation: Operation) -> None:
        """A write was made."""
        self.report.applied.append(operation)

    def failed(self, operation: Operation, error: SyncError) -> None:
        """A write was given up."""
        if isinstance(error, WaitingError):
            self.skipped(operation.store, operation.datatype, operation.global_name, str(error))
            return
        is_down = isinstance(error, StoreUnavailableError)
        if is_down and not self._is_news("down", operation.store):
            return  # a store that is down is told once, not once per record
        self.report.failed.append(
            Failure(
                store=operation.store,
                datatype=None if is_down else operation.datatype,
                global_name=None if is_down else operation.global_name,
                error=error,
                operation=None if is_down else operation,
            )
        )

    def decided(self, entry: Entry, decision: Decision) -> None:
        """The conflicts of a record, and what could not be planned for it."""
        for conflict in entry.conflicts:
            if self._is_news(decision.record, conflict.field):
                self.report.conflicts.append(replace(conflict, record=decision.record))
        content = decision.merged or decision.base
        name = "" if content is None else global_name(content[0], content[1])
        for store, reason in decision.skipped:
            if decision.record is None or self._is_news(decision.record, store, reason):
                self.skipped(store, decision.schema.name, name, reason)

    def skipped(self, store: str, datatype: str, name: str, reason: str) -> None:
        """Something differs and cannot be written."""
        skip = Skip(store=store, datatype=datatype, global_name=name, reason=reason)
        self.report.skipped.append(skip)

    def _is_news(self, *what: object) -> bool:
        if what in self._told:
            return False
        self._told.add(what)
        return True
