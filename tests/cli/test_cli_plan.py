"""plan."""

from __future__ import annotations

import json

import pytest

from b3j0f.sync import Plan


def test_in_step(cli, in_step):
    result = cli("plan", "customers")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "in step: nothing to do\n", "")


def test_one_line_an_operation(cli, in_step):
    in_step.add("sheet", "zoe", email="zoe@example.org", tags=frozenset({"new", "vip"}))
    in_step.edit("warehouse", "ann", email="")
    in_step.remove("warehouse", "eve")
    result = cli("plan")
    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        'add warehouse customer "zoe": email "zoe@example.org", tags ["new", "vip"] (is in sheet)',
        'update sheet customer "ann": email "ann@example.org" -> "" (changed in warehouse)',
        'remove sheet customer "eve" (removed in warehouse)',
        "add 1, update 1, remove 1, conflict 0",
    ]
    assert result.stderr == ""


def test_it_writes_nothing(cli, in_step):
    in_step.add("sheet", "zoe")
    cli("plan")
    assert in_step.find("warehouse", "zoe") is None


def test_conflicts_and_nothing_else(cli, disputed):
    result = cli("plan")
    assert result.exit_code == 3
    first = result.stdout.splitlines()[0].split(" ", 2)
    assert first[0] == "conflict"
    assert first[2].startswith(
        'customer "ann" email: warehouse "ann@work.example", sheet "ann@home.example"; '
        'agreed "ann@example.org"'
    )
    assert result.stdout.splitlines()[-1] == "add 0, update 0, remove 0, conflict 2"


def test_something_to_do_goes_before_conflicts(cli, disputed):
    disputed.edit("sheet", "eve", credit=31)
    assert cli("plan").exit_code == 2


def test_a_store_that_cannot_be_read_is_an_error(cli, in_step):
    (in_step.etc / "warehouse.db").write_text("this is no database, and long enough to tell")
    result = cli("plan")
    assert result.exit_code == 1
    assert result.stdout.startswith("unread warehouse: ")
    assert json.loads(cli("plan", "--json").stdout)["not_read"].keys() == {"warehouse"}


def test_what_cannot_be_written_is_told(cli, in_step):
    in_step.write(
        store="[warehouse]\nclass = sql\ntypes = customer, contact\nurl = sqlite:///warehouse.db\n"
        "[sheet]\nclass = files\ntypes = customer\npath = table.csv\n"
        "[other]\nclass = sql\ntypes = customer, contact\nurl = sqlite:///other.db\n"
        "customer.unique_names = true\n",
        synchronizer="[customers]\nstores = warehouse, other\nledger = other.ledger\n"
        "other.where.customer = credit > 15\n",
    )
    in_step.add("other", "ann", credit=1)  # outside the filter, and in the way of the name
    in_step.edit("warehouse", "ann", credit=100)
    result = cli("plan")
    assert [line for line in result.stdout.splitlines() if line.startswith("skipped other")]
    skipped = json.loads(cli("plan", "--json").stdout)["skipped"]
    assert [each["store"] for each in skipped] == ["other"]


def test_json_is_the_plan_and_nothing_else(cli, in_step):
    in_step.edit("warehouse", "ann", credit=11)
    result = cli("plan", "--json")
    assert result.exit_code == 2
    plan = Plan.from_json(result.stdout)
    assert plan.counts() == {"add": 0, "update": 1, "remove": 0, "conflict": 0}
    assert result.stdout.isascii()


def test_saving(cli, in_step, place):
    in_step.edit("warehouse", "ann", credit=11)
    file = place / "plan.json"
    assert cli("plan", "--save", str(file)).exit_code == 2
    assert len(Plan.from_json(file.read_text()).operations) == 1
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in place.glob("*plan*")] == ["plan.json"]


def test_saving_where_that_is_not_possible(cli, in_step, place):
    result = cli("plan", "--save", str(place / "missing" / "plan.json"))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "missing" in result.stderr


@pytest.mark.parametrize(("words", "expected"), [([], 2), (["--type", "contact"], 0)])
def test_some_of_the_types(cli, in_step, words, expected):
    in_step.edit("warehouse", "ann", credit=11)
    assert cli("plan", *words).exit_code == expected


def test_an_unknown_type(cli, in_step):
    result = cli("plan", "--type", "custmer")
    assert result.exit_code == 1
    assert result.stderr == (
        "error: 'customers' keeps no type 'custmer' in step; expected customer\n"
        "hint: b3j0f-sync plan --help tells more\n"
    )


def test_long_values_are_shown_where_they_differ(cli, in_step):
    in_step.edit("warehouse", "ann", description="a" * 5000 + " end")
    cli("run")
    in_step.edit("warehouse", "ann", description="a" * 5000 + " other end")
    line = cli("plan").stdout.splitlines()[0]
    assert len(line) < 600
    assert " end" in line
    assert " other end" in line
