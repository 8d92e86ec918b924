"""Stores for processes of tests: slow ones, broken ones."""

from __future__ import annotations

import logging
import time
from pathlib import Path  # noqa: TC003 - the configuration reads the annotation

from b3j0f.sync import FileStore, MemoryStore, StoreError, StoreUnavailableError


class SlowStore(FileStore):
    """Takes its time to write."""

    def __init__(self, path: str | Path, types, *, name="slow", pause: float = 0.002):
        super().__init__(path, types, name=name)
        for accessor in self._accessors.values():
            accessor._add = self._slowed(accessor._add, pause)

    def _slowed(self, hook, pause):
        def slow(data):
            time.sleep(pause)
            return hook(data)

        return slow


class BrokenStore(MemoryStore):
    """Cannot be reached, and says more about that than it should."""

    def _connect(self):
        problem = "https://ann:hunter2@crm.example is down"
        raise StoreUnavailableError(problem, store=self.name)


class BuggyStore(MemoryStore):
    """Has a bug that shows late, with a secret at hand."""

    @property
    def types(self):
        password = "hunter2"  # noqa: S105 - it is to be kept out of messages
        return (password, 1 / 0)


class TalkativeStore(MemoryStore):
    """Logs on each level, as the library does."""

    def _connect(self):
        logger = logging.getLogger("b3j0f.sync.stores.talkative")
        try:
            int("oh no")
        except ValueError:
            logger.warning("beware of \x1b[31mthis", exc_info=True)
        logger.info("by the way")
        logger.debug("in detail")


class FlakyStore(FileStore):
    """Does not answer while a file "down" is there, takes nothing while "full" is."""

    def _connect(self):
        if (self.path.parent / "down").exists():
            raise StoreUnavailableError("https://ann:hunter2@crm.example is down", store=self.name)
        super()._connect()

    def __init__(self, path: str | Path, types, *, name="flaky"):
        super().__init__(path, types, name=name)
        for accessor in self._accessors.values():
            accessor._add = self._checked(accessor._add)

    def _checked(self, hook):
        def checked(data):
            if (self.path.parent / "full").exists():
                raise StoreError("there is no room\x1b[31m", store=self.name)
            return hook(data)

        return checked
