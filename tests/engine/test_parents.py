"""What embeds comes before what is embedded, and goes after it."""

import pytest
from scripted import Folder, Note, ScriptedStore, in_step

from b3j0f.sync import Data, Event, Link, Synchronizer


class Project(Data):
    pass


class Task(Data, parent=Project):
    pass


class Comment(Data, parent=Task):
    text: str = ""


class Strict(ScriptedStore):
    """Refuses what has no parent, and to remove what has children, as a tracker does."""

    def __init__(self, name, **options):
        super().__init__(name, types=[Comment, Task, Project], **options)
        self.script = {"add": self.needs_parent, "remove": self.needs_no_child}

    def needs_parent(self, data):
        parent = {Task: Project, Comment: Task}.get(type(data))
        if parent is not None:
            found = self._accessors[parent]._ids_by_name
            if (data.context[-1], data.context[:-1]) not in found:
                raise ValueError(f"no {parent.__name__} {data.context}")

    def needs_no_child(self, data):
        inside = (*data.context, data.name)
        for datatype in self.types:
            for row in self._accessors[datatype]._rows.values():
                if row[0][1] == inside:
                    raise ValueError(f"{data.name} is not empty")


def tree(store, *, notify=False):
    store.add(Project(name="p"), notify=notify)
    store.add(Task(name="t", context=("p",)), notify=notify)
    store.add(Comment(name="c", context=("p", "t")), notify=notify)


@pytest.fixture
def three():
    a, b, c = (Strict(name) for name in "abc")
    with Synchronizer([a, b, c], max_removals=1) as sync:
        yield a, b, c, sync


@pytest.mark.parametrize("live", [True, False])
def test_added_and_removed_in_order(three, live):
    a, b, c, sync = three
    assert sync.types == (Project, Task, Comment)
    tree(a, notify=live)
    assert sync.run().ok
    assert len(a) == len(b) == len(c) == 3
    for datatype in (Comment, Task, Project):
        (data,) = b.find(datatype)
        b.remove(data, notify=live)
    assert sync.run().ok
    assert not [*a, *b, *c]


def test_the_plan_has_that_order(three):
    a, _b, _c, sync = three
    tree(a)
    names = [(o.store, o.datatype) for o in sync.plan().operations]
    assert names == [(s, t) for t in ("Project", "Task", "Comment") for s in "bc"]
    sync.run()
    for datatype in (Comment, Task, Project):
        a.drop(next(iter(a.find(datatype))).name, datatype=datatype)
    plan = sync.plan()
    kinds = [o.datatype for o in plan.operations]
    assert kinds == ["Comment"] * 2 + ["Task"] * 2 + ["Project"] * 2
    assert sync.apply(plan).ok


def test_waiting_for_a_parent(three):
    """It waits, says for what, and comes by itself once the parent is there."""
    a, b, c, sync = three
    right = b.script["add"]

    def no_projects(data):
        if isinstance(data, Project):
            raise LookupError("no projects today")  # noqa: TRY004 - it is no wrong type
        right(data)

    b.script["add"] = no_projects
    tree(a)
    report = sync.run()
    assert [str(f) for f in report.failed] == [
        "store 'b', add Project: LookupError: no projects today"
    ]
    waits = {s.global_name: s.reason for s in report.skipped}
    assert "waits for Project 'p', which is not there yet" in waits["p/t"]
    assert "waits for Task 't', which is not there yet" in waits["p/t/c"]
    assert len(c) == 3
    assert not list(b)
    again = sync.run()
    assert len(again.failed) == 1
    b.script["add"] = right
    assert sync.run().ok
    assert len(b) == 3
    assert in_step(sync)


def test_waiting_live(three):
    a, b, c, sync = three
    right = b.script["add"]
    b.fails("add", ValueError("not today"))
    a.add(Project(name="p"))
    b.script["add"] = right
    a.add(Task(name="t", context=("p",)))
    assert not list(b)
    assert len(c) == 2
    assert sync.run().ok
    assert len(b) == 2


def test_waiting_for_a_parent_that_was_added_while_the_store_was_down(three):
    """The ledger has nothing of that store yet; the child must not come before the parent."""
    a, b, _c, sync = three
    for hook in ("get", "get_by_name"):
        b.fails(hook, ConnectionError("down"))
    a.add(Project(name="p"))
    b.script = {"add": b.needs_parent, "remove": b.needs_no_child}
    order = []
    b.observe(lambda event: order.append((event.kind, type(event.data))))
    a.add(Task(name="t", context=("p",)))
    assert (Event.ADD, Task) not in order
    assert sync.run().ok
    assert order == [(Event.ADD, Project), (Event.ADD, Task)]


def test_a_parent_that_is_of_no_concern_is_not_waited_for():
    a, b = ScriptedStore("a"), ScriptedStore("b")
    with Synchronizer([a, Link(b, types=[Note])]) as sync:
        a.add(Folder(name="f"))
        a.add(Note(name="n", context=("f",)))
        assert b.texts() == {"n": ""}
        assert in_step(sync)


def test_a_parent_outside_the_filter_is_not_waited_for():
    a, b = ScriptedStore("a"), ScriptedStore("b")
    with Synchronizer([a, Link(b, where=lambda data: type(data) is Note)]) as sync:
        a.add(Folder(name="f"), notify=False)
        a.add(Note(name="n", context=("f",)), notify=False)
        assert sync.run().ok
        assert b.texts() == {"n": ""}
        assert in_step(sync)


def test_a_context_that_names_nobody():
    a, b = ScriptedStore("a"), ScriptedStore("b")
    with Synchronizer([a, b]) as sync:
        a.add(Note(name="n", context=("nowhere",)), notify=False)
        assert sync.run().ok
        assert [n.context for n in b.find(Note)] == [("nowhere",)]


def test_children_of_a_project_that_cannot_be_removed_go_first(three):
    a, b, c, sync = three
    tree(a)
    sync.run()
    for datatype in (Comment, Task, Project):
        a.drop(next(iter(a.find(datatype))).name, datatype=datatype)
    right = b.script["remove"]

    def stuck(data):
        if isinstance(data, Comment):
            raise LookupError("stuck")  # noqa: TRY004 - it is no wrong type
        right(data)

    b.script["remove"] = stuck
    report = sync.run()
    assert [str(f) for f in report.failed] == ["store 'b', remove Comment: LookupError: stuck"]
    assert {s.global_name for s in report.skipped} == {"p/t", "p"}
    assert not list(c)
    assert len(b) == 3
    b.script["remove"] = right
    assert sync.run().ok
    assert not list(b)
    assert in_step(sync)
