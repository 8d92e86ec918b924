"""Merge functions give what every user has put there, whoever is asked first."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from b3j0f.sync import (
    ABSTAIN,
    MISSING,
    Data,
    MemoryStore,
    Merge,
    Synchronizer,
    merge_counters,
    merge_elements,
    merge_lines,
)

elements = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5).map(tuple)
sets = st.frozensets(st.sampled_from("abcdef"))
texts = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "d"]), max_size=6).map("".join)
numbers = st.integers(-50, 50)
FUNCTIONS = [
    (merge_elements, sets),
    (merge_elements, elements),
    (merge_lines, texts),
    (merge_counters, numbers),
    (merge_counters, numbers.map(Decimal)),
]


@pytest.mark.parametrize(("merge", "values"), FUNCTIONS)
@given(data=st.data())
def test_the_order_of_the_stores_makes_no_difference(merge, values, data):
    base, *some = data.draw(st.lists(values, min_size=3, max_size=4))
    merged = merge(base, some)
    assert all(merge(base, list(order)) == merged for order in permutations(some))


@pytest.mark.parametrize(("merge", "values"), FUNCTIONS)
@given(data=st.data())
def test_what_one_alone_has_changed_is_taken(merge, values, data):
    base, changed = data.draw(values), data.draw(values)
    assert merge(base, [base, changed]) in (changed, ABSTAIN)
    if merge is not merge_elements:
        assert merge(base, [base, changed]) == changed


@given(base=sets, some=st.lists(sets, min_size=2, max_size=4))
def test_sets_have_what_was_added_and_not_what_was_removed(base, some):
    merged = merge_elements(base, some)
    for element in "abcdef":
        was = element in base
        has = [element in one for one in some]
        assert (element in merged) == (all(has) if was else any(has))


@given(base=elements, some=st.lists(elements, min_size=2, max_size=3))
def test_lists_have_what_was_added_and_not_what_was_removed(base, some):
    merged = merge_elements(base, some)
    if merged is not ABSTAIN:
        assert frozenset(merged) == merge_elements(frozenset(base), list(map(frozenset, some)))
        assert len(set(merged)) == len(merged)


def test_lists_keep_their_order():
    base = ("a", "b", "c")
    assert merge_elements(base, [("a", "x", "b", "c"), ("a", "b", "y")]) == ("a", "x", "b", "y")
    assert merge_elements(base, [("c", "b", "a"), ("a", "b", "c", "d")]) is ABSTAIN
    assert merge_elements(("a",), [("a", "z"), ("a", "y")]) == ("a", "y", "z")
    assert merge_elements(("a",), [("a", "a"), ("a", "a", "b")]) == ("a", "a", "b")


def test_nothing_else_has_elements():
    assert merge_elements("abc", ["abd", "abe"]) is ABSTAIN
    assert merge_elements(MISSING, [frozenset("a"), frozenset("b")]) == frozenset("ab")


def test_lines_that_are_apart_are_merged():
    base = "one\ntwo\nthree\nfour\n"
    ours, theirs = base.replace("one", "1"), base.replace("four", "4")
    assert merge_lines(base, [ours, theirs]) == "1\ntwo\nthree\n4\n"
    third = base.replace("two\n", "two\nand a half\n")
    assert merge_lines(base, [ours, theirs, third]) == "1\ntwo\nand a half\nthree\n4\n"
    assert merge_lines(base, [ours, base.replace("one", "I")]) is ABSTAIN


def test_lines_need_a_base_and_texts():
    assert merge_lines(MISSING, ["a\n", "b\n"]) is ABSTAIN
    assert merge_lines(1, [2, 3]) is ABSTAIN
    assert merge_lines("a\r\nb\r\n", ["a\r\nc\r\n", "x\r\nb\r\n"]) in (ABSTAIN, "x\r\nc\r\n")


def test_counters_count_all_steps():
    assert merge_counters(5, [6, 8]) == 9
    assert merge_counters(5, [2, 8]) == 5
    assert merge_counters(Decimal("0.1"), [Decimal("0.3"), Decimal("0.2")]) == Decimal("0.4")
    assert merge_counters(MISSING, [1, 2]) is ABSTAIN
    assert merge_counters(base=True, values=[False, True]) is ABSTAIN
    assert merge_counters(1, [2, 3.0]) is ABSTAIN


class Page(Data):
    text: str = ""
    tags: frozenset[str] = frozenset()
    visits: int = 0


def test_fields_of_a_record_are_merged_in_the_stores():
    a, b = MemoryStore([Page], name="a"), MemoryStore([Page], name="b")
    policy = {
        Page: {
            "text": Merge(merge_lines),
            "tags": Merge(merge_elements),
            "visits": Merge(merge_counters),
        }
    }
    with Synchronizer([a, b], policy=policy) as sync:
        a.add(Page(name="p", text="1\n2\n3\n", tags=frozenset("xy"), visits=5))
        for store, text, tags, visits in (
            (a, "0\n1\n2\n3\n", "x", 6),
            (b, "1\n2\n3\n4\n", "xyz", 8),
        ):
            (page,) = store
            changed = page.replace(text=text, tags=frozenset(tags), visits=visits)
            store.update(changed, page, notify=False)
        assert not sync.run().conflicts
        for store in (a, b):
            (page,) = store
            assert (page.text, page.tags, page.visits) == ("0\n1\n2\n3\n4\n", frozenset("xz"), 9)
        origin = sync.explain(Page, "p")["visits"]
        assert (origin.value, origin.before, origin.run) == (9, 5, 2)
        assert "merge_counters" in origin.source
