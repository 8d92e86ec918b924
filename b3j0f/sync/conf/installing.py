"""Putting the sample files where the configuration is read from, over nobody's files."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import ConfigError
from . import bridge
from .files import KINDS, file_name, present

if TYPE_CHECKING:
    from .files import Kind

__all__ = ["install_samples", "sample"]

Outcome = tuple[Path, Literal["made", "kept"]]


def install_samples(directory: str | Path | None = None) -> list[Outcome]:
    """Put a sample of each file into *directory*, unless a file of that name is there.

    What is made is for the user's eyes only: it may get passwords. A file in another format
    (``b3j0fsync-store.json``) counts as well, since the sample would add to what it says.

    Args:
        directory: Made when it is missing; None is the one in ``B3J0F_CONF_DIR``, else
            ``~/etc``.

    Returns:
        Each file, and whether it was made or an existing one was kept.

    Raises:
        ConfigError: The directory or a file cannot be made.
    """
    where = bridge.conf_directory() if directory is None else Path(directory)
    where = where.expanduser().absolute()
    try:
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        problem = exc.strerror or "it cannot be made"
        raise ConfigError(problem, file=where, expected="a directory") from exc
    return [_install(kind, where) for kind in KINDS]


def sample(kind: Kind) -> str:
    """The text of the sample file of a kind."""
    files = resources.files(__package__)
    return (files / "samples" / file_name(kind)).read_text(encoding="utf-8")


def _install(kind: Kind, directory: Path) -> Outcome:
    for file in present(kind, directory):
        return file, "kept"
    file = directory / file_name(kind)
    text = sample(kind).encode()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file, "kept"
    except OSError as exc:
        raise ConfigError(exc.strerror or "it cannot be made", file=file) from exc
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text)
    except OSError as exc:
        file.unlink(missing_ok=True)  # nothing half-written
        raise ConfigError(exc.strerror or "it cannot be written", file=file) from exc
    return file, "made"
