"""Mapping: a shared type as one store has it, field by field."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from ..data import Content, Data, schema_of
from ..errors import ConfigError, DataError
from ..fields import MISSING
from .checking import check_way
from .transforms import Default, Same, Transform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as Dict

    from ..data import Schema
    from ..fields import Field

__all__ = ["Mapping", "Way"]

_UNFIT = (TypeError, ValueError, OverflowError, ArithmeticError, LookupError)


class Way(NamedTuple):
    """Shared fields, the local ones that hold them, and what stands between."""

    shared: tuple[Field, ...]
    local: tuple[Field, ...]
    transform: Transform

    def to_shared(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The shared values of local ones; what the transform raises."""
        return self._through(values, self.transform.to_shared, self.shared)

    def to_local(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The local values of shared ones; what the transform raises."""
        return self._through(values, self.transform.to_local, self.local)

    def _through(
        self, values: tuple[Any, ...], function: Any, fields: tuple[Field, ...]
    ) -> tuple[Any, ...]:
        is_none = self.transform.passes_none and all(value is None for value in values)
        kinds = [field.kind for field in (*self.shared, *self.local)]
        if is_none and all(kind.present is not kind for kind in kinds):
            return (None,) * len(fields)
        made = function(*values)
        every = made if len(fields) > 1 else (made,)
        return tuple(field.check(one) for field, one in zip(fields, every, strict=True))


class Mapping:
    """How the data of a shared type are held in one store, for ``Link(store, mapping=...)``.

    ``Mapping(Issue, Ticket, title="summary", state=Values({1: "open", 5: "closed"}))`` says that
    the store has an Issue as a Ticket: its title is the field ``summary``, its state a number.
    What is not mentioned is held in the local field of the same name, if there is one, and
    not held else: then the store takes it away from nobody. Local fields that hold nothing
    shared stay as they are, and get their defaults in new data.

    Several shared fields that one transform is about are written with commas between, in
    *fields*: ``{"first, last": Split("name")}``.

    Args:
        shared: The type that the synchronizer keeps in step.
        local: The type of the store's own data; None: the same.
        fields: Shared field to local field, or to a transform; None: it is not held.
        check: Whether the transforms are tried on generated values, each way and back.
        more: The same as *fields*, for fields whose names are words.

    Raises:
        ConfigError: A field does not exist, a transform does not fit, or a value does not come
            back as it was; every mistake is told at once.
    """

    def __init__(
        self,
        shared: type[Data],
        local: type[Data] | None = None,
        fields: Dict[str, str | Transform | None] | None = None,
        /,
        *,
        check: bool = True,
        **more: str | Transform | None,
    ) -> None:
        self.shared, self.local = shared, shared if local is None else local
        self._here, self._there = schema_of(self.shared), schema_of(self.local)
        self._mistakes: list[ConfigError] = []
        ways = list(self._declared({**(fields or {}), **more}))
        self._defaults = {
            way.shared[0].name: way.transform.value
            for way in ways
            if isinstance(way.transform, Default)
        }
        self._ways = [way for way in ways if not isinstance(way.transform, Default)]
        self._check_whole()
        if check and not self._mistakes:
            for way in self._ways:
                if not way.transform.lossy and not isinstance(way.transform, Same):
                    self._mistakes += check_way(self._label(way), way)
        if self._mistakes:
            raise ConfigError.gather(self._mistakes)
        held = {field.name for way in self._ways for field in way.shared}
        self.held = frozenset(held | self._defaults.keys())
        """Names of the shared fields that the store holds."""
        same = {
            way.shared[0].name: way.local[0].name
            for way in self._ways
            if isinstance(way.transform, Same)
        }
        self.is_named = same.get("name") == "name" and same.get("context") == "context"
        """Whether data have the same names and contexts in both forms."""

    # --- what is declared --------------------------------------------------------------------

    def _declared(self, given: Dict[str, str | Transform | None]) -> Iterator[Way]:
        told: set[str] = set()
        used: set[str] = set()
        for key, how in given.items():
            names = tuple(name.strip() for name in key.split(","))
            told.update(names)
            shared = self._fields(self._here, names, key)
            if how is None or shared is None:
                continue
            transform = Same(how) if isinstance(how, str) else how
            places = () if isinstance(transform, Default) else transform.local or names
            local = self._fields(self._there, places, key)
            if local is None:
                continue
            used.update(places)
            try:
                yield Way(shared, local, transform.bind(shared, local))
            except (ValueError, TypeError) as exc:
                self._mistake(key, str(exc), "a transform between these fields")
        for name in self._here.names:
            if name not in told and name in self._there.index and name not in used:
                pair = (self._here.fields[name],), (self._there.fields[name],)
                yield Way(*pair, Same(name))

    def _fields(self, schema: Schema, names: Iterable[str], key: str) -> tuple[Field, ...] | None:
        found = []
        for name in names:
            if name not in schema.fields:
                near = get_close_matches(name, schema.names, n=1)
                expected = near[0] if near else "one of " + ", ".join(schema.names)
                self._mistake(key, f"{schema.name} has no field {name!r}", expected)
                return None
            found.append(schema.fields[name])
        return tuple(found)

    def _check_whole(self) -> None:
        """That everything that needs a value gets one, and no field two."""
        filled = [field.name for way in self._ways for field in way.local]
        for name, field in self._there.fields.items():
            if filled.count(name) > 1:
                problem = f"{self._there.name}.{name} would hold several fields"
                self._mistake(name, problem, "one place for each")
            needs = field.default is MISSING and name not in filled and name != "context"
            if needs and not field.kind.empty:
                problem = f"nothing says what {self._there.name}.{name} is to be in new data"
                self._mistake(name, problem, "a shared field for it, or a default")
        if not any(field.name == "name" for way in self._ways for field in way.shared):
            self._mistake("name", f"nothing says the name of a {self._here.name}", "a field")

    def _mistake(self, key: str, problem: str, expected: str) -> None:
        option = f"mapping.{self._here.name}.{key}"
        self._mistakes.append(ConfigError(problem, option=option, expected=expected))

    def _label(self, way: Way) -> str:
        return f"mapping.{self._here.name}." + ", ".join(field.name for field in way.shared)

    # --- data ----------------------------------------------------------------------------------

    def to_shared(self, data: Data, store: str) -> Content:
        """The content of *data* in its shared form; MISSING in what the store does not hold.

        Raises:
            DataError: A value has none.
        """
        values: dict[str, Any] = dict(self._defaults)
        for way in self._ways:
            given = tuple(getattr(data, field.name) for field in way.local)
            try:
                made = way.to_shared(given)
            except (DataError, *_UNFIT) as exc:
                raise self._unfit(way.local, given, exc, data, store) from exc
            values.update(zip((field.name for field in way.shared), made, strict=True))
        return tuple(values.get(name, MISSING) for name in self._here.names)

    def to_local(self, new: Data, old: Data | None, before: Data | None, store: str) -> Data:
        """The local form of *new*, which replaces the shared *old* and the local *before*.

        What is the same in *old* stays as it is in *before*; without these it is new.

        Raises:
            DataError: A value has none.
        """
        values: dict[str, Any] = {}
        for way in self._ways:
            given = tuple(getattr(new, field.name) for field in way.shared)
            if old is not None and given == tuple(getattr(old, f.name) for f in way.shared):
                continue
            try:
                made = way.to_local(given)
            except (DataError, *_UNFIT) as exc:
                raise self._unfit(way.shared, given, exc, new, store) from exc
            values.update(zip((field.name for field in way.local), made, strict=True))
        if before is not None:
            return before.replace(**values)
        return self.local(**values)

    def _unfit(
        self, fields: tuple[Field, ...], given: Any, exc: Exception, data: Data, store: str
    ) -> DataError:
        names = ", ".join(field.name for field in fields)
        shown = ", ".join(map(repr, given))
        return DataError(
            f"store {store!r}, {type(data).__name__} {data.global_name!r}: {names} {shown} "
            f"{exc if not isinstance(exc, DataError) else f'does not fit: {exc}'}",
            datatype=type(data).__name__,
            field=fields[0].name,
            given=given[0] if len(given) == 1 else given,
        )

    def __repr__(self) -> str:
        return f"Mapping({self._here.name}, {self._there.name})"
