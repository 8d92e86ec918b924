"""The accessor of the how-to guide keeps every promise."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from b3j0f.sync.testing import StoreContract

EXAMPLE = Path(__file__).parents[2] / "examples" / "inventory.py"
spec = importlib.util.spec_from_file_location("inventory", EXAMPLE)
inventory = importlib.util.module_from_spec(spec)
spec.loader.exec_module(inventory)


class TestInventory(StoreContract):
    datatypes = (inventory.Host,)

    @pytest.fixture
    def store(self, tmp_path):
        return inventory.Inventory(tmp_path / "hosts.json")

    def reopen(self, store):
        return inventory.Inventory(store.path)
