"""The lock of a ledger in a database: a row that says who has it, and until when."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ...errors import LedgerError, LockedError
from ..lock import Lock
from ..process import Process
from . import tables

if TYPE_CHECKING:
    from .database import Database

__all__ = ["SQLLock"]

LEASE = 60.0
"""Seconds; it is renewed when a quarter of them has passed."""
SHORTEST, LONGEST = 0.005, 0.1
"""Seconds between two looks at a lock that somebody else has."""


class SQLLock(Lock):
    """A lease in a row of the ledger's database.

    While it is held, a thread renews it. It says who holds it, so that on the same machine a
    process that is gone loses it at once.
    """

    def __init__(self, database: Database, lease: float = LEASE) -> None:
        self._database, self._lease = database, lease
        self._token: str | None = None
        self._unheard: set[str] = set()  # of ours, whose release or taking nobody heard the end of
        self._renewed = 0.0
        self._keeper: _Keeper | None = None

    def acquire(self, action: str, wait: float) -> None:
        until, pause = time.monotonic() + wait, SHORTEST
        while True:
            holder = self._try(action)
            if holder is None:
                break
            if time.monotonic() >= until:
                raise _locked(holder)
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - nothing secret
            pause = min(pause * 2, LONGEST)
        if self._keeper is None or not self._keeper.is_alive():
            self._keeper = _Keeper(self._keep, self._lease / 4)

    def release(self) -> None:
        token, self._token = self._token, None
        if token is not None:
            self._unheard.add(token)
            with self._database.begin() as connection:
                connection.execute(
                    sa.update(tables.lock)
                    .where(tables.lock.c.token == token)
                    .values(token="", holder="", until=0.0)
                )
            self._unheard.clear()

    def confirm(self) -> None:
        # Within a transaction of the caller it is renewed with what that one notes.
        if self._token is not None and not self._renew(self._token):
            self._token = None
            raise LockedError(
                "this run was held up for so long that its lock went to somebody else: it "
                "writes nothing more",
                holder="somebody else",
            )

    def holder(self) -> str | None:
        with self._database.begin() as connection:
            row = connection.execute(sa.select(tables.lock)).one()
        if not row.token or row.until <= time.time():
            return None
        known: dict[str, Any] = json.loads(row.holder)
        return None if Process(known).is_gone else f"{known['action']} ({_who(known)})"

    def _try(self, action: str) -> dict[str, Any] | None:
        """Take it; who has it when that cannot be, in the form of its row."""
        table, token = tables.lock, uuid.uuid4().hex
        holder = {**Process.this().facts, "action": action, "since": time.time()}
        self._unheard.add(token)
        with self._database.begin() as connection:
            row = connection.execute(sa.select(table)).one()
            is_held = row.token and row.token not in self._unheard
            if is_held and row.until > time.time():
                known: dict[str, Any] = json.loads(row.holder)
                if not Process(known).is_gone:
                    return {**known, "until": row.until}
            values = {
                "token": token,
                "holder": json.dumps(holder),
                "until": time.time() + self._lease,
            }
            taken = connection.execute(
                sa.update(table).where(table.c.token == row.token).values(values)
            )
            if taken.rowcount != 1:  # somebody else was faster
                return {**holder, "until": None, "host": "", "pid": None}
        self._unheard.clear()
        self._token, self._renewed = token, time.monotonic()
        return None

    def _renew(self, token: str) -> bool:
        table = tables.lock
        with self._database.begin() as connection:
            renewed = connection.execute(
                sa.update(table)
                .where(table.c.token == token)
                .values(until=time.time() + self._lease)
            )
        self._renewed = time.monotonic()
        return renewed.rowcount == 1

    def _keep(self) -> None:
        token = self._token
        if token is not None and time.monotonic() - self._renewed > self._lease / 4:
            self._renew(token)


class _Keeper:
    """Renews a lease from time to time, as long as there is one."""

    def __init__(self, keep: Any, pause: float) -> None:
        self._keep, self._pause = keep, pause
        self._thread = threading.Thread(target=self._run, name="b3j0f-sync-lock", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        return self._thread.is_alive()  # not after a fork

    def _run(self) -> None:
        while True:
            time.sleep(self._pause)
            try:
                self._keep()
            except LedgerError:
                continue  # whoever writes next will hear of it


def _who(holder: dict[str, Any]) -> str:
    if holder.get("pid") is None:
        return "another process"
    since = datetime.fromtimestamp(holder["since"], UTC)
    return f"process {holder['pid']} on {holder['host']}, since {since:%Y-%m-%dT%H:%M:%SZ}"


def _locked(holder: dict[str, Any]) -> LockedError:
    who, until = _who(holder), holder.get("until")
    frees = ""
    if until is not None:
        seconds = max(1, round(until - time.time()))
        frees = f"; if it hangs, its lock frees itself in {seconds} s"
    return LockedError(
        f"{holder['action']} is under way ({who}){frees}: try again when it is through", holder=who
    )
