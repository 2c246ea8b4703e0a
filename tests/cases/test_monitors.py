"""What is watched over beyond the case: warning letters, orders, stays, agreements; each by its own rules."""

from datetime import date, timedelta

import pytest

from cases.actions import closure, handling
from cases.actions.absence import unminded
from cases.actions.handover import hand_over_all, people_with_work
from cases.actions.monitors import agreement, protection, shelter, warning
from cases.actions.monitors.agreement import Promised
from cases.actions.monitors.monitor import add_note, change_keeper, finish
from cases.actions.safety.emergency import PoliceEntry
from cases.choices import (
    ClockStatus,
    MonitorKind,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    NoticeKind,
    SuspendGround,
    VisitFinding,
)
from cases.models import AgreementTerm, Case, Monitor, Notice
from cases.models.case import MovedOn
from cases.workflow import StepNotAllowed
from stations.models import Staff
from tests.cases.watching import (
    DAY,
    LATER,
    agreed,
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


# An agreement. Source: 人民调解法 第31、33条; 民事诉讼法 第205条.


def test_人民调解33_thirty_days_to_have_it_confirmed(cast):
    found = agreed(cast)

    assert running(found) == {"CT-CONFIRM": date(2026, 12, 16), "IN-AGREE": date(2026, 11, 26)}
    assert found.clocks.get(code="CT-CONFIRM").rule.plan.lapses  # a right: nobody is late


def test_each_promise_by_its_day(cast):
    found = agreed(cast)
    first, second = found.agreement.dues.order_by("due_on")
    kept = {"performed": True, "result": "看了转账记录", "by": cast.clerk}
    agreement.check_due(found, due=first, checked_on=date(2026, 11, 26), **kept, at=on(2026, 11, 26))
    found = fresh(found)
    assert running(found)["IN-AGREE"] == date(2026, 12, 26)

    with pytest.raises(StepNotAllowed, match="已经登记过"):
        agreement.check_due(found, due=first, checked_on=date(2026, 11, 26), **kept, at=on(2026, 11, 26))
    agreement.check_due(found, due=second, checked_on=date(2026, 12, 25), **kept, at=on(2026, 12, 25))

    found = fresh(found)
    assert (found.outcome, running(found)) == ("PERFORMED", {})
    assert not AgreementTerm.objects.filter(performed=None).exists()


@pytest.mark.parametrize(("status", "asked"), [("CLOSED", {"head"}), ("HANDLING", set())])
def test_a_broken_promise_ends_it_and_asks_for_the_case(cast, status, asked):
    found = agreed(cast, make_case(cast, status))
    due = found.agreement.dues.order_by("due_on").first()
    broken = {"due": due, "performed": False, "checked_on": date(2026, 11, 27), "result": "拒绝付款"}
    agreement.check_due(found, **broken, by=cast.clerk, at=on(2026, 11, 27))

    assert fresh(found).outcome == MonitorOutcome.FAILED
    assert told(NoticeKind.MONITOR_NEWS) == asked


def test_民诉205_the_court_is_asked_and_decides(cast):
    found = agreed(cast)
    with pytest.raises(StepNotAllowed, match="申请日期"):
        agreement.ask_confirmation(
            found, asked_on=date(2026, 11, 15), court=cast.court, by=cast.clerk, at=LATER
        )
    at = on(2026, 11, 20)
    agreement.ask_confirmation(found, asked_on=at.date(), court=cast.court, by=cast.clerk, at=at)
    found = fresh(found)
    assert (found.stage, "CT-CONFIRM" in running(found)) == (MonitorStage.CONFIRMING, False)
    with pytest.raises(StepNotAllowed, match="裁定日期"):
        agreement.decide_confirmation(
            found, confirmed=True, decided_on=date(2026, 11, 19), by=cast.clerk, at=at
        )
    agreement.decide_confirmation(
        found, confirmed=True, decided_on=date(2026, 11, 24), by=cast.clerk, at=on(2026, 11, 24)
    )

    found = fresh(found)
    assert (found.stage, found.agreement.confirmed_on) == (MonitorStage.WATCHING, date(2026, 11, 24))


def test_an_agreement_promises_something(cast):
    with pytest.raises(StepNotAllowed, match="至少写一项"):
        agreed(cast, dues=[])


def test_a_promise_already_due_is_late_at_once(cast):
    found = agreed(cast, dues=[Promised("付钱", MONDAY.date())], at=on(2026, 11, 20))

    assert running(found)["IN-AGREE"] == MONDAY.date()


def test_asking_how_it_goes_changes_no_promise(cast):
    found = agreed(cast)
    agreement.visit_agreement(found, saw(on(2026, 11, 24), UNREACHABLE), by=cast.clerk, at=on(2026, 11, 24))
    agreement.visit_agreement(fresh(found), saw(on(2026, 11, 25)), by=cast.clerk, at=on(2026, 11, 25))

    assert set(running(found)) == {"CT-CONFIRM", "IN-AGREE"}


def test_家暴规程11_no_agreement_while_the_danger_is_high(cast):
    case = make_case(cast, "HANDLING", involves_dv=True)
    type(case).objects.filter(pk=case.pk).update(danger="HIGH")

    with pytest.raises(StepNotAllowed, match="不得调解"):
        agreed(cast, case)


# What all kinds share.


def test_another_keeper_takes_the_reminders(cast):
    found = letter(cast)
    change_keeper(found, keeper=cast.clerk2, by=cast.head, at=LATER, content="换班")

    assert fresh(found).keeper == cast.clerk2
    assert told(NoticeKind.MONITOR_NEW) == {"clerk2"}
    for wrong in (cast.other_clerk, cast.volunteer, cast.liaison, cast.stat_officer):
        with pytest.raises(StepNotAllowed, match="不能负责"):
            change_keeper(fresh(found), keeper=wrong, by=cast.head, at=LATER)


def test_who_writes_on_an_older_page_is_told(cast):
    found = letter(cast)
    add_note(fresh(found), content="先写的", by=cast.clerk, at=LATER)

    with pytest.raises(MovedOn):
        add_note(found, content="后写的", by=cast.clerk2, at=LATER)
    assert found.entries.count() == 1


def test_what_has_ended_takes_no_step(cast):
    found = letter(cast)
    finish(found, outcome=MonitorOutcome.REVOKED, conclusion="复议撤销", by=cast.clerk, at=LATER)

    for take in (
        lambda: see(fresh(found), cast, on(2026, 11, 20)),
        lambda: add_note(fresh(found), content="x", by=cast.clerk, at=LATER + timedelta(minutes=1)),
    ):
        with pytest.raises(StepNotAllowed):
            take()


# It outlives the case, and goes along where the case goes.


def test_closing_suspending_and_turning_away_leave_it_alone(cast):
    case = make_case(cast, "HANDLING", involves_dv=True)
    found = letter(cast, case)
    at = on(2026, 11, 17)
    handling.suspend_case(case, ground=SuspendGround.JUDGMENT, evidence="等判决", by=cast.head, at=at)
    assert running(found) == {"DV-VISIT-1": date(2026, 11, 23)}
    handling.resume_case(case, reason="判了", by=cast.head, at=at)
    closure.propose_close(
        case, outcome="SOLVED", solution="已告诫。", settled_level=case.level, by=cast.clerk, at=at
    )
    closure.close_case(case, opinion="同意", by=cast.leader, at=at)

    found = fresh(found)
    assert not found.case.is_open
    assert running(found) == {"DV-VISIT-1": date(2026, 11, 23)}
    see(found, cast, on(2026, 11, 20))
    assert order(cast, found.case).is_open  # and what comes later may be begun


def test_voiding_waits_for_it(cast):
    found = letter(cast)
    with pytest.raises(StepNotAllowed, match="监测"):
        handling.ask_void(found.case, reason="登记错误", by=cast.head, at=LATER)
    finish(found, outcome=MonitorOutcome.MISTAKE, conclusion="误建", by=cast.clerk, at=LATER)
    handling.ask_void(found.case, reason="登记错误", by=cast.head, at=LATER)


def test_merging_carries_it_into_the_main_case(cast):
    found = letter(cast)
    main = make_case(cast, "HANDLING", involves_dv=True)
    handling.merge_case(found.case, into=main, reason="同一件事", by=cast.head, at=LATER)

    found = fresh(found)
    assert found.case == main
    assert running(found) == {"DV-VISIT-1": date(2026, 11, 23)}
    assert found.clocks.get().case == main


def test_who_leaves_hands_it_over(cast):
    found = letter(cast, make_case(cast, "CLOSED", involves_dv=True))
    burden = next(row for row in people_with_work(cast.head, LATER) if row.staff == cast.clerk)
    assert burden.monitors == 1

    made = hand_over_all(cast.clerk, cast.clerk2, by=cast.head, at=LATER, reason="调走")

    found = fresh(found)
    assert (found.keeper, made.counts["monitors"]) == (cast.clerk2, 1)
    assert found.entries.get().step == MonitorStep.KEEPER
    assert found.case.events.latest("seq").facts["monitors"] == ["WARNING_LETTER"]


def test_what_one_who_is_away_watches_is_named(cast):
    letter(cast, keeper=cast.clerk2)
    assert unminded(Case.objects.all(), LATER) == []
    Staff.objects.filter(pk=cast.clerk2.pk).update(
        absent_from=MONDAY.date(), absent_until=MONDAY.date() + 9 * DAY
    )

    [row] = unminded(Case.objects.all(), LATER)
    assert (row.staff, row.unit, row.cases, row.monitors) == (cast.clerk2, cast.station, 0, 1)


# Return visits after closing, by what the danger was.


@pytest.mark.parametrize(
    ("danger", "risk", "dv", "codes"),
    [
        ("HIGH", "ORANGE", True, [f"IN-VISIT-H{n}" for n in range(1, 7)]),
        ("", "RED", True, [f"IN-VISIT-H{n}" for n in range(1, 7)]),
        ("MEDIUM", "ORANGE", True, ["IN-VISIT-1", "IN-VISIT-2", "IN-VISIT-3"]),
        ("", "RED", False, ["IN-VISIT"]),
        ("", "BLUE", False, ["IN-VISIT"]),
    ],
)
def test_the_graver_the_danger_the_closer_the_visits(cast, danger, risk, dv, codes):
    case = make_case(cast, involves_dv=dv)
    case.danger, case.risk = danger, risk

    assert list(closure.visits_owed(case)) == codes


@pytest.mark.parametrize(("dv", "codes"), [(False, []), (True, ["IN-VISIT-1", "IN-VISIT-2", "IN-VISIT-3"])])
def test_who_left_no_name_is_visited_only_for_the_one_in_danger(cast, dv, codes):
    case = make_case(cast, involves_dv=dv)
    case.form = "ANONYMOUS"

    assert list(closure.visits_owed(case)) == codes


def follow(case, cast, moment, **said):
    told_now = {"way": "PHONE", "spoke_safely": True, "result": "SAFE", "content": ""} | said
    closure.record_follow_up(case, happened_at=moment, **told_now, by=cast.clerk, at=moment)
    clocks = case.clocks.live().of_case_itself().filter(code__startswith="IN-")
    return {clock.code: clock.last_day for clock in clocks}


def test_a_call_she_could_not_take_is_tried_again_in_three_days(cast):
    case = make_case(cast, "CLOSED", involves_dv=True)
    owed = {"IN-VISIT-1", "IN-VISIT-2", "IN-VISIT-3"}

    left = follow(case, cast, on(2026, 11, 18), spoke_safely=False)
    assert (set(left), left["IN-REVISIT"]) == (owed | {"IN-REVISIT"}, date(2026, 11, 23))
    assert case.follow_ups.get().result == "UNREACHABLE"
    left = follow(case, cast, on(2026, 11, 20), result="UNREACHABLE")
    assert left["IN-REVISIT"] == date(2026, 11, 25)
    assert set(follow(case, cast, on(2026, 11, 21))) == {"IN-VISIT-2", "IN-VISIT-3"}


def test_of_her_case_nothing_is_asked_while_she_is_not_safe(cast):
    case = make_case(cast, "CLOSED", involves_dv=True)
    with pytest.raises(StepNotAllowed, match="不谈案情"):
        follow(case, cast, on(2026, 11, 18), spoke_safely=False, content="她说还好")
