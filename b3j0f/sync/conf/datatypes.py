"""Data types of ``b3j0fsync-data.conf``: each section is one, its options are the fields.

Two options are no fields: ``parent``, the type whose data embed those of this one, and
``class``, the dotted path of a type that is written in Python. Types may refer to each other
in any order.
"""

from __future__ import annotations

import importlib
import keyword
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ..data import Data, make_datatype, schema_of
from ..errors import ConfigError, DataError
from .mistakes import Memo, Mistakes
from .typetexts import FieldType, TypeTextError, parse

if TYPE_CHECKING:
    from .files import Files
    from .reader import Reader

__all__ = ["Types"]

_OWN = ("id", "name", "context", "description", "created", "updated")

Closure = frozenset[tuple[str, tuple[tuple[str, str], ...]]]

# A type is one class, however often it is read: two stores that were loaded one after the
# other exchange its data. What is declared otherwise is another type.
_made: dict[tuple[str, Closure], type[Data]] = {}
_making = threading.RLock()


class _Declaration(NamedTuple):
    name: str
    fields: dict[str, FieldType]
    parent: str | None
    written: type[Data] | None  # in Python
    text: tuple[tuple[str, str], ...]

    @property
    def needs(self) -> set[str]:
        """The types that it names."""
        named = {name for each in self.fields.values() for name in each.refers_to}
        return named if self.parent is None else named | {self.parent}


class Types:
    """The data types of the files, each made when it is first asked for."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._declarations: Memo[_Declaration] = Memo()

    @property
    def names(self) -> list[str]:
        """The names of all types; ConfigError when the file is missing or broken."""
        return list(self._files.sections("data"))

    def get(self, name: str) -> type[Data]:
        """The type of a section that exists.

        Raises:
            ConfigError: It, or a type that it needs, is wrong; it carries every mistake.
        """
        closure = self._closure(name)
        fresh: list[type[Data]] = []
        with _making:
            made = {each: self._type(each, closure, fresh) for each in closure}
            for datatype in fresh:
                # Its annotations name other types, and are evaluated when it is first used.
                datatype._locals = made
            for datatype in fresh:
                schema_of(datatype)
        return made[name]

    def _type(
        self, name: str, closure: dict[str, _Declaration], fresh: list[type[Data]]
    ) -> type[Data]:
        """The class for a declaration; new ones, its parents first, go to *fresh*."""
        declaration = closure[name]
        if declaration.written is not None:
            return declaration.written
        needed = self._closure(name).values()
        key = name, frozenset((each.name, each.text) for each in needed)
        if key not in _made:
            outer = declaration.parent
            parent = None if outer is None else self._type(outer, closure, fresh)
            _made[key] = _class(name, declaration.fields, parent)
            fresh.append(_made[key])
        return _made[key]

    def _closure(self, name: str) -> dict[str, _Declaration]:
        """The declarations of *name* and of all that it needs."""
        found: dict[str, _Declaration] = {}
        seen, wanted, mistakes = set(), [name], Mistakes()
        while wanted:
            each = wanted.pop()
            if each not in seen:
                seen.add(each)
                with mistakes.collected():
                    found[each] = self._declaration(each)
                    wanted += found[each].needs
        mistakes.check()
        return found

    def _declaration(self, name: str) -> _Declaration:
        return self._declarations.get(name, lambda: self._read(self._files.section("data", name)))

    def _read(self, reader: Reader) -> _Declaration:
        mistakes = Mistakes()
        fields: dict[str, FieldType] = {}
        texts: dict[str, str] = {}
        parent = written = None
        with mistakes.collected():
            _check_name(reader)
        for option in reader:
            with mistakes.collected():
                texts[option] = reader.text(option)
                if option == "parent":
                    parent = self._parent(reader)
                elif option == "class":
                    written = _written(reader)
                elif "class" not in reader:
                    fields[option] = _field(reader, option, self.names)
        mistakes.check()
        return _Declaration(reader.name, fields, parent, written, tuple(texts.items()))

    def _parent(self, reader: Reader) -> str:
        sections = self._files.sections("data")
        parent = reader.text("parent")
        if parent not in sections:
            raise reader.unknown(parent, "parent", sections, "data type")
        way, outer = [reader.name], parent
        while outer not in way:
            way.append(outer)
            with suppress(ConfigError):  # that section tells it
                if "parent" in sections.get(outer, ()):
                    outer = sections[outer].text("parent")
        if outer == reader.name:
            chain = " in ".join([*way, outer])
            raise reader.error(f"it embeds itself: {chain}", "parent", "a type outside of it")
        return parent


def _check_name(reader: Reader) -> None:
    if not reader.name.isidentifier() or keyword.iskeyword(reader.name):
        raise reader.error(
            "the name of a type is also that of its tables and folders",
            expected="letters, digits and _, and no word of Python's",
        )


def _written(reader: Reader) -> type[Data]:
    others = [option for option in reader if option != "class"]
    if others:
        problem = "a type written in Python has its fields and its parent there"
        raise reader.error(problem, others[0], "no option but class")
    path = reader.text("class")
    module, _, name = path.rpartition(".")
    problem = f"{path!r} is no class of data"
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as exc:  # noqa: BLE001 - whatever that module does when it is imported
        problem = f"{path!r} cannot be imported: {type(exc).__name__}: {exc}"
    else:
        if isinstance(found, type) and issubclass(found, Data):
            return found
    raise reader.error(problem, "class", "the dotted path of a subclass of b3j0f.sync.Data")


def _field(reader: Reader, option: str, types: list[str]) -> FieldType:
    if option in _OWN:
        raise reader.error("every data has it, it is not declared", option, "fields of its own")
    try:
        declared = parse(reader.text(option))
    except TypeTextError as exc:
        problem, expected = exc.problem, exc.expected
    else:
        for name in declared.refers_to:
            if name not in types:
                raise reader.unknown(name, option, types, "data type")
        # A type of this field alone tells what is wrong with the field.
        try:
            make_datatype(reader.name, {option: (declared.annotation, declared.default)})
        except DataError as exc:
            problem, expected = str(exc), exc.expected or "another name"
        else:
            return declared
    raise reader.error(problem, option, expected)


def _class(name: str, fields: dict[str, FieldType], parent: type[Data] | None) -> type[Data]:
    declared: dict[str, Any] = {
        field: (each.annotation, each.default) for field, each in fields.items()
    }
    return make_datatype(name, declared, parent=parent, module=__name__)
