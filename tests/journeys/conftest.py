"""A house with people in it: a real server, a real browser, a clock that the journey moves."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.cast import MONDAY, Cast
from tests.journeys.desk import DESKTOP, PHONE, Desk
from weiquan.launcher.browser import chromium as chromium_program

PASSWORD = "sunflower-gate-82"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",  # how the browser itself writes a date
]
PATIENCE_MS = 20_000


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    found = chromium_program()
    assert found, "the conftest above skips these tests, or fails, where there is none"
    # Playwright keeps an event loop running in this thread, and Django takes that for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=QUIET, env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Clock:
    """The time of day that the server reads; it stands still but for a millisecond a look."""

    def __init__(self) -> None:
        self.at: datetime = MONDAY

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def moves(self, **much: int) -> None:
        """`clock.moves(hours=2)`; a day later is the same hour."""
        self.at += timedelta(**much)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    return clock


@pytest.fixture(scope="session")
def screens() -> Path | None:
    """Where pictures go: the folder that SCREENS names; without it none are taken."""
    folder = os.environ.get("SCREENS")
    if not folder:
        return None
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def house(live_cast: Cast, clock: Clock, settings: Any) -> Cast:
    """Everybody, with a password that can be typed."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # dozens of logins, two cores
    settings.TRUSTED_PROXIES = 1  # every browser comes from an address of its own
    staff = [person for person in vars(live_cast).values() if hasattr(person, "set_password")]
    for person in staff:
        person.set_password(PASSWORD)
    type(staff[0]).objects.bulk_update(staff, ["password"])
    return live_cast


Visit = Callable[..., Desk]


@pytest.fixture
def visit(chromium: Browser, house: Cast, live_server: Any, screens: Path | None) -> Iterator[Visit]:
    """`visit("clerk")` is the clerk, just logged in; `visit()` is nobody yet. `phone` and `scripts` as in life."""
    contexts = []

    def open_desk(username: str = "", *, phone: bool = False, scripts: bool = True) -> Desk:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            java_script_enabled=scripts,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            extra_http_headers={"X-Forwarded-For": f"203.0.113.{len(contexts) + 1}"},
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        desk = Desk(context, live_server.url, screens)
        if username:
            desk.log_in(username, PASSWORD)
        return desk

    yield open_desk
    for context in contexts:  # before the tables are emptied: an autosave may still be under way
        context.close()
