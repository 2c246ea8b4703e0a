"""What holds for every page behind the login."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stations import lock
from stations.lock import LOCKED, RENEW_AFTER_SECONDS, RENEWED

GetResponse = Callable[[HttpRequest], HttpResponse]


class DeskMiddleware:
    """Renews the session while somebody works, locks the screen when nobody does, keeps pages out of the browser's
    store, and sends whoever has a one-time password to change it.

    A session ends SESSION_MINUTES after the latest renewal; renewing at most once a minute spares a write a request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.user.is_authenticated
        response = self._answer(request) if known else self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        if known and not request.user.is_authenticated and request.is_secure():
            # Not the cookies: the page of logging in has one of its own, and the session's is dead.
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if lock.is_locked(request) and not lock.passes(request):
            return lock.shut(request)
        self._say_of_lock(request)
        if request.user.must_change_password and not self._is_open(request):  # type: ignore[union-attr]
            response: HttpResponse = redirect("account_change_password")
        else:
            response = self.get_response(request)
        if request.user.is_authenticated and self._is_work(request):  # not after logging out
            self._renew(request)
        return response

    def _say_of_lock(self, request: HttpRequest) -> None:
        """What the frame of every page says to the script, and what was sent again is kept no longer."""
        if request.method == "POST" and request.path != reverse("lock_held"):
            lock.let_go_of_posted(request)
        kept = lock.held_here(request)
        told = {
            "idle_seconds": lock.idle_seconds(request),
            "held_here": kept,
            "held_elsewhere": lock.HELD in request.session
            and not kept
            and request.path != reverse("lock_held"),
        }
        for name, value in told.items():
            setattr(request, name, value)

    def _is_open(self, request: HttpRequest) -> bool:
        names = ("account_change_password", "account_logout", "lock", "unlock", "lock_left")
        return request.path in {reverse(name) for name in names}

    def _is_work(self, request: HttpRequest) -> bool:
        """Asking how long is left is not working, nor is anything before a locked screen."""
        asks = request.method == "GET" and request.path == reverse("lock_left")
        return not asks and LOCKED not in request.session

    def _renew(self, request: HttpRequest) -> None:
        now = int(time.time())
        if now - request.session.get(RENEWED, 0) >= RENEW_AFTER_SECONDS:
            request.session[RENEWED] = now
