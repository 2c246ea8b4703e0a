"""The lock of a screen: when it falls, what it keeps, what passes while it is down. The session stays; the pages do not."""

import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from stations.actions.locks import drop_held, hold_form, idle_minutes
from stations.models import HeldForm, Staff

RENEW_AFTER_SECONDS = 60
RENEWED, LOCKED, HELD = "renewed", "locked", "held"
# What answers while the screen is locked.
OPEN = ("lock", "unlock", "lock_left", "account_logout")
# Forms that carry secrets are not kept.
NEVER_HELD = ("account_", "mfa_", "outlet_", "lock", "unlock")
LONGEST_PATH = 500
LONGEST_TEXT = 200_000


def idle_seconds(request: HttpRequest) -> int:
    assert isinstance(request.user, Staff)  # noqa: S101 – asked behind the login only
    return idle_minutes(request.user) * 60


def seconds_left(request: HttpRequest) -> int:
    """Until the screen is locked; the mark is set once a minute only, so a minute is given on top."""
    since = int(time.time()) - request.session.get(RENEWED, int(time.time()))
    return idle_seconds(request) + RENEW_AFTER_SECONDS - since


def is_locked(request: HttpRequest) -> bool:
    if LOCKED in request.session:
        return True
    if seconds_left(request) > 0:
        return False
    lock(request)
    return True


def lock(request: HttpRequest, *, way_back: str = "") -> None:
    """Lock this session, and remember the page that was left; locked already, the first page is kept."""
    if LOCKED not in request.session:
        request.session[LOCKED] = way_back


def unlock(request: HttpRequest) -> str:
    """Open it again; return where she was."""
    way_back: str = request.session.pop(LOCKED, "")
    request.session[RENEWED] = int(time.time())
    return way_back


def passes(request: HttpRequest) -> bool:
    """Whether this page may be shown over a locked screen: the lock itself, and what anybody may see."""
    match = _match(request.path_info)
    return match is not None and (match.url_name in OPEN or not getattr(match.func, "login_required", True))


def shut(request: HttpRequest) -> HttpResponse:
    """The answer while the screen is locked: the lock, and what was sent is kept. A script is told by the status."""
    if request.headers.get("HX-Request") or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return HttpResponse(status=423)
    if request.method == "GET" and not request.session[LOCKED] and _match(request.path_info):
        request.session[LOCKED] = request.get_full_path()[:LONGEST_PATH]
    if request.method == "POST":
        _hold_posted(request)
    return redirect("lock")


def _hold_posted(request: HttpRequest) -> None:
    match = _match(request.path_info)
    name = (match.url_name or "") if match else ""
    if not name or name.startswith(NEVER_HELD) or (match and match.namespace):
        return
    fields = [
        (key, value)
        for key, values in request.POST.lists()
        for value in values
        if key != "csrfmiddlewaretoken" and isinstance(value, str)
    ]
    hold(request, path=request.get_full_path(), fields=fields, posted=True, at=_now())


def hold(
    request: HttpRequest, *, path: str, fields: list[tuple[str, str]], posted: bool, at: datetime
) -> None:
    """Keep a form for this session, sealed; one that is too big to be typed is not."""
    staff = request.user
    too_big = sum(len(name) + len(value) for name, value in fields) > LONGEST_TEXT
    if not isinstance(staff, Staff) or not fields or too_big or len(path) > LONGEST_PATH:
        return
    row = hold_form(staff, path=path, fields=fields, posted=posted, at=at)
    request.session[HELD] = [*request.session.get(HELD, []), _entry(row)]


def _entry(row: HeldForm) -> dict[str, Any]:
    return {"pk": str(row.pk), "path": row.path, "posted": row.posted}


def held_here(request: HttpRequest) -> bool:
    """Whether something was typed on this very page before the lock, and not sent."""
    return any(
        not one["posted"] and urlsplit(one["path"]).path == request.path
        for one in request.session.get(HELD, [])
    )


def let_go(request: HttpRequest, pk: str) -> None:
    assert isinstance(request.user, Staff)  # noqa: S101 – asked behind the login only
    rest = [one for one in request.session.get(HELD, []) if one["pk"] != pk]
    if rest:
        request.session[HELD] = rest
    else:
        request.session.pop(HELD, None)
    drop_held(request.user, pk)


def let_go_of_posted(request: HttpRequest) -> None:
    """What is posted again from the page of kept forms needs no keeping any more."""
    for one in request.session.get(HELD, []):
        if one["pk"] == request.POST.get("held_form"):
            let_go(request, one["pk"])


def own_path(path: str) -> str:
    """The path of a page of this house, or nothing."""
    fits = path.startswith("/") and len(path) <= LONGEST_PATH and url_has_allowed_host_and_scheme(path, None)
    return path if fits and _match(urlsplit(path).path) else ""


def number_in(path: str) -> str:
    """The number of the case whose page it is, or nothing."""
    match = _match(urlsplit(path).path)
    return str(match.kwargs.get("number", "")) if match else ""


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _now() -> datetime:
    return timezone.now()  # noqa: TID251 – a request arrives here before any view: the edge


@receiver(user_logged_in)
def take_up(sender: object, request: HttpRequest | None, user: Staff, **kwargs: object) -> None:
    """A colleague ended the session, or it ended by itself: what was kept comes along into the next."""
    if request is not None and isinstance(user, Staff):
        rows = list(HeldForm.objects.filter(staff=user).order_by("at"))
        if rows:
            request.session[HELD] = [_entry(row) for row in rows]
