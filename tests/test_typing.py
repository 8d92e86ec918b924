"""What type checkers see: the examples in typing/ are accepted and rejected as they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent

pytest.importorskip("mypy", reason="mypy is in the extra 'types'")


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """What mypy says of both files: (file, line) to the codes of its errors."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--warn-unreachable"),
            *("--config-file", str(ROOT / "pyproject.toml"), "--no-pretty"),
            *("--cache-dir", str(tmp_path_factory.mktemp("mypy"))),
            *("tests/typing/accepted.py", "tests/typing/rejected.py"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    found = {}
    for line in done.stdout.splitlines():
        match = re.match(r"tests/typing/(\w+)\.py:(\d+): error: .*\[([\w-]+)\]$", line)
        if match:
            found.setdefault((match[1], int(match[2])), set()).add(match[3])
        else:
            assert "error" not in line or line.startswith("Found"), line
    return found


def expected():
    lines = (HERE / "typing" / "rejected.py").read_text().splitlines()
    return {
        number: set(line.partition("# error: ")[2].split(", "))
        for number, line in enumerate(lines, 1)
        if "# error: " in line
    }


def test_accepted(checked):
    assert not {where: codes for where, codes in checked.items() if where[0] == "accepted"}


def test_rejected(checked):
    found = {line: codes for (file, line), codes in checked.items() if file == "rejected"}
    assert found == expected()
    assert len(found) > 20


def test_accepted_runs():
    subprocess.run(
        [sys.executable, "-W", "error", "tests/typing/accepted.py"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        check=True,
    )
