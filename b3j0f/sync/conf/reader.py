"""Reading one section of a configuration file, option by option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from .conversion import Mismatch, convert, split
from .mistakes import nearest
from .secrecy import is_secret_name, scrub, secrets_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .bridge import Section
    from .expressions import Expressions

__all__ = ["Reader"]


class Reader:
    """One section, option by option; errors have their place and tell no secret.

    Args:
        section: What the files say.
        expressions: Evaluates its options.
        names_tell: Whether an option called ``password`` holds one; a field may be called so.
    """

    def __init__(
        self, section: Section, expressions: Expressions, *, names_tell: bool = True
    ) -> None:
        self.name, self.section, self.expressions = section.name, section, expressions
        self.names_tell = names_tell
        self.directory = expressions.directory
        self.secrets: set[str] = set()
        """What was read from this section and must not be told."""

    def __contains__(self, option: str) -> bool:
        return option in self.section

    def __iter__(self) -> Iterator[str]:
        return iter(self.section)

    def value(self, option: str, *, is_name: bool = False) -> Any:
        """What *option* says; *is_name* tells that it is no secret, whatever the option's name."""
        value, whole = self.expressions.value(self.name, option)
        if self.names_tell and not is_name:
            whole = whole or is_secret_name(option)
        self.secrets.update(secrets_in(value, whole=whole))
        return value

    def converted(self, option: str, wanted: Any, *, is_name: bool = False) -> Any:
        """What *option* says, made what the annotation *wanted* takes."""
        value = self.value(option, is_name=is_name)
        try:
            return convert(value, wanted, self.directory)
        except Mismatch as exc:
            expected = exc.expected
        # Outside the handler, as everywhere: what is being handled may know the value.
        raise self.error("the value does not fit", option, expected)

    def text(self, option: str) -> str:
        """What *option* says, which has to be a text."""
        value = self.value(option)
        if not isinstance(value, str):
            raise self.error("the value does not fit", option, "a text")
        return value

    def word(self, option: str, known: Collection[str], what: str) -> str:
        """The word of *option*, one of *known*; *what* says what it names."""
        word = self.text(option)
        if word not in known:
            raise self.unknown(word, option, known, what)
        return word

    def words(self, option: str, known: Collection[str], what: str) -> list[str]:
        """The words of *option*, each one of *known* and there once; *what* says what they name."""
        value = self.value(option)
        words = split(value) if isinstance(value, str) else value
        is_list = isinstance(words, list | tuple) and all(isinstance(each, str) for each in words)
        if not is_list or not words:
            raise self.error(f"it names no {what}", option, "a, b, c")
        strange = [self.unknown(word, option, known, what) for word in words if word not in known]
        if strange:
            raise ConfigError.gather(strange)
        again = [word for word in words if words.count(word) > 1]
        if again:
            raise self.error(f"the {what} {again[0]!r} is named twice", option, "each name once")
        return list(words)

    def unknown(
        self, word: Any, option: str | None, known: Iterable[str], what: str
    ) -> ConfigError:
        """The error for a *word* that is none of *known*; *what* says what it was to be."""
        words = list(known)
        hint = nearest(str(word), words) or f"a {what}, but there is none"
        return self.error(f"there is no {what} {word!r}", option, hint)

    def unknown_options(self, known: Collection[str]) -> list[ConfigError]:
        """One error for each option that is none of *known*."""
        return [self.unknown(each, each, known, "option") for each in self if each not in known]

    def error(
        self, problem: str, option: str | None = None, expected: str | None = None
    ) -> ConfigError:
        """The error for a *problem* with this section, or with one option of it."""
        return ConfigError(
            scrub(problem, self.secrets),
            file=self.section.origin(option or ""),
            section=self.name,
            option=option,
            expected=expected,
        )
