"""A pytest plugin: writes down, for each test class, which of its tests failed and which passed."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import Phase, settings


def pytest_addoption(parser):
    parser.addoption("--record-to", type=Path)


def pytest_configure(config):
    # A failure is wanted; nobody reads the shortest history that leads to it.
    settings.register_profile("faults", phases=[Phase.generate], database=None, derandomize=True)
    settings.load_profile("faults")
    config.recorded = defaultdict(lambda: {"passed": [], "failed": [], "broken": []})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    recorded = item.config.recorded[item.cls.__name__]
    if report.failed:
        # An error in a fixture is no failure of a test: it would prove nothing.
        recorded["failed" if report.when == "call" else "broken"].append(item.originalname)
    elif report.passed and report.when == "call":
        recorded["passed"].append(item.originalname)
    return report


def pytest_sessionfinish(session):
    session.config.getoption("--record-to").write_text(json.dumps(session.config.recorded))
