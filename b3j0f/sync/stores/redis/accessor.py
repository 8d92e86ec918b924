"""RedisAccessor: the keys of one pattern as the data of one type."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, TypeVar, cast

from redis.exceptions import (
    BusyLoadingError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from ...accessor import Capability, Outcome
from ...data import Data
from ...errors import DataError, StaleError, StoreError, StoreUnavailableError, SyncError
from ..bulk import BulkAccessor
from . import scripts
from .forms import FormError, HashForm, JSONForm, compared, form_of
from .keys import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ...query import Query
    from .options import KeyOptions
    from .store import RedisStore

__all__ = ["RedisAccessor"]

D = TypeVar("D", bound=Data)
Id = str | int

PAGE = 1000
"""Keys that are asked for, and read, in one go."""
ATTEMPTS = 3
"""How often a write is made again when somebody changes what it does not rely on."""
_SHOWN = 80
_UNAVAILABLE = (
    RedisConnectionError,
    RedisTimeoutError,
    BusyLoadingError,
    OutOfMemoryError,
    ReadOnlyError,
)


class RedisAccessor(BulkAccessor[D]):
    """The keys of one pattern as the data of one type.

    Names are found by reading all keys, unless the name is in the key. What is written is
    compared with what is stored and written in one step, by a script.
    """

    store: RedisStore

    def __init__(self, store: RedisStore) -> None:
        super().__init__(store)
        self.options: KeyOptions = store.options[self.datatype]
        self._pattern = Pattern.parsed(self.options.keys, self.schema.name)
        self._form = form_of(self.schema, self.options, is_named=self._pattern.is_name)
        self.capabilities = Capability.DEFAULT
        if self._pattern.is_name:
            self.capabilities |= Capability.UNIQUE_NAMES
        if self.options.expiry == "ignore":
            self.capabilities &= ~Capability.DETECT_REMOVALS
        ttl = self.options.ttl
        self._ttl = b"" if ttl is None else str(max(1, round(ttl * 1000))).encode()

    @property
    def _is_hash(self) -> bool:
        return isinstance(self._form, HashForm)

    # --- reading -----------------------------------------------------------------------------

    def _get(self, id: Id) -> D | None:
        key = self._key(id)
        if key is None:
            return None
        (raw,) = self._raw([key])
        if isinstance(raw, ResponseError):
            raise self._wrong(str(id), raw)
        return None if raw is None else self._read(str(id), raw)

    def _get_by_name(self, name: str, context: tuple[str, ...]) -> D | None:
        if self._pattern.is_name:
            return None if context or not name else self._get(name)
        found = (d for d in self._every() if d.name == name and d.context == context)
        return next(found, None)

    def _get_many(self, ids: Sequence[Id]) -> Iterator[D]:
        known = [(str(id), key) for id in dict.fromkeys(ids) if (key := self._key(id)) is not None]
        for start in range(0, len(known), PAGE):
            yield from self._read_page(known[start : start + PAGE])

    def _find(self, query: Query) -> Iterable[D]:
        if self._pattern.is_name and query.names is not None:
            return self._get_many(sorted(query.names))
        return self._every()

    def _every(self) -> Iterator[D]:
        for page in self._pages():
            yield from self._read_page(page)

    def _count(self) -> int:
        kind = "hash" if self._is_hash else "string"
        return sum(len(page) for page in self._pages(kind))

    def _pages(self, kind: str | None = None) -> Iterator[list[tuple[str, bytes]]]:
        """Ids and keys, page by page; each once, also where the server tells it twice."""
        seen: set[str] = set()
        cursor = 0
        while True:
            found: Any = self.store.client.scan(
                cursor, match=self._pattern.glob, count=PAGE, _type=kind
            )
            cursor, keys = found
            page = []
            for key in keys:
                id = self._pattern.id(key)
                if id is not None and id not in seen:
                    seen.add(id)
                    page.append((id, key))
            if page:
                yield page
            if not cursor:
                return

    def _raw(self, keys: Sequence[bytes]) -> list[Any]:
        """What is stored under *keys*: None for nothing, the server's error for another type."""
        pipe = self.store.client.pipeline(transaction=False)
        for key in keys:
            if self._is_hash:
                pipe.hgetall(key)
            else:
                pipe.get(key)
        found = pipe.execute(raise_on_error=False)
        for one in found:
            if isinstance(one, Exception) and not isinstance(one, ResponseError):
                raise one
        return [None if self._is_hash and one == {} else one for one in found]

    def _read_page(self, page: Sequence[tuple[str, bytes]]) -> Iterator[D]:
        for (id, _), raw in zip(page, self._raw([key for _, key in page]), strict=True):
            if raw is None:
                continue  # it is gone meanwhile
            try:
                if isinstance(raw, ResponseError):
                    raise self._wrong(id, raw)
                yield self._read(id, raw)
            except DataError as exc:
                self._unreadable(id, exc)

    def _read(self, id: str, raw: Any) -> D:
        try:
            found = self._form.read(raw, id)
            id.encode()  # of a key that is no text
        except FormError as exc:
            raise self._unfit(id, exc) from exc
        except UnicodeEncodeError as exc:
            raise self._unfit(id, FormError("id", "a key in UTF-8", id)) from exc
        content, created, updated = found
        return cast("D", self.schema.make(content, id, created, updated, self.store))

    def _wrong(self, id: str, error: ResponseError) -> DataError:
        what = "a hash" if self._is_hash else "a string"
        made = self._unfit(id, FormError(None, what, "a value of another type"))
        made.__cause__ = error
        return made

    def _unfit(self, id: str, error: FormError) -> DataError:
        field = "" if error.field is None else f" for {self.schema.name}.{error.field}"
        shown = repr(error.given)
        key = self._pattern.before + id.encode(errors="surrogateescape") + self._pattern.after
        return DataError(
            f"store {self.store.name!r}, key {key.decode(errors='backslashreplace')!r}: expected "
            f"{error.expected}{field}, given "
            f"{shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}",
            datatype=self.schema.name,
            field=error.field,
            expected=error.expected,
            given=error.given,
        )

    # --- writing -----------------------------------------------------------------------------

    def _add_many(self, data: Sequence[D]) -> list[Outcome[D]]:
        prepared = [self._attempt("add", self._addition, one) for one in data]
        ready = [one for one in prepared if not isinstance(one, SyncError)]
        script = scripts.ADD_HASH if self._is_hash else scripts.ADD_TEXT
        answers = iter(self._run(script, [([key], arguments) for _, key, arguments in ready]))
        outcomes: list[Outcome[D]] = []
        for one, given in zip(prepared, data, strict=True):
            if isinstance(one, SyncError):
                outcomes.append(one)
            else:
                outcomes.append(self._attempt("add", self._added, one[0], given, next(answers)))
        return outcomes

    def _addition(self, data: D) -> tuple[str, bytes, list[bytes]]:
        id = data.name if self._pattern.is_name else data.id
        if self._pattern.is_name and data.id not in {None, id} and self._is_there(data.id):
            raise self._already_exists(data)
        if not self._pattern.is_name and id is None:
            id = str(uuid.uuid4())
        key = None if id is None else self._key(id)
        if key is None:
            raise self._refused("id", "a text that is not empty", id)
        changes = self._changes_of(None, data)
        changes |= self._form.times_now("created", "updated", created=data.created)
        if isinstance(self._form, JSONForm):
            return str(id), key, [self._ttl, self._form.text({}, changes)]
        pairs = [(n.encode(), v) for n, v in changes.items() if v is not None]
        flat = [part for pair in pairs for part in _bytes(pair)]
        return str(id), key, [self._ttl, *flat]

    def _added(self, id: str, given: D, answer: Any) -> D:
        if answer[0] == b"taken":
            if self._pattern.is_name:
                raise self._already_exists(given, by_name=True)
            raise self._already_exists(given)
        return self._read(id, _stored(answer[1]))

    def _update_many(self, pairs: Sequence[tuple[D, D]]) -> list[Outcome[D]]:
        outcomes: list[Any] = [None] * len(pairs)
        left = list(range(len(pairs)))
        for _ in range(ATTEMPTS):
            left = self._update_some(pairs, left, outcomes)
            if not left:
                return outcomes
        for position in left:
            outcomes[position] = self._stale("update", pairs[position][1])
        return outcomes

    def _update_some(
        self, pairs: Sequence[tuple[D, D]], left: Sequence[int], outcomes: list[Any]
    ) -> list[int]:
        """Update those that are *left*; the positions of those that changed while it was done."""
        known = [(p, key) for p in left if (key := self._key(pairs[p][1].id)) is not None]
        missing = set(left) - {position for position, _ in known}
        for position in missing:
            outcomes[position] = self._not_found("update", pairs[position][1])
        raws = self._raw([key for _, key in known]) if known else []
        writes, calls = [], []
        for (position, key), raw in zip(known, raws, strict=True):
            made = self._attempt("update", self._replacement, *pairs[position], key, raw)
            if isinstance(made, SyncError):
                outcomes[position] = made
            else:
                writes.append((position, made[0]))
                calls.append(made[1])
        script = scripts.UPDATE_HASH if self._is_hash else scripts.UPDATE_TEXT
        again = []
        for (position, id), answer in zip(writes, self._run(script, calls), strict=True):
            new, old = pairs[position]
            if answer[0] == b"changed":
                again.append(position)
            elif answer[0] == b"gone":
                outcomes[position] = self._not_found("update", old)
            elif answer[0] == b"taken":
                error = self._already_exists(new, by_name=True)
                error.action = "update"
                outcomes[position] = error
            else:
                outcomes[position] = self._attempt("update", self._read, id, _stored(answer[1]))
        return again

    def _replacement(
        self, new: D, old: D, key: bytes, raw: Any
    ) -> tuple[str, tuple[list[bytes], list[bytes]]]:
        """The id that it has then, and keys and arguments of the script."""
        stored = self._current(str(old.id), raw)
        self._check_state(stored, old)
        changes = self._changes_of(old, new)
        if changes or (self._pattern.is_name and new.name != old.name):
            changes |= self._form.times_now("updated")
        id = new.name if self._pattern.is_name else str(old.id)
        to = self._key(id)
        if to is None:
            raise self._refused("name", "a text that is not empty", id)
        if isinstance(self._form, JSONForm):
            text = self._form.text(self._form.parts(raw), changes) if changes else raw
            return id, ([key, to], [self._ttl, raw, text])
        relied = compared(cast("HashForm", self._form), raw)
        pairs = [(n.encode(), v) for n, v in changes.items() if v is not None]
        gone = [name.encode() for name, value in changes.items() if value is None]
        sets = [part for pair in pairs for part in _bytes(pair)]
        arguments = [self._ttl, _number(len(relied) // 3), *relied, _number(len(pairs)), *sets]
        return id, ([key, to], [*arguments, *gone])

    def _remove_many(self, data: Sequence[D]) -> list[SyncError | None]:
        keys = [self._key(one.id) for one in data]
        known = [key for key in keys if key is not None]
        pipe = self.store.client.pipeline(transaction=False)
        for key in known:
            pipe.delete(key)
        gone = iter(pipe.execute() if known else [])
        return [
            None if key is not None and next(gone) else self._not_found("remove", one)
            for key, one in zip(keys, data, strict=True)
        ]

    def _remove_unchanged_many(self, data: Sequence[D]) -> list[SyncError | None]:
        outcomes: list[SyncError | None] = [None] * len(data)
        left = list(range(len(data)))
        for _ in range(ATTEMPTS):
            left = self._remove_some(data, left, outcomes)
            if not left:
                return outcomes
        for position in left:
            outcomes[position] = self._stale("remove", data[position])
        return outcomes

    def _remove_some(
        self, data: Sequence[D], left: Sequence[int], outcomes: list[SyncError | None]
    ) -> list[int]:
        keys = {p: key for p in left if (key := self._key(data[p].id)) is not None}
        raws = dict(zip(keys, self._raw(list(keys.values())), strict=True)) if keys else {}
        calls = {}
        for position in left:
            refused = self._attempt(
                "remove", self._refuse_changed, data[position], raws.get(position)
            )
            outcomes[position] = refused
            if refused is None:
                raw = raws[position]
                if self._is_hash:
                    relied = compared(cast("HashForm", self._form), raw)
                    arguments = [_number(len(relied) // 3), *relied]
                else:
                    arguments = [raw]
                calls[position] = ([keys[position]], arguments)
        script = scripts.REMOVE_HASH if self._is_hash else scripts.REMOVE_TEXT
        again = []
        for position, answer in zip(calls, self._run(script, list(calls.values())), strict=True):
            if answer[0] == b"changed":
                again.append(position)
            elif answer[0] == b"gone":
                outcomes[position] = self._not_found("remove", data[position])
        return again

    def _refuse_changed(self, data: D, raw: Any) -> None:
        self._check_removal(self._current(str(data.id), raw), data)

    def _current(self, id: str, raw: Any) -> D | None:
        if isinstance(raw, ResponseError):
            raise self._wrong(id, raw)
        return None if raw is None else self._read(id, raw)

    def _changes_of(self, old: D | None, new: D) -> dict[str, Any]:
        before = None if old is None else self.schema.content(old)
        try:
            return self._form.changes(before, self.schema.content(new))
        except FormError as exc:
            raise self._refused(exc.field, exc.expected, exc.given) from exc
        except UnicodeEncodeError as exc:
            raise self._refused(None, "texts of whole characters", exc.object) from exc

    def _run(
        self, script: str, calls: Sequence[tuple[Sequence[bytes], Sequence[bytes]]]
    ) -> list[Any]:
        """What *script* answers to each call; the server is given it where it has it not."""
        if not calls:
            return []
        client = self.store.client
        found = [self.store.digest(script)]
        answers: list[Any] = [NoScriptError()] * len(calls)
        for _ in range(2):
            pipe = client.pipeline(transaction=False)
            open_calls = [n for n, one in enumerate(answers) if isinstance(one, NoScriptError)]
            for number in open_calls:
                keys, arguments = calls[number]
                pipe.evalsha(found[0], len(keys), *keys, *arguments)
            for number, answer in zip(open_calls, pipe.execute(raise_on_error=False), strict=True):
                answers[number] = answer
            if not any(isinstance(one, NoScriptError) for one in answers):
                break
            client.script_load(script)
        for one in answers:
            if isinstance(one, Exception):
                raise one
        return answers

    # --- ids and errors ----------------------------------------------------------------------

    def _key(self, id: Id | None) -> bytes | None:
        """The key of *id*; None when it can be nobody's."""
        if not isinstance(id, str) or not id:
            return None
        try:
            return self._pattern.key(id)
        except UnicodeEncodeError:
            return None

    def _is_there(self, id: Id | None) -> bool:
        key = self._key(id)
        return key is not None and bool(self.store.client.exists(key))

    def _stale(self, action: str, data: D) -> StoreError:
        problem = f"{data.global_name!r} has been changed by somebody else"
        return self._error(StaleError, action, problem)

    def _refused(self, field: str | None, expected: str, given: Any) -> DataError:
        shown = repr(given)
        return DataError(
            f"store {self.store.name!r}: expected {expected} for {self.schema.name}."
            f"{field or 'text'}, given {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}",
            datatype=self.schema.name,
            field=field,
            expected=expected,
            given=given,
        )

    def _translate(self, error: Exception, action: str) -> SyncError:
        if isinstance(error, RedisError):
            kind = StoreUnavailableError if isinstance(error, _UNAVAILABLE) else StoreError
            return self._error(kind, action, self.store.problem(error))
        return super()._translate(error, action)


def _stored(answer: Any) -> Any:
    """What a script has stored: a text, or the fields and values of a hash, one by one."""
    if isinstance(answer, list):
        return dict(zip(answer[::2], answer[1::2], strict=True))
    return answer


def _bytes(pair: tuple[bytes, Any]) -> tuple[bytes, bytes]:
    name, value = pair
    return name, value if isinstance(value, bytes) else str(value).encode()


def _number(count: int) -> bytes:
    return str(count).encode()
