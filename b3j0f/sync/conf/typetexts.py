"""Types of fields as configuration files write them.

=============================== =========================================================
``str``, ``int``, ``float``     also ``bool``, ``bytes``, ``decimal``, ``date``, ``time``,
                                ``datetime`` and ``uuid``
``one of: open, closed``        one of these texts
``ref: account``                another data, of the type ``account``; also ``Ref[account]``
``set of T``, ``list of T``     several; also ``frozenset[T]`` and ``tuple[T, ...]``
``T?``                          perhaps none; also ``T | None``
``T = default``                 with a default
=============================== =========================================================

What ends with ``?`` may be absent as a whole: ``set of str?`` is a set or none. A text with a
comma or another mark in it stands in quotes.
"""

from __future__ import annotations

import datetime as dt
import re
import typing
import uuid
from ast import literal_eval
from decimal import Decimal
from typing import Any, NamedTuple

from ..fields import MISSING
from ..kinds import kind_of
from ..ref import Ref
from .mistakes import nearest

__all__ = ["FieldType", "TypeTextError", "parse"]

_SCALARS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "bytes": bytes,
    "decimal": Decimal,
    "date": dt.date,
    "time": dt.time,
    "datetime": dt.datetime,
    "uuid": uuid.UUID,
}
MAX_NESTING = 5
"""Levels of a type: ``set of str?`` has three."""

_FORMS = (*_SCALARS, "one of: a, b", "ref: type", "set of T", "list of T", "T?")
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_DEFAULT = re.compile(rf"((?:{_QUOTED}|[^=\"'])*)=(.*)", re.DOTALL)
_CHOICE = re.compile(rf"\s*({_QUOTED}|[^,\"'=]+?)\s*(,|$)")
_OPTIONAL = re.compile(r"(.+?)\s*(?:\?|\|\s*none)", re.IGNORECASE | re.DOTALL)
_OPTIONAL_FIRST = re.compile(r"none\s*\|\s*(.+)", re.IGNORECASE | re.DOTALL)
_REF = re.compile(r"ref\s*(?:\[\s*([^\[\]]*?)\s*\]|:\s*(.*))", re.IGNORECASE | re.DOTALL)
_MANY = re.compile(
    r"(?:(?P<of>set|list)\s+of\s+(?P<item>.+)"
    r"|(?P<name>frozenset|set|list|tuple)\s*\[(?P<inner>.+?)\s*(?P<dots>,\s*\.\.\.)?\s*\])",
    re.IGNORECASE | re.DOTALL,
)
_ONE_OF = re.compile(r"one\s+of\s*:(.*)", re.IGNORECASE | re.DOTALL)


class TypeTextError(ValueError):
    """The text is no type; *expected* says what would be one."""

    def __init__(self, problem: str, expected: str) -> None:
        super().__init__(problem)
        self.problem, self.expected = problem, expected


class FieldType(NamedTuple):
    """What a text says: an annotation, a default or MISSING, and the types that it refers to.

    The types referred to are in the annotation by their names only.
    """

    annotation: Any
    default: Any
    refers_to: frozenset[str]


def parse(text: str) -> FieldType:
    """The type, and the default if there is one, that *text* says.

    Raises:
        TypeTextError: It says none.
    """
    refers_to: set[str] = set()
    found = _DEFAULT.fullmatch(text)
    declared, default = (found[1], found[2].strip()) if found else (text, None)
    annotation = _annotation(declared.strip(), refers_to, MAX_NESTING)
    value = MISSING if default is None else _default(default, annotation)
    return FieldType(annotation, value, frozenset(refers_to))


def _annotation(text: str, refers_to: set[str], depth: int) -> Any:
    if not depth:
        raise TypeTextError("the type is nested too deeply", f"at most {MAX_NESTING} levels")
    if text.lower() in _SCALARS:
        return _SCALARS[text.lower()]
    optional = _OPTIONAL.fullmatch(text) or _OPTIONAL_FIRST.fullmatch(text)
    if optional is not None:
        return _annotation(optional[1], refers_to, depth - 1) | None
    choice = _ONE_OF.fullmatch(text)
    if choice is not None:
        return typing.Literal[_choices(choice[1])]
    reference = _REF.fullmatch(text)
    if reference is not None:
        return _reference(reference[1] or reference[2], refers_to)
    many = _MANY.fullmatch(text)
    if many is not None:
        item = _annotation((many["item"] or many["inner"]).strip(), refers_to, depth - 1)
        is_list = (many["of"] or many["name"]).lower() in {"list", "tuple"}
        if is_list or many["dots"] is None:
            return tuple[item, ...] if is_list else frozenset[item]  # type: ignore[valid-type]
    raise TypeTextError(f"{text!r} is no type", nearest(text, _FORMS) or "")


def _reference(name: str, refers_to: set[str]) -> Any:
    # Only a plain name gets into an annotation, where it will be evaluated.
    if not name.isidentifier():
        raise TypeTextError(f"{name!r} is no name of a type", "ref: type")
    refers_to.add(name)
    return Ref[name]  # type: ignore[valid-type]


def _choices(text: str) -> tuple[str, ...]:
    words, position = [], 0
    while position < len(text):
        found = _CHOICE.match(text, position)
        if found is None:
            raise TypeTextError("the choices are not understood", "one of: a, b, 'c, d'")
        words.append(_unquoted(found[1]))
        position = found.end()
    if not words or len(set(words)) < len(words) or text.rstrip().endswith(","):
        raise TypeTextError("the choices are not understood", "one of: a, b, each once")
    return tuple(words)


def _unquoted(text: str) -> str:
    if not re.fullmatch(_QUOTED, text, re.DOTALL):
        return text
    try:
        return str(literal_eval(text))
    except (SyntaxError, ValueError):
        raise TypeTextError(
            "the text in quotes is not understood", "a text like in Python"
        ) from None


def _default(text: str, annotation: Any) -> Any:
    kind = kind_of(annotation)
    try:
        return kind.from_text(_unquoted(text))
    except (TypeError, ValueError, OverflowError):
        raise TypeTextError(f"the default {text!r} does not fit", kind.expected) from None
