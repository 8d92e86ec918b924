"""Checking a whole configuration: every mistake in all of its files, in one go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..errors import SyncError
from .files import KINDS, in_order
from .load import Setup
from .mistakes import Mistakes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ..errors import ConfigError
    from .stores import StoreSpec

__all__ = ["check"]


def check(directory: str | Path | None = None, *, connect: bool = False) -> list[ConfigError]:
    """Every mistake in the configuration, in the order of the files; none: all is well.

    Nothing is written, and nothing is connected unless *connect* is true: then each store is
    connected and disconnected again, and what it says against it is told too. A store may
    make missing tables when it is connected.
    """
    setup, mistakes = Setup(directory), Mistakes()
    for kind in KINDS:
        with mistakes.collected():
            setup.files.sections(kind)
    if not setup.directory.is_dir():
        return list(mistakes)
    _read_all(lambda: setup.types.names, setup.types.get, mistakes)
    _read_all(lambda: setup.stores.names, lambda name: setup.stores.spec(name).build(), mistakes)
    _read_all(lambda: setup.synchronizers.names, setup.synchronizers.spec, mistakes)
    with mistakes.collected():
        _check_ledgers(setup, mistakes)
    if connect:
        with mistakes.collected():
            for name in setup.stores.names:
                with mistakes.collected():
                    _connect(setup.stores.spec(name), mistakes)
    return in_order(mistakes)


def _read_all(
    names: Callable[[], Iterable[str]], read: Callable[[str], object], mistakes: Mistakes
) -> None:
    with mistakes.collected():
        for name in names():
            with mistakes.collected():
                read(name)


def _check_ledgers(setup: Setup, mistakes: Mistakes) -> None:
    """Note the synchronizers whose ledger is another one's already."""
    owners: dict[str, str] = {}
    for name in setup.synchronizers.names:
        with mistakes.collected():
            spec = setup.synchronizers.spec(name)
            if spec.ledger is None:
                continue
            place = spec.ledger if "://" in spec.ledger else os.path.realpath(spec.ledger)
            owner = owners.setdefault(place, name)
            if owner != name:
                problem = f"it is the ledger of synchronizer {owner!r}"
                mistakes.add(spec.reader.error(problem, "ledger", "a ledger of its own"))


def _connect(spec: StoreSpec, mistakes: Mistakes) -> None:
    store = spec.build()
    try:
        store.connect()
    except SyncError as exc:
        for mistake in spec.mistakes(exc):
            mistakes.add(mistake)
    finally:
        store.disconnect()
