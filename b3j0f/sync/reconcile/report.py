"""Report: what a run did, what it left, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .operation import Kind, Operation

if TYPE_CHECKING:
    from ..errors import SyncError
    from .conflict import Conflict

__all__ = ["Failure", "Report", "Skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong with one data, or with a whole store.

    Attributes:
        store: Name of the store.
        datatype, global_name: Of the data; None when it is about the whole store.
        error: The store's error.
        operation: The write that failed, or None when reading failed.
    """

    store: str
    datatype: str | None
    global_name: str | None
    error: SyncError
    operation: Operation | None = None

    def __str__(self) -> str:
        # The messages of errors say where by themselves.
        return str(self.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """What was not written although it differs.

    Attributes:
        store: Name of the store.
        datatype, global_name: Of the data.
        reason: Why, in words.
    """

    store: str
    datatype: str
    global_name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.datatype} {self.global_name!r} in {self.store}: {self.reason}"


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run did.

    Attributes:
        run: Its number in the ledger.
        applied: The writes that were made; a store may have answered with a form of its own.
        skipped: What was not written, with the reasons.
        failed: What could not be read or written.
        conflicts: The conflicts that are open now, of the records that were looked at.
        warnings: What a user should know, in words.
        duration: Seconds.
        stopped: Whether it was asked to stop before it was through.
    """

    run: int | None = None
    applied: list[Operation] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    duration: float = 0.0
    stopped: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing failed; what was skipped or is in conflict is no failure."""
        return not self.failed

    def counts(self) -> dict[str, dict[str, int]]:
        """How many writes of each kind were made in each store."""
        found = Counter((operation.store, operation.kind) for operation in self.applied)
        stores = sorted({store for store, _ in found})
        return {s: {str(kind): found[s, kind] for kind in Kind} for s in stores}

    def summary(self) -> str:
        """Everything in one line."""
        kinds = Counter(operation.kind for operation in self.applied)
        counts = [f"{kind} {kinds[kind]}" for kind in Kind]
        counts += [f"skipped {len(self.skipped)}", f"failed {len(self.failed)}"]
        counts += [f"conflict {len(self.conflicts)}"]
        end = "; stopped before it was through" if self.stopped else ""
        return ", ".join(counts) + f" in {self.duration:.2f} s{end}"

    def __str__(self) -> str:
        lines = [
            f"{store}: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items())
            for store, kinds in self.counts().items()
        ]
        lines += [f"skipped: {skip}" for skip in self.skipped]
        lines += [f"failed: {failure}" for failure in self.failed]
        lines += [f"conflict: {conflict}" for conflict in self.conflicts]
        lines += [f"warning: {warning}" for warning in self.warnings]
        return "\n".join([*lines, self.summary()])
