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
    from .engine.explain import Origin as Origin
    from .errors import AlreadyExistsError as AlreadyExistsError
    from .errors import ConfigError as ConfigError
    from .errors import DataError as DataError
    from .errors import EmptyStoreError as EmptyStoreError
    from .errors import LedgerError as LedgerError
    from .errors import LockedError as LockedError
    from .errors import NotFoundError as NotFoundError
    from .errors import PlanOutdatedError as PlanOutdatedError
    from .errors import RefusedError as RefusedError
    from .errors import StaleError as StaleError
    from .errors import StoppedError as StoppedError
    from .errors import StoreError as StoreError
    from .errors import StoreNotInstalledError as StoreNotInstalledError
    from .errors import StoreUnavailableError as StoreUnavailableError
    from .errors import SyncError as SyncError
    from .errors import TooManyRemovalsError as TooManyRemovalsError
    from .errors import UnfitDataError as UnfitDataError
    from .errors import UnresolvedReferenceError as UnresolvedReferenceError
    from .errors import UnsupportedError as UnsupportedError
    from .event import Event as Event
    from .event import EventKind as EventKind
    from .event import Subscription as Subscription
    from .fields import MISSING as MISSING
    from .ledger import Change as Change
    from .ledger import Failing as Failing
    from .ledger import Run as Run
    from .link import Link as Link
    from .mapping.mapping import Mapping as Mapping
    from .names import global_name as global_name
    from .names import split_global_name as split_global_name
    from .query import Query as Query
    from .reconcile.conflict import Conflict as Conflict
    from .reconcile.merging import merge_counters as merge_counters
    from .reconcile.merging import merge_elements as merge_elements
    from .reconcile.merging import merge_lines as merge_lines
    from .reconcile.operation import Operation as Operation
    from .reconcile.plan import Plan as Plan
    from .reconcile.policy import ABSTAIN as ABSTAIN
    from .reconcile.policy import Manual as Manual
    from .reconcile.policy import Merge as Merge
    from .reconcile.policy import Newest as Newest
    from .reconcile.policy import Policy as Policy
    from .reconcile.policy import Prefer as Prefer
    from .reconcile.policy import Removals as Removals
    from .reconcile.report import Report as Report
    from .ref import Ref as Ref
    from .store import Store as Store
    from .stores.files import FileStore as FileStore
    from .stores.memory import MemoryStore as MemoryStore
    from .stores.redis import RedisStore as RedisStore
    from .stores.sql import SQLStore as SQLStore
    from .synchronizer import Synchronizer as Synchronizer

__all__ = [
    "ABSTAIN",
    "MISSING",
    "Accessor",
    "AlreadyExistsError",
    "Capability",
    "Change",
    "Changes",
    "ConfigError",
    "Conflict",
    "Data",
    "DataError",
    "EmptyStoreError",
    "Event",
    "EventKind",
    "Failing",
    "FileStore",
    "LedgerError",
    "Link",
    "LockedError",
    "Manual",
    "Mapping",
    "MemoryStore",
    "Merge",
    "Newest",
    "NotFoundError",
    "Operation",
    "Origin",
    "Plan",
    "PlanOutdatedError",
    "Policy",
    "Prefer",
    "Query",
    "RedisStore",
    "Ref",
    "RefusedError",
    "Removals",
    "Report",
    "Run",
    "SQLStore",
    "StaleError",
    "StoppedError",
    "Store",
    "StoreError",
    "StoreNotInstalledError",
    "StoreUnavailableError",
    "Subscription",
    "SyncError",
    "Synchronizer",
    "TooManyRemovalsError",
    "UnfitDataError",
    "UnresolvedReferenceError",
    "UnsupportedError",
    "__version__",
    "global_name",
    "make_datatype",
    "merge_counters",
    "merge_elements",
    "merge_lines",
    "split_global_name",
]

# Where each public name lives: imported when first used, so that a program pays only for
# what it needs.
_HOMES = {
    "accessor": ("Accessor", "Capability", "Changes"),
    "data": ("Data", "make_datatype"),
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
        "StoppedError",
        "StoreError",
        "StoreNotInstalledError",
        "StoreUnavailableError",
        "SyncError",
        "TooManyRemovalsError",
        "UnfitDataError",
        "UnresolvedReferenceError",
        "UnsupportedError",
    ),
    "event": ("Event", "EventKind", "Subscription"),
    "fields": ("MISSING",),
    "link": ("Link",),
    "mapping.mapping": ("Mapping",),
    "names": ("global_name", "split_global_name"),
    "engine.explain": ("Origin",),
    "ledger": ("Change", "Failing", "Run"),
    "query": ("Query",),
    "ref": ("Ref",),
    "reconcile.conflict": ("Conflict",),
    "reconcile.operation": ("Operation",),
    "reconcile.plan": ("Plan",),
    "reconcile.merging": ("merge_counters", "merge_elements", "merge_lines"),
    "reconcile.policy": (
        "ABSTAIN",
        "Manual",
        "Merge",
        "Newest",
        "Policy",
        "Prefer",
        "Removals",
    ),
    "reconcile.report": ("Report",),
    "store": ("Store",),
    "stores.files": ("FileStore",),
    "stores.memory": ("MemoryStore",),
    "stores.redis": ("RedisStore",),
    "stores.sql": ("SQLStore",),
    "synchronizer": ("Synchronizer",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
