"""Accessors that are each wrong in one way, and the contract run on each: collected by name only.

``test_kit_catches.py`` runs this module in a process of its own. Every fault is a subclass of a
right accessor that keeps rows in memory which two stores can share.
"""

import datetime as dt
import threading
import unicodedata
from contextlib import contextmanager
from itertools import count

import pytest

from b3j0f.sync import Capability, Changes, MemoryStore
from b3j0f.sync.errors import NotFoundError, StoreError, SyncError
from b3j0f.sync.stores.memory import MemoryAccessor, accessor_for
from b3j0f.sync.testing import Folder, Note, StoreContract
from b3j0f.sync.testing.lossy import LossyAccessor, normalised


class Backend:
    """What two stores share: rows by type, and whether it works."""

    def __init__(self):
        self.lock = threading.RLock()
        self.parts = {}
        self.works = True
        self.bad = set()

    def part(self, datatype):
        return self.parts.setdefault(datatype, ({}, {}, count(1)))


class BackendError(Exception):
    """What the backend raises."""


class Right(MemoryAccessor):
    """The right accessor that the faults start from."""

    def __init__(self, store):
        super().__init__(store)
        self._rows, self._ids_by_name, self._next_id = store.backend.part(self.datatype)

    def _work(self):
        if not self.store.backend.works:
            raise BackendError("broken")

    def _data(self, id, row):
        if id in self.store.backend.bad:
            raise self._error(StoreError, "get", f"{id!r} is broken")
        return super()._data(id, row)

    def _get(self, id):
        self._work()
        return super()._get(id)

    def _get_by_name(self, name, context):
        self._work()
        return super()._get_by_name(name, context)

    def _get_many(self, ids):
        self._work()
        for id in ids:
            if id in self._rows:
                yield from self._readable(id, self._rows[id])

    def _find(self, query):
        self._work()
        for id, row in list(self._rows.items()):
            yield from self._readable(id, row)

    def _readable(self, id, row):
        try:
            data = self._data(id, row)
        except SyncError as exc:
            self._unreadable(id, exc)
        else:
            yield data

    def _count(self):
        self._work()
        return super()._count()

    def _add(self, data):
        self._work()
        return super()._add(data)

    def _update(self, data, old):
        self._work()
        return super()._update(data, old)

    def _remove(self, data):
        self._work()
        super()._remove(data)


class SharedStore(MemoryStore):
    """Stores of one backend hold the same data."""

    def __init__(self, types, accessor=Right, backend=None, **options):
        self.backend = backend or Backend()
        super().__init__(types, **options)
        self.lock = self.backend.lock
        self.accessor_class = accessor
        for datatype in self.types:
            self._accessors[datatype] = accessor_for(accessor, datatype)(self)

    def twin(self):
        return SharedStore(
            self.types, self.accessor_class, self.backend, unique_names=self.unique_names
        )


class SharedContract(StoreContract):
    accessor = Right
    unique_names = False

    @pytest.fixture
    def store(self):
        return SharedStore(self.datatypes, self.accessor, unique_names=self.unique_names)

    def reopen(self, store):
        return store.twin()

    def fresh(self, store):
        return SharedStore(self.datatypes, self.accessor, unique_names=self.unique_names)

    @contextmanager
    def _breaking(self, store):
        store.backend.works = False
        yield
        store.backend.works = True

    def broken(self, store):
        return self._breaking(store)

    def spoil(self, store, data):
        store.backend.bad.add(data.id)
        return True


class TestRight(SharedContract):
    pass


class TestRightWithUniqueNames(SharedContract):
    unique_names = True


class Lossy(Right, LossyAccessor):
    """As LossyAccessor is, on a shared backend."""


class TestRightLossy(SharedContract):
    accessor = Lossy

    def normalised(self, data):
        return normalised(data)


CAUGHT_BY = {}
"""The tests that have to notice each fault, by the name of its accessor."""


def fault(*tests):
    """Run these tests of the contract on an accessor that is wrong; they have to fail."""

    def run(accessor):
        CAUGHT_BY[accessor.__name__] = {f"test_{test}" for test in tests}
        base = TestRightLossy if issubclass(accessor, Lossy) else SharedContract
        options = {
            "__module__": __name__,
            "accessor": accessor,
            "unique_names": getattr(accessor, "unique", False),
            "datatypes": getattr(accessor, "types", (Note,)),
            "histories": 100,
        }
        others = {test for test in dir(base) if test.startswith("test_")}
        others -= CAUGHT_BY[accessor.__name__]
        made = type(f"Test{accessor.__name__}", (base,), options | dict.fromkeys(others))
        globals()[made.__name__] = made
        return accessor

    return run


def changed_row(accessor, id, **values):
    """Write other values into a stored row, behind everybody's back."""
    content, *times = accessor._rows[id]
    content = list(content)
    for name, value in values.items():
        content[accessor.schema.index[name]] = value
    accessor._rows[id] = (tuple(content), *times)


def with_values(accessor, data, change):
    """A copy of *data* whose values went through *change*, unchecked."""
    schema = accessor.schema
    pairs = zip(schema.names, schema.content(data), strict=True)
    content = tuple(change(name, value) for name, value in pairs)
    return schema.make(content, data.id, data.created, data.updated, data.store)


# --- identity -----------------------------------------------------------------------------


@fault("add_gives_data_as_stored")
class ForgetsTheId(Right):
    def _add(self, data):
        stored = super()._add(data)
        return self._with_id(stored, None)


@fault("add_gives_data_as_stored")
class AnswersAnotherId(Right):
    def _add(self, data):
        stored = super()._add(data)
        return self._with_id(stored, stored.id + 1000)


@fault("ids_are_not_reused")
class ReusesIds(Right):
    def _free_id(self):
        return next(id for id in count(1) if id not in self._rows)


@fault("ids_do_not_collide_between_stores")
class CountsIdsByItself(Right):
    """Two processes give the same ids."""

    def __init__(self, store):
        super().__init__(store)
        self._next_id = count(1)

    def _add(self, data):
        if data.id is None:
            data = self._with_id(data, next(self._next_id))
        self._rows.pop(data.id, None)
        return super()._add(data)


@fault("update_gives_data_as_stored")
class ChangesTheIdOnUpdate(Right):
    def _update(self, data, old):
        stored = super()._update(data, old)
        row = self._rows[stored.id]
        self._drop(stored.id)
        id = self._free_id()
        self._put(id, row)
        return self._data(id, row)


@fault("get_of_odd_id_is_none")
class ChokesOnOddIds(Right):
    def _get(self, id):
        return super()._get(int(id))


@fault("get_of_odd_id_is_none")
class TakesIdsApproximately(Right):
    def _get(self, id):
        id = id.strip("-.xX/") if isinstance(id, str) else abs(id)
        return super()._get(int(id) if isinstance(id, str) and id.isdecimal() else id)


@fault("contains_foreign_data", "update_of_another_stores_data", "remove_of_another_stores_data")
class TakesIdsOfOtherStores(Right):
    """Looks for a data by its id although another store gave it."""

    def _is_ours(self, data):
        return data.id is not None


# --- names and contexts ---------------------------------------------------------------------


@fault("add_gives_data_as_stored")
class LosesTheContext(Right):
    def _add(self, data):
        stored = super()._add(data)
        changed_row(self, stored.id, context=())
        return self._data(stored.id, self._rows[stored.id])


@fault("values_come_back")
class JoinsTheContext(Right):
    def _add(self, data):
        context = tuple("/".join(data.context).split("/")) if data.context else ()
        return super()._add(data.replace(context=context))


@fault("get_by_name_tells_contexts_apart")
class IgnoresTheContextOfAName(Right):
    def _get_by_name(self, name, context):
        return next((data for data in self._find(None) if data.name == name), None)


@fault("get_by_name_needs_name_and_context")
class IgnoresTheCaseOfNames(Right):
    def _get_by_name(self, name, context):
        for data in self._find(None):
            if (data.name.lower(), data.context) == (name.lower(), context):
                return data
        return None


@fault("values_come_back")
class ComposesNames(Right):
    def _add(self, data):
        return super()._add(data.replace(name=unicodedata.normalize("NFC", data.name)))


@fault("values_come_back")
class StripsNames(Right):
    def _add(self, data):
        return super()._add(data.replace(name=data.name.strip()))


@fault("rename", "random_histories")
class KeepsTheOldName(Right):
    """After a renaming the data is still found under its old name."""

    def _update(self, data, old):
        stored = super()._update(data, old)
        self._ids_by_name.setdefault((old.name, old.context), {})[stored.id] = None
        return stored


@fault("rename")
class RenamesIntoACopy(Right):
    def _update(self, data, old):
        if (data.name, data.context) == (old.name, old.context):
            return super()._update(data, old)
        self._check_state(self._get(old.id), old)
        return self._add(self._with_id(data, None))


@fault("add_many_of_taken_names")
class KeepsNamesUniqueInSingleAddsOnly(Right):
    unique = True

    def _refuse_taken_name(self, data, id):
        pass


@fault("add_keeps_data_of_one_name_apart", "random_histories")
class OverwritesByName(Right):
    """Two data of one name become one."""

    def _add(self, data):
        there = self._get_by_name(data.name, data.context)
        if there is not None and data.id is None:
            self._drop(there.id)
        return super()._add(data)


# --- writing --------------------------------------------------------------------------------


@fault("stale_update_is_refused", "save_of_stale_data", "random_histories")
class IgnoresTheOldState(Right):
    def _update(self, data, old):
        return super()._update(data, self._get(old.id) or old)


@fault("stale_update_is_refused")
class ComparesTimesOnly(Right):
    """Takes a state of the same second for the same state."""

    def _check_state(self, stored, old):
        if stored is None or stored.updated.replace(microsecond=0) != old.updated.replace(
            microsecond=0
        ):
            super()._check_state(stored, old)


@fault("stale_update_is_refused")
class ComparesTheFirstFieldsOnly(Right):
    def _held(self, data):
        return super()._held(data)[:6]


@fault("stale_update_is_refused")
class WritesBeforeItCompares(Right):
    def _update(self, data, old):
        before = self._get(old.id)
        stored = super()._update(data, before or old)
        self._check_state(before, old)
        return stored


@fault("update_leaves_what_it_is_given")
class AnswersWhatItIsGiven(Right):
    def _update(self, data, old):
        super()._update(data, old)
        return data


@fault("values_come_back")
class AnswersBeforeNormalising(Lossy):
    def _add(self, data):
        stored = super()._add(data)
        return self._with_id(data, stored.id)


@fault("values_come_back")
class NormalisesUpdatesOnly(Lossy):
    def _add(self, data):
        return MemoryAccessor._add(self, data)


@fault("update_of_each_field", "random_histories")
class DropsAFieldOnUpdate(Right):
    def _update(self, data, old):
        return super()._update(data.replace(folder=old.folder), old)


@fault("add_gives_data_as_stored")
class DropsAFieldOnAdd(Right):
    def _add(self, data):
        return super()._add(data.replace(alarm=dt.time(0)))


@fault("update_back_to_defaults")
class CannotEmptyAField(Right):
    def _update(self, data, old):
        filled = {n: getattr(old, n) for n in self.schema.names if not getattr(data, n)}
        return super()._update(data.replace(**filled), old)


@fault("add_leaves_what_it_is_given")
class ChangesWhatItIsGiven(Right):
    def _add(self, data):
        data.description = data.description.strip()
        stored = super()._add(data)
        data.id = stored.id
        return stored


@fault("update_of_removed_data")
class UpdatesWhatIsNotThere(Right):
    def _update(self, data, old):
        if old.id not in self._rows:
            return super()._add(data)
        return super()._update(data, old)


@fault("update_of_removed_data")
class TellsStaleForMissing(Right):
    def _update(self, data, old):
        if old.id not in self._rows:
            raise StoreError("409 Conflict")
        return super()._update(data, old)


@fault("times_go_forward")
class MovesCreated(Right):
    def _update(self, data, old):
        stored = super()._update(data, old)
        row = self._rows[stored.id]
        content, _, updated = row
        self._rows[stored.id] = (content, updated, updated)
        return self._data(stored.id, self._rows[stored.id])


@fault("times_go_forward")
class TakesUpdatedBack(Right):
    def _update(self, data, old):
        stored = super()._update(data, old)
        back = old.updated - dt.timedelta(seconds=1)
        self._rows[stored.id] = self._rows[stored.id]._replace(updated=back)
        return self._data(stored.id, self._rows[stored.id])


@fault("removed_data_is_gone")
class RemovesNothing(Right):
    def _remove(self, data):
        if data.id not in self._rows:
            raise self._not_found("remove", data)


@fault("removal_of_what_has_changed")
class RemovesWhateverIsThere(Right):
    def _remove_unchanged_many(self, data):
        return self._remove_many(data)


@fault("removal_of_what_has_changed")
class RemovesAllOrNone(Right):
    def _remove_unchanged_many(self, data):
        outcomes = list(super()._remove_unchanged_many([]))
        for one in data:
            self._check_removal(self._get(one.id), one)
        return outcomes + list(self._remove_many(data))


@fault("removal_of_what_is_gone")
class TakesWhatIsGoneForRemoved(Right):
    def _remove_unchanged_many(self, data):
        outcomes = super()._remove_unchanged_many(data)
        return [None if isinstance(one, NotFoundError) else one for one in outcomes]


@fault("remove_of_removed_data")
class RemovesSilently(Right):
    def _remove(self, data):
        if data.id in self._rows:
            super()._remove(data)


@fault("remove_goes_by_the_id")
class RemovesByName(Right):
    def _remove(self, data):
        ids = self._ids_by_name.get((data.name, data.context))
        if not ids:
            raise self._not_found("remove", data)
        self._drop(next(iter(ids)))


@fault("removed_data_is_gone", "random_histories")
class RetiresInsteadOfRemoving(Right):
    """Gone from lists, still there by its id."""

    def __init__(self, store):
        super().__init__(store)
        self.retired = {}

    def _remove(self, data):
        self.retired[data.id] = self._rows.get(data.id)
        super()._remove(data)

    def _get(self, id):
        row = self.retired.get(id)
        return super()._get(id) if row is None else self._data(id, row)


# --- values ---------------------------------------------------------------------------------


class Mangling(Right):
    """Values go through ``mangled`` when they are read."""

    def _data(self, id, row):
        return with_values(self, super()._data(id, row), self.mangled)


@fault("values_come_back")
class TruncatesTexts(Right):
    def _add(self, data):
        return super()._add(data.replace(text=data.text[:255]))


@fault("times_are_in_utc_or_none")
class MakesTimesNaive(Mangling):
    def mangled(self, name, value):
        return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


@fault("add_gives_data_as_stored")
class TellsTimesInAnotherZone(Mangling):
    """The same moment, in a form that looks different when it is written down."""

    def mangled(self, name, value):
        zone = dt.timezone(dt.timedelta(hours=1))
        if isinstance(value, dt.datetime) and value.year not in {1, 9999}:
            return value.astimezone(zone)
        return value


@fault("add_gives_data_as_stored")
class ReadsTimesInLocalTime(Mangling):
    def mangled(self, name, value):
        if isinstance(value, dt.datetime) and value.year not in {1, 9999}:
            return value - dt.timedelta(hours=2)
        return value


@fault("values_come_back")
class DropsMicroseconds(Mangling):
    def mangled(self, name, value):
        if isinstance(value, dt.datetime | dt.time):
            return value.replace(microsecond=0)
        return value


@fault("values_come_back")
class TakesEmptyForNone(Mangling):
    def mangled(self, name, value):
        return None if name == "remark" and value == "" else value


@fault("values_come_back")
class TakesNoneForZero(Mangling):
    def mangled(self, name, value):
        return value or 0 if name == "rank" else value


@fault("found_data_are_clean")
class GivesPlainSets(Mangling):
    def mangled(self, name, value):
        return set(value) if isinstance(value, frozenset) else value


@fault("found_data_are_clean")
class GivesIntegersForBooleans(Mangling):
    def mangled(self, name, value):
        return int(value) if isinstance(value, bool) else value


@fault("values_come_back")
class ReckonsInFloats(Mangling):
    def mangled(self, name, value):
        return float(value) if name == "order" else value


@fault("values_come_back")
class TranslatesNewlines(Mangling):
    def mangled(self, name, value):
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


@fault("values_come_back")
class SplitsTagsAtCommas(Mangling):
    def mangled(self, name, value):
        if name == "tags":
            return frozenset(word for tag in value for word in tag.split(","))
        return value


@fault("values_come_back")
class SortsTuples(Mangling):
    def mangled(self, name, value):
        return tuple(sorted(value)) if name == "lines" else value


@fault("get_and_find_give_the_same")
class ManglesWhatIsFoundOnly(Right):
    def _find(self, query):
        for data in super()._find(query):
            yield data.replace(description="")


# --- reading --------------------------------------------------------------------------------


@fault("added_data_is_not_shared", "read_data_are_not_shared")
class SharesItsObjects(Right):
    """Keeps the data themselves, and gives them away."""

    def __init__(self, store):
        super().__init__(store)
        self.objects = {}

    def _data(self, id, row):
        kept_row, data = self.objects.get(id, (None, None))
        if kept_row is not row:
            data = super()._data(id, row)
            self.objects[id] = row, data
        return data


@fault("update_gives_data_as_stored")
class GetsFromACache(Right):
    def __init__(self, store):
        super().__init__(store)
        self.cache = {}

    def _get(self, id):
        if id not in self.cache:
            self.cache[id] = super()._get(id)
        found = self.cache[id]
        return None if found is None else found.replace()


@fault("updated_data_last")
class CachesBetweenStores(Right):
    """Sees its own writes, and nobody else's."""

    def __init__(self, store):
        super().__init__(store)
        self.seen = {}

    def _data(self, id, row):
        return super()._data(id, self.seen.setdefault(id, row))

    def _put(self, id, row):
        super()._put(id, row)
        self.seen[id] = row


@fault("find_shows_everything")
class FindsTwice(Right):
    def _find(self, query):
        found = list(super()._find(query))
        yield from found
        yield from (data.replace() for data in found[-1:])


@fault("bulk_of_many")
class FindsTheFirstPageOnly(Right):
    def _find(self, query):
        for number, data in enumerate(super()._find(query)):
            if number == 100:
                return
            yield data


@fault("find_by_several_conditions", "find_limits")
class LimitsBeforeItFilters(Right):
    def _find(self, query):
        for number, data in enumerate(super()._find(query)):
            if query.limit is not None and number == query.limit:
                return
            yield data


@fault("find_by_context")
class FiltersByPrefix(Right):
    def _find(self, query):
        for data in super()._find(query):
            if not query.context or data.context[: len(query.context)] == query.context[:-1]:
                yield data


@fault("find_by_time")
class FiltersTimesStrictly(Right):
    def _find(self, query):
        for data in super()._find(query):
            if query.updated_since is None or data.updated > query.updated_since:
                yield data


@fault("values_can_be_found")
class FiltersTruthyValuesOnly(Right):
    """Looks for a value by ``or``: nothing has the value that is false."""

    def _find(self, query):
        if all(query.equal.values()):
            yield from super()._find(query)


@fault("find_by_several_conditions")
class MatchesAnyCondition(Right):
    def _find(self, query):
        for data in super()._find(query):
            tests = [getattr(data, name) == value for name, value in query.equal.items()]
            if query.names is not None and query.equal and not any(tests):
                continue
            if query.names is not None and query.context is not None and data.name > "note 4":
                continue
            yield data


@fault("finds_do_not_disturb_each_other")
class FindsWithOneCursor(Right):
    """A second find takes the first one's place."""

    def _find(self, query):
        self.cursor = super()._find(query)
        while (data := next(self.cursor, None)) is not None:
            yield data


@fault("verbs_are_the_librarys", "errors_while_finding")
class LeaksFromFind(Right):
    """Overrides the verb, so that nobody translates what the backend raises."""

    def find(self, query=None, **options):
        self.store._ready()
        found = self._find(query)
        return (self._bound(data, "find") for data in found if query.matches(data))


@fault("unreadable_data")
class EndsAtUnreadableData(Right):
    def _find(self, query):
        for id, row in list(self._rows.items()):
            yield self._data(id, row)


@fault("unreadable_data")
class HidesUnreadableData(Right):
    def _readable(self, id, row):
        if id not in self.store.backend.bad:
            yield self._data(id, row)


@fault("get_many_of_nothing")
class GetsEverythingForNoIds(Right):
    def _get_many(self, ids):
        return (data for data in self._find(None) if not ids or data.id in ids)


@fault("get_many_gives_those_that_exist")
class GetsManyWithGaps(Right):
    def _get_many(self, ids):
        return [self._get(id) for id in ids]


@fault("length_and_iteration", "random_histories")
class CountsOnceOnly(Right):
    def __init__(self, store):
        super().__init__(store)
        self.counted = None

    def _count(self):
        if self.counted is None:
            self.counted = super()._count()
        return self.counted


@fault("types_do_not_mix")
class MixesTypes(Right):
    types = (Folder, Note)

    def _get_by_name(self, name, context):
        for accessor in self.store._accessors.values():
            if (name, context) in accessor._ids_by_name:
                return MemoryAccessor._get_by_name(accessor, name, context)
        return None


# --- many at once -----------------------------------------------------------------------------


@fault("add_many_where_one_fails")
class AnswersTooFewInBulk(Right):
    def _add_many(self, data):
        return [stored for stored in super()._add_many(data) if not isinstance(stored, SyncError)]


@fault("update_many_where_one_fails")
class StopsAtTheFirstErrorInBulk(Right):
    def _update_many(self, pairs):
        outcomes = []
        for outcome in map(super()._update_many, ([pair] for pair in pairs)):
            outcomes += outcome
            if isinstance(outcome[0], SyncError):
                break
        return outcomes + [outcomes[-1]] * (len(pairs) - len(outcomes))


@fault("update_many")
class AnswersBulkInItsOwnOrder(Right):
    def _update_many(self, pairs):
        stored = super()._update_many(pairs)
        return sorted(stored, key=lambda data: getattr(data, "id", None) or 0)


@fault("add_many_where_one_fails")
class OverwritesInBulk(Right):
    def _add_many(self, data):
        for one in data:
            if one.id in self._rows:
                self._drop(one.id)
        return super()._add_many(data)


@fault("update_many_where_one_fails")
class IgnoresTheOldStateInBulk(Right):
    def _update_many(self, pairs):
        return super()._update_many([(new, self._get(old.id) or old) for new, old in pairs])


@fault("remove_many")
class RemovesSilentlyInBulk(Right):
    def _remove_many(self, data):
        super()._remove_many(data)
        return [None] * len(data)


# --- changes ----------------------------------------------------------------------------------


@fault("changes_see_removals", "random_histories")
class ForgetsRemovals(Right):
    def _changes(self, cursor):
        found = super()._changes(cursor)
        return Changes(found.data, [], found.cursor)


@fault("changes_see_updates", "random_histories")
class ForgetsUpdates(Right):
    """Knows what is new by its id."""

    def _changes(self, cursor):
        every = list(self._find(None))
        known = cursor or []
        gone = set(known) - {data.id for data in every}
        new = [data for data in every if data.id not in known]
        return Changes(new, list(gone), [data.id for data in every])


@fault("no_changes")
class GivesACursorThatIsNoJson(Right):
    def _changes(self, cursor):
        found = super()._changes(None if cursor is None else list(cursor))
        return Changes(found.data, found.removed, frozenset(map(tuple, found.cursor)))


@fault("old_cursor_still_serves")
class RemembersTheCursorItself(Right):
    """What was asked for once is not given again, whatever the cursor says."""

    def __init__(self, store):
        super().__init__(store)
        self.last = None

    def _changes(self, cursor):
        found = super()._changes(None if cursor is None else self.last)
        self.last = found.cursor
        return Changes(found.data, found.removed, True)  # noqa: FBT003


@fault("changes_see_the_last_removal")
class TakesAnEmptyStoreForAFailure(Right):
    def _changes(self, cursor):
        found = super()._changes(cursor)
        return found if found.cursor or not cursor else Changes([], [], cursor)


# --- declaring --------------------------------------------------------------------------------


@fault("add_gives_data_as_stored")
class DeclaresFieldsItHasNot(Right):
    def _add(self, data):
        return super()._add(data.replace(weight=0.0))

    def _update(self, data, old):
        return super()._update(data.replace(weight=0.0), old)


@fault("add_refuses_a_taken_name")
class DeclaresUniqueNamesOnly(Right):
    """Says that names are unique, and looks for them by name alone."""

    unique = True

    def _is_name_taken(self, data):
        return False

    def _refuse_taken_name(self, data, id):
        pass


@fault("get_of_odd_id_is_none")
class RaisesForMissing(Right):
    def _get(self, id):
        found = super()._get(id)
        if found is None:
            raise NotFoundError("404")
        return found


@fault("remove_without_the_capability")
class DeclaresNoRemoval(Right):
    """Says that it cannot remove, and removes."""

    capabilities = Capability.DEFAULT & ~Capability.REMOVE

    def _checked(self, data, action, needed):
        return data
