"""Options and arguments that commands share, and the synchronizer that they are about."""

from __future__ import annotations

import enum
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .log import set_level
from .text import command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..data import Data
    from ..reconcile.conflict import Conflict
    from ..synchronizer import Synchronizer

__all__ = [
    "Exit",
    "as_json",
    "chosen_conflicts",
    "chosen_types",
    "fields",
    "name",
    "named",
    "opened",
    "run_number",
    "types",
    "verbose",
]

F = TypeVar("F", bound="Callable[..., Any]")


class Exit(enum.IntEnum):
    """What the exit code of a command says."""

    OK = 0
    ERROR = 1
    TO_DO = 2
    CONFLICTS = 3


def verbose(function: F) -> F:
    """``-v``: log more."""
    return click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=lambda _context, _parameter, value: set_level(value),
        help="Log more; -vv everything.",
    )(function)


def as_json(function: F) -> F:
    """``--json``: the report is one JSON document."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(
        function
    )


def name(function: F) -> F:
    """``NAME``: which synchronizer."""
    return click.argument("name", required=False)(function)


def types(function: F) -> F:
    """``--type``: some of the types only."""
    return click.option(
        "--type",
        "types",
        multiple=True,
        metavar="TYPE",
        help="Only data of this type; may be given several times.",
    )(function)


def fields(function: F) -> F:
    """``--field``: conflicts of some of the fields only."""
    return click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="FIELD",
        help="Only conflicts on this field; may be given several times.",
    )(function)


def named(words: Sequence[str], form: str) -> tuple[str | None, list[str]]:
    """``[NAME]`` and the other words, of which *form* has one for each.

    Raises:
        click.UsageError: There are more of them, or fewer.
    """
    wanted = len(form.split())
    if len(words) not in {wanted, wanted + 1}:
        raise click.UsageError(f"expected [NAME] {form}")
    return (words[0] if len(words) > wanted else None), list(words[-wanted:])


def run_number(synchronizer: Synchronizer, text: str) -> int:
    """The number of the run that *text* names; an error when there is no such run."""
    again = f"to list them: {command('history', synchronizer.name)}"
    if not text.isdecimal():
        raise click.UsageError(f"a run is named by its number, not {text!r}; {again}")
    number, runs = int(text), synchronizer.history()
    if not any(run.number == number for run in runs):
        known = f"those from {runs[-1].number:,} to {runs[0].number:,} are" if runs else "none is"
        raise click.ClickException(f"no run {number} is known, {known}; {again}")
    return number


@contextmanager
def opened(name: str | None) -> Iterator[Synchronizer]:
    """The synchronizer *name*, or the only one there is; its stores are left disconnected."""
    from ..conf import load_synchronizer

    synchronizer = load_synchronizer(name)
    try:
        yield synchronizer
    finally:
        synchronizer.close()
        for store in synchronizer.stores.values():
            store.disconnect()


def chosen_types(synchronizer: Synchronizer, names: Sequence[str]) -> list[type[Data]] | None:
    """The types of these *names*; None, which stands for all, without any."""
    if not names:
        return None
    known = {datatype.__name__: datatype for datatype in synchronizer.types}
    for each in names:
        if each not in known:
            near = get_close_matches(each, known, n=1)
            expected = near[0] if near else ", ".join(known)
            raise click.UsageError(
                f"{synchronizer.name!r} keeps no type {each!r} in step; expected {expected}"
            )
    return [known[each] for each in names]


def chosen_conflicts(
    synchronizer: Synchronizer, types: Sequence[str], fields: Sequence[str]
) -> Callable[[Conflict], bool]:
    """Tells conflicts on these *types* and *fields* from others; without any, all are meant."""
    from ..data import schema_of

    chosen = chosen_types(synchronizer, types) or synchronizer.types
    words = {datatype.__name__ for datatype in chosen}
    known = dict.fromkeys(name for each in chosen for name in (*schema_of(each).names, "id"))
    for field in fields:
        if field not in known:
            near = get_close_matches(field, known, n=1)
            expected = near[0] if near else ", ".join(known)
            raise click.UsageError(f"there is no field {field!r}; expected {expected}")
    return lambda one: one.datatype in words and (not fields or one.field in fields)
