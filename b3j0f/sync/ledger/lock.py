"""Lock: one run at a time for a ledger, and a crashed one's lock frees itself."""

from __future__ import annotations

from abc import ABC, abstractmethod

__all__ = ["Lock", "NoLock"]


class Lock(ABC):
    """Held by whoever decides and writes; it is a lease that has to be renewed.

    The lease of a process that is gone from this machine counts for nothing; that of one on
    another machine, or of one that hangs, ends by itself.
    """

    @abstractmethod
    def acquire(self, action: str, wait: float) -> None:
        """Have the lock; *action* tells others what for, *wait* is in seconds.

        Raises:
            LockedError: Somebody else has it, for longer than that.
        """

    @abstractmethod
    def confirm(self) -> None:
        """Make sure that it is still had, right before something is written.

        Raises:
            LockedError: Somebody else took it over, since it was not renewed in time.
        """

    @abstractmethod
    def release(self) -> None:
        """Give it back; no effect without it, or when somebody else took it over."""

    @abstractmethod
    def holder(self) -> str | None:
        """What it is held for now, and by whom, in words; None: nobody has it."""


class NoLock(Lock):
    """For a ledger that only this process can have."""

    def acquire(self, action: str, wait: float) -> None:
        """Nobody else can have it."""

    def confirm(self) -> None:
        """Nobody else can have taken it."""

    def release(self) -> None:
        """Nobody waits for it."""

    def holder(self) -> str | None:
        """None: there is nobody to ask."""
        return None
