"""Synchronizers of b3j0fsync-synchronizer.conf."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from b3j0f.sync import conf as configuration
from b3j0f.sync.errors import ConfigError, LedgerError
from b3j0f.sync.reconcile.conflict import Conflict
from b3j0f.sync.reconcile.policy import ABSTAIN

DATA = {
    "customer": {"email": "str", "credit": "int = 0", "state": "one of: open, closed = open"},
    "contact": {"parent": "customer", "phone": "str"},
    "ticket": {"class": "conf_classes.Ticket"},
}


def memory(types="customer, contact"):
    return {"class": "memory", "types": types}


STORES = {"crm": memory(), "sheet": memory(), "ware.house": memory("customer, ticket")}


@pytest.fixture
def loaded(conf):
    """The synchronizer that these options make."""
    opened = []

    def _loaded(**options):
        options = {"stores": "crm, sheet", **options}
        section = {name.replace("__", "."): text for name, text in options.items()}
        conf.write(data=DATA, store=STORES, synchronizer={"customers": section})
        opened.append(configuration.load_synchronizer())
        return opened[-1]

    yield _loaded
    for synchronizer in opened:
        synchronizer.close()


def test_stores_alone_are_enough(loaded, tmp_path):
    synchronizer = loaded()
    assert synchronizer.name == "customers"
    assert list(synchronizer.stores) == ["crm", "sheet"]
    assert [(link.mode, link.where) for link in synchronizer.links] == [("both", None)] * 2
    assert [datatype.__name__ for datatype in synchronizer.types] == ["customer", "contact"]
    assert synchronizer.max_removals == 0.25
    assert repr(synchronizer.policy) == "Manual()"
    ledger = tmp_path / "state" / "b3j0f-sync" / "customers.db"
    assert ledger.is_file()
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    assert stat.S_IMODE(ledger.parent.stat().st_mode) == 0o700
    assert not any(store.is_connected for store in synchronizer.stores.values())


def test_what_one_store_is_given_the_other_gets(loaded):
    synchronizer = loaded()
    crm, sheet = synchronizer.stores.values()
    customer = synchronizer.types[0]
    crm.add(customer(name="ann", email="ann@x"))
    assert sheet.get_by_name(customer, "ann").email == "ann@x"


def test_links_have_options(loaded):
    synchronizer = loaded(
        stores="crm, sheet, ware.house",
        crm__mode="read",
        sheet__types="contact, customer",
        sheet__where__customer="state == open and credit > 10",
        **{"ware.house.mode": "write", "ware.house.types": "customer", "crm.where": "name != x"},
        ledger="=None",
        max_removals="1",
    )
    crm, sheet, warehouse = synchronizer.links
    customer, contact = synchronizer.types
    assert (crm.mode, sheet.mode, warehouse.mode) == ("read", "both", "write")
    assert warehouse.types == (customer,)
    assert sheet.types == (contact, customer)
    assert crm.where(contact(name="y"))
    assert not crm.where(contact(name="x"))
    assert not sheet.where(customer(name="x", credit=10))
    assert sheet.where(customer(name="x", credit=11))
    assert sheet.where(contact(name="x"))
    assert repr(sheet.where) == "where state == open and credit > 10"
    assert synchronizer.max_removals == 1.0


def test_types_of_the_synchronizer_are_those_of_its_links(loaded):
    synchronizer = loaded(stores="crm, sheet, ware.house", types="customer", ledger="=None")
    assert {each.__name__ for each in synchronizer.types} == {"customer"}
    assert all(link.types == synchronizer.types for link in synchronizer.links)


def conflict(datatype, field, values, updated=None):
    return Conflict(
        datatype=datatype,
        global_name="x",
        field=field,
        base=None,
        values=values,
        updated=updated or {},
        record=1,
    )


def test_policies_are_for_everything_a_type_or_a_field(loaded):
    synchronizer = loaded(
        policy="prefer:sheet, newest",
        policy__customer="prefer:crm",
        policy__customer__email="manual",
        policy__contact__phone="prefer : crm",
    )
    resolve = synchronizer.policy.resolve
    values = {"crm": 1, "sheet": 2}
    assert resolve(conflict("ticket", "title", values)) == 2
    assert resolve(conflict("ticket", "title", {"crm": 1})) is ABSTAIN
    assert resolve(conflict("customer", "credit", values)) == 1
    assert resolve(conflict("customer", "email", values)) is ABSTAIN
    assert resolve(conflict("contact", "phone", values)) == 1
    assert resolve(conflict("contact", "description", values)) == 2


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("sub/c.ledger", "sub/c.ledger"),
        ("sqlite:///sub/c.db", "sub/c.db"),
    ],
)
def test_the_ledger_is_where_the_option_says(loaded, conf, text, made):
    (conf.directory / "sub").mkdir()
    loaded(ledger=text)
    assert (conf.directory / made).is_file()


def test_a_ledger_may_be_at_home_or_in_memory(loaded, tmp_path):
    loaded(ledger="~/c.db")
    assert Path("~/c.db").expanduser().is_file()
    loaded(ledger="=None")
    assert not list((tmp_path / "state").iterdir())


def test_a_ledger_that_is_none_is_told(loaded):
    Path("~/c.db").expanduser().write_text("not SQLite" * 100)
    with pytest.raises(LedgerError):
        loaded(ledger="~/c.db")


def test_a_name_with_marks_has_a_ledger_too(conf, tmp_path):
    section = {"stores": "crm, sheet"}
    conf.write(data=DATA, store=STORES, synchronizer={"../a b": section})
    with configuration.load_synchronizer("../a b") as synchronizer:
        assert synchronizer.name == "../a b"
    assert [each.name for each in (tmp_path / "state" / "b3j0f-sync").iterdir()] == ["..%2Fa b.db"]


def test_without_a_name_it_is_the_only_one(conf):
    section = {"stores": "crm, sheet", "ledger": "=None"}
    conf.write(data=DATA, store=STORES, synchronizer={"a": section, "b": section})
    assert configuration.synchronizer_names() == ["a", "b"]
    with pytest.raises(ConfigError, match=r"there are several synchronizers.*expected one of a, b"):
        configuration.load_synchronizer()
    with configuration.load_synchronizer("b") as synchronizer:
        assert synchronizer.name == "b"
    with pytest.raises(ConfigError, match=r"no section \[c\]; expected one of a, b"):
        configuration.load_synchronizer("c")
    conf.write(synchronizer={})
    with pytest.raises(ConfigError, match="there is no synchronizer"):
        configuration.load_synchronizer()


def test_a_store_with_types_of_its_own_shares_them(conf):
    conf.write(
        data=DATA,
        store={"tracker": {"class": "conf_classes.Tracker"}, "m": memory("ticket")},
        synchronizer={
            "s": {
                "stores": "tracker, m",
                "types": "ticket",
                "tracker.where": "state == open",
                "policy.ticket.title": "newest",
                "ledger": "=None",
            }
        },
    )
    with configuration.load_synchronizer() as synchronizer:
        assert [each.__name__ for each in synchronizer.types] == ["Ticket"]
        assert repr(synchronizer.policy) == "{Ticket.title: Newest()}"


def test_every_mistake_is_told_at_once(conf, told):
    conf.write(
        data=DATA,
        store=STORES | {"broken": {"class": "nothing"}, "other": memory("ticket")},
        synchronizer={
            "words": {
                "stores": "crm, sheet",
                "polcy": "newest",
                "policy": "newset, prefer:shet, prefer, crm, maunal:crm",
                "policy.customre": "newest",
                "policy.customer.emial": "newest",
                "policy.ticket": "newest",
                "policy.contact": "",
                "max_removals": "25%",
                "ledger": "/no/such/directory/c.db",
                "crm.mdoe": "read",
                "crm.mode": "reed",
                "crm.types": "ticket",
                "crm.where": "state == shut",
                "sheet.where": "phone == 1",
                "sheet.where.customer": "credit = 1",
                "sheet.where.ticket": "title == 1",
                "ware.house.mode": "read",
            },
            "alone": {"stores": "crm"},
            "none": {"stores": ""},
            "missing": {"types": "customer"},
            "unknown": {"stores": "crm, shet", "shet.mode": "reed"},
            "twice": {"stores": "crm, crm"},
            "broken": {"stores": "crm, broken", "broken.mode": "reed", "policy.ticket": "newest"},
            "nothing": {"stores": "other, sheet"},
            "types": {"stores": "crm, ware.house", "types": "ticket, contact"},
            "readers": {"stores": "crm, sheet", "crm.mode": "read", "sheet.mode": "read"},
            "writers": {"stores": "crm, sheet", "crm.mode": "write", "sheet.mode": "write"},
            "share": {"stores": "crm, sheet", "max_removals": "1.5", "ledger": "x://"},
            "same": {"stores": "crm, sheet", "ledger": "l.db"},
            "same2": {"stores": "crm, sheet", "ledger": "sub/../l.db"},
        },
    )
    (conf.directory / "sub").mkdir()
    errors = configuration.check()
    found = told(errors)
    expected = {
        "broken.class": "no store called 'nothing'",
        "words.polcy": "no option 'polcy'; expected policy",
        "words.policy": "",
        "words.policy.customre": "expected policy.customer",
        "words.policy.customer.emial": "expected policy.customer.email",
        "words.policy.ticket": "no option 'policy.ticket'",
        "words.policy.contact": "it names no policy",
        "words.max_removals": "does not fit; expected a number",
        "words.ledger": "this can be no ledger; expected a file in a directory that is there",
        "words.crm.mdoe": "expected crm.mode",
        "words.crm.mode": "no mode 'reed'; expected read",
        "words.crm.types": "no data type 'ticket'; expected one of customer, contact",
        "words.crm.where": "'shut' is no value of 'state'",
        "words.sheet.where": "customer has no field 'phone'",
        "words.sheet.where.customer": "'=' is no operator; expected ==",
        "words.sheet.where.ticket": "no option 'sheet.where.ticket'",
        "words.ware.house.mode": "no option 'ware.house.mode'",
        "alone.stores": "expected one more of sheet, ware.house, broken, other",
        "none.stores": "it names no store",
        "missing.stores": "the option is missing; expected two or more of crm",
        "unknown.stores": "no store 'shet'; expected sheet",
        "twice.stores": "'crm' is named twice",
        "nothing.stores": "no type is in two of its stores",
        "types.types": "",
        "readers.stores": "nothing flows",
        "writers.stores": "nothing flows",
        "share.max_removals": "a share from 0 to 1",
        "share.ledger": "this can be no ledger",
        "same2.ledger": "it is the ledger of synchronizer 'same'",
    }
    assert found.keys() == expected.keys()
    for place, text in expected.items():
        assert text in found[place], place
    whole = "\n".join(map(str, errors))
    for text in (
        "no policy 'newset'; expected newest",
        "no store 'shet'; expected sheet",
        "no policy 'prefer'; expected one of manual, newest, removals, merge:elements",
        "no policy 'crm'; expected one of manual, newest, removals, merge:elements",
        "no policy 'maunal:crm'; expected prefer:crm",
        "crm alone has data of type contact",
        "ware.house alone has data of type ticket",
    ):
        assert text in whole
    assert [error.file for error in errors] == sorted(error.file for error in errors)


def test_a_link_that_is_wrong_leaves_nothing_behind(conf, tmp_path):
    conf.write(
        data=DATA, store=STORES, synchronizer={"s": {"stores": "crm, sheet", "crm.mode": "reed"}}
    )
    with pytest.raises(ConfigError, match="expected read"):
        configuration.load_synchronizer()
    assert not list((tmp_path / "state").iterdir())
