"""Values as YAML that every reader, of YAML 1.1 as well as 1.2, takes for what they are."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ...kinds import DateKind, DateTimeKind, DecimalKind, Kind, ManyKind, OptionalKind

__all__ = ["Emission", "emission", "inline", "quoted"]

STEP = "  "

# Neither control characters nor line breaks of any standard, byte order marks, or marks that
# turn the direction of the text around them: all these are escaped, so that they are seen.
_HIDDEN = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# What some reader would take for a boolean, nothing or a number.
_WORDS = frozenset("y n yes no on off true false null none nan inf infinity".split())  # noqa: SIM905
# A text that starts with a digit and has one of these is no number and no time anywhere.
_NO_NUMBER = re.compile("[g-mp-su-wG-MP-SU-W@]")
_RAW = (DecimalKind, DateTimeKind, DateKind)  # whose text is a number or a time to every reader
_FLOW_SIGNS = re.compile(r"[,\[\]{}]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


class Emission(NamedTuple):
    """A value: what stands after the key, and the lines below, yet to be indented."""

    inline: str
    lines: tuple[str, ...] = ()

    def below(self, indent: str, newline: str) -> str:
        """The lines below a key that stands after *indent*."""
        return "".join((f"{indent}{line}" if line else "") + newline for line in self.lines)


def emission(kind: Kind, value: Any, style: str | None = None) -> Emission:
    """*value* in block style: texts of several lines and lists take a line each.

    *style* is the quote in which a person wrote the value before; a text keeps it.
    """
    inner = kind._inner if isinstance(kind, OptionalKind) else kind
    if value is not None and isinstance(inner, ManyKind):
        items = _items(inner, value)
        if items:
            return Emission("", tuple(f"{STEP}- {inline(inner._inner, item)}" for item in items))
        return Emission("[]")
    plain = None if value is None else kind.to_plain(value)
    if isinstance(plain, str) and _is_literal(plain):
        return _literal(plain)
    if isinstance(plain, str) and style in {"'", '"'}:
        return Emission(
            _in_quotes(kind.to_text(value) if isinstance(inner, _RAW) else plain, style)
        )
    return Emission(inline(kind, value))


def inline(kind: Kind, value: Any, *, flow: bool = False) -> str:
    """*value* on the line of its key; *flow*: within brackets or braces."""
    while isinstance(kind, OptionalKind):
        if value is None:
            return "null"
        kind = kind._inner
    if isinstance(kind, ManyKind):
        return f"[{', '.join(inline(kind._inner, v, flow=True) for v in _items(kind, value))}]"
    if isinstance(kind, _RAW):
        return kind.to_text(value)
    plain = kind.to_plain(value)
    if isinstance(plain, str):
        return quoted(plain, flow=flow)
    if isinstance(plain, float):
        # Readers of YAML 1.1 see a number only where there is a point.
        text = repr(plain)
        return text if "." in text else text.replace("e", ".0e")
    return {True: "true", False: "false"}[plain] if isinstance(plain, bool) else str(plain)


def quoted(text: str, *, flow: bool = False) -> str:
    """*text* on one line, in quotes where it would else be taken for something else."""
    if _is_plain(text) and not (flow and _FLOW_SIGNS.search(text)):
        return text
    return _in_quotes(text, '"' if "'" in text else "'")


def _in_quotes(text: str, sign: str) -> str:
    if sign == "'" and not _HIDDEN.search(text):
        return "'" + text.replace("'", "''") + "'"
    return f'"{"".join(map(_escaped, text))}"'


def _items(kind: ManyKind, value: Any) -> Any:
    """The items in the order in which they are written."""
    if kind._collection is tuple:
        return value
    return [kind._inner.from_plain(plain) for plain in kind.to_plain(value)]


def _is_plain(text: str) -> bool:
    return (
        (text[:1].isalpha() or (text[:1].isdecimal() and _NO_NUMBER.search(text) is not None))
        and not _HIDDEN.search(text)
        and not text.endswith((" ", ":"))
        and ": " not in text
        and " #" not in text
        and text.lower() not in _WORDS
    )


def _is_literal(text: str) -> bool:
    """Whether *text* is best written as a literal block, and comes back from there as it is."""
    return (
        "\n" in text
        and bool(text.strip("\n"))
        and not text.endswith("\n\n")
        and not _HIDDEN.search(text.replace("\n", "").replace("\t", ""))
    )


def _literal(text: str) -> Emission:
    body = text.removesuffix("\n")
    # Else a reader would take the first line's own spaces for the indentation of all.
    indicator = str(len(STEP)) if text[0] in " \n\t" else ""
    chomping = "" if text.endswith("\n") else "-"
    lines = tuple(f"{STEP}{line}" if line else "" for line in body.split("\n"))
    return Emission(f"|{indicator}{chomping}", lines)


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if not _HIDDEN.match(char):
        return char
    code = ord(char)
    digits, letter = next((d, x) for d, x in ((2, "x"), (4, "u"), (8, "U")) if code < 16**d)
    return f"\\{letter}{code:0{digits}X}"
