"""Filters of links: ``state == open and credit > 10``.

A filter is one or more comparisons joined by ``and``: a field, an operator and a value. The
operators are ``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``in`` (``state in (open, new)``)
and ``contains`` (``labels contains urgent``; in a text, a part of it). A value is written as in
a CSV file, in quotes where it has blanks or other marks; ``''`` is no value where a field may
have none. What has no value is neither smaller nor greater than anything.
"""

from __future__ import annotations

import operator
import re
import typing
from ast import literal_eval
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..data import schema_of
from ..fields import MISSING
from ..kinds import kind_of
from .mistakes import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..data import Data
    from ..fields import Field
    from ..kinds import Kind

__all__ = ["Comparison", "Filter", "FilterError", "comparisons", "test_of"]

FORM = "field == value and other > value"

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<mark>==|!=|<=|>=|[<>=(),])|(?P<word>[^\s"'()<>=!,]+))\s*""",
    re.DOTALL,
)
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATORS = ("==", "!=", *_ORDER, "in", "contains")


class FilterError(ValueError):
    """The text is no filter; *expected* says what would be one."""

    def __init__(self, problem: str, expected: str) -> None:
        super().__init__(problem)
        self.problem, self.expected = problem, expected


class _Token(NamedTuple):
    text: str
    is_quoted: bool

    def is_mark(self, text: str) -> bool:
        return self.text == text and not self.is_quoted


class Comparison(NamedTuple):
    """One comparison as it is written."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Filter:
    """Tells whether a data takes part; a data of a type without tests does.

    Attributes:
        text: What it is written like.
        tests: By type, the tests that a data has to pass: a field and a test of its value.
    """

    text: str
    tests: Mapping[type[Data], Sequence[tuple[str, Callable[[Any], bool]]]]

    def __call__(self, data: Data) -> bool:
        """Whether *data* passes every test."""
        return all(test(getattr(data, field)) for field, test in self.tests.get(type(data), ()))

    def __repr__(self) -> str:
        return f"where {self.text}"


def comparisons(text: str) -> list[Comparison]:
    """The comparisons of *text*, which are joined by ``and``.

    Raises:
        FilterError: It is no filter.
    """
    tokens, found = _tokens(text), []
    while True:
        found.append(_comparison(tokens))
        if not tokens:
            return found
        word = tokens.pop(0)
        if not word.is_mark("and"):
            raise FilterError(f"{word.text!r} is not understood", "and")


def test_of(comparison: Comparison, datatype: type[Data]) -> Callable[[Any], bool]:
    """The test that the values of the field in data of *datatype* have to pass.

    Raises:
        FilterError: The type has no such field, or the field has no such values.
    """
    name, sign, values = comparison
    fields = schema_of(datatype).fields
    if name not in fields:
        problem = f"{datatype.__name__} has no field {name!r}"
        raise FilterError(problem, nearest(name, fields) or "")
    field = fields[name]
    if sign == "contains":
        return _contains(field, values[0])
    known = [_value(field, value) for value in values]
    if sign == "in":
        return lambda value: value in known
    if sign in {"==", "!="}:
        return lambda value: (value == known[0]) is (sign == "==")
    compare, limit = _ORDER[sign], known[0]
    _refuse_unordered(field, limit)
    return lambda value: value is not None and value is not MISSING and compare(value, limit)


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise FilterError(f"{text[position:].strip()!r} is not understood", FORM)
        if found["quoted"] is None:
            tokens.append(_Token(found["mark"] or found["word"], is_quoted=False))
        else:
            tokens.append(_Token(_unquoted(found["quoted"]), is_quoted=True))
        position = found.end()
    return tokens


def _unquoted(text: str) -> str:
    try:
        return str(literal_eval(text))
    except (SyntaxError, ValueError):
        raise FilterError(f"{text} is not understood", "a text in quotes like in Python") from None


def _comparison(tokens: list[_Token]) -> Comparison:
    field = _next(tokens, "the name of a field")
    sign = _next(tokens, "an operator")
    if field.is_quoted or not field.text.isidentifier():
        raise FilterError(f"{field.text!r} is no name of a field", FORM)
    if sign.is_quoted or sign.text not in _OPERATORS:
        hint = "==" if sign.text == "=" else "one of " + ", ".join(_OPERATORS)
        raise FilterError(f"{sign.text!r} is no operator", hint)
    if sign.text != "in":
        return Comparison(field.text, sign.text, (_word(tokens),))
    return Comparison(field.text, "in", tuple(_list(tokens)))


def _list(tokens: list[_Token]) -> Iterator[str]:
    if not _next(tokens, "(a, b)").is_mark("("):
        raise FilterError("in needs a list", "(a, b)")
    while True:
        yield _word(tokens)
        mark = _next(tokens, "a ) in the end")
        if mark.is_mark(")"):
            return
        if not mark.is_mark(","):
            raise FilterError(f"{mark.text!r} is not understood", "a , or a )")


def _next(tokens: list[_Token], wanted: str) -> _Token:
    if not tokens:
        raise FilterError("the filter ends too early", wanted)
    return tokens.pop(0)


def _word(tokens: list[_Token]) -> str:
    token = _next(tokens, "a value")
    if any(map(token.is_mark, (*_OPERATORS, "(", ")", ",", "and"))):
        raise FilterError(f"{token.text!r} is no value", "a value, in quotes if it is this text")
    return token.text


def _value(field: Field, text: str, kind: Kind | None = None) -> Any:
    kind = field.kind if kind is None else kind
    try:
        return kind.from_text(text)
    except (TypeError, ValueError, OverflowError):
        raise FilterError(f"{text!r} is no value of {field.name!r}", kind.expected) from None


def _contains(field: Field, text: str) -> Callable[[Any], bool]:
    present = [each for each in typing.get_args(field.annotation) if each is not type(None)]
    annotation = present[0] if type(None) in typing.get_args(field.annotation) else field.annotation
    value: Any = text
    if typing.get_origin(annotation) in {tuple, frozenset}:
        value = _value(field, text, kind_of(typing.get_args(annotation)[0]))
    elif annotation is not str:
        raise FilterError(f"{field.name!r} holds one value", "one of ==, !=, <, <=, >, >=, in")
    return lambda held: held is not None and held is not MISSING and value in held


def _refuse_unordered(field: Field, limit: Any) -> None:
    try:
        operator.lt(limit, limit)
        is_ordered = not isinstance(limit, bool | frozenset)
    except TypeError:
        is_ordered = False
    if not is_ordered:
        raise FilterError(f"{field.name!r} has no order", "==, !=, in or contains")
