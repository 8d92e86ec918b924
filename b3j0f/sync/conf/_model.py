"""The names of b3j0f.conf that this library uses, with their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from b3j0f.sync.conf._legacy import ROOT, importer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "Category",
    "Configurable",
    "Configuration",
    "FileConfDriver",
    "INIFileConfDriver",
    "JSONFileConfDriver",
    "Parameter",
    "XMLFileConfDriver",
    "applyconfiguration",
    "category",
    "configuration",
]

if TYPE_CHECKING:

    class Parameter:
        """A name, the text of its value, and the value once it is asked for."""

        Error: type[Exception]
        name: Any  # a compiled pattern when it is not an identifier
        svalue: str | None
        value: Any
        parser: Callable[..., Any] | None
        ptype: Any
        local: bool
        _name: Any

        def __init__(self, name: str = ..., value: Any = None, **facts: Any) -> None: ...
        def resolve(self, **context: Any) -> Any: ...

    class Category(dict[str, Parameter]):
        """Parameters by name, in the order of the file."""

        name: str

        def __init__(self, name: str, *, melts: Iterable[Parameter] = ()) -> None: ...
        def __iadd__(self, other: Parameter | Iterable[Parameter]) -> Self: ...

    class Configuration(dict[str, Category]):
        """Categories by name; where a parameter is in several, the last one counts."""

        def __init__(self, *, melts: Iterable[Category] = ()) -> None: ...
        def copy(self) -> Configuration: ...
        def resolve(self, **context: Any) -> None: ...
        def __iadd__(self, other: Category | Iterable[Category]) -> Self: ...

    class FileConfDriver:
        """Reads and writes the files of one format."""

        def rscpaths(self, path: str) -> list[str]: ...
        def getconf(
            self, path: str, conf: Configuration | None = None, logger: Any = None
        ) -> Configuration | None: ...
        def _getconf(
            self, rscpath: str, logger: Any = None, conf: Configuration | None = None
        ) -> Configuration | None: ...

    class INIFileConfDriver(FileConfDriver): ...

    class JSONFileConfDriver(FileConfDriver): ...

    class XMLFileConfDriver(FileConfDriver): ...

    class Configurable:
        """Reads configurations through drivers and applies them to its targets."""

        conf: Configuration
        paths: Sequence[str]
        drivers: Sequence[FileConfDriver]
        targets: list[Any]

        def __init__(self, **options: Any) -> None: ...
        def _toconf(self, conf: Any) -> Configuration: ...
        def getconf(self, conf: Any = None, **options: Any) -> Configuration: ...
        def applyconfiguration(self, conf: Any = None, **options: Any) -> list[Any]: ...

    def applyconfiguration(
        targets: Iterable[Any], conf: Any = None, **options: Any
    ) -> list[Any]: ...

    def category(name: str, *params: Parameter) -> Category: ...

    def configuration(*cats: Category) -> Configuration: ...

else:
    _conf = importer.load(ROOT)
    Category, Configuration, Parameter = _conf.Category, _conf.Configuration, _conf.Parameter
    category, configuration = _conf.category, _conf.configuration
    Configurable, applyconfiguration = _conf.Configurable, _conf.applyconfiguration

    _file = f"{ROOT}.driver.file"
    FileConfDriver = importer.load(f"{_file}.base").FileConfDriver
    INIFileConfDriver = importer.load(f"{_file}.ini").INIFileConfDriver
    JSONFileConfDriver = importer.load(f"{_file}.json").JSONFileConfDriver
    XMLFileConfDriver = importer.load(f"{_file}.xml").XMLFileConfDriver
