"""The clock on the wall of the tests."""

from datetime import datetime

import pytest

from tests.cases.pages import LATER


class Clock:
    """The moment that views and forms read; a test sets `clock.at`."""

    def __init__(self) -> None:
        self.at: datetime = LATER

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    return clock
