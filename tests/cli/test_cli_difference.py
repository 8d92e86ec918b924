"""How long texts are compared."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from b3j0f.sync.cli.difference import differences, is_long, told_size

LINES = st.lists(st.sampled_from(["a", "b", "c", "", " "]), max_size=8)


@given(LINES, LINES)
def test_it_says_something_just_where_texts_differ(one, other):
    told = list(differences("\n".join(one), "\n".join(other)))
    assert bool(told) == ("\n".join(one) != "\n".join(other))
    assert len([1 for sign, _ in told if sign == "-"]) <= max(1, len(one))


@given(st.text(), st.text())
def test_no_line_of_it_is_obeyed(one, other):
    for _, text in differences(one, other):
        assert all(sign.isprintable() or sign in "\u200c\u200d" for sign in text)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a\nb\nc\nd", "a\nb\nx\nd", [(" ", "b"), ("-", "c"), ("+", "x"), (" ", "d")]),
        ("a", "a\n", [(" ", "a"), ("+", '""')]),
        ("a", "a ", [("-", "a"), ("+", '"a "')]),
        ("a\r\nb", "a\nb", [("-", '"a\\r"'), ("+", "a"), (" ", "b")]),
        (
            f"x\n{'y' * 9}\nz\n1\n2\n3\nend",
            f"X\n{'y' * 9}\nz\n1\n2\n3\nEND",
            [
                *[("-", "x"), ("+", "X"), (" ", "y" * 9), ("…", "")],
                *[(" ", "3"), ("-", "end"), ("+", "END")],
            ],
        ),
    ],
)
def test_lines(before, after, told):
    assert list(differences(before, after)) == told


def test_long_lines_are_shown_where_they_differ():
    before, after = f"{'a' * 500} old {'b' * 500}", f"{'a' * 500} brand new {'b' * 500}"
    told = list(differences(before, after))
    assert told == [
        ("-", f"…{'a' * 19} old {'b' * 19}…"),
        ("+", f"…{'a' * 19} brand new {'b' * 19}…"),
    ]


def test_what_is_compared_so():
    assert is_long("a\nb")
    assert is_long("a" * 61)
    assert not is_long("a" * 60)
    assert told_size("a\nb\n") == "2 lines"
    assert told_size("a" * 1200) == "1,200 characters"
