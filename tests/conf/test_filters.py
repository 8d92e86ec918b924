"""Filters of links: comparisons joined by and, and nothing that runs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from b3j0f.sync.conf.filters import Filter, FilterError, comparisons, test_of
from b3j0f.sync.data import Data, schema_of
from b3j0f.sync.fields import MISSING
from b3j0f.sync.ref import Ref

test_of.__test__ = False  # a function of ours, not a test


class Account(Data):
    pass


class Customer(Data):
    state: str = "open"
    credit: int = 0
    rate: Decimal | None = None
    vip: bool = False
    labels: frozenset[str] = frozenset()
    steps: tuple[int, ...] | None = None
    owner: Ref[Account] | None = None


def made(text, *types):
    tests = {
        datatype: [(each.field, test_of(each, datatype)) for each in comparisons(text)]
        for datatype in types or [Customer]
    }
    return Filter(text, tests)


ANN = Customer(
    name="ann",
    context=("shop", "it's"),
    state="on hold",
    credit=10,
    rate=Decimal("1.5"),
    vip=True,
    labels=frozenset({"a", "b c"}),
    steps=(1, 2),
    owner=Ref("bob"),
)
BOB = Customer(name="bob", state="and")


@pytest.mark.parametrize(
    ("text", "ann", "bob"),
    [
        ("state == open", False, False),
        ("state == 'on hold'", True, False),
        ('state == "and"', False, True),
        ("state=='on hold'and credit>9", True, False),
        ("credit > 10", False, False),
        ("credit >= 10", True, False),
        ("credit < 10", False, True),
        ("credit <= 0", False, True),
        ("credit == -0", False, True),
        ("credit != 10", False, True),
        ("rate < 2", True, False),
        ("rate >= 2", False, False),
        ("rate == ''", False, True),
        ("rate != ''", True, False),
        ("rate == 1.50", True, False),
        ("vip == yes", True, False),
        ("name in (ann)", True, False),
        ("name in ('bob', ann)", True, True),
        ("credit in (1, 10)", True, False),
        ("rate in (1.5, '')", True, True),
        ("labels contains a", True, False),
        ("labels contains 'b c'", True, False),
        ("steps contains 2", True, False),
        ("state contains hold", True, False),
        ("context contains 'it\\'s'", True, False),
        ("labels == 'b c, a'", True, False),
        ("owner == bob", True, False),
        ("name > amy and name < bob", True, False),
    ],
)
def test_a_filter_tells_which_data_take_part(text, ann, bob):
    assert made(text)(ANN) is ann
    assert made(text)(BOB) is bob


def test_a_value_that_a_store_does_not_hold_is_no_value():
    schema = schema_of(Customer)
    content = [MISSING if name in {"rate", "credit"} else None for name in schema.names]
    data = schema.make(tuple(content))
    for text in ("credit > 0", "credit < 1", "credit == 0", "rate in (1)", "rate == ''"):
        assert not made(text)(data)
    assert made("credit != 0")(data)


def test_a_filter_is_for_types_with_tests_and_tells_what_it_is():
    where = made("credit > 5", Customer)
    assert where(Account(name="x"))
    assert repr(where) == "where credit > 5"


HOSTILE = "__import__('pathlib').Path('evaluated').touch()"


@pytest.mark.parametrize(
    ("text", "told", "expected"),
    [
        ("", "ends too early", "the name of a field"),
        ("credit", "ends too early", "an operator"),
        ("credit >", "ends too early", "a value"),
        ("credit = 1", "'=' is no operator", "=="),
        ("credit => 1", "'=' is no operator", "=="),
        ("credit is 1", "'is' is no operator", "one of =="),
        ("credit == 1 or vip == yes", "'or' is not understood", "and"),
        ("credit == 1,", "',' is not understood", "and"),
        ("not vip == yes", "'vip' is no operator", ""),
        ("(credit == 1)", "'(' is no name of a field", ""),
        ("'credit' == 1", "no name of a field", ""),
        ("state contains in", "'in' is no value", "in quotes"),
        ("credit == and", "'and' is no value", "in quotes"),
        ("credit == (1)", "'(' is no value", "in quotes"),
        ("credit in 1", "in needs a list", "(a, b)"),
        ("credit in (1", "ends too early", "a ) in the end"),
        ("credit in (1 2)", "'2' is not understood", "a , or a )"),
        ("credit in ()", "')' is no value", ""),
        ("state == 'open", "is not understood", ""),
        ("state == on hold", "'hold' is not understood", "and"),
        ("state == 'a\\x'", "not understood", "quotes"),
        ("creditt > 1", "Customer has no field 'creditt'", "credit"),
        ("id == 1", "Customer has no field 'id'", ""),
        ("credit > many", "'many' is no value of 'credit'", "int"),
        ("credit in (1, x)", "'x' is no value of 'credit'", "int"),
        ("vip > no", "'vip' has no order", "=="),
        ("labels < a", "'labels' has no order", "=="),
        ("owner < bob", "'owner' has no order", "=="),
        ("rate > ''", "'rate' has no order", "=="),
        ("credit contains 1", "'credit' holds one value", "=="),
        ("steps contains x", "'x' is no value of 'steps'", "int"),
        (HOSTILE, "", ""),
        (f"name == {HOSTILE}", "", ""),
        ("name.__class__ == x", "no name of a field", ""),
        ("__class__ == x", "no field", ""),
    ],
)
def test_what_is_no_filter_is_told(text, told, expected):
    with pytest.raises(FilterError) as caught:
        made(text)
    assert told in caught.value.problem
    assert expected in caught.value.expected
    assert not Path("evaluated").exists()
