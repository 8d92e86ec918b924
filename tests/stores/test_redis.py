"""RedisStore keeps the contract, on a real server: hashes, JSON texts, names as keys."""

import os
import threading
from contextlib import contextmanager
from typing import ClassVar
from uuid import uuid4

import pytest

redis = pytest.importorskip("redis")

from b3j0f.sync import (  # noqa: E402
    Capability,
    ConfigError,
    Data,
    DataError,
    MemoryStore,
    RedisStore,
    StaleError,
    StoreError,
    StoreUnavailableError,
    Synchronizer,
)
from b3j0f.sync.testing import Folder, Note, StoreContract  # noqa: E402

URL = os.environ.get("B3J0F_SYNC_REDIS", "redis://127.0.0.1:6379/9")
TYPES = [Folder, Note]


@pytest.fixture(scope="session")
def server():
    """A client of the server; tests are skipped, or fail, where there is none."""
    client = redis.Redis.from_url(URL, socket_timeout=5)
    try:
        client.ping()
    except redis.RedisError as exc:
        problem = f"{URL}: it does not answer: {exc}"
        if os.environ.get("B3J0F_SYNC_REQUIRE_SERVICES", "") not in {"", "0"}:
            pytest.fail(problem, pytrace=False)
        pytest.skip(problem)
    return client


@pytest.fixture
def prefix(server):
    """What all keys of a test begin with; with signs that mean something in a glob."""
    made = f"b3j0f[sync]*?\\{uuid4().hex}:"
    yield made
    escaped = "".join(f"\\{sign}" if sign in "[]*?\\" else sign for sign in made)
    for key in server.scan_iter(match=f"{escaped}*", count=1000):
        server.delete(key)


class RedisContract(StoreContract):
    options: ClassVar = {}
    pattern = "{type}:{id}:data"

    @pytest.fixture
    def store(self, prefix):
        return self.made(prefix)

    def made(self, prefix, name="redis"):
        return RedisStore(URL, TYPES, name=name, keys=prefix + self.pattern, **self.options)

    def reopen(self, store):
        keys = store.options[Folder].keys
        return RedisStore(URL, TYPES, name="other", keys=keys, **self.options)

    @contextmanager
    def broken(self, store):
        """A server that takes connections and never answers is as good as none."""
        url = store._url
        store.disconnect()
        store._url = "redis://127.0.0.1:1/0"
        try:
            yield
        finally:
            store.disconnect()
            store._url = url

    def spoil(self, store, data):
        accessor = store.accessor(type(data))
        key = accessor._key(data.id)
        if self.options.get("format") == "json":
            store.client.set(key, b'{"name": 5')
        else:
            store.client.hset(key, {Folder: "quota", Note: "order"}[type(data)], "many")
        return True


class TestHashes(RedisContract):
    pass


class TestTexts(RedisContract):
    options: ClassVar = {"format": "json"}


@pytest.mark.slow
class TestOtherFields(RedisContract):
    options: ClassVar = {
        "fields": {"name": "Title", "description": "About it"},
        "created_field": "made",
        "updated_field": "touched",
    }


@pytest.mark.slow
class TestNamesAsKeys(RedisContract):
    pattern = "{type}:{name}"
    reuses_ids = True

    def example(self, datatype, number):
        return super().example(datatype, number).replace(context=())

    def contexts(self, datatype):
        return [()]

    def values(self, datatype, field):
        return [()] if field == "context" else super().values(datatype, field)

    def takes(self, datatype, field, value):
        return field != "name" or value != ""


class Person(Data):
    email: str | None = None
    age: int = 0


@pytest.fixture
def people(prefix):
    store = RedisStore(URL, [Person], keys=prefix + "person:{id}")
    yield store
    store.disconnect()


def test_hashes_of_others_are_taken_as_they_are(people, server, prefix):
    server.hset(f"{prefix}person:7", mapping={"name": "ann", "age": "41", "shoe": "38"})
    ann = people.get(Person, "7")
    assert (ann.name, ann.age, ann.email) == ("ann", 41, None)
    changed = people.update(ann.replace(email=""), ann)
    assert changed.email == ""
    assert server.hgetall(f"{prefix}person:7") == {
        b"name": b"ann",
        b"age": b"41",
        b"shoe": b"38",
        b"email": b"",
    }
    people.update(changed.replace(email=None), changed)
    assert not server.hexists(f"{prefix}person:7", "email")


def test_texts_of_others_keep_what_is_no_field(prefix, server):
    store = RedisStore(URL, [Person], keys=prefix + "p/{id}", format="json")
    server.set(f"{prefix}p/1", '{"shoe": {"left": 38}, "name": "ann", "age": 41}')
    ann = store.get(Person, "1")
    store.update(ann.replace(age=42), ann)
    assert b'"shoe":{"left":38}' in server.get(f"{prefix}p/1")
    store.disconnect()


def test_what_is_no_data_is_set_aside(people, server, prefix):
    people.add(Person(name="ann"))
    server.set(f"{prefix}person:text", "x")
    server.hset(f"{prefix}person:old", mapping={"name": "bob", "age": "old"})
    server.hset(f"{prefix}person:nameless", mapping={"age": "1"})
    server.hset(f"{prefix}person:".encode() + b"\xff", mapping={"name": "odd"})
    errors = {}
    found = list(people.accessor(Person).find(unreadable=errors.__setitem__))
    assert [d.name for d in found] == ["ann"]
    assert errors.keys() == {"text", "old", "nameless", "\udcff"}
    assert "person:old': expected int for Person.age, given b'old'" in str(errors["old"])
    with pytest.raises(DataError):
        people.get(Person, "text")


def test_a_write_in_between_is_not_lost(people, server, prefix):
    """Between reading and writing somebody else is faster: field by field, and told."""
    ann = people.add(Person(name="ann", age=1))
    key = f"{prefix}person:{ann.id}"
    accessor = people.accessor(Person)
    raw = accessor._raw
    others = [("shoe", "38"), ("age", "7")]

    def read_and_wait(keys):
        found = raw(keys)
        if others:
            server.hset(key, *others.pop(0))
        return found

    accessor._raw = read_and_wait
    changed = people.update(ann.replace(email="x"), ann)  # the shoe is none of its business
    assert (changed.email, server.hget(key, "shoe")) == ("x", b"38")
    with pytest.raises(StaleError):
        people.update(changed.replace(email="y"), changed)
    assert people.get(Person, ann.id).age == 7


@pytest.mark.parametrize("format", ["hash", "json"])
def test_many_writers_lose_nothing(prefix, format):
    first = RedisStore(URL, [Person], keys=prefix + "{id}", format=format)
    counter = first.add(Person(name="counter", age=0))

    def count():
        store = RedisStore(URL, [Person], keys=prefix + "{id}", format=format)
        for _ in range(25):
            while True:
                now = store.get(Person, counter.id)
                try:
                    store.update(now.replace(age=now.age + 1), now)
                    break
                except StaleError:
                    continue
        store.disconnect()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first.get(Person, counter.id).age == 100
    first.disconnect()


def test_a_server_that_forgot_the_scripts(people, server):
    people.add(Person(name="ann"))
    server.script_flush()
    assert people.add(Person(name="bob")).name == "bob"


def test_time_to_live(prefix, server):
    store = RedisStore(URL, [Person], keys=prefix + "{id}", ttl=60)
    ann = store.add(Person(name="ann"))
    key = prefix + ann.id
    assert 0 < server.pttl(key) <= 60_000
    server.persist(key)
    ann = store.update(ann.replace(age=3), ann)
    assert 0 < server.pttl(key) <= 60_000
    store.disconnect()
    plain = RedisStore(URL, [Person], keys=prefix + "{id}", format="hash")
    server.pexpire(key, 50_000)
    ann = plain.get(Person, ann.id)
    plain.update(ann.replace(age=4), ann)
    assert 0 < server.pttl(key) <= 50_000
    plain.disconnect()


@pytest.mark.parametrize(("expiry", "left"), [("removal", []), ("ignore", ["ann"])])
def test_what_has_expired(prefix, server, expiry, left):
    cache = RedisStore(URL, [Person], keys=prefix + "{id}", expiry=expiry)
    other = MemoryStore([Person], name="other")
    other.add(Person(name="ann"))
    with Synchronizer([cache, other]) as sync:
        sync.run()
        (ann,) = cache
        server.pexpire(prefix + ann.id, 1)
        while server.exists(prefix + ann.id):
            pass
        assert sync.run(force=True).ok
        assert [d.name for d in other] == left
    removals = Capability.DETECT_REMOVALS in cache.accessor(Person).capabilities
    assert removals == (expiry == "removal")
    cache.disconnect()


def test_hostile_names_stay_names(prefix, server):
    hostile = ["*", "a:b", "[x]", "\\", "{id}", "\r\nFLUSHALL\r\n", "'); redis.call('FLUSHALL') --"]
    store = RedisStore(URL, [Person], keys=prefix + "{name}:x")
    other = RedisStore(URL, [Person], keys=prefix + "other:{name}:x", name="other")
    outside = other.add(Person(name="outside"))
    for name in hostile:
        store.add(Person(name=name, email=name))
    assert {d.name for d in store} >= set(hostile)
    assert [store.get_by_name(Person, name).email for name in hostile] == hostile
    for name in hostile:
        store.remove(store.get_by_name(Person, name))
    assert other.get(Person, outside.id) is not None
    for each in (store, other):
        each.disconnect()


def test_a_server_that_is_not_there():
    store = RedisStore("redis://:secret@127.0.0.1:1/0", [Person], timeout=1)
    with pytest.raises(StoreUnavailableError) as caught:
        store.connect()
    assert "secret" not in f"{caught.value}{caught.value.__cause__}{store!r}"


def test_a_server_that_wants_another_password(server):
    url = URL.replace("redis://", "redis://nobody@")
    store = RedisStore(url, [Person], password="secret", timeout=5)  # noqa: S106 - nobody's
    with pytest.raises(StoreError, match="invalid username-password") as caught:
        store.connect()
    assert not isinstance(caught.value, StoreUnavailableError)
    assert "secret" not in f"{caught.value}{store!r}"


@pytest.mark.parametrize(
    ("url", "options", "problem"),
    [
        ("http://:secret@host", {}, "no URL of a Redis server"),
        (URL, {"keys": "person"}, "no pattern of keys"),
        (URL, {"keys": "{id}{name}"}, "no pattern of keys"),
        (URL, {"format": "xml"}, "hash or json"),
        (URL, {"ttl": 0}, "more than 0"),
        (URL, {"fields": {"emial": "x"}}, "email"),
        (URL, {"fields": {"email": "age"}}, "hold several fields"),
        (URL, {"timeout": 0}, "seconds"),
        (URL, {"expiry": "never"}, "removal or ignore"),
    ],
)
def test_mistakes(url, options, problem):
    with pytest.raises(ConfigError) as caught:
        RedisStore(url, [Person], **options)
    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_connection_that_was_dropped(people, server):
    people.add(Person(name="ann"))
    server.client_kill_filter(_id=people.client.client_id())
    assert people.get_by_name(Person, "ann") is not None
    server.client_kill_filter(_id=people.client.client_id())
    assert isinstance(people.add(Person(name="bob")), Person)


def test_an_unknown_type_of_error(people):
    with pytest.raises(StoreError, match="unknown command"):
        people.accessor(Person)._call("find", lambda: people.client.execute_command("NOSUCH"))
