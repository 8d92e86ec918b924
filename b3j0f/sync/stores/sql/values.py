"""Codecs: what a column holds, as the value of a field, and back."""

from __future__ import annotations

import datetime as dt
import json
import math
import types
import typing
import uuid
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...fields import MISSING, Field
from .forms import (
    UnfitError,
    base64_text,
    date_of,
    datetime_of,
    datetime_text,
    int64,
    int_of,
    int_of_text,
    isoformat,
    json_of_text,
    naive,
    or_null,
    text_of,
    time_of,
    uuid_bytes,
    uuid_of,
)
from .storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Codec", "base_of", "codec_of", "key_codec", "present"]


@dataclass(frozen=True, slots=True)
class Codec:
    """How one field is held in one column; functions raise ValueError or TypeError.

    Attributes:
        expected: What the column has to hold, in words.
        decode: A value of the column, not NULL, as one of the field.
        encode: A value of the field, not None, as one of the column; None when it is the same.
        plain: Values of the column of exactly these types are the field's as they are.
        null: What NULL stands for; MISSING where it stands for nothing.
        optional: Whether None is written as NULL.
        is_exact: Whether equal values of the field, and only they, are equal in the column.
    """

    expected: str
    decode: Callable[[Any], Any]
    encode: Callable[[Any], Any] | None
    plain: frozenset[type] = frozenset()
    null: Any = MISSING
    optional: bool = False
    is_exact: bool = False
    types: frozenset[type] = field(init=False)

    def __post_init__(self) -> None:
        nulls = {type(None)} if self.null is None else set()
        object.__setattr__(self, "types", self.plain | nulls)

    def read(self, value: Any) -> Any:
        """The field's value for what the column holds."""
        if value is None:
            if self.null is MISSING:
                raise ValueError
            return self.null
        return value if type(value) in self.plain else self.decode(value)

    def read_all(self, values: tuple[Any, ...]) -> Sequence[Any]:
        """The field's values for those of a column."""
        if self.types.issuperset(map(type, values)):
            return values
        return [self.read(value) for value in values]

    def write(self, value: Any) -> Any:
        """The column's value for the field's."""
        if value is None and self.optional:
            return None
        return value if self.encode is None else self.encode(value)

    def unpadded(self) -> Codec:
        """The same, for texts that a database fills up with blanks."""

        def decode(value: Any) -> Any:
            return self.decode(value.rstrip(" ") if isinstance(value, str) else value)

        return replace(self, decode=decode, plain=frozenset())

    def guarded(self, refusal: Callable[[str], str | None]) -> Codec:
        """The same, with what *refusal* expects of texts where one is none."""

        def encode(value: Any) -> Any:
            held = value if self.encode is None else self.encode(value)
            expected = refusal(held) if isinstance(held, str) else None
            if expected is not None:
                raise UnfitError(expected)
            return held

        return replace(self, encode=encode)


def base_of(annotation: Any) -> tuple[Any, bool]:
    """The type of a field's values, or what its annotation is made with, and whether None is one.

    That is int, Decimal, ... for themselves, the enumeration for a member, and Literal, Ref,
    tuple or frozenset for others.
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return base_of(arguments[0])
    if origin in {typing.Union, types.UnionType}:
        inner = next(argument for argument in arguments if argument is not type(None))
        return base_of(inner)[0], True
    return annotation if origin is None else origin, False


def codec_of(declared: Field, storage: Storage, *, native: bool) -> Codec:
    """How *declared* is held in a column of *storage*; *native* as in Dialect."""
    base, optional = base_of(declared.annotation)
    inner = Field(declared.owner, declared.name, present(declared.annotation))
    if base is str:
        null: Any = None if optional else ""
    elif optional:
        null = None
    elif declared.default is not MISSING:
        null = declared.default
    else:
        null = MISSING
    maker = _MAKERS.get(base, _other)
    decode, encode, plain, is_exact = maker(inner, storage, native)
    return Codec(inner.kind.expected, decode, encode, plain, null, optional, is_exact)


def key_codec(storage: Storage, *, native: bool) -> Codec | None:
    """How ids are held in a key column of *storage*; None where they cannot be."""
    if storage is Storage.INTEGER:
        return Codec("an integer", _refuse, _key_int, frozenset({int}), is_exact=True)
    if storage is Storage.TEXT:
        return Codec("text", _refuse, _key_text, frozenset({str}), is_exact=True)
    if storage is Storage.UUID:
        return Codec("a UUID", str, _key_uuid if native else _key_uuid_text, is_exact=True)
    return None


def present(annotation: Any) -> Any:
    """*annotation* without its None."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return present(arguments[0])
    if origin in {typing.Union, types.UnionType}:
        return present(next(part for part in arguments if part is not type(None)))
    return annotation


# --- ids ---------------------------------------------------------------------------------


def _refuse(_value: Any) -> Any:
    raise TypeError


def _key_int(id: Any) -> int:
    if type(id) is not int:
        raise TypeError
    return int64(id)


def _key_text(id: Any) -> str:
    if not isinstance(id, str):
        raise TypeError
    id.encode()  # half a surrogate pair is nobody's id
    return id


def _key_uuid(id: Any) -> uuid.UUID:
    made = uuid.UUID(_key_text(id))
    if str(made) != id:
        raise ValueError
    return made


def _key_uuid_text(id: Any) -> str:
    return str(_key_uuid(id))


# --- one maker a type: (inner field, storage, native) -> decode, encode, plain, is_exact -------

Made = tuple["Callable[[Any], Any]", "Callable[[Any], Any] | None", frozenset[type], bool]
NOTHING: frozenset[type] = frozenset()


def _str(_inner: Field, storage: Storage, native: bool) -> Made:
    if storage is Storage.INTEGER:
        return text_of, int_of_text, frozenset({str}), True
    if storage is Storage.JSON:
        return _of_json(text_of), json_of_text, NOTHING, False
    if storage is Storage.ENUM:
        return text_of, or_null, frozenset({str}), False
    if storage in {Storage.TEXT, Storage.OTHER}:
        return text_of, None, frozenset({str}), storage is Storage.TEXT
    return text_of, or_null if native else None, frozenset({str}), False


def _bool(inner: Field, storage: Storage, native: bool) -> Made:
    def decode(value: Any) -> bool:
        if isinstance(value, str):
            return bool(inner.kind.from_text(value))
        if isinstance(value, bytes):  # BIT(1)
            value = int.from_bytes(value, "big")
        if value not in (0, 1):
            raise ValueError
        return bool(value)

    if storage is Storage.TEXT:
        return decode, inner.kind.to_text, frozenset({bool}), False
    as_it_is = native and storage is Storage.BOOLEAN
    return decode, None if as_it_is else int, frozenset({bool}), as_it_is


def _int(_inner: Field, storage: Storage, _native: bool) -> Made:
    encode = str if storage is Storage.TEXT else int64
    return int_of, encode, frozenset({int}), storage is Storage.INTEGER


def _float(inner: Field, storage: Storage, native: bool) -> Made:
    def decode(value: Any) -> float:
        if type(value) is not float:
            value = inner.kind.check(float(value) if isinstance(value, str | Decimal) else value)
        if not math.isfinite(value):
            raise ValueError
        return float(value) + 0.0  # -0.0 has one form with 0.0

    if storage is Storage.TEXT:
        return decode, repr, NOTHING, False
    return decode, None, NOTHING, native and storage is Storage.FLOAT


def _decimal(inner: Field, storage: Storage, native: bool) -> Made:
    decode = inner.kind.from_plain
    if native and (storage.is_number or storage is Storage.OTHER):
        return decode, None, NOTHING, storage is Storage.NUMERIC
    return decode, inner.kind.to_text, NOTHING, False


def _bytes(inner: Field, storage: Storage, _native: bool) -> Made:
    if storage in {Storage.BINARY, Storage.OTHER}:
        return inner.kind.check, None, frozenset({bytes}), False

    def decode(value: Any) -> Any:
        return inner.kind.from_plain(value)

    return decode, base64_text, frozenset({bytes}), False


def _datetime(_inner: Field, storage: Storage, native: bool) -> Made:
    if native and storage is Storage.DATETIME_TZ:
        return datetime_of, None, NOTHING, True
    if native and storage is Storage.DATETIME:
        return datetime_of, naive, NOTHING, True
    return datetime_of, datetime_text if storage.is_time else isoformat, NOTHING, False


def _date(_inner: Field, storage: Storage, native: bool) -> Made:
    if native and (storage is Storage.DATE or storage.is_time):
        return date_of, None, frozenset({dt.date}), storage is Storage.DATE
    return date_of, isoformat, frozenset({dt.date}), False


def _time(_inner: Field, storage: Storage, native: bool) -> Made:
    if native and storage is Storage.TIME:
        return time_of, None, NOTHING, True
    return time_of, isoformat, NOTHING, False


def _uuid(_inner: Field, storage: Storage, native: bool) -> Made:
    if storage is Storage.BINARY:
        return uuid_of, uuid_bytes, frozenset({uuid.UUID}), False
    if native and storage is Storage.UUID:
        return uuid_of, None, frozenset({uuid.UUID}), True
    return uuid_of, str, frozenset({uuid.UUID}), False


def _other(inner: Field, storage: Storage, native: bool) -> Made:
    """Enum, Literal, Ref, tuple and frozenset: as text, or as a number where they are one."""
    kind = inner.kind
    is_list = base_of(inner.annotation)[0] in {tuple, frozenset}
    if storage is Storage.ARRAY and native and is_list:
        return kind.from_plain, kind.to_plain, NOTHING, False
    if storage is Storage.JSON:
        return _of_json(kind.from_plain), _json_of(kind.to_plain), NOTHING, False

    def decode(value: Any) -> Any:
        if isinstance(value, list):  # an array, or JSON that the driver has read
            return kind.from_plain(value)
        if not isinstance(value, str | int | float | Decimal):
            raise TypeError
        try:
            return kind.from_text(text_of(value))
        except ValueError:
            if value not in (0, 1):
                raise
            return kind.from_text(str(bool(value)))  # Literal[True] in a column of numbers

    def encode(value: Any) -> Any:
        plain = kind.to_plain(value)
        return int(plain) if storage.is_number and isinstance(plain, int) else kind.to_text(value)

    is_exact = storage is Storage.TEXT and not is_list
    return decode, encode, NOTHING, is_exact


def _of_json(from_plain: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Decodes what a driver gives for JSON: the text, or what it has read in it."""

    def decode(value: Any) -> Any:
        return from_plain(json.loads(value) if isinstance(value, str | bytes) else value)

    return decode


def _json_of(to_plain: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def encode(value: Any) -> str:
        return json.dumps(to_plain(value), ensure_ascii=False)

    return encode


_MAKERS: dict[Any, Callable[[Field, Storage, bool], Made]] = {
    str: _str,
    bool: _bool,
    int: _int,
    float: _float,
    Decimal: _decimal,
    bytes: _bytes,
    dt.datetime: _datetime,
    dt.date: _date,
    dt.time: _time,
    uuid.UUID: _uuid,
}
