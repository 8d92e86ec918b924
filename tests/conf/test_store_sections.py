"""Stores of b3j0fsync-store.conf."""

from __future__ import annotations

from pathlib import Path

import pytest
from conf_classes import Level, Plain, Ticket, Tracker

from b3j0f.sync import conf as configuration
from b3j0f.sync.errors import ConfigError
from b3j0f.sync.store import Store
from b3j0f.sync.stores.files import FileStore
from b3j0f.sync.stores.memory import MemoryStore
from b3j0f.sync.stores.sql import SQLStore

DATA = {
    "customer": {"email": "str", "credit": "int = 0"},
    "ticket": {"class": "conf_classes.Ticket"},
}


def test_a_store_gets_its_options_as_its_constructor_wants_them(conf, monkeypatch):
    monkeypatch.setenv("TOKEN", "t")
    options = {
        "class": "conf_classes.Plain",
        "url": "sqlite:///kept-as-it-is",  # it has no annotation
        "token": "=env:TOKEN",
        "retries": "5",
        "pause": "=0.5",
        "verify": "no",
        "folder": "data",
        "place": "~/data",
        "labels": "a, b",
        "numbers": "1, 2",
        "columns": "email: mail, credit: limit",
        "mode": "slow",
        "level": "high",
        "zone": "=None",
        "either": "x",
        "anything": "={'a': 1}",
        "autoconnect": "off",
    }
    store = Store.load("plain") if conf.write(store={"plain": options}) else None
    assert type(store) is Plain
    assert (store.name, store.autoconnect, store.is_connected) == ("plain", False, False)
    assert store.given == {
        "url": "sqlite:///kept-as-it-is",
        "token": "t",
        "retries": 5,
        "pause": 0.5,
        "verify": False,
        "folder": conf.directory / "data",
        "place": Path.home() / "data",
        "labels": ("a", "b"),
        "numbers": [1, 2],
        "columns": {"email": "mail", "credit": "limit"},
        "mode": "slow",
        "level": Level.HIGH,
        "zone": None,
        "port": None,
        "either": "x",
        "anything": {"a": 1},
    }


def test_the_shipped_stores_are_found_by_name(conf):
    conf.write(
        data=DATA,
        store={
            "m": {"class": "memory", "types": "customer, ticket", "unique_names": "true"},
            "f": {"class": "files", "types": "customer", "path": "customers.csv"},
            "s": {"class": "sql", "types": "ticket", "url": "sqlite:///crm.db", "timeout": "5"},
            "p": {
                "class": "sql",
                "types": "customer",
                "url": "postgresql+psycopg://crm@db.example/crm",
                "password": "s3cret",
            },
        },
    )
    memory, files, sql, other = map(configuration.load_store, "mfsp")
    assert (type(memory), type(files), type(sql)) == (MemoryStore, FileStore, SQLStore)
    assert memory.unique_names
    customer, ticket = memory.types
    assert (customer.__name__, ticket) == ("customer", Ticket)
    assert files.types == (customer,)
    assert files.path == conf.directory / "customers.csv"
    assert (sql.timeout, sql.types) == (5.0, (Ticket,))
    assert other._url.password == "s3cret"  # noqa: S105 - that of a test
    sql.add(Ticket(name="crash"))
    assert (conf.directory / "crm.db").is_file()
    sql.disconnect()
    assert configuration.store_names() == ["m", "f", "s", "p"]
    assert isinstance(MemoryStore.load("m"), MemoryStore)
    with pytest.raises(ConfigError, match="'m' is a MemoryStore; expected SQLStore"):
        SQLStore.load("m")


def test_options_of_one_type_stand_behind_its_name(conf):
    conf.write(
        data=DATA,
        store={
            "s": {
                "class": "sql",
                "types": "customer, ticket",
                "url": "sqlite://",
                "unique_names": "yes",
                "customer.table": "clients",
                "customer.columns": "email: mail",
                "ticket.table": "tickets",
                "ticket.unique_names": "no",
            }
        },
    )
    store = Store.load("s")
    customer = store.types[0]
    assert store.options[customer].table == "clients"
    assert store.options[customer].columns == {"email": "mail"}
    assert store.options[customer].unique_names
    assert store.options[Ticket].table == "tickets"
    assert not store.options[Ticket].unique_names


def test_a_store_with_types_of_its_own_needs_none(conf):
    conf.write(store={"t": {"class": "conf_classes.Tracker"}})
    assert isinstance(Store.load("t"), Tracker)
    conf.write(store={"t": {"class": "conf_classes.Tracker", "types": "ticket"}})
    with pytest.raises(ConfigError, match="no option 'types'"):
        Store.load("t")


def test_a_store_is_loaded_whatever_is_wrong_elsewhere(conf):
    store = {"class": "memory", "types": "customer"}
    conf.write(
        data=DATA | {"broken": {"x": "?"}},
        store={"m": store, "other": {"class": "nothing"}, "env": {"url": "=env:NOT_SET_ANYWHERE"}},
        synchronizer={"s": {}},
    )
    assert Store.load("m").types[0].__name__ == "customer"


def test_every_mistake_is_told_at_once(conf, told):
    conf.write(
        data=DATA | {"broken": {"x": "strr"}},
        store={
            "plain": {
                "class": "conf_classes.Plain",
                "retires": "3",
                "retries": "many",
                "pause": "=[]",
                "numbers": "1, x",
                "columns": "email",
                "mode": "sloww",
                "zone": "UTC",
                "token": "=env:NOT_SET_ANYWHERE",
                "name": "other",
                "accessors": "=[]",
                "customer.table": "x",
            },
            "sql": {
                "class": "sql",
                "types": "custmer, ticket, broken",
                "url": "sqlite://",
                "customer.tabel": "x",
                "ticket.unique_names": "perhaps",
                "per_type": "={}",
            },
            "own": {
                "class": "sql",
                "types": "customer",
                "url": "crm",
                "ticket.table": "x",
            },
            "typo": {"class": "slq"},
            "none": {"types": "customer"},
            "path": {"class": "no_such_package.Store"},
            "attribute": {"class": "conf_classes.Nothing"},
            "no_store": {"class": "conf_classes.NOT_A_STORE"},
            "relative": {"class": ".conf_classes.Plain"},
            "twice": {"class": "memory", "types": "customer, customer"},
            "empty": {"class": "memory", "types": ""},
            "lists": {"class": "memory", "types": "=[['customer']]"},
            "no_types": {"class": "memory"},
            "wrong": {"class": "files", "types": "customer", "path": "x", "format": "ymal"},
        },
    )
    found = told(configuration.check())
    found.pop("None.None")  # there are no synchronizers
    expected = {
        "broken.x": "'strr' is no type; expected str",
        "plain.url": "the option is missing; expected a value",
        "plain.retires": "no option 'retires'; expected retries",
        "plain.retries": "does not fit; expected a whole number",
        "plain.pause": "does not fit; expected a number",
        "plain.numbers": "does not fit; expected a, b, c, each a whole number",
        "plain.columns": "does not fit; expected name: value",
        "plain.mode": "does not fit; expected one of fast, slow",
        "plain.zone": "cannot be given",
        "plain.token": "'NOT_SET_ANYWHERE' is not set",
        "plain.name": "no option 'name'",
        "plain.accessors": "no option 'accessors'",
        "plain.customer.table": "no option 'customer.table'",
        "sql.types": "no data type 'custmer'; expected customer",
        "sql.customer.tabel": "no option 'customer.tabel'; expected customer.table",
        "sql.ticket.unique_names": "does not fit; expected true or false",
        "sql.per_type": "no option 'per_type'",
        "own.ticket.table": "no option 'ticket.table'; expected customer.table",
        "typo.class": "expected sql",
        "none.class": "the option is missing; expected one of files, memory, redis, sql",
        "path.class": "no_such_package",
        "attribute.class": "no attribute 'Nothing'",
        "no_store.class": "is no Store",
        "relative.class": "cannot be imported: TypeError",
        "twice.types": "'customer' is named twice",
        "empty.types": "it names no data type",
        "lists.types": "it names no data type",
        "no_types.types": "the option is missing; expected some of customer, ticket, broken",
        "wrong.format": "no format 'ymal'; expected yaml, json or csv",
    }
    assert found.keys() == expected.keys()
    for place, text in expected.items():
        assert text in found[place]
    # each is told alone as well, and in the order of the file
    with pytest.raises(ConfigError) as caught:
        Store.load("plain")
    assert set(told(caught.value)) == {place for place in expected if place.startswith("plain.")}


def test_what_the_constructor_says_gets_the_place_in_the_file(conf, told):
    conf.write(
        data=DATA,
        store={
            "s": {"class": "sql", "types": "ticket", "url": "crm"},
            "t": {"class": "sql", "types": "ticket", "url": "sqlite://", "ticket.table": ""},
            "u": {
                "class": "sql",
                "types": "ticket",
                "url": "sqlite://",
                "ticket.table": "tickets",
                "ticket.create": "no",
            },
        },
    )
    found = told(configuration.check())
    assert "no URL of a database; expected a URL such as" in found["s.url"]
    assert found["t.ticket.table"].startswith(str(conf.file("store")))
    assert "u.ticket.table" not in found
    # the type is called Ticket in Python, and ticket in the files
    found = told(configuration.check(connect=True))
    assert "has no table 'tickets'" in found["u.ticket.table"]
    assert "s.url" in found


def test_a_type_that_is_wrong_is_told_with_the_store_that_needs_it(conf, told):
    conf.write(
        data={"a": {"x": "ref:b"}, "b": {"x": "strr", "y": "?"}},
        store={"m": {"class": "memory", "types": "a", "unique_names": "x"}},
    )
    with pytest.raises(ConfigError) as caught:
        Store.load("m")
    assert list(told(caught.value)) == ["b.x", "b.y", "m.unique_names"]
    assert str(caught.value).count("\n") == 2


def test_a_name_that_is_not_there_is_told(conf):
    conf.write(data=DATA, store={"warehouse": {"class": "memory", "types": "customer"}})
    with pytest.raises(ConfigError, match=r"no section \[warehosue\]; expected warehouse"):
        Store.load("warehosue")
