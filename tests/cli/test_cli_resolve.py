"""conflicts and resolve."""

from __future__ import annotations

import json

import pytest


def keys(result):
    return [line.split()[1] for line in result.stdout.splitlines()]


def test_without_conflicts(cli, in_step):
    result = cli("conflicts")
    assert (result.exit_code, result.stdout) == (0, "no conflicts\n")
    assert cli("conflicts", "--json").stdout.strip() == "[]"


def test_conflicts_are_numbered_and_have_all_values(cli, disputed):
    result = cli("conflicts")
    assert result.exit_code == 3
    one, two = result.stdout.splitlines()
    number, key, rest = one.split(" ", 2)
    assert number == "1"
    assert key.isalpha()
    assert rest.startswith(
        'customer "ann" email: warehouse "ann@work.example", sheet "ann@home.example"; '
        'agreed "ann@example.org" (since 2'
    )
    assert two.startswith("2 ")
    assert 'customer "bob" credit: warehouse 21, sheet 22; agreed 20' in two


def test_json(cli, disputed):
    result = cli("conflicts", "--json")
    assert result.exit_code == 3
    first, second = json.loads(result.stdout)
    assert second["values"] == {"warehouse": 21, "sheet": 22}
    assert second["agreed"] == 20
    assert first["key"] == keys(cli("conflicts"))[0]


def test_by_number_for_what_a_store_has(cli, disputed):
    cli("conflicts")
    result = cli("resolve", "1", "--store", "sheet")
    assert result.exit_code == 3  # the other one is left
    assert result.stdout.splitlines()[-1] == "1 conflict left"
    assert disputed.find("warehouse", "ann").email == "ann@home.example"
    assert disputed.find("warehouse", "bob").credit == 21


def test_numbers_mean_what_they_meant_when_they_were_listed(cli, disputed):
    cli("conflicts")
    assert cli("resolve", "customers", "1", "--store", "sheet").exit_code == 3
    result = cli("resolve", "customers", "2", "--store", "warehouse")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "no conflict left")
    assert disputed.find("warehouse", "ann").email == "ann@home.example"
    assert disputed.find("sheet", "bob").credit == 21
    assert cli("plan").exit_code == 0


def test_a_number_is_not_taken_for_another_conflict(cli, disputed):
    cli("conflicts")
    cli("resolve", "1", "--store", "sheet")
    result = cli("resolve", "1", "--store", "sheet")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "number 1 of the last list is no open conflict any more" in result.stderr
    assert disputed.find("warehouse", "bob").credit == 21
    assert disputed.find("sheet", "bob").credit == 22


@pytest.mark.parametrize("which", ["0", "3", "99999999999999999999"])
def test_numbers_that_were_not_listed(cli, disputed, which):
    result = cli("resolve", which, "--store", "sheet")
    assert "none were listed" in result.stderr
    cli("conflicts")
    result = cli("resolve", which, "--store", "sheet")
    assert result.exit_code == 1
    assert f"there is no number {which}: 2 were listed" in result.stderr


def test_by_key_for_another_value(cli, disputed):
    key = keys(cli("conflicts"))[1]
    result = cli("resolve", key, "--value", "99")
    assert result.exit_code == 3
    assert f'resolved {key} customer "bob" credit: 99; written to ' in result.stdout
    assert disputed.find("warehouse", "bob").credit == 99
    assert disputed.find("sheet", "bob").credit == 99


def test_a_key_stands_for_the_values_that_were_shown(cli, disputed):
    key = keys(cli("conflicts"))[1]
    disputed.edit("sheet", "bob", credit=23)
    result = cli("resolve", key, "--store", "sheet")  # no run has seen it yet
    assert result.exit_code == 1
    assert "has 23 by now" in result.stderr
    cli("run")
    result = cli("resolve", key, "--store", "sheet")
    assert result.exit_code == 1
    assert f"no open conflict has the key '{key}'" in result.stderr
    assert disputed.find("warehouse", "bob").credit == 21


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["1", "--value", "much"], "expected int, given str 'much'"),
        (["1", "--store", "shet"], "there is no store 'shet'; expected one of warehouse, sheet"),
        (["1", "--store", "sheet", "--value", "1"], "one of --store, --value, --edit"),
        (["--store", "sheet"], "expected [NAME] NUMBER"),
        (["customers", "1", "2", "--store", "sheet"], "expected [NAME] NUMBER"),
        (["customers", "1", "--all", "--store", "sheet"], "expected [NAME] NUMBER"),
        (["--all", "--value", "1"], "with --all"),
        (["other", "1", "--store", "sheet"], "other"),
    ],
)
def test_mistakes_change_nothing(cli, disputed, words, told):
    cli("resolve", keys(cli("conflicts"))[0], "--store", "sheet")
    cli("conflicts")
    result = cli("resolve", *words)
    assert (result.exit_code, told in result.stderr) == (1, True), result.stderr
    assert disputed.find("warehouse", "bob").credit == 21
    assert disputed.find("sheet", "bob").credit == 22


def test_all_of_them(cli, disputed):
    result = cli("resolve", "--all", "--store", "warehouse", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert [each["value"] for each in document["resolved"]] == ["ann@work.example", 21]
    assert document["left"] == 0
    assert disputed.find("sheet", "ann").email == "ann@work.example"
    assert disputed.find("sheet", "bob").credit == 21


def test_one_that_cannot_be_resolved_stops_no_other(cli, disputed):
    disputed.edit("warehouse", "ann", email="ann@new.example")
    result = cli("resolve", "customers", "--all", "--store", "warehouse")
    assert result.exit_code == 1
    assert "has 'ann@new.example' by now" in result.stderr
    assert disputed.find("sheet", "bob").credit == 21
    assert disputed.find("sheet", "ann").email == "ann@home.example"


def test_data_that_cannot_be_told_apart(cli, in_step):
    for email in ("one", "two"):
        in_step.add("warehouse", "zoe", email=email)
    in_step.add("sheet", "zoe", email="three")
    assert cli("run").exit_code == 3
    listed = cli("conflicts")
    assert 'customer "zoe" id: ' in listed.stdout
    result = cli("resolve", "1", "--store", "sheet")
    assert result.exit_code == 1
    assert "--same STORE=ID,STORE=ID says which are the same" in result.stderr


def test_conflicts_that_look_the_same_have_keys_of_their_own(cli, in_step):
    for number in range(2):
        in_step.add("warehouse", f"z{number}", credit=1)
    cli("run")
    for number in range(2):
        in_step.edit("warehouse", f"z{number}", name="twin", credit=2)
        in_step.edit("sheet", f"z{number}", credit=3)
    assert cli("run").exit_code == 3
    found = keys(cli("conflicts"))
    assert len(set(found)) == 2
    assert cli("resolve", found[1], "--store", "sheet").stdout.endswith("1 conflict left\n")
