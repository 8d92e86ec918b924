"""Processes: who holds a lock, and whether it is still there."""

from __future__ import annotations

import os
import socket
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["Process"]


class Process:
    """A process, told from all others by facts that can be written down."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts

    @classmethod
    def this(cls) -> Process:
        """The one that asks."""
        pid = os.getpid()
        if _this.get("pid") != pid:
            _this.clear()
            _this.update(host=socket.gethostname(), place=_place(), pid=pid, started=_started(pid))
        return cls(dict(_this))

    @cached_property
    def is_gone(self) -> bool:
        """Whether it is known to be gone; never where this process cannot see it."""
        this = Process.this().facts
        if any(self.facts.get(name) != this[name] for name in ("host", "place")):
            return False
        pid = self.facts.get("pid")
        if not isinstance(pid, int) or pid <= 0:
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except OSError:  # it is there, and somebody else's
            return False
        # Another one may have got the same number since.
        return bool(self.facts.get("started") != _started(pid))


_this: dict[str, Any] = {}


def _place() -> str:
    """What tells this boot of this machine, and this container, from any other one."""
    boot = ""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not Linux
        return boot


def _started(pid: int) -> str:
    """When a process was started, in some form; "" where that is not known."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    # The name of the command, in brackets, may have anything in it.
    fields = status.rpartition(")")[2].split()
    return fields[19] if fields[0] != "Z" else "a zombie"
