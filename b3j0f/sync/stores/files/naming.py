"""Names as file names: readable as they are where a file system allows it, exact everywhere.

A character that some file system refuses stands as ``%`` and its two hexadecimal digits; what
would be taken for such an escape gets one ``25`` more (see ``b3j0f.sync.names``); the empty
name is ``%``. So every text has one plain file name, and every file name stands for one text.

Where the plain file name is too long, or differs from one that is there only by case or by
Unicode normalisation, a file is called ``<start of it>~<hash>``; the document inside then says
the exact name.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["decode_segment", "encode_segment", "fold", "is_segment", "segments"]

MAX_BYTES = 255
"""What common file systems take for one file name, in UTF-8."""

_HASH_DIGITS = (8, 16, 32)

# Control characters; those with a meaning on some system; a dot or a space at an end; first
# letters of names that Windows keeps for devices.
_REFUSED = r'[\x00-\x1f\x7f"*/:<>?\\|]'
_CODES = "(?:[01][0-9A-F]|7F|20|22|2A|2E|2F|3A|3C|3E|3F|5C|7C|41|43|4C|4E|50|61|63|6C|6E|70)"
_ESCAPE = re.compile(f"%(?:25)*{_CODES}")
_TO_ESCAPE = re.compile(f"{_REFUSED}|^[ .]|[ .]\\Z|%(?:25)*{_CODES}")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)", re.IGNORECASE)
_EMPTY = re.compile(r"%(?:25)*\Z")


def encode_segment(text: str) -> str:
    """The plain file name, without suffix, for any *text*.

    >>> encode_segment("crash at start"), encode_segment("a/b"), encode_segment("..")
    ('crash at start', 'a%2Fb', '%2E%2E')
    """
    if text == "":
        return "%"
    if _EMPTY.match(text):
        return f"%25{text[1:]}"
    encoded = _TO_ESCAPE.sub(_escape, text)
    if _DEVICE.match(encoded):
        return f"%{ord(encoded[0]):02X}{encoded[1:]}"
    return encoded


def decode_segment(segment: str) -> str:
    """The text that a file name without suffix stands for; the inverse of ``encode_segment``."""
    if "%" not in segment:
        return segment
    if _EMPTY.match(segment):
        return f"%{segment[3:]}" if len(segment) > 1 else ""
    return _ESCAPE.sub(_unescape, segment)


def segments(text: str, suffix: str = "") -> Iterator[str]:
    """File names for *text*, the best first: the plain one where it fits, then hashed ones."""
    encoded = encode_segment(text)
    if len(f"{encoded}{suffix}".encode()) <= MAX_BYTES:
        yield encoded + suffix
    for digits in _HASH_DIGITS:
        mark = f"~{blake2b(text.encode(), digest_size=digits // 2).hexdigest()}{suffix}"
        yield _cut(encoded, MAX_BYTES - len(mark)) + mark


def fold(segment: str) -> str:
    """What file names have in common that some file system takes for one."""
    folded = unicodedata.normalize("NFC", segment).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", folded).casefold())


def is_segment(segment: str) -> bool:
    """Whether *segment* can be one visible entry of a folder, and nothing else."""
    if not segment or segment.startswith(".") or "/" in segment or "\0" in segment:
        return False
    try:
        return len(segment.encode()) <= MAX_BYTES
    except UnicodeEncodeError:
        return False


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    return f"%25{found[1:]}" if found[0] == "%" else f"%{ord(found):02X}"


def _unescape(match: re.Match[str]) -> str:
    found = match[0]
    return f"%{found[3:]}" if found.startswith("%25") else chr(int(found[1:], 16))


def _cut(encoded: str, room: int) -> str:
    """The start of *encoded* that fits into *room* bytes, ending before no half of an escape."""
    cut = encoded.encode()[:room].decode(errors="ignore")
    return re.sub(r"%[0-9A-F]?\Z", "", cut) if cut != encoded else cut
