"""What every kind of monitor shares: opening it, one step with its record, another keeper, the end."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from cases.actions.clocks import end_on, rule_in_force, start_clocks
from cases.choices import (
    ClockStatus,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    NoticeKind,
)
from cases.deadlines import china_date, start_of_day
from cases.models import Case, ClockRule, Feedback, Monitor, MonitorEntry
from cases.notifications import announce
from cases.workflow import FIRST_STAGE, StepNotAllowed
from stations.models import Organisation, Staff
from stations.roles import Permission

ONE_AT_A_TIME = (MonitorKind.EMERGENCY, MonitorKind.SHELTER, MonitorKind.AGENCY)
# What is on paper: of two without a number and of the same day nobody could tell which is which.
PAPERS = (MonitorKind.WARNING_LETTER, MonitorKind.PROTECTION_ORDER, MonitorKind.AGREEMENT)


def check_keeper(staff: Staff, case: Case) -> Organisation:
    """A keeper is somebody in service of a unit of ours who may handle cases and see this one; returns her unit.

    Raises StepNotAllowed.
    """
    unit = staff.organisation
    able = staff.is_active and staff.may(Permission.CASE_HANDLE) and staff.may(Permission.CASE_FOLLOW_UP)
    if unit is None or not able or not Case.objects.visible_to(staff).filter(pk=case.pk).exists():
        raise StepNotAllowed(f"{staff.name}不能负责这件案件的监测事项，请另选负责人。")
    return unit


def open_monitor(
    case: Case,
    kind: MonitorKind,
    *,
    keeper: Staff,
    by: Staff,
    at: datetime,
    started_at: datetime | None = None,
    number: str = "",
    valid_until: date | None = None,
    follows: Monitor | None = None,
    feedback: Feedback | None = None,
    clocks: Iterable[str] = (),
) -> Monitor:
    """Open one, with the clocks that begin when it does. Must run inside a transaction.

    It may be opened on a case that has ended: what it watches over outlives the case.
    Raises StepNotAllowed.
    """
    unit = check_keeper(keeper, case)
    case.record(MonitorStep.OPEN, by=by, at=at, facts={"kind": kind, "keeper": keeper.pk})
    # The case row is held from here on: of two people who open the same, the second sees the first.
    case.check_danger_allows(kind)
    _check_once(case, kind, number, feedback, started_at or at)
    monitor = Monitor.objects.create(
        case=case,
        kind=kind,
        stage=FIRST_STAGE[kind],
        number=number,
        unit=unit,
        keeper=keeper,
        opened_by=by,
        opened_at=at,
        started_at=started_at or at,
        valid_until=valid_until,
        follows=follows,
        feedback=feedback,
    )
    start_clocks(case, *clocks, started_at=monitor.started_at, at=at, of=monitor)
    refresh_monitor(monitor)
    if keeper.pk != by.pk:
        announce(NoticeKind.MONITOR_NEW, case, [keeper], at=at, about=monitor)
    return monitor


def watched_from(feedback: Feedback, kind: MonitorKind) -> Monitor | None:
    """What was opened from this answer of a department already; what was a mistake does not count."""
    return feedback.monitors.filter(kind=kind).exclude(outcome=MonitorOutcome.MISTAKE).first()


def check_in_force(case: Case, code: str, moment: datetime) -> None:
    """Raises StepNotAllowed where the rule of this clock did not bind at that moment."""
    try:
        rule_in_force(code, moment, case.place)
    except ClockRule.DoesNotExist:
        raise StepNotAllowed("所填的日期还没有施行这项规定，请核对日期。") from None


def _check_once(
    case: Case, kind: MonitorKind, number: str, feedback: Feedback | None, started_at: datetime
) -> None:
    """One paper is watched once, by its number or, without one, by its day; she stays in one place at a time."""
    same = Q(feedback=feedback) if feedback else Q(pk=None)
    if number:
        same |= Q(number=number)
    elif kind in PAPERS:
        midnight = start_of_day(china_date(started_at))
        same |= Q(number="", started_at__gte=midnight, started_at__lt=midnight + timedelta(days=1))
    if kind in ONE_AT_A_TIME:
        same |= Q(stage__in=MonitorStage.open_stages)
    if case.monitors.filter(same, kind=kind).exclude(outcome=MonitorOutcome.MISTAKE).exists():
        raise StepNotAllowed(f"这件案件已经建立了这项“{kind.label}”，请在原来的页面上记。")


def take_step(
    monitor: Monitor,
    step: MonitorStep,
    *,
    by: Staff,
    at: datetime,
    happened_at: datetime | None = None,
    entry: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> MonitorEntry:
    """Move the monitor one step, write it into the case's history and keep what was said beside it.

    `entry` holds the columns of the record (way, finding, content …), `changes` those of the monitor. Must run
    inside a transaction. Raises StepNotAllowed; MovedOn.
    """
    monitor.advance(step, at=at, **changes)
    monitor.case.record(step, by=by, at=at, facts={"kind": monitor.kind} | (facts or {}))
    written = MonitorEntry.objects.create(
        monitor=monitor,
        step=step,
        happened_at=happened_at or at,
        by=by,
        unit=by.organisation or monitor.unit,
        at=at,
        **(entry or {}),
    )
    if monitor.keeper_id != by.pk:
        announce(NoticeKind.MONITOR_NEWS, monitor.case, [monitor.keeper], at=at, about=monitor)
    return written


@transaction.atomic
def add_note(monitor: Monitor, *, content: str, by: Staff, at: datetime) -> MonitorEntry:
    """Keep something worth knowing that changes nothing.

    Raises StepNotAllowed.
    """
    return take_step(monitor, MonitorStep.NOTE, by=by, at=at, entry={"content": content})


@transaction.atomic
def change_keeper(monitor: Monitor, *, keeper: Staff, by: Staff, at: datetime, content: str = "") -> None:
    """Give it to somebody else, of this unit or of another that has the case.

    Raises StepNotAllowed.
    """
    unit = check_keeper(keeper, monitor.case)
    take_step(
        monitor,
        MonitorStep.KEEPER,
        by=by,
        at=at,
        entry={"content": content},
        facts={"keeper": keeper.pk},
        keeper=keeper,
        unit=unit,
    )
    announce(NoticeKind.MONITOR_NEW, monitor.case, [keeper], at=at, about=monitor)


@transaction.atomic
def finish(
    monitor: Monitor, *, outcome: MonitorOutcome, conclusion: str, by: Staff, at: datetime
) -> MonitorEntry:
    """End it by hand, where its kind asks for nothing more.

    Raises StepNotAllowed; MovedOn.
    """
    return end_monitor(monitor, outcome, by=by, at=at, conclusion=conclusion)


def end_monitor(
    monitor: Monitor,
    outcome: MonitorOutcome,
    *,
    by: Staff,
    at: datetime,
    step: MonitorStep = MonitorStep.END,
    conclusion: str = "",
    happened_at: datetime | None = None,
    entry: dict[str, Any] | None = None,
    met: bool = False,
    **changes: Any,
) -> MonitorEntry:
    """End it by `step`; its clocks are met where that is what they waited for, cancelled otherwise. Must run inside a
    transaction.

    Raises StepNotAllowed; MovedOn.
    """
    ending = {} if step is MonitorStep.END else {"stage": MonitorStage.ENDED}
    written = take_step(
        monitor,
        step,
        by=by,
        at=at,
        happened_at=happened_at,
        entry=entry,
        facts={"outcome": outcome},
        outcome=outcome,
        conclusion=conclusion,
        ended_at=at,
        ended_by=by,
        **ending,
        **changes,
    )
    end_on(monitor, ClockStatus.MET if met else ClockStatus.CANCELLED, at=at, by=by)
    refresh_monitor(monitor)
    return written


def refresh_monitor(monitor: Monitor) -> None:
    """Copy its nearest date onto the row, where the lists sort by it."""
    nearest = (
        monitor.clocks.filter(status=ClockStatus.RUNNING)
        .order_by("effective_due", "id")
        .values_list("effective_due", flat=True)
        .first()
    )
    monitor.due_at = nearest
    Monitor.objects.filter(pk=monitor.pk).update(due_at=nearest)
