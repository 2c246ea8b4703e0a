"""Who is reached how, beside the inbox: asked for every notice, so the outlets are kept for a while."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings

from cases.choices import ClockUnit, NoticeKind, OutletKind
from cases.deadlines import china_date
from cases.models import Delivery, Notice, Outlet
from stations.choices import OrgKind
from stations.models import Organisation
from stations.workdays import Calendar, load_calendar

KEEP_SECONDS = 30.0
DIGEST_TIME = time(8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass
class Ways:
    """The outlets in use: those a unit's messages go to, and by which gateway its people get text messages."""

    by_unit: dict[int, list[Outlet]] = field(default_factory=dict)
    gateways: dict[int, Outlet] = field(default_factory=dict)


def deliveries_for(notices: list[Notice]) -> list[Delivery]:
    """The sendings of notices about to be written: to the mailbox and the telephone of each who wants it, and one
    message a matter to each outlet of a unit. Asks the database nothing while the outlets are kept."""
    ways = _ways()
    digests = _Digests()
    told: set[tuple[object, ...]] = set()
    found: list[Delivery] = []
    for notice in notices:
        found += _personal(notice, ways, digests)
        for outlet in ways.by_unit.get(notice.recipient.organisation_id or 0, []):
            matter = (outlet.pk, *_matter(notice))
            if matter not in told:
                told.add(matter)
                found.append(_delivery(notice, outlet))
    return found


def _personal(notice: Notice, ways: Ways, digests: "_Digests") -> Iterator[Delivery]:
    person = notice.recipient
    if settings.EMAIL_URL and person.wants_mail and person.email:
        waits = person.wants_digest and not is_urgent(notice)
        yield Delivery(
            notice=notice,
            kind=OutletKind.MAIL,
            digest=waits,
            next_at=digests.after(notice.at) if waits else notice.at,
        )
    gateway = ways.gateways.get(person.organisation_id or 0) if person.mobile else None
    if gateway is not None:
        yield _delivery(notice, gateway)


def _delivery(notice: Notice, outlet: Outlet) -> Delivery:
    return Delivery(notice=notice, outlet=outlet, kind=outlet.kind, next_at=notice.at)


def _matter(notice: Notice) -> tuple[object, ...]:
    return (
        *(notice.kind, notice.case_id, notice.referral_id, notice.supervision_id, notice.task_id),
        *(notice.item_id, notice.meeting_id, notice.clock_id, notice.stage),
    )


def is_urgent(notice: Notice) -> bool:
    """Goes out at once even to whoever has the rest put together in one mail a day."""
    by_the_hour = notice.clock is not None and notice.clock.rule.unit == ClockUnit.HOUR
    return by_the_hour or notice.kind in NoticeKind.urgent


class _Digests:
    """The calendar is read only when somebody waits for a digest."""

    def __init__(self) -> None:
        self._calendar: Calendar | None = None

    def after(self, at: datetime) -> datetime:
        self._calendar = self._calendar or load_calendar()
        return next_digest(at, self._calendar)


def next_digest(at: datetime, calendar: Calendar) -> datetime:
    """08:30 in China of the first working day on which that is still to come."""
    day = china_date(at)
    if at >= datetime.combine(day, DIGEST_TIME):
        day += timedelta(days=1)
    return datetime.combine(calendar.next_working_day_on_or_after(day), DIGEST_TIME)


# -- what is kept ---------------------------------------------------------------------------------

_kept: tuple[float, Ways] = (float("-inf"), Ways())


def _ways() -> Ways:
    global _kept
    if monotonic() - _kept[0] > KEEP_SECONDS:
        _kept = (monotonic(), _read())
    return _kept[1]


def forget_outlets() -> None:
    """Read the outlets anew, after a change or between tests."""
    global _kept
    _kept = (float("-inf"), Ways())


def _read() -> Ways:
    ways = Ways()
    gateways: dict[int, Outlet] = {}
    for outlet in Outlet.objects.active().select_related("organisation").defer("address", "secret"):
        if outlet.kind == OutletKind.SMS:
            gateways.setdefault(outlet.organisation_id, outlet)
        elif outlet.kind != OutletKind.MAIL or settings.EMAIL_URL:
            ways.by_unit.setdefault(outlet.organisation_id, []).append(outlet)
    ways.gateways = _spread(gateways) if gateways else {}
    return ways


def _spread(gateways: dict[int, Outlet]) -> dict[int, Outlet]:
    """Each unit's own gateway, or that of the nearest federation whose region holds it."""
    above = {
        outlet.organisation.region_prefix: outlet
        for outlet in gateways.values()
        if outlet.organisation.kind == OrgKind.FEDERATION
    }
    nearest = sorted(above, key=len, reverse=True)
    found: dict[int, Outlet] = {}
    for pk, region in Organisation.objects.active().values_list("pk", "region_id"):
        fitting = (above[prefix] for prefix in nearest if region.startswith(prefix))
        if outlet := gateways.get(pk) or next(fitting, None):
            found[pk] = outlet
    return found
