"""The command line, ``b3j0f-sync``: one module a command.

Whatever takes time to import is imported by the command that needs it, so that ``--help`` is
there at once.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments of this process name, and exit with its code."""
    from .app import app

    app(prog_name="b3j0f-sync")
