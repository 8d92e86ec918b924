"""Where the values of one record came from, as tables, as plain lines and as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..fields import MISSING
from ..names import global_name
from .output import cell, joined, table
from .text import command, escaped, moment, quoted, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from rich.console import RenderableType
    from rich.text import Text

    from ..engine.explain import Origin
    from .values import Values

__all__ = ["OriginView"]

Key = tuple[str, tuple[str, ...]]


class OriginView:
    """The *origins* of the fields of the record *key* of the synchronizer *name*."""

    def __init__(
        self, origins: Mapping[str, Origin], datatype: str, key: Key, values: Values, name: str
    ) -> None:
        self.origins, self.datatype, self.values, self.name = origins, datatype, values, name
        self.global_name = global_name(*key)
        self.end = None
        if origins["name"].value is MISSING:
            self.end = origins["name"]

    def document(self) -> dict[str, Any]:
        """Each field with its value, and where that came from."""
        return {
            "synchronizer": self.name,
            "type": self.datatype,
            "name": self.global_name,
            "removed": self.end is not None,
            "fields": {name: self._document(origin) for name, origin in self.origins.items()},
        }

    def lines(self) -> Iterator[str]:
        """Each field on one line; for a removed record, its end first."""
        what = f"{escaped(self.datatype)} {quoted(self.global_name)}"
        if self.end is not None:
            yield f"removed {what} in {self._where(self.end, stamp)}"
        for name, origin in self.origins.items():
            if self.end is not None:
                yield f"{name}: was {self._text(name, origin.before, quotes=True)}"
                continue
            was = self._text(name, origin.before, quotes=True)
            before = "" if origin.before is MISSING else f"; was {was}"
            held = "".join(f"; {each}" for each in self._held(origin, quotes=True))
            value = self._text(name, origin.value, quotes=True)
            yield f"{name}: {value} ({self._where(origin, stamp)}){before}{held}"

    def tables(self) -> Iterator[RenderableType]:
        """A table of the fields, and how to see the run that brought the last of them."""
        title = cell(f"{self.datatype} {self.global_name}", "bold underline")
        if self.end is not None:
            title.append_text(cell(f"  removed in {self._where(self.end, moment)}", "red"))
        yield title
        made = table("field", "value", "from", "run", "when", "was") if not self.end else None
        if made is None:
            made = table("field", "was")
            for name, origin in self.origins.items():
                made.add_row(cell(name, "bold"), self._value(name, origin.before))
        else:
            for name, origin in self.origins.items():
                made.add_row(*self._row(name, origin))
        yield made
        yield ""
        last = max((o.run for o in self.origins.values() if o.run is not None), default=None)
        if last is not None:
            run = command("history", self.name, "--run", str(last))
            yield cell(f"All that run {last} changed: {run}")

    def _row(self, name: str, origin: Origin) -> list[RenderableType]:
        value = [self._value(name, origin.value)]
        value += [cell(text, "yellow") for text in self._held(origin, quotes=False)]
        known = origin.run is not None
        return [
            cell(name, "bold"),
            joined(value),
            cell(origin.source or "before the history begins", "" if known else "dim"),
            cell(f"{origin.run}" if known else ""),
            cell(moment(origin.at) if origin.at is not None else ""),
            cell("") if origin.before is MISSING else self._value(name, origin.before, "dim"),
        ]

    def _value(self, name: str, value: Any, style: str = "") -> Text:
        return cell(self._text(name, value, quotes=False), style)

    def _held(self, origin: Origin, *, quotes: bool) -> Iterator[str]:
        """What stores hold otherwise."""
        for store, value in origin.held.items():
            yield f"{escaped(store)} has {self._text(origin.field, value, quotes=quotes)}"

    def _where(self, origin: Origin, told: Any) -> str:
        when: datetime | None = origin.at
        source = escaped(origin.source) if origin.source else "from before the history begins"
        return source if when is None else f"{source}, run {origin.run}, {told(when)}"

    def _text(self, name: str, value: Any, *, quotes: bool) -> str:
        if value is MISSING:
            return "nothing agreed"
        return self.values.text(self.datatype, name, value, quotes=quotes)

    def _document(self, origin: Origin) -> dict[str, Any]:
        def plain(value: Any) -> Any:
            return self.values.plain(self.datatype, origin.field, value)

        return {
            "value": plain(origin.value),
            "source": origin.source or None,
            "run": origin.run,
            "at": origin.at and origin.at.isoformat(),
            "before": plain(origin.before),
            "held": {store: plain(value) for store, value in origin.held.items()},
        }
