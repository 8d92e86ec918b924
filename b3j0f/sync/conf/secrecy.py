"""Secrets in a configuration: which values are secret, and taking them out of messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["is_secret_name", "scrub", "secrets_in"]

HIDDEN = "***"

_SECRET_NAME = re.compile(
    r".*(?:password|passwd|passphrase|token|secret)"
    r"|(?:.*[\W_])?(?:pass|pwd|credentials?|(?:api)?key)",
    re.IGNORECASE,
)
# The password of a URL, which may hold an @ itself: up to the first one, and up to the last.
_URL_PASSWORDS = (
    re.compile(r"(?<=://)[^\s/:@]*:([^\s@]+)@"),
    re.compile(r"(?<=://)[^\s/:@]*:(\S+)@"),
)
_URL_ARGUMENT = re.compile(r"[?&;]([^\s=&;]+)=([^\s&;#]+)")


def is_secret_name(option: str) -> bool:
    """Whether an option of this name holds a secret: ``password``, ``api_key``, ``token``, ..."""
    return _SECRET_NAME.fullmatch(option) is not None


def secrets_in(value: Any, *, whole: bool) -> Iterator[str]:
    """The secrets in a value: all of it when it is secret as a *whole*, else those of its URLs."""
    for text in _texts(value):
        if whole:
            yield text
        for pattern in _URL_PASSWORDS:
            yield from (match[1] for match in pattern.finditer(text))
        yield from (m[2] for m in _URL_ARGUMENT.finditer(text) if is_secret_name(m[1]))


def scrub(message: str, secrets: Iterable[str]) -> str:
    """*message* without the *secrets*, however they are written, and without URLs' passwords."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=len, reverse=True):
        message = message.replace(form, HIDDEN)
    for text in set(secrets_in(message, whole=False)) - {HIDDEN}:
        message = message.replace(text, HIDDEN)
    return message


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _forms(secret: str) -> Iterator[str]:
    """As it is, as URLs have it, and as a repr has it."""
    for form in (secret, unquote(secret), quote(secret, safe=""), quote_plus(secret)):
        if form.strip():
            yield form
            yield repr(form)[1:-1]
