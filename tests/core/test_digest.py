"""Digests and encodings of contents."""

from hashlib import blake2b

import hypothesis.strategies as st
import pytest
from hypothesis import given
from kinds import SCALARS

from b3j0f.sync import MISSING, make_datatype
from b3j0f.sync.data import schema_of
from b3j0f.sync.digest import decode, digest, encode

SCHEMA = schema_of(
    make_datatype(
        "Everything",
        {f"f{number}": annotation | None for number, (annotation, _) in enumerate(SCALARS)}
        | {"many": frozenset[int]},
    )
)

values = [
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.sampled_from("ab"), max_size=2).map(tuple),
    st.sampled_from(["", "text"]),
    *(st.none() | inner for _, inner in SCALARS),
    st.frozensets(st.integers()),
]


def checked(content):
    """In canonical form, as every content is."""
    return tuple(
        value if value is MISSING else SCHEMA.check(name, value)
        for name, value in zip(SCHEMA.names, content, strict=True)
    )


contents = st.tuples(*(st.just(MISSING) | value for value in values)).map(checked)


@given(contents)
def test_decode_is_the_inverse_of_encode(content):
    assert decode(SCHEMA, encode(SCHEMA, content)) == content


@given(contents, st.data())
def test_equal_digests_mean_equal_contents(content, data):
    position = data.draw(st.integers(0, len(content) - 1))
    other = list(content)
    other[position] = data.draw(st.just(MISSING) | values[position])
    other = checked(other)
    assert (digest(SCHEMA, content) == digest(SCHEMA, other)) is (content == other)


def test_the_same_in_every_process():
    small = schema_of(make_datatype("Small", {"tags": frozenset[str], "size": int | None}))
    content = ("a", ("b",), "", frozenset("yx"), None)
    text = b'{"context":["b"],"description":"","name":"a","size":null,"tags":["x","y"]}'
    assert encode(small, content) == text
    assert digest(small, content) == blake2b(text, digest_size=16).digest()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"name":"a","gone":1}', ("a", MISSING, MISSING, MISSING)),
        (b'{"name":"a","size":"no number"}', ("a", MISSING, MISSING, MISSING)),
        (b"{}", (MISSING, MISSING, MISSING, MISSING)),
    ],
)
def test_what_was_noted_under_another_declaration(text, expected):
    assert decode(schema_of(make_datatype("Small", {"size": int})), text) == expected
