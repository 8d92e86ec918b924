"""Options of one type within a RedisStore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ...errors import ConfigError

__all__ = ["KeyOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOptions:
    """Where the data of one type are in Redis, and in which form.

    Attributes:
        keys: The pattern of their keys. ``{type}`` stands for the name of the type, and
            ``{id}`` for what is new for each data, a UUID; ``{name}`` in its place makes the
            name the id, and leaves no room for contexts.
        format: ``hash``: each field is a field of a hash, as text; ``json``: one text with a
            JSON object.
        fields: Names of fields in the hash or the object, where they are not the fields' own.
        created_field, updated_field: Where the times are; when named, they are written too.
        ttl: Seconds after which a data expires that nobody writes again; None: a key keeps the
            time to live that it has, and a new one has none.
        expiry: ``removal``: what has expired was removed; ``ignore``: what is absent is not taken
            for removed.
    """

    keys: str = "{type}:{id}"
    format: str = "hash"
    fields: Mapping[str, str] | None = None
    created_field: str | None = None
    updated_field: str | None = None
    ttl: float | None = None
    expiry: str = "removal"

    def __post_init__(self) -> None:
        wrong = [mistake for mistake in map(self._mistake, fields(self)) if mistake]
        if wrong:
            raise ConfigError.gather(wrong)

    def _mistake(self, option: Any) -> ConfigError | None:
        name, value = option.name, getattr(self, option.name)
        words = {"format": ("hash", "json"), "expiry": ("removal", "ignore")}
        if name in words:
            expected, right = " or ".join(words[name]), value in words[name]
        elif name == "ttl":
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            expected, right = "seconds, more than 0", value is None or (is_number and value > 0)
        elif name == "fields":
            names = [*value, *value.values()] if isinstance(value, Mapping) else [None]
            expected = "a mapping of fields to names"
            right = value is None or all(isinstance(one, str) and one for one in names)
        else:
            expected = "a text"
            right = isinstance(value, str) if name == "keys" else value is None or _is_text(value)
        return None if right else ConfigError(f"given {value!r}", option=name, expected=expected)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""
