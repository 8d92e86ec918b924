"""Names as file names: exact for any text, readable for ordinary ones, never out of the folder."""

import os
import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from b3j0f.sync import Data
from b3j0f.sync.errors import AlreadyExistsError, StoreError
from b3j0f.sync.stores.files import FileStore
from b3j0f.sync.stores.files.naming import (
    decode_segment,
    encode_segment,
    fold,
    is_segment,
    segments,
)

TEXTS = st.text(max_size=20) | st.text("%25F/.\\ aA0~:\0", max_size=12)
WINDOWS = re.compile(r'[\x00-\x1f"*/:<>?\\|]')

unhurried = settings(deadline=None)  # a busy machine is no defect


class Book(Data):
    """Not embedded; contexts are taken all the same."""

    title: str = ""


@pytest.fixture
def store(tmp_path):
    with FileStore(tmp_path / "books", [Book]) as store:
        yield store


def files(store):
    return sorted(
        p.relative_to(store.path).as_posix() for p in store.path.rglob("*") if p.is_file()
    )


@pytest.mark.parametrize(
    "name",
    ["Ann Smith", "Zürich", "crash at start", "100%", "a.b", "C#", "#1", "日本語", "a~b", "x.yaml"],
)
def test_ordinary_names_stay_as_they_are(name):
    assert encode_segment(name) == name


@pytest.mark.parametrize(
    ("name", "segment"),
    [
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".hidden", "%2Ehidden"),
        ("", "%"),
        ("%", "%25"),
        ("a%2Fb", "a%252Fb"),
        ("a\0b", "a%00b"),
        ("why?", "why%3F"),
        ("end. ", "end.%20"),
        ("con", "%63on"),
        ("Aux.txt", "%41ux.txt"),
    ],
)
def test_escapes(name, segment):
    assert encode_segment(name) == segment
    assert decode_segment(segment) == name


@unhurried
@given(TEXTS)
@example("%")
@example("%25")
@example("%2525")
@example("%63on")
def test_any_text_comes_back(text):
    segment = encode_segment(text)
    assert decode_segment(segment) == text
    assert segment
    assert not WINDOWS.search(segment)
    assert {segment[0], segment[-1]}.isdisjoint(" .")


@unhurried
@given(TEXTS, TEXTS)
def test_different_texts_have_different_segments(one, other):
    if one != other:
        assert encode_segment(one) != encode_segment(other)
        hashed = list(segments(one))[-1], list(segments(other))[-1]
        assert fold(hashed[0]) != fold(hashed[1])


@unhurried
@given(st.text(min_size=60, max_size=400) | st.text("é👍/%", min_size=100, max_size=400))
def test_every_segment_fits(text):
    for segment in segments(text, ".yaml"):
        assert len(segment.encode()) <= 255
        assert segment.endswith(".yaml")
        assert is_segment(segment)


@settings(max_examples=60, deadline=None)
@given(
    keys=st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=2).map(tuple)), max_size=6, unique=True)
)
def test_any_names_and_contexts_live_together(tmp_path_factory, keys):
    path = tmp_path_factory.mktemp("books")
    with FileStore(path, [Book]) as store, FileStore(path, [Book]) as other:
        ids = {}
        for number, (name, context) in enumerate(keys):
            ids[name, context] = store.add(Book(name=name, context=context, title=str(number))).id
        for number, (name, context) in enumerate(keys):
            found = other.get_by_name(Book, name, context)
            assert (found.id, found.title) == (ids[name, context], str(number))
        assert {(b.name, b.context): b.id for b in other.find(Book)} == ids
        folded = [fold(os.fspath(file)) for file in files(store)]
        assert len(set(folded)) == len(keys)


def test_names_that_differ_by_case_or_form_only(store):
    names = ["Ann", "ann", "ANN", "caf\u00e9", "cafe\u0301", "straße", "STRASSE"]
    for name in names:
        store.add(Book(name=name, context=(name,)))
    paths = [file.removeprefix("Book/") for file in files(store)]
    assert {"Ann/Ann.yaml", "caf\u00e9/caf\u00e9.yaml", "straße/straße.yaml"} < set(paths)
    assert len({unicodedata.normalize("NFC", path).casefold() for path in paths}) == len(names)
    assert {(b.name, b.context) for b in store.find(Book)} == {(n, (n,)) for n in names}
    for name in names:
        assert store.get_by_name(Book, name, (name,)).name == name
        with pytest.raises(AlreadyExistsError):
            store.add(Book(name=name, context=(name,)))


def test_a_document_says_its_name_only_where_its_path_cannot(store):
    store.add(Book(name="Ann"))
    store.add(Book(name="ann", title="small"))
    store.add(Book(name="x" * 300))
    texts = [path.read_text() for path in sorted((store.path / "Book").iterdir())]
    assert texts[0] == "description: ''\ntitle: ''\n"
    assert texts[1] == "name: ann\ndescription: ''\ntitle: small\n"
    assert texts[2].startswith("name: xxx")


HOSTILE = ["../secret", "../../etc/passwd", "/etc/passwd", "a/../../secret", "", ".", "..", "./a"]
HOSTILE += ["a//b", "a/", "a\0", ".hidden", "x" * 5000, "\udcff", 7]


@pytest.mark.parametrize("id", HOSTILE)
def test_hostile_ids_find_nothing(store, id):
    (store.path.parent / "secret.yaml").write_text("title: secret\n")
    store.add(Book(name="a"))
    assert store.get(Book, id) is None
    assert store.accessor(Book).get_many([id]) == []
    with pytest.raises(StoreError):
        store.remove(Book(id=id, name="a"))
    assert (store.path.parent / "secret.yaml").exists()


def test_links_are_neither_read_nor_written_through(store):
    outside = store.path.parent / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("title: secret\n")
    store.add(Book(name="a"))
    (store.path / "Book" / "linked").symlink_to(outside)
    (store.path / "Book" / "b.yaml").symlink_to(outside / "secret.yaml")
    told = {}
    found = list(store.accessor(Book).find(unreadable=told.__setitem__))
    assert [book.name for book in found] == ["a"]
    assert told.keys() == {"b", "linked"}
    assert "symbolic link" in str(told["b"])
    assert store.get(Book, "linked/secret") is None
    with pytest.raises(StoreError, match="symbolic link"):
        store.get(Book, "b")
    added = store.add(Book(name="secret", context=("linked",)))
    assert (outside / "secret.yaml").read_text() == "title: secret\n"
    assert [path.name for path in outside.iterdir()] == ["secret.yaml"]
    assert store.get(Book, added.id).context == ("linked",)


def test_a_person_may_name_files_as_they_like(store):
    folder = store.path / "Book"
    (folder / "sub").mkdir(parents=True)
    (folder / "a:b.yaml").write_text("title: one\n")
    (folder / "mine.yml").write_text("title: two\n")
    (folder / "sub" / "short.yaml").write_text(
        "name: A long title, really\ncontext: []\ntitle: three\n"
    )
    found = {book.id: (book.name, book.context, book.title) for book in store.find(Book)}
    assert found == {
        "a:b": ("a:b", (), "one"),
        "mine.yml": ("mine", (), "two"),
        "sub/short": ("A long title, really", (), "three"),
    }
    for id, (name, context, _) in found.items():
        assert store.get_by_name(Book, name, context).id == id
        assert store.get(Book, id).name == name
        with pytest.raises(AlreadyExistsError):
            store.add(Book(name=name, context=context))
    # Its own path stays where the document says the name.
    old = store.get(Book, "sub/short")
    assert store.update(old.replace(name="Another")).id == "sub/short"
    assert (folder / "sub" / "short.yaml").read_text().startswith("name: Another\n")
    # Where the path says it, the path changes.
    assert store.update(store.get(Book, "mine.yml").replace(name="yours")).id == "yours"


def test_a_name_is_no_path_of_another(store):
    """x.yml as a name, and the file x.yml of a person, are two documents."""
    store.add(Book(name="x.yml", title="ours"))
    (store.path / "Book" / "x.yml").write_text("title: theirs\n")
    assert {b.id: (b.name, b.title) for b in store.find(Book)} == {
        "x.yml": ("x", "theirs"),
        "x.yml.yaml": ("x.yml", "ours"),
    }
    assert store.get(Book, "x.yml").title == "theirs"
    assert store.get(Book, "x.yml.yaml").title == "ours"


def test_a_path_that_is_not_utf8_is_told(store):
    store.add(Book(name="a"))
    with open(os.fsencode(store.path / "Book") + b"/\xff.yaml", "w") as file:  # noqa: PTH123 - no Path holds it
        file.write("title: x\n")
    told = {}
    assert [b.name for b in store.accessor(Book).find(unreadable=told.__setitem__)] == ["a"]
    (error,) = told.values()
    assert "not UTF-8" in str(error)
