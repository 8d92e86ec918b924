"""Keeps the same records in step across any number of systems.

Four classes carry it: a :class:`Synchronizer` is linked to :class:`Store` objects, each of
which has one :class:`Accessor` per type of :class:`Data`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .version import __version__

if TYPE_CHECKING:
    from .accessor import Accessor as Accessor
    from .accessor import Capability as Capability
    from .accessor import Changes as Changes
    from .data import Data as Data
    from .data import make_datatype as make_datatype
    from .event import Event as Event
    from .event import EventKind as EventKind
    from .event import Subscription as Subscription
    from .fields import MISSING as MISSING
    from .fields import Ref as Ref
    from .names import global_name as global_name
    from .names import split_global_name as split_global_name
    from .query import Query as Query
    from .store import Store as Store
    from .stores.memory import MemoryStore as MemoryStore

# Where each public name lives: imported when first used, so that a program pays only for
# what it needs.
_HOMES = {
    "accessor": ("Accessor", "Capability", "Changes"),
    "data": ("Data", "make_datatype"),
    "event": ("Event", "EventKind", "Subscription"),
    "errors": (
        "AlreadyExistsError",
        "ConfigError",
        "DataError",
        "EmptyStoreError",
        "LedgerError",
        "LockedError",
        "NotFoundError",
        "PlanOutdatedError",
        "RefusedError",
        "StaleError",
        "StoreError",
        "StoreNotInstalledError",
        "StoreUnavailableError",
        "SyncError",
        "TooManyRemovalsError",
        "UnsupportedError",
    ),
    "fields": ("MISSING", "Ref"),
    "link": ("Link",),
    "reconcile.conflict": ("Conflict",),
    "reconcile.operation": ("Operation",),
    "reconcile.plan": ("Plan",),
    "reconcile.policy": ("ABSTAIN", "Manual", "Merge", "Newest", "Policy", "Prefer"),
    "reconcile.report": ("Report",),
    "stores.files": ("FileStore",),
    "stores.sql": ("SQLStore",),
    "synchronizer": ("Synchronizer",),
    "names": ("global_name", "split_global_name"),
    "query": ("Query",),
    "store": ("Store",),
    "stores.memory": ("MemoryStore",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOME_OF)]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
