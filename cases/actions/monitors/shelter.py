"""A stay in a shelter: ten days as a rule, longer where civil affairs knows; it ends with where she goes and who goes along.

Where it is stands in one sealed field and is shown to the line alone, one look at a time.
"""

from datetime import date, datetime

from django.db import transaction

from cases.actions.clocks import meet_clocks, start_term
from cases.actions.monitors.monitor import end_monitor, open_monitor, refresh_monitor, take_step
from cases.actions.monitors.visit import COUNTS_NOTHING, Visit, heard_at_last, try_again
from cases.choices import MonitorKind, MonitorOutcome, MonitorStep
from cases.deadlines import china_date
from cases.models import Case, Monitor, MonitorEntry, ShelterStay
from cases.workflow import StepNotAllowed
from stations.models import Staff

STAY = "DV-SHELTER"


@transaction.atomic
def open_stay(
    case: Case,
    *,
    entered_at: datetime,
    place: str,
    keeper: Staff,
    by: Staff,
    at: datetime,
    contact: str = "",
    children: int = 0,
    proof: str = "",
) -> Monitor:
    """She has moved in; one stay at a time.

    Raises StepNotAllowed.
    """
    monitor = open_monitor(
        case,
        MonitorKind.SHELTER,
        keeper=keeper,
        by=by,
        at=at,
        started_at=min(entered_at, at),
        clocks=[STAY],
    )
    ShelterStay.objects.create(monitor=monitor, place=place, contact=contact, children=children, proof=proof)
    return monitor


@transaction.atomic
def visit_stay(monitor: Monitor, visit: Visit, *, by: Staff, at: datetime) -> MonitorEntry:
    """How she is there.

    Raises StepNotAllowed; MovedOn.
    """
    visit.check(monitor.started_at)
    written = take_step(
        monitor,
        MonitorStep.VISIT,
        by=by,
        at=at,
        happened_at=visit.happened_at,
        entry=visit.entry,
        facts={"finding": visit.finding},
    )
    if visit.finding in COUNTS_NOTHING:
        try_again(monitor, since=visit.happened_at, by=by, at=at)
    else:
        heard_at_last(monitor, by=by, at=at)
    refresh_monitor(monitor)
    return written


@transaction.atomic
def prolong_stay(
    monitor: Monitor, *, until: date, filed_on: date, content: str, by: Staff, at: datetime
) -> None:
    """Longer than the rule, filed with civil affairs on `filed_on`.

    Source: 民发〔2015〕189号 第3条. Raises StepNotAllowed; MovedOn.
    """
    stay = monitor.stay
    latest = stay.prolonged_until or china_date(at)
    if until <= latest:
        raise StepNotAllowed("延长到的日期应晚于现在的期限和今天。")
    if filed_on > china_date(at):
        raise StepNotAllowed("报民政的日期不能晚于今天。")
    take_step(
        monitor,
        MonitorStep.EXTEND,
        by=by,
        at=at,
        entry={"content": content},
        facts={"until": until.isoformat(), "filed": filed_on.isoformat()},
        valid_until=until,
    )
    stay.prolonged_until = until
    stay.save()
    meet_clocks(monitor.case, STAY, at=at, by=by, of=monitor)
    start_term(monitor.case, STAY, until=until, at=at, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def leave_shelter(
    monitor: Monitor,
    *,
    outcome: MonitorOutcome,
    conclusion: str,
    by: Staff,
    at: datetime,
    left_at: datetime | None = None,
    destination: str = "",
    escort: str = "",
) -> MonitorEntry:
    """She leaves: nobody goes without saying where to and who goes along.

    Raises StepNotAllowed; MovedOn.
    """
    if outcome == MonitorOutcome.LEFT:
        if left_at is None or not destination or not escort:
            raise StepNotAllowed("离开庇护要写明离开时间、去向和护送人。")
        if left_at < monitor.started_at:
            raise StepNotAllowed("离开时间不能早于入住时间。")
        stay = monitor.stay
        stay.left_at, stay.destination, stay.escort = left_at, destination, escort
        stay.save()
    return end_monitor(
        monitor,
        outcome,
        by=by,
        at=at,
        happened_at=left_at,
        conclusion=conclusion,
        met=outcome == MonitorOutcome.LEFT,
    )
