"""MemoryStore keeps the contract, with names that are unique and names that are not."""

import pytest

from b3j0f.sync import MemoryStore
from b3j0f.sync.testing import Folder, Note, StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self):
        return MemoryStore([Folder, Note])

    def fresh(self, store):
        return MemoryStore([Folder, Note])


class TestMemoryStoreWithUniqueNames(StoreContract):
    @pytest.fixture
    def store(self):
        return MemoryStore([Folder, Note], unique_names=True)
