"""Where the ledger of a synchronizer is kept: what the option says, else the user's state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import platformdirs

from ..errors import ConfigError
from .conversion import Mismatch, anchored, path

if TYPE_CHECKING:
    from .reader import Reader

__all__ = ["default_ledger", "make_place", "read_ledger"]

FORM = "a file in a directory that is there, or a SQLAlchemy URL"


def default_ledger(name: str) -> str:
    """The file for the synchronizer *name* where a user's programs keep their state."""
    # Quoted, since a name may have a / in it.
    return str(_state_directory() / f"{quote(name, safe=' ')}.db")


def read_ledger(reader: Reader) -> str | None:
    """The file or the URL that the option ``ledger`` says, or the default; None: in memory.

    Raises:
        ConfigError: It cannot be a ledger, or the directory of the file is missing.
    """
    import sqlalchemy as sa

    if "ledger" not in reader:
        return default_ledger(reader.name)
    if reader.value("ledger") is None:
        return None
    text = reader.text("ledger")
    try:
        if "://" in text:
            url = anchored(text, reader.directory)
            sa.make_url(url).get_dialect()
            return url
        file = path(text, reader.directory)
    except (Mismatch, sa.exc.ArgumentError, ValueError):
        pass
    else:
        if text and file.parent.is_dir() and not file.is_dir():
            return str(file)
    # Outside the handler: what is handled may quote a password.
    raise reader.error("this can be no ledger", "ledger", FORM)


def make_place(ledger: str | None) -> None:
    """Make the directory of a default ledger, for the user's eyes only; others are there.

    Raises:
        ConfigError: It cannot be made.
    """
    if ledger is not None and Path(ledger).parent == _state_directory():
        try:
            _state_directory().mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            hint = "a directory that can be made, or an option ledger"
            problem = exc.strerror or "it cannot be made"
            raise ConfigError(problem, file=_state_directory(), expected=hint) from exc


def _state_directory() -> Path:
    return platformdirs.user_state_path("b3j0f-sync", appauthor=False)
