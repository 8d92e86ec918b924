"""Data types of b3j0fsync-data.conf."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Literal

import pytest
from conf_classes import Ticket

from b3j0f.sync import conf as configuration
from b3j0f.sync.conf.typetexts import TypeTextError, parse
from b3j0f.sync.data import fields, schema_of
from b3j0f.sync.errors import ConfigError
from b3j0f.sync.fields import MISSING
from b3j0f.sync.ref import Ref


@pytest.mark.parametrize(
    ("text", "annotation", "default"),
    [
        ("str", str, MISSING),
        ("INT", int, MISSING),
        ("float = 0.5", float, 0.5),
        ("bool = yes", bool, True),
        ("bytes", bytes, MISSING),
        ("decimal = 1.50", Decimal, Decimal("1.50")),
        ("date = 2024-02-29", dt.date, dt.date(2024, 2, 29)),
        ("time", dt.time, MISSING),
        (
            "datetime = 2024-01-02T03:04:05+00:00",
            dt.datetime,
            dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
        ),
        ("uuid", uuid.UUID, MISSING),
        ("str =", str, ""),
        ("str = a = b", str, "a = b"),
        ("str = 'a'", str, "a"),
        ("int?", int | None, MISSING),
        ("int | None", int | None, MISSING),
        ("none|int = 3", int | None, 3),
        ("int ? =", int | None, None),
        ("set of str", frozenset[str], MISSING),
        ("list of int = 1, 2", tuple[int, ...], (1, 2)),
        ("frozenset[str] = b, a", frozenset[str], frozenset("ab")),
        ("set[int?]", frozenset[int | None], MISSING),
        ("tuple[str, ...]", tuple[str, ...], MISSING),
        ("list[date]", tuple[dt.date, ...], MISSING),
        ("set of str?", frozenset[str] | None, MISSING),
        ("one of: open, closed", Literal["open", "closed"], MISSING),
        ("one of: open, closed = closed", Literal["open", "closed"], "closed"),
        ("one of:a b,'c, d', \"e=f\"", Literal["a b", "c, d", "e=f"], MISSING),
        ("one of: open, closed?", Literal["open", "closed"] | None, MISSING),
        ("set of one of: a, b", frozenset[Literal["a", "b"]], MISSING),
        ("set of tuple[int, ...]", frozenset[tuple[int, ...]], MISSING),
    ],
)
def test_a_text_is_a_type(text, annotation, default):
    parsed = parse(text)
    assert parsed.annotation == annotation
    assert parsed.default == default
    assert type(parsed.default) is type(default)
    assert not parsed.refers_to


@pytest.mark.parametrize("text", ["ref:account", "ref : account", "Ref[account]", "ref[ account ]"])
def test_a_text_refers_to_a_type(text):
    assert parse(text).refers_to == {"account"}
    assert parse(f"set of {text}?").refers_to == {"account"}


@pytest.mark.parametrize(
    ("text", "told", "expected"),
    [
        ("", "'' is no type", ""),
        ("strr", "'strr' is no type", "str"),
        ("integer", "no type", "int"),
        ("strnig", "no type", "str"),
        ("set of", "no type", "set of T"),
        ("set[str, ...]", "no type", ""),
        ("dict[str, str]", "no type", ""),
        ("ref:", "no name", "ref: type"),
        ("ref:__import__('os').abort()", "no name", "ref: type"),
        ("Ref[a.b]", "no name", "ref: type"),
        ("one of:", "choices", "a, b"),
        ("one of: a, a", "choices", "each once"),
        ("one of: a,", "choices", "each once"),
        ("one of: a,, b", "choices", "a, b"),
        ("one of: 'a", "choices", "a, b"),
        ("one of: 'a\\x'", "quotes", "Python"),
        ("int = one", "default 'one'", "int"),
        ("int = ", "default ''", "int"),
        ("one of: a, b = c", "default 'c'", "one of 'a', 'b'"),
        ("datetime = 2024-01-01", "default", "time zone"),
        ("int?? = x", "", "int"),
    ],
)
def test_a_text_that_is_no_type_is_told(text, told, expected):
    with pytest.raises(TypeTextError) as caught:
        parse(text)
    assert told in caught.value.problem
    assert expected in caught.value.expected


def test_types_are_made_in_any_order(conf):
    conf.write(
        data={
            "issue": {
                "parent": "project",
                "state": "one of: open, closed = open",
                "by": "ref:account?",
            },
            "account": {"email": "str", "leads": "set of Ref[project]"},
            "project": {"lead": "ref:account", "url": "str"},
            "ticket": {"class": "conf_classes.Ticket"},
        }
    )
    types = configuration.load_types()
    assert list(types) == ["issue", "account", "project", "ticket"]
    issue, account, project = types["issue"], types["account"], types["project"]
    assert types["ticket"] is Ticket
    assert schema_of(issue).parent is project
    assert schema_of(project).parent is None
    assert list(fields(issue)) == ["name", "context", "description", "state", "by"]
    assert fields(project)["lead"].kind.target is account
    ann = account(name="ann")
    made = issue(name="crash", context=("editor",), by=Ref(ann))
    assert (made.state, made.by.name, made.global_name) == ("open", "ann", "editor/crash")
    assert project(name="p", lead=ann).lead == Ref(ann)


def test_a_type_is_one_class_until_it_is_declared_otherwise(conf):
    data = {"a": {"b": "ref:b", "x": "int"}, "b": {"y": "str"}, "c": {"z": "str"}}
    first = configuration.load_types(conf.write(data=data).directory)
    assert configuration.load_types() == first
    data["b"]["y"] = "bytes"
    second = configuration.load_types(conf.write(data=data).directory)
    assert second["c"] is first["c"]
    assert second["b"] is not first["b"]
    assert second["a"] is not first["a"]
    assert fields(second["a"])["b"].kind.target is second["b"]
    assert fields(first["a"])["b"].kind.target is first["b"]


def test_types_that_refer_to_each_other_are_one_class_too(conf):
    data = {"a": {"b": "ref:b?"}, "b": {"a": "ref:a?"}}
    first = configuration.load_types(conf.write(data=data).directory)
    assert configuration.load_types() == first
    assert fields(first["b"])["a"].kind._inner.target is first["a"]


def test_an_option_may_be_an_expression(conf, monkeypatch):
    monkeypatch.setenv("TYPE", "int = 5")
    conf.write(data={"a": {"x": "=env:TYPE", "y": "=ref:a.x", "z": "='str'"}})
    made = configuration.load_types()["a"](name="n")
    assert (made.x, made.y, made.z) == (5, 5, "")


def test_every_mistake_is_told_at_once(conf, told):
    conf.write(
        data={
            "customer": {
                "email": "strr",
                "credit": "int = much",
                "name": "str",
                "id": "int",
                "save": "str",
                "for": "str",
                "two words": "str",
                "_x": "str",
                "by": "ref:acount",
                "token": "=env:NOT_SET_ANYWHERE",
                "list": "=[1]",
                "password": "strr",
            },
            "account": {"parent": "customr"},
            "class": {},
            "two words": {},
            "written": {"class": "conf_classes.Ticket", "title": "str"},
            "missing": {"class": "conf_classes.Tickett"},
            "no_data": {"class": "conf_classes.Plain"},
            "no_module": {"class": "no_such_package.Type"},
            "bare": {"class": "Ticket"},
            "a": {"parent": "b"},
            "b": {"parent": "c"},
            "c": {"parent": "a"},
            "under_a": {"parent": "a"},
            "own": {"parent": "own"},
        }
    )
    with pytest.raises(ConfigError) as caught:
        configuration.load_types()
    found = told(caught.value)
    expected = {
        "customer.email": "'strr' is no type; expected str",
        "customer.credit": "default 'much' does not fit; expected int",
        "customer.name": "every data has it",
        "customer.id": "every data has it",
        "customer.save": "every data has something else of this name",
        "customer.for": "cannot have a field 'for'",
        "customer.two words": "cannot have a field 'two words'",
        "customer._x": "cannot have a field '_x'",
        "customer.by": "no data type 'acount'; expected account",
        "customer.token": "'NOT_SET_ANYWHERE' is not set",
        "customer.password": "'strr' is no type",
        "customer.list": "does not fit; expected a text",
        "account.parent": "no data type 'customr'; expected customer",
        "class.None": "name of a type",
        "two words.None": "name of a type",
        "written.title": "written in Python",
        "missing.class": "AttributeError",
        "no_data.class": "no class of data",
        "no_module.class": "ModuleNotFoundError: No module named 'no_such_package'",
        "bare.class": "cannot be imported",
        "a.parent": "it embeds itself: a in b in c in a",
        "b.parent": "it embeds itself: b in c in a in b",
        "c.parent": "it embeds itself: c in a in b in c",
        "own.parent": "it embeds itself: own in own",
    }
    assert found.keys() == expected.keys()
    for place, text in expected.items():
        assert text in found[place]
        assert found[place].startswith(str(conf.file("data")))
