"""Supervisions in any state, brought there by the real verbs."""

from datetime import datetime, timedelta

from cases.actions import supervision as verbs
from cases.actions.supervision import Draft
from cases.choices import Adoption, CheckWay, PaperKind, SupervisionStatus, SupervisionTrigger
from cases.models import Referral, Supervision
from tests.cast import MONDAY, Cast
from tests.factories import make_case, make_referral

MINUTE = timedelta(minutes=1)
LATER = MONDAY + timedelta(hours=1)
PROBLEM = "结果反馈期限已过，至今没有书面反馈。"
DEMANDED = "请在期限内书面反馈办理结果。"
ANSWERED = "已责成下汤派出所出警，十一月十八日送达告诫书。"
EVIDENCE = "电话问过祝冬雪，告诫书已收到。"

STATUSES = SupervisionStatus


def begin(cast: Cast, referral: Referral | None = None, *, at: datetime = LATER, **told) -> Supervision:
    """A first notice to the police (or to the station, without a referral) drafted by the officer."""
    said = {
        "target": referral.department if referral else cast.station,
        "referral": referral,
        "trigger": SupervisionTrigger.OVERDUE,
        "kind": PaperKind.NOTICE,
        "facts": PROBLEM,
        "demand": DEMANDED,
        "term_on": None,
        "by": cast.officer,
        "at": at,
    } | told
    case = said.pop("case", None) or (referral.case if referral else make_case(cast, "ACCEPTED"))
    return verbs.draft(case, **said)


def next_paper(kind: PaperKind, **told) -> Draft:
    return Draft(kind=kind, facts=PROBLEM, demand=DEMANDED, **told)


def walk(cast: Cast, found: Supervision, status: str, *, at: datetime = LATER) -> Supervision:
    """From a draft to `status`, a minute a step, and read afresh."""
    target = cast.head if found.is_internal else cast.liaison
    if status != STATUSES.DRAFTED:
        verbs.sign_off(found, by=cast.leader, at=at + MINUTE)
    if status in (STATUSES.ACKNOWLEDGED, STATUSES.REPLIED, STATUSES.UNSOUND, STATUSES.CLOSED):
        verbs.acknowledge(found, by=target, at=at + 2 * MINUTE)
    if status in (STATUSES.REPLIED, STATUSES.UNSOUND, STATUSES.CLOSED):
        answer(found, by=target, at=at + 3 * MINUTE)
    checked = {"way": CheckWay.PHONE, "evidence": EVIDENCE, "by": cast.officer, "at": at + 4 * MINUTE}
    if status == STATUSES.UNSOUND:
        verbs.reject(found, **checked)
    if status == STATUSES.CLOSED:
        verbs.close(found, conclusion="属实", **checked)
    if status == STATUSES.WITHDRAWN:
        verbs.withdraw(found, reason="对方已当面答复", by=cast.leader, at=at + 4 * MINUTE)
    return fresh(found)


def answer(found: Supervision, *, by, at: datetime, **told) -> object:
    said = {"adoption": Adoption.ADOPTED, "measures": ANSWERED} | told
    return verbs.reply(found, **said, by=by, at=at)


def supervised(cast: Cast, status: str = "ISSUED", *, at: datetime = LATER, **told) -> Supervision:
    """A supervision of the police over a referral it has signed for."""
    referral = told.pop("referral", None) or make_referral(cast, "SIGNED")
    return walk(cast, begin(cast, referral, at=at, **told), status, at=at)


def supervised_station(cast: Cast, status: str = "ISSUED") -> Supervision:
    return walk(cast, begin(cast), status)


def fresh(found: Supervision) -> Supervision:
    """The row as another page would load it."""
    return Supervision.objects.select_related(
        "case__owner", "case__holder__region", "target", "from_org__region", "opened_by", "referral"
    ).get(pk=found.pk)
