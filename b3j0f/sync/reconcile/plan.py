"""Plan: what a synchronization would do, as a value: print it, save it, review it, apply it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..fields import MISSING
from ..names import global_name
from .conflict import Conflict
from .operation import Kind, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .merge import Decision

__all__ = ["Plan", "Step"]

FORMAT = 1
Id = str | int


@dataclass(slots=True, kw_only=True)
class Step:
    """What a plan does about one record.

    Attributes:
        datatype: Name of its type.
        record: Its number in the ledger, or None when it is new.
        operations: What is to be written.
        conflicts: What only a user can decide.
        skipped: What should be written but cannot, as (store, reason).
        read_ids: The ids by which stores have it; None where the decision tells them.
        decision: What this was made of; None when the plan was read from a file.
    """

    datatype: str
    record: int | None
    operations: Sequence[Operation]
    conflicts: Sequence[Conflict]
    skipped: Sequence[tuple[str, str]] = ()
    read_ids: Mapping[str, Id] | None = None
    decision: Decision | None = None

    @classmethod
    def of(cls, decision: Decision) -> Step:
        """The step that carries out *decision*."""
        return cls(
            datatype=decision.schema.name,
            record=decision.record,
            operations=decision.operations,
            conflicts=decision.conflicts,
            skipped=decision.skipped,
            decision=decision,
        )

    @property
    def ids(self) -> Mapping[str, Id]:
        """The ids by which stores have the record, by the stores' names."""
        if self.decision is None:
            return self.read_ids or {}
        return {side.store: side.id for side in self.decision.sides if side.id is not None}

    @property
    def is_idle(self) -> bool:
        """Whether it writes nothing and asks nothing: it only notes what is agreed."""
        return not self.operations and not self.conflicts


class Plan:
    """What a synchronization would do; applying it is refused where things have moved since.

    The order of the operations is the order in which they are done: what embeds is added
    before what is embedded, and removed after it.
    """

    def __init__(
        self,
        *,
        synchronizer: str,
        ledger: str,
        steps: Iterable[Step],
        failures: Mapping[str, str] | None = None,
        known: Mapping[str, int] | None = None,
        sizes: Mapping[str, int] | None = None,
        revision: str = "",
        agreed: Sequence[Any] = (),
        undoes: int | None = None,
    ) -> None:
        """A plan of the *synchronizer* of that name with the *ledger* of that identity.

        *failures* has the stores that could not be read, and why; for the guards, *known* has
        how many data each store held when last agreed, and *sizes* how many it has now.
        *revision* is that of the ledger, and *agreed* has what is only to be noted in it; a
        plan that is read from a file has neither. *undoes* is the run that it takes back.
        """
        self.undoes = undoes
        self.synchronizer, self.ledger = synchronizer, ledger
        self.steps = list(steps)
        self.revision, self.agreed = revision, agreed
        self.failures = dict(failures or {})
        self.known, self.sizes = dict(known or {}), dict(sizes or {})

    @property
    def operations(self) -> list[Operation]:
        """Every write, in order."""
        return [operation for step in self.steps for operation in step.operations]

    @property
    def conflicts(self) -> list[Conflict]:
        """What only a user can decide."""
        return [conflict for step in self.steps for conflict in step.conflicts]

    @property
    def skipped(self) -> list[tuple[str, str, str]]:
        """What should be written but cannot: (store, global name, why)."""
        return [
            (store, _step_name(step), reason)
            for step in self.steps
            for store, reason in step.skipped
        ]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write and nothing to decide."""
        return all(step.is_idle for step in self.steps)

    def counts(self) -> dict[str, int]:
        """How many additions, updates, removals and conflicts."""
        kinds = Counter(operation.kind for operation in self.operations)
        return {**{str(kind): kinds[kind] for kind in Kind}, "conflict": len(self.conflicts)}

    def summary(self) -> str:
        """The counts in one line."""
        return ", ".join(f"{what} {count}" for what, count in self.counts().items())

    def __str__(self) -> str:
        lines = [str(operation) for operation in self.operations]
        lines += [f"conflict: {conflict}" for conflict in self.conflicts]
        lines += [
            f"skipped: {name!r}{store and ' in '}{store}: {why}"
            for store, name, why in self.skipped
        ]
        lines += [f"not read: {store}: {reason}" for store, reason in self.failures.items()]
        return "\n".join([*lines, self.summary() if lines else "nothing to do: all in step"])

    def __repr__(self) -> str:
        return f"<Plan of {self.synchronizer!r}: {self.summary()}>"

    def to_json(self, *, indent: int | None = 2) -> str:
        """The plan as JSON; ``Plan.from_json`` reads it back."""
        document = {
            "format": FORMAT,
            "synchronizer": self.synchronizer,
            "undoes": self.undoes,
            "ledger": self.ledger,
            "summary": self.counts(),
            "not_read": self.failures,
            "known": self.known,
            "sizes": self.sizes,
            "steps": [_step_to_plain(step) for step in self.steps if not step.is_idle],
        }
        return json.dumps(document, indent=indent, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that ``to_json`` wrote; its values are JSON values.

        Raises:
            DataError: It is no plan, or one of a newer version of this library.
        """
        try:
            document = json.loads(text)
            if document["format"] != FORMAT:
                raise _no_plan(f"its format is {document['format']}, this version reads {FORMAT}")
            return cls(
                synchronizer=document["synchronizer"],
                ledger=document["ledger"],
                steps=map(_step_from_plain, document["steps"]),
                failures=document["not_read"],
                known=document["known"],
                sizes=document["sizes"],
                undoes=document.get("undoes"),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise _no_plan(f"{type(exc).__name__}: {exc}") from exc


def plain_changes(operation: Operation, to_plain: Callable[[str, Any], Any]) -> dict[str, Any]:
    """The changes of *operation* as JSON values: field to [before, after]."""
    return {
        name: [_plain(name, now, to_plain), _plain(name, then, to_plain)]
        for name, (now, then) in operation.changes.items()
    }


def _plain(name: str, value: Any, to_plain: Callable[[str, Any], Any]) -> Any:
    return None if value is None or value is MISSING else to_plain(name, value)


def _step_name(step: Step) -> str:
    names = [named.global_name for named in step.operations]
    names += [named.global_name for named in step.conflicts]
    if names:
        return names[0]
    content = step.decision and (step.decision.merged or step.decision.base)
    return global_name(content[0], content[1]) if content else ""


def to_plain_of(step: Step) -> Callable[[str, Any], Any]:
    if step.decision is None:  # read from a file: they are JSON values already
        return lambda _name, value: value
    fields = step.decision.schema.fields
    return lambda name, value: fields[name].to_plain(value) if name in fields else value


def _step_to_plain(step: Step) -> dict[str, Any]:
    to_plain = to_plain_of(step)
    return {
        "type": step.datatype,
        "record": step.record,
        "ids": dict(step.ids),
        "operations": [
            {
                "kind": str(operation.kind),
                "store": operation.store,
                "name": operation.global_name,
                "id": operation.id,
                "changes": plain_changes(operation, to_plain),
                "reason": operation.reason,
            }
            for operation in step.operations
        ],
        "conflicts": [
            {
                "name": conflict.global_name,
                "field": conflict.field,
                "base": _plain(conflict.field, conflict.base, to_plain),
                "values": {
                    store: _plain(conflict.field, value, to_plain)
                    for store, value in conflict.values.items()
                },
            }
            for conflict in step.conflicts
        ],
        "skipped": [list(skipped) for skipped in step.skipped],
    }


def _step_from_plain(plain: Mapping[str, Any]) -> Step:
    datatype = plain["type"]
    return Step(
        datatype=datatype,
        record=plain["record"],
        read_ids=dict(plain["ids"]),
        operations=[_operation(datatype, operation) for operation in plain["operations"]],
        conflicts=[
            Conflict(
                datatype=datatype,
                global_name=conflict["name"],
                field=conflict["field"],
                base=conflict["base"],
                values=dict(conflict["values"]),
                record=plain["record"],
            )
            for conflict in plain["conflicts"]
        ],
        skipped=[(store, reason) for store, reason in plain["skipped"]],
    )


def _operation(datatype: str, plain: Mapping[str, Any]) -> Operation:
    kind, changes = Kind(plain["kind"]), plain["changes"]
    return Operation(
        kind=kind,
        store=plain["store"],
        datatype=datatype,
        global_name=plain["name"],
        names=tuple(changes),
        id=plain["id"],
        before=None if kind is Kind.ADD else tuple(now for now, _ in changes.values()),
        after=None if kind is Kind.REMOVE else tuple(then for _, then in changes.values()),
        reason=plain["reason"],
    )


def _no_plan(problem: str) -> DataError:
    return DataError(f"this is no plan: {problem}", datatype="Plan")
