"""YAML texts: what is written is read by any reader, what people wrote stays as it is."""

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from b3j0f.sync.kinds import kind_of
from b3j0f.sync.samples.texts import LONG_TEXT, ODD_TEXTS
from b3j0f.sync.stores.files.formats import FormatError
from b3j0f.sync.stores.files.yamltext import YamlDocument, YamlFormat, entry

STR, LIST, SET = kind_of(str), kind_of(tuple[str, ...]), kind_of(frozenset[str])
OPTIONAL, INT, FLOAT, BOOL = kind_of(str | None), kind_of(int), kind_of(float), kind_of(bool)
DECIMAL, MOMENT, TIME = kind_of(Decimal), kind_of(datetime), kind_of(time)

SHORT = [text for text in ODD_TEXTS if text != LONG_TEXT]
TRICKY = st.text("a:#- \n\t'\"\\,[]{}&*!|>%@`?~.0_=\r\x85\u2028\ufeff\xa0", max_size=12)
TEXTS = st.one_of(st.text(max_size=20), TRICKY, st.sampled_from(SHORT))

DOCUMENT = """\
# Customers of the north
email:    ann@example.org   # work
version: 1.10
"quoted": "x"
single: 'y'
labels:   # of all kinds
  # the first one
  - bug   # bad
  - 'no'

notes: | # long
  hello

  world

folded: >-
  one
  two
plain: several
  lines
flow: [a,
  'b']   # list
unknown: {deep: [1, 0x2, &a x, *a], no: yes}
blank:
mark: &m value
again: *m
last: end  # bye

# The end.
"""

unhurried = settings(deadline=None)  # a busy machine is no defect


def reader(version):
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml


def read(text, key, kind, default=None):
    return YamlDocument(text).value(key, kind, default)


@unhurried
@given(TEXTS)
@example("a\n  \nb")
@example(" a\nb\n")
@example("\n\n x")
@example("x\n\n")
def test_any_text_comes_back_in_every_reader(text):
    for kind, value in ((STR, text), (OPTIONAL, text), (LIST, (text, "z"))):
        written = YamlFormat().emit({"before": (STR, ""), "key": (kind, value), "z": (STR, "end")})
        assert read(written, "key", kind) == value
        assert read(written, "z", STR) == "end"
        plain = list(value) if kind is LIST else value
        for version in ((1, 1), (1, 2)):
            assert reader(version).load(written)["key"] == plain


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "Yes",
        "1.10",
        "007",
        "0x1F",
        "1e5",
        "null",
        "~",
        "12:30:00",
        "2024-01-02",
        "=",
        "1_000",
    ],
)
def test_texts_that_look_like_something_else_are_quoted(text):
    assert entry("key", STR, text) == f"key: '{text}'\n"
    assert read(f"key: {text}\n", "key", STR) == text  # as a person may have written it


def test_texts_are_as_people_would_write_them():
    assert entry("key", STR, "Ann Smith") == "key: Ann Smith\n"
    assert entry("key", STR, "it's 12 o'clock") == "key: it's 12 o'clock\n"
    assert entry("key", STR, "12 Main Street") == "key: 12 Main Street\n"
    assert entry("key", STR, "https://example.org/#x") == "key: https://example.org/#x\n"
    assert entry("key", STR, "one\ntwo") == "key: |-\n  one\n  two\n"
    assert entry("key", STR, "one\n\ntwo\n") == "key: |\n  one\n\n  two\n"
    assert entry("key", STR, "a\u202eb") == 'key: "a\\u202Eb"\n'
    assert entry("key", SET, frozenset(["b", "no"])) == "key:\n  - b\n  - 'no'\n"
    assert entry("key", SET, frozenset()) == "key: []\n"
    assert entry("no", OPTIONAL, None) == "'no': null\n"


def test_other_kinds_are_what_every_reader_takes_them_for():
    moment = datetime(2024, 5, 17, 12, 30, tzinfo=UTC)
    values = {
        "float": (FLOAT, 1e16),
        "decimal": (DECIMAL, Decimal("1.10")),
        "int": (INT, -7),
        "bool": (BOOL, True),
        "moment": (MOMENT, moment),
        "time": (TIME, time(12, 30)),
        "day": (kind_of(date), date(2024, 2, 29)),
    }
    written = YamlFormat().emit(values)
    assert "decimal: 1.10\n" in written
    assert "time: '12:30:00'\n" in written
    for key, (kind, value) in values.items():
        assert read(written, key, kind) == value
    for version in ((1, 1), (1, 2)):
        loaded = reader(version).load(written)
        assert loaded["float"] == 1e16
        assert math.isclose(loaded["decimal"], 1.1)
        assert loaded["bool"] is True
        assert loaded["day"] == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("yes", BOOL, True),
        ("0x1F", INT, 31),
        ("0o17", INT, 15),
        ("1.10", DECIMAL, Decimal("1.10")),
        ("1e3", FLOAT, 1000.0),
        ("~", OPTIONAL, None),
        ("", OPTIONAL, None),
        ("''", OPTIONAL, ""),
        ("", STR, ""),
        ("~", STR, "~"),
        ("", LIST, ()),
        ("[1.10, no]", LIST, ("1.10", "no")),
        ("2024-05-17 12:30:00Z", MOMENT, datetime(2024, 5, 17, 12, 30, tzinfo=UTC)),
        ("&x 'a'", STR, "a"),
        ("!!str 5", STR, "5"),
        ("!!binary aGVsbG8=", kind_of(bytes), b"hello"),
    ],
)
def test_what_people_write(written, kind, value):
    assert read(f"key: {written}\n", "key", kind) == value


@pytest.mark.parametrize(
    ("written", "kind", "line", "problem"),
    [
        ("x\nkey: five", INT, 2, "expected int, given 'five'"),
        ("x\nkey: [1]", INT, 2, "expected int, given a list"),
        ("x\nkey: bug", LIST, 2, "expected tuple of str, given 'bug'"),
        ("x\nkey: {a: 1}", STR, 2, "expected str, given a mapping"),
        ("x\nkey:\n  - a\n  - [b]", LIST, 4, "expected str, given a list"),
        ("x\nkey: '5'", INT, 2, "expected int, given '5'"),
        ("x\nkey: ~", INT, 2, "expected int, given '~'"),
        ("x\nkey: !python/object:os.system x", STR, 2, "expected str"),
        ("x\nkey: 2024-05-17 12:30", MOMENT, 2, "expected datetime with a time zone"),
    ],
)
def test_wrong_values_are_told_with_their_place(written, kind, line, problem):
    with pytest.raises(FormatError) as caught:
        read(f"first: {written}\n", "key", kind)
    assert caught.value.line == line
    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", None, "empty"),
        ("# only a comment\n", None, "empty"),
        ("- a\n- b\n", 1, "given a list"),
        ("just text\n", 1, "given a text"),
        ("a: 1\nb: [1\n", 3, "broken YAML"),
        ("a: 1\na: 2\n", 2, "'a' is there twice"),
        ("a: b: c\n", 1, "broken YAML"),
        ("a: 1\n\tb: 2\n", 2, "broken YAML"),
        ("a: 1\nb: \x07\n", 2, "U+0007"),
        ("a: 1\n---\nb: 2\n", 2, "broken YAML"),
        ("a: &x {b: 1}\n<<: *x\n", 2, "merge keys"),
        ("? [a]\n: b\n", 1, "expected a text as key"),
        ("a: *nowhere\n", 1, "broken YAML"),
        ("a: " + "[" * 5000, None, "nested too deeply"),
    ],
)
def test_broken_documents_are_told_with_their_place(text, line, problem):
    with pytest.raises(FormatError) as caught:
        YamlDocument(text)
    assert caught.value.line == line
    assert problem in caught.value.problem


def test_aliases_are_not_multiplied():
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    text = "\n".join(levels) + "\n"
    deep = str
    for _ in range(9):
        deep = tuple[deep, ...]
    with pytest.raises(FormatError, match="more than 100000 items"):
        read(text, "a8", kind_of(deep))
    assert "x" in YamlDocument(text).edited({"new": (STR, "x")}, ())
    with pytest.raises(FormatError):
        read("key: &a [*a]\n", "key", LIST)


@pytest.mark.parametrize(
    ("changes", "before", "after"),
    [
        ({"email": (STR, "007")}, "email:    ann@example.org ", "email:    '007' "),
        ({"version": (STR, "1.20")}, "version: 1.10\n", "version: '1.20'\n"),
        ({"quoted": (STR, "y")}, '"quoted": "x"\n', '"quoted": "y"\n'),
        ({"quoted": (STR, 'a "b"')}, '"quoted": "x"\n', '"quoted": "a \\"b\\""\n'),
        ({"single": (STR, "it's")}, "'y'", "'it''s'"),
        ({"single": (STR, "\x07")}, "'y'", '"\\x07"'),
        ({"single": (STR, "new")}, "'y'", "'new'"),
        ({"labels": (SET, frozenset(["bug", "no", "zeal"]))}, "  - 'no'\n", "  - 'no'\n  - zeal\n"),
        ({"labels": (SET, frozenset(["no"]))}, "  - bug   # bad\n", ""),
        ({"labels": (SET, frozenset())}, "labels:   # of", "labels: []   # of"),
        (
            {"notes": (STR, "short")},
            "notes: | # long\n  hello\n\n  world\n",
            "notes: short # long\n",
        ),
        ({"notes": (STR, "a\nb\n")}, "  hello\n\n  world\n", "  a\n  b\n"),
        ({"folded": (STR, "one")}, "folded: >-\n  one\n  two\n", "folded: one\n"),
        ({"plain": (STR, "one")}, "several\n  lines", "one"),
        ({"flow": (LIST, ("a", "c"))}, "[a,\n  'b']", "[a, c]"),
        ({"blank": (STR, "x")}, "blank:\n", "blank: x\n"),
        ({"blank": (STR, "x\ny")}, "blank:\n", "blank: |-\n  x\n  y\n"),
        ({"blank": (LIST, ("x",))}, "blank:\n", "blank:\n  - x\n"),
        ({"again": (STR, "other")}, "again: *m\n", "again: other\n"),
        ({"last": (STR, "a\nb")}, "last: end  # bye\n", "last: |-  # bye\n  a\n  b\n"),
        ({"new": (INT, 5)}, "# bye\n", "# bye\nnew: 5\n"),
    ],
)
def test_a_change_touches_nothing_else(changes, before, after):
    text = YamlDocument(DOCUMENT).edited(changes, ())
    expected = DOCUMENT.replace(before, after, 1)
    if changes.get("labels") == (SET, frozenset()):
        expected = expected.replace(
            "  # the first one\n  - bug   # bad\n  - 'no'\n", "  # the first one\n"
        )
    assert expected != DOCUMENT
    assert text == expected
    windows = YamlDocument(DOCUMENT.replace("\n", "\r\n")).edited(changes, ())
    assert windows == expected.replace("\n", "\r\n")


def test_documents_without_final_line_break():
    assert YamlDocument("a: 1\nb: x").edited({"c": (STR, "z")}, ()) == "a: 1\nb: x\nc: z\n"
    assert YamlDocument("a: x").edited({"a": (STR, "p\nq\n")}, ()) == "a: |\n  p\n  q\n"
    assert YamlDocument("a: |\n  x").edited({"a": (STR, "p\nq\n")}, ()) == "a: |\n  p\n  q\n"


def test_documents_in_flow_style():
    document = YamlDocument('{"a": 1, "b": [x]} # all\n')
    changed = document.edited({"a": (STR, "p\nq"), "b": (LIST, ()), "c": (STR, "x, y")}, ())
    assert changed == '{"a": "p\\nq", "b": [], c: \'x, y\'} # all\n'
    assert YamlDocument("{}\n").edited({"a": (INT, 1)}, ()) == "{a: 1}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: |\n  x\n # less\nb: 1\n", "a: new\n # less\nb: 1\n"),
        ("a: |+\n  x\n\n\n# c\nb: 1\n", "a: new\n\n\n# c\nb: 1\n"),
        ("a: |\n  x\xa0\n\nb: 1\n", "a: new\n\nb: 1\n"),
        ("a: |\n\nb: 1\n", "a: new\n\nb: 1\n"),
        ("a: |\n  x  ", "a: new"),
        ("  a: >\n    x\n\n    y\n  b: 1\n", "  a: new\n  b: 1\n"),
    ],
)
def test_ends_of_blocks(before, after):
    assert YamlDocument(before).edited({"a": (STR, "new")}, ()) == after


def test_what_is_redundant_is_taken_out():
    text = "name: x  # comment\na: 1\ncontext:\n  - p\n  - q\nb: 2\n"
    changes = {"name": (STR, "y"), "context": (LIST, ())}
    assert YamlDocument(text).edited(changes, ["name", "context"]) == "a: 1\nb: 2\n"


def test_what_cannot_be_changed_alone_is_refused():
    with pytest.raises(FormatError, match="anchor"):
        YamlDocument(DOCUMENT).edited({"mark": (STR, "x")}, ())


@unhurried
@given(st.lists(st.tuples(st.sampled_from("abcdefg"), TEXTS), min_size=1, max_size=8), TEXTS, TEXTS)
@example([("a", "")], "\n\t", "")
@example([("a", "\n ")], "x\n  y  ", "\n\xa0")
def test_any_change_of_any_document(pairs, before, after):
    values = dict(pairs)
    text = YamlFormat().emit({k: (STR, v) for k, v in values.items()} | {"x": (STR, before)})
    key = pairs[0][0]
    changed = YamlDocument(text).edited({key: (STR, after), "x": (LIST, (before, after))}, ())
    expected = values | {key: after, "x": [before, after]}
    assert YAML(typ="safe", pure=True).load(StringIO(changed)) == expected


@unhurried
@given(
    st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=4), st.sampled_from(["  ", "", "      "])
)
def test_any_change_of_any_list(before, after, indent):
    text = YamlFormat().emit({"key": (LIST, tuple(before)), "z": (STR, "end")})
    text = text.replace("\n  - ", f"\n{indent}- ")
    changed = YamlDocument(text).edited({"key": (LIST, tuple(after))}, ())
    assert read(changed, "key", LIST) == tuple(after)
    kept = [line for line in text.splitlines()[1:-1] if line in changed.splitlines()]
    assert all(line.startswith(f"{indent}- ") for line in kept)
