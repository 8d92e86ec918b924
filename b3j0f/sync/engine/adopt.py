"""Adopting: data that were written by a write of which nobody heard the end."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..fields import MISSING
from ..reconcile.forms import content_resembles, plain_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ..data import Content, Schema
    from ..ledger import Ledger
    from .agree import Raw

__all__ = ["adopt_begun", "begun_outside", "called", "named_as", "written_as"]


def adopt_begun(
    ledger: Ledger, schema: Schema, store: str, new: Sequence[Raw], gone: Collection[int]
) -> dict[int, Raw]:
    """Those of the *new* data of one store that look like a write that was begun, by record.

    That is an addition, or an update that gave the data another id: then its record is among
    those that are *gone*. What has the name but another content is left: it is paired by its
    name, and its content is an edit.
    """
    entries = ledger.load(schema, ledger.begun(schema)) if new else {}
    waiting = {
        record: linked.begun
        for record, entry in sorted(entries.items())
        if (linked := entry.links.get(store)) is not None and linked.begun is not None
        if linked.id is None or record in gone
    }
    if not waiting:
        return {}
    named: dict[tuple[str, ...], list[Raw]] = defaultdict(list)
    for raw in new:
        named[plain_key(*raw[1][:2])].append(raw)

    def in_place(record: int) -> Sequence[Raw]:
        return named.get(plain_key(*waiting[record][:2]), ())

    found = _taken(schema, waiting, in_place)
    # A user may have renamed it since: then all of them are looked at.
    found |= _taken(schema, _rest(waiting, found), lambda _: _free(new, found))
    for record, content in _rest(waiting, found).items():
        free = _free(in_place(record), found)
        position = called(content, entries[record].base, [held for _, held, _ in free])
        if position is not None:
            found[record] = free[position]
    return found


def begun_outside(
    ledger: Ledger, schema: Schema, store: str, outside: Sequence[Raw], gone: Collection[int]
) -> set[int]:
    """The records of which an addition was begun and has left the link's filter since.

    What has its name there counts for it: whatever it is, nothing is to be added beside it.
    """
    found = adopt_begun(ledger, schema, store, outside, gone)
    contents = [content for _, content, _ in outside]
    entries = ledger.load(schema, ledger.begun(schema)) if outside else {}
    named = {
        record
        for record, entry in entries.items()
        if (linked := entry.links.get(store)) is not None and linked.begun is not None
        if linked.id is None and named_as(linked.begun, contents) is not None
    }
    return named.union(found)


def _rest(waiting: Mapping[int, Content], found: Mapping[int, Raw]) -> dict[int, Content]:
    return {record: content for record, content in waiting.items() if record not in found}


def _free(every: Sequence[Raw], found: Mapping[int, Raw]) -> list[Raw]:
    taken = {raw[0] for raw in found.values()}
    return [raw for raw in every if raw[0] not in taken]


def _taken(
    schema: Schema, waiting: Mapping[int, Content], look: Callable[[int], Sequence[Raw]]
) -> dict[int, Raw]:
    """For each that waits, one of those that *look* gives; each of these is taken once."""
    found: dict[int, Raw] = {}
    for record, content in waiting.items():
        free = _free(look(record), found)
        position = written_as(schema, content, [held for _, held, _ in free])
        if position is not None:
            found[record] = free[position]
    return found


def called(given: Content, base: Content, contents: Sequence[Content]) -> int | None:
    """Which of *contents* has the name of *given*, when no name will pair them any more.

    A user edited it since, while its record was renamed elsewhere, to what *base* says.
    """
    return None if given[:2] == base[:2] else named_as(given, contents)


def named_as(given: Content, contents: Sequence[Content]) -> int | None:
    """Which of *contents*, alone, has the name and context of *given*."""
    alike = [p for p, held in enumerate(contents) if plain_key(*held[:2]) == plain_key(*given[:2])]
    return alike[0] if len(alike) == 1 else None


def written_as(schema: Schema, given: Content, contents: Sequence[Content]) -> int | None:
    """Which of *contents* is the form of *given*: the equal one, or one that resembles it.

    Else the only one that has all but its name and context, if these say anything.
    """
    if given in contents:
        return contents.index(given)
    for position, content in enumerate(contents):
        if content_resembles(content, given):
            return position
    empty = [
        value is MISSING or value in schema.fields[name].kind.empty
        for name, value in zip(schema.names[2:], given[2:], strict=True)
    ]
    if all(empty):
        return None
    alike = [p for p, held in enumerate(contents) if content_resembles(held[2:], given[2:])]
    return alike[0] if len(alike) == 1 else None
