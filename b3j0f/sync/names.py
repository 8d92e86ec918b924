"""Global names: a name and its context as one string, and back.

The parts stand outermost first, separated by ``/``. Within a part a ``/`` is written ``%2F``,
and whatever would be taken for such an escape (``%2F``, ``%252F``, ...) gets one ``25`` more.
Every other character stays as it is, so that ordinary names read as they are, and every
string whatsoever is the global name of exactly one name and context.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["global_name", "split_global_name"]

SEPARATOR = "/"

_ESCAPED = re.compile("%(?:25)*2F")
_TO_ESCAPE = re.compile("/|%(?:25)*2F")


def global_name(name: str, context: Iterable[str] = ()) -> str:
    """*name* and *context* (outermost first) as one string.

    >>> global_name("crash at start", ("editor", "issues"))
    'editor/issues/crash at start'
    >>> global_name("a/b", ())
    'a%2Fb'
    """
    if not context and SEPARATOR not in name and "%" not in name:
        return name
    return SEPARATOR.join(_TO_ESCAPE.sub(_escape, part) for part in (*context, name))


def split_global_name(text: str) -> tuple[str, tuple[str, ...]]:
    """The name and the context of a global name; the exact inverse for any string.

    >>> split_global_name("editor/issues/crash at start")
    ('crash at start', ('editor', 'issues'))
    """
    *context, name = (_ESCAPED.sub(_unescape, part) for part in text.split(SEPARATOR))
    return name, tuple(context)


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    return "%2F" if found == SEPARATOR else f"%25{found[1:]}"


def _unescape(match: re.Match[str]) -> str:
    found = match[0]
    return SEPARATOR if found == "%2F" else f"%{found[3:]}"
