"""The table of cases in the background page says what the code does."""

from __future__ import annotations

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
    *given, expected = case
    assert outcome(*given) == expected
