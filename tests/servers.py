"""Private database servers: in a temporary folder, on a free loopback port, to kill and restart."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server of our own; its data last from one start to the next one.

    Attributes:
        url: SQLAlchemy's URL of a database on it.
    """

    program: str
    url: str

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **self.identity(),
            )
        deadline = time.monotonic() + PATIENCE
        while True:
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            with suppress(Exception):
                self.ask()
                return
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut would: all of its processes, at once, without a word."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self) -> None:
        """Raise, unless it answers."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))

    def identity(self) -> dict[str, object]:
        """The user as whom it runs."""
        return {}

    def command(self) -> list[str]:
        raise NotImplementedError


class PostgreSQL(Server):
    program = "postgres"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = f"postgresql+psycopg://tester@127.0.0.1:{self.port}/postgres"
        if os.geteuid() == 0:  # it does not run as root
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        command = ["initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "tester", "-N"]
        subprocess.run(
            [find("initdb"), *command[1:]], check=True, capture_output=True, **self.identity()
        )

    def identity(self):
        return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}

    def command(self):
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "shared_buffers": "16MB",
            "unix_socket_directories": self.folder,
        }
        options = [f"-c{name}={value}" for name, value in settings.items()]
        return [find("postgres"), "-D", str(self.folder / "data"), *options]


class MariaDB(Server):
    program = "mariadbd"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = f"mariadb+pymysql://tester@127.0.0.1:{self.port}/test"
        script = folder / "init.sql"
        script.write_text(
            "CREATE DATABASE IF NOT EXISTS test;\n"
            "CREATE USER IF NOT EXISTS 'tester'@'127.0.0.1';\n"
            "GRANT ALL ON *.* TO 'tester'@'127.0.0.1';\n"
        )
        subprocess.run(
            [
                find("mariadb-install-db"),
                f"--datadir={folder / 'data'}",
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *self._user(),
            ],
            check=True,
            capture_output=True,
        )

    def _user(self):
        return ["--user=root"] if os.geteuid() == 0 else []

    def command(self):
        return [
            find("mariadbd"),
            "--no-defaults",
            *self._user(),
            f"--datadir={self.folder / 'data'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={self.folder / 's'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--init-file={self.folder / 'init.sql'}",
            "--innodb-buffer-pool-size=16M",
            "--skip-name-resolve",
        ]


class Redis(Server):
    program = "redis-server"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def ask(self) -> None:
        import redis

        redis.Redis.from_url(self.url, socket_timeout=5).ping()

    def command(self):
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": self.folder,
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",  # what was answered is on the disk
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
        return [find(self.program), *options]


def find(program: str) -> str:
    """Where a server's program is; the test is skipped where it is not."""
    places = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        Path("/usr/sbin"),
        Path("/usr/local/sbin"),
    ]
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, sorted(places, reverse=True))])
    found = shutil.which(program, path=path)
    if found is None:
        if os.environ.get("B3J0F_SYNC_REQUIRE_SERVICES", "") not in {"", "0"}:
            pytest.fail(f"{program} is not installed", pytrace=False)
        pytest.skip(f"{program} is not installed")
    return found


@contextmanager
def running(name: str) -> Iterator[Server]:
    """A server of this kind, started; in a folder that other users may enter."""
    with tempfile.TemporaryDirectory(prefix="b3j0f-sync-", ignore_cleanup_errors=True) as folder:
        server = SERVERS[name](Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()


SERVERS = {"postgresql": PostgreSQL, "mariadb": MariaDB, "redis": Redis}
