"""The demonstration in a database of its own, made once a run: seeding commits, and must not meet the tests' own rows."""

import io
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

CASES = 110
TODAY = date(2026, 11, 16)


@dataclass
class Demonstration:
    """Its database, and all that was said while it was made."""

    name: str
    said: str


@pytest.fixture(scope="session")
def demo_database(django_db_blocker: Any) -> Iterator[Demonstration]:
    from django.core.management import call_command
    from django.db import connection
    from django.test import override_settings

    # Not the tests' own database, which may not even be there: none of these tests asks for it.
    stem = connection.settings_dict["TEST"]["NAME"] or f"test_{connection.settings_dict['NAME']}"
    name = "_".join([stem, "demo", os.environ.get("PYTEST_XDIST_WORKER", "one")])
    out, log = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(log)
    with django_db_blocker.unblock():
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}"')
        with _pointed_at(name), override_settings(DEMO=True):
            logging.root.addHandler(handler)
            call_command("migrate", verbosity=0)
            call_command("seed_demo", cases=CASES, today=TODAY, processes=1, stdout=out)
            logging.root.removeHandler(handler)
        yield Demonstration(name, out.getvalue() + log.getvalue())
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def demo(demo_database: Demonstration, django_db_blocker: Any) -> Iterator[Demonstration]:
    """While this module runs, the connection leads to the demonstration."""
    from django.test import override_settings

    with django_db_blocker.unblock(), _pointed_at(demo_database.name), override_settings(DEMO=True):
        yield demo_database


class _pointed_at:  # noqa: N801 – reads as a verb where it is used
    """Lead the default connection to another database; what a process keeps of the tables is forgotten."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        from django.db import connection

        self.before = connection.settings_dict["NAME"]
        self._lead_to(self.name)

    def __exit__(self, *error: object) -> None:
        self._lead_to(self.before)

    def _lead_to(self, name: str) -> None:
        from django.db import connection

        from cases.actions.clocks import forget_rules
        from cases.models.code import forget_codes

        connection.close()
        connection.settings_dict["NAME"] = name
        forget_rules()
        forget_codes()
