"""Watching over a protection order (人身安全保护令): served, visited every month, extended or ended when it expires."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from cases.actions.clocks import cancel_clocks, meet_clocks, rule_in_force, start_clocks, start_term
from cases.actions.monitors.monitor import (
    check_in_force,
    end_monitor,
    open_monitor,
    refresh_monitor,
    take_step,
    watched_from,
)
from cases.actions.monitors.visit import (
    AGAIN,
    COUNTS_NOTHING,
    Breach,
    Visit,
    answer_breach,
    heard_at_last,
    try_again,
)
from cases.choices import ClockUnit, MonitorKind, MonitorOutcome, MonitorStep, VisitFinding
from cases.deadlines import add_months, china_date, compute_due, last_day
from cases.models import Case, Feedback, Monitor, MonitorEntry, ProtectionOrder
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff
from stations.workdays import load_calendar

SERVE, FOLLOW, EXPIRY = "DV-PO-SERVE", "IN-PO-FOLLOW", "IN-PO-END"
CEILING = "DV-PO-VALID"


def latest_end(case: Case, made_at: datetime) -> date:
    """The last day an order made then may be valid: the law's months, no rest day puts it off.

    Raises StepNotAllowed where no order could be made yet.
    """
    check_in_force(case, CEILING, made_at)
    months = rule_in_force(CEILING, made_at, case.place).amount
    return add_months(china_date(made_at), months)


def check_end(case: Case, made_at: datetime, valid_until: date) -> None:
    """Raises StepNotAllowed."""
    latest = latest_end(case, made_at)
    if valid_until > latest:
        raise StepNotAllowed(
            f"保护令的有效期不超过六个月（反家庭暴力法第30条）：最迟到{latest.year}年{latest.month}月{latest.day}日。"
        )
    if valid_until < china_date(made_at):
        raise StepNotAllowed("有效期不能早于作出的日期。")


@transaction.atomic
def open_order(
    case: Case,
    *,
    made_at: datetime,
    keeper: Staff,
    by: Staff,
    at: datetime,
    number: str = "",
    court: Organisation | None = None,
    measures: Sequence[str] = (),
    terms: str = "",
    valid_until: date | None = None,
    served_at: datetime | None = None,
    follows: Monitor | None = None,
    feedback: Feedback | None = None,
) -> Monitor:
    """Watch over an order from the moment it was made; without `valid_until`, as long as the law allows. One we hear of
    after its end is still to be answered to the court. Asked twice for the same answer of a court, the same monitor.

    Raises StepNotAllowed.
    """
    if feedback is not None and (known := watched_from(feedback, MonitorKind.PROTECTION_ORDER)):
        return known
    until = valid_until or latest_end(case, made_at)
    check_end(case, made_at, until)
    over = until < china_date(at)
    _check_served(made_at, served_at)
    monitor = open_monitor(
        case,
        MonitorKind.PROTECTION_ORDER,
        keeper=keeper,
        by=by,
        at=at,
        started_at=made_at,
        number=number,
        valid_until=until,
        follows=follows,
        feedback=feedback,
        clocks=[] if served_at or over else [SERVE],
    )
    ProtectionOrder.objects.create(
        monitor=monitor,
        court=court,
        measures=list(measures),
        terms=terms,
        made_at=made_at,
        served_at=served_at,
    )
    start_term(case, EXPIRY, until=until, at=at, of=monitor)
    if not over:
        _visit_next_month(monitor, since=made_at, at=at)
    refresh_monitor(monitor)
    return monitor


def _check_served(made_at: datetime, served_at: datetime | None) -> None:
    if served_at is not None and served_at < made_at:
        raise StepNotAllowed("送达时间不能早于作出时间。")


def _visit_next_month(monitor: Monitor, *, since: datetime, at: datetime) -> None:
    """The next return visit, unless the order ends before: then its end is the visit."""
    rule = rule_in_force(FOLLOW, since, monitor.case.place)
    due = compute_due(since, rule.amount, ClockUnit(rule.unit), load_calendar())
    if monitor.valid_until is None or last_day(due.effective) < monitor.valid_until:
        start_clocks(monitor.case, FOLLOW, started_at=since, at=at, of=monitor)


@transaction.atomic
def serve_order(monitor: Monitor, *, served_at: datetime, by: Staff, at: datetime, content: str = "") -> None:
    """Write down that it was served: on the parties, the police, the village, and us.

    Raises StepNotAllowed; MovedOn.
    """
    order = monitor.order
    if order.served_at is not None:
        raise StepNotAllowed("送达已经登记过。")
    _check_served(order.made_at, served_at)
    take_step(monitor, MonitorStep.SERVE, by=by, at=at, happened_at=served_at, entry={"content": content})
    order.served_at = served_at
    order.save()
    meet_clocks(monitor.case, SERVE, at=at, by=by, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def visit_order(monitor: Monitor, visit: Visit, *, by: Staff, at: datetime) -> MonitorEntry:
    """A return visit; the next is a month later. Doubt or nobody met is tried again.

    Source: 法发〔2022〕10号 第18条. Raises StepNotAllowed; MovedOn.
    """
    visit.check(monitor.started_at)
    clean = visit.finding == VisitFinding.CLEAN
    written = take_step(
        monitor,
        MonitorStep.VISIT,
        by=by,
        at=at,
        happened_at=visit.happened_at,
        entry=visit.entry,
        facts={"finding": visit.finding},
        clean_visits=monitor.clean_visits + clean,
    )
    if visit.finding in COUNTS_NOTHING:
        try_again(monitor, since=visit.happened_at, by=by, at=at)
    else:
        heard_at_last(monitor, by=by, at=at)
        meet_clocks(monitor.case, FOLLOW, at=at, by=by, of=monitor)
        _visit_next_month(monitor, since=visit.happened_at, at=at)
    refresh_monitor(monitor)
    return written


@transaction.atomic
def breach_order(monitor: Monitor, breach: Breach, *, by: Staff, at: datetime) -> None:
    """The order was broken: everybody is told, the police and the court are to be; the watching goes on.

    Source: 反家庭暴力法 第34条; 法发〔2022〕10号 第18条. Raises StepNotAllowed; MovedOn.
    """
    if breach.happened_at < monitor.started_at:
        raise StepNotAllowed("时间不能早于保护令作出的时间。")
    take_step(
        monitor,
        MonitorStep.BREACH,
        by=by,
        at=at,
        happened_at=breach.happened_at,
        entry=breach.entry,
        facts={"court": breach.court_told_at is not None},
        clean_visits=0,
    )
    answer_breach(monitor, breach, by=by, at=at)


@transaction.atomic
def extend_order(
    monitor: Monitor,
    *,
    made_at: datetime,
    valid_until: date,
    by: Staff,
    at: datetime,
    number: str = "",
    content: str = "",
) -> Monitor:
    """The court prolongs it, or, with a `number`, makes a new one that follows. Either runs at most the law's months
    from when that was made.

    Raises StepNotAllowed; MovedOn.
    """
    assert monitor.valid_until is not None  # noqa: S101 – every order has its end
    check_end(monitor.case, made_at, valid_until)
    if made_at < monitor.order.made_at or made_at > at:
        raise StepNotAllowed("作出时间应在原保护令之后、现在之前。")
    if valid_until <= monitor.valid_until:
        raise StepNotAllowed("延长后的有效期应晚于原来的有效期。")
    if number:
        return _replace(monitor, made_at, valid_until, number, content, by=by, at=at)
    take_step(
        monitor,
        MonitorStep.EXTEND,
        by=by,
        at=at,
        happened_at=made_at,
        entry={"content": content},
        facts={"until": valid_until.isoformat()},
        valid_until=valid_until,
    )
    meet_clocks(monitor.case, EXPIRY, at=at, by=by, of=monitor)
    start_term(monitor.case, EXPIRY, until=valid_until, at=at, of=monitor)
    if not monitor.clocks.live().filter(code=FOLLOW).exists():
        _visit_next_month(monitor, since=made_at, at=at)
    refresh_monitor(monitor)
    return monitor


def _replace(
    monitor: Monitor,
    made_at: datetime,
    valid_until: date,
    number: str,
    content: str,
    *,
    by: Staff,
    at: datetime,
) -> Monitor:
    end_monitor(monitor, MonitorOutcome.REPLACED, by=by, at=at, conclusion=content, met=True)
    order = monitor.order
    return open_order(
        monitor.case,
        made_at=made_at,
        keeper=monitor.keeper,
        by=by,
        at=at,
        number=number,
        court=order.court,
        measures=order.measures,
        terms=order.terms,
        valid_until=valid_until,
        follows=monitor,
    )


@transaction.atomic
def end_order(
    monitor: Monitor,
    *,
    outcome: MonitorOutcome,
    conclusion: str,
    by: Staff,
    at: datetime,
    fed_back_at: datetime | None = None,
) -> MonitorEntry:
    """The order has expired and the signed slip of the last visit is with the court; or it was revoked.

    Source: 法发〔2022〕10号 第18条. Raises StepNotAllowed; MovedOn.
    """
    if outcome == MonitorOutcome.EXPIRED:
        assert monitor.valid_until is not None  # noqa: S101 – every order has its end
        if china_date(at) <= monitor.valid_until:
            raise StepNotAllowed("保护令还没有期满。提前失效的，请选“已撤销”。")
        if fed_back_at is None:
            raise StepNotAllowed("期满后请当事人在回访单上签字，反馈给法院，再在这里登记反馈时间。")
        monitor.order.fed_back_at = fed_back_at
        monitor.order.save()
        cancel_clocks(monitor.case, SERVE, FOLLOW, AGAIN, at=at, by=by, of=monitor)
    return end_monitor(
        monitor, outcome, by=by, at=at, conclusion=conclusion, met=outcome == MonitorOutcome.EXPIRED
    )
