"""From what an option says to what a constructor's annotation wants.

A text becomes a ``str``, an ``int``, a path and so on; a list is written ``a, b`` and a mapping
``field: column, other: column``. What a literal gave (``=['a, b']``) has to fit as it is.
"""

from __future__ import annotations

import enum
import os
import re
import types
import typing
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ANYTHING", "Mismatch", "anchored", "convert", "expected", "is_path", "split"]

ANYTHING = Any
"""The annotation of an option that is taken as it is."""

_BOOLS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}
_NAMES: dict[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    Decimal: "a number",
    type(None): "=None",
}
_LISTS: dict[Any, Callable[[Iterable[Any]], Any]] = {
    list: list,
    set: set,
    frozenset: frozenset,
    tuple: tuple,
    AbstractSet: frozenset,
    Sequence: tuple,
    Collection: tuple,
    Iterable: tuple,
}
_MAPPINGS = (dict, Mapping, MutableMapping)

# sqlite:///relative.db, but not sqlite:////absolute.db, sqlite:///:memory: or ...///file:...
_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:|\?|$)(.+)", re.DOTALL)


class Mismatch(ValueError):  # noqa: N818 - it never leaves this package; ConfigError is the error
    """The value is not what is wanted; *expected* says what would be."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


_IMPOSSIBLE = "nothing: it cannot be given in a configuration file"


def split(text: str) -> list[str]:
    """The words between commas or ends of lines; empty ones are left out."""
    return [word for word in (word.strip() for word in re.split(r"[,\n]", text)) if word]


def anchored(text: str, directory: Path) -> str:
    """A URL as it is, but for a relative file of SQLite: that is below *directory* or ``~``."""
    found = _SQLITE.fullmatch(text)
    if found is None:
        return text
    file, mark, arguments = found[2].partition("?")
    return f"{found[1]}{path(file, directory)}{mark}{arguments}"


def path(text: str, directory: Path) -> Path:
    """The path that *text* says; a relative one is below *directory*."""
    try:
        return directory / Path(text).expanduser()
    except RuntimeError:  # ~somebody
        raise Mismatch("a path whose ~ is the home directory of a user that exists") from None


def convert(value: Any, wanted: Any, directory: Path) -> Any:
    """*value* as *wanted*, an annotation; relative paths start in *directory*.

    Raises:
        Mismatch: It cannot be made one.
    """
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if wanted is ANYTHING:
        return value
    if origin is typing.Annotated:
        return convert(value, arguments[0], directory)
    if origin in {typing.Union, types.UnionType}:
        return _one_of(value, wanted, arguments, directory)
    if origin is typing.Literal:
        return _member(value, {str(each): each for each in arguments}, arguments, wanted)
    kind = wanted if origin is None else origin
    if is_path(wanted):
        if not isinstance(value, str) or not value:
            raise Mismatch(expected(wanted))
        return path(value, directory)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        by_name = {each.name.lower(): each for each in kind} | {str(e.value): e for e in kind}
        return _member(value, by_name, tuple(kind), wanted)
    if kind in _MAPPINGS:
        return _mapping(value, wanted, directory)
    if kind in _LISTS:
        return _LISTS[kind](_items(value, wanted, directory))
    return _scalar(value, wanted, directory)


def expected(wanted: Any) -> str:
    """What *wanted*, an annotation, takes, in words."""
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    kind = wanted if origin is None else origin
    if wanted is ANYTHING:
        return "a value"
    if origin is typing.Annotated:
        return expected(arguments[0])
    if origin in {typing.Union, types.UnionType}:
        if is_path(wanted):
            return "a path"
        words = [expected(each) for each in arguments if each is not type(None)]
        words = [word for word in words if word != _IMPOSSIBLE] or words
        return " or ".join(dict.fromkeys(words))
    if origin is typing.Literal:
        return "one of " + ", ".join(map(str, arguments))
    if is_path(wanted):
        return "a path"
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return "one of " + ", ".join(each.name.lower() for each in kind)
    if kind in _MAPPINGS:
        return "name: value, other: value"
    if kind in _LISTS:
        item = _item_type(wanted)
        return "a, b, c" if item in {ANYTHING, str} else f"a, b, c, each {expected(item)}"
    return _NAMES.get(kind, _IMPOSSIBLE)


def is_path(wanted: Any) -> bool:
    """Whether *wanted*, an annotation, takes a path."""
    if typing.get_origin(wanted) in {typing.Union, types.UnionType}:
        return any(map(is_path, typing.get_args(wanted)))
    kind = typing.get_origin(wanted) or wanted
    return isinstance(kind, type) and issubclass(kind, PurePath | os.PathLike)


def _one_of(value: Any, wanted: Any, members: tuple[Any, ...], directory: Path) -> Any:
    optional = type(None) in members
    if value is None and optional:
        return None
    # A path is also told by a str beside it, and a text is what everything else may be.
    order = [each for each in members if each not in {str, type(None)}]
    if is_path(wanted):
        order.sort(key=is_path, reverse=True)
    for each in [*order, *(each for each in members if each is str)]:
        try:
            return convert(value, each, directory)
        except Mismatch:
            continue
    if optional and value == "":
        return None
    raise Mismatch(expected(wanted))


def _member(value: Any, by_text: dict[str, Any], members: tuple[Any, ...], wanted: Any) -> Any:
    if isinstance(value, str) and value.lower() in by_text:
        return by_text[value.lower()]
    if isinstance(value, str) and value in by_text:
        return by_text[value]
    for each in members:
        if type(value) is type(each) and value == each:
            return each
    raise Mismatch(expected(wanted))


def _item_type(wanted: Any) -> Any:
    arguments = typing.get_args(wanted)
    return arguments[0] if arguments else ANYTHING


def _items(value: Any, wanted: Any, directory: Path) -> list[Any]:
    items = split(value) if isinstance(value, str) else value
    if not isinstance(items, list | tuple | set | frozenset):
        raise Mismatch(expected(wanted))
    return [convert(item, _item_type(wanted), directory) for item in items]


def _mapping(value: Any, wanted: Any, directory: Path) -> dict[Any, Any]:
    if isinstance(value, str):
        pairs = [pair.partition(":") for pair in split(value)]
        stripped = [(key.strip(), item.strip()) for key, _, item in pairs]
        if not all(key and item for key, item in stripped):
            raise Mismatch(expected(wanted))
        value = dict(stripped)
        if len(value) != len(stripped):
            raise Mismatch(f"{expected(wanted)}, each name once")
    if not isinstance(value, dict):
        raise Mismatch(expected(wanted))
    key_type, item_type = typing.get_args(wanted) or (ANYTHING, ANYTHING)
    return {
        convert(key, key_type, directory): convert(item, item_type, directory)
        for key, item in value.items()
    }


def _scalar(value: Any, wanted: Any, directory: Path) -> Any:
    try:
        if isinstance(value, str) and wanted in {int, float, Decimal}:
            return wanted(value)
        if isinstance(value, str) and wanted is bool:
            return _BOOLS[value.lower()]
        if isinstance(value, str) and wanted is str:
            return anchored(value, directory)
        if wanted in {float, Decimal} and type(value) in {int, float}:
            return wanted(value)
        if wanted in _NAMES and type(value) is wanted:
            return value
    except (ValueError, KeyError, OverflowError, InvalidOperation):
        pass
    raise Mismatch(expected(wanted))
