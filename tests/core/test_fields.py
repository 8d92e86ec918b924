"""Fields: what they take, how their values are written down and read again."""

import copy
import enum
import json
import math
import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings
from kinds import EVERY, Account, Colour, Level, Right, Thing

from b3j0f.sync import MISSING, DataError, Ref
from b3j0f.sync.fields import Field
from b3j0f.sync.kinds import kind_of

NAIVE = datetime(2024, 1, 1)  # noqa: DTZ001 - that is what it is for
COLOURS = enum.Enum("COLOURS", {"RED": "red"})


each_kind = pytest.mark.parametrize(("annotation", "values"), EVERY, ids=lambda v: repr(v)[:40])


@each_kind
def test_written_down_and_read_again(annotation, values):
    """Plain values and texts come back the same, and canonical values stay as they are."""
    field = Field("Owner", "field", annotation)

    @settings(max_examples=25)
    @given(values)
    def check(value):
        value = field.check(value)
        assert same(field.check(value), value)
        plain = field.to_plain(value)
        assert same(field.from_plain(json.loads(json.dumps(plain))), value)
        assert same(field.from_plain(msgspec.json.decode(msgspec.json.encode(plain))), value)
        assert field.to_plain(field.from_plain(plain)) == plain
        text = field.to_text(value)
        # Where None is possible, no text stands for it, and not for what looks the same.
        is_none = text == "" and None in field.kind.empty
        assert same(field.from_text(text), None if is_none else value)

    check()


def same(one, other):
    return one == other and type(one) is type(other)


@pytest.mark.parametrize(
    ("annotation", "given", "kept"),
    [
        (float, 1, 1.0),
        (float, -0.0, 0.0),
        (Decimal, 3, Decimal(3)),
        (bytes, bytearray(b"a"), b"a"),
        (int, Level.LOW, 1),
        (str, type("Text", (str,), {})("a"), "a"),
        (tuple[str, ...], ["a"], ("a",)),
        (frozenset[str], {"a"}, frozenset("a")),
        (datetime, datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
         datetime(2024, 1, 1, tzinfo=UTC)),
        (Ref[Account], Account(name="a/b", context=("c",)), Ref("c/a%2Fb")),
        (Optional[int], None, None),  # noqa: UP045 - written as some people do
    ],
)  # fmt: skip
def test_canonical_form(annotation, given, kept):
    found = Field("Owner", "field", annotation).check(given)
    assert found == kept
    assert type(found) is type(kept)
    assert math.copysign(1, found) == 1 if annotation is float else True


@pytest.mark.parametrize(
    ("annotation", "given"),
    [
        *((str, wrong) for wrong in (1, None, b"a", "\ud800")),
        *((bool, wrong) for wrong in (1, 0, "true", None)),
        *((int, wrong) for wrong in (True, 1.0, "1", None, Decimal(1))),
        *((float, wrong) for wrong in (True, math.nan, math.inf, "1", None, 10**400)),
        *((Decimal, wrong) for wrong in (True, 1.5, "1", Decimal("NaN"), Decimal("-Infinity"))),
        *((bytes, wrong) for wrong in ("a", 1, [1])),
        *((datetime, wrong) for wrong in (NAIVE, date(2024, 1, 1), "2024-01-01")),
        (datetime, datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))),
        *((date, wrong) for wrong in (datetime(2024, 1, 1, tzinfo=UTC), "2024-01-01")),
        *((time, wrong) for wrong in (time(1, tzinfo=UTC), "01:00", 1)),
        *((UUID, wrong) for wrong in ("0" * 32, 0)),
        *((Colour, wrong) for wrong in ("red", COLOURS.RED)),
        *((Literal[1, "a"], wrong) for wrong in (True, 1.0, "b", None)),
        *((tuple[str, ...], wrong) for wrong in ("ab", {"a"}, ("a", 1), iter("a"))),
        *((frozenset[int], wrong) for wrong in ([1], "ab", {True}, {1: 1}.keys())),
        *((Ref[Account], wrong) for wrong in ("ann", 1, Ref("\ud800"))),
    ],
)
def test_what_is_not_taken(annotation, given):
    """The error names type, field, what was expected, and what was given."""
    field = Field("Owner", "field", annotation)
    with pytest.raises(DataError) as caught:
        field.check(given)
    error = caught.value
    assert (error.datatype, error.field) == ("Owner", "field")
    assert error.given is given
    assert error.expected == field.kind.expected
    for part in ("Owner.field", field.kind.expected, type(given).__name__):
        assert part in str(error)


def test_a_long_value_is_told_in_short():
    with pytest.raises(DataError) as caught:
        Field("Owner", "field", int).check("x" * 1_000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("annotation", "plain"),
    [
        (Decimal, "one"),
        (Decimal, "NaN"),
        (bytes, "not base64!"),
        (datetime, "2024-01-01T00:00:00"),
        (date, "2024-02-30"),
        (time, "25:00"),
        (UUID, "nope"),
        (Colour, "green"),
        (Colour, ["red"]),
        (Thing, "C"),
        (tuple[str, ...], "ab"),
        (frozenset[int], [1, "2"]),
        (Ref[Account], 1),
        (bool, 1),
    ],
)
def test_plain_values_that_stand_for_nothing(annotation, plain):
    with pytest.raises(DataError):
        Field("Owner", "field", annotation).from_plain(plain)


@pytest.mark.parametrize(
    ("annotation", "plain", "value"),
    [
        # What a YAML reader makes of a text by itself is taken as it is.
        (datetime, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)),
        (date, date(2024, 1, 1), date(2024, 1, 1)),
        (time, time(1), time(1)),
        (UUID, UUID(int=1), UUID(int=1)),
        (bytes, b"a", b"a"),
        (Decimal, 1.1, Decimal("1.1")),
        (Decimal, 2, Decimal(2)),
        (Colour, Colour.RED, Colour.RED),
        (Ref[Account], Ref("a"), Ref("a")),
        (datetime, " 2024-01-01T00:00:00Z ", datetime(2024, 1, 1, tzinfo=UTC)),
    ],
)
def test_plain_values_that_are_values_already(annotation, plain, value):
    assert Field("Owner", "field", annotation).from_plain(plain) == value


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        *((bool, wrong) for wrong in ("", "maybe", "2")),
        *((int, wrong) for wrong in ("", "1.5", "one")),
        *((float, wrong) for wrong in ("", "nan", "inf", "one")),
        *((Decimal, wrong) for wrong in ("", "1,5", "sNaN")),
        (Colour, "green"),
        (Right, "8"),
        (Right, "READ|WRITE"),
        (Literal["a", 1], "b"),
        (tuple[int, ...], "1, two"),
        (tuple[str, ...], '["a"'),
        (tuple[str, ...], "[1]"),
    ],
)
def test_texts_that_stand_for_nothing(annotation, text):
    with pytest.raises(DataError):
        Field("Owner", "field", annotation).from_text(text)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (bool, " Yes ", True),
        (bool, "off", False),
        (int, " 12 ", 12),
        (tuple[str, ...], " a , b ,, c", ("a", "b", "c")),
        (frozenset[int], "1,2", frozenset({1, 2})),
        (tuple[str, ...], '["a, b", "[c"]', ("a, b", "[c")),
        (int | None, "", None),
    ],
)
def test_texts_as_people_write_them(annotation, text, value):
    assert Field("Owner", "field", annotation).from_text(text) == value


def test_decimals_are_exact():
    """No digit is lost, however many there are, and equal numbers are written the same."""
    kind = kind_of(Decimal)
    long = Decimal("1234567890123456789012345678901234567890.123456789")
    assert kind.to_plain(long) == str(long)
    assert kind.to_plain(kind.check(Decimal("-0.00"))) == kind.to_plain(Decimal(0)) == "0"
    assert kind.to_plain(Decimal("1E+3")) == kind.to_plain(Decimal("1000.0")) == "1000"
    assert len(kind.to_plain(Decimal("1E+999999"))) < 20
    assert len(kind.to_text(Decimal("1E-999999"))) < 20


@given(st.frozensets(st.sampled_from(["a", 1, 2, "b", None])))
def test_sets_of_several_types_have_one_form(values):
    kind = kind_of(frozenset[Literal["a", 1, 2, "b", None]])  # noqa: PYI061 - None is one of the values
    assert kind.to_plain(values) == kind.to_plain(frozenset(reversed(list(values))))
    assert kind.from_plain(kind.to_plain(values)) == values


@pytest.mark.parametrize(
    "annotation",
    [
        *(list[str], dict[str, str], set[str], tuple[int, str], tuple[()], frozenset, tuple, Ref),
        *(int | str, int | str | None, object, None, Any, Account, complex),
        *(Literal[b"x"], Literal[Colour.RED], Literal[1, True], Literal["1", 1]),
    ],
)
def test_annotations_that_are_no_fields(annotation):
    """The error names the field and lists what there is."""
    with pytest.raises(DataError, match=r"Owner\.field.*not ") as caught:
        Field("Owner", "field", annotation)
    assert caught.value.given is annotation
    assert caught.value.expected


def test_a_default_is_checked():
    with pytest.raises(DataError, match=r"Owner\.field: expected int"):
        Field("Owner", "field", int, "1")
    assert Field("Owner", "field", frozenset[str], {"a"}).default == frozenset("a")
    assert Field("Owner", "field", int).default is MISSING
    assert repr(MISSING) == "MISSING"


def test_what_is_annotated_is_as_without():
    assert kind_of(Annotated[int, ["cannot be hashed"]]).check(1) == 1
    assert kind_of(Annotated[str, "note"] | None).empty == (None, "")


def test_what_says_nothing():
    assert kind_of(str).empty == ("",)
    assert kind_of(bytes | None).empty == (None, b"")
    assert kind_of(tuple[int, ...]).empty == ((),)
    assert kind_of(int).empty == ()


class TestRef:
    def test_of_a_data_and_of_its_name(self):
        account = Account(name="ann", context=("team",))
        ref = Ref(account)
        assert ref == Ref("team/ann") == Ref.to("ann", ["team"])
        assert (ref.name, ref.context, ref.global_name) == ("ann", ("team",), "team/ann")
        assert len({ref, Ref("team/ann")}) == 1
        assert ref != "team/ann"
        assert repr(ref) == "Ref('team/ann')"

    def test_cannot_be_changed(self):
        with pytest.raises(AttributeError):
            Ref("a").global_name = "b"

    def test_is_copied_and_pickled(self):
        ref = Ref("a")
        assert copy.deepcopy(ref) == pickle.loads(pickle.dumps(ref)) == ref  # noqa: S301 - our own

    @pytest.mark.parametrize("wrong", [None, 1, object()])
    def test_of_something_else(self, wrong):
        with pytest.raises(DataError, match="Ref takes"):
            Ref(wrong)
