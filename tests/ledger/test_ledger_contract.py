"""What every ledger promises, wherever it keeps what was agreed."""

import itertools
from datetime import UTC, datetime

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from b3j0f.sync import MISSING, Conflict, make_datatype
from b3j0f.sync.data import schema_of
from b3j0f.sync.ledger import Agreed, Entry, Linked, MemoryLedger, open_ledger
from b3j0f.sync.reconcile.conflict import AMBIGUOUS

FIELDS = {"text": str, "count": int | None, "tags": frozenset[str]}
Note = make_datatype("Note", FIELDS)
Folder = make_datatype("Folder", {})
NOTE, FOLDER = schema_of(Note), schema_of(Folder)
SCHEMAS = {"Note": NOTE, "Folder": FOLDER}

POSTGRESQL = "postgresql+psycopg://postgres@127.0.0.1/test"
MARIADB = "mysql+pymysql://root@127.0.0.1/test"
KINDS = ["memory", "file", "sqlite", "postgresql", "mariadb"]


@pytest.fixture(params=KINDS)
def place(request, tmp_path, database):
    if request.param == "memory":
        return None
    if request.param == "file":
        return tmp_path / "ledger.db"
    if request.param == "sqlite":
        return "sqlite://"
    return database({"postgresql": POSTGRESQL, "mariadb": MARIADB}[request.param])


@pytest.fixture
def ledger(place):
    ledger = open_ledger(place)
    yield ledger
    ledger.close()


def content(name="n", text="", count=None, tags=(), context=()):
    return (name, context, "", text, count, frozenset(tags))


def entry(base=None, *, record=None, schema=NOTE, **links):
    base = content() if base is None else base
    made = {s: one if isinstance(one, Linked) else Linked(one, base) for s, one in links.items()}
    return Entry(schema, record, base, made)


def saved(ledger, *entries):
    ledger.save(entries)
    return [one.record for one in entries]


def loaded(ledger, record, schema=NOTE):
    return ledger.load(schema, [record]).get(record)


def conflict(field="text", **values):
    return Conflict(datatype="Note", global_name="n", field=field, base="was", values=values)


class TestEntries:
    def test_new_ones_get_numbers(self, ledger):
        first, second = saved(ledger, entry(a=1), entry(a=2))
        assert first != second
        assert loaded(ledger, first).record == first
        assert ledger.load(NOTE, [second, 10**6]).keys() == {second}
        assert ledger.load(NOTE, []) == {}

    def test_all_that_is_in_an_entry_comes_back(self, ledger):
        base = content("name", "text", 3, "xy", ("outer", ""))
        view = content("name", "TEXT", MISSING, "xy", ("outer", ""))
        links = {
            "a": Linked(1, base),
            "b": Linked("1", view, frozenset({"text", "count"})),
            "c": Linked(None, None, frozenset({"name"})),
            "d": Linked(None, None),
        }
        (record,) = saved(ledger, Entry(NOTE, None, base, dict(links), removed=True))
        found = loaded(ledger, record)
        assert (found.schema, found.base, found.links) == (NOTE, base, links)
        assert found.removed is True
        assert found.conflicts == ()

    def test_what_is_done_to_it_later_stays_outside(self, ledger):
        (record,) = saved(ledger, entry(a=1))
        found = loaded(ledger, record)
        found.links["b"] = Linked(5, content())
        found.base = content("other")
        assert loaded(ledger, record).links.keys() == {"a"}
        assert loaded(ledger, record).base == content()

    def test_saved_again(self, ledger):
        (record,) = saved(ledger, entry(a=1, b=2))
        saved(ledger, entry(content("renamed"), record=record, a=3))
        found = loaded(ledger, record)
        assert (found.base, found.links) == (
            content("renamed"),
            {"a": Linked(3, content("renamed"))},
        )
        assert ledger.count(NOTE) == 1
        for store, id in (("a", 1), ("b", 2)):
            assert ledger.find(NOTE, store, id) is None
        assert ledger.find(NOTE, "a", 3).record == record

    def test_ids_that_change_places(self, ledger):
        first, second = saved(ledger, entry(a=1), entry(a=2))
        saved(ledger, entry(record=first, a=2), entry(record=second, a=1))
        assert ledger.find(NOTE, "a", 1).record == second
        assert ledger.find(NOTE, "a", 2).record == first
        assert ledger.count(NOTE, "a") == 2

    def test_forgotten(self, ledger):
        """What was removed and is nowhere any more, and what is nowhere and waits for nobody."""
        waiting = Linked(None, None, frozenset({"name"}))
        gone = entry(a=Linked(None, None))
        removed = entry(a=waiting)
        removed.removed = True
        kept = entry(a=waiting)
        assert saved(ledger, gone, removed, kept)[:2] == [None, None]
        (record,) = saved(ledger, entry(a=1))
        saved(ledger, entry(record=record))
        assert loaded(ledger, record) is None
        assert ledger.find(NOTE, "a", 1) is None
        assert [one.record for one in ledger.named(NOTE, [("n", ())])] == [kept.record]

    def test_a_number_is_not_given_twice(self, ledger):
        (record,) = saved(ledger, entry(a=1))
        saved(ledger, entry(record=record))
        assert saved(ledger, entry(a=1)) != [record]

    def test_types_do_not_mix(self, ledger):
        (record,) = saved(ledger, entry(a=1))
        assert loaded(ledger, record, FOLDER) is None
        assert ledger.find(FOLDER, "a", 1) is None
        assert ledger.named(FOLDER, [("n", ())]) == []
        assert (ledger.count(FOLDER), ledger.count(FOLDER, "a")) == (0, 0)
        assert ledger.marks(FOLDER, "a") == {}

    def test_ids_are_told_apart(self, ledger):
        ids = [1, "1", -1, "", " ", "a", "A", "á", "a ", "i1", "s1", 2**70, "x" * 600, "🏳️‍🌈"]
        records = saved(ledger, *(entry(a=id) for id in ids))
        assert [ledger.find(NOTE, "a", id).record for id in ids] == records
        assert {id: record for id, (record, _) in ledger.marks(NOTE, "a").items()} == dict(
            zip(ids, records, strict=True)
        )
        assert ledger.find(NOTE, "b", 1) is None

    def test_names_of_stores_are_told_apart(self, ledger):
        stores = ["a", "A", "á", "a ", "s/1"]
        records = [saved(ledger, entry(**{store: 1}))[0] for store in stores]
        assert [ledger.find(NOTE, store, 1).record for store in stores] == records
        assert [ledger.count(NOTE, store) for store in stores] == [1] * len(stores)

    def test_by_name_and_context(self, ledger):
        keys = list(itertools.product(["", "n", "N", "n "], [(), ("",), ("c",), ("c", "d")]))
        records = saved(ledger, *(entry(content(n, context=c), a=f"{n}{c}") for n, c in keys))
        for key, record in zip(keys, records, strict=True):
            assert [one.record for one in ledger.named(NOTE, [key])] == [record]
        assert {one.record for one in ledger.named(NOTE, keys)} == set(records)
        assert ledger.named(NOTE, [("other", ())]) == []
        assert ledger.named(NOTE, []) == []

    def test_several_of_one_name(self, ledger):
        records = saved(ledger, entry(a=1), entry(a=2), entry(content("m"), a=3))
        assert {one.record for one in ledger.named(NOTE, [("n", ())])} == set(records[:2])
        saved(ledger, entry(content("m"), record=records[0], a=1))
        assert {one.record for one in ledger.named(NOTE, [("n", ())])} == {records[1]}
        assert {one.record for one in ledger.named(NOTE, [("m", ())])} == {records[0], records[2]}


class TestMarks:
    def test_of_views(self, ledger):
        base, view = content(text="agreed"), content(text="as the store has it")
        first, second = saved(ledger, entry(base, a=Linked(1, view)), entry(base, a=2, b=7))
        mark = ledger.mark
        assert ledger.marks(NOTE, "a") == {
            1: (first, mark(NOTE, view)),
            2: (second, mark(NOTE, base)),
        }
        assert ledger.marks(NOTE, "nowhere") == {}

    def test_only_of_what_is_there(self, ledger):
        saved(ledger, entry(a=1, b=Linked(None, None, frozenset({"name"}))))
        assert ledger.marks(NOTE, "b") == {}
        assert (ledger.count(NOTE, "a"), ledger.count(NOTE, "b")) == (1, 0)

    def test_they_go_with_what_is_taken_from_them(self, ledger):
        """A caller may empty them as it reads."""
        saved(ledger, entry(a=1))
        ledger.marks(NOTE, "a").clear()
        assert len(ledger.marks(NOTE, "a")) == 1

    @given(st.data())
    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    def test_equal_for_equal_contents_only(self, ledger, data):
        contents = st.builds(
            content,
            st.sampled_from("ab"),
            st.sampled_from(["", "x"]),
            st.sampled_from([None, 0, 1]),
            st.sampled_from(["", "xy", "yx"]),
        )
        one, other = data.draw(contents), data.draw(contents)
        assert (ledger.mark(NOTE, one) == ledger.mark(NOTE, other)) is (one == other)


class TestWhatIsLeft:
    def test_unsettled(self, ledger):
        pending = Linked(1, content(), frozenset({"text"}))
        waiting = Linked(None, None, frozenset({"name"}))
        removed, disputed = entry(a=3), entry(a=4)
        removed.removed = True
        disputed.conflicts = (conflict(a="x", b="y"),)
        left = saved(ledger, entry(a=pending), entry(a=2, b=waiting), removed, disputed)
        saved(ledger, entry(a=5, b=Linked(None, None)))
        assert ledger.unsettled(NOTE) == set(left)
        assert ledger.unsettled(FOLDER) == set()
        saved(ledger, entry(record=left[0], a=1))
        assert ledger.unsettled(NOTE) == set(left[1:])

    def test_unlinked(self, ledger):
        first, second = saved(ledger, entry(a=1), entry(a=2, b=Linked(None, None)))
        agreed = Agreed(NOTE, ("a", "c"), [(content("m"), (3, 3))])
        ledger.save_agreed(agreed)
        third = ledger.find(NOTE, "a", 3).record
        assert ledger.unlinked(NOTE, "a") == set()
        assert ledger.unlinked(NOTE, "b") == {first, third}
        assert ledger.unlinked(NOTE, "c") == {first, second}
        assert ledger.unlinked(NOTE, "new") == {first, second, third}


class TestAgreed:
    def test_they_are_entries_like_others(self, ledger):
        rows = [(content(f"n{n}", str(n)), (n, f"b{n}")) for n in range(2_500)]
        ledger.save_agreed(Agreed(NOTE, ("a", "b"), list(rows)))
        assert ledger.count(NOTE) == ledger.count(NOTE, "b") == 2_500
        found = ledger.find(NOTE, "b", "b2042")
        assert found.base == content("n2042", "2042")
        assert found.links == {s: Linked(i, found.base) for s, i in zip("ab", rows[2042][1])}  # noqa: B905
        assert ledger.named(NOTE, [("n7", ())])[0].links["a"].id == 7
        assert ledger.marks(NOTE, "a")[9][1] == ledger.mark(NOTE, content("n9", "9"))
        assert ledger.unsettled(NOTE) == set()

    def test_they_change_like_others(self, ledger):
        ledger.save_agreed(Agreed(NOTE, ("a", "b"), [(content(), (1, 2))]))
        found = ledger.find(NOTE, "a", 1)
        saved(ledger, entry(content("m"), record=found.record, a=1))
        assert ledger.find(NOTE, "b", 2) is None
        assert ledger.named(NOTE, [("n", ())]) == []
        assert ledger.unlinked(NOTE, "b") == {found.record}


class TestConflicts:
    def test_they_come_back_with_their_time(self, ledger):
        before = datetime.now(UTC)
        one = entry(a=1)
        noon = datetime(2024, 5, 17, 12, 30, 15, 250_000, tzinfo=UTC)
        one.conflicts = (
            Conflict(
                datatype="Note",
                global_name="n",
                field="tags",
                base=MISSING,
                values={"a": frozenset("x"), "b": frozenset()},
                updated={"a": noon, "b": None},
                since=before,
            ),
            Conflict(
                datatype="Note",
                global_name="n",
                field="count",
                base=None,
                values={"a": 1, "b": None},
                since=before,
            ),
        )
        (record,) = saved(ledger, one)
        found = ledger.conflicts(SCHEMAS)
        assert {c.field for c in found} == {"tags", "count"}
        for listed in (found, loaded(ledger, record).conflicts):
            tags = next(c for c in listed if c.field == "tags")
            count = next(c for c in listed if c.field == "count")
            assert (tags.base, tags.values) == (MISSING, {"a": frozenset("x"), "b": frozenset()})
            assert tags.updated == {"a": noon, "b": None}
            assert (count.base, count.values) == (None, {"a": 1, "b": None})
            assert tags.record == count.record == record
            assert abs((tags.since - before).total_seconds()) < 1e-3

    def test_decided_ones_are_gone(self, ledger):
        one = entry(a=1)
        one.conflicts = (conflict(a="x", b="y"),)
        (record,) = saved(ledger, one)
        saved(ledger, entry(record=record, a=1))
        assert ledger.conflicts(SCHEMAS) == []
        assert loaded(ledger, record).conflicts == ()

    def test_the_oldest_first_and_only_of_these_types(self, ledger):
        for day in (3, 1, 2):
            one = entry(a=day)
            since = datetime(2024, 5, day, tzinfo=UTC)
            one.conflicts = (
                Conflict(
                    datatype="Note",
                    global_name=str(day),
                    field="text",
                    base="",
                    values={"a": "x"},
                    since=since,
                ),
            )
            saved(ledger, one)
        assert [c.global_name for c in ledger.conflicts(SCHEMAS)] == ["1", "2", "3"]
        assert ledger.conflicts({"Folder": FOLDER}) == []

    def test_what_cannot_be_told_apart(self, ledger):
        ambiguous = Conflict(
            datatype="Note",
            global_name="n",
            field=AMBIGUOUS,
            base=None,
            values={"a": (1, "1"), "b": ("x",)},
        )
        ledger.set_ambiguous(NOTE, [ambiguous])
        (first,) = ledger.conflicts(SCHEMAS)
        assert first == ambiguous
        assert first.record is None
        ledger.set_ambiguous(FOLDER, [])
        ledger.set_ambiguous(NOTE, [ambiguous])
        (second,) = ledger.conflicts(SCHEMAS)
        assert second.since == first.since
        ledger.set_ambiguous(NOTE, [])
        assert ledger.conflicts(SCHEMAS) == []


class TestRuns:
    def test_noted(self, ledger):
        assert ledger.runs() == []
        numbers = [ledger.begin_run() for _ in range(3)]
        assert numbers == [1, 2, 3]
        ledger.end_run(2, {"applied": 5})
        last, middle, first = ledger.runs()
        assert (last.number, middle.number, first.number) == (3, 2, 1)
        assert (middle.counts, last.counts) == ({"applied": 5}, {})
        assert last.ended is None
        assert middle.started <= middle.ended <= datetime.now(UTC)
        assert ledger.runs(1) == [last]


class TestWhole:
    def test_every_save_is_another_revision(self, ledger):
        revisions = [ledger.revision]
        (record,) = saved(ledger, entry(a=1))
        revisions.append(ledger.revision)
        saved(ledger, entry(record=record, a=2))
        revisions.append(ledger.revision)
        ledger.save_agreed(Agreed(NOTE, ("a",), [(content("m"), (3,))]))
        revisions.append(ledger.revision)
        assert len(set(revisions)) == 4
        ledger.begin_run()
        ledger.load(NOTE, [record])
        assert ledger.revision == revisions[-1]

    def test_identity(self, ledger):
        assert ledger.identity
        assert ledger.identity != MemoryLedger().identity

    def test_many_at_once(self, ledger):
        """More than fit in one statement."""
        records = saved(ledger, *(entry(content(f"n{n}", str(n)), a=n, b=n) for n in range(1_201)))
        assert len(set(records)) == 1_201
        assert [loaded(ledger, r).base[3] for r in records[::300]] == [
            "0",
            "300",
            "600",
            "900",
            "1200",
        ]
        assert len(ledger.load(NOTE, records)) == 1_201
        assert len(ledger.named(NOTE, [(f"n{n}", ()) for n in range(1_201)])) == 1_201
        saved(ledger, *(entry(record=record) for record in records))
        assert ledger.count(NOTE) == 0

    def test_long_texts(self, ledger):
        text = "all work and no play\n" * 10_000
        (record,) = saved(ledger, entry(content("n" * 3_000, text, 2**80), a=1))
        assert loaded(ledger, record).base == content("n" * 3_000, text, 2**80)
        assert [e.record for e in ledger.named(NOTE, [("n" * 3_000, ())])] == [record]

    def test_odd_texts(self, ledger):
        text = "\0 é 日本 🏳️‍🌈 \U0010ffff ' \" \\ %s :x"
        (record,) = saved(ledger, entry(content(text, text, tags=[text], context=(text,)), a=text))
        assert loaded(ledger, record).base == content(text, text, tags=[text], context=(text,))
        assert ledger.find(NOTE, "a", text).record == record
        odd = Conflict(
            datatype="Note", global_name=text, field="text", base=text, values={"a": text, "b": ""}
        )
        ledger.save(
            [Entry(NOTE, record, content(text), {"a": Linked(text, content())}, conflicts=(odd,))]
        )
        assert ledger.conflicts(SCHEMAS) == [odd]

    def test_the_type_has_changed_since(self, ledger):
        """What it cannot have any more counts as never agreed."""
        if isinstance(ledger, MemoryLedger):
            pytest.skip("what is in memory is gone before the program is another one")
        view = content("n", "view", 4)
        (record,) = saved(ledger, entry(content("n", "agreed", 3), a=Linked(1, view)))
        one = ledger.load(NOTE, [record])[record]
        one.conflicts = (conflict("text", a="x", b="y"),)
        ledger.save([one])
        other = schema_of(make_datatype("Note", {"text": int | None, "more": (str, "d")}))
        (found,) = ledger.load(other, [record]).values()
        assert found.base == ("n", (), "", MISSING, MISSING)
        assert found.links["a"].view == ("n", (), "", MISSING, MISSING)
        (listed,) = ledger.conflicts({"Note": other})
        assert listed.values == {"a": MISSING, "b": MISSING}

    def test_closed_twice(self, ledger):
        ledger.close()
        ledger.close()


@pytest.mark.parametrize(
    "place", [k for k in KINDS if k not in {"memory", "sqlite"}], indirect=True
)
def test_opened_again(place):
    first = open_ledger(place)
    one = entry(content("n", "agreed"), a=1)
    one.conflicts = (conflict(a="x", b="y"),)
    (record,) = saved(first, one)
    first.begin_run()
    first.close()
    second = open_ledger(place)
    assert (second.identity, second.revision) == (first.identity, first.revision)
    assert loaded(second, record).base == content("n", "agreed")
    assert len(second.conflicts(SCHEMAS)) == len(second.runs()) == 1
    assert saved(second, entry(a=2)) != [record]
    second.close()
    first.close()
