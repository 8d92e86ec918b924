"""Mistakes in configuration files: collected, so that all of them are told at once."""

from __future__ import annotations

from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Memo", "Mistakes", "nearest"]

T = TypeVar("T")


class Mistakes:
    """The mistakes found so far, each once, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: dict[str, ConfigError] = {}

    def add(self, error: ConfigError) -> None:
        """Take *error*, or each one of those that it carries."""
        for each in error.errors:
            # A copy that stands for itself: the first of several tells all of them.
            alone = ConfigError(
                each.problem,
                file=each.file,
                section=each.section,
                option=each.option,
                expected=each.expected,
            )
            alone.__cause__ = each.__cause__
            self._found.setdefault(str(alone), alone)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Take the ConfigError that the block raises, and go on behind the block."""
        try:
            yield
        except ConfigError as exc:
            self.add(exc)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[ConfigError]:
        return iter(self._found.values())

    def check(self) -> None:
        """Raise a ConfigError that carries all of them, if there are any."""
        if self._found:
            everything = Mistakes()
            for error in self:
                everything.add(error)
            raise ConfigError.gather(everything)


class Memo(Generic[T]):
    """What was read, by name, or the mistakes in it: nothing is read twice."""

    def __init__(self) -> None:
        self._read: dict[str, T] = {}
        self._wrong: dict[str, Mistakes] = {}

    def get(self, name: str, read: Callable[[], T]) -> T:
        """What *read* gives, or gave when *name* was first asked for; or its ConfigError."""
        if name not in self._read and name not in self._wrong:
            mistakes = Mistakes()
            with mistakes.collected():
                self._read[name] = read()
            if mistakes:
                self._wrong[name] = mistakes
        if name in self._wrong:
            self._wrong[name].check()
        return self._read[name]


def nearest(given: str, known: Iterable[str]) -> str | None:
    """What was expected instead of *given*: the nearest of the *known* words, else all of them."""
    words = list(known)
    by_lower = {word.lower(): word for word in reversed(words)}
    near = get_close_matches(given.lower(), by_lower, n=1)
    if near:
        return by_lower[near[0]]
    if len(words) < 2:  # noqa: PLR2004 - one word is not "one of"
        return words[0] if words else None
    return "one of " + ", ".join(words)
