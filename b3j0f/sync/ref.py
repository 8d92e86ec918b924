"""Ref: another data, by its global name."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .errors import DataError
from .names import global_name, split_global_name

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Ref", "ref_target"]

D = TypeVar("D")


class Ref(Generic[D]):
    """Another data, by its global name: the same in every store, whatever its ids there.

    ``Ref(account)`` takes the global name of a data, ``Ref("ann")`` is given it. Immutable
    and hashable; equal when of the same global name.
    """

    __slots__ = ("global_name",)
    global_name: str

    def __init__(self, target: D | str) -> None:
        name = target if isinstance(target, str) else getattr(target, "global_name", None)
        if not isinstance(name, str):
            message = f"Ref takes a data or a global name, not {target!r}"
            raise DataError(message, datatype="Ref", expected="a data or a str", given=target)
        object.__setattr__(self, "global_name", name)

    @classmethod
    def to(cls, name: str, context: Iterable[str] = ()) -> Ref[D]:
        """The data that has this *name* in this *context*, outermost first."""
        return cls(global_name(name, context))

    @property
    def name(self) -> str:
        """Name of the other data."""
        return split_global_name(self.global_name)[0]

    @property
    def context(self) -> tuple[str, ...]:
        """Context of the other data, outermost first."""
        return split_global_name(self.global_name)[1]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Ref cannot be changed: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ref) and self.global_name == other.global_name

    def __hash__(self) -> int:
        return hash((Ref, self.global_name))

    def __repr__(self) -> str:
        return f"Ref({self.global_name!r})"

    def __reduce__(self) -> tuple[type[Ref[D]], tuple[str]]:
        return type(self), (self.global_name,)


def ref_target(annotation: Any) -> type[Any] | None:
    """The type that a field of this annotation refers to; None when it is no Ref to a type."""
    if typing.get_origin(annotation) is Ref:
        target = typing.get_args(annotation)[0]
        return target if isinstance(target, type) else None
    every = [ref_target(part) for part in typing.get_args(annotation)]
    return next((target for target in every if target is not None), None)
