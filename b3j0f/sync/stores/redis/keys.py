"""Keys: what of a key is the id of a data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import ConfigError

__all__ = ["Pattern"]

_PLACES = re.compile(r"\{([^{}]*)\}")
_MAGIC = re.compile(rb"([\\*?\[\]])")


@dataclass(frozen=True, slots=True)
class Pattern:
    """The keys of one type: all that begin and end alike.

    Attributes:
        before, after: What stands around the id.
        is_name: Whether the id is the name of the data.
    """

    before: bytes
    after: bytes
    is_name: bool

    @classmethod
    def parsed(cls, text: str, datatype: str) -> Pattern:
        """The pattern that *text* writes, such as ``{type}:{id}``.

        Raises:
            ConfigError: It does not have exactly one of ``{id}`` and ``{name}``.
        """
        places = [place for place in _PLACES.findall(text) if place != "type"]
        if places not in (["id"], ["name"]):
            raise ConfigError(
                f"{text!r} is no pattern of keys",
                option="keys",
                expected="a text with {id} or {name} in it once, such as {type}:{id}",
            )
        before, _, after = text.replace("{type}", datatype).partition("{" + places[0] + "}")
        return cls(before.encode(), after.encode(), places == ["name"])

    @property
    def glob(self) -> bytes:
        """What SCAN is asked for; it may match more."""
        return _literal(self.before) + b"*" + _literal(self.after)

    def key(self, id: str) -> bytes:
        """The key of an id."""
        return self.before + id.encode() + self.after

    def id(self, key: bytes) -> str | None:
        """The id in a key; None when the key is not of this pattern."""
        end = len(key) - len(self.after)
        if end <= len(self.before) or not key.startswith(self.before):
            return None
        if not key.endswith(self.after):
            return None
        return key[len(self.before) : end].decode(errors="surrogateescape")


def _literal(text: bytes) -> bytes:
    """*text* as a glob that matches only it."""
    return _MAGIC.sub(rb"\\\1", text)
