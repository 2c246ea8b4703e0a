"""What holds for every page behind the login."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

RENEW_AFTER_SECONDS = 60
RENEWED = "renewed"

GetResponse = Callable[[HttpRequest], HttpResponse]


class DeskMiddleware:
    """Renews the session while somebody works, keeps pages out of the browser's store, and sends whoever
    has a one-time password to change it.

    A session ends SESSION_MINUTES after the latest renewal; renewing at most once a minute spares a write a request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        if request.user.must_change_password and not self._is_open(request):
            response: HttpResponse = redirect("account_change_password")
        else:
            response = self.get_response(request)
        if request.user.is_authenticated:  # not after logging out
            self._renew(request)
        response.setdefault("Cache-Control", "no-store")
        return response

    def _is_open(self, request: HttpRequest) -> bool:
        return request.path in {reverse("account_change_password"), reverse("account_logout")}

    def _renew(self, request: HttpRequest) -> None:
        now = int(time.time())
        if now - request.session.get(RENEWED, 0) >= RENEW_AFTER_SECONDS:
            request.session[RENEWED] = now
