"""The errors of b3j0f.sync.

Facts are attributes, so that a program needs no message to tell cases apart. The error of
a driver is the ``__cause__``; none crosses an accessor by itself::

    SyncError
    ├── DataError                     a value, a field or a type is not as declared
    │   └── UnresolvedReferenceError  it refers to what is not there, or not yet
    ├── ConfigError                   a mistake in a configuration file
    ├── StoreError                    a store could not do what it was asked
    │   ├── NotFoundError             no such data (also a KeyError)
    │   ├── AlreadyExistsError        the id, or the name where names are unique, is taken
    │   ├── StaleError                the state to be replaced has moved on
    │   ├── UnfitDataError            its values do not fit there (also a DataError)
    │   ├── UnsupportedError          the store's capabilities leave it out
    │   ├── StoreUnavailableError     not reachable now; trying again may help
    │   └── StoreNotInstalledError    its driver is missing
    ├── LedgerError                   what was agreed cannot be read or written
    ├── PlanOutdatedError             the plan was made for other stores or another ledger
    ├── StoppedError                  stop() was called before it came to its end
    └── RefusedError                  a guard wants a user's word first
        ├── EmptyStoreError           a store that held data looks empty
        ├── TooManyRemovalsError      more than the allowed share would be removed
        └── LockedError               another run is under way
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = [
    "AlreadyExistsError",
    "ConfigError",
    "DataError",
    "EmptyStoreError",
    "LedgerError",
    "LockedError",
    "NotFoundError",
    "PlanOutdatedError",
    "RefusedError",
    "StaleError",
    "StoppedError",
    "StoreError",
    "StoreNotInstalledError",
    "StoreUnavailableError",
    "SyncError",
    "TooManyRemovalsError",
    "UnfitDataError",
    "UnresolvedReferenceError",
    "UnsupportedError",
]


class SyncError(Exception):
    """The root: whoever catches it catches everything that this library raises on purpose."""


class DataError(SyncError):
    """A value, a field or a type is not as declared; nothing was changed.

    Attributes:
        datatype: Name of the data type.
        field: Name of the field, or None when it is about the whole type.
        expected: What the field takes, in words.
        given: The value that was given.
    """

    def __init__(
        self,
        message: str,
        *,
        datatype: str,
        field: str | None = None,
        expected: str | None = None,
        given: Any = None,
    ) -> None:
        super().__init__(message)
        self.datatype, self.field, self.expected, self.given = datatype, field, expected, given


class UnresolvedReferenceError(DataError):
    """A data refers to another one that the store does not have, or not yet.

    Attributes:
        target: Global name of what it refers to.
    """

    def __init__(self, message: str, *, datatype: str, field: str, target: str) -> None:
        super().__init__(
            message, datatype=datatype, field=field, expected="a data that is there", given=target
        )
        self.target = target


class ConfigError(SyncError):
    """A mistake in the configuration; nothing of it was applied.

    Several mistakes are found in one go: the first is raised, and ``errors`` has all of them,
    itself included, each with its own place.

    Attributes:
        file, section, option: Where; None where it does not apply.
        expected: What would have been right, in words, or None.
        errors: Every mistake that was found, in the order of the files.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        section: str | None = None,
        option: str | None = None,
        expected: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = None if file is None else str(file)
        self.section, self.option, self.expected = section, option, expected
        self.errors: Sequence[ConfigError] = (self,)
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        place = self.file or ""
        if self.section is not None:
            place += f" [{self.section}]"
        if self.option is not None:
            place += f" {self.option}"
        sentence = f"{place.strip()}: {self.problem}" if place else self.problem
        return f"{sentence}; expected {self.expected}" if self.expected else sentence

    @classmethod
    def gather(cls, errors: Iterable[ConfigError]) -> ConfigError:
        """The first of *errors*, made to carry and to tell all of them."""
        every = tuple(errors)
        first = every[0]
        if len(every) > 1:
            first.errors = every
            first.args = ("\n".join(error._sentence() for error in every),)
        return first


class StoreError(SyncError):
    """A store could not do what it was asked; its data are as they were, as far as it tells.

    Attributes:
        store: Name of the store, or None.
        datatype: Name of the data type, or None when it is about the whole store.
        action: The verb that failed ("add", "find", ...), or None.
    """

    def __init__(
        self,
        message: str,
        *,
        store: str | None = None,
        datatype: str | None = None,
        action: str | None = None,
    ) -> None:
        super().__init__(message)
        self.store, self.datatype, self.action = store, datatype, action


class NotFoundError(StoreError, KeyError):
    """The data is not in the store.

    Attributes:
        id: The id that was looked for, or None.
        name: The global name that was looked for, or None.
    """

    def __init__(
        self, message: str, *, id: str | int | None = None, name: str | None = None, **facts: Any
    ) -> None:
        super().__init__(message, **facts)
        self.id, self.name = id, name

    __str__ = Exception.__str__  # KeyError would show the repr


class AlreadyExistsError(StoreError):
    """The id is taken, or the name in a store that keeps names unique; nothing was added.

    Attributes:
        id: The id that is taken, or None.
        name: The global name that is taken, or None.
    """

    def __init__(
        self, message: str, *, id: str | int | None = None, name: str | None = None, **facts: Any
    ) -> None:
        super().__init__(message, **facts)
        self.id, self.name = id, name


class StaleError(StoreError):
    """The state that a write was to replace has moved on; nothing was written."""


class UnfitDataError(StoreError, DataError):  # type: ignore[misc] # both name the type
    """The store refuses the values of a data: too long, out of range, against a constraint.

    Nothing of it was written. ``field``, ``expected`` and ``given`` are None: only the message
    says more, in the backend's words.
    """

    def __init__(
        self,
        message: str,
        *,
        store: str | None = None,
        datatype: str | None = None,
        action: str | None = None,
    ) -> None:
        Exception.__init__(self, message)
        self.store, self.datatype, self.action = store, datatype or "", action
        self.field = self.expected = self.given = None


class UnsupportedError(StoreError):
    """The store declares in its capabilities that it cannot do this."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached, or gave no answer in time; trying again may help."""


class StoreNotInstalledError(StoreError):
    """What the store needs is not installed; the message names the extra that brings it."""


class LedgerError(SyncError):
    """The ledger cannot be read or written, or a newer version of this library made it."""


class PlanOutdatedError(SyncError):
    """The plan does not fit: other stores, another ledger, or what it is about has moved on."""


class StoppedError(SyncError):
    """``Synchronizer.stop`` was called before there was a plan; nothing was written."""


class RefusedError(SyncError):
    """A guard stopped the run before anything was written; ``force=True`` goes on.

    Attributes:
        store: Name of the store that the guard protects, or None.
    """

    def __init__(self, message: str, *, store: str | None = None) -> None:
        super().__init__(message)
        self.store = store


class EmptyStoreError(RefusedError):
    """A store that held data looks empty.

    Attributes:
        known: How many data it held when last agreed.
    """

    def __init__(self, message: str, *, store: str, known: int) -> None:
        super().__init__(message, store=store)
        self.known = known


class TooManyRemovalsError(RefusedError):
    """More data would be removed from a store than the allowed share.

    Attributes:
        removals: How many would be removed.
        known: How many data the store held when last agreed.
        allowed: The share that is allowed, from 0 to 1.
    """

    def __init__(
        self, message: str, *, store: str, removals: int, known: int, allowed: float
    ) -> None:
        super().__init__(message, store=store)
        self.removals, self.known, self.allowed = removals, known, allowed


class LockedError(RefusedError):
    """Another run of the same synchronizer is under way.

    Attributes:
        holder: Who holds the lock, in words.
    """

    def __init__(self, message: str, *, holder: str) -> None:
        super().__init__(message)
        self.holder = holder
