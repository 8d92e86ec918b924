"""Stores of ``b3j0fsync-store.conf``: each section is one.

``class`` names it, ``types`` its data types; every other option is one of its constructor's,
read as the constructor's annotation says. An option of one type stands behind the type's name:
``customer.table = clients``, for a constructor that takes ``per_type``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, StoreNotInstalledError, SyncError
from ..stores import store_class, store_names
from .conversion import expected
from .mistakes import Memo, Mistakes, nearest
from .signatures import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..data import Data
    from ..store import Store
    from .datatypes import Types
    from .files import Files
    from .reader import Reader
    from .signatures import Parameter

__all__ = ["StoreSpec", "Stores"]

_NOT_OPTIONS = frozenset({"name", "accessors", "per_type"})


@dataclass(frozen=True, slots=True, repr=False)
class StoreSpec:
    """What a section says, ready for the constructor; its repr has no values.

    Attributes:
        reader: The section.
        cls: The class of the store.
        options: The constructor's.
        type_names: The names of its types in the configuration, by their own names.
    """

    reader: Reader
    cls: type[Store]
    options: Mapping[str, Any]
    type_names: Mapping[str, str]

    def build(self) -> Store:
        """The store, not connected.

        Raises:
            ConfigError: The constructor refuses the options.
        """
        try:
            return self.cls(**self.options)
        except Exception as exc:  # noqa: BLE001 - what any author's constructor may raise
            mistakes = list(self.mistakes(exc))
        # Outside the handler: what the constructor raised may quote a secret.
        raise ConfigError.gather(mistakes)

    def mistakes(self, error: Exception) -> Iterator[ConfigError]:
        """What the store says about its options, with their place and without secrets."""
        if isinstance(error, ConfigError):
            for each in error.errors:
                yield self.reader.error(each.problem, self._written(each.option), each.expected)
        elif isinstance(error, SyncError):
            yield self.reader.error(str(error))
        else:
            yield self.reader.error(f"{type(error).__name__}: {error}")

    def _written(self, option: str | None) -> str | None:
        """An option as the file has it: behind the configuration's name of the type."""
        if option is None:
            return None
        name, dot, rest = option.partition(".")
        if dot and name in self.type_names:
            return f"{self.type_names[name]}.{rest}"
        own = [each for each in self.reader if each.partition(".")[2] == option]
        return own[0] if len(own) == 1 and option not in self.reader else option

    def __repr__(self) -> str:
        return f"<{self.cls.__name__} {self.reader.name!r} with {', '.join(self.options)}>"


class Stores:
    """The stores of the files; each is read once, and built whenever it is asked for."""

    def __init__(self, files: Files, types: Types) -> None:
        self._files, self._types = files, types
        self._specs: Memo[StoreSpec] = Memo()

    @property
    def names(self) -> list[str]:
        """The names of all stores; ConfigError when the file is missing or broken."""
        return list(self._files.sections("store"))

    def spec(self, name: str) -> StoreSpec:
        """What the section *name* says.

        Raises:
            ConfigError: It, or one of its types, is wrong; it carries every mistake.
        """
        return self._specs.get(name, lambda: self._read(self._files.section("store", name)))

    def _read(self, reader: Reader) -> StoreSpec:
        cls = _class(reader)
        known, mistakes = parameters(cls), Mistakes()
        takes_per_type = "per_type" in known
        known = {name: each for name, each in known.items() if name not in _NOT_OPTIONS}
        options: dict[str, Any] = {"name": reader.name}
        types: dict[str, type[Data]] = {}
        with mistakes.collected():
            if "types" in known:
                types = self._read_types(reader)
                options["types"] = list(types.values())
        for option in reader:
            with mistakes.collected():
                if option in {"class", "types"} & {"class", *known}:
                    continue
                if "." in option and takes_per_type:
                    _read_own(reader, option, known, types, options)
                else:
                    options[option] = _read_option(reader, option, known, takes_per_type)
        for name, parameter in known.items():
            if parameter.is_required and name not in reader and name != "types":
                mistakes.add(_missing(reader, name, expected(parameter.annotation)))
        mistakes.check()
        return StoreSpec(
            reader, cls, options, {made.__name__: name for name, made in types.items()}
        )

    def _read_types(self, reader: Reader) -> dict[str, type[Data]]:
        """The types of the store by their names in the configuration."""
        names = self._types.names
        if "types" not in reader:
            raise _missing(reader, "types", "some of " + ", ".join(names))
        made, mistakes = {}, Mistakes()
        for name in reader.words("types", names, "data type"):
            with mistakes.collected():
                made[name] = self._types.get(name)
        mistakes.check()
        return made


def _class(reader: Reader) -> type[Store]:
    if "class" not in reader:
        raise _missing(reader, "class", "one of " + ", ".join(store_names()))
    name = reader.text("class")
    try:
        return store_class(name)
    except StoreNotInstalledError as exc:
        problem, hint = str(exc), None
    except SyncError as exc:
        problem, hint = str(exc), nearest(name, store_names())
    except Exception as exc:  # noqa: BLE001 - whatever a module does when it is imported
        problem, hint = f"{name!r} cannot be imported: {type(exc).__name__}: {exc}", None
    raise reader.error(problem, "class", hint)


def _missing(reader: Reader, option: str, hint: str) -> ConfigError:
    return reader.error("the option is missing", option, hint)


def _read_option(
    reader: Reader, option: str, known: Mapping[str, Parameter], takes_per_type: bool
) -> Any:
    if option not in known:
        words = [*known, "class"]
        raise reader.unknown(option, option, words, "option")
    # Stores whose types have options of their own have columns, and the key is one of them.
    is_name = takes_per_type and option == "key"
    return reader.converted(option, known[option].annotation, is_name=is_name)


def _read_own(
    reader: Reader,
    option: str,
    known: Mapping[str, Parameter],
    types: Mapping[str, type[Data]],
    options: dict[str, Any],
) -> None:
    """Put the option of one type where the constructor wants it."""
    written, _, own = option.partition(".")
    if own not in known:
        words = [f"{written}.{each}" for each in known if each not in {"types", "autoconnect"}]
        raise reader.unknown(option, option, words, "option")
    value = reader.converted(option, known[own].annotation, is_name=own == "key")
    if written in types:
        per_type = options.setdefault("per_type", {})
        per_type.setdefault(types[written].__name__, {})[own] = value
    elif types:
        # Without types, something is wrong with them, and is told already.
        words = [f"{name}.{own}" for name in types]
        raise reader.unknown(option, option, words, "option")
