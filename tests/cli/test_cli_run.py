"""run."""

from __future__ import annotations

import json
import shlex


def follow(cli, result, label):
    """Run the command that a hint in *result* gives."""
    (line,) = [line for line in result.stderr.splitlines() if line.startswith(f"hint: {label}")]
    program, *words = shlex.split(line.partition(label)[2].lstrip(": "))
    assert program == "b3j0f-sync"
    return cli(*words)


def fill(world, store="warehouse", count=8):
    for number in range(count):
        world.add(store, f"c{number}", email=f"c{number}@example.org")


def test_it_brings_stores_in_step_and_says_what_it_did(cli, world):
    fill(world, count=2)
    world.add("sheet", "zoe")
    result = cli("run", "customers")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        "written sheet: added 2, updated 0, removed 0",
        "written warehouse: added 1, updated 0, removed 0",
    ]
    assert lines[2].startswith("add 3, update 0, remove 0, skipped 0, failed 0, conflict 0 in ")
    assert result.stderr.startswith("warning: nothing was known of these stores before this run")
    assert cli("run").stderr == ""
    assert world.names("warehouse") == world.names("sheet") == ["c0", "c1", "zoe"]


def test_json(cli, world):
    world.add("warehouse", "ann", tags=frozenset({"b", "a"}))
    result = cli("run", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["ok"] is True
    assert document["counts"] == {"sheet": {"add": 1, "update": 0, "remove": 0}}
    (operation,) = document["applied"]
    assert operation["changes"]["tags"] == [None, ["a", "b"]]
    assert operation["name"] == "ann"


def test_some_of_the_types(cli, world):
    world.add("warehouse", "ann")
    world.add("warehouse", "home", "contact", context=("ann",))
    assert cli("run", "--type", "customer").exit_code == 0
    assert world.find("sheet", "ann") is not None
    assert world.find("sheet", "home", "contact", ("ann",)) is None


def test_conflicts_are_left_and_told(cli, disputed):
    result = cli("run")
    assert result.exit_code == 3
    assert len([li for li in result.stdout.splitlines() if li.startswith("conflict ")]) == 2
    listed = follow(cli, result, "to see the conflicts, and how to decide them")
    assert listed.exit_code == 3
    keys = [line.split()[1] for line in listed.stdout.splitlines()]
    assert [line.split()[1] for line in result.stdout.splitlines()[:2]] == keys


def test_a_failure_is_told_and_stops_nothing_else(cli, world):
    fill(world, count=2)
    (world.etc / "sheet" / "customer").mkdir(parents=True)
    (world.etc / "sheet" / "customer" / "c0.yaml").write_text("email: [")
    result = cli("run")
    assert result.exit_code == 1
    failed = [line for line in result.stdout.splitlines() if line.startswith("failed sheet: ")]
    assert failed
    assert "c0" in failed[0]
    assert world.find("sheet", "c1") is not None
    document = json.loads(cli("run", "--json").stdout)
    assert document["ok"] is False
    assert document["failed"][0]["store"] == "sheet"


def test_a_store_that_is_suddenly_empty(cli, world):
    fill(world)
    cli("run")
    for name in world.names("sheet"):
        world.remove("sheet", name)
    result = cli("run", "--type", "customer")
    assert (result.exit_code, result.stdout) == (1, "")
    error = result.stderr.splitlines()[0]
    assert error == (
        "error: store 'sheet' is empty now and held 8 data when last agreed; nothing was written"
    )
    assert len(world.names("warehouse")) == 8
    assert follow(cli, result, "if they were removed on purpose").exit_code == 0
    assert world.names("warehouse") == []


def test_too_many_removals(cli, world):
    fill(world)
    cli("run")
    for name in world.names("sheet")[:5]:
        world.remove("sheet", name)
    result = cli("run")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "5 of the 8 data of store 'warehouse' would be removed" in result.stderr
    assert "25%" in result.stderr
    assert follow(cli, result, "to see them").exit_code == 2
    assert follow(cli, result, "if they are right").exit_code == 0
    assert len(world.names("warehouse")) == 3


def test_a_saved_plan_is_carried_out_and_nothing_else(cli, in_step, place):
    file = place / "the plan.json"
    in_step.edit("warehouse", "ann", credit=11)
    assert cli("plan", "--save", str(file)).exit_code == 2
    in_step.edit("warehouse", "bob", credit=21)
    result = cli("run", "--plan", str(file))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "written sheet: added 0, updated 1, removed 0"
    assert in_step.find("sheet", "ann").credit == 11
    assert in_step.find("sheet", "bob").credit == 20


def test_what_has_moved_since_the_plan_is_left_out_and_told(cli, in_step, place):
    file = place / "plan.json"
    in_step.edit("warehouse", "ann", credit=11)
    cli("plan", "--save", str(file))
    in_step.edit("warehouse", "ann", credit=12)
    result = cli("run", "--plan", str(file))
    assert 'skipped sheet customer "ann": it has moved since the plan was made' in result.stdout
    assert in_step.find("sheet", "ann").credit == 10


def test_a_plan_from_a_pipe(shell, in_step, environment):
    in_step.edit("warehouse", "ann", credit=11)
    made = shell("plan", "--json")
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "b3j0f.sync", "run", "--plan", "-", "--json"],
        env=environment(),
        input=made.stdout,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["counts"]["sheet"]["update"] == 1


def test_a_plan_for_another_ledger(cli, in_step, place):
    file = place / "plan.json"
    in_step.edit("warehouse", "ann", credit=11)
    cli("plan", "--save", str(file))
    (in_step.etc / "customers.ledger").unlink()
    result = cli("run", "--plan", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "made for synchronizer 'customers' with another ledger" in result.stderr
    assert in_step.find("sheet", "ann").credit == 10
    assert follow(cli, result, "to make one").exit_code in {2, 3}
    assert cli("run", "--plan", str(file)).exit_code in {0, 3}


def test_what_is_no_plan(cli, in_step, place):
    file = place / "plan.json"
    for content in (b"{}", b"nonsense", b"\xff\xfe"):
        file.write_bytes(content)
        result = cli("run", "--plan", str(file))
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"error: {file}: ")
        assert len(result.stderr.splitlines()) == 1
    assert cli("run", "--plan", str(place / "missing")).exit_code == 1


def test_a_refused_plan_can_be_insisted_on(cli, world, place):
    fill(world)
    cli("run")
    for name in world.names("sheet")[:5]:
        world.remove("sheet", name)
    file = place / "a plan"
    cli("plan", "--save", str(file))
    result = cli("run", "--plan", str(file))
    assert result.exit_code == 1
    assert len(world.names("warehouse")) == 8
    assert follow(cli, result, "if they are right").exit_code == 0
    assert len(world.names("warehouse")) == 3
