"""Steps: what a world can be told, each a word and a few small numbers.

Any number means something in any world, so that histories can be drawn, repeated and cut
down at will.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..faults import HOOKS, NOTES, Fault
from .types import Folder, Note
from .world import LATE, LOST, NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...data import Data
    from .world import World

__all__ = ["QUIET", "STEPS", "Step", "do"]

Step = tuple[str, int, int, int, int, int]
"""A word, and five numbers; each step looks at as many as it needs."""

NAMES = ("a", "b", "c")
FOLDERS: tuple[tuple[str, ...], ...] = ((), ("a",), ("b",))
FIELDS = ("text", "description", "count", "tags", "due")
WHEN = (NOW, LOST, NOW, LATE)
FAULTS = tuple(Fault)


def do(world: World, step: Step) -> None:
    """Let *world* do one step."""
    word, *numbers = step
    STEPS[word](world, *numbers)


def _store(world: World, number: int) -> str:
    return list(world.stores)[number % len(world.stores)]


def _pick(world: World, store: str, datatype: type[Data], number: int) -> Data | None:
    found = world.find(store, datatype)
    return found[number % len(found)] if found else None


def _of(values: Any, number: int) -> Any:
    return values[number % len(values)]


def _add_folder(world: World, store: int, name: int, when: int, *_: int) -> None:
    world.add(_store(world, store), Folder, _of(NAMES, name), (), _of(WHEN, when))


def _add_note(world: World, store: int, name: int, folder: int, when: int, *_: int) -> None:
    context = _of(FOLDERS, folder)
    world.add(_store(world, store), Note, _of(NAMES, name), context, _of(WHEN, when))


def _edit_note(  # noqa: PLR0917 - these are its numbers
    world: World, at: int, number: int, field: int, padding: int, when: int
) -> None:
    store = _store(world, at)
    note = _pick(world, store, Note, number)
    if note is not None:
        world.edit(store, note, _of(FIELDS, field), _of(("", " "), padding), _of(WHEN, when))


def _edit_folder(world: World, at: int, number: int, when: int, *_: int) -> None:
    store = _store(world, at)
    folder = _pick(world, store, Folder, number)
    if folder is not None:
        world.edit(store, folder, "colour", "", _of(WHEN, when))


def _rename_note(world: World, at: int, number: int, name: int, when: int, *_: int) -> None:
    store = _store(world, at)
    note = _pick(world, store, Note, number)
    if note is not None:
        world.rename(store, note, _of(WHEN, when), name=_of(NAMES, name))


def _move_note(world: World, at: int, number: int, folder: int, when: int, *_: int) -> None:
    store = _store(world, at)
    note = _pick(world, store, Note, number)
    if note is not None:
        world.rename(store, note, _of(WHEN, when), context=_of(FOLDERS, folder))


def _rename_folder(world: World, at: int, number: int, name: int, when: int, *_: int) -> None:
    store = _store(world, at)
    folder = _pick(world, store, Folder, number)
    if folder is not None:
        world.rename(store, folder, _of(WHEN, when), name=_of(NAMES, name))


def _swap(world: World, at: int, number: int, other: int, when: int, *_: int) -> None:
    store = _store(world, at)
    one, two = (_pick(world, store, Note, each) for each in (number, other))
    if one is not None and two is not None and one.id != two.id:
        world.swap(store, one, two, _of(WHEN, when))


def _remove(world: World, at: int, number: int, kind: int, when: int, *_: int) -> None:
    store = _store(world, at)
    data = _pick(world, store, _of((Note, Folder), kind), number)
    if data is not None:
        world.remove(store, data, _of(WHEN, when))


def _resolve(world: World, number: int, store: int, *_: int) -> None:
    world.run()
    world.resolve(number, store)


def _tell_apart(world: World, number: int, together: int, *_: int) -> None:
    world.run()
    world.tell_apart(number, together % 2)


def _deliver(world: World, number: int, again: int, *_: int) -> None:
    world.deliver(number, again=bool(again % 2))


def _apply(world: World, at: int, number: int, field: int, *_: int) -> None:
    world.plan_and_apply(lambda: _edit_note(world, at, number, field, 0, 1))


def _fault(world: World, store: int, hook: int, fault: int, *_: int) -> None:
    world.faults.arm(_store(world, store), _of(HOOKS, hook), _of(FAULTS, fault))


def _ledger_fault(world: World, hook: int, fault: int, *_: int) -> None:
    world.faults.arm("ledger", _of(NOTES, hook), _of((Fault.DIES, Fault.DIES_AFTER), fault))


QUIET: dict[str, Callable[..., object]] = {
    "add_folder": _add_folder,
    "add_note": _add_note,
    "edit_note": _edit_note,
    "edit_folder": _edit_folder,
    "rename_note": _rename_note,
    "move_note": _move_note,
    "rename_folder": _rename_folder,
    "swap": _swap,
    "remove": _remove,
    "resolve": _resolve,
    "tell_apart": _tell_apart,
    "deliver": _deliver,
    "apply": _apply,
    "run": lambda world, *_: world.run(),
    "retry": lambda world, *_: world.retry(),
    "restart": lambda world, *_: world.restart(),
    "lose_ledger": lambda world, *_: world.lose_ledger(),
}
"""Steps of a world in which nothing fails."""

STEPS: dict[str, Callable[..., object]] = {
    **QUIET,
    "fault": _fault,
    "ledger_fault": _ledger_fault,
}
"""All steps."""
