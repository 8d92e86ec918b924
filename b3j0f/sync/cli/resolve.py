"""``resolve``: decide a conflict, or all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..errors import SyncError
from . import options
from .options import Exit
from .output import Output, hint, say_error
from .text import command, count, escaped, quoted, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..reconcile.conflict import Conflict
    from ..reconcile.report import Report
    from ..synchronizer import Synchronizer

__all__ = ["resolve"]

MOST_WORDS = 2


@click.command(short_help="Decide a conflict.")
@click.argument("words", nargs=-1, metavar="[NAME] NUMBER")
@click.option("--store", metavar="STORE", help="Take the value that this store has.")
@click.option("--value", metavar="VALUE", help="Take this value.")
@click.option("--all", "every", is_flag=True, help="Decide all of them, with --store.")
@options.as_json
@options.verbose
def resolve(
    words: tuple[str, ...], store: str | None, value: str | None, every: bool, as_json: bool
) -> Exit:
    """Decide a conflict for the value of a store, or for another one; it is written everywhere.

    NUMBER is that of the list which conflicts gave last, or the key that stands beside it.

    Exit codes: 0 no conflict is left, 1 something failed, 3 others wait for a decision.
    """
    if (store is None) == (value is None):
        raise click.UsageError("one of --store and --value says what to take")
    if every and store is None:
        raise click.UsageError("with --all, --store says what to take")
    if len(words) > MOST_WORDS - every or not (words or every):
        raise click.UsageError("expected [NAME] NUMBER, or [NAME] --all")
    name = words[0] if len(words) > 1 - every else None
    output = Output(as_json=as_json)
    with options.opened(name) as synchronizer:
        _check_store(synchronizer, store)
        work = _Resolving(synchronizer, store, value)
        work.resolve(None if every else words[-1])
        output.report(document=work.document, lines=work.lines)
        if work.left:
            hint(f"to see what is left: {command('conflicts', synchronizer.name)}")
        return work.code


class _Outcome(NamedTuple):
    key: str
    conflict: Conflict
    value: Any
    report: Report | None
    error: SyncError | None

    @property
    def problem(self) -> str:
        """What went wrong, in words, or nothing."""
        failures = [] if self.report is None else self.report.failed
        errors = [self.error] if self.error is not None else [each.error for each in failures]
        return "; ".join(map(without_secrets, errors))


class _Resolving:
    """Decides conflicts one by one; one that fails stops no other."""

    def __init__(self, synchronizer: Synchronizer, store: str | None, value: str | None) -> None:
        from .conflictlist import ConflictList
        from .values import Values

        self.synchronizer, self.store, self.value = synchronizer, store, value
        self.values = Values(synchronizer.types)
        self.by_key = ConflictList(synchronizer.conflicts(), self.values).by_key
        self.outcomes: list[_Outcome] = []
        self.left = len(self.by_key)

    def resolve(self, which: str | None) -> None:
        """Decide the conflict of this number or key, or all that the store has a value in."""
        if which is None:
            chosen = {k: c for k, c in self.by_key.items() if self.store in c.values}
        else:
            key = self._key(which)
            chosen = {key: self.by_key[key]}
        for key, conflict in chosen.items():
            self.outcomes.append(self._resolve(key, conflict))
        self.left = len(self.synchronizer.conflicts())

    def _resolve(self, key: str, conflict: Conflict) -> _Outcome:
        value: Any = None
        try:
            if self.value is not None:
                value = self.values.parsed(conflict.datatype, conflict.field, self.value)
                report = self.synchronizer.resolve(conflict, value=value)
            else:
                value = conflict.values.get(self.store or "")
                report = self.synchronizer.resolve(conflict, store=self.store)
        except SyncError as exc:
            say_error(str(exc))
            return _Outcome(key, conflict, value, None, exc)
        for failure in report.failed:
            say_error(str(failure))
        return _Outcome(key, conflict, value, report, None)

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
        """What was decided, and how many are left."""
        return {
            "synchronizer": self.synchronizer.name,
            "resolved": [self._document(o) for o in self.outcomes if not o.problem],
            "failed": [
                {**self._document(o), "message": o.problem} for o in self.outcomes if o.problem
            ],
            "left": self.left,
        }

    def _document(self, outcome: _Outcome) -> dict[str, Any]:
        conflict = outcome.conflict
        return {
            "key": outcome.key,
            "type": conflict.datatype,
            "name": conflict.global_name,
            "field": conflict.field,
            "value": self.values.plain(conflict.datatype, conflict.field, outcome.value),
        }

    def lines(self) -> Iterator[str]:
        """A line for each that was decided, and how many are left."""
        for outcome in self.outcomes:
            if outcome.problem or outcome.report is None:
                continue
            conflict = outcome.conflict
            value = self.values.text(conflict.datatype, conflict.field, outcome.value, quotes=True)
            stores = ", ".join(dict.fromkeys(each.store for each in outcome.report.applied))
            written = f"; written to {escaped(stores)}" if stores else ""
            what = f"{escaped(conflict.datatype)} {quoted(conflict.global_name)}"
            yield f"resolved {outcome.key} {what} {conflict.field}: {value}{written}"
        yield f"{count(self.left, 'conflict')} left" if self.left else "no conflict left"


def _check_store(synchronizer: Synchronizer, store: str | None) -> None:
    if store is not None and store not in synchronizer.stores:
        known = ", ".join(synchronizer.stores)
        raise click.UsageError(f"there is no store {store!r}; expected one of {known}")
