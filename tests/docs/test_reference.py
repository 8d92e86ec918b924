"""The reference leaves nothing out, and what pages name is there."""

from __future__ import annotations

import dataclasses
import inspect
import re
import runpy
import sys
from pathlib import Path

import pytest

import b3j0f.sync
from b3j0f.sync import FileStore, MemoryStore, RedisStore, SQLStore
from b3j0f.sync.stores.files.options import DocumentOptions, TableOptions
from b3j0f.sync.stores.redis.options import KeyOptions
from b3j0f.sync.stores.sql.options import TableOptions as SQLTableOptions
from b3j0f.sync.testing.world.laws import Laws

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MERGE = (DOCS / "background" / "merge.rst").read_text(encoding="utf-8")


@pytest.fixture
def made(monkeypatch):
    """The settings of Sphinx, which make pages of the code."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    return runpy.run_path(str(DOCS / "conf.py"))


def test_every_public_name_has_its_place():
    pages = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.rst"))
    told = set(re.findall(r"auto\w+:: b3j0f\.sync\.(\w+)", pages))
    assert "automodule:: b3j0f.sync.errors" in pages
    told |= set(b3j0f.sync.errors.__all__)
    assert set(b3j0f.sync.__all__) - {"__version__"} <= told


@pytest.mark.parametrize(
    ("stores", "tables", "options"),
    [
        (SQLStore, ["sql", "sql_tables"], [SQLTableOptions]),
        (FileStore, ["files", "documents", "sheets"], [DocumentOptions, TableOptions]),
        (MemoryStore, ["memory"], []),
        (RedisStore, ["redis", "redis_keys"], [KeyOptions]),
    ],
)
def test_every_option_is_told(made, stores, tables, options):
    pages = made["pages"]()
    told = re.findall(r"\* - ``(\w+)``\n     - \S", "".join(pages[name] for name in tables))
    assert set(inspect.signature(stores).parameters) == set(told)
    assert {field.name for each in options for field in dataclasses.fields(each)} <= set(told)


def test_an_option_without_a_word_fails(made):
    @dataclasses.dataclass
    class Options:
        """Options.

        Attributes:
            told: What it is.
        """

        told: str = ""
        untold: str = ""

    with pytest.raises(ValueError, match="Options says nothing about 'untold'"):
        made["options_table"](Options)


def test_tests_that_laws_name_are_there():
    methods = set(re.findall(r"(?<=Laws\.)\w+", MERGE))
    assert len(methods) > 4
    assert not [name for name in methods if not callable(getattr(Laws, name, None))]
    paths = re.findall(r"\btests/[\w/.]*\w", MERGE)
    assert len(paths) > 3
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_every_law_is_told():
    assert re.findall(r"^(\d+)\. \*\*", MERGE, re.MULTILINE) == [str(n) for n in range(1, 14)]


def test_the_readme_is_plain_rest():
    """It is the description on a package index, which knows no roles of Sphinx."""
    core = pytest.importorskip("docutils.core", reason="docutils comes with the extra docs")
    text = (ROOT / "README.rst").read_text(encoding="utf-8")
    settings = {"halt_level": 2, "report_level": 2, "file_insertion_enabled": False}
    assert b"<h1" in core.publish_string(text, writer_name="html", settings_overrides=settings)
