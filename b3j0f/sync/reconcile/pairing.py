"""Pairing: which data of different stores are one record.

Data that the ledger knows are told by their ids. What it does not know yet is paired here,
by name and context, and where names are not enough, by equal content; what is left is
ambiguous and reported, never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from ..names import global_name
from .conflict import AMBIGUOUS, Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from ..data import Content

__all__ = ["Group", "Known", "Seen", "moved", "pair"]

Id = str | int
Key = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class Seen:
    """A data as it was read in a store; fields that the store cannot hold are MISSING."""

    id: Id
    content: Content
    updated: datetime | None


@dataclass(slots=True)
class Known:
    """A record of the ledger that not every store has.

    Attributes:
        record: Its number.
        base: What was agreed.
        stores: Those in which no other data can be this record.
        ids: By store, the ids that it has.
    """

    record: int
    base: Content
    stores: frozenset[str]
    ids: Mapping[str, Id] = field(default_factory=dict)


@dataclass(slots=True)
class Group:
    """Data of different stores that are one record, with its number if the ledger has it."""

    record: int | None
    seen: dict[str, Seen] = field(default_factory=dict)


def moved(vanished: Mapping[int, Content], new: Sequence[Seen]) -> dict[int, Seen]:
    """Data of ONE store that have another id now: removed and made anew, or renamed by hand.

    *vanished* has the last agreed content of each record whose id is no longer there. A new
    data is the same record when it alone has the name of the one that vanished, or when it
    alone has all of its content but the name. Nothing is lost if two were taken for one:
    their contents are merged as an edit would be.
    """
    found: dict[int, Seen] = {}
    rest = list(new)
    for part in (slice(0, 2), slice(2, None)):
        gone, here = defaultdict(list), defaultdict(list)
        for record, content in vanished.items():
            if record not in found:
                gone[content[part]].append(record)
        for seen in rest:
            here[seen.content[part]].append(seen)
        for key, records in gone.items():
            if len(records) == 1 and len(here[key]) == 1:
                found[records[0]] = here[key][0]
        taken = {id(seen) for seen in found.values()}
        rest = [seen for seen in rest if id(seen) not in taken]
    return found


def pair(
    datatype: str, new: Mapping[str, Iterable[Seen]], known: Iterable[Known] = ()
) -> tuple[list[Group], list[Conflict]]:
    """Group the *new* data of every store, with the records of the ledger they may belong to."""
    alone: dict[str, dict[Key, Seen]] = {}
    several: dict[Key, dict[str, list[Seen]]] = {}
    for store, every in new.items():
        alone[store] = _by_name(store, every, several)
    records: dict[Key, list[Known]] = {}
    for one in known:
        records.setdefault(one.base[:2], []).append(one)
    groups, conflicts = [], []
    for key in dict.fromkeys(chain(*alone.values(), several)):
        seen = {store: names[key] for store, names in alone.items() if key in names}
        if key not in several and key not in records:
            groups.append(Group(None, seen))
            continue
        stores = {store: [one] for store, one in seen.items()} | several.get(key, {})
        found, rest = _pair_named(stores, records.get(key, []))
        groups += found
        if rest:
            conflicts.append(_ambiguous(datatype, key, rest))
    return groups, conflicts


def _by_name(
    store: str, every: Iterable[Seen], several: dict[Key, dict[str, list[Seen]]]
) -> dict[Key, Seen]:
    """Data of one store by name; those that share one go to *several*."""
    names: dict[Key, Seen] = {}
    for seen in every:
        key: Key = seen.content[:2]
        if key in names:
            several.setdefault(key, {}).setdefault(store, [names[key]]).append(seen)
        else:
            names[key] = seen
    for key, stores in several.items():
        if store in stores:
            del names[key]
    return names


def _pair_named(
    stores: dict[str, list[Seen]], known: Sequence[Known]
) -> tuple[list[Group], dict[str, list[Seen]]]:
    """Pair data of one name; what cannot be told apart comes second."""
    known = [one for one in known if stores.keys() - one.stores]  # others have no room
    is_plain = len(known) <= 1 and all(len(every) == 1 for every in stores.values())
    if is_plain and not (known and known[0].stores & stores.keys()):
        record = known[0].record if known else None
        return [Group(record, {store: every[0] for store, every in stores.items()})], {}
    return _pair_equal(stores, known)


def _pair_equal(
    stores: dict[str, list[Seen]], known: Sequence[Known]
) -> tuple[list[Group], dict[str, list[Seen]]]:
    groups: list[Group] = []
    open_groups: dict[Content, list[Group]] = defaultdict(list)
    used: dict[int, frozenset[str]] = {}
    for one in known:
        group = Group(one.record)
        used[id(group)] = one.stores
        open_groups[one.base].append(group)
        groups.append(group)
    for store, every in stores.items():
        for seen in every:
            for group in open_groups[seen.content]:
                if store not in group.seen and store not in used.get(id(group), ()):
                    break
            else:
                group = Group(None)
                open_groups[seen.content].append(group)
                groups.append(group)
            group.seen[store] = seen
    return _without_ambiguous(groups, known)


def _without_ambiguous(
    groups: Sequence[Group], known: Sequence[Known]
) -> tuple[list[Group], dict[str, list[Seen]]]:
    """The groups that are sure, and what found nobody of equal content and is not alone."""
    lone = [group for group in groups if group.record is None and len(group.seen) == 1]
    waiting = [one for one in known if not _group_of(groups, one).seen]
    owners = {store for group in lone for store in group.seen}
    could_be_known = any(owners - one.stores for one in waiting)
    if len(owners) <= 1 and not could_be_known:
        return [group for group in groups if group.seen], {}
    rest: dict[str, list[Seen]] = defaultdict(list)
    for group in lone:
        for store, seen in group.seen.items():
            rest[store].append(seen)
    for one in waiting:  # what the user has to choose from
        for store, known_id in one.ids.items():
            rest[store].append(Seen(known_id, one.base, None))
    taken = {id(group) for group in lone}
    return [group for group in groups if group.seen and id(group) not in taken], dict(rest)


def _group_of(groups: Sequence[Group], known: Known) -> Group:
    return next(group for group in groups if group.record == known.record)


def _ambiguous(datatype: str, key: Key, rest: Mapping[str, Sequence[Seen]]) -> Conflict:
    return Conflict(
        datatype=datatype,
        global_name=global_name(*key),
        field=AMBIGUOUS,
        base=None,
        values={store: tuple(seen.id for seen in every) for store, every in rest.items()},
    )
