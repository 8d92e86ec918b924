"""The values of options: plain text, or an expression, which starts with ``=``.

======================== =====================================================================
``=0.25``, ``=['a']``    a Python literal
``=env:NAME``            the text of an environment variable
``=file:PATH``           the text of a file, without the end of its last line; a path starts in
                         the configuration directory, ``~`` is the home directory
``=ref:section.option``  what another option of the same configuration file says
======================== =====================================================================

Nothing else is understood, and nothing can run code. No message quotes a value.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ConfigError
from .mistakes import nearest
from .secrecy import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .bridge import Section

__all__ = ["Expressions", "Value"]

FORMS = "a Python literal, =env:NAME, =file:PATH or =ref:section.option"

MAX_LITERAL = 10_000
"""Characters of a literal."""
MAX_NESTING = 20
"""Levels of a literal: a list in a list has two."""
MAX_FILE = 1_000_000
"""Bytes of a file that a value is read from."""


class Value(NamedTuple):
    """What an option says.

    Attributes:
        value: A text, or what a literal stands for.
        is_secret: Whether it comes from an environment variable, a file, or an option whose
            name says so.
    """

    value: Any
    is_secret: bool = False


class Expressions:
    """Evaluates the options of the files of one name.

    Args:
        sections: What those files say.
        directory: Where the paths of ``=file:`` start.
    """

    def __init__(self, sections: Mapping[str, Section], directory: Path) -> None:
        self.sections, self.directory = sections, directory

    def value(self, section: str, option: str) -> Value:
        """What *option* of *section*, both of which exist, says.

        Raises:
            ConfigError: It says nothing; the error has the place of the option that is wrong,
                which is another one where a reference leads there.
        """
        return self._at((section, option), ())

    def evaluate(self, text: str) -> Any:
        """What the expression *text* stands for, wherever it is from; the error has no place."""
        return self._evaluated(text, ()).value

    def _at(self, place: tuple[str, str], way: tuple[tuple[str, str], ...]) -> Value:
        section, option = place
        text = self.sections[section][option]
        try:
            if not text.startswith("="):
                return Value(text)
            return self._evaluated(text, (*way, place))
        except ConfigError as exc:
            if exc.file is not None:
                raise
            problem, expected = exc.problem, exc.expected
        # Outside the handler, like everywhere here: the other error may know the value.
        file = self.sections[section].origin(option)
        raise ConfigError(problem, file=file, section=section, option=option, expected=expected)

    def _evaluated(self, text: str, way: tuple[tuple[str, str], ...]) -> Value:
        word, colon, argument = text[1:].partition(":")
        word, argument = word.strip(), argument.strip()
        if colon and word == "env":
            return Value(_environment(argument), is_secret=True)
        if colon and word == "file":
            return Value(_text_of(self._path(argument)), is_secret=True)
        if colon and word == "ref":
            return self._referred(argument, way)
        return Value(_literal(text[1:].strip()))

    def _path(self, argument: str) -> Path:
        try:
            return self.directory / Path(argument).expanduser()
        except RuntimeError:
            pass
        raise ConfigError("there is no such home directory", expected="~/ or ~ and a user's name")

    def _referred(self, argument: str, way: tuple[tuple[str, str], ...]) -> Value:
        place = self._place(argument)
        if place in way:
            round_trip = " -> ".join(".".join(each) for each in (*way[way.index(place) :], place))
            raise ConfigError(f"the reference leads back to itself: {round_trip}")
        value, is_secret = self._at(place, way)
        return Value(value, is_secret or is_secret_name(place[1]))

    def _place(self, argument: str) -> tuple[str, str]:
        """Section and option; both may have dots in their names."""
        parts = argument.split(".")
        for border in range(1, len(parts)):
            section, option = ".".join(parts[:border]), ".".join(parts[border:])
            if option in self.sections.get(section, ()):
                return section, option
        known = [
            f"{section}.{option}" for section in self.sections for option in self.sections[section]
        ]
        hint = nearest(argument, known) if len(parts) > 1 else "=ref:section.option"
        raise ConfigError(f"there is no option {argument!r} to refer to", expected=hint)


def _environment(name: str) -> str:
    text = os.environ.get(name)
    if text is None:
        problem = f"the environment variable {name!r} is not set"
        raise ConfigError(problem, expected="a value for it when this is read")
    return text


def _text_of(file: Path) -> str:
    problem = expected = None
    try:
        if file.is_file() and file.stat().st_size <= MAX_FILE:
            text = file.read_bytes().decode("utf-8-sig")
            return text.removesuffix("\n").removesuffix("\r")
        problem = f"the file {str(file)!r} is too large" if file.is_file() else None
        problem = problem or f"there is no file {str(file)!r}"
        expected = f"a text file of at most {MAX_FILE} bytes"
    except OSError as exc:
        problem = f"the file {str(file)!r} cannot be read: {exc.strerror}"
    except ValueError:
        problem, expected = f"the file {str(file)!r} is no text", "UTF-8"
    raise ConfigError(problem, expected=expected)


def _literal(text: str) -> Any:
    if len(text) > MAX_LITERAL:
        raise ConfigError("the literal is too long", expected=f"at most {MAX_LITERAL} characters")
    try:
        tree = ast.parse(text, mode="eval")
        if _nesting(tree.body) <= MAX_NESTING:
            return ast.literal_eval(tree)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        pass
    else:
        raise ConfigError(
            "the literal is nested too deeply", expected=f"at most {MAX_NESTING} levels"
        )
    raise ConfigError("the expression is not understood", expected=FORMS)


def _nesting(node: ast.AST) -> int:
    depth, level = 0, [node]
    while level:
        depth += 1
        level = [child for each in level for child in ast.iter_child_nodes(each)]
    return depth
