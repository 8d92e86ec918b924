"""Resolving conflicts one by one, and the report of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..errors import SyncError
from ..reconcile.conflict import AMBIGUOUS
from .answers import UndecidedError
from .conflictlist import ConflictList
from .options import Exit
from .output import say_error
from .reportview import skip_line
from .text import command, count, escaped, quoted, shown, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..reconcile.conflict import Conflict
    from ..reconcile.report import Report
    from ..synchronizer import Synchronizer
    from .answers import Answer
    from .values import Values

__all__ = ["Resolving"]


class _Outcome(NamedTuple):
    key: str
    conflict: Conflict
    value: Any = None
    report: Report | None = None
    error: SyncError | None = None
    undecided: str = ""

    @property
    def problem(self) -> str:
        """What went wrong, in words, or nothing."""
        failures = [] if self.report is None else self.report.failed
        errors = [self.error] if self.error is not None else [each.error for each in failures]
        return "; ".join(map(without_secrets, errors))


class Resolving:
    """Decides conflicts one by one by *answer*; one that fails stops no other."""

    def __init__(self, synchronizer: Synchronizer, values: Values, answer: Answer) -> None:
        self.synchronizer, self.values, self.answer = synchronizer, values, answer
        self.by_key = ConflictList(synchronizer.conflicts(), values).by_key
        self.outcomes: list[_Outcome] = []
        self.left = len(self.by_key)

    def resolve(self, which: str) -> None:
        """Decide the conflict of this number or key."""
        key = self._key(which)
        self._decide({key: self.by_key[key]})

    def resolve_all(self, wanted: Callable[[Conflict], bool], store: str | None) -> None:
        """Decide all that are *wanted* and, with a *store*, that it has a value in.

        Which data are the same is asked one by one.
        """
        self._decide(
            {
                key: conflict
                for key, conflict in self.by_key.items()
                if wanted(conflict) and conflict.field != AMBIGUOUS
                if store is None or store in conflict.values
            }
        )

    def _decide(self, chosen: dict[str, Conflict]) -> None:
        for key, conflict in chosen.items():
            self.outcomes.append(self._outcome(key, conflict))
        self.left = len(self.synchronizer.conflicts())

    def _outcome(self, key: str, conflict: Conflict) -> _Outcome:
        value: Any = None
        try:
            value = self.answer(conflict)
            report = self.synchronizer.resolve(conflict, value=value)
        except UndecidedError as exc:
            return _Outcome(key, conflict, undecided=str(exc))
        except SyncError as exc:
            say_error(str(exc))
            return _Outcome(key, conflict, value, error=exc)
        for failure in report.failed:
            say_error(str(failure))
        return _Outcome(key, conflict, value, report)

    def _key(self, which: str) -> str:
        """The key of the open conflict that *which* stands for."""
        from .numbering import remembered

        again = f"to list them: {command('conflicts', self.synchronizer.name)}"
        if not which.isdecimal():
            if which not in self.by_key:
                raise click.ClickException(
                    f"no open conflict has the key {which!r}: it is decided, or a store has "
                    f"another value by now; {again}"
                )
            return which
        listed = remembered(self.synchronizer)
        if not 1 <= int(which) <= len(listed):
            told = f"{len(listed):,} were" if listed else "none were"
            raise click.ClickException(
                f"there is no number {which}: {told} listed when they were last; {again}"
            )
        key = listed[int(which) - 1]
        if key not in self.by_key:
            raise click.ClickException(
                f"number {which} of the last list is no open conflict any more: it is decided, "
                f"or a store has another value by now; {again}"
            )
        return key

    @property
    def code(self) -> Exit:
        """What the exit code says."""
        if any(outcome.problem for outcome in self.outcomes):
            return Exit.ERROR
        return Exit.CONFLICTS if self.left else Exit.OK

    def document(self) -> dict[str, Any]:
        """What was decided, what was not, and how many are left."""
        return {
            "synchronizer": self.synchronizer.name,
            "resolved": [
                {**_document(o), "value": self._plain(o)}
                for o in self.outcomes
                if not (o.problem or o.undecided)
            ],
            "undecided": [
                {**_document(o), "message": o.undecided} for o in self.outcomes if o.undecided
            ],
            "failed": [
                {**_document(o), "value": self._plain(o), "message": o.problem}
                for o in self.outcomes
                if o.problem
            ],
            "left": self.left,
        }

    def _plain(self, outcome: _Outcome) -> Any:
        conflict = outcome.conflict
        return self.values.plain(conflict.datatype, conflict.field, outcome.value)

    def lines(self) -> Iterator[str]:
        """A line for each that was decided, or left undecided, and how many are left."""
        for outcome in self.outcomes:
            conflict = outcome.conflict
            what = f"{outcome.key} {escaped(conflict.datatype)} {quoted(conflict.global_name)}"
            if outcome.undecided:
                yield f"undecided {what} {conflict.field}: {escaped(outcome.undecided)}"
            elif not outcome.problem and outcome.report is not None:
                stores = ", ".join(dict.fromkeys(each.store for each in outcome.report.applied))
                written = f"; written to {escaped(stores)}" if stores else ""
                yield f"resolved {what} {conflict.field}: {self._told(outcome)}{written}"
                yield from map(skip_line, outcome.report.skipped)
        yield f"{count(self.left, 'conflict')} left" if self.left else "no conflict left"

    def _told(self, outcome: _Outcome) -> str:
        conflict, value = outcome.conflict, outcome.value
        if conflict.field != AMBIGUOUS:
            return self.values.text(conflict.datatype, conflict.field, value, quotes=True)
        told = [
            " is ".join(f"{escaped(store)} {shown(id, quotes=True)}" for store, id in group.items())
            for group in value
        ]
        rest = "all others are different" if told else "all of them are different"
        return "; ".join([*told, rest])


def _document(outcome: _Outcome) -> dict[str, Any]:
    conflict = outcome.conflict
    return {
        "key": outcome.key,
        "type": conflict.datatype,
        "name": conflict.global_name,
        "field": conflict.field,
    }
