"""``demo``: a database and a folder of files, edited on both sides and brought in step."""

from __future__ import annotations

import os
import shlex
import shutil
import textwrap
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import click

from . import options
from .demodata import EDITS, FILES, ISSUES, PROJECTS
from .options import Exit
from .text import command, count, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..store import Store

__all__ = ["demo"]

DIRECTORY = "B3J0F_CONF_DIR"
WIDEST = 100
"""So many columns of a terminal are used for what is told."""


@click.command(short_help="See it at work, in a directory of its own.")
@click.argument("directory", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep/--no-keep", default=True, help="Whether the files stay (they do).")
@options.verbose
def demo(directory: Path | None, keep: bool) -> Exit:
    """Make a database and a folder of files, edit both, and bring them in step.

    DIRECTORY is made, and has to be empty where it is there; by default it is a temporary one.
    The files stay for you to play with, and the last lines say how.
    """
    where = _place(directory)
    try:
        with _configured_in(where):
            _play(where)
        if keep:
            _tell_next_steps(where)
    finally:
        if not keep:
            shutil.rmtree(where)
    return Exit.OK


def _place(directory: Path | None) -> Path:
    if directory is None:
        return Path(mkdtemp(prefix="b3j0f-sync-demo-"))
    if directory.exists() and any(directory.iterdir()):
        raise click.ClickException(f"{directory} is not empty; the demo wants a new directory")
    directory.mkdir(parents=True, exist_ok=True)
    return directory.absolute()


@contextmanager
def _configured_in(where: Path) -> Iterator[None]:
    """Within, commands find the demo's configuration."""
    before = os.environ.get(DIRECTORY)
    os.environ[DIRECTORY] = str(where)
    try:
        yield
    finally:
        if before is None:
            del os.environ[DIRECTORY]
        else:
            os.environ[DIRECTORY] = before


def _play(where: Path) -> None:
    """All of it, each command as a user would type it before what it prints."""
    with _world(where) as (database, folder):
        _say(
            f"A database holds {count(len(PROJECTS), 'project')} with "
            f"{count(len(ISSUES), 'issue')}. A first run copies them into a folder of YAML files:"
        )
        _run("run")
        _say("Now people change things, on both sides:")
        for edit in EDITS:
            click.echo(f"  {edit.store:<8} {edit.text}")
            edit.make({"tracker": database, "folder": folder}[edit.store])
        _say("What would a run do about that?")
        _run("plan")
        _say("So be it:")
        _run("run")
        _say("Two people gave one issue different priorities. Both values were left as they are:")
        _run("conflicts")
        _say("Somebody has to decide. Let the folder be right:")
        _run("resolve", "1", "--store", "folder")
        _say("And nothing is left to be done:")
        _run("plan")


@contextmanager
def _world(where: Path) -> Iterator[tuple[Store, Store]]:
    """The stores, as other programs have them that know nothing of synchronizers."""
    from ..conf import load_types
    from ..store import Store

    for name, text in FILES.items():
        (where / name).write_text(text, encoding="utf-8")
    types = load_types()
    with Store.load("tracker") as database, Store.load("folder") as folder:
        for fields in PROJECTS:
            database.add(types["project"](**fields))
        for fields in ISSUES:
            database.add(types["issue"](**fields))
        yield database, folder


def _run(name: str, *words: str) -> None:
    """Run a command just as the command line does."""
    click.secho(f"$ {command(name, *words)}\n", bold=True)
    found: click.Command = getattr(import_module(f".{name}", __package__), name)
    found.main([*words], prog_name=command(name), standalone_mode=False)


def _say(text: str) -> None:
    width = min(shutil.get_terminal_size().columns, WIDEST)
    click.echo("\n" + textwrap.fill(text, width) + "\n")


def _tell_next_steps(where: Path) -> None:
    file = where / "folder" / "issue" / "editor" / "my first issue.yaml"
    _say("All files are still there. To go on with them:")
    for line in (
        f"export {DIRECTORY}={shlex.quote(str(where))}",
        command("status"),
        f"echo 'labels: [bug]' > {shlex.quote(str(file))}",
        command("plan"),
        command("run"),
    ):
        click.echo(f"  {escaped(line)}")
    click.echo(f"\nTo remove them: rm -r {shlex.quote(str(where))}")
