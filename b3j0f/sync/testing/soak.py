"""Soak: random histories without end, until a law is broken or enough steps are done.

``python -m b3j0f.sync.testing.soak --steps 1000000 --seed 7`` plays histories of users, faults
and crashes in small worlds, and checks the laws all the way. The same seed plays the same
histories. A violation is cut down to the steps that it takes and printed as a script.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ..stores.memory import MemoryStore
from .cascading import CascadingStore
from .lossy import LossyStore
from .shrink import shrunk
from .world import Folder, Note, World
from .world.servers import mariadb_store, postgresql_store, redis_store
from .world.steps import STEPS, Step, do

if TYPE_CHECKING:
    from ..data import Data
    from ..store import Store

__all__ = ["WORLDS", "Shape", "draw", "main", "play"]

TYPES: list[type[Data]] = [Folder, Note]
LENGTH = 40
"""Steps of one history."""
MODES = ("both", "both", "read", "write", "filtered")
WEIGHTS = {"run": 3, "edit_note": 6, "add_note": 5, "fault": 4, "ledger_fault": 2, "remove": 3}
"""How often a step comes; all others once."""
RARE = ("lose_ledger", "resolve", "tell_apart")  # each of them runs first, which takes its time

Shape: TypeAlias = tuple[int, int, int, int]
"""Numbers that choose the stores of a world: how many, of which kinds, and one odd mode."""
Maker: TypeAlias = Callable[[str, str], "Store"]


def _memory(name: str, _folder: str) -> Store:
    return MemoryStore(TYPES, name=name)


def _unique(name: str, _folder: str) -> Store:
    return MemoryStore(TYPES, name=name, unique_names=True)


def _lossy(name: str, _folder: str) -> Store:
    return LossyStore(TYPES, name=name)


def _cascading(name: str, _folder: str) -> Store:
    return CascadingStore(TYPES, name=name)


def _sqlite(name: str, folder: str) -> Store:
    from ..stores.sql import SQLStore

    return SQLStore(f"sqlite:///{folder}/{name}.db", TYPES, name=name)


def _yaml(name: str, folder: str) -> Store:
    from ..stores.files import FileStore

    return FileStore(f"{folder}/{name}", TYPES, name=name)


def _csv(name: str, folder: str) -> Store:
    from ..stores.files import FileStore

    return FileStore(f"{folder}/{name}", TYPES, name=name, format="csv")


@dataclass(frozen=True, slots=True)
class _Kind:
    stores: tuple[Maker, ...]
    ledger: Callable[[str], str | None]


_IN_MEMORY = (_memory, _lossy, _unique, _cascading)
WORLDS = {
    "memory": _Kind(_IN_MEMORY, lambda _folder: None),
    "sqlite": _Kind(_IN_MEMORY, lambda _folder: "sqlite://"),
    "mixed": _Kind((_sqlite, _yaml, _csv, _lossy, _memory), lambda folder: f"{folder}/ledger.db"),
    "servers": _Kind(
        (postgresql_store, mariadb_store, redis_store, _yaml, _sqlite),
        lambda folder: f"{folder}/ledger.db",
    ),
}
"""Kinds of worlds: all in memory, the ledger in SQLite, all in files, some on real servers."""
IN_FILES = ("mixed", "servers")


def play(kind: str, shape: Shape, steps: Sequence[Step]) -> None:
    """Play one history in a new world, which ends with a run.

    Raises:
        LawBrokenError: A law does not hold.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory()) if kind in IN_FILES else ""
        world = make_world(kind, shape, folder)
        try:
            for step in steps:
                do(world, step)
            world.run()
        finally:
            world.close()


def make_world(kind: str, shape: Shape, folder: str) -> World:
    """The world of a kind that the numbers of *shape* choose."""
    count, kinds, odd, mode = shape
    makers = WORLDS[kind].stores
    stores = []
    for number in range(2 + count % 4):
        kinds, which = divmod(kinds, len(makers))
        stores.append(makers[which](f"s{number}", folder))
    modes = {stores[odd % len(stores)].name: MODES[mode % len(MODES)]}
    return World(stores, modes=modes, ledger=WORLDS[kind].ledger(folder))


def draw(rng: random.Random) -> tuple[Shape, list[Step]]:
    """A random world and a random history in it."""
    shape = (rng.randrange(4), rng.randrange(5**5), rng.randrange(8), rng.randrange(8))
    words = [word for word in STEPS for _ in range(WEIGHTS.get(word, 1)) if word not in RARE]
    steps: list[Step] = []
    for _ in range(LENGTH):
        word = rng.choice(RARE) if rng.randrange(40) == 0 else rng.choice(words)
        a, b, c, d, e = (rng.randrange(8) for _ in range(5))
        steps.append((word, a, b, c, d, e))
    return shape, steps


@dataclass(slots=True)
class _Found:
    kind: str
    shape: Shape
    steps: list[Step]
    error: str

    def script(self) -> str:
        """A script that shows the violation again."""
        lines = [f"    {step!r}," for step in self.steps]
        return "\n".join(
            [
                "from b3j0f.sync.testing.soak import play",
                "",
                f"play({self.kind!r}, {self.shape!r}, [",
                *lines,
                "])",
            ]
        )


def _soak(kind: str, seed: str, steps: int) -> tuple[int, _Found | None]:
    """Play histories of so many steps in all; how many it were, and the first violation."""
    done = 0
    while done < steps:
        shape, history = draw(random.Random(f"{seed}/{done}"))  # noqa: S311 - nothing secret
        error = _broken(kind, shape, history)
        done += len(history)
        if error is not None:
            return done, _cut_down(_Found(kind, shape, history, error))
    return done, None


def _cut_down(found: _Found) -> _Found:
    def is_broken(steps: Sequence[Step]) -> bool:
        return _broken(found.kind, found.shape, steps) is not None

    steps = shrunk(found.steps, is_broken)
    error = _broken(found.kind, found.shape, steps) or found.error
    return _Found(found.kind, found.shape, steps, error)


def _broken(kind: str, shape: Shape, steps: Sequence[Step]) -> str | None:
    """What goes wrong in a history; an error of ours counts as well as a broken law."""
    try:
        play(kind, shape, steps)
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is to be told
        return f"{type(exc).__name__}: {exc}"
    return None


def _job(job: tuple[str, str, int]) -> tuple[int, _Found | None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # failures are meant, here
    try:
        return _soak(*job)
    finally:
        logging.disable(before)


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak as the command line says; 1 when a law was broken."""
    parser = argparse.ArgumentParser("b3j0f.sync.testing.soak", description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000, help="so many, at least")
    parser.add_argument("--seed", default=None, help="any text; a new one when it is not given")
    parser.add_argument("--world", choices=sorted(WORLDS), default="memory")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes")
    given = parser.parse_args(arguments)
    seed = str(random.SystemRandom().randrange(10**9)) if given.seed is None else given.seed
    say(f"world {given.world}, {given.steps:,} steps, seed {seed}")
    started = time.monotonic()
    share = -(-given.steps // given.jobs)
    jobs = [(given.world, f"{seed}/{number}", share) for number in range(given.jobs)]
    done, found = _gathered(jobs)
    took = time.monotonic() - started
    say(f"{done:,} steps in {took:.1f} s, {done / took:,.0f} a second, seed {seed}")
    if found is not None:
        say(f"\n{found.error}\n\n{found.script()}")
        return 1
    say("no law was broken")
    return 0


def _gathered(jobs: Sequence[tuple[str, str, int]]) -> tuple[int, _Found | None]:
    if len(jobs) == 1:
        return _job(jobs[0])
    done, found = 0, None
    with multiprocessing.Pool(len(jobs)) as pool:
        for steps, one in pool.imap_unordered(_job, jobs):
            done += steps
            found = found or one
    return done, found


def say(text: str) -> None:
    """Print at once, also into a file."""
    print(text, flush=True)  # noqa: T201 - it is a command


if __name__ == "__main__":
    sys.exit(main())
