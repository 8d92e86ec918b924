"""A configuration directory to write to, in each of the three formats."""

from __future__ import annotations

import ast
import json
import sys
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session", autouse=True)
def entry_points_of_this_checkout(tmp_path_factory):
    """Lets the names of stores be found where the checkout is not installed."""
    if entry_points(group="b3j0f.sync.stores"):
        yield
        return
    tree = ast.parse((ROOT / "setup.py").read_text())
    groups = next(
        ast.literal_eval(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "entry_points"
    )
    where = tmp_path_factory.mktemp("metadata")
    info = where / "b3j0f.sync-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: b3j0f.sync\nVersion: 0\n")
    texts = [f"[{group}]\n" + "\n".join(points) + "\n" for group, points in groups.items()]
    (info / "entry_points.txt").write_text("".join(texts))
    sys.path.append(str(where))
    yield
    sys.path.remove(str(where))


def ini(sections):
    return "".join(
        f"[{name}]\n" + "".join(f"{option} = {text}\n" for option, text in options.items())
        for name, options in sections.items()
    )


def xml(sections):
    root = ET.Element("configuration")
    for name, options in sections.items():
        category = ET.SubElement(root, "category", name=name)
        for option, text in options.items():
            ET.SubElement(category, "parameter", name=option, svalue=text)
    return ET.tostring(root, encoding="unicode")


RENDER = {"conf": ini, "json": json.dumps, "xml": xml}


class Conf:
    """The configuration directory of a test."""

    def __init__(self, directory, suffix):
        self.directory, self.suffix = directory, suffix

    def file(self, kind):
        return self.directory / f"b3j0fsync-{kind}.{self.suffix}"

    def write(self, **kinds):
        """Write the files of these kinds: data, store, synchronizer."""
        for kind, sections in kinds.items():
            self.file(kind).write_text(RENDER[self.suffix](sections))
        return self


@pytest.fixture(params=RENDER)
def conf(request, tmp_path, monkeypatch):
    """An empty configuration directory; whatever runs must leave the current directory alone."""
    for name in ("etc", "home", "state", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("B3J0F_CONF_DIR", str(tmp_path / "etc"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    yield Conf(tmp_path / "etc", request.param)
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.fixture
def told():
    """The mistakes that a ConfigError, or a list of them, tells: option or section, and text."""

    def _told(errors):
        errors = getattr(errors, "errors", errors)
        return {f"{error.section}.{error.option}": str(error) for error in errors}

    return _told
