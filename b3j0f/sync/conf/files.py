"""The three configuration files: read once, with their mistakes, and what is missing."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal

from ..errors import ConfigError
from . import bridge
from .expressions import Expressions
from .mistakes import Memo, nearest
from .reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["KINDS", "Files", "Kind", "file_name", "in_order", "present"]

Kind = Literal["data", "store", "synchronizer"]
KINDS: tuple[Kind, ...] = ("data", "store", "synchronizer")


def file_name(kind: Kind) -> str:
    """Name of the file of a kind, in INI or any other format; others may lie beside it."""
    return f"b3j0fsync-{kind}.conf"


def present(kind: Kind, directory: Path) -> list[Path]:
    """The files of a kind that are there, in any format and readable or not."""
    file = directory / file_name(kind)
    every = (file, file.with_suffix(".json"), file.with_suffix(".xml"))
    return [each for each in every if os.path.lexists(each)]


class Files:
    """The files of one directory, each read when it is first asked for.

    Args:
        directory: None is that of the environment, as it is now.
    """

    def __init__(self, directory: str | Path | None = None) -> None:
        where = bridge.conf_directory() if directory is None else Path(directory)
        self.directory = where.expanduser().absolute()
        self._sections: Memo[dict[str, Reader]] = Memo()
        self._overlays: dict[tuple[Kind, str], Mapping[str, str]] = {}

    def sections(self, kind: Kind) -> dict[str, Reader]:
        """The sections by name.

        Raises:
            ConfigError: The file is missing or broken; it carries one error for each mistake.
        """
        return self._sections.get(kind, lambda: self._read(kind))

    def overlay(self, kind: Kind, name: str, texts: Mapping[str, str]) -> None:
        """Let *texts*, option to text, which a program gives, count before section *name*'s."""
        self._overlays[kind, name] = texts

    def expressions(self, kind: Kind) -> Expressions:
        """What evaluates expressions of the files of a kind."""
        return Expressions(bridge.read(file_name(kind), self.directory), self.directory)

    def section(self, kind: Kind, name: str) -> Reader:
        """The section *name*.

        Raises:
            ConfigError: There is none; the error names the nearest one.
        """
        sections = self.sections(kind)
        if name in sections:
            return sections[name]
        hint = nearest(name, sections) or f"a section [{name}]"
        file = self.directory / file_name(kind)
        raise ConfigError(f"there is no section [{name}]", file=file, expected=hint)

    def _read(self, kind: Kind) -> dict[str, Reader]:
        self._refuse_missing(kind)
        sections = bridge.read(file_name(kind), self.directory)
        for (overlaid, name), texts in self._overlays.items():
            if overlaid == kind and texts:
                section = sections.setdefault(name, bridge.Section(name))
                section.update(texts, self.directory / file_name(kind))
        expressions = Expressions(sections, self.directory)
        return {
            name: Reader(section, expressions, names_tell=kind == "store")
            for name, section in sections.items()
        }

    def _refuse_missing(self, kind: Kind) -> None:
        hint = "the files that b3j0f-sync init makes"
        if not self.directory.is_dir():
            raise ConfigError("there is no such directory", file=self.directory, expected=hint)
        missing = [file_name(each) for each in KINDS if not present(each, self.directory)]
        if file_name(kind) in missing:
            problem = f"there is no {' and no '.join(missing)}"
            raise ConfigError(problem, file=self.directory, expected=hint)


def in_order(errors: Iterable[ConfigError]) -> list[ConfigError]:
    """*errors* in the order of the files: types, stores, synchronizers."""
    names = [PurePath(file_name(kind)).stem for kind in KINDS]

    def position(error: ConfigError) -> int:
        stem = PurePath(error.file or "").stem
        return names.index(stem) if stem in names else -1

    return sorted(errors, key=position)
