"""From configuration files to types, stores and synchronizers that are ready to be used.

What is asked for is read with all that it needs, and every mistake in that is told at once;
what is wrong elsewhere in the files does no harm. Nothing is connected, and only the ledger
of a synchronizer is opened.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from .datatypes import Types
from .files import Files, file_name, in_order
from .ledgers import make_place
from .mistakes import Mistakes
from .stores import Stores
from .synchronizers import Synchronizers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..data import Data
    from ..store import Store
    from ..synchronizer import Synchronizer
    from .synchronizers import SynchronizerSpec

__all__ = [
    "Setup",
    "load_store",
    "load_synchronizer",
    "load_types",
    "store_names",
    "synchronizer_names",
]


class Setup:
    """What the files of one directory say, as they are when they are first asked.

    Args:
        directory: None is the one in ``B3J0F_CONF_DIR``, else ``~/etc``.
    """

    def __init__(self, directory: str | Path | None = None) -> None:
        self.files = Files(directory)
        self.directory = self.files.directory
        self.types = Types(self.files)
        self.stores = Stores(self.files, self.types)
        self.synchronizers = Synchronizers(self.files, self.stores)


def load_types(directory: str | Path | None = None) -> dict[str, type[Data]]:
    """The data types of the configuration by their names there.

    A type is the same class whenever and wherever it is loaded, unless it, or a type that it
    needs, is declared differently by then.

    Raises:
        ConfigError: Something is wrong; its ``errors`` are all mistakes.
    """
    types = Setup(directory).types
    made, mistakes = {}, Mistakes()
    with _told_in_order():
        for name in types.names:
            with mistakes.collected():
                made[name] = types.get(name)
        mistakes.check()
    return made


def load_store(name: str, directory: str | Path | None = None) -> Store:
    """The store that section *name* describes, not connected yet; a new one each time.

    Raises:
        ConfigError: Something is wrong; its ``errors`` are all mistakes.
    """
    from .configurable import StoreConfigurable

    setup = Setup(directory)
    with _told_in_order():
        spec = setup.stores.spec(name)
        store = spec.build()
    vars(store)["configurable"] = StoreConfigurable(store, setup.directory, spec.options)
    return store


def load_synchronizer(name: str | None = None, directory: str | Path | None = None) -> Synchronizer:
    """The synchronizer that section *name* describes; without a name, the only one there is.

    Its stores are its own, and are connected when they are first used.

    Raises:
        ConfigError: Something is wrong; its ``errors`` are all mistakes.
        LedgerError: The ledger cannot be opened.
    """
    from .configurable import StoreConfigurable, SynchronizerConfigurable

    setup = Setup(directory)
    with _told_in_order():
        spec = setup.synchronizers.spec(_only(setup) if name is None else name)
        synchronizer = _built(spec)
    for link in spec.links:
        options = setup.stores.spec(link.store.name).options
        configurable = StoreConfigurable(link.store, setup.directory, options)
        vars(link.store)["configurable"] = configurable
    vars(synchronizer)["configurable"] = SynchronizerConfigurable(
        synchronizer, setup.directory, spec.ledger
    )
    return synchronizer


def store_names(directory: str | Path | None = None) -> list[str]:
    """The names of the stores in the configuration, in the order of the file."""
    return Setup(directory).stores.names


def synchronizer_names(directory: str | Path | None = None) -> list[str]:
    """The names of the synchronizers in the configuration, in the order of the file."""
    return Setup(directory).synchronizers.names


def _only(setup: Setup) -> str:
    names = setup.synchronizers.names
    if len(names) != 1:
        file = setup.directory / file_name("synchronizer")
        if not names:
            raise ConfigError("there is no synchronizer", file=file, expected="[name]")
        raise ConfigError(
            "there are several synchronizers, and none is named",
            file=file,
            expected="one of " + ", ".join(names),
        )
    return names[0]


def _built(spec: SynchronizerSpec) -> Synchronizer:
    from ..synchronizer import Synchronizer

    make_place(spec.ledger)
    numbers: dict[str, Any] = dict(spec.numbers)
    try:
        return Synchronizer(
            spec.links,
            name=spec.reader.name,
            ledger=spec.ledger,
            policy=spec.policy,
            **numbers,
        )
    except ConfigError as exc:
        problem, option, expected = exc.problem, exc.option, exc.expected
    raise spec.reader.error(problem, option, expected)


@contextmanager
def _told_in_order() -> Iterator[None]:
    """Let the ConfigError that the block raises tell its mistakes in the order of the files."""
    mistakes = Mistakes()
    with mistakes.collected():
        yield
    if mistakes:
        raise ConfigError.gather(in_order(mistakes))
