"""Pass a matter to a department, and everything that comes back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from cases.actions.clocks import cancel_clocks, meet_clocks, say_periods, start_clocks
from cases.actions.guarding.conflicts import related_to
from cases.actions.guarding.consent import consent_to_pass_on, disclose
from cases.actions.ownership import CannotOwn, check_not_barred, check_unit_not_barred
from cases.actions.statutory import codes_started_by_signing, meet_started_by_signing
from cases.choices import (
    ClockStatus,
    DisclosureKind,
    ExtractField,
    FeedbackKind,
    FeedbackWay,
    LegalBasis,
    NoticeKind,
    PersonRole,
    PhoneSafety,
    ReferralKind,
    ReferralStatus,
    ReferralStep,
    Sex,
    Status,
    Step,
    Urgency,
)
from cases.documents import next_doc_number
from cases.models import Case, Feedback, MovedOn, Phone, Referral, ReferralLink
from cases.models.guarding import barred_from
from cases.models.referral import LINK_DAYS
from cases.notifications import announce, people
from cases.workflow import StepNotAllowed, next_referral_status, referral_steps_from
from stations.models import Organisation, Staff
from stations.roles import Role
from weiquan.sealing import sm3

RESULT_CLOCKS = ("IN-RESULT", "IN-RESULT-S", "IN-REWORK")
FIRST_CLOCKS = ("IN-FIRST", "IN-FIRST-U")
# Whether to take it up is what these ask of a department: to begin and to answer both say so.
TAKING_UP_CLOCKS = ("XF-OBJECT", "PS-CHECK", "LB-INSPECT-IN", "XF-DISPATCH")
# A first word, whatever it says.
ANSWER_CLOCKS = (*FIRST_CLOCKS, *TAKING_UP_CLOCKS, "PR-LETTER")
SIGN_CLOCKS = ("IN-SIGN", "IN-SIGN-U")
LINK_OVER = "这个链接已使用、已作废或已过期。请向发给您链接的单位重新索取。"


class LinkNotUsable(Exception):
    """The one-time address is used up, revoked or expired. The message is a Chinese sentence for the screen."""


@dataclass(frozen=True)
class Answer:
    """What a department says, however it reaches us."""

    text: str
    result: str = ""
    doc_number: str = ""
    doc_on: date | None = None
    valid_until: date | None = None
    amount: Decimal | None = None


@transaction.atomic
def refer_case(
    case: Case,
    *,
    department: Organisation,
    kind: ReferralKind,
    urgency: Urgency,
    request: str,
    ticked: Sequence[ExtractField],
    legal_basis: LegalBasis,
    by: Staff,
    at: datetime,
    liaison: Staff | None = None,
    earlier: int | None = None,
    consented: str = "",
) -> Referral:
    """Send the ticked fields, and nothing else, to a department; start its signing clock and tell its liaisons.

    The extract is copied now: what the department saw stays what it saw. `earlier` is how many referrals of the
    case the sender knew of: a second press of the button, or a colleague's referral meanwhile, is told, not sent.
    `consented` says how she has just agreed to it, where the basis is consent and none was recorded before.
    Source: 个人信息保护法 第23条 (tell and consent, or another legal basis).
    Raises StepNotAllowed.
    """
    unit = by.organisation or case.holder
    _check_receivers(case, department, liaison)
    number = next_doc_number(unit, kind, at)
    facts = {"referral": number, "department": department.pk, "ticked": sorted(ticked), "basis": legal_basis}
    _record_sending(case, facts, earlier, by=by, at=at)
    consent = consent_to_pass_on(
        case,
        department,
        consented=consented,
        fields=ticked,
        basis=legal_basis,
        purpose=request,
        by=by,
        at=at,
    )
    referral = Referral.objects.create(
        case=case,
        number=number,
        kind=kind,
        from_org=unit,
        department=department,
        liaison=liaison,
        urgency=urgency,
        request=request,
        ticked=sorted(ticked),
        extract=build_extract(case, ticked),
        legal_basis=legal_basis,
        sent_by=by,
        sent_at=at,
    )
    disclose(
        case,
        DisclosureKind.REFERRAL,
        organisation=department,
        referral=referral,
        consent=consent,
        fields=ticked,
        basis=legal_basis,
        purpose=request,
        by=by,
        at=at,
    )
    hurried = urgency == Urgency.VERY_URGENT
    start_clocks(case, "IN-SIGN-U" if hurried else "IN-SIGN", started_at=at, at=at, of=referral)
    announce(NoticeKind.REFERRAL_NEW, case, _liaisons(referral), at=at, about=referral)
    return referral


def _check_receivers(case: Case, department: Organisation, liaison: Staff | None) -> None:
    """Nothing goes to a unit that is complained of, nor into the hands of somebody whom the matter concerns.

    Source: 信访工作条例 (2022) 第28条第3款, 第30条第3款. Raises StepNotAllowed.
    """
    check_unit_not_barred(case, department)
    check_not_barred(case, liaison)
    if liaison is not None and liaison in related_to(case):
        raise CannotOwn(f"{liaison.name}与本案当事人有利害关系，请另选联络员。")


def _record_sending(
    case: Case, facts: dict[str, Any], earlier: int | None, *, by: Staff, at: datetime
) -> None:
    """Write the step into the history and count one more open referral; the first one starts the handling."""
    changes: dict[str, Any] = {"open_referrals": F("open_referrals") + 1}
    if case.status == Status.ACCEPTED:
        case.advance(Step.REFER, by=by, at=at, facts=facts, **changes)
    else:
        case.record(Step.REFER, by=by, at=at, facts=facts, **changes)
    # The case row is held from here on, so of two presses the second sees the first.
    if earlier is not None and case.referrals.count() != earlier:
        raise StepNotAllowed(
            "这个案件刚刚发出了一次转交。请先到案件页看看是不是同一件；确实还要转，请再提交一次。"
        )
    case.refresh_from_db(fields=["open_referrals"])


def build_extract(case: Case, ticked: Sequence[str]) -> dict[str, str]:
    """The ticked fields in words. Only numbers that may be called go along; her present address never does."""
    extract: dict[str, str] = {}
    parties = list(case.parties.select_related("person").order_by("position", "pk"))
    petitioner = next((party for party in parties if party.role == PersonRole.PETITIONER), None)
    person = petitioner.person if petitioner else None
    statement = case.statements.filter(corrected_by=None).order_by("contact__received_at", "at").first()
    for name in ticked:
        match name:
            case ExtractField.NAME:
                extract[name] = person.name if person else ""
            case ExtractField.ID_NUMBER:
                extract[name] = person.id_number if person else ""
            case ExtractField.PHONE:
                phones = person.phones.exclude(safety=PhoneSafety.UNSAFE) if person else []
                extract[name] = "；".join(map(_how_to_call, phones))
            case ExtractField.AGE_SEX:
                sex = Sex(person.sex).label if person else Sex.UNKNOWN.label
                extract[name] = f"{sex}，{petitioner.get_age_band_display() if petitioner else '不详'}"
            case ExtractField.PAPERS_ADDRESS:
                extract[name] = person.address_papers if person else ""
            case ExtractField.RESPONDENT:
                extract[name] = "；".join(
                    f"{party.person.name}（{party.get_relation_display() or '关系不详'}）"
                    for party in parties
                    if party.role == PersonRole.RESPONDENT and party.person
                )
            case _:  # FACTS, DEMAND, PLACE, HANDLED_BEFORE: fields of the statement of that name
                extract[name] = getattr(statement, name.lower()) if statement else ""
    return {name: text or "（未登记）" for name, text in extract.items()}


def _how_to_call(phone: Phone) -> str:
    """A number with what would endanger her if it were not said along."""
    cautions = [
        "先问是否方便再说事" if phone.safety == PhoneSafety.ASK_FIRST else "",
        "请勿说明来电单位" if phone.hide_caller else "",
    ]
    said = "，".join(filter(None, cautions))
    return f"{phone.number}（{said}）" if said else phone.number


def _liaisons(referral: Referral) -> list[Staff]:
    if referral.liaison:
        return [referral.liaison]
    return people(referral.department, Role.PARTNER_LIAISON)


def _our_side(referral: Referral) -> list[Staff | None]:
    return [referral.case.owner, referral.sent_by]


def _move(
    referral: Referral,
    step: ReferralStep,
    *,
    by: Staff | None,
    at: datetime,
    note: str = "",
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Move the referral and write the step into its case's history, in that order."""
    was_open = referral.is_open
    referral.advance(step, at=at, **changes)
    ended = was_open and not referral.is_open
    case_changes: dict[str, Any] = {"open_referrals": F("open_referrals") - 1} if ended else {}
    referral.case.record(
        step, by=by, at=at, note=note, facts={"referral": referral.number} | (facts or {}), **case_changes
    )
    if ended:
        referral.case.refresh_from_db(fields=["open_referrals"])
        referral.links.filter(used_at=None, revoked_at=None).update(revoked_at=at)


@transaction.atomic
def sign_for(referral: Referral, *, by: Staff | None, at: datetime, name: str = "") -> None:
    """Take the referral over: the first feedback is due, for 交办 the result too, and the working days to object run;
    with them what the law gives a department of this kind.

    Source: 信访工作条例 (2022) 第23条第3款.
    Raises StepNotAllowed.
    """
    case = referral.case
    changes: dict[str, Any] = {"signed_name": name} if name else {}
    _move(referral, ReferralStep.SIGN, by=by, at=at, signed_by=by, signed_at=at, **changes)
    meet_clocks(case, *SIGN_CLOCKS, at=at, by=by, of=referral)
    codes = ["XF-OBJECT", "IN-FIRST-U" if referral.urgency == Urgency.VERY_URGENT else "IN-FIRST"]
    if referral.kind == ReferralKind.ASSIGN:
        codes.append("IN-RESULT-S" if case.involves_dv or case.involves_minor else "IN-RESULT")
    codes += codes_started_by_signing(referral, at)
    start_clocks(case, *codes, started_at=at, at=at, of=referral)
    announce(NoticeKind.REFERRAL_NEWS, case, _our_side(referral), at=at, about=referral)


@transaction.atomic
def withdraw(referral: Referral, *, reason: str, by: Staff, at: datetime) -> None:
    """Take a referral back before it is signed for.

    Raises StepNotAllowed.
    """
    _move(referral, ReferralStep.WITHDRAW, by=by, at=at, note=reason)
    cancel_clocks(referral.case, at=at, by=by, of=referral)


def shut_out(referral: Referral, *, by: Staff | None, at: datetime) -> None:
    """Take it back, wherever it stands, from a department that must not know. Must run inside a transaction."""
    _move(referral, ReferralStep.SHUT, by=by, at=at)
    cancel_clocks(referral.case, at=at, by=by, of=referral)
    announce(NoticeKind.REFERRAL_NEWS, referral.case, _our_side(referral), at=at, about=referral)


@transaction.atomic
def object_to(referral: Referral, *, reason: str, proper_body: str, by: Staff | None, at: datetime) -> None:
    """Say that the matter belongs elsewhere: possible within five working days of receipt, not later.

    Source: 信访工作条例 (2022) 第23条第3款.
    Raises StepNotAllowed.
    """
    clock = referral.clocks.filter(code="XF-OBJECT", status=ClockStatus.RUNNING).first()
    if clock is None or at >= clock.effective_due:
        term = "提出异议的期限（签收后{XF-OBJECT}）已过，请办理并反馈；确不属职责的，请在结果中写明。"
        raise StepNotAllowed(say_periods(term, referral.case.place, at))
    _move(
        referral, ReferralStep.OBJECT, by=by, at=at, objected_at=at, objection=reason, proper_body=proper_body
    )
    meet_clocks(referral.case, "XF-OBJECT", at=at, by=by, of=referral)
    announce(NoticeKind.REFERRAL_NEWS, referral.case, _our_side(referral), at=at, about=referral)


@transaction.atomic
def take_back(referral: Referral, *, reason: str, by: Staff, at: datetime) -> None:
    """Agree with an objection: the referral ends, we route the matter anew.

    Raises StepNotAllowed.
    """
    _move(referral, ReferralStep.RETURN, by=by, at=at, note=reason)
    cancel_clocks(referral.case, at=at, by=by, of=referral)
    announce(NoticeKind.REFERRAL_NEWS, referral.case, [referral.signed_by], at=at, about=referral)


@transaction.atomic
def uphold(referral: Referral, *, reason: str, by: Staff, at: datetime) -> None:
    """Keep to the referral against an objection; the department's clocks have run on from signing.

    Source: 信访工作条例 (2022) 第24条 (a dispute goes to the upper body).
    Raises StepNotAllowed.
    """
    _move(referral, ReferralStep.UPHOLD, by=by, at=at, upheld_because=reason)
    announce(NoticeKind.REFERRAL_NEW, referral.case, [referral.signed_by], at=at, about=referral)


@transaction.atomic
def start_work(
    referral: Referral, *, by: Staff, at: datetime, handler: Staff | None = None, partner_number: str = ""
) -> None:
    """The department names its handler and begins; beginning is accepting, so objecting ends.

    Raises StepNotAllowed.
    """
    check_not_barred(referral.case, handler)
    _move(referral, ReferralStep.START, by=by, at=at, handler=handler or by, partner_number=partner_number)
    meet_clocks(referral.case, *TAKING_UP_CLOCKS, at=at, by=by, of=referral)
    announce(NoticeKind.REFERRAL_NEWS, referral.case, [referral.case.owner], at=at, about=referral)


def _store_answer(
    referral: Referral,
    answer: Answer,
    kind: FeedbackKind,
    *,
    way: FeedbackWay,
    by: Staff | None,
    name: str,
    at: datetime,
) -> Feedback:
    return Feedback.objects.create(
        referral=referral,
        kind=kind,
        way=way,
        result=answer.result,
        text=answer.text,
        doc_number=answer.doc_number,
        doc_on=answer.doc_on,
        valid_until=answer.valid_until,
        amount=answer.amount,
        by=by,
        answered_by_name=name,
        at=at,
    )


@transaction.atomic
def report_progress(
    referral: Referral,
    *,
    answer: Answer,
    by: Staff | None,
    at: datetime,
    way: FeedbackWay = FeedbackWay.ACCOUNT,
    name: str = "",
    facts: dict[str, Any] | None = None,
) -> Feedback:
    """An interim answer: meets the first-feedback clock, moves no other date.

    Raises StepNotAllowed.
    """
    _move(referral, ReferralStep.INTERIM, by=by, at=at, facts={"way": way} | (facts or {}))
    feedback = _store_answer(referral, answer, FeedbackKind.INTERIM, way=way, by=by, name=name, at=at)
    meet_clocks(referral.case, *ANSWER_CLOCKS, at=at, by=by, of=referral)
    announce(NoticeKind.REFERRAL_NEWS, referral.case, _our_side(referral), at=at, about=referral)
    return feedback


@transaction.atomic
def report_result(
    referral: Referral,
    *,
    answer: Answer,
    by: Staff | None,
    at: datetime,
    way: FeedbackWay = FeedbackWay.ACCOUNT,
    name: str = "",
    facts: dict[str, Any] | None = None,
) -> Feedback:
    """The department's result. From an account it waits for the leader's confirmation; on paper the seal has given it.

    Where no leader has an account nobody could confirm, so the result stands and the history says why.
    Raises StepNotAllowed.
    """
    said = {"way": way, "result": answer.result}
    _move(referral, ReferralStep.ANSWER, by=by, at=at, facts=said | (facts or {}))
    feedback = _store_answer(referral, answer, FeedbackKind.RESULT, way=way, by=by, name=name, at=at)
    meet_clocks(referral.case, *ANSWER_CLOCKS, at=at, by=by, of=referral)
    leaders = people(referral.department, Role.PARTNER_LEADER)
    if way != FeedbackWay.ACCOUNT:
        _confirm(referral, feedback, by=by, at=at)
    elif leaders:
        announce(NoticeKind.TO_APPROVE, referral.case, leaders, at=at, about=referral)
    else:
        _confirm(referral, feedback, by=by, at=at, leader_account=False)
    return feedback


@transaction.atomic
def confirm_result(referral: Referral, *, by: Staff, at: datetime) -> None:
    """The department's leader stands by the result: only now its result clock is met.

    Raises StepNotAllowed; MovedOn when somebody else has just confirmed it.
    """
    next_referral_status(ReferralStep.CONFIRM, ReferralStatus(referral.status))
    feedback = referral.feedback.filter(kind=FeedbackKind.RESULT, confirmed_at=None).order_by("-at").first()
    if feedback is None:
        raise MovedOn("结果刚刚已由他人确认，请看最新情况。")
    _confirm(referral, feedback, by=by, at=at)


def _confirm(
    referral: Referral, feedback: Feedback, *, by: Staff | None, at: datetime, leader_account: bool = True
) -> None:
    facts = {"result": feedback.result} | ({} if leader_account else {"leader_account": False})
    note = "" if leader_account else "部门未设领导账号，结果按已确认计"
    _move(referral, ReferralStep.CONFIRM, by=by, at=at, note=note, facts=facts)
    confirmer = by if leader_account else None
    Feedback.objects.filter(pk=feedback.pk).update(confirmed_by=confirmer, confirmed_at=at)
    meet_clocks(referral.case, *RESULT_CLOCKS, at=at, by=by, of=referral)
    meet_started_by_signing(referral, by=by, at=at)
    announce(NoticeKind.REFERRAL_NEWS, referral.case, _our_side(referral), at=at, about=referral)


@transaction.atomic
def send_for_rework(referral: Referral, *, demand: str, by: Staff, at: datetime) -> None:
    """Not good enough: say what is missing and start half the original term.

    Raises StepNotAllowed.
    """
    _move(referral, ReferralStep.REWORK, by=by, at=at, rework_demand=demand)
    start_clocks(referral.case, "IN-REWORK", started_at=at, at=at, of=referral)
    receivers = [referral.handler, referral.signed_by, *_liaisons(referral)]
    announce(NoticeKind.SENT_BACK, referral.case, receivers, at=at, about=referral)


@transaction.atomic
def write_off(referral: Referral, *, assessment: str, by: Staff, at: datetime) -> None:
    """Accept the result: the referral ends, and with it the department's sight of the extract.

    Raises StepNotAllowed.
    """
    _move(referral, ReferralStep.WRITE_OFF, by=by, at=at, assessment=assessment)
    cancel_clocks(referral.case, at=at, by=by, of=referral)


@transaction.atomic
def key_in_paper(
    referral: Referral,
    *,
    answer: Answer,
    name: str,
    received_on: date,
    is_result: bool,
    by: Staff,
    at: datetime,
) -> Feedback:
    """Enter a department's paper answer for it, marked as such; an unsigned referral counts as signed with it.

    A sealed result also confirms one that waits for the leader: the seal is the leader's word.
    Raises StepNotAllowed.
    """
    way = FeedbackWay.PAPER
    if referral.status == ReferralStatus.ANSWERED and is_result:
        feedback = _store_answer(referral, answer, FeedbackKind.RESULT, way=way, by=by, name=name, at=at)
        _confirm(referral, feedback, by=by, at=at)
        return feedback
    if referral.status == ReferralStatus.SENT:
        sign_for(referral, by=by, at=at, name=name)
    report = report_result if is_result else report_progress
    facts = {"received_on": received_on.isoformat()}
    return report(referral, answer=answer, by=by, at=at, way=way, name=name, facts=facts)


@transaction.atomic
def make_link(referral: Referral, *, by: Staff, at: datetime) -> str:
    """A fresh one-time token for a department without an account, shown once; earlier ones stop working.

    Raises StepNotAllowed.
    """
    referral.links.filter(used_at=None, revoked_at=None).update(revoked_at=at)
    _move(referral, ReferralStep.LINK, by=by, at=at)
    token = secrets.token_urlsafe(32)
    ReferralLink.objects.create(
        referral=referral,
        digest=sm3(token.encode()),
        made_by=by,
        made_at=at,
        expires_at=at + timedelta(days=LINK_DAYS),
    )
    return token


@transaction.atomic
def revoke_links(referral: Referral, *, by: Staff, at: datetime) -> None:
    """Stop every open one-time address of this referral.

    Raises StepNotAllowed.
    """
    _move(referral, ReferralStep.REVOKE_LINK, by=by, at=at)
    referral.links.filter(used_at=None, revoked_at=None).update(revoked_at=at)


def find_link(token: str, *, at: datetime) -> ReferralLink:
    """The open one-time address behind a token.

    Raises LinkNotUsable, with the same sentence whatever is wrong: a guesser learns nothing.
    """
    link = (
        ReferralLink.objects.select_related("referral__case", "referral__department")
        .filter(digest=sm3(token.encode()))
        .first()
    )
    if link is None or not link.is_usable(at) or not _awaits_answer(link.referral):
        raise LinkNotUsable(LINK_OVER)
    if link.referral.department_id in barred_from(link.referral.case_id).units:
        raise LinkNotUsable(LINK_OVER)
    return link


def _awaits_answer(referral: Referral) -> bool:
    return ReferralStep.LINK in referral_steps_from(ReferralStatus(referral.status))


@transaction.atomic
def answer_by_link(
    link: ReferralLink, *, answer: Answer, name: str, is_result: bool, at: datetime
) -> Feedback:
    """Take one answer through a one-time address; the address is used up with it.

    Raises LinkNotUsable, StepNotAllowed.
    """
    used = ReferralLink.objects.filter(pk=link.pk, used_at=None, revoked_at=None, expires_at__gt=at).update(
        used_at=at
    )
    if not used:
        raise LinkNotUsable(LINK_OVER)
    referral = link.referral
    if referral.status == ReferralStatus.SENT:
        sign_for(referral, by=None, at=at, name=name)
    report = report_result if is_result else report_progress
    return report(referral, answer=answer, by=None, at=at, way=FeedbackWay.LINK, name=name)
