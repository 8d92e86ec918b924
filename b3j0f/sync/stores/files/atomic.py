"""Writing files so that each is, at any time, either as it was or as it shall be.

Content goes into a hidden temporary file beside its target, is forced to the disk, and takes
the target's place in one step. What an interrupted program leaves is such a temporary file,
known by its name.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import math
import os
import re
import secrets
import stat
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

try:
    import fcntl
except ImportError:  # no advisory locks on this platform: the checks of stamps remain
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "MovedError",
    "Stamp",
    "WriteLock",
    "clean",
    "create",
    "is_settled",
    "locked_if_free",
    "replace",
    "stamp",
]

Stamp = tuple[int, int, int, int]
"""Changes whenever a file's content does: times of change, size, inode."""

_TEMPORARY = re.compile(r"\.b3j0f-[0-9a-f]{16}\.tmp\Z")
_LEFT_AFTER = 600  # seconds; a younger temporary file may be in use
_PATIENCE = 10.0  # seconds to wait for another program's lock
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class MovedError(Exception):
    """A file has been changed by somebody since it was read; nothing was written."""


def stamp(status: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def is_settled(status: os.stat_result, looked_at: int) -> bool:
    """Whether a later change is sure to show in the stamp.

    *looked_at* is the time in nanoseconds. Two changes within one tick of a file system's
    clock have one time: what was changed just before it was read could change unseen.
    """
    coarse = status.st_mtime_ns % 1_000_000_000 == 0  # some keep whole seconds, or even two
    tick = 2_000_000_000 if coarse else 50_000_000
    return looked_at - max(status.st_mtime_ns, status.st_ctime_ns) > tick


def create(path: Path, content: bytes) -> os.stat_result:
    """Write a new file; FileExistsError when something is there, which stays as it is."""
    temporary = _written(path, content, None)
    try:
        try:
            os.link(temporary, path)
        except OSError as exc:
            if exc.errno not in _NO_LINKS:
                raise
            _reserve(path)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path.lstat()


def replace(path: Path, content: bytes, expected: Stamp) -> os.stat_result:
    """Replace a file's content, keeping its permissions; MovedError when it is not *expected*."""
    before = path.lstat()
    temporary = _written(path, content, before)
    try:
        if stamp(path.lstat()) != expected:
            raise MovedError(path)
        temporary.replace(path)
    except FileNotFoundError as exc:
        raise MovedError(path) from exc
    finally:
        temporary.unlink(missing_ok=True)
    return path.lstat()


def move(source: Path, target: Path) -> os.stat_result:
    """Give a file another path; FileExistsError when something is there, which stays as it is."""
    if not _renamed(source, target):
        _reserve(target)  # a bare rename would overwrite what appears meanwhile
        try:
            source.replace(target)
        except BaseException:
            target.unlink()
            raise
    return target.lstat()


def _renamed(source: Path, target: Path) -> bool:
    """Rename in one step where nothing is overwritten; False where the system has no such step."""
    if _renameat2 is None:
        return False
    if _renameat2(_AT_FDCWD, bytes(source), _AT_FDCWD, bytes(target), _NO_REPLACE) == 0:
        return True
    code = ctypes.get_errno()
    if code in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:  # not on this file system
        return False
    raise OSError(code, os.strerror(code), str(target if code == errno.EEXIST else source))


_AT_FDCWD, _NO_REPLACE = -100, 1
"""Of Linux: paths are as they are given; EEXIST rather than to replace what is there."""
_renameat2 = None
if sys.platform == "linux":
    _renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)


def clean(folder: Path, *, below: bool = False, is_locked: bool = False) -> None:
    """Remove the temporary files that interrupted programs left in *folder*, and *below* it.

    While nobody else can be writing there (*is_locked*), that is all of them.
    """
    limit = math.inf if is_locked else time.time() - _LEFT_AFTER
    for parent, folders, names in os.walk(folder):
        if not below:
            folders.clear()
        for name in filter(_TEMPORARY.match, names):
            left = Path(parent, name)
            with contextlib.suppress(OSError):  # gone, or not ours to remove
                if left.lstat().st_mtime < limit:
                    left.unlink()


@contextlib.contextmanager
def locked_if_free(folder: Path) -> Iterator[bool]:
    """Hold the lock of *folder* if nobody else does; whether it is held."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        is_held = False
        if fcntl is not None:
            with contextlib.suppress(OSError):  # taken, or no locks on a network file system
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_held = True
        yield is_held
    finally:
        os.close(handle)


class WriteLock:
    """Held while files are read to be written: one thread of one program at a time.

    Other programs that use this library wait for it as well (an advisory lock of the folder
    itself: nothing is left behind); any other program is noticed by the stamps of its files.
    Folders that were written to are forced to the disk once, when the lock is given back.
    """

    def __init__(self) -> None:
        self.threads = threading.RLock()
        self._depth = 0
        self._holder: int | None = None
        self._touched: set[Path] = set()

    def touch(self, folder: Path) -> None:
        """Entries of *folder* were changed."""
        self._touched.add(folder)

    @property
    def is_held(self) -> bool:
        """Whether it is held, as the thread sees it that holds it."""
        return self._holder == threading.get_ident()

    @property
    def is_outermost(self) -> bool:
        """Whether it is held once only."""
        return self._depth == 1

    @contextlib.contextmanager
    def hold(self, folder: Path) -> Iterator[None]:
        """Hold it; again within itself: no effect."""
        with self.threads, contextlib.ExitStack() as stack:
            if self._depth == 0:
                stack.enter_context(_locked(folder))
                stack.callback(self._flush)
            self._depth += 1
            self._holder = threading.get_ident()
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self._holder = None

    def _flush(self) -> None:
        touched, self._touched = self._touched, set()
        for folder in touched:
            with contextlib.suppress(FileNotFoundError):  # emptied and removed meanwhile
                _sync_folder(folder)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if fcntl is not None:
            _wait_for(handle, folder)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, folder: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError(
                    errno.ETIMEDOUT, f"another program has been writing for {_PATIENCE:g} s", folder
                ) from None
            time.sleep(0.01)
        except OSError:
            return  # a network file system without locks of folders
        else:
            return


def _written(path: Path, content: bytes, like: os.stat_result | None) -> Path:
    """A temporary file with *content* beside *path*, safe on the disk."""
    temporary = path.with_name(f".b3j0f-{secrets.token_hex(8)}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if like is not None:
                _make_alike(file.fileno(), like)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as exc:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(exc, OSError):
            exc.filename = str(path)  # a full disk names no file, the others the temporary one
        raise
    return temporary


def _make_alike(handle: int, like: os.stat_result) -> None:
    made = os.fstat(handle)
    if (made.st_uid, made.st_gid) != (like.st_uid, like.st_gid):
        with contextlib.suppress(PermissionError):  # only root may give files away
            os.fchown(handle, like.st_uid, like.st_gid)
    os.fchmod(handle, stat.S_IMODE(like.st_mode))


def _reserve(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as exc:
        if exc.errno != errno.EINVAL:  # some file systems cannot sync folders
            raise
    finally:
        os.close(handle)
