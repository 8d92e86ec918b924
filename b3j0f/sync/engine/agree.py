"""New data on which all stores agree already: by far the most common case of a first run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..fields import MISSING
from ..ledger import Agreed
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
) -> tuple[Agreed, dict[str, list[Seen]]]:
    """The records that all stores have alike, and the rest of the data.

    Only where every store but the first has each of its names once: else it takes a closer
    look. Data of the first one that share a name are told apart by their content.
    """
    agreed = Agreed(schema, tuple(new))
    first, *others = new
    names = {store: {raw[1][:2]: raw for raw in new[store]} for store in others}
    if not others or any(len(names[store]) < len(new[store]) for store in others):
        return agreed, {store: [Seen(*raw) for raw in every] for store, every in new.items()}
    rest = []
    by_name = list(names.values())
    for raw in new[first]:
        id, content, _ = raw
        key, ids = content[:2], [id]
        for known in by_name:
            other = known.get(key)
            if other is None or other[1] != content:
                break
            ids.append(other[0])
        if len(ids) <= len(by_name) or MISSING in content:
            rest.append(raw)
            continue
        agreed.rows.append((content, tuple(ids)))
        for known in by_name:
            del known[key]
    left = {first: rest, **{store: known.values() for store, known in names.items()}}
    return agreed, {store: [Seen(*raw) for raw in every] for store, every in left.items()}
