"""Random histories of users, faults and crashes attack the laws of the design."""

from __future__ import annotations

import os
import tempfile

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from b3j0f.sync.testing.soak import IN_FILES, make_world
from b3j0f.sync.testing.world.servers import MARIADB, POSTGRESQL
from b3j0f.sync.testing.world.steps import QUIET, STEPS, do

EXAMPLES = int(os.environ.get("B3J0F_SYNC_EXAMPLES", "60"))
SHRINK = "B3J0F_SYNC_NO_SHRINK" not in os.environ

numbers = st.tuples(*[st.integers(0, 7)] * 5)


class Histories(RuleBasedStateMachine):
    """Whatever can be told to a world, in any order; the laws are checked on the way."""

    kind = "memory"
    words = tuple(STEPS)
    folder = None

    @initialize(shape=st.tuples(st.integers(0, 3), st.integers(0, 5**5), *[st.integers(0, 7)] * 2))
    def begin(self, shape):
        if self.kind in IN_FILES:
            self.folder = tempfile.TemporaryDirectory()
        self.world = make_world(self.kind, shape, self.folder and self.folder.name)

    @rule(data=st.data(), numbers=numbers)
    def step(self, data, numbers):
        do(self.world, (data.draw(st.sampled_from(self.words), label="word"), *numbers))

    @rule()
    def run(self):
        self.world.run()

    def teardown(self):
        if hasattr(self, "world"):
            try:
                self.world.run()
            finally:
                self.world.close()
        if self.folder is not None:
            self.folder.cleanup()


class Quiet(Histories):
    """Nothing fails: what is found here has nothing to do with faults."""

    words = tuple(QUIET)


class OnSQLiteLedger(Histories):
    """The ledger is a database, which may be left at any point; the stores are in memory."""

    kind = "sqlite"


class OnUnlikeStores(Histories):
    """A database, folders of documents, sheets, and stores in memory; the ledger is a file."""

    kind = "mixed"


class OnServers(Histories):
    """PostgreSQL, MariaDB, folders of documents and SQLite; the ledger is a file."""

    kind = "servers"


PLAIN = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    print_blob=True,
    report_multiple_bugs=False,
    phases=tuple(Phase) if SHRINK else (Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def test_laws_where_nothing_fails():
    run_state_machine_as_test(Quiet, settings=PLAIN)


def test_laws_with_faults():
    run_state_machine_as_test(Histories, settings=settings(PLAIN, max_examples=2 * EXAMPLES))


def test_laws_with_a_ledger_in_sqlite():
    run_state_machine_as_test(OnSQLiteLedger, settings=settings(PLAIN, max_examples=EXAMPLES // 3))


def test_laws_on_unlike_stores():
    run_state_machine_as_test(OnUnlikeStores, settings=settings(PLAIN, max_examples=EXAMPLES // 4))


def test_laws_on_servers(service):
    service(POSTGRESQL)
    service(MARIADB)
    run_state_machine_as_test(OnServers, settings=settings(PLAIN, max_examples=EXAMPLES // 6))
