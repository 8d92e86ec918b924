"""Accessor of data that are one document each."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from ...accessor import Capability, Outcome
from ...data import Data
from ...errors import StaleError, StoreError, SyncError
from .atomic import MovedError, create, move, replace, stamp
from .formats import Document, FormatError
from .naming import segments
from .reader import DocumentReader, key_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from ...data import Content
    from .tree import Found

__all__ = ["DocumentAccessor"]

D = TypeVar("D", bound=Data)

_ATTEMPTS = 10


class DocumentAccessor(DocumentReader[D]):
    """One document per data, at ``<folder>/<context…>/<name>`` and the format's suffix."""

    capabilities = Capability.DEFAULT | Capability.UNIQUE_NAMES

    # --- hooks ------------------------------------------------------------------------

    def _add(self, data: D) -> D:
        with self._writing():
            if self._look(data.id) is not None:
                raise self._already_exists(data)
            if self._get_by_name(data.name, data.context) is not None:
                raise self._already_exists(data, by_name=True)
            found = self._place(data, lambda path: create(path, self._new_text(data, path)))
            return self._as_stored(found, self.schema.content(data), None)

    def _update(self, data: D, old: D) -> D:
        for _ in range(_ATTEMPTS):
            with self._writing():
                found = self._look(data.id)
                loaded = None if found is None else self._load(found)
                if found is None or loaded is None:
                    raise self._not_found("update", data)
                document, entry = loaded
                self._check_state(self._as_stored(found, entry.content, entry.created), old)
                try:
                    found = self._write(found, document, entry.content, data)
                except MovedError:
                    continue  # read it again: it may be another state now
                return self._as_stored(found, self.schema.content(data), entry.created)
        raise self._error(StaleError, "update", f"{old.global_name!r} keeps changing")

    def _remove(self, data: D) -> None:
        with self._writing():
            found = self._look(data.id)
            if found is None:
                raise self._not_found("remove", data)
            try:
                found.path.unlink()
            except FileNotFoundError as exc:
                raise self._not_found("remove", data) from exc
            self._entries.pop(found.id, None)
            self.tree.drop(found.path)

    # In bulk each document has its own outcome; folders are looked through, locked and forced
    # to the disk once for all.

    def _add_many(self, data: Sequence[D]) -> Iterable[Outcome[D]]:
        with self._writing():
            return super()._add_many(data)

    def _update_many(self, pairs: Sequence[tuple[D, D]]) -> Iterable[Outcome[D]]:
        with self._writing():
            return super()._update_many(pairs)

    def _remove_many(self, data: Sequence[D]) -> Iterable[SyncError | None]:
        with self._writing():
            return super()._remove_many(data)

    def _remove_unchanged_many(self, data: Sequence[D]) -> Iterable[SyncError | None]:
        with self._writing():
            return super()._remove_unchanged_many(data)

    # --- writing -------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self.store.writing():
            if self.store.lock.is_outermost:
                if self.tree.root.is_symlink():
                    problem = f"{self.tree.root} is a symbolic link, which is not written through"
                    raise self._error(StoreError, "write", problem)
                self.tree.prepare()
                self.tree.freshen()
            yield

    def _new_text(self, data: Data, path: Path) -> bytes:
        """A new document at *path*: it says all that its path does not."""
        id = self.tree.id_of(path.relative_to(self.tree.root).as_posix())
        said = dict(zip(("name", "context"), self.tree.key_of(id), strict=True))
        content = zip(self.schema.fields.items(), self.schema.content(data), strict=True)
        values = {
            self._keys[name]: (field.kind, value)
            for (name, field), value in content
            if name not in said or said[name] != value
        }
        return self.format.emit(values).encode()

    def _write(self, found: Found, document: Document, before: Content, data: D) -> Found:
        after = self.schema.content(data)
        changed = [n for n, b, a in zip(self.schema.names, before, after, strict=True) if a != b]
        if not changed:
            return found
        if changed[0] not in {"name", "context"}:  # they lead in every schema
            return self._put(found, document, changed, data)
        if self._get_by_name(data.name, data.context) is not None:
            raise self._already_exists(data, by_name=True)
        if self._is_chosen(found, before, document):
            return self._put(found, document, changed, data)
        return self._rename(found, document, changed, data)

    def _rename(self, found: Found, document: Document, changed: list[str], data: D) -> Found:
        """Write it where it is, under its new name; then move it: at no time it is there twice."""
        needed = [n for n in ("name", "context") if n in changed or self._keys[n] in document]
        written = self._put(found, document, [*needed, *changed], data)
        moved = self._place(data, lambda path: move(written.path, path))
        self._entries.pop(found.id, None)
        self.tree.drop(written.path)
        said = dict(zip(("name", "context"), self.tree.key_of(moved.id), strict=True))
        redundant = [n for n in needed if said[n] == getattr(data, n)]
        missing = [n for n in said if n not in needed and said[n] != getattr(data, n)]
        loaded = self._load(moved) if redundant or missing else None
        if loaded is None:
            return moved
        return self._put(moved, loaded[0], [*redundant, *missing], data, redundant)

    def _is_chosen(self, found: Found, before: Content, document: Document) -> bool:
        """Whether a person chose this path for a document that says its name and context itself."""
        name, context = before[:2]
        *folders, last = found.path.relative_to(self.tree.root).parts
        is_ours = last in segments(name, self.format.suffixes[0]) and (
            len(folders) == len(context)
            and all(f in segments(part) for f, part in zip(folders, context, strict=True))
        )
        says = all(self._keys[n] in document for n in ("name", "context"))
        return not is_ours and (says or (self._keys["name"] in document and not context))

    def _place(self, data: D, put: Callable[[Path], os.stat_result]) -> Found:
        path = None
        try:
            for path in self.tree.places(key_of(data)):
                try:
                    status = put(path)
                except FileExistsError:
                    continue  # a document of another name, or something else
                return self.tree.put(path, status, key_of(data))
        except OSError:
            if path is not None:
                self.tree.prune(path.parent)
            raise
        raise self._already_exists(data, by_name=True)

    def _put(
        self,
        found: Found,
        document: Document,
        names: Iterable[str],
        data: D,
        redundant: Collection[str] = (),
    ) -> Found:
        """Write the fields *names* of *data* into a document."""
        changes = {
            self._keys[name]: (self.schema.fields[name].kind, getattr(data, name)) for name in names
        }
        try:
            text = document.edited(changes, {self._keys[name] for name in redundant})
        except FormatError as exc:
            problem = f"{exc.place(found.path)}: {exc.problem}"
            raise self._error(StoreError, "update", problem) from exc
        if text == document.text:
            return found
        content = (document.prefix + text).encode()
        status = replace(found.path, content, stamp(found.status))
        return self.tree.put(found.path, status, key_of(data))
