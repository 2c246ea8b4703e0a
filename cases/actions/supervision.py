"""Press a unit for what it owes: numbered papers, its answer, and the check that closes the matter or goes a rung up.

Source: 信访工作条例 (2022) 第39、40条; 妇女权益保障法 (2022) 第73条第1款.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import cancel_clocks, meet_clocks, start_clocks, start_term
from cases.actions.conference import check_names_nobody
from cases.actions.ownership import check_unit_not_barred
from cases.choices import (
    Adoption,
    CheckWay,
    NoticeKind,
    PaperKind,
    Status,
    SupervisionMode,
    SupervisionStatus,
    SupervisionStep,
    SupervisionTrigger,
)
from cases.deadlines import china_date
from cases.documents import INTERNAL_BASIS, PAPER_BASES, next_doc_number
from cases.models import Case, Clock, MovedOn, Referral, Supervision, SupervisionPaper, SupervisionReply
from cases.notifications import announce, heads, people
from cases.workflow import StepNotAllowed, why_not_paper
from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission, Role

CHECK_CLOCK = "SV-CHECK"
ANSWER_CLOCKS: dict[PaperKind, str] = {
    PaperKind.NOTICE: "SV-REPLY",
    PaperKind.SECOND_NOTICE: "SV-REPLY-2",
    PaperKind.OPINION: "SV-OPINION",
    PaperKind.JOINT: "SV-TERM",
    PaperKind.LISTED: "SV-TERM",
}
# A case on its way out is decided first: sent back, it can be supervised again.
SUPERVISABLE = (Status.REGISTERED, Status.ACCEPTED, Status.HANDLING, Status.SUSPENDED)
ALREADY = "已有一项督办在办，请在那项督办里继续。"
GONE = "草稿刚刚已由他人处理，请看最新情况。"


@dataclass(frozen=True)
class Draft:
    """What a paper says, before anybody has signed it."""

    kind: PaperKind
    facts: str
    demand: str
    basis: str = ""
    mode: SupervisionMode = SupervisionMode.LETTER
    term_on: date | None = None
    addressee: str = ""
    co_units: Sequence[Organisation] = ()
    skip_reason: str = ""


@transaction.atomic
def draft(
    case: Case,
    *,
    target: Organisation,
    trigger: SupervisionTrigger,
    kind: PaperKind,
    facts: str,
    demand: str,
    term_on: date | None,
    by: Staff,
    at: datetime,
    referral: Referral | None = None,
    mode: SupervisionMode = SupervisionMode.LETTER,
    basis: str = "",
    co_units: Sequence[Organisation] = (),
    skip_reason: str = "",
) -> Supervision:
    """Begin to supervise a department over a referral, or a unit of ours over its own work. Nobody outside the
    unit knows of it until the leader signs.

    Without a term the rule's period counts from signing.
    Raises StepNotAllowed.
    """
    unit = by.organisation or case.holder
    _check_target(case, unit, target, referral)
    supervision = Supervision(
        case=case,
        referral=referral,
        from_org=unit,
        target=target,
        trigger=trigger,
        opened_by=by,
        opened_at=at,
    )
    paper = Draft(kind, facts, demand, basis, mode, term_on, "", co_units, skip_reason)
    _check_rung(supervision, paper, at=at)
    facts_of = {"supervision": str(supervision.pk), "kind": kind, "target": target.pk, "trigger": trigger}
    case.record(SupervisionStep.DRAFT, by=by, at=at, facts=facts_of)
    # The case row is held from here on, so of two people supervising at once the second sees the first.
    if case.status not in SUPERVISABLE:
        raise StepNotAllowed(f"案件现在是“{Status(case.status).label}”，不再督办。退回办理后可以督办。")
    if case.supervisions.open().filter(referral=referral, target=target).exists():
        raise StepNotAllowed(ALREADY)
    supervision.save(force_insert=True)
    _write(supervision, paper, by=by, at=at)
    return supervision


def _check_target(case: Case, unit: Organisation, target: Organisation, referral: Referral | None) -> None:
    check_unit_not_barred(case, target)
    if target.kind == OrgKind.DEPARTMENT:
        if referral is None or referral.department_id != target.pk or referral.case_id != case.pk:
            raise StepNotAllowed("督办部门须针对转给它的一件事项。请从那次转交的页面发起。")
    elif referral is not None or target == unit or target not in own_targets(case):
        raise StepNotAllowed("只能督办正在承办这件案件的下级单位。")


def own_targets(case: Case) -> list[Organisation]:
    """The unit of ours that answers for the case: its holder; for a village, the station of its township."""
    if case.holder.kind != OrgKind.VILLAGE_POINT:
        return [case.holder]
    stations = Organisation.objects.active().filter(kind=OrgKind.STATION)
    return list(stations.filter(region_id=f"{case.township_code:0<12}").select_related("region"))


def _check_rung(supervision: Supervision, paper: Draft, *, at: datetime) -> None:
    refused = why_not_paper(
        paper.kind,
        supervision.signed_kinds(),
        pressed=supervision.is_pressed(at),
        internal=supervision.is_internal,
        skip_reason=paper.skip_reason,
    )
    if refused:
        raise StepNotAllowed(refused)
    if paper.term_on is not None and paper.term_on <= china_date(at):
        raise StepNotAllowed("回复期限须在今天之后。")
    if paper.kind not in PaperKind.answered and not paper.addressee:
        raise StepNotAllowed("请写明主送单位。")
    _check_words(supervision, paper)


def _check_words(supervision: Supervision, paper: Draft) -> None:
    """What leaves our house says no more of the case than the referral did: the ticked fields, and no number."""
    if supervision.is_internal and paper.kind in PaperKind.answered:
        return
    texts = (paper.facts, paper.demand, paper.basis, paper.skip_reason, paper.addressee)
    check_names_nobody(supervision.case, *texts, readers="文书发给外单位")


def _write(supervision: Supervision, said: Draft, *, by: Staff, at: datetime) -> SupervisionPaper:
    """Store the draft and lay it before the leaders."""
    paper = SupervisionPaper.objects.create(
        supervision=supervision,
        kind=said.kind,
        mode=said.mode,
        addressee=said.addressee,
        facts=said.facts,
        demand=said.demand,
        basis=said.basis or (INTERNAL_BASIS if supervision.is_internal else PAPER_BASES[said.kind]),
        skip_reason=said.skip_reason,
        term_on=said.term_on,
        drafted_by=by,
        drafted_at=at,
    )
    check_unit_not_barred(supervision.case, *said.co_units)
    paper.co_units.set(said.co_units)
    signers = signers_besides(supervision.from_org, by) or [by]
    announce(NoticeKind.TO_SIGN, supervision.case, signers, at=at, about=supervision)
    return paper


def signers_besides(unit: Organisation, drafter: Staff) -> list[Staff]:
    """Who may sign what `drafter` wrote: any leader of the unit but herself."""
    leaders = people(unit, Role.COUNTY_LEADER)
    return [person for person in leaders if person.may(Permission.SUPERVISE_SIGN) and person != drafter]


@transaction.atomic
def draft_next(supervision: Supervision, said: Draft, *, by: Staff, at: datetime) -> SupervisionPaper:
    """The next paper of a supervision, or the first one anew after it was returned. The target may go on answering
    the paper it has.

    Raises StepNotAllowed; MovedOn.
    """
    _check_rung(supervision, said, at=at)
    if supervision.draft() is not None:
        raise StepNotAllowed("已有一份草稿待签发。请先签发或退回修改。")
    _move(supervision, SupervisionStep.DRAFT, by=by, at=at, facts={"kind": said.kind})
    return _write(supervision, said, by=by, at=at)


def _move(
    supervision: Supervision,
    step: SupervisionStep,
    *,
    by: Staff | None,
    at: datetime,
    note: str = "",
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Write the step into the history, then move: the case row is held first, as every other verb does."""
    told = {"supervision": str(supervision.pk)} | (facts or {})
    supervision.case.record(step, by=by, at=at, note=note, facts=told)
    supervision.advance(step, at=at, **changes)


@transaction.atomic
def sign_off(supervision: Supervision, *, opinion: str = "", by: Staff, at: datetime) -> SupervisionPaper:
    """Sign the draft: it gets its number, and if the target has to answer, its clock starts anew.

    Raises StepNotAllowed; MovedOn when somebody else has just signed or returned it.
    """
    paper = _take_draft(supervision)
    if paper.term_on is not None and paper.term_on <= china_date(at):
        raise StepNotAllowed("文书上的回复期限已经过了。请退回修改，重定期限。")
    number = next_doc_number(supervision.from_org, paper.kind, at)
    step = SupervisionStep.SIGN_OFF if paper.to_target else SupervisionStep.SIGN_OTHER
    only_leader = paper.drafted_by_id == by.pk
    facts = {"number": number, "kind": paper.kind} | ({"only_leader": True} if only_leader else {})
    note = "本单位只有一位分管领导，由其拟稿并签发。" if only_leader else ""
    changes: dict[str, Any] = {"stage": paper.kind}
    if paper.kind == PaperKind.LISTED:
        changes["listed"] = True
    _move(supervision, step, by=by, at=at, note=note, facts=facts, **changes)
    paper.number, paper.opinion = number, opinion
    paper.signed_by, paper.signed_at = by, at
    if paper.to_target:
        paper.term_on = _start_answering(supervision, paper, by=by, at=at).last_day
        announce(NoticeKind.SUPERVISED, supervision.case, receivers(supervision), at=at, about=supervision)
    paper.save()
    if not only_leader:
        announce(NoticeKind.SUPERVISION_NEWS, supervision.case, [paper.drafted_by], at=at, about=supervision)
    return paper


def _take_draft(supervision: Supervision) -> SupervisionPaper:
    paper = supervision.draft()
    if paper is None:
        raise MovedOn(GONE)
    return paper


def _start_answering(supervision: Supervision, paper: SupervisionPaper, *, by: Staff, at: datetime) -> Clock:
    """One clock at a time: the term of the paper before ends with this one."""
    case = supervision.case
    cancel_clocks(case, at=at, by=by, of=supervision)
    code = ANSWER_CLOCKS[PaperKind(paper.kind)]
    if paper.term_on is None:
        [clock] = start_clocks(case, code, started_at=at, at=at, of=supervision)
    else:
        clock = start_term(case, code, until=paper.term_on, at=at, of=supervision)
    _keep_due(supervision, clock.effective_due)
    return clock


def _keep_due(supervision: Supervision, due_at: datetime | None) -> None:
    """Copy the date that counts now onto the row, where the ledger sorts by it."""
    supervision.due_at = due_at
    Supervision.objects.filter(pk=supervision.pk).update(due_at=due_at)


def receivers(supervision: Supervision) -> list[Staff]:
    """Who takes a paper in at the target: liaisons and leaders of a department, the head of a unit of ours."""
    target = supervision.target
    if supervision.is_internal:
        return heads(target)
    return people(target, Role.PARTNER_LIAISON, Role.PARTNER_LEADER)


@transaction.atomic
def return_draft(supervision: Supervision, *, reason: str, by: Staff, at: datetime) -> None:
    """Send the draft back to be written anew; where the target stands does not change.

    Raises StepNotAllowed; MovedOn.
    """
    paper = _take_draft(supervision)
    _move(supervision, SupervisionStep.RETURN_DRAFT, by=by, at=at, note=reason, facts={"kind": paper.kind})
    paper.opinion, paper.returned_at = reason, at
    paper.save()
    announce(NoticeKind.SENT_BACK, supervision.case, [paper.drafted_by], at=at, about=supervision)


@transaction.atomic
def acknowledge(
    supervision: Supervision, *, by: Staff, at: datetime, name: str = "", received_on: date | None = None
) -> None:
    """The target has the paper. With a name and a day it is a paper receipt that our side keys in.

    Raises StepNotAllowed.
    """
    _move(supervision, SupervisionStep.ACKNOWLEDGE, by=by, at=at, facts=_keyed_in(received_on))
    _receive(_demand(supervision), by=by, at=at, name=name)
    announce(NoticeKind.SUPERVISION_NEWS, supervision.case, our_side(supervision), at=at, about=supervision)


def _keyed_in(received_on: date | None) -> dict[str, Any]:
    return {} if received_on is None else {"keyed_in": True, "received_on": received_on.isoformat()}


def _demand(supervision: Supervision) -> SupervisionPaper:
    paper = supervision.latest_demand()
    assert paper is not None  # noqa: S101 – nothing is with the target before it is signed
    return paper


def _receive(paper: SupervisionPaper, *, by: Staff, at: datetime, name: str) -> None:
    if paper.received_at is None:
        paper.received_by, paper.received_at, paper.received_name = by, at, name
        paper.save()


def our_side(supervision: Supervision) -> list[Staff]:
    """Who hears of the target's answer: officers and leaders of the supervising unit."""
    return heads(supervision.from_org)


@transaction.atomic
def reply(
    supervision: Supervision,
    *,
    adoption: Adoption,
    measures: str,
    why_not: str = "",
    by: Staff,
    at: datetime,
    name: str = "",
    received_on: date | None = None,
) -> SupervisionReply:
    """The target answers in writing: what it did, and whether it follows; if not, why not. Our check is due.

    Source: 信访工作条例 (2022) 第40条第4款.
    Raises StepNotAllowed.
    """
    if adoption != Adoption.ADOPTED and not why_not:
        raise StepNotAllowed("不采纳或部分采纳的，请写明理由。")
    facts = {"adoption": adoption} | _keyed_in(received_on)
    _move(supervision, SupervisionStep.REPLY, by=by, at=at, facts=facts)
    paper = _demand(supervision)
    _receive(paper, by=by, at=at, name=name)
    answer = SupervisionReply.objects.create(
        paper=paper,
        adoption=adoption,
        measures=measures,
        why_not=why_not,
        by=by,
        answered_by_name=name,
        at=at,
    )
    case = supervision.case
    meet_clocks(case, *set(ANSWER_CLOCKS.values()), at=at, by=by, of=supervision)
    [clock] = start_clocks(case, CHECK_CLOCK, started_at=at, at=at, of=supervision)
    _keep_due(supervision, clock.effective_due)
    announce(NoticeKind.SUPERVISION_NEWS, case, our_side(supervision), at=at, about=supervision)
    return answer


def _check(
    supervision: Supervision, *, sound: bool, way: CheckWay, evidence: str, by: Staff, at: datetime
) -> None:
    """Write on the answer what checking it found: each is checked before the next can come."""
    answer = SupervisionReply.objects.filter(paper__supervision=supervision, sound=None).latest("at")
    answer.sound, answer.check_way, answer.evidence = sound, way, evidence
    answer.checked_by, answer.checked_at = by, at
    answer.save()
    meet_clocks(supervision.case, CHECK_CLOCK, at=at, by=by, of=supervision)


@transaction.atomic
def reject(supervision: Supervision, *, way: CheckWay, evidence: str, by: Staff, at: datetime) -> None:
    """Checked and not as it was said, or not enough: we decide on the next paper.

    Raises StepNotAllowed.
    """
    _move(supervision, SupervisionStep.REJECT, by=by, at=at, facts={"way": way})
    _check(supervision, sound=False, way=way, evidence=evidence, by=by, at=at)
    _keep_due(supervision, None)
    announce(NoticeKind.SUPERVISION_NEWS, supervision.case, receivers(supervision), at=at, about=supervision)


@transaction.atomic
def close(
    supervision: Supervision, *, way: CheckWay, evidence: str, conclusion: str, by: Staff, at: datetime
) -> None:
    """Checked and sound: written off, and with it the target's sight of the papers.

    Raises StepNotAllowed.
    """
    _end(supervision, SupervisionStep.CLOSE, conclusion, by=by, at=at, facts={"way": way})
    _check(supervision, sound=True, way=way, evidence=evidence, by=by, at=at)


@transaction.atomic
def withdraw(supervision: Supervision, *, reason: str, by: Staff, at: datetime) -> None:
    """Take the supervision back, whether its first paper was signed or not.

    Raises StepNotAllowed.
    """
    _end(supervision, SupervisionStep.WITHDRAW, reason, by=by, at=at)
    cancel_clocks(supervision.case, at=at, by=by, of=supervision)


def _end(
    supervision: Supervision,
    step: SupervisionStep,
    conclusion: str,
    *,
    by: Staff,
    at: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """No draft outlives its supervision; the target is told if it ever heard of it."""
    heard = supervision.status != SupervisionStatus.DRAFTED
    _move(
        supervision,
        step,
        by=by,
        at=at,
        note=conclusion,
        facts=facts,
        ended_by=by,
        due_at=None,
        listed=False,
        conclusion=conclusion,
    )
    supervision.papers.filter(signed_at=None, returned_at=None).update(returned_at=at)
    to = [*our_side(supervision), *(receivers(supervision) if heard else [])]
    told = [person for person in to if person.pk != by.pk]
    announce(NoticeKind.SUPERVISION_NEWS, supervision.case, told, at=at, about=supervision)


@transaction.atomic
def unlist(supervision: Supervision, *, reason: str, by: Staff, at: datetime) -> None:
    """Take it off the list (摘牌); the supervision itself goes on.

    Raises StepNotAllowed.
    """
    if not supervision.listed:
        raise StepNotAllowed("这项督办没有挂牌，或已经摘牌。")
    _move(supervision, SupervisionStep.UNLIST, by=by, at=at, note=reason, listed=False)


def withdraw_all(
    case: Case, *, reason: str, by: Staff, at: datetime, target: Organisation | None = None
) -> None:
    """The case has ended otherwise than by closing, or `target` must not know of it: nothing is left to press for.
    Must run inside a transaction that holds the case row."""
    found = case.supervisions.open().filter(**({"target": target} if target else {}))
    for supervision in found.select_related("target", "opened_by").order_by("pk"):
        supervision.case = case
        _end(supervision, SupervisionStep.WITHDRAW, reason, by=by, at=at)
        cancel_clocks(case, at=at, by=by, of=supervision)
