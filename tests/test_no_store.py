"""What a browser keeps of us: cookies that say nothing, and no text. (Pages: test_access_matrix.)"""

from collections.abc import Iterator

import pytest
from django import forms
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from cases.forms.fields import TextField
from tests.test_access_matrix import client_of


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


def _own_forms(kind: type[forms.Form]) -> Iterator[type[forms.Form]]:
    for sub in kind.__subclasses__():
        if sub.__module__.startswith("cases.forms"):
            yield sub
        yield from _own_forms(sub)


def test_no_text_of_a_case_is_offered_to_the_next_person() -> None:
    get_resolver().url_patterns  # noqa: B018 – reads every view, and with it every form
    found = list(_own_forms(forms.Form))

    offered = [
        f"{form.__name__}.{name}"
        for form in found
        for name, field in form.base_fields.items()
        if isinstance(field, TextField) and field.widget.attrs.get("autocomplete") != "off"
    ]
    assert len(found) > 30
    assert offered == []
