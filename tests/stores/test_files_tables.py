"""Tables: one CSV file per type, as spreadsheets write it."""

import os
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from b3j0f.sync import Data
from b3j0f.sync.errors import (
    AlreadyExistsError,
    DataError,
    NotFoundError,
    StaleError,
    StoreError,
    StoreUnavailableError,
)
from b3j0f.sync.samples.texts import LONG_TEXT, ODD_NAMES, ODD_TEXTS
from b3j0f.sync.stores.files import FileStore
from b3j0f.sync.stores.files.csvtext import Dialect, records

SHORT = [text for text in (*ODD_TEXTS, *ODD_NAMES) if text != LONG_TEXT]
CELLS = st.text(max_size=8) | st.text(" ,;\t\"\r\n'a=", max_size=8) | st.sampled_from(SHORT)

unhurried = settings(deadline=None)  # a busy machine is no defect


class Customer(Data):
    """What the tests keep."""

    email: str = ""
    credit: int = 0
    since: date | None = None
    labels: frozenset[str] = frozenset()


class Project(Data):
    """Embeds issues."""


class Issue(Data, parent=Project):
    """Embedded in a project."""

    title: str = ""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "customers.csv"


@pytest.fixture
def table(path):
    """Writes the file and gives a store on it."""

    def write(content, **options):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return FileStore(path, [Customer], **options)

    return write


def found(store):
    told = {}
    data = list(store.accessor(Customer).find(unreadable=told.__setitem__))
    return {one.id: one for one in data}, told


def test_a_new_table(tmp_path):
    store = FileStore(tmp_path / "new", [Customer, Issue], format="csv")
    ann = store.add(
        Customer(name="Ann", email="a,b", labels=frozenset("ba"), since=date(2024, 2, 29))
    )
    store.add(Issue(name="1", context=("a/b", "c"), title="=1+1"))
    assert ann.id == "Ann"
    assert (tmp_path / "new" / "Customer.csv").read_bytes() == (
        b'name,description,email,credit,since,labels\nAnn,,"a,b",0,2024-02-29,"a, b"\n'
    )
    assert (tmp_path / "new" / "Issue.csv").read_bytes() == (
        b"name,context,description,title\n1,a%2Fb/c,,=1+1\n"
    )


EXCEL = (
    "\ufeffNr;Name; E-MAIL ;Credit;Fax\r\n"
    '1;"Müller";m@b.org;007;"0;1"\r\n'
    "\r\n"
    '2;Ann;"a ""quoted""\r\nline";+5;\r\n'
    "3;Carl;;;x"
)


@pytest.fixture
def excel(table):
    return table(EXCEL, columns={"email": "E-Mail"}, key="Nr")


def test_a_spreadsheet_of_a_person(excel):
    good, told = found(excel)
    assert told == {}
    assert good == {
        "1": Customer(name="Müller", email="m@b.org", credit=7),
        "2": Customer(name="Ann", email='a "quoted"\r\nline', credit=5),
        "3": Customer(name="Carl"),
    }
    assert excel.accessor(Customer).fields == {"name", "context", "email", "credit"}
    assert excel.get(Customer, "2").id == "2"
    assert excel.get(Customer, 2).name == "Ann"
    assert excel.get_by_name(Customer, "Carl").id == "3"


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        ({"email": "new"}, "m@b.org", "new"),
        ({"email": "a;b"}, "m@b.org", '"a;b"'),
        ({"credit": 8}, ";007;", ";8;"),
        ({"name": "Maier"}, '"Müller"', '"Maier"'),
        ({"email": "", "credit": 0}, "m@b.org;007", ";0"),
    ],
)
def test_a_change_touches_its_cells_only(excel, path, change, before, after):
    old = excel.get(Customer, "1")
    new = excel.update(old.replace(**change), old)
    assert path.read_bytes().decode() == EXCEL.replace(before, after)
    assert excel.get(Customer, "1") == new == old.replace(**change)


def test_rows_come_and_go_alone(excel, path):
    added = excel.add(Customer(name="Zoë", email="z"))
    assert added.id == "4"
    assert path.read_bytes().decode() == EXCEL + "\r\n4;Zoë;z;0;\r\n"
    excel.remove(excel.get(Customer, "2"))
    excel.remove(added)
    assert (
        path.read_bytes().decode()
        == EXCEL.replace('2;Ann;"a ""quoted""\r\nline";+5;\r\n', "") + "\r\n"
    )
    assert excel.add(Customer(name="New")).id == "5"  # 4 was another one


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_delimiters_and_line_ends_are_found(table, path, sign, newline):
    rows = [["name", "email", "x"], ["Ann", "a", ""], ["Bob", "b", "1"]]
    text = newline.join(sign.join(row) for row in rows) + newline + newline
    store = table(text)
    assert {c.name: c.email for c in store} == {"Ann": "a", "Bob": "b"}
    store.add(Customer(name="Carl", email="c"))
    expected = text[: -len(newline)] + sign.join(["Carl", "c", ""]) + newline + newline
    assert path.read_bytes().decode() == expected


def test_a_told_separator_and_blank_lines_before_the_header(table, path):
    text = "sep=|\n\nname|email, work\nAnn|a\n"
    store = table(text, columns={"email": "email, work"})
    ann = store.get(Customer, "Ann")
    assert ann.email == "a"
    store.update(ann.replace(email="b"), ann)
    assert path.read_text() == text.replace("|a", "|b")


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_other_encodings(table, path, encoding):
    content = "name,email\nZoë,é\n".encode(encoding)
    store = table(content, encoding=None if encoding == "utf-16" else encoding)
    zoe = store.get(Customer, "Zoë")
    store.update(zoe.replace(email="ü"), zoe)
    assert path.read_bytes() == "name,email\nZoë,ü\n".encode(encoding)
    if encoding == "cp1252":
        outcomes = store.accessor(Customer).add_many([Customer(name="日本"), Customer(name="Ann")])
        assert "cp1252, which has no '日'" in str(outcomes[0])
        assert outcomes[1].name == "Ann"


def test_bad_rows_stop_no_other_and_stay(table, path):
    bad = {
        "many": "many,1,2,3,4,5\n",
        "value": "value,a,five,,\n",
        "quote": '"quote"x,a,1,,\n',
        "day": "day,a,1,2024-02-30,\n",
    }
    text = "name,email,credit,since,labels\n" + "".join(bad.values())
    text += ',nobody,1,,\nopen,"a,1,,\n ,a,1,,\n,,,,\ngood, a ,1,,\nshort\n'
    store = table(text)
    good, told = found(store)
    assert {c.name: c.email for c in good.values()} == {"good": " a ", " ": "a", "short": ""}
    assert told.keys() == {*bad, "?", "open"}
    lines = {"many": 2, "value": 3, "quote": 4, "day": 5, "?": 6, "open": 7}
    for id, line in lines.items():
        assert f"{path}, line {line}: " in str(told[id])
        with pytest.raises((DataError, StoreError), match=f"line {line}: "):
            store.get(Customer, id)
    assert "6 cells for 5 columns" in str(told["many"])
    assert "Customer.credit: expected int, given str 'five'" in str(told["value"])
    assert "no name: the column 'name' is empty" in str(told["?"])
    assert store.accessor(Customer).changes().removed == []
    old = good["good"]
    store.update(old.replace(email="b"), old)
    store.add(Customer(name="new"))
    assert path.read_text() == text.replace("good, a ,", "good,b,") + "new,,0,,\n"
    store.remove(Customer(id="many", name="many"))
    assert (
        path.read_text()
        == text.replace("good, a ,", "good,b,").replace(bad["many"], "") + "new,,0,,\n"
    )


def test_a_quote_that_nothing_closes_hides_no_row(table):
    rows = [f'n{n},"x{n}",1\n' for n in range(50)]
    rows[10] = 'n10,"x10,1\n'
    store = table("name,email,credit\n" + "".join(rows))
    good, told = found(store)
    assert told.keys() == {"n10"}
    assert len(good) == 49


def test_a_missing_column_is_one_clear_error(table, path):
    store = table("Name,Mail,Credit\nAnn,a,1\n", columns={"email": "Email"})
    with pytest.raises(StoreError) as caught:
        list(store)
    problem = "line 1: there is no column 'Email' (did you mean 'Mail'?)"
    assert f"{path}, {problem}; its columns: 'Name', 'Mail', 'Credit'" in str(caught.value)
    with pytest.raises(StoreError, match="no column 'name'"):
        list(table("nom,email\nAnn,a\n"))
    with pytest.raises(StoreError, match="'name' is there 2 times"):
        list(table("name,name\nAnn,a\n"))
    with pytest.raises(StoreError, match="no column 'No'"):
        list(table("name,email\nAnn,a\n", key="No"))


def test_a_wrong_encoding_is_one_clear_error(table, path):
    store = table("name,email\nAnn,a\nZoë,é\n".encode("cp1252"))
    with pytest.raises(StoreError, match="line 3: this is not utf-8; the option encoding"):
        list(store)
    with pytest.raises(StoreError):
        store.add(Customer(name="new"))


def test_fields_without_a_column_are_not_held(table):
    store = table("name,email\nAnn,a\n")
    assert store.accessor(Customer).fields == {"name", "context", "email"}
    ann = store.get(Customer, "Ann")
    assert ann == Customer(name="Ann", email="a")
    new = store.update(ann.replace(credit=9, email="b"), ann)
    assert (new.credit, new.email) == (0, "b")
    with pytest.raises(StoreError, match="no column for the context"):
        store.add(Customer(name="Bob", context=("north",)))


def test_contexts(tmp_path):
    file = tmp_path / "Issue.csv"
    file.write_text("Project,Part,name,title\np,,1,a\np,q,1,b\n,,1,c\n")
    store = FileStore(tmp_path, [Issue], format="csv", context_columns=["Project", "Part"])
    assert {i.context: (i.title, i.id) for i in store} == {
        ("p",): ("a", "p/1"),
        ("p", "q"): ("b", "p/q/1"),
        (): ("c", "1"),
    }
    moved = store.get_by_name(Issue, "1", ("p", "q"))
    assert store.update(moved.replace(context=("z",)), moved).id == "z/1"
    assert file.read_text() == "Project,Part,name,title\np,,1,a\nz,,1,b\n,,1,c\n"
    for context in (("a", "b", "c"), ("",)):
        with pytest.raises(StoreError, match="does not fit the 2 context columns"):
            store.add(Issue(name="2", context=context))


def test_doubles_have_their_own_ids(table, path):
    store = table("name,email\nAnn,a\nAnn,b\nAnn,c\nBob,d\n")
    assert {c.id: c.email for c in store} == {"Ann": "a", "Ann#2": "b", "Ann#3": "c", "Bob": "d"}
    assert store.get_by_name(Customer, "Ann").email == "a"
    second = store.get(Customer, "Ann#2")
    store.update(second.replace(email="B"), second)
    store.remove(store.get(Customer, "Ann"))
    assert path.read_text() == "name,email\nAnn,B\nAnn,c\nBob,d\n"
    assert {c.id: c.email for c in store} == {"Ann": "B", "Ann#2": "c", "Bob": "d"}
    with pytest.raises(AlreadyExistsError):
        store.add(Customer(name="Ann"))


def test_ids_of_new_rows(table):
    store = table("id,name,email\n7,Ann,a\n010,Bob,b\n,Carl,c\n")
    assert {c.id for c in store} == {"7", "010", "Carl"}
    assert store.add(Customer(name="Dora")).id == "Dora"  # not all are numbers
    store = table("id,name,email\n7,Ann,a\n010,Bob,b\n")
    assert store.add(Customer(name="Dora")).id == "11"
    store.remove(store.get(Customer, "11"))
    store.remove(store.get(Customer, "010"))
    assert store.add(Customer(name="Dora")).id == "12"
    assert store.add(Customer(name="Emil", id="x-1")).id == "x-1"
    with pytest.raises(AlreadyExistsError):
        store.add(Customer(name="Fritz", id="7"))
    assert table("id,name\n").add(Customer(name="Ann")).id == "1"


def test_times(table, path):
    store = table(
        "name,email,created,Updated\nAnn,a,2020-01-02,2020-01-02 03:04:05+01:00\nBob,b,?,soon\n"
    )
    good, told = found(store)
    assert told == {}
    assert good["Ann"].created == datetime(2020, 1, 2, tzinfo=UTC)
    assert good["Ann"].updated == datetime(2020, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert good["Bob"].created is good["Bob"].updated is None
    new = store.update(good["Ann"].replace(email="b"))
    assert new.created == good["Ann"].created
    assert abs((new.updated - datetime.now(UTC)).total_seconds()) < 5
    assert store.get(Customer, "Ann").updated == new.updated
    assert "Bob,b,?,soon\n" in path.read_text()


def test_a_batch_is_written_once(table, path, monkeypatch):
    from b3j0f.sync.stores.files import table as module

    writes = []
    replace = module.replace
    monkeypatch.setattr(module, "replace", lambda *a: writes.append(a) or replace(*a))
    store = table("name,email\n" + "".join(f"n{n},a\n" for n in range(100)))
    accessor = store.accessor(Customer)
    old = list(store)
    pairs = [(one.replace(email="b"), one) for one in old[:50]]
    pairs[7] = (pairs[7][0], old[7].replace(email="seen by nobody"))
    pairs.append((Customer(name="x"), Customer(name="x", id="gone")))
    outcomes = accessor.update_many(pairs)
    assert isinstance(outcomes[7], StaleError)
    assert isinstance(outcomes[50], NotFoundError)
    assert sum(isinstance(o, Customer) for o in outcomes) == 49
    outcomes = accessor.add_many([Customer(name=name) for name in ("new", "n3", "new", "last")])
    assert [type(o) for o in outcomes] == [
        Customer,
        AlreadyExistsError,
        AlreadyExistsError,
        Customer,
    ]
    assert [type(o) for o in accessor.remove_many([*old[:10], old[0]])] == [type(None)] * 10 + [
        NotFoundError
    ]
    assert len(writes) == 3
    rows = path.read_text().splitlines()
    kept = [*(f"n{n},b" for n in range(10, 50)), *(f"n{n},a" for n in range(50, 100))]
    assert rows == ["name,email", *kept, "new,", "last,"]
    assert accessor.update_many([(one, one) for one in store.find(Customer)])[0] == store.get(
        Customer, "n10"
    )
    assert len(writes) == 3  # nothing to write


def test_what_others_write_is_seen_and_kept(table, path):
    store = table("name,email\nAnn,a\n")
    for number in range(100):
        path.write_text(f"name,email\nAnn,{number % 10}\n")  # same size, perhaps the same time
        assert store.get(Customer, "Ann").email == str(number % 10)
    old = store.get(Customer, "Ann")
    path.write_text("name,email\nAnn,9\nBob,theirs\n")
    store.update(old.replace(email="ours"), old)
    assert path.read_text() == "name,email\nAnn,ours\nBob,theirs\n"
    path.write_text("name,email\nAnn,theirs\n")
    with pytest.raises(StaleError):
        store.update(old.replace(email="x"), old.replace(email="ours"))


def test_a_write_between_our_look_and_our_write(table, path, monkeypatch):
    from b3j0f.sync.stores.files import table as module

    store, late, replace = (
        table("name,email\nAnn,a\n"),
        ["name,email\nAnn,a\nBob,b\n"],
        module.replace,
    )

    def slow(target, content, expected):
        if late:
            path.write_text(late.pop())
        return replace(target, content, expected)

    monkeypatch.setattr(module, "replace", slow)
    store.add(Customer(name="Carl", email="c"))
    assert path.read_text() == "name,email\nAnn,a\nBob,b\nCarl,c\n"


def test_the_missing_file(table, path):
    store = table("name,email\nAnn,a\n")
    assert len(store) == 1
    path.unlink()
    for verb in (lambda: list(store), lambda: store.add(Customer(name="Bob"))):
        with pytest.raises(StoreUnavailableError, match=str(path)):
            verb()
    assert not path.exists()
    path.write_text("")
    assert list(store) == []
    store.add(Customer(name="Bob"))
    assert path.read_text() == "name,description,email,credit,since,labels\nBob,,,0,,\n"
    with pytest.raises(StoreUnavailableError, match="is missing"):
        FileStore(path.parent / "no" / "c.csv", [Customer]).connect()


def test_a_link_that_the_user_names_is_written_through(table, path):
    table("name,email\nAnn,a\n")
    link = path.with_name("link.csv")
    link.symlink_to(path)
    path.chmod(0o600)
    FileStore(link, [Customer]).add(Customer(name="Bob"))
    assert link.is_symlink()
    assert path.read_text() == "name,email\nAnn,a\nBob,\n"
    assert path.stat().st_mode & 0o777 == 0o600


@unhurried
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=6), st.sampled_from(",;\t"))
@example([["", ""], ["\r", "\n"]], ",")
def test_any_cells_come_back(rows, sign):
    dialect = Dialect(sign, "\r\n")
    raws = [dialect.row(cells) for cells in rows]
    lines = [line for raw in raws for line in _lines(raw)]
    read = list(records(lines, sign))
    assert [r.raw for r in read] == raws
    assert [r.cells for r in read] == rows
    for raw, cells in zip(raws, rows, strict=True):
        assert len(dialect.split(raw)[0]) == len(cells)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(CELLS, CELLS, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), CELLS, CELLS), max_size=4),
    st.sampled_from([",", ";", "tab"]),
)
def test_any_history_of_any_table(tmp_path_factory, rows, changes, sign):
    path = tmp_path_factory.mktemp("tables")
    store = FileStore(path, [Issue], format="csv", delimiter=sign)
    for name, title in rows.items():
        store.add(Issue(name=name, context=(title,), title=title))
    model = {(name, (title,)): title for name, title in rows.items()}
    for place, name, title in changes:
        for key in list(model)[place : place + 1]:
            old = store.get_by_name(Issue, *key)
            if (name, key[1]) in model and name != key[0]:
                continue
            del model[key]
            model[name, key[1]] = title
            store.update(old.replace(name=name, title=title), old)
    other = FileStore(path, [Issue], format="csv")
    assert {(i.name, i.context): i.title for i in other} == model
    assert {(i.name, i.context): i.id for i in other} == {(i.name, i.context): i.id for i in store}


def _lines(text):
    import io

    return io.StringIO(text, newline="").readlines()


@pytest.mark.slow
def test_a_hundred_thousand_rows(table, path):
    rows = "".join(f"{n},n{n},n{n}@example.org,{n},2024-01-02,a\n" for n in range(100_000))
    store = table("id,name,email,credit,since,labels\n" + rows)
    start = time.perf_counter()
    data = list(store)
    assert time.perf_counter() - start < 10
    assert len(data) == 100_000
    os.utime(path, (1, 1))
    store.add(Customer(name="x"))
    assert len(store) == 100_001
