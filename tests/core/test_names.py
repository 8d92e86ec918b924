"""Global names: every string is the name of exactly one name and context."""

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from b3j0f.sync import global_name, split_global_name
from b3j0f.sync.samples.texts import ODD_CONTEXTS, ODD_NAMES

parts = st.text() | st.text("/%25F2f")


@given(parts, st.lists(parts).map(tuple))
@example("", ())
@example("", ("",))
@example("/", ("%2F", "%252F"))
def test_name_and_context_come_back(name, context):
    assert split_global_name(global_name(name, context)) == (name, context)


@given(parts)
@example("")
@example("%2F/%25%252F")
def test_every_text_is_a_global_name(text):
    assert global_name(*split_global_name(text)) == text


def test_odd_names_are_all_different():
    every = [global_name(name, context) for name in ODD_NAMES for context in ODD_CONTEXTS]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize(
    ("name", "context", "text"),
    [
        ("crash at start", ("editor", "issues"), "editor/issues/crash at start"),
        ("a/b", (), "a%2Fb"),
        ("100 %", (), "100 %"),
        ("%2F", (), "%252F"),
        ("", ("",), "/"),
    ],
)
def test_how_they_read(name, context, text):
    assert global_name(name, context) == text


def test_context_may_be_an_iterator():
    assert global_name("a", iter(["x", "y"])) == "x/y/a"
