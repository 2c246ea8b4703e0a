"""The share settled at each level by month: 小事不出村、大事不出乡、难事不出县.

Counted from the closings, not from the cases as they stand: what was closed in March and taken up again in May stays
in March.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth

from cases.deadlines import CHINA, china_date
from cases.models import Closure
from stations.choices import AdminLevel
from stations.models import Organisation

LEVELS = (AdminLevel.VILLAGE, AdminLevel.TOWNSHIP, AdminLevel.COUNTY, AdminLevel.CITY)
MONTHS = 12


@dataclass(frozen=True)
class MonthSettled:
    """The matters (件) closed in one month, by the level that settled them, in the order of LEVELS."""

    month: date
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)

    def share(self, level: AdminLevel) -> float:
        """Percent settled at this level; 0 in a month without closings."""
        return 100 * self.counts[LEVELS.index(level)] / self.total if self.total else 0.0

    def within(self, level: AdminLevel) -> float | None:
        """Percent settled at this level or below it (不出乡率); nothing to say in a month without closings."""
        below = sum(self.counts[: LEVELS.index(level) + 1])
        return 100 * below / self.total if self.total else None


def settled(org: Organisation, at: datetime, *, months: int = MONTHS) -> list[MonthSettled]:
    """The latest `months` months of the place `org` looks after, the running one last; one query."""
    wanted = _months(china_date(at), months)
    first = wanted[0]
    rows = (
        Closure.objects.filter(
            _place(org), approved=True, decided_at__gte=datetime(first.year, first.month, 1, tzinfo=CHINA)
        )
        .values(month=TruncMonth("decided_at", tzinfo=CHINA), level=F("settled_level"))
        .annotate(count=Count("pk"))
    )
    found = {(row["month"].date(), row["level"]): row["count"] for row in rows}
    return [MonthSettled(month, tuple(found.get((month, level), 0) for level in LEVELS)) for month in wanted]


def _months(day: date, count: int) -> list[date]:
    """The first days of the `count` months that end with the one of `day`."""
    latest = day.year * 12 + day.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(latest - count + 1, latest + 1)]


def _place(org: Organisation) -> Q:
    if org.level in (AdminLevel.CITY, AdminLevel.PROVINCE):
        return Q(case__county_code__startswith=org.region.prefix)
    if org.level == AdminLevel.COUNTY:
        return Q(case__county_code=org.county_code)
    return Q(case__township_code=org.township_code)
