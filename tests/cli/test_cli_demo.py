"""demo."""

from __future__ import annotations

import re
import shlex
import subprocess
import time

import pytest

KEYS_AND_TIMES = re.compile(r"\(since [^)]*\)|in \d+\.\d+ s")


def test_it_shows_everything_and_leaves_it_to_play_with(shell, place, environment):
    where = place / "the demo"
    started = time.monotonic()
    done = shell("demo", str(where))
    assert time.monotonic() - started < 5
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    for told in (
        "$ b3j0f-sync run\n\nwritten folder: added 28, updated 0, removed 0",
        "$ b3j0f-sync plan\n\nadd folder issue ",
        'update tracker issue "editor/dark theme": assignee none -> "dora"',
        'remove folder issue "website/newsletter archive" (removed in tracker)',
        "$ b3j0f-sync conflicts\n\n1 ",
        '"website/contact form sends mail twice" priority: tracker "normal", folder "low"',
        "no conflict left",
        "in step: nothing to do",
    ):
        assert told in done.stdout, told
    # Both commands that change something, and what they show, are as a user would have them.
    export, status, echo, plan, run = [
        line.strip() for line in done.stdout.partition("To go on with them:")[2].splitlines()[2:7]
    ]
    assert status == "b3j0f-sync status"
    assert (plan, run) == ("b3j0f-sync plan", "b3j0f-sync run")
    script = f"{export}\n{echo}\n"
    subprocess.run(["sh", "-c", script], check=True)
    name, _, value = shlex.split(export)[1].partition("=")
    assert shell("plan", **{name: value}).stdout.startswith(
        'add tracker issue "editor/my first issue"'
    )
    assert shell("run", **{name: value}).returncode == 0
    assert shell("plan", **{name: value}).returncode == 0


def test_it_is_the_same_each_time(shell, place):
    texts = []
    for number in range(3):
        where = place / str(number)
        done = shell("demo", str(where), PYTHONHASHSEED=str(number))
        assert done.returncode == 0
        texts.append(KEYS_AND_TIMES.sub("", done.stdout.replace(str(where), "DIRECTORY")))
    assert len(set(texts)) == 1


def test_it_may_leave_nothing(cli, place, monkeypatch):
    (place / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place / "tmp"))
    result = cli("demo", "--no-keep")
    assert result.exit_code == 0
    assert "To go on" not in result.stdout
    assert list((place / "tmp").iterdir()) == []
    assert cli("demo").exit_code == 0
    assert len(list((place / "tmp").iterdir())) == 1


def test_the_configuration_of_the_user_is_left_alone(cli, world, place):
    import os

    before = os.environ["B3J0F_CONF_DIR"]
    assert cli("demo", str(place / "demo")).exit_code == 0
    assert os.environ["B3J0F_CONF_DIR"] == before
    assert sorted(each.name for each in world.etc.iterdir()) == [
        "b3j0fsync-data.conf",
        "b3j0fsync-store.conf",
        "b3j0fsync-synchronizer.conf",
    ]


@pytest.mark.parametrize("words", [[], ["--no-keep"]])
def test_a_directory_with_files_is_not_touched(cli, place, words):
    where = place / "mine"
    where.mkdir()
    (where / "file").write_text("mine")
    result = cli("demo", str(where), *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is not empty" in result.stderr
    assert [each.name for each in where.iterdir()] == ["file"]
