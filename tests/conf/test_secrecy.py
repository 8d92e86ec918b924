"""Secrets are in no message, no log and no repr."""

from __future__ import annotations

import logging
import traceback

import pytest

from b3j0f.sync import conf as configuration
from b3j0f.sync.conf.load import Setup
from b3j0f.sync.conf.secrecy import is_secret_name, scrub, secrets_in
from b3j0f.sync.errors import ConfigError

SECRET = "s3cr't / ü"  # noqa: S105 - that of a test


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("password", True),
        ("db_password", True),
        ("PASSWD", True),
        ("api-key", True),
        ("apikey", True),
        ("key", True),
        ("access.token", True),
        ("client_secret", True),
        ("credentials", True),
        ("sslpassword", True),
        ("keys", False),
        ("monkey", False),
        ("key_column", False),
        ("url", False),
        ("bypass_cache", False),
    ],
)
def test_a_name_tells_whether_the_option_is_secret(name, is_secret):
    assert is_secret_name(name) is is_secret


@pytest.mark.parametrize(
    "message",
    [
        SECRET,
        f"cannot use {SECRET}",
        f"cannot use {SECRET!r}",
        "http://a:s3cr%27t%20%2F%20%C3%BC@b/",
        "http://b/?x=s3cr%27t+%2F+%C3%BC",
        repr(f"cannot use {SECRET}"),
    ],
)
def test_a_secret_is_taken_out_however_it_is_written(message):
    found = scrub(message, {SECRET})
    assert "s3cr" not in found
    assert "***" in found


def test_passwords_of_urls_are_secrets():
    url = "postgresql://crm:p@ss/w%20d@db.example/crm?sslpassword=hush&timeout=3"
    secrets = set(secrets_in(url, whole=False))
    assert {"p@ss/w%20d", "hush"} <= secrets
    for text in ("cannot reach " + url, "bad password 'p@ss/w d'"):
        assert "p@ss" not in scrub(text, secrets)
    assert "hush" not in scrub(url, ())
    assert "pw" not in scrub("redis://:pw@host", ())
    assert scrub("sqlite:////home/ann@example/crm.db", ()) == "sqlite:////home/ann@example/crm.db"
    assert set(secrets_in({"a": ["http://u:x@h", 5]}, whole=False)) >= {"x"}
    assert set(secrets_in([1, None, True, "a"], whole=True)) == {"1", "a"}


DATA = {"ticket": {"class": "conf_classes.Ticket"}}


@pytest.fixture(
    params=["env", "file", "ref", "named", "url"],
)
def refusing(request, conf, monkeypatch):
    """A store that quotes its password, which is given in one of the ways there are."""
    monkeypatch.setenv("CRM", SECRET)
    (conf.directory / "crm").write_text(SECRET + "\n")
    section = {"class": "conf_classes.Refusing", "url": "http://host/"}
    section |= {
        "env": {"url": "=env:CRM"},
        "file": {"password": "=file:crm"},
        "ref": {"url": "=ref:other.user"},
        "named": {"password": SECRET},
        "url": {"url": "http://ann:s3cr't%20%2F%20%C3%BC@host/"},
    }[request.param]
    other = {"class": "conf_classes.Tracker", "user": "=env:CRM"}
    return conf.write(data=DATA, store={"crm": section, "other": other}), section


def everything(error):
    texts = [str(error), repr(error), *traceback.format_exception(error)]
    return "".join([*texts, *(repr(vars(each)) for each in error.errors)])


def test_a_constructor_that_quotes_a_secret_does_not_get_it_told(refusing, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ConfigError) as caught:
        configuration.load_store("crm")
    assert "cannot use" in str(caught.value)
    assert "***" in str(caught.value)
    told = everything(caught.value) + "".join(everything(each) for each in configuration.check())
    assert "s3cr" not in told + caplog.text


def test_a_store_that_cannot_be_reached_does_not_tell_it_either(refusing, caplog):
    caplog.set_level(logging.DEBUG)
    conf, section = refusing
    section["how"] = "later"
    other = {"class": "conf_classes.Tracker", "user": "=env:CRM"}
    conf.write(store={"crm": section, "other": other})
    assert configuration.check() != []  # there are no synchronizers
    told = "".join(map(everything, configuration.check(connect=True)))
    assert "says no to" in told
    assert "s3cr" not in told + caplog.text
    setup = Setup()
    spec, store = setup.stores.spec("crm"), configuration.load_store("crm")
    getconf = store.configurable.getconf()
    objects = [
        spec,
        store,
        getconf,
        store.configurable,
        setup.stores,
        setup.files.sections("store"),
    ]
    assert "s3cr" not in "".join(map(repr, objects))


@pytest.mark.parametrize(
    ("kind", "option"),
    [
        ("store", "retries"),
        ("store", "types"),
        ("store", "mode"),
        ("store", "class"),
        ("synchronizer", "stores"),
        ("synchronizer", "policy"),
        ("synchronizer", "max_removals"),
        ("synchronizer", "ledger"),
        ("synchronizer", "types"),
        ("synchronizer", "a.mode"),
        ("synchronizer", "a.types"),
        ("synchronizer", "a.where"),
        ("synchronizer", "policy.ticket"),
        ("data", "parent"),
        ("data", "class"),
        ("data", "email"),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_told(conf, monkeypatch, kind, option):
    monkeypatch.setenv("CRM", SECRET)
    sections = {
        "data": {"ticket": {"title": "str"}},
        "store": {
            "a": {"class": "memory", "types": "ticket"},
            "b": {"class": "memory", "types": "ticket"},
            "c": {"class": "conf_classes.Plain", "url": "x"},
        },
        "synchronizer": {"s": {"stores": "a, b"}},
    }
    name = {"data": "ticket", "store": "c", "synchronizer": "s"}[kind]
    conf.write(**sections)
    assert configuration.check() == []
    sections[kind][name][option] = "=env:CRM"
    errors = configuration.check(conf.write(**sections).directory)
    assert errors
    assert "s3cr" not in "".join(map(everything, errors))


def test_a_filter_from_a_variable_does_not_show_it(conf, monkeypatch):
    monkeypatch.setenv("WHO", "title == s3cret")
    store = {"class": "memory", "types": "ticket"}
    conf.write(
        data={"ticket": {"title": "str"}},
        store={"a": store, "b": store},
        synchronizer={"s": {"stores": "a, b", "a.where": "=env:WHO", "ledger": "=None"}},
    )
    with configuration.load_synchronizer() as synchronizer:
        assert "s3cret" not in repr(synchronizer.links)
        datatype = synchronizer.types[0]
        assert synchronizer.links[0].where(datatype(name="x", title="s3cret"))
