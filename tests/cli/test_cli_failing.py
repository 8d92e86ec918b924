"""status and retry where things fail, runs that were killed, and runs that are under way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

FLAKY = """\
[warehouse]
class = sql
types = customer
url = sqlite:///warehouse.db
[sheet]
class = {store}
types = customer
path = sheet
{more}
"""
SYNCHRONIZER = """\
[customers]
stores = warehouse, sheet
ledger = customers.ledger
retries = 0
"""


@pytest.fixture
def flaky(world):
    world.write(
        store=FLAKY.format(store="cli_stores.FlakyStore", more=""), synchronizer=SYNCHRONIZER
    )
    world.add("warehouse", "ann")
    return world


@pytest.fixture
def slow(world):
    """Each addition to the sheet takes a while."""
    world.write(store=FLAKY.format(store="cli_stores.SlowStore", more="pause = 0.02"))
    world.add_many(400)
    return world


def test_what_fails_is_listed_and_tried_again(cli, flaky):
    (flaky.etc / "full").touch()
    assert cli("run").exit_code == 1
    result = cli("status")
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("failing sheet")]
    assert line.startswith('failing sheet customer "ann": 1 attempt since 2')
    assert ", next 2" in line
    assert line.endswith("there is no room\\x1b[31m")
    assert "failing: 1; to try again now: b3j0f-sync retry customers" in result.stdout
    assert cli("retry").exit_code == 1
    (flaky.etc / "full").unlink()
    result = cli("retry", "customers")
    assert result.exit_code == 0
    assert result.stdout.startswith("written sheet: added 1")
    assert flaky.find("sheet", "ann") is not None
    assert cli("status").exit_code == 0


def test_what_fails_as_json(cli, flaky):
    (flaky.etc / "full").touch()
    for _ in range(8):
        cli("retry") if _ else cli("run")
    result = cli("status", "--json")
    assert result.exit_code == 1
    (failing,) = json.loads(result.stdout)["failing"]
    assert (failing["store"], failing["type"], failing["name"]) == ("sheet", "customer", "ann")
    assert (failing["attempts"], failing["set_aside"], failing["due"]) == (8, True, None)
    assert failing["last"] >= failing["first"]
    text = cli("status").stdout
    assert 'aside sheet customer "ann": 8 attempts since ' in text
    assert "failing: 1 (1 set aside); to try again now" in text


def test_a_store_that_is_down(cli, flaky):
    (flaky.etc / "down").touch()
    assert cli("run").exit_code == 1
    result = cli("status")
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("down sheet: ")]
    assert "https://ann:***@crm.example is down" in line
    assert "failing: 1 store down; to try again now: " in result.stdout
    document = json.loads(cli("status", "--json").stdout)
    assert document["failing"][0]["type"] is None
    assert "hunter2" not in str(document)


def test_a_store_that_rests_is_asked_when_a_user_says_so(cli, flaky):
    (flaky.etc / "full").touch()
    cli("run")
    (flaky.etc / "full").unlink()
    (flaky.etc / "down").touch()
    for _ in range(5):
        assert cli("run").exit_code == 1
    result = cli("retry")
    assert result.exit_code == 1
    assert result.stdout.startswith("failed sheet: https://ann:***@crm.example is down\n")
    (line,) = [one for one in cli("status").stdout.splitlines() if one.startswith("down ")]
    assert "6 attempts since 2" in line  # it is to rest for some ten seconds
    (flaky.etc / "down").unlink()
    result = cli("retry")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        0,
        "written sheet: added 1, updated 0, removed 0",
    )
    assert flaky.find("sheet", "ann") is not None
    assert cli("status").exit_code == 0


def test_a_store_that_answers_again_is_no_longer_down(cli, flaky):
    cli("run")
    (flaky.etc / "down").touch()
    cli("run")
    (flaky.etc / "down").unlink()
    assert cli("retry").exit_code == 0
    assert cli("status").exit_code == 0


def test_retry_without_anything_to_do(cli, in_step):
    result = cli("retry")
    assert result.exit_code == 0
    assert result.stdout.startswith("add 0, update 0, remove 0, skipped 0, failed 0")
    assert json.loads(cli("retry", "--json").stdout)["ok"] is True


@pytest.fixture
def process(slow, environment):
    """A run that is under way in a process of its own."""
    made = subprocess.Popen(
        [sys.executable, "-m", "b3j0f.sync", "run"],
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 30
    while len(list(slow.etc.glob("sheet/customer/*"))) < 20:
        assert time.monotonic() < until
        assert made.poll() is None
        time.sleep(0.02)
    yield made
    made.kill()
    made.wait()


def test_one_run_at_a_time(cli, process, monkeypatch):
    monkeypatch.setattr("b3j0f.sync.engine.session.PATIENCE", 0.1)
    for words in (["run"], ["retry"], ["run", "--json"]):
        result = cli(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith("error: a run of 'customers' is under way (process ")
        assert str(process.pid) in line
        assert "since 2" in line
        assert "try again when it is through" in line
    told = cli("status")
    assert told.exit_code == 0
    assert f"under way: a run of 'customers' (process {process.pid} on " in told.stdout
    assert "last run: number 1, " in told.stdout
    assert ", is under way" in told.stdout
    document = json.loads(cli("status", "--json").stdout)
    assert str(process.pid) in document["under_way"]
    assert document["unended"] == []


def test_a_run_that_was_killed(cli, process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    result = cli("status")
    assert result.exit_code == 1
    assert "run 1 (run, " in result.stdout
    assert "never ended; what it did is taken over by: b3j0f-sync run customers" in result.stdout
    (run,) = json.loads(cli("status", "--json").stdout)["unended"]
    assert (run["number"], run["ended"]) == (1, None)
    assert "did not end: nothing is known of it" in cli("history").stdout
    assert cli("run").exit_code == 0
    result = cli("status")
    assert result.exit_code == 0
    assert "never ended" not in result.stdout
    assert cli("plan").exit_code == 0


# --- adopting ------------------------------------------------------------------------------------


def test_a_lost_ledger_is_told_on_stderr(cli, in_step):
    (in_step.etc / "customers.ledger").unlink()
    in_step.remove("sheet", "eve")
    result = cli("run")
    assert result.exit_code == 0
    assert result.stderr.startswith("warning: nothing was known of these stores before this run")
    assert "warning" not in result.stdout


def test_what_was_agreed_is_forgotten_when_that_is_asked_for(cli, in_step):
    in_step.remove("sheet", "eve")
    in_step.edit("sheet", "ann", credit=11)
    document = json.loads(cli("run", "--adopt", "--json").stdout)
    assert len(document["warnings"]) == 1
    assert in_step.find("sheet", "eve") is not None
    assert [each["field"] for each in document["conflicts"]] == ["credit"]


def test_adopting_by_a_plan_is_no_use(cli, in_step, place):
    file = place / "plan.json"
    cli("plan", "--save", str(file))
    result = cli("run", "--adopt", "--plan", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--adopt" in result.stderr
