"""Digests: one short mark for the content of a data."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .data import Content, Schema

__all__ = ["decode", "digest", "encode"]

from .fields import MISSING

DIGEST_BYTES = 16

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder()


def encode(schema: Schema, content: Content) -> bytes:
    """*content* as a JSON object, by the names of its fields; MISSING values are left out.

    The same content gives the same bytes in every process.
    """
    return _encoder.encode(
        {
            name: field.to_plain(value)
            for (name, field), value in zip(schema.fields.items(), content, strict=True)
            if value is not MISSING
        }
    )


def decode(schema: Schema, text: bytes) -> Content:
    """The content of a JSON object; fields that it does not have, or cannot have now, are MISSING.

    So what was agreed before a field was declared, or under another type, still serves.
    """
    plain: Mapping[str, Any] = _decoder.decode(text)
    return tuple(
        _value(field, plain[name]) if name in plain else MISSING
        for name, field in schema.fields.items()
    )


def digest(schema: Schema, content: Content) -> bytes:
    """A mark that equal contents share and no two different ones do."""
    return blake2b(encode(schema, content), digest_size=DIGEST_BYTES).digest()


def _value(field: Any, plain: Any) -> Any:
    from .errors import DataError

    try:
        return field.from_plain(plain)
    except DataError:
        return MISSING
