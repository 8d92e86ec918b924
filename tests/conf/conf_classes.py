"""Classes that the configurations of tests name by their dotted paths."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Literal

from b3j0f.sync.accessor import Accessor
from b3j0f.sync.data import Data
from b3j0f.sync.errors import StoreUnavailableError
from b3j0f.sync.store import Store
from b3j0f.sync.stores.memory import MemoryAccessor, MemoryStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo
    from pathlib import Path


class Ticket(Data):
    title: str = ""
    state: str = "open"


class Level(enum.Enum):
    LOW = 1
    HIGH = 2


class Plain(Store):
    """Remembers its options; takes those of its base through ``**options``."""

    def __init__(
        self,
        url,
        *,
        token: str | None = None,
        retries: int = 3,
        pause: float = 1.0,
        verify: bool = True,
        folder: Path | None = None,
        place: str | Path | None = None,
        labels: Sequence[str] = (),
        numbers: list[int] | None = None,
        columns: Mapping[str, str] | None = None,
        mode: Literal["fast", "slow"] = "fast",
        level: Level = Level.LOW,
        zone: tzinfo | None = None,
        port: int | None = None,
        either: int | str = 0,
        anything: Any = None,
        **options: Any,
    ) -> None:
        self.given = {
            k: v for k, v in locals().items() if k not in {"self", "options", "__class__"}
        }
        super().__init__(**options)


class Refusing(Plain):
    """Quotes what it was given, in every way that it can."""

    def __init__(self, url: str, *, password: str = "", how: str = "value", **options: Any) -> None:
        super().__init__(url, **options)
        if how == "value":
            raise ValueError(f"cannot use {url!r} with {password!r}")
        self.message = f"{url} says no to {password}"

    def _connect(self) -> None:
        raise StoreUnavailableError(self.message)


class Tickets(MemoryAccessor[Ticket]):
    datatype = Ticket


class Tracker(MemoryStore):
    """A store that brings its own types."""

    def __init__(self, *, name: str = "tracker") -> None:
        super().__init__([Ticket], name=name)


NOT_A_STORE = Accessor
