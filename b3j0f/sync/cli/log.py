"""The library's log on stderr, in plain lines."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from .text import escaped, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEBUG", "logged", "set_level"]

DEBUG = "B3J0F_SYNC_DEBUG"
"""The environment variable that asks for tracebacks."""

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)

logger = logging.getLogger("b3j0f.sync")


class _Formatter(logging.Formatter):
    """One line a record; what an exception says, and no traceback unless it is asked for."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f": {record.exc_info[1]}"
        line = f"{record.levelname.lower()}: {escaped(without_secrets(text))}"
        if record.exc_info and os.environ.get(DEBUG):
            line += "\n" + self.formatException(record.exc_info)
        return line


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            click.echo(self.format(record), err=True)
        except Exception:  # noqa: BLE001 - as every handler
            self.handleError(record)


@contextmanager
def logged() -> Iterator[None]:
    """Within, the library logs to stderr, from WARNING on."""
    handler, level = _Handler(), logger.level
    handler.setFormatter(_Formatter())
    logger.addHandler(handler)
    logger.setLevel(_LEVELS[0])
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def set_level(verbosity: int) -> None:
    """Log more than warnings: *verbosity* is how often ``-v`` was given."""
    if verbosity:
        logger.setLevel(_LEVELS[min(verbosity, len(_LEVELS) - 1)])
