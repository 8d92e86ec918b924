"""Answers to a conflict: a store's value, another one, what a policy or an editor gives.

Each is called with a conflict and gives the value to agree on, or raises UndecidedError.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ConfigError, DataError
from ..reconcile.conflict import AMBIGUOUS, Conflict
from .editing import edited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..reconcile.policy import Policy
    from .values import Values

    Answer = Callable[[Conflict], Any]

__all__ = ["UndecidedError", "by_policy", "edit", "same", "take", "value_of"]

Id = str | int


class UndecidedError(Exception):
    """The conflict stays open, and this says why."""


def value_of(store: str) -> Answer:
    """What *store* has."""

    def answer(conflict: Conflict) -> Any:
        _refuse_ambiguous(conflict)
        if store not in conflict.values:
            raise DataError(
                f"store {store!r} has no value in this conflict: {conflict}",
                datatype=conflict.datatype,
                field=conflict.field,
                expected=", ".join(conflict.values),
                given=store,
            )
        return conflict.values[store]

    return answer


def take(text: str, values: Values) -> Answer:
    """What *text* stands for."""

    def answer(conflict: Conflict) -> Any:
        _refuse_ambiguous(conflict)
        return values.parsed(conflict.datatype, conflict.field, text)

    return answer


def edit(values: Values) -> Answer:
    """What a person makes of all the values in an editor."""

    def answer(conflict: Conflict) -> Any:
        _refuse_ambiguous(conflict)
        text = edited(conflict, values)
        if text is None:
            raise UndecidedError("nothing was changed in the editor")
        return values.parsed(conflict.datatype, conflict.field, text)

    return answer


def by_policy(text: str, stores: Sequence[str], values: Values) -> Answer:
    """What the policy decides that *text* is in a configuration file."""
    from ..reconcile.policy import ABSTAIN, decided

    policy = _policy(text, stores)

    def answer(conflict: Conflict) -> Any:
        _refuse_ambiguous(conflict)
        field = values.field(conflict.datatype, conflict.field)
        value = decided(policy, conflict, field)
        if value is ABSTAIN:
            raise UndecidedError(f"{text} does not decide it")
        return value

    return answer


def same(groups: Sequence[str]) -> Answer:
    """Which data are the same, each of *groups* as ``STORE=ID,STORE=ID``; all others are not."""

    def answer(conflict: Conflict) -> list[dict[str, Id]]:
        if conflict.field != AMBIGUOUS:
            raise DataError(
                f"{conflict}: which data are the same is known; one of --store, --value, --edit "
                "and --policy decides it",
                datatype=conflict.datatype,
                field=conflict.field,
            )
        return [_group(text, conflict) for text in groups]

    return answer


def _refuse_ambiguous(conflict: Conflict) -> None:
    if conflict.field == AMBIGUOUS:
        raise DataError(
            f"{conflict}: --same STORE=ID,STORE=ID says which are the same, --apart that none "
            "are; or rename one of them, or make them equal, in the stores",
            datatype=conflict.datatype,
            field=conflict.field,
        )


def _policy(text: str, stores: Sequence[str]) -> Policy:
    from ..conf.bridge import Section
    from ..conf.expressions import Expressions
    from ..conf.policies import read_policy
    from ..conf.reader import Reader

    section, option = Section(""), "policy"
    section.update({option: text}, Path())
    try:
        return read_policy(Reader(section, Expressions({"": section}, Path())), option, stores)
    except ConfigError as exc:
        expected = f"; expected {exc.expected}" if exc.expected else ""
        raise click.UsageError(f"--policy: {exc.problem}{expected}") from exc


def _group(text: str, conflict: Conflict) -> dict[str, Id]:
    known = {(s, str(id)): id for s, ids in conflict.values.items() for id in ids or ()}
    group: dict[str, Id] = {}
    for store, id in _pairs(text, conflict.values):
        if (store, id) not in known:
            every = ", ".join(f"{s}={i}" for s, i in known)
            raise click.UsageError(f"--same: there is no {store}={id} in it; expected of {every}")
        if store in group:
            raise click.UsageError(f"--same: {text!r} names {store} twice; it has each data once")
        group[store] = known[store, id]
    return group


def _pairs(text: str, stores: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each store and id in *text*; an id may have commas in it."""
    parts: list[str] = []
    for part in text.split(","):
        if any(part.strip().startswith(f"{store}=") for store in stores) or not parts:
            parts.append(part.strip())
        else:
            parts[-1] += f",{part}"
    for part in parts:
        store, sign, id = part.partition("=")
        if not sign or store not in stores:
            known = ", ".join(f"{each}=ID" for each in stores)
            raise click.UsageError(f"--same: {part!r} is no STORE=ID; expected {known}")
        yield store, id
