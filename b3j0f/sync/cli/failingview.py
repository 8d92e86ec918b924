"""What is failing, and runs that never ended, as status shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .output import cell, table
from .text import age, count, escaped, quoted, stamp, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from ..ledger import Failing

__all__ = ["FailingView"]


class FailingView:
    """What fails, at most *limit* of it in a table."""

    def __init__(self, every: Sequence[Failing], limit: int) -> None:
        # Stores first: while one is down, all of its data wait.
        self.every = sorted(every, key=lambda one: (bool(one.datatype), one.is_set_aside))
        self.limit = limit

    def documents(self) -> list[dict[str, Any]]:
        """Each as a JSON object; type, record and name are null where it is a whole store."""
        return [
            {
                "store": one.store,
                "type": one.datatype or None,
                "record": one.record,
                "name": one.global_name if one.datatype else None,
                "error": without_secrets(one.error),
                "attempts": one.attempts,
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
                "due": one.due and one.due.isoformat(),
                "set_aside": one.is_set_aside,
            }
            for one in self.every
        ]

    def lines(self) -> Iterator[str]:
        """Each on one line."""
        for one in self.every:
            what = f" {escaped(one.datatype)} {quoted(one.global_name)}" if one.datatype else ""
            tries = f"{count(one.attempts, 'attempt')} since {stamp(one.first)}"
            then = "" if one.due is None else f", next {stamp(one.due)}"
            error = escaped(without_secrets(one.error))
            yield f"{_state(one)} {escaped(one.store)}{what}: {tries}{then}: {error}"

    def tables(self) -> Iterator[RenderableType]:
        """A table of them."""
        if not self.every:
            return
        yield cell("Failing", "bold red")
        now = datetime.now(UTC)
        made = table("state", "where", "what", "for", "tries", "next", "why")
        for one in self.every[: self.limit]:
            what = f"{one.datatype} {one.global_name}" if one.datatype else "all of it"
            made.add_row(
                cell(_state(one), "red" if one.due is None or not one.datatype else "yellow"),
                cell(one.store),
                cell(what),
                cell(age((now - one.first).total_seconds())),
                cell(f"{one.attempts:,}"),
                cell(_next(one, now)),
                cell(without_secrets(one.error), "dim"),
            )
        yield made
        if len(self.every) > self.limit:
            yield cell(f"... and {len(self.every) - self.limit:,} more; --json has all of them")
        yield ""


def _next(one: Failing, now: datetime) -> str:
    """When it is tried again."""
    if one.due is None:
        return "when asked"
    return "now" if one.due <= now else f"in {age((one.due - now).total_seconds())}"


def _state(one: Failing) -> str:
    if not one.datatype:
        return "down"
    return "aside" if one.is_set_aside else "failing"
