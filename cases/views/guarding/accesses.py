"""谁看过: every look at one case, for those who work on it."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases.choices import AccessKind
from cases.models import Access, Case
from cases.permissions import in_owner_line
from cases.views.access import get_case
from cases.views.paging import read_id
from stations.http import StaffRequest

PAGE = 50
# (what stands in the address, the tab, which looks)
SHOWN: tuple[tuple[str, str, Q], ...] = (
    ("", "全部", Q()),
    ("outside", "承办线以外", Q(in_line=False) & ~Q(kind=AccessKind.SEARCH)),
    ("opened", "展开、打印、拨打", Q(kind__in=(AccessKind.REVEAL, AccessKind.PRINT, AccessKind.CALL))),
    ("break-in", "破门查看", Q(kind=AccessKind.BREAK_IN)),
    ("search", "检索命中", Q(kind=AccessKind.SEARCH)),
)


@require_GET
def accesses(request: StaffRequest, number: str) -> HttpResponse:
    case = get_case(request, number)
    in_line = in_owner_line(request.user, case)
    asked = request.GET.get("show", "")
    show, _, wanted = next((row for row in SHOWN if row[0] == asked), SHOWN[0])
    rows = list(_page(case, wanted, read_id(request.GET.get("before", "")))) if in_line else []
    context: dict[str, Any] = {
        "case": case,
        "in_line": in_line,
        "rows": rows[:PAGE],
        "tabs": [{"label": label, "url": f"?show={key}", "current": key == show} for key, label, _ in SHOWN],
        "next_url": f"?show={show}&before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "first_url": f"?show={show}" if "before" in request.GET else "",
    }
    return render(request, "cases/accesses.html", context)


def _page(case: Case, wanted: Q, before: int | None) -> QuerySet[Access]:
    """Newest first. The rows are numbered as they are written, so the number is the order."""
    rows = Access.objects.filter(wanted, case=case)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    parts = ("staff", "unit", "reason", "referral__department")
    return rows.select_related(*parts).order_by("-pk")[: PAGE + 1]
