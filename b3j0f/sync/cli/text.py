"""Texts that a terminal shows as they are: nothing in a name or a value is ever obeyed.

Everything that comes from a store, a file or a driver goes through here before it is printed.
"""

from __future__ import annotations

import json
import shlex
from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "age",
    "command",
    "count",
    "escaped",
    "moment",
    "quoted",
    "shortened",
    "shown",
    "span",
    "stamp",
    "without_secrets",
]

MINUTE = 60
_JOINERS = "\u200c\u200d"  # within words of Persian, and within emoji; they do no harm
_SIGNS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escaped(text: str) -> str:
    r"""*text* on one line, without anything that a terminal could obey.

    >>> escaped("red \x1b[31m\n")
    'red \\x1b[31m\\n'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _JOINERS else _escape(c) for c in text)


def quoted(text: str) -> str:
    r"""*text* in quotes and on one line; quotes and backslashes in it are escaped as well.

    >>> quoted('say "no"\n')
    '"say \\"no\\"\\n"'
    """
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped(inner)}"'


def shown(plain: Any, *, quotes: bool) -> str:
    """A JSON value as people read it; with *quotes* around all texts, or only where needed."""
    if isinstance(plain, str):
        return quoted(plain) if quotes or not _is_clear(plain) else plain
    if isinstance(plain, list):
        return "[" + ", ".join(shown(item, quotes=quotes) for item in plain) + "]"
    return "none" if plain is None else json.dumps(plain)


def without_secrets(message: object) -> str:
    """What an error says, without the passwords of the URLs in it."""
    from ..conf.secrecy import scrub

    return scrub(str(message), ())


def shortened(text: str, length: int) -> str:
    """*text*, or as much of it as fits, and an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"


def count(number: int, one: str, many: str | None = None) -> str:
    """*number* with the word for one or for *many* of it.

    >>> count(1, "conflict"), count(1200, "conflict")
    ('1 conflict', '1,200 conflicts')
    """
    word = one if number == 1 else many or f"{one}s"
    return f"{number:,} {word}"


def moment(time: datetime) -> str:
    """*time* in the time zone of this machine, to the minute."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M")


def stamp(time: datetime) -> str:
    """*time* in UTC, to the second, as plain lines have it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def span(seconds: float) -> str:
    """How long something took.

    >>> span(0.04), span(75.2), span(7260)
    ('0.0 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def age(seconds: float) -> str:
    """About how long something takes, or has taken, in the shortest form.

    >>> age(12), age(130), age(7500), age(200_000)
    ('12 s', '2 min', '2 h', '2 d')
    """
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"


def command(*words: str) -> str:
    """A command of ours as it can be pasted into a shell.

    >>> command("run", "my customers", "--yes")
    "b3j0f-sync run 'my customers' --yes"
    """
    return " ".join(["b3j0f-sync", *map(_word, words)])


def _word(text: str) -> str:
    if text.isprintable():
        return shlex.quote(text)
    inner = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{escaped(inner)}'"  # which the shell turns back


def _escape(sign: str) -> str:
    return _SIGNS.get(sign) or sign.encode("unicode_escape").decode("ascii")


def _is_clear(text: str) -> bool:
    """Whether *text* cannot be taken for anything else without quotes."""
    return (
        bool(text)
        and text == text.strip()
        and text.isprintable()
        and text[0] not in "\"'["
        and "\\" not in text
        and text != "none"
    )
