"""Enter the yearly holiday notice and correct single days. Every change raises the version of the calendar."""

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from stations.choices import DayKind
from stations.models import CalendarVersion, CalendarYear, Holiday, Staff
from stations.notices import YearNotice
from stations.seeds import PUBLISHED
from stations.workdays import Calendar, read_calendar


@transaction.atomic
def announce_year(
    notice: YearNotice, *, notice_no: str, announced_on: date | None, by: Staff, at: datetime
) -> None:
    """Put the notice in place of what was computed or entered for the year; the year is no longer provisional.

    Days of the neighbouring years the notice names (New Year's rest may start in December) are set as well;
    theirs otherwise stay.
    """
    source = notice_no or f"{notice.year}年放假通知"
    _forget_year(notice.year)
    days = {day: (DayKind.REST, name) for day, name in notice.rest.items()}
    days |= {day: (DayKind.WORK, name) for day, name in notice.work.items()}
    Holiday.objects.bulk_create(
        [Holiday(date=day, kind=kind, name=name, source=source) for day, (kind, name) in days.items()],
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["kind", "name", "source"],
    )
    CalendarYear.objects.update_or_create(
        year=notice.year,
        defaults={"notice_no": notice_no, "announced_on": announced_on, "source": source},
    )
    raise_version(f"录入{notice.year}年放假通知", by=by, at=at)


@transaction.atomic
def set_day(day: date, kind: DayKind | None, name: str, *, by: Staff, at: datetime) -> None:
    """Make a day rest or work, or (kind None) leave it to the plain week again."""
    if kind is None:
        Holiday.objects.filter(date=day).delete()
    else:
        Holiday.objects.update_or_create(
            date=day, defaults={"kind": kind, "name": name, "source": "手工修改"}
        )
    raise_version(f"修改{day:%Y-%m-%d}", by=by, at=at)


def calendar_if(change: Callable[[], None]) -> Calendar:
    """The calendar as it would be after `change`, which is taken back."""
    with transaction.atomic():
        change()
        calendar = read_calendar()
        transaction.set_rollback(True)
    return calendar


def _forget_year(year: int) -> None:
    """Drop what stands for the year, also its days in the neighbouring years, but not their notices' days in it."""
    sources = dict(
        CalendarYear.objects.filter(year__range=(year - 1, year + 1))
        .exclude(source=PUBLISHED)  # one source for all the years that were shipped
        .values_list("year", "source")
    )
    own = sources.pop(year, None)
    rows = Holiday.objects.filter(Q(date__year=year) | Q(source=own) if own else Q(date__year=year))
    rows.exclude(source__in=sources.values()).delete()


def raise_version(note: str, *, by: Staff | None, at: datetime) -> None:
    """Tell every process that its calendar is old; provisional deadlines are dated again."""
    CalendarVersion.objects.create(changed_by=by, changed_at=at, note=note)
