"""A process that is killed at one of the points where it changes something on the disk."""

from __future__ import annotations

import os
import signal
import sqlite3

import sqlalchemy as sa

CALLS = ("replace", "rename", "link", "unlink", "remove", "mkdir", "rmdir", "fsync")
WRITING = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP")


class Boundaries:
    """Counts the points before every change; at number *last* the process is killed.

    After a change is before the next one.
    """

    def __init__(self, last: int) -> None:
        self.last, self.count = last, 0

    def passed(self) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """From now on: file operations, statements that write, and commits."""
        for name in CALLS:
            setattr(os, name, self._around(getattr(os, name)))
        os.open = self._around_open(os.open)
        sa.event.listen(sa.engine.Engine, "before_cursor_execute", self._before)
        sa.event.listen(sa.engine.Engine, "commit", lambda _connection: self.passed())

    def _around(self, call):
        def called(*arguments, **options):
            self.passed()
            return call(*arguments, **options)

        return called

    def _around_open(self, call):
        def opened(path, flags, *arguments, **options):
            if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
                self.passed()
            return call(path, flags, *arguments, **options)

        return opened

    def _before(self, _connection, _cursor, statement, *_):
        if statement.lstrip().upper().startswith(WRITING):
            self.passed()


def killed_at(number, act) -> bool:
    """Do *act* in a process of its own that is killed at boundary *number*; False: it came through.

    What *act* raises comes out as an AssertionError here.
    """
    child = os.fork()
    if not child:
        code = 70
        try:
            Boundaries(number).install()
            act()
            code = 0
        except BaseException:  # noqa: BLE001 - it must not go on as a second test runner
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the process failed by itself: see what it printed"
    return False


assert sqlite3.threadsafety  # a fork in between is safe as long as no connection is open
