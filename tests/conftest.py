"""Settings of all tests: slow ones, Hypothesis, and services that may be there or not."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest
from hypothesis import settings

# A shared machine pauses now and then: how long one example takes tells nothing.
# In CI the same examples every time: what they find is the change's doing. Elsewhere others.
settings.register_profile("b3j0f.sync", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("b3j0f.sync")

SLOW = "slow: run it by --slow or B3J0F_SYNC_SLOW=1"


def is_set(variable):
    return os.environ.get(variable, "") not in {"", "0"}


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the slow tests, too")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--slow") and not is_set("B3J0F_SYNC_SLOW"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason=SLOW))


def pytest_terminal_summary(terminalreporter):
    left_out = [r for r in terminalreporter.stats.get("skipped", ()) if SLOW in str(r.longrepr)]
    if left_out:
        terminalreporter.write_line(f"{len(left_out)} slow tests were left out; --slow runs them")


@pytest.fixture(scope="session")
def service():
    """``service(url)`` gives a SQLAlchemy engine, and skips where driver or server is missing.

    With B3J0F_SYNC_REQUIRE_SERVICES=1 in the environment it fails instead.
    """
    sa = pytest.importorskip("sqlalchemy")
    engines, missing = {}, {}

    def ask(url):
        if url in engines or url in missing:
            return
        try:
            engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
            with engine.connect():
                engines[url] = engine
        except ImportError as exc:
            missing[url] = f"{url}: its driver is not installed: {exc}"
        except sa.exc.OperationalError as exc:
            missing[url] = f"{url}: it does not answer: {exc.orig}"

    def service(url):
        ask(url)
        if url in engines:
            return engines[url]
        if is_set("B3J0F_SYNC_REQUIRE_SERVICES"):
            pytest.fail(missing[url], pytrace=False)
        pytest.skip(missing[url])

    return service


@pytest.fixture
def database(service):
    """``database(url)`` gives the URL of a new database on that server, dropped at the end."""
    made = []

    def database(url):
        engine = service(url)
        name = f"b3j0f_sync_{uuid4().hex}"
        _execute(engine, f"CREATE DATABASE {name}")
        made.append((engine, name))
        return engine.url.set(database=name).render_as_string(hide_password=False)

    yield database
    for engine, name in made:
        force = " WITH (FORCE)" if engine.dialect.name == "postgresql" else ""
        _execute(engine, f"DROP DATABASE {name}{force}")


def _execute(engine, statement):
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
