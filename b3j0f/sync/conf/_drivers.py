"""The three file drivers of b3j0f.conf, confined to one directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from b3j0f.sync.conf import _formats
from b3j0f.sync.conf._legacy import parse
from b3j0f.sync.conf._model import (
    Configuration,
    FileConfDriver,
    INIFileConfDriver,
    JSONFileConfDriver,
    Parameter,
    XMLFileConfDriver,
)
from b3j0f.sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from b3j0f.sync.conf._formats import Format, Sections

__all__ = ["ConfinedDriver", "INIDriver", "JSONDriver", "XMLDriver"]


@dataclass(frozen=True, slots=True)
class _Value:
    """Makes the value of a parameter from its text, and knows where the text is from."""

    file: str
    section: str
    option: str
    evaluate: Callable[[str], Any] | None

    def __call__(self, svalue: str, ptype: Any = None, **_context: Any) -> Any:
        """The text, or what *evaluate* makes of an expression, made a *ptype*."""
        value: Any = svalue
        if svalue.startswith("="):
            value = self._evaluated(svalue)
        if ptype is None or isinstance(value, ptype):
            return value
        try:
            return ptype(value)
        except (TypeError, ValueError):
            pass
        # Outside the handler: the other error quotes the value, which may be a secret.
        raise self._error(f"not a value of type {getattr(ptype, '__name__', ptype)}")

    def _evaluated(self, svalue: str) -> Any:
        if self.evaluate is None:
            raise self._error("an expression is not evaluated here")
        try:
            return self.evaluate(svalue)
        except ConfigError as exc:
            if exc.file is not None:
                raise  # it is about another option, which this one refers to
            problem, expected = exc.problem, exc.expected
        raise self._error(problem, expected)

    def _error(self, problem: str, expected: str | None = None) -> ConfigError:
        place: dict[str, Any] = {"section": self.section, "option": self.option}
        return ConfigError(problem, file=self.file, expected=expected, **place)


class _Resource(NamedTuple):
    file: Path
    sections: Sections


class ConfinedDriver(FileConfDriver):
    """A driver that reads and writes below one directory, and tells what is wrong.

    A path with ``..``, or an absolute one, is a ConfigError, and so is a file that cannot be
    read or understood, where b3j0f.conf would have gone on without it. Writing keeps no
    comments, and refuses what the format could not give back.
    """

    format: ClassVar[Format]

    def __init__(self, directory: str | Path, evaluate: Callable[[str], Any] | None = None) -> None:
        super().__init__()
        # Absolute from now on, whatever becomes of the current directory.
        self.directory = Path(directory).expanduser().absolute()
        self.evaluate = evaluate

    def rscpaths(self, path: str) -> list[str]:
        """The files for *path* in this driver's format that exist.

        b3j0f.conf gives one path to all drivers, whatever its suffix, and so do we; besides
        *path* itself, when it ends in ``.conf``, the file with the format's own suffix.
        """
        file = self._inside(path)
        files = [file]
        if file.suffix == ".conf" and self.format.suffix != ".conf":
            files.append(file.with_suffix(self.format.suffix))
        # A broken link is there, and is told.
        return [str(each) for each in files if os.path.lexists(each) and self._is_mine(each)]

    def _inside(self, path: str | Path) -> Path:
        pure = PurePath(path)
        if pure.is_absolute() and pure.is_relative_to(self.directory):
            pure = pure.relative_to(self.directory)  # one of rscpaths()
        if pure.anchor or not pure.parts or ".." in pure.parts or "\0" in str(pure):
            expected = "the name of a file in that directory"
            raise ConfigError(f"{str(path)!r} leaves {self.directory}", expected=expected)
        return self.directory / pure

    def _is_mine(self, file: Path) -> bool:
        return _formats.format_of(file, _formats.read_text(file)) is self.format

    def pathresource(self, rscpath: str, logger: Any = None) -> _Resource:
        """What the file *rscpath* says; a failure is raised, not logged."""
        file = self._inside(rscpath)
        return _Resource(file, self.format.parse(_formats.read_text(file), file))

    def _getconf(
        self, rscpath: str, logger: Any = None, conf: Configuration | None = None
    ) -> Configuration | None:
        """As the base, which lets *conf* say more about each parameter, but for its parser.

        The default parser would refuse an ``@`` or a ``%`` that is plain text in a file.
        """
        known = None if conf is None else conf.copy()
        for category in (known or {}).values():
            for param in category.values():
                param.parser = None if param.parser is parse else param.parser
        return super()._getconf(rscpath, logger=logger, conf=known)

    def _cnames(self, resource: _Resource) -> list[str]:
        return list(resource.sections)

    def _params(self, resource: _Resource, cname: str) -> list[Parameter]:
        return [
            self._param(text, _Value(str(resource.file), cname, option, self.evaluate))
            for option, text in resource.sections[cname].items()
        ]

    def _param(self, text: str, value: _Value) -> Parameter:
        param = Parameter(svalue=text, parser=value)
        param._name = value.option  # the property would make a pattern of "due-date"
        return param

    def setconf(self, conf: Configuration, rscpath: str, logger: Any = None) -> None:
        """Write *conf* into the file *rscpath*, over what it says already."""
        file = self._inside(rscpath)
        sections = self.pathresource(rscpath).sections if os.path.lexists(file) else {}
        for category in conf.values():
            options = sections.setdefault(category.name, {})
            for param in category.values():
                if param.svalue is not None:
                    options[getattr(param.name, "pattern", param.name)] = param.svalue
        text = self.format.render(sections)
        if self.format.parse(text, file) != sections:
            raise ConfigError("the format cannot hold these values", file=file)
        _formats.write_text(file, text)


class INIDriver(ConfinedDriver, INIFileConfDriver):
    """INI: ``name.conf``."""

    format = _formats.INI


class JSONDriver(ConfinedDriver, JSONFileConfDriver):
    """JSON: ``name.json``, or ``name.conf`` with JSON in it."""

    format = _formats.JSON


class XMLDriver(ConfinedDriver, XMLFileConfDriver):
    """XML: ``name.xml``, or ``name.conf`` with XML in it."""

    format = _formats.XML
