"""Numbers of conflicts: they mean what they meant when they were last listed.

Once the first of a list is resolved, the second one would be the first: so the keys that stood
beside the numbers are kept, in the user's cache, where nothing is missed when it is cleared.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..synchronizer import Synchronizer

__all__ = ["remember", "remembered"]


def remember(synchronizer: Synchronizer, keys: Sequence[str]) -> None:
    """Note that *keys* were listed, counted from 1."""
    file = _file(synchronizer)
    # Without it, conflicts still have their keys.
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(json.dumps(list(keys)), encoding="utf-8")


def remembered(synchronizer: Synchronizer) -> list[str]:
    """The keys that were listed last; none when nothing was listed."""
    with suppress(OSError, ValueError):
        found = json.loads(_file(synchronizer).read_text(encoding="utf-8"))
        if isinstance(found, list):
            return [str(key) for key in found]
    return []


def _file(synchronizer: Synchronizer) -> Path:
    import platformdirs

    # Hashed, since what a ledger calls itself is no name of a file.
    name = f"conflicts-{hashlib.sha256(synchronizer.ledger.identity.encode()).hexdigest()}.json"
    return platformdirs.user_cache_path("b3j0f-sync", appauthor=False) / name
