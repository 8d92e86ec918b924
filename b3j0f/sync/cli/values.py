"""Values of fields, as reports show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .difference import is_long
from .text import shortened, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..data import Data
    from ..fields import Field
    from ..reconcile.operation import Operation

__all__ = ["Values"]

IN_TABLES, IN_LINES = 60, 200
"""So much of a value is shown; JSON has all of it."""


class Values:
    """Turns values of the data of some *types* into JSON values and into text."""

    def __init__(self, types: Iterable[type[Data]]) -> None:
        from ..data import schema_of

        self._schemas = {schema.name: schema for schema in map(schema_of, types)}

    def is_embedded(self, datatype: str) -> bool:
        """Whether data of this type are embedded in others."""
        return self._schemas[datatype].parent is not None

    def fields(self, datatype: str) -> tuple[str, ...]:
        """Names of the fields that are kept in step."""
        return tuple(self._schemas[datatype].names)

    def plain(self, datatype: str, field: str, value: Any) -> Any:
        """*value* as a JSON value; None where there is none."""
        from ..fields import MISSING

        if value is None or value is MISSING:
            return None
        known = self._schemas[datatype].fields.get(field)
        if known is None:  # ids of data that cannot be told apart
            return list(value) if isinstance(value, tuple) else value
        return known.to_plain(value)

    def parsed(self, datatype: str, field: str, text: str) -> Any:
        """The value that *text* stands for; DataError when it stands for none."""
        known = self._schemas[datatype].fields.get(field)
        return text if known is None else known.from_text(text)

    def field(self, datatype: str, name: str) -> Field:
        """The field of this name."""
        return self._schemas[datatype].fields[name]

    def editable(self, datatype: str, field: str, value: Any) -> str:
        """*value* as the text that ``parsed`` takes."""
        from ..fields import MISSING

        if value is MISSING:
            return ""
        return self._schemas[datatype].fields[field].to_text(value)

    def text(self, datatype: str, field: str, value: Any, *, quotes: bool) -> str:
        """*value* as text, shortened where it is long; *quotes* as in plain lines."""
        length = IN_LINES if quotes else IN_TABLES
        return shortened(shown(self.plain(datatype, field, value), quotes=quotes), length)

    def long_text(self, datatype: str, field: str, value: Any) -> str | None:
        """*value* if it is a text that is too long to be compared at a glance; else None."""
        plain = self.plain(datatype, field, value)
        return plain if isinstance(plain, str) and is_long(plain) else None

    def side_by_side(
        self, datatype: str, field: str, every: Iterable[Any], *, quotes: bool
    ) -> list[str]:
        """Texts of values that are to be compared: long ones from where they begin to differ."""
        length = IN_LINES if quotes else IN_TABLES
        texts = [shown(self.plain(datatype, field, value), quotes=quotes) for value in every]
        if max(map(len, texts), default=0) > length:
            start = max(0, _same(texts) - length // 4)
            texts = [f"…{text[start:]}" if start else text for text in texts]
        return [shortened(text, length) for text in texts]

    def changes(self, operation: Operation) -> dict[str, list[Any]]:
        """Field to [before, after], as JSON values."""
        return {
            name: [self.plain(operation.datatype, name, value) for value in pair]
            for name, pair in operation.changes.items()
        }

    def told(self, operation: Operation, *, quotes: bool) -> Iterator[tuple[str, str, str]]:
        """What a report tells of each field: its name, the text before and the text after.

        Of what is added, that is what is not empty; of what is removed, nothing.
        """
        length = IN_LINES if quotes else IN_TABLES
        for name, (before, after) in self.changes(operation).items():
            if operation.before is None:
                if name not in {"name", "context"} and after not in (None, "", [], False):
                    yield name, "", shortened(shown(after, quotes=quotes), length)
            elif operation.after is not None:
                texts = shown(before, quotes=quotes), shown(after, quotes=quotes)
                yield name, *_differing(*texts, length)


def _differing(before: str, after: str, length: int) -> tuple[str, str]:
    """Both; where one is long, the part around the place where they begin to differ."""
    if max(len(before), len(after)) > length:
        pairs = enumerate(zip(before, after, strict=False))
        same = next((at for at, (one, other) in pairs if one != other), 0)
        start = max(0, same - length // 4)
        if start:
            before, after = "…" + before[start:], "…" + after[start:]
    return shortened(before, length), shortened(after, length)


def _same(texts: Sequence[str]) -> int:
    """How many characters all of *texts* begin with."""
    different = (at for at, signs in enumerate(zip(*texts, strict=False)) if len({*signs}) > 1)
    return next(different, min(map(len, texts)))
