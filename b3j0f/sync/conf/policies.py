"""Policies as configuration files write them: ``prefer:warehouse, newest``.

The words are ``manual``, ``newest`` and ``prefer:STORE``; each one is asked where those before
it abstain.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from ..reconcile.policy import Manual, Newest, Prefer
from .conversion import split
from .mistakes import Mistakes, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..reconcile.policy import Policy
    from .reader import Reader

__all__ = ["read_policy"]

_WORDS = {"manual": Manual, "newest": Newest}


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
    if not colon and name in _WORDS:
        return _WORDS[name]()
    if colon and name == "prefer":
        if store in stores:
            return Prefer(store)
        raise reader.unknown(store, option, stores, "store")
    hint = _forms(stores)
    if colon and store in stores:
        hint = f"prefer:{store}"
    elif not colon and name != "prefer":
        near = nearest(name, _WORDS) or ""
        hint = near if near in _WORDS else hint
    raise reader.error(f"there is no policy {word!r}", option, hint)


def _forms(stores: Sequence[str]) -> str:
    return "one of " + ", ".join([*_WORDS, *(f"prefer:{store}" for store in stores)])
