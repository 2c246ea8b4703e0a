"""What is watched over (监测事项): by the unit that keeps it, the next date first. Pages by keyset."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.choices import MonitorStage
from cases.forms.monitors.listing import SHOWS, MonitorFilter
from cases.models import Monitor
from cases.models.monitor import MonitorQuerySet
from cases.views.access import require
from cases.views.paging import Cursor, read_cursor, url_after, write_cursor
from cases.views.rows import due_badge
from cases.workflow import MONITOR_TURN
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

PAGE = 30
FAR = datetime(9000, 1, 1, tzinfo=UTC)
IS_OPEN = Q(stage__in=MonitorStage.open_stages)


@require_GET
def monitors(request: StaffRequest) -> HttpResponse:
    user = request.user
    require(user, Permission.CASE_FOLLOW_UP)
    at = timezone.now()
    form = MonitorFilter(request.GET)
    chosen = form.chosen()
    seen = Monitor.objects.visible_to(user)
    cursor = read_cursor(request.GET.get("after", ""))
    ended = chosen["show"] == "ended"
    rows = list(_page(_filtered(seen, chosen, user, at), cursor, ended=ended)[: PAGE + 1])
    latest: Any = rows[PAGE - 1] if len(rows) > PAGE else None
    context = {
        "form": form,
        "rows": [_row(found, user, at) for found in rows[:PAGE]],
        "tabs": _tabs(chosen, _counts(seen, user, at)),
        "next_url": url_after(request, write_cursor(latest.place, latest.pk)) if latest else "",
        "first_url": url_after(request, "") if cursor else "",
    }
    return render(request, "monitors/list.html", context)


def _shown(show: str, user: Staff, at: datetime) -> Q:
    match show:
        case "mine":
            return IS_OPEN & Q(keeper=user)
        case "late":
            return IS_OPEN & Q(due_at__lte=at)
        case "all":
            return IS_OPEN
        case "ended":
            return ~IS_OPEN
        case _:
            return IS_OPEN & Q(unit=user.organisation)


def _counts(seen: MonitorQuerySet, user: Staff, at: datetime) -> dict[str, int]:
    """All figures on top in one query."""
    counted = {show: Count("pk", filter=_shown(show, user, at)) for show, _ in SHOWS if show != "ended"}
    return seen.aggregate(**counted)


def _filtered(seen: MonitorQuerySet, chosen: dict[str, str], user: Staff, at: datetime) -> MonitorQuerySet:
    seen = seen.filter(_shown(chosen["show"], user, at))
    return seen.filter(kind=chosen["kind"]) if chosen["kind"] else seen


def _page(seen: MonitorQuerySet, cursor: Cursor | None, *, ended: bool) -> MonitorQuerySet:
    """Open ones by their next date, the nearest first; ended ones the newest first."""
    placed = seen.annotate(place=Coalesce("ended_at" if ended else "due_at", FAR))
    if cursor and cursor.moment:
        _, moment, pk = cursor
        later = (
            Q(place__lt=moment) | Q(place=moment, pk__lt=pk)
            if ended
            else Q(place__gt=moment) | Q(place=moment, pk__gt=pk)
        )
        placed = placed.filter(later)
    order = ("-place", "-pk") if ended else ("place", "pk")
    return placed.order_by(*order).select_related("case", "keeper", "unit")


def _row(found: Monitor, user: Staff, at: datetime) -> dict[str, Any]:
    return {
        "url": reverse("monitor", args=[found.pk]),
        "kind": found.get_kind_display(),
        "number": found.number,
        "case_number": found.case.number,
        "case_url": reverse("case", args=[found.case.number]),
        "label": found.case.label,
        "case_ended": not found.case.is_open,
        "stage": found.get_stage_display(),
        "step": MONITOR_TURN[MonitorStage(found.stage)] if found.is_open else found.get_outcome_display(),
        "keeper": found.keeper.name,
        "unit": found.unit.name,
        "mine": found.is_open and found.keeper_id == user.pk,
        "tone": "open" if found.is_open else "done",
        "late": found.is_open and found.due_at is not None and found.due_at <= at,
        "due": due_badge(found.due_at, at) if found.is_open else "",
        "ended_at": found.ended_at,
    }


def _tabs(chosen: dict[str, str], counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?{urlencode(chosen | {'show': show})}",
            "current": show == chosen["show"],
            "count": counts.get(show),
            "alarm": show == "late",
        }
        for show, label in SHOWS
    ]
