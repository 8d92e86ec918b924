"""Formats of documents: one mapping of keys to values, as people write it.

A document is changed as a text, in the places where values change: comments, order, quoting,
spacing and unknown keys stay as they are. What comes out is read again before it is used.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from ...kinds import ManyKind, OptionalKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ...kinds import Kind

__all__ = ["Document", "Format", "FormatError", "format_called"]

_SHOWN = 80  # characters of a wrong value


class FormatError(Exception):
    """A text is not what it should be.

    Attributes:
        problem: What is wrong, and what was expected.
        line, column: Where, counted from 1, or None.
    """

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.line, self.column = problem, line, column

    def place(self, file: object) -> str:
        """Where it is in *file*, in words."""
        line = "" if self.line is None else f", line {self.line}"
        return f"{file}{line}" if self.column is None else f"{file}{line}, column {self.column}"


class ValueFormatError(FormatError):
    """The value of one key is not what its field takes."""

    def __init__(self, kind: Kind, given: str, line: int | None, column: int | None) -> None:
        shown = given if len(given) <= _SHOWN else f"{given[:_SHOWN]}..."
        super().__init__(f"expected {kind.expected}, given {shown}", line, column)
        self.expected, self.given = kind.expected, given


class Document(ABC):
    """One text, read as a mapping."""

    text: str
    prefix: str = ""
    """What stood before the text and is to stand there again: a byte order mark."""

    @abstractmethod
    def __contains__(self, key: object) -> bool: ...

    @abstractmethod
    def __iter__(self) -> Iterator[str]: ...

    @abstractmethod
    def value(self, key: str, kind: Kind, default: Any) -> Any:
        """The value of *key*, which is there; *default* where a person left it blank.

        Raises:
            ValueFormatError: It is no value of *kind*.
        """

    @abstractmethod
    def edited(self, changes: Mapping[str, tuple[Kind, Any]], redundant: Collection[str]) -> str:
        """The text with *changes*; those of *redundant* may be taken out instead.

        Raises:
            FormatError: It cannot be changed there without touching something else.
        """


class Format(ABC):
    """How documents are written down."""

    suffixes: ClassVar[Sequence[str]]
    """Of its files: the first is that of new ones."""

    @abstractmethod
    def parse(self, text: str) -> Document:
        """Read *text*; FormatError when it is no mapping in this format."""

    @abstractmethod
    def emit(self, values: Mapping[str, tuple[Kind, Any]]) -> str:
        """A new document."""


def format_called(name: str) -> Format:
    """The format of this name, "yaml" or "json"; its reader is imported when first asked for."""
    made: Format = getattr(
        import_module(f".{name}text", __package__), f"{name.capitalize()}Format"
    )()
    return made


def scalar_kind(kind: Kind) -> Kind:
    """The kind of a value that is there and stands alone."""
    while isinstance(kind, OptionalKind | ManyKind):
        kind = kind._inner
    return kind
