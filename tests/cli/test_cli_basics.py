"""The command as a whole: help, errors, streams."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from b3j0f.sync import __version__
from b3j0f.sync.cli.app import COMMANDS


def test_help_names_every_command(cli):
    result = cli("--help")
    assert result.exit_code == 0
    told = [
        line.split()[0] for line in result.stdout.partition("Commands:")[2].splitlines() if line
    ]
    assert told == list(COMMANDS)


def test_without_a_command_it_helps(cli):
    assert cli().stdout == cli("--help").stdout


def test_version(cli):
    assert cli("--version").stdout.strip() == __version__


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_helps(cli, name):
    result = cli(name, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: b3j0f-sync {name}")


def test_help_imports_nothing_heavy(environment):
    code = (
        "import sys\n"
        "from b3j0f.sync.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = [name for name in ('sqlalchemy', 'rich', 'b3j0f.conf', 'ruamel', 'msgspec',"
        " 'b3j0f.sync.data') if name in sys.modules]\n"
        "print('HEAVY', heavy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--help"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("HEAVY []\n")


def test_python_dash_m(shell):
    done = shell("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["plann"], "there is no command 'plann'; did you mean 'plan'?"),
        (["xyzzy"], "xyzzy"),
        (["plan", "--nonsense"], "--nonsense"),
        (["plan", "one", "two"], "two"),
        (["resolve", "1"], "one of --store, --value, --edit"),
    ],
)
def test_wrong_usage_is_an_error_and_not_something_to_do(cli, world, words, told):
    result = cli(*words)
    assert result.exit_code == 1  # 2 would say that there is something to do
    assert result.stdout == ""
    assert told in result.stderr.splitlines()[0]


def test_mistakes_in_the_configuration_are_told_in_a_line_each(cli, world):
    world.write(
        store="[warehouse]\nclass = sql\ntypes = custmer\nurl = sqlite://\ntimout = 3\n"
        "[sheet]\nclass = fils\ntypes = customer\npath = x\n"
    )
    result = cli("plan")
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("error: ") and "b3j0fsync-store.conf" in line for line in lines)
    assert "Traceback" not in result.stderr


def test_without_a_configuration_it_tells_what_makes_one(cli, place):
    result = cli("run")
    assert result.exit_code == 1
    assert "b3j0f-sync init" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_unknown_synchronizer(cli, world):
    result = cli("plan", "custmers")
    assert result.exit_code == 1
    assert "custmers" in result.stderr
    assert "expected customers" in result.stderr


def test_a_name_is_needed_where_there_are_several(cli, world):
    world.write(
        synchronizer="[one]\nstores = warehouse, sheet\nledger = 1.db\n"
        "[two]\nstores = warehouse, sheet\nledger = 2.db\n"
    )
    result = cli("plan")
    assert result.exit_code == 1
    assert "one of one, two" in result.stderr
    assert cli("plan", "two").exit_code == 0


BROKEN = """\
[warehouse]
class = cli_stores.BrokenStore
types = customer
[sheet]
class = files
types = customer
path = sheet
"""


def test_a_bug_is_one_line_and_a_hint(shell, world):
    world.write(store=BROKEN.replace("BrokenStore", "BuggyStore"))
    done = shell("status")
    assert done.returncode == 1
    assert done.stdout == ""
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: ZeroDivisionError: this is a bug")
    assert "B3J0F_SYNC_DEBUG=1" in hint
    assert "hunter2" not in done.stderr


def test_a_traceback_is_there_for_whoever_asks(shell, world):
    world.write(store=BROKEN.replace("BrokenStore", "BuggyStore"))
    done = shell("status", B3J0F_SYNC_DEBUG="1")
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr


@pytest.mark.parametrize("command", ["plan", "run"])
def test_passwords_of_urls_are_not_told(shell, world, command):
    world.write(store=BROKEN)
    done = shell(command)
    assert done.returncode == 1
    assert "https://ann:***@crm.example is down" in done.stdout
    as_json = shell(command, "--json")
    assert "https://ann:***@crm.example is down" in str(json.loads(as_json.stdout))
    for each in (done, as_json):
        assert "hunter2" not in each.stdout + each.stderr


def test_the_library_logs_to_stderr_without_tracebacks(shell, world):
    world.write(store=BROKEN.replace("BrokenStore", "TalkativeStore"))
    done = shell("plan")
    assert done.stderr.startswith("warning: beware of \\x1b[31mthis: invalid literal for int()")
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert "info: " not in done.stderr
    assert "info: by the way" in shell("plan", "-v").stderr.splitlines()
    assert "info: by the way" in shell("-v", "plan").stderr.splitlines()
    assert "debug: in detail" in shell("plan", "-vv").stderr.splitlines()


def test_whoever_stops_reading_is_no_error_to_talk_about(environment, world):
    world.add_many(600, email="x" * 300)  # more than a pipe holds
    process = subprocess.Popen(
        [sys.executable, "-m", "b3j0f.sync", "plan"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("add sheet customer")
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=30) == 1


def test_an_encoding_that_lacks_letters_gets_in_nobodys_way(shell, world):
    world.add("warehouse", "Žofie", email="ž@example.org")
    done = shell("plan", PYTHONIOENCODING="latin-1")
    assert done.returncode == 2
    assert 'customer "\\u017dofie"' in done.stdout
    assert json.loads(shell("plan", "--json", PYTHONIOENCODING="latin-1").stdout)["steps"]


def test_help_is_quick(environment):
    def seconds():
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "b3j0f.sync", "--help"],
            env=environment(),
            capture_output=True,
            check=True,
        )
        return time.monotonic() - started

    assert min(seconds() for _ in range(5)) < 0.4  # twice the target, for a busy machine
