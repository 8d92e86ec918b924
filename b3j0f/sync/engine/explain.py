"""Explaining: where each field's value came from, by the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import DataError, NotFoundError
from ..fields import MISSING
from ..names import global_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..data import Schema
    from ..ledger import Change, Entry, Ledger

__all__ = ["Origin", "explain"]

Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the agreed value of one field came from.

    Attributes:
        field: Name of the field.
        value: What is agreed; MISSING when nothing is, or when the record was removed.
        source: The store that it came from, or the policy or the user that decided, in words;
            "" where the history does not reach back so far.
        run: The number of the run that brought it; None where that is not known.
        at: When, in UTC; None where that is not known.
        before: What it replaced; MISSING when nothing had been agreed.
        held: What stores hold otherwise when last agreed, by the store's name.
    """

    field: str
    value: Any
    source: str
    run: int | None
    at: datetime | None
    before: Any
    held: dict[str, Any]

    def __str__(self) -> str:
        value = "nothing" if self.value is MISSING else repr(self.value)
        where = self.source or "before the history begins"
        when = "" if self.at is None else f", run {self.run}, {self.at:%Y-%m-%dT%H:%M:%SZ}"
        was = "" if self.before is MISSING else f", was {self.before!r}"
        return f"{self.field}: {value} ({where}{when}{was})"


def explain(
    ledger: Ledger, schema: Schema, key: Key, record: int | None = None
) -> dict[str, Origin]:
    """The origin of each field of the record with this name and context, in their order.

    Where several records have them, *record* is the number of the one that is meant. A record
    that was removed is explained by how it ended.

    Raises:
        NotFoundError: There is none, and the history knows of none.
        DataError: There are several, and *record* is none of them.
    """
    entry = _chosen(schema, key, ledger.named(schema, [key]), record)
    if entry is not None:
        assert entry.record is not None  # noqa: S101 - it comes from the ledger
        return _origins(entry, ledger.history.of_record(schema, entry.record))
    ended = [change for change in ledger.history.of_name(schema, key) if change.is_removal]
    if not ended:
        raise NotFoundError(
            f"there is no {schema.name} {global_name(*key)!r}, and the history knows of none",
            name=global_name(*key),
            datatype=schema.name,
            action="explain",
        )
    return {
        name: Origin(
            field=name,
            value=MISSING,
            source=change.source,
            run=ended[0].run,
            at=ended[0].at,
            before=change.before,
            held={},
        )
        for name, change in ended[0].fields.items()
    }


def _chosen(schema: Schema, key: Key, entries: Sequence[Entry], record: int | None) -> Entry | None:
    if record is None and len(entries) <= 1:
        return entries[0] if entries else None
    for entry in entries:
        if entry.record == record:
            return entry
    numbers = ", ".join(str(entry.record) for entry in entries) or "none"
    raise DataError(
        f"{len(entries)} records of type {schema.name} are called {global_name(*key)!r}; "
        f"say which: {numbers}",
        datatype=schema.name,
        expected=numbers,
        given=record,
    )


def _origins(entry: Entry, changes: Sequence[Change]) -> dict[str, Origin]:
    added = next((change for change in changes if change.is_addition), None)
    origins = {}
    for position, name in enumerate(entry.schema.names):
        change = next((one for one in changes if name in one.fields), added)
        field = None if change is None else change.fields.get(name, change.fields.get("name"))
        origins[name] = Origin(
            field=name,
            value=entry.base[position],
            source="" if field is None else field.source,
            run=None if change is None else change.run,
            at=None if change is None else change.at,
            before=MISSING if field is None or change is added else field.before,
            held={
                store: linked.view[position]
                for store, linked in entry.links.items()
                if linked.view is not None
                if linked.view[position] not in (entry.base[position], MISSING)
            },
        )
    return origins
