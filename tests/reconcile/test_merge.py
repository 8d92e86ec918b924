"""Deciding on one record: a table of who did what, and what holds whatever they did."""

import dataclasses

import hypothesis.strategies as st
import pytest
from deciding import (
    BASE,
    NOON,
    SCHEMA,
    carried_out,
    content,
    decided,
    policies,
    records,
    side,
    writes,
)
from hypothesis import given, settings

from b3j0f.sync import MISSING, Capability, DataError, Merge, Newest, Prefer
from b3j0f.sync.ledger.base import is_forgotten
from b3j0f.sync.reconcile.merge import decide, fill
from b3j0f.sync.reconcile.operation import Kind

X, Y = content(text="x"), content(text="y")
NOBODY = None
GONE = ("remove", None)

# What each of two stores did with a record that both had as BASE, and what is written where.
KNOWN = {
    ("same", "same"): {},
    ("x", "same"): {"b": {"text": "x"}},
    ("same", "x"): {"a": {"text": "x"}},
    ("x", "x"): {},
    ("x", "y"): "conflict",
    ("gone", "same"): {"b": GONE},
    ("same", "gone"): {"a": GONE},
    ("gone", "gone"): {},
    ("gone", "x"): {"a": ("add", X)},
    ("x", "gone"): {"b": ("add", X)},
    ("never", "same"): {"a": ("add", BASE)},
    ("never", "x"): {"a": ("add", X)},
    ("never", "gone"): {},
    ("new x", "same"): "conflict",
    ("new x", "x"): {},
    ("new x", "gone"): {"b": ("add", X)},
    ("new base", "same"): {},
    ("new base", "x"): {"a": {"text": "x"}},
    ("away", "x"): {},
    ("away", "gone"): {},
}
STATES = {
    "same": {"current": BASE, "view": BASE},
    "x": {"current": X, "view": BASE},
    "y": {"current": Y, "view": BASE},
    "gone": {"view": BASE},
    "never": {},
    "new x": {"current": X},
    "new base": {"current": BASE},
    "away": {"current": BASE, "view": BASE, "available": False},
}


@pytest.mark.parametrize(("did", "expected"), KNOWN.items(), ids=map(" | ".join, KNOWN))
def test_a_known_record_in_two_stores(did, expected):
    decision = decided(*(side(s, **STATES[what]) for s, what in zip("ab", did, strict=True)))
    if expected == "conflict":
        assert not decision.operations
        (conflict,) = decision.conflicts
        assert (conflict.field, conflict.base) == ("text", "base")
        assert set(conflict.values) == {"a", "b"}
        assert decision.merged == BASE
    else:
        assert writes(decision) == expected
        assert not decision.conflicts


NEW = {
    ("x", "x"): {},
    ("x", "never"): {"b": ("add", X)},
    ("x", "y"): "conflict",
    ("x", "empty"): {"b": {"text": "x"}},
    ("empty", "never"): {"b": ("add", content(text=""))},
    ("never", "never"): NOBODY,
}


@pytest.mark.parametrize(("held", "expected"), NEW.items(), ids=map(" | ".join, NEW))
def test_a_new_record_in_two_stores(held, expected):
    has = {"x": X, "y": Y, "empty": content(text=""), "never": None}
    sides = [side(store, has[what]) for store, what in zip("ab", held, strict=True)]
    decision = decided(*sides, base=None)
    if expected is NOBODY:
        assert decision is None
    elif expected == "conflict":
        assert decision.conflicts[0].base is MISSING
        assert decision.merged[SCHEMA.index["text"]] is MISSING
        assert not decision.operations
    else:
        assert writes(decision) == expected


# What the second store is, and what an edit, an addition and a removal in the first do there.
FOLLOWERS = {
    "both": ({}, True, True, True),
    "read": ({"writes": False}, False, False, False),
    "write": ({"reads": False}, True, True, True),
    "no add": ({"capabilities": Capability.DEFAULT & ~Capability.ADD}, True, False, True),
    "no update": ({"capabilities": Capability.DEFAULT & ~Capability.UPDATE}, False, True, True),
    "no remove": ({"capabilities": Capability.DEFAULT & ~Capability.REMOVE}, True, True, False),
    "away": ({"available": False}, False, False, False),
    "filtered": ({"accepts": lambda _: False}, True, False, True),
    "blocked": ({"blocked": "taken"}, True, False, True),
}


@pytest.mark.parametrize("kind", FOLLOWERS)
def test_what_reaches_another_store(kind):
    facts, edit, addition, removal = FOLLOWERS[kind]
    edited = decided(side("a", X, BASE), side("b", BASE, BASE, **facts))
    assert writes(edited) == ({"b": {"text": "x"}} if edit else {})
    added = decided(side("a", X), side("b", **facts), base=None)
    assert writes(added) == ({"b": ("add", X)} if addition else {})
    removed = decided(side("a", None, BASE), side("b", BASE, BASE, **facts))
    assert writes(removed) == ({"b": GONE} if removal else {})
    silent = {"both", "read", "write", "away", "filtered"}
    skips = [bool(d.skipped) for d in (edited, added, removed)]
    assert skips == [kind not in silent and not done for done in (edit, addition, removal)]


@pytest.mark.parametrize("did", ["x", "gone"])
def test_a_store_that_is_only_written(did):
    """Its own edits are overwritten, what it removed comes back, and nobody takes over from it."""
    decision = decided(side("a", BASE, BASE), side("b", reads=False, **STATES[did]))
    expected = {"text": "base"} if did == "x" else ("add", BASE)
    assert writes(decision) == {"b": expected}
    alone = decided(side("a"), side("b", X, reads=False), base=None)
    assert alone is None


def test_all_who_could_tell_are_away():
    """It stays as it was agreed, and who is only written gets that."""
    away = side("a", BASE, BASE, available=False)
    decision = decided(away, side("b", X, BASE, reads=False))
    assert decision.merged == BASE
    assert writes(decision) == {"b": {"text": "base"}}


def test_each_field_goes_its_own_way():
    first, second = content(text="x"), content(count=5)
    decision = decided(side("a", first, BASE), side("b", second, BASE), side("c", BASE, BASE))
    assert writes(decision) == {
        "a": {"count": 5},
        "b": {"text": "x"},
        "c": {"text": "x", "count": 5},
    }
    assert decision.sources == {"text": "a", "count": "b"}


def test_a_conflict_keeps_nothing_else_waiting():
    first, second = content(text="x", count=1), content(text="y")
    decision = decided(side("a", first, BASE), side("b", second, BASE), side("c", BASE, BASE))
    assert writes(decision) == {"b": {"count": 1}, "c": {"count": 1}}
    assert decision.disputed == {"text"}
    assert decision.conflicts[0].values == {"a": "x", "b": "y"}


def test_two_against_one_is_a_conflict_all_the_same():
    decision = decided(side("a", X, BASE), side("b", X, BASE), side("c", Y, BASE))
    assert decision.conflicts[0].values == {"a": "x", "b": "x", "c": "y"}


@pytest.mark.parametrize(
    ("policy", "written"),
    [
        (Prefer("b"), {"a": {"text": "y"}}),
        (Prefer("z", "a"), {"b": {"text": "x"}}),
        (Newest(), {"a": {"text": "y"}}),
        (
            Merge(lambda base, values: base + "".join(sorted(values))),
            {"a": {"text": "basexy"}, "b": {"text": "basexy"}},
        ),
        (Merge(lambda base, values: base), {"a": {"text": "base"}, "b": {"text": "base"}}),
    ],
    ids=repr,
)
def test_policies_decide(policy, written):
    later = dataclasses.replace(side("b", Y, BASE), updated=NOON)
    earlier = dataclasses.replace(side("a", X, BASE), updated=NOON.replace(hour=1))
    decision = decided(earlier, later, policy=policy)
    assert not decision.conflicts
    assert writes(decision) == written


def test_a_policy_that_fails_or_gives_nonsense():
    for policy in (Merge(lambda base, values: 1 / 0), Merge(lambda base, values: 1)):
        with pytest.raises(DataError, match=r"Merge\(<lambda>\)") as caught:
            decided(side("a", X, BASE), side("b", Y, BASE), policy=policy)
        assert caught.value.field == "text"


def test_renamed_and_edited():
    """A rename goes by the id, and the conflict is told under the new name."""
    renamed = content(name="new", text="x")
    decision = decided(side("a", renamed, BASE), side("b", Y, BASE))
    assert writes(decision) == {"b": {"name": "new"}}
    assert decision.conflicts[0].global_name == "new"
    assert decision.operations[0].global_name == "a"


def test_a_store_that_cannot_rename_gets_the_rest():
    capabilities = Capability.DEFAULT & ~Capability.RENAME
    renamed = content(name="new", text="x")
    fixed = side("b", BASE, BASE, capabilities=capabilities)
    decision = decided(side("a", renamed, BASE), fixed)
    assert writes(decision) == {"b": {"text": "x"}}
    assert list(decision.skipped) == [("b", "renaming is not possible there")]
    only = decided(side("a", content(name="new"), BASE), fixed)
    assert not only.operations
    assert only.skipped


def test_a_name_that_never_arrived_is_a_rival():
    """That store never had the agreed name: what its users call it now is no successor of it."""
    capabilities = Capability.DEFAULT & ~Capability.RENAME
    new = content(name="new")
    theirs = side("b", content(name="theirs"), content(name="old"), capabilities=capabilities)
    decision = decided(side("a", new, new), theirs, base=new)
    assert [conflict.field for conflict in decision.conflicts] == ["name"]


@pytest.mark.parametrize("pending", [frozenset(), frozenset({"text"})])
def test_what_is_pending_is_written(pending):
    decision = decided(side("a", BASE, BASE), side("b", X, X, pending=pending))
    assert writes(decision) == ({"b": {"text": "base"}} if pending else {})


def test_an_edit_of_what_never_arrived_is_a_conflict():
    decision = decided(side("a", BASE, BASE), side("b", Y, X, pending=frozenset({"text"})))
    assert decision.conflicts[0].values == {"b": "y", "a": "base"}


def test_a_form_of_its_own_is_no_edit():
    """The store strips: it has another value than agreed, and keeps it."""
    agreed = content(text=" padded ")
    stripped = side("b", content(text="padded"), content(text="padded"))
    assert not decided(side("a", agreed, agreed), stripped, base=agreed).operations
    counted = content(text=" padded ", count=9)
    decision = decided(side("a", counted, agreed), stripped, base=agreed)
    assert writes(decision) == {"b": {"count": 9}}


def test_what_a_store_cannot_hold_stays_with_the_others():
    lacking = tuple(MISSING if n == "text" else v for n, v in zip(SCHEMA.names, BASE, strict=True))
    edited = (*lacking[:4], 7)
    decision = decided(side("a", BASE, BASE), side("b", edited, lacking))
    assert writes(decision) == {"a": {"count": 7}}
    back = decided(side("a", X, BASE), side("b", lacking, lacking))
    assert not back.operations
    gone = decided(side("a", None, BASE), side("b", edited, lacking))
    assert writes(gone) == {"a": ("add", content(text="base", count=7))}


def test_an_added_data_has_every_field():
    """What nobody holds gets its default, and what has none the least there is."""
    lacking = ("a", (), MISSING, MISSING, 1)
    decision = decided(side("a", lacking), side("b"), base=None)
    assert writes(decision) == {"b": ("add", ("a", (), "", "", 1))}


def test_fill():
    assert fill(SCHEMA, BASE, []) is BASE
    lacking = ("a", (), "", MISSING, MISSING)
    assert fill(SCHEMA, lacking, [None, ("", (), "", "x", 3)]) == ("a", (), "", "", None)
    assert fill(SCHEMA, lacking, [("", (), "", "x", 3)], first=True) == ("a", (), "", "x", 3)


def test_removed_once_and_made_anew():
    """Who makes it again knew what had been there: the rest of the stores get it back."""
    decision = decided(side("a", X), side("b", BASE, BASE), removed=True)
    assert writes(decision) == {"b": {"text": "x"}}
    assert decision.merged == X
    still = decided(side("a"), side("b", BASE, BASE), removed=True)
    assert writes(still) == {"b": GONE}
    assert still.operations[0].reason == "removed before"


def test_reasons_tell_where_it_comes_from():
    assert "changed in a" in decided(side("a", X, BASE), side("b", BASE, BASE)).operations[0].reason
    won = decided(side("a", None, BASE), side("b", X, BASE)).operations[0]
    assert won.reason == "removed in a, but changed in b: the change wins"
    assert decided(side("a", X), side("b"), base=None).operations[0].reason == "is in a"
    preferred = decided(side("a", X, BASE), side("b", Y, BASE), policy=Prefer("a"))
    assert preferred.operations[0].reason == "changed in a by Prefer('a')"


# --- whatever they did -------------------------------------------------------------------------

anything = settings(max_examples=150)
some_capabilities = st.sampled_from(
    [
        Capability.DEFAULT,
        *(Capability.DEFAULT & ~one for one in Capability.WRITE),
        Capability.READ_ONLY,
    ]
)


def make(sides, base, removed, policy):
    record = None if base is None else 1
    return decide(SCHEMA, sides, policy=policy, base=base, removed=removed, record=record)


@anything
@given(records(), policies)
def test_deciding_again_changes_nothing(record, policy):
    sides, base, removed = record
    decision = make(sides, base, removed, policy)
    if decision is None or (decision.conflicts and repr(policy) != "Manual()"):
        return  # where it is added although in conflict, a policy has one more store to choose
    entry, again = carried_out(decision, sides)
    if is_forgotten(entry):
        return
    second = make(again, entry.base, entry.removed, policy)
    assert second is None or (second.operations, second.disputed) == ([], decision.disputed)


@anything
@given(records(least_readers=2), st.data())
def test_stores_that_do_all_hold_the_same(record, data):
    sides, base, removed = record
    decision = make(sides, base, removed, data.draw(policies))
    if decision is None:
        return
    _, again = carried_out(decision, sides)
    full = [one for one in again if one.available and one.reads and one.writes]
    if decision.merged is None:
        assert all(one.current is None for one in full)
        return
    for position, name in enumerate(SCHEMA.names):
        values = {one.current[position] for one in full} - {MISSING}
        if name not in decision.disputed:
            assert len(values) <= 1


@anything
@given(records(capabilities=some_capabilities), policies, st.randoms(use_true_random=False))
def test_the_order_of_stores_does_not_matter(record, policy, random):
    sides, base, removed = record
    shuffled = [dataclasses.replace(one) for one in sides]
    random.shuffle(shuffled)
    decision, other = make(sides, base, removed, policy), make(shuffled, base, removed, policy)
    assert (decision is None) is (other is None)
    if decision is None:
        return
    assert decision.merged == other.merged
    assert decision.disputed == other.disputed
    assert writes(decision) == writes(other)
    assert sorted(decision.skipped) == sorted(other.skipped)
    values = {c.field: c.values for c in decision.conflicts}
    assert values == {c.field: c.values for c in other.conflicts}


@anything
@given(records(capabilities=some_capabilities), policies)
def test_nobody_is_overruled(record, policy):
    sides, base, removed = record
    decision = make(sides, base, removed, policy)
    by_store = {one.store: one for one in sides}
    for operation in [] if decision is None else decision.operations:
        one = by_store[operation.store]
        assert one.writes
        assert one.available
        needed = {Kind.ADD: Capability.ADD, Kind.UPDATE: Capability.UPDATE}
        assert needed.get(operation.kind, Capability.REMOVE) in one.capabilities
        assert MISSING not in (operation.after or ())
        assert operation.changes
        if operation.kind is Kind.UPDATE:
            assert operation.id == one.id
            assert not decision.disputed & set(operation.changes)
            if {"name", "context"} & set(operation.changes):
                assert Capability.RENAME in one.capabilities


@anything
@given(records(), policies)
def test_an_edit_is_not_lost(record, policy):
    """What a store that is read was changed to is agreed, in conflict, or decided against."""
    sides, base, removed = record
    decision = make(sides, base, removed, policy)
    for one in sides:
        if not (one.reads and one.is_edited):
            continue
        assert decision is not None
        assert decision.merged is not None
        for name, value, agreed in zip(SCHEMA.names, one.current, decision.merged, strict=True):
            view = MISSING if one.view is None else one.view[SCHEMA.index[name]]
            was = MISSING if base is None else base[SCHEMA.index[name]]
            nothing = {*SCHEMA.fields[name].kind.empty, was} if view is MISSING else {view}
            if value is MISSING or value in nothing:
                continue
            listed = {c.field: c.values for c in decision.conflicts}.get(name, {})
            by = (decision.sources or {}).get(name, "")
            assert agreed == value or listed.get(one.store) == value or " by " in by
