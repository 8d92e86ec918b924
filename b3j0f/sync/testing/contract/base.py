"""What the tests of the suite share, and what an author may say about a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import pytest

from ...accessor import Capability
from ...data import Data, schema_of
from ...samples import examples
from ..types import Folder, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from ...event import Event
    from ...store import Store

__all__ = ["NAMING", "Contract", "id_of", "needs", "touch"]

D = TypeVar("D", bound=Data)
F = TypeVar("F", bound="Callable[..., Any]")

NAMING = ("name", "context")
"""The fields whose change is a renaming."""

_NEEDED = "needed_capabilities"


def needs(capability: Capability) -> Callable[[F], F]:
    """Marks a test that is skipped where the backend has not all of these capabilities."""

    def mark(test: F) -> F:
        setattr(test, _NEEDED, capability)
        return test

    return mark


class Contract:
    """What an author says; the defaults hold for a store of any types that keeps what it gets.

    The one thing to write is the fixture ``store``: a new store without data of ``datatypes``.
    What is below may be overridden where the store is special.

    Attributes:
        datatypes: The types to test with; the store has them.
        reuses_ids: Whether the id of a removed data may be given to another one.
        exact_changes: Whether ``changes`` gives only what did change.
    """

    datatypes: ClassVar[Sequence[type[Data]]] = (Folder, Note)
    reuses_ids: ClassVar[bool] = False
    exact_changes: ClassVar[bool] = True

    # --- what an author writes ---------------------------------------------------------------

    @pytest.fixture
    def store(self) -> Store:
        """The store under test, without data of ``datatypes``."""
        pytest.fail(f"{type(self).__name__} needs a fixture 'store' that gives the store to test")

    def reopen(self, store: Store) -> Store | None:
        """Another, fresh store on the same backend; None where there cannot be one."""
        return None

    def fresh(self, store: Store) -> Store | None:
        """An empty store like this one, on a backend of its own, for each random history.

        None: all histories use the one store, emptied in between; a failing history is then
        harder to make short, since a wrong store may carry something over.
        """
        return None

    def broken(self, store: Store) -> AbstractContextManager[object] | None:
        """While it lasts the backend fails whatever it is asked; None: it cannot be made to."""
        return None

    def spoil(self, store: Store, data: Data) -> bool:
        """Make one stored data unreadable (a broken file, a bad row); False: it cannot be done."""
        return False

    def example(self, datatype: type[D], number: int) -> D:
        """A data that the store takes; every number gives another name."""
        return examples.example(datatype, number)

    def changed(self, data: D) -> D:
        """A copy with other values in fields other than name and context."""
        return examples.changed(data)

    def renamed(self, data: D, suffix: str = " renamed") -> D:
        """A copy with another name."""
        return data.replace(name=data.name + suffix)

    def contexts(self, datatype: type[Data]) -> Sequence[tuple[str, ...]]:
        """Contexts that data of this type can have, one at least."""
        return examples.contexts(datatype)

    def values(self, datatype: type[Data], field: str) -> Sequence[Any]:
        """Values to try in a field: those at the edges of its kind."""
        return examples.edge_values(schema_of(datatype).fields[field].annotation, field)

    def takes(self, datatype: type[Data], field: str, value: Any) -> bool:
        """Whether the store can hold this value; what it cannot hold it has to refuse."""
        return True

    def normalised(self, data: D) -> D:
        """What the store answers when it is given *data*; of that, the same again."""
        return data

    def fill(self, store: Store, data: D) -> D:
        """Put *data* into the backend and give it as stored; for stores that cannot add."""
        if Capability.ADD not in store.accessor(type(data)).capabilities:
            pytest.skip(f"store {store.name!r} cannot add, and the suite's fill() is not written")
        return store.add(data, notify=False)

    # --- for the tests -------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test with each type, and those that take a field with each of its fields.

        A ``plain_field`` is one that has no part in the name of a data.
        """
        for fixture, left_out in (("field", ()), ("plain_field", NAMING)):
            if fixture in metafunc.fixturenames:
                pairs = [(t, n) for t in self.datatypes for n in schema_of(t).names]
                pairs = [(t, name) for t, name in pairs if name not in left_out]
                ids = [f"{datatype.__name__}.{name}" for datatype, name in pairs]
                metafunc.parametrize(("datatype", fixture), pairs, ids=ids)
                return
        if "datatype" in metafunc.fixturenames:
            names = [datatype.__name__ for datatype in self.datatypes]
            metafunc.parametrize("datatype", self.datatypes, ids=names)

    @pytest.fixture(autouse=True)
    def _skipped_or_closed(self, request: pytest.FixtureRequest, store: Store) -> Iterator[None]:
        needed = getattr(request.function, _NEEDED, Capability(0))
        for datatype in self.datatypes:
            if datatype not in store.types:
                pytest.fail(
                    f"store {store.name!r} has no {datatype.__name__}: "
                    f"{type(self).__name__}.datatypes names the types to test with"
                )
            lacking = needed & ~store.accessor(datatype).capabilities
            if lacking:
                pytest.skip(f"store {store.name!r} declares no {lacking.name}")
        yield
        store.disconnect()

    def given(self, store: Store, datatype: type[D], count: int = 1, *, first: int = 0) -> list[D]:
        """Fill the store with examples, and give them as stored."""
        return [self.fill(store, self.example(datatype, first + n)) for n in range(count)]

    def held(self, store: Store, datatype: type[Data]) -> frozenset[str]:
        """Names of the fields that the backend holds."""
        return store.accessor(datatype).fields

    def values_of(self, store: Store, data: Data) -> dict[str, Any]:
        """The values of the fields that the backend holds."""
        return {name: getattr(data, name) for name in sorted(self.held(store, type(data)))}

    def all_of(self, store: Store, datatype: type[D]) -> dict[str | int, D]:
        """All data of a type, by their ids; each one is found once."""
        found = list(store.find(datatype))
        by_id = {id_of(data): data for data in found}
        assert len(by_id) == len(found), "a data is found twice"
        return by_id

    def check(self, store: Store, found: Data | None, given: Data) -> None:
        """Assert that *found* is what the store has to give for what it was *given*."""
        assert found is not None, f"{given.global_name!r} is not there"
        assert type(found) is type(given)
        assert found.id is not None
        assert found.store is store, "it is not bound to the store"
        assert not found.is_dirty
        expected = self.values_of(store, self.normalised(given))
        actual = self.values_of(store, found)
        wrong = {
            name: f"expected {_short(value)}, found {_short(actual[name])}"
            for name, value in expected.items()
            if value != actual[name]
        }
        assert not wrong, wrong
        self.check_canonical(found)

    def check_canonical(self, data: Data) -> None:
        """Assert that every value has the type and the form that its field makes of it."""
        schema = schema_of(type(data))
        for name, field in (schema.local | schema.fields).items():
            value = getattr(data, name)
            if name in schema.local and value is None:
                continue
            checked = field.check(value)
            assert type(checked) is type(value), f"{name} is {_short(value)}"
            assert _form(checked) == _form(value), f"{name} is {_short(value)}"

    def observed(self, store: Store, datatype: type[Data] | None = None) -> list[Event]:
        """A list that gets every event from now on."""
        events: list[Event] = []
        store.observe(events.append, datatype=datatype)
        return events

    def read(self, store: Store, data: D) -> D | None:
        """What the store has under the id of *data*."""
        return store.get(type(data), id_of(data))

    def kept(self, store: Store, datatype: type[D], data: Iterable[D]) -> None:
        """Assert that the store's data of a type are exactly *data*, values included."""
        before = {id_of(one): one for one in data}
        after = self.all_of(store, datatype)
        assert after.keys() == before.keys()
        for id, one in before.items():
            assert self.values_of(store, after[id]) == self.values_of(store, one)


def id_of(data: Data) -> str | int:
    """The id of a stored data."""
    assert data.id is not None, f"{data.global_name!r} has no id"
    return data.id


def touch(data: Data, **values: Any) -> None:
    """Change fields of a data in place, without saving it."""
    for name, value in values.items():
        setattr(data, name, value)


def _form(value: Any) -> Any:
    """What tells equal values of one kind apart."""
    offset = getattr(value, "utcoffset", None)
    return None if offset is None else offset()


def _short(value: Any, length: int = 120) -> str:
    text = repr(value)
    return text if len(text) <= length else f"{text[:length]}... ({len(text)} characters)"
