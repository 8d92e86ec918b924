"""``init``: the sample files, where the configuration is read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from . import options
from .options import Exit
from .output import Output
from .text import command, escaped

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["init"]


@click.command(short_help="Put samples of the configuration files into ~/etc.")
@options.as_json
@options.verbose
def init(as_json: bool) -> Exit:
    """Put samples of the three configuration files into ~/etc, or into B3J0F_CONF_DIR.

    A file that is there is kept as it is.
    """
    from ..conf import install_samples

    outcomes = install_samples()
    output = Output(as_json=as_json)
    output.report(
        document=lambda: {
            "files": [{"file": str(file), "outcome": outcome} for file, outcome in outcomes]
        },
        lines=lambda: [
            *(f"{outcome:<4} {escaped(str(file))}" for file, outcome in outcomes),
            *_next_steps([file for file, outcome in outcomes if outcome == "made"]),
        ],
    )
    return Exit.OK


def _next_steps(made: list[Path]) -> list[str]:
    if not made:
        return [f"Nothing to do: all three were there. Next: {command('check')}"]
    return [
        "",
        "Next:",
        "  1. Say in these files what your records are, and where they live.",
        f"  2. {command('check'):<18} tells every mistake in them",
        f"  3. {command('plan'):<18} shows what a run would do, and does nothing",
        f"  4. {command('run'):<18} does it",
    ]
