"""SQLStore: the tables that it makes, and those that it is told about by options."""

import sqlite3

import pytest

from b3j0f.sync import Capability, Data, make_datatype
from b3j0f.sync.errors import (
    ConfigError,
    DataError,
    StoreError,
    UnfitDataError,
    UnsupportedError,
)


class Customer(Data):
    email: str = ""
    credit: int = 0


@pytest.fixture
def open_store(open_store):
    """Of customers, where no type is given."""
    return lambda *types, **options: open_store(*(types or [Customer]), **options)


def mistakes(store):
    with pytest.raises(ConfigError) as caught:
        store.connect()
    assert not store.is_connected
    return [str(error.option) + ": " + error._sentence() for error in caught.value.errors]


# --- made by us ------------------------------------------------------------------------------


def test_made_table(open_store, execute):
    """It is called like the type, and has the columns in the declared order."""
    open_store().connect()
    assert execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") == [
        ("Customer",),
        ("sqlite_sequence",),
    ]
    columns = [row[1] for row in execute("PRAGMA table_info('Customer')")]
    assert columns == [
        *("id", "name", "context", "description", "created", "updated"),
        *("email", "credit"),
    ]


def test_made_table_is_found_by_name(open_store, execute):
    """Looking for a name in a context goes by an index."""
    open_store().connect()
    plan = execute("EXPLAIN QUERY PLAN SELECT * FROM Customer WHERE name = 'a' AND context = ''")
    assert "USING INDEX ix_Customer_name (name=? AND context=?)" in str(plan)


@pytest.mark.parametrize("name", ["order", "Straße", "select", 'x"y', "a b", "a%b", "p.q", "a:b"])
def test_names_that_need_quotes(open_store, execute, name):
    """Type and field names never are a part of the statement's grammar."""
    table = name if name.isidentifier() else "plain"
    datatype = make_datatype(table, {"order": str, "größe": int, "id_": str})
    store = open_store(datatype, table=name)
    stored = store.add(datatype(name="'; DROP TABLE x; --", order="%s", größe=7))
    store.update(stored.replace(größe=8))
    assert store.get(datatype, stored.id).größe == 8
    assert store.get_by_name(datatype, stored.name) == stored.replace(größe=8)
    assert [data.order for data in store.find(datatype, order="%s")] == ["%s"]
    assert (name,) in execute("SELECT name FROM sqlite_master")


def test_unique_names(open_store, execute):
    """The database itself keeps them unique, and it is known when the table is met again."""
    store = open_store(unique_names=True)
    assert Capability.UNIQUE_NAMES in store.accessor(Customer).capabilities
    store.add(Customer(name="ann"))
    with pytest.raises(sqlite3.IntegrityError):
        execute("INSERT INTO Customer (name) VALUES ('ann')")
    again = open_store()
    assert Capability.UNIQUE_NAMES in again.accessor(Customer).capabilities


def test_ids_of_the_database_are_never_used_again(open_store, execute):
    store = open_store()
    gone = store.add(Customer(name="a"))
    store.remove(gone)
    assert store.add(Customer(name="b")).id == gone.id + 1


def test_made_with_other_names(open_store, execute):
    """With ``create`` a missing table gets the names that the options give."""
    store = open_store(
        table="clients",
        key="number",
        name_column="label",
        context_columns=["country", "city"],
        columns={"email": "mail"},
        updated_column="touched",
        create=True,
    )
    data = Customer(name="ann", context=("fr", "paris"), email="a@x.org", credit=3)
    stored = store.add(data)
    assert stored == data
    columns = [row[1] for row in execute("PRAGMA table_info('clients')")]
    assert columns == [
        *("number", "label", "country", "city", "description", "created", "touched"),
        *("mail", "credit"),
    ]
    assert stored.updated is not None
    assert open_store(table="clients", create=False).accessor(Customer).fields == {
        *("name", "context", "description", "credit")
    }


def test_rows_of_others_in_a_made_table(open_store, execute):
    """Another program's rows need no more than a name."""
    store = open_store()
    store.connect()
    execute("INSERT INTO Customer (name) VALUES ('ann')")
    (found,) = store.find(Customer)
    assert found == Customer(name="ann")
    assert found.created is found.updated is None


def test_missing_table_that_is_not_to_be_made(open_store, execute):
    """Nothing is made where the options show that a table is expected, or forbid it."""
    execute("CREATE TABLE clients (id INTEGER PRIMARY KEY, name TEXT)")
    wrong = mistakes(open_store(table="client", columns={"email": "mail"}))
    assert len(wrong) == 1
    assert "has no table 'client'; expected 'clients'" in wrong[0]
    assert "has no table 'Customer'" in mistakes(open_store(create=False))[0]
    assert execute("SELECT name FROM sqlite_master") == [("clients",)]


# --- there already ---------------------------------------------------------------------------


def test_untouched_columns(open_store, execute):
    """A column without a field keeps its default, and what it holds through an update."""
    execute(
        "CREATE TABLE Customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT, "
        "rating INTEGER NOT NULL DEFAULT 5, note TEXT)"
    )
    store = open_store()
    assert store.accessor(Customer).fields == {"name", "context", "email"}
    stored = store.add(Customer(name="ann", credit=9))
    assert stored.credit == 0
    assert stored.created is stored.updated is None
    execute("UPDATE Customer SET note = 'mine'")
    store.update(stored.replace(email="a@x.org"))
    assert execute("SELECT * FROM Customer") == [(1, "ann", "a@x.org", 5, "mine")]


def test_computed_columns(open_store, execute):
    """What the database computes is read, and never written."""
    execute(
        "CREATE TABLE Customer (id INTEGER PRIMARY KEY, name TEXT, credit INTEGER, "
        "email TEXT GENERATED ALWAYS AS (name || '@x.org'))"
    )
    store = open_store()
    stored = store.add(Customer(name="ann", email="other", credit=1))
    assert stored.email == "ann@x.org"
    updated = store.update(stored.replace(email="other", credit=2), stored)
    assert (updated.email, updated.credit) == ("ann@x.org", 2)
    assert store.update(updated.replace(email="other"), updated) == updated


def test_columns_that_must_be_filled(open_store, execute):
    """What only the database knows of, it says in its own words; nothing is written."""
    execute("CREATE TABLE Customer (id INTEGER PRIMARY KEY, name TEXT, vat TEXT NOT NULL)")
    store = open_store()
    with pytest.raises(StoreError, match=r"NOT NULL constraint failed: Customer\.vat") as caught:
        store.add(Customer(name="ann"))
    assert type(caught.value) is UnfitDataError
    assert isinstance(caught.value.__cause__.orig, sqlite3.IntegrityError)
    assert len(store) == 0


def test_no_context_column(open_store, execute):
    """All its data are in the context (); a data in another one is refused, not put there."""
    execute("CREATE TABLE Customer (id INTEGER PRIMARY KEY, name TEXT)")
    store = open_store()
    stored = store.add(Customer(name="ann"))
    with pytest.raises(DataError, match=r"a context of at most 0 names"):
        store.add(Customer(name="bob", context=("fr",)))
    assert list(store.find(context=["fr"])) == []
    assert list(store.find(context=[])) == [stored]
    assert store.get_by_name(Customer, "ann", ["fr"]) is None


def test_key_that_is_given(open_store, execute):
    """A key that the database does not make up comes from the data, or from a field."""
    execute("CREATE TABLE Customer (code TEXT PRIMARY KEY, name TEXT)")
    store = open_store()
    assert store.add(Customer(id="x1", name="ann")).id == "x1"
    with pytest.raises(DataError, match="has no id, and column 'code' gets none"):
        store.add(Customer(name="bob"))
    item = make_datatype("Item", {"code": str})
    execute("CREATE TABLE Item (code TEXT PRIMARY KEY, name TEXT)")
    items = open_store(item)
    assert items.add(item(name="pen", code="p-1")).id == "p-1"
    assert items.add(item(name="ink", code="i-1", id="i-1")).code == "i-1"
    with pytest.raises(DataError, match="shares column 'code'"):
        items.add(item(name="cup", code="c-1", id="other"))
    moved = items.update(items[item, "p-1"].replace(code="p-2"))
    assert moved.id == "p-2"
    assert items.get(item, "p-1") is None


def test_key_that_sqlite_would_leave_empty(open_store, execute):
    """INT PRIMARY KEY is no row number: SQLite would put NULL there."""
    execute("CREATE TABLE Customer (id INT PRIMARY KEY, name TEXT)")
    store = open_store()
    with pytest.raises(DataError, match="has no id"):
        store.add(Customer(name="ann"))
    assert store.add(Customer(name="ann", id=7)).id == 7


def test_key_is_the_name(open_store, execute):
    """Without a column called name, the key is it; renaming changes the id."""
    execute("CREATE TABLE Customer (number INTEGER PRIMARY KEY, email TEXT)")
    store = open_store()
    assert Capability.UNIQUE_NAMES in store.accessor(Customer).capabilities
    stored = store.add(Customer(name="17", email="a@x.org"))
    assert (stored.id, stored.name) == (17, "17")
    renamed = store.update(stored.replace(name="18"))
    assert (renamed.id, renamed.name, renamed.email) == (18, "18", "a@x.org")
    assert store.get(Customer, 17) is None
    with pytest.raises(DataError, match=r"column 'number'.*given str 'ann'"):
        store.add(Customer(name="ann"))
    assert [data.id for data in store.find(names=["18", "ann", "018"])] == [18]


def test_shared_column(open_store, execute):
    """A column may be the name and a field: both read it, and they have to agree."""
    execute("CREATE TABLE Customer (id INTEGER PRIMARY KEY, email TEXT UNIQUE, credit INTEGER)")
    store = open_store(name_column="email")
    assert store.accessor(Customer).fields == {"name", "context", "email", "credit"}
    stored = store.add(Customer(name="a@x.org", email="a@x.org"))
    assert (stored.name, stored.email) == ("a@x.org", "a@x.org")
    with pytest.raises(DataError, match="shares column 'email' with another field"):
        store.update(stored.replace(email="b@x.org"))
    assert store.update(stored.replace(credit=1)).credit == 1
    new = store.update(store[Customer, 1].replace(email="b@x.org", name="b@x.org"))
    assert (new.name, new.email) == ("b@x.org", "b@x.org")


def test_times_that_are_named(open_store, execute):
    """Named columns of times are written; others called so are read where they hold times."""
    execute("CREATE TABLE Customer (id INTEGER PRIMARY KEY, name TEXT, made TEXT, seen TEXT)")
    store = open_store(created_column="made", updated_column="seen")
    stored = store.add(Customer(name="ann"))
    assert stored.created == stored.updated
    updated = store.update(stored.replace(name="bob"))
    assert updated.updated > updated.created == stored.created
    assert execute("SELECT seen FROM Customer") == [(updated.updated.isoformat(),)]


def test_times_that_are_not_named(open_store, execute):
    execute(
        "CREATE TABLE Customer (id INTEGER PRIMARY KEY, name TEXT, "
        "created DATETIME DEFAULT '2020-01-02 03:04:05', updated TEXT DEFAULT 'by hand')"
    )
    stored = open_store().add(Customer(name="ann"))
    assert stored.created.isoformat() == "2020-01-02T03:04:05+00:00"
    assert stored.updated is None
    assert execute("SELECT updated FROM Customer") == [("by hand",)]


def test_names_by_case(open_store, execute):
    """Tables and columns are found when they differ by nothing but their case."""
    execute("CREATE TABLE CUSTOMER (ID INTEGER PRIMARY KEY, NAME TEXT, EMail TEXT)")
    store = open_store(columns={"email": "EMAIL"})
    store.add(Customer(name="ann", email="a@x.org"))
    assert execute("SELECT EMail FROM CUSTOMER") == [("a@x.org",)]


@pytest.mark.parametrize(
    ("constraint", "unique"),
    [
        ("UNIQUE (name)", True),
        ("UNIQUE (name, context)", True),
        ("UNIQUE (context, name)", True),
        ("UNIQUE (name, email)", False),
        ("UNIQUE (email)", False),
    ],
)
def test_constraints_that_keep_names_unique(open_store, execute, constraint, unique):
    execute(
        "CREATE TABLE Customer (id INTEGER PRIMARY KEY, name TEXT, context TEXT NOT NULL, "
        f"email TEXT, {constraint})"
    )
    capabilities = open_store().accessor(Customer).capabilities
    assert (Capability.UNIQUE_NAMES in capabilities) is unique


@pytest.mark.parametrize(
    ("index", "unique"),
    [
        ("(name)", True),
        ("(name) WHERE email = ''", False),
        ("(lower(name))", False),
        ("(name COLLATE NOCASE)", True),
    ],
)
def test_indexes_that_keep_names_unique(open_store, execute, index, unique):
    execute("CREATE TABLE Customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
    execute(f"CREATE UNIQUE INDEX i ON Customer {index}")
    capabilities = open_store().accessor(Customer).capabilities
    assert (Capability.UNIQUE_NAMES in capabilities) is unique


# --- mistakes --------------------------------------------------------------------------------


def test_mistakes_are_told_at_once(open_store, execute):
    """Each with the option, the table, the column and the nearest one."""
    execute("CREATE TABLE clients (number INTEGER PRIMARY KEY, label TEXT, mail TEXT, city TEXT)")
    wrong = mistakes(
        open_store(
            per_type={
                "Customer": {
                    "table": "clients",
                    "name_column": "lable",
                    "context_columns": ["country", "city"],
                    "columns": {"email": "email", "emial": "mail"},
                    "updated_column": "city",
                }
            }
        )
    )
    assert [line.split(":")[0] for line in wrong] == [
        "Customer.columns.emial",
        "Customer.name_column",
        "Customer.context_columns",
        "Customer.columns.email",
        "Customer.updated_column",
    ]
    assert "Customer has no field 'emial'; expected email" in wrong[0]
    assert "table 'clients' has no column 'lable'; expected 'label'" in wrong[1]
    assert "no column 'country'" in wrong[2]
    assert "table 'clients' has no column 'email'; expected 'mail'" in wrong[3]
    assert "'city' of table 'clients' is used for something else" in wrong[4]


@pytest.mark.parametrize(
    ("table", "options", "problem"),
    [
        ("name TEXT", {}, "has no primary key"),
        ("a TEXT, b TEXT, PRIMARY KEY (a, b)", {}, "no column for the names"),
        ("a TEXT, b TEXT", {"key": ["a", "b"]}, "columns 'a', 'b' of table 'Customer' are not"),
        ("a TEXT, b TEXT", {"key": "a"}, "'a' of table 'Customer' is not unique by itself"),
        ("id REAL PRIMARY KEY", {}, "a key of integers, of text or of UUIDs"),
        ("id PRIMARY KEY", {}, "a key of integers, of text or of UUIDs"),
        (
            "id INTEGER PRIMARY KEY, name TEXT",
            {"unique_names": True},
            "does not keep names unique; expected a unique constraint on (name)",
        ),
    ],
)
def test_tables_that_do_not_fit(open_store, execute, table, options, problem):
    execute(f"CREATE TABLE Customer ({table})")
    (wrong,) = mistakes(open_store(**options))
    assert problem in wrong


def test_views(open_store, execute):
    """A view has no key that could be relied on: a user has to name it; it is only read."""
    execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)")
    execute("INSERT INTO t (name) VALUES ('ann'), ('bob')")
    execute("CREATE VIEW Customer AS SELECT * FROM t")
    assert "'Customer' is a view" in mistakes(open_store())[0]
    store = open_store(Customer, key="id")
    assert [(d.id, d.name) for d in store] == [(1, "ann"), (2, "bob")]
    assert store.accessor(Customer).capabilities == Capability.READ_ONLY
    with pytest.raises(UnsupportedError):
        store.add(Customer(name="eve"))


def test_field_that_needs_a_column(open_store, execute):
    class Invoice(Data):
        total: int

    execute("CREATE TABLE Invoice (id INTEGER PRIMARY KEY, name TEXT)")
    (wrong,) = mistakes(open_store(Invoice))
    assert "table 'Invoice' has no column for Invoice.total" in wrong


def test_one_table_for_two_types(open_store):
    class Client(Data):
        pass

    (wrong,) = mistakes(open_store(Customer, Client, table="people"))
    assert "Client.table" in wrong
    assert "table 'people' has the data of Customer already" in wrong


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"table": ""}, "table"),
        ({"key": 1}, "key"),
        ({"columns": "email"}, "columns"),
        ({"columns": {"email": 1}}, "columns"),
        ({"context_columns": 1}, "context_columns"),
        ({"unique_names": "yes"}, "unique_names"),
        ({"per_type": {"Customer": {"keys": "id"}}}, "Customer.keys"),
        ({"per_type": {"Custmer": {}}}, "Custmer"),
    ],
)
def test_options_of_a_wrong_form(open_store, options, option):
    with pytest.raises(ConfigError) as caught:
        open_store(**options)
    assert caught.value.option == option


def test_options_for_one_type_and_for_all(open_store, execute):
    class Client(Data):
        pass

    store = open_store(
        Customer, Client, unique_names=True, per_type={"Client": {"unique_names": False}}
    )
    unique = [
        Capability.UNIQUE_NAMES in store.accessor(datatype).capabilities
        for datatype in (Customer, Client)
    ]
    assert unique == [True, False]
