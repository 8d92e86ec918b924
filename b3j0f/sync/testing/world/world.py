"""The world itself: what its users do, and what happens to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...accessor import Capability
from ...data import Data, schema_of
from ...errors import DataError, StaleError, StoreError, SyncError
from ...ledger import Ledger, open_ledger
from ...link import Link
from ...reconcile.conflict import AMBIGUOUS
from ...synchronizer import Synchronizer
from ..faults import DiedError, Faults, make_faulty, make_ledger_faulty
from .laws import Laws
from .tokens import Tokens, tokens_of
from .types import Folder, Note, passes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...event import Event
    from ...reconcile.report import Report
    from ...store import Store

__all__ = ["World"]

NOW, LATE, LOST = "now", "late", "lost"
"""When the synchronizer is told of what a user does."""


class World:
    """Stores with one synchronizer between them, and what their users did.

    Every value that a user writes is unlike any other one, so that it can be looked for.

    Args:
        stores: The stores, empty.
        modes: By store, the mode of its link, or ``filtered`` for both directions with a filter;
            ``both`` where it is not named.
        ledger: Of the synchronizer; it outlives the synchronizer when that dies.
    """

    def __init__(
        self,
        stores: Sequence[Store],
        *,
        modes: Mapping[str, str] | None = None,
        ledger: str | Ledger | None = None,
    ) -> None:
        self.modes = {store.name: (modes or {}).get(store.name, "both") for store in stores}
        self.stores = {store.name: store for store in stores}
        self.faults = Faults()
        for store in stores:
            make_faulty(store, self.faults)
            store.observe(self._observed)
        self.ledger = ledger if isinstance(ledger, Ledger) else open_ledger(ledger)
        if self.ledger.journal.is_kept:
            make_ledger_faulty(self.ledger, self.faults)
        self.tokens = Tokens()
        self.told_by_name: set[str] = set()  # births that a store cannot tell apart any more
        self.log: list[Event] = []
        self.mailbox: list[Event] = []
        self._when: str | None = None
        self.sync = self._synchronizer()
        self.laws = Laws(self)

    def _synchronizer(self) -> Synchronizer:
        links = [_link(store, self.modes[store.name]) for store in self.stores.values()]
        return Synchronizer(links, name="world", ledger=self.ledger, retries=0)

    def _observed(self, event: Event) -> None:
        self.log.append(event)
        if self._when in {NOW, LATE}:
            self.mailbox.append(event)

    # --- what users do -----------------------------------------------------------------------

    def find(self, store: str, datatype: type[Data]) -> list[Data]:
        """The data of one store in a stable order."""
        return sorted(
            self.stores[store].find(datatype), key=lambda d: (d.context, d.name, repr(d.id))
        )

    def add(
        self, store: str, datatype: type[Data], name: str, context: tuple[str, ...], when: str
    ) -> None:
        """A user adds a data, known from all others by the field ``birth``."""
        birth = self.tokens.new("birth")
        make: Any = datatype
        data: Data = make(name=name, context=context, birth=birth)
        accessor = self.stores[store].accessor(datatype)
        is_unique = Capability.UNIQUE_NAMES in accessor.capabilities
        # What users put in the way of others' names is theirs to remove.
        if self._is_refused(store, data) or (is_unique and self.modes[store] == "write"):
            self.tokens.forget(birth)
            return
        self._edit(store, when, lambda known: self.stores[store].add(data, skip=known))
        if self.modes[store] == "write":
            self.tokens.forget(birth)  # its own data are not taken

    def edit(self, store: str, data: Data, field: str, padding: str, when: str) -> None:
        """A user changes one field of what is in a store."""
        token = self.tokens.new(field)
        if self.modes[store] == "write":
            self.tokens.forget(token)  # its own edits are overwritten
        else:
            self.tokens.forget(getattr(data, field))
        self._change(store, data, when, **{field: self.tokens.value(token, field, padding)})

    def rename(self, store: str, data: Data, when: str, **place: Any) -> None:
        """A user renames what is in a store, or moves it to another context."""
        if self._is_refused(store, data.replace(**place)):
            return
        schema = schema_of(type(data))
        is_known = self.ledger.find(schema, store, data.id or 0) is not None
        if not is_known and (self.ledger.begun(schema) or self._is_ambiguous(store, data)):
            # Nobody knows whether it was added there. Edited and renamed before anybody looks,
            # or while users are asked which one it is, it has nothing left that tells.
            self.told_by_name.add(getattr(data, "birth", "").strip())
        stored = self._change(store, data, when, **place)
        if stored.id != data.id and when != NOW:
            # Where the name is the id, a rename that nobody saw is a removal and an addition;
            # with something new under the old name, nobody can tell which one is which.
            self.told_by_name.add(getattr(data, "birth", "").strip())
            self.tokens.forget(schema_of(type(data)).content(data))

    def swap(self, store: str, one: Data, other: Data, when: str) -> None:
        """A user gives two data each other's names."""
        for data, name in ((one, "swapping"), (other, one.name), (one, other.name)):
            now = self.stores[store].get(type(data), data.id)  # type: ignore[arg-type]
            if now is None:  # it has another id under another name
                return
            self.rename(store, now, when, name=name, context=data.context)

    def remove(self, store: str, data: Data, when: str) -> None:
        """A user removes what is in a store, and knows what goes with it."""
        bases = self._bases(store)
        before = list(self.stores[store])
        self._edit(store, when, lambda known: self.stores[store].remove(data, skip=known))
        left = {(type(d), d.id) for d in self.stores[store]}
        gone = [d for d in before if (type(d), d.id) not in left]
        for each in (data, *gone) if self.modes[store] != "write" else ():
            self.tokens.forget(schema_of(type(each)).content(each))
            if self.modes[store] == "read":
                # It does not show what others wrote; the removal wins over that all the same.
                self.tokens.forget(bases.get((type(each), each.id)))

    def _bases(self, store: str) -> dict[tuple[type[Data], Any], Any]:
        """What was agreed on each data of a store, also by who died before it was noted."""
        self.ledger.journal.recover(self.sync._engine.schemas)
        bases: dict[tuple[type[Data], Any], Any] = {}
        for data in self.stores[store]:
            entry = self.ledger.find(schema_of(type(data)), store, data.id)  # type: ignore[arg-type]
            if entry is not None:
                bases[type(data), data.id] = entry.base
        return bases

    def _change(self, store: str, data: Data, when: str, **changes: Any) -> Data:
        changed = data.replace(**changes)
        stored: Data = self._edit(
            store, when, lambda known: self.stores[store].update(changed, data, skip=known)
        )
        return stored

    def _edit(self, store: str, when: str, verb: Callable[[Any], Any]) -> Any:
        """Do *verb*; the synchronizer is told by the mailbox alone."""
        self._note_indistinct()
        self._when = when
        try:
            stored = verb(self.sync._subscriptions[store])
        finally:
            self._when = None
        if when == NOW:
            self.deliver(len(self.mailbox) - 1)
        return stored

    def _note_indistinct(self) -> None:
        """Keep in mind what cannot be told apart once users touch it.

        Of two data of one name, nobody heard that one was added: only their contents tell
        which one that is.
        """
        for datatype in (Folder, Note):
            schema = schema_of(datatype)
            for entry in self.ledger.load(schema, self.ledger.begun(schema)).values():
                begun = [linked.begun[:2] for linked in entry.links.values() if linked.begun]
                births = {
                    getattr(data, "birth", "").strip()
                    for store in self.stores
                    for data in self.find(store, datatype)
                    if (data.name, data.context) in begun
                }
                self.told_by_name |= births if len(births) > 1 else set()

    def _is_ambiguous(self, store: str, data: Data) -> bool:
        conflicts = [c for c in self.sync.conflicts() if c.field == AMBIGUOUS]
        return any(
            c.datatype == type(data).__name__ and data.id in (c.values.get(store) or ())
            for c in conflicts
        )

    def _is_refused(self, store: str, data: Data) -> bool:
        accessor = self.stores[store].accessor(type(data))
        is_unique = bool(accessor.capabilities & accessor.capabilities.UNIQUE_NAMES)
        return is_unique and accessor._is_name_taken(data)

    def resolve(self, number: int, store_number: int) -> None:
        """A user decides one of the open conflicts."""
        conflicts = [c for c in self.sync.conflicts() if c.field != AMBIGUOUS]
        if conflicts:
            conflict = conflicts[number % len(conflicts)]
            stores = list(conflict.values)
            chosen = stores[store_number % len(stores)]
            try:
                self.sync.resolve(conflict, store=chosen)
            except (StaleError, StoreError):
                return  # somebody has edited it since, or its store is gone
            for store, value in conflict.values.items():
                if store != chosen:
                    self.tokens.forget(value)

    def tell_apart(self, number: int, together: int) -> None:
        """A user tells which data are the same, or that none are."""
        conflicts = [c for c in self.sync.conflicts() if c.field == AMBIGUOUS]
        if conflicts:
            conflict = conflicts[number % len(conflicts)]
            same = {store: ids[0] for store, ids in conflict.values.items()}
            try:
                self.sync.resolve(conflict, value=[same] if together and len(same) > 1 else [])
            except (DataError, StaleError, StoreError):
                return  # they are two already, or it was edited since, or a store is gone
            if together:  # one record has one birth
                datatype = Folder if conflict.datatype == "Folder" else Note
                for store, id in same.items():
                    data = self.stores[store].get(datatype, id)
                    if data is not None:
                        self.told_by_name |= tokens_of(getattr(data, "birth", ""))

    # --- what happens to it --------------------------------------------------------------------

    def deliver(self, number: int, *, again: bool = False) -> None:
        """Tell the synchronizer of something in the mailbox; it may be told *again* later."""
        if not self.mailbox:
            return
        position = number % len(self.mailbox)
        event = self.mailbox[position] if again else self.mailbox.pop(position)
        self._survive(lambda: self.sync._session.tell(event))

    def restart(self) -> None:
        """The process ends, and another one goes on with the same ledger."""
        for subscription in self.sync._subscriptions.values():
            subscription.cancel()
        self.ledger.lock.release()
        self.sync = self._synchronizer()

    def lose_ledger(self) -> None:
        """What was agreed is lost, while all is in step."""
        self.run()
        self.mailbox.clear()
        # Nobody can tell any more whose are those that lie outside a filter.
        is_plain = not self.sync.conflicts() and not self.laws.unequal_forms()
        if is_plain and not self._outside():
            self.sync.run(force=True, adopt=True)
            self.run()

    def _outside(self) -> list[Data]:
        """What lies outside the filters of links."""
        filtered = [store for name, store in self.stores.items() if self.modes[name] == "filtered"]
        return [data for store in filtered for data in store if not passes(data)]

    def run(self) -> Report:
        """Run, with what is armed and then without it, and check the laws."""
        untouched = self.laws.untouchable()
        self._survive(lambda: self.sync.run(force=True))
        self.laws.check_untouched(untouched)
        self.laws.check_at_once()
        self.faults.disarm()
        return self.laws.check_run()

    def retry(self) -> None:
        """What failed is tried again, whether or not anything is armed."""
        self._survive(self.sync.retry)

    def plan_and_apply(self, meanwhile: Callable[[], object]) -> None:
        """A plan is made, something happens, and the plan is applied."""
        plan = self.sync.plan()
        meanwhile()
        self._survive(lambda: self.sync.apply(plan, force=True))

    def close(self) -> None:
        """Nobody needs it any more: what is on servers goes."""
        self.sync.close()
        for store in self.stores.values():
            store.disconnect()
            discard = getattr(store, "discard", None)
            if discard is not None:
                discard()

    def _survive(self, act: Callable[[], object]) -> None:
        """Do *act* with what is armed; whoever dies of it comes back."""
        if not self.faults.is_armed:
            act()
            return
        try:
            with self.faults.on():
                act()
        except DiedError:
            self.restart()
        except SyncError:
            pass  # it is told, and nothing is half done


def _link(store: Store, mode: str) -> Link:
    return Link(store, where=passes) if mode == "filtered" else Link(store, mode)
