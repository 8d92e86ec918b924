"""The folder of one type: which documents are there, and where one belongs.

A document is known by its path within the folder, without suffix: its id. What its path says
of name and context is not all: a document may say them itself. Those whose path is not the
plain one of their name and context are kept in a list, so that finding by name looks at the
plain path, and else at that list.
"""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .atomic import Stamp, is_settled, stamp
from .naming import decode_segment, encode_segment, fold, is_segment, segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from .atomic import WriteLock

__all__ = ["Found", "Key", "Tree"]

Key = tuple[str, tuple[str, ...]]
"""Name and context."""

_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Found:
    """One document, or what stands where one could be (``problem``)."""

    id: str
    path: Path
    status: os.stat_result
    problem: str | None = None


@dataclass(slots=True)
class _Folder:
    """The entries of one folder, by what they have in common on systems that fold names."""

    time: int | None  # its own time of change when it was read; None: to be read again
    folded: dict[str, set[str]] = field(default_factory=dict)

    def put(self, entry: str) -> None:
        self.folded.setdefault(fold(entry), set()).add(entry)

    def drop(self, entry: str) -> None:
        self.folded.get(fold(entry), set()).discard(entry)

    def rivals(self, entry: str) -> set[str]:
        return self.folded.get(fold(entry), set()) - {entry}


class Tree:
    """The documents of one type below a folder.

    Args:
        root: The folder.
        suffixes: Of the documents; the first is that of new ones.
        lock: Held for writing, and while the list of documents is renewed.
        says: What the document at a path itself says of its name and context, or None.
    """

    def __init__(
        self,
        root: Path,
        suffixes: Sequence[str],
        lock: WriteLock,
        says: Callable[[Found], Key | None],
    ) -> None:
        self.root, self.suffixes, self.lock, self._says = root, tuple(suffixes), lock, says
        self._folders: dict[str, _Folder] = {}
        self._marks: dict[str, tuple[Stamp | None, Key | None]] = {}
        self._strays: dict[Key, dict[str, None]] = {}
        self._folds: bool | None = None

    # --- ids, paths, names -------------------------------------------------------------------

    def id_of(self, relative: str) -> str:
        """The id of the document at a path within the folder."""
        stem = relative.removesuffix(self.suffixes[0])
        # Its whole path where the stem would be taken for the path of another.
        return relative if stem.endswith(self.suffixes) else stem

    def relative(self, id: object) -> str | None:
        """The path within the folder of a document with this id; None when no id is like this."""
        if not isinstance(id, str) or not id:
            return None
        path = id if id.endswith(self.suffixes) else id + self.suffixes[0]
        if not all(is_segment(segment) for segment in path.split("/")):
            return None
        return path if self.id_of(path) == id else None

    def key_of(self, id: str) -> Key:
        """The name and the context that a path stands for."""
        relative = self.relative(id) or id
        *context, last = relative.split("/")
        suffix = next((suffix for suffix in self.suffixes if last.endswith(suffix)), "")
        name = decode_segment(last.removesuffix(suffix))
        return name, tuple(map(decode_segment, context))

    def plain_id(self, key: Key) -> str:
        """The id of the plain path of a name and context; the path may be too long to exist."""
        name, context = key
        parts = [*map(encode_segment, context), encode_segment(name) + self.suffixes[0]]
        return self.id_of("/".join(parts))

    # --- looking -----------------------------------------------------------------------------

    def look(self, id: object) -> Found | None:
        """The document with this id, or None."""
        relative = self.relative(id)
        if relative is None:
            return None
        path, status = self.root, None
        for segment in relative.split("/"):
            if status is not None and not stat.S_ISDIR(status.st_mode):
                return None
            path = path / segment
            try:
                status = path.lstat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        if status is None or stat.S_ISDIR(status.st_mode) or not self._is_spelled(relative):
            return None
        return Found(self.id_of(relative), path, status, _problem(status))

    def strays(self, key: Key) -> list[str]:
        """Ids of documents of this name and context that are not at its plain path."""
        if not self.lock.is_held:  # else it was renewed when that was begun
            self.freshen()
        return list(self._strays.get(key, ()))

    def scan(self) -> list[Found]:
        """Every document, by the order of paths; what is there is noted."""
        with self.lock.threads:
            for attempt in range(_ATTEMPTS):
                folders: dict[str, _Folder] = {}
                try:
                    found = list(self._walk("", folders))
                    break
                except FileNotFoundError:  # a folder went away: its documents may be elsewhere now
                    if attempt == _ATTEMPTS - 1:
                        raise
            self._folders = folders
            for id in self._marks.keys() - {one.id for one in found}:
                self._forget(id)
        return found

    def freshen(self) -> None:
        """Renew the list of documents, where folders have changed since it was made."""
        with self.lock.threads:
            if self._is_current():
                return
            for found in self.scan():
                mark = self._marks.get(found.id)
                if mark is None or mark[0] != stamp(found.status):
                    self.note(found, self._says(found), time.time_ns())

    def note(self, found: Found, key: Key | None, looked_at: int) -> None:
        """Remember what a document says of its name and context (None: nothing)."""
        with self.lock.threads:
            self._forget(found.id)
            settled = is_settled(found.status, looked_at)
            key = key or self.key_of(found.id)
            is_stray = self.plain_id(key) != found.id
            self._marks[found.id] = (
                stamp(found.status) if settled else None,
                key if is_stray else None,
            )
            if is_stray:
                self._strays.setdefault(key, {})[found.id] = None

    # --- changing ----------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the folder itself."""
        try:
            self.root.mkdir()
        except FileExistsError:
            return
        self._folders = {"": _Folder(self.root.stat().st_mtime_ns)}
        self.lock.touch(self.root.parent)

    def places(self, key: Key) -> Iterator[Path]:
        """Paths for a new document of this name and context, the best first; folders are made."""
        name, context = key
        folder = ""
        for part in context:
            folder = self._make_folder(folder, part)
        for segment in segments(name, self.suffixes[0]):
            if not self._folders[folder].rivals(segment):
                yield self.root / folder / segment

    def put(self, path: Path, status: os.stat_result, key: Key) -> Found:
        """Note a document that was written just now."""
        relative = path.relative_to(self.root).as_posix()
        found = Found(self.id_of(relative), path, status)
        self.note(found, key, time.time_ns())
        self._touch(path, "put")
        return found

    def drop(self, path: Path) -> None:
        """Note that a document was taken away; contexts that it leaves empty are removed."""
        self._forget(self.id_of(path.relative_to(self.root).as_posix()))
        self._touch(path, "drop")
        self.prune(path.parent)

    def prune(self, folder: Path) -> None:
        """Remove *folder*, and those around it, as far as nothing is in them."""
        while folder != self.root:
            try:
                folder.rmdir()
            except OSError:
                return  # something is in it, or it is gone
            self._folders.pop(folder.relative_to(self.root).as_posix(), None)
            self._touch(folder, "drop")
            folder = folder.parent

    def _make_folder(self, parent: str, part: str) -> str:
        for segment in segments(part):
            path = self.root / parent / segment
            relative = f"{parent}/{segment}".lstrip("/")
            if self._folders[parent].rivals(segment):
                continue
            try:
                path.mkdir()
            except FileExistsError:
                if stat.S_ISDIR(path.lstat().st_mode):
                    self._folders.setdefault(relative, _Folder(None))
                    return relative
                continue  # a file, or a link that leads elsewhere
            self._folders[relative] = _Folder(path.stat().st_mtime_ns)
            self._touch(path, "put")
            return relative
        raise FileExistsError(f"no free name for the folder {part!r} in {self.root / parent}")

    def _touch(self, path: Path, change: str) -> None:
        """Note that an entry was put or dropped by ourselves."""
        self.lock.touch(path.parent)
        relative = path.parent.relative_to(self.root).as_posix()
        folder = self._folders.get("" if relative == "." else relative)
        if folder is not None:
            getattr(folder, change)(path.name)
            folder.time = path.parent.stat().st_mtime_ns

    # --- what is there -----------------------------------------------------------------------

    def _walk(self, relative: str, folders: dict[str, _Folder]) -> Iterator[Found]:
        path = self.root / relative if relative else self.root
        looked_at = time.time_ns()
        try:
            status = path.stat(follow_symlinks=False)
            with os.scandir(path) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except FileNotFoundError:
            if relative:
                raise
            return
        settled = is_settled(status, looked_at)
        folder = folders[relative] = _Folder(status.st_mtime_ns if settled else None)
        for entry in listed:
            folder.put(entry.name)
            if entry.name.startswith("."):
                continue
            below = f"{relative}/{entry.name}" if relative else entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(below, folders)
            elif entry.name.endswith(self.suffixes) or (entry.is_symlink() and entry.is_dir()):
                try:
                    found = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield Found(self.id_of(below), path / entry.name, found, _problem(found))

    def _is_current(self) -> bool:
        if not self._folders:
            return False
        for relative, folder in self._folders.items():
            try:
                time = (self.root / relative).stat().st_mtime_ns
            except (FileNotFoundError, NotADirectoryError):
                return False
            if time != folder.time:
                return False
        return True

    def _forget(self, id: str) -> None:
        mark = self._marks.pop(id, None)
        if mark is not None and mark[1] is not None:
            ids = self._strays[mark[1]]
            ids.pop(id, None)
            if not ids:
                del self._strays[mark[1]]

    def _is_spelled(self, relative: str) -> bool:
        """Whether the entries are called so, where the file system would find others as well."""
        if self._folds is None:
            other = self.root.with_name(self.root.name.swapcase())
            self._folds = other != self.root and other.exists() and other.samefile(self.root)
        if not self._folds:
            return True
        folder = self.root
        for segment in relative.split("/"):
            if segment not in os.listdir(folder):  # noqa: PTH208 - names are what is asked for
                return False
            folder = folder / segment
        return True


def _problem(status: os.stat_result) -> str | None:
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link, which is not followed: put the file itself there"
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file"
    return None
