"""Agreements that were mediated; and what holds for every kind: its keeper, old pages, endings, visits by danger."""

from datetime import date, timedelta

import pytest

from cases.actions import closure, handling
from cases.actions.absence import unminded
from cases.actions.handover import hand_over_all, people_with_work
from cases.actions.monitors import agreement
from cases.actions.monitors.agreement import Promised
from cases.actions.monitors.monitor import add_note, change_keeper, finish
from cases.choices import (
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    NoticeKind,
    SuspendGround,
)
from cases.models import AgreementTerm, Case
from cases.models.case import MovedOn
from cases.workflow import StepNotAllowed
from stations.models import Staff
from tests.cases.test_monitors import UNREACHABLE, see, told
from tests.cases.watching import (
    DAY,
    LATER,
    agreed,
    fresh,
    letter,
    on,
    order,
    running,
    saw,
)
from tests.cast import MONDAY
from tests.factories import make_case

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
