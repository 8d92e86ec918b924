"""Texts and values as they are shown."""

from __future__ import annotations

import shlex
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import given

from b3j0f.sync import MISSING, Ref
from b3j0f.sync.cli.text import command, count, escaped, quoted, shortened, shown, without_secrets
from b3j0f.sync.cli.values import IN_LINES, Values
from b3j0f.sync.reconcile.operation import Kind, Operation
from b3j0f.sync.testing.types import Folder, Mood, Note

JOINERS = "\u200c\u200d"


@given(st.text())
def test_what_is_escaped_is_one_harmless_line(text):
    for form in (escaped(text), quoted(text), command("run", text)):
        assert all(sign.isprintable() or sign in JOINERS for sign in form)
        assert len(form.splitlines()) <= 1


@given(st.text().filter(str.isprintable))
def test_what_is_printable_stays_as_it_is(text):
    assert escaped(text) == text


@given(st.text(st.characters(exclude_characters=JOINERS)), st.text())
def test_quotes_end_where_they_end(one, other):
    inner = quoted(one)[1:-1]
    assert '"' not in inner.replace("\\\\", "").replace('\\"', "")
    assert (quoted(one) == quoted(other)) == (one == other)


@given(st.lists(st.text().filter(str.isprintable)))
def test_a_command_is_what_a_shell_takes_apart(words):
    assert shlex.split(command(*words)) == ["b3j0f-sync", *words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b", r"\x9b"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\u202e\u2028\ufeff", r"\u202e\u2028\ufeff"),
        ("\U000e0001", r"\U000e0001"),
        ("\ud800", r"\ud800"),
        ("[red]x[/]", "[red]x[/]"),
        ("👩‍👩‍👧 é שלום", "👩‍👩‍👧 é שלום"),
    ],
)
def test_escapes(text, expected):
    assert escaped(text) == expected


@pytest.mark.parametrize(
    ("plain", "clear", "in_quotes"),
    [
        ("word", "word", '"word"'),
        ("two words", "two words", '"two words"'),
        ("", '""', '""'),
        (" x", '" x"', '" x"'),
        ("none", '"none"', '"none"'),
        ('"', r'"\""', r'"\""'),
        ("a\n", r'"a\n"', r'"a\n"'),
        ("[x]", '"[x]"', '"[x]"'),
        (None, "none", "none"),
        (True, "true", "true"),
        (12, "12", "12"),
        (["a", "b c", None], "[a, b c, none]", '["a", "b c", none]'),
        ([], "[]", "[]"),
    ],
)
def test_values_without_and_with_quotes(plain, clear, in_quotes):
    assert shown(plain, quotes=False) == clear
    assert shown(plain, quotes=True) == in_quotes


def test_counts_and_lengths():
    assert [count(n, "conflict") for n in (0, 1, 2)] == ["0 conflicts", "1 conflict", "2 conflicts"]
    assert count(1234, "entry", "entries") == "1,234 entries"
    assert (shortened("abcd", 4), shortened("abcde", 4)) == ("abcd", "abc…")


def test_passwords_of_urls_are_taken_out():
    assert "pw" not in without_secrets(OSError("postgresql://u:pw@host/db?token=pw is down"))


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("text", "x y", "x y"),
        ("order", 3, "3"),
        ("price", Decimal("1.50"), "1.5"),
        ("moment", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        ("day", date(2026, 1, 2), "2026-01-02"),
        ("key", UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("attachment", b"ab", "YWI="),
        ("mood", Mood.NOT_SO_GLAD, "not so glad, really"),
        ("remark", None, "none"),
        ("rank", MISSING, "none"),
        ("tags", frozenset({"b", "a"}), "[a, b]"),
        ("folder", Ref("x"), "x"),
        ("context", ("a", "b"), "[a, b]"),
        ("id", (1, "x"), "[1, x]"),
    ],
)
def test_values_of_fields(field, value, text):
    assert Values([Folder, Note]).text("Note", field, value, quotes=False) == text


def told(kind, before, after):
    operation = Operation(
        kind=kind,
        store="s",
        datatype="Folder",
        global_name="x",
        names=("name", "context", "description", "owner", "quota"),
        id=1,
        before=before,
        after=after,
        reason="",
    )
    return list(Values([Folder]).told(operation, quotes=True))


def test_what_reports_tell_of_fields():
    content = ("x", (), "", "ann", 3)
    assert told(Kind.ADD, None, content) == [("owner", "", '"ann"'), ("quota", "", "3")]
    assert told(Kind.REMOVE, content, None) == []
    assert told(Kind.UPDATE, content, ("x", (), "", "ann", 0)) == [("quota", "3", "0")]
    (found,) = told(Kind.UPDATE, content, ("x", (), "z" * 1000, "ann", 3))
    assert found[1] == '""'
    assert len(found[2]) == IN_LINES
