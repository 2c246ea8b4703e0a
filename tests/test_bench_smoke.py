"""The measurements still run: everything is loaded, asked over the web and counted, at a size that proves nothing else."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from bench.report import BEGIN, END, PAPER

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parent.parent
SMALL = ["--cases", "3000", "--copied", "--rounds", "2", "--seconds", "0.3", "--clients", "2", "--due", "20"]
SMALL += ["--clocks", "3000", "--sql"]
OPERATIONS = 14


@pytest.fixture
def empty_database(django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """The variables of a run on a database of its own."""
    from django.db import connection

    stem = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    name = "_".join([stem, "bench", os.environ.get("PYTEST_XDIST_WORKER", "one")])
    with django_db_blocker.unblock():
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}"')
        url = urlsplit(os.environ["DATABASE_URL"])
        yield {**os.environ, "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}"))}
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(variables: dict[str, str], module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_small_measurement_says_a_figure_for_everything(empty_database: dict[str, str]) -> None:
    prepared = run(empty_database, "weiquan.launcher.prepare")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr

    done = run(empty_database, "bench.run", *SMALL)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    rows = re.findall(r"^(\S.*?) +[\d.]+ +[\d.]+ +[\d.]+ +≤ .*≤ (?:10|16)$", done.stdout, re.MULTILINE)
    assert len(rows) == OPERATIONS - 3  # three of them have no goal
    assert "A county's year: report" in done.stdout
    assert done.stdout.count("Sweep: 20 clocks due") == 2
    assert "Among 3,000 running clocks:" in done.stdout
    assert "LockRows" in done.stdout
    assert done.stdout.count("\n-- ") == OPERATIONS

    again = run(empty_database, "bench.run", *SMALL)

    assert again.returncode == 2
    assert "This database holds cases" in again.stdout


def test_the_paper_has_room_for_the_table() -> None:
    paper = PAPER.read_text(encoding="utf-8")

    assert paper.index(BEGIN) < paper.index(END)
