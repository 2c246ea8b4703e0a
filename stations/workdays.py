"""Working days. Everything here is dates in, dates out; only `load_calendar` reads the tables."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from stations.choices import DayKind
from stations.models import CalendarVersion, CalendarYear, Holiday

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Monday to Friday, less the days off, plus the make-up work days (调休)."""

    rest: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    announced: frozenset[int] = frozenset()

    def is_working_day(self, day: date) -> bool:
        if day in self.work:
            return True
        return day.weekday() < SATURDAY and day not in self.rest

    def add_working_days(self, start: date, count: int) -> tuple[date, list[date]]:
        """The count-th working day after `start`, which itself is not counted, and the days passed over.

        Raises: ValueError for a negative count.
        """
        if count < 0:
            raise ValueError("count must not be negative")
        day, skipped = start, []
        while count:
            day += DAY
            if self.is_working_day(day):
                count -= 1
            else:
                skipped.append(day)
        return day, skipped

    def next_working_day_on_or_after(self, day: date) -> date:
        while not self.is_working_day(day):
            day += DAY
        return day

    def working_days_between(self, earlier: date, later: date) -> int:
        """Working days after `earlier` up to and with `later`; 0 when `later` is not later."""
        days = (earlier + timedelta(days=n) for n in range(1, (later - earlier).days + 1))
        return sum(self.is_working_day(day) for day in days)

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether a year in this stretch has no notice yet, so that its days may still move."""
        return any(year not in self.announced for year in range(first.year, last.year + 1))


_loaded: tuple[int, Calendar] | None = None


def calendar_version() -> int:
    """Rises with every change of the calendar; 0 for an empty one. One look at the end of an index."""
    with connection.cursor() as cursor:  # asked by every period that starts
        cursor.execute(f"SELECT max(id) FROM {CalendarVersion._meta.db_table}")  # noqa: S608 – our own table
        return cursor.fetchone()[0] or 0


def load_calendar() -> Calendar:
    """The calendar as it stands, kept by this process until its version changes."""
    global _loaded
    version = calendar_version()
    if _loaded is None or _loaded[0] != version or version == 0:
        _loaded = (version, read_calendar())
    return _loaded[1]


def read_calendar() -> Calendar:
    """The calendar as the tables have it at this moment, inside this transaction."""
    days = list(Holiday.objects.values_list("date", "kind"))
    return Calendar(
        rest=frozenset(day for day, kind in days if kind == DayKind.REST),
        work=frozenset(day for day, kind in days if kind == DayKind.WORK),
        announced=frozenset(CalendarYear.objects.values_list("year", flat=True)),
    )
