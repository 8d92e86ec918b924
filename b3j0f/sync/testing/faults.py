"""Faults: stores and ledgers that fail, hang, answer twice, or end the process, when told to.

``Faults`` is armed with what is to happen; the next call of that hook in that store meets it,
once. ``make_faulty`` puts a store under it, ``make_ledger_faulty`` a ledger. Nothing happens
by itself: a history of arms and calls can be repeated, and shrunk.
"""

from __future__ import annotations

import enum
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..ledger import Ledger
    from ..store import Store

__all__ = ["DiedError", "Fault", "Faults", "make_faulty", "make_ledger_faulty"]

S = TypeVar("S", bound="Store")

READS = ("_get", "_get_by_name", "_find", "_get_many")
WRITES = ("_add_many", "_update_many", "_remove_many", "_remove_unchanged_many")
HOOKS = (*READS, *WRITES)
NOTES = ("save", "set_ambiguous", "journal.begin", "journal.settle", "history.add", "commit")


class DiedError(BaseException):
    """The process is gone: nobody is to catch this but a test, which makes a new one."""


class Fault(enum.Enum):
    """What happens to a call."""

    FAILS = "fails before it has done anything"
    FAILS_AFTER = "works, and then fails"
    HANGS = "gives no answer in time, and has done nothing"
    HANGS_AFTER = "works, and gives no answer in time"
    HALF = "works for the first half of what it is given, and fails for the rest"
    TWICE = "gives its answer twice; a write is made once"
    DIES = "ends the process before it has done anything"
    DIES_AFTER = "works, and ends the process"

    @property
    def is_death(self) -> bool:
        """Whether the process ends."""
        return self in {Fault.DIES, Fault.DIES_AFTER}

    @property
    def works(self) -> bool:
        """Whether the call does its work."""
        return self in {Fault.FAILS_AFTER, Fault.HANGS_AFTER, Fault.DIES_AFTER}

    def error(self, where: str) -> BaseException:
        """What is raised."""
        if self.is_death:
            return DiedError(where)
        if self in {Fault.HANGS, Fault.HANGS_AFTER}:
            return StoreUnavailableError(f"{where}: no answer in time")
        return StoreError(f"{where}: {self.value}")


class Faults:
    """What is armed: a fault by store and hook, for the next call.

    Attributes:
        is_on: Whether calls meet what is armed.
        met: What happened so far.
    """

    def __init__(self) -> None:
        self.is_on = False
        self.met: list[tuple[str, str, Fault]] = []
        self._armed: dict[tuple[str, str], Fault] = {}

    @property
    def is_armed(self) -> bool:
        """Whether anything is."""
        return bool(self._armed)

    def arm(self, store: str, hook: str, fault: Fault) -> None:
        """Let the next call of *hook* in *store* meet *fault*."""
        self._armed[store, hook] = fault

    def disarm(self) -> None:
        """Nothing happens any more."""
        self._armed.clear()

    def take(self, store: str, hook: str) -> Fault | None:
        """What this call meets."""
        fault = self._armed.pop((store, hook), None) if self.is_on and self._armed else None
        if fault is not None:
            self.met.append((store, hook, fault))
        return fault

    @contextmanager
    def on(self) -> Iterator[None]:
        """Calls meet what is armed, within the block."""
        before, self.is_on = self.is_on, True
        try:
            yield
        finally:
            self.is_on = before


def make_faulty(store: S, faults: Faults) -> S:
    """Put the hooks of *store* under *faults*; the same store is given back."""
    for datatype in store.types:
        accessor = store.accessor(datatype)
        for hook in HOOKS:
            wrap = _reading if hook in READS else _writing
            setattr(accessor, hook, wrap(getattr(accessor, hook), store.name, hook, faults))
    return store


def _reading(hook: Callable[..., Any], store: str, name: str, faults: Faults) -> Any:
    if name in {"_find", "_get_many"}:

        def read_many(*arguments: Any) -> Iterator[Any]:
            fault = faults.take(store, name)
            if fault is None:
                return iter(hook(*arguments))
            return _stream(list(hook(*arguments)), fault, f"{store} {name}")

        return read_many

    def read(*arguments: Any) -> Any:
        fault = faults.take(store, name)
        if fault is None or fault is Fault.TWICE:
            return hook(*arguments)
        raise fault.error(f"{store} {name}")

    return read


def _stream(every: list[Any], fault: Fault, where: str) -> Iterator[Any]:
    if fault is Fault.TWICE:
        yield from every
        yield from every
        return
    if fault.works or fault is Fault.HALF:
        yield from every[: len(every) // 2]
    raise fault.error(where)


def _writing(hook: Callable[..., Any], store: str, name: str, faults: Faults) -> Any:
    def write(every: Any) -> Any:
        fault = faults.take(store, name)
        if fault is None or fault is Fault.TWICE:
            return hook(every)
        error = fault.error(f"{store} {name}")
        if fault is Fault.HALF:
            half = (len(every) + 1) // 2
            return [*hook(every[:half]), *(error for _ in every[half:])]
        if fault.works:
            list(hook(every))
        raise error

    return write


def make_ledger_faulty(ledger: Ledger, faults: Faults) -> None:
    """Let the process end before or after what is noted in *ledger*.

    The store of these faults is called ``ledger``; their hooks are those of ``NOTES``.
    """

    def wrap(owner: Any, name: str, hook: str) -> None:
        method = getattr(owner, name)

        def noted(*arguments: Any, **options: Any) -> Any:
            fault = faults.take("ledger", hook)
            if fault is Fault.DIES:
                raise DiedError(f"ledger {hook}")
            answer = method(*arguments, **options)
            if fault is not None:
                raise DiedError(f"ledger {hook}")
            return answer

        setattr(owner, name, noted)

    for hook in NOTES[:-1]:
        part, _, name = hook.rpartition(".")
        wrap(getattr(ledger, part) if part else ledger, name, hook)
    transaction = ledger.transaction

    @contextmanager
    def faulty_transaction() -> Iterator[object]:
        with transaction() as connection:
            yield connection
        if faults.take("ledger", "commit") is not None:
            raise DiedError("ledger commit")

    ledger.transaction = faulty_transaction  # type: ignore[method-assign]
