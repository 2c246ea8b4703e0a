"""Propose, approve or send back a closing; visit afterwards; take it up again."""

from datetime import date, datetime

from django.db import transaction

from cases.actions.archive.classes import reopen_file
from cases.actions.clocks import cancel_clocks, meet_all, meet_clocks, start_clocks
from cases.actions.conference_task import check_no_open_tasks
from cases.actions.guarding.secrecy import let_decide
from cases.actions.monitors.visit import AGAIN, ask_again
from cases.actions.ownership import check_owner, hand_over
from cases.actions.safety.danger import DangerEntry, check_asked_before_closing
from cases.choices import (
    DangerLevel,
    NoticeKind,
    Outcome,
    PetitionForm,
    ReopenGround,
    Risk,
    Satisfaction,
    Step,
    VisitResult,
)
from cases.models import Case, Closure, FollowUp
from cases.notifications import announce, county_federation, heads
from cases.permissions import permission_to_close
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.models import Staff
from stations.roles import Permission

VISITS_AFTER_VIOLENCE = ("IN-VISIT-1", "IN-VISIT-2", "IN-VISIT-3")
# Where the danger was high: the first weeks are the worst.
VISITS_IN_DANGER = tuple(f"IN-VISIT-H{n}" for n in range(1, 7))
VISITS = (*VISITS_IN_DANGER, *VISITS_AFTER_VIOLENCE, "IN-VISIT")
VISIT_CLOCKS = (*VISITS, AGAIN)


@transaction.atomic
def propose_close(
    case: Case,
    *,
    outcome: Outcome,
    solution: str,
    settled_level: AdminLevel,
    by: Staff,
    at: datetime,
    petitioner_told_on: date | None = None,
    petitioner_view: str = "",
    satisfaction: Satisfaction = Satisfaction.NOT_RATED,
    danger_not_asked: DangerEntry | None = None,
) -> Closure:
    """Say how the matter ended and ask for approval. A referred case waits for the written answer first, one whose
    danger was scored for a fresh scoring or, in `danger_not_asked`, the reason why there can be none.

    Source: 家庭暴力多部门合作工作手册 (closing a referred case needs the receiving body's written reply).
    Raises StepNotAllowed.
    """
    if case.open_referrals:
        raise StepNotAllowed("还有未销号的转交：部门书面答复收到并销号后才能结案。纸质答复可以代录。")
    if case.monitors.owed().exists():
        raise StepNotAllowed(
            "强制报告还没有作出：先向公安报告并登记，再提请结案。报告以后结案，跟踪照常继续。"
        )
    case.advance(Step.PROPOSE_CLOSE, by=by, at=at, facts={"outcome": outcome, "level": settled_level})
    # Asked while the case row is held: nobody begins to supervise in between.
    if case.supervisions.open().exists():
        raise StepNotAllowed("还有在办的督办：核查销号或撤销后才能结案。")
    check_no_open_tasks(case)
    case.check_danger_allows(outcome)
    check_asked_before_closing(case, danger_not_asked, by=by, at=at)
    closure = Closure.objects.create(
        case=case,
        round_no=case.round_no,
        outcome=outcome,
        solution=solution,
        settled_level=settled_level,
        petitioner_told_on=petitioner_told_on,
        petitioner_view=petitioner_view,
        satisfaction=satisfaction,
        proposed_by=by,
        proposed_at=at,
    )
    to_approve = approvers(case, besides=by)
    let_decide(case, to_approve, by=by, at=at)
    announce(NoticeKind.TO_APPROVE, case, to_approve, at=at)
    return closure


def approvers(case: Case, *, besides: Staff) -> list[Staff]:
    """Who may approve this closing: the holder's own desk for ordinary cases, the county's for the dangerous."""
    need = permission_to_close(case)
    unit = case.holder
    if need != Permission.CASE_CLOSE and unit.level < AdminLevel.COUNTY:
        unit = county_federation(case) or unit
    return [head for head in heads(unit) if head.pk != besides.pk and head.may(need)]


def _decide(case: Case, *, approved: bool, opinion: str, by: Staff, at: datetime) -> Closure:
    closure = case.closures.select_for_update().filter(approved=None).first()
    if closure is None:
        raise StepNotAllowed("没有待审核的结案申请。")
    closure.approved, closure.decided_by, closure.decided_at, closure.opinion = approved, by, at, opinion
    closure.save()
    return closure


@transaction.atomic
def send_back(case: Case, *, reason: str, by: Staff, at: datetime) -> None:
    """Refuse to close: the case goes on, with the reasons.

    Raises StepNotAllowed.
    """
    case.advance(Step.SEND_BACK, by=by, at=at, note=reason)
    closure = _decide(case, approved=False, opinion=reason, by=by, at=at)
    announce(NoticeKind.SENT_BACK, case, [case.owner, closure.proposed_by], at=at)


@transaction.atomic
def close_case(case: Case, *, opinion: str, by: Staff, at: datetime) -> None:
    """Approve the closing; the return visits begin. Violence is visited three times: 7, 30 and 90 days.

    Raises StepNotAllowed.
    """
    closure = case.closures.filter(approved=None).first()
    if closure is None:
        raise StepNotAllowed("没有待审核的结案申请。")
    case.advance(
        Step.CLOSE,
        by=by,
        at=at,
        note=opinion,
        facts={"outcome": closure.outcome, "level": closure.settled_level, "round": case.round_no},
        outcome=closure.outcome,
        settled_level=closure.settled_level,
        ended_at=at,
        ended_by=by,
    )
    # It may have become dangerous since it was proposed.
    case.check_danger_allows(closure.outcome)
    _decide(case, approved=True, opinion=opinion, by=by, at=at)
    meet_all(case, at=at, by=by)
    case.end_work(at, by)
    start_clocks(case, *visits_owed(case), started_at=at, at=at)
    announce(NoticeKind.DECIDED, case, [case.owner, closure.proposed_by], at=at)


def visits_owed(case: Case) -> tuple[str, ...]:
    """How often a closed case is visited, by what the danger was. Who left no name cannot be."""
    if case.involves_dv and (case.danger == DangerLevel.HIGH or case.risk == Risk.RED):
        return VISITS_IN_DANGER
    if case.involves_dv or case.involves_minor:
        return VISITS_AFTER_VIOLENCE
    return () if case.form == PetitionForm.ANONYMOUS else ("IN-VISIT",)


@transaction.atomic
def record_follow_up(
    case: Case,
    *,
    happened_at: datetime,
    way: str,
    spoke_safely: bool,
    result: VisitResult,
    content: str,
    by: Staff,
    at: datetime,
    satisfaction: Satisfaction = Satisfaction.NOT_RATED,
    partner_satisfaction: Satisfaction = Satisfaction.NOT_RATED,
) -> FollowUp:
    """Record a return visit; the nearest visit that was owed is met. A visit in which she could not speak safely,
    or could not be reached, meets nothing and is tried again in three working days; of her case nothing was asked.

    Raises StepNotAllowed.
    """
    if not spoke_safely:
        result = VisitResult.UNREACHABLE
        if content:
            raise StepNotAllowed("对方不能安全说话，这次不谈案情：请清空所写的内容，另约时间。")
    case.record(Step.FOLLOW_UP, by=by, at=at, facts={"way": way, "safe": spoke_safely, "result": result})
    visit = FollowUp.objects.create(
        case=case,
        round_no=case.round_no,
        happened_at=happened_at,
        way=way,
        spoke_safely=spoke_safely,
        result=result,
        content=content,
        satisfaction=satisfaction,
        partner_satisfaction=partner_satisfaction,
        by=by,
        at=at,
    )
    if spoke_safely and result != VisitResult.UNREACHABLE:
        owed = case.clocks.live().filter(code__in=VISITS).order_by("effective_due").first()
        meet_clocks(case, AGAIN, *([owed.code] if owed else []), at=at, by=by)
    else:
        ask_again(case, since=happened_at, by=by, at=at)
    if result == VisitResult.RELAPSE:
        announce(NoticeKind.RELAPSED, case, heads(case.holder), at=at)
    return visit


@transaction.atomic
def reopen_case(
    case: Case, *, ground: ReopenGround, reason: str, owner: Staff, by: Staff, at: datetime
) -> None:
    """Take a finished case up again in a new round: the same 件; the old outcome stays in its closure.

    Raises StepNotAllowed.
    """
    check_owner(owner, case.holder, case)
    ended_as = case.status
    case.advance(
        Step.REOPEN,
        by=by,
        at=at,
        note=reason,
        facts={
            "ground": ground,
            "round": case.round_no + 1,
            "ended_as": ended_as,
            "outcome": case.outcome,
            "owner": owner.pk,
        },
        owner=owner,
        round_no=case.round_no + 1,
        outcome="",
        settled_level="",
        ended_at=None,
        ended_by=None,
    )
    reopen_file(case)
    cancel_clocks(case, *VISIT_CLOCKS, at=at, by=by)
    hand_over(case, to_unit=case.holder, to=owner, at=at)
    start_clocks(case, "IN-TOTAL", started_at=at, at=at)
    announce(NoticeKind.ASSIGNED, case, [owner], at=at)
