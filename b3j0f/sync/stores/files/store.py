"""FileStore: data in files that people can read and edit."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ConfigError, StoreUnavailableError
from ...store import Store
from ..memory import accessor_for
from ..options import type_options
from .atomic import WriteLock, clean, locked_if_free
from .documents import DocumentAccessor
from .options import DocumentOptions, TableOptions
from .table import TableAccessor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...accessor import Accessor
    from ...data import Data

__all__ = ["FileStore"]

_FORMATS: dict[str, tuple[type[Accessor[Any]], type[Any]]] = {
    "yaml": (DocumentAccessor, DocumentOptions),
    "json": (DocumentAccessor, DocumentOptions),
    "csv": (TableAccessor, TableOptions),
}
_SUFFIXES = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".csv": "csv", ".tsv": "csv"}


class FileStore(Store):
    """Data in files that people can read and edit: documents in YAML or JSON, or CSV tables.

    A document has one data, at ``<path>/<type>/<context…>/<name>.yaml``; a table has all data
    of one type, at ``<path>/<type>.csv``. What people wrote stays as they wrote it: a change
    touches what it is about, and not comments, order, quoting, or keys, columns and files that
    are no data's. A file, or a line of a table, that cannot be read is told alone; the others
    go on. Every write takes its file's place in one step.

    The folder is made by the first write, within a folder that is there. Where that one is
    missing too, or where what was there is missing later (a disk that is not mounted), the
    store is unavailable rather than empty.

    It may be used by several threads, and by several programs.

    Args:
        path: The folder, or one CSV file for one type; ``~`` is the user's home.
        types: The types of its data.
        format: "yaml", "json" or "csv"; by default what the suffix of *path* says, else yaml.
        name: See Store.
        per_type: Options for one type, by its name; they go before those given for all.
        folder, keys: See DocumentOptions.
        file, columns, key, context_columns, delimiter, encoding: See TableOptions.

    Raises:
        ConfigError: An option is unknown, does not fit the format, or has no valid value.
    """

    def __init__(
        self,
        path: str | Path,
        types: Iterable[type[Data]],
        *,
        format: str | None = None,
        name: str = "files",
        per_type: Mapping[str, Mapping[str, Any]] | None = None,
        autoconnect: bool = True,
        folder: str | None = None,
        keys: Mapping[str, str] | None = None,
        file: str | None = None,
        columns: Mapping[str, str] | None = None,
        key: str | None = None,
        context_columns: Sequence[str] | None = None,
        delimiter: str | None = None,
        encoding: str | None = None,
    ) -> None:
        types = tuple(types)
        self.path = Path(path).expanduser().absolute()
        self.format = _format(self.path, format)
        self.is_single_file = _is_single_file(self.path, self.format, types)
        self.lock = WriteLock()
        self._was_there = False
        accessor, options = _FORMATS[self.format]
        common = {
            "folder": folder,
            "keys": keys,
            "file": file,
            "columns": columns,
            "key": key,
            "context_columns": context_columns,
            "delimiter": delimiter,
            "encoding": encoding,
        }
        self.options = type_options(
            options, types, _fitting(common, options, self.format), per_type
        )
        super().__init__(
            name=name,
            autoconnect=autoconnect,
            accessors=[accessor_for(accessor, datatype) for datatype in types],
        )

    @property
    def folder(self) -> Path:
        """The folder in which its files are."""
        return self.path.resolve().parent if self.is_single_file else self.path

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Held while files are read to be written; makes the folder."""
        with self.lock.threads:
            if not self.check_there():
                self.folder.mkdir(exist_ok=True)
            with self.lock.hold(self.folder):
                yield

    def check_there(self) -> bool:
        """Whether the folder is there, or else was never: then it is empty.

        Raises:
            StoreUnavailableError: It was there before, or the folder around it is missing.
        """
        folder = self.folder
        if folder.is_dir():
            self._was_there = True
            return True
        if folder.exists():
            problem = f"{folder} is a file; a folder is needed"
        elif self._was_there or self.is_single_file:
            problem = f"the folder {folder} is missing; is its disk mounted?"
        elif not folder.parent.is_dir():
            problem = f"the folder {folder.parent}, in which it would be made, is missing"
        else:
            return False
        raise StoreUnavailableError(
            f"store {self.name!r} cannot be reached: {problem}", store=self.name
        )

    def _connect(self) -> None:
        if not self.check_there():
            return
        with locked_if_free(self.folder) as is_locked:
            clean(self.folder, is_locked=is_locked)
            for accessor in self._accessors.values():
                if isinstance(accessor, DocumentAccessor):
                    clean(accessor.tree.root, below=True, is_locked=is_locked)


def _format(path: Path, given: str | None) -> str:
    by_suffix = _SUFFIXES.get(path.suffix.lower())
    name = given or by_suffix or "yaml"
    if name not in _FORMATS:
        raise ConfigError(
            f"there is no format {name!r}", option="format", expected="yaml, json or csv"
        )
    is_file = path.is_file() or (given is None and by_suffix is not None and not path.is_dir())
    if name != "csv" and is_file:
        raise ConfigError(
            f"{path} is one file", option="path", expected=f"a folder, for one {name} file per data"
        )
    return name


def _is_single_file(path: Path, format: str, types: Sequence[type[Data]]) -> bool:
    named_so = _SUFFIXES.get(path.suffix.lower()) == "csv" and not path.is_dir()
    if format != "csv" or not (named_so or path.is_file()):
        return False
    if len(types) > 1:
        names = ", ".join(datatype.__name__ for datatype in types)
        raise ConfigError(
            f"{path} is one file, but there are several types: {names}",
            option="path",
            expected="a folder, for one CSV file per type",
        )
    return True


def _fitting(common: Mapping[str, Any], options: type[Any], format: str) -> dict[str, Any]:
    """The common options that are given; ConfigError for those that the format doesn't have."""
    given = {name: value for name, value in common.items() if value is not None}
    known = list(options.__dataclass_fields__)
    unfit = [
        ConfigError(
            f"the format {format} has no such option", option=name, expected=" or ".join(known)
        )
        for name in given
        if name not in known
    ]
    if unfit:
        raise ConfigError.gather(unfit)
    return given
