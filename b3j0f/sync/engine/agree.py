"""New data on which all stores agree already: by far the most common case of a first run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fields import MISSING
from ..ledger import Entry, Linked
from ..reconcile.pairing import Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ..data import Content, Schema

__all__ = ["Raw", "take_agreed"]

Raw = tuple[str | int, "Content", "datetime | None"]
"""Id, content and time of a data. A plain tuple: the garbage collector need not watch it."""


def take_agreed(
    schema: Schema, new: Mapping[str, Sequence[Raw]]
) -> tuple[list[Entry], dict[str, list[Seen]]]:
    """The entries of records that all stores have alike, and the rest of the data.

    Only names that every store has exactly once are looked at.
    """
    names = {store: {raw[1][:2]: raw for raw in every} for store, every in new.items()}
    entries = []
    first, *others = names
    if others and all(len(names[store]) == len(new[store]) for store in new):
        for key, (id, content, _) in list(names[first].items()):
            found = [names[store].get(key) for store in others]
            if MISSING in content or any(raw is None or raw[1] != content for raw in found):
                continue
            links = {first: Linked(id, content)}
            for store, raw in zip(others, found, strict=True):
                links[store] = Linked(raw[0], content)  # type: ignore[index]
                del names[store][key]
            del names[first][key]
            entries.append(Entry(schema, None, content, links))
        return entries, {s: [Seen(*raw) for raw in rest.values()] for s, rest in names.items()}
    return [], {store: [Seen(*raw) for raw in every] for store, every in new.items()}
