"""The stores that come along, and finding any store by its name.

Stores, ours as well as anybody's, are found through the entry-point group
``b3j0f.sync.stores``; a module is imported when its store is asked for.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from ..errors import StoreError, StoreNotInstalledError
from ..store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["store_class", "store_names"]

GROUP = "b3j0f.sync.stores"

_DRIVERS = {"psycopg": "postgresql", "pymysql": "mariadb", "redis": "redis"}
"""Modules of drivers, and the extras of ours that bring them."""


def store_names() -> list[str]:
    """Every name that ``store_class`` knows, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def store_class(name: str) -> type[Store]:
    """The store of this entry-point name, or of this dotted path (``package.module.Class``).

    Raises:
        StoreError: There is none; the message tells the nearest name.
        StoreNotInstalledError: What it imports is missing; the message tells how to get it.
    """
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    if found is not None:
        return _checked(name, found.load)
    module, _, attribute = name.rpartition(".")
    if not module:
        near = get_close_matches(name, store_names(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(store_names())}"
        raise StoreError(f"there is no store called {name!r}; {hint}")
    return _checked(name, lambda: getattr(import_module(module), attribute))


def missing_driver(store: str, error: ImportError) -> StoreNotInstalledError:
    """The error for a store whose driver cannot be imported."""
    module = (error.name or "").partition(".")[0]
    extra = _DRIVERS.get(module)
    what = f"b3j0f.sync[{extra}]" if extra else module
    return StoreNotInstalledError(
        f'store {store!r} needs {module or error}: pip install "{what}"', store=store
    )


def _checked(name: str, load: Callable[[], object]) -> type[Store]:
    try:
        found = load()
    except ModuleNotFoundError as exc:
        raise missing_driver(name, exc) from exc
    except AttributeError as exc:
        raise StoreError(f"there is no store {name!r}: {exc}") from exc
    if not (isinstance(found, type) and issubclass(found, Store)):
        raise StoreError(f"{name!r} is no Store but {found!r}")
    return found
