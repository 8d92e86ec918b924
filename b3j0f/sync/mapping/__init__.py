"""Mappings: how the records of a shared type are held in one store under another form."""

from .mapping import Mapping
from .texts import Join, Split, Text
from .transforms import Context, Convert, Default, Scale, Transform, Values

__all__ = [
    "Context",
    "Convert",
    "Default",
    "Join",
    "Mapping",
    "Scale",
    "Split",
    "Text",
    "Transform",
    "Values",
]
