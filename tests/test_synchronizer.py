"""The synchronizer as a user has it: plan, apply, run, resolve, links, guards."""

import dataclasses
import logging
from datetime import UTC, datetime

import pytest

from b3j0f.sync import (
    ConfigError,
    Data,
    DataError,
    EmptyStoreError,
    LedgerError,
    Link,
    MemoryStore,
    Newest,
    Plan,
    PlanOutdatedError,
    Prefer,
    RefusedError,
    StaleError,
    StoreError,
    Synchronizer,
    TooManyRemovalsError,
)
from b3j0f.sync.ledger import MemoryLedger


class Folder(Data):
    colour: str = ""


class Note(Data, parent=Folder):
    text: str = ""
    count: int | None = None


class Alone(Data):
    pass


def memory(count, **options):
    return [MemoryStore([Folder, Note], name=f"s{n}", **options) for n in range(count)]


def texts(store):
    return {note.name: note.text for note in store.find(Note)}


def edit(store, which, /, **changes):
    """A user changes a data where the synchronizer does not see it."""
    (data,) = store.find(Note, names=[which])
    return store.update(data.replace(**changes), data, notify=False)


def drop(store, *names):
    for data in list(store.find(Note, names=names)):
        store.remove(data, notify=False)


@pytest.fixture(params=[2, 3, 5])
def stores(request):
    return memory(request.param)


@pytest.fixture(params=[None, "sqlite://"], ids=["memory", "sql"])
def sync(request, stores):
    with Synchronizer(stores, ledger=request.param, max_removals=1) as sync:
        yield sync


class TestMaking:
    @pytest.mark.parametrize(
        ("links", "message"),
        [
            ([], "there are none"),
            ([MemoryStore([Note], name="a")], "nothing to keep in step"),
            (
                [MemoryStore([Note], name="a"), MemoryStore([Alone], name="b")],
                "no type is in two of its stores",
            ),
            (
                [MemoryStore([Note], name="a"), MemoryStore([Note], name="a")],
                "several stores called a",
            ),
        ],
    )
    def test_what_cannot_be_synchronized(self, links, message):
        with pytest.raises(ConfigError, match=message) as caught:
            Synchronizer(links)
        assert caught.value.option == "stores"
        for link in links:
            assert not link._observers

    @pytest.mark.parametrize("share", [-0.1, 1.1, "0.5", None])
    def test_what_is_no_share(self, share):
        with pytest.raises(ConfigError, match="share of removals"):
            Synchronizer(memory(2), max_removals=share)

    @pytest.mark.parametrize("policy", ["newest", Newest, 3])
    def test_what_is_no_policy(self, policy):
        first, second = memory(2)
        with pytest.raises(TypeError, match="policy"):
            Synchronizer([first, second], policy=policy)
        assert not first._observers

    def test_a_ledger_that_cannot_be_opened(self, tmp_path):
        first, second = memory(2)
        with pytest.raises(LedgerError):
            Synchronizer([first, second], ledger=tmp_path / "nowhere" / "l.db")
        assert not first._observers

    def test_what_it_tells_of_itself(self):
        first, second = memory(2)
        ledger = MemoryLedger()
        with Synchronizer([first, Link(second, "read")], name="n", ledger=ledger) as sync:
            assert sync.stores == {"s0": first, "s1": second}
            assert sync.types == (Folder, Note)
            assert sync.ledger is ledger
            assert repr(sync) == "<Synchronizer 'n' of s0, s1>"
            assert [link.mode for link in sync.links] == ["both", "read"]
            sync.policy = {Note: Newest()}
            assert "Newest" in repr(sync.policy)
            with pytest.raises(TypeError):
                sync.policy = "newest"


class TestPlan:
    def test_writes_nothing(self, stores, sync):
        stores[0].add(Note(name="n", text="x"), notify=False)
        events = []
        for store in stores:
            store.observe(events.append)
        before, revision = sync.status(), sync.ledger.revision
        plan = sync.plan()
        assert len(plan.operations) == len(stores) - 1
        assert not plan.is_empty
        assert (sync.status(), sync.ledger.revision) == (before, revision)
        assert not events
        assert all(len(store) == 0 for store in stores[1:])

    @pytest.mark.parametrize("by_file", [False, True])
    def test_what_is_planned_is_what_is_done(self, stores, sync, by_file):
        for name in ("added", "changed", "removed", "renamed"):
            if name != "added":
                stores[0].add(Note(name=name))
        stores[0].add(Note(name="added"), notify=False)
        edit(stores[-1], "changed", text="x")
        edit(stores[0], "renamed", name="new name")
        drop(stores[-1], "removed")
        plan = sync.plan()
        report = sync.apply(Plan.from_json(plan.to_json()) if by_file else plan)
        assert report.ok, str(report)
        assert not report.skipped
        made = [(o.store, str(o.kind), o.global_name) for o in report.applied]
        assert sorted(made) == sorted(
            (o.store, str(o.kind), o.global_name) for o in plan.operations
        )
        wanted = {"added": "", "changed": "x", "new name": ""}
        assert [texts(store) for store in stores] == [wanted] * len(stores)
        assert sync.plan().is_empty

    @pytest.mark.parametrize("by_file", [False, True])
    def test_what_has_moved_since_is_skipped(self, stores, sync, by_file):
        for name in "mno":
            stores[0].add(Note(name=name))
            edit(stores[0], name, text="planned")
        stores[0].add(Note(name="p"), notify=False)
        plan = sync.plan()
        if by_file:
            plan = Plan.from_json(plan.to_json())
        edit(stores[1], "m", text="moved")
        drop(stores[0], "n")
        stores[1].add(Note(name="p", text="other"), notify=False)
        report = sync.apply(plan)
        assert report.ok
        assert {s.global_name for s in report.skipped} >= {"m", "p"}
        assert all("moved since the plan" in s.reason for s in report.skipped)
        assert texts(stores[1])["m"] == "moved"
        assert texts(stores[1])["o"] == "planned"
        assert sync.run().ok

    def test_twice(self, stores, sync):
        stores[0].add(Note(name="n"), notify=False)
        plan = sync.plan()
        assert sync.apply(plan).applied
        again = sync.apply(plan)
        assert not again.applied
        assert len(again.skipped) == len(stores) - 1
        assert all(len(store) == 1 for store in stores)

    def test_what_is_agreed_already_is_noted(self, stores, sync):
        for store in stores:
            store.add(Note(name="n", text="x"), notify=False)
        plan = sync.plan()
        assert plan.is_empty
        assert sync.apply(plan).ok
        drop(stores[0], "n")
        assert {o.kind for o in sync.plan().operations} == {"remove"}

    def test_of_somebody_else(self, stores, sync):
        plan = sync.plan()
        with Synchronizer(stores, name="another") as another, pytest.raises(PlanOutdatedError):
            another.apply(plan)
        with Synchronizer(stores, name=sync.name) as another, pytest.raises(PlanOutdatedError):
            another.apply(plan)

    def test_of_some_types(self, stores, sync):
        stores[0].add(Folder(name="f"), notify=False)
        stores[0].add(Note(name="n"), notify=False)
        assert {o.datatype for o in sync.plan([Note]).operations} == {"Note"}
        plan = sync.plan()
        sync.apply(plan, [Folder])
        assert len(list(stores[1].find())) == 1
        sync.run(types=iter([Note]))
        assert len(list(stores[1].find())) == 2
        for verb in (sync.plan, sync.run, lambda types: sync.apply(plan, types)):
            with pytest.raises(ConfigError, match="does not keep Alone in step") as caught:
                verb([Alone, Note])
            assert caught.value.expected == "Folder, Note"


class TestRun:
    def test_counts(self, stores, sync):
        stores[0].add(Note(name="n"), notify=False)
        report = sync.run()
        assert report.ok
        assert report.counts() == {
            store.name: {"add": 1, "update": 0, "remove": 0} for store in stores[1:]
        }
        assert report.duration > 0
        assert sync.run().run == report.run + 1

    def test_the_first_run_joins_what_is_there(self, stores, sync):
        for number, store in enumerate(stores):
            store.add(Note(name="same", text="x"), notify=False)
            store.add(Note(name="filled", text="y" if number == 0 else ""), notify=False)
            store.add(Note(name=f"only {number}"), notify=False)
        assert sync.run().ok
        wanted = {"same": "x", "filled": "y"} | {f"only {n}": "" for n in range(len(stores))}
        assert [texts(store) for store in stores] == [wanted] * len(stores)
        assert sync.plan().is_empty

    def test_what_differs_from_the_start_is_a_conflict(self, stores, sync):
        for number, store in enumerate(stores):
            store.add(Note(name="n", text=str(number), count=number or None), notify=False)
        sync.run()
        conflicts = {c.field: c for c in sync.conflicts()}
        assert set(conflicts["text"].values) == {store.name for store in stores}
        assert ("count" in conflicts) is (len(stores) > 2)

    def test_what_cannot_be_told_apart(self, stores, sync):
        for text in "xy":
            stores[0].add(Note(name="n", text=text), notify=False)
        stores[1].add(Note(name="n", text="z"), notify=False)
        plan = sync.plan()
        assert [c.field for c in plan.conflicts] == ["id"]
        report = sync.run()
        assert not report.applied
        (conflict,) = sync.conflicts()
        with pytest.raises(DataError, match="say which of them are the same"):
            sync.resolve(conflict, store="s0")
        (third,) = stores[1].find(Note)
        stores[1].update(third.replace(text="y"), notify=False)
        sync.run()
        assert not sync.conflicts()
        for store in stores:
            assert sorted(note.text for note in store.find(Note)) == ["x", "y"]

    def test_a_store_that_is_linked_later(self, stores):
        ledger = MemoryLedger()
        with Synchronizer(stores, ledger=ledger) as sync:
            stores[0].add(Note(name="n", text="x"))
            stores[0].add(Note(name="m", text="y"))
        (late,) = (MemoryStore([Note], name="late"),)
        late.add(Note(name="m", count=5))
        with Synchronizer([*stores, late], ledger=ledger, name="sync") as sync:
            assert sync.run().ok
            assert texts(late) == {"n": "x", "m": "y"}
            assert [n.count for n in stores[0].find(Note, names=["m"])] == [5]
            assert sync.plan().is_empty

    def test_edit_wins_over_removal_and_says_so(self, stores, sync):
        stores[0].add(Note(name="n"))
        drop(stores[0], "n")
        edit(stores[1], "n", text="x")
        plan = sync.plan()
        assert "the change wins" in str(plan)
        assert sync.run().ok
        assert all(texts(store) == {"n": "x"} for store in stores)

    def test_moved_to_another_id(self, stores, sync):
        """Removed and made anew under its name: the same record, not two."""
        stores[0].add(Note(name="n", text="x", count=3))
        drop(stores[0], "n")
        stores[0].add(Note(name="n", text="y", count=3), notify=False)
        assert sync.run().ok
        assert all(texts(store) == {"n": "y"} for store in stores)
        assert sync.status()["types"]["Note"]["records"] == 1


class TestConflicts:
    @pytest.fixture
    def conflict(self, stores, sync):
        stores[0].add(Note(name="n", text="was"))
        edit(stores[0], "n", text="x", count=1)
        edit(stores[1], "n", text="y")
        report = sync.run()
        (conflict,) = sync.conflicts()
        assert report.conflicts == [conflict]
        return conflict

    def test_the_rest_flows(self, stores, sync, conflict):
        assert (conflict.datatype, conflict.global_name, conflict.field) == ("Note", "n", "text")
        assert (conflict.base, conflict.values) == ("was", {"s0": "x", "s1": "y"})
        assert [n.count for store in stores for n in store.find(Note)] == [1] * len(stores)
        assert [texts(s)["n"] for s in stores] == ["x", "y", *["was"] * (len(stores) - 2)]
        since = conflict.since
        again = sync.run()
        assert again.conflicts == [conflict]
        assert not again.applied
        assert sync.conflicts()[0].since == since

    def test_decided_for_a_store(self, stores, sync, conflict):
        report = sync.resolve(conflict, store="s1")
        assert report.ok
        assert all(texts(store) == {"n": "y"} for store in stores)
        assert not sync.conflicts()
        assert sync.plan().is_empty

    @pytest.mark.parametrize("value", ["z", "was", "x", ""])
    def test_decided_for_a_value(self, stores, sync, conflict, value):
        assert sync.resolve(conflict, value=value).ok
        assert all(texts(store) == {"n": value} for store in stores)
        assert not sync.conflicts()
        assert sync.plan().is_empty

    def test_settled_by_the_users_themselves(self, stores, sync, conflict):
        edit(stores[1], "n", text="x")
        assert sync.run().ok
        assert not sync.conflicts()
        assert all(texts(store) == {"n": "x"} for store in stores)

    def test_settled_by_a_policy_that_comes_later(self, stores, sync, conflict):
        sync.policy = Prefer("s1")
        assert sync.run().ok
        assert all(texts(store) == {"n": "y"} for store in stores)

    def test_words_that_are_none(self, sync, conflict):
        for words in ({}, {"store": "s0", "value": "x"}):
            with pytest.raises(TypeError, match="either"):
                sync.resolve(conflict, **words)
        with pytest.raises(DataError, match=r"Note\.text: expected str"):
            sync.resolve(conflict, value=3)
        with pytest.raises(DataError, match="'nobody' has no value in this conflict"):
            sync.resolve(conflict, store="nobody")
        assert sync.conflicts() == [conflict]

    def test_too_late(self, stores, sync, conflict):
        edit(stores[0], "n", text="moved on")
        with pytest.raises(StaleError, match="'s0' has 'moved on' by now"):
            sync.resolve(conflict, store="s1")
        drop(stores[0], "n")
        with pytest.raises(StaleError):
            sync.resolve(conflict, store="s1")

    def test_decided_already(self, sync, conflict):
        sync.resolve(conflict, store="s0")
        with pytest.raises(StaleError, match="not open any more"):
            sync.resolve(conflict, store="s1")

    def test_of_somebody_else(self, sync, conflict):
        for other in (
            dataclasses.replace(conflict, datatype="Elsewhere"),
            dataclasses.replace(conflict, record=None),
            dataclasses.replace(conflict, record=9_999),
            dataclasses.replace(conflict, field="count"),
        ):
            with pytest.raises(StaleError, match="not open any more"):
                sync.resolve(other, store="s0")

    def test_a_renaming_is_one_as_well(self, stores, sync):
        stores[0].add(Note(name="n"))
        edit(stores[0], "n", name="a")
        edit(stores[1], "n", name="b")
        sync.run()
        (conflict,) = sync.conflicts()
        assert conflict.field == "name"
        assert sync.resolve(conflict, store="s1").ok
        assert all(texts(store) == {"b": ""} for store in stores)

    def test_while_a_store_is_removed_from(self, stores, sync, conflict):
        """The record lives on with what the others say."""
        drop(stores[0], "n")
        sync.run()
        assert [texts(store).get("n") for store in stores] == ["y"] * len(stores)


class TestLinks:
    def test_read_only(self):
        first, second, third = memory(3)
        with Synchronizer([first, Link(second, "read"), third]) as sync:
            second.add(Note(name="n", text="theirs"), notify=False)
            first.add(Note(name="m"), notify=False)
            before = list(second)
            assert sync.run().ok
            edit(first, "n", text="ours")
            assert sync.run().ok
            assert list(second) == before
            assert texts(first) == texts(third) == {"n": "ours", "m": ""}
            assert sync.plan().is_empty
            drop(first, "n")
            assert sync.run().ok
            assert list(second) == before
            assert texts(third) == {"m": ""}
            assert sync.plan().is_empty
            edit(second, "n", text="again")
            assert sync.run().ok
            assert texts(first) == texts(third) == {"n": "again", "m": ""}

    def test_write_only(self):
        first, second, third = memory(3)
        with Synchronizer([first, Link(second, "write"), third], max_removals=1) as sync:
            second.add(Note(name="its own"), notify=False)
            first.add(Note(name="n", text="x"), notify=False)
            assert sync.run().ok
            edit(second, "n", text="y")
            assert sync.run().ok
            assert texts(second) == {"n": "x", "its own": ""}
            drop(second, "n")
            assert sync.run().ok
            assert texts(second) == {"n": "x", "its own": ""}
            assert texts(first) == texts(third) == {"n": "x"}
            drop(third, "n")
            assert sync.run().ok
            assert texts(second) == {"its own": ""}
            assert sync.plan().is_empty

    def test_nobody_is_read(self):
        first, second = memory(2)
        with Synchronizer([Link(first, "write"), Link(second, "write")]) as sync:
            first.add(Note(name="n"))
            assert sync.run().ok
            assert not list(second)

    def test_types(self):
        first, second = memory(2)
        with Synchronizer([first, Link(second, types=[Note])]) as sync:
            assert sync.types == (Note,)
            first.add(Folder(name="f"))
            first.add(Note(name="n"))
            assert [type(data) for data in second] == [Note]


class TestFilters:
    @pytest.fixture
    def two(self):
        first, second = memory(2)
        link = Link(first, where=lambda data: not data.name.startswith("private"))
        with Synchronizer([link, second], max_removals=1) as sync:
            yield first, second, sync

    def test_outside_is_not_touched(self, two):
        first, second, sync = two
        first.add(Note(name="private 1", text="mine"))
        first.add(Note(name="public"))
        second.add(Note(name="private 2"))
        second.add(Note(name="private 1", text="theirs"), notify=False)
        assert sync.run().ok
        assert texts(first) == {"private 1": "mine", "public": ""}
        assert texts(second) == {"private 1": "theirs", "private 2": "", "public": ""}
        assert sync.plan().is_empty

    def test_leaving_is_no_removal_and_coming_back_is_no_addition(self, two):
        first, second, sync = two
        first.add(Note(name="n", text="x"))
        edit(first, "n", name="private n", text="secret")
        assert sync.run().ok
        assert texts(second) == {"n": "x"}
        edit(second, "n", count=5)
        assert sync.run().ok
        assert [n.count for n in first] == [None]
        edit(first, "private n", name="n")
        assert sync.run().ok
        assert texts(first) == texts(second) == {"n": "secret"}
        assert [n.count for n in first] == [n.count for n in second] == [5]
        assert sync.plan().is_empty

    def test_what_leaves_in_the_other_store(self, two):
        """The name goes there, as any change; from then on it takes no part there."""
        first, second, sync = two
        first.add(Note(name="n", text="x"))
        edit(second, "n", name="private n")
        assert sync.run().ok
        assert texts(first) == {"private n": "x"}
        edit(second, "private n", text="y")
        assert sync.run().ok
        assert texts(first) == {"private n": "x"}
        assert sync.plan().is_empty

    def test_removed_elsewhere_while_it_is_outside(self, two):
        first, second, sync = two
        first.add(Note(name="n"))
        edit(first, "n", name="private n")
        drop(second, "n")
        assert sync.run().ok
        assert texts(first) == {"private n": ""}
        assert not list(second)

    def test_a_namesake_outside_is_in_nobodys_way(self):
        """A record whose name somebody outside has as well is not taken for unfinished."""
        first, second = memory(2)
        link = Link(first, where=lambda data: data.text != "private")
        with Synchronizer([link, second]) as sync:
            first.add(Note(name="n", text="x"))
            first.add(Note(name="n", text="private"))
            assert sync.run().ok
            assert sync.status()["types"]["Note"]["unsettled"] == 0
            (shared,) = (n for n in first.find(Note) if n.text == "x")
            first.update(shared.replace(name="m"), notify=False)
            assert sync.run().ok
            assert texts(second) == {"m": "x"}
            assert not sync.conflicts()

    def test_what_is_named_as_somebody_outside(self):
        first, second = memory(2)
        link = Link(first, where=lambda data: data.text != "private")
        with Synchronizer([link, second]) as sync:
            first.add(Note(name="n", text="private"))
            second.add(Note(name="n", text="x"))
            report = sync.run()
            assert report.ok
            assert "outside the link's filter" in str(report)
            assert texts(first) == {"n": "private"}
            drop(first, "n")
            assert sync.run().ok
            assert texts(first) == {"n": "x"}


class TestGuards:
    @pytest.fixture
    def filled(self):
        stores = memory(2)
        with Synchronizer(stores) as sync:
            for number in range(20):
                stores[0].add(Note(name=f"n{number}"))
            yield (*stores, sync)

    def test_a_store_that_looks_empty(self, filled):
        first, second, sync = filled
        drop(first, *texts(first))
        plan = sync.plan()
        for verb in (sync.run, lambda: sync.apply(plan)):
            with pytest.raises(EmptyStoreError, match=r"'s0' is empty now and held 20") as caught:
                verb()
            assert (caught.value.store, caught.value.known) == ("s0", 20)
            assert isinstance(caught.value, RefusedError)
        assert len(second) == 20
        assert sync.run(force=True).ok
        assert not list(second)

    @pytest.mark.parametrize(("count", "refused"), [(4, False), (5, False), (6, True), (19, True)])
    def test_a_share(self, filled, count, refused):
        first, second, sync = filled
        drop(first, *(f"n{number}" for number in range(count)))
        if not refused:
            assert sync.run().ok
            assert len(second) == 20 - count
            return
        with pytest.raises(
            TooManyRemovalsError, match="more than the allowed share of 25%"
        ) as caught:
            sync.run()
        error = caught.value
        assert (error.store, error.removals, error.known) == ("s1", count, 20)
        assert len(second) == 20
        plan = Plan.from_json(sync.plan().to_json())
        with pytest.raises(TooManyRemovalsError):
            sync.apply(plan)
        assert sync.apply(plan, force=True).ok
        assert len(second) == 20 - count

    def test_few_are_no_avalanche(self):
        stores = memory(2)
        with Synchronizer(stores, max_removals=0) as sync:
            for number in range(4):
                stores[0].add(Note(name=f"n{number}"))
            drop(stores[0], *texts(stores[0]))
            assert sync.run().ok
            assert not list(stores[1])

    def test_none_at_all(self, filled):
        first, second, _ = filled
        with Synchronizer([first, second], max_removals=0) as sync:
            sync.run()
            drop(first, *(f"n{number}" for number in range(5)))
            with pytest.raises(TooManyRemovalsError):
                sync.run()

    def test_some_types_only(self, filled):
        """A store without a type is not empty when it has others that are not looked at."""
        first, second, sync = filled
        assert sync.run([Folder]).ok
        first.add(Folder(name="f"), notify=False)
        assert sync.run([Folder]).ok
        assert len(list(second.find(Folder))) == 1

    def test_a_type_that_cannot_be_read(self, filled, monkeypatch):
        """A store is not empty because a part of it cannot be read."""
        first, second, sync = filled

        def fail(query):
            raise ValueError("broken table")

        monkeypatch.setattr(first.accessor(Note), "_find", fail)
        report = sync.run()
        assert [str(f.error) for f in report.failed] == [
            "store 's0', find Note: ValueError: broken table"
        ]
        assert len(second) == 20


class TestAround:
    def test_status(self):
        first, second = memory(2)
        with Synchronizer([first, second], name="n") as sync:
            assert sync.status()["last_run"] is None
            first.add(Note(name="n"))
            first.add(Folder(name="f"), notify=False)
            sync.run()
            status = sync.status()
            assert status["synchronizer"] == "n"
            assert status["types"]["Note"] == {
                "records": 1,
                "unsettled": 0,
                "stores": {"s0": 1, "s1": 1},
            }
            assert status["last_run"].counts["applied"] == 1
            assert status["conflicts"] == 0

    def test_a_failure_live_does_not_fail_the_caller(self, caplog, monkeypatch):
        first, second = memory(2)
        with Synchronizer([first, second]) as sync:
            monkeypatch.setattr(
                second.accessor(Note), "_add", lambda data: (_ for _ in ()).throw(OSError("down"))
            )
            with caplog.at_level(logging.WARNING):
                assert first.add(Note(name="n")).id == 1
            assert "down" in caplog.text
            monkeypatch.undo()
            assert sync.run().ok
            assert texts(second) == {"n": ""}

    def test_a_ledger_that_fails_live_does_not_fail_the_caller(self, caplog, monkeypatch):
        first, second = memory(2)
        with Synchronizer([first, second]) as sync:

            def fail(*_):
                raise LedgerError("the disk is full")

            monkeypatch.setattr(sync.ledger, "save", fail)
            first.add(Note(name="n"))
            assert "was not propagated; the next run does it" in caplog.text
            monkeypatch.undo()
            assert sync.run().ok
            assert texts(second) == {"n": ""}

    def test_closed_as_a_context(self):
        first, second = memory(2)
        with Synchronizer([first, second]):
            first.add(Note(name="n"))
        first.add(Note(name="m"))
        assert texts(second) == {"n": ""}

    def test_newest(self):
        first, second = memory(2)
        with Synchronizer([first, second], policy=Newest()) as sync:
            first.add(Note(name="n"))
            edit(second, "n", text="earlier")
            edit(first, "n", text="later")
            assert sync.run().ok
            assert texts(first) == texts(second) == {"n": "later"}

    def test_stopped(self):
        first, second = memory(2)
        with Synchronizer([first, second]) as sync:
            for number in range(1_200):
                first.add(Note(name=f"n{number}"), notify=False)
            seen = []

            def progress(how_far):
                seen.append(how_far)
                if how_far.phase == "write" and how_far.done:
                    sync.stop()

            sync.progress = progress
            report = sync.run()
            assert report.stopped
            assert 0 < len(second) < 1_200
            assert {p.phase for p in seen} == {"read", "write"}
            sync.progress = None
            assert not sync.run().stopped
            assert len(second) == 1_200
            assert sync.plan().is_empty

    def test_times_are_of_each_store(self):
        first, second = memory(2)
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        with Synchronizer([first, second]):
            first.add(Note(name="n", created=long_ago))
            (copy,) = second.find(Note)
            assert copy.created != long_ago

    def test_a_store_of_another_type_raises_nothing(self):
        first, second = memory(2)
        third = MemoryStore([Alone, Note], name="third")
        with Synchronizer([first, second, third]):
            third.add(Alone(name="a"))
            with pytest.raises(StoreError):
                first.add(Alone(name="a"))
