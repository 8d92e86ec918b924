"""``retry``: try again what failed or was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from . import options
from .output import Output
from .writing import perform

if TYPE_CHECKING:
    from .options import Exit

__all__ = ["retry"]


@click.command(short_help="Try again what failed or was set aside.")
@options.name
@options.as_json
@options.verbose
def retry(name: str | None, as_json: bool) -> Exit:
    """Try again whatever is left to be done, also what was set aside; the rest is not read.

    What is failing, and why, is told by status.

    Exit codes: 0 all is well, 1 something failed, 3 conflicts wait for a decision.
    """
    with options.opened(name) as synchronizer:
        output = Output(as_json=as_json)
        words = ["retry", synchronizer.name]
        return perform(synchronizer, output, synchronizer.retry, again=words)
