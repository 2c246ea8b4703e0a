"""Cases and referrals in any state, brought there by the real verbs. All people and stories are invented."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from cases.actions import closure, handling, intake, referral
from cases.actions.intake import IntakeEntry, PersonEntry, PhoneEntry
from cases.actions.referral import Answer
from cases.choices import (
    Channel,
    ConsentWay,
    DeliveryWay,
    ExtractField,
    HandlingMethod,
    LegalBasis,
    Nature,
    Outcome,
    PersonRole,
    PhoneSafety,
    ReferralKind,
    ReferralStatus,
    RefuseReason,
    Relation,
    Risk,
    Sex,
    Status,
    SuspendGround,
    Urgency,
)
from cases.models import Case, Referral
from stations.models import Organisation, Staff
from tests.cast import MONDAY, Cast

MINUTE = timedelta(minutes=1)
# Order numbers 000 are never given out, so that no living person has these.
ID_NUMBER = "410423199003050008"
RESPONDENT_ID_NUMBER = "410423198807120003"
SAFE_PHONE = "13900000001"
UNSAFE_PHONE = "13900000002"
FACTS = "丈夫酒后多次动手，昨晚又把我推倒在院里，邻居看见了，孩子吓得直哭。"
DEMAND = "希望有人管一管他，并想咨询离婚的事。"


def petitioner(**overrides: Any) -> PersonEntry:
    told: dict[str, Any] = {
        "role": PersonRole.PETITIONER,
        "name": "祝冬雪",
        "id_number": ID_NUMBER,
        "birth_date": date(1990, 3, 5),
        "sex": Sex.FEMALE,
        "ethnicity": "01",
        "characteristics": ("LEFT_BEHIND_WOMAN",),
        "address_now": "鲁山县下汤镇假设路七号姐姐家",
        "address_papers": "鲁山县下汤镇假设路一号",
        "work_place": "假设服装厂",
        "phones": (
            PhoneEntry(
                SAFE_PHONE, hide_caller=True, window="工作日上午", pass_phrase="问豆腐还有吗", remark="本人"
            ),
            PhoneEntry(UNSAFE_PHONE, safety=PhoneSafety.UNSAFE, remark="丈夫会接"),
        ),
    }
    return PersonEntry(**(told | overrides))


def respondent(**overrides: Any) -> PersonEntry:
    told: dict[str, Any] = {
        "role": PersonRole.RESPONDENT,
        "name": "秦大勇",
        "id_number": RESPONDENT_ID_NUMBER,
        "birth_date": date(1988, 7, 12),
        "sex": Sex.MALE,
        "relation": Relation.SPOUSE,
        "address_now": "鲁山县下汤镇假设路一号",
    }
    return PersonEntry(**(told | overrides))


def entry(cast: Cast, **overrides: Any) -> IntakeEntry:
    """A full walk-in at MONDAY: a wife, her husband, two telephones, a story. Blue risk, no violence ticked."""
    told: dict[str, Any] = {
        "submission": uuid4(),
        "channel": Channel.VISIT,
        "received_at": MONDAY,
        "category": "MAR_DISPUTE",
        "categories": ("MAR_DIVORCE",),
        "nature": Nature.HELP,
        "facts": FACTS,
        "demand": DEMAND,
        "place": "下汤镇假设路一号院内",
        "handled_before": "村委会调解过两次",
        "companions": "姐姐祝春雪陪同",
        "parties": (petitioner(), respondent()),
    }
    return IntakeEntry(**(told | overrides))


def _desk(cast: Cast, unit: Organisation) -> tuple[Staff, Staff]:
    """Who registers at this unit, and who decides there."""
    desks = {
        cast.station.pk: (cast.clerk, cast.head),
        cast.other_station.pk: (cast.other_clerk, cast.other_head),
        cast.village.pk: (cast.village_liaison, cast.village_liaison),
        cast.county.pk: (cast.officer, cast.leader),
        cast.city.pk: (cast.city_officer, cast.city_leader),
        cast.other_county.pk: (cast.other_officer, cast.other_officer),
        cast.far_station.pk: (cast.far_clerk, cast.far_clerk),
    }
    return desks[unit.pk]


def make_case(
    cast: Cast,
    status: str = "REGISTERED",
    *,
    at: datetime = MONDAY,
    unit: Organisation | None = None,
    own_power: bool = False,
    **overrides: Any,
) -> Case:
    """A case registered at `at` in `unit` (the station unless told) and walked to `status`, a minute a step.

    `overrides` are fields of the intake entry.
    """
    unit = unit or cast.station
    clerk, head = _desk(cast, unit)
    overrides.setdefault("received_at", at)
    case = intake.register_case(entry(cast, **overrides), unit=unit, by=clerk, at=at)
    wanted = Status(status)
    walk = {Status.REGISTERED: _stay, **BRANCHES}.get(wanted)
    if walk is None:
        walk = _walk_accepted
    walk(cast, case, wanted, clerk, head, at + MINUTE, own_power)
    return Case.objects.select_related("station__region", "holder__region", "owner").get(pk=case.pk)


def _stay(*_: Any) -> None:
    """It is there already."""


def _refuse(cast: Cast, case: Case, _: Status, clerk: Staff, head: Staff, at: datetime, own: bool) -> None:
    handling.refuse_case(
        case,
        reason=RefuseReason.LITIGATION,
        explanation="案件正在法院审理，请等待判决。",
        by=head,
        at=at,
        way=DeliveryWay.IN_PERSON,
    )


def _redirect(cast: Cast, case: Case, _: Status, clerk: Staff, head: Staff, at: datetime, own: bool) -> None:
    handling.redirect_case(
        case,
        body="鲁山县人民法院",
        explanation="请持身份证到立案大厅。",
        by=head,
        at=at,
        way=DeliveryWay.IN_PERSON,
    )


def _merge(cast: Cast, case: Case, _: Status, clerk: Staff, head: Staff, at: datetime, own: bool) -> None:
    main = intake.register_case(entry(cast, received_at=at), unit=case.station, by=clerk, at=at)
    handling.merge_case(case, into=main, reason="同一人反映同一件事", by=head, at=at)


def _void(cast: Cast, case: Case, _: Status, clerk: Staff, head: Staff, at: datetime, own: bool) -> None:
    handling.ask_void(case, reason="登记错误，重复录入", by=head, at=at)
    handling.void_case(case, reason="情况属实", by=cast.officer, at=at + MINUTE)


BRANCHES = {
    Status.NOT_ACCEPTED: _refuse,
    Status.REDIRECTED: _redirect,
    Status.MERGED: _merge,
    Status.VOID: _void,
}


def _walk_accepted(
    cast: Cast, case: Case, wanted: Status, clerk: Staff, head: Staff, at: datetime, own_power: bool
) -> None:
    """Accept, handle, then suspend, or propose and close."""
    handling.accept_case(
        case, owner=clerk, by=head, at=at, own_power=own_power, way=DeliveryWay.IN_PERSON, plan="先稳住再调解"
    )
    if wanted is Status.ACCEPTED:
        return
    handling.record_handling(
        case,
        method=HandlingMethod.MEDIATE,
        happened_at=at,
        content="和双方各谈了一次，丈夫写了保证书。",
        persons="祝冬雪、秦大勇",
        by=clerk,
        at=at + MINUTE,
    )
    if wanted is Status.SUSPENDED:
        handling.suspend_case(
            case, ground=SuspendGround.JUDGMENT, evidence="等离婚判决", by=head, at=at + 2 * MINUTE
        )
    if wanted in (Status.PENDING_CLOSE, Status.CLOSED):
        closure.propose_close(
            case,
            outcome=Outcome.MEDIATED,
            solution="双方和好，丈夫戒酒。",
            settled_level=case.level,
            petitioner_told_on=at.date(),
            by=clerk,
            at=at + 2 * MINUTE,
        )
    if wanted is Status.CLOSED:
        closure.close_case(case, opinion="同意结案", by=_closer(cast, case, head), at=at + 3 * MINUTE)


def _closer(cast: Cast, case: Case, head: Staff) -> Staff:
    if case.risk == Risk.RED or case.involves_minor:
        return cast.leader
    return cast.officer if case.risk == Risk.ORANGE else head


ANSWER = Answer(
    text="已出警并对其训诫，出具告诫书。",
    result="POLICE.WARNING_LETTER",
    doc_number="鲁公（下）告诫〔2026〕8号",
    doc_on=date(2026, 11, 17),
)


def make_referral(
    cast: Cast,
    status: str = "SENT",
    case: Case | None = None,
    at: datetime = MONDAY,
    *,
    department: Organisation | None = None,
    **overrides: Any,
) -> Referral:
    """A referral of `case` (a fresh accepted one unless given) sent at `at` and walked to `status`, a minute a step.

    It goes to the police unless told; `overrides` are arguments of `refer_case`.
    """
    case = case or make_case(cast, "ACCEPTED", at=at - 2 * MINUTE)
    sender = overrides.pop("by", None) or case.owner
    asked: dict[str, Any] = {
        "kind": ReferralKind.ASSIGN,
        "urgency": Urgency.MILD,
        "request": "请出警核实并依法处理，视情出具告诫书。",
        "ticked": (ExtractField.NAME, ExtractField.PHONE, ExtractField.FACTS),
        "legal_basis": LegalBasis.CONSENT,
        "consented": ConsentWay.ORAL,
    }
    sent = referral.refer_case(
        case, department=department or cast.police, by=sender, at=at, **(asked | overrides)
    )
    _walk_referral(cast, sent, ReferralStatus(status), sender, at + MINUTE)
    return Referral.objects.select_related("case", "department", "from_org").get(pk=sent.pk)


def _walk_referral(cast: Cast, sent: Referral, wanted: ReferralStatus, sender: Staff, at: datetime) -> None:
    if wanted is ReferralStatus.SENT:
        return
    if wanted is ReferralStatus.WITHDRAWN:
        referral.withdraw(sent, reason="填错了部门", by=sender, at=at)
        return
    liaison, handler, leader = _partner(cast, sent)
    referral.sign_for(sent, by=liaison, at=at)
    if wanted in (ReferralStatus.OBJECTED, ReferralStatus.RETURNED):
        referral.object_to(
            sent, reason="不属我局管辖", proper_body="鲁山县人民法院", by=liaison, at=at + MINUTE
        )
        if wanted is ReferralStatus.RETURNED:
            referral.take_back(sent, reason="同意", by=sender, at=at + 2 * MINUTE)
        return
    later = (
        ReferralStatus.IN_PROGRESS,
        ReferralStatus.ANSWERED,
        ReferralStatus.RESULT,
        ReferralStatus.CLOSED,
    )
    if wanted in later:
        referral.start_work(sent, by=handler, at=at + MINUTE)
    if wanted in later[1:]:
        referral.report_result(sent, answer=ANSWER, by=handler, at=at + 2 * MINUTE)
    if wanted in later[2:] and sent.status == ReferralStatus.ANSWERED:  # without a leader's account it stands
        referral.confirm_result(sent, by=leader, at=at + 3 * MINUTE)
    if wanted is ReferralStatus.CLOSED:
        referral.write_off(sent, assessment="措施到位", by=sender, at=at + 4 * MINUTE)


def _partner(cast: Cast, sent: Referral) -> tuple[Staff, Staff, Staff]:
    if sent.department_id == cast.police.pk:
        return cast.liaison, cast.handler, cast.partner_leader
    return cast.civil_liaison, cast.civil_liaison, cast.civil_liaison
