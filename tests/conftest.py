"""What tests of more than one part need: servers of their own, and a word about the browser."""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings

from tests.cast import cast, live_cast, seed  # noqa: F401 – fixtures for every test
from tests.demo_city import demo, demo_database  # noqa: F401 – likewise
from weiquan.launcher.browser import chromium
from weiquan.launcher.process import Program
from weiquan.launcher.throwaway import throwaway_places
from weiquan.launcher.valkey import Valkey

PATIENCE = 60.0


def pytest_configure(config: pytest.Config) -> None:
    """Every worker counts in a cache of its own: what one clears, another still needs."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    settings.CACHES["default"].setdefault("OPTIONS", {})["db"] = int(worker) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    journeys = [item for item in items if item.get_closest_marker("browser")]
    if not journeys or chromium():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(
            "No Chromium: the browser journeys cannot run, and CI=true does without none."
        )
    for item in journeys:
        item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """A test with real transactions empties every table, and a kept database begins the next run like that."""
    with django_db_blocker.unblock():
        seed()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A Valkey that a test may kill (`valkey.program.kill()`) and start again (`valkey.program.start()`)."""
    with throwaway_places() as places:
        server = Valkey(places)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@dataclass
class Clockwork:
    """Starts real Celery programs on the test database and on a Valkey of their own."""

    variables: dict[str, str]
    logs: Path
    running: list[Program] = field(default_factory=list)

    def start(self, name: str, *arguments: str, ready: str = "") -> Program:
        """`start("worker-1", "worker", "--concurrency", "1", ready=" ready.")` waits for its log to say so."""
        celery = [sys.executable, "-m", "celery", "--app", "weiquan"]
        program = Program(name, [*celery, *arguments], self.logs, self.variables)
        self.running.append(program)
        program.start()
        latest = time.monotonic() + PATIENCE
        while ready not in program.log_path.read_text(encoding="utf-8"):
            assert program.alive, program.tail()
            assert time.monotonic() < latest, program.tail()
            time.sleep(0.05)
        return program


@pytest.fixture
def clockwork(transactional_db: None, valkey: Valkey, tmp_path: Path) -> Iterator[Clockwork]:
    from django.db import connection

    # The URL of the run, with the name of this test process's own database.
    url = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    variables = {**os.environ, "DATABASE_URL": database, "REDIS_URL": valkey.url, "PYTHONUNBUFFERED": "1"}
    work = Clockwork(variables, tmp_path)
    try:
        yield work
    finally:
        for program in work.running:
            program.stop()
