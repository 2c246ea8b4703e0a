"""Watching over a warning letter (告诫书): visited within a week, then every three months, until three clean visits in a
row, or until it happens again."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from cases.actions.clocks import meet_clocks, start_clocks
from cases.actions.monitors.monitor import (
    check_in_force,
    end_monitor,
    open_monitor,
    refresh_monitor,
    take_step,
    watched_from,
)
from cases.actions.monitors.visit import (
    COUNTS_NOTHING,
    Breach,
    Visit,
    answer_breach,
    heard_at_last,
    try_again,
)
from cases.choices import ClockStatus, MonitorKind, MonitorOutcome, MonitorStep, VisitFinding
from cases.deadlines import start_of_day
from cases.models import Case, Clock, Feedback, Monitor, MonitorEntry, WarningLetter
from cases.workflow import StepNotAllowed
from stations.models import Staff

FIRST, NEXT = "DV-VISIT-1", "DV-VISIT-N"
# Source: 公通字〔2024〕34号 第12条.
ENOUGH = 3


@transaction.atomic
def open_letter(
    case: Case,
    *,
    delivered_on: date,
    keeper: Staff,
    by: Staff,
    at: datetime,
    number: str = "",
    police_unit: str = "",
    facts: str = "",
    issued_on: date | None = None,
    copy_received: bool = False,
    feedback: Feedback | None = None,
) -> Monitor:
    """Watch over a letter from the day it was delivered; asked twice for the same answer, the same monitor.

    Raises StepNotAllowed.
    """
    if feedback is not None and (known := watched_from(feedback, MonitorKind.WARNING_LETTER)):
        return known
    started = start_of_day(delivered_on)
    check_in_force(case, FIRST, started)
    monitor = open_monitor(
        case,
        MonitorKind.WARNING_LETTER,
        keeper=keeper,
        by=by,
        at=at,
        started_at=started,
        number=number,
        feedback=feedback,
        clocks=[FIRST],
    )
    WarningLetter.objects.create(
        monitor=monitor,
        police_unit=police_unit,
        facts=facts,
        issued_on=issued_on,
        copy_received=copy_received,
    )
    return monitor


@transaction.atomic
def visit_letter(monitor: Monitor, visit: Visit, *, by: Staff, at: datetime) -> MonitorEntry:
    """Write down a visit. A clean one in its time counts; doubt or nobody met counts nothing and is tried again.

    Raises StepNotAllowed; MovedOn.
    """
    visit.check(monitor.started_at)
    if visit.finding == VisitFinding.CLEAN and not visit.apart:
        raise StepNotAllowed("没有分别见到双方，不能算“没有再发生”：请选“有疑点，要再访”，并另约时间。")
    owed = _owed(monitor)
    clean = visit.finding == VisitFinding.CLEAN
    counts = clean and _counts(owed, visit)
    entry = visit.entry | {"counts": counts}
    if counts and monitor.clean_visits + 1 >= ENOUGH:
        return end_monitor(
            monitor,
            MonitorOutcome.CLEAN,
            step=MonitorStep.VISIT,
            by=by,
            at=at,
            happened_at=visit.happened_at,
            entry=entry,
            met=True,
            clean_visits=monitor.clean_visits + 1,
        )
    written = take_step(
        monitor,
        MonitorStep.VISIT,
        by=by,
        at=at,
        happened_at=visit.happened_at,
        entry=entry,
        facts={"finding": visit.finding},
        clean_visits=monitor.clean_visits + counts,
    )
    if visit.finding in COUNTS_NOTHING:
        try_again(monitor, since=visit.happened_at, by=by, at=at)
    else:
        heard_at_last(monitor, by=by, at=at)
        if _in_time(owed, visit.happened_at):
            meet_clocks(monitor.case, FIRST, NEXT, at=at, by=by, of=monitor)
            start_clocks(monitor.case, NEXT, started_at=visit.happened_at, at=at, of=monitor)
    refresh_monitor(monitor)
    return written


def _owed(monitor: Monitor) -> Clock:
    """The visit that is owed now: there always is one while the letter is watched.

    Raises StepNotAllowed.
    """
    owed = monitor.clocks.filter(code__in=(FIRST, NEXT), status=ClockStatus.RUNNING).first()
    if owed is None:
        raise StepNotAllowed("这项监测已经结束，请看最新情况。")
    return owed


def _in_time(owed: Clock, moment: datetime) -> bool:
    """Whether a visit at that moment is the one that is owed: the first whenever it comes, the others in the last third
    of their period. Three visits in one week are not nine months of peace."""
    if owed.code == FIRST:
        return True
    return moment >= owed.started_at + (owed.effective_due - owed.started_at) * 2 / 3


def _counts(owed: Clock, visit: Visit) -> bool:
    """Only the three-monthly visits count, unless the office has switched on that the first one does."""
    if owed.code == FIRST:
        return bool(settings.FIRST_VISIT_COUNTS)
    return _in_time(owed, visit.happened_at)


@transaction.atomic
def breach_letter(monitor: Monitor, breach: Breach, *, by: Staff, at: datetime) -> None:
    """Violence again after the warning: the watching ends, the police are to be told, the case may be taken up again.

    Source: 公通字〔2024〕34号 第12、20条. Raises StepNotAllowed; MovedOn.
    """
    if breach.happened_at < monitor.started_at:
        raise StepNotAllowed("时间不能早于这项监测的起算时间。")
    end_monitor(
        monitor,
        MonitorOutcome.RELAPSED,
        step=MonitorStep.BREACH,
        by=by,
        at=at,
        happened_at=breach.happened_at,
        entry=breach.entry,
        clean_visits=0,
    )
    answer_breach(monitor, breach, by=by, at=at)


@transaction.atomic
def note_letter(
    monitor: Monitor,
    *,
    content: str,
    by: Staff,
    at: datetime,
    educated_on: date | None = None,
    copy_received: bool = False,
) -> MonitorEntry:
    """Keep something worth knowing; when the abuser was taught the law, and that our copy has come.

    Raises StepNotAllowed; MovedOn.
    """
    written = take_step(monitor, MonitorStep.NOTE, by=by, at=at, entry={"content": content})
    letter = monitor.warning
    letter.educated_on = educated_on or letter.educated_on
    letter.copy_received = letter.copy_received or copy_received
    letter.save()
    return written
