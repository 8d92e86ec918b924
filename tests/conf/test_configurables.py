"""Applying a new configuration while a program runs."""

from __future__ import annotations

import pytest

from b3j0f.sync import conf as configuration
from b3j0f.sync.conf import bridge
from b3j0f.sync.conf.configurable import StoreConfigurable, SynchronizerConfigurable
from b3j0f.sync.data import make_datatype
from b3j0f.sync.errors import ConfigError, EmptyStoreError
from b3j0f.sync.event import Event
from b3j0f.sync.store import Store
from b3j0f.sync.stores.memory import MemoryStore
from b3j0f.sync.synchronizer import Synchronizer

DATA = {"customer": {"email": "str", "credit": "int = 0"}}


class Files:
    """The files of a configuration that a test changes bit by bit."""

    def __init__(self, conf):
        self.conf = conf
        self.data = {name: dict(fields) for name, fields in DATA.items()}
        self.store = {
            "sheet": {"class": "files", "types": "customer", "path": "a.csv"},
            "memory": {"class": "memory", "types": "customer"},
        }
        self.synchronizer = {"s": {"stores": "sheet, memory", "ledger": "s.ledger"}}
        for name in "ab":
            file = conf.directory / f"{name}.csv"
            file.write_text(f"name,email,credit\n{name}nn,{name}@x,1\n")
        self.write()

    def write(self):
        self.conf.write(data=self.data, store=self.store, synchronizer=self.synchronizer)


@pytest.fixture
def files(conf):
    return Files(conf)


def names(store):
    return {data.name for data in store}


def test_getconf_tells_what_the_file_says_now(files, monkeypatch):
    monkeypatch.setenv("WHERE", "b.csv")
    store = Store.load("sheet")
    assert isinstance(store.configurable, bridge.Configurable)
    assert store.configurable is store.configurable
    found = store.configurable.getconf()
    assert list(found) == ["sheet"]
    assert {name: p.value for name, p in found["sheet"].items()} == files.store["sheet"]
    files.store["sheet"]["path"] = "=env:WHERE"
    files.store["sheet"]["format"] = "=ref:sheet.path"
    files.write()
    found = store.configurable.getconf()["sheet"]
    assert found["path"].svalue == "=env:WHERE"
    assert found["path"].value == found["format"].value == "b.csv"
    files.store["sheet"]["path"] = "=env:NOT_SET_ANYWHERE"
    files.write()
    with pytest.raises(ConfigError, match=r"\[sheet\] path: .*NOT_SET_ANYWHERE"):
        _ = store.configurable.getconf()["sheet"]["path"].value
    with pytest.raises(ConfigError, match=r"\[sheet\] path: .*NOT_SET_ANYWHERE"):
        _ = store.configurable.getconf()["sheet"]["format"].value


def test_a_store_takes_new_options_and_keeps_its_observers(files):
    store = Store.load("sheet")
    (customer,) = store.types
    events = []
    subscription = store.observe(events.append)
    assert names(store) == {"ann"}
    accessor = store.accessor(customer)
    files.store["sheet"]["path"] = "b.csv"
    files.write()
    assert names(store) == {"ann"}
    assert store.configurable.applyconfiguration(targets=[store]) == [store]
    assert (store.name, store.is_connected) == ("sheet", False)
    assert names(store) == {"bnn"}
    assert store.accessor(customer) is accessor
    assert accessor.get_by_name("bnn").email == "b@x"
    store.add(customer(name="new"))
    assert [event.kind for event in events] == [Event.ADD]
    subscription.cancel()
    store.add(customer(name="newer"))
    assert len(events) == 1
    assert "newer" in (files.conf.directory / "b.csv").read_text()


def test_a_store_whose_options_are_the_same_is_left_alone(files):
    store = Store.load("sheet")
    store.connect()
    files.store["memory"]["unique_names"] = "yes"
    files.write()
    store.configurable.applyconfiguration()
    assert store.is_connected


def test_a_configuration_that_is_wrong_changes_nothing(files, told):
    store = Store.load("sheet")
    before = dict(vars(store))
    files.store["sheet"] |= {"path": "b.csv", "format": "ymal", "fromat": "csv"}
    files.write()
    with pytest.raises(ConfigError) as caught:
        store.configurable.applyconfiguration(targets=[store])
    assert list(told(caught.value)) == ["sheet.fromat"]
    del files.store["sheet"]["fromat"]
    files.write()
    with pytest.raises(ConfigError, match=r"\[sheet\] format: there is no format 'ymal'"):
        store.configurable.applyconfiguration(targets=[store])
    files.conf.file("store").write_text("[")
    with pytest.raises(ConfigError, match="b3j0fsync-store"):
        store.configurable.applyconfiguration(targets=[store])
    assert vars(store) == before
    assert names(store) == {"ann"}


@pytest.mark.parametrize(
    ("section", "change", "told_option"),
    [
        ("sheet", {"class": "memory", "path": None}, "sheet.class"),
        ("sheet", {"types": "customer, other", "path": "."}, "sheet.types"),
        ("customer", {"credit": "int = 1"}, "sheet.types"),
    ],
)
def test_class_and_types_of_a_store_stay(files, told, section, change, told_option):
    files.data["other"] = {"x": "str"}
    files.write()
    store = Store.load("sheet")
    sections = files.data if section in files.data else files.store
    options = sections[section] | change
    sections[section] = {name: text for name, text in options.items() if text}
    files.write()
    with pytest.raises(ConfigError) as caught:
        store.configurable.applyconfiguration()
    assert list(told(caught.value)) == [told_option]
    assert "by loading it anew only" in str(caught.value)
    assert names(store) == {"ann"}


def test_a_program_may_give_the_options(files):
    store = Store.load("sheet")
    path = str(files.conf.directory / "b.csv")
    given = bridge.category("sheet", bridge.Parameter("path", value=path))
    # the files go before what a program adds, unless they are left out
    store.configurable.applyconfiguration(conf=given)
    assert names(store) == {"ann"}
    store.configurable.applyconfiguration(conf=given, paths=())
    assert names(store) == {"bnn"}
    more = [
        bridge.Parameter("customer.key", svalue="email"),
        bridge.Parameter("delimiter", value=","),
    ]
    store.configurable.applyconfiguration(conf=bridge.category("", *more))
    assert [data.id for data in store] == ["a@x"]
    with pytest.raises(ConfigError, match="no option 'dlimiter'; expected delimiter"):
        store.configurable.configure(bridge.category("", bridge.Parameter("dlimiter", value=",")))


def test_a_memory_store_keeps_its_data(files):
    store = Store.load("memory")
    (customer,) = store.types
    store.add(customer(name="x"))
    files.store["memory"]["unique_names"] = "yes"
    files.write()
    store.configurable.applyconfiguration()
    assert store.unique_names
    assert names(store) == {"x"}
    assert store.add(customer(name="y")).id == 2


def test_a_store_that_was_not_loaded_has_a_configurable_too(files):
    customer = configuration.load_types()["customer"]
    store = MemoryStore([customer], name="memory")
    store.add(customer(name="x"))
    files.store["memory"]["unique_names"] = "yes"
    files.write()
    store.configurable.applyconfiguration()
    assert store.unique_names
    other = MemoryStore([make_datatype("customer", {})], name="memory")
    with pytest.raises(ConfigError, match=r"\[memory\] types"):
        other.configurable.applyconfiguration()
    with pytest.raises(ConfigError, match=r"no section \[nowhere\]"):
        MemoryStore([customer], name="nowhere").configurable.applyconfiguration()


def test_the_directory_is_that_of_loading(files, monkeypatch, tmp_path):
    store = configuration.load_store("sheet", files.conf.directory)
    monkeypatch.setenv("B3J0F_CONF_DIR", str(tmp_path / "home"))
    files.store["sheet"]["path"] = "b.csv"
    files.write()
    store.configurable.applyconfiguration()
    assert names(store) == {"bnn"}


def test_a_synchronizer_takes_policy_and_max_removals(files):
    with configuration.load_synchronizer() as synchronizer:
        assert isinstance(synchronizer.configurable, SynchronizerConfigurable)
        files.synchronizer["s"] |= {"policy": "prefer:memory", "max_removals": "0.5"}
        files.write()
        assert synchronizer.configurable.applyconfiguration() == [synchronizer]
        assert "Prefer('memory')" in repr(synchronizer.policy)
        assert synchronizer.max_removals == 0.5
        files.synchronizer["s"] = {"stores": "memory, sheet", "ledger": "s.ledger"}
        files.write()
        synchronizer.configurable.applyconfiguration(targets=[synchronizer])
        assert repr(synchronizer.policy) == "Manual()"
        assert synchronizer.max_removals == 0.25


def test_a_policy_decides_as_soon_as_it_is_applied(files):
    with configuration.load_synchronizer() as synchronizer:
        synchronizer.run()
        sheet, memory = synchronizer.stores.values()
        (customer,) = synchronizer.types
        for store, email in ((sheet, "s@x"), (memory, "m@x")):
            data = store.get_by_name(customer, "ann")
            store.update(data.replace(email=email), notify=False)
        synchronizer.run()
        assert len(synchronizer.conflicts()) == 1
        files.synchronizer["s"]["policy"] = "prefer:memory"
        files.write()
        synchronizer.configurable.applyconfiguration()
        synchronizer.run()
        assert synchronizer.conflicts() == []
        assert sheet.get_by_name(customer, "ann").email == "m@x"


def test_what_a_synchronizer_cannot_change_is_told_and_nothing_changed(files, told):
    files.store["third"] = {"class": "memory", "types": "customer"}
    files.write()
    with configuration.load_synchronizer() as synchronizer:
        files.synchronizer["s"] |= {
            "policy": "newest",
            "ledger": "other.ledger",
            "sheet.mode": "read",
            "memory.where": "credit > 1",
        }
        files.write()
        with pytest.raises(ConfigError) as caught:
            synchronizer.configurable.applyconfiguration()
        assert list(told(caught.value)) == ["s.ledger", "s.sheet.mode", "s.memory.where"]
        files.synchronizer["s"] = {"stores": "sheet, memory, third", "ledger": "s.ledger"}
        files.write()
        with pytest.raises(ConfigError, match=r"\[s\] stores.*expected sheet, memory"):
            synchronizer.configurable.applyconfiguration()
        files.synchronizer["s"] = {"stores": "sheet, memory", "ledger": "s.ledger"}
        files.data["customer"]["credit"] = "int = 1"
        files.write()
        with pytest.raises(ConfigError, match="declared as they were"):
            synchronizer.configurable.applyconfiguration()
        assert repr(synchronizer.policy) == "Manual()"


def test_a_synchronizer_goes_on_with_a_store_that_is_configured_anew(files):
    with configuration.load_synchronizer() as synchronizer:
        synchronizer.run()
        sheet, memory = synchronizer.stores.values()
        (customer,) = synchronizer.types
        files.store["sheet"]["path"] = "b.csv"
        (files.conf.directory / "b.csv").write_text("name,email,credit\nann,new@x,1\n")
        files.write()
        sheet.configurable.applyconfiguration()
        synchronizer.run()
        assert memory.get_by_name(customer, "ann").email == "new@x"
        sheet.add(customer(name="live"))
        assert "live" in names(memory)
        memory.add(customer(name="back"))
        assert "back" in (files.conf.directory / "b.csv").read_text()
        assert synchronizer.plan().is_empty


def test_a_store_that_holds_less_than_before_takes_nothing_away(files):
    with Synchronizer.load() as synchronizer:
        synchronizer.run()
        memory = synchronizer.stores["memory"]
        files.store["sheet"]["path"] = "b.csv"
        (files.conf.directory / "b.csv").write_text("name,credit\nann,2\n")
        files.write()
        synchronizer.stores["sheet"].configurable.applyconfiguration()
        assert synchronizer.run().ok
        ann = memory.get_by_name(synchronizer.types[0], "ann")
        assert (ann.email, ann.credit) == ("a@x", 2)


def test_an_empty_store_in_place_of_a_full_one_is_refused_by_the_guard(files):
    rows = "".join(f"customer {number},,0\n" for number in range(6))
    (files.conf.directory / "a.csv").write_text(f"name,email,credit\n{rows}")
    with configuration.load_synchronizer() as synchronizer:
        synchronizer.run()
        files.store["sheet"]["path"] = "c.csv"
        (files.conf.directory / "c.csv").write_text("name,email,credit\n")
        files.write()
        synchronizer.stores["sheet"].configurable.applyconfiguration()
        with pytest.raises(EmptyStoreError):
            synchronizer.run()
        assert len(synchronizer.stores["memory"]) == 6


def test_a_synchronizer_that_was_not_loaded_can_be_configured(files):
    customer = configuration.load_types()["customer"]
    stores = [MemoryStore([customer], name=name) for name in ("sheet", "memory")]
    files.synchronizer["s"]["max_removals"] = "0"
    files.write()
    with Synchronizer(stores, name="s") as synchronizer:
        assert synchronizer.configurable is synchronizer.configurable
        synchronizer.configurable.applyconfiguration()
        assert synchronizer.max_removals == 0


def test_several_targets_are_changed_or_none(files):
    customer = configuration.load_types()["customer"]
    good, bad = MemoryStore([customer], name="memory"), MemoryStore([], name="memory")
    files.store["memory"]["unique_names"] = "yes"
    files.write()
    with pytest.raises(ConfigError):
        StoreConfigurable(good).applyconfiguration(targets=[good, bad])
    assert not good.unique_names
