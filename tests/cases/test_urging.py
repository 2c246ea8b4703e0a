"""A silent department: reminded by hand once a working day, and proposed for supervision, which a person decides."""

from datetime import date, datetime, timedelta

import pytest

from cases.actions import referral as referrals
from cases.actions import reminders, urging
from cases.actions import supervision as verbs
from cases.actions.escalation import escalate
from cases.actions.referral import Answer
from cases.choices import EscalationReason, NoticeKind, ReferralKind, ReferralStep, SupervisionTrigger
from cases.models import Case, Notice, Referral
from cases.workflow import StepNotAllowed
from stations.workdays import load_calendar
from tests.cases.supervising import begin, fresh
from tests.cast import CHINA, MONDAY
from tests.factories import make_case, make_referral

DAY = timedelta(days=1)
FRIDAY = datetime(2026, 11, 20, 9, tzinfo=CHINA)
# IN-SIGN is two working days: the referral of Monday 16 November is late from Thursday 19 on.
LATE = datetime(2026, 11, 24, 9, tzinfo=CHINA)
NOT_YET = datetime(2026, 11, 23, 9, tzinfo=CHINA)


def proposed(at):
    return [(row.referral, row.trigger, row.why) for row in map_why(at)]


def map_why(at):
    return [urging.why_suggested(row, at) for row in urging.suggested(Referral.objects.all(), at)]


def told(kind):
    return [notice.recipient for notice in Notice.objects.filter(kind=kind).order_by("id")]


# By hand.


def test_urging_tells_the_liaison_and_is_written_down(cast):
    sent = make_referral(cast, "SENT")

    urging.urge(sent, by=cast.clerk, at=FRIDAY)

    assert told(NoticeKind.URGED) == [cast.liaison]
    event = sent.case.events.latest("seq")
    assert (event.step, event.facts, event.by) == ("URGE", {"referral": sent.number}, cast.clerk)
    assert Referral.objects.get(pk=sent.pk).status == "SENT"


def test_urging_reaches_whoever_works_on_it(cast):
    sent = make_referral(cast, "IN_PROGRESS")

    urging.urge(sent, by=cast.clerk, at=FRIDAY)

    assert told(NoticeKind.URGED) == [cast.handler, cast.liaison]


@pytest.mark.parametrize(
    ("second", "allowed"),
    [
        (FRIDAY + timedelta(hours=6), False),
        (datetime(2026, 11, 21, 9, tzinfo=CHINA), False),  # Saturday
        (datetime(2026, 11, 22, 23, tzinfo=CHINA), False),  # Sunday
        (datetime(2026, 11, 23, 0, 5, tzinfo=CHINA), True),  # Monday
    ],
)
def test_once_a_working_day(cast, second, allowed):
    sent = make_referral(cast, "SENT")
    urging.urge(sent, by=cast.clerk, at=FRIDAY)

    if allowed:
        urging.urge(sent, by=cast.clerk, at=second)
    else:
        with pytest.raises(StepNotAllowed, match="上一次催办之后还没有过一个工作日"):
            urging.urge(sent, by=cast.clerk, at=second)
    assert sent.case.events.filter(step=ReferralStep.URGE).count() == 1 + allowed


def test_another_referral_of_the_case_counts_by_itself(cast):
    sent = make_referral(cast, "SENT")
    other = make_referral(
        cast, "SENT", case=Case.objects.get(pk=sent.case_id), department=cast.civil, by=cast.clerk
    )

    urging.urge(sent, by=cast.clerk, at=FRIDAY)
    urging.urge(other, by=cast.clerk, at=FRIDAY)

    assert told(NoticeKind.URGED) == [cast.liaison, cast.civil_liaison]


def test_what_is_not_with_the_department_is_not_urged(cast):
    with pytest.raises(StepNotAllowed, match="不能“催办”"):
        urging.urge(make_referral(cast, "RESULT"), by=cast.clerk, at=FRIDAY)


def test_urges_are_counted_apart(cast):
    sent = make_referral(cast, "SENT")
    assert urging.urges_of(sent) == urging.Urges(0, None, 0, None)
    Notice.objects.all().delete()

    for day in range(12):
        reminders.remind(MONDAY + day * DAY)
    urging.urge(sent, by=cast.clerk, at=LATE)

    moments = set(
        Notice.objects.filter(kind=NoticeKind.OVERDUE, recipient=cast.liaison).values_list("at", flat=True)
    )
    found = urging.urges_of(sent)
    assert found.automatic == len(moments) > 1
    assert found.automatic_at == max(moments)
    assert (found.by_hand, found.by_hand_at) == (1, LATE)


# Proposals.


def test_the_horizon_lies_four_working_days_back(cast):
    """Tuesday 24 November is the fourth working day after Wednesday 18: Thursday, Friday, Monday, Tuesday."""
    horizon = urging.proposal_horizon(LATE)

    assert horizon == datetime(2026, 11, 19, tzinfo=CHINA)
    assert load_calendar().working_days_between(date(2026, 11, 18), LATE.date()) == urging.PROPOSE_AFTER
    assert urging.proposal_horizon(datetime(2026, 11, 22, 9, tzinfo=CHINA)) < horizon  # Sunday


def test_an_overdue_referral_is_proposed_after_four_working_days(cast):
    sent = make_referral(cast, "SENT")
    due = sent.clocks.get().effective_due
    on_time = due + 5 * DAY + timedelta(hours=9)  # Tuesday, the fourth working day

    assert due == datetime(2026, 11, 19, tzinfo=CHINA)
    assert proposed(on_time - DAY) == []
    assert proposed(on_time) == [(sent, SupervisionTrigger.OVERDUE, "逾期6天")]


def test_only_words_and_no_result_is_proposed_at_once(cast):
    sent = make_referral(cast, "IN_PROGRESS", kind=ReferralKind.ASSIGN)
    referrals.report_progress(sent, answer=Answer(text="正在办"), by=cast.handler, at=MONDAY + DAY)
    sent.clocks.live().exclude(code="IN-RESULT").delete()  # what the law asks of the police is not asked here
    due = sent.clocks.get(code="IN-RESULT").effective_due

    assert proposed(due - timedelta(seconds=1)) == []
    [(found, trigger, why)] = proposed(due)
    assert (found, trigger) == (sent, SupervisionTrigger.NO_FEEDBACK)
    assert why == "只有阶段反馈，结果逾期1天"


def test_objecting_twice_in_vain_is_proposed(cast):
    sent = make_referral(cast, "OBJECTED")
    referrals.uphold(sent, reason="属你局", by=cast.clerk, at=MONDAY + DAY)
    assert proposed(MONDAY + DAY) == []

    sent.case.record(ReferralStep.UPHOLD, by=cast.clerk, at=MONDAY + DAY, facts={"referral": sent.number})

    assert proposed(MONDAY + DAY) == [(sent, SupervisionTrigger.SHIRK, "2次提出异议均未成立")]


def test_two_unsound_results_are_proposed(cast):
    sent = make_referral(cast, "RESULT")
    for n in (1, 2):
        at = MONDAY + n * DAY
        assert proposed(at) == []
        referrals.send_for_rework(sent, demand="补文书", by=cast.clerk, at=at)
        referrals.report_result(
            sent, answer=Answer(text="已办", result="POLICE.CRITICIZED"), by=cast.handler, at=at
        )
        referrals.confirm_result(sent, by=cast.partner_leader, at=at)

    assert proposed(MONDAY + 3 * DAY) == [(sent, SupervisionTrigger.NOT_EXECUTED, "结果已2次退回重办")]


def test_an_answer_that_it_is_not_theirs_is_proposed(cast):
    sent = make_referral(cast, "IN_PROGRESS")
    answer = Answer(text="不归我局", result="NOT_OURS")
    referrals.report_result(sent, answer=answer, by=cast.handler, at=MONDAY + DAY)
    referrals.confirm_result(sent, by=cast.partner_leader, at=MONDAY + DAY)

    assert proposed(MONDAY + DAY) == [(sent, SupervisionTrigger.SHIRK, "答复称不属职责，没有办理结果")]


def test_the_same_department_sending_it_back_twice_is_proposed(cast):
    case = make_case(cast, "ACCEPTED")
    first = make_referral(cast, "RETURNED", case=case)
    assert proposed(MONDAY + DAY) == []
    again = make_referral(cast, "RETURNED", case=Case.objects.get(pk=case.pk), at=MONDAY + DAY, by=cast.clerk)

    assert proposed(MONDAY + DAY) == [(again, SupervisionTrigger.SHIRK, "同一事项已2次退回")]
    assert first.pk != again.pk


def test_what_a_person_has_looked_at_is_not_proposed_again(cast):
    sent = make_referral(cast, "SENT")
    assert len(proposed(LATE + 7 * DAY)) == 1

    found = begin(cast, sent, at=LATE)
    assert proposed(LATE + 7 * DAY) == []
    verbs.withdraw(fresh(found), reason="已电话答复", by=cast.officer, at=LATE)
    assert proposed(LATE + 7 * DAY) == []


def test_officers_hear_of_a_proposal_once(cast):
    sent = make_referral(cast, "SENT")

    assert urging.propose_supervision(NOT_YET) == 0
    assert urging.propose_supervision(LATE) == 1
    assert urging.propose_supervision(LATE) == 0
    assert urging.propose_supervision(LATE + DAY) == 0

    notice = Notice.objects.get(kind=NoticeKind.SUPERVISE_SOON)
    assert (notice.recipient, notice.referral, notice.at) == (cast.officer, sent, LATE)


def test_nobody_is_told_on_a_rest_day(cast):
    make_referral(cast, "SENT")

    assert urging.propose_supervision(datetime(2026, 11, 28, 8, 35, tzinfo=CHINA)) == 0
    assert urging.propose_supervision(datetime(2026, 11, 30, 8, 35, tzinfo=CHINA)) == 1


def test_where_no_officer_works_others_are_still_told(cast, monkeypatch):
    monkeypatch.setattr(urging, "BATCH", 1)
    for _ in range(2):
        make_referral(cast, "SENT")
    far = make_referral(
        cast, "SENT", case=make_case(cast, "ACCEPTED", unit=cast.far_station), by=cast.far_clerk
    )
    cast.other_county.active = False
    cast.other_county.save()

    assert urging.propose_supervision(LATE) == 2
    assert not Notice.objects.filter(kind=NoticeKind.SUPERVISE_SOON, referral=far).exists()


def test_proposals_take_the_same_number_of_queries(cast, django_assert_num_queries):
    make_referral(cast, "SENT")
    load_calendar()
    with django_assert_num_queries(2):
        assert len(map_why(LATE)) == 1
    for _ in range(3):
        make_referral(cast, "SENT")
    with django_assert_num_queries(2):
        assert len(map_why(LATE)) == 4


# The words of a draft.


def test_the_words_are_numbers_and_dates(cast):
    sent = make_referral(cast, "SENT")
    assert urging.words_about_referral(sent, MONDAY + DAY) == (
        f"2026年11月16日，下汤镇妇女儿童维权站以{sent.number}将一件妇女儿童权益事项交办贵单位办理。"
    )

    urging.urge(sent, by=cast.clerk, at=FRIDAY)
    words = urging.words_about_referral(sent, LATE)

    assert words.endswith("“部门签收”期限为2026年11月18日，至2026年11月24日已逾期6天。此前已催办1次。")
    assert sent.case.number not in words
    assert "祝冬雪" not in words


def test_the_words_count_what_came_back(cast):
    sent = make_referral(cast, "RESULT")
    referrals.send_for_rework(sent, demand="补文书", by=cast.clerk, at=MONDAY + DAY)

    words = urging.words_about_referral(sent, MONDAY + DAY)

    assert "贵单位于2026年11月16日签收。" in words
    assert "期间反馈的结果被退回重办1次。" in words


def test_the_words_about_a_station_name_its_case_and_what_is_late(cast):
    case = make_case(cast)

    words = urging.words_about_unit(case, MONDAY + 7 * DAY)

    assert words.startswith(f"案件{case.number}由你单位承办。")
    assert "“决定是否受理”期限为2026年11月19日，已逾期4天。" in words


def test_a_station_is_not_blamed_for_the_review_above_it(cast):
    case = make_case(cast, "HANDLING")
    escalate(
        case,
        to_unit=cast.county,
        reason=EscalationReason.CROSS_DEPT,
        tried="谈过两次",
        by=cast.clerk,
        at=MONDAY + timedelta(hours=1),
    )

    words = urging.words_about_unit(case, MONDAY + 7 * DAY)

    assert words == f"案件{case.number}由你单位承办。"
