"""The table of cases in the background page says what the code does."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from b3j0f.sync import Data, Manual
from b3j0f.sync.data import schema_of
from b3j0f.sync.reconcile.merge import Side, decide

PAGE = Path(__file__).parents[2] / "docs" / "background" / "merge.rst"
ROW = re.compile(r"   \* - (.+)\n     - (.+)\n     - (.+)\n     - (.+)\n")
CASES = ROW.findall(PAGE.read_text(encoding="utf-8"))[1:]


class Thing(Data):
    text: str = ""


SCHEMA = schema_of(Thing)


def content(word):
    return None if word == "\N{EN DASH}" else ("n", (), "", "" if word == "empty" else word)


def outcome(agreed, *words):
    base = content(agreed)
    sides = [
        Side(
            store=name,
            id=1 if base or content(word) else None,
            current=content(word),
            view=base,
        )
        for name, word in zip(("one", "another"), words, strict=True)
    ]
    decision = decide(SCHEMA, sides, policy=Manual(), base=base)
    if decision.conflicts:
        return "conflict"
    if decision.merged is None:
        return "removed"
    if base == decision.merged and not decision.operations:
        return "nothing"
    return f"{decision.merged[3]} everywhere"


def test_there_are_cases():
    assert len(CASES) > 10


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_case(case):
    agreed, one, another, expected = case
    assert outcome(agreed, one, another) == expected
    assert outcome(agreed, another, one) == expected, "it matters which store is which"


def test_every_case_is_there():
    """Up to the stores' order and to the letters, with ``a`` for what was agreed."""
    had = {("a", *sorted(pair)) for pair in itertools.combinations_with_replacement("ab\u2013", 2)}
    had |= {("a", "b", "c")}
    new = {("\u2013", "a", other) for other in ("\u2013", "a", "b", "empty")}
    told = {(agreed, *sorted(pair)) for agreed, *pair, _ in CASES}
    assert had | {(agreed, *sorted(pair)) for agreed, *pair in new} == told
