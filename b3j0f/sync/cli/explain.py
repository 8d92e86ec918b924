"""``explain``: where each field's value came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import DataError, NotFoundError
from . import options
from .options import Exit
from .output import Output, hint, say_error
from .text import command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..data import Data
    from ..engine.explain import Origin
    from ..synchronizer import Synchronizer
    from .values import Values

    Key = tuple[str, tuple[str, ...]]

__all__ = ["explain"]


@click.command(short_help="Tell where each field's value came from.")
@click.argument("words", nargs=-1, metavar="[NAME] TYPE RECORD")
@click.option(
    "--context",
    multiple=True,
    metavar="NAME",
    help="RECORD is the bare name of what is embedded in this one; outermost first.",
)
@click.option(
    "--record", type=int, metavar="N", help="The one of this number, where several have the name."
)
@options.as_json
@options.verbose
def explain(
    *, words: tuple[str, ...], context: tuple[str, ...], record: int | None, as_json: bool
) -> Exit:
    """Tell of each field of a record its value, from where and when it came, and what it replaced.

    RECORD is its name as reports show it: contact "ann/home" is contact ann/home. Of a record
    that was removed, the end is told. The history knows what runs did since the synchronizer's
    keep_history. No store is asked.
    """
    from .originview import OriginView
    from .values import Values

    name, (word, text) = options.named(words, "TYPE RECORD")
    with options.opened(name) as synchronizer:
        (datatype,) = options.chosen_types(synchronizer, [word]) or []
        values = Values(synchronizer.types)
        try:
            key, origins = _explained(synchronizer, datatype, _keys(text, context), record)
        except NotFoundError as exc:
            say_error(str(exc))
            if "/" not in text and not context and values.is_embedded(word):
                hint(f"a {word} is named with what embeds it: --context NAME, or NAME/{text}")
            return Exit.ERROR
        except _SeveralError as several:
            say_error(str(several.__cause__))
            for line in _told_apart(synchronizer, datatype, several, values):
                hint(line)
            return Exit.ERROR
        view = OriginView(origins, word, key, values, synchronizer.name)
        output = Output(as_json=as_json)
        output.report(document=view.document, lines=view.lines, tables=view.tables)
    return Exit.OK


class _SeveralError(Exception):
    """Several records have the name; its cause tells them."""

    def __init__(self, key: Key, numbers: Sequence[int]) -> None:
        super().__init__(key)
        self.key, self.numbers = key, numbers


def _keys(text: str, context: Sequence[str]) -> list[Key]:
    """What *text* may mean: a global name, or else just a name."""
    from ..names import split_global_name

    if context:
        return [(text, tuple(context))]
    return list(dict.fromkeys([split_global_name(text), (text, ())]))


def _explained(
    synchronizer: Synchronizer, datatype: type[Data], keys: Sequence[Key], record: int | None
) -> tuple[Key, dict[str, Origin]]:
    """The first of *keys* that is the name of a record, and where its values came from."""
    missing: list[NotFoundError] = []
    for key in keys:
        try:
            return key, synchronizer.explain(datatype, *key, record=record)
        except NotFoundError as exc:
            missing.append(exc)
        except DataError as exc:
            numbers = [int(n) for n in (exc.expected or "").split(", ") if n.isdecimal()]
            raise _SeveralError(key, numbers) from exc
    raise missing[0]


def _told_apart(
    synchronizer: Synchronizer, datatype: type[Data], several: _SeveralError, values: Values
) -> Iterator[str]:
    """For each record of the name, what it has otherwise than others, and how to name it."""
    from ..names import global_name

    word, key = datatype.__name__, several.key
    every = {n: synchronizer.explain(datatype, *key, record=n) for n in several.numbers}
    for number, origins in every.items():
        others = [other for other in every.values() if other is not origins]
        differing = [
            f"{field} {values.text(word, field, origin.value, quotes=True)}"
            for field, origin in origins.items()
            if any(other[field].value != origin.value for other in others)
        ]
        words = ["explain", synchronizer.name, word, global_name(*key), "--record", str(number)]
        yield f"{', '.join(differing) or 'just the same'}: {command(*words)}"
