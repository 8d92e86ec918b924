"""Options and arguments that commands share, and the synchronizer that they are about."""

from __future__ import annotations

import enum
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .log import set_level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..data import Data
    from ..synchronizer import Synchronizer

__all__ = ["Exit", "as_json", "chosen_types", "name", "opened", "types", "verbose"]

F = TypeVar("F", bound="Callable[..., Any]")


class Exit(enum.IntEnum):
    """What the exit code of a command says."""

    OK = 0
    ERROR = 1
    TO_DO = 2
    CONFLICTS = 3


def verbose(command: F) -> F:
    """``-v``: log more."""
    return click.option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=lambda _context, _parameter, value: set_level(value),
        help="Log more; -vv everything.",
    )(command)


def as_json(command: F) -> F:
    """``--json``: the report is one JSON document."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def name(command: F) -> F:
    """``NAME``: which synchronizer."""
    return click.argument("name", required=False)(command)


def types(command: F) -> F:
    """``--type``: some of the types only."""
    return click.option(
        "--type",
        "types",
        multiple=True,
        metavar="TYPE",
        help="Only data of this type; may be given several times.",
    )(command)


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
