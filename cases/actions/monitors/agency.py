"""Acting for a petitioner (信访代理): asked for, signed or refused, handed in, answered, told to her, ended.

A period is met on the day on which it happened, not on the day it was entered: whether the body was late shows.

No national law rules it; it costs her nothing, and either side may end it at any time. What the responsible body owes is
watched by the periods of 信访工作条例 (2022) 第23、34—36条.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from cases.actions.clocks import cancel_clocks, meet_clocks, start_clocks, start_term
from cases.actions.guarding.consent import consent_to_pass_on, disclose
from cases.actions.monitors.monitor import (
    check_in_force,
    end_monitor,
    open_monitor,
    refresh_monitor,
    take_step,
)
from cases.actions.ownership import check_unit_not_barred
from cases.choices import (
    AgencyMode,
    AgencyRefusal,
    AgencySide,
    ConsentWay,
    DisclosureKind,
    DocType,
    ExtractField,
    LegalBasis,
    MonitorKind,
    MonitorOutcome,
    MonitorStep,
    NoticeKind,
    Satisfaction,
    SubmitWay,
    VisitWay,
)
from cases.deadlines import china_date, start_of_day
from cases.documents import OWN_WORDS, next_number
from cases.models import Case, Monitor, MonitorEntry, PetitionAgency
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff

DECIDE, TERM, TELL, ASK_REVIEW = "IN-AG-REVIEW", "IN-AG-TERM", "IN-AG-TELL", "XF-ASK-REVIEW"
BODY_NOTICE, BODY_DECIDES = "XF-NOTICE-P", "XF-DECIDE-P"
REVIEW, RECHECK = "XF-REVIEW-P", "XF-RECHECK-P"
OF_BODY = (BODY_NOTICE, BODY_DECIDES, REVIEW, RECHECK)
# What is told of her when papers are handed in for her.
HANDED_IN = (ExtractField.NAME, ExtractField.FACTS, ExtractField.DEMAND)
PURPOSE = "信访代理：凭委托书代为提交"
# Of another handing in nothing has come yet; what came of the one before stays in the records.
NOT_ANSWERED: dict[str, Any] = {
    **dict.fromkeys(("notice_number", "opinion_number", "answer"), ""),
    **dict.fromkeys(("noticed_on", "taken_up", "opinion_on", "told_on", "review_asked_on")),
}


@dataclass(frozen=True)
class Handing:
    """What was handed in where. The body is one of the list, or told by its name."""

    submitted_on: date
    way: SubmitWay
    papers: str
    body: Organisation | None = None
    body_name: str = ""
    letter_number: str = ""

    @property
    def told(self) -> str:
        return self.body.name if self.body else self.body_name


@transaction.atomic
def open_agency(
    case: Case,
    *,
    applied_on: date,
    matter: str,
    mode: AgencyMode,
    keeper: Staff,
    by: Staff,
    at: datetime,
    wish: str = "",
) -> Monitor:
    """She asks the station to act for her; one agency at a time.

    Raises StepNotAllowed.
    """
    if not case.is_open:
        raise StepNotAllowed("案件已经办结，不能再提出代理。需要的，请先重新办理。")
    started = start_of_day(applied_on)
    check_in_force(case, BODY_NOTICE, started)
    _check_day(applied_on, case.received_at, at, "提出委托的日期应在收到信访之后、今天之前。")
    monitor = open_monitor(
        case, MonitorKind.AGENCY, keeper=keeper, by=by, at=at, started_at=started, clocks=[DECIDE]
    )
    PetitionAgency.objects.create(monitor=monitor, matter=matter, wish=wish, mode=mode)
    deciding = [head for head in heads(monitor.unit) if head.pk != by.pk]
    announce(NoticeKind.TO_APPROVE, case, deciding, at=at, about=monitor)
    return monitor


@transaction.atomic
def sign_agency(
    monitor: Monitor,
    *,
    signed_on: date,
    term_on: date,
    mode: AgencyMode,
    scope: str,
    by: Staff,
    at: datetime,
    papers: str = "",
    other_agent: str = "",
) -> None:
    """The authority is signed for a term, and takes its number in the register of the agent's unit.

    Raises StepNotAllowed; MovedOn.
    """
    _check_day(signed_on, monitor.started_at, at, "委托日期应在提出委托之后、今天之前。")
    if term_on < signed_on:
        raise StepNotAllowed("代理期限不能早于委托日期。")
    number = next_number(monitor.unit, OWN_WORDS[DocType.AGENCY_AUTH], at)
    take_step(
        monitor,
        MonitorStep.SIGN,
        by=by,
        at=at,
        happened_at=_moment(signed_on, at),
        entry={"content": scope},
        facts={"number": number, "mode": mode, "until": term_on.isoformat()},
        number=number,
        valid_until=term_on,
    )
    told = {"signed_on": signed_on, "mode": mode, "scope": scope, "papers": papers}
    _write(monitor, **told, other_agent=other_agent)
    meet_clocks(monitor.case, DECIDE, at=_moment(signed_on, at), by=by, of=monitor)
    start_term(monitor.case, TERM, until=term_on, at=at, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def refuse_agency(monitor: Monitor, *, reason: AgencyRefusal, words: str, by: Staff, at: datetime) -> None:
    """The station does not act for her, for a reason she is told.

    Raises StepNotAllowed; MovedOn.
    """
    told: dict[str, Any] = {"entry": {"content": words}, "conclusion": words, "met": True}
    end_monitor(monitor, MonitorOutcome.REFUSED, step=MonitorStep.REFUSE, by=by, at=at, **told)
    _write(monitor, refusal=reason, ended_on=china_date(at))


@transaction.atomic
def extend_agency(monitor: Monitor, *, term_on: date, words: str, by: Staff, at: datetime) -> None:
    """She prolongs the term.

    Raises StepNotAllowed; MovedOn.
    """
    if monitor.valid_until and term_on <= monitor.valid_until:
        raise StepNotAllowed("新的期限应晚于原来的期限。")
    facts = {"until": term_on.isoformat()}
    take_step(
        monitor, MonitorStep.EXTEND, by=by, at=at, entry={"content": words}, facts=facts, valid_until=term_on
    )
    cancel_clocks(monitor.case, TERM, at=at, by=by, of=monitor)
    start_term(monitor.case, TERM, until=term_on, at=at, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def submit_agency(monitor: Monitor, handing: Handing, *, by: Staff, at: datetime) -> None:
    """Hand her papers in at the body that has to answer, within the term; written into the log of what went out.

    Raises StepNotAllowed; MovedOn.
    """
    agency = monitor.agency
    if bool(handing.body) == bool(handing.body_name):
        raise StepNotAllowed("责任单位请从清单中选择，或者写明清单以外的单位，只填一项。")
    if handing.body:
        check_unit_not_barred(monitor.case, handing.body)
    _check_day(handing.submitted_on, agency.signed_on, at, "提交日期应在签订委托书之后、今天之前。")
    _check_term(monitor, handing.submitted_on)
    take_step(
        monitor,
        MonitorStep.SUBMIT,
        by=by,
        at=at,
        happened_at=_moment(handing.submitted_on, at),
        entry={"content": f"提交{handing.told}：{handing.papers}"},
        facts={"organisation": handing.body.pk if handing.body else None, "way": handing.way},
    )
    _write(
        monitor,
        body=handing.body,
        body_name=handing.body_name,
        submitted_on=handing.submitted_on,
        submit_way=handing.way,
        handed_in=handing.papers,
        letter_number=handing.letter_number,
        **NOT_ANSWERED,
    )
    _tell_body(monitor, handing, by=by, at=at)
    cancel_clocks(monitor.case, *OF_BODY, at=at, by=by, of=monitor)
    started = start_of_day(handing.submitted_on)
    start_clocks(monitor.case, BODY_NOTICE, started_at=started, at=at, of=monitor)
    refresh_monitor(monitor)


def _tell_body(monitor: Monitor, handing: Handing, *, by: Staff, at: datetime) -> None:
    """Her signature on the authority is her consent to what it hands in."""
    told: dict[str, Any] = {"fields": HANDED_IN, "basis": LegalBasis.CONSENT, "purpose": PURPOSE}
    consent = None
    if handing.body:
        consent = consent_to_pass_on(
            monitor.case, handing.body, consented=ConsentWay.WRITTEN, by=by, at=at, **told
        )
    disclose(
        monitor.case,
        DisclosureKind.PAPER,
        organisation=handing.body,
        recipient=handing.body_name,
        what="代理提交的材料",
        consent=consent,
        by=by,
        at=at,
        **told,
    )


@transaction.atomic
def receive_notice(
    monitor: Monitor,
    *,
    received_on: date,
    taken_up: bool,
    by: Staff,
    at: datetime,
    number: str = "",
    answer: str = "",
) -> None:
    """The body said whether it takes the matter up; if so, it has sixty days.

    Raises StepNotAllowed; MovedOn.
    """
    started = _received(
        monitor, MonitorStep.NOTICE, received_on, answer, by=by, at=at, facts={"taken_up": taken_up}
    )
    told = {"notice_number": number, "noticed_on": received_on, "taken_up": taken_up, "answer": answer}
    _write(monitor, **told, told_on=None)
    meet_clocks(monitor.case, BODY_NOTICE, at=_moment(received_on, at), by=by, of=monitor)
    if taken_up:
        start_clocks(monitor.case, BODY_DECIDES, started_at=started, at=at, of=monitor)
    _owe_telling(monitor, started, at=at)


@transaction.atomic
def receive_opinion(
    monitor: Monitor, *, received_on: date, answer: str, by: Staff, at: datetime, number: str = ""
) -> None:
    """The body decided, or whoever reviews it: from here she has thirty days to ask for (another) review.

    Raises StepNotAllowed; MovedOn.
    """
    started = _received(monitor, MonitorStep.OPINION, received_on, answer, by=by, at=at)
    _write(monitor, opinion_number=number, opinion_on=received_on, answer=answer, told_on=None)
    meet_clocks(monitor.case, *OF_BODY, at=_moment(received_on, at), by=by, of=monitor)
    cancel_clocks(monitor.case, ASK_REVIEW, at=at, by=by, of=monitor)
    start_clocks(monitor.case, ASK_REVIEW, started_at=started, at=at, of=monitor)
    _owe_telling(monitor, started, at=at)


def _received(
    monitor: Monitor,
    step: MonitorStep,
    received_on: date,
    answer: str,
    *,
    by: Staff,
    at: datetime,
    facts: dict[str, Any] | None = None,
) -> datetime:
    """Take the step; return when what came began to count."""
    earliest = _latest(monitor.agency.review_asked_on, monitor.agency.submitted_on)
    _check_day(received_on, earliest, at, "收到日期应在提交之后、今天之前。")
    happened = _moment(received_on, at)
    take_step(monitor, step, by=by, at=at, happened_at=happened, entry={"content": answer}, facts=facts)
    return start_of_day(received_on)


def _owe_telling(monitor: Monitor, started: datetime, *, at: datetime) -> None:
    """What she was not told yet is owed since it came; a second answer does not give more time."""
    if not monitor.clocks.live().filter(code=TELL).exists():
        start_clocks(monitor.case, TELL, started_at=started, at=at, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def tell_principal(
    monitor: Monitor, *, told_on: date, way: VisitWay, view: str, by: Staff, at: datetime
) -> None:
    """She was told what came, and said what she thinks of it.

    Raises StepNotAllowed; MovedOn.
    """
    agency = monitor.agency
    earliest = _latest(agency.noticed_on, agency.opinion_on)
    _check_day(told_on, earliest, at, "反馈日期应在收到答复之后、今天之前。")
    take_step(
        monitor,
        MonitorStep.TELL,
        by=by,
        at=at,
        happened_at=_moment(told_on, at),
        entry={"way": way, "content": view},
    )
    _write(monitor, told_on=told_on)
    meet_clocks(monitor.case, TELL, at=_moment(told_on, at), by=by, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def ask_review(
    monitor: Monitor, *, asked_on: date, recheck: bool, words: str, by: Staff, at: datetime
) -> None:
    """On her instruction and new authority, review or re-review is asked for.

    Source: 信访工作条例 (2022) 第35、36条. Raises StepNotAllowed; MovedOn.
    """
    agency = monitor.agency
    if agency.opinion_on is None:
        raise StepNotAllowed("还没有收到处理意见，不能申请复查、复核。")
    _check_day(asked_on, agency.opinion_on, at, "申请日期应在收到处理意见之后、今天之前。")
    _check_term(monitor, asked_on)
    happened = _moment(asked_on, at)
    facts = {"recheck": recheck}
    take_step(
        monitor,
        MonitorStep.REVIEW,
        by=by,
        at=at,
        happened_at=happened,
        entry={"content": words},
        facts=facts,
    )
    _write(monitor, review_asked_on=asked_on)
    meet_clocks(monitor.case, ASK_REVIEW, at=_moment(asked_on, at), by=by, of=monitor)
    code = RECHECK if recheck else REVIEW
    start_clocks(monitor.case, code, started_at=start_of_day(asked_on), at=at, of=monitor)
    refresh_monitor(monitor)


@transaction.atomic
def finish_agency(
    monitor: Monitor,
    *,
    outcome: MonitorOutcome,
    words: str,
    satisfaction: Satisfaction,
    by: Staff,
    at: datetime,
    cost: Decimal = Decimal(0),
) -> MonitorEntry:
    """She confirms that it is over: how it came out, how she finds it, what it cost the station.

    Raises StepNotAllowed; MovedOn.
    """
    if outcome not in MonitorOutcome.of_agency:
        raise StepNotAllowed("请选择代理的结果。")
    # The periods of the body end unanswered, the term of the authority as it should.
    meet_clocks(monitor.case, TERM, at=at, by=by, of=monitor)
    told: dict[str, Any] = {"entry": {"content": words}, "conclusion": words}
    written = end_monitor(monitor, outcome, step=MonitorStep.FINISH, by=by, at=at, **told)
    _write(monitor, satisfaction=satisfaction, cost=cost, ended_on=china_date(at))
    return written


@transaction.atomic
def revoke_agency(
    monitor: Monitor, *, side: AgencySide, reason: str, returned: str, by: Staff, at: datetime
) -> None:
    """Either side ends it; her papers go back to her.

    Raises StepNotAllowed; MovedOn.
    """
    told: dict[str, Any] = {"entry": {"content": reason}, "conclusion": reason}
    end_monitor(monitor, MonitorOutcome.CALLED_OFF, step=MonitorStep.REVOKE, by=by, at=at, **told)
    _write(monitor, revoked_by=side, returned=returned, ended_on=china_date(at))


def _write(monitor: Monitor, **columns: Any) -> None:
    agency = monitor.agency
    for name, value in columns.items():
        setattr(agency, name, value)
    agency.save()


def _latest(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)


def _check_day(day: date, earliest: date | datetime | None, at: datetime, words: str) -> None:
    since = china_date(earliest) if isinstance(earliest, datetime) else earliest
    if (since is not None and day < since) or day > china_date(at):
        raise StepNotAllowed(words)


def _check_term(monitor: Monitor, day: date) -> None:
    if monitor.valid_until and day > monitor.valid_until:
        raise StepNotAllowed("这一天已经超过委托书的期限，请先登记延长代理期限。")


def _moment(day: date, at: datetime) -> datetime:
    """When it happened, as far as a day says: now where it was today."""
    return at if day == china_date(at) else start_of_day(day)
