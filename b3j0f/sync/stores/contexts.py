"""A context as one text, and back."""

from __future__ import annotations

from functools import lru_cache

from ..names import SEPARATOR, global_name, split_global_name

__all__ = ["context_text", "text_context"]


@lru_cache(4096)
def context_text(context: tuple[str, ...]) -> str:
    """*context* (outermost first) as one text, its parts escaped as in global names.

    >>> context_text(("editor", "a/b"))
    'editor/a%2Fb'
    """
    if not any(context):  # so that no part at all and empty parts stay apart
        return SEPARATOR * len(context)
    return global_name(context[-1], context[:-1])


@lru_cache(4096)
def text_context(text: str) -> tuple[str, ...]:
    """The context that *text* stands for; the exact inverse for any context.

    >>> text_context("editor/a%2Fb")
    ('editor', 'a/b')
    """
    if not text.strip(SEPARATOR):
        return ("",) * len(text)
    last, outer = split_global_name(text)
    return (*outer, last)
