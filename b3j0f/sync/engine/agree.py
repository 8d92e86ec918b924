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

    Only where every store has each of its names once: else it takes a closer look.
    """
    agreed = Agreed(schema, tuple(new))
    names = {store: {raw[1][:2]: raw for raw in every} for store, every in new.items()}
    first, *others = names.values()
    if others and all(len(names[store]) == len(new[store]) for store in new):
        for key, (id, content, _) in first.items():
            ids = [id]
            for other in others:
                raw = other.get(key)
                if raw is None or raw[1] != content:
                    break
                ids.append(raw[0])
            else:
                if MISSING not in content:
                    agreed.rows.append((content, tuple(ids)))
        done = {content[:2] for content, _ in agreed.rows}
        return agreed, {
            store: [Seen(*raw) for key, raw in every.items() if key not in done]
            for store, every in names.items()
        }
    return agreed, {store: [Seen(*raw) for raw in every] for store, every in new.items()}
