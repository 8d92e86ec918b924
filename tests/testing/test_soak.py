"""The soak finds what breaks a law, cuts it down, and prints it as a script."""

import random
import re
import subprocess
import sys

import pytest

from b3j0f.sync import MemoryStore
from b3j0f.sync.stores.memory import MemoryAccessor, accessor_for
from b3j0f.sync.testing import soak
from b3j0f.sync.testing.shrink import shrunk
from b3j0f.sync.testing.world import Folder, LawBrokenError, Note


class Forgetful(MemoryAccessor):
    """Says that it has stored a number, and has not."""

    def _update(self, data, old):
        if getattr(data, "count", None) == getattr(old, "count", None):
            return super()._update(data, old)
        super()._update(data.replace(count=getattr(old, "count", None)), old)
        return self._with_id(data, old.id)


def forgetful(name, _folder):
    store = MemoryStore([Folder, Note], name=name)
    store._accessors[Note] = accessor_for(Forgetful, Note)(store)
    return store


@pytest.fixture
def broken(monkeypatch):
    kind = soak._Kind((soak._memory, forgetful), lambda _folder: None)
    monkeypatch.setitem(soak.WORLDS, "memory", kind)


def test_a_violation_is_cut_down_to_a_script(broken, capsys):
    assert soak.main(["--steps", "4000", "--seed", "7"]) == 1
    out = capsys.readouterr().out
    assert "seed 7" in out.splitlines()[0]
    assert re.search(r"\d steps in .* a second, seed 7", out)
    script = out[out.index("from b3j0f") :]
    assert len(re.findall(r"^    \('", script, re.MULTILINE)) <= 5
    with pytest.raises(LawBrokenError):
        exec(script, {})  # noqa: S102 - it is what a person would run


def test_a_seed_plays_the_same_again():
    first, again, other = (random.Random(seed) for seed in ("1/0", "1/0", "2/0"))  # noqa: S311
    drawn = soak.draw(first)
    assert drawn == soak.draw(again)
    assert drawn != soak.draw(other)


@pytest.mark.parametrize("world", sorted(soak.WORLDS))
def test_it_can_be_run(world):
    command = [sys.executable, "-m", "b3j0f.sync.testing.soak", "--steps", "80", "--world", world]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "80 steps in" in done.stdout
    assert "no law was broken" in done.stdout


def test_several_processes_share_the_steps(capsys):
    assert soak.main(["--steps", "160", "--seed", "1", "-j", "2"]) == 0
    assert "160 steps in" in capsys.readouterr().out


def test_shrinking_leaves_what_it_takes():
    steps = [("a", n, n, 0, 0, 0) for n in range(20)]

    def is_broken(some):
        return sum(step[1] >= 3 for step in some) >= 2

    assert shrunk(steps, is_broken) == [("a", 3, 0, 0, 0, 0)] * 2
