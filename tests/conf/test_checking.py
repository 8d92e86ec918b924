"""A whole configuration: what is missing, what is broken, what is loaded from where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import b3j0f.sync.errors
from b3j0f.sync import conf as configuration
from b3j0f.sync.errors import ConfigError

ROOT = Path(b3j0f.sync.errors.__file__).parents[2]

DATA = {"customer": {"email": "str", "credit": "int"}}
STORE = {
    "warehouse": {"class": "sql", "url": "sqlite:///warehouse.db", "types": "customer"},
    "sheet": {"class": "files", "path": "~/customers.csv", "types": "customer"},
}
SYNCHRONIZER = {
    "customers": {
        "stores": "warehouse, sheet",
        "policy": "prefer:warehouse, newest",
        "max_removals": "0.25",
    }
}


@pytest.fixture
def right(conf):
    """A configuration without a mistake."""
    return conf.write(data=DATA, store=STORE, synchronizer=SYNCHRONIZER)


def test_a_configuration_without_a_mistake(right):
    assert configuration.check() == []
    with configuration.load_synchronizer("customers") as synchronizer:
        assert list(synchronizer.stores) == ["warehouse", "sheet"]


def test_a_store_that_is_elsewhere_need_not_be_there(right, monkeypatch):
    elsewhere = {
        "class": "sql",
        "url": "postgresql://crm@db.example/crm",
        "password": "=env:CRM_PASSWORD",
        "types": "customer",
    }
    right.write(store=STORE | {"warehouse": elsewhere})
    (error,) = configuration.check()
    assert (error.option, error.section) == ("password", "warehouse")
    monkeypatch.setenv("CRM_PASSWORD", "s3cret")
    assert configuration.check() == []
    assert not configuration.load_store("warehouse").is_connected


def test_checking_writes_nothing(right, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    assert configuration.check() == []
    assert sorted(tmp_path.rglob("*")) == before


def test_mistakes_of_all_files_are_told_in_their_order(right, told):
    right.write(
        data={"customer": {"email": "strr"}},
        store={"warehouse": STORE["warehouse"] | {"tabel": "x"}, "sheet": STORE["sheet"]},
        synchronizer={"customers": SYNCHRONIZER["customers"] | {"max_removals": "2"}},
    )
    expected = ["customer.email", "warehouse.tabel", "customers.max_removals"]
    assert list(told(configuration.check())) == expected
    with pytest.raises(ConfigError) as caught:
        configuration.load_synchronizer()
    assert list(told(caught.value)) == expected
    assert [str(each) for each in caught.value.errors][1:] == str(caught.value).splitlines()[1:]
    for error in configuration.check():
        assert error.errors == (error,)
        assert error.file == str(
            right.file(
                {"customer": "data", "warehouse": "store"}.get(error.section, "synchronizer")
            )
        )


@pytest.mark.parametrize("missing", ["data", "store", "synchronizer"])
def test_a_missing_file_is_told_once(right, missing):
    right.file(missing).unlink()
    (error,) = configuration.check()
    assert str(error) == (
        f"{right.directory}: there is no b3j0fsync-{missing}.conf; "
        "expected the files that b3j0f-sync init makes"
    )
    with pytest.raises(ConfigError, match="b3j0f-sync init"):
        configuration.load_synchronizer()


def test_all_missing_files_and_a_missing_directory_are_one_mistake(conf):
    every = "b3j0fsync-data.conf and no b3j0fsync-store.conf and no b3j0fsync-synchronizer.conf"
    (error,) = configuration.check()
    assert every in str(error)
    conf.directory.rmdir()
    (error,) = configuration.check()
    assert "there is no such directory; expected the files that b3j0f-sync init" in str(error)
    assert error.file == str(conf.directory)
    for load in (
        configuration.load_types,
        configuration.load_synchronizer,
        configuration.synchronizer_names,
        lambda: configuration.load_store("x"),
    ):
        with pytest.raises(ConfigError, match="b3j0f-sync init") as caught:
            load()
        assert len(caught.value.errors) == 1


@pytest.mark.parametrize("kind", ["data", "store", "synchronizer"])
def test_a_broken_file_is_told_and_the_others_are_checked(right, kind):
    right.file(kind).write_text("[[{<")
    errors = configuration.check()
    assert {error.file for error in errors} == {str(right.file(kind))}
    right.write(synchronizer={"customers": {"stores": "warehouse, sheet", "max_removals": "x"}})
    if kind != "synchronizer":
        assert [error.option for error in configuration.check()][-1] == "max_removals"


def test_formats_of_one_kind_are_one_configuration(right):
    others = {"conf": "json", "json": "xml", "xml": "json"}
    other = right.file("store").with_suffix(f".{others[right.suffix]}")
    text = {
        "json": json.dumps({"third": {"class": "memory", "types": "custmer"}}),
        "xml": '<configuration><category name="third"><parameter name="class" svalue="memory"/>'
        '<parameter name="types" svalue="custmer"/></category></configuration>',
    }
    other.write_text(text[other.suffix[1:]])
    assert set(configuration.store_names()) == {"warehouse", "sheet", "third"}
    (error,) = configuration.check()
    assert error.file == str(other)


def test_connecting_tells_what_a_store_says(right, told, monkeypatch):
    monkeypatch.setenv("HOME", "/no/such/home")
    store = STORE | {"warehouse": {"class": "memory", "types": "customer"}}
    right.write(store=store)
    assert configuration.check() == []
    found = told(configuration.check(connect=True))
    assert "/no/such/home is missing" in found["sheet.None"]


def test_nothing_is_read_from_the_current_directory(conf, monkeypatch, tmp_path):
    monkeypatch.delenv("B3J0F_CONF_DIR")
    here = tmp_path / "elsewhere"
    for kind in ("data", "store", "synchronizer"):
        (here / conf.file(kind).name).write_text("[[{<")
    try:
        (error,) = configuration.check()
        assert error.file == str(tmp_path / "home" / "etc")
    finally:
        for file in here.iterdir():
            file.unlink()


def test_the_directory_may_be_named(right, monkeypatch, tmp_path):
    monkeypatch.setenv("B3J0F_CONF_DIR", str(tmp_path / "home"))
    assert len(configuration.check()) == 1
    assert configuration.check(right.directory) == []
    assert list(configuration.load_types(right.directory)) == ["customer"]
    assert configuration.load_store("sheet", right.directory).name == "sheet"
    with configuration.load_synchronizer(directory=right.directory) as synchronizer:
        assert synchronizer.name == "customers"
    assert configuration.synchronizer_names(right.directory) == ["customers"]


def test_importing_the_library_reads_no_configuration_and_no_bridge():
    program = "import sys, b3j0f.sync.conf, b3j0f.sync.store as s; s.Store(name='x');"
    program += "sys.exit(any(name.startswith('b3j0f.conf') for name in sys.modules))"
    subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "B3J0F_CONF_DIR": "/no/such/directory"},
    )


def test_every_name_is_there():
    for name in configuration.__all__:
        assert callable(getattr(configuration, name))
    with pytest.raises(AttributeError, match="laod_store"):
        _ = configuration.laod_store
