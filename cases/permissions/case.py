"""Which steps of a case are open to whom: the permission and the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from cases.choices import (
    ClockStart,
    ClockStatus,
    DangerLevel,
    DeliveryWay,
    EscalationStatus,
    MonitorKind,
    Occurrence,
    Part,
    Risk,
    Status,
    Step,
    TaskStatus,
)
from cases.models import Case, CaseReader, Holding, Monitor
from cases.workflow import TRANSITIONS, steps_from
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission, Role

# Steps that anybody in sight with the permission may take, whoever holds the case.
ANY_IN_SIGHT = (Step.CONTACT, Step.CALL, Step.RECUSE)
# Steps of whoever worked or works on it.
HOLDER_OR_STATION = (
    Step.FOLLOW_UP,
    Step.DELIVER,
    Step.NEW_CODE,
    Step.CORRECT,
    Step.REACH,
    Step.CONSENT,
    Step.WITHDRAW_CONSENT,
    Step.DISCLOSE,
)
# Decisions that the holder's head takes, and the federation above may take for it.
HOLDER_OR_ABOVE = (
    Step.CLOSE,
    Step.SEND_BACK,
    Step.GRANT_EXTENSION,
    Step.DECLINE_EXTENSION,
    Step.REOPEN,
    Step.JUDGE_BREAK_IN,
    Step.SEAL,
    Step.UNSEAL,
    Step.NAME_READER,
    Step.END_READER,
    Step.BAR,
    Step.LIFT_BAR,
)
# Decisions of a head. A village point has none of its own: the head of its township's station takes them.
HEADS_OWN = (
    Step.ACCEPT,
    Step.REFUSE,
    Step.REDIRECT,
    Step.ASSIGN,
    Step.ASSIST,
    Step.SUSPEND,
    Step.RESUME,
    Step.MERGE,
    Step.ASK_VOID,
)
# What leaders of the county or the city say, written down by their federation.
INSTRUCTIONS = (Step.INSTRUCT, Step.END_INSTRUCTION)
# Answers to what came up from below.
# What a unit that works along may do besides the holder.
ALONG = (Step.HANDLE, Step.ASSESS, Step.REFER, Step.START_CLOCK, Step.END_CLOCK)
REVIEWS = (Step.TAKE_OVER, Step.GUIDE, Step.CO_HANDLE, Step.SEND_DOWN)


def permission_to_close(case: Case) -> Permission:
    """Which permission approves closing: the graver the danger, the higher the desk. Source: factsheet §3.1."""
    if case.risk == Risk.RED or case.involves_minor:
        return Permission.CASE_CLOSE_RED
    if case.risk == Risk.ORANGE:
        return Permission.CASE_CLOSE_ORANGE
    return Permission.CASE_CLOSE


def why_not_lower(user: Staff, case: Case, risk: Risk) -> str:
    """Why `user` may not bring the risk of `case` down to `risk`, in a sentence; empty when she may, or when it rises.

    Otherwise whoever wants to close a dangerous case at her own desk would only have to call it harmless first.
    """
    need = {Risk.RED: Permission.CASE_CLOSE_RED, Risk.ORANGE: Permission.CASE_CLOSE_ORANGE}.get(
        Risk(case.risk)
    )
    if need is None or risk.rank > Risk(case.risk).rank or user.may(need):
        return ""
    who = "县妇联领导" if need == Permission.CASE_CLOSE_RED else "县妇联权益部"
    return f"{Risk(case.risk).mark}色风险由{who}调低：请电话说明情况，由其在本案上调整。"


def permission_for(step: Step, case: Case) -> Permission:
    if step in (Step.CLOSE, Step.SEND_BACK):
        return permission_to_close(case)
    if step is Step.REFUSE and case.occurrence == Occurrence.REPEAT:
        # Turning a repeat petitioner away is the county's to confirm.
        return Permission.CASE_REVIEW
    if step in REVIEWS and _came_up_from_village(step, case):
        # Between village and township the head of the station decides; above it, the federation.
        return Permission.CASE_ACCEPT
    return TRANSITIONS[step].needs


def _came_up_from_village(step: Step, case: Case) -> bool:
    # Sent down again is what the station took over.
    level = AdminLevel.TOWNSHIP if step is Step.SEND_DOWN else AdminLevel.VILLAGE
    return case.level == level


def is_above(org: Organisation, case: Case) -> bool:
    """Whether `org` stands over the case: a federation over its place, or the station over a village that holds it."""
    if org.kind == OrgKind.STATION:
        return case.level == AdminLevel.VILLAGE and case.township_code == org.township_code
    if org.kind != OrgKind.FEDERATION:
        return False
    if org.level == AdminLevel.COUNTY:
        return case.county_code == org.county_code
    return org.level in (AdminLevel.CITY, AdminLevel.PROVINCE) and case.county_code.startswith(
        org.region.prefix
    )


@dataclass(frozen=True)
class Situation:
    """What besides the status decides which steps are open to one reader of one case."""

    escalated: bool
    escalated_to_us: bool
    extension_asked: bool
    extension_asked_by_me: bool
    extension_used: bool
    closing_proposed_by_me: bool
    undelivered: bool
    unit_works_along: bool
    supervised: bool
    clock_to_end: bool
    tasks_open: bool
    consented: bool
    barred: bool


_REGISTERED_BEFORE = ", ".join(f"'{code}'" for code in ClockStart.registered_before)
# Written out, because putting eight subqueries together took the ORM longer than all else the case page asks.
_SITUATION = f"""
    WITH escalation AS (
        SELECT to_org_id FROM cases_escalation
        WHERE case_id = %(case)s AND status = '{EscalationStatus.SUBMITTED}'
    ), extension AS (
        SELECT granted, asked_by_id, round_no FROM cases_extension WHERE case_id = %(case)s
    ), part AS (
        SELECT organisation_id, part FROM cases_holding WHERE case_id = %(case)s AND until_at IS NULL
    )
    SELECT
        EXISTS (SELECT FROM escalation),
        EXISTS (SELECT FROM escalation WHERE to_org_id = %(unit)s),
        EXISTS (SELECT FROM extension WHERE granted IS NULL),
        EXISTS (SELECT FROM extension WHERE granted IS NULL AND asked_by_id = %(user)s),
        EXISTS (SELECT FROM extension WHERE granted IS NOT FALSE AND round_no = %(round)s),
        EXISTS (
            SELECT FROM cases_closure
            WHERE case_id = %(case)s AND approved IS NULL AND proposed_by_id = %(user)s
        ),
        EXISTS (
            SELECT FROM cases_petitionernotice WHERE case_id = %(case)s AND way = '{DeliveryWay.NOT_YET}'
        ),
        EXISTS (
            SELECT FROM part
            WHERE organisation_id = %(unit)s AND part IN ('{Part.CO_OWNER}', '{Part.ASSISTANT}')
        ),
        EXISTS (SELECT FROM cases_supervision WHERE case_id = %(case)s AND ended_at IS NULL),
        EXISTS (
            SELECT FROM cases_clock AS clock JOIN cases_clockrule AS rule ON rule.id = clock.rule_id
            WHERE clock.case_id = %(case)s AND clock.status IN ('{ClockStatus.RUNNING}', '{ClockStatus.PAUSED}')
            AND clock.supervision_id IS NULL AND clock.task_id IS NULL AND clock.monitor_id IS NULL
            AND (rule.starts IN ('{ClockStart.PERSON}', '{ClockStart.SIGNED}')
                 OR clock.code IN ({_REGISTERED_BEFORE}))
        ),
        EXISTS (
            SELECT FROM cases_task AS task
            JOIN cases_resolution AS resolution ON resolution.id = task.resolution_id
            JOIN cases_agendaitem AS item ON item.id = resolution.item_id
            WHERE item.case_id = %(case)s AND task.status IN ('{TaskStatus.ASSIGNED}', '{TaskStatus.REPORTED}')
        ),
        EXISTS (SELECT FROM cases_consent WHERE case_id = %(case)s AND withdrawn_at IS NULL),
        EXISTS (SELECT FROM cases_bar WHERE case_id = %(case)s AND lifted_at IS NULL)
"""  # noqa: S608 – our own codes


def situation_of(case: Case, user: Staff) -> Situation:
    """All of it in one query."""
    asked = {"case": case.pk, "unit": user.organisation_id, "user": user.pk, "round": case.round_no}
    with connection.cursor() as cursor:
        cursor.execute(_SITUATION, asked)
        return Situation(*cursor.fetchone())


def why_not(user: Staff, step: Step, case: Case, situation: Situation | None = None) -> str:
    """Why `user` may not take `step` on `case` now, in a sentence; empty when she may.

    Asks the permission and the line, not the sight: a case outside it never gets here.
    """
    org = user.organisation
    if step is Step.RECUSE and org is not None and user.may(Permission.CASE_READ_ASSIGNED):
        return ""  # a volunteer steps back as well
    if org is None or not user.may(permission_for(step, case)):
        return _needs_other_role(step, case)
    if step is Step.CALL and not may_reveal(user, case):
        return "您的角色只能看遮盖后的内容。"
    if step in ANY_IN_SIGHT:
        return ""
    if step is Step.BREAK_IN:
        return "您本来就看得到这件案件，不用破门查看。"
    if step is Step.RATE:
        return "评价由信访人凭查询码自己作出。"
    holds = case.holder_id == org.pk
    above = is_above(org, case)
    if step in HOLDER_OR_STATION:
        return "" if holds or case.station_id == org.pk else "这一步由承办单位或首接单位办理。"
    if step in HOLDER_OR_ABOVE:
        if not (holds or above):
            return "这一步由承办单位负责人或上级妇联办理。"
        return _not_oneself(step, case, situation or situation_of(case, user))
    if step is Step.RERISK and above and org.kind == OrgKind.FEDERATION:
        return ""
    if step is Step.ASSESS and (above or case.station_id == org.pk):
        return ""
    if step in INSTRUCTIONS:
        return "" if holds or above else "领导批示由承办案件的妇联或上级妇联登记。"
    if step is Step.TAKE_OVER:
        return "" if above and not holds else "只有上级妇联能提级办理。"
    if step in (Step.GUIDE, Step.CO_HANDLE):
        waits = (situation or situation_of(case, user)).escalated_to_us
        return "" if waits else "没有待本单位审核的上报。"
    if step is Step.SEND_DOWN:
        return "" if holds and case.station_id != org.pk else "只有提级后的承办单位能下交。"
    if step is Step.VOID:
        return _why_not_void(user, org, case)
    if holds or (step in HEADS_OWN and above and org.kind == OrgKind.STATION):
        return ""
    if step is Step.REFUSE and case.occurrence == Occurrence.REPEAT and above:
        return ""
    if step in ALONG and (situation or situation_of(case, user)).unit_works_along:
        return ""
    return "案件现在由其他单位承办。"


def _needs_other_role(step: Step, case: Case) -> str:
    if step in (Step.CLOSE, Step.SEND_BACK):
        need = permission_to_close(case)
        if need == Permission.CASE_CLOSE_RED:
            return "红色风险或涉未成年人的案件，由县妇联领导审核结案。"
        if need == Permission.CASE_CLOSE_ORANGE:
            return "橙色风险的案件，由县妇联权益部审核结案。"
    if step is Step.REFUSE and case.occurrence == Occurrence.REPEAT:
        return "重复信访不予受理，须由县妇联决定。"
    return "您的角色不办理这一步。"


def _not_oneself(step: Step, case: Case, situation: Situation) -> str:
    """Nobody approves an extension she asked for, nor closes a dangerous case she proposed to close."""
    if step is Step.GRANT_EXTENSION and situation.extension_asked_by_me:
        return "延期须由申请人以外的负责人批准。"
    if (
        step is Step.CLOSE
        and permission_to_close(case) != Permission.CASE_CLOSE
        and situation.closing_proposed_by_me
    ):
        return "橙色、红色风险案件须由提请人以外的人审核。"
    return ""


def _why_not_void(user: Staff, org: Organisation, case: Case) -> str:
    if not (case.holder_id == org.pk or is_above(org, case)):
        return "作废由县级以上妇联确认。"
    if case.void_asked_by_id is None:
        return "尚未有人申请作废。"
    return "作废须由申请人以外的人确认。" if case.void_asked_by_id == user.pk else ""


def _in_place(step: Step, case: Case, situation: Situation) -> bool:
    """Whether the step makes sense in this situation: no button without it."""
    match step:
        case Step.GRANT_EXTENSION | Step.DECLINE_EXTENSION:
            return situation.extension_asked
        case Step.ASK_EXTENSION:
            return not situation.extension_used
        case Step.ASK_VOID:
            return case.void_asked_at is None and not case.open_referrals
        case Step.VOID:
            return case.void_asked_at is not None
        case Step.DELIVER:
            return situation.undelivered
        case Step.ESCALATE:
            return not situation.escalated
        case Step.END_CLOCK:
            return situation.clock_to_end
        case Step.PROPOSE_CLOSE:
            return case.open_referrals == 0 and not (situation.supervised or situation.tasks_open)
        case Step.END_INSTRUCTION:
            return case.led
        case Step.MERGE:
            return case.open_referrals == 0
        case Step.ASSESS:
            return case.involves_dv or case.is_open
        case Step.SEAL:
            return case.involves_minor and not case.is_sealed
        case Step.UNSEAL | Step.NAME_READER | Step.END_READER:
            return case.is_sealed
        case Step.WITHDRAW_CONSENT:
            return situation.consented
        case Step.LIFT_BAR:
            return situation.barred
        case Step.NO_CONFLICT:
            return False  # said where somebody is given a part
        case Step.ADVISE | Step.REDATE | Step.REGISTER | Step.HAND_OVER | Step.RATE:
            return False  # taken on the intake page, by the system, or by herself
        case Step.BREAK_IN | Step.JUDGE_BREAK_IN:
            return False  # each has a page of its own
    return True


def steps_open_to(user: Staff, case: Case) -> tuple[Step, ...]:
    """The steps `user` may take on `case` now: the buttons of the case page."""
    situation = situation_of(case, user)
    return tuple(
        step
        for step in steps_from(Status(case.status))
        if _in_place(step, case, situation) and not why_not(user, step, case, situation)
    )


# One primary button a page: the first of these that is open.
PRIMARY = (
    Step.ACCEPT,
    Step.CLOSE,
    Step.GRANT_EXTENSION,
    Step.GUIDE,
    Step.VOID,
    Step.HANDLE,
    Step.RESUME,
    Step.FOLLOW_UP,
)


def primary_step(steps: tuple[Step, ...], risk: Risk) -> Step | None:
    first = next((step for step in PRIMARY if step in steps), None)
    if first is Step.GUIDE and risk is Risk.RED and Step.TAKE_OVER in steps:
        # Where a life is in danger the level above takes it on; sending advice back is the exception.
        return Step.TAKE_OVER
    return first


class _Ties:
    """What ties a person to cases beside their own columns. Each kind is asked when it is needed, once for all of them."""

    def __init__(self, user: Staff, cases: Sequence[Case]) -> None:
        self.user, self.cases = user, [case.pk for case in cases]

    @cached_property
    def held(self) -> set[UUID]:
        return self._of(Holding.objects.filter(staff=self.user, until_at=None))

    @cached_property
    def read(self) -> set[UUID]:
        return self._of(CaseReader.objects.filter(staff=self.user, until_at=None))

    @cached_property
    def watched(self) -> set[UUID]:
        return self._of(Monitor.objects.open().filter(keeper=self.user))

    @cached_property
    def in_emergency(self) -> set[UUID]:
        return self._of(Monitor.objects.open().filter(kind=MonitorKind.EMERGENCY))

    def _of(self, rows: "QuerySet[Any]") -> set[UUID]:
        return set(rows.filter(case__in=self.cases).values_list("case", flat=True))


def in_owner_line(user: Staff, case: Case) -> bool:
    """Whether `user` reads this case as part of her work on it: the owner and her deputy, the head of the holding
    unit, whoever handles jointly or assists, the upper unit it came up to, the named readers of a sealed one, and whoever
    watches over something of it. Others give a reason."""
    return _in_line(user, case, _Ties(user, [case]))


def in_whose_line(user: Staff, cases: Sequence[Case]) -> set[UUID]:
    """The ids of those for which `in_owner_line` says yes, by a fixed number of statements."""
    ties = _Ties(user, cases)
    return {case.pk for case in cases if _in_line(user, case, ties)}


def _in_line(user: Staff, case: Case, ties: _Ties) -> bool:
    org = user.organisation
    if org is None:
        return False
    if case.owner_id == user.pk:
        return True
    if case.owner is not None and case.owner.deputy_id == user.pk:
        return True
    decides = user.holds(Role.STATION_HEAD, Role.COUNTY_OFFICER, Role.COUNTY_LEADER)
    if decides and (case.holder_id == org.pk or (org.kind == OrgKind.STATION and is_above(org, case))):
        return True
    if (
        user.may(Permission.CASE_REVEAL)
        and is_above(org, case)
        and _came_to(org, case, ties, decides=decides)
    ):
        return True
    return case.pk in ties.held or (case.is_sealed and case.pk in ties.read) or case.pk in ties.watched


def _came_to(org: Organisation, case: Case, ties: _Ties, *, decides: bool) -> bool:
    """Whether it came up to this unit. High danger, and every emergency, has been told to the county, which must act on
    it: 妇联组织受理家庭暴力投诉工作规程 第11条."""
    if AdminLevel(case.reached) >= org.level:
        return True
    return decides and (case.danger == DangerLevel.HIGH or case.pk in ties.in_emergency)


def may_reveal(user: Staff, case: Case) -> bool:
    """Opening masked fields: for those who work on the case, others with a reason. Who only reads, volunteers and
    archivists, reads masked."""
    return user.may(Permission.CASE_REVEAL) or (
        user.may(Permission.CASE_HANDLE)
        and (case.owner_id == user.pk or case.station_id == user.organisation_id)
    )
