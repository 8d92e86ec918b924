"""Links as a synchronizer's section writes them: ``sheet.mode``, ``sheet.where`` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..link import MODES, Link
from .filters import Filter, FilterError, comparisons, test_of
from .mistakes import Mistakes
from .secrecy import scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from ..data import Data
    from ..mapping import Mapping as Mapped
    from ..store import Store
    from .reader import Reader

__all__ = ["LINK_OPTIONS", "link_options", "read_link"]

LINK_OPTIONS = ("mode", "types", "where", "map")

Tests = dict[type["Data"], list[tuple[str, "Callable[[Any], bool]"]]]


def link_options(store: str, words: Iterable[str]) -> list[str]:
    """The options of the link to *store*, whose types are called *words*."""
    own = [f"{store}.where.{word}" for word in words]
    return [*(f"{store}.{option}" for option in LINK_OPTIONS if option != "map"), *own]


def read_link(
    reader: Reader,
    store: Store,
    words: Mapping[str, type[Data]],
    wanted: Iterable[type[Data]] | None,
    mappings: Sequence[Mapped] = (),
) -> Link:
    """The link to *store*.

    Args:
        reader: The synchronizer's section.
        store: The store.
        words: Its types by the words for them.
        wanted: Types that take part; None: all of the store.
        mappings: How it has types in another form.

    Raises:
        ConfigError: An option of the link is wrong; it carries every mistake.
    """
    mistakes = Mistakes()
    mode, types, where = "both", dict(words), None
    with mistakes.collected():
        if f"{store.name}.mode" in reader:
            mode = reader.word(f"{store.name}.mode", MODES, "mode")
    with mistakes.collected():
        if f"{store.name}.types" in reader:
            named = reader.words(f"{store.name}.types", words, "data type")
            types = {word: words[word] for word in named}
    with mistakes.collected():
        where = _filter(reader, f"{store.name}.where", types)
    mistakes.check()
    chosen = [each for each in types.values() if wanted is None or each in set(wanted)]
    return Link(store, mode, where=where, types=chosen, mapping=mappings or None)


def _filter(reader: Reader, option: str, types: Mapping[str, type[Data]]) -> Filter | None:
    """What *option* says for all *types* and, behind their names, for single ones."""
    mistakes, tests, texts = Mistakes(), Tests(), []
    places = {option: list(types.values())}
    places |= {f"{option}.{word}": [datatype] for word, datatype in types.items()}
    for place, datatypes in places.items():
        if place in reader:
            with mistakes.collected():
                text = reader.text(place)
                texts.append(scrub(text, reader.secrets))
                _add_tests(reader, place, text, datatypes, tests)
    mistakes.check()
    return Filter(" and ".join(texts), tests) if texts else None


def _add_tests(
    reader: Reader, option: str, text: str, datatypes: Iterable[type[Data]], tests: Tests
) -> None:
    try:
        for comparison in comparisons(text):
            for datatype in datatypes:
                test = test_of(comparison, datatype)
                tests.setdefault(datatype, []).append((comparison.field, test))
    except FilterError as exc:
        problem, expected = exc.problem, exc.expected
    else:
        return
    raise reader.error(problem, option, expected)
