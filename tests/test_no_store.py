"""No page of ours is kept by a browser: every URL, as everybody who may open it; and what goes with cookies."""

import pytest
from django.conf import settings
from django.test import Client

from tests.test_access_matrix import ROLES, Scene, client_of, read_table, scene  # noqa: F401 – a fixture


@pytest.mark.parametrize("role", ROLES)
def test_no_page_is_kept_by_the_browser(scene: Scene, role: str) -> None:  # noqa: F811
    kept = []
    for row in read_table():
        if row.method != "GET" or row.expected[role] not in ("200", "403", "404", "410"):
            continue
        client = client_of(scene.person(role))
        answer = client.get(scene.address(row), REMOTE_ADDR=f"{role}-{row.name}")
        if "no-store" not in answer.get("Cache-Control", ""):
            kept.append(str(row))

    assert kept == []


def test_cookies_say_nothing_and_go_nowhere(client: Client, db: None) -> None:
    cookies = client.get("/login/").cookies

    assert set(cookies) <= {settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME}
    assert settings.SESSION_COOKIE_HTTPONLY
    assert {settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE} == {"Lax"}
    assert settings.SESSION_EXPIRE_AT_BROWSER_CLOSE


def test_production_sends_cookies_over_https_only() -> None:
    source = (settings.BASE_DIR / "weiquan" / "settings.py").read_text(encoding="utf-8")

    assert "SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS" in source


@pytest.mark.parametrize(("secure", "said"), [(True, '"cache", "storage"'), (False, None)])
def test_logging_out_clears_what_the_browser_kept(cast, secure, said) -> None:
    client = client_of(cast.clerk)
    client.get("/profile/", secure=secure)

    assert client.post("/logout/", secure=secure).get("Clear-Site-Data") == said
    assert "Clear-Site-Data" not in client.get("/login/", secure=secure)
