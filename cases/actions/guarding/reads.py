"""What others read of a unit's cases in a week: its heads are told on Monday and go through it."""

from datetime import date, datetime, time, timedelta

from django.db import transaction

from cases.actions.guarding.break_in import overseer_of
from cases.choices import AccessKind, NoticeKind
from cases.deadlines import CHINA, china_date
from cases.models import Access, MovedOn, ReadsReview
from cases.notifications import announce, heads
from stations.models import Organisation, Staff

WEEK = timedelta(days=7)


def week_of(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def bounds(week_on: date) -> tuple[datetime, datetime]:
    """The week from midnight to midnight in China."""
    start = datetime.combine(week_on, time(), CHINA)
    return start, start + WEEK


def tell_of_reads(at: datetime) -> int:
    """Open the list of the past week for every unit of whose cases others read, and tell its heads; how many.

    Done once a unit and week: a second run finds the row and tells nobody.
    """
    week_on = week_of(china_date(at)) - WEEK
    start, end = bounds(week_on)
    read = Access.objects.filter(at__gte=start, at__lt=end, in_line=False).exclude(kind=AccessKind.SEARCH)
    holders = Organisation.objects.filter(pk__in=read.values("case__holder")).select_related("region")
    units = {unit.pk: unit for unit in map(overseer_of, holders)}
    return sum(_tell(unit, week_on, at) for unit in units.values())


@transaction.atomic
def _tell(unit: Organisation, week_on: date, at: datetime) -> bool:
    _, new = ReadsReview.objects.get_or_create(unit=unit, week_on=week_on, defaults={"told_at": at})
    if new:
        announce(NoticeKind.READS, None, heads(unit), at=at)
    return new


def review_reads(unit: Organisation, week_on: date, *, by: Staff, at: datetime) -> None:
    """A head has gone through the week.

    Raises MovedOn when a colleague was faster.
    """
    if not ReadsReview.objects.filter(unit=unit, week_on=week_on, at=None).update(by=by, at=at):
        raise MovedOn("这一周刚刚已由别人核对，或者没有要核对的。")
