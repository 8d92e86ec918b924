"""Fields of data types: their names, their kinds, their defaults."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from .errors import DataError
from .kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MISSING", "Field"]


class _Missing(enum.Enum):
    """One value that stands for no value; an enumeration, so that mypy can tell it apart."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing.MISSING
"""No value: a field without a default, a field on which nothing was agreed yet."""


def _shortened(text: str, length: int = 80) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


class Field:
    """One field of a data type.

    Attributes:
        name: Its name.
        annotation: Its evaluated annotation.
        kind: What it accepts and how its values are written down.
        default: The value where none is given, or MISSING when one has to be.
    """

    __slots__ = ("annotation", "default", "kind", "name", "owner")

    def __init__(self, owner: str, name: str, annotation: Any, default: Any = MISSING) -> None:
        self.owner, self.name, self.annotation = owner, name, annotation
        try:
            self.kind = kind_of(annotation)
        except TypeError as exc:
            raise DataError(
                f"{owner}.{name}: {exc}, not {annotation!r}",
                datatype=owner,
                field=name,
                expected=str(exc),
                given=annotation,
            ) from None
        self.default = MISSING if default is MISSING else self.check(default)

    def check(self, value: Any) -> Any:
        """*value* in canonical form; DataError when the field does not take it."""
        return self._tried(self.kind.check, value)

    def to_plain(self, value: Any) -> Any:
        """*value* as a JSON value."""
        return self.kind.to_plain(value)

    def from_plain(self, plain: Any) -> Any:
        """The value that a JSON value stands for; DataError when it stands for none."""
        return self._tried(self.kind.from_plain, plain)

    def to_text(self, value: Any) -> str:
        """*value* as text."""
        return self.kind.to_text(value)

    def from_text(self, text: str) -> Any:
        """The value that *text* stands for; DataError when it stands for none."""
        return self._tried(self.kind.from_text, text)

    def _tried(self, convert: Callable[[Any], Any], value: Any) -> Any:
        try:
            return convert(value)
        except (TypeError, ValueError, OverflowError) as exc:
            raise DataError(
                f"{self.owner}.{self.name}: expected {self.kind.expected}, "
                f"given {type(value).__name__} {_shortened(repr(value))}",
                datatype=self.owner,
                field=self.name,
                expected=self.kind.expected,
                given=value,
            ) from (None if not exc.args else exc)

    def __repr__(self) -> str:
        return f"<field {self.owner}.{self.name}: {self.kind.expected}>"
