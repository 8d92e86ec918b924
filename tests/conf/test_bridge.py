"""The bridge to b3j0f.conf: it imports without a trace, reads text, and evaluates nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

import b3j0f.sync.errors
from b3j0f.sync.conf import bridge
from b3j0f.sync.conf._legacy import importer
from b3j0f.sync.errors import ConfigError

ROOT = Path(b3j0f.sync.errors.__file__).parents[2]

HOSTILE = "__import__('pathlib').Path('evaluated').touch()"

TEXTS = {
    "url": "postgresql://crm@db.example/crm?a=%20",
    "share": "100%",
    "format": "%(name)s and %name%",
    "sum": "a=b",
    "expression": "=literal",
    "mixedCase": "Straße 東京",
    "due-date": "",
    "C++": "a;b #c",
    "path": r"C:\\temp\@x",
    "py": f"=py:{HOSTILE}",
    "js": "=js:3*4",
    "embedded": f"a %{HOSTILE}% b",
    "embedded_py": f"a %py:{HOSTILE}% b",
    "reference": "@other.option",
}


def ini(sections):
    return "".join(
        f"[{name}]\n" + "".join(f"{option} = {text}\n" for option, text in options.items())
        for name, options in sections.items()
    )


def xml(sections):
    def quoted(text):
        for char, entity in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
            text = text.replace(char, entity)
        return text

    categories = "".join(
        f'<category name="{name}">'
        + "".join(
            f'<parameter name="{quoted(o)}" svalue="{quoted(t)}"/>' for o, t in options.items()
        )
        + "</category>"
        for name, options in sections.items()
    )
    return f"<configuration>{categories}</configuration>"


FORMATS = {"conf": ini, "json": json.dumps, "xml": xml}


@pytest.fixture
def write(tmp_path):
    """Writes files of a configuration directory, which is also ``write.directory``."""

    def _write(name, content):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    _write.directory = tmp_path
    return _write


@pytest.fixture
def run(tmp_path):
    """Runs a program in a fresh interpreter that finds no compiled files and allows no warning."""
    cwd = tmp_path / "cwd"
    cwd.mkdir()

    def _run(program, *args, **environ):
        names = {
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled"),
            "PYTHONSAFEPATH": "1",
            "HOME": str(tmp_path / "home"),
            **environ,
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(program), *args],
            cwd=cwd,
            env={**os.environ, **names},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout

    _run.cwd = cwd
    return _run


# ---- importing leaves no trace

STATE = """
    import sys, six, builtins, collections, inspect, logging, os, threading, warnings

    def state():
        return {
            "names": [dict(vars(each)) for each in (builtins, collections, inspect, six)],
            "filters": list(warnings.filters),
            "finders": list(sys.meta_path) + list(sys.path_hooks) + list(sys.path),
            "handlers": [list(logging.root.handlers), logging.root.level],
            "environ": dict(os.environ),
            "threads": threading.active_count(),
            "hooks": [sys.excepthook, sys.stdout, sys.stderr],
            "files": os.listdir(),
        }
"""


def test_an_import_prints_nothing_and_changes_nothing_elsewhere(run):
    assert (
        run(
            STATE
            + """
    before, modules = state(), dict(sys.modules)
    import b3j0f.sync.conf.bridge
    assert state() == before
    assert {name: sys.modules[name] for name in modules} == modules
    assert "parser" not in sys.modules
    assert not [name for name in sys.modules if name.startswith(("b3j0f.annotation", "b3j0f.aop"))]
    assert not {"b3j0f.utils.path", "b3j0f.utils.runtime"} & set(sys.modules)
    # The one thing without a file is what keeps the parser out.
    new = {name for name in set(sys.modules) - set(modules) if name.startswith("b3j0f.")}
    fake = {name for name in new if getattr(sys.modules[name], "__file__", None) is None}
    parser = "b3j0f.conf.parser"
    assert fake == {parser, parser + ".core", parser + ".resolver", parser + ".resolver.core"}
    """
        )
        == ""
    )
    assert not (run.cwd.parent / "home").exists()


def test_an_import_that_fails_midway_changes_nothing_and_can_be_repeated(run):
    run(
        STATE
        + """
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name == "b3j0f.conf.driver.file.xml":
                raise ImportError("broken")

    import b3j0f.sync.errors
    broken = Broken()
    sys.meta_path.insert(0, broken)
    before, modules = state(), set(sys.modules)
    try:
        import b3j0f.sync.conf.bridge
    except ImportError as exc:
        assert "broken" in str(exc)
    else:
        raise AssertionError
    assert state() == before
    assert not [name for name in set(sys.modules) - modules if name.startswith("b3j0f.conf")]
    sys.meta_path.remove(broken)
    import b3j0f.sync.conf.bridge
    """
    )


def test_two_threads_import_it_at_once(run):
    run(
        """
        import importlib, threading
        barrier, found = threading.Barrier(8), []
        def load():
            barrier.wait()
            found.append(importlib.import_module("b3j0f.sync.conf.bridge").Parameter)
        threads = [threading.Thread(target=load) for _ in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert len(found) == 8 and len(set(found)) == 1
        """
    )


def test_parts_that_are_imported_already_are_no_hindrance(run):
    run(
        """
        import sys, b3j0f.utils.version, b3j0f.utils.ut
        utils = sys.modules["b3j0f.utils.version"]
        try:
            import b3j0f.conf
        except ImportError:
            assert "b3j0f.conf.version" in sys.modules  # what a failed import leaves behind
        import b3j0f.sync.conf.bridge as bridge
        from b3j0f.conf.model import Parameter
        assert bridge.Parameter is Parameter
        assert sys.modules["b3j0f.utils.version"] is utils
        """
    )


def test_somebody_elses_b3j0f_conf_stays_theirs_and_is_not_used(run):
    run(
        """
        import sys, types, b3j0f
        theirs = b3j0f.conf = sys.modules["b3j0f.conf"] = types.ModuleType("b3j0f.conf")
        theirs.Parameter = None
        import b3j0f.sync.conf.bridge as bridge
        assert sys.modules["b3j0f.conf"] is b3j0f.conf is theirs
        assert not [name for name in sys.modules if name.startswith("b3j0f.conf.")]
        assert bridge.Parameter("a", svalue="x").value == "x"
        """
    )


def test_a_reload_keeps_the_classes(run):
    run(
        """
        import importlib
        import b3j0f.sync.conf.bridge as bridge
        before = bridge.Parameter
        assert importlib.reload(bridge).Parameter is before
        """
    )


def test_afterwards_b3j0f_conf_is_the_same_and_its_parser_is_not(run):
    run(
        """
        import b3j0f.sync.conf.bridge as bridge
        from b3j0f.conf import Category, Configurable, Configuration, Parameter
        from b3j0f.conf.driver.file.ini import INIFileConfDriver
        assert (Category, Configuration, Parameter) == (
            bridge.Category, bridge.Configuration, bridge.Parameter)
        assert issubclass(bridge.Configurable, Configurable)
        assert issubclass(bridge.INIDriver, INIFileConfDriver)
        import b3j0f.conf.parser
        from b3j0f.sync.errors import ConfigError
        for evaluate in (b3j0f.conf.parser.parse, b3j0f.conf.parser.resolve):
            try:
                evaluate("=1")
            except ConfigError:
                pass
            else:
                raise AssertionError(evaluate)
        for name in ("lang", "lang.js", "lang.py", "registry", "base"):
            try:
                __import__("b3j0f.conf.parser.resolver." + name)
            except ImportError:
                pass
            else:
                raise AssertionError(name)
        """
    )


def test_the_current_directory_is_not_read(run):
    for name in ("b3j0fconf-configurable.conf", "b3j0fsync-store.conf"):
        (run.cwd / name).write_text(f"[CONFIGURABLE]\nmodules = ={HOSTILE}\n")
    (run.cwd / "parser.py").write_text("raise SystemExit('read')")
    opened = run(
        """
        import os, sys
        opened = []
        sys.addaudithook(lambda event, args: event == "open" and opened.append(args[0]))
        import b3j0f.sync.conf.bridge as bridge
        assert bridge.read("b3j0fsync-store") == {}
        assert not bridge.Configurable(paths="b3j0fsync-store.conf").getconf()
        for name in opened:
            if not isinstance(name, int):
                print(os.path.abspath(os.fsdecode(name)))
        """
    ).splitlines()
    assert opened
    assert not [name for name in opened if Path(name).is_relative_to(run.cwd)]
    assert not (run.cwd / "evaluated").exists()


# ---- b3j0f.conf's own suites

SUITES = """
    import json, unittest
    from b3j0f.sync.conf._legacy import ROOT, importer

    names = [f"model.test.{name}" for name in ("base", "cat", "conf", "param")]
    names += ["driver.test.base"]
    names += [f"driver.file.test.{name}" for name in ("base", "ini", "json", "xml")]
    result = unittest.TestResult()
    for name in names:
        module = importer.load(f"{ROOT}.{name}")
        unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
    failed = [(test.id().rpartition("test.")[2], text.splitlines()[-1])
              for test, text in result.errors + result.failures]
    print(json.dumps([result.testsRun, failed]))
"""

REFUSED = {
    "conf.ConfigurationTest.test_resolve": "'=1' is an expression",
    "param.ArrayTest.test_ptype": "'type' is looked up as a name of Python",
    "param.ParameterTest.test_simple_conversion": "'=1.0' is an expression",
    "param.ParameterTest.test_value_from_svalue": "'=1' is an expression",
}


def test_b3j0f_confs_own_suites_pass_but_for_what_evaluates(run):
    directory = run.cwd.parent / "conf"  # their last directory, which the suites write to
    directory.mkdir()
    ran, failed = json.loads(run(SUITES, B3J0F_CONF_DIR=str(directory)))
    assert ran >= 80
    assert {name for name, _ in failed} == set(REFUSED)
    for _, error in failed:
        assert error.startswith("b3j0f.sync.errors.ConfigError: ")
        assert "not evaluated" in error


# ---- text stays text


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_text_is_read_as_it_stands(write, monkeypatch, suffix):
    monkeypatch.chdir(write.directory)
    file = write(f"x.{suffix}", FORMATS[suffix]({"shop": TEXTS, "other": {"option": "o"}}))
    sections = bridge.read("x", write.directory)
    assert sections == {"shop": TEXTS, "other": {"option": "o"}}
    assert sections["shop"].origin("url") == Path(file)
    assert list(sections["shop"]) == list(TEXTS)
    assert not Path("evaluated").exists()


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_parameters_value_is_its_text_and_an_expression_has_none(write, monkeypatch, suffix):
    monkeypatch.chdir(write.directory)
    names = {name: text for name, text in TEXTS.items() if name.isidentifier()}
    file = write(f"x.{suffix}", FORMATS[suffix]({"shop": names}))
    conf = bridge.Configurable(paths="x.conf", drivers=bridge.drivers(write.directory)).getconf()
    for name, param in conf["shop"].items():
        assert param.svalue == TEXTS[name]
        if TEXTS[name].startswith("="):
            with pytest.raises(ConfigError) as caught:
                _ = param.value
            error = caught.value
            assert (error.file, error.section, error.option) == (file, "shop", name)
        else:
            assert param.value == TEXTS[name]
    assert not Path("evaluated").exists()


@pytest.mark.parametrize(
    "text",
    [
        f"={HOSTILE}",
        f"=py:{HOSTILE}",
        "=js:3*4",
        f"a %{HOSTILE}% b",
        "%py:1%",
        "@option",
        "@path/section.option",
        "postgresql://crm@db.example/crm",
        r"\%",
    ],
)
@pytest.mark.parametrize("safe", [True, False])
def test_the_default_parser_refuses_what_b3j0f_conf_would_evaluate(
    tmp_path, monkeypatch, text, safe
):
    monkeypatch.chdir(tmp_path)
    param = bridge.Parameter("option", svalue=text, safe=safe)
    conf = bridge.configuration(bridge.category("section", param))
    target = SimpleNamespace()
    for reach in (
        lambda: param.value,
        param.resolve,
        lambda: param.resolve(safe=safe, besteffort=True, conf=conf),
        conf.resolve,
        lambda: bridge.Configurable(conf=conf, safe=safe).applyconfiguration(targets=[target]),
        lambda: bridge.applyconfiguration([target], conf=conf),
    ):
        with pytest.raises(ConfigError, match="not evaluated"):
            reach()
    assert not Path("evaluated").exists()
    assert vars(target) == {}


def test_no_type_evaluates_a_text_either(write, monkeypatch):
    monkeypatch.chdir(write.directory)
    write("x.conf", f"[shop]\nnumbers = {HOSTILE}\n")
    array = importer.modules["b3j0f.conf.model.param"].Array
    known = bridge.category("shop", bridge.Parameter("numbers", ptype=array(int)))
    reader = bridge.Configurable(known, "x.conf", bridge.drivers(write.directory))
    with pytest.raises(ConfigError, match="not evaluated"):
        reader.getconf()
    with pytest.raises(ConfigError, match="not evaluated"):
        bridge.Configurable(modules=["this"]).getconf()
    assert not Path("evaluated").exists()


def test_no_error_and_no_repr_quotes_a_value(write):
    write("x.conf", "[shop]\nport = s3cret\n")
    known = bridge.category("shop", bridge.Parameter("port", ptype=int))
    with pytest.raises(ConfigError) as caught:
        bridge.Configurable(known, "x.conf", bridge.drivers(write.directory)).getconf()
    assert "shop" in str(caught.value)
    assert "port" in str(caught.value)
    assert caught.value.__context__ is None
    param = bridge.Parameter("port", svalue="s3cret", ptype=int)
    with pytest.raises(bridge.Parameter.Error) as caught:
        _ = param.value
    assert "s3cret" not in str(caught.value)
    write("x.conf", "[shop]\ns3cret\n")
    with pytest.raises(ConfigError) as caught:
        bridge.read("x", write.directory)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__context__ is None
    write("x.conf", "[shop]\npassword = s3cret\ntoken = =s3cret\n")
    assert "s3cret" not in repr(bridge.read("x", write.directory))
    conf = bridge.Configurable(paths="x.conf", drivers=bridge.drivers(write.directory)).getconf()
    assert "s3cret" not in repr(conf)


# ---- Configurable


def test_a_configurable_applies_what_the_files_say_now(write):
    write("shop.conf", "[shop]\nurl = http://a@b/\nport = 1\n")
    shop = bridge.category("shop", bridge.Parameter("port", ptype=int), bridge.Parameter("url"))
    configurable = bridge.Configurable(
        conf=shop, paths="shop.conf", drivers=bridge.drivers(write.directory)
    )
    target = SimpleNamespace(port=0)
    assert configurable.getconf()["shop"]["port"].svalue == "1"
    assert configurable.applyconfiguration(targets=[target]) == [target]
    assert vars(target) == {"port": 1, "url": "http://a@b/"}
    write("shop.conf", "[shop]\nport = 2\n")
    configurable.applyconfiguration(targets=[target])
    assert target.port == 2


def test_a_configurable_takes_a_configuration_from_the_program():
    target = SimpleNamespace()
    conf = bridge.category("shop", bridge.Parameter("port", value=3))
    bridge.Configurable().applyconfiguration(conf=conf, targets=[target])
    assert target.port == 3
    bridge.applyconfiguration([target], conf=bridge.category("", bridge.Parameter("a", value=4)))
    assert target.a == 4


def test_a_value_that_a_program_sets_has_a_literal_for_a_text():
    assert bridge.Parameter("a", value="text").svalue == "text"
    assert bridge.Parameter("a", value=[1, "b"]).svalue == "=[1, 'b']"
    assert bridge.Parameter("a").svalue is None


def test_a_configurable_calls_a_target_with_what_the_files_say(write):
    class Shop:
        def __init__(self, port=None):
            self.called = port

    write("shop.conf", "[shop]\nport = 1\n")
    configurable = bridge.Configurable(paths="shop.conf", drivers=bridge.drivers(write.directory))
    (shop,) = configurable.applyconfiguration(targets=[Shop], callconf=True)
    assert shop.called == shop.port == "1"


def test_expressions_go_to_the_function_that_the_drivers_were_given(write):
    write("shop.conf", "[shop]\nport = =7\nname = 7\n")
    drivers = bridge.drivers(write.directory, evaluate=lambda text: int(text[1:]))
    target = SimpleNamespace()
    bridge.Configurable(paths="shop.conf", drivers=drivers).applyconfiguration(targets=[target])
    assert vars(target) == {"port": 7, "name": "7"}


def test_a_configurable_reads_the_configuration_directory_by_default(write, monkeypatch):
    monkeypatch.setenv("B3J0F_CONF_DIR", str(write.directory))
    write("shop.conf", "[shop]\nport = 1\n")
    assert bridge.Configurable(paths="shop.conf").getconf()["shop"]["port"].value == "1"


def test_a_configurable_says_what_it_cannot_do(write):
    with pytest.raises(TypeError, match="applyconfiguration"):
        bridge.Configurable()(SimpleNamespace())
    with pytest.raises(TypeError, match="pahts"):
        bridge.Configurable(pahts="a")
    write("x.conf", "[shop]\n(x = a\n")
    with pytest.raises(ConfigError, match=r"\(x"):
        bridge.Configurable(paths="x.conf", drivers=bridge.drivers(write.directory)).getconf()


# ---- which files


def test_the_directory_is_the_variables_else_etc_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("B3J0F_CONF_DIR", "~/conf")
    assert bridge.conf_directory() == tmp_path / "conf"
    monkeypatch.setenv("B3J0F_CONF_DIR", "")
    assert bridge.conf_directory() == tmp_path / "etc"
    monkeypatch.delenv("B3J0F_CONF_DIR")
    assert bridge.conf_directory() == tmp_path / "etc"
    assert bridge.read("x") == {}


def test_three_formats_are_merged_and_each_option_knows_its_file(write):
    write("x.json", json.dumps({"a": {"1": "json", "2": "json", "3": "json"}}))
    write("x.conf", ini({"a": {"2": "ini", "3": "ini"}, "b": {}}))
    write("x.xml", xml({"a": {"3": "xml"}}))
    sections = bridge.read("x", write.directory)
    assert sections == {"a": {"1": "json", "2": "ini", "3": "xml"}, "b": {}}
    a, b = sections["a"], sections["b"]
    assert [a.origin(option).name for option in "123"] == ["x.json", "x.conf", "x.xml"]
    assert [file.name for file in a.files] == ["x.json", "x.conf", "x.xml"]
    assert b.origin("missing").name == "x.conf"
    conf = bridge.Configurable(paths="x.conf", drivers=bridge.drivers(write.directory)).getconf()
    assert {name: param.value for name, param in conf["a"].items() if name != "1"}
    assert sorted(conf) == ["a", "b"]


@pytest.mark.parametrize("render", FORMATS.values())
def test_a_conf_file_may_have_any_format(write, render):
    write("x.conf", "\ufeff" + render({"a": {"b": "c"}}))
    assert bridge.read("x", write.directory) == {"a": {"b": "c"}}
    assert bridge.read("x.conf", write.directory) == {"a": {"b": "c"}}


@pytest.mark.parametrize("path", ["../x.conf", "sub/../../x.conf", "/etc/passwd", "", ".", "a\0b"])
def test_a_name_does_not_leave_the_directory(tmp_path, path):
    (tmp_path / "x.conf").write_text("[a]\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    for driver in bridge.drivers(inside):
        for reach in (
            driver.rscpaths,
            driver.getconf,
            driver.pathresource,
            lambda path, driver=driver: driver.setconf(bridge.Configuration(), path),
        ):
            with pytest.raises(ConfigError, match="leaves"):
                reach(path)
    if path not in ("", "."):  # which become .conf, and no file of that name is there
        with pytest.raises(ConfigError, match="leaves"):
            bridge.read(path, inside)
    assert sorted(tmp_path.iterdir()) == [inside, tmp_path / "x.conf"]


@pytest.mark.parametrize("driver", [bridge.JSONDriver, bridge.INIDriver, bridge.XMLDriver])
def test_what_a_driver_writes_it_reads(tmp_path, driver):
    texts = TEXTS | {"url": "a\nb", "path": "é\t<&>\"'"}
    if driver is bridge.INIDriver:
        del texts["C++"], texts["path"]
    params = [bridge.Parameter(name, svalue=text) for name, text in texts.items() if name != "C++"]
    conf = bridge.configuration(bridge.category("shop", *params))
    where = driver(tmp_path)
    rscpath = str(tmp_path / f"x{driver.format.suffix}")
    where.setconf(conf, rscpath)
    where.setconf(bridge.configuration(bridge.category("more", *params[:1])), rscpath)
    assert where.rscpaths("x.conf") == [rscpath]
    read = bridge.read("x", tmp_path)
    assert read == {
        "shop": {name: text for name, text in texts.items() if name != "C++"},
        "more": {params[0].name: params[0].svalue},
    }


@pytest.mark.parametrize(
    ("driver", "section"),
    [
        (bridge.JSONDriver, "\ud800"),
        (bridge.INIDriver, "a\nb"),
        (bridge.INIDriver, "DEFAULT"),
        (bridge.XMLDriver, "a\0b"),
    ],
)
def test_what_a_format_cannot_hold_is_not_written(tmp_path, driver, section):
    conf = bridge.configuration(bridge.category(section, bridge.Parameter("a", svalue="b")))
    with pytest.raises(ConfigError):
        driver(tmp_path).setconf(conf, "x.conf")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ConfigError):
        driver(tmp_path / "missing").setconf(bridge.Configuration(), "x.conf")


# ---- what the formats take


def test_ini_comments_blanks_and_inherited_options(write):
    write(
        "x.conf",
        b"; comment\r\n# comment\r\n[DEFAULT]\r\ntype = a\r\n[Shop]\r\n"
        b"class = sql     ; an entry point\r\n  # comment\r\nurl: http://a#b;c\r\n"
        b"long = one\r\n  two\r\nempty =\r\n",
    )
    assert bridge.read("x", write.directory) == {
        "Shop": {
            "class": "sql",
            "url": "http://a#b;c",
            "long": "one\ntwo",
            "empty": "",
            "type": "a",
        }
    }


def test_json_values_that_are_no_texts(write):
    write("x.json", '{"a": {"i": 3, "f": 0.25, "b": true, "n": null, "l": ["x", 1]}}')
    expected = {"i": "3", "f": "0.25", "b": "true", "n": "=None", "l": "=['x', 1]"}
    assert bridge.read("x", write.directory) == {"a": expected}


LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE configuration [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<configuration><category name="a"><parameter name="b" svalue="&b;"/></category></configuration>
"""
XXE = """<!DOCTYPE configuration [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<configuration><category name="a"><parameter name="b" svalue="&a;"/></category></configuration>
"""

CATEGORY = '<configuration><category name="a">{}</category></configuration>'


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.conf", "a = b\n", "line 1 is in no section"),
        ("x.conf", "[a]\nb = 1\nb = 2\n", r"\[a\] b: line 3"),
        ("x.conf", "[a]\n[b]\n[a]\n", r"\[a\]: line 3"),
        ("x.conf", b"[a]\nb = \xff\n", "line 2 is not UTF-8"),
        ("x.json", "{\n]", "line 2 is not JSON"),
        ("x.json", "", "line 1 is not JSON"),
        ("x.json", "[]", "sections by name"),
        ("x.json", '{"a": 1}', r"\[a\]: no JSON object"),
        ("x.json", '{"a": {"b": "1", "b": "2"}}', "'b' is given twice"),
        ("x.json", '{"a": {"b": NaN}}', "NaN is not JSON"),
        ("x.json", '{"a": ' * 100_000, "not JSON"),
        ("x.json", '{"a": {"b": ' + "1" * 5000 + "}}", "not JSON"),
        ("x.xml", "<configuration>\n<a>", "line 2 is not XML"),
        ("x.xml", LAUGHS, "line 2: a DOCTYPE"),
        ("x.conf", LAUGHS, "line 2: a DOCTYPE"),
        ("x.xml", XXE, "line 1: a DOCTYPE"),
        ("x.xml", "<configuration>&a;</configuration>", "line 1 is not XML"),
        ("x.xml", "<conf/>", "expected <configuration>"),
        ("x.xml", "<configuration><category/></configuration>", "has no name"),
        ("x.xml", CATEGORY.format("<option/>"), r"\[a\]: .*expected <parameter>"),
        ("x.xml", CATEGORY.format("<parameter/>"), r"\[a\]: .*has no name"),
        ("x.xml", CATEGORY.format('<parameter name="b"/>'), r"\[a\] b: "),
        ("x.xml", CATEGORY.format('<parameter name="b">c</parameter>'), r"text in <parameter>"),
        ("x.xml", CATEGORY.format('<parameter name="b" svalue="" parser=""/>'), "parser"),
        ("x.xml", CATEGORY.format('<parameter name="b" value=""/>' * 2), "given twice"),
    ],
)
def test_a_mistake_is_told_with_its_place(write, name, content, told):
    file = write(name, content)
    with pytest.raises(ConfigError, match=told) as caught:
        bridge.read("x", write.directory)
    assert caught.value.file == file
    assert caught.value.errors == (caught.value,)
    with pytest.raises(ConfigError, match=told):
        bridge.Configurable(paths="x.conf", drivers=bridge.drivers(write.directory)).getconf()


def test_all_mistakes_are_told_at_once(write):
    write("x.conf", "[a]\nb\nc = 1\nd\n")
    write("x.json", "{")
    with pytest.raises(ConfigError) as caught:
        bridge.read("x", write.directory)
    assert [Path(error.file).name for error in caught.value.errors] == [
        "x.json",
        "x.conf",
        "x.conf",
    ]


def test_a_file_that_cannot_be_read_is_told_once(write):
    (write.directory / "x.conf").mkdir()
    (write.directory / "y.conf").symlink_to("nowhere")
    for name in "xy":
        with pytest.raises(ConfigError) as caught:
            bridge.read(name, write.directory)
        assert caught.value.file == str(write.directory / f"{name}.conf")
        assert len(caught.value.errors) == 1
