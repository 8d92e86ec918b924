"""Mappings as a synchronizer's section writes them.

``tracker.map.ticket = issue`` says that the tickets of the store are the issues of the others,
``tracker.map.ticket.title = summary`` that their title is called ``summary`` there. Instead of a
name there may be

- ``values 1: open, 5: closed``: the store's values, and those that they stand for;
- ``scale 100``: the store's number is so many times the shared one;
- ``text %d.%m.%Y``: a date as a text;
- ``join first last``, also ``join first last by ", "``: the store has it in parts;
- ``split name`` for several fields, ``map.ticket.first+last``: the store has them in one;
- ``default open``: the store has it not, and this is what its new data get elsewhere;
- ``nothing``: the store does not hold it.

What is followed by ``in summary`` is in the field of that name.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ..data import schema_of
from ..errors import ConfigError
from ..mapping import Default, Join, Mapping, Scale, Split, Text, Values
from .conversion import split
from .mistakes import Mistakes

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict

    from ..data import Data, Schema
    from ..mapping import Transform
    from .reader import Reader

__all__ = ["is_map_option", "map_options", "read_mappings"]

_FORMS = (
    "a field of the store, values 1: open, scale 100, text %d.%m.%Y, join first last, "
    "split name, default open, or nothing"
)


def map_options(
    store: str, words: Dict[str, type[Data]], shared: Dict[str, type[Data]]
) -> list[str]:
    """The options for the types of *store*, where *shared* are those of all stores."""
    every = []
    fields = {field for datatype in shared.values() for field in schema_of(datatype).fields}
    for word in words:
        every.append(f"{store}.map.{word}")
        every += [f"{store}.map.{word}.{field}" for field in sorted(fields)]
    return every


def is_map_option(option: str, store: str, words: Dict[str, type[Data]]) -> bool:
    """Whether *option* is about the mapping of a type of *store*."""
    return any(
        option == f"{store}.map.{word}" or option.startswith(f"{store}.map.{word}.")
        for word in words
    )


def read_mappings(
    reader: Reader, store: str, words: Dict[str, type[Data]], shared: Dict[str, type[Data]]
) -> dict[str, tuple[str, Mapping]]:
    """By the word for a type of *store*, the word for the shared type and the mapping to it.

    Raises:
        ConfigError: An option is wrong; every mistake is told.
    """
    found: dict[str, tuple[str, Mapping]] = {}
    mistakes = Mistakes()
    for word, local in words.items():
        place = f"{store}.map.{word}"
        given = [option for option in reader if option.startswith(f"{place}.")]
        if place not in reader and not given:
            continue
        with mistakes.collected():
            named = reader.word(place, shared, "data type") if place in reader else word
            found[word] = named, _mapping(reader, place, given, shared[named], local)
    mistakes.check()
    return found


def _mapping(
    reader: Reader, place: str, given: list[str], shared: type[Data], local: type[Data]
) -> Mapping:
    mistakes = Mistakes()
    fields: dict[str, Any] = {}
    for option in given:
        names = option.removeprefix(f"{place}.").replace("+", ", ")
        with mistakes.collected():
            fields[names] = _transform(reader, option, names, schema_of(shared), schema_of(local))
    mistakes.check()
    problems: list[ConfigError] = []
    try:
        return Mapping(shared, local, fields)
    except ConfigError as exc:
        for one in exc.errors:
            key = (one.option or "").removeprefix(f"mapping.{shared.__name__}.")
            written = f"{place}.{key.replace(', ', '+')}"
            option = written if written in reader else place
            option = option if option in reader else next(iter(given))
            problems.append(reader.error(one.problem, option, one.expected))
    raise ConfigError.gather(problems)


def _transform(
    reader: Reader, option: str, names: str, shared: Schema, local: Schema
) -> str | Transform | None:
    text = reader.text(option)
    word, _, rest = text.strip().partition(" ")
    rest, field = _place(rest.strip())
    if not rest and word != "nothing":
        return word
    try:
        return _made(word, rest, field or names, shared, local, names)
    except (InvalidOperation, ValueError, TypeError) as exc:
        problem, expected = f"{text!r} says nothing: {exc}", _FORMS
    raise reader.error(problem, option, expected)


def _made(  # noqa: PLR0917 - what it may need, one way or another
    word: str, rest: str, field: str, shared: Schema, local: Schema, names: str
) -> Transform | None:
    if word == "nothing":
        return None
    if word == "values":
        return Values(dict(_pairs(rest, names, field, shared, local)), field)
    if word == "scale":
        return Scale(Decimal(rest), field)
    if word == "text":
        return Text(rest, field)
    if word == "default":
        return Default(shared.fields[names].kind.present.from_text(rest))
    if word in {"join", "split"}:
        parts, _, separator = rest.partition(" by ")
        between = _unquoted(separator.strip()) if separator else " "
        if word == "join":
            return Join(*parts.split(), separator=between)
        return Split(parts.strip(), separator=between)
    raise ValueError("its first word is none of these")


def _pairs(
    rest: str, names: str, field: str, shared: Schema, local: Schema
) -> list[tuple[Any, Any]]:
    pairs = []
    for each in split(rest):
        left, colon, right = each.partition(":")
        if not colon:
            raise ValueError(f"{each!r} is no pair such as 1: open")
        for schema, name in ((local, field), (shared, names)):
            if name not in schema.fields:
                raise ValueError(f"{schema.name} has no field {name!r}")
        kinds = local.fields[field].kind.present, shared.fields[names].kind.present
        pairs.append((kinds[0].from_text(left.strip()), kinds[1].from_text(right.strip())))
    return pairs


def _place(rest: str) -> tuple[str, str]:
    """What comes before ``in FIELD`` at the end, and the field; "" where there is none."""
    before, word, field = f" {rest}".rpartition(" in ")
    if word and field.isidentifier():
        return before.strip(), field
    return rest, ""


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text
