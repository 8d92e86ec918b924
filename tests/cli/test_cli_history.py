"""history, explain and undo."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from b3j0f.sync import Plan

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def untimed(result):
    return [
        re.sub(r" \d+\.\d s:", " 0 s:", TIME.sub("T", line)) for line in result.stdout.splitlines()
    ]


@pytest.fixture
def edited(in_step, cli):
    """A second run, which took an edit from each side, a removal and an addition."""
    in_step.edit("warehouse", "ann", email="ann@work.example")
    in_step.edit("sheet", "bob", credit=21)
    in_step.remove("warehouse", "eve")
    in_step.add("sheet", "zoe", credit=5)
    assert cli("run").exit_code == 0
    return in_step


# --- history -------------------------------------------------------------------------------------


def test_runs_the_last_one_first(cli, edited):
    result = cli("history", "customers")
    assert result.exit_code == 0
    assert untimed(result) == [
        "run 2 run T 0 s: applied 4, skipped 0, failed 0, conflicts 0",
        "run 1 run T 0 s: applied 3, skipped 0, failed 0, conflicts 0",
    ]
    assert len(cli("history", "--limit", "1").stdout.splitlines()) == 1
    assert [run["number"] for run in json.loads(cli("history", "--json").stdout)] == [2, 1]


def test_no_run_yet(cli, world):
    assert cli("history").stdout == "no run yet\n"


def test_what_a_run_changed(cli, edited):
    result = cli("history", "--run", "2")
    head, *lines = untimed(result)
    assert head.startswith("run 2 run T")
    assert sorted(lines) == [
        'added customer "zoe" from sheet; added to warehouse',
        (
            'removed customer "eve" in warehouse: email was "eve@example.org", credit was 30; '
            "removed from sheet"
        ),
        (
            'updated customer "ann": email "ann@example.org" -> "ann@work.example" (warehouse); '
            "written to sheet"
        ),
        'updated customer "bob": credit 20 -> 21 (sheet); written to warehouse',
    ]


def test_what_a_run_changed_as_json(cli, edited):
    document = json.loads(cli("history", "--run", "2", "--json").stdout)
    assert (document["number"], document["kind"]) == (2, "run")
    by_name = {change["name"]: change for change in document["changes"]}
    assert by_name["bob"]["fields"] == {
        "credit": {"before": 20, "after": 21, "source": "sheet"},
    }
    (write,) = by_name["bob"]["writes"]
    assert (write["store"], write["kind"], write["replaced"]) == ("warehouse", "update", {})
    assert by_name["zoe"]["what"] == "added"


def test_what_was_overwritten_is_told(cli, disputed):
    cli("resolve", "--all", "--store", "sheet")
    lines = untimed(cli("history", "--run", "3"))
    assert lines[1].endswith('written to warehouse, where it was email "ann@work.example"')


@pytest.mark.parametrize("words", [["history", "--run"], ["undo"]])
def test_runs_that_are_not_known(cli, in_step, words):
    for which, told in (("7", "no run 7 is known, those from 1 to 1 are"), ("x", "not 'x'")):
        result = cli(*words, which)
        assert (result.exit_code, result.stdout) == (1, "")
        assert told in result.stderr
        assert "b3j0f-sync history customers" in result.stderr.splitlines()[0]


# --- explain -------------------------------------------------------------------------------------


def test_where_each_value_came_from(cli, edited):
    result = cli("explain", "customer", "ann")
    assert result.exit_code == 0
    lines = untimed(result)
    assert lines[0] == 'name: "ann" (warehouse, run 1, T)'
    assert lines[3] == 'email: "ann@work.example" (warehouse, run 2, T); was "ann@example.org"'
    assert result.stdout == cli("explain", "customers", "customer", "ann").stdout


def test_explained_as_json(cli, edited):
    document = json.loads(cli("explain", "customer", "bob", "--json").stdout)
    assert document["removed"] is False
    credit = document["fields"]["credit"]
    assert (credit["value"], credit["before"]) == (21, 20)
    assert (credit["source"], credit["run"]) == ("sheet", 2)


def test_another_form_in_a_store_is_told(cli, world):
    world.write(
        synchronizer="[customers]\nstores = warehouse, sheet\nledger = customers.ledger\n"
        "sheet.mode = read\n"
    )
    world.add("warehouse", "ann", credit=1)
    world.add("sheet", "ann", credit=1)
    cli("run")
    world.edit("warehouse", "ann", credit=2)
    cli("run")
    (line,) = [line for line in untimed(cli("explain", "customer", "ann")) if "credit" in line]
    assert line.endswith("; was 1; sheet has 1")


def test_a_removed_record_tells_who_removed_it(cli, edited):
    lines = untimed(cli("explain", "customer", "eve"))
    assert lines[0] == 'removed customer "eve" in warehouse, run 2, T'
    assert 'email: was "eve@example.org"' in lines
    document = json.loads(cli("explain", "customer", "eve", "--json").stdout)
    assert document["removed"] is True
    assert document["fields"]["credit"]["before"] == 30


def test_names_with_odd_characters(cli, world):
    for name in ("a/b", "-x", "two words", "\x1b[31m"):
        world.add("warehouse", name, credit=len(name))
    world.add("warehouse", "home", "contact", context=("two words",))
    assert cli("run").exit_code == 0
    for name in ("a/b", "a%2Fb", "two words", "\x1b[31m"):
        assert "credit: " in cli("explain", "customer", name).stdout
    assert 'name: "-x"' in cli("explain", "customer", "--", "-x").stdout
    one = cli("explain", "contact", "two words/home")
    assert one.stdout == cli("explain", "contact", "home", "--context", "two words").stdout
    assert 'context: ["two words"]' in one.stdout


def test_what_is_embedded_is_named_with_what_embeds_it(cli, world):
    world.add("warehouse", "ann")
    world.add("warehouse", "home", "contact", context=("ann",))
    cli("run")
    result = cli("explain", "contact", "home")
    assert (result.exit_code, result.stdout) == (1, "")
    error, hint = result.stderr.splitlines()
    assert error == "error: there is no contact 'home', and the history knows of none"
    assert "--context NAME" in hint


def test_several_of_one_name_are_told_apart(cli, in_step):
    # A folder of files keeps names unique, databases need not.
    in_step.write(
        store="[warehouse]\nclass = sql\ntypes = customer\nurl = sqlite:///warehouse.db\n"
        "[sheet]\nclass = sql\ntypes = customer\nurl = sqlite:///sheet.db\n"
        "[other]\nclass = sql\ntypes = customer\nurl = sqlite:///other.db\n",
        synchronizer="[two]\nstores = warehouse, sheet\nledger = two.ledger\n",
    )
    for credit in (1, 2):
        in_step.add("warehouse", "twin", credit=credit)
    assert cli("run").exit_code == 0
    result = cli("explain", "customer", "twin")
    assert (result.exit_code, result.stdout) == (1, "")
    error, *hints = result.stderr.splitlines()
    assert "2 records of type customer are called 'twin'" in error
    for hint, credit in zip(hints, (1, 2), strict=True):
        told, _, line = hint.removeprefix("hint: ").partition(": ")
        assert told == f"credit {credit}"
        assert f"credit: {credit} " in cli(*shlex.split(line)[1:]).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["customer"], "expected [NAME] TYPE RECORD"),
        (["custmer", "ann"], "keeps no type 'custmer' in step; expected customer"),
        (["customer", "nobody"], "there is no customer 'nobody'"),
        (["other", "customer", "ann"], "other"),
    ],
)
def test_what_cannot_be_explained(cli, in_step, words, told):
    result = cli("explain", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr


# --- undo ----------------------------------------------------------------------------------------


def test_a_run_is_taken_back_when_that_is_asked_for(cli, edited):
    result = cli("undo", "2")
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert lines[0] == (
        'update warehouse customer "ann": email "ann@work.example" -> "ann@example.org" '
        "(changed by run 2, which is undone)"
    )
    assert lines[-1] == "add 2, update 4, remove 1, conflict 0"
    assert edited.find("warehouse", "ann").email == "ann@work.example"
    assert cli("undo", "customers", "2", "--apply").exit_code == 0
    assert edited.find("warehouse", "ann").email == "ann@example.org"
    assert edited.find("sheet", "bob").credit == 20
    assert edited.find("warehouse", "eve").credit == 30
    assert edited.find("warehouse", "zoe") is None
    assert edited.find("sheet", "zoe").credit == 5
    assert untimed(cli("history"))[0].startswith("run 3 undo T")


def test_what_was_edited_since_is_left_and_told(cli, edited):
    edited.edit("sheet", "bob", credit=22)
    result = cli("undo", "2")
    assert 'skipped sheet "bob": it was edited there since: run first' in result.stdout
    cli("run")
    result = cli("undo", "2")
    assert 'skipped "bob": credit was changed since, by run 3' in result.stdout
    assert cli("undo", "2", "--apply").exit_code == 0
    assert edited.find("warehouse", "bob").credit == 22


def test_nothing_to_take_back(cli, edited):
    cli("run")
    result = cli("undo", "3")
    assert (result.exit_code, result.stdout) == (0, "run 3 wrote nothing: nothing to take back\n")


def test_a_saved_plan_that_takes_a_run_back(cli, edited, place):
    file = place / "back.json"
    assert cli("undo", "2", "--save", str(file)).exit_code == 2
    assert Plan.from_json(file.read_text()).undoes == 2
    result = cli("run", "--plan", str(file))
    assert result.exit_code == 0
    assert edited.find("sheet", "ann").email == "ann@example.org"
    again = cli("run", "--plan", str(file))
    assert "it has moved since the plan was made" in again.stdout


def test_json_of_what_takes_a_run_back_is_a_plan(cli, edited):
    edited.edit("sheet", "bob", credit=22)
    result = cli("undo", "2", "--json")
    assert result.exit_code == 2
    assert Plan.from_json(result.stdout).undoes == 2
    assert [each["name"] for each in json.loads(result.stdout)["skipped"]] == ["bob"]
    document = json.loads(cli("undo", "2", "--apply", "--json").stdout)
    assert document["run"] == 3
    assert document["counts"]["sheet"] == {"add": 1, "update": 1, "remove": 0}


def test_a_plan_for_another_ledger_tells_how_to_make_one(cli, edited, place):
    file = place / "back.json"
    cli("undo", "2", "--save", str(file))
    (edited.etc / "customers.ledger").unlink()
    result = cli("run", "--plan", str(file))
    assert result.exit_code == 1
    assert f"b3j0f-sync undo customers 2 --save {file}" in result.stderr


def test_many_removals_have_to_be_confirmed(cli, world):
    world.add_many(8)
    cli("run")
    assert cli("undo", "1").exit_code == 2
    result = cli("undo", "1", "--apply")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "8 of the 8 data of store 'sheet' would be removed" in result.stderr
    assert len(world.names("sheet")) == 8
    assert "b3j0f-sync undo customers 1 --apply --yes" in result.stderr
    assert cli("undo", "1", "--apply", "--yes").exit_code == 0
    assert world.names("sheet") == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "expected [NAME] RUN"),
        (["customers", "1", "2"], "expected [NAME] RUN"),
        (["1", "--yes"], "--yes goes with --apply"),
    ],
)
def test_wrong_ways_to_undo(cli, in_step, words, told):
    result = cli("undo", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert told in result.stderr
