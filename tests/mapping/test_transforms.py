"""Transforms one by one: each way, what they refuse, and what does not come back."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b3j0f.sync import ConfigError, Data, DataError, Mapping
from b3j0f.sync.mapping import Context, Convert, Default, Join, Scale, Split, Text, Values


class Shared(Data):
    title: str = ""
    state: str = "open"
    price: Decimal | None = None
    cents: int = 0
    due: dt.date | None = None
    first: str = ""
    last: str = ""
    extra: str = ""


class Local(Data):
    summary: str = ""
    code: int | None = 1
    amount: int | None = None
    day: str = ""
    whole: str = ""
    one: str = ""
    two: str = ""


NAMES = ("name", "context", "description", *Shared.__annotations__)
LOUD = Convert(str.lower, str.upper, "summary", lossy=True)
PRICES = st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents).scaleb(-2))


def there_and_back(mapping, data):
    """What *data* becomes in the store, and what is read of that."""
    local = mapping.to_local(data, None, None, "store")
    content = mapping.to_shared(local, "store")
    return local, dict(
        zip(("name", "context", "description", *Shared.__annotations__), content, strict=True)
    )


@pytest.mark.parametrize(
    ("how", "field", "value", "local"),
    [
        ({"title": "summary"}, "title", "t", {"summary": "t"}),
        ({"state": Values({1: "open", 5: "closed"}, "code")}, "state", "closed", {"code": 5}),
        ({"price": Scale(100, "amount")}, "price", Decimal("1.25"), {"amount": 125}),
        ({"price": Scale(100, "amount")}, "price", None, {"amount": None}),
        ({"cents": Scale(Fraction(1, 2), "amount")}, "cents", 8, {"amount": 4}),
        ({"due": Text("%d.%m.%Y", "day")}, "due", dt.date(824, 2, 29), {"day": "29.02.0824"}),
        ({"due": Text("%d.%m.%Y", "day")}, "due", None, {"day": ""}),
        ({"title": Join("one", "two")}, "title", "a b c", {"one": "a", "two": "b c"}),
        ({"title": Join("one", "two", rest="first")}, "title", "a b c", {"one": "a b", "two": "c"}),
        (
            {"title": Convert(str.lower, str.upper, "summary", lossy=True)},
            "title",
            "t",
            {"summary": "T"},
        ),
    ],
)
def test_there_and_back(how, field, value, local):
    mapping = Mapping(Shared, Local, how)
    made, back = there_and_back(mapping, Shared(name="n", **{field: value}))
    assert {name: getattr(made, name) for name in local} == local
    assert back[field] == value


def test_several_fields_in_one():
    mapping = Mapping(Shared, Local, {"last, first": Split("whole", separator=", ")})
    made, back = there_and_back(mapping, Shared(name="n", first="Ann", last="Smith"))
    assert made.whole == "Smith, Ann"
    assert (back["first"], back["last"]) == ("Ann", "Smith")


def test_a_context_in_fields():
    class Row(Data):
        project: str = ""

    mapping = Mapping(Shared, Row, context=Context("project"))
    local = mapping.to_local(Shared(name="n", context=("roof",)), None, None, "store")
    assert (local.project, local.context) == ("roof", ())
    assert mapping.to_shared(local, "store")[1] == ("roof",)
    with pytest.raises(DataError, match="not one name for each of project"):
        mapping.to_local(Shared(name="n", context=("a", "b")), None, None, "store")


def test_a_default_is_told_and_never_written():
    mapping = Mapping(Shared, Local, extra=Default("none"))
    made, back = there_and_back(mapping, Shared(name="n", extra="x"))
    assert "extra" not in {*Local.__annotations__}
    assert back["extra"] == "none"
    assert made.name == "n"


@pytest.mark.parametrize(
    ("how", "field", "value", "problem"),
    [
        ({"state": Values({1: "open"}, "code")}, "state", "odd", "state 'odd' is not in the table"),
        ({"price": Scale(100, "amount")}, "price", Decimal("0.005"), "is no whole number"),
        ({"title": Join("one", "two")}, "title", "a ", "is not the same when it is split"),
        ({"title": Convert(int, str, "summary", lossy=True)}, "title", "t", ""),
    ],
)
def test_one_value_that_cannot_be(how, field, value, problem):
    mapping = Mapping(Shared, Local, how)
    data = Shared(name="n", **{field: value})
    if problem:
        with pytest.raises(DataError, match=problem):
            mapping.to_local(data, None, None, "store")
    else:
        local = mapping.to_local(data, None, None, "store")
        with pytest.raises(DataError, match="store 'store', Local 'n': summary 't'"):
            mapping.to_shared(local, "store")


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ({"titel": "summary"}, r"titel: Shared has no field 'titel'; expected title"),
        ({"title": "sumary"}, "Local has no field 'sumary'; expected summary"),
        ({"title": Convert(str.lower, str.lower, "summary")}, "comes back as"),
        ({"price": Convert(lambda cents: Decimal(cents or 0), int, "amount")}, "comes back as"),
        (
            {"state": Values({1: "open", 2: "open"}, "code")},
            "several local values stand for 'open'",
        ),
        ({"state": Values({}, "code")}, "is empty"),
        ({"state": Values({"x": "open"}, "code")}, "the table does not fit"),
        ({"title": Scale(2, "amount")}, "between int and Decimal"),
        ({"price": Scale(0, "amount")}, "a factor other than 0"),
        ({"title": Text("%d", "summary")}, "for a date, a time or a datetime"),
        ({"title": Join("one", separator=" ")}, "two or more parts"),
        ({"title": "summary", "extra": "summary"}, "would hold several fields"),
        ({"name": None}, "nothing says the name of a Shared"),
        ({"title": Join("one", "amount")}, "is about texts"),
    ],
)
def test_mistakes_are_told_when_it_is_declared(how, problem):
    with pytest.raises(ConfigError, match=problem):
        Mapping(Shared, Local, how)


def test_all_mistakes_at_once():
    with pytest.raises(ConfigError) as caught:
        Mapping(Shared, Local, {"titel": "summary", "state": "cod"})
    assert len(caught.value.errors) == 2


def test_a_value_that_does_not_come_back_is_shown():
    with pytest.raises(ConfigError) as caught:
        Mapping(Shared, Local, title=Convert(str.strip, str.strip, "summary"))
    assert "mapping.Shared.title" in str(caught.value)
    assert "becomes" in str(caught.value)
    assert "lossy=True" in str(caught.value)
    Mapping(Shared, Local, title=Convert(str.strip, str.strip, "summary", lossy=True))
    Mapping(Shared, Local, check=False, title=Convert(str.strip, str.strip, "summary"))


def test_a_field_that_nothing_fills():
    class Strict(Data):
        kind: int

    with pytest.raises(ConfigError, match=r"what Strict\.kind is to be in new data"):
        Mapping(Shared, Strict)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    )
)
def test_units_are_exact(price):
    mapping = Mapping(Shared, Local, {"price": Scale(100, "amount")})
    made, back = there_and_back(mapping, Shared(name="n", price=price))
    assert made.amount == price * 100
    assert back["price"] == price


@given(st.text())
def test_a_text_comes_back_from_its_parts_or_is_refused(title):
    mapping = Mapping(Shared, Local, {"title": Join("one", "two")})
    try:
        _, back = there_and_back(mapping, Shared(name="n", title=title))
    except DataError:
        return
    assert back["title"] == title
