"""Stores in memory that do as they are told: fail, interrupt, lack, be edited in the middle."""

from __future__ import annotations

from b3j0f.sync import Capability, Data, MemoryStore
from b3j0f.sync.stores.memory import MemoryAccessor, accessor_for


class Folder(Data):
    colour: str = ""


class Note(Data, parent=Folder):
    text: str = ""
    count: int | None = None


class ScriptedAccessor(MemoryAccessor):
    """Asks its store before every hook."""

    def _add(self, data):
        self.store.asked("add", data)
        return super()._add(data)

    def _update(self, data, old):
        self.store.asked("update", data)
        return super()._update(data, old)

    def _remove(self, data):
        self.store.asked("remove", data)
        super()._remove(data)

    def _get(self, id):
        self.store.asked("get", id)
        return super()._get(id)

    def _get_by_name(self, name, context):
        self.store.asked("get_by_name", name)
        return super()._get_by_name(name, context)

    def _get_many(self, ids):
        self.store.asked("get_many", ids)
        found = [super(ScriptedAccessor, self)._get(id) for id in ids]
        yield from self._readable(data for data in found if data is not None)

    def _find(self, query):
        self.store.asked("find", query)
        yield from self._readable(super()._find(query))

    def _readable(self, every):
        for data in every:
            if data.name in self.store.unreadable:
                self._unreadable(data.id, self.store.unreadable[data.name])
            elif data.name not in self.store.hidden:
                yield data

    @property
    def fields(self):
        held = self.store.held
        return super().fields if held is None else held


class ScriptedStore(MemoryStore):
    """A MemoryStore with a script.

    Attributes:
        script: By hook, a function of what the hook is given; it may raise, or edit the store.
        unreadable: Errors of data that are there and cannot be read, by name.
        hidden: Names of data that finding does not show.
        held: Names of the fields that it holds, or None for all.
        calls: The hooks that were called, with what they were given.
    """

    def __init__(self, name, types=(Folder, Note), *, lacks=None, held=None, **options):
        super().__init__(types, name=name, **options)
        self.script, self.unreadable, self.hidden, self.held = {}, {}, set(), held
        self.calls = []
        for datatype in self.types:
            made = accessor_for(ScriptedAccessor, datatype)(self)
            made.capabilities &= ~(lacks or Capability(0))
            self._accessors[datatype] = made

    def asked(self, hook, given):
        self.calls.append((hook, given))
        if hook in self.script:
            self.script[hook](given)

    def once(self, hook, act):
        """Do *act* before the next *hook*, and never again."""

        def do(given):
            del self.script[hook]
            act(given)

        self.script[hook] = do

    def fails(self, hook, error):
        def fail(given):
            raise error

        self.script[hook] = fail

    def texts(self, datatype=Note):
        """Name to text of what it has; names are different."""
        found = list(self.find(datatype))
        assert len({(d.name, d.context) for d in found}) == len(found), found
        field = "text" if datatype is Note else "colour"
        return {d.name: getattr(d, field) for d in found}

    def edit(self, which, /, *, notify=False, datatype=Note, **changes):
        """A user changes one data."""
        (data,) = self.find(datatype, names=[which])
        return self.update(data.replace(**changes), data, notify=notify)

    def drop(self, name, *, notify=False, datatype=Note):
        """A user removes one data."""
        (data,) = self.find(datatype, names=[name])
        self.remove(data, notify=notify)


def stores(count, **options):
    return [ScriptedStore(name, **options) for name in "abcdefgh"[:count]]


def in_step(sync):
    """Whether nothing is left to be done, and a run does nothing."""
    plan = sync.plan()
    assert plan.is_empty, str(plan)
    before = {name: list(store) for name, store in sync.stores.items()}
    report = sync.run()
    assert not report.applied, str(report)
    assert before == {name: list(store) for name, store in sync.stores.items()}
    return True
