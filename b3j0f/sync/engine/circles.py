"""Circles: writes of which each has to wait for another one, round and round."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from ..data import schema_of
from ..reconcile.operation import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..data import Schema
    from ..reconcile.merge import Decision
    from ..reconcile.operation import Operation
    from .write import Attempt

__all__ = ["in_circle"]

Node = tuple["Decision", "Operation"]
Claim = tuple[str, str, tuple[object, ...]]
"""A store, a type, and a name and context."""


def in_circle(
    refused: Sequence[Attempt], waiting: Sequence[Attempt], stepped: set[tuple[str, int | None]]
) -> Node | None:
    """An update among the *refused* that would go through if another name were free, or None.

    It is one of several that wait for each other: for a name that another one leaves, for what
    embeds it, or until what it embeds is gone. Those that *stepped* aside already are no choice.
    """
    nodes = [attempt[:2] for attempt in (*refused, *waiting)]
    names = {id(operation) for _, operation, _ in refused}
    graph = _graph(nodes, names)
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as exc:
            circle = set(exc.args[1])
        else:
            return None
        for position in sorted(circle):
            decision, operation = nodes[position]
            is_update = operation.kind is Kind.UPDATE and id(operation) in names
            if is_update and (operation.store, decision.record) not in stepped:
                return decision, operation
        for position in circle:  # nothing can be done about this one; there may be others
            graph[position] = []


def _graph(nodes: Sequence[Node], names: set[int]) -> dict[int, list[int]]:
    """By position in *nodes*, the positions of those that have to be made first."""
    leaves: dict[Claim, int] = {}
    brings: dict[Claim, int] = {}
    inside: dict[Claim, list[int]] = {}
    for position, (decision, operation) in enumerate(nodes):
        if operation.before is not None:
            leaves[_claim(decision.schema, operation, operation.before)] = position
            for outer in _outer(decision.schema, operation, operation.before):
                inside.setdefault(outer, []).append(position)
        if operation.after is not None:
            brings[_claim(decision.schema, operation, operation.after)] = position

    def first(position: int) -> Iterable[int | None]:
        decision, operation = nodes[position]
        schema = decision.schema
        if operation.after is None:
            assert operation.before is not None  # noqa: S101 - it removes what is there
            return inside.get(_claim(schema, operation, operation.before), ())
        if id(operation) in names:
            return [leaves.get(_claim(schema, operation, operation.after))]
        return [brings.get(outer) for outer in _outer(schema, operation, operation.after)]

    return {
        position: [other for other in first(position) if other is not None and other != position]
        for position in range(len(nodes))
    }


def _claim(schema: Schema, operation: Operation, content: Sequence[object]) -> Claim:
    return operation.store, schema.name, (content[0], content[1])


def _outer(schema: Schema, operation: Operation, content: Sequence[object]) -> Iterator[Claim]:
    """What embeds a data of this *content*, if anything does."""
    context = content[1]
    if schema.parent is not None and isinstance(context, tuple) and context:
        key = (context[-1], context[:-1])
        yield operation.store, schema_of(schema.parent).name, key
