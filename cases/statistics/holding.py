"""How long each unit and each person had a case (持有时间), and how long a unit keeps its cases."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from uuid import UUID

from django.db.models import Q

from cases.choices import Part
from cases.deadlines import china_date
from cases.models import Case, Holding
from stations.models import Organisation
from stations.workdays import Calendar, load_calendar
from weiquan.prepared import Prepared

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Held:
    """One person of one unit in one part. Days are counted as the law counts them: the first is not counted."""

    unit: str
    staff: str
    part: Part
    since: datetime
    until: datetime | None
    days: int
    working_days: int


def held(case: Case, at: datetime) -> list[Held]:
    """Who had the case from when until when, in order; an open span is counted up to `at`."""
    calendar = load_calendar()
    found = []
    for unit, staff, part, since, until in _HELD(case.pk):
        first, last = china_date(since), china_date(until or at)
        working_days = calendar.working_days_between(first, last)
        found.append(Held(unit, staff, Part(part), since, until, (last - first).days, working_days))
    return found


# Asked by every case page.
_HELD = Prepared(
    lambda case: (
        Holding.objects.filter(case=case)
        .order_by("since_at", "pk")
        .values_list("organisation__name", "staff__name", "part", "since_at", "until_at")
    ),
    sample=UUID(int=0),
)


@dataclass(frozen=True)
class HoldingDays:
    """How a unit held its cases in a stretch of time: only the days inside it are counted."""

    cases: int
    working_days: int
    longest: int

    @property
    def average(self) -> float:
        """Working days a case."""
        return round(self.working_days / self.cases, 1) if self.cases else 0.0


def holding_days(unit: Organisation, since: datetime, until: datetime) -> HoldingDays:
    """The working days `unit` owned cases between two moments, the case being passed from hand to hand within it.

    Counted per case: two owners of one unit, one after the other, are one stay.
    """
    rows = (
        Holding.objects.filter(organisation=unit, part=Part.OWNER, since_at__lt=until)
        .filter(Q(until_at=None) | Q(until_at__gt=since))
        .values_list("case", "since_at", "until_at")
    )
    count = _counter(load_calendar(), china_date(since), china_date(until))
    stays: dict[UUID, int] = {}
    for case, start, end in rows.iterator():
        first, last = max(start, since), min(end or until, until)
        stays[case] = stays.get(case, 0) + count[china_date(last)] - count[china_date(first)]
    return HoldingDays(len(stays), sum(stays.values()), max(stays.values(), default=0))


def _counter(calendar: Calendar, first: date, last: date) -> dict[date, int]:
    """Working days after `first` up to each day: a year of a county asks it ten thousand times."""
    days = [first + DAY * n for n in range(1, (last - first).days + 1)]
    counts = accumulate((calendar.is_working_day(day) for day in days), initial=0)
    return dict(zip([first, *days], counts, strict=True))
