"""Watching over a mediation agreement: each promise by its day, and thirty days to have a court confirm it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import meet_clocks, start_term
from cases.actions.monitors.monitor import (
    check_in_force,
    end_monitor,
    open_monitor,
    refresh_monitor,
    take_step,
)
from cases.actions.monitors.visit import COUNTS_NOTHING, Visit, heard_at_last, try_again
from cases.choices import MonitorKind, MonitorOutcome, MonitorStage, MonitorStep, NoticeKind, Status
from cases.deadlines import china_date, start_of_day
from cases.models import Agreement, AgreementTerm, Case, Monitor, MonitorEntry
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff

# To ask for the confirmation is a right of both parties; to perform is what they owe.
CONFIRM, PERFORM = "CT-CONFIRM", "IN-AGREE"


@dataclass(frozen=True)
class Promised:
    """One promise: who does what, by which day."""

    what: str
    due_on: date


@transaction.atomic
def open_agreement(
    case: Case,
    *,
    made_on: date,
    terms: str,
    dues: Sequence[Promised],
    keeper: Staff,
    by: Staff,
    at: datetime,
    mediator: str = "",
    number: str = "",
) -> Monitor:
    """Watch over an agreement in force since `made_on`. At high danger there is none.

    Raises StepNotAllowed.
    """
    started = start_of_day(made_on)
    check_in_force(case, CONFIRM, started)
    if not dues:
        raise StepNotAllowed("至少写一项约定和它的履行日期。")
    monitor = open_monitor(
        case,
        MonitorKind.AGREEMENT,
        keeper=keeper,
        by=by,
        at=at,
        started_at=started,
        number=number,
        clocks=[CONFIRM],
    )
    agreement = Agreement.objects.create(monitor=monitor, mediator=mediator, terms=terms, made_on=made_on)
    AgreementTerm.objects.bulk_create(
        AgreementTerm(agreement=agreement, what=due.what, due_on=due.due_on) for due in dues
    )
    _wait_for_next(monitor, at=at)
    refresh_monitor(monitor)
    return monitor


def dues_left(monitor: Monitor) -> list[AgreementTerm]:
    """What is still to be performed, the nearest first."""
    return list(monitor.agreement.dues.filter(performed=None).order_by("due_on", "pk"))


def _wait_for_next(monitor: Monitor, *, at: datetime) -> None:
    """There is one: the last promise ends the watching."""
    start_term(monitor.case, PERFORM, until=dues_left(monitor)[0].due_on, at=at, of=monitor)


@transaction.atomic
def ask_confirmation(
    monitor: Monitor, *, asked_on: date, court: Organisation, by: Staff, at: datetime, content: str = ""
) -> None:
    """Both parties asked the court to confirm it. Source: 民事诉讼法 第205条.

    Raises StepNotAllowed; MovedOn.
    """
    agreement = monitor.agreement
    if not agreement.made_on <= asked_on <= china_date(at):
        raise StepNotAllowed("申请日期应在协议生效之后、今天之前。")
    take_step(monitor, MonitorStep.CONFIRM, by=by, at=at, entry={"content": content})
    agreement.court, agreement.confirm_asked_on = court, asked_on
    agreement.save()
    meet_clocks(monitor.case, CONFIRM, at=at, by=by, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def decide_confirmation(
    monitor: Monitor, *, confirmed: bool, decided_on: date, by: Staff, at: datetime, content: str = ""
) -> None:
    """The court confirmed it, or did not; either way the promises stay.

    Raises StepNotAllowed; MovedOn.
    """
    agreement = monitor.agreement
    if agreement.confirm_asked_on and not agreement.confirm_asked_on <= decided_on <= china_date(at):
        raise StepNotAllowed("裁定日期应在申请之后、今天之前。")
    take_step(
        monitor,
        MonitorStep.DECIDE,
        by=by,
        at=at,
        entry={"content": content},
        facts={"confirmed": confirmed},
    )
    agreement.confirmed_on = decided_on if confirmed else None
    agreement.save()


@transaction.atomic
def visit_agreement(monitor: Monitor, visit: Visit, *, by: Staff, at: datetime) -> MonitorEntry:
    """Ask how it goes.

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
def check_due(
    monitor: Monitor,
    *,
    due: AgreementTerm,
    performed: bool,
    checked_on: date,
    result: str,
    by: Staff,
    at: datetime,
) -> None:
    """One promise was kept, or was not and will not be. The last kept one ends the watching well, a broken one badly:
    then a closed case is proposed to be taken up.

    Raises StepNotAllowed; MovedOn.
    """
    left = dues_left(monitor)
    if due not in left:
        raise StepNotAllowed("这一项刚刚已经登记过，请看最新情况。")
    told: dict[str, Any] = {"entry": {"content": result}, "by": by, "at": at}
    done = performed and len(left) == 1
    if done or not performed:
        outcome = MonitorOutcome.PERFORMED if performed else MonitorOutcome.FAILED
        end_monitor(monitor, outcome, step=MonitorStep.PERFORM, met=performed, **told)
    else:
        take_step(
            monitor,
            MonitorStep.PERFORM,
            facts={"performed": True},
            stage=MonitorStage(monitor.stage),
            **told,
        )
    due.performed, due.checked_on, due.result = performed, checked_on, result
    due.save()
    if not performed and monitor.case.status == Status.CLOSED:
        announce(NoticeKind.MONITOR_NEWS, monitor.case, heads(monitor.case.holder), at=at, about=monitor)
    if monitor.is_open:
        meet_clocks(monitor.case, PERFORM, at=at, by=by, of=monitor)
        _wait_for_next(monitor, at=at)
        refresh_monitor(monitor)
