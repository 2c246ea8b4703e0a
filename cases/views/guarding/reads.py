"""线外查阅: what others read of a unit's cases in one week, and what its people read of others'. Emergency access first."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Max, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods

from cases.actions.guarding.reads import WEEK, bounds, review_reads, week_of
from cases.choices import AccessKind, FieldGroup
from cases.models import Access, AccessReason, Case, EmergencyAccess, ReadsReview
from cases.views.access import require
from cases.workflow import StepNotAllowed
from stations.choices import OrgKind
from stations.http import StaffRequest
from stations.models import Organisation, Staff
from stations.roles import Permission

PAGE = 50
WEEKS_SHOWN = 8


@require_http_methods(["GET", "POST"])
def reads(request: StaffRequest) -> HttpResponse:
    """One week, for the heads of a unit; pressed 这一周核对完了, it leaves their desks."""
    require(request.user, Permission.CASE_ACCEPT)
    unit, at = request.user.organisation, timezone.now()
    assert unit is not None  # noqa: S101 – nobody accepts cases without a unit: see stations.roles.HOMES
    week_on = _asked_week(request, at)
    if request.method == "POST":
        try:
            review_reads(unit, week_on, by=request.user, at=at)
            messages.success(request, "这一周已核对。")
        except StepNotAllowed as refusal:
            messages.info(request, str(refusal))
        return redirect(f"{reverse('reads')}?week={week_on:%Y-%m-%d}")
    start, end = bounds(week_on)
    week = Access.objects.filter(at__gte=start, at__lt=end, in_line=False).exclude(kind=AccessKind.SEARCH)
    page = max(1, _number(request.GET.get("page", "")))
    of_ours = _looks(week.filter(_held_by(unit, "case__")).filter(_not_barred(request.user)), page)
    elsewhere = week.filter(unit=unit, case__in=Case.objects.not_barred_to(request.user))
    by_ours = _looks(elsewhere.exclude(_held_by(unit, "case__")), page)
    more = max(len(of_ours), len(by_ours)) > PAGE
    context = {
        "week": week_on,
        "weeks": _weeks(unit, week_on, at),
        "review": ReadsReview.objects.filter(unit=unit, week_on=week_on).select_related("by").first(),
        "break_ins": _break_ins(request.user, unit, start, end),
        "of_ours": _rows(of_ours[:PAGE], request.user, reasons=True),
        "by_ours": _rows(by_ours[:PAGE], request.user, reasons=False),
        "previous_url": f"?week={week_on:%Y-%m-%d}&page={page - 1}" if page > 1 else "",
        "next_url": f"?week={week_on:%Y-%m-%d}&page={page + 1}" if more else "",
    }
    return render(request, "guarding/reads.html", context)


def _asked_week(request: StaffRequest, at: datetime) -> date:
    """The Monday of the week in the address; without one the past week."""
    try:
        asked = parse_date(request.POST.get("week") or request.GET.get("week", ""))
    except ValueError:
        asked = None
    return week_of(asked) if asked and asked.year > 2000 else week_of(timezone.localdate(at)) - WEEK


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _weeks(unit: Organisation, shown: date, at: datetime) -> list[dict[str, Any]]:
    """This week and those before it, newest first; which of them still wait."""
    this = week_of(timezone.localdate(at))
    days = [this - timedelta(days=7 * back) for back in range(WEEKS_SHOWN)]
    waiting = set(
        ReadsReview.objects.filter(unit=unit, at=None, week_on__in=days).values_list("week_on", flat=True)
    )
    return [
        {
            "label": "本周" if day == this else f"{day.month}月{day.day}日起",
            "url": f"?week={day:%Y-%m-%d}",
            "current": day == shown,
            "count": 1 if day in waiting else None,
            "alarm": True,
        }
        for day in days
    ]


def _held_by(unit: Organisation, path: str = "") -> Q:
    """The cases whose reads this unit's heads answer for: its own, and those of the village points below a station."""
    held = Q(**{f"{path}holder": unit})
    if unit.kind == OrgKind.STATION:
        held |= Q(
            **{f"{path}holder__kind": OrgKind.VILLAGE_POINT, f"{path}township_code": unit.township_code}
        )
    return held


def _not_barred(user: Staff) -> Q:
    """Of a case she is kept away from she does not hear, nor of one that is sealed to her; what broke in she judges."""
    return Q(case__in=Case.objects.visible_to(user))


def _looks(rows: QuerySet[Access], page: int) -> list[dict[str, Any]]:
    """One row a reader and case: how often, what, when last. What was opened before what was only looked at."""
    grouped = rows.values("case_id", "case__number", "staff_id", "staff__name", "unit__name").annotate(
        looks=Count("pk"),
        opened=Count("pk", filter=~Q(kind=AccessKind.VIEW)),
        latest=Max("at"),
        kinds=ArrayAgg("kind", distinct=True),
        groups=ArrayAgg("fields", distinct=True),
        holder=F("case__holder__name"),
    )
    ordered = grouped.order_by("-opened", "-latest", "case_id", "staff_id")
    return [dict(row) for row in ordered[(page - 1) * PAGE : page * PAGE + 1]]


def _rows(found: list[dict[str, Any]], user: Staff, *, reasons: bool) -> list[dict[str, Any]]:
    ids = {row["case_id"] for row in found}
    seen = (
        set(Case.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    )
    said = _reasons(found) if reasons and found else {}
    return [
        row
        | {
            # A number says where somebody went: only who may see the case reads it.
            "number": row["case__number"] if row["case_id"] in seen else "",
            "what": "、".join(_words(row["kinds"], row["groups"])),
            "reasons": said.get((row["case_id"], row["staff_id"]), []),
        }
        for row in found
    ]


def _words(kinds: Collection[str], groups: Iterable[str]) -> list[str]:
    opened = [FieldGroup(group).label for group in groups if group != FieldGroup.PAGE]
    if AccessKind.BREAK_IN in kinds:
        return [AccessKind.BREAK_IN.label, *opened]
    return opened or [AccessKind(kind).label for kind in kinds]


def _reasons(found: list[dict[str, Any]]) -> dict[tuple[Any, Any], list[str]]:
    latest = max(row["latest"] for row in found)
    rows = (
        AccessReason.objects.filter(
            access__case__in={row["case_id"] for row in found},
            access__staff__in={row["staff_id"] for row in found},
            access__in_line=False,
            access__at__lte=latest,
            access__at__gt=latest - 2 * WEEK,
        )
        .select_related("access")
        .order_by("access__at")
    )
    said: dict[tuple[Any, Any], list[str]] = {}
    for row in rows:
        words = said.setdefault((row.access.case_id, row.access.staff_id), [])
        if row.text not in words:
            words.append(row.text)
    return said


def _break_ins(user: Staff, unit: Organisation, start: datetime, end: datetime) -> list[EmergencyAccess]:
    """Those of the week that her unit judges, and every earlier one that still waits."""
    asked = Q(judged_at=None) | Q(at__gte=start, at__lt=end)
    return list(
        EmergencyAccess.objects.filter(asked, judge=unit)
        .filter(case__in=Case.objects.not_barred_to(user))
        .select_related("case", "staff", "unit", "judged_by")
        .order_by("-at", "-pk")[:PAGE]
    )


def waiting(user: Staff) -> list[dict[str, Any]]:
    """What of this stands on her desk: emergency accesses to judge, weeks to go through. Two queries."""
    unit = user.organisation
    if unit is None or not user.may(Permission.CASE_ACCEPT):
        return []
    unjudged = (
        EmergencyAccess.objects.unjudged()
        .filter(judge=unit, case__in=Case.objects.not_barred_to(user))
        .exclude(staff=user)
        .select_related("unit")
        .order_by("at", "pk")[:PAGE]
    )
    found = [
        {
            "what": "核实破门查看",
            "about": f"{row.unit.name}，{timezone.localtime(row.at):%m月%d日 %H:%M}",
            "url": reverse("break_in_judge", args=[row.pk]),
            "due": "",
        }
        for row in unjudged
    ]
    weeks = (
        ReadsReview.objects.filter(unit=unit, at=None).order_by("week_on").values_list("week_on", flat=True)
    )
    return found + [
        {
            "what": "核对线外查阅",
            "about": f"{day.month}月{day.day}日起的一周",
            "url": f"{reverse('reads')}?week={day:%Y-%m-%d}",
            "due": "",
        }
        for day in weeks[:PAGE]
    ]
