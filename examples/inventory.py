"""A store in one JSON file, as the how-to guide "Write an accessor" builds it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from b3j0f.sync import Accessor, Data, DataError, Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from b3j0f.sync import Query


class Host(Data):
    """A host of an inventory."""

    address: str = ""
    port: int = 22


class Hosts(Accessor[Host]):
    """Hosts in a JSON file: ``{"last": 2, "hosts": {"1": {...}, "2": {...}}}``."""

    datatype = Host
    store: Inventory

    def _get(self, id: str | int) -> Host | None:
        host = self.store.read()["hosts"].get(str(id)) if isinstance(id, int) else None
        return None if host is None else self._host(id, host)

    def _get_by_name(self, name: str, context: tuple[str, ...]) -> Host | None:
        found = (host for host in self._hosts() if (host.name, host.context) == (name, context))
        return next(found, None)

    def _find(self, query: Query) -> Iterator[Host]:
        return self._hosts()

    def _add(self, data: Host) -> Host:
        with self.store.lock:
            file = self.store.read()
            id = file["last"] + 1 if data.id is None else data.id
            if str(id) in file["hosts"]:
                raise self._already_exists(data)
            file["last"] = max(file["last"], id)  # an id is never given twice
            return self._put(file, id, data)

    def _update(self, data: Host, old: Host) -> Host:
        id: Any = old.id
        with self.store.lock:
            file = self.store.read()
            self._check_state(self._get(id), old)  # somebody may have been faster
            return self._put(file, id, data)

    def _remove(self, data: Host) -> None:
        with self.store.lock:
            file = self.store.read()
            if file["hosts"].pop(str(data.id), None) is None:
                raise self._not_found("remove", data)
            self.store.write(file)

    def _get_many(self, ids: Sequence[str | int]) -> Iterator[Host]:
        """Optional: reads the file once, and not once for each id."""
        return self._hosts(set(ids))

    def _hosts(self, ids: Container[str | int] | None = None) -> Iterator[Host]:
        for id, host in self.store.read()["hosts"].items():
            if ids is not None and int(id) not in ids:
                continue
            try:
                found = self._host(int(id), host)
            except DataError as exc:
                self._unreadable(int(id), exc)  # it is there, and hides no other one
            else:
                yield found

    def _host(self, id: Any, host: dict[str, Any]) -> Host:
        return cast("Host", self.schema.from_plain({"id": id, **host}))  # checks the values

    def _put(self, file: dict[str, Any], id: Any, data: Host) -> Host:
        file["hosts"][str(id)] = host = self.schema.to_plain(data)
        self.store.write(file)
        return self._host(id, host)


class Inventory(Store):
    """Hosts in the JSON file *path*; it is made with the first one."""

    accessors = (Hosts,)

    def __init__(self, path: str | Path, **options: Any) -> None:
        super().__init__(**options)
        self.path, self.lock = Path(path), threading.RLock()

    def read(self) -> dict[str, Any]:
        """What the file says."""
        try:
            content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"last": 0, "hosts": {}}
        except ValueError as exc:
            raise StoreError(f"{self.path} is no inventory: {exc}", store=self.name) from exc
        return content

    def write(self, content: dict[str, Any]) -> None:
        """Replace the file as a whole: who reads it sees the old or the new one."""
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(content, indent=2), encoding="utf-8")
        new.replace(self.path)
