"""Locking and unlocking the screen, getting back what was typed, and after how many minutes it falls."""

import json
from typing import Any
from urllib.parse import urlsplit

from axes.utils import reset as forget_failures
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from stations import lock as session_lock
from stations.accounts import client_ip
from stations.actions.locks import held_form, role_locks, set_idle_minutes
from stations.forms.lock import IdleLocksForm, UnlockForm
from stations.http import StaffRequest
from stations.lock import HELD, LOCKED
from stations.roles import Permission
from stations.views.access import needs

# Of what was typed, enough to know it again.
SHOWN = 60


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def lock(request: StaffRequest) -> HttpResponse:
    """GET: the locked screen. POST: lock now, with what was typed on the page that is left."""
    if request.method == "POST":
        page = session_lock.own_path(request.POST.get("page", "") or _referring(request))
        _hold_typed(request, page)
        session_lock.lock(request, way_back=page)
        return redirect("lock")
    if LOCKED not in request.session:
        return redirect(_way_on(request, ""))
    return _locked(request, UnlockForm(request=request, staff=request.user))


@require_POST
@sensitive_post_parameters()
def unlock(request: StaffRequest) -> HttpResponse:
    if LOCKED not in request.session:  # in another window meanwhile
        return redirect(_way_on(request, ""))
    form = UnlockForm(request.POST, request=request, staff=request.user)
    if not form.is_valid():
        return _locked(request, form, status=422)
    forget_failures(username=request.user.username, ip=client_ip(request))
    return redirect(_way_on(request, session_lock.unlock(request)))


@require_http_methods(["GET", "POST"])
def left(request: StaffRequest) -> HttpResponse:
    """How long until the screen is locked. POST says that she is there, though she only reads or types."""
    if LOCKED in request.session:
        return HttpResponse(status=423)
    return JsonResponse({"left": session_lock.seconds_left(request)})


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def held(request: StaffRequest) -> HttpResponse:
    """What was kept: to be sent again, gone on with, or dropped. POST with `page`: what was typed on that page."""
    if request.method == "GET":
        return render(request, "stations/held.html", {"rows": _held_rows(request)})
    if "page" in request.POST:
        return _give_back(request, request.POST["page"])
    session_lock.let_go(request, _asked(request))
    messages.success(request, "锁屏前填的内容已删除。")
    return redirect("desk")


@require_http_methods(["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def idle_locks(request: StaffRequest) -> HttpResponse:
    form = IdleLocksForm(request.POST if request.method == "POST" else None, locks=role_locks())
    if not form.is_valid():
        return render(
            request, "stations/idle_locks.html", {"form": form}, status=422 if form.is_bound else 200
        )
    changed = set_idle_minutes(form.minutes(), by=request.user, at=timezone.now())
    messages.success(
        request, f"已保存，改了{len(changed)}个角色，半分钟内生效。" if changed else "没有改动。"
    )
    return redirect("idle_locks")


def _locked(request: StaffRequest, form: UnlockForm, *, status: int = 200) -> HttpResponse:
    return render(request, "stations/lock.html", {"form": form}, status=status)


def _way_on(request: StaffRequest, way_back: str) -> str:
    """Where she goes on: to what she had sent, to what she was typing, or to the page she had left."""
    kept = _kept(request)
    if any(one["posted"] for one in kept):
        return "lock_held"
    return str(kept[0]["path"]) if kept else session_lock.own_path(way_back) or "desk"


def _kept(request: StaffRequest) -> list[dict[str, str]]:
    found: list[dict[str, str]] = request.session.get(HELD, [])
    return found


def _held_rows(request: StaffRequest) -> list[dict[str, Any]]:
    """Each form with the number it is about and the longest that was typed, to tell one from another. What was dropped
    meanwhile is forgotten."""
    rows = []
    for one in _kept(request):
        row = held_form(request.user, one["pk"])
        if row is None:
            session_lock.let_go(request, one["pk"])
            continue
        longest = max((value for _, value in row.fields), key=len, default="")
        rows.append({"row": row, "about": session_lock.number_in(row.path), "words": longest[:SHOWN]})
    return rows


def _asked(request: StaffRequest) -> str:
    """Raises Http404 for what this session does not keep."""
    pk = request.POST.get("held_form", "")
    if not any(one["pk"] == pk for one in _kept(request)):
        raise Http404
    return pk


def _give_back(request: StaffRequest, page: str) -> JsonResponse:
    for one in _kept(request):
        row = held_form(request.user, one["pk"])
        if row is not None and not row.posted and urlsplit(row.path).path == page:
            fields = row.fields
            session_lock.let_go(request, one["pk"])
            return JsonResponse({"fields": fields})
    return JsonResponse({"fields": []})


def _hold_typed(request: StaffRequest, page: str) -> None:
    try:
        typed = json.loads(request.POST.get("fields", "[]"))
        fields = [(str(name), str(value)) for name, value in typed]
    except (ValueError, TypeError):
        return
    if page:
        session_lock.hold(request, path=page, fields=fields, posted=False, at=timezone.now())


def _referring(request: StaffRequest) -> str:
    """The page whose button was pressed; the browser names it to our own pages only."""
    parts = urlsplit(request.headers.get("Referer", ""))
    return (
        parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == request.get_host() else ""
    )
