"""Kinds: what the annotation of a field accepts, and how its values are written down.

A *kind* stands for one annotation. It checks a value and brings it to its one canonical
form; it turns it into plain JSON values and back (ledger, plans, YAML and JSON files) and
into one line of text and back (a CSV cell, a text column, a command line).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import enum
import json
import math
import types
import typing
import uuid
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, cast

from .ref import Ref

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Kind", "kind_of"]

_EXACT = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)
_LONG = 100
"""From this exponent on, a Decimal is written with it instead of with that many zeros."""


class Kind:
    """How the values of one annotation are checked and written down; the base of all kinds.

    Every method raises ValueError or TypeError for what it cannot take; the field around it
    makes a DataError of it.
    """

    expected: str
    exact: type | None = None
    """Values of exactly this type need no check; None when each one has to be looked at."""

    def check(self, value: Any) -> Any:
        """*value* in canonical form."""
        raise NotImplementedError

    def to_plain(self, value: Any) -> Any:
        """*value* as a JSON value."""
        return value

    def from_plain(self, plain: Any) -> Any:
        """The value that a JSON value, or what a YAML reader made of it, stands for."""
        return self.check(plain)

    def to_text(self, value: Any) -> str:
        """*value* as text."""
        return str(value)

    def from_text(self, text: str) -> Any:
        """The value that *text* stands for."""
        return self.from_plain(text)

    @property
    def present(self) -> Kind:
        """The kind of the values other than None."""
        return self

    @property
    def empty(self) -> tuple[Any, ...]:
        """Values that say nothing: they give way where a store meets a filled one first."""
        return ()


class StrKind(Kind):
    expected = "str"

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError
        value.encode()  # half a surrogate pair is no text, and no store could keep it
        return value if type(value) is str else str(value)

    @property
    def empty(self) -> tuple[Any, ...]:
        return ("",)


class BoolKind(Kind):
    expected = "bool"
    exact = bool
    _WORDS: typing.ClassVar[dict[str, bool]] = {
        **dict.fromkeys(("true", "yes", "on", "1", "t", "y"), True),
        **dict.fromkeys(("false", "no", "off", "0", "f", "n"), False),
    }

    def check(self, value: Any) -> bool:
        if type(value) is not bool:
            raise TypeError
        return value

    def to_text(self, value: Any) -> str:
        return "true" if value else "false"

    def from_text(self, text: str) -> bool:
        word = self._WORDS.get(text.strip().lower())
        if word is None:
            raise ValueError
        return word


class IntKind(Kind):
    expected = "int"
    exact = int

    def check(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError
        return int(value)

    def from_text(self, text: str) -> int:
        return int(text)


class FloatKind(Kind):
    expected = "finite float"

    def check(self, value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError
        number = float(value)
        if not math.isfinite(number):  # nan differs from itself: it would look edited for ever
            raise ValueError
        return number + 0.0  # -0.0 equals 0.0 and must be written the same

    def to_text(self, value: Any) -> str:
        return repr(value)

    def from_text(self, text: str) -> float:
        return self.check(float(text))


class DecimalKind(Kind):
    expected = "finite Decimal"

    def check(self, value: Any) -> Decimal:
        if isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        if not isinstance(value, Decimal):
            raise TypeError
        if not value.is_finite():
            raise ValueError
        return value or value.copy_abs()  # as with floats: -0 equals 0

    def to_plain(self, value: Any) -> str:
        # Equal decimals (1.0 and 1.00) have one form, so that one digest stands for both.
        exact = _EXACT.normalize(value)
        return format(exact, "f") if abs(exact.adjusted()) < _LONG else str(exact)

    def from_plain(self, plain: Any) -> Decimal:
        if isinstance(plain, str):
            return self.from_text(plain)
        return self.check(Decimal(repr(plain)) if isinstance(plain, float) else plain)

    def to_text(self, value: Any) -> str:
        return format(value, "f") if abs(value.adjusted()) < _LONG else str(value)

    def from_text(self, text: str) -> Decimal:
        try:
            return self.check(Decimal(text.strip()))
        except InvalidOperation as exc:
            raise ValueError from exc


class BytesKind(Kind):
    expected = "bytes"
    exact = bytes

    def check(self, value: Any) -> bytes:
        if not isinstance(value, bytes | bytearray | memoryview):
            raise TypeError
        return bytes(value)

    def to_plain(self, value: Any) -> str:
        return base64.b64encode(value).decode("ascii")

    def from_plain(self, plain: Any) -> bytes:
        if not isinstance(plain, str):
            return self.check(plain)
        try:
            return base64.b64decode(plain, validate=True)
        except binascii.Error as exc:
            raise ValueError from exc

    to_text = to_plain

    @property
    def empty(self) -> tuple[Any, ...]:
        return (b"",)


class DateTimeKind(Kind):
    expected = "datetime with a time zone"

    def check(self, value: Any) -> dt.datetime:
        if not isinstance(value, dt.datetime):
            raise TypeError
        if value.utcoffset() is None:
            raise ValueError
        return value.astimezone(dt.UTC)

    def to_plain(self, value: Any) -> str:
        return cast("str", value.isoformat())

    def from_plain(self, plain: Any) -> dt.datetime:
        if isinstance(plain, str):
            plain = dt.datetime.fromisoformat(plain.strip())
        return self.check(plain)

    to_text = to_plain


class DateKind(Kind):
    expected = "date"
    exact = dt.date

    def check(self, value: Any) -> dt.date:
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise TypeError
        return value

    def to_plain(self, value: Any) -> str:
        return cast("str", value.isoformat())

    def from_plain(self, plain: Any) -> dt.date:
        return dt.date.fromisoformat(plain.strip()) if isinstance(plain, str) else self.check(plain)

    to_text = to_plain


class TimeKind(Kind):
    expected = "time without a time zone"

    def check(self, value: Any) -> dt.time:
        if not isinstance(value, dt.time) or value.tzinfo is not None:
            raise TypeError
        return value

    def to_plain(self, value: Any) -> str:
        return cast("str", value.isoformat())

    def from_plain(self, plain: Any) -> dt.time:
        if isinstance(plain, str):
            plain = dt.time.fromisoformat(plain.strip())
        return self.check(plain)

    to_text = to_plain


class UUIDKind(Kind):
    expected = "UUID"
    exact = uuid.UUID

    def check(self, value: Any) -> uuid.UUID:
        if not isinstance(value, uuid.UUID):
            raise TypeError
        return value

    def to_plain(self, value: Any) -> str:
        return str(value)

    def from_plain(self, plain: Any) -> uuid.UUID:
        return uuid.UUID(plain.strip()) if isinstance(plain, str) else self.check(plain)


class EnumKind(Kind):
    """Written by value where that is text or a number, else by the member's name."""

    def __init__(self, enumeration: type[enum.Enum]) -> None:
        self._enumeration = enumeration
        self.expected = enumeration.__name__
        self._by_value = all(type(member.value) in {str, int} for member in enumeration)

    def check(self, value: Any) -> enum.Enum:
        if not isinstance(value, self._enumeration):
            raise TypeError
        return value

    def to_plain(self, value: Any) -> Any:
        return value.value if self._by_value else value.name

    def from_plain(self, plain: Any) -> enum.Enum:
        if isinstance(plain, self._enumeration):
            return plain
        try:
            return self._enumeration(plain) if self._by_value else self._enumeration[plain]
        except KeyError as exc:
            raise ValueError from exc

    def to_text(self, value: Any) -> str:
        return str(self.to_plain(value))

    def from_text(self, text: str) -> enum.Enum:
        for member in self._enumeration:
            if self.to_text(member) == text:
                return member
        if issubclass(self._enumeration, enum.Flag):  # several at once are no member by name
            return self._enumeration(int(text))
        raise ValueError


class LiteralKind(Kind):
    def __init__(self, values: tuple[Any, ...]) -> None:
        if not all(type(value) in {str, int, bool, type(None)} for value in values):
            raise TypeError("a Literal has str, int, bool and None as values")
        if min(len(set(values)), len(set(map(str, values)))) < len(values):
            raise TypeError("the values of a Literal differ, and so do their texts")
        self._values = values
        self.expected = "one of " + ", ".join(map(repr, values))

    def check(self, value: Any) -> Any:
        for known in self._values:
            if type(value) is type(known) and value == known:
                return known
        raise ValueError

    def from_text(self, text: str) -> Any:
        for known in self._values:
            if str(known) == text:
                return known
        raise ValueError


class OptionalKind(Kind):
    def __init__(self, inner: Kind) -> None:
        self._inner = inner
        self.expected = f"{inner.expected} or None"

    def check(self, value: Any) -> Any:
        return None if value is None else self._inner.check(value)

    def to_plain(self, value: Any) -> Any:
        return None if value is None else self._inner.to_plain(value)

    def from_plain(self, plain: Any) -> Any:
        return None if plain is None else self._inner.from_plain(plain)

    def to_text(self, value: Any) -> str:
        return "" if value is None else self._inner.to_text(value)

    def from_text(self, text: str) -> Any:
        return None if text == "" else self._inner.from_text(text)

    @property
    def present(self) -> Kind:
        return self._inner

    @property
    def empty(self) -> tuple[Any, ...]:
        return (None, *self._inner.empty)


class ManyKind(Kind):
    """A tuple or a frozenset; as text, a JSON list, or words between commas where that is plain."""

    def __init__(self, collection: type[tuple[Any, ...] | frozenset[Any]], inner: Kind) -> None:
        self._collection = collection
        self._inner = inner
        self._accepted = (tuple, list) if collection is tuple else (frozenset, set)
        self.expected = f"{collection.__name__} of {inner.expected}"

    def check(self, value: Any) -> Any:
        if not isinstance(value, self._accepted):
            raise TypeError
        return self._collection(map(self._inner.check, value))

    def to_plain(self, value: Any) -> list[Any]:
        plain = [self._inner.to_plain(item) for item in value]
        # A set has no order of its own: sorted, so that equal sets are written the same.
        return plain if self._collection is tuple else sorted(plain, key=_sort_key)

    def from_plain(self, plain: Any) -> Any:
        if not isinstance(plain, list | tuple | set | frozenset):
            raise TypeError
        return self._collection(map(self._inner.from_plain, plain))

    def to_text(self, value: Any) -> str:
        plain = self.to_plain(value)
        if all(isinstance(item, str) and _is_plain_word(item) for item in plain):
            return ", ".join(plain)
        return json.dumps(plain, ensure_ascii=False)

    def from_text(self, text: str) -> Any:
        if text.lstrip().startswith("["):
            return self.from_plain(json.loads(text))
        words = (word.strip() for word in text.split(","))
        return self._collection(self._inner.from_text(word) for word in words if word)

    @property
    def empty(self) -> tuple[Any, ...]:
        return (self._collection(),)


class RefKind(Kind):
    def __init__(self, target: Any) -> None:
        self.target = target
        """The data type referred to, or its name where it was not defined yet."""
        self.expected = f"Ref to {getattr(target, '__name__', target)}"

    def check(self, value: Any) -> Ref[Any]:
        if isinstance(value, Ref):
            value.global_name.encode()  # as for a str
            return value
        if isinstance(self.target, type) and isinstance(value, self.target):
            return Ref(value)
        raise TypeError

    def to_plain(self, value: Any) -> str:
        return cast("str", value.global_name)

    def from_plain(self, plain: Any) -> Ref[Any]:
        return Ref(plain) if isinstance(plain, str) else self.check(plain)

    to_text = to_plain


def _sort_key(plain: Any) -> tuple[str, Any]:
    kind = type(plain)
    return kind.__name__, plain if kind in {str, int, float} else json.dumps(plain)


def _is_plain_word(text: str) -> bool:
    is_bare = bool(text) and text == text.strip() and text.isprintable()
    return is_bare and "," not in text and not text.startswith("[")


_SCALARS: dict[Any, Callable[[], Kind]] = {
    str: StrKind,
    bool: BoolKind,
    int: IntKind,
    float: FloatKind,
    Decimal: DecimalKind,
    bytes: BytesKind,
    dt.datetime: DateTimeKind,
    dt.date: DateKind,
    dt.time: TimeKind,
    uuid.UUID: UUIDKind,
}


def kind_of(annotation: Any) -> Kind:
    """The kind of an evaluated annotation.

    Raises:
        TypeError: Fields cannot have this type; the message lists those that they can have.
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return kind_of(arguments[0])
    if annotation in _SCALARS:
        return _SCALARS[annotation]()
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return EnumKind(annotation)
    if origin is typing.Literal:
        return LiteralKind(arguments)
    if origin is Ref:
        target = arguments[0]
        return RefKind(target.__forward_arg__ if isinstance(target, typing.ForwardRef) else target)
    if origin is frozenset or (origin is tuple and arguments[1:] == (...,)):
        return ManyKind(origin, kind_of(arguments[0]))
    if origin in {typing.Union, types.UnionType}:
        present = [argument for argument in arguments if argument is not type(None)]
        if len(present) == 1:
            return OptionalKind(kind_of(present[0]))
    raise TypeError(
        "a field is str, int, float, bool, bytes, Decimal, datetime, date, time, UUID, an Enum, "
        "a Literal, Ref[type], frozenset[...], tuple[..., ...], or one of these or None"
    )
