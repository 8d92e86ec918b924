"""What is public is importable, cheap to import, and stands on its floor."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import b3j0f.sync
from b3j0f.sync import errors

PACKAGE = Path(b3j0f.sync.__file__).parent
HEAVY = [
    "sqlalchemy",
    "click",
    "rich",
    "ruamel",
    "b3j0f.conf",
    "b3j0f.utils",
    "pytest",
    "hypothesis",
]


def test_all_is_what_is_importable():
    for name in b3j0f.sync.__all__:
        assert getattr(b3j0f.sync, name) is not None
    assert len(set(b3j0f.sync.__all__)) == len(b3j0f.sync.__all__)
    homes = [name for names in b3j0f.sync._HOMES.values() for name in names]
    assert sorted([*homes, "__version__"]) == sorted(b3j0f.sync.__all__)
    assert set(dir(b3j0f.sync)) >= set(b3j0f.sync.__all__)


def test_type_checkers_are_told_the_same():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    told = {
        alias.asname: f"{node.module}.{alias.name}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == {name: f"{home}.{name}" for name, home in b3j0f.sync._HOME_OF.items()}


def test_what_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'Sync'"):
        b3j0f.sync.Sync  # noqa: B018 - it raises
    with pytest.raises(ImportError):
        from b3j0f.sync import Sync  # noqa: F401


def test_every_error_of_the_tree_is_public():
    assert set(errors.__all__) <= set(b3j0f.sync.__all__)


def test_every_module_says_what_it_is():
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        assert ast.get_docstring(ast.parse(text)), f"{path} has no docstring"


def modules_after(statement):
    code = f"{statement}\nimport sys, json\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


# Nothing more than this is needed for work in memory.
IN_MEMORY = """
from b3j0f.sync import Data, MemoryStore, Synchronizer
class Note(Data): text: str = ''
a, b = MemoryStore([Note], name='a'), MemoryStore([Note], name='b')
with Synchronizer([a, b]) as sync: a.add(Note(name='n')); sync.run(); assert len(b) == 1
"""


@pytest.mark.parametrize(
    "statement",
    [
        "import b3j0f.sync",
        "from b3j0f.sync import Accessor, Data, Event, Link, MemoryStore, Store, errors",
        "from b3j0f.sync import Synchronizer, Plan, Newest",
        IN_MEMORY,
    ],
)
def test_importing_is_cheap(statement):
    loaded = modules_after(statement)
    assert "b3j0f.sync" in loaded
    for heavy in HEAVY:
        assert not [name for name in loaded if name == heavy or name.startswith(f"{heavy}.")], heavy


# Each floor stands on those before it; what is on one floor may import each other.
FLOORS = [
    {"version", "errors", "names"},
    {"ref"},
    {"kinds"},
    {"fields"},
    {"data"},
    {"digest", "event", "query", "samples"},
    {"accessor"},
    {"store"},
    {"mapping"},
    {"reconcile"},
    {"link", "ledger"},
    {"engine"},
    {"synchronizer"},
]
# Beside the tower: they know these, and nothing above.
BESIDE = {
    "stores": {
        "version",
        "errors",
        "names",
        "ref",
        "kinds",
        "fields",
        "data",
        "digest",
        "event",
        "query",
    }
    | {"accessor", "store"},
}
# Allowed only within functions, each for a reason.
LATE = {
    ("store", "conf"): "load and configurable: configuration builds stores of any class",
    ("synchronizer", "conf"): "load and configurable, as for stores",
}


def part(module):
    """The first name below b3j0f.sync."""
    return module.split(".", 1)[0] if module else ""


def imports(path):
    """(part of the package, whether it is imported when the module is) for each import."""
    package = list(path.relative_to(PACKAGE).with_suffix("").parts[:-1])
    tree = ast.parse(path.read_text())
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    late = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in typing_only and node.level:
            above = package[: len(package) - node.level + 1]
            module = ".".join([*above, *filter(None, [node.module])])
            names = [module] if module else [alias.name for alias in node.names]
            for name in names:
                yield part(name), id(node) not in late
        elif isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in typing_only:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
            for name in names:
                assert not (name or "").startswith("b3j0f.sync"), f"{path}: relative, please"


def core_files():
    known = set().union(*FLOORS, BESIDE)
    for path in sorted(PACKAGE.rglob("*.py")):
        mine = part(".".join(path.relative_to(PACKAGE).with_suffix("").parts))
        if mine in known:
            yield mine, path


@pytest.mark.parametrize(
    ("mine", "path"), list(core_files()), ids=lambda value: getattr(value, "name", value)
)
def test_floors(mine, path):
    below = set(BESIDE.get(mine, ()))
    for floor in FLOORS if mine not in BESIDE else ():
        below |= floor
        if mine in floor:
            break
    for other, is_at_once in imports(path):
        if other in below or other == mine:
            continue
        assert not is_at_once, f"{mine} ({path.name}) imports {other}, which is not below it"
        assert (mine, other) in LATE, (
            f"{path.name} imports {other} late, for no reason that is told"
        )


def test_every_part_has_its_floor():
    parts = {
        p.stem if p.is_file() else p.name for p in PACKAGE.iterdir() if p.suffix in {".py", ""}
    }
    known = set().union(*FLOORS, BESIDE, {"conf", "cli", "testing", "__init__", "__main__"})
    assert {p for p in parts if not p.startswith("__pycache__")} == known
