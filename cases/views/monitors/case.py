"""What the page of a case says of its monitors, and whether they ask to take the case up again."""

from datetime import UTC, datetime
from typing import Any

from django.urls import reverse

from cases.choices import (
    MonitorKind,
    MonitorOutcome,
    MonitorStep,
    ReopenGround,
    Status,
    Step,
    VisitResult,
)
from cases.models import Case, FollowUp, Monitor
from cases.permissions import why_not_open_monitor
from cases.views.monitors.screens import KINDS, slug
from cases.views.rows import due_badge
from stations.models import Staff

FAR = datetime(9000, 1, 1, tzinfo=UTC)


def monitors_of(case: Case, user: Staff, at: datetime, happened: set[str]) -> dict[str, Any]:
    """The cards, and which kinds may be opened here."""
    rows = _rows(case) if MonitorStep.OPEN in happened else []
    return {
        "monitors": [
            {"monitor": row, "due": due_badge(row.due_at, at) if row.is_open and row.due_at else ""}
            for row in rows
        ],
        "monitor_openings": _openings(case, user),
    }


def _rows(case: Case) -> list[Monitor]:
    """Open ones first, the nearest date on top; then the ended ones, the newest on top."""
    rows = list(Monitor.objects.filter(case=case).select_related("keeper", "unit").order_by("-opened_at"))
    return sorted(rows, key=lambda row: (not row.is_open, row.due_at or FAR))


def _openings(case: Case, user: Staff) -> list[dict[str, str]]:
    if case.status in (Status.VOID, Status.MERGED) or why_not_open_monitor(user, case):
        return []
    return [
        {"label": MonitorKind(kind).label, "url": reverse("monitor_open", args=[case.number, slug(kind)])}
        for kind, told in KINDS.items()
        if told.opening
    ]


def reopening_proposed(case: Case, rows: list[dict[str, Any]], events: list[Any]) -> dict[str, str]:
    """Why a closed case should be taken up again, by what came to light since it was closed; empty without a reason."""
    if case.status != Status.CLOSED or case.ended_at is None:
        return {}
    since = case.ended_at
    ended = {row["monitor"].outcome for row in rows if (row["monitor"].ended_at or since) > since}
    breached = any(event.step == MonitorStep.BREACH and event.at >= since for event in events)
    if breached or MonitorOutcome.RELAPSED in ended or _relapsed(case, events, since):
        return {"ground": ReopenGround.RELAPSE, "words": "结案后再次施暴或复发，请决定是否重新办理。"}
    if MonitorOutcome.FAILED in ended:
        return {"ground": ReopenGround.NOT_PERFORMED, "words": "协议没有履行，请决定是否重新办理。"}
    return {}


def _relapsed(case: Case, events: list[Any], since: datetime) -> bool:
    visited = any(event.step == Step.FOLLOW_UP and event.at >= since for event in events)
    return visited and FollowUp.objects.filter(case=case, at__gte=since, result=VisitResult.RELAPSE).exists()
