"""A database server that is killed and restarted in the middle of runs: all catches up, once."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress

import pytest
from servers import SERVERS, running

from b3j0f.sync import MemoryStore, Prefer, RedisStore, SQLStore, SyncError, Synchronizer
from b3j0f.sync.testing.world import Folder, Note

TYPES = [Folder, Note]
ROUNDS = 10
RECORDS = 400


DATABASES = [name for name in SERVERS if name != "redis"]


@pytest.fixture(params=SERVERS)
def server(request):
    with running(request.param) as made:
        yield made


def edit(store, rng, number):
    """What users do while the server is up."""
    notes = list(store.find(Note))
    for note in rng.sample(notes, min(len(notes), RECORDS // 4)):
        store.update(note.replace(text=f"edit {number}"), note, notify=False)
    for note in rng.sample(notes, min(len(notes), 10)):
        with suppress(SyncError):
            store.remove(store.get(Note, note.id) or note, notify=False)
    for new in range(20):
        store.add(Note(name=f"new {number} {new}", birth=f"{number}-{new}"), notify=False)


def run_and_kill(sync, server, delay):
    """A run during which the server dies; whatever it raises is no crash of ours."""
    killer = threading.Timer(delay, server.kill)
    killer.start()
    try:
        with suppress(SyncError):
            sync.run(force=True)
    finally:
        killer.join()
        server.kill()
        server.start()


def until_in_step(sync):
    """Runs until nothing fails any more: the server is back, and the lease is free."""
    deadline = time.monotonic() + 120
    while True:
        with suppress(SyncError):
            if sync.run(force=True).ok:
                return
        assert time.monotonic() < deadline, sync.status()


def held(store):
    return sorted((d.name, d.text, d.birth) for d in store.find(Note))


@pytest.mark.slow
def test_the_server_of_a_store_is_killed(server, tmp_path):
    rng = random.Random(7)  # noqa: S311 - nothing secret
    near = SQLStore(f"sqlite:///{tmp_path}/near.db", TYPES, name="near")
    kind = RedisStore if server.url.startswith("redis") else SQLStore
    far = kind(server.url, TYPES, name="far", timeout=5)
    policy, ledger = Prefer("near"), tmp_path / "ledger.db"
    with Synchronizer([near, far], ledger=ledger, policy=policy, retries=0) as sync:
        near.accessor(Note).add_many([Note(name=f"n{n}", birth=str(n)) for n in range(RECORDS)])
        sync.run()
        for number in range(ROUNDS):
            for store in (near, far):
                edit(store, rng, f"{number} {store.name}")
            run_and_kill(sync, server, rng.uniform(0, 0.5))
            until_in_step(sync)
            assert held(near) == held(far)
            births = [birth for _, _, birth in held(near)]
            assert len(births) == len(set(births))
            assert not sync.plan().operations
        assert not sync.conflicts()
    for store in (near, far):
        store.disconnect()


@pytest.mark.slow
@pytest.mark.parametrize("server", DATABASES, indirect=True)
def test_the_server_of_the_ledger_is_killed(server):
    rng = random.Random(11)  # noqa: S311 - nothing secret
    one, two = MemoryStore(TYPES, name="one"), MemoryStore(TYPES, name="two")
    with Synchronizer([one, two], ledger=server.url, retries=0) as sync:
        one.accessor(Note).add_many(
            [Note(name=f"n{n}", birth=str(n)) for n in range(RECORDS)], notify=False
        )
        sync.run()
        for number in range(ROUNDS):
            edit(one if number % 2 else two, rng, str(number))
            run_and_kill(sync, server, rng.uniform(0, 0.5))
            until_in_step(sync)
            assert held(one) == held(two)
            births = [birth for _, _, birth in held(one)]
            assert len(births) == len(set(births))
            assert not sync.plan().operations
