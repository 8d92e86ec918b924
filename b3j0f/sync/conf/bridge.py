"""The way to b3j0f.conf: its model, its drivers and its Configurable, made safe.

b3j0f.conf cannot be imported by the Pythons that this library supports. Here it can be,
unchanged, and without a trace elsewhere: how is told in ``_legacy.py``. A program may as
well ``import b3j0f.conf`` afterwards, and gets the same classes.

Two things differ from b3j0f.conf, because a configuration file must not be able to run code:

- A value is plain text, exactly as the file has it. Nothing is expanded: ``%`` and ``@`` mean
  themselves. A text that starts with ``=`` is delivered as it is too; asking for its *value*
  is a ConfigError, unless the drivers were given a function that evaluates it. A Parameter
  that a program makes has b3j0f.conf's default parser, which refuses whatever b3j0f.conf
  would have evaluated: ``=``, ``%...%`` and ``@``.
- Files are read from one directory, below which a path must stay, and from nowhere else; a
  file that cannot be read or understood is a ConfigError, not a file less.

The directory is the one in ``B3J0F_CONF_DIR``, else ``~/etc``. As in b3j0f.conf a path such
as ``b3j0fsync-store.conf`` is for every driver, and the file may hold INI, JSON or XML; beside
it, ``b3j0fsync-store.json`` and ``b3j0fsync-store.xml`` are read too. Where they say different
things, XML goes before INI and INI before JSON, the order of b3j0f.conf's own drivers.

In INI a line that starts with ``;`` or ``#`` is a comment, and so is the rest of a line after
white space and ``;``. In JSON a number or a boolean is the text that INI would have, and
anything else that is not a text is a literal (``=['a', 'b']``). XML is
``<configuration><category name="..."><parameter name="..." svalue="..."/>``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from b3j0f.sync.conf import _model
from b3j0f.sync.conf._drivers import INIDriver, JSONDriver, XMLDriver
from b3j0f.sync.conf._model import (
    Category,
    Configuration,
    Parameter,
    applyconfiguration,
    category,
    configuration,
)
from b3j0f.sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from b3j0f.sync.conf._drivers import ConfinedDriver

__all__ = [
    "Category",
    "Configurable",
    "Configuration",
    "INIDriver",
    "JSONDriver",
    "Parameter",
    "Section",
    "XMLDriver",
    "applyconfiguration",
    "category",
    "conf_directory",
    "configuration",
    "drivers",
    "read",
]


def conf_directory() -> Path:
    """The directory that configuration files are read from, whether it exists or not."""
    return Path(os.environ.get("B3J0F_CONF_DIR") or "~/etc").expanduser().absolute()


def drivers(
    directory: str | Path | None = None, *, evaluate: Callable[[str], Any] | None = None
) -> tuple[ConfinedDriver, ...]:
    """The JSON, the INI and the XML driver, confined to *directory*, in the order of reading.

    Args:
        directory: None is :func:`conf_directory`, as it is now.
        evaluate: Gets a text that starts with ``=`` and gives the value of the parameter.
            None: such a parameter has a text and no value.
    """
    where = conf_directory() if directory is None else directory
    return tuple(driver(where, evaluate) for driver in (JSONDriver, INIDriver, XMLDriver))


_default_drivers = drivers  # Configurable has an argument of that name


class Configurable(_model.Configurable):
    """b3j0f.conf's Configurable, with our drivers where none are given.

    ``getconf()`` reads ``paths`` anew each time; ``applyconfiguration(targets=[...])`` reads,
    resolves and sets the attributes of the targets. What a target does not take is skipped
    and told to *logger*, if there is one. It cannot be used as a decorator.
    """

    def __init__(
        self,
        conf: Configuration | Category | Parameter | None = None,
        paths: str | Sequence[str] = (),
        drivers: Sequence[Any] | None = None,
        **options: Any,
    ) -> None:
        given = _default_drivers() if drivers is None else drivers
        super().__init__(conf=conf, paths=paths, drivers=given, **options)

    def getconf(self, conf: Any = None, **options: Any) -> Configuration:
        """The configuration of the files, over what this object and *conf* say.

        Raises:
            ConfigError: A file cannot be read or understood.
        """
        try:
            return super().getconf(conf, **options)
        except re.error as exc:
            # b3j0f.conf takes a name that is not an identifier for a regular expression.
            problem = f"the name {exc.pattern!r} of an option is not usable"
            raise ConfigError(problem, expected="letters, digits and _") from exc


class Section(Mapping[str, str]):
    """The options of one section, name to text, and where they come from.

    Attributes:
        name: Its name.
        files: The files that have it, in the order in which they were read; never empty.
    """

    __slots__ = ("_options", "files", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.files: list[Path] = []
        self._options: dict[str, tuple[str, Path]] = {}

    def __getitem__(self, option: str) -> str:
        return self._options[option][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)

    def __repr__(self) -> str:
        return f"<Section {self.name}: {', '.join(self)}>"  # the texts may be secrets

    def origin(self, option: str) -> Path:
        """The file that gave *option*; for one that is not there, where to look first."""
        return self._options[option][1] if option in self._options else self.files[0]

    def update(self, texts: Mapping[str, str], file: Path) -> None:
        """Let *texts*, option to text, which come from *file*, count before what is there."""
        self.files.append(file)
        self._options.update({option: (text, file) for option, text in texts.items()})


def read(name: str, directory: str | Path | None = None) -> dict[str, Section]:
    """The sections of ``<name>.conf``, ``<name>.json`` and ``<name>.xml``, merged.

    Texts are not evaluated. No such file: no sections. *directory* is as in :func:`drivers`.

    Raises:
        ConfigError: Files cannot be read or understood; it carries one error for each mistake.
    """
    path = name.removesuffix(".conf") + ".conf"
    sections: dict[str, Section] = {}
    errors: dict[str, ConfigError] = {}
    for driver in drivers(directory):
        try:
            for file in driver.rscpaths(path):
                for category in (driver._getconf(file) or Configuration()).values():
                    section = sections.setdefault(category.name, Section(category.name))
                    texts = {param.name: param.svalue or "" for param in category.values()}
                    section.update(texts, Path(file))
        except ConfigError as exc:
            # What no driver can read is told by each of them.
            errors.update({str(error): error for error in exc.errors})
    if errors:
        raise ConfigError.gather(errors.values())
    return sections
