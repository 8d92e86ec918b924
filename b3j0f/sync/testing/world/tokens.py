"""Tokens: every value that a user writes is unlike any other one, so that it can be looked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ...fields import MISSING

__all__ = ["START", "Tokens", "tokens_of"]

START = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


class Tokens:
    """The values that users have written, and those that must still be somewhere.

    Attributes:
        alive: Those that nobody has written over: the token, and the field that has it.
    """

    def __init__(self) -> None:
        self.alive: dict[str, str] = {}
        self._count = 0

    def new(self, field: str) -> str:
        """A token that never was before."""
        self._count += 1
        token = f"t{self._count}"
        self.alive[token] = field
        return token

    def forget(self, value: Any) -> None:
        """A user has written over *value*, or decided against it."""
        for token in tokens_of(value):
            self.alive.pop(token, None)

    @staticmethod
    def value(token: str, field: str, padding: str) -> Any:
        """*token* as a value of *field*; a padding is what lossy stores take off."""
        number = int(token[1:])
        if field == "count":
            return number
        if field == "tags":
            return frozenset([token])
        if field == "due":
            return START + timedelta(days=number, microseconds=number * bool(padding))
        return f"{padding}{token}{padding}"


def tokens_of(value: Any) -> set[str]:
    """The tokens that a value shows."""
    if value is None or value is MISSING or isinstance(value, bool):
        return set()
    if isinstance(value, str):
        return {value.strip()}
    if isinstance(value, int):
        return {f"t{value}"}
    if isinstance(value, datetime):
        return {f"t{(value - START).days}"}
    if isinstance(value, tuple | frozenset | set):
        return set().union(*map(tokens_of, value))
    return set()
