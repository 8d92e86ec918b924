"""Reading data that are one document each."""

from __future__ import annotations

import os
import re
import time
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ...accessor import Accessor
from ...data import Data
from ...errors import DataError, StoreError, StoreUnavailableError, SyncError
from ...fields import MISSING
from .atomic import Stamp, is_settled, stamp
from .formats import FormatError, ValueFormatError, format_called
from .options import DocumentOptions
from .tree import Found, Key, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...data import Content
    from ...fields import Field
    from ...query import Query
    from .formats import Document
    from .store import FileStore

__all__ = ["DocumentReader", "key_of"]

D = TypeVar("D", bound=Data)
Id = str | int

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST = 64 * 1024 * 1024  # bytes; more is no document that people write
_REMEMBERED = 50_000  # documents whose content is kept, so that only changed ones are read again
_ATTEMPTS = 10


class _Entry(NamedTuple):
    """What was read of one document."""

    content: Content
    created: datetime | None


class DocumentReader(Accessor[D]):
    """Finds and reads documents; what was read serves as long as its file is the same."""

    store: FileStore

    def __init__(self, store: FileStore) -> None:
        super().__init__(store)
        options = store.options[self.datatype]
        assert isinstance(options, DocumentOptions)  # noqa: S101 - for mypy: made by the store
        options.check_fields(self.schema.name, [*self.schema.names, "created"])
        self.format = format_called(store.format)
        self.tree = Tree(
            store.path / (options.folder or self.schema.name),
            self.format.suffixes,
            store.lock,
            self._says,
        )
        keys = options.keys or {}
        self._keys = {name: keys.get(name, name) for name in self.schema.names}
        self._created_key = keys.get("created", "created")
        name, context = (re.escape(self._keys[n].encode()) for n in ("name", "context"))
        self._may_say = re.compile(rb"(?:%b|%b)[\"']?\s*:" % (name, context))
        self._entries: OrderedDict[str, tuple[Stamp, _Entry]] = OrderedDict()

    # --- hooks ---------------------------------------------------------------------------------

    def _get(self, id: Id) -> D | None:
        found = self._look(id)
        return None if found is None else self._read(found)

    def _get_by_name(self, name: str, context: tuple[str, ...]) -> D | None:
        key = name, context
        plain = self._look(self.tree.plain_id(key))
        if plain is not None and (data := self._read(plain)) is not None and key_of(data) == key:
            return data
        for id in self.tree.strays(key):
            found = self._look(id)
            if (
                found is not None
                and (data := self._read(found)) is not None
                and key_of(data) == key
            ):
                return data
        return None

    def _find(self, query: Query) -> Iterator[D]:
        if query.names is not None and query.context is not None:
            named = (self._get_by_name(name, query.context) for name in sorted(query.names))
            yield from (data for data in named if data is not None)
            return
        seen: set[str] = set()
        for _ in range(_ATTEMPTS):
            vanished = False
            for found in self._scan():
                if found.id in seen:
                    continue
                try:
                    data = self._read(found)
                except (SyncError, OSError) as exc:
                    self._unreadable(_printable(found.id), self._error_of(exc))
                    data = None
                else:
                    vanished |= data is None
                seen.add(found.id)
                if data is not None:
                    yield data
            if not vanished:  # else it may have got another path that was passed already
                return

    def _get_many(self, ids: Sequence[Id]) -> Iterator[D]:
        for id in ids:
            found = self._look(id)
            try:
                data = None if found is None else self._read(found)
            except (SyncError, OSError) as exc:
                self._unreadable(id, self._error_of(exc))
            else:
                if data is not None:
                    yield data

    def _count(self) -> int:
        return sum(1 for _ in self._scan())

    # --- reading -------------------------------------------------------------------------------

    def _look(self, id: Id | None) -> Found | None:
        self.store.check_there()
        return self.tree.look(id)

    def _scan(self) -> list[Found]:
        self.store.check_there()
        if self.tree.root.is_symlink():
            raise self._error(
                StoreUnavailableError,
                "find",
                f"{self.tree.root} is a symbolic link: give the store the path that it leads to",
            )
        found = self.tree.scan()
        if len(self._entries) > len(found):
            there = {one.id for one in found}
            for id in [id for id in self._entries if id not in there]:
                self._entries.pop(id, None)
        return found

    def _read(self, found: Found) -> D | None:
        """The data of a document; None when it went away meanwhile."""
        known = self._entries.get(found.id)
        if known is not None and known[0] == stamp(found.status):
            return self._as_stored(found, known[1].content, known[1].created)
        loaded = self._load(found)
        if loaded is None:
            return None
        return self._as_stored(found, loaded[1].content, loaded[1].created)

    def _load(self, found: Found) -> tuple[Document, _Entry] | None:
        """Read a document from its file."""
        if found.problem is not None:
            raise self._error(StoreError, "get", f"{found.path} {found.problem}")
        looked_at = time.time_ns()
        content = self._bytes(found.path)
        if content is None:
            return None
        try:
            text = content.decode()
            document = self.format.parse(text.removeprefix(_BOM))
            document.prefix = text[: text.startswith(_BOM)]
            entry = self._entry(found, document)
        except UnicodeDecodeError as exc:
            line = content.count(b"\n", 0, exc.start) + 1
            problem = f"{found.path}, line {line}: this is not UTF-8; save it in that encoding"
            raise self._error(StoreError, "get", problem) from exc
        except FormatError as exc:
            problem = f"{exc.place(found.path)}: {exc.problem}"
            raise self._error(StoreError, "get", problem) from exc
        if is_settled(found.status, looked_at):
            self._entries[found.id] = stamp(found.status), entry
            if len(self._entries) > _REMEMBERED:
                self._entries.popitem(last=False)
        self.tree.note(found, entry.content[:2], looked_at)
        return document, entry

    def _error_of(self, error: SyncError | OSError) -> SyncError:
        return error if isinstance(error, SyncError) else self._translate(error, "find")

    def _bytes(self, path: Path) -> bytes | None:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        with os.fdopen(handle, "rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise self._error(StoreError, "get", f"{path} is larger than {_LARGEST >> 20} MiB")
        return content

    def _entry(self, found: Found, document: Document) -> _Entry:
        by_path = dict(zip(("name", "context"), self.tree.key_of(found.id), strict=True))
        values = []
        for name, field in self.schema.fields.items():
            key = self._keys[name]
            if key in document:
                values.append(self._value(found, document, key, field))
            elif name in by_path:
                values.append(self._checked_path(found, field, by_path[name]))
            elif field.default is not MISSING:
                values.append(field.default)
            else:
                raise FormatError(f"the key {key!r} is missing; expected {field.kind.expected}")
        created = None
        if self._created_key in document:
            field = self.schema.local["created"]
            created = self._value(found, document, self._created_key, field)
        return _Entry(tuple(values), created)

    def _checked_path(self, found: Found, field: Field, value: Any) -> Any:
        try:
            return field.check(value)
        except DataError as exc:
            problem = f"the path of {os.fsencode(found.path)!r} is not UTF-8: rename it"
            raise self._error(StoreError, "get", problem) from exc

    def _value(self, found: Found, document: Document, key: str, field: Field) -> Any:
        try:
            return document.value(key, field.kind, field.default)
        except ValueFormatError as exc:
            raise DataError(
                f"{exc.place(found.path)}: {self.schema.name}.{field.name}: {exc.problem}",
                datatype=self.schema.name,
                field=field.name,
                expected=exc.expected,
                given=exc.given,
            ) from exc

    def _says(self, found: Found) -> Key | None:
        """What a document says of its name and context; read in full only where it may say it."""
        try:
            content = self._bytes(found.path) if found.problem is None else None
            if content is None or not self._may_say.search(content):
                return None
            loaded = self._load(found)
        except SyncError:
            return None  # told when it is read itself
        return None if loaded is None else loaded[1].content[:2]

    def _as_stored(self, found: Found, content: Content, created: datetime | None) -> D:
        updated = _EPOCH + timedelta(microseconds=found.status.st_mtime_ns // 1000)
        data: D = self.schema.make(content, found.id, created, updated, self.store)
        return data


def key_of(data: Data) -> Key:
    """Name and context of *data*."""
    return data.name, data.context


def _printable(id: str) -> str:
    """An id that any store can keep, of a path that is not UTF-8."""
    return id.encode(errors="backslashreplace").decode()
