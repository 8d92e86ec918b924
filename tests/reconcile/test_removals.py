"""A removal against an edit: the edit wins, unless a policy says otherwise."""

import pytest

from b3j0f.sync import (
    ABSTAIN,
    Data,
    DataError,
    MemoryStore,
    Newest,
    Policy,
    Prefer,
    Removals,
    Synchronizer,
)


class Note(Data):
    text: str = ""


@pytest.fixture
def stores():
    return [MemoryStore([Note], name=name) for name in "abc"]


def removed_and_edited(stores, policy):
    """What is left of a note that a has removed and b has edited."""
    a, b, _ = stores
    with Synchronizer(stores, policy=policy) as sync:
        a.add(Note(name="n", text="old"))
        a.remove(next(iter(a)), notify=False)
        (note,) = b
        b.update(note.replace(text="new"), note, notify=False)
        report = sync.run()
        assert report.ok
        assert sync.plan().is_empty
        texts = [[note.text for note in store] for store in stores]
        assert texts[0] == texts[1] == texts[2]
        return texts[0], report


@pytest.mark.parametrize("policy", [None, Prefer("a"), Newest(), Removals("b"), Removals("c")])
def test_the_edit_wins_and_says_so(stores, policy):
    texts, report = removed_and_edited(stores, policy)
    assert texts == ["new"]
    assert "removed in a, but changed in b: the change wins" in {o.reason for o in report.applied}


@pytest.mark.parametrize(
    "policy",
    [
        Removals("a"),
        Removals("c", "a"),
        Removals(),
        Newest() | Removals("a"),
        {Note: Removals("a")},
        {None: Removals("a")},
    ],
)
def test_the_removal_wins_by_policy(stores, policy):
    texts, report = removed_and_edited(stores, policy)
    assert texts == []
    assert {o.reason for o in report.applied} == {"removed in a"}
    assert any(o.before[3] == "new" for o in report.applied)  # what was lost is told


def test_a_policy_of_another_type_does_not_count(stores):
    assert removed_and_edited(stores, {"Other": Removals("a")})[0] == ["new"]


def test_what_a_removal_has_overruled_can_be_taken_back(stores):
    a, b, _ = stores
    with Synchronizer(stores, policy=Removals()) as sync:
        a.add(Note(name="n", text="old"))
        (note,) = b
        b.update(note.replace(text="new"), note, notify=False)
        a.remove(next(iter(a)))
        assert not any(map(len, stores))
        (change,) = sync.changes(sync.history(1)[0].number)
        assert {w.store: dict(w.replaced) for w in change.writes} == {"b": {"text": "new"}, "c": {}}
        sync.apply(sync.undo(change.run))
        assert [note.text for store in stores for note in store] == ["old"] * 3


def test_a_policy_that_fails_leaves_out_that_record(stores):
    class Broken(Policy):
        def resolve(self, conflict):
            return ABSTAIN

        def removal_wins(self, removal):
            raise LookupError(removal.global_name)

    a, b, _ = stores
    with Synchronizer(stores, policy=Broken()) as sync:
        for name in "mn":
            a.add(Note(name=name))
        (m, n) = a
        a.remove(m, notify=False)
        b.update(m.replace(text="x", id=1), notify=False)
        a.remove(n, notify=False)
        report = sync.run()
        (failure,) = report.failed
        assert isinstance(failure.error, DataError)
        assert "failed on the removal of Note 'm': LookupError: m" in str(failure)
        assert [note.name for note in b] == ["m"]


def test_removals_takes_names():
    with pytest.raises(TypeError, match="takes names of stores"):
        Removals(1)
    assert repr(Removals("a") | Prefer("b")) == "Removals('a') | Prefer('b')"
    assert Removals().resolve(None) is ABSTAIN
