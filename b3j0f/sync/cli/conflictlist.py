"""Open conflicts as reports show them, each with a key by which it can be resolved.

A key stands for one conflict with the values that it has: where a store has another value by
now, it is another conflict.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from .text import escaped, quoted, shown, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from ..reconcile.conflict import Conflict
    from .candidates import Candidate
    from .values import Values

__all__ = ["ConflictList", "Listed", "key_of"]

LETTERS = "bcdfghjkmnpqrstvwxz"  # no digits: a key is never taken for a number
LENGTH = 6


def key_of(conflict: Conflict, values: Values, twin: int = 0) -> str:
    """Letters that stand for *conflict*; *twin* counts others that look just the same."""
    what = [
        conflict.datatype,
        conflict.global_name,
        conflict.field,
        values.plain(conflict.datatype, conflict.field, conflict.base),
        {
            store: values.plain(conflict.datatype, conflict.field, value)
            for store, value in sorted(conflict.values.items())
        },
        twin,
    ]
    number = int.from_bytes(hashlib.sha256(json.dumps(what).encode()).digest()[:8])
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


class Listed(NamedTuple):
    """One conflict of a list.

    Attributes:
        number: Counted from 1.
        key: It stands for the conflict with the values that it has now.
        conflict: The conflict.
        candidates: The data themselves, where it is about which of them are the same; empty
            where they were not read.
    """

    number: int
    key: str
    conflict: Conflict
    candidates: Sequence[Candidate] = ()

    @property
    def is_ambiguous(self) -> bool:
        """Whether it is about which data are the same."""
        from ..reconcile.conflict import AMBIGUOUS

        return self.conflict.field == AMBIGUOUS


class ConflictList:
    """Conflicts with their keys.

    Args:
        conflicts: The conflicts, in the order in which they are shown.
        values: Of their types.
        numbered: Whether each shows its number as well.
        candidates: The data that cannot be told apart, by the position of their conflict.
        limit: So many are shown in tables; None: all.
    """

    def __init__(
        self,
        conflicts: Sequence[Conflict],
        values: Values,
        *,
        numbered: bool = False,
        candidates: Mapping[int, Sequence[Candidate]] | None = None,
        limit: int | None = None,
    ) -> None:
        self.values, self.numbered, self.limit = values, numbered, limit
        self.by_key: dict[str, Conflict] = {}
        self.every: list[Listed] = []
        read = candidates or {}
        for position, conflict in enumerate(conflicts):
            twin, key = 0, key_of(conflict, values)
            while key in self.by_key:
                twin += 1
                key = key_of(conflict, values, twin)
            self.by_key[key] = conflict
            self.every.append(Listed(position + 1, key, conflict, read.get(position, ())))

    def documents(self) -> list[dict[str, Any]]:
        """Each as a JSON object."""
        return [self._document(listed) for listed in self.every]

    def lines(self) -> Iterator[str]:
        """Each on one line."""
        for listed in self.every:
            conflict = listed.conflict
            head = f"{listed.number} {listed.key}" if self.numbered else f"conflict {listed.key}"
            name = f"{escaped(conflict.datatype)} {quoted(conflict.global_name)}"
            base, *texts = self._texts(listed)
            sides = ", ".join(
                f"{escaped(store)} {text}"
                for store, text in zip(conflict.values, texts, strict=True)
            )
            since = f" (since {stamp(conflict.since)})" if conflict.since else ""
            yield f"{head} {name} {conflict.field}: {sides}; agreed {base}{since}"

    def tables(self) -> Iterator[RenderableType]:
        """All of them, with the stores side by side where there is room for that."""
        from .conflicttable import tables

        return tables(self)

    def _texts(self, listed: Listed) -> list[str]:
        """What was agreed, and what each store has."""
        from ..fields import MISSING

        conflict, datatype = listed.conflict, listed.conflict.datatype
        if listed.candidates:
            return ["nothing yet", *(self._told(listed, store) for store in conflict.values)]
        every = [conflict.base, *conflict.values.values()]
        texts = self.values.side_by_side(datatype, conflict.field, every, quotes=True)
        if conflict.base is MISSING or listed.is_ambiguous:
            texts[0] = "nothing yet"
        return texts

    def _told(self, listed: Listed, store: str) -> str:
        """The data of one store, each with what tells it from the others."""
        from .candidates import differing

        datatype = listed.conflict.datatype
        fields = differing(listed.candidates, self.values, datatype)
        told = []
        for one in listed.candidates:
            if one.store == store:
                facts = one.problem or ", ".join(
                    f"{n} {self.values.text(datatype, n, getattr(one.data, n), quotes=True)}"
                    for n in fields
                )
                told.append(f"{shown(one.id, quotes=True)} ({escaped(facts) or 'just the same'})")
        return " and ".join(told)

    def _document(self, listed: Listed) -> dict[str, Any]:
        plain, conflict = self.values.plain, listed.conflict
        document = {
            "key": listed.key,
            "type": conflict.datatype,
            "name": conflict.global_name,
            "field": conflict.field,
            "agreed": plain(conflict.datatype, conflict.field, conflict.base),
            "values": {
                store: plain(conflict.datatype, conflict.field, value)
                for store, value in conflict.values.items()
            },
            "since": conflict.since and conflict.since.isoformat(),
        }
        if listed.candidates:
            document["data"] = [
                one.documents(self.values, conflict.datatype) for one in listed.candidates
            ]
        return document
