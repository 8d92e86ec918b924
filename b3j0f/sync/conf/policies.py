"""Policies as configuration files write them: ``prefer:warehouse, newest``.

The words are ``manual``, ``newest``, ``prefer:STORE``, ``removals`` (also ``removals:STORE``) and
``merge:elements``, ``merge:lines`` or ``merge:counters``; each one is asked where those before it
abstain.
"""

from __future__ import annotations

from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING

from ..reconcile.merging import merge_counters, merge_elements, merge_lines
from ..reconcile.policy import Manual, Merge, Newest, Prefer, Removals
from .conversion import split
from .mistakes import Mistakes, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..reconcile.policy import Policy
    from .reader import Reader

__all__ = ["read_policy"]

_WORDS: dict[str, Callable[[], Policy]] = {
    "manual": Manual,
    "newest": Newest,
    "removals": Removals,
    "merge:elements": partial(Merge, merge_elements),
    "merge:lines": partial(Merge, merge_lines),
    "merge:counters": partial(Merge, merge_counters),
}
_OF_A_STORE: dict[str, Callable[[str], Policy]] = {"prefer": Prefer, "removals": Removals}


def read_policy(reader: Reader, option: str, stores: Sequence[str]) -> Policy:
    """The policy that *option* says; *stores* are those that it may prefer.

    Raises:
        ConfigError: It says none; every word that is wrong is told.
    """
    made, mistakes = [], Mistakes()
    for word in split(reader.text(option)):
        with mistakes.collected():
            made.append(_policy(reader, option, word, stores))
    mistakes.check()
    if not made:
        raise reader.error("it names no policy", option, _forms(stores))
    return reduce(or_, made)


def _policy(reader: Reader, option: str, word: str, stores: Sequence[str]) -> Policy:
    name, colon, store = (part.strip() for part in word.partition(":"))
    if f"{name}{colon}{store}" in _WORDS:
        return _WORDS[f"{name}{colon}{store}"]()
    if colon and name in _OF_A_STORE:
        if store in stores:
            return _OF_A_STORE[name](store)
        raise reader.unknown(store, option, stores, "store")
    hint = _forms(stores)
    if colon and store in stores:
        hint = f"prefer:{store}"
    elif name != "prefer":
        near = nearest(f"{name}{colon}{store}", _WORDS) or ""
        hint = near if near in _WORDS else hint
    raise reader.error(f"there is no policy {word!r}", option, hint)


def _forms(stores: Sequence[str]) -> str:
    of_stores = [f"{name}:{store}" for name in _OF_A_STORE for store in stores]
    return "one of " + ", ".join([*_WORDS, *of_stores])
