"""The contract kit: tests for any store, for whoever writes one.

A test class of a few lines runs every promise of Accessor and Store against a store::

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self, tmp_path):
            return MyStore(tmp_path, [Folder, Note])

It needs pytest and hypothesis: ``pip install "b3j0f.sync[testing]"``.
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401 - the hint belongs to the first import that can fail
    import pytest
except ModuleNotFoundError as exc:
    raise ModuleNotFoundError(
        'b3j0f.sync.testing needs pytest and hypothesis: pip install "b3j0f.sync[testing]"',
        name=exc.name,
    ) from exc

pytest.register_assert_rewrite(f"{__name__}.contract")

from .contract import StoreContract  # noqa: E402 - asserts are rewritten from here on
from .lossy import LossyStore  # noqa: E402
from .types import Folder, Mood, Note  # noqa: E402

__all__ = ["Folder", "LossyStore", "Mood", "Note", "StoreContract"]
