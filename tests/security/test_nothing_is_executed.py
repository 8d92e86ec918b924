"""No code comes from data or configuration, and what could run some is not used."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import b3j0f.sync
from b3j0f.sync import ConfigError, Store, Synchronizer

PACKAGE = Path(b3j0f.sync.__file__).parent
MODULES = {"pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle", "subprocess", "pty"}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {("os", "system"), ("os", "popen"), ("tempfile", "mktemp"), ("yaml", "load")}
MEANT = {
    # Makes constructors of the names of fields, which have been checked to be identifiers.
    "data.py": {"exec", "compile"},
    # Imports b3j0f.conf from the source that it finds, and lends it what Python has lost.
    "conf/bridge.py": {"exec", "compile"},
    "conf/_legacy.py": {"exec", "compile"},
}


def used(path):
    """What a module uses of that which can run code that comes from data."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            names += [getattr(node, "module", None) or ""]
            yield from MODULES.intersection(name.partition(".")[0] for name in names)
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                yield from CALLS & {called.id}
            owner = called.value if isinstance(called, ast.Attribute) else None
            if isinstance(owner, ast.Name) and (owner.id, called.attr) in METHODS:
                yield f"{owner.id}.{called.attr}"
            yield from (
                "shell=True"
                for keyword in node.keywords
                if keyword.arg == "shell" and getattr(keyword.value, "value", False)
            )


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.name)
def test_nothing_that_runs_what_it_is_given(path):
    name = path.relative_to(PACKAGE).as_posix()
    assert set(used(path)) <= MEANT.get(name, set())


@pytest.fixture
def conf(tmp_path, monkeypatch):
    monkeypatch.setenv("B3J0F_CONF_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def write(store, synchronizer="[s]\nstores = a, b\n"):
        (tmp_path / "b3j0fsync-data.conf").write_text("[note]\ntext = str\n")
        (tmp_path / "b3j0fsync-store.conf").write_text(store)
        (tmp_path / "b3j0fsync-synchronizer.conf").write_text(synchronizer)

    return write


@pytest.mark.parametrize(
    "value",
    [
        "=__import__('os').system('touch owned')",
        "=open('owned', 'w')",
        "=().__class__.__bases__[0].__subclasses__()",
        "=env:HOME if __import__('os').system('touch owned') else 1",
        "=[i for i in (1,)]",
        "=lambda: 1",
        "@/etc/passwd",
        "%(__import__)s",
        "$(touch owned)",
    ],
)
def test_configuration_runs_nothing(conf, tmp_path, value):
    store = f"[a]\nclass = memory\ntypes = note\nunique_names = {value}\n"
    conf(store + "[b]\nclass = memory\ntypes = note\n")
    with pytest.raises(ConfigError):
        Store.load("a")
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    "name", ["os.system", "subprocess.Popen", "builtins.exec", "b3j0f.sync.Data"]
)
def test_a_class_that_is_no_store_is_never_called(conf, tmp_path, name):
    conf(f"[a]\nclass = {name}\ntypes = note\n[b]\nclass = memory\ntypes = note\n")
    with pytest.raises(ConfigError, match="class"):
        Synchronizer.load("s")
    assert not (tmp_path / "owned").exists()


def test_xml_reads_no_other_file(tmp_path, monkeypatch):
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    (tmp_path / "etc").mkdir()
    monkeypatch.setenv("B3J0F_CONF_DIR", str(tmp_path / "etc"))
    (tmp_path / "etc" / "b3j0fsync-store.xml").write_text(
        f'<!DOCTYPE c [<!ENTITY x SYSTEM "file://{secret}">]>'
        '<configuration><category name="a"><parameter name="class" svalue="memory"/>'
        '<parameter name="types" svalue="&x;"/></category></configuration>'
    )
    with pytest.raises(ConfigError) as caught:
        Store.load("a")
    assert "top secret" not in str(caught.value)
