"""The contract kit by itself: example data, edge values, messages to the author of a store."""

import enum
import subprocess
import sys
import textwrap
import typing
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Optional
from uuid import UUID

import pytest
from hypothesis import find, strategies

from b3j0f.sync import Data, Ref
from b3j0f.sync.data import schema_of
from b3j0f.sync.fields import Field
from b3j0f.sync.samples import examples, texts
from b3j0f.sync.testing import Folder, Note
from b3j0f.sync.testing.contract.strategies import values_of

ROOT = Path(__file__).parents[2]


class Colour(enum.IntEnum):
    RED = 1
    GREEN = 2


ANNOTATIONS = [
    *(str, int, float, bool, Decimal, bytes, datetime, date, time, UUID, Colour),
    *(Literal["a", 1], Annotated[str, "a note"], Ref[Folder], str | None, Optional[Colour]),  # noqa: UP045
    *(frozenset[str], frozenset[UUID], tuple[str, ...], tuple[date, ...], Ref[Note] | None),
    *(tuple[str | None, ...], frozenset[Colour], tuple[tuple[int, ...], ...]),
]
IDS = [str(annotation).removeprefix("typing.") for annotation in ANNOTATIONS]


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=IDS)
def test_values_fit_their_field(annotation):
    field = Field("Thing", "value", annotation)
    ordinary = [examples.example_value(annotation, number) for number in range(5)]
    edges = examples.edge_values(annotation)
    assert len(edges) > 1
    for value in (*ordinary, *edges):
        assert field.check(value) == value
    assert examples.other_value(annotation, ordinary[0]) != ordinary[0]


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=IDS)
def test_drawn_values_fit_their_field(annotation):
    field = Field("Thing", "value", annotation)
    value = find(values_of(annotation), lambda value: field.check(value) == value)
    assert type(field.check(value)) is type(value)


def test_strategies_are_fit_for_sets_of_any_kind():
    assert find(strategies.lists(values_of(frozenset[bytes]), min_size=2), len)


@pytest.mark.parametrize("datatype", [Folder, Note])
def test_examples_differ(datatype):
    every = [examples.example(datatype, number) for number in range(20)]
    assert len({data.name for data in every}) == 20
    for field in set(schema_of(datatype).names) - {"context"}:
        assert len({getattr(data, field) for data in every}) > 1, field
    assert {len(data.context) for data in every} == {schema_of(datatype).depth}


@pytest.mark.parametrize("datatype", [Folder, Note])
def test_changed_data_differ_in_every_other_field(datatype):
    data = examples.example(datatype, 3)
    changed = examples.changed(data)
    assert changed.dirty == set(schema_of(datatype).names) - {"name", "context"}
    assert data == examples.example(datatype, 3)


def test_contexts_follow_the_parents():
    class Attic(Data):
        pass

    class Chest(Data, parent=Attic):
        pass

    class Letter(Data, parent=Chest):
        pass

    assert examples.contexts(Attic) == [()]
    assert examples.contexts(Letter)[0] == ("attic 0", "chest 0")
    assert examples.example(Letter, 1).context in examples.contexts(Letter)


def test_note_has_a_field_of_every_kind():
    kinds = {examples.shape(field.annotation)[0] for field in schema_of(Note).fields.values()}
    assert kinds >= {
        *(str, int, float, bool, Decimal, datetime, date, time, UUID, bytes, enum.Enum, Ref),
        *(typing.Optional, typing.Literal, frozenset, tuple),
    } - {Ref}
    assert schema_of(Note).fields["folder"].annotation == Ref[Folder] | None


@pytest.mark.parametrize("odd", [texts.ODD_TEXTS, texts.ODD_NAMES, texts.ODD_CONTEXTS])
def test_odd_texts_differ_from_each_other(odd):
    assert len(set(odd)) == len(odd)


def test_odd_names_have_their_near_misses():
    names = set(texts.ODD_NAMES)
    assert {name for name in names if len(name) == 300}
    assert len({name.lower() for name in names}) < len(names)
    assert {"", "..", "/"} <= names
    assert {len(context) for context in texts.ODD_CONTEXTS} == {0, 1, 2, 3}
    assert len({"/".join(context) for context in texts.ODD_CONTEXTS}) < len(texts.ODD_CONTEXTS)


def test_kit_names_its_extra_when_pytest_is_missing():
    code = """
        import sys
        sys.modules["pytest"] = None
        import b3j0f.sync.testing
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: b3j0f.sync.testing needs pytest and hypothesis: "
        'pip install "b3j0f.sync[testing]"'
    )


def run_suite(tmp_path, body):
    """What pytest says of a test class of an author."""
    header = (
        "import pytest\n"
        "from b3j0f.sync import Data, MemoryStore\n"
        "from b3j0f.sync.testing import Folder, Note, StoreContract\n\n"
    )
    (tmp_path / "test_author.py").write_text(header + textwrap.dedent(body))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs"),
            *("--rootdir", str(tmp_path), "-k", "test_new_store_is_empty or test_added_data_last"),
            str(tmp_path / "test_author.py"),
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_author_without_a_store_is_told(tmp_path):
    output = run_suite(tmp_path, "class TestMine(StoreContract): pass")
    assert "TestMine needs a fixture 'store' that gives the store to test" in output


def test_author_of_other_types_is_told(tmp_path):
    output = run_suite(
        tmp_path,
        """
        class TestMine(StoreContract):
            @pytest.fixture
            def store(self):
                return MemoryStore([Folder], name="mine")
        """,
    )
    assert "store 'mine' has no Note: TestMine.datatypes names the types to test with" in output


def test_author_needs_one_fixture_and_is_told_what_is_skipped(tmp_path):
    output = run_suite(
        tmp_path,
        """
        class TestMine(StoreContract):
            @pytest.fixture
            def store(self):
                return MemoryStore([Folder, Note])
        """,
    )
    assert "2 passed" in output
    assert "TestMine.reopen() is not written" in output
