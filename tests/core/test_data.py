"""Data: fields that are annotations, values that are checked, changes that are remembered."""

from __future__ import annotations

import copy
import enum
import gc
import pickle
import sys
import weakref
from datetime import UTC, datetime
from typing import ClassVar, Optional

import hypothesis.strategies as st
import pytest
from hypothesis import given
from kinds import texts

from b3j0f.sync import (
    Data,
    DataError,
    MemoryStore,
    NotFoundError,
    Ref,
    StoreError,
    make_datatype,
)
from b3j0f.sync.data import fields, schema_of
from b3j0f.sync.errors import AlreadyExistsError, StaleError

NOW = datetime(2024, 5, 17, tzinfo=UTC)


class Project(Data):
    url: str = ""


class Issue(Data, parent=Project):
    title: str = ""
    state: str = "open"
    labels: frozenset[str] = frozenset()
    assignee: Optional[Ref[Later]] = None  # noqa: UP045 - as people write it, too
    points: int | None = None
    limit: ClassVar[int] = 3


class Bug(Issue):
    severity: int = 1


class Crash(Bug):
    state: str = "new"
    trace: str


class Later(Data):
    """Referred to before it is defined."""


class TestDeclaration:
    def test_base_fields_come_first(self):
        names = ("name", "context", "description", "title", "state", "labels", "assignee", "points")
        assert schema_of(Issue).names == names
        assert schema_of(Crash).names == (*names, "severity", "trace")
        assert list(fields(Bug)) == [*names, "severity"]

    def test_subclasses_of_subclasses(self):
        crash = Crash(name="a", trace="...", points=3)
        assert (crash.state, crash.severity, crash.trace, crash.points) == ("new", 1, "...", 3)
        assert schema_of(Crash).parent is Project
        assert schema_of(Crash).depth == 1
        assert Bug(name="a").state == "open"
        with pytest.raises(DataError, match="Crash needs trace"):
            Crash(name="a")

    def test_class_variables_are_no_fields(self):
        assert Issue.limit == Issue(name="a").limit == 3

    def test_base_fields_may_have_another_default(self):
        class Named(Data):
            name: str = "x"
            context: tuple[str, ...] = ("a",)

        named = Named()
        assert (named.name, named.context, named.global_name) == ("x", ("a",), "a/x")
        assert schema_of(Named).names == ("name", "context", "description")
        assert repr(named) == "Named()"

    @pytest.mark.parametrize(
        ("field", "annotation"), [("name", int), ("context", frozenset[str]), ("description", int)]
    )
    def test_base_fields_have_their_type(self, field, annotation):
        wrong = make_datatype("Wrong", {field: annotation})
        with pytest.raises(DataError, match=rf"Wrong\.{field} is a field of every data"):
            wrong(name="a")

    @pytest.mark.parametrize("field", ["id", "created", "updated", "save", "store", "is_dirty"])
    def test_names_that_every_data_has(self, field):
        with pytest.raises(DataError, match=f"Wrong cannot have a field '{field}'"):
            make_datatype("Wrong", {field: str})

    @pytest.mark.parametrize("field", ["_hidden", "two words", "class", "", "1st", "ﬁeld"])
    def test_names_that_are_none(self, field):
        with pytest.raises(DataError, match="identifiers"):
            make_datatype("Wrong", {field: str})

    @pytest.mark.parametrize("field", ["self", "unknown", "given", "make", "new", "content", "né"])
    def test_names_that_are_in_nobodys_way(self, field):
        made = make_datatype("Right", {field: str})
        assert getattr(made(name="a", **{field: "b"}), field) == "b"
        with pytest.raises(DataError, match="no field 'other'"):
            made(name="a", other=1)

    def test_a_field_is_not_hidden_by_a_plain_attribute(self):
        with pytest.raises(DataError, match=r"Wrong\.title hides the field title"):
            type(Issue)("Wrong", (Issue,), {"title": "x"})

    def test_no_init_of_its_own(self):
        with pytest.raises(DataError, match="cannot have an __init__"):
            type(Issue)("Wrong", (Issue,), {"__init__": lambda self: None})

    def test_one_data_type_as_base(self):
        with pytest.raises(DataError, match="several data types"):
            type(Issue)("Wrong", (Issue, Project), {})

    def test_the_parent_is_a_data_type(self):
        with pytest.raises(DataError, match="the parent of Wrong"):
            type(Issue)("Wrong", (Data,), {}, parent=int)

    def test_unknown_names_in_annotations(self):
        class Wrong(Data):
            other: Ref[Nowhere]  # noqa: F821 - that is the point

        with pytest.raises(DataError, match="names 'Nowhere', which is not defined"):
            Wrong(name="a")

    def test_wrong_default(self):
        class Wrong(Data):
            count: int = "1"

        with pytest.raises(DataError, match=r"Wrong\.count: expected int, given str '1'"):
            Wrong(name="a")

    def test_local_names_in_annotations_of_a_base(self):
        class Colour(enum.Enum):
            RED = 1

        class Painted(Data):
            colour: Colour = Colour.RED

        Painted(name="used before it has a subclass")

        class Car(Painted):
            doors: int = 4

        assert Car(name="a").colour is Colour.RED

    def test_what_is_around_a_local_type_is_let_go(self):
        class Around:
            pass

        def make():
            around = Around()

            class Local(Data):
                text: str = ""

            Local(name="a")
            return Local, weakref.ref(around)

        _local, around = make()
        gc.collect()
        assert around() is None

    def test_other_bases_bring_methods(self):
        class Loud:
            def shout(self):
                return self.name.upper()

        class Person(Loud, Data):
            pass

        assert Person(name="ann").shout() == "ANN"

    def test_made_at_run_time(self):
        made = make_datatype(
            "Customer",
            {"email": str, "credit": (int, 3), "since": datetime | None, "rank": int},
            parent=Project,
        )
        assert made.__name__ == "Customer"
        customer = made(name="a", rank=1)
        assert (customer.email, customer.credit, customer.since) == ("", 3, None)
        assert schema_of(made).parent is Project
        with pytest.raises(DataError, match="Customer needs rank"):
            made(name="a")

    def test_slots(self):
        with pytest.raises(AttributeError):
            Issue(name="a").titel = "typo"
        assert not hasattr(Crash(name="a", trace=""), "__dict__")


class TestValues:
    def test_by_keyword_only(self):
        with pytest.raises(TypeError):
            Issue("a")

    def test_defaults(self):
        issue = Issue(name="a")
        assert (issue.id, issue.context, issue.description, issue.created) == (None, (), "", None)

    def test_checked_when_made_and_when_changed(self):
        with pytest.raises(DataError, match=r"Issue\.title: expected str, given int 1") as caught:
            Issue(name="a", title=1)
        assert (caught.value.datatype, caught.value.field) == ("Issue", "title")
        issue = Issue(name="a")
        with pytest.raises(DataError, match=r"Issue\.labels"):
            issue.labels = "bug"
        assert not issue.is_dirty
        issue.labels = {"bug"}
        assert issue.labels == frozenset(["bug"])

    def test_what_is_missing_and_what_is_unknown(self):
        with pytest.raises(DataError, match="Issue needs name"):
            Issue(title="a")
        with pytest.raises(DataError, match="Issue has no field 'titel'; it has id, "):
            Issue(name="a", titel="b")

    @pytest.mark.parametrize("id", [1, "1", 0, "", -5, 2**70, None])
    def test_ids(self, id):
        assert Issue(name="a", id=id).id == id

    @pytest.mark.parametrize("id", [True, 1.0, b"a", ("a",)])
    def test_what_is_no_id(self, id):
        with pytest.raises(DataError, match=r"Issue\.id: expected str, int or None"):
            Issue(name="a", id=id)

    @pytest.mark.parametrize("name", [None, 1, b"a", "\ud800"])
    def test_what_is_no_name(self, name):
        with pytest.raises(DataError, match=r"Issue\.name"):
            Issue(name=name)

    def test_times_are_kept_in_utc(self):
        with pytest.raises(DataError, match=r"Issue\.created: expected datetime with a time zone"):
            Issue(name="a", created=datetime(2024, 1, 1))  # noqa: DTZ001 - that is the point
        assert Issue(name="a", updated=NOW).updated is not None

    def test_equality_is_about_what_is_synchronized(self):
        assert Issue(name="a", id=1, created=NOW) == Issue(name="a", id="2", updated=NOW)
        assert Issue(name="a") != Issue(name="a", title="b")
        assert Issue(name="a") != Issue(name="a", context=("p",))
        assert Issue(name="a") != Bug(name="a")
        assert Issue(name="a") != "a"
        assert len({Issue(name="a"), Issue(name="a", id=3)}) == 1

    def test_repr_shows_what_was_given(self):
        assert repr(Issue(name="a", id=1, points=0)) == "Issue(id=1, name='a', points=0)"

    def test_pickled_and_copied(self):
        issue = Issue(name="a", id=1, created=NOW, labels={"b"}, assignee=Ref("c"))
        for other in (pickle.loads(pickle.dumps(issue)), copy.copy(issue), copy.deepcopy(issue)):  # noqa: S301
            assert other == issue
            assert (other.id, other.created, other.updated) == (1, NOW, None)

    @given(st.builds(Issue, name=texts, title=texts, points=st.none() | st.integers()))
    def test_plain_and_back(self, issue):
        schema = schema_of(Issue)
        assert schema.from_plain(schema.to_plain(issue)) == issue

    def test_plain_with_unknown_fields(self):
        with pytest.raises(DataError, match="no field 'titel'"):
            schema_of(Issue).from_plain({"name": "a", "titel": "b"})
        issue = schema_of(Issue).from_plain({"name": "a", "id": 3, "created": NOW.isoformat()})
        assert (issue.id, issue.created) == (3, NOW)

    def test_a_made_data_is_like_a_checked_one(self):
        schema = schema_of(Issue)
        issue = Issue(name="a", title="b", id=1, updated=NOW)
        made = schema.make(schema.content(issue), issue.id, None, NOW)
        assert (made, made.id, made.updated, made.store) == (issue, 1, NOW, None)


class TestChanges:
    def test_dirty_until_it_is_as_before(self):
        issue = Issue(name="a", title="b")
        issue.title = "c"
        issue.points = 1
        assert issue.dirty == {"title", "points"}
        issue.title = "b"
        assert issue.dirty == {"points"}
        issue.points = None
        assert not issue.is_dirty

    def test_the_same_value_is_no_change(self):
        issue = Issue(name="a", labels={"b"})
        issue.labels = {"b"}
        assert not issue.is_dirty

    def test_what_belongs_to_a_store_is_no_change(self):
        issue = Issue(name="a")
        issue.id, issue.updated = 5, NOW
        assert not issue.is_dirty

    def test_rollback(self):
        issue = Issue(name="a", title="b")
        issue.title, issue.name = "c", "d"
        issue.title = "e"
        issue.rollback()
        assert issue == Issue(name="a", title="b")
        assert not issue.is_dirty

    def test_replace_leaves_the_first_as_it_is(self):
        issue = Issue(name="a", id=1)
        other = issue.replace(title="b", id=2)
        assert (issue.title, other.title, issue.id, other.id) == ("", "b", 1, 2)
        assert other.dirty == {"title"}
        with pytest.raises(DataError, match="no field 'titel'"):
            issue.replace(titel="b")
        with pytest.raises(DataError, match=r"Issue\.title"):
            issue.replace(title=1)

    def test_a_copy_of_what_is_dirty_is_dirty_by_itself(self):
        issue = Issue(name="a")
        issue.title = "b"
        other = issue.replace()
        other.rollback()
        assert (issue.title, other.title) == ("b", "")


class TestInAStore:
    @pytest.fixture
    def store(self):
        return MemoryStore([Issue])

    def test_of_no_store(self):
        for verb in ("save", "delete"):
            with pytest.raises(StoreError, match="belongs to no store"):
                getattr(Issue(name="a"), verb)()
        assert not Issue(name="a").is_stored

    def test_saved_twice(self, store):
        issue = store.create(Issue, name="a")
        assert (issue.id, issue.is_stored, issue.store) == (None, False, store)
        issue.save()
        issue.title = "b"
        issue.save()
        assert not issue.is_dirty
        assert [data.title for data in store] == ["b"]

    def test_one_name_twice(self, store):
        """What was never stored is another data, whoever else has its name."""
        for title in "bc":
            store.create(Issue, name="a", title=title).save()
        assert {data.title for data in store} == {"b", "c"}

    def test_one_name_twice_where_names_are_unique(self):
        store = MemoryStore([Issue], unique_names=True)
        store.create(Issue, name="a", title="b").save()
        second = store.create(Issue, name="a", title="c")
        with pytest.raises(AlreadyExistsError):
            second.save()
        assert [data.title for data in store] == ["b"]
        assert second.id is None

    def test_stale(self, store):
        stored = store.add(Issue(name="a"))
        mine, theirs = store.get(Issue, stored.id), store.get(Issue, stored.id)
        theirs.title = "theirs"
        theirs.save()
        mine.title = "mine"
        with pytest.raises(StaleError):
            mine.save()
        assert mine.dirty == {"title"}
        assert store.get(Issue, stored.id).title == "theirs"

    def test_deleted_and_saved_anew(self, store):
        issue = store.add(Issue(name="a"))
        issue.delete()
        assert issue.id is None
        assert len(store) == 0
        with pytest.raises(NotFoundError):
            issue.delete()
        issue.save()
        assert len(store) == 1


def test_a_type_costs_no_dict():
    assert sys.getsizeof(Issue(name="a")) < 200
