"""Columns of the types that PostgreSQL and MariaDB have of their own, in tables of others."""

import datetime as dt
import enum
import uuid
from decimal import Decimal

import pytest
from databases import SERVERS

from b3j0f.sync import Data, DataError, MemoryStore, SQLStore, StoreError, Synchronizer


class Mood(enum.Enum):
    GLAD = "glad"
    SAD = "not so glad"


class Thing(Data):
    mood: Mood = Mood.GLAD
    word: str = ""
    tags: tuple[str, ...] = ()
    numbers: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    raw: str = ""
    price: Decimal = Decimal(0)
    ratio: float = 0.0
    small: int | None = None
    flag: bool | None = None
    day: dt.date | None = None
    alarm: dt.time | None = None
    local: dt.datetime | None = None
    moment: dt.datetime | None = None
    token: uuid.UUID | None = None
    blob: bytes = b""
    total: Decimal | None = None
    state: str | None = None


POSTGRESQL = [
    "CREATE TYPE mood AS ENUM ('glad', 'not so glad')",
    'CREATE SCHEMA "of Others"',
    """CREATE TABLE "of Others"."The Things" (
        "Key" UUID PRIMARY KEY DEFAULT gen_random_uuid(),
        "select" VARCHAR(20) NOT NULL,
        mood mood NOT NULL DEFAULT 'glad', word mood, tags TEXT[] NOT NULL DEFAULT '{}',
        numbers INTEGER[], notes JSONB, raw JSON, price NUMERIC(10, 2) NOT NULL DEFAULT 0,
        ratio REAL, small SMALLINT, flag BOOLEAN, day DATE, alarm TIME, local TIMESTAMP,
        moment TIMESTAMPTZ(0), token UUID, blob BYTEA,
        total NUMERIC GENERATED ALWAYS AS (price * 2) STORED,
        state CHAR(4) DEFAULT 'new', hidden TEXT NOT NULL DEFAULT 'untouched')""",
]
MARIADB = [
    """CREATE TABLE `The Things` (
        `Key` UUID PRIMARY KEY DEFAULT (UUID()),
        `select` VARCHAR(20) NOT NULL,
        mood ENUM('glad', 'not so glad') NOT NULL DEFAULT 'glad',
        word ENUM('glad', 'not so glad'), tags JSON NOT NULL DEFAULT ('[]'),
        numbers JSON, notes JSON, raw JSON, price DECIMAL(10, 2) NOT NULL DEFAULT 0,
        ratio FLOAT, small SMALLINT, flag BIT(1), day DATE, alarm TIME, local DATETIME(6),
        moment TIMESTAMP NULL, token UUID, `blob` VARBINARY(200),
        total DECIMAL(12, 2) AS (price * 2) STORED,
        state CHAR(4) DEFAULT 'new', hidden TEXT NOT NULL DEFAULT 'untouched')
        DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci""",
]


@pytest.fixture(params=SERVERS)
def things(request, database):
    """The URL of a database with a table of all types, and the options of the store."""
    import sqlalchemy as sa

    url = database(SERVERS[request.param])
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in POSTGRESQL if request.param == "postgresql" else MARIADB:
            connection.exec_driver_sql(statement)
    options = {"table": "The Things", "name_column": "select"}
    if request.param == "postgresql":
        options["schema"] = "of Others"
    return engine, options


@pytest.fixture
def store(things):
    engine, options = things
    store = SQLStore(engine.url, [Thing], **options)
    yield store
    store.disconnect()


FULL = Thing(
    name="full",
    mood=Mood.SAD,
    word="glad",
    tags=("a", "b, c", 'd"', "é{}"),
    numbers=frozenset({1, 2, -3}),
    notes=("x", "y"),
    raw='{"a": [1, 2]}',
    price=Decimal("12.30"),
    ratio=0.5,
    small=-7,
    flag=True,
    day=dt.date(2024, 2, 29),
    alarm=dt.time(6, 30),
    local=dt.datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=dt.UTC),
    moment=dt.datetime(2024, 2, 29, 12, 0, tzinfo=dt.UTC),
    token=uuid.UUID(int=5),
    blob=b"\0\xff",
    total=Decimal("24.60"),
    state="old",
)


def held(data):
    return {name: getattr(data, name) for name in data.__class__.__annotations__}


def test_all_types_come_back(store):
    added = store.add(FULL)
    assert uuid.UUID(added.id)
    assert held(added) == held(FULL)
    assert held(store.get(Thing, added.id)) == held(FULL)
    changed = store.update(
        added.replace(mood=Mood.GLAD, tags=(), numbers=frozenset(), flag=None), added
    )
    assert (changed.mood, changed.tags, changed.numbers, changed.flag) == (
        Mood.GLAD,
        (),
        frozenset(),
        None,
    )


def test_many_at_once(store):
    every = [FULL.replace(name=f"n{n}", small=n) for n in range(300)]
    outcomes = store.accessor(Thing).add_many(every)
    assert [held(one) for one in outcomes] == [held(one) for one in every]
    pairs = [(one.replace(mood=Mood.GLAD, notes=("z",), day=None), one) for one in outcomes]
    updated = store.accessor(Thing).update_many(pairs)
    assert {(one.mood, one.notes, one.day) for one in updated} == {(Mood.GLAD, ("z",), None)}
    assert store.accessor(Thing).remove_many(updated, unchanged=True) == [None] * 300


def test_conditions_on_them(store):
    full, other = store.add(FULL), store.add(Thing(name="other", price=Decimal(1)))
    for field in ("mood", "word", "tags", "price", "small", "flag", "day", "moment", "token"):
        found = [d.name for d in store.find(Thing, **{field: getattr(FULL, field)})]
        assert found == ["full"], field
    assert [d.id for d in store.find(Thing, small=None)] == [other.id]
    assert store.get_by_name(Thing, "full").id == full.id


def test_what_the_database_says_by_itself(store):
    """Defaults and computed columns are what is there, and no edit of anybody."""
    added = store.add(Thing(name="n", price=Decimal("1.50"), total=Decimal(99)))
    assert added.total == Decimal("3.00")
    other = MemoryStore([Thing], name="other")
    with Synchronizer([store, other]) as sync:
        assert sync.run().ok
        assert other.get_by_name(Thing, "n").total == Decimal("3.00")
        data = other.get_by_name(Thing, "n")
        other.update(data.replace(price=Decimal("2.50")), data)
        assert sync.run().ok
        assert store.get_by_name(Thing, "n").total == Decimal("5.00")
        assert other.get_by_name(Thing, "n").total == Decimal("5.00")
        assert not sync.plan().operations


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x" * 21},
        {"word": "no such mood"},
        {"small": 40_000},
        {"price": Decimal("123456789.5")},
        {"state": "longer"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_does_not_fit_fails_alone(store, wrong):
    every = [FULL.replace(**({"name": f"n{n}"} | (wrong if n == 3 else {}))) for n in range(6)]
    outcomes = store.accessor(Thing).add_many(every)
    failed = [one for one in outcomes if isinstance(one, Exception)]
    assert len(failed) == 1
    assert isinstance(outcomes[3], DataError), outcomes[3]
    assert "x" * 21 not in str(outcomes[3])
    assert len(store) == 5


def test_a_coarser_column_takes_nothing_from_others(store):
    """NUMERIC(10, 2) rounds, TIMESTAMP(0) cuts off, FLOAT is coarse: the others keep theirs."""
    fine = Thing(
        name="fine",
        price=Decimal("1.005"),
        ratio=0.1,
        moment=dt.datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=dt.UTC),
    )
    other = MemoryStore([Thing], name="other")
    other.add(fine)
    with Synchronizer([store, other]) as sync:
        assert sync.run().ok
        assert store.get_by_name(Thing, "fine").price in {Decimal("1.00"), Decimal("1.01")}
        assert other.get_by_name(Thing, "fine").price == Decimal("1.005")
        assert not sync.plan().operations
        data = other.get_by_name(Thing, "fine")
        other.update(data.replace(small=3), data)
        assert other.get_by_name(Thing, "fine").moment == fine.moment
        assert not sync.plan().operations


def test_hidden_columns_stay(store, things):
    engine, options = things
    quote = engine.dialect.identifier_preparer.quote
    table = ".".join(quote(one) for one in (options.get("schema"), "The Things") if one)
    added = store.add(FULL)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET hidden = 'mine'")  # noqa: S608
    store.update(added.replace(small=1), added)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT hidden FROM {table}").scalar() == "mine"  # noqa: S608


def test_case_and_blanks(things):
    """Where a column calls more equal than we do, each data is what it is all the same."""
    engine, _options = things

    class Person(Data):
        mail: str = ""

    unique = "citext" if engine.dialect.name == "postgresql" else "VARCHAR(20)"
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS citext")
        connection.exec_driver_sql(
            f"CREATE TABLE person (login {unique} PRIMARY KEY, mail {unique})"
        )
    store = SQLStore(engine.url, [Person], table="person", key="login", name_column="login")
    store.add(Person(name="Ann", mail="A"))
    assert store.get_by_name(Person, "ann") is None
    assert store.get(Person, "ann") is None
    assert [d.name for d in store.find(Person, mail="a")] == []
    assert [d.name for d in store.find(Person, mail="A")] == ["Ann"]
    with pytest.raises(StoreError):
        store.add(Person(name="ann"))
    ann = store.get(Person, "Ann")
    renamed = store.update(ann.replace(name="ann"), ann)
    assert (renamed.id, renamed.name) == ("ann", "ann")
    store.disconnect()
