"""LossyStore keeps the contract, once the suite is told what it makes of data."""

from datetime import UTC, datetime

import pytest

from b3j0f.sync import Data, MemoryStore
from b3j0f.sync.testing import Folder, LossyStore, Note, StoreContract
from b3j0f.sync.testing.lossy import normalised

MOMENT = datetime(2024, 5, 1, 12, 0, 30, 999_999, tzinfo=UTC)


class TestLossyStore(StoreContract):
    @pytest.fixture
    def store(self):
        return LossyStore([Folder, Note])

    def normalised(self, data):
        return normalised(data)


class TestLossyStoreWithUniqueNames(TestLossyStore):
    @pytest.fixture
    def store(self):
        return LossyStore([Folder, Note], unique_names=True)


@pytest.mark.parametrize(
    ("field", "given", "held"),
    [
        ("text", "  a title\n", "a title"),
        ("remark", " ", ""),
        ("remark", None, None),
        ("description", "one\ntwo\r\nthree\rfour\n\n", "one\r\ntwo\r\nthree\rfour"),
        ("text", "one\ntwo", "one\ntwo"),
        ("moment", MOMENT, MOMENT.replace(microsecond=0)),
        ("seen", MOMENT, MOMENT.replace(microsecond=0)),
        ("tags", frozenset({" a "}), frozenset({" a "})),
        ("name", " a name ", " a name "),
        ("context", (" a ", "b\n"), (" a ", "b\n")),
        ("attachment", b" \n", b" \n"),
    ],
)
def test_what_it_holds(field, given, held):
    data = Note(**{"name": "a note", field: given})
    assert getattr(normalised(data), field) == held
    stored = LossyStore([Note]).add(data)
    assert getattr(stored, field) == held
    assert getattr(data, field) == given


def test_types_of_others():
    class Letter(Data):
        body: str = ""
        sent: datetime | None = None

    store = LossyStore([Letter], name="post")
    stored = store.add(Letter(name="first", body="\tdear\n", sent=MOMENT))
    assert (stored.body, stored.sent) == ("dear", MOMENT.replace(microsecond=0))
    assert store.name == "post"


def test_every_write_moves_updated():
    store = LossyStore([Folder])
    first = store.add(Folder(name="a"))
    second = store.update(first.replace(), first)
    third = store.update(second.replace(owner="ann"), second)
    assert first == second
    assert first.updated < second.updated < third.updated
    assert first.created == second.created == third.created
    assert third.updated.microsecond == 0


def test_same_writes_give_the_same_data():
    def history():
        store = LossyStore([Folder, Note])
        for number in range(3):
            store.add(Folder(name=f" {number} "))
        store.remove(store[Folder, 2])
        store.update(store[Folder, 1].replace(owner=" x "))
        return [(data.id, data.created, data.updated, data.owner) for data in store.find(Folder)]

    assert history() == history()


def test_what_comes_from_another_store():
    source, store = MemoryStore([Folder]), LossyStore([Folder])
    source.add(Folder(name="unrelated"))
    stored = store.add(source.add(Folder(name="a", owner=" ann ")))
    assert (stored.id, stored.owner, stored.store) == (1, "ann", store)
