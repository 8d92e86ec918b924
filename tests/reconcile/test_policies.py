"""Policies: each decides, or abstains."""

from datetime import UTC, datetime

import pytest

from b3j0f.sync import (
    ABSTAIN,
    MISSING,
    Conflict,
    Manual,
    Merge,
    Newest,
    Policy,
    Prefer,
    make_datatype,
)
from b3j0f.sync.reconcile.policy import policy_of

EARLY, LATE = (datetime(2024, 5, day, tzinfo=UTC) for day in (1, 2))
Note = make_datatype("Note", {"text": str})


def conflict(values, times=None, *, field="text", datatype="Note", base="was"):
    return Conflict(
        datatype=datatype,
        global_name="n",
        field=field,
        base=base,
        values=values,
        updated=times or {},
    )


@pytest.mark.parametrize(
    ("values", "times", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": EARLY, "b": LATE}, 2),
        ({"a": 1, "b": 2}, {"a": LATE, "b": EARLY}, 1),
        ({"a": 1, "b": 2}, {"a": LATE, "b": LATE}, ABSTAIN),
        ({"a": 1, "b": 1, "c": 2}, {"a": LATE, "b": LATE, "c": EARLY}, 1),
        ({"a": 1, "b": 2}, {"a": LATE, "b": None}, ABSTAIN),
        ({"a": 1, "b": 2}, {"a": LATE}, ABSTAIN),
        ({"a": None, "b": 2}, {"a": LATE, "b": EARLY}, None),
    ],
)
def test_newest(values, times, expected):
    assert Newest().resolve(conflict(values, times)) == expected


def test_prefer():
    assert Prefer("b", "a").resolve(conflict({"a": 1, "b": 2})) == 2
    assert Prefer("z", "a").resolve(conflict({"a": None, "b": 2})) is None
    assert Prefer("z").resolve(conflict({"a": 1})) is ABSTAIN


def test_merge_gets_the_different_values():
    seen = []
    policy = Merge(lambda base, values: seen.append((base, values)) or ABSTAIN)
    assert policy.resolve(conflict({"a": 1, "b": 2, "c": 1})) is ABSTAIN
    policy.resolve(conflict({"a": [1]}, base=MISSING))
    assert seen == [("was", [1, 2]), (MISSING, [[1]])]


def test_manual_never_decides():
    assert Manual().resolve(conflict({"a": 1, "b": 2})) is ABSTAIN


def test_the_first_that_does_not_abstain():
    one = conflict({"a": 1, "b": 2})
    assert (Newest() | Prefer("a")).resolve(one) == 1
    assert (Newest() | Manual() | Prefer("b")).resolve(one) == 2
    assert (Newest() | Manual()).resolve(one) is ABSTAIN
    assert (Prefer("a") | Merge(lambda base, values: 1 / 0)).resolve(one) == 1


def test_one_that_somebody_writes():
    class Longest(Policy):
        def resolve(self, conflict):
            return max(conflict.values.values(), key=len)

    assert (Newest() | Longest()).resolve(conflict({"a": "x", "b": "xx"})) == "xx"
    with pytest.raises(NotImplementedError):
        Policy().resolve(conflict({}))


def test_by_type_and_field():
    policy = policy_of(
        {
            Note: {"text": Prefer("b"), None: Prefer("a")},
            "Folder": Prefer("c"),
            None: {"text": Prefer("d"), None: Prefer("e")},
        }
    )
    values = dict(zip("abcde", range(5), strict=True))
    cases = {
        ("Note", "text"): 1,
        ("Note", "name"): 0,
        ("Folder", "text"): 2,
        ("Other", "text"): 3,
        ("Other", "name"): 4,
    }
    for (datatype, field), expected in cases.items():
        assert policy.resolve(conflict(values, field=field, datatype=datatype)) == expected
    only = policy_of({Note: Prefer("a")})
    assert only.resolve(conflict(values, datatype="Other")) is ABSTAIN


def test_none_is_manual():
    assert policy_of(None).resolve(conflict({"a": 1})) is ABSTAIN


@pytest.mark.parametrize("wrong", ["newest", Newest, {Note: "newest"}, {Note: {"text": Newest}}, 3])
def test_what_is_no_policy(wrong):
    with pytest.raises(TypeError, match=r"a policy is|is no Policy"):
        policy_of(wrong)


@pytest.mark.parametrize("make", [Prefer, lambda: Prefer(1), lambda: Merge("max")])
def test_policies_that_cannot_be_made(make):
    with pytest.raises(TypeError, match="takes"):
        make()


def test_how_they_read():
    assert repr(Newest() | Prefer("a", "b") | Manual()) == "Newest() | Prefer('a', 'b') | Manual()"
    assert repr(Merge(max)) == "Merge(max)"
    assert repr(ABSTAIN) == "ABSTAIN"
    assert repr(policy_of({None: Newest()})) == "{all others: Newest()}"
    by_type = policy_of({"Note": {None: Newest(), "text": Manual()}})
    assert repr(by_type) == "{Note: Newest(), Note.text: Manual()}"


def test_how_a_conflict_reads():
    assert str(conflict({"a": 1, "b": 2})) == "Note 'n' text: a has 1, b has 2 (was 'was')"
    assert str(conflict({"a": 1}, base=MISSING)) == "Note 'n' text: a has 1"
