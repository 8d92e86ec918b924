"""Writing many rows in one transaction, where one that is refused fails alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection

    from .store import SQLStore

__all__ = ["write_each"]

T = TypeVar("T")


class _TransactionLostError(Exception):
    """An error took the whole transaction with it; it is the cause."""


def write_each(
    store: SQLStore,
    items: Sequence[T],
    write: Callable[[Connection, Sequence[T]], list[Any]],
    failure: Callable[[Connection | None, T, Exception], Any],
) -> list[Any]:
    """The outcomes of *items*, one each, in order, all committed at once.

    *write* gives the outcomes of some items, or raises and is asked again for either half of
    them; *failure* makes the outcome of the one item that it raised for. Where the database
    gives up the whole transaction for one item, each gets a transaction of its own.
    """
    if not items:
        return []
    try:
        with store.writing() as connection:
            return _halving(store, connection, items, write, failure)
    except (_TransactionLostError, sa.exc.IntegrityError) as exc:  # the latter when committing
        if len(items) > 1:
            return [one for item in items for one in write_each(store, [item], write, failure)]
        cause = exc.__cause__ if isinstance(exc, _TransactionLostError) else exc
        return [failure(None, items[0], cause if isinstance(cause, Exception) else exc)]


def _halving(
    store: SQLStore,
    connection: Connection,
    items: Sequence[T],
    write: Callable[[Connection, Sequence[T]], list[Any]],
    failure: Callable[[Connection | None, T, Exception], Any],
) -> list[Any]:
    savepoint = connection.begin_nested()
    try:
        outcomes = write(connection, items)
        savepoint.commit()
    except Exception as exc:
        if store.is_unavailable(exc):
            raise
        if store.dialect.has_lost_transaction(connection):
            raise _TransactionLostError from exc
        savepoint.rollback()
        if len(items) == 1:
            return [failure(connection, items[0], exc)]
    else:
        return outcomes
    half = len(items) // 2
    return [
        outcome
        for part in (items[:half], items[half:])
        for outcome in _halving(store, connection, part, write, failure)
    ]
