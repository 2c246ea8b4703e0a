"""Whose turn each station's round is, and what has to be put right: a station's own, a county's, a city's."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions.assessment.rounds import open_rounds, stations_without_round
from cases.choices.assessment import CorrectionStatus, RoundStatus
from cases.forms.assessment import OpenForm
from cases.models import AssessmentRound, AssessmentScheme, Correction
from cases.views.access import require, require_any
from stations.choices import OrgKind
from stations.http import StaffRequest
from stations.roles import Permission

PAGE = 50
TABS = [("", "全部"), *[(status.value, status.label) for status in RoundStatus]]


@require_GET
def assessment(request: StaffRequest) -> HttpResponse:
    """The rounds of a year in the order of regions: what, whose turn, by when. No order by points."""
    require_any(request.user, Permission.ASSESS_SCORE, Permission.ASSESS_JUDGE)
    today = timezone.localdate()
    seen = AssessmentRound.objects.visible_to(request.user).newest()
    years = list(seen.values_list("scheme__year", flat=True).distinct().order_by("-scheme__year"))
    year = _year(request.GET.get("year", ""), years, today.year)
    of_year = seen.filter(scheme__year=year)
    status = request.GET.get("status", "")
    page = Paginator(_rows(of_year, status), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "today": today,
        "year": year,
        "years": [(one, one == year) for one in sorted({*years, today.year}, reverse=True)],
        "tabs": _tabs(of_year, year, status),
        "scheme": _scheme(request, year),
        "may_open": _opens(request),
        "corrections": _corrections(request).order_by("due_on", "pk")[:PAGE],
        "previous_url": _page_url(year, status, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _page_url(year, status, page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "assessment/desk.html", context)


def _year(asked: str, years: list[int], now: int) -> int:
    return int(asked) if asked in {str(one) for one in (*years, now)} else now


def _page_url(year: int, status: str, number: int) -> str:
    return f"?year={year}&status={status}&page={number}"


def _rows(of_year: QuerySet[AssessmentRound], status: str) -> QuerySet[AssessmentRound]:
    if status in RoundStatus.values:
        of_year = of_year.filter(status=status)
    open_tasks = Count("corrections", filter=Q(corrections__status__in=CorrectionStatus.open_statuses))
    rows = of_year.select_related("station__region", "station__parent", "scheme").annotate(
        open_tasks=open_tasks
    )
    return rows.order_by("station__region__code", "station__pk", "-number")


def _tabs(of_year: QuerySet[AssessmentRound], year: int, status: str) -> list[dict[str, Any]]:
    counts = dict(of_year.values_list("status").annotate(Count("pk")).order_by())
    return [
        {
            "label": label,
            "url": f"?year={year}&status={value}",
            "current": value == status,
            "count": counts.get(value, 0) if value else sum(counts.values()),
        }
        for value, label in TABS
    ]


def _scheme(request: StaffRequest, year: int) -> AssessmentScheme | None:
    org = request.user.organisation
    return AssessmentScheme.for_region(year, org.region_id) if org else None


def _opens(request: StaffRequest) -> bool:
    org = request.user.organisation
    return org is not None and org.kind == OrgKind.FEDERATION and request.user.may(Permission.ASSESS_MANAGE)


def _corrections(request: StaffRequest) -> QuerySet[Correction]:
    seen = Correction.objects.visible_to(request.user).open()
    return seen.select_related("round__station", "indicator")


@require_http_methods(["GET", "POST"])
def assessment_open(request: StaffRequest) -> HttpResponse:
    """Begin this year's rounds of all stations below that have none."""
    require(request.user, Permission.ASSESS_MANAGE)
    year = timezone.localdate().year
    scheme, org = _scheme(request, year), request.user.organisation
    stations = stations_without_round(scheme, org.region_prefix) if scheme and org else []
    form = OpenForm(request.POST if request.method == "POST" else None)
    if not form.is_valid() or scheme is None:
        context = {"form": form, "scheme": scheme, "stations": stations, "year": year}
        return render(request, "assessment/open.html", context, status=422 if form.is_bound else 200)
    opened = open_rounds(
        scheme, stations, due_on=form.cleaned_data["due_on"], by=request.user, at=timezone.now()
    )
    messages.success(request, f"已发起{opened}个站的{year}年度考核，并通知了站长。")
    return redirect("assessment")
