"""JSON documents."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed lacks it
from typing import TYPE_CHECKING, Any, NamedTuple

from ...kinds import DecimalKind
from .formats import Document, Format, FormatError, ValueFormatError, scalar_kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ...kinds import Kind

__all__ = ["JsonFormat"]

_NUMBER = re.compile(r"-?[0-9]")
_SPACE = re.compile(r"[ \t\n\r]*")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")


_decoder = json.JSONDecoder(parse_constant=_refuse)
_exact_decoder = json.JSONDecoder(parse_constant=_refuse, parse_float=Decimal)


class _Member(NamedTuple):
    start: int  # of the key
    value_start: int
    end: int


class JsonFormat(Format):
    """One JSON object per file."""

    suffixes = (".json",)

    def parse(self, text: str) -> JsonDocument:
        """Read one JSON object."""
        return JsonDocument(text)

    def emit(self, values: Mapping[str, tuple[Kind, Any]]) -> str:
        """One key a line."""
        plain = {key: kind.to_plain(value) for key, (kind, value) in values.items()}
        return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


class JsonDocument(Document):
    """One JSON object, with the place of each of its members."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._members: dict[str, _Member] = {}
        try:
            self._read()
        except json.JSONDecodeError as exc:
            raise FormatError(f"broken JSON: {exc.msg}", exc.lineno, exc.colno) from exc
        except RecursionError as exc:
            raise FormatError("broken JSON: nested too deeply") from exc
        except ValueError as exc:  # a constant, or a number of too many digits
            raise FormatError(f"broken JSON: {exc}") from exc

    def __contains__(self, key: object) -> bool:
        return key in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def value(self, key: str, kind: Kind, default: Any) -> Any:
        member = self._members[key]
        exact = isinstance(scalar_kind(kind), DecimalKind)
        decoder = _exact_decoder if exact else _decoder
        try:
            return kind.from_plain(decoder.raw_decode(self.text, member.value_start)[0])
        except (TypeError, ValueError, OverflowError) as exc:
            given = self.text[member.value_start : member.end]
            raise ValueFormatError(kind, given, *self._place(member.value_start)) from exc

    def edited(self, changes: Mapping[str, tuple[Kind, Any]], redundant: Collection[str]) -> str:
        text = self.text
        there = [key for key in changes if key in self._members]
        for key in sorted(there, key=lambda key: self._members[key], reverse=True):
            member = self._members[key]
            value = self._dumped(member, *changes[key])
            text = text[: member.value_start] + value + text[member.end :]
        for key in there:
            if key in redundant:
                text = JsonDocument(text)._without(key)
        added = {k: v for k, v in changes.items() if k not in self._members and k not in redundant}
        return JsonDocument(text)._extended(added) if added else text

    def _read(self) -> None:
        text = self.text
        at = self._skip(0)
        if text[at : at + 1] != "{":
            raise FormatError('expected an object, "{"', *self._place(at))
        at = self._skip(at + 1)
        while text[at : at + 1] != "}" or self._members:
            start = at
            if text[at : at + 1] != '"':
                raise json.JSONDecodeError('expected a key, "..."', text, at)
            key, at = scanstring(text, at + 1, True)  # noqa: FBT003 - strict
            at = self._skip(at)
            if text[at : at + 1] != ":":
                raise json.JSONDecodeError('expected ":"', text, at)
            value_start = self._skip(at + 1)
            _, end = _decoder.raw_decode(text, value_start)
            if key in self._members:
                raise FormatError(f"the key {key!r} is there twice", *self._place(start))
            self._members[key] = _Member(start, value_start, end)
            at = self._skip(end)
            if text[at : at + 1] != ",":
                break
            at = self._skip(at + 1)
        if text[at : at + 1] != "}":
            raise json.JSONDecodeError('expected "," or "}"', text, at)
        if self._skip(at + 1) != len(text):
            raise json.JSONDecodeError("expected the end", text, self._skip(at + 1))

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return at if match is None else match.end()

    def _place(self, at: int) -> tuple[int, int]:
        before = self.text[:at]
        return before.count("\n") + 1, at - before.rfind("\n")

    def _dumped(self, member: _Member | None, kind: Kind, value: Any) -> str:
        """*value* in the manner of what is there."""
        text = self.text
        old = "" if member is None else text[member.value_start : member.end]
        plain = kind.to_plain(value)
        if isinstance(value, Decimal) and _NUMBER.match(old):
            return kind.to_text(value)  # a number before, a number after: all its digits
        escaped = text.isascii() and "\\u" in text
        if isinstance(plain, list) and ("\n" in old or (old in {"", "[]"} and self._indent())):
            unit = self._indent() or "  "
            lines = json.dumps(plain, ensure_ascii=escaped, indent=unit)
            return lines.replace("\n", self._newline() + unit)
        return json.dumps(plain, ensure_ascii=escaped)

    def _extended(self, added: Mapping[str, tuple[Kind, Any]]) -> str:
        indent, newline = self._indent(), self._newline()
        before = newline + indent if indent is not None else " "
        members = [
            f"{json.dumps(key, ensure_ascii=False)}: {self._dumped(None, kind, value)}"
            for key, (kind, value) in added.items()
        ]
        if self._members:
            at = list(self._members.values())[-1].end
            return self.text[:at] + "".join(f",{before}{m}" for m in members) + self.text[at:]
        at = self.text.index("{") + 1
        body = f",{newline}  ".join(members)
        return f"{self.text[:at]}{newline}  {body}{newline}{self.text[at:].lstrip()}"

    def _without(self, key: str) -> str:
        """The text without a member and its comma; as it is when there is no other member."""
        keys = list(self._members)
        place = keys.index(key)
        if len(keys) == 1:
            return self.text
        if place:
            start, end = self._members[keys[place - 1]].end, self._members[key].end
        else:
            start, end = self._members[key].start, self._members[keys[1]].start
        return self.text[:start] + self.text[end:]

    def _indent(self) -> str | None:
        """What stands before a key on its line; None when all is on one line."""
        for member in self._members.values():
            line = self.text[: member.start].rpartition("\n")
            if line[1] and not line[2].strip():
                return line[2]
        return None if self._members else "  "

    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"
