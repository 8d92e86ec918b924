"""Pairing: who is whom, and that nobody is lost or doubled."""

from collections import Counter

import hypothesis.strategies as st
import pytest
from hypothesis import given

from b3j0f.sync.reconcile.conflict import AMBIGUOUS
from b3j0f.sync.reconcile.pairing import Known, Seen, moved, pair


def seen(id, name="n", text=""):
    return Seen(id, (name, (), text), None)


def paired(new, known=()):
    """The groups as sets of store and id, with their records, and the ambiguous ones."""
    groups, conflicts = pair("Note", new, known)
    found = {(g.record, frozenset((s, one.id) for s, one in g.seen.items())) for g in groups}
    return found, [dict(conflict.values) for conflict in conflicts]


def group(record=None, **ids):
    return record, frozenset(ids.items())


@pytest.mark.parametrize(
    ("new", "groups", "ambiguous"),
    [
        # One of a name in each store: they are one, whatever they hold.
        ({"a": [seen(1, text="x")], "b": [seen(2, text="y")]}, {group(a=1, b=2)}, []),
        ({"a": [seen(1, "m")], "b": [seen(2, "n")]}, {group(a=1), group(b=2)}, []),
        ({"a": [seen(1)], "b": []}, {group(a=1)}, []),
        # Several of a name: equal content pairs them.
        (
            {"a": [seen(1, text="x"), seen(2, text="y")], "b": [seen(3, text="y")]},
            {group(a=1), group(a=2, b=3)},
            [],
        ),
        (
            {"a": [seen(1), seen(2)], "b": [seen(3), seen(4)], "c": [seen(5)]},
            {group(a=1, b=3, c=5), group(a=2, b=4)},
            [],
        ),
        # One store alone has several: they are several.
        ({"a": [seen(1), seen(2), seen(3)]}, {group(a=1), group(a=2), group(a=3)}, []),
        # What is left in two stores could be anybody.
        (
            {"a": [seen(1, text="x"), seen(2, text="y")], "b": [seen(3, text="z")]},
            set(),
            [{"a": (1, 2), "b": (3,)}],
        ),
        (
            {"a": [seen(1, text="x"), seen(2)], "b": [seen(3, text="z"), seen(4)]},
            {group(a=2, b=4)},
            [{"a": (1,), "b": (3,)}],
        ),
    ],
)
def test_new_data(new, groups, ambiguous):
    assert paired(new) == (groups, ambiguous)


@pytest.mark.parametrize(
    ("new", "known", "groups", "ambiguous"),
    [
        # A record that a store does not have: its only data of that name is it.
        ({"b": [seen(2, text="y")]}, [(7, "", "a")], {group(7, b=2)}, []),
        # A store that has the record has no room for another one.
        ({"a": [seen(2)]}, [(7, "", "a")], {group(a=2)}, []),
        # Of two, the one of equal content is it.
        ({"b": [seen(2, text="x"), seen(3)]}, [(7, "", "a")], {group(7, b=3), group(b=2)}, []),
        # Two records, one newcomer: by content, or not at all.
        ({"b": [seen(2)]}, [(7, "", "a"), (8, "x", "a")], {group(7, b=2)}, []),
        ({"b": [seen(2, text="z")]}, [(7, "", "a"), (8, "x", "a")], set(), [{"b": (2,)}]),
        # The other store has a newcomer as well: whose is it?
        (
            {"a": [seen(1, text="p")], "b": [seen(2, text="q")]},
            [(7, "", "a")],
            set(),
            [{"a": (1,), "b": (2,)}],
        ),
    ],
)
def test_with_records_of_the_ledger(new, known, groups, ambiguous):
    records = [Known(number, ("n", (), text), frozenset(stores)) for number, text, stores in known]
    assert paired(new, records) == (groups, ambiguous)


def test_an_ambiguous_name_is_a_conflict_about_ids():
    stores = {"a": [seen(1, text="x"), seen(2, text="y")], "b": [seen(3, text="z")]}
    _, (conflict,) = pair("Note", stores)
    assert (conflict.field, conflict.global_name, conflict.record) == (AMBIGUOUS, "n", None)
    assert "cannot be told apart" in str(conflict)


some = st.builds(
    lambda name, text: (name, (), text), st.sampled_from("mn"), st.sampled_from(["", "x", "y"])
)
stores = st.dictionaries(st.sampled_from("abc"), st.lists(some, max_size=5), min_size=1)
ledgers = st.lists(st.tuples(some, st.frozensets(st.sampled_from("abc"), min_size=1)), max_size=3)


@given(stores, ledgers)
def test_nobody_is_lost_or_doubled(held, noted):
    new = {s: [Seen(f"{s}{i}", c, None) for i, c in enumerate(every)] for s, every in held.items()}
    known = [Known(number, base, having) for number, (base, having) in enumerate(noted, 1)]
    groups, conflicts = pair("Note", new, known)
    found = Counter((s, one.id) for g in groups for s, one in g.seen.items())
    found.update((s, id) for c in conflicts for s, ids in c.values.items() for id in ids)
    assert found == Counter((s, one.id) for s, every in new.items() for one in every)
    records = Counter(g.record for g in groups if g.record is not None)
    assert all(count == 1 for count in records.values())
    for g in groups:
        assert g.seen
        assert len({one.content[:2] for one in g.seen.values()}) == 1
        if g.record is not None:
            one = known[g.record - 1]
            assert not one.stores & g.seen.keys(), "a second data for one record in one store"
            assert one.base[:2] == next(iter(g.seen.values())).content[:2]


@given(stores)
def test_the_order_of_stores_changes_no_content(held):
    """Who is equal to whom may be exchanged, but the contents that come together are the same."""
    new = {s: [Seen(f"{s}{i}", c, None) for i, c in enumerate(every)] for s, every in held.items()}

    def shape(stores):
        groups, conflicts = pair("Note", stores)
        found = [frozenset((s, one.content) for s, one in g.seen.items()) for g in groups]
        return Counter(found), [c.global_name for c in conflicts]

    first, second = shape(new), shape(dict(reversed(new.items())))
    assert first[0] == second[0]
    assert sorted(first[1]) == sorted(second[1])


class TestMoved:
    def test_by_name_then_by_content(self):
        vanished = {1: ("a", (), "x"), 2: ("b", (), "y"), 3: ("c", (), "z")}
        new = [seen(11, "a", "changed"), seen(12, "renamed", "y"), seen(13, "other", "else")]
        assert {r: s.id for r, s in moved(vanished, new).items()} == {1: 11, 2: 12}

    def test_what_is_not_alone_is_nobody(self):
        twins = {1: ("a", (), "x"), 2: ("a", (), "x")}
        assert moved(twins, [seen(11, "a", "x")]) == {}
        assert moved({1: ("a", (), "x")}, [seen(11, "b", "x"), seen(12, "c", "x")]) == {}

    @given(st.lists(some, max_size=5), st.lists(some, max_size=5))
    def test_each_at_most_once(self, gone, here):
        new = [Seen(number, content, None) for number, content in enumerate(here)]
        found = moved(dict(enumerate(gone, 100)), new)
        assert len({one.id for one in found.values()}) == len(found)
        for record, one in found.items():
            before = gone[record - 100]
            assert before[:2] == one.content[:2] or before[2:] == one.content[2:]
