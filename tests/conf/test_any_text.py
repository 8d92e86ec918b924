"""Whatever a file says, it is understood or it is a mistake; it never runs and never crashes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from b3j0f.sync.conf import bridge
from b3j0f.sync.conf.expressions import Expressions
from b3j0f.sync.conf.filters import FilterError, comparisons, test_of
from b3j0f.sync.conf.secrecy import scrub
from b3j0f.sync.conf.typetexts import TypeTextError, parse
from b3j0f.sync.data import make_datatype, schema_of
from b3j0f.sync.errors import ConfigError

test_of.__test__ = False  # a function of ours, not a test


def texts(*words):
    return st.lists(st.sampled_from(words) | st.text(max_size=3), max_size=12).map("".join)


@given(texts("=", "env:", "file:", "ref:", "it", ".", "option", "[", "(", "'", "-", "1", "\\", "a"))
def test_expressions(text):
    section = bridge.Section("it")
    section.update({"option": text}, Path("/x.conf"))
    expressions = Expressions({"it": section}, Path("/no/such/directory"))
    try:
        value = expressions.value("it", "option").value
    except ConfigError:
        value = None
    assert text.startswith("=") or value == text


@given(
    texts(
        "set of ", "tuple[", ", ...]", "]", "str", "int", "?", "| None", "one of:", "ref:", "=", ","
    )
)
def test_types(text):
    try:
        annotation, default, refers_to = parse(text)
    except TypeTextError:
        return
    made = make_datatype("made", {"field": (annotation, default)})
    if not refers_to:
        assert "field" in schema_of(made).fields


ITEM = make_datatype("item", {"text": str, "number": int, "several": frozenset[str]})


@given(
    texts(
        "text", "number", "several", " ", "==", "<", "!=", " in (", ")", " contains ", "'", " and "
    )
)
def test_filters(text):
    try:
        tests = [(each.field, test_of(each, ITEM)) for each in comparisons(text)]
    except FilterError:
        return
    data = ITEM(name="x", number=1)
    assert all(isinstance(test(getattr(data, field)), bool) for field, test in tests)


@given(st.text(min_size=1), st.text(), st.text())
def test_a_secret_is_gone(secret, before, after):
    kept = scrub(f"{before}{secret}{after}", {secret})
    assert secret.strip() in {"", "*", "**", "***"} or secret not in kept.replace("***", "")
