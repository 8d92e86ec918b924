"""Adopting: data that were added by a write of which nobody heard the end."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ..reconcile.forms import content_resembles, plain_key
from ..reconcile.pairing import Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping, Sequence

    from ..data import Content, Schema
    from ..ledger import Ledger
    from .agree import Raw

__all__ = ["adopt_begun", "written_as"]


def adopt_begun(
    ledger: Ledger,
    schema: Schema,
    new: MutableMapping[str, list[Raw]],
    changed: MutableMapping[int, dict[str, Seen | None]],
) -> None:
    """Take out of *new* what looks like a write that was begun, and put it into *changed*.

    That is an addition, or an update that gave the data another id. What has the name but
    another content is left: it is paired by its name, and its content is an edit.
    """
    if not any(new.values()):
        return
    entries = ledger.load(schema, ledger.begun(schema))
    lookups = {store: _ByKey(every) for store, every in new.items() if every and entries}
    for record, entry in sorted(entries.items()):
        for store, linked in entry.links.items():
            is_missing = linked.id is None or changed.get(record, {}).get(store, linked) is None
            if linked.begun and is_missing and store in lookups:
                found = lookups[store].take(entry.base)
                if found is not None:
                    changed[record][store] = Seen(*found)
    for store, lookup in lookups.items():
        new[store] = [raw for raw in new[store] if id(raw) not in lookup.taken]


class _ByKey:
    """New data of one store, found by any form of their name."""

    def __init__(self, every: Iterable[Raw]) -> None:
        self.taken: set[int] = set()
        self._every: dict[tuple[str, ...], list[Raw]] = defaultdict(list)
        for raw in every:
            self._every[plain_key(*raw[1][:2])].append(raw)

    def take(self, base: Content) -> Raw | None:
        """The one that *base* was written as, which nobody else gets then."""
        free = [r for r in self._every.get(plain_key(*base[:2]), ()) if id(r) not in self.taken]
        position = written_as(base, [content for _, content, _ in free])
        if position is None:
            return None
        self.taken.add(id(free[position]))
        return free[position]


def written_as(base: Content, contents: Sequence[Content]) -> int | None:
    """Which of *contents* is the form of *base*: the one that equals it, or else resembles it."""
    for alike in (lambda held: held == base, lambda held: content_resembles(held, base)):
        for position, content in enumerate(contents):
            if alike(content):
                return position
    return None
