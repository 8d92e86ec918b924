"""Forms: a data as a hash or as a JSON text, and back."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import ConfigError
from ...fields import MISSING
from ..contexts import context_text, text_context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...data import Content, Schema
    from .options import KeyOptions

__all__ = ["Form", "FormError", "HashForm", "JSONForm", "form_of"]

_LOCAL = ("created", "updated")


class FormError(ValueError):
    """Something stored is none of the values of its field.

    Attributes:
        field, expected, given: Of the value; field is None where it is about all of it.
    """

    def __init__(self, field: str | None, expected: str, given: Any) -> None:
        super().__init__(expected)
        self.field, self.expected, self.given = field, expected, given


class Read(NamedTuple):
    """What was read; the times are None where nothing tells."""

    content: Content
    created: datetime | None
    updated: datetime | None


class Form(ABC):
    """How the data of one type are held.

    Attributes:
        held: Names of the fields that are held.
    """

    def __init__(self, schema: Schema, options: KeyOptions, *, is_named: bool) -> None:
        chosen = dict(options.fields or {})
        unknown = [name for name in chosen if name not in schema.fields]
        if unknown:
            near = get_close_matches(unknown[0], schema.names, n=1)
            raise ConfigError(
                f"{schema.name} has no field {unknown[0]!r}",
                option=f"{schema.name}.fields",
                expected=near[0] if near else "one of " + ", ".join(schema.names),
            )
        self.schema, self.is_named = schema, is_named
        self.names = {name: chosen.get(name, name) for name in schema.names}
        if is_named:  # the key says it all
            del self.names["name"], self.names["context"]
        self.times = {
            name: given
            for name in _LOCAL
            if (given := getattr(options, f"{name}_field")) is not None
        }
        self.held = frozenset(schema.names)
        taken = [*self.names.values(), *self.times.values()]
        double = next((name for name in taken if taken.count(name) > 1), None)
        if double is not None:
            problem = f"{double!r} is to hold several fields"
            raise ConfigError(problem, option=f"{schema.name}.fields", expected="one for each")

    @abstractmethod
    def parts(self, raw: Any) -> Mapping[str, Any]:
        """What is stored, by the names that it has there.

        Raises:
            FormError: It is not of this form.
        """

    @abstractmethod
    def value(self, field: str, part: Any) -> Any:
        """The value that a part stands for."""

    @abstractmethod
    def part(self, field: str, value: Any) -> Any:
        """What is stored for a value; None: nothing."""

    def read(self, raw: Any, name: str) -> Read:
        """The content of what is stored; *name* is what the key says.

        Raises:
            FormError: It has none.
        """
        parts = self.parts(raw)
        content = tuple(
            (name if field == "name" else ())
            if field not in self.names
            else self._read(field, parts.get(self.names[field]))
            for field in self.schema.names
        )
        return Read(content, *(_time(parts.get(self.times.get(n, ""))) for n in _LOCAL))

    def _read(self, field: str, part: Any) -> Any:
        declared = self.schema.fields[field]
        if part is None:
            if field == "name":
                raise FormError(field, "a text", None)
            value = None if declared.kind.present is not declared.kind else declared.default
            if value is MISSING:
                value = next(iter(declared.kind.empty), MISSING)
            if value is MISSING:
                raise FormError(field, declared.kind.expected, None)
            return value
        try:
            return self.value(field, part)
        except (TypeError, ValueError, OverflowError) as exc:
            raise FormError(field, declared.kind.expected, part) from exc

    def changes(self, before: Content | None, after: Content) -> dict[str, Any]:
        """What is to be stored where, None for what is to go, to turn *before* into *after*.

        Raises:
            FormError: It cannot be held.
        """
        found = {}
        for position, field in enumerate(self.schema.names):
            if before is not None and before[position] == after[position]:
                continue
            if field in self.names:
                found[self.names[field]] = self.part(field, after[position])
            elif field == "context" and after[position]:
                raise FormError(field, "no context: the key has no room for one", after[position])
        return found

    def times_now(self, *names: str, created: datetime | None = None) -> dict[str, Any]:
        """What is stored for the times *names* now."""
        now = datetime.now(UTC)
        moments = {"created": created or now, "updated": now}
        return {self.times[n]: moments[n].isoformat() for n in names if n in self.times}


class HashForm(Form):
    """Each field is a field of the hash, as text; one that is None is not there."""

    def parts(self, raw: Any) -> Mapping[str, Any]:
        """The fields of the hash."""
        return {_text(name): value for name, value in raw.items()}

    def value(self, field: str, part: Any) -> Any:
        """The value that a text stands for."""
        text = part.decode()
        if field == "context":
            return text_context(text)
        return self.schema.fields[field].kind.present.from_text(text)

    def part(self, field: str, value: Any) -> Any:
        """The text of a value."""
        if field == "context":
            return context_text(value).encode()
        if value is None:
            return None
        return self.schema.fields[field].kind.present.to_text(value).encode()


class JSONForm(Form):
    """One JSON object; what is in it and is no field of ours stays."""

    def parts(self, raw: Any) -> Mapping[str, Any]:
        """The members of the object."""
        try:
            found = json.loads(raw)
        except ValueError as exc:
            raise FormError(None, "a JSON object", raw) from exc
        if not isinstance(found, dict):
            raise FormError(None, "a JSON object", raw)
        return found

    def value(self, field: str, part: Any) -> Any:
        """The value that a member stands for."""
        if field == "context":
            if not (isinstance(part, list) and all(isinstance(name, str) for name in part)):
                raise TypeError
            return tuple(part)
        return self.schema.fields[field].kind.from_plain(part)

    def part(self, field: str, value: Any) -> Any:
        """The member for a value."""
        if field == "context":
            return list(value)
        return self.schema.fields[field].kind.to_plain(value)

    def text(self, before: Mapping[str, Any], changes: Mapping[str, Any]) -> bytes:
        """The text of an object that was *before*."""
        after = {**before, **changes}
        return json.dumps(after, ensure_ascii=False, separators=(",", ":")).encode()


def form_of(schema: Schema, options: KeyOptions, *, is_named: bool) -> Form:
    """The form that *options* ask for."""
    form: type[Form] = HashForm if options.format == "hash" else JSONForm
    return form(schema, options, is_named=is_named)


def compared(form: HashForm, raw: Mapping[bytes, bytes]) -> Sequence[bytes]:
    """The fields of a hash that an update relies on: each with a mark and its text."""
    found: list[bytes] = []
    for name in map(str.encode, form.names.values()):
        found += [name, b"1" if name in raw else b"0", raw.get(name, b"")]
    return found


def _text(name: bytes) -> str:
    return name.decode(errors="surrogateescape")


def _time(part: Any) -> datetime | None:
    if isinstance(part, bytes):
        part = part.decode(errors="replace")
    if not isinstance(part, str):
        return None
    try:
        time = datetime.fromisoformat(part)
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
