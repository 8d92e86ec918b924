"""What a type checker rejects; each line that is marked has an error of this kind, no other has."""

# ruff: noqa: B018 - the lines are there to be looked at, not to do anything

from __future__ import annotations

from b3j0f.sync import Accessor, Data, Event, Link, MemoryStore, Newest, Ref, Synchronizer


class Project(Data):
    url: str = ""


class Issue(Data, parent=Project):
    number: int
    title: str = ""
    labels: frozenset[str] = frozenset()
    assignee: Ref[Project] | None = None


Issue("a")  # error: call-arg
Issue(name="a")  # error: call-arg
Issue(name="a", number="1")  # error: arg-type
Issue(name="a", number=1, titel="b")  # error: call-arg
Issue(name=None, number=1)  # error: arg-type
Issue(name="a", number=1, context="editor")  # error: arg-type
issue = Issue(name="a", number=1)
issue.title = 3  # error: assignment
issue.titel = "b"  # error: attr-defined
issue.labels = {"a"}  # error: assignment
issue.global_name = "a"  # error: misc
issue.name.foo()  # error: attr-defined

store = MemoryStore([Issue])
store.get(Issue, 1).title  # error: union-attr
store.get("Issue", 1)  # error: arg-type
store.add("issue")  # error: type-var
store.find(Issue, limit="3")  # error: arg-type
found: Project | None = store.get(Issue, 1)  # error: assignment
store.observe("callback")  # error: arg-type
store.observe(print, "add")  # error: arg-type


class Issues(Accessor[Issue]):
    datatype = Issue

    def _add(self, data: Issue) -> None:  # error: override
        pass

    def _get(self, id: str) -> Issue | None:  # error: override
        return None


class Wrong(Accessor[int]):  # error: type-var
    pass


Link("store")  # error: arg-type
Synchronizer([store], policy="newest")  # error: arg-type
Synchronizer(store)  # error: arg-type
Newest() | "prefer"  # error: operator
with Synchronizer([store]) as sync:
    sync.run(Issue)  # error: arg-type
    sync.resolve(3, store="a")  # error: arg-type
    sync.status().foo  # error: attr-defined
Event.CHANGED  # error: attr-defined
