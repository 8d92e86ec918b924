"""Sphinx configuration; the pages that can be made from the code are made from it here."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import click  # noqa: E402

from b3j0f.sync import FileStore, MemoryStore, RedisStore, SQLStore, Store  # noqa: E402
from b3j0f.sync.stores.files.options import DocumentOptions, TableOptions  # noqa: E402
from b3j0f.sync.stores.redis.options import KeyOptions  # noqa: E402
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


def descriptions(described: type) -> dict[str, str]:
    """What a docstring says about each argument or attribute."""
    found = re.findall(
        r"^ {4}(\w+(?:, \w+)*): (.+(?:\n {8,}.+)*)", inspect.getdoc(described) or "", re.MULTILINE
    )
    return {name: " ".join(text.split()) for names, text in found for name in names.split(", ")}


def table(rows: list[tuple[str, str]], owner: str) -> str:
    """A table of options; an option that nothing is said about fails the build."""
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - option", "     - meaning"]
    for option, meaning in rows:
        if not meaning:
            raise ValueError(f"the docstring of {owner} says nothing about {option!r}")
        lines += [f"   * - ``{option}``", f"     - {meaning}"]
    return "\n".join(lines) + "\n"


def options_table(options: type) -> str:
    """The options of one type within a store."""
    words = descriptions(options)
    names = [field.name for field in dataclasses.fields(options)]
    return table([(name, words.get(name, "")) for name in names], options.__qualname__)


def store_table(store: type[Store], *options: type) -> str:
    """The options of a store that are not those of its types."""
    words, common = descriptions(store), descriptions(Store)
    # Stores that come along have a name of their own by default.
    common["name"] = common["name"].replace("; by default its class in small letters", "")
    own = {field.name for each in options for field in dataclasses.fields(each)}
    rows = []
    for name, parameter in inspect.signature(store).parameters.items():
        if name in own:
            continue
        meaning = words.get(name, "See Store.")
        meaning = common.get(name, "") if meaning == "See Store." else meaning
        if parameter.default not in {None, parameter.empty}:
            meaning += f" Default: ``{parameter.default!r}``."
        rows.append((name, meaning))
    return table(rows, store.__qualname__)


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


def pages() -> dict[str, str]:
    """Every page that is made, by its name."""
    return {
        "commands": command_page(),
        "memory": store_table(MemoryStore),
        "sql": store_table(SQLStore, SQLTableOptions),
        "sql_tables": options_table(SQLTableOptions),
        "redis": store_table(RedisStore, KeyOptions),
        "redis_keys": options_table(KeyOptions),
        "files": store_table(FileStore, DocumentOptions, TableOptions),
        "documents": options_table(DocumentOptions),
        "sheets": options_table(TableOptions),
    }


def make_pages(_app: object) -> None:
    made = HERE / "_made"
    made.mkdir(exist_ok=True)
    for name, text in pages().items():
        (made / f"{name}.inc").write_text(text, encoding="utf-8")


def split_entries(
    _app: object, _what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Make one entry for several names (``file, section: Where.``) one for each."""
    entry = re.compile(r"^( {4})(\w+(?:, \w+)+): (.+(?:\n {8,}.+)*)", re.MULTILINE)
    lines[:] = entry.sub(_each, "\n".join(lines)).split("\n")


def _each(found: re.Match[str]) -> str:
    return "\n".join(f"{found[1]}{name}: {found[3]}" for name in found[2].split(", "))


def put_back(
    _app: object, what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Put back the words before a colon, which napoleon takes for the type of a property."""
    for number, line in enumerate(lines):
        if what in {"property", "attribute"} and line.startswith(":type: "):
            lines[0] = f"{line.removeprefix(':type: ')}: {lines[0]}"
            del lines[number]
            return


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", make_pages)
    app.connect("autodoc-process-docstring", split_entries, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", put_back, priority=600)  # after it
