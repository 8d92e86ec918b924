"""Mappings in b3j0fsync-synchronizer.conf: every form, and every mistake with its place."""

from __future__ import annotations

import datetime as dt

import pytest

from b3j0f.sync import conf as configuration
from b3j0f.sync.errors import ConfigError

DATA = {
    "issue": {
        "title": "str",
        "state": "one of: open, closed = open",
        "owner": "str",
        "cents": "int = 0",
        "due": "date?",
        "kind": "str",
        "first": "str",
        "last": "str",
    },
    "ticket": {
        "summary": "str",
        "code": "int = 1",
        "given": "str",
        "family": "str",
        "euros": "int = 0",
        "day": "str",
        "both": "str",
    },
}
STORES = {
    "desk": {"class": "memory", "types": "issue"},
    "tracker": {"class": "memory", "types": "ticket"},
}
FULL = {
    "tracker.map.ticket": "issue",
    "tracker.map.ticket.title": "summary",
    "tracker.map.ticket.state": "values 1: open, 5: closed in code",
    "tracker.map.ticket.owner": "join given family",
    "tracker.map.ticket.cents": "scale 10 in euros",
    "tracker.map.ticket.due": "text %d.%m.%Y in day",
    "tracker.map.ticket.kind": "default bug",
    "tracker.map.ticket.first+last": 'split both by ", "',
}


@pytest.fixture
def load(conf):
    opened = []

    def _load(**options):
        section = {"stores": "desk, tracker", **options}
        conf.write(data=DATA, store=STORES, synchronizer={"issues": section})
        opened.append(configuration.load_synchronizer())
        return opened[-1]

    yield _load
    for synchronizer in opened:
        synchronizer.close()


def test_every_form(load):
    synchronizer = load(**FULL)
    desk, tracker = synchronizer.stores.values()
    (issue,), (ticket,) = desk.types, tracker.types
    assert synchronizer.types == (issue,)
    desk.add(
        issue(
            name="n",
            title="t",
            state="closed",
            owner="ann van smith",
            cents=3,
            due=dt.date(2026, 12, 24),
            kind="wish",
            first="A",
            last="S",
        )
    )
    (made,) = tracker
    assert (made.summary, made.code, made.given, made.family) == ("t", 5, "ann", "van smith")
    assert (made.euros, made.day, made.both) == (30, "24.12.2026", "A, S")
    tracker.add(ticket(name="new", code=1))
    found = desk.get_by_name(issue, "new")
    assert (found.state, found.kind) == ("open", "bug")
    assert not synchronizer.plan().operations


def test_one_type_in_another_form(load):
    """Without another type, only the fields differ; what is nothing there is not held."""
    synchronizer = load(
        **{"tracker.map.ticket": "issue", "tracker.map.ticket.title": "nothing"},
        **{"desk.where": "title != hidden"},
    )
    desk, tracker = synchronizer.stores.values()
    desk.add(desk.types[0](name="n", title="t"))
    assert next(iter(tracker)).summary == ""
    assert next(iter(desk)).title == "t"


@pytest.mark.parametrize(
    ("option", "text", "problem"),
    [
        ("tracker.map.ticket", "isue", "there is no data type 'isue'; expected issue"),
        ("tracker.map.ticket.titel", "summary", "issue has no field 'titel'; expected title"),
        ("tracker.map.ticket.title", "sumary", "ticket has no field 'sumary'; expected summary"),
        ("tracker.map.ticket.state", "values 1 in code", "'1' is no pair such as 1: open"),
        ("tracker.map.ticket.state", "values x: open in code", "says nothing"),
        ("tracker.map.ticket.state", "values 1: odd in code", "says nothing"),
        ("tracker.map.ticket.cents", "scale much in euros", "says nothing"),
        ("tracker.map.ticket.title", "shout summary", "its first word is none of these"),
        ("tracker.map.ticket.title", "scale 2 in euros", "between int and Decimal"),
    ],
)
def test_mistakes_are_told_with_their_place(load, option, text, problem):
    with pytest.raises(ConfigError) as caught:
        load(**{**FULL, option: text})
    told = str(caught.value)
    assert "b3j0fsync-synchronizer." in told
    assert f"[issues] {option}: " in told
    assert problem in told


def test_nothing_in_it_is_executed(load):
    with pytest.raises(ConfigError):
        load(**{**FULL, "tracker.map.ticket.title": "=__import__('os').system('true')"})
