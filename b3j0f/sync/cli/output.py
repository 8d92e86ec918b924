"""Where reports go: tables at a terminal, plain lines in a pipe, or one JSON document.

Whatever is printed through here has to be escaped before; see ``text``.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from .text import escaped, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

__all__ = ["Output", "cell", "hint", "joined", "listed", "say_error", "table", "warn"]


class Output:
    """Where the report of one command goes.

    Args:
        as_json: Whether it is to be one JSON document.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self.is_terminal = not as_json and sys.stdout.isatty()
        self._console: Console | None = None

    @property
    def console(self) -> Console:
        """The terminal; it obeys no markup, and ``NO_COLOR``."""
        if self._console is None:
            from rich.console import Console

            self._console = Console(markup=False, emoji=False, highlight=False)
        return self._console

    def report(
        self,
        *,
        document: Callable[[], Any],
        lines: Callable[[], Iterable[str]],
        tables: Callable[[], Iterable[RenderableType]] | None = None,
    ) -> None:
        """Print one of these, whichever is wanted here; without *tables*, lines serve as well."""
        if self.as_json:
            # Also what is no ASCII is escaped: no encoding gets in the way, no terminal obeys.
            click.echo(json.dumps(document(), indent=2))
        elif self.is_terminal and tables is not None:
            for each in tables():
                self.console.print(each)
        else:
            for line in lines():
                click.echo(line)

    def say(self, text: str = "") -> None:
        """Print *text* for a person: not in JSON."""
        if not self.as_json:
            click.echo(text)


def say_error(message: str) -> None:
    """Tell on stderr that something went wrong, in one line."""
    _to_stderr("error:", message, "red")


def warn(message: str) -> None:
    """Tell on stderr what a person should know, in one line."""
    _to_stderr("warning:", message, "yellow")


def hint(message: str) -> None:
    """Tell on stderr what a person may want to know or do now, in one line."""
    _to_stderr("hint:", message, "cyan")


def _to_stderr(label: str, message: str, colour: str) -> None:
    text = f"{click.style(label, fg=colour, bold=True)} {escaped(without_secrets(message))}"
    # Without colours where they are not wanted; where they cannot be, click takes them out.
    click.echo(text, err=True, color=False if os.environ.get("NO_COLOR") else None)


def cell(text: str, style: str = "") -> Text:
    """*text*, escaped, as a part of a table."""
    from rich.text import Text

    return Text(escaped(text), style=style)


def table(*columns: str, whole: Sequence[str] = ()) -> Table:
    """An empty table; it takes lines more where a column is too narrow, but not in *whole* ones."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        made.add_column(cell(name), overflow="fold", no_wrap=name in whole)
    return made


def joined(lines: Iterable[Text]) -> Text:
    """*lines* as one part of a table."""
    from rich.text import Text

    return Text("\n").join(lines)


def listed(
    title: str, rows: Collection[tuple[str, str]], limit: int | None, *, style: str = "yellow"
) -> Iterator[RenderableType]:
    """What is in the way, and why, under a *title*; nothing without *rows*."""
    if not rows:
        return
    yield cell(title, f"bold {style}")
    made = table("", "")
    made.show_header = False
    for what, why in list(rows)[:limit]:
        made.add_row(cell(what), cell(why, "dim"))
    yield made
    if limit is not None and len(rows) > limit:
        yield cell(f"... and {len(rows) - limit:,} more")
    yield ""
