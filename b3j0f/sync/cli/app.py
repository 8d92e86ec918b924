"""The command ``b3j0f-sync``: its subcommands, and what becomes of errors."""

from __future__ import annotations

import os
import sys
import traceback
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ..errors import ConfigError, StoppedError, SyncError
from ..version import __version__
from .log import DEBUG, logged
from .options import Exit, verbose
from .output import hint, say_error

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["app"]

COMMANDS = (
    *("init", "check", "plan", "run", "status", "conflicts", "resolve"),
    *("explain", "history", "undo", "retry", "demo"),
)
"""Each is a function of this name in a module of this name."""


class App(click.Group):
    """Commands that are imported when they are needed; each gives the exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f".{cmd_name}", __package__), cmd_name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = get_close_matches(args[0], COMMANDS, n=1)
        if near and args[0] not in COMMANDS:
            ctx.fail(f"there is no command {args[0]!r}; did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        **extra: Any,
    ) -> None:
        """Run a command, tell its errors in a line each, and exit."""
        extra["standalone_mode"] = False
        with logged():
            code = self._code(args, prog_name or "b3j0f-sync", extra)
        sys.exit(code)

    def _code(self, args: Sequence[str] | None, prog_name: str, extra: dict[str, Any]) -> int:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # whatever the encoding
        try:
            code = super().main(args, prog_name, **extra)
            sys.stdout.flush()
        except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - nobody sees a traceback who did not ask for it
            if os.environ.get(DEBUG):
                traceback.print_exc()
            return _told(exc)
        return int(code or Exit.OK)


def _told(error: BaseException) -> Exit:
    """Tell *error* on stderr."""
    if isinstance(error, BrokenPipeError):
        # Whoever read it has gone. What is left in the buffer must not fail at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    elif isinstance(error, click.UsageError):
        say_error(error.format_message())
        if error.ctx is not None:
            hint(f"{error.ctx.command_path} --help tells more")
    elif isinstance(error, click.ClickException):
        say_error(error.format_message())
    elif isinstance(error, click.Abort | KeyboardInterrupt | StoppedError):
        say_error("interrupted")
    elif isinstance(error, ConfigError):
        for each in error.errors:
            say_error(each._sentence())  # the first one tells all of them by itself
    elif isinstance(error, SyncError):
        say_error(str(error))
    elif isinstance(error, OSError):
        say_error(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    else:
        say_error(f"{type(error).__name__}: this is a bug in b3j0f.sync, or in a store of yours")
        hint(f"{DEBUG}=1 shows the traceback")
    return Exit.ERROR


@click.command(cls=App, invoke_without_command=True)
@click.version_option(__version__, message="%(version)s")
@verbose
@click.pass_context
def app(context: click.Context) -> int:
    """Keep the same records in step across any number of systems.

    What is kept in step is said by three files in ~/etc, or in the directory that
    B3J0F_CONF_DIR names; init makes samples of them. To see it at work first: demo.

    NAME is that of a synchronizer; it may be left out where there is only one.

    Exit codes: 0 all is well, 1 something failed, 2 plan or undo found something to do, 3
    conflicts wait for a decision.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    return Exit.OK
