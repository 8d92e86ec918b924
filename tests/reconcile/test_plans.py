"""Plans and reports: counted, printed, saved and read back."""

import json

import pytest
from deciding import SCHEMA, content, decided, policies, records, side
from hypothesis import given

from b3j0f.sync import Capability, DataError, MemoryStore, Plan, Report, StoreError, Synchronizer
from b3j0f.sync.engine.applying import _written
from b3j0f.sync.reconcile.merge import decide
from b3j0f.sync.reconcile.operation import Kind, Operation
from b3j0f.sync.reconcile.plan import Step
from b3j0f.sync.reconcile.report import Failure, Skip

Note = SCHEMA.datatype


def operation(kind=Kind.ADD, **facts):
    given = {"store": "a", "datatype": "Note", "global_name": "n", "names": SCHEMA.names}
    before = None if kind is Kind.ADD else content()
    after = None if kind is Kind.REMOVE else content(text="x")
    given |= {"id": None, "before": before, "after": after, "reason": "because"} | facts
    return Operation(kind=kind, **given)


@given(records(), policies)
def test_json_round_trip(record, policy):
    """Nothing that a plan tells is lost, and what it writes is the same thing."""
    sides, base, removed = record
    decision = decide(SCHEMA, sides, policy=policy, base=base, removed=removed, record=base and 1)
    steps = [] if decision is None else [Step.of(decision)]
    plan = Plan(
        synchronizer="s",
        ledger="l",
        steps=steps,
        failures={"z": "down"},
        known={"s0": 5},
        sizes={"s0": 3},
        revision="r",
    )
    again = Plan.from_json(plan.to_json())
    assert again.to_json() == plan.to_json()
    assert Plan.from_json(plan.to_json(indent=None)).to_json() == plan.to_json()
    assert (again.counts(), again.is_empty) == (plan.counts(), plan.is_empty)
    assert (again.failures, again.known, again.sizes) == (plan.failures, plan.known, plan.sizes)
    assert again.skipped == plan.skipped or not decision.operations
    for one, other in zip(steps, again.steps, strict=False):
        assert _written(one) == _written(other)
    facts = ("kind", "store", "datatype", "global_name", "id", "reason")
    for one, other in zip(plan.operations, again.operations, strict=True):
        assert all(getattr(one, fact) == getattr(other, fact) for fact in facts)
        assert list(one.changes) == list(other.changes)
    for one, other in zip(plan.conflicts, again.conflicts, strict=True):
        assert (one.field, one.global_name, one.record) == (
            other.field,
            other.global_name,
            other.record,
        )


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"format": 2}', '{"format": 1, "steps": [{}]}', '{"format": null}'],
)
def test_what_is_no_plan(text):
    with pytest.raises(DataError, match="this is no plan"):
        Plan.from_json(text)


def test_a_plan_of_a_newer_version_says_so():
    text = Plan(synchronizer="s", ledger="l", steps=[]).to_json()
    newer = json.dumps({**json.loads(text), "format": 99})
    with pytest.raises(DataError, match="its format is 99"):
        Plan.from_json(newer)


def test_how_it_reads():
    a, b = MemoryStore([Note], name="a"), MemoryStore([Note], name="b")
    with Synchronizer([a, b]) as sync:
        assert str(sync.plan()) == "nothing to do: all in step"
        a.add(Note(name="n", text="x"), notify=False)
        plan = sync.plan()
        assert repr(plan) == "<Plan of 'sync': add 1, update 0, remove 0, conflict 0>"
        sync.apply(plan)
        a.update(a[Note, 1].replace(text="y"), notify=False)
        lines = str(sync.plan()).splitlines()
        assert lines[0] == "update Note 'n' in b: text 'x' -> 'y' (changed in a)"
        assert lines[-1] == "add 0, update 1, remove 0, conflict 0"


def test_changes_by_kind():
    added, removed = operation(), operation(Kind.REMOVE)
    assert added.changes["text"] == (None, "x")
    assert removed.changes["text"] == ("base", None)
    assert operation(Kind.UPDATE).changes == {"text": ("base", "x")}
    assert set(added.changes) == set(removed.changes) == set(SCHEMA.names)
    assert str(removed) == "remove Note 'n' in a (because)"


def test_what_is_skipped_has_a_name():
    fixed = side("b", capabilities=Capability.DEFAULT & ~Capability.ADD)
    decision = decided(side("a", content(), content()), fixed)
    plan = Plan(synchronizer="s", ledger="l", steps=[Step.of(decision)])
    assert plan.skipped == [("b", "a", "additions are not possible there")]
    assert "skipped: 'a' in b: additions" in str(plan)
    assert plan.is_empty


class TestReport:
    def test_counts(self):
        report = Report(run=1, applied=[operation(), operation(Kind.REMOVE, store="b")])
        assert report.counts() == {
            "a": {"add": 1, "update": 0, "remove": 0},
            "b": {"add": 0, "update": 0, "remove": 1},
        }
        assert report.ok
        assert report.summary().startswith("add 1, update 0, remove 1, skipped 0, failed 0")

    def test_how_it_reads(self):
        error = StoreError("it is broken", store="a")
        report = Report(
            failed=[Failure(store="a", datatype="Note", global_name="n", error=error)],
            skipped=[Skip(store="b", datatype="Note", global_name="n", reason="cannot")],
            stopped=True,
        )
        assert not report.ok
        assert str(report).splitlines()[:2] == [
            "skipped: Note 'n' in b: cannot",
            "failed: it is broken",
        ]
        assert "stopped" in report.summary()
