"""What is watched over beyond the case: warning letters, orders, stays, agreements; each by its own rules."""

from datetime import date

import pytest

from cases.actions.monitors import protection, shelter, warning
from cases.actions.monitors.monitor import finish
from cases.actions.safety.emergency import PoliceEntry
from cases.choices import (
    ClockStatus,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    NoticeKind,
    VisitFinding,
)
from cases.models import Monitor, Notice
from cases.workflow import StepNotAllowed
from tests.cases.watching import (
    DAY,
    LATER,
    ended,
    fresh,
    hit,
    letter,
    on,
    order,
    running,
    saw,
    stay,
)
from tests.cast import MONDAY
from tests.factories import make_case, make_referral

CLEAN, UNSURE, UNREACHABLE = VisitFinding.CLEAN, VisitFinding.UNSURE, VisitFinding.UNREACHABLE


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def see(monitor, cast, moment, finding=CLEAN, **said):
    warning.visit_letter(monitor, saw(moment, finding, **said), by=cast.clerk, at=moment)
    return fresh(monitor)


# A warning letter (告诫书). Source: 公通字〔2024〕34号 第12条.


def test_告诫12_the_first_visit_is_due_within_seven_days(cast):
    found = letter(cast)

    assert running(found) == {"DV-VISIT-1": date(2026, 11, 23)}
    assert found.clocks.get().rule.region_prefix == "41"  # Henan: ours too
    assert (found.stage, found.keeper, found.unit) == (MonitorStage.WATCHING, cast.clerk, cast.station)
    assert found.due_at == found.clocks.get().effective_due


def test_告诫12_three_clean_three_monthly_visits_end_it(cast):
    found = see(letter(cast), cast, on(2026, 11, 20))
    assert (found.clean_visits, running(found)) == (
        0,
        {"DV-VISIT-N": date(2027, 2, 22)},
    )  # 20 February: Saturday

    found = see(found, cast, on(2027, 2, 18))
    assert (found.clean_visits, running(found)) == (1, {"DV-VISIT-N": date(2027, 5, 18)})
    found = see(found, cast, on(2027, 5, 18))
    assert found.clean_visits == 2
    found = see(found, cast, on(2027, 8, 18))

    assert (found.stage, found.outcome, found.clean_visits) == ("ENDED", "CLEAN", 3)
    assert running(found) == {}
    assert ended(found)["DV-VISIT-N"] == ClockStatus.MET
    assert [entry.counts for entry in found.entries.order_by("happened_at")] == [False, True, True, True]


def test_where_the_office_says_so_the_first_visit_counts(cast, settings):
    settings.FIRST_VISIT_COUNTS = True
    found = see(letter(cast), cast, on(2026, 11, 20))
    found = see(found, cast, on(2027, 2, 18))

    assert see(found, cast, on(2027, 5, 18)).outcome == MonitorOutcome.CLEAN


def test_three_visits_in_one_week_are_not_nine_months(cast):
    found = see(letter(cast), cast, on(2026, 11, 20))
    early = see(found, cast, on(2026, 11, 24))

    assert (early.clean_visits, running(early)) == (0, running(found))  # kept, but nothing moves


@pytest.mark.parametrize("finding", [UNSURE, UNREACHABLE])
def test_doubt_and_nobody_met_count_nothing_and_are_tried_again(cast, finding):
    found = see(see(letter(cast), cast, on(2026, 11, 20)), cast, on(2027, 2, 18))

    found = see(found, cast, on(2027, 5, 17), finding)
    assert found.clean_visits == 1
    assert running(found) == {"IN-REVISIT": date(2027, 5, 20), "DV-VISIT-N": date(2027, 5, 18)}
    found = see(found, cast, on(2027, 5, 19), finding)
    assert running(found)["IN-REVISIT"] == date(2027, 5, 24)  # three working days from this try

    found = see(found, cast, on(2027, 5, 20))
    assert (found.clean_visits, set(running(found))) == (2, {"DV-VISIT-N"})


def test_who_could_not_speak_safely_was_asked_nothing(cast):
    found = see(letter(cast), cast, on(2026, 11, 20), spoke_safely=False)

    assert set(running(found)) == {"DV-VISIT-1", "IN-REVISIT"}
    with pytest.raises(StepNotAllowed, match="不谈案情"):
        warning.visit_letter(
            found,
            saw(on(2026, 11, 21)).__class__(
                on(2026, 11, 21), "PHONE", False, UNREACHABLE, content="她说还好"
            ),
            by=cast.clerk,
            at=on(2026, 11, 21),
        )


def test_a_clean_visit_saw_both_apart(cast):
    with pytest.raises(StepNotAllowed, match="没有分别见到双方"):
        see(letter(cast), cast, on(2026, 11, 20), apart=False)


def test_a_visit_does_not_lie_before_the_letter(cast):
    with pytest.raises(StepNotAllowed, match="起算"):
        see(letter(cast), cast, on(2026, 11, 15))
    with pytest.raises(StepNotAllowed, match="起算"):
        warning.breach_letter(letter(cast), hit(on(2026, 11, 15)), by=cast.clerk, at=LATER)


def test_告诫12_violence_again_ends_it_and_calls_everybody(cast):
    case = make_case(cast, "CLOSED", involves_dv=True)
    found = letter(cast, case)

    warning.breach_letter(found, hit(on(2026, 11, 25)), by=cast.clerk, at=on(2026, 11, 26))

    found = fresh(found)
    assert (found.stage, found.outcome, running(found)) == ("ENDED", "RELAPSED", {})
    assert told(NoticeKind.BREACHED) == {"head", "officer", "leader"}
    assert told(NoticeKind.RELAPSED) == {"head"}
    emergency = case.monitors.get(kind=MonitorKind.EMERGENCY)
    assert emergency.is_open
    assert "IN-EM-POLICE" in running(emergency)


def test_a_report_to_the_police_is_taken_along(cast):
    found = letter(cast)
    police = PoliceEntry(reported_at=on(2026, 11, 25), unit="下汤派出所", receipt_number="R-1")

    warning.breach_letter(
        found, hit(on(2026, 11, 25), police=police), by=cast.clerk2, at=on(2026, 11, 25, 11)
    )

    emergency = found.case.monitors.get(kind=MonitorKind.EMERGENCY)
    assert "IN-EM-POLICE" not in running(emergency)
    assert emergency.emergency.police_unit == "下汤派出所"
    assert found.entries.get().police_at == on(2026, 11, 25)
    assert "clerk" in told(NoticeKind.BREACHED)
    assert not told(NoticeKind.RELAPSED)  # the case is still in hand


def test_from_one_answer_of_the_police_one_letter(cast):
    sent = make_referral(cast, "RESULT")
    answer = sent.feedback.get(result="POLICE.WARNING_LETTER")

    first = letter(cast, sent.case, feedback=answer)

    assert letter(cast, sent.case, feedback=answer) == first
    assert Monitor.objects.filter(kind=MonitorKind.WARNING_LETTER).count() == 1


def test_one_paper_is_watched_once(cast):
    found = letter(cast, number="鲁公告诫〔2026〕8号")

    with pytest.raises(StepNotAllowed, match="已经建立"):
        letter(cast, found.case, number="鲁公告诫〔2026〕8号")
    finish(found, outcome=MonitorOutcome.MISTAKE, conclusion="录错了案件", by=cast.clerk, at=LATER)
    assert letter(cast, found.case, number="鲁公告诫〔2026〕8号").is_open


def test_before_the_rule_there_was_nothing_to_watch(cast):
    with pytest.raises(StepNotAllowed, match="还没有施行"):
        letter(cast, delivered_on=date(2024, 12, 5))


def test_the_law_was_taught_and_the_copy_came(cast):
    found = letter(cast)
    warning.note_letter(
        found,
        content="到村里上了课",
        educated_on=date(2026, 11, 18),
        copy_received=True,
        by=cast.clerk,
        at=LATER,
    )
    warning.note_letter(fresh(found), content="又问过一次", by=cast.clerk, at=LATER)

    row = fresh(found).warning
    assert (row.educated_on, row.copy_received) == (date(2026, 11, 18), True)


# An order (人身安全保护令). Source: 反家庭暴力法 第30条; 法发〔2022〕10号 第14、18条.


def test_反家暴30_six_months_at_most(cast):
    found = order(cast)
    assert found.valid_until == date(2027, 5, 16)
    assert running(found) == {
        "DV-PO-SERVE": date(2026, 11, 17),
        "IN-PO-FOLLOW": date(2026, 12, 16),
        "IN-PO-END": date(2027, 5, 16),
    }
    with pytest.raises(StepNotAllowed, match="最迟到2027年5月16日"):
        order(cast, valid_until=date(2027, 5, 17))


def test_反家暴30_the_end_of_august_gives_the_end_of_february(cast):
    found = order(cast, made_at=on(2026, 8, 31), valid_until=date(2027, 2, 28))

    assert found.valid_until == date(2027, 2, 28)
    with pytest.raises(StepNotAllowed, match="最迟到2027年2月28日"):
        order(cast, made_at=on(2026, 8, 31), valid_until=date(2027, 3, 1))


def test_an_order_ends_after_it_was_made(cast):
    with pytest.raises(StepNotAllowed, match="不能早于作出"):
        order(cast, valid_until=date(2026, 11, 15))
    with pytest.raises(StepNotAllowed, match="还没有施行"):
        order(cast, made_at=on(2016, 2, 29))
    with pytest.raises(StepNotAllowed, match="送达时间"):
        order(cast, served_at=MONDAY - DAY)


def test_an_order_made_known_after_its_end_waits_for_the_slip_alone(cast):
    found = order(cast, made_at=on(2026, 3, 2))

    assert running(found) == {"IN-PO-END": date(2026, 9, 2)}
    with pytest.raises(StepNotAllowed, match="反馈给法院"):
        protection.end_order(
            found, outcome=MonitorOutcome.EXPIRED, conclusion="平稳", by=cast.clerk, at=LATER
        )


def test_early_reminders_thirty_fifteen_and_seven_days_before(cast):
    clock = order(cast).clocks.get(code="IN-PO-END")

    assert clock.rule.plan.early_days == [30, 15, 7]
    assert (clock.fixed, clock.next_stage) == (True, "T30")
    assert clock.next_notice_at.date() == date(2027, 4, 16)


def test_法发14_serving_ends_the_day_of_the_court(cast):
    found = order(cast)
    protection.serve_order(found, served_at=LATER, by=cast.clerk, at=LATER)

    found = fresh(found)
    assert "DV-PO-SERVE" not in running(found)
    assert found.order.served_at == LATER
    with pytest.raises(StepNotAllowed, match="登记过"):
        protection.serve_order(found, served_at=LATER, by=cast.clerk, at=LATER)
    assert "DV-PO-SERVE" not in running(order(cast, served_at=LATER))


def test_法发18_visited_every_month_until_it_ends(cast):
    found = order(cast, valid_until=date(2027, 1, 31))
    protection.visit_order(found, saw(on(2026, 12, 10), apart=None), by=cast.clerk, at=on(2026, 12, 10))
    found = fresh(found)
    assert running(found)["IN-PO-FOLLOW"] == date(2027, 1, 11)  # the 10th is a Sunday
    protection.visit_order(
        found, saw(on(2027, 1, 8), UNREACHABLE, apart=None), by=cast.clerk, at=on(2027, 1, 8)
    )
    found = fresh(found)
    assert {"IN-PO-FOLLOW", "IN-REVISIT"} <= set(running(found))
    protection.visit_order(found, saw(on(2027, 1, 9), apart=None), by=cast.clerk, at=on(2027, 1, 9))

    # The next month would end after the order: its own end is the last visit.
    assert set(running(fresh(found))) == {"DV-PO-SERVE", "IN-PO-END"}


def test_反家暴34_a_breach_is_told_and_the_watching_goes_on(cast):
    found = order(cast)
    breach = hit(on(2026, 11, 25), court_told_at=on(2026, 11, 25, 15))
    protection.breach_order(found, breach, by=cast.clerk, at=on(2026, 11, 25, 16))

    found = fresh(found)
    assert found.is_open
    assert told(NoticeKind.BREACHED) == {"head", "officer", "leader"}
    entry = found.entries.get()
    assert (entry.step, entry.court_told_at) == (MonitorStep.BREACH, on(2026, 11, 25, 15))
    with pytest.raises(StepNotAllowed, match="不能早于保护令"):
        protection.breach_order(found, hit(MONDAY - DAY), by=cast.clerk, at=LATER)


def test_反家暴30_prolonged_from_the_day_that_was_decided(cast):
    found = order(cast, valid_until=date(2026, 12, 31))
    at = on(2026, 12, 28)
    protection.extend_order(found, made_at=at, valid_until=date(2027, 6, 28), by=cast.clerk, at=at)

    found = fresh(found)
    assert found.valid_until == date(2027, 6, 28)
    assert running(found)["IN-PO-END"] == date(2027, 6, 28)
    assert "IN-PO-FOLLOW" in running(found)
    for wrong, words in (
        ({"valid_until": date(2027, 6, 29)}, "最迟到2027年6月28日"),
        ({"valid_until": date(2027, 6, 1)}, "晚于原来"),
        ({"made_at": on(2026, 11, 1), "valid_until": date(2027, 5, 1)}, "原保护令之后"),
    ):
        with pytest.raises(StepNotAllowed, match=words):
            protection.extend_order(found, **({"made_at": at} | wrong), by=cast.clerk, at=at)


def test_a_visit_starts_anew_where_the_order_had_but_weeks_left(cast):
    found = order(cast, valid_until=date(2026, 12, 10))
    assert "IN-PO-FOLLOW" not in running(found)
    at = on(2026, 12, 8)
    protection.extend_order(found, made_at=at, valid_until=date(2027, 3, 8), by=cast.clerk, at=at)

    assert running(fresh(found))["IN-PO-FOLLOW"] == date(2027, 1, 8)


def test_a_new_order_follows_the_old_one(cast):
    found = order(cast, number="A-1", valid_until=date(2026, 12, 31))
    at = on(2026, 12, 30)
    made = protection.extend_order(
        found, made_at=at, valid_until=date(2027, 3, 1), number="A-2", by=cast.clerk, at=at
    )

    found = fresh(found)
    assert (found.outcome, running(found)) == ("REPLACED", {})
    assert (made.follows, made.number, made.keeper) == (found, "A-2", cast.clerk)


def test_法发18_it_expires_with_the_signed_slip_at_the_court(cast):
    found = order(cast, valid_until=date(2026, 12, 31))
    end = {"outcome": MonitorOutcome.EXPIRED, "conclusion": "平稳", "by": cast.clerk}

    with pytest.raises(StepNotAllowed, match="还没有期满"):
        protection.end_order(found, **end, at=on(2026, 12, 31, 23), fed_back_at=on(2026, 12, 31))
    with pytest.raises(StepNotAllowed, match="反馈给法院"):
        protection.end_order(found, **end, at=on(2027, 1, 4))
    protection.end_order(found, **end, at=on(2027, 1, 4), fed_back_at=on(2027, 1, 4, 9))

    found = fresh(found)
    assert (found.outcome, found.order.fed_back_at) == ("EXPIRED", on(2027, 1, 4, 9))
    assert ended(found) == {
        "IN-PO-FOLLOW": ClockStatus.CANCELLED,
        "DV-PO-SERVE": ClockStatus.CANCELLED,
        "IN-PO-END": ClockStatus.MET,
    }


def test_a_revoked_order_needs_no_slip(cast):
    found = order(cast)
    protection.end_order(
        found, outcome=MonitorOutcome.REVOKED, conclusion="裁定撤销", by=cast.clerk, at=LATER
    )

    assert set(ended(found).values()) == {ClockStatus.CANCELLED}


def test_from_one_answer_of_the_court_one_order(cast):
    sent = make_referral(cast, "RESULT", department=cast.court)
    answer = sent.feedback.get()
    first = order(cast, sent.case, feedback=answer)

    assert order(cast, sent.case, feedback=answer) == first


# A stay in a shelter. Source: 民发〔2015〕189号 第3条.


def test_庇护3_ten_days_and_a_word_on_the_eighth(cast):
    clock = stay(cast).clocks.get()

    assert (clock.code, clock.last_day) == ("DV-SHELTER", date(2026, 11, 26))
    assert (clock.next_stage, clock.next_notice_at.date()) == ("T2", date(2026, 11, 24))


def test_one_stay_at_a_time(cast):
    found = stay(cast)
    with pytest.raises(StepNotAllowed, match="已经建立"):
        stay(cast, found.case)


def test_庇护3_longer_is_filed_with_civil_affairs(cast):
    found = stay(cast)
    at = on(2026, 11, 25)
    told_now = {"filed_on": at.date(), "content": "还没有住处", "by": cast.clerk, "at": at}
    shelter.prolong_stay(found, until=date(2026, 12, 5), **told_now)

    found = fresh(found)
    assert running(found) == {"DV-SHELTER": date(2026, 12, 5)}
    assert found.stay.prolonged_until == found.valid_until == date(2026, 12, 5)
    with pytest.raises(StepNotAllowed, match="晚于现在"):
        shelter.prolong_stay(found, until=date(2026, 12, 5), **told_now)
    with pytest.raises(StepNotAllowed, match="报民政"):
        shelter.prolong_stay(found, until=date(2026, 12, 9), **(told_now | {"filed_on": date(2026, 11, 26)}))


def test_nobody_leaves_without_a_place_and_an_escort(cast):
    found = stay(cast)
    leave = {"outcome": MonitorOutcome.LEFT, "conclusion": "回娘家", "by": cast.clerk, "at": on(2026, 11, 20)}
    whole = {"left_at": on(2026, 11, 20), "destination": "姐姐家", "escort": "单秀英"}

    for missing in whole:
        with pytest.raises(StepNotAllowed, match="离开庇护要写明"):
            shelter.leave_shelter(found, **leave, **{k: v for k, v in whole.items() if k != missing})
    with pytest.raises(StepNotAllowed, match="不能早于入住"):
        shelter.leave_shelter(found, **leave, **(whole | {"left_at": MONDAY - DAY}))
    shelter.leave_shelter(found, **leave, **whole)

    found = fresh(found)
    assert (found.outcome, found.stay.destination) == ("LEFT", "姐姐家")
    assert ended(found) == {"DV-SHELTER": ClockStatus.MET}


def test_a_stay_entered_by_mistake_just_ends(cast):
    found = stay(cast)
    shelter.leave_shelter(found, outcome=MonitorOutcome.MISTAKE, conclusion="录错", by=cast.clerk, at=LATER)

    assert ended(found) == {"DV-SHELTER": ClockStatus.CANCELLED}


def test_how_she_is_there(cast):
    found = stay(cast)
    shelter.visit_stay(found, saw(on(2026, 11, 18), UNSURE), by=cast.clerk, at=on(2026, 11, 18))
    assert "IN-REVISIT" in running(found)
    shelter.visit_stay(fresh(found), saw(on(2026, 11, 19)), by=cast.clerk, at=on(2026, 11, 19))

    assert set(running(found)) == {"DV-SHELTER"}
