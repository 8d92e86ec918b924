"""The suite follows what a store declares: what it cannot do, hold or take is not asked of it."""

import pytest

from b3j0f.sync import Capability, Data, MemoryStore, Ref
from b3j0f.sync.errors import DataError
from b3j0f.sync.stores.memory import MemoryAccessor, accessor_for
from b3j0f.sync.testing import Folder, Note, StoreContract


class LimitedStore(MemoryStore):
    """A MemoryStore whose accessors are of another class."""

    def __init__(self, types, accessor):
        super().__init__(types, name="limited")
        for datatype in self.types:
            self._accessors[datatype] = accessor_for(accessor, datatype)(self)


class ReadOnly(MemoryAccessor):
    capabilities = Capability.READ_ONLY


class TestReadOnlyStore(StoreContract):
    """What is in the backend was put there by somebody else."""

    @pytest.fixture
    def store(self):
        return LimitedStore([Folder, Note], ReadOnly)

    def fill(self, store, data):
        accessor = store.accessor(type(data))
        return accessor._add(data)


class WithoutRenaming(MemoryAccessor):
    capabilities = Capability.DEFAULT & ~Capability.RENAME


class TestStoreWithoutRenaming(StoreContract):
    @pytest.fixture
    def store(self):
        return LimitedStore([Folder, Note], WithoutRenaming)


class AddingOnly(MemoryAccessor):
    capabilities = Capability.ADD | Capability.DETECT_REMOVALS


class TestStoreThatOnlyAdds(StoreContract):
    @pytest.fixture
    def store(self):
        return LimitedStore([Folder, Note], AddingOnly)


class Forgetful(MemoryAccessor):
    """Holds some of the fields; the others have their default when they are read."""

    @property
    def fields(self):
        return super().fields & {"name", "context", "description", "text", "tags", "quota"}

    def _data(self, id, row):
        data = super()._data(id, row)
        defaults = zip(self.schema.names, self.schema.defaults, strict=True)
        return data.replace(**{n: value for n, value in defaults if n not in self.fields})


class TestStoreOfSomeFields(StoreContract):
    @pytest.fixture
    def store(self):
        return LimitedStore([Folder, Note], Forgetful)


class WithoutNul(MemoryAccessor):
    """Refuses what many a database refuses."""

    def _add(self, data):
        return super()._add(self._taken(data))

    def _update(self, data, old):
        return super()._update(self._taken(data), old)

    def _taken(self, data):
        for name, value in self.schema.to_plain(data).items():
            if "\0" in str(value) or "\\x00" in repr(value):
                raise DataError("no NUL", datatype=self.schema.name, field=name)
        return data


class TestStoreThatRefusesValues(StoreContract):
    @pytest.fixture
    def store(self):
        return LimitedStore([Note], WithoutNul)

    datatypes = (Note,)

    def takes(self, datatype, field, value):
        return "\\x00" not in repr(value) or isinstance(value, bytes)


class Priority(Data):
    """A type of a tracker that has its own idea of names."""

    level: int = 0


class Project(Data):
    url: str


class Issue(Data, parent=Project):
    title: str
    priority: Ref[Priority]
    labels: frozenset[str] = frozenset()


class TestStoreOfFixedTypes(StoreContract):
    """Two types of three are tested; the store is not empty."""

    datatypes = (Project, Issue)

    @pytest.fixture
    def store(self):
        store = MemoryStore([Priority, Project, Issue])
        store += [Priority(name=name) for name in ("low", "high")]
        return store

    def example(self, datatype, number):
        data = super().example(datatype, number)
        if datatype is Issue:
            return data.replace(priority=Ref(("low", "high")[number % 2]), context=("editor",))
        return data.replace(name=f"p-{number}")

    def contexts(self, datatype):
        return [("editor",)] if datatype is Issue else [()]

    def test_own_examples_are_used(self, store):
        stored = self.given(store, Issue, 2)
        assert {data.priority.name for data in stored} == {"low", "high"}
