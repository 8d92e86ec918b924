"""SQLStore: what columns hold, as values of fields and back."""

import datetime as dt
import enum
import logging
import uuid
from datetime import UTC
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from b3j0f.sync import Data, make_datatype
from b3j0f.sync.errors import DataError, StoreError
from b3j0f.sync.ref import Ref
from b3j0f.sync.stores.contexts import context_text, text_context


class Level(enum.Enum):
    LOW = 1
    HIGH = 2


# --- contexts --------------------------------------------------------------------------------

parts = st.text(st.sampled_from("/%25Fab "), max_size=5)


@given(st.lists(parts, max_size=4).map(tuple))
def test_context_text_is_one_to_one(context):
    assert text_context(context_text(context)) == context


@given(st.text(st.sampled_from("/%25Fab "), max_size=12))
def test_every_text_is_the_text_of_one_context(text):
    assert context_text(text_context(text)) == text


def test_contexts_in_a_column(open_store, execute):
    """They read as a user would write them."""
    plain = make_datatype("Plain", {})
    store = open_store(plain)
    for context in [(), ("",), ("a",), ("a", "b"), ("a/b",)]:
        store.add(plain(name="n", context=context))
    assert [row[0] for row in execute("SELECT context FROM Plain ORDER BY id")] == [
        *("", "/", "a", "a/b", "a%2Fb")
    ]


def test_levels_of_context(open_store, execute):
    """NULL ends a context; a level that is missing within one is an error of its row."""
    execute("CREATE TABLE Plain (id INTEGER PRIMARY KEY, name TEXT, a TEXT, b INTEGER)")
    execute("INSERT INTO Plain VALUES (1, 'n', NULL, NULL), (2, 'n', 'x', NULL), (3, 'n', 'x', 7)")
    execute("INSERT INTO Plain VALUES (4, 'n', NULL, 8), (5, 'n', '', NULL)")
    plain = make_datatype("Plain", {})
    store = open_store(plain, context_columns=["a", "b"])
    told = {}
    found = store.accessor(plain).find(unreadable=told.__setitem__)
    assert [data.context for data in found] == [(), ("x",), ("x", "7"), ("",)]
    assert "a context of at most 2 names" in str(told.pop(4))
    assert not told
    assert [data.id for data in store.find(plain, context=["x"])] == [2]
    assert [data.id for data in store.find(plain, context=["x", "7"])] == [3]
    assert [data.id for data in store.find(plain, context=[])] == [1]
    assert list(store.find(plain, context=["x", "7", "z"])) == []
    with pytest.raises(DataError, match="given tuple"):
        store.add(plain(name="n", context=("x", "seven")))
    assert store.add(plain(name="n", context=("x", "8"))).context == ("x", "8")


# --- NULL ------------------------------------------------------------------------------------


def test_null(open_store, execute):
    """It is None, or the empty text, or the default; or an error where there is none."""

    class Item(Data):
        note: str = ""
        state: str = "open"
        remark: str | None = None
        count: int = 7
        share: float = 0.5
        flag: bool = True
        price: Decimal = Decimal(1)
        tags: tuple[str, ...] = ()
        needed: int = 0

    execute(
        "CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT, context TEXT, description TEXT, "
        "note TEXT, state TEXT, remark TEXT, count INT, share REAL, flag BOOL, price NUMERIC, "
        "tags TEXT)"
    )
    execute("INSERT INTO Item (id) VALUES (1)")
    store = open_store(Item)
    (found,) = store.find(Item)
    assert found == Item(name="", state="")
    assert store.get_by_name(Item, "") == found
    for field, value in {"state": "", "remark": None, "count": 7, "flag": True}.items():
        assert [data.id for data in store.find(**{field: value})] == [1]
    assert list(store.find(state="open")) == []


def test_null_without_a_default(open_store, execute):
    class Item(Data):
        count: int

    execute("CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT, count INT)")
    execute("INSERT INTO Item VALUES (1, 'a', NULL), (2, 'b', 3)")
    store = open_store(Item)
    told = {}
    assert [d.id for d in store.accessor(Item).find(unreadable=told.__setitem__)] == [2]
    assert "table 'Item', key 1, column 'count': expected int" in str(told[1])


def test_null_stays_null(open_store, execute):
    """An update writes the columns that differ, and no other."""
    item = make_datatype("Item", {"note": str, "other": str})
    execute("CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT, note TEXT, other TEXT)")
    execute("INSERT INTO Item (id, name) VALUES (1, 'a')")
    store = open_store(item)
    stored = store.update(store[item, 1].replace(other="x"))
    assert execute("SELECT note, other FROM Item") == [(None, "x")]
    store.update(stored.replace(other=""))
    assert execute("SELECT note, other FROM Item") == [(None, "")]
    store.update(store[item, 1].replace(name="b"), store[item, 1])
    assert execute("SELECT * FROM Item") == [(1, "b", None, "")]


# --- columns of others -----------------------------------------------------------------------

SEEN = dt.datetime(2024, 3, 1, 12, 30, tzinfo=UTC)
KEY = uuid.UUID("12345678-1234-5678-1234-567812345678")

READINGS = [
    (str, "TEXT", "x", "x"),
    (str, "INTEGER", 5, "5"),
    (str, "REAL", 1.5, "1.5"),
    (bool, "INTEGER", 1, True),
    (bool, "REAL", 0.0, False),
    (bool, "TEXT", "Yes", True),
    (bool, "BOOLEAN", "f", False),
    (int, "TEXT", " 12", 12),
    (int, "REAL", 3.0, 3),
    (int, "NUMERIC", "12", 12),
    (float, "TEXT", "1e3", 1000.0),
    (float, "NUMERIC", 3, 3.0),
    (Decimal, "NUMERIC", "1.10", Decimal("1.1")),
    (Decimal, "TEXT", "1.10", Decimal("1.1")),
    (Decimal, "REAL", 0.1, Decimal("0.1")),
    (Decimal, "INTEGER", 5, Decimal(5)),
    (bytes, "BLOB", b"\0\xff", b"\0\xff"),
    (bytes, "TEXT", "AP8=", b"\0\xff"),
    (dt.datetime, "TEXT", "2024-03-01T12:30:00", SEEN),
    (dt.datetime, "TEXT", "2024-03-01T12:30:00Z", SEEN),
    (dt.datetime, "TEXT", "2024-03-01T14:30:00+02:00", SEEN),
    (dt.datetime, "DATETIME", "2024-03-01 12:30:00", SEEN),
    (dt.datetime, "TIMESTAMP", "2024-03-01 12:30", SEEN),
    (dt.datetime, "DATE", "2024-03-01", SEEN.replace(hour=0, minute=0)),
    (dt.date, "TEXT", "2024-03-01", SEEN.date()),
    (dt.date, "DATETIME", "2024-03-01 00:00:00.000000", SEEN.date()),
    (dt.time, "TEXT", "12:30", dt.time(12, 30)),
    (uuid.UUID, "CHAR(32)", KEY.hex, KEY),
    (uuid.UUID, "BLOB", KEY.bytes, KEY),
    (Level, "INTEGER", 2, Level.HIGH),
    (Level, "TEXT", "2", Level.HIGH),
    (Literal["a", "b"], "TEXT", "b", "b"),
    (Literal[1, 2], "INTEGER", 2, 2),
    (Literal[True], "INTEGER", 1, True),
    (frozenset[str], "TEXT", "b, a", frozenset("ab")),
    (tuple[int, ...], "TEXT", "[1, 2]", (1, 2)),
    (Ref["Item"], "TEXT", "a/b", Ref("a/b")),
]


@pytest.mark.parametrize("case", READINGS, ids=lambda case: str(case[:3]))
def test_what_columns_hold(open_store, execute, case):
    """It is understood, found, replaced without a false StaleError, and written back."""
    annotation, column, held, value = case
    item = make_datatype("Item", {"field": annotation | None, "other": str})
    execute(f"CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT, field {column}, other TEXT)")
    execute("INSERT INTO Item VALUES (1, 'a', ?, '')", held)
    before = execute("SELECT field FROM Item")
    store = open_store(item)
    (found,) = store.find()
    assert found.field == value
    assert type(found.field) is type(value)
    assert [data.id for data in store.find(field=value)] == [1]
    changed = store.update(found.replace(other="x"), found)
    assert execute("SELECT field FROM Item") == before
    emptied = store.update(changed.replace(field=None), changed)
    assert execute("SELECT field FROM Item") == [(None,)]
    assert store.update(emptied.replace(field=value), emptied).field == value
    assert store.add(item(name="b", field=value)).field == value
    assert [data.id for data in store.find(field=value)] == [1, 2]


NOT_UNDERSTOOD = [
    (str, "BLOB", b"x"),
    (str, "TEXT", b"\xff"),
    (int, "INTEGER", "many"),
    (int, "INTEGER", 1.5),
    (int, "TEXT", "1_000"),
    (bool, "INTEGER", 2),
    (bool, "TEXT", "maybe"),
    (float, "REAL", "fast"),
    (float, "REAL", float("inf")),
    (Decimal, "NUMERIC", "dear"),
    (Decimal, "TEXT", "NaN"),
    (bytes, "BLOB", 5),
    (dt.datetime, "DATETIME", "2024-13-01"),
    (dt.datetime, "DATETIME", 1709296200),
    (dt.datetime, "TEXT", "20240301"),
    (dt.date, "DATE", "2024-03-01 12:30:00"),
    (dt.date, "DATE", 2024),
    (dt.time, "TIME", "25:00"),
    (uuid.UUID, "TEXT", "no"),
    (Level, "INTEGER", 3),
    (Literal["a"], "TEXT", "b"),
    (tuple[int, ...], "TEXT", "[" * 5000),
    (tuple[int, ...], "TEXT", '["a"]'),
]


@pytest.mark.parametrize("case", NOT_UNDERSTOOD, ids=lambda case: str(case)[:60])
def test_what_is_not_understood(open_store, execute, case, caplog):
    """Its row alone is unreadable, in every way of reading, and is told with its place."""
    annotation, column, held = case
    item = make_datatype("Item", {"field": annotation | None})
    execute(f"CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT, field {column})")
    execute("INSERT INTO Item VALUES (1, 'a', NULL), (2, 'b', ?), (3, 'c', NULL)", held)
    store = open_store(item)
    accessor = store.accessor(item)
    for reading in (
        lambda told: accessor.find(unreadable=told),
        lambda told: accessor.get_many([1, 2, 3], unreadable=told),
    ):
        told = {}
        assert [data.id for data in reading(told.__setitem__)] == [1, 3]
        assert list(told) == [2]
        assert "table 'Item', key 2, column 'field': expected " in str(told[2])
    for reading in (lambda: store.get(item, 2), lambda: store.get_by_name(item, "b")):
        with pytest.raises(DataError) as caught:
            reading()
        assert caught.value.field == "field"
        assert caught.value.datatype == "Item"
        assert caught.value.expected
        assert caught.value.given == held
    good, bad = store[item, 1], store[item, 3].replace(id=2, name="b")
    outcomes = accessor.update_many([(bad.replace(name="z"), bad), (good.replace(name="y"), good)])
    assert isinstance(outcomes[0], DataError)
    assert outcomes[1].name == "y"
    assert caplog.records == []


def test_unreadable_rows_are_logged_where_nobody_asks(open_store, execute, caplog):
    item = make_datatype("Item", {"field": int})
    execute("CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT, field INT)")
    execute("INSERT INTO Item VALUES (1, 'a', 'x')")
    with caplog.at_level(logging.WARNING):
        assert list(open_store(item).find()) == []
    assert "key 1, column 'field': expected int" in caplog.text


def test_text_that_is_none(open_store, execute):
    """A text column whose bytes are no text spoils its own row, not the page."""
    item = make_datatype("Item", {"field": str})
    execute("CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT, field TEXT)")
    execute("INSERT INTO Item VALUES (1, 'a', 'é'), (2, 'b', CAST(x'ff41' AS TEXT))")
    store = open_store(item)
    told = {}
    assert [d.field for d in store.accessor(item).find(unreadable=told.__setitem__)] == ["é"]
    assert list(told) == [2]
    assert store.get(item, 1).field == "é"


def test_rows_without_a_key(open_store, execute):
    """SQLite lets keys of text be NULL: such a row is no data, and it is said so."""
    item = make_datatype("Item", {})
    execute("CREATE TABLE Item (code TEXT PRIMARY KEY, name TEXT)")
    execute("INSERT INTO Item VALUES (NULL, 'a'), (NULL, 'b'), ('c', 'c')")
    store = open_store(item)
    told = {}
    found = store.accessor(item).find(unreadable=told.__setitem__)
    assert [data.id for data in found] == ["c"]
    assert "2 rows have NULL in the key column 'code'" in str(told.popitem()[1])
    assert len(store) == 1


def test_keys_of_a_wrong_kind(open_store, execute):
    """A number key that is text cannot be an id that anybody could ask for; it is told."""
    item = make_datatype("Item", {})
    execute("CREATE TABLE Item (id INT PRIMARY KEY, name TEXT)")
    execute("INSERT INTO Item VALUES (1, 'a'), ('x', 'b'), (2, 'c')")
    told = {}
    found = open_store(item).accessor(item).find(unreadable=told.__setitem__)
    assert [data.id for data in found] == [1, 2]
    assert list(told) == ["x"]


@pytest.mark.parametrize(
    "case",
    [
        (int, "INTEGER", 2**63, "64 bits"),
        (str, "INTEGER", "seven", "expected str for Item.field"),
        (str, "INTEGER", "007", "expected str for Item.field"),
    ],
)
def test_values_that_do_not_fit(open_store, execute, case):
    annotation, column, value, problem = case
    item = make_datatype("Item", {"field": annotation})
    execute(f"CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT, field {column})")
    store = open_store(item)
    with pytest.raises(DataError) as caught:
        store.add(item(name="a", field=value))
    assert problem in f"{caught.value} {caught.value.__cause__}"
    assert "table 'Item', column 'field'" in str(caught.value)
    assert len(store) == 0


# --- ids -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "held", "foreign"),
    [
        ("INTEGER PRIMARY KEY", 1, ["1", "abc", "", 2**63, -(2**70), 0]),
        ("INT PRIMARY KEY", 1, ["1", "1.0", 2**64]),
        ("TEXT PRIMARY KEY", "1", [1, 0, "01", "1 ", "\ud800", "1\0"]),
        ("TEXT PRIMARY KEY COLLATE NOCASE", "abc", ["ABC", "Abc", 0]),
    ],
)
def test_ids_are_exact(open_store, execute, column, held, foreign):
    """What find gives, get takes; no other id leads to the same data, in no verb."""
    item = make_datatype("Item", {"field": str})
    execute(f"CREATE TABLE Item (id {column}, name TEXT, field TEXT)")
    execute("INSERT INTO Item VALUES (?, 'a', '')", held)
    store = open_store(item)
    (found,) = store.find()
    assert found.id == held
    assert type(found.id) is type(held)
    assert store.get(item, found.id) == found
    accessor = store.accessor(item)
    assert list(accessor.get_many([*foreign, held])) == [found]
    assert list(accessor.get_many(foreign)) == []
    for id in foreign:
        assert store.get(item, id) is None
        assert list(store.find(id=id)) == []
        other = item(name="a", id=id)
        assert other not in store
        for verb in (
            lambda: store.update(other.replace(field="x"), other),  # noqa: B023 - called at once
            lambda: store.remove(other),  # noqa: B023 - called at once
        ):
            with pytest.raises(StoreError, match="has no Item"):
                verb()
    assert [type(error).__name__ for error in accessor.remove_many([item(name="a", id=id)])] == [
        "NotFoundError"
    ]
    assert list(store) == [found]


def test_scan_of_keys_in_another_order(open_store, execute):
    """A scan goes by the order in which the key is unique: no row is passed over."""
    item = make_datatype("Item", {})
    execute("CREATE TABLE Item (id TEXT COLLATE NOCASE, name TEXT)")
    execute("CREATE UNIQUE INDEX i ON Item (id COLLATE BINARY)")
    ids = {a + b for a in "aAbB" for b in "xXyYzZ"}
    for id in ids:
        execute("INSERT INTO Item VALUES (?, '')", id)
    store = open_store(item, key="id")
    assert len(list(store.find(limit=1000))) == 24
    for limit in (1, 2, 5):
        assert len(list(store.accessor(item)._pages([], limit))) > 1
        rows = [row for page in store.accessor(item)._pages([], limit) for row in page]
        assert {row[0] for row in rows} == ids
        assert len(rows) == len(ids)


# --- round trips -----------------------------------------------------------------------------


class Everything(Data):
    text: str = ""
    number: int = 0
    share: float = 0.0
    price: Decimal = Decimal(0)
    blob: bytes = b""
    flag: bool = False
    seen: dt.datetime = dt.datetime(2000, 1, 1, tzinfo=UTC)
    day: dt.date = dt.date(2000, 1, 1)
    at: dt.time = dt.time(0)
    key: uuid.UUID = uuid.UUID(int=0)
    level: Level = Level.LOW
    words: tuple[str, ...] = ()
    remark: str | None = None


VALUES = {
    "name": st.text(),
    "context": st.lists(st.text(max_size=4), max_size=3).map(tuple),
    "text": st.text(),
    "number": st.integers(-(2**63), 2**63 - 1),
    "share": st.floats(allow_nan=False, allow_infinity=False),
    "price": st.decimals(allow_nan=False, allow_infinity=False),
    "blob": st.binary(),
    "flag": st.booleans(),
    "seen": st.datetimes(
        dt.datetime(1, 1, 2),  # noqa: DTZ001 - the zone comes with the other argument
        dt.datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.timezones(),
    ).map(lambda moment: moment.astimezone(UTC)),
    "day": st.dates(),
    "at": st.times(),
    "key": st.uuids(),
    "level": st.sampled_from(Level),
    "words": st.lists(st.text(), max_size=4).map(tuple),
    "remark": st.none() | st.text(),
}
changes = st.fixed_dictionaries({}, optional=VALUES)


@pytest.fixture(params=["made", "loose"])
def filled(request, open_store, execute):
    """A table of ours, and one whose columns have no types at all."""
    if request.param == "loose":
        columns = ", ".join(f'"{name}"' for name in VALUES)
        execute(f"CREATE TABLE Everything (id INTEGER PRIMARY KEY, {columns})")
        return open_store(Everything, columns={"context": "context"})
    return open_store(Everything)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes, changes)
def test_what_the_store_gives_it_takes_back(filled, first, second):
    """Added, found, updated from what was read: no value is lost or called stale."""
    data = Everything(**{"name": "n", **first})
    added = filled.add(data)
    assert added == data
    found = filled.get(Everything, added.id)
    assert found == added
    new = data.replace(**second)
    updated = filled.update(new, found)
    assert updated == new
    assert filled.get(Everything, added.id) == new
    for field in ("name", "text", "number", "seen", "remark"):
        where = {"names": [new.name]} if field == "name" else {field: getattr(new, field)}
        assert added.id in {data.id for data in filled.find(Everything, **where)}
    filled.remove(updated)


def test_times_to_the_microsecond(open_store):
    """Created and updated come back as they were answered."""
    item = make_datatype("Item", {})
    store = open_store(item)
    given_time = dt.datetime(2024, 3, 1, 12, 0, 0, 1, tzinfo=UTC)
    stored = store.add(item(name="a", created=given_time))
    (found,) = store.find()
    assert (found.created, found.updated) == (given_time, stored.updated)
    assert found.created.tzinfo is found.updated.tzinfo is UTC


@pytest.mark.parametrize(
    "held",
    [
        *("2024-03-01 12:00:00", "2024-03-01T12:00:00Z", "2024-03-01 12:00:00.000000"),
        *("2024-03-02T02:00:00+14:00", "2024-02-29T22:00:00-14:00"),
    ],
)
def test_since_in_any_format(open_store, execute, held):
    """Times of other programs are compared as times, not as text."""
    item = make_datatype("Item", {})
    store = open_store(item)
    stored = store.add(item(name="a"))
    execute("UPDATE Item SET updated = ?", held)
    noon = dt.datetime(2024, 3, 1, 12, tzinfo=UTC)
    assert [data.id for data in store.find(updated_since=noon)] == [stored.id]
    assert list(store.find(updated_since=noon + dt.timedelta(microseconds=1))) == []
    assert list(store.find(created_since=stored.created)) != []
    assert len(list(store.find(updated_since=dt.datetime.min.replace(tzinfo=UTC)))) == 1


def test_case_counts(open_store, execute):
    """Also where a column's collation says otherwise."""
    item = make_datatype("Item", {"field": str})
    execute(
        "CREATE TABLE Item (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, "
        "field TEXT COLLATE NOCASE)"
    )
    store = open_store(item)
    for name in ("a", "A", "b"):
        store.add(item(name=name, field=name))
    assert store.get_by_name(item, "A").id == 2
    assert [data.id for data in store.find(names=["A"])] == [2]
    assert [data.id for data in store.find(field="A", limit=1)] == [2]
    old = store[item, 1]
    execute("UPDATE Item SET field = 'A' WHERE id = 1")
    with pytest.raises(StoreError, match="has been changed by somebody else"):
        store.update(old.replace(name="z"), old)


def test_many_names(open_store):
    """More than a statement can have parameters."""
    item = make_datatype("Item", {})
    store = open_store(item)
    store.accessor(item).add_many([item(name=f"n{number}") for number in range(3000)])
    names = {f"n{number}" for number in range(0, 100_000, 2)} | {"", "x" * 1000}
    found = [data.name for data in store.find(names=names)]
    assert len(found) == len(set(found)) == 1500
    assert len(list(store.find(names=names, limit=1200))) == 1200
    assert list(store.find(names=[])) == []
