"""A configuration with a database and a folder of files, and the command line to it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner

from b3j0f.sync.cli.app import app
from b3j0f.sync.conf import load_store, load_types

ROOT = Path(__file__).parents[2]

DATA = """\
[customer]
email = str
credit = int = 0
tags = set of str
rank = int?

[contact]
parent = customer
phone = str
"""
STORE = """\
[warehouse]
class = sql
types = customer, contact
url = sqlite:///warehouse.db

[sheet]
class = files
types = customer, contact
path = sheet
"""
SYNCHRONIZER = """\
[customers]
stores = warehouse, sheet
ledger = customers.ledger
"""


@pytest.fixture(scope="session")
def metadata(tmp_path_factory):
    """A directory that lets the names of stores be found where the checkout is not installed."""
    where = tmp_path_factory.mktemp("metadata")
    if not entry_points(group="b3j0f.sync.stores"):
        tree = ast.parse((ROOT / "setup.py").read_text())
        groups = next(
            ast.literal_eval(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg == "entry_points"
        )
        info = where / "b3j0f.sync-0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: b3j0f.sync\nVersion: 0\n")
        texts = [f"[{group}]\n" + "\n".join(points) + "\n" for group, points in groups.items()]
        (info / "entry_points.txt").write_text("".join(texts))
    sys.path.append(str(where))
    yield where
    sys.path.remove(str(where))


@pytest.fixture(autouse=True)
def place(metadata, tmp_path, monkeypatch):
    """Where everything is; whatever runs must leave the current directory alone."""
    for name in ("etc", "home", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("B3J0F_CONF_DIR", str(tmp_path / "etc"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    # Test runners and users set some of these, and output depends on them.
    for name in (
        *("XDG_STATE_HOME", "XDG_CACHE_HOME", "B3J0F_SYNC_DEBUG"),
        *("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path / "elsewhere")
    yield tmp_path
    assert not list((tmp_path / "elsewhere").iterdir())


class World:
    """The configuration, and its stores as other programs use them."""

    def __init__(self, etc):
        self.etc = etc

    def write(self, data=DATA, store=STORE, synchronizer=SYNCHRONIZER):
        for kind, text in (("data", data), ("store", store), ("synchronizer", synchronizer)):
            (self.etc / f"b3j0fsync-{kind}.conf").write_text(text)
        return self

    def add(self, store, name, type="customer", /, **fields):
        with load_store(store) as opened:
            opened.add(load_types()[type](name=name, **fields))

    def add_many(self, count, **fields):
        customer = load_types()["customer"]
        with load_store("warehouse") as opened:
            every = [customer(name=f"c{number:03}", **fields) for number in range(count)]
            opened.accessor(customer).add_many(every)

    def edit(self, store, name, type="customer", context=(), /, **fields):
        with load_store(store) as opened:
            found = opened.get_by_name(load_types()[type], name, context)
            opened.update(found.replace(**fields), found)

    def remove(self, store, name):
        with load_store(store) as opened:
            opened.remove(opened.get_by_name(load_types()["customer"], name))

    def find(self, store, name, type="customer", context=()):
        with load_store(store) as opened:
            return opened.get_by_name(load_types()[type], name, context)

    def names(self, store):
        with load_store(store) as opened:
            return sorted(data.name for data in opened.find(load_types()["customer"]))


@pytest.fixture
def world(place):
    return World(place / "etc").write()


@pytest.fixture
def in_step(world, cli):
    """Three customers that both stores have."""
    for number, name in enumerate(("ann", "bob", "eve"), 1):
        world.add("warehouse", name, email=f"{name}@example.org", credit=number * 10)
    result = cli("run")
    assert (result.exit_code, result.stderr) == (0, "")
    return world


@pytest.fixture
def disputed(in_step, cli):
    """Two fields that both stores have changed, to different values."""
    in_step.edit("warehouse", "ann", email="ann@work.example")
    in_step.edit("sheet", "ann", email="ann@home.example")
    in_step.edit("warehouse", "bob", credit=21)
    in_step.edit("sheet", "bob", credit=22)
    assert cli("run").exit_code == 3
    return in_step


@pytest.fixture
def cli():
    """Runs a command within this process; its output goes nowhere near a terminal."""

    def run(*words):
        result = CliRunner().invoke(app, list(words), prog_name="b3j0f-sync")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


@pytest.fixture
def environment(metadata):
    """For processes that run the command line."""

    def make(**more):
        paths = os.pathsep.join([str(ROOT), str(metadata), str(Path(__file__).parent)])
        return {**os.environ, "PYTHONPATH": paths, **more}

    return make


@pytest.fixture
def shell(environment):
    """Runs a command in a process of its own."""

    def run(*words, **more):
        return subprocess.run(
            [sys.executable, "-m", "b3j0f.sync", *words],
            env=environment(**more),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
