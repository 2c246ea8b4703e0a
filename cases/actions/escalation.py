"""Up and down the ladder: 小事不出村、大事不出乡、难事不出县."""

from datetime import date, datetime

from django.db import transaction

from cases.actions.clocks import REVIEW_CLOCKS, cancel_clocks, meet_clocks, start_clocks, start_term
from cases.actions.guarding.secrecy import let_in
from cases.actions.ownership import check_owner, check_unit_not_barred, hand_over, units_above
from cases.choices import EscalationReason, EscalationStatus, NoticeKind, Part, Risk, Step
from cases.models import Case, Escalation, Holding
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.models import Organisation, Staff


@transaction.atomic
def escalate(
    case: Case, *, to_unit: Organisation, reason: EscalationReason, tried: str, by: Staff, at: datetime
) -> Escalation:
    """Send a case up: the upper level now sees it and has three working days, two hours if the risk is red.

    The holder stays responsible until the upper level decides.
    Raises StepNotAllowed.
    """
    check_unit_not_barred(case, to_unit)
    choices = units_above(case)
    if to_unit not in choices:
        raise StepNotAllowed("只能上报到本地的上级妇联或维权站。")
    reached = max(AdminLevel(case.reached), to_unit.level, key=lambda level: level.rank)
    case.record(Step.ESCALATE, by=by, at=at, facts={"to": to_unit.pk, "reason": reason}, reached=reached)
    # Asked while the case row is held: of two people sending it up at once the second sees the first.
    if case.escalations.filter(status=EscalationStatus.SUBMITTED).exists():
        raise StepNotAllowed("已经上报，正等上级审核。")
    escalation = Escalation.objects.create(
        case=case,
        from_org=case.holder,
        to_org=to_unit,
        reason=reason,
        tried=tried,
        skips_level=to_unit != choices[0],
        submitted_by=by,
        submitted_at=at,
    )
    meet_clocks(case, "IN-GUIDED", at=at, by=by)
    start_clocks(case, "IN-REVIEW-U" if case.risk == Risk.RED else "IN-REVIEW", started_at=at, at=at)
    let_in(case, heads(to_unit), by=by, at=at)
    announce(NoticeKind.ESCALATED, case, heads(to_unit), at=at)
    return escalation


def _decide(
    case: Case,
    status: EscalationStatus,
    guidance: str,
    *,
    by: Staff,
    at: datetime,
    term_on: date | None = None,
) -> Escalation | None:
    """Answer the escalation that waits, if one does."""
    waiting = case.escalations.select_for_update().filter(status=EscalationStatus.SUBMITTED).first()
    if waiting:
        waiting.status, waiting.decided_by, waiting.decided_at = status, by, at
        waiting.guidance, waiting.term_on = guidance, term_on
        waiting.save()
    meet_clocks(case, *REVIEW_CLOCKS, at=at, by=by)
    return waiting


@transaction.atomic
def take_over(case: Case, *, owner: Staff, guidance: str, by: Staff, at: datetime) -> None:
    """The upper level takes the case; the former owner stays as assistant; the whole-case clocks run on.

    Raises StepNotAllowed.
    """
    unit = by.organisation
    if unit is None:
        raise StepNotAllowed("您没有所属单位。")
    check_owner(owner, unit, case)
    former = case.owner
    reached = max(AdminLevel(case.reached), unit.level, key=lambda level: level.rank)
    case.advance(
        Step.TAKE_OVER,
        by=by,
        at=at,
        note=guidance,
        facts={"unit": unit.pk, "owner": owner.pk, "from": case.holder_id},
        holder=unit,
        owner=owner,
        level=unit.level,
        reached=reached,
    )
    _decide(case, EscalationStatus.TAKEN_OVER, guidance, by=by, at=at)
    cancel_clocks(case, "IN-GUIDED", at=at, by=by)  # a term it set for the unit below binds nobody now
    hand_over(case, to_unit=unit, to=owner, at=at, leave_as=Part.ASSISTANT)
    announce(NoticeKind.GUIDED, case, [former], at=at)
    if owner.pk != by.pk:
        announce(NoticeKind.ASSIGNED, case, [owner], at=at)


@transaction.atomic
def guide(case: Case, *, guidance: str, term_on: date, by: Staff, at: datetime) -> None:
    """Answer with guidance and a term; the lower unit goes on handling.

    Raises StepNotAllowed.
    """
    case.record(Step.GUIDE, by=by, at=at, facts={"term": term_on.isoformat()})
    if _decide(case, EscalationStatus.GUIDED, guidance, by=by, at=at, term_on=term_on) is None:
        raise StepNotAllowed("这次上报已有人处理。")
    cancel_clocks(case, "IN-GUIDED", at=at, by=by)
    start_term(case, "IN-GUIDED", until=term_on, at=at)
    announce(NoticeKind.GUIDED, case, [case.owner], at=at)


@transaction.atomic
def handle_jointly(case: Case, *, co_owner: Staff, split: str, by: Staff, at: datetime) -> None:
    """Both levels handle: the lower keeps the case, the upper names a co-owner and says who does what.

    Raises StepNotAllowed.
    """
    unit = by.organisation
    if unit is None:
        raise StepNotAllowed("您没有所属单位。")
    check_owner(co_owner, unit, case)
    case.record(Step.CO_HANDLE, by=by, at=at, facts={"unit": unit.pk, "co_owner": co_owner.pk})
    if _decide(case, EscalationStatus.CO_HANDLED, split, by=by, at=at) is None:
        raise StepNotAllowed("这次上报已有人处理。")
    case.holdings.filter(until_at=None, staff=co_owner, part=Part.CO_OWNER).update(until_at=at)
    Holding.objects.create(
        case=case, organisation=unit, staff=co_owner, level=unit.level, part=Part.CO_OWNER, since_at=at
    )
    announce(NoticeKind.GUIDED, case, [case.owner], at=at)
    if co_owner.pk != by.pk:
        announce(NoticeKind.ASSIGNED, case, [co_owner], at=at)


@transaction.atomic
def send_down(case: Case, *, owner: Staff, guidance: str, by: Staff, at: datetime) -> None:
    """Give the case back to the unit it was taken over from, with what was done and what remains.

    Raises StepNotAllowed.
    """
    unit = case.came_from()
    check_owner(owner, unit, case)
    case.advance(
        Step.SEND_DOWN,
        by=by,
        at=at,
        note=guidance,
        facts={"unit": unit.pk, "owner": owner.pk, "from": case.holder_id},
        holder=unit,
        owner=owner,
        level=unit.level,
    )
    case.escalations.filter(status__in=(EscalationStatus.TAKEN_OVER, EscalationStatus.CO_HANDLED)).update(
        status=EscalationStatus.RETURNED_DOWN
    )
    hand_over(case, to_unit=unit, to=owner, at=at)
    case.holdings.filter(until_at=None).exclude(part=Part.OWNER).update(until_at=at)
    announce(NoticeKind.ASSIGNED, case, [owner], at=at)
