"""From what an option says to what an annotation wants, and from a class to its annotations."""

from __future__ import annotations

import enum
import typing
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import pytest
from conf_classes import Level, Plain, Tracker

from b3j0f.sync.conf.conversion import Mismatch, convert, expected
from b3j0f.sync.conf.signatures import parameters
from b3j0f.sync.stores.memory import MemoryStore

HERE = Path("/configuration")


class Colour(enum.Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


@pytest.mark.parametrize(
    ("value", "wanted", "made"),
    [
        ("text", str, "text"),
        ("", str, ""),
        ("a@b%c", str, "a@b%c"),
        ("5", int, 5),
        (5, int, 5),
        ("0.25", float, 0.25),
        (1, float, 1.0),
        ("0.10", Decimal, Decimal("0.10")),
        ("Yes", bool, True),
        ("off", bool, False),
        (False, bool, False),
        ("5", int | None, 5),
        ("", int | None, None),
        ("", str | None, ""),
        (None, str | None, None),
        ("5", Optional[int], 5),  # noqa: UP045 - people still write it
        ("5", int | str, 5),
        ("x", int | str, "x"),
        ("5", str | int, 5),
        ("data", Path, HERE / "data"),
        ("/data", Path, Path("/data")),
        ("data", str | Path, HERE / "data"),
        ("~/data", str | Path | None, Path("~/data").expanduser()),
        ("a, b,, c ", tuple[str, ...], ("a", "b", "c")),
        ("a\nb", list[str], ["a", "b"]),
        ("", Sequence[str], ()),
        ("1, 2", Iterable[int], (1, 2)),
        ("a, a", frozenset[str], frozenset("a")),
        ("a", set, {"a"}),
        ("1, 2", typing.Collection[int] | None, (1, 2)),
        (["a, b"], tuple[str, ...], ("a, b",)),
        ("mail: e mail, x:y:z", Mapping[str, str], {"mail": "e mail", "x": "y:z"}),
        ({"a": 1}, dict[str, int], {"a": 1}),
        ("a: 1", dict[str, int], {"a": 1}),
        ("a: b", Mapping, {"a": "b"}),
        ("slow", Literal["fast", "slow"], "slow"),
        ("2", Literal[1, 2], 2),
        ("dark_blue", Colour, Colour.DARK_BLUE),
        ("dark-blue", Colour, Colour.DARK_BLUE),
        ("2", Level, Level.HIGH),
        ("5", Annotated[int, "seconds"], 5),
        ("5", Any, "5"),
        (5, Any, 5),
        ("sqlite:///crm.db", str, "sqlite:////configuration/crm.db"),
        ("sqlite+pysqlite:///~/c.db?a=b", str, f"sqlite+pysqlite:///{Path.home()}/c.db?a=b"),
        ("sqlite:////crm.db", str, "sqlite:////crm.db"),
        ("sqlite://", str, "sqlite://"),
        ("sqlite:///:memory:", str, "sqlite:///:memory:"),
        ("postgresql:///crm", str, "postgresql:///crm"),
    ],
)
def test_what_fits_is_made_what_is_wanted(value, wanted, made):
    converted = convert(value, wanted, HERE)
    assert converted == made
    assert type(converted) is type(made)


@pytest.mark.parametrize(
    ("value", "wanted", "told"),
    [
        (5, str, "a text"),
        (None, str, "a text"),
        ("1.5", int, "a whole number"),
        (1.5, int, "a whole number"),
        (True, int, "a whole number"),
        ("one", float, "a number"),
        ("x", Decimal, "a number"),
        ("perhaps", bool, "true or false"),
        (1, bool, "true or false"),
        ("x", int | None, "a whole number"),
        ("", Path, "a path"),
        (5, str | Path, "a path"),
        ("~nobody-there/x", Path, "a path whose ~"),
        (5, tuple[str, ...], "a, b, c"),
        ("1, x", list[int], "a whole number"),
        ("a: 1, b", Mapping[str, str], "name: value, other: value"),
        ("a: 1, a: 2", Mapping[str, str], "each name once"),
        (["a"], Mapping[str, str], "name: value"),
        ("quick", Literal["fast", "slow"], "one of fast, slow"),
        (True, Literal[1, 2], "one of 1, 2"),
        ("green", Colour, "one of red, dark_blue"),
        ("x", bytes, "nothing: it cannot be given in a configuration file"),
        ("x", type, "nothing"),
    ],
)
def test_what_does_not_fit_is_told(value, wanted, told):
    with pytest.raises(Mismatch) as caught:
        convert(value, wanted, HERE)
    assert told in caught.value.expected


def test_what_is_expected_is_told_in_words():
    assert expected(list[int]) == "a, b, c, each a whole number"
    assert expected(int | str | None) == "a whole number or a text"
    assert expected(Any) == "a value"
    assert expected(Annotated[bool, "x"]) == "true or false"


def test_a_constructors_options_are_found_with_those_of_its_bases():
    known = parameters(Plain)
    assert {"url", "token", "name", "autoconnect", "accessors"} <= known.keys()
    assert "options" not in known
    assert [name for name, each in known.items() if each.is_required] == ["url"]
    assert known["url"].annotation is Any
    assert known["retries"].annotation is int
    assert known["columns"].annotation == Mapping[str, str] | None
    assert list(parameters(Tracker)) == ["name"]


def test_an_annotation_that_is_for_the_type_checker_only_still_says_what_it_can():
    # tzinfo is not imported at run time: nothing of it but None can be given
    zone = parameters(Plain)["zone"].annotation
    assert convert(None, zone, HERE) is None
    with pytest.raises(Mismatch, match="cannot be given in a configuration file"):
        convert("UTC", zone, HERE)
    assert parameters(MemoryStore)["unique_names"].annotation is bool
    assert parameters(MemoryStore)["types"].is_required
