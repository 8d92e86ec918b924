"""The namespace: an editable install, a wheel, and other parts of b3j0f in one environment."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow

IMPORTS = """
import b3j0f.sync, b3j0f.sync.stores.memory
from b3j0f.sync import Data, MemoryStore, SQLStore, FileStore, Synchronizer
from importlib.metadata import entry_points, version
assert version("b3j0f.sync") == b3j0f.sync.__version__
assert {p.name for p in entry_points(group="b3j0f.sync.stores")} >= {"memory", "sql", "files"}
"""
BESIDE = """
from b3j0f.sync.conf import bridge
import b3j0f, b3j0f.utils.version
from pathlib import Path
parts = {part.name for place in b3j0f.__path__ for part in Path(place).iterdir() if part.is_dir()}
assert parts >= {"sync", "conf", "utils"}, parts
assert bridge.Configurable
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built of a copy so that nothing is left in the checkout."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "b3j0f", source / "b3j0f", ignore=leave)
    for name in ("setup.py", "pyproject.toml", "README.rst", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip("wheel", "--no-deps", "--wheel-dir", str(place), str(source))
    (built,) = place.glob("*.whl")
    return built


def pip(*arguments, python=sys.executable):
    done = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def python(tmp_path):
    """The interpreter of a new environment that has our dependencies, and not this package."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    return str(python)


def run(python, code, cwd):
    """Run *code* somewhere else than in the checkout."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-c", code], cwd=cwd, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr


def test_what_is_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "b3j0f/sync/py.typed" in names
    in_checkout = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "b3j0f").rglob("*")
        if path.suffix in {".py", ".conf", ".json", ".xml"} and "__pycache__" not in path.parts
    }
    assert in_checkout - names == set()
    assert not {name for name in names if name.startswith(("tests", "docs", "benchmarks"))}


def test_a_wheel_with_all_around_it(wheel, python, tmp_path):
    """b3j0f.conf and b3j0f.utils come along as dependencies, in the same namespace."""
    pip("install", "--quiet", str(wheel), python=python)
    run(python, IMPORTS + BESIDE, tmp_path)
    pip("uninstall", "--yes", "--quiet", "b3j0f.sync", python=python)
    run(python, "import b3j0f.utils.version", tmp_path)


def test_an_editable_install_with_all_around_it(wheel, python, tmp_path):
    source = wheel.parent / "source"
    pip("install", "--quiet", "--editable", str(source), python=python)
    run(python, IMPORTS + BESIDE, tmp_path)
    run(
        python,
        f"import b3j0f.sync; assert b3j0f.sync.__file__.startswith({str(source)!r})",
        tmp_path,
    )


def test_the_wheel_beside_an_editable_one_of_another_part(wheel, python, tmp_path):
    """Whichever comes first on the path, all parts of the namespace are found."""
    other = tmp_path / "other"
    (other / "b3j0f" / "other").mkdir(parents=True)
    (other / "b3j0f" / "__init__.py").write_bytes((ROOT / "b3j0f" / "__init__.py").read_bytes())
    (other / "b3j0f" / "other" / "__init__.py").write_text("")
    (other / "setup.py").write_text(
        "from setuptools import setup\n"
        "setup(name='b3j0f.other', version='1', packages=['b3j0f', 'b3j0f.other'],"
        " package_dir={'': '.'})\n"
    )
    pip("install", "--quiet", str(wheel), python=python)
    pip("install", "--quiet", "--editable", str(other), python=python)
    run(python, "import b3j0f.other\n" + IMPORTS + BESIDE, tmp_path)
