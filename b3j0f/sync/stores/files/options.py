"""Options of one type within a FileStore."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ...errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["DocumentOptions", "TableOptions"]

_SIGNS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOptions:
    """How the documents of one type are kept.

    Attributes:
        folder: Name of the folder within the store's; by default that of the type.
        keys: Keys of fields in the documents, where they are not the fields' names.
    """

    folder: str | None = None
    keys: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        _check_entry("folder", self.folder)

    def check_fields(self, datatype: str, fields: Iterable[str]) -> None:
        """ConfigError when ``keys`` names a field that the type does not have."""
        _check_fields("keys", self.keys, datatype, fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """How the table of one type is written.

    Attributes:
        file: Name of the file within the store's folder; by default ``<type>.csv``.
        columns: Headers of the columns of fields, where they are not the fields' names.
        key: Header of the column of ids; by default ``id`` where there is one, else the name
            is the id.
        context_columns: Headers of columns with the names of the context, outermost first; by
            default one column, ``context``, has them all, with ``/`` between.
        delimiter: What stands between cells ("tab" for a tabulator); by default what the
            header shows.
        encoding: Of the file; by default UTF-8, or UTF-16 where a byte order mark says so.
    """

    file: str | None = None
    columns: Mapping[str, str] | None = None
    key: str | None = None
    context_columns: Sequence[str] | None = None
    delimiter: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        _check_entry("file", self.file)
        if self.delimiter is not None:
            sign = _SIGNS.get(self.delimiter.lower(), self.delimiter)
            if len(sign) != 1 or sign in '"\r\n':
                raise ConfigError(
                    f"{self.delimiter!r} cannot stand between cells",
                    option="delimiter",
                    expected="one character, or tab",
                )
            object.__setattr__(self, "delimiter", sign)
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError as exc:
                raise ConfigError(
                    f"there is no encoding {self.encoding!r}",
                    option="encoding",
                    expected="a name such as utf-8 or cp1252",
                ) from exc

    def check_fields(self, datatype: str, fields: Iterable[str]) -> None:
        """ConfigError when ``columns`` names a field that the type does not have."""
        _check_fields("columns", self.columns, datatype, fields)


def _check_entry(option: str, name: str | None) -> None:
    """One entry of the store's folder, nothing elsewhere."""
    if name is not None and (not name.strip(".") or "/" in name or "\0" in name):
        raise ConfigError(
            f"{name!r} is no name of a {option}",
            option=option,
            expected="the name of one within the store's folder",
        )


def _check_fields(
    option: str, chosen: Mapping[str, str] | None, datatype: str, fields: Iterable[str]
) -> None:
    known = list(fields)
    mistakes = []
    for field in chosen or {}:
        if field not in known:
            near = get_close_matches(field, known, n=1)
            expected = near[0] if near else "one of " + ", ".join(known)
            problem = f"{datatype} has no field {field!r}"
            mistakes.append(ConfigError(problem, option=option, expected=expected))
    if mistakes:
        raise ConfigError.gather(mistakes)
