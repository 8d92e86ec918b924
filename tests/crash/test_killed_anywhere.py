"""kill -9 at every point where something is written: the next run ends as if nothing had been."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from killed import EDITING, SCENARIOS

PROGRAM = Path(__file__).with_name("killed.py")
STRIDE = int(os.environ.get("B3J0F_SYNC_CRASH_STRIDE", "15"))
"""Every which point is tried where tests are to be fast; all of them with ``--slow``."""
SHARES = 4
"""How many processes share the points of one scenario."""
LEAST = 50
"""There are more points than that in any scenario."""


@pytest.mark.parametrize("share", range(1, SHARES + 1))
@pytest.mark.parametrize("name", [*SCENARIOS, EDITING])
def test_it_goes_on_wherever_it_was_killed(name, share, request):
    step = SHARES * (1 if request.config.getoption("--slow") else STRIDE)
    first = share if step == SHARES else 1 + (share - 1) * STRIDE
    command = [sys.executable, "-W", "error", str(PROGRAM), name, str(first), str(step)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    assert int(done.stdout) >= LEAST // step - 1
