"""Ctrl-C: a run ends where nothing is half done, and the next one goes on from there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from b3j0f.sync.engine.write import SMALLEST

COUNT = SMALLEST + 100
STORE = """\
[warehouse]
class = sql
types = customer
url = sqlite:///warehouse.db

[sheet]
class = cli_stores.SlowStore
types = customer
path = sheet
pause = 0.002
"""


@pytest.fixture
def slow(world):
    """Much to do, in a store that takes its time."""
    world.write(store=STORE)
    world.add_many(COUNT)
    return world


def heed_interrupts():
    """A shell starts what runs in its background deaf to Ctrl-C; that would be handed on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(environment, slow):
    """Starts a run and waits until it has begun to write."""
    started = []

    def run(*words):
        process = subprocess.Popen(
            [sys.executable, "-m", "b3j0f.sync", "run", *words],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - no other thread is running
        )
        started.append(process)
        folder = slow.etc / "sheet" / "customer"
        deadline = time.monotonic() + 30
        while not folder.is_dir() or not any(folder.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def written(world):
    return len(list((world.etc / "sheet" / "customer").glob("c*.yaml")))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_being_written_is_noted_first(slow, start, cli, number):
    process = start()
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert written(slow) == SMALLEST
    assert "Traceback" not in err
    assert "stopped before it was through; what was written is noted" in err
    assert "hint: to go on: b3j0f-sync run customers" in err.splitlines()
    assert f"add {SMALLEST}," in out
    # All that was written is known to be: nothing but the rest is to be done.
    document = json.loads(cli("plan", "--json").stdout)
    assert document["summary"] == {
        "add": COUNT - SMALLEST,
        "update": 0,
        "remove": 0,
        "conflict": 0,
    }
    assert json.loads(cli("status", "--json").stdout)["types"]["customer"]["records"] == SMALLEST


def test_the_next_run_goes_on(slow, start, cli):
    process = start("--json")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    document = json.loads(out)
    assert document["stopped"] is True
    assert len(document["applied"]) == SMALLEST
    assert cli("run").exit_code == 0
    assert written(slow) == COUNT
    assert cli("plan").exit_code == 0


def test_a_second_one_stops_at_once_and_makes_nothing_twice(slow, start, cli):
    process = start()
    process.send_signal(signal.SIGINT)
    assert "again to stop at once" in process.stderr.readline() + process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "error: interrupted" in err
    assert written(slow) < SMALLEST
    assert cli("run").exit_code == 0
    assert written(slow) == COUNT
    assert len(slow.names("warehouse")) == COUNT
    assert cli("plan").exit_code == 0


def test_a_saved_plan_can_be_gone_on_with(slow, start, cli, place):
    file = str(place / "plan.json")
    assert cli("plan", "--save", file).exit_code == 2
    process = start("--plan", file)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"hint: to go on: b3j0f-sync run customers --plan {file}" in err.splitlines()
    assert written(slow) == SMALLEST
    assert cli("run", "--plan", file).exit_code == 0
    assert written(slow) == COUNT
