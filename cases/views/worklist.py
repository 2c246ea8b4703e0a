"""The worklist: filters live in the URL, pages by keyset, so that the last page costs what the first does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.choices import Risk, Status
from cases.forms.filters import read_filter
from cases.models import Case
from cases.views.guarding.sealed import closed_to
from cases.views.paging import read_cursor, url_after, write_cursor
from cases.views.rows import COLUMNS, case_rows
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

PAGE = 50
COUNT_CAP = 500


@require_GET
def worklist(request: StaffRequest) -> HttpResponse:
    user = request.user
    if not (user.may(Permission.CASE_READ) or user.may(Permission.CASE_READ_ASSIGNED)):
        raise PermissionDenied("您的角色不能使用这个页面。")
    at = timezone.now()
    asked = read_filter(request.GET, user)
    chosen = asked.chosen
    cases = filtered(Case.objects.visible_to(user), chosen, user, at)
    page = keyset_page(cases, request.GET.get("after", ""), recent=chosen["show"] == "ended")
    context = {
        "filter": asked.html,
        "show": chosen["show"],
        "rows": case_rows(page["rows"], user, at),
        "count": _count(cases),
        "next_url": url_after(request, page["next"]) if page["next"] else "",
        "first_url": url_after(request, "") if request.GET.get("after") else "",
        "tabs": _tabs(request, chosen["show"]),
        "closed": closed_to(user, ended=chosen["show"] == "ended") if chosen["show"] != "mine" else None,
    }
    return render(request, "cases/worklist.html", context)


def filtered(cases: QuerySet[Case], chosen: Mapping[str, Any], user: Staff, at: datetime) -> QuerySet[Case]:
    show = chosen["show"]
    cases = cases.filter(status__in=Status.ended_statuses if show == "ended" else Status.open_statuses)
    if show == "mine":
        cases = cases.filter(owner=user)
    if show == "overdue":
        cases = cases.filter(due_at__lte=at)
    if chosen["status"]:
        cases = cases.filter(status=chosen["status"])
    if chosen["risk"]:
        cases = cases.filter(risk__in=[risk for risk in Risk if risk.rank >= Risk(chosen["risk"]).rank])
    if chosen["category"]:
        cases = cases.filter(
            Q(category=chosen["category"]) | Q(category__startswith=chosen["category"] + "_")
        )
    if chosen["place"]:
        field = "township_code" if len(chosen["place"]) == 9 else "county_code"
        cases = cases.filter(**{field: chosen["place"]})
    for flag in ("involves_dv", "involves_minor", "is_litigation"):
        if flag in chosen["flags"]:
            cases = cases.filter(**{flag: True})
    return cases


def keyset_page(cases: QuerySet[Case], after: str, *, recent: bool) -> dict[str, Any]:
    """One page: open cases by due moment, ended ones newest first; `after` names the row the page before ended with."""
    order = "received_at" if recent else "due_at"
    cases = (
        cases.order_by(f"-{order}", "-id") if recent else cases.order_by(F(order).asc(nulls_last=True), "id")
    )
    cursor = read_cursor(after)
    if cursor:
        _, moment, pk = cursor
        if moment is None:
            cases = cases if recent else cases.filter(due_at=None, pk__gt=pk)
        elif recent:
            cases = cases.filter(received_at__lte=moment).filter(Q(received_at__lt=moment) | Q(pk__lt=pk))
        else:
            later = Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=pk) | Q(due_at=None)
            cases = cases.filter(later)
    rows = list(cases.values_list(*COLUMNS)[: PAGE + 1])
    following = ""
    if len(rows) > PAGE:
        latest = dict(zip(COLUMNS, rows[PAGE - 1], strict=True))
        following = write_cursor(latest[order], latest["pk"])
    return {"rows": rows[:PAGE], "next": following}


def _count(cases: QuerySet[Case]) -> str:
    """Capped: an exact count of a county is dearer than the page itself."""
    count = cases.order_by()[: COUNT_CAP + 1].count()
    return f"{COUNT_CAP}件以上" if count > COUNT_CAP else f"{count}件"


def _tabs(request: StaffRequest, show: str) -> list[dict[str, Any]]:
    words = (("mine", "我承办的"), ("open", "全部在办"), ("overdue", "逾期"), ("ended", "已办结"))
    return [
        {"label": label, "url": f"?{urlencode({'show': name})}", "current": name == show}
        for name, label in words
    ]
