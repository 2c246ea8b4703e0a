"""From acceptance to the last record of work: what each verb writes, starts, meets and tells."""

from datetime import date, timedelta

import pytest

from cases.actions import escalation, handling
from cases.actions.ownership import CannotOwn
from cases.choices import (
    ClockStatus,
    DeliveryWay,
    DocType,
    EscalationReason,
    Grade,
    NoticeKind,
    Part,
    RefuseReason,
    Risk,
    Status,
    Step,
    SuspendGround,
)
from cases.models import Case, MovedOn, Notice
from cases.workflow import StepNotAllowed
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + 30 * MINUTE
DAY = timedelta(days=1)


def clocks(case):
    return {clock.code: clock for clock in case.clocks.all()}


def live(case):
    return set(case.clocks.live().values_list("code", flat=True))


def told(case, kind):
    return [notice.recipient for notice in case.notices.filter(kind=kind).order_by("id")]


def steps(case):
    return list(case.events.order_by("seq").values_list("step", flat=True))


def accept(case, cast, **changes):
    arguments = {"owner": cast.clerk2, "by": cast.head, "at": LATER} | changes
    return handling.accept_case(case, **arguments)


# Acceptance.


def test_accept_names_the_owner_and_writes_the_notice(cast):
    case = make_case(cast)

    notice = accept(case, cast, grade=Grade.BIG, plan="先约双方来站", own_power=True)

    case.refresh_from_db()
    assert (case.status, case.owner, case.grade, case.own_power) == (
        Status.ACCEPTED,
        cast.clerk2,
        "BIG",
        True,
    )
    assert [(row.staff, row.until_at) for row in case.holdings.order_by("since_at")] == [
        (cast.clerk, LATER),
        (cast.clerk2, None),
    ]
    assert case.events.latest("seq").note.text == "先约双方来站"
    assert (notice.doc_type, notice.number, notice.way) == (
        DocType.ACCEPT_NOTICE,
        "下妇访受〔2026〕1号",
        DeliveryWay.NOT_YET,
    )
    assert "祝冬雪：" in notice.body
    assert case.number in notice.body
    assert told(case, NoticeKind.ASSIGNED) == [cast.clerk2]


def test_accept_meets_the_decision_but_the_notice_waits_for_delivery(cast):
    case = make_case(cast)

    notice = accept(case, cast)
    assert clocks(case)["IN-ACCEPT"].status == ClockStatus.MET
    assert live(case) == {"XF-NOTICE", "IN-TOTAL"}

    handling.record_delivery(
        notice,
        way=DeliveryWay.POST,
        delivered_on=LATER.date(),
        remark="挂号信",
        by=cast.clerk,
        at=LATER + DAY,
    )
    assert clocks(case)["XF-NOTICE"].status == ClockStatus.MET
    assert live(case) == {"IN-TOTAL"}
    case.refresh_from_db()
    assert case.due_at == clocks(case)["IN-TOTAL"].effective_due
    assert case.events.latest("seq").facts == {"notice": notice.number, "way": "POST", "on": "2026-11-16"}


def test_notice_given_at_once_is_delivered_at_once(cast):
    case = make_case(cast)

    notice = accept(case, cast, way=DeliveryWay.IN_PERSON)

    assert (notice.delivered_on, notice.delivered_by) == (LATER.date(), cast.head)
    assert clocks(case)["XF-NOTICE"].status == ClockStatus.MET


def test_delivery_is_recorded_once(cast):
    notice = accept(make_case(cast), cast)
    given = {"way": DeliveryWay.POST, "delivered_on": LATER.date(), "remark": "", "at": LATER}
    handling.record_delivery(notice, by=cast.clerk, **given)

    with pytest.raises(StepNotAllowed, match="已有人记录"):
        handling.record_delivery(notice, by=cast.head, **given)


@pytest.mark.parametrize(
    ("own_power", "is_litigation", "runs"),
    [
        pytest.param(True, False, True, id="decides itself"),
        pytest.param(False, False, False, id="decides nothing: the federation only coordinates"),
        pytest.param(True, True, False, id="a matter for the courts"),
    ],
)
def test_the_60_days_bind_only_whoever_decides(cast, own_power, is_litigation, runs):
    case = make_case(cast, is_litigation=is_litigation)

    accept(case, cast, own_power=own_power)

    assert ("XF-DECIDE" in live(case)) is runs
    if runs:
        assert clocks(case)["XF-DECIDE"].started_at == LATER


def test_accepting_for_herself_tells_her_nothing(cast):
    case = make_case(cast)

    accept(case, cast, owner=cast.head)

    assert told(case, NoticeKind.ASSIGNED) == []


@pytest.mark.parametrize("part", ["other_clerk", "officer", "archivist", "volunteer", "liaison"])
def test_an_owner_works_in_the_unit_and_may_handle(cast, part):
    case = make_case(cast)

    with pytest.raises(CannotOwn, match="请另选承办人"):
        accept(case, cast, owner=getattr(cast, part))

    case.refresh_from_db()
    assert case.status == Status.REGISTERED


def test_accept_twice_is_refused_in_words(cast):
    case = make_case(cast)
    stale = Case.objects.get(pk=case.pk)
    accept(case, cast)

    with pytest.raises(StepNotAllowed, match="案件现在是“已受理”，不能“受理”"):
        accept(case, cast)
    with pytest.raises(MovedOn, match="仇站长刚刚办理了“受理”"):
        accept(stale, cast)
    assert case.petitioner_notices.count() == 1


@pytest.mark.parametrize(
    ("end", "status", "step", "word"),
    [
        (
            lambda case, cast, way: handling.refuse_case(
                case, reason=RefuseReason.LITIGATION, explanation="请等判决", by=cast.head, at=LATER, way=way
            ),
            Status.NOT_ACCEPTED,
            Step.REFUSE,
            "不受",
        ),
        (
            lambda case, cast, way: handling.redirect_case(
                case, body="鲁山县人社局", explanation="请带合同", by=cast.head, at=LATER, way=way
            ),
            Status.REDIRECTED,
            Step.REDIRECT,
            "引",
        ),
    ],
    ids=["refuse", "redirect"],
)
def test_turning_away_ends_the_case_with_a_written_notice(cast, end, status, step, word):
    case = make_case(cast)

    notice = end(case, cast, DeliveryWay.NOT_YET)

    case.refresh_from_db()
    assert (case.status, case.ended_at, case.ended_by) == (status, LATER, cast.head)
    assert steps(case)[-1] == step
    assert notice.number == f"下妇访{word}〔2026〕1号"
    assert live(case) == {"XF-NOTICE"}  # still owed until she has it
    assert clocks(case)["IN-TOTAL"].status == ClockStatus.CANCELLED
    assert clocks(case)["IN-ACCEPT"].status == ClockStatus.MET
    assert not case.holdings.filter(until_at=None).exists()

    handling.record_delivery(
        notice, way=DeliveryWay.IN_PERSON, delivered_on=LATER.date(), remark="", by=cast.clerk, at=LATER
    )
    assert live(case) == set()
    case.refresh_from_db()
    assert case.due_at is None


def test_turning_away_in_person_owes_nothing_more(cast):
    case = make_case(cast, "NOT_ACCEPTED")

    assert live(case) == set()


def test_assign_gives_the_case_to_a_colleague(cast):
    case = make_case(cast, "HANDLING")

    handling.assign_owner(case, owner=cast.clerk2, by=cast.head, at=LATER, note="单秀英休假")

    case.refresh_from_db()
    assert (case.owner, case.status) == (cast.clerk2, Status.HANDLING)
    assert case.holdings.get(until_at=None).staff == cast.clerk2
    assert told(case, NoticeKind.ASSIGNED)[-1] == cast.clerk2

    handling.assign_owner(case, owner=cast.head, by=cast.head, at=LATER)
    assert cast.head not in told(case, NoticeKind.ASSIGNED)


def test_assign_to_the_owner_changes_no_holding(cast):
    case = make_case(cast, "HANDLING")

    handling.assign_owner(case, owner=cast.clerk, by=cast.head, at=LATER)

    assert case.holdings.count() == 1


@pytest.mark.parametrize("part", ["clerk2", "volunteer"])
def test_a_colleague_or_volunteer_is_asked_to_help(cast, part):
    case, helper = make_case(cast, "HANDLING"), getattr(cast, part)

    handling.add_assistant(case, assistant=helper, note="请陪同", by=cast.head, at=LATER)

    case.refresh_from_db()
    assert (case.owner, case.status) == (cast.clerk, Status.HANDLING)
    assert {(row.staff, row.part) for row in case.holdings.filter(until_at=None)} == {
        (cast.clerk, Part.OWNER),
        (helper, Part.ASSISTANT),
    }
    assert told(case, NoticeKind.ASSIGNED)[-1] == helper
    assert case.events.latest("seq").note.text == "请陪同"
    with pytest.raises(StepNotAllowed, match="已经在办这件案件"):
        handling.add_assistant(case, assistant=helper, note="", by=cast.head, at=LATER)


@pytest.mark.parametrize("part", ["other_clerk", "officer", "liaison"])
def test_help_comes_from_the_unit(cast, part):
    case = make_case(cast, "HANDLING")

    with pytest.raises(StepNotAllowed, match="不能协办"):
        handling.add_assistant(case, assistant=getattr(cast, part), note="", by=cast.head, at=LATER)


def work(case, by, **changes):
    arguments = {"method": "MEDIATE", "happened_at": LATER, "content": "双方见面", "by": by, "at": LATER}
    return handling.record_handling(case, **(arguments | changes))


def test_first_record_on_an_accepted_case_puts_it_into_handling(cast):
    case = make_case(cast, "ACCEPTED")

    record = work(case, cast.clerk, service="MEDIATE", service_persons=2)

    assert case.status == Status.HANDLING
    assert record.unit == cast.station
    assert case.events.latest("seq").facts == {
        "method": "MEDIATE",
        "service": "MEDIATE",
        "service_persons": 2,
    }
    work(case, cast.clerk)
    assert steps(case)[-2:] == [Step.HANDLE, Step.HANDLE]


def test_help_need_not_wait_for_acceptance(cast):
    case = make_case(cast)

    work(case, cast.clerk, method="POLICE_REPORT")

    case.refresh_from_db()
    assert case.status == Status.REGISTERED


def test_owner_hears_of_work_others_did(cast):
    case = make_case(cast, "HANDLING")

    work(case, cast.clerk2)

    assert told(case, NoticeKind.CASE_NEWS) == [cast.clerk]


def test_raised_risk_is_told_to_the_head_and_lowered_is_not(cast):
    case = make_case(cast, "HANDLING")

    handling.change_risk(case, risk=Risk.RED, reason="扬言报复", by=cast.clerk, at=LATER)
    assert told(case, NoticeKind.RISK_RAISED) == [cast.head]
    handling.change_risk(case, risk=Risk.YELLOW, reason="已冷静", by=cast.clerk, at=LATER)
    assert told(case, NoticeKind.RISK_RAISED) == [cast.head]

    case.refresh_from_db()
    assert case.risk == Risk.YELLOW
    assert case.events.latest("seq").facts == {"from": "RED", "to": "YELLOW"}


# A longer term.


def test_extension_moves_the_whole_case_clocks_and_owes_a_notice(cast):
    case = make_case(cast, "HANDLING", own_power=True)
    before = clocks(case)
    extension = handling.ask_extension(case, days=30, reason="等鉴定结论", by=cast.clerk, at=LATER)
    assert told(case, NoticeKind.TO_APPROVE) == [cast.head]

    handling.decide_extension(extension, granted=True, opinion="同意", by=cast.head, at=LATER + DAY)

    after = clocks(case)
    for code in ("XF-DECIDE", "IN-TOTAL"):
        assert after[code].extended_days == 30
        assert after[code].nominal_due == before[code].nominal_due + 30 * DAY
    # 15 January and 30 days: Sunday 14 February 2027, so Monday.
    assert after["IN-TOTAL"].last_day == date(2027, 2, 15)
    case.refresh_from_db()
    assert case.due_at == min(after["XF-DECIDE"].effective_due, after["IN-TOTAL"].effective_due)
    notice = case.petitioner_notices.get(doc_type=DocType.EXTEND_NOTICE)
    assert "延长30日。理由：等鉴定结论" in notice.body
    assert told(case, NoticeKind.DECIDED) == [cast.clerk]
    extension.refresh_from_db()
    assert (extension.granted, extension.opinion, extension.decided_by) == (True, "同意", cast.head)


def test_delivering_the_notice_of_an_extension_meets_no_clock(cast):
    case = make_case(cast)
    accept(case, cast)
    extension = handling.ask_extension(case, days=10, reason="等鉴定", by=cast.clerk2, at=LATER)
    handling.decide_extension(extension, granted=True, opinion="", by=cast.head, at=LATER)
    notice = case.petitioner_notices.get(doc_type=DocType.EXTEND_NOTICE)

    handling.record_delivery(
        notice, way=DeliveryWay.PHONE, delivered_on=LATER.date(), remark="", by=cast.clerk, at=LATER
    )

    assert "XF-NOTICE" in live(case)


def test_declined_extension_moves_nothing_and_may_be_asked_again(cast):
    case = make_case(cast, "HANDLING")
    before = clocks(case)["IN-TOTAL"].effective_due
    extension = handling.ask_extension(case, days=30, reason="忙", by=cast.clerk, at=LATER)

    handling.decide_extension(extension, granted=False, opinion="理由不足", by=cast.head, at=LATER)

    assert clocks(case)["IN-TOTAL"].effective_due == before
    assert steps(case)[-1] == Step.DECLINE_EXTENSION
    with pytest.raises(StepNotAllowed, match="已有人审批"):
        handling.decide_extension(extension, granted=True, opinion="", by=cast.officer, at=LATER)
    assert handling.ask_extension(case, days=20, reason="等鉴定", by=cast.clerk, at=LATER).days == 20


def test_only_one_extension_a_round(cast):
    case = make_case(cast, "HANDLING")
    extension = handling.ask_extension(case, days=30, reason="等鉴定", by=cast.clerk, at=LATER)

    with pytest.raises(StepNotAllowed, match="只能延长一次"):
        handling.ask_extension(case, days=10, reason="再等", by=cast.clerk, at=LATER)
    handling.decide_extension(extension, granted=True, opinion="", by=cast.head, at=LATER)
    with pytest.raises(StepNotAllowed, match="只能延长一次"):
        handling.ask_extension(case, days=10, reason="再等", by=cast.clerk, at=LATER)


# Rest.


def test_our_promise_rests_with_the_case_and_the_law_does_not(cast):
    case = make_case(cast, "HANDLING", own_power=True)
    before = clocks(case)

    handling.suspend_case(
        case, ground=SuspendGround.JUDGMENT, evidence="（2026）豫0423民初1号", by=cast.head, at=LATER
    )
    assert clocks(case)["IN-TOTAL"].status == ClockStatus.PAUSED
    assert clocks(case)["XF-DECIDE"].status == ClockStatus.RUNNING
    case.refresh_from_db()
    assert (case.status, case.due_at) == (Status.SUSPENDED, before["XF-DECIDE"].effective_due)

    handling.resume_case(case, reason="已判决", by=cast.head, at=LATER + 10 * DAY + 5 * MINUTE)
    after = clocks(case)
    assert (after["IN-TOTAL"].status, after["IN-TOTAL"].paused_days) == (ClockStatus.RUNNING, 10)
    assert after["IN-TOTAL"].nominal_due == before["IN-TOTAL"].nominal_due + 10 * DAY
    assert after["XF-DECIDE"].effective_due == before["XF-DECIDE"].effective_due
    assert case.status == Status.HANDLING
    assert told(case, NoticeKind.DECIDED) == [cast.clerk, cast.clerk]


def test_two_rests_and_an_extension_add_up(cast):
    case = make_case(cast, "HANDLING")
    start = clocks(case)["IN-TOTAL"].nominal_due

    for begin, days in ((LATER, 3), (LATER + 10 * DAY, 4)):
        handling.suspend_case(case, ground=SuspendGround.CONTACT, evidence="", by=cast.head, at=begin)
        handling.resume_case(case, reason="", by=cast.head, at=begin + days * DAY)
    extension = handling.ask_extension(case, days=20, reason="等", by=cast.clerk, at=LATER + 20 * DAY)
    handling.decide_extension(extension, granted=True, opinion="", by=cast.head, at=LATER + 20 * DAY)

    clock = clocks(case)["IN-TOTAL"]
    assert (clock.paused_days, clock.extended_days) == (7, 20)
    assert clock.nominal_due == start + 27 * DAY


def test_resting_without_a_promise_left_leaves_no_date(cast):
    case = make_case(cast, "HANDLING")

    handling.suspend_case(case, ground=SuspendGround.CONTACT, evidence="", by=cast.head, at=LATER)

    case.refresh_from_db()
    assert case.due_at is None


# Merge and void.


def test_merge_folds_one_case_into_the_other(cast):
    case, main = make_case(cast), make_case(cast, "HANDLING")

    handling.merge_case(case, into=main, reason="同一件事", by=cast.head, at=LATER)

    case.refresh_from_db()
    assert (case.status, case.merged_into, case.ended_by) == (Status.MERGED, main, cast.head)
    assert live(case) == set()
    assert not case.holdings.filter(until_at=None).exists()
    assert case.events.latest("seq").facts == {"into": main.number}
    assert main.events.latest("seq").facts == {"merged": case.number}
    assert told(case, NoticeKind.DECIDED) == [cast.clerk]


def test_merge_needs_another_open_case(cast):
    case = make_case(cast)

    for into in (case, make_case(cast, "CLOSED"), make_case(cast, "VOID")):
        with pytest.raises(StepNotAllowed, match="只能并入另一件正在办理的案件"):
            handling.merge_case(case, into=into, reason="", by=cast.head, at=LATER)


def test_merge_looks_at_the_other_case_as_it_is_now(cast):
    case, main = make_case(cast), make_case(cast)
    stale = Case.objects.get(pk=main.pk)
    handling.merge_case(main, into=make_case(cast), reason="", by=cast.head, at=LATER)

    with pytest.raises(StepNotAllowed, match="只能并入另一件正在办理的案件"):
        handling.merge_case(case, into=stale, reason="", by=cast.head, at=LATER)


def test_an_open_referral_holds_a_case(cast):
    case, main = make_referral(cast).case, make_case(cast)

    with pytest.raises(StepNotAllowed, match="还有未销号的转交"):
        handling.merge_case(case, into=main, reason="", by=cast.head, at=LATER)
    with pytest.raises(StepNotAllowed, match="还有未销号的转交"):
        handling.ask_void(case, reason="", by=cast.head, at=LATER)


def test_void_takes_asking_and_confirming(cast):
    case = make_case(cast, "HANDLING")
    with pytest.raises(StepNotAllowed, match="尚未有人申请作废"):
        handling.void_case(case, reason="", by=cast.officer, at=LATER)

    handling.ask_void(case, reason="重复录入", by=cast.head, at=LATER)
    case.refresh_from_db()
    assert (case.status, case.void_asked_by) == (Status.HANDLING, cast.head)
    assert told(case, NoticeKind.TO_APPROVE) == [cast.officer]
    with pytest.raises(StepNotAllowed, match="正等县妇联确认"):
        handling.ask_void(case, reason="再申请", by=cast.head, at=LATER)

    handling.void_case(case, reason="属实", by=cast.officer, at=LATER)
    case.refresh_from_db()
    assert (case.status, case.ended_by) == (Status.VOID, cast.officer)
    assert live(case) == set()
    assert told(case, NoticeKind.DECIDED) == [cast.clerk, cast.head]


def test_a_case_referred_after_the_asking_is_not_voided(cast):
    case = make_case(cast, "HANDLING")
    handling.ask_void(case, reason="", by=cast.head, at=LATER)
    make_referral(cast, case=case, at=LATER)
    case.refresh_from_db()

    with pytest.raises(StepNotAllowed, match="还有未销号的转交"):
        handling.void_case(case, reason="", by=cast.officer, at=LATER)


def test_the_citys_own_case_is_voided_by_the_city(cast):
    case = make_case(cast, unit=cast.city)

    handling.ask_void(case, reason="", by=cast.city_leader, at=LATER)

    assert told(case, NoticeKind.TO_APPROVE) == [cast.city_officer]


def test_numbers_of_voided_cases_are_not_used_again(cast):
    make_case(cast, "VOID")

    assert make_case(cast).number.endswith("00002")


# Order of holdings.


def test_a_new_owner_who_assisted_assists_no_longer(cast):
    case = make_case(cast, "HANDLING")
    escalation.escalate(
        case, to_unit=cast.county, reason=EscalationReason.CROSS_DEPT, tried="谈过", by=cast.head, at=LATER
    )
    escalation.take_over(case, owner=cast.officer, guidance="", by=cast.officer, at=LATER)
    assert case.holdings.get(staff=cast.clerk, until_at=None).part == Part.ASSISTANT

    escalation.send_down(case, owner=cast.clerk, guidance="请继续", by=cast.officer, at=LATER + DAY)

    assert [(row.staff, row.part) for row in case.holdings.filter(until_at=None)] == [
        (cast.clerk, Part.OWNER)
    ]
    assert Notice.objects.filter(case=case, kind=NoticeKind.ASSIGNED, recipient=cast.clerk).exists()
