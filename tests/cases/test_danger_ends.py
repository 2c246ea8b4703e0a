"""What an emergency asks for until it ends, what high danger refuses, and who may say that it has passed."""

from datetime import date

import pytest

from cases.actions import closure, handling
from cases.actions.monitors.monitor import open_monitor
from cases.actions.safety import emergency, plans
from cases.actions.safety.danger import DangerEntry, assess
from cases.actions.safety.emergency import duties_of, open_emergency
from cases.actions.safety.plans import TaskEntry
from cases.choices import (
    ClockStatus,
    DangerLevel,
    MonitorKind,
    MonitorOutcome,
    NoticeKind,
    Risk,
    Step,
)
from cases.forms.safety.emergency import EndEmergencyForm
from cases.models import DangerAssessment, Monitor, Notice, PlanTask
from cases.models.case import MovedOn
from cases.workflow import StepNotAllowed
from cases.workflow.danger import NO_MEDIATION
from stations.choices import AdminLevel
from tests.cases.test_danger import CALM, DAY, DEADLY, HOUR, POLICE, TENSE, clocks, facts_of, high, said, told
from tests.cast import MONDAY
from tests.factories import make_case


def plan(cast, case, *, at=MONDAY + HOUR, tasks=(), by=None):
    return plans.make_service_plan(
        case,
        needs=("POLICE", "SHELTER"),
        goals="先住到安全的地方",
        review_on=date(2026, 11, 30),
        tasks=tasks,
        by=by or cast.officer,
        at=at,
    )


def test_both_plans_end_the_day(cast):
    case = high(cast)

    plan(cast, case)
    assert "IN-EM-PLAN" in clocks(case)
    plans.make_safety_plan(case, leave="从后门走", by=cast.clerk, at=MONDAY + HOUR)

    assert "IN-EM-PLAN" in clocks(case, ClockStatus.MET)
    assert Monitor.objects.get().due_at == MONDAY + HOUR  # the police are still waited for


def test_plan_of_an_earlier_emergency_does_not_count(cast):
    case = make_case(cast, "HANDLING", involves_dv=True)
    plan(cast, case, at=MONDAY - DAY)
    plans.make_safety_plan(case, leave="从后门走", by=cast.clerk, at=MONDAY - DAY)

    assess(case, DEADLY, by=cast.clerk, at=MONDAY)

    monitor = Monitor.objects.get(case=case)
    assert {duty.code for duty in duties_of(monitor) if not duty.done} == {"police", "plan", "safety"}


def test_emergency_ends_when_every_duty_is_done(cast):
    case = high(cast)
    monitor = Monitor.objects.get(case=case)
    with pytest.raises(StepNotAllowed, match="先登记报警情况"):
        emergency.end_emergency(monitor, conclusion="完", because="不用", by=cast.clerk, at=MONDAY + HOUR)
    emergency.record_police(monitor, POLICE, by=cast.clerk, at=MONDAY + HOUR)
    plan(cast, case)
    plans.make_safety_plan(case, leave="从后门走", by=cast.clerk, at=MONDAY + HOUR)
    Notice.objects.all().delete()

    emergency.end_emergency(monitor, conclusion="她已住进庇护所", by=cast.clerk, at=MONDAY + 2 * HOUR)

    monitor.refresh_from_db()
    assert (monitor.outcome, monitor.conclusion) == (MonitorOutcome.DONE, "她已住进庇护所")
    assert told(case, NoticeKind.MONITOR_NEWS) == {"officer", "leader"}
    case.refresh_from_db()
    assert case.danger == DangerLevel.HIGH  # the danger itself is for another scoring to lower


def test_what_was_not_done_needs_a_reason_to_end(cast):
    monitor = Monitor.objects.get(case=high(cast))
    emergency.record_police(monitor, POLICE, by=cast.clerk, at=MONDAY + HOUR)

    with pytest.raises(StepNotAllowed, match="个案服务方案、安全计划"):
        emergency.end_emergency(monitor, conclusion="完", by=cast.clerk, at=MONDAY + 2 * HOUR)
    emergency.end_emergency(
        monitor, conclusion="她去了外省亲戚家", because="她不愿再谈", by=cast.clerk, at=MONDAY + 2 * HOUR
    )

    assert Monitor.objects.get().conclusion == "她去了外省亲戚家\n她不愿再谈"
    assert clocks(monitor.case, ClockStatus.CANCELLED) == {"IN-EM-PLAN"}


def test_emergency_whose_upper_was_never_told_ends_without_news_to_it(cast):
    case = make_case(cast, "HANDLING", unit=cast.county)
    assess(case, DEADLY, by=cast.officer, at=MONDAY)
    monitor = Monitor.objects.get(case=case)
    emergency.record_police(monitor, POLICE, by=cast.officer, at=MONDAY + HOUR)
    Notice.objects.all().delete()

    emergency.end_emergency(
        monitor, conclusion="完", because="市里电话不通", by=cast.officer, at=MONDAY + DAY
    )

    assert not Notice.objects.exists()


def test_an_emergency_opened_by_mistake_is_ended_by_a_leader_and_then_the_case_may_be_voided(cast):
    case = high(cast)
    monitor = Monitor.objects.get(case=case)
    ended = {"conclusion": "登错了人", "mistake": True, "at": MONDAY + HOUR}
    with pytest.raises(StepNotAllowed, match="误建的请先在监测页上结束"):
        handling.ask_void(case, reason="登错了人", by=cast.head, at=MONDAY + HOUR)

    with pytest.raises(StepNotAllowed, match="由站长或者县妇联核实"):
        emergency.end_emergency(monitor, **ended, by=cast.clerk2)
    emergency.end_emergency(monitor, **ended, by=cast.head)

    monitor.refresh_from_db()
    assert (monitor.outcome, monitor.stage, monitor.due_at) == (MonitorOutcome.MISTAKE, "ENDED", None)
    assert clocks(case, ClockStatus.CANCELLED) >= {"IN-EM-POLICE", "IN-EM-PLAN"}
    assert told(case, NoticeKind.MONITOR_NEWS) >= {"officer", "leader"}
    case.refresh_from_db()
    handling.ask_void(case, reason="登错了人", by=cast.head, at=MONDAY + 2 * HOUR)
    assert case.void_asked_by == cast.head


def test_who_opened_it_does_not_call_it_a_mistake_herself(cast):
    case = make_case(cast, "HANDLING")
    assess(case, DEADLY, by=cast.head, at=MONDAY)

    with pytest.raises(StepNotAllowed, match="须由建立的人以外的负责人核实"):
        emergency.end_emergency(
            Monitor.objects.get(), conclusion="完", mistake=True, by=cast.head, at=MONDAY + HOUR
        )


def test_only_a_leader_is_asked_whether_it_was_a_mistake(cast):
    monitor = Monitor.objects.get(case=high(cast))

    offered = [
        "mistake" in EndEmergencyForm(monitor=monitor, user=user).fields for user in (cast.clerk, cast.head)
    ]

    assert offered == [False, True]


# What is refused


@pytest.mark.parametrize(
    "attempt",
    [
        lambda cast, case: work(cast, case, method="MEDIATE"),
        lambda cast, case: work(cast, case, method="FAMILY_GUIDE"),
        lambda cast, case: work(cast, case, method="COUNSEL", service="MEDIATE", service_persons=1),
        lambda cast, case: close(cast, case, outcome="MEDIATED"),
        lambda cast, case: open_monitor(
            case, MonitorKind.AGREEMENT, keeper=cast.clerk, by=cast.clerk, at=MONDAY + HOUR
        ),
    ],
    ids=["mediate", "couple-counselling", "service", "outcome", "agreement"],
)
def test_high_danger_refuses_mediation_by_every_door(cast, attempt):
    case = high(cast)
    records = case.handling.count()

    with pytest.raises(StepNotAllowed) as refusal:
        attempt(cast, case)

    assert str(refusal.value) == NO_MEDIATION
    case.refresh_from_db()
    assert (case.status, case.closures.count()) == ("HANDLING", 0)
    assert case.handling.count() == records
    assert Monitor.objects.filter(case=case).count() == 1


def work(cast, case, *, method, **more):
    return handling.record_handling(
        case, method=method, happened_at=MONDAY, content="谈了", by=cast.clerk, at=MONDAY + HOUR, **more
    )


def close(cast, case, *, outcome="SOLVED", at=MONDAY + HOUR, **more):
    return closure.propose_close(
        case, outcome=outcome, solution="。", settled_level=AdminLevel.TOWNSHIP, by=cast.clerk, at=at, **more
    )


def test_stale_page_that_knows_of_no_danger_is_refused_all_the_same(cast):
    stale = make_case(cast, "HANDLING")
    assess(type(stale).objects.get(pk=stale.pk), DEADLY, by=cast.head, at=MONDAY)

    with pytest.raises(StepNotAllowed, match="不得调解"):
        work(cast, stale, method="MEDIATE")


def test_an_open_emergency_binds_like_high_danger_until_it_ends(cast):
    case = make_case(cast, "HANDLING")
    emergency = open_emergency(case, by=cast.clerk, at=MONDAY)

    with pytest.raises(StepNotAllowed, match="不得调解"):
        work(cast, case, method="MEDIATE")
    assert case.binding_danger == DangerLevel.HIGH

    Monitor.objects.filter(pk=emergency.pk).update(
        stage="ENDED", ended_at=MONDAY, ended_by=cast.head, outcome="MISTAKE"
    )
    work(cast, case, method="MEDIATE")
    assert case.binding_danger == ""


def test_below_high_danger_mediation_is_allowed(cast):
    case = make_case(cast, "HANDLING")
    assess(case, TENSE, by=cast.clerk, at=MONDAY)

    records = case.handling.count()
    work(cast, case, method="MEDIATE")

    assert case.handling.count() == records + 1


# Lowering


def level(case):
    return type(case).objects.values_list("danger", flat=True).get(pk=case.pk)


def test_high_danger_ends_when_two_people_find_it_lower_and_the_second_is_a_leader(cast):
    case = high(cast)

    assess(case, CALM, by=cast.clerk, at=MONDAY + DAY)
    assert level(case) == DangerLevel.HIGH
    assert facts_of(case, Step.ASSESS) == {"level": "LOW", "score": 1, "special": False, "danger": "HIGH"}
    assess(case, TENSE, by=cast.leader, at=MONDAY + 2 * DAY)

    assert level(case) == DangerLevel.MEDIUM


@pytest.mark.parametrize(
    "second",
    ["clerk", "head", "officer"],
)
def test_nobody_below_the_county_leader_confirms_that_high_danger_is_over(cast, second):
    case = high(cast)

    assess(case, CALM, by=cast.clerk, at=MONDAY + DAY)
    assess(case, CALM, by=getattr(cast, second), at=MONDAY + 2 * DAY)

    assert level(case) == DangerLevel.HIGH
    with pytest.raises(StepNotAllowed, match="不得调解"):
        work(cast, case, method="MEDIATE")


def test_leader_alone_does_not_end_high_danger(cast):
    case = high(cast)

    assess(case, CALM, by=cast.leader, at=MONDAY + DAY)
    assess(case, CALM, by=cast.leader, at=MONDAY + 2 * DAY)

    assert level(case) == DangerLevel.HIGH


def test_high_scoring_in_between_starts_the_lowering_anew(cast):
    case = high(cast)

    assess(case, CALM, by=cast.clerk, at=MONDAY + DAY)
    assess(case, DEADLY, by=cast.head, at=MONDAY + DAY + HOUR)
    assess(case, CALM, by=cast.leader, at=MONDAY + 2 * DAY)

    assert level(case) == DangerLevel.HIGH


@pytest.mark.parametrize("incomplete", [0, 1], ids=["the-first", "the-second"])
def test_answers_that_are_missing_never_lower(cast, incomplete):
    case = high(cast)
    scorings = [CALM, CALM]
    scorings[incomplete] = said("D1", unknown=["D2"])

    assess(case, scorings[0], by=cast.clerk, at=MONDAY + DAY)
    assess(case, scorings[1], by=cast.leader, at=MONDAY + 2 * DAY)

    assert level(case) == DangerLevel.HIGH


def test_medium_danger_falls_by_one_complete_scoring(cast):
    case = make_case(cast, "HANDLING")
    assess(case, TENSE, by=cast.clerk, at=MONDAY)

    assess(case, said("D1", unknown=["D2"]), by=cast.clerk, at=MONDAY + HOUR)
    assert level(case) == DangerLevel.MEDIUM
    assess(case, CALM, by=cast.clerk, at=MONDAY + DAY)

    assert level(case) == DangerLevel.LOW


def test_high_danger_without_any_scoring_of_its_own_needs_two_scorings(cast):
    case = make_case(cast, "HANDLING")
    type(case).objects.filter(pk=case.pk).update(danger="HIGH")  # as merging leaves it
    assess(case, CALM, by=cast.leader, at=MONDAY)

    assert level(case) == DangerLevel.HIGH


# Closing, merging


def test_case_that_was_scored_closes_on_a_fresh_scoring_only(cast):
    case = make_case(cast, "HANDLING")
    assess(case, CALM, by=cast.clerk, at=MONDAY)

    with pytest.raises(StepNotAllowed, match="重新评估危险（14天内的才算）"):
        close(cast, case, at=MONDAY + 14 * DAY)
    case.refresh_from_db()
    assess(case, CALM, by=cast.clerk, at=MONDAY + 14 * DAY)
    close(cast, case, at=MONDAY + 15 * DAY)

    assert case.closures.count() == 1


def test_case_closes_without_a_scoring_on_a_reason_that_is_kept(cast):
    case = make_case(cast, "HANDLING")
    assess(case, CALM, by=cast.clerk, at=MONDAY)
    why = DangerEntry(not_asked="ABSENT", words="她已去外地，电话停机")

    close(cast, case, at=MONDAY + 30 * DAY, danger_not_asked=why)

    assert case.assessments.get(not_asked="ABSENT").words == "她已去外地，电话停机"
    assert "IN-DANGER" not in clocks(case)


def test_scoring_of_an_earlier_round_is_not_fresh(cast):
    case = make_case(cast, "HANDLING")
    assess(case, CALM, by=cast.clerk, at=MONDAY)
    type(case).objects.filter(pk=case.pk).update(round_no=2)
    case.refresh_from_db()

    assert not DangerAssessment.objects.fresh(case, MONDAY + HOUR).exists()


def test_merging_carries_the_danger_over_and_the_emergency_goes_on_in_the_main_case(cast):
    case, into = high(cast), make_case(cast, "HANDLING")

    handling.merge_case(case, into=into, reason="同一件事", by=cast.head, at=MONDAY + HOUR)

    into.refresh_from_db()
    ended, running = Monitor.objects.get(case=case), Monitor.objects.get(case=into)
    assert (into.danger, into.risk) == (DangerLevel.HIGH, Risk.RED)
    assert (ended.outcome, running.is_open) == (MonitorOutcome.WITHDRAWN, True)


def test_merging_a_calm_case_into_a_dangerous_one_leaves_it_dangerous(cast):
    case, into = make_case(cast, "HANDLING"), high(cast)

    handling.merge_case(case, into=into, reason="同一件事", by=cast.head, at=MONDAY + HOUR)

    assert level(into) == DangerLevel.HIGH


# Plans


def test_tasks_have_one_clock_at_the_nearest_date(cast):
    case = make_case(cast, "HANDLING")
    tasks = [
        TaskEntry("SHELTER", "联系庇护所", date(2026, 11, 18), unit=cast.civil, who="郑民政"),
        TaskEntry("LEGAL_AID", "申请法律援助", date(2026, 11, 25)),
    ]

    plan(cast, case, tasks=tasks)
    first, second = PlanTask.objects.filter(case=case).order_by("due_on")
    assert case.clocks.get(code="IN-PLAN-TASK").last_day == date(2026, 11, 18)
    plan(cast, case, at=MONDAY + 2 * HOUR)  # a new version without new tasks moves nothing
    plans.end_task(first, result="已入住", done_on=date(2026, 11, 17), by=cast.clerk, at=MONDAY + DAY)
    running = case.clocks.get(code="IN-PLAN-TASK", status=ClockStatus.RUNNING)
    assert running.last_day == date(2026, 11, 25)
    plans.end_task(second, result="她自己请了律师", done_on=None, by=cast.clerk, at=MONDAY + DAY)

    second.refresh_from_db()
    assert (second.dropped, second.result, second.ended_by) == (True, "她自己请了律师", cast.clerk)
    assert case.clocks.get(code="IN-PLAN-TASK", status=ClockStatus.MET).last_day == date(2026, 11, 25)
    assert case.clocks.filter(code="IN-PLAN-TASK").count() == 2


def test_task_is_ended_once(cast):
    case = make_case(cast, "HANDLING")
    plan(cast, case, tasks=[TaskEntry("MEDICAL", "陪同就医", date(2026, 11, 18))])
    task, twin = PlanTask.objects.get(), PlanTask.objects.get()
    plans.end_task(task, result="去了", done_on=date(2026, 11, 17), by=cast.clerk, at=MONDAY + DAY)

    with pytest.raises(StepNotAllowed, match="已经登记过结果"):
        plans.end_task(task, result="又去", done_on=date(2026, 11, 17), by=cast.clerk, at=MONDAY + DAY)
    with pytest.raises(MovedOn, match="您填写的内容还在"):
        plans.end_task(twin, result="又去", done_on=date(2026, 11, 17), by=cast.head, at=MONDAY + DAY)


def test_empty_safety_plan_is_refused(cast):
    case = make_case(cast, "HANDLING")

    with pytest.raises(StepNotAllowed, match="还是空的"):
        plans.make_safety_plan(case, leave="", by=cast.clerk, at=MONDAY)
