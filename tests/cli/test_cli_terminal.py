"""What a person at a terminal sees: tables, colours, progress; and nothing is obeyed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

HOSTILE = "a\x1b[31m[red]b[/red]\x9b2Jc\r\nd\u202ee\x07"
COLOURS = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def terminal(environment):
    """Runs a command at a terminal of *columns*; gives the exit code and what is shown."""

    def run(*words, columns=100, **more):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "b3j0f.sync", *words],
            env=environment(TERM="xterm-256color", **more),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            close_fds=True,
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        os.close(ours)
        return process.wait(timeout=60), shown.decode().replace("\r\n", "\n")

    return run


def plain(shown):
    return COLOURS.sub("", shown)


def test_a_plan_is_a_table_in_colours(terminal, in_step):
    in_step.edit("warehouse", "ann", credit=11)
    in_step.add("sheet", "zoe", email="zoe@example.org")
    code, shown = terminal("plan")
    assert code == 2
    assert "\x1b[" in shown
    lines = plain(shown).splitlines()
    assert lines[0] == "customer"
    assert lines[1].split() == ["where", "name", "what", "why"]
    assert lines[2].split() == [
        "+",
        "warehouse",
        "zoe",
        "email:",
        "zoe@example.org",
        *["is", "in", "sheet"],
    ]
    assert lines[3].split()[:6] == ["~", "sheet", "ann", "credit:", "10", "→"]
    assert lines[-2:] == [
        "1 to add, 1 to update.",
        "To do it: b3j0f-sync run customers",
    ]


def test_no_color(terminal, in_step):
    in_step.edit("warehouse", "ann", credit=11)
    code, shown = terminal("plan", NO_COLOR="1")
    assert code == 2
    assert not re.search(r"\x1b\[(3|4|9|10)\d", shown)
    code, shown = terminal("plan", "nonsense", NO_COLOR="1")
    assert code == 1
    assert "\x1b" not in shown


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_nothing_is_wider_than_the_terminal(terminal, disputed, columns):
    disputed.edit("sheet", "eve", email="e" * 50, description="some words " * 8)
    commands = (["plan"], ["conflicts"], ["status"], ["run"], ["history"], ["undo", "1"])
    more = (["history", "--run", "3"], ["explain", "customer", "ann"])
    for command in (*commands, *more):
        code, shown = terminal(*command, columns=columns)
        assert code in {0, 2, 3}
        tables = [line for line in plain(shown).splitlines() if "b3j0f-sync" not in line]
        assert max(map(len, tables)) <= columns, command
    _, shown = terminal("plan", columns=columns)
    assert "ann@home.example" in plain(shown)


def test_conflicts_stand_side_by_side(terminal, disputed):
    code, shown = terminal("conflicts", columns=110)
    assert code == 3
    head, *rows = plain(shown).splitlines()
    assert head.split() == ["#", "key", "what", "field", "agreed", "warehouse", "sheet", "since"]
    (second,) = [row.split() for row in rows if row.startswith("2 ")]
    assert second[2:8] == ["customer", "bob", "credit", "20", "21", "22"]


def test_where_there_is_no_room_for_that_they_stand_in_blocks(terminal, disputed):
    _, shown = terminal("conflicts", columns=50)
    lines = plain(shown).splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("1  "))
    assert "customer ann  email" in lines[at]
    values = [line.split() for line in lines[at:] if line.startswith("  ")][:3]
    assert values == [
        ["agreed", "ann@example.org"],
        ["warehouse", "ann@work.example"],
        ["sheet", "ann@home.example"],
    ]


def test_long_texts_are_compared_with_what_was_agreed(terminal, in_step, cli):
    text = "first\nsecond\nthird\nfourth\n"
    in_step.edit("warehouse", "ann", description=text)
    cli("run")
    in_step.edit("warehouse", "ann", description=text.replace("second", "2nd"))
    in_step.edit("sheet", "ann", description=text + "fifth\n")
    cli("run")
    _, shown = terminal("conflicts", columns=80)
    head, *lines = [line.strip() for line in plain(shown).splitlines()]
    assert head.startswith("1  ")
    assert "customer ann  description  (since " in head
    told = [line.split() for line in lines if line]
    assert told[:9] == [
        *[["agreed:", "4", "lines"], ["warehouse"]],
        *[["first"], ["-", "second"], ["+", "2nd"], ["third"]],
        *[["sheet"], ["fourth"], ["+", "fifth"]],
    ]


def test_data_that_are_alike_are_a_table_of_what_differs(terminal, in_step, cli):
    for email in ("one", "two"):
        in_step.add("warehouse", "zoe", email=email)
    in_step.add("sheet", "zoe", email="three")
    cli("run")
    _, shown = terminal("conflicts", columns=80)
    head, *lines = plain(shown).splitlines()
    assert "customer zoe  which are the same  (since " in head
    assert [line.split() for line in lines[:4]] == [
        ["store", "id", "email"],
        ["sheet", "zoe", "three"],
        ["warehouse", "4", "one"],
        ["warehouse", "5", "two"],
    ]
    assert "resolve customers 1 --same STORE=ID,STORE=ID, or --apart" in plain(shown)


def test_what_fails_is_a_table(terminal, world, cli):
    world.write(
        store="[warehouse]\nclass = sql\ntypes = customer\nurl = sqlite:///warehouse.db\n"
        "[sheet]\nclass = cli_stores.FlakyStore\ntypes = customer\npath = sheet\n"
    )
    world.add_many(12)
    (world.etc / "full").touch()
    cli("run")
    code, shown = terminal("status", columns=80)
    assert code == 1
    lines = plain(shown).splitlines()
    at = lines.index("Failing")
    assert lines[at + 1].split() == ["state", "where", "what", "for", "tries", "next", "why"]
    first = " ".join(lines[at + 2].split())
    assert re.match(r"failing sheet customer c\d+ \d+ s 1 (in \d+ s|now) there is no room", first)
    assert "... and 2 more; --json has all of them" in lines
    assert is_harmless(plain(shown))


def test_an_undone_run_tells_how_to_do_it(terminal, in_step):
    code, shown = terminal("undo", "1")
    assert code == 2
    assert plain(shown).splitlines()[-1] == "To do it: b3j0f-sync undo customers 1 --apply"
    assert "added again by the next run" in plain(shown)
    _, shown = terminal("history")
    assert "What one of them changed: b3j0f-sync history customers --run 1" in plain(shown)


def test_many_operations_are_cut_short_unless_all_are_asked_for(terminal, world):
    world.add_many(53)
    _, shown = terminal("plan")
    assert "... and 3 more; --all shows them" in shown
    assert "c052" not in shown
    _, shown = terminal("plan", "--all")
    assert "more" not in shown
    assert "c052" in shown


def test_json_at_a_terminal_is_json_alone(terminal, in_step):
    import json

    code, shown = terminal("status", "--json")
    assert code == 0
    assert json.loads(shown)["synchronizer"] == "customers"


@pytest.fixture
def hostile(world, cli):
    """Names and values that would do something to a terminal, in every kind of report."""
    world.add("warehouse", HOSTILE, email=HOSTILE)
    world.add("warehouse", "[bold]x", tags=frozenset({HOSTILE, "[/]"}))
    world.add("warehouse", "c")
    assert cli("run").exit_code == 0
    world.edit("warehouse", HOSTILE, email=HOSTILE + "1")
    world.edit("sheet", HOSTILE, email=HOSTILE + "2")
    world.edit("warehouse", "[bold]x", description=HOSTILE)
    return world


def is_harmless(text):
    return all(sign.isprintable() or sign == "\n" for sign in text)


@pytest.mark.parametrize("command", ["plan", "run", "conflicts", "status", "history"])
def test_what_a_terminal_could_obey_is_escaped(terminal, cli, hostile, command):
    code, shown = terminal(command)
    if command in {"plan", "run"}:
        assert code in {2, 3}
    seen = plain(shown)
    assert is_harmless(seen)
    if command == "plan":
        together = re.sub(r"\s+", "", seen)
        assert r"a\x1b[31m[red]b[/red]\x9b2Jc\r\nd\u202ee\x07" in together
        assert "[bold]x" in seen
    lines = cli(command).stdout
    assert is_harmless(lines)
    as_json = cli(command, "--json").stdout
    assert is_harmless(as_json)


@pytest.mark.parametrize(
    "words",
    [["history", "--run", "1"], ["explain", "customer", HOSTILE], ["undo", "2"]],
    ids=lambda words: words[0],
)
def test_what_is_known_of_the_past_is_escaped(terminal, cli, hostile, words):
    cli("run")
    _, shown = terminal(*words)
    assert is_harmless(plain(shown))
    assert r"a\x1b[31m[red]b" in re.sub(r"\s+", "", plain(shown))
    for more in ([], ["--json"]):
        assert is_harmless(cli(*words, *more).stdout)


def test_errors_are_escaped_too(terminal, hostile):
    code, shown = terminal("plan", "name\x1b[31m\x9b2J")
    assert code == 1
    assert is_harmless(plain(shown))
    code, shown = terminal("resolve", "1", "--store", "\x1b]0;title\x07")
    assert code == 1
    assert is_harmless(plain(shown))


def test_commands_that_are_shown_can_be_pasted(terminal, hostile, tmp_path):
    hostile.write(
        synchronizer="[my $(touch x) `customers`]\nstores = warehouse, sheet\n"
        "ledger = customers.ledger\n"
    )
    _, shown = terminal("plan", columns=200)
    assert "b3j0f-sync run 'my $(touch x) `customers`'" in plain(shown)


def test_progress_is_shown_with_counts_rate_and_time_left(terminal, place, world):
    world.write(
        store="[warehouse]\nclass = sql\ntypes = customer\nurl = sqlite:///warehouse.db\n"
        "[sheet]\nclass = cli_stores.SlowStore\ntypes = customer\npath = sheet\npause = 0.003\n"
    )
    world.add_many(700)
    code, shown = terminal("run", columns=120)
    assert code == 0
    assert "writing" in shown
    assert "500 of 700" in shown
    assert re.search(r"[\d,]+/s", shown)
    assert re.search(r"\d:\d\d:\d\d", shown)
    assert plain(shown).rstrip().splitlines()[-1].startswith("700 changes made, in ")


def test_what_is_quick_shows_no_progress(terminal, in_step):
    in_step.edit("warehouse", "ann", credit=11)
    code, shown = terminal("run")
    assert code == 0
    assert "reading" not in shown
    assert "writing" not in shown
