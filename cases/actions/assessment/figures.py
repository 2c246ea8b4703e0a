"""What the system counts of a station's year from ordinary records, up to one moment.

Punctuality by the day a thing was due, closing by the day it was closed; the station that registered a matter answers
for it. No figure is typed in anywhere.
"""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import localtime

from cases.choices import ClockStatus, Satisfaction
from cases.choices.assessment import AutoRule
from cases.deadlines import CHINA
from cases.models import Clock, Closure, FollowUp, HandlingRecord, Rating
from stations.models import Activity, ChecklistItem, Organisation, StationFacts, Volunteer, VolunteerService

# Numerator and denominator; a number to be reached has none.
Counted = tuple[int, int | None]
NOTICES = ("XF-NOTICE", "XF-NOTICE-T")
TOTALS = ("IN-TOTAL", "XF-DECIDE")
CONTENT = (Satisfaction.SATISFIED, Satisfaction.BASICALLY)


def count(rule: AutoRule, station: Organisation, year: int, at: datetime) -> Counted:
    """One figure of `station` for `year`, as the records stand at `at`."""
    start = datetime(year, 1, 1, tzinfo=CHINA)
    end = min(at, datetime(year + 1, 1, 1, tzinfo=CHINA))
    return COUNTS[rule](station, start, end)


def _due(station: Organisation, start: datetime, end: datetime, codes: Q) -> QuerySet[Clock]:
    """What fell due in the time. A paused or cancelled period owes nothing yet, or no more."""
    asked = Clock.objects.filter(
        codes, case__station=station, effective_due__gte=start, effective_due__lt=end
    )
    return asked.exclude(status__in=(ClockStatus.CANCELLED, ClockStatus.PAUSED))


def _in_time(due: QuerySet[Clock]) -> Counted:
    met = due.filter(status=ClockStatus.MET, ended_at__lte=F("effective_due"))
    return met.count(), due.count()


def _timely_accept(station: Organisation, start: datetime, end: datetime) -> Counted:
    return _in_time(_due(station, start, end, Q(code__in=NOTICES)))


def _timely_close(station: Organisation, start: datetime, end: datetime) -> Counted:
    return _in_time(_due(station, start, end, Q(code__in=TOTALS)))


def _return_visits(station: Organisation, start: datetime, end: datetime) -> Counted:
    return _in_time(_due(station, start, end, Q(code__startswith="IN-VISIT") | Q(code="IN-REVISIT")))


def _closed(station: Organisation, start: datetime, end: datetime) -> QuerySet[Closure]:
    return Closure.objects.filter(
        case__station=station, approved=True, decided_at__gte=start, decided_at__lt=end
    )


def _ledgers(station: Organisation, start: datetime, end: datetime) -> Counted:
    """Closings whose ledger has every column that only the station can fill."""
    here = {"case": OuterRef("case"), "round_no": OuterRef("round_no")}
    unrated = Q(satisfaction=Satisfaction.NOT_RATED)
    visited = FollowUp.objects.filter(~unrated, **here, at__lt=end)
    said = Rating.objects.filter(**here, at__lt=end)
    closed = _closed(station, start, end)
    whole = closed.filter(
        Exists(HandlingRecord.objects.filter(**here, at__lt=end)),
        ~unrated | Exists(visited) | Exists(said),
        petitioner_told_on__isnull=False,
    )
    return whole.count(), closed.count()


def _satisfaction(station: Organisation, start: datetime, end: datetime) -> Counted:
    """Every rating given in the time: at the closing, on a return visit, by herself with her query code."""
    given = (
        _closed(station, start, end),
        FollowUp.objects.filter(case__station=station, at__gte=start, at__lt=end),
        Rating.objects.filter(case__station=station, at__gte=start, at__lt=end),
    )
    rated = [rows.exclude(satisfaction=Satisfaction.NOT_RATED) for rows in given]
    content = sum(rows.filter(satisfaction__in=CONTENT).count() for rows in rated)
    return content, sum(rows.count() for rows in rated)


def _checklist(station: Organisation, start: datetime, end: datetime) -> Counted:
    items = set(ChecklistItem.objects.filter(enabled=True).values_list("code", flat=True))
    facts = StationFacts.objects.filter(station=station, at__lt=end).order_by("-at", "-pk").first()
    return len(items.intersection(facts.has)) if facts else 0, len(items)


def _volunteers(station: Organisation, start: datetime, end: datetime) -> Counted:
    return Volunteer.objects.fit_for_minors(localtime(end, CHINA).date()).filter(
        stations=station
    ).count(), None


def _services(station: Organisation, start: datetime, end: datetime) -> Counted:
    rows = VolunteerService.objects.filter(station=station, on__year=start.year, at__lt=end)
    return rows.count(), None


def _activities(station: Organisation, start: datetime, end: datetime) -> Counted:
    return Activity.objects.filter(station=station, on__year=start.year, at__lt=end).count(), None


COUNTS: dict[AutoRule, Callable[[Organisation, datetime, datetime], Counted]] = {
    AutoRule.TIMELY_ACCEPT: _timely_accept,
    AutoRule.TIMELY_CLOSE: _timely_close,
    AutoRule.RETURN_VISITS: _return_visits,
    AutoRule.LEDGERS: _ledgers,
    AutoRule.SATISFACTION: _satisfaction,
    AutoRule.CHECKLIST: _checklist,
    AutoRule.VOLUNTEERS: _volunteers,
    AutoRule.SERVICES: _services,
    AutoRule.ACTIVITIES: _activities,
}
