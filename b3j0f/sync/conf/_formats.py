"""INI, JSON and XML: from the text of a file to sections of options, and back.

All three give the same: the text of each option, exactly as the file has it. Nothing is
expanded, looked up or evaluated. Messages never quote a value, which may be a secret.
"""

from __future__ import annotations

import configparser
import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from xml.etree import ElementTree as ET

from b3j0f.sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["INI", "JSON", "XML", "Format", "Sections", "format_of", "read_text", "write_text"]

Sections = dict[str, dict[str, str]]


class Format(NamedTuple):
    """How one format is recognized, read and written."""

    suffix: str
    start: str  # what its text begins with, where that tells it apart
    parse: Callable[[str, Path], Sections]
    render: Callable[[Sections], str]


def read_text(file: Path) -> str:
    """The text of *file*: UTF-8, with or without a BOM, lines ended in any way."""
    try:
        data = file.read_bytes()
    except OSError as exc:
        raise ConfigError(exc.strerror or "it cannot be read", file=file) from exc
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        raise ConfigError(f"line {line} is not UTF-8", file=file) from exc
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_text(file: Path, text: str) -> None:
    """Put *text* into *file*, which is left alone when the text cannot be encoded."""
    try:
        data = text.encode()
        file.write_bytes(data)
    except UnicodeEncodeError as exc:
        raise ConfigError("a character cannot be written as UTF-8", file=file) from exc
    except OSError as exc:
        raise ConfigError(exc.strerror or "it cannot be written", file=file) from exc


def format_of(file: Path, text: str) -> Format:
    """The format that the suffix says; ``.conf`` may be any, as in b3j0f.conf."""
    for candidate in (JSON, XML):
        if file.suffix == candidate.suffix:
            return candidate
    start = text.lstrip()[:1]
    return next((each for each in (JSON, XML) if each.start == start), INI)


class _INIParser(configparser.RawConfigParser):
    """Names of options keep their case; a ``;`` after white space begins a comment."""

    def __init__(self) -> None:
        super().__init__(inline_comment_prefixes=(";",))

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def _parse_ini(text: str, file: Path) -> Sections:
    parser = _INIParser()
    try:
        parser.read_string(text)
    except configparser.Error as exc:
        # Not the cause of the new error: it quotes the line, and a line may hold a secret.
        errors = _ini_errors(exc, file)
    else:
        return {section: dict(parser.items(section)) for section in parser.sections()}
    raise ConfigError.gather(errors)


def _ini_errors(exc: configparser.Error, file: Path) -> list[ConfigError]:
    match exc:
        case configparser.DuplicateOptionError(lineno=line, section=section, option=option):
            problem = f"line {line} gives the option again"
            return [ConfigError(problem, file=file, section=str(section), option=option)]
        case configparser.DuplicateSectionError(lineno=line, section=section):
            problem = f"line {line} gives the section again"
            return [ConfigError(problem, file=file, section=str(section))]
        case configparser.MissingSectionHeaderError(lineno=line):
            return [ConfigError(f"line {line} is in no section", file=file, expected="[section]")]
        case configparser.ParsingError(errors=lines):
            return [
                ConfigError(f"line {line} is not understood", file=file, expected="option = value")
                for line, _ in lines
            ]
    return [ConfigError("it is not INI", file=file)]


def _render_ini(sections: Sections) -> str:
    parser, text = _INIParser(), io.StringIO()
    try:
        parser.read_dict(sections)
        parser.write(text)
    except (configparser.Error, ValueError) as exc:
        raise ConfigError("this cannot be written as INI") from exc
    return text.getvalue()


def _parse_json(text: str, file: Path) -> Sections:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise ConfigError(f"{twice!r} is given twice in one object", file=file)
        return result

    def constant(name: str) -> NoReturn:
        raise ConfigError(f"{name} is not JSON", file=file)

    try:
        tree = json.loads(text, object_pairs_hook=members, parse_constant=constant)
    except json.JSONDecodeError as exc:
        raise ConfigError(f"line {exc.lineno} is not JSON: {exc.msg}", file=file) from exc
    except (ValueError, RecursionError) as exc:
        raise ConfigError(f"it is not JSON to be read: {type(exc).__name__}", file=file) from exc
    if not isinstance(tree, dict):
        raise ConfigError("it is no JSON object", file=file, expected="sections by name")
    for name, section in tree.items():
        if not isinstance(section, dict):
            raise ConfigError("no JSON object", file=file, section=name, expected="options by name")
    return {
        name: {option: _json_text(value) for option, value in section.items()}
        for name, section in tree.items()
    }


def _json_text(value: Any) -> str:
    """As INI would have it: ``0.25``, ``true``; what has no plain text becomes a literal."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else f"={value!r}"


def _render_json(sections: Sections) -> str:
    return json.dumps(sections, indent=2, ensure_ascii=False) + "\n"


class _TreeBuilder(ET.TreeBuilder):
    """Refuses a document type, without which there are no entities to expand."""

    def doctype(self, _name: str, _pubid: str | None, _system: str | None) -> NoReturn:
        raise ConfigError("a DOCTYPE is not allowed")


def _parse_xml(text: str, file: Path) -> Sections:
    try:
        root = ET.fromstring(text, ET.XMLParser(target=_TreeBuilder()))  # noqa: S314 - no DOCTYPE
    except ET.ParseError as exc:
        raise ConfigError(f"line {exc.position[0]} is not XML: {exc.msg}", file=file) from exc
    except ConfigError as exc:
        line = text.count("\n", 0, text.index("<!DOCTYPE")) + 1
        raise ConfigError(f"line {line}: {exc.problem}", file=file) from None
    sections: Sections = {}
    _expect(root, "configuration", file)
    for category in root:
        _expect(category, "category", file)
        name = _new_name(category, sections, file, None)
        options = sections[name] = {}
        for parameter in category:
            _expect(parameter, "parameter", file, name)
            option = _new_name(parameter, options, file, name)
            options[option] = _xml_text(parameter, file, name, option)
    return sections


def _expect(element: ET.Element, tag: str, file: Path, section: str | None = None) -> None:
    texts = [element.text, *(child.tail for child in element)]
    if element.tag != tag:
        problem = f"there is an element <{element.tag}>"
        raise ConfigError(problem, file=file, section=section, expected=f"<{tag}>")
    if any(text and not text.isspace() for text in texts):
        problem = f"there is text in <{tag}>"
        raise ConfigError(problem, file=file, section=section, expected='svalue="..."')


def _new_name(element: ET.Element, taken: Any, file: Path, section: str | None) -> str:
    name = element.get("name")
    if name is None:
        problem = f"a <{element.tag}> has no name"
        raise ConfigError(problem, file=file, section=section, expected='name="..."')
    if name in taken:
        problem = f"<{element.tag} name={name!r}> is given twice"
        raise ConfigError(problem, file=file, section=section)
    return name


def _xml_text(element: ET.Element, file: Path, section: str, option: str) -> str:
    """The value; the attributes are checked, since b3j0f.conf would call a class with them."""
    attributes = {name: text for name, text in element.items() if name != "name"}
    if attributes.keys() not in ({"svalue"}, {"value"}) or len(element):
        given = ", ".join(attributes) or "none"
        problem = f"the attributes besides the name are: {given}"
        raise ConfigError(
            problem, file=file, section=section, option=option, expected='svalue="..."'
        )
    return attributes.popitem()[1]


def _render_xml(sections: Sections) -> str:
    root = ET.Element("configuration")
    for name, options in sections.items():
        category = ET.SubElement(root, "category", name=name)
        for option, text in options.items():
            ET.SubElement(category, "parameter", name=option, svalue=text)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


INI = Format(".conf", "", _parse_ini, _render_ini)
JSON = Format(".json", "{", _parse_json, _render_json)
XML = Format(".xml", "<", _parse_xml, _render_xml)
