"""Configuration: from files in a directory to stores and synchronizers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bridge import conf_directory as conf_directory
    from .checking import check as check
    from .installing import install_samples as install_samples
    from .load import load_store as load_store
    from .load import load_synchronizer as load_synchronizer
    from .load import load_types as load_types
    from .load import store_names as store_names
    from .load import synchronizer_names as synchronizer_names

# Imported when first used: the bridge to b3j0f.conf is not for programs without files.
_HOME_OF = {
    "check": "checking",
    "conf_directory": "bridge",
    "install_samples": "installing",
    "load_store": "load",
    "load_synchronizer": "load",
    "load_types": "load",
    "store_names": "load",
    "synchronizer_names": "load",
}

__all__ = [
    "check",
    "conf_directory",
    "install_samples",
    "load_store",
    "load_synchronizer",
    "load_types",
    "store_names",
    "synchronizer_names",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)
