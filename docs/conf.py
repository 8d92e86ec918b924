"""Sphinx configuration; the pages that can be made from the code are made from it here."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import click  # noqa: E402

from b3j0f.sync.stores.files.options import DocumentOptions, TableOptions  # noqa: E402
from b3j0f.sync.stores.sql.options import TableOptions as SQLTableOptions  # noqa: E402
from b3j0f.sync.version import __version__  # noqa: E402

project = "b3j0f.sync"
copyright = "2026, the b3j0f.sync developers"
release = version = __version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"{project} {release}"
exclude_patterns = ["_build", "_made/*.inc"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the signatures say it in the source's own words
autodoc_default_options = {"members": True}
napoleon_use_rtype = False
napoleon_use_ivar = True
suppress_warnings = ["ref.python"]  # Event.ADD and the like stand in several classes


def options_table(*classes: type) -> str:
    """A table of the options of stores: from their own attributes' descriptions."""
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - option", "     - meaning"]
    for options in classes:
        described = re.compile(r"^ +(\w+(?:, \w+)*): (.+(?:\n {8,}.+)*)", re.MULTILINE)
        meanings = dict(described.findall(inspect.getdoc(options) or ""))
        words = {n: text for names, text in meanings.items() for n in names.split(", ")}
        for field in dataclasses.fields(options):
            text = " ".join(words.get(field.name, "").split())
            lines += [f"   * - ``{field.name}``", f"     - {text}"]
    return "\n".join(lines) + "\n"


def command_page() -> str:
    """What ``--help`` of each command says."""
    from b3j0f.sync.cli.app import COMMANDS, app

    text = []
    with click.Context(app, info_name="b3j0f-sync") as context:
        for name in (None, *COMMANDS):
            command = app if name is None else app.get_command(context, name)
            assert command is not None  # noqa: S101 - its name comes from the list
            parent = context if name else None
            shown = click.Context(command, info_name=name or "b3j0f-sync", parent=parent)
            title = f"b3j0f-sync {name}" if name else "b3j0f-sync"
            body = "\n".join(f"   {line}".rstrip() for line in command.get_help(shown).splitlines())
            text.append(f"{title}\n{'-' * len(title)}\n\n.. code-block:: text\n\n{body}\n")
    return "\n".join(text)


def make_pages(_app: object) -> None:
    made = HERE / "_made"
    made.mkdir(exist_ok=True)
    (made / "sql.inc").write_text(options_table(SQLTableOptions), encoding="utf-8")
    (made / "documents.inc").write_text(options_table(DocumentOptions), encoding="utf-8")
    (made / "tables.inc").write_text(options_table(TableOptions), encoding="utf-8")
    (made / "commands.inc").write_text(command_page(), encoding="utf-8")


def setup(app: object) -> None:
    app.connect("builder-inited", make_pages)  # type: ignore[attr-defined]
