"""Every example of the documentation is run, and shows what it really prints.

In a page, blocks run from top to bottom in an empty home directory of their own:

- a block with a caption is written to the file that the caption names;
- in a console block a line with ``$`` is run in a shell, and what it prints must be what
  follows; ``...`` stands for anything within a line, and alone for any lines;
- pycon blocks are doctests that share their names.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

import b3j0f.sync

ROOT = Path(__file__).parents[2]
INSTALLED = Path(b3j0f.sync.__file__).parents[2]
PAGES = [ROOT / "README.rst", *sorted((ROOT / "docs").rglob("*.rst"))]
BLOCK = re.compile(
    r"^\.\. (?P<directive>code-block|literalinclude):: (?P<argument>\S+)\n"
    r"(?P<options>(?:   :.*\n)*)(?:\n(?P<text>(?:   .*\n|\n)+))?",
    re.MULTILINE,
)
FLAGS = doctest.ELLIPSIS
COMMANDS = {"b3j0f-sync": "-m b3j0f.sync", "pytest": "-m pytest -p no:cacheprovider", "python": ""}


class Block(NamedTuple):
    kind: str
    caption: str | None
    text: str


def blocks(page):
    for match in BLOCK.finditer(page.read_text(encoding="utf-8") + "\n"):
        options = dict(re.findall(r"   :(\w+): (.*)", match["options"]))
        kind, text = match["argument"], textwrap.dedent(match["text"] or "").strip("\n") + "\n"
        if match["directive"] == "literalinclude":
            kind, text = options["language"], (page.parent / kind).read_text(encoding="utf-8")
            start = int(options.get("lines", "1-").rstrip("-"))
            text = "".join(text.splitlines(keepends=True)[start - 1 :])
        yield Block(kind, options.get("caption"), text)


NOT_A_READERS = (
    *("CI", "BUILD_NUMBER"),  # pytest says more where these are set
    *("B3J0F_CONF_DIR", "COLUMNS", "PYTEST_ADDOPTS", "XDG_CACHE_HOME", "XDG_STATE_HOME"),
)
"""Variables that may be set here, and are not for somebody who follows the page."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home, in which the commands are those of this Python."""
    commands = tmp_path / ".bin"
    commands.mkdir()
    for name, arguments in COMMANDS.items():
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        script.chmod(0o755)
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(INSTALLED))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # files change within one second
    for name in NOT_A_READERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(place)
    monkeypatch.syspath_prepend(place)
    yield place
    for name, module in list(sys.modules.items()):  # what the page wrote, and imported
        if str(getattr(module, "__file__", None) or "").startswith(str(place)):
            del sys.modules[name]


def is_as_shown(shown, printed):
    """Whether *printed* is what is *shown*, where ``...`` stands for something left out."""
    pattern = ""
    for line in shown.splitlines():
        words = map(re.escape, line.split("..."))
        pattern += "(?:.*\n)*" if line == "..." else ".*".join(words) + "\n"
    return re.fullmatch(pattern, printed if not printed or printed[-1] == "\n" else printed + "\n")


def run_console(text, where):
    """Run each command of a console block, and compare what it prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, timeout=120, check=False
        )
        printed = done.stdout + done.stderr
        if not is_as_shown(shown.strip("\n") and shown, printed):
            pytest.fail(f"{where}: $ {command}\nshown:\n{shown}\nprinted:\n{printed}")


def run_doctest(text, page, names):
    test = doctest.DocTestParser().get_doctest(text, names, page.name, str(page), 0)
    output = []
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=output.append, clear_globs=False)
    assert not output, "".join(output)
    names.update(test.globs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples(page, home):
    names = {"__name__": "__main__"}
    for kind, caption, text in blocks(page):
        if caption:
            file = Path(caption).expanduser()
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif kind == "console":
            run_console(text, page.name)
        else:
            run_doctest(text, page, names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_example_is_left_out(page):
    """A block that is not found, is of another kind or compares nothing would pass unseen."""
    found = list(blocks(page))
    text = page.read_text(encoding="utf-8")
    assert len(found) == len(re.findall(r"(?:code-block|literalinclude)::", text))
    assert {block.kind for block in found if not block.caption} <= {"console", "pycon"}
    for block in found:
        if block.kind == "pycon":
            assert ">>> " in block.text
        elif not block.caption:
            parts = re.split(r"^\$ .*\n", block.text, flags=re.MULTILINE)
            assert not parts[0]
            assert all(part != "...\n" for part in parts[1:]), "... alone compares nothing"


def test_pages_have_examples():
    """A runner that finds no block would pass everything."""
    kinds = [block.kind for page in PAGES for block in blocks(page)]
    assert {"console", "pycon", "ini", "json", "xml", "python"} <= set(kinds)


@pytest.mark.parametrize(
    ("shown", "printed", "is_alike"),
    [
        ("", "", True),
        ("", "something\n", False),
        ("a\n", "a", True),
        ("a ... c\n", "a b c\n", True),
        ("a ... c\n", "a b\nb c\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n", "a\nb\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_what_is_as_shown(shown, printed, is_alike):
    assert bool(is_as_shown(shown, printed)) is is_alike
