"""Decisions on one record, with stores that do exactly what they are told."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st

from b3j0f.sync import MISSING, Capability, Manual, Newest, Prefer, make_datatype
from b3j0f.sync.data import schema_of
from b3j0f.sync.engine.settle import settled
from b3j0f.sync.ledger import Entry, Linked
from b3j0f.sync.reconcile.merge import Side, decide
from b3j0f.sync.reconcile.operation import Kind
from b3j0f.sync.reconcile.pairing import Seen

SCHEMA = schema_of(make_datatype("Note", {"text": str, "count": int | None}))
NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)
BASE = ("a", (), "", "base", 0)


def content(name="a", text="base", count=0, description=""):
    return (name, (), description, text, count)


def side(store, current=None, view=None, **facts):
    facts.setdefault("id", None if current is None and view is None else f"{store}-1")
    return Side(store=store, current=current, view=view, **facts)


def decided(*sides, base=BASE, policy=None, removed=False):
    record = None if base is None else 1
    return decide(
        SCHEMA, sides, policy=policy or Manual(), base=base, removed=removed, record=record
    )


def writes(decision):
    """Store to what is written there: the changes of an update, the content of an addition."""
    found = {}
    for operation in decision.operations:
        assert operation.store not in found, "two operations for one store"
        if operation.kind is Kind.UPDATE:
            found[operation.store] = {n: then for n, (_, then) in operation.changes.items()}
        else:
            found[operation.store] = (str(operation.kind), operation.after)
    return found


def carried_out(decision, sides):
    """The entry and the sides once every operation was made."""
    links = {s.store: Linked(s.id, s.view, s.pending) for s in sides if s.view is not None}
    links |= {s.store: Linked(None, None, s.pending) for s in sides if s.view is None and s.pending}
    before = None
    if decision.record is not None:
        before = Entry(SCHEMA, decision.record, decision.base, links)
    now = {s.store: (s.id, s.current) for s in sides}
    answers = {}
    for operation in decision.operations:
        if operation.kind is Kind.REMOVE:
            now[operation.store] = (None, None)
            answers[operation.store] = None
            continue
        id = operation.id or f"{operation.store}-1"
        lacks = now[operation.store][1] or decision.merged
        after = tuple(
            MISSING if old is MISSING and operation.kind is Kind.UPDATE else value
            for old, value in zip(lacks, operation.after, strict=True)
        )
        now[operation.store] = (id, after)
        answers[operation.store] = Seen(id, after, NOON)
    entry = settled(decision, answers, before)
    again = []
    for one in sides:
        linked = entry.links.get(one.store) or Linked(None, None)
        id, current = now[one.store]
        again.append(
            dataclasses.replace(
                one,
                id=id,
                current=current if one.available else linked.view,
                view=linked.view if linked.id is not None else None,
                pending=linked.pending,
            )
        )
    return entry, again


# --- any record ------------------------------------------------------------------------------

contents = st.builds(
    content,
    name=st.sampled_from("ab"),
    text=st.sampled_from(["", "x", "y"]),
    count=st.sampled_from([None, 1, 2]),
    description=st.sampled_from(["", "d"]),
)
modes = st.sampled_from(["both", "both", "both", "read", "write"])
policies = st.sampled_from(
    [Manual(), Newest(), Prefer("s1"), Prefer("s2", "s0"), Newest() | Prefer("s0")]
)
times = st.none() | st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours))


EVERYTHING = st.just(Capability.DEFAULT)


@st.composite
def records(draw, *, capabilities=EVERYTHING, least_readers=0):
    """(sides, base, removed) as the ledger and the stores could be."""
    base = draw(st.none() | contents)
    sides = []
    for number in range(draw(st.integers(2, 4))):
        mode = draw(modes) if number >= least_readers else "both"
        sides.append(draw(_sides(f"s{number}", base, mode, capabilities)))
    removed = base is not None and draw(st.integers(0, 9)) == 0
    return sides, base, removed


@st.composite
def _sides(draw, store, base, mode, capabilities):
    lacks = draw(st.sampled_from([(), (), (), ("text",), ("count", "description")]))

    def masked(values):
        return values and tuple(
            MISSING if name in lacks else value
            for name, value in zip(SCHEMA.names, values, strict=True)
        )

    view, pending, current = None, frozenset(), None
    if base is not None and draw(st.integers(0, 4)):
        view = base
        pending = draw(st.sampled_from([frozenset(), frozenset(), frozenset({"text"})]))
        if pending:
            view = view[:3] + draw(contents)[3:4] + view[4:]
    what = draw(st.sampled_from(["same", "same", "edited", "gone"]))
    if what == "edited":
        current = draw(contents)
        if base is None:  # what is new was paired by its name
            current = ("a", *current[1:])
    elif what == "same":
        current = view
    available = draw(st.integers(0, 7)) > 0
    view, current = masked(view), masked(current)
    return Side(
        store=store,
        id=None if view is None and current is None else f"{store}-1",
        view=view,
        current=current if available else view,
        pending=pending if view else frozenset(),
        updated=draw(times),
        reads=mode != "write",
        writes=mode != "read",
        capabilities=draw(capabilities),
        available=available,
    )
