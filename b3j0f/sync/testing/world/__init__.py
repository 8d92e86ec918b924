"""World: some stores, a synchronizer, users who edit, faults, and the laws that must hold.

A world does what it is told, remembers what its users may expect, and checks the laws after
every run. Who tells it (Hypothesis, a loop over random numbers) is another matter: see
``steps`` for what it can be told.
"""

from .types import Folder, LawBrokenError, Note, passes
from .world import World

__all__ = ["Folder", "LawBrokenError", "Note", "World", "passes"]
