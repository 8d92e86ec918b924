"""The accessor of the how-to guide keeps every promise."""

from __future__ import annotations

import importlib.util
import json
from contextlib import contextmanager
from pathlib import Path

import pytest

from b3j0f.sync import StoreError
from b3j0f.sync.testing import StoreContract

EXAMPLE = Path(__file__).parents[2] / "examples" / "inventory.py"
spec = importlib.util.spec_from_file_location("inventory_example", EXAMPLE)
inventory = importlib.util.module_from_spec(spec)
spec.loader.exec_module(inventory)


class TestInventory(StoreContract):
    datatypes = (inventory.Host,)

    @pytest.fixture
    def store(self, tmp_path):
        return inventory.Inventory(tmp_path / "hosts.json")

    def reopen(self, store):
        return inventory.Inventory(store.path)

    @contextmanager
    def broken(self, store):
        hidden = store.path.with_name("away")
        store.path.rename(hidden)
        store.path.mkdir()
        yield
        store.path.rmdir()
        hidden.rename(store.path)

    def spoil(self, store, data):
        content = store.read()
        content["hosts"][str(data.id)]["port"] = "none"
        store.path.write_text(json.dumps(content))
        return True


def test_a_file_that_is_something_else(tmp_path):
    (tmp_path / "hosts.json").write_text("hosts: []")
    store = inventory.Inventory(tmp_path / "hosts.json", name="hosts")
    with pytest.raises(StoreError, match=r"hosts\.json is no inventory: Expecting value") as caught:
        list(store.find(inventory.Host))
    assert caught.value.store == "hosts"
