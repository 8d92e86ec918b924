"""Random histories attack the laws of the design."""

from __future__ import annotations

import os
import tempfile

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from b3j0f.sync import FileStore, MemoryStore, SQLStore
from b3j0f.sync.testing.lossy import LossyStore
from b3j0f.sync.testing.world import Folder, Note, World

TYPES = [Folder, Note]
EXAMPLES = int(os.environ.get("B3J0F_SYNC_EXAMPLES", "60"))

SHRINK = "B3J0F_SYNC_NO_SHRINK" not in os.environ

names = st.sampled_from(["a", "b", "c"])
folders = st.sampled_from([(), ("a",), ("b",)])
numbers = st.integers(0, 7)
paddings = st.sampled_from(["", " "])
live = st.booleans()
note_fields = st.sampled_from(["text", "description", "count", "tags", "due"])


def memory(name):
    return MemoryStore(TYPES, name=name)


def unique(name):
    return MemoryStore(TYPES, name=name, unique_names=True)


def lossy(name):
    return LossyStore(TYPES, name=name)


def sqlite(name, folder):
    return SQLStore(f"sqlite:///{folder}/{name}.db", TYPES, name=name)


def yaml(name, folder):
    return FileStore(f"{folder}/{name}", TYPES, name=name)


def csv(name, folder):
    return FileStore(f"{folder}/{name}", TYPES, name=name, format="csv")


class Histories(RuleBasedStateMachine):
    """Users add, edit, rename and remove, seen or unseen by the synchronizer, and it runs."""

    kinds = (memory, lossy, unique)
    ledger = None

    def make(self, kind, name):
        return kind(name)

    @initialize(
        chosen=st.data(),
        count=st.integers(2, 4),
        odd=st.sampled_from([None, 2, 3]),
        mode=st.sampled_from(["read", "write", "filtered"]),
    )
    def begin(self, chosen, count, odd, mode):
        kinds = [chosen.draw(st.sampled_from(self.kinds)) for _ in range(count)]
        stores = [self.make(kind, f"s{number}") for number, kind in enumerate(kinds)]
        modes = {f"s{odd}": mode} if odd is not None and odd < count else {}
        self.world = World(stores, modes=modes, ledger=self.ledger)

    def store(self, number):
        return list(self.world.stores)[number % len(self.world.stores)]

    def pick(self, store, datatype, number):
        found = self.world.find(store, datatype)
        return found[number % len(found)] if found else None

    @rule(store=numbers, name=names, live=live)
    def add_folder(self, store, name, live):
        self.world.add(self.store(store), Folder, name, (), live=live)

    @rule(store=numbers, name=names, context=folders, live=live)
    def add_note(self, store, name, context, live):
        self.world.add(self.store(store), Note, name, context, live=live)

    @rule(store=numbers, number=numbers, field=note_fields, padding=paddings, live=live)
    def edit_note(self, store, number, field, padding, live):
        note = self.pick(self.store(store), Note, number)
        if note is not None:
            self.world.edit(self.store(store), note, field, padding, live=live)

    @rule(store=numbers, number=numbers, live=live)
    def edit_folder(self, store, number, live):
        folder = self.pick(self.store(store), Folder, number)
        if folder is not None:
            self.world.edit(self.store(store), folder, "colour", "", live=live)

    @rule(store=numbers, number=numbers, name=names, live=live)
    def rename_note(self, store, number, name, live):
        note = self.pick(self.store(store), Note, number)
        if note is not None:
            self.world.rename(self.store(store), note, name, live=live)

    @rule(store=numbers, number=numbers, datatype=st.sampled_from(TYPES), live=live)
    def remove(self, store, number, datatype, live):
        data = self.pick(self.store(store), datatype, number)
        if data is not None:
            self.world.remove(self.store(store), data, live=live)

    @rule(number=numbers, store=numbers)
    def resolve(self, number, store):
        self.world.sync.run(force=True)
        self.world.resolve(number, store)

    @rule()
    def run(self):
        self.world.run()

    def teardown(self):
        if hasattr(self, "world"):
            self.world.run()
            self.world.sync.close()


class OnMemory(Histories):
    """Stores and ledger in memory."""


class OnSQLiteLedger(Histories):
    """The ledger is a database, the stores are in memory."""

    ledger = "sqlite://"


class OnUnlikeStores(Histories):
    """A database, folders of documents, sheets, and stores in memory; the ledger is a file."""

    kinds = (sqlite, yaml, csv, lossy, memory)

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = f"{self.folder.name}/ledger.db"

    def make(self, kind, name):
        return kind(name) if kind in {lossy, memory} else kind(name, self.folder.name)

    def teardown(self):
        super().teardown()
        if hasattr(self, "world"):
            for store in self.world.stores.values():
                store.disconnect()
        self.folder.cleanup()


PLAIN = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    print_blob=True,
    report_multiple_bugs=False,
    phases=tuple(Phase) if SHRINK else (Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def test_laws_on_memory():
    run_state_machine_as_test(OnMemory, settings=PLAIN)


def test_laws_with_a_ledger_in_sqlite():
    run_state_machine_as_test(OnSQLiteLedger, settings=settings(PLAIN, max_examples=EXAMPLES // 3))


def test_laws_on_unlike_stores():
    run_state_machine_as_test(OnUnlikeStores, settings=settings(PLAIN, max_examples=EXAMPLES // 4))
