"""Periods of law that begin with somebody else's act: registered by hand, or started by a department's signature."""

from datetime import datetime, timedelta

import pytest

from cases.actions import closure, handling, referral, statutory
from cases.actions.clocks import forget_rules, say_periods, start_clocks
from cases.actions.referral import Answer
from cases.choices import ClockFamily, ClockStatus, FeedbackWay, ReferralKind, Status, Step
from cases.models import ClockRule, EventNote
from cases.permissions import steps_open_to
from cases.workflow import StepNotAllowed
from tests.cases.watching import letter
from tests.cast import CHINA, MONDAY
from tests.factories import MINUTE, make_case, make_referral

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = MONDAY + 2 * DAY


def live(thing):
    return set(thing.clocks.live().values_list("code", flat=True))


def start(case, cast, code="DV-PO-DECIDE", **told):
    told = {"started_at": MONDAY + HOUR, "by": cast.clerk, "at": LATER} | told
    return statutory.start_statutory(case, code=code, **told)


def test_a_registered_period_runs_from_the_moment_it_is_said_to(cast):
    case = make_case(cast, "HANDLING")

    clock = start(case, cast, note="法院电话告知已受理")

    assert (clock.family, clock.started_at, clock.effective_due) == (
        ClockFamily.STATUTORY_PARTNER,
        MONDAY + HOUR,
        MONDAY + 73 * HOUR,
    )
    event = case.events.latest("seq")
    assert (event.step, event.by) == (Step.START_CLOCK, cast.clerk)
    assert event.facts == {"clock": "DV-PO-DECIDE", "version": 1, "started": "2026-11-16T10:00:00+08:00"}
    assert EventNote.objects.get(event=event).text == "法院电话告知已受理"
    assert clock.next_notice_at is not None


def test_a_partners_period_is_not_the_date_that_binds_us(cast):
    case = make_case(cast, "HANDLING")
    before = case.due_at

    start(case, cast)

    case.refresh_from_db()
    assert case.due_at == before


def test_the_rule_of_the_place_binds_in_its_version_of_that_day(cast):
    case = make_case(cast, "HANDLING")

    warning = start(case, cast, "DV-WARN")
    assert (warning.amount, warning.rule.region_prefix) == (24, "41")
    old = start(case, cast, "PS-ORDER", started_at=datetime(2025, 12, 31, 23, 59, tzinfo=CHINA))
    assert old.rule.version == 1


def test_what_was_not_law_yet_is_not_started(cast):
    case = make_case(cast, "HANDLING")

    with pytest.raises(StepNotAllowed, match="还没有施行"):
        start(case, cast, "LA-DECIDE", started_at=datetime(2021, 12, 31, 12, tzinfo=CHINA))
    assert "LA-DECIDE" not in live(case)
    assert case.events.latest("seq").step != Step.START_CLOCK


@pytest.mark.parametrize("code", ["XF-NOTICE", "PS-CHECK", "DV-PO-VALID", "NO-SUCH"])
def test_only_what_a_person_may_register_is_registered(cast, code):
    case = make_case(cast, "HANDLING")
    assert code not in {rule.code for rule in statutory.rules_to_register(case, LATER)}

    with pytest.raises(StepNotAllowed):
        start(case, cast, code)


def test_what_was_registered_before_monitors_began_it_a_person_still_ends(cast):
    case = make_case(cast, "HANDLING")
    [clock] = start_clocks(case, "DV-VISIT-1", started_at=MONDAY, at=MONDAY)
    assert clock in statutory.clocks_to_end(case)
    assert Step.END_CLOCK in steps_open_to(cast.clerk, case)

    statutory.end_statutory(case, clock=clock, met=True, ended_at=LATER, by=cast.clerk, at=LATER)

    assert "DV-VISIT-1" not in live(case)
    watched = letter(cast, case)
    assert not set(watched.clocks.all()) & set(statutory.clocks_to_end(case))


def test_a_desk_clock_running_ahead_begins_now(cast):
    clock = start(make_case(cast, "HANDLING"), cast, started_at=LATER + 3 * MINUTE)

    assert clock.started_at == LATER


def test_one_period_is_not_registered_twice(cast):
    case = make_case(cast, "HANDLING")
    sent = make_referral(cast, "IN_PROGRESS", case=case)
    start(case, cast)
    start(case, cast, referral=sent)  # another court: on its own referral

    for thing in (None, sent):
        with pytest.raises(StepNotAllowed, match="已经在计时"):
            start(case, cast, referral=thing)


def test_on_a_referral_that_has_ended_nothing_begins(cast):
    sent = make_referral(cast, "CLOSED")

    with pytest.raises(StepNotAllowed, match="已经结束"):
        start(sent.case, cast, "PS-NOFILE", referral=sent)


def test_all_that_runs_on_a_referral_ends_with_it(cast):
    sent = make_referral(cast, "RESULT")
    clock = start(sent.case, cast, "PS-NOFILE", referral=sent, at=MONDAY + DAY)
    assert sent.case.events.latest("seq").facts["referral"] == sent.number

    referral.write_off(sent, assessment="满意", by=cast.clerk, at=LATER)

    clock.refresh_from_db()
    assert clock.status == ClockStatus.CANCELLED


def test_the_end_is_registered_with_its_own_moment(cast):
    case = make_case(cast, "HANDLING")
    clock = start(case, cast)

    statutory.end_statutory(
        case, clock=clock, met=True, ended_at=MONDAY + 5 * HOUR, note="保护令已送达", by=cast.clerk, at=LATER
    )

    clock.refresh_from_db()
    assert (clock.status, clock.ended_at, clock.ended_by) == (
        ClockStatus.MET,
        MONDAY + 5 * HOUR,
        cast.clerk,
    )
    assert (clock.next_notice_at, clock.was_late) == (None, False)
    event = case.events.latest("seq")
    assert event.facts == {"clock": "DV-PO-DECIDE", "met": True, "ended": "2026-11-16T14:00:00+08:00"}
    assert "保护令" not in str(event.facts)


def test_a_period_that_does_not_apply_is_cancelled_now(cast):
    sent = make_referral(cast, "SIGNED")
    (clock,) = [clock for clock in statutory.clocks_to_end(sent.case) if clock.code == "PS-CHECK"]

    statutory.end_statutory(
        sent.case, clock=clock, met=False, ended_at=MONDAY + HOUR, by=cast.clerk, at=LATER
    )

    clock.refresh_from_db()
    assert (clock.status, clock.ended_at) == (ClockStatus.CANCELLED, LATER)
    assert sent.case.events.latest("seq").facts["referral"] == sent.number


def test_an_end_comes_after_the_beginning_and_once(cast):
    case = make_case(cast, "HANDLING")
    clock = start(case, cast)

    with pytest.raises(StepNotAllowed, match="不能早于起算时间"):
        statutory.end_statutory(case, clock=clock, met=True, ended_at=MONDAY, by=cast.clerk, at=LATER)
    statutory.end_statutory(case, clock=clock, met=True, ended_at=LATER + HOUR, by=cast.clerk, at=LATER)
    clock.refresh_from_db()
    assert clock.ended_at == LATER
    with pytest.raises(StepNotAllowed, match="刚刚已经结束"):
        statutory.end_statutory(case, clock=clock, met=True, ended_at=LATER, by=cast.clerk, at=LATER)


def test_what_the_system_meets_is_not_ended_by_hand(cast):
    sent = make_referral(cast, "SIGNED")
    offered = {clock.code for clock in statutory.clocks_to_end(sent.case)}
    assert offered == {"PS-CHECK"}

    with pytest.raises(StepNotAllowed):
        statutory.end_statutory(
            sent.case,
            clock=sent.clocks.get(code="IN-RESULT"),
            met=True,
            ended_at=LATER,
            by=cast.clerk,
            at=LATER,
        )
    assert "IN-RESULT" in live(sent)


@pytest.mark.parametrize(
    ("department", "codes"),
    [("police", {"PS-CHECK"}), ("court", set()), ("justice", set()), ("civil", set())],
)
def test_a_signature_starts_what_the_law_gives_that_department(cast, department, codes):
    sent = make_referral(cast, department=getattr(cast, department), kind=ReferralKind.TRANSFER)

    referral.sign_for(sent, by=None, at=LATER, name="李收发")

    assert live(sent) == codes | {"XF-OBJECT", "IN-FIRST"}
    assert all(clock.started_at == LATER for clock in sent.clocks.live())


def test_asking_for_a_service_is_no_report(cast):
    sent = make_referral(cast, department=cast.police, kind=ReferralKind.REFER)

    referral.sign_for(sent, by=None, at=LATER, name="李收发")

    assert live(sent) == {"XF-OBJECT", "IN-FIRST"}


def test_keeping_to_a_referral_starts_nothing_again(cast):
    sent = make_referral(cast, "OBJECTED")

    referral.uphold(sent, reason="属贵局职责", by=cast.clerk, at=LATER)

    assert sent.clocks.filter(code="PS-CHECK").count() == 1


@pytest.mark.parametrize("taken_up", ["begins", "says so"])
def test_taking_the_matter_up_answers_whether_it_is_taken_up(cast, taken_up):
    sent = make_referral(cast, "SIGNED")
    assert "PS-CHECK" in live(sent)

    if taken_up == "begins":
        referral.start_work(sent, by=cast.handler, at=LATER)
    else:
        referral.report_progress(sent, answer=Answer("正在核实"), by=cast.handler, at=LATER)

    clock = sent.clocks.get(code="PS-CHECK")
    assert (clock.status, clock.ended_at) == (ClockStatus.MET, LATER)


def test_what_asks_for_a_result_is_met_by_a_result(cast):
    ClockRule.objects.filter(code="PR-RESULT").update(department_kind="POLICE")
    forget_rules()
    sent = make_referral(cast, "SIGNED")
    referral.report_progress(sent, answer=Answer("正在核实"), by=cast.handler, at=LATER)
    assert "PR-RESULT" in live(sent)

    referral.report_result(
        sent,
        answer=Answer("已立案", "POLICE.CRIMINAL_FILED"),
        by=cast.clerk,
        at=LATER + HOUR,
        way=FeedbackWay.PAPER,
    )

    clock = sent.clocks.get(code="PR-RESULT")
    assert (clock.status, clock.ended_at, clock.was_late) == (ClockStatus.MET, LATER + HOUR, False)


def test_closing_a_case_leaves_the_partners_registered_periods_running(cast):
    case = make_case(cast, "HANDLING")
    start(case, cast, at=MONDAY + 2 * HOUR)
    ending = {"outcome": "SOLVED", "solution": "已和解", "settled_level": "TOWNSHIP"}
    closure.propose_close(case, by=cast.clerk, at=LATER, **ending)
    closure.close_case(case, opinion="同意", by=cast.head, at=LATER + HOUR)

    assert case.status == Status.CLOSED
    assert "DV-PO-DECIDE" in live(case)
    assert "IN-TOTAL" not in live(case)


def test_voiding_a_case_ends_everything(cast):
    case = make_case(cast, "HANDLING")
    start(case, cast)
    handling.ask_void(case, reason="误登", by=cast.head, at=LATER)
    handling.void_case(case, reason="属实", by=cast.officer, at=LATER)

    assert live(case) == set()


def test_words_on_a_page_say_what_is_counted(cast):
    said = say_periods("应在{IN-REVIEW}内（红色{IN-REVIEW-U}内）、{XF-REG}", "410423101", LATER)

    assert said == "应在3个工作日内（红色2小时内）、当个工作日"
