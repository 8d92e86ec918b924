"""Transforms of texts: another text form, several fields in one text, and one in several."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from ..kinds import StrKind
from .transforms import Transform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..fields import Field
    from ..kinds import Kind

__all__ = ["Join", "Split", "Text"]


class Text(Transform):
    """A value as text: ``Text("%d.%m.%Y")`` for a date, ``Text()`` for any kind's own form.

    One side is a str, the store's or else the shared one. A text that is written otherwise
    than this form would write it sets its record aside; with ``lossy`` it is read all the
    same, and stays as it is until somebody changes the value.

    Args:
        format: Of a date, a time or a datetime (which is in UTC), as ``strftime`` has it;
            None: the form that the value has in a CSV file.
        field: The local field; None: that of the same name.
        lossy: See ``Transform``.
    """

    def __init__(
        self, format: str | None = None, field: str | None = None, *, lossy: bool = False
    ) -> None:
        super().__init__(field, lossy=lossy)
        self.format = format
        self._field: Field | None = None
        self._is_local = True  # whether the text is the local side

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """See Transform."""
        super().bind(shared, local)
        bound = Text(self.format, *self.local, lossy=self.lossy)
        bound._is_local = _is_text(local[0].kind)
        bound._field = shared[0] if bound._is_local else local[0]
        if not bound._is_local and not _is_text(shared[0].kind):
            raise ValueError("Text has a str on one side")
        if self.format is not None and _moment(bound._field.kind) is None:
            raise ValueError("a format is for a date, a time or a datetime")
        return bound

    def to_shared(self, *values: Any) -> Any:
        """See Transform."""
        return self._read(values[0]) if self._is_local else self._written(values[0])

    def to_local(self, *values: Any) -> Any:
        """See Transform."""
        return self._written(values[0]) if self._is_local else self._read(values[0])

    def _written(self, value: Any) -> str:
        assert self._field is not None  # noqa: S101 - it is bound
        if self.format is None or value is None:
            return self._field.kind.to_text(value)
        # strftime leaves out the zeros of a year before 1000, and strptime wants them.
        year = f"{value.year:04}" if isinstance(value, dt.date) else ""
        parts = re.split("(%.)", self.format)
        return "".join(
            year if part == "%Y" and year else value.strftime(part) if part[:1] == "%" else part
            for part in parts
        )

    def _read(self, text: str) -> Any:
        value = self._value(text)
        if not self.lossy and self._written(value) != text:
            raise ValueError(f"is not in the form {self._written(value)!r}")
        return value

    def _value(self, text: str) -> Any:
        assert self._field is not None  # noqa: S101 - it is bound
        kind = self._field.kind
        if self.format is None:
            return kind.from_text(text)
        if text == "" and kind.present is not kind:
            return None
        moment = dt.datetime.strptime(text, self.format)  # noqa: DTZ007 - the zone is set below
        which = _moment(kind)
        if which == "date":
            return moment.date()
        if which == "time":
            return moment.time()
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


class Join(Transform):
    """One shared text that the store has in parts: ``name=Join("first", "last")``.

    The parts stand with *separator* between them; empty ones at the end are left out. A text
    that would not come back sets its record aside: a part that has the separator in it but
    for the one that takes the rest, which is the last part, or the first one with
    ``rest="first"``.
    """

    passes_none = False

    def __init__(
        self, *fields: str, separator: str = " ", rest: str = "last", lossy: bool = False
    ) -> None:
        super().__init__(lossy=lossy)
        self.local, self.separator, self.rest = fields, separator, rest

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """See Transform."""
        _check_parts(self, [*shared, *local], len(shared), len(local))
        return self

    def to_shared(self, *values: Any) -> Any:
        """See Transform."""
        return _joined(self, values, len(values))

    def to_local(self, *values: Any) -> Any:
        """See Transform."""
        return _split(self, values[0], len(self.local))

    def examples(self) -> list[tuple[str, ...]]:
        """See Transform."""
        return _examples(len(self.local))


class Split(Transform):
    """Several shared texts that the store has in one: ``{"first, last": Split("name")}``.

    The opposite of ``Join``, with the same options.
    """

    passes_none = False

    def __init__(
        self, field: str | None, *, separator: str = " ", rest: str = "last", lossy: bool = False
    ) -> None:
        super().__init__(field, lossy=lossy)
        self.separator, self.rest = separator, rest
        self._count = 0

    def bind(self, shared: Sequence[Field], local: Sequence[Field]) -> Transform:
        """See Transform."""
        _check_parts(self, [*shared, *local], len(local), len(shared))
        bound = Split(*self.local, separator=self.separator, rest=self.rest, lossy=self.lossy)
        bound._count = len(shared)
        return bound

    def to_shared(self, *values: Any) -> Any:
        """See Transform."""
        return _split(self, values[0], self._count)

    def to_local(self, *values: Any) -> Any:
        """See Transform."""
        return _joined(self, values, len(values))

    def examples(self) -> list[tuple[str, ...]]:
        """See Transform."""
        return [(self.separator.join(parts),) for parts in _examples(self._count)]


def _check_parts(how: Join | Split, every: Sequence[Field], whole: int, parts: int) -> None:
    if whole != 1 or parts < 2:  # noqa: PLR2004 - one part is the whole
        raise ValueError(f"{type(how).__name__} stands between one text and two or more parts")
    if not how.separator or how.rest not in {"first", "last"}:
        raise ValueError('the separator is some text, and rest is "first" or "last"')
    for field in every:
        if not isinstance(field.kind, StrKind):
            problem = f"{type(how).__name__} is about texts, and {field.name} is none"
            raise ValueError(problem)  # noqa: TRY004 - bind raises nothing else


def _joined(how: Join | Split, parts: Sequence[str], count: int) -> str:
    filled = list(parts)
    while len(filled) > 1 and not filled[-1]:
        filled.pop()
    text = how.separator.join(filled)
    if not how.lossy and _parts(how, text, count) != tuple(parts):
        raise ValueError(f"cannot be told apart by {how.separator!r} again once they are joined")
    return text


def _split(how: Join | Split, text: str, count: int) -> tuple[str, ...]:
    parts = _parts(how, text, count)
    if not how.lossy:
        filled = list(parts)
        while len(filled) > 1 and not filled[-1]:
            filled.pop()
        if how.separator.join(filled) != text:
            raise ValueError(f"is not the same when it is split by {how.separator!r} and joined")
    return parts


def _parts(how: Join | Split, text: str, count: int) -> tuple[str, ...]:
    if how.rest == "last":
        parts = text.split(how.separator, count - 1)
    else:
        parts = text.rsplit(how.separator, count - 1)
    return (*parts, *("" for _ in range(count - len(parts))))


def _examples(count: int) -> list[tuple[str, ...]]:
    words = [f"part{number}" for number in range(count)]
    return [tuple(words), tuple(words[:1] + [""] * (count - 1)), tuple([""] * count)]


def _is_text(kind: Kind) -> bool:
    return isinstance(kind.present, StrKind)


def _moment(kind: Kind) -> str | None:
    expected = kind.expected.removesuffix(" or None").split(" ", 1)[0]
    return expected if expected in {"date", "time", "datetime"} else None
