"""Options of one type within a store: given for all types, or for one by its name."""

from __future__ import annotations

import dataclasses
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..data import Data

__all__ = ["type_options"]

T = TypeVar("T")


def type_options(
    options: type[T],
    types: Iterable[type[Data]],
    common: Mapping[str, Any],
    per_type: Mapping[str, Mapping[str, Any]] | None,
) -> dict[type[Data], T]:
    """The options of each type: those of *per_type*, by the type's name, before the *common* ones.

    *options* is a dataclass whose fields are the options; a None in *common* means "not given".

    Raises:
        ConfigError: A type or an option has no such name; all such mistakes are told at once.
    """
    by_name = {datatype.__name__: datatype for datatype in types}
    known = [field.name for field in dataclasses.fields(options)]  # type: ignore[arg-type]
    given = {name: value for name, value in common.items() if value is not None}
    mistakes = [
        _mistake(name, "type of this store", by_name)
        for name in (per_type or {})
        if name not in by_name
    ]
    mistakes += [
        _mistake(f"{name}.{option}", "option", [f"{name}.{option}" for option in known])
        for name, own in (per_type or {}).items()
        for option in own
        if option not in known
    ]
    if mistakes:
        raise ConfigError.gather(mistakes)
    return {
        datatype: options(**{**given, **(per_type or {}).get(name, {})})
        for name, datatype in by_name.items()
    }


def _mistake(given: str, what: str, known: Iterable[str]) -> ConfigError:
    near = get_close_matches(given, list(known), n=1)
    hint = near[0] if near else "one of " + ", ".join(known)
    return ConfigError(f"{given!r} is no {what}", option=given, expected=hint)
