"""What a type checker accepts, as users write it; checked, and run, by test_typing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal, assert_type

from b3j0f.sync import (
    Accessor,
    Capability,
    Conflict,
    Data,
    Event,
    Link,
    Manual,
    MemoryStore,
    Merge,
    Newest,
    NotFoundError,
    Operation,
    Plan,
    Prefer,
    Query,
    Ref,
    Report,
    Store,
    Subscription,
    Synchronizer,
    global_name,
    make_datatype,
    split_global_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class Project(Data):
    url: str = ""


class Issue(Data, parent=Project):
    number: int
    title: str = ""
    state: Literal["open", "closed"] = "open"
    labels: frozenset[str] = frozenset()
    assignee: Ref[Account] | None = None
    kind: ClassVar[str] = "issue"


class Account(Data):
    email: str = ""


class Bug(Issue):
    severity: int = 1


class Issues(Accessor[Issue]):
    datatype = Issue
    capabilities = Capability.DEFAULT | Capability.UNIQUE_NAMES

    def _get(self, id: str | int) -> Issue | None:
        return None

    def _get_by_name(self, name: str, context: tuple[str, ...]) -> Issue | None:
        return None

    def _find(self, query: Query) -> Iterable[Issue]:
        return ()

    def _add(self, data: Issue) -> Issue:
        return data.replace(id=1)

    def _update(self, data: Issue, old: Issue) -> Issue:
        return data

    def _remove(self, data: Issue) -> None:
        raise NotFoundError(data.global_name, id=data.id)


class Tracker(Store):
    accessors = (Issues,)

    def __init__(self, url: str, *, name: str = "tracker") -> None:
        super().__init__(name=name)
        self.url = url


def fields() -> None:
    issue = Issue(
        name="crash", context=("editor",), number=3, title="It crashes", labels=frozenset()
    )
    assert_type(issue.number, int)
    assert_type(issue.id, str | int | None)
    assert_type(issue.context, tuple[str, ...])
    assert_type(issue.created, datetime | None)
    assert_type(issue.labels, frozenset[str])
    assert_type(issue.assignee, Ref[Account] | None)
    assert_type(issue.replace(title="b"), Issue)
    assert_type(issue.global_name, str)
    assert_type(issue.dirty, frozenset[str])
    assert_type(issue.store, Store | None)
    assert_type(Bug(name="b", number=1, severity=2).title, str)
    issue.assignee = Ref(Account(name="ann"))
    issue.assignee = Ref.to("ann", ["team"])
    issue.title = "c"
    assert_type(split_global_name(global_name("a", ["b"])), tuple[str, tuple[str, ...]])
    assert_type(make_datatype("Customer", {"email": str, "credit": (int, 0)}), type[Data])


def stores() -> None:
    store = MemoryStore([Project, Issue])
    issue = store.add(Issue(name="a", number=1))
    assert_type(issue, Issue)
    assert_type(store.get(Issue, 1), Issue | None)
    assert_type(store.get_by_name(Issue, "a", ("editor",)), Issue | None)
    assert_type(store[Issue, 1], Issue)
    assert_type(store.create(Issue, name="b", number=2), Issue)
    assert_type(store.update(issue.replace(title="b"), issue), Issue)
    assert_type(store.accessor(Issue), Accessor[Issue])
    assert_type([found.number for found in store.find(Issue, title="b", limit=3)], list[int])
    assert_type([data.name for data in store], list[str])
    assert_type(store & [issue], set[Data])
    store |= [issue]
    store -= issue

    def told(event: Event) -> None:
        assert_type(event.data, Data)
        assert_type(event.old, Data | None)

    subscription = store.observe(told, Event.ADD | Event.REMOVE, Issue)
    assert_type(subscription, Subscription)
    subscription.cancel()
    with store as same:
        assert_type(same, MemoryStore)


def longest(base: object, values: list[str]) -> str:
    return max(values, key=len)


def synchronizing() -> None:
    crm, sheet = MemoryStore([Issue], name="crm"), MemoryStore([Issue], name="sheet")
    link = Link(sheet, mode="read", where=lambda data: bool(data.name), types=[Issue])
    policy = Prefer("crm") | Newest() | Merge(longest) | Manual()
    with Synchronizer([crm, link], name="customers", ledger=None, policy=policy) as sync:
        assert_type(sync, Synchronizer)
        plan = sync.plan(types=[Issue])
        assert_type(plan, Plan)
        assert_type(plan.operations, list[Operation])
        assert_type(Plan.from_json(plan.to_json()), Plan)
        assert_type(sync.apply(plan, force=True), Report)
        assert_type(sync.run(), Report)
        assert_type(sync.conflicts(), list[Conflict])
        for conflict in sync.conflicts():
            sync.resolve(conflict, store="crm")
            sync.resolve(conflict, value=None)
        sync.policy = {Issue: {"title": Newest(), None: Manual()}, None: Prefer("crm")}


if __name__ == "__main__":
    fields()
    stores()
    synchronizing()
    assert Tracker("https://tracker.example").url
