"""Data that cannot be told apart: a user says which of them are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DataError, StaleError
from .point import Look

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..data import Schema
    from ..ledger import Entry
    from ..reconcile.conflict import Conflict
    from .core import Engine
    from .write import Writer

__all__ = ["checked_groups", "pair_as_told"]

Id = str | int
Ids = dict[str, Id]


def checked_groups(conflict: Conflict, value: object) -> list[Ids]:
    """What *value* says: which data are the same, each a dict of ids by store; then all others.

    Raises:
        DataError: It is no list of such dicts, or they name what is not in the conflict.
    """
    form = 'a list of dicts of ids by store, such as [{"crm": 12, "sheet": "7"}]; [] for none'

    def wrong(problem: str) -> DataError:
        return DataError(
            f"{conflict}: {problem}",
            datatype=conflict.datatype,
            field=conflict.field,
            expected=form,
            given=value,
        )

    if not isinstance(value, list | tuple) or not all(isinstance(one, dict) for one in value):
        raise wrong(f"say which of them are the same by {form}; or rename one of them in its store")
    left = {store: list(ids) for store, ids in conflict.values.items()}
    groups: list[Ids] = []
    for group in value:
        for store, id in group.items():
            if id not in left.get(store, ()):
                raise wrong(f"{store!r} has no {id!r} in it, or it was named twice")
            left[store].remove(id)
        if group:
            groups.append(dict(group))
    return groups + [{store: id} for store, ids in left.items() for id in ids]


def pair_as_told(engine: Engine, writer: Writer, schema: Schema, groups: Iterable[Ids]) -> None:
    """Make a record of each group, or give it to the record that it belongs to already.

    Raises:
        StaleError: One of the data is gone, or has become part of a record; what comes before
            it was paired.
    """
    engine.begin_reading(schema)
    for ids in groups:
        entries = _entries(engine, schema, ids)
        if entries and len(ids) == 1:
            continue  # it is a record already, and stays one
        look = _look(engine, schema, ids)
        engine.converge(writer, look, entries[0] if entries else _waiting(engine, schema, look))


def _entries(engine: Engine, schema: Schema, ids: Ids) -> list[Entry]:
    """The record that some of these data belong to; none, or one."""
    found = {}
    for store, id in ids.items():
        entry = engine.ledger.find(schema, store, id)
        if entry is not None:
            found[entry.record] = entry
    if len(found) > 1:
        raise DataError(
            f"{ids} are different records already, and cannot become one",
            datatype=schema.name,
            given=ids,
        )
    return list(found.values())


def _look(engine: Engine, schema: Schema, ids: Mapping[str, Id]) -> Look:
    look = Look(engine.ledger, schema, engine.places[schema.datatype], engine.book)
    for place in look.places:
        if place.store not in ids:
            continue
        look.by_id(place, ids[place.store])
        if place.store in look.failed:
            raise look.failed[place.store]
        if look.seen.get(place.store) is None:
            raise _moved(schema, place.store, ids, "is gone, or outside the link's filter")
    return look


def _waiting(engine: Engine, schema: Schema, look: Look) -> Entry | None:
    """The one record of the same content that is still to be added where these data are."""
    seen = {store: one for store, one in look.seen.items() if one is not None}
    first = next(iter(seen.values()))
    entries = [
        entry
        for entry in engine.ledger.named(schema, [first.content[:2]])
        if all(store in entry.links and entry.links[store].id is None for store in seen)
        and entry.base == first.content
    ]
    return entries[0] if len(entries) == 1 else None


def _moved(schema: Schema, store: str, ids: Mapping[str, Id], problem: str) -> StaleError:
    return StaleError(
        f"{schema.name} {ids[store]!r} in store {store!r} {problem}: run again, and look again",
        store=store,
        datatype=schema.name,
    )
