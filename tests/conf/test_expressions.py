"""Expressions: literals, variables, files and references, and nothing that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from b3j0f.sync.conf import bridge
from b3j0f.sync.conf.expressions import MAX_FILE, MAX_LITERAL, MAX_NESTING, Expressions
from b3j0f.sync.errors import ConfigError


@pytest.fixture
def value(conf):
    """What the text of an option says, beside the options of other sections."""

    def _value(text, **sections):
        conf.write(store={"it": {"option": text}, **sections})
        sections = bridge.read("b3j0fsync-store", conf.directory)
        return Expressions(sections, conf.directory).value("it", "option")

    return _value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a = b", "a = b"),
        ("postgresql://crm@db/crm?a=%20", "postgresql://crm@db/crm?a=%20"),
        ("=0.25", 0.25),
        ("= -3", -3),
        ("='=text'", "=text"),
        ("=['a', ('b', 1)]", ["a", ("b", 1)]),
        ("={'a': None}", {"a": None}),
        ("=True", True),
    ],
)
def test_a_text_is_itself_and_a_literal_its_value(value, text, expected):
    assert value(text) == (expected, False)


def test_a_variable_is_read_now_and_is_text(value, monkeypatch):
    monkeypatch.setenv("CRM_PASSWORD", "=1 @x%")
    assert value("=env:CRM_PASSWORD") == ("=1 @x%", True)
    monkeypatch.setenv("CRM_PASSWORD", "")
    assert value("=env: CRM_PASSWORD") == ("", True)


def test_a_file_is_read_from_the_configuration_directory(value, conf):
    (conf.directory / "secret").write_bytes(b"s3cret\r\n")
    assert value("=file:secret") == ("s3cret", True)
    home = Path("~/.secret").expanduser()
    home.write_text("one\ntwo\n\n")
    assert value("=file:~/.secret") == ("one\ntwo\n", True)
    assert value(f"=file:{home}").value == "one\ntwo\n"
    Path("elsewhere").touch()
    with pytest.raises(ConfigError, match="there is no file"):
        value("=file:elsewhere")
    Path("elsewhere").unlink()


def test_a_reference_leads_to_another_option(value, monkeypatch):
    monkeypatch.setenv("X", "x")
    assert value("=ref:a.b", a={"b": "text"}) == ("text", False)
    assert value("=ref:a.b", a={"b": "=ref:c.d"}, c={"d": "=env:X"}) == ("x", True)
    assert value("=ref:a.password", a={"password": "p"}) == ("p", True)
    assert value("=ref:a.b.c.d", **{"a.b": {"c.d": "dots"}}).value == "dots"


def test_a_reference_that_leads_back_is_told(value):
    with pytest.raises(ConfigError, match=r"back to itself: it.option -> it.option"):
        value("=ref:it.option")
    with pytest.raises(ConfigError, match=r"it.option -> a.b -> it.option") as caught:
        value("=ref:a.b", a={"b": "=ref:it.option"})
    assert (caught.value.section, caught.value.option) == ("a", "b")


HOSTILE = "__import__('pathlib').Path('evaluated').touch()"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"={HOSTILE}", "not understood; expected a Python literal, =env:NAME"),
        ("=py:1", "not understood"),
        ("=evn:HOME", "not understood"),
        ("=1 + 1", "not understood"),
        ("='a' * 10 ** 9", "not understood"),
        ("=f'{1}'", "not understood"),
        ("=open", "not understood"),
        ("=", "not understood"),
        ("=[", "not understood"),
        ("=" + "9" * 5000, "not understood"),
        ("=" + "[" * 150 + "]" * 150, f"nested too deeply; expected at most {MAX_NESTING}"),
        ("=" + "(" * 4000 + ")" * 4000, "not understood"),
        ("=" + "-" * 9000 + "1", "nested too deeply|not understood"),
        ("='" + "a" * MAX_LITERAL + "'", "too long"),
        ("=env:NO_SUCH_VARIABLE", "variable 'NO_SUCH_VARIABLE' is not set"),
        ("=env:", "variable '' is not set"),
        ("=file:missing", "there is no file '.*missing'"),
        ("=file:.", "there is no file"),
        ("=file:~nobody-there/x", "home directory"),
        ("=file:binary", "is no text; expected UTF-8"),
        ("=file:large", f"too large; expected a text file of at most {MAX_FILE}"),
        ("=file:/dev/zero", "there is no file"),
        ("=ref:a", "expected =ref:section.option"),
        ("=ref:it.optoin", "no option 'it.optoin' to refer to; expected it.option"),
    ],
)
def test_what_is_no_expression_is_told_with_its_place(conf, value, text, told):
    (conf.directory / "binary").write_bytes(b"\xff")
    (conf.directory / "large").write_bytes(b"a" * (MAX_FILE + 1))
    with pytest.raises(ConfigError, match=told) as caught:
        value(text)
    error = caught.value
    assert (error.file, error.section, error.option) == (str(conf.file("store")), "it", "option")
    assert error.__context__ is None
    assert not Path("evaluated").exists()


def test_an_error_does_not_quote_what_it_read(value, monkeypatch):
    for text in ("='s3cret", "=s3cret", "=['s3cret'", "=s3cret:x"):
        with pytest.raises(ConfigError) as caught:
            value(text)
        assert "s3cret" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(value, conf):
    loop = conf.directory / "loop"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError, match=r"there is no file|cannot be read"):
        value("=file:loop")
