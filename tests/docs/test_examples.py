"""Every example of the documentation is run, and shows what it really prints.

In a page, blocks run from top to bottom in an empty home directory of their own: a block with
a caption is written to the file that the caption names; in a console block a line with ``$``
is run in a shell, and what it prints must be what follows; pycon blocks are doctests that
share their names. ``...`` stands for anything within a line.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.rst", *sorted((ROOT / "docs").rglob("*.rst"))]
BLOCK = re.compile(
    r"^\.\. code-block:: (?P<kind>\w+)\n(?P<options>(?:   :.*\n)*)\n(?P<text>(?:   .*\n|\n)+)",
    re.MULTILINE,
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page):
    for match in BLOCK.finditer(page.read_text(encoding="utf-8") + "\n"):
        caption = re.search(r":caption: (.*)", match["options"])
        yield match["kind"], caption and caption[1], textwrap.dedent(match["text"]).rstrip() + "\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home, in which the commands are those of this Python."""
    commands = tmp_path / ".bin"
    commands.mkdir()
    for name, module in (("b3j0f-sync", "b3j0f.sync"), ("pytest", "pytest"), ("python", None)):
        run = f"-m {module} " if module else ""
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {run}"$@"\n')
        script.chmod(0o755)
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("B3J0F_CONF_DIR", "COLUMNS", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(place)
    return place


def run_console(text, where):
    """Run each command of a console block, and compare what it prints."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, timeout=120, check=False
        )
        printed = done.stdout + done.stderr
        alike = doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS)
        if not alike and expected.strip() != printed.strip():
            pytest.fail(f"{where}: $ {command}\nexpected:\n{expected}\nprinted:\n{printed}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples(page, home):
    names = {"__name__": "__main__"}
    for kind, caption, text in blocks(page):
        if caption and kind != "console":
            file = Path(caption).expanduser()
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif kind == "console":
            run_console(text, page.name)
        elif kind == "pycon":
            test = doctest.DocTestParser().get_doctest(text, names, page.name, str(page), 0)
            output = []
            doctest.DocTestRunner(optionflags=FLAGS).run(test, out=output.append, clear_globs=False)
            assert not output, "".join(output)
            names.update(test.globs)


def test_pages_have_examples():
    """A runner that finds no block would pass everything."""
    kinds = [kind for page in PAGES for kind, _, _ in blocks(page)]
    assert {"console", "pycon", "ini"} <= set(kinds)
