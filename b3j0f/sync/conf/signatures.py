"""Which options the constructor of a store takes, and of what type each one is."""

from __future__ import annotations

import collections.abc
import inspect
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..data import Data
from .conversion import ANYTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..store import Store

__all__ = ["Parameter", "parameters"]

# Annotations may be imported for the type checker only; most of those names are these.
_NAMES = {
    **{name: getattr(collections.abc, name) for name in collections.abc.__all__},
    **{name: getattr(typing, name) for name in ("Any", "ClassVar", "Literal", "Optional", "Union")},
    "Data": Data,
    "Path": Path,
}
_MOST_UNKNOWN = 10


class Parameter(NamedTuple):
    """One option: its annotation, ANYTHING where there is none, and whether it must be given."""

    annotation: Any
    is_required: bool


def parameters(cls: type[Store]) -> dict[str, Parameter]:
    """The options of a class of stores by name; ``**options`` leads on to its bases."""
    found: dict[str, Parameter] = {}
    for base in cls.__mro__:
        init = vars(base).get("__init__")
        if init is None or base is object:
            continue
        every = list(inspect.signature(init).parameters.values())[1:]
        for each in every:
            if each.kind in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}:
                parameter = Parameter(
                    _annotation(init, each.annotation), each.default is each.empty
                )
                found.setdefault(each.name, parameter)
        if all(each.kind is not each.VAR_KEYWORD for each in every):
            break
    return found


def _annotation(function: Callable[..., Any], annotation: Any) -> Any:
    """*annotation* evaluated; ANYTHING where that fails, and where there is none."""
    if annotation is inspect.Parameter.empty:
        return ANYTHING
    scope = {**_NAMES, **getattr(inspect.unwrap(function), "__globals__", {})}
    holder = type("_Holder", (), {"__annotations__": {"it": annotation}})
    for _ in range(_MOST_UNKNOWN):
        try:
            return typing.get_type_hints(holder, scope, {}, include_extras=True)["it"]
        except NameError as exc:
            # Imported for the type checker only, and nothing that a file can give: str | URL.
            scope[exc.name] = type(str(exc.name), (), {})
        except (AttributeError, TypeError, SyntaxError):
            break
    return ANYTHING
