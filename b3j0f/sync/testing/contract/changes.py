"""Changes since a cursor: all that was added, updated or removed, and little else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...accessor import Capability
from .base import Contract, needs

if TYPE_CHECKING:
    from ...accessor import Changes
    from ...data import Data
    from ...store import Store


class ChangesContract(Contract):
    """Promises of changes."""

    def test_changes_from_the_start(self, store: Store, datatype: type[Data]) -> None:
        """Without a cursor, changes gives everything there is, and where to go on."""
        empty = store.accessor(datatype).changes()
        assert list(empty.data) == list(empty.removed) == []
        stored = self.given(store, datatype, 3)
        found = store.accessor(datatype).changes(None)
        self._check(store, found, stored)

    def test_no_changes(self, store: Store, datatype: type[Data]) -> None:
        """Where nothing changed, nothing comes, however often it is asked."""
        self.given(store, datatype, 3)
        cursor = self._cursor(store, datatype)
        for _ in range(2):
            found = store.accessor(datatype).changes(cursor)
            self._check(store, found, [])
            cursor = _through_json(found.cursor)

    def test_changes_see_additions(self, store: Store, datatype: type[Data]) -> None:
        """What was added since comes, and comes once."""
        self.given(store, datatype, 2)
        cursor = self._cursor(store, datatype)
        added = self.given(store, datatype, 2, first=2)
        found = store.accessor(datatype).changes(cursor)
        self._check(store, found, added)
        self._check(store, store.accessor(datatype).changes(_through_json(found.cursor)), [])

    @needs(Capability.UPDATE)
    def test_changes_see_updates(self, store: Store, datatype: type[Data]) -> None:
        """What was updated since comes as it is now, though it was updated twice."""
        old, _ = self.given(store, datatype, 2)
        cursor = self._cursor(store, datatype)
        new = store.update(self.changed(old), old)
        new = store.update(self.changed(new), new)
        found = store.accessor(datatype).changes(cursor)
        self._check(store, found, [new])
        self._check(store, store.accessor(datatype).changes(_through_json(found.cursor)), [])

    @needs(Capability.UPDATE | Capability.RENAME)
    def test_changes_see_renamings(self, store: Store, datatype: type[Data]) -> None:
        """What was renamed since comes under its new name; an id that it lost is removed."""
        old, _ = self.given(store, datatype, 2)
        cursor = self._cursor(store, datatype)
        new = store.update(self.renamed(old), old)
        found = store.accessor(datatype).changes(cursor)
        self._check(store, found, [new], [] if new.id == old.id else [old])

    @needs(Capability.REMOVE | Capability.DETECT_REMOVALS)
    def test_changes_see_removals(self, store: Store, datatype: type[Data]) -> None:
        """The id of what was removed since comes, once; what came and went since is no data."""
        gone, _ = self.given(store, datatype, 2)
        cursor = self._cursor(store, datatype)
        store.remove(gone)
        (brief,) = self.given(store, datatype, first=2)
        store.remove(brief)
        found = store.accessor(datatype).changes(cursor)
        assert [id for id in found.removed if id != brief.id] == [gone.id]
        assert not {gone.id, brief.id}.intersection(data.id for data in found.data)
        self._check(store, store.accessor(datatype).changes(_through_json(found.cursor)), [])

    @needs(Capability.REMOVE | Capability.DETECT_REMOVALS)
    def test_changes_see_the_last_removal(self, store: Store, datatype: type[Data]) -> None:
        """A store that has become empty tells what is gone."""
        gone = self.given(store, datatype, 2)
        cursor = self._cursor(store, datatype)
        for data in gone:
            store.remove(data)
        self._check(store, store.accessor(datatype).changes(cursor), [], gone)

    @needs(Capability.UPDATE)
    def test_old_cursor_still_serves(self, store: Store, datatype: type[Data]) -> None:
        """The same cursor gives the same again: what was not worked off is not lost."""
        old, _ = self.given(store, datatype, 2)
        cursor = self._cursor(store, datatype)
        new = store.update(self.changed(old), old)
        store.accessor(datatype).changes(cursor)
        self._check(store, store.accessor(datatype).changes(cursor), [new])

    @needs(Capability.UPDATE)
    def test_changes_made_elsewhere(self, store: Store, datatype: type[Data]) -> None:
        """A cursor outlives its store: another one on the same backend goes on from it."""
        store.connect()
        other = self.reopen(store)
        if other is None:
            other = store
        old, _ = self.given(store, datatype, 2)
        cursor = self._cursor(store, datatype)
        new = store.update(self.changed(old), old)
        try:
            found = other.accessor(datatype).changes(cursor)
            self._check(other, found, [new])
        finally:
            other.disconnect()

    def _cursor(self, store: Store, datatype: type[Data]) -> Any:
        return _through_json(store.accessor(datatype).changes(None).cursor)

    def _check(
        self,
        store: Store,
        found: Changes[Any],
        changed: list[Any],
        removed: list[Any] | None = None,
    ) -> None:
        """Assert that *found* tells *changed* and *removed*, and is in step with the store."""
        by_id = {data.id: data for data in found.data}
        assert len(by_id) == len(found.data), "a data comes twice"
        wanted = {data.id for data in changed}
        assert by_id.keys() >= wanted
        if self.exact_changes:
            assert by_id.keys() == wanted
        for data in found.data:
            self.check(store, self.read(store, data), data)
            assert data.store is store
        for data in changed:
            self.check(store, by_id[data.id], data)
        assert sorted(map(repr, found.removed)) == sorted(repr(one.id) for one in removed or [])


def _through_json(cursor: Any) -> Any:
    return json.loads(json.dumps(cursor))
