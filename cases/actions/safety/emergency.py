"""A case of high danger: five duties that begin at once, each done or given a reason for.

Source: 妇联组织受理家庭暴力投诉工作规程 第11条.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.actions.clocks import meet_clocks
from cases.actions.guarding.consent import disclose
from cases.actions.monitors.monitor import (
    check_keeper,
    end_monitor,
    open_monitor,
    refresh_monitor,
    take_step,
)
from cases.choices import (
    DisclosureKind,
    LegalBasis,
    MonitorKind,
    MonitorOutcome,
    MonitorStep,
    NoticeKind,
)
from cases.models import Case, Emergency, Monitor
from cases.notifications import announce, county_federation, heads
from cases.permissions import why_no_mistake
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.models import Organisation, Staff

POLICE_CLOCK, PLAN_CLOCK = "IN-EM-POLICE", "IN-EM-PLAN"


@dataclass(frozen=True)
class Duty:
    """One thing that high danger demands."""

    code: str
    label: str
    done: bool


@dataclass(frozen=True)
class PoliceEntry:
    """A report to the police; or, without `reported_at`, why there was none and which leader is told."""

    reported_at: datetime | None = None
    unit: str = ""
    officer: str = ""
    receipt_number: str = ""
    because: str = ""
    leader: Staff | None = None


def open_emergency(case: Case, *, by: Staff, at: datetime) -> Monitor | None:
    """Open it unless one is open, and tell everybody who must act. Must run inside a transaction."""
    if current_emergency(case) is not None:
        return None
    monitor = open_monitor(
        case,
        MonitorKind.EMERGENCY,
        keeper=_keeper(case, by),
        by=by,
        at=at,
        clocks=(POLICE_CLOCK, PLAN_CLOCK),
    )
    upper = upper_of(case)
    above = heads(upper) if upper is not None else []
    # Whom the notice cannot lead to the case is told by telephone, and that is written down.
    told = bool(above) and upper is not None and upper.level == AdminLevel.COUNTY
    Emergency.objects.create(monitor=monitor, upper=upper, upper_told_at=at if told else None)
    hear = [case.owner, *heads(case.holder), *(above if told else [])]
    announce(NoticeKind.EMERGENCY, case, [one for one in hear if one is not None], at=at, about=monitor)
    return monitor


def fold_emergency(case: Case, into: Case, *, by: Staff, at: datetime) -> None:
    """Two cases become one: the emergency of the first ends, the second has one of its own. Must run inside a
    transaction."""
    monitor = current_emergency(case)
    if monitor is not None:
        words = f"并入{into.number}，在该案继续处置。"
        end_monitor(monitor, MonitorOutcome.WITHDRAWN, by=by, at=at, conclusion=words)
        open_emergency(into, by=by, at=at)


def current_emergency(case: Case) -> Monitor | None:
    return case.monitors.open().filter(kind=MonitorKind.EMERGENCY).first()


def _keeper(case: Case, by: Staff) -> Staff:
    """The owner, where she can act; else whoever found the danger."""
    if case.owner is None:
        return by
    try:
        check_keeper(case.owner, case)
    except StepNotAllowed:
        return by
    return case.owner


def upper_of(case: Case) -> Organisation | None:
    """The federation over the unit that has the case."""
    county = county_federation(case)
    if county is not None and county.pk != case.holder_id:
        return county
    return Organisation.objects.federation_of(case.county_code[: AdminLevel.CITY.digits])


def duties_of(monitor: Monitor) -> tuple[Duty, ...]:
    """The five, in the order in which they are to be done."""
    row, case, since = monitor.emergency, monitor.case, monitor.opened_at
    return (
        Duty("police", "报警", row.police_at is not None or bool(row.no_police_because)),
        Duty("upper", "报告上级妇联", row.upper_told_at is not None),
        Duty("keeper", "专人负责", True),
        Duty("plan", "个案服务方案", case.service_plans.filter(at__gte=since).exists()),
        Duty("safety", "安全计划", case.safety_plans.filter(at__gte=since).exists()),
    )


@transaction.atomic
def record_police(monitor: Monitor, told: PoliceEntry, *, by: Staff, at: datetime) -> None:
    """Write down the report, or who was told that there is none. Either ends the hour.

    Raises StepNotAllowed; MovedOn.
    """
    row = monitor.emergency
    if told.reported_at is None and row.police_at is not None:
        raise StepNotAllowed("已经登记过报警，不能再登记为没有报警。")
    take_step(
        monitor,
        MonitorStep.POLICE,
        by=by,
        at=at,
        happened_at=told.reported_at,
        entry={
            "persons": told.officer,
            "content": told.because or "，".join(filter(None, (told.unit, told.receipt_number))),
        },
        facts={
            "reported": told.reported_at is not None,
            "leader": told.leader.pk if told.leader is not None else None,
        },
    )
    row.police_at, row.police_unit = told.reported_at, told.unit
    row.police_officer, row.receipt_number = told.officer, told.receipt_number
    row.no_police_because = told.because
    row.save()
    if told.reported_at is not None:
        _log(monitor, told, by=by, at=at)
    meet_clocks(monitor.case, POLICE_CLOCK, at=at, by=by, of=monitor)
    refresh_monitor(monitor)
    if told.leader is not None:
        announce(NoticeKind.EMERGENCY, monitor.case, [told.leader], at=at, about=monitor)


def _log(monitor: Monitor, told: PoliceEntry, *, by: Staff, at: datetime) -> None:
    disclose(
        monitor.case,
        DisclosureKind.POLICE,
        by=by,
        at=at,
        recipient="，".join(part for part in (told.unit, told.officer) if part),
        what="人在哪里、有什么危险，已知的最少事实",
        basis=LegalBasis.EMERGENCY,
        purpose="制止正在发生、即将发生的伤害",
    )


@transaction.atomic
def tell_upper(monitor: Monitor, *, told_at: datetime, who: str, by: Staff, at: datetime) -> None:
    """Write down that the upper federation was told by telephone, and whom.

    Raises StepNotAllowed; MovedOn.
    """
    take_step(monitor, MonitorStep.UPPER, by=by, at=at, happened_at=told_at, entry={"persons": who})
    monitor.emergency.upper_told_at = told_at
    monitor.emergency.save()


def note_planned(case: Case, *, by: Staff, at: datetime) -> None:
    """Both plans made since the emergency opened: what it waited for has happened."""
    monitor = current_emergency(case)
    if monitor is None or not all(
        duty.done for duty in duties_of(monitor) if duty.code in ("plan", "safety")
    ):
        return
    meet_clocks(case, PLAN_CLOCK, at=at, by=by, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def end_emergency(
    monitor: Monitor, *, conclusion: str, because: str = "", mistake: bool = False, by: Staff, at: datetime
) -> None:
    """End it when every duty is done, or `because` says why one is not; the police always have an answer. One that
    somebody else finds opened by mistake, a leader, ends as such.

    Raises StepNotAllowed; MovedOn.
    """
    if mistake:
        if refusal := why_no_mistake(by, monitor):
            raise StepNotAllowed(refusal)
        end_monitor(monitor, MonitorOutcome.MISTAKE, by=by, at=at, conclusion=conclusion)
        _tell_upper_of_end(monitor, by=by, at=at)
        return
    missing = [duty for duty in duties_of(monitor) if not duty.done]
    if any(duty.code == "police" for duty in missing):
        raise StepNotAllowed("先登记报警情况：已经报警，或者没有报警的原因。")
    if missing and not because:
        names = "、".join(duty.label for duty in missing)
        raise StepNotAllowed(f"还没有完成：{names}。完成后再结束，或写明为什么不做。")
    words = "\n".join(filter(None, (conclusion, because)))
    end_monitor(monitor, MonitorOutcome.DONE, by=by, at=at, conclusion=words, met=not missing)
    _tell_upper_of_end(monitor, by=by, at=at)


def _tell_upper_of_end(monitor: Monitor, *, by: Staff, at: datetime) -> None:
    upper = monitor.emergency.upper
    if upper is not None and monitor.emergency.upper_told_at is not None:
        hear = [one for one in heads(upper) if one.pk not in (by.pk, monitor.keeper_id)]
        announce(NoticeKind.MONITOR_NEWS, monitor.case, hear, at=at, about=monitor)
