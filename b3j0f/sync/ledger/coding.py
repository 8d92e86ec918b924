"""How the ledger writes down ids, names, views and conflicts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from ..digest import decode, encode
from ..errors import DataError
from ..fields import MISSING
from ..reconcile.conflict import AMBIGUOUS, Conflict
from .base import Entry, Linked

if TYPE_CHECKING:
    from ..data import Content, Schema

Id = str | int

_ABSENT = ""
"""Key for the fields that a view lacks; no field can have this name."""


def id_to_text(id: Id) -> str:
    """An id as text that tells 1 and "1" apart."""
    if isinstance(id, int):
        return f"i{id}"
    # PostgreSQL takes no text with a NUL in it.
    return f"s{id}" if "\0" not in id else f"j{json.dumps(id)}"


def id_from_text(text: str) -> Id:
    """The id that ``id_to_text`` wrote."""
    if text[0] == "s":
        return text[1:]
    found: Id = int(text[1:]) if text[0] == "i" else json.loads(text[1:])
    return found


def name_hash(name: Any, context: Any) -> int:
    """A signed number of 64 bits for a name and a context."""
    text = msgspec.json.encode([name, context] if name is not MISSING else [])
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


BEGUN = '{"begun"'
"""What the text of a link begins with where a write was begun."""


def pending_to_text(schema: Schema, base: Content, linked: Linked) -> str | None:
    """The names of the pending fields, and the content of a write that was begun."""
    if linked.begun is None:
        return json.dumps(sorted(linked.pending)) if linked.pending else None
    begun = msgspec.Raw(view_to_bytes(schema, base, linked.begun) or b"{}")
    return msgspec.json.encode({"begun": begun, "pending": sorted(linked.pending)}).decode()


def pending_from_text(
    schema: Schema, base: Content, text: str | None
) -> tuple[frozenset[str], Content | None]:
    """The pending names, and the content of a write that was begun."""
    if text is None:
        return frozenset(), None
    plain = json.loads(text)
    if isinstance(plain, list):
        return frozenset(plain), None
    begun = view_from_bytes(schema, base, msgspec.json.encode(plain["begun"]))
    return frozenset(plain["pending"]), begun


def view_to_bytes(schema: Schema, base: Content, view: Content) -> bytes | None:
    """What *view* has otherwise than *base*; None when that is nothing."""
    if view == base:
        return None
    plain: dict[str, Any] = {}
    absent = []
    for name, agreed, seen in zip(schema.names, base, view, strict=True):
        if seen is MISSING:
            absent.append(name)
        elif seen != agreed:
            plain[name] = schema.fields[name].to_plain(seen)
    if absent:
        plain[_ABSENT] = absent
    return msgspec.json.encode(plain)


def view_from_bytes(schema: Schema, base: Content, text: bytes | None) -> Content:
    """The view that ``view_to_bytes`` wrote."""
    if text is None:
        return base
    plain = msgspec.json.decode(text)
    absent = frozenset(plain.pop(_ABSENT, ()))
    view = []
    for name, agreed in zip(schema.names, base, strict=True):
        if name in absent:
            view.append(MISSING)
        elif name in plain:
            view.append(_value(schema, name, plain[name]))
        else:
            view.append(agreed)
    return tuple(view)


def conflict_to_bytes(schema: Schema, conflict: Conflict) -> bytes:
    """Base and values of *conflict*, with the times of the stores."""

    def plain(value: Any) -> Any:
        if conflict.field == AMBIGUOUS:
            return value
        return schema.fields[conflict.field].to_plain(value)

    content: dict[str, Any] = {
        "values": {store: plain(value) for store, value in conflict.values.items()},
        "updated": {s: t and t.timestamp() for s, t in conflict.updated.items()},
    }
    if conflict.base is not MISSING:
        content["base"] = None if conflict.base is None else plain(conflict.base)
    return msgspec.json.encode(content)


def conflict_from_bytes(schema: Schema, blank: Conflict, text: bytes) -> Conflict:
    """*blank* with the base and the values that ``conflict_to_bytes`` wrote."""
    content = msgspec.json.decode(text)

    def value(plain: Any) -> Any:
        if blank.field == AMBIGUOUS:
            return tuple(plain) if plain is not None else None
        return _value(schema, blank.field, plain)

    return replace(
        blank,
        base=value(content["base"]) if "base" in content else MISSING,
        values={store: value(plain) for store, plain in content["values"].items()},
        updated={
            store: None if time is None else datetime.fromtimestamp(time, UTC)
            for store, time in content["updated"].items()
        },
    )


def entry_to_plain(entry: Entry) -> dict[str, Any]:
    """*entry*, ready to be written as JSON."""
    schema, base = entry.schema, entry.base
    return {
        "record": entry.record,
        "base": msgspec.Raw(encode(schema, base)),
        "removed": entry.removed,
        "links": {
            store: [
                None if linked.id is None else id_to_text(linked.id),
                # {} is a view like the base.
                None
                if linked.view is None
                else msgspec.Raw(view_to_bytes(schema, base, linked.view) or b"{}"),
                sorted(linked.pending),
                None
                if linked.begun is None
                else msgspec.Raw(view_to_bytes(schema, base, linked.begun) or b"{}"),
            ]
            for store, linked in entry.links.items()
        },
        "conflicts": [
            {
                "name": conflict.global_name,
                "field": conflict.field,
                "since": conflict.since and conflict.since.timestamp(),
                "content": msgspec.Raw(conflict_to_bytes(schema, conflict)),
            }
            for conflict in entry.conflicts
        ],
    }


class _Conflict(msgspec.Struct):
    name: str
    field: str
    since: float | None
    content: msgspec.Raw


class PlainEntry(msgspec.Struct):
    """What ``entry_to_plain`` gave, read back from JSON."""

    record: int | None
    base: msgspec.Raw
    removed: bool
    links: dict[str, tuple[str | None, msgspec.Raw, list[str], msgspec.Raw]]
    conflicts: list[_Conflict]


def entry_from_plain(schema: Schema, plain: PlainEntry) -> Entry:
    """The entry that ``entry_to_plain`` was given."""
    base = decode(schema, bytes(plain.base))
    links = {
        store: Linked(
            None if id is None else id_from_text(id),
            _view(schema, base, view),
            frozenset(pending),
            _view(schema, base, begun),
        )
        for store, (id, view, pending, begun) in plain.links.items()
    }
    conflicts = tuple(
        conflict_from_bytes(
            schema,
            Conflict(
                datatype=schema.name,
                global_name=one.name,
                field=one.field,
                base=None,
                values={},
                since=None if one.since is None else datetime.fromtimestamp(one.since, UTC),
                record=plain.record,
            ),
            bytes(one.content),
        )
        for one in plain.conflicts
    )
    return Entry(schema, plain.record, base, links, plain.removed, conflicts)


def _view(schema: Schema, base: Content, raw: msgspec.Raw) -> Content | None:
    return None if bytes(raw) == b"null" else view_from_bytes(schema, base, bytes(raw))


def plain_value(schema: Schema, name: str, value: Any) -> Any:
    """The value of a field, ready to be written as JSON; MISSING has no such form."""
    return schema.fields[name].to_plain(value)


def value_of_plain(schema: Schema, name: str, plain: Any) -> Any:
    """The value that ``plain_value`` wrote; MISSING when the field cannot have it any more."""
    return _value(schema, name, plain)


def _value(schema: Schema, name: str, plain: Any) -> Any:
    try:
        return schema.fields[name].from_plain(plain)
    except (DataError, KeyError):
        return MISSING  # the type has changed since


__all__ = [
    "BEGUN",
    "PlainEntry",
    "conflict_from_bytes",
    "conflict_to_bytes",
    "decode",
    "encode",
    "entry_from_plain",
    "entry_to_plain",
    "id_from_text",
    "id_to_text",
    "name_hash",
    "pending_from_text",
    "pending_to_text",
    "plain_value",
    "value_of_plain",
    "view_from_bytes",
    "view_to_bytes",
]
