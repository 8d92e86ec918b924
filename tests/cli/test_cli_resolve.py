"""conflicts and resolve."""

from __future__ import annotations

import json
import sys

import pytest

from b3j0f.sync.conf import load_store, load_types


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


# --- by a policy, of a kind ----------------------------------------------------------------------


def test_by_a_policy(cli, disputed):
    cli("conflicts")
    assert cli("resolve", "1", "--policy", "prefer:sheet").exit_code == 3
    assert disputed.find("warehouse", "ann").email == "ann@home.example"


def test_what_a_policy_does_not_decide_stays_open(cli, disputed):
    disputed.write(
        store="[warehouse]\nclass = sql\ntypes = customer, contact\nurl = sqlite:///warehouse.db\n"
        "[sheet]\nclass = files\ntypes = customer, contact\npath = sheet\n"
        "[third]\nclass = memory\ntypes = customer\n",
        synchronizer="[customers]\nstores = warehouse, sheet, third\nledger = customers.ledger\n",
    )
    result = cli("resolve", "--all", "--policy", "prefer:third")
    assert result.exit_code == 3
    first, _, last = result.stdout.splitlines()
    assert first.startswith("undecided ")
    assert first.endswith('customer "ann" email: prefer:third does not decide it')
    assert last == "2 conflicts left"
    document = json.loads(cli("resolve", "--all", "--policy", "prefer:third", "--json").stdout)
    assert (len(document["undecided"]), document["resolved"]) == (2, [])
    assert disputed.find("warehouse", "ann").email == "ann@work.example"


@pytest.mark.parametrize(
    ("kind", "decided"),
    [
        (["--field", "credit"], {"bob"}),
        (["--type", "customer"], {"ann", "bob"}),
        (["--type", "contact"], set()),
        (["--type", "customer", "--field", "email"], {"ann"}),
    ],
)
def test_all_of_a_kind(cli, disputed, kind, decided):
    listed = json.loads(cli("conflicts", *kind, "--json").stdout)
    assert {each["name"] for each in listed} == decided
    document = json.loads(
        cli("resolve", "customers", *kind, "--policy", "prefer:sheet", "--json").stdout
    )
    assert {each["name"] for each in document["resolved"]} == decided
    assert document["left"] == 2 - len(decided)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["1", "--policy", "newst"], "--policy: there is no policy 'newst'; expected newest"),
        (["1", "--policy", "prefer:shet"], "there is no store 'shet'; expected sheet"),
        (["1", "--policy", "newest", "--edit"], "one of --store, --value"),
        (["--field", "emial", "--store", "sheet"], "there is no field 'emial'; expected email"),
        (["--field", "email", "--edit"], "with --all, --type or --field, --store or --policy"),
        (["one", "two", "--type", "customer", "--store", "sheet"], "expected [NAME] NUMBER"),
        (["1", "--apart"], "which data are the same is known"),
    ],
)
def test_mistakes_with_policies_and_kinds(cli, disputed, words, told):
    cli("conflicts")
    result = cli("resolve", *words)
    assert (result.exit_code, told in result.stderr) == (1, True), result.stderr
    assert len(json.loads(cli("conflicts", "--json").stdout)) == 2


# --- in an editor --------------------------------------------------------------------------------


@pytest.fixture
def editor(place, monkeypatch):
    """Lets a program stand for the user's editor; gives what it was shown."""
    seen = place / "seen"

    def use(change):
        script = place / "editor.py"
        script.write_text(
            "import pathlib, sys\n"
            "file = pathlib.Path(sys.argv[1])\n"
            "text = file.read_text(encoding='utf-8')\n"
            f"pathlib.Path({str(seen)!r}).write_text(text, encoding='utf-8')\n"
            f"{change}\n"
        )
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
        return seen

    return use


def test_an_editor_has_all_values(cli, disputed, editor):
    cli("conflicts")
    seen = editor(
        "file.write_text(text.replace('<<<<<<< warehouse\\n21\\n======= sheet\\n', '')"
        ".replace('22\\n>>>>>>>', '99'))"
    )
    result = cli("resolve", "2", "--edit")
    assert result.exit_code == 3
    assert 'customer "bob" credit: 99; written to ' in result.stdout
    assert disputed.find("warehouse", "bob").credit == 99
    assert disputed.find("sheet", "bob").credit == 99
    text = seen.read_text()
    assert text.startswith("<<<<<<< warehouse\n21\n======= sheet\n22\n>>>>>>>\n# ----")
    assert "# customer 'bob' credit\n# agreed before:\n#   20\n" in text


@pytest.mark.parametrize("change", ["pass", "file.write_text(text)", "file.write_text('')"])
def test_nothing_changed_in_the_editor_decides_nothing(cli, disputed, editor, change):
    cli("conflicts")
    editor(change)
    result = cli("resolve", "1", "--edit")
    assert result.exit_code == 3
    assert "nothing was changed in the editor" in result.stdout
    assert disputed.find("warehouse", "ann").email == "ann@work.example"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("file.write_text(text.replace('22', '23'))", "the line '<<<<<<< warehouse' was left"),
        ("file.write_text('many')", "expected int, given str 'many'"),
        ("sys.exit(3)", "Editing failed"),
    ],
)
def test_what_an_editor_leaves_has_to_be_a_value(cli, disputed, editor, change, told):
    cli("conflicts")
    editor(change)
    result = cli("resolve", "2", "--edit")
    assert (result.exit_code, told in result.stderr) == (1, True), result.stderr
    assert disputed.find("warehouse", "bob").credit == 21


def test_texts_in_an_editor_share_what_they_have_in_common(cli, in_step, editor):
    text = "one\n# two\nthree\nfour\nfive\n"
    in_step.edit("warehouse", "ann", description=text)
    cli("run")
    changed = text.replace("two", "two, changed")
    in_step.edit("warehouse", "ann", description=changed.replace("five", "5"))
    in_step.edit("sheet", "ann", description=text.replace("two", "2"))
    cli("run")
    cli("conflicts")
    keep = "''.join(line for line in text.splitlines(True) if line[0] not in '<=>')"
    seen = editor(f"file.write_text({keep})")
    assert cli("resolve", "1", "--edit").exit_code == 0
    assert seen.read_text().startswith(
        "one\n<<<<<<< warehouse\n# two, changed\n======= sheet\n# 2\n>>>>>>>\nthree\n"
        "four\n5\n\n# ---"
    )
    assert in_step.find("sheet", "ann").description == (
        "one\n# two, changed\n# 2\nthree\nfour\n5\n"
    )


def test_texts_on_which_nothing_was_agreed_are_put_together_as_well(cli, world, editor):
    world.add("warehouse", "ann", description="one\ntwo\nthree")
    world.add("sheet", "ann", description="one\n2\nthree")
    assert cli("run").exit_code == 3
    cli("conflicts")
    seen = editor("file.write_text('one\\ntoo\\nthree')")
    assert cli("resolve", "1", "--edit").exit_code == 0
    text = seen.read_text()
    assert "one\n<<<<<<< " in text
    assert ">>>>>>>\nthree\n# ---" in text
    assert "# nothing had been agreed before" in text
    assert world.find("sheet", "ann").description == "one\ntoo\nthree"


def test_lines_are_merged_by_the_policy_of_that_name(cli, in_step):
    in_step.edit("warehouse", "ann", description="one\ntwo\nthree\nfour\n")
    cli("run")
    in_step.edit("warehouse", "ann", description="1\ntwo\nthree\nfour\n")
    in_step.edit("sheet", "ann", description="one\ntwo\nthree\n4\n")
    cli("run")
    assert cli("resolve", "--all", "--policy", "merge:lines").exit_code == 0
    assert in_step.find("warehouse", "ann").description == "1\ntwo\nthree\n4\n"


def test_without_an_editor_or_a_terminal(cli, disputed, monkeypatch):
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    cli("conflicts")
    result = cli("resolve", "1", "--edit")
    assert result.exit_code == 1
    assert "--edit needs a terminal, or an editor" in result.stderr


# --- which data are the same ---------------------------------------------------------------------


@pytest.fixture
def alike(in_step, cli):
    """Two customers called zoe in one store, one in the other."""
    in_step.write(
        store="[warehouse]\nclass = sql\ntypes = customer, contact\nurl = sqlite:///warehouse.db\n"
        "[sheet]\nclass = sql\ntypes = customer, contact\nurl = sqlite:///sheet.db\n",
        synchronizer="[customers]\nstores = warehouse, sheet\nledger = two.ledger\n",
    )
    for email in ("one", "two"):
        in_step.add("warehouse", "zoe", email=email)
    in_step.add("sheet", "zoe", email="three")
    assert cli("run").exit_code == 3
    return in_step


def emails(world, store):
    with load_store(store) as opened:
        return sorted(d.email for d in opened.find(load_types()["customer"], names=["zoe"]))


def test_data_are_told_apart_by_what_differs(cli, alike):
    (line,) = cli("conflicts").stdout.splitlines()
    assert (
        'customer "zoe" id: sheet 1 (email "three"), warehouse 4 (email "one") and 5 (email "two")'
    ) in line
    (document,) = json.loads(cli("conflicts", "--json").stdout)
    assert [(each["store"], each["id"]) for each in document["data"]] == [
        ("sheet", 1),
        ("warehouse", 4),
        ("warehouse", 5),
    ]
    assert document["data"][1]["fields"]["email"] == "one"


def test_data_that_are_gone_are_said_to_be(cli, alike):
    with load_store("sheet") as opened:
        opened.remove(opened.get(load_types()["customer"], 1))
    (line,) = cli("conflicts").stdout.splitlines()
    assert "sheet 1 (it is gone)" in line


def test_saying_which_are_the_same(cli, alike):
    cli("conflicts")
    result = cli("resolve", "1", "--same", "warehouse=5,sheet=1")
    assert result.exit_code == 3  # their emails differ
    assert (
        'customer "zoe" id: warehouse 5 is sheet 1; all others are different; written to sheet'
    ) in result.stdout
    (conflict,) = json.loads(cli("conflicts", "--json").stdout)
    assert conflict["values"] == {"warehouse": "two", "sheet": "three"}
    assert cli("resolve", conflict["key"], "--store", "warehouse").exit_code == 0
    assert emails(alike, "sheet") == emails(alike, "warehouse") == ["one", "two"]


def test_saying_that_none_are_the_same(cli, alike):
    cli("conflicts")
    result = cli("resolve", "customers", "1", "--apart")
    assert result.exit_code == 0
    assert "all of them are different" in result.stdout
    assert emails(alike, "sheet") == emails(alike, "warehouse") == ["one", "three", "two"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--same", "warehouse=9,sheet=1"], "there is no warehouse=9 in it; expected of sheet=1,"),
        (["--same", "warehouse=4,warehouse=5"], "names warehouse twice"),
        (["--same", "shet=1"], "'shet=1' is no STORE=ID; expected sheet=ID, warehouse=ID"),
        (
            ["--same", "warehouse=4,sheet=1", "--same", "warehouse=5,sheet=1"],
            "or it was named twice",
        ),
        (["--store", "sheet"], "--same STORE=ID,STORE=ID says which are the same"),
        (["--value", "1"], "--same STORE=ID,STORE=ID says which are the same"),
        (["--edit"], "--same STORE=ID,STORE=ID says which are the same"),
    ],
)
def test_wrong_ways_to_tell_data_apart(cli, alike, words, told):
    cli("conflicts")
    result = cli("resolve", "1", *words)
    assert (result.exit_code, told in result.stderr) == (1, True), result.stderr
    assert emails(alike, "sheet") == ["three"]


def test_all_leaves_open_which_data_are_the_same(cli, alike):
    result = cli("resolve", "--all", "--store", "sheet")
    assert (result.exit_code, result.stdout) == (3, "1 conflict left\n")


def test_what_a_store_cannot_take_is_told(cli, in_step):
    for email in ("one", "two"):
        in_step.add("warehouse", "zoe", email=email)
    in_step.add("sheet", "zoe", email="one")  # a folder of files has each name once
    in_step.edit("sheet", "zoe", email="three")
    cli("run")
    cli("conflicts")
    result = cli("resolve", "1", "--same", "warehouse=5,sheet=zoe")
    assert 'skipped sheet customer "zoe": names are unique there' in result.stdout
