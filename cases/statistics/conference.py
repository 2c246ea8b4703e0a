"""What a meeting of the joint conference is told in figures: nothing about a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from cases.choices import ClockStatus, MeetingStatus, ReferralStatus, Status
from cases.deadlines import CHINA, china_date, last_day
from cases.models import Case, Clock, Closure, Meeting
from cases.statistics.settled import LEVELS
from stations.models import Organisation


@dataclass(frozen=True)
class MeetingFigures:
    """Matters (件) since the meeting before: registered, closed, settled at which level; open and overdue now."""

    since: datetime
    registered: int
    closed: int
    settled: Sequence[tuple[str, int, int]]
    open: int
    overdue: int


@dataclass(frozen=True)
class LateDepartment:
    """A department with referrals whose term has run out."""

    name: str
    referrals: int
    oldest_days: int


def since_last_meeting(meeting: Meeting) -> datetime:
    """When the meeting before this one was held; the beginning of the year for the first."""
    before = (
        Meeting.objects.filter(
            host=meeting.host,
            status__in=(MeetingStatus.HELD, MeetingStatus.MINUTED),
            held_at__lt=meeting.held_at,
        )
        .order_by("-held_at")
        .values_list("held_at", flat=True)
        .first()
    )
    return before or datetime(china_date(meeting.held_at).year, 1, 1, tzinfo=CHINA)


def meeting_figures(host: Organisation, since: datetime, at: datetime) -> MeetingFigures:
    """Counted as elsewhere: registrations and closings of the period, and how the place stands at its end."""
    cases = Case.objects.exclude(status=Status.VOID).filter(county_code__startswith=host.region_prefix)
    still_open = Q(status__in=Status.open_statuses)
    row = cases.aggregate(
        registered=Count("pk", filter=Q(registered_at__gte=since, registered_at__lt=at)),
        still_open=Count("pk", filter=still_open),
        overdue=Count("pk", filter=still_open & Q(due_at__lte=at)),
    )
    closings = dict(
        Closure.objects.filter(
            case__county_code__startswith=host.region_prefix,
            approved=True,
            decided_at__gte=since,
            decided_at__lt=at,
        )
        .values_list("settled_level")
        .annotate(count=Count("pk"))
    )
    closed = sum(closings.values())
    shares = [
        (level.label, closings.get(level, 0), round(100 * closings.get(level, 0) / closed) if closed else 0)
        for level in LEVELS
    ]
    return MeetingFigures(since, row["registered"], closed, shares, row["still_open"], row["overdue"])


def late_departments(host: Organisation, at: datetime) -> list[LateDepartment]:
    """Departments that owe an answer, the most first. A right to object that was let pass is no debt."""
    rows = (
        Clock.objects.filter(
            referral__status__in=ReferralStatus.open_statuses,
            case__county_code__startswith=host.region_prefix,
            status=ClockStatus.RUNNING,
            effective_due__lte=at,
        )
        .exclude(code="XF-OBJECT")
        .values("referral__department__name")
        .annotate(referrals=Count("referral", distinct=True), oldest=Min("effective_due"))
        .order_by("-referrals", "oldest")
    )
    return [
        LateDepartment(
            row["referral__department__name"],
            row["referrals"],
            (china_date(at) - last_day(row["oldest"])).days,
        )
        for row in rows
    ]
