"""The compulsory report: from the moment of knowing to the answer of the police (高检发〔2020〕9号; 未成年人保护法第11条)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from cases.actions import closure, handling
from cases.actions.monitors import report as verbs
from cases.actions.monitors.report import ReportEntry, ReportMade
from cases.actions.reminders import remind
from cases.choices import (
    ClockStatus,
    DisclosureKind,
    LegalBasis,
    MandatoryReportSituation,
    MonitorOutcome,
    MonitorStage,
    MonitorStep,
    NoticeKind,
    Outcome,
    ReportTo,
    Risk,
    SecretLevel,
    Status,
)
from cases.models import Case, Clock, Disclosure, HandlingRecord, Monitor, MovedOn, Notice
from cases.permissions import why_not_monitor
from cases.workflow import StepNotAllowed
from tests.cast import MONDAY
from tests.factories import make_case

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
M = MandatoryReportSituation
LATER = MONDAY + 2 * HOUR
BEATEN = ReportEntry(situations=(M.MR4_BODY,), known_at=MONDAY, facts="孩子腿上多处伤，老师发现。")
SEXUAL = ReportEntry(situations=(M.MR2_GIRL_U14,), known_at=MONDAY, facts="十二岁女孩，疑似被邻居侵害。")


def to_police(cast, at=MONDAY + 10 * MINUTE, **told):
    made = {
        "to": (ReportTo.POLICE,),
        "reported_at": at,
        "reported_by": cast.clerk,
        "report_unit": "下汤派出所",
        "officer": "鲁警官",
        "officer_phone": "0375-1100110",
        "receipt_number": "接20261116007",
    }
    return ReportMade(**(made | told))


def opened(cast, entry=BEATEN, status="HANDLING", at=MONDAY + MINUTE, made=None, **case):
    case.setdefault("involves_minor", True)
    return verbs.open_report(make_case(cast, status, **case), entry, by=cast.clerk, at=at, made=made)


def reported(cast, **case):
    monitor = opened(cast, **case)
    verbs.report_made(monitor, to_police(cast), by=cast.clerk, at=MONDAY + 20 * MINUTE)
    return monitor


def clocks(monitor):
    return {clock.code: clock.status for clock in Clock.objects.filter(monitor=monitor)}


def told(kind):
    return {notice.recipient.username for notice in Notice.objects.filter(kind=kind)}


# The duty begins with the knowing.


def test_未保法11_the_clock_begins_at_the_moment_of_knowing_not_of_typing(cast):
    monitor = opened(cast, at=MONDAY + 40 * MINUTE)

    clock = monitor.clocks.get()
    assert (clock.code, clock.started_at, clock.effective_due) == ("MN-REPORT", MONDAY, MONDAY + HOUR)
    assert (monitor.stage, monitor.keeper, monitor.due_at) == (
        MonitorStage.TO_REPORT,
        cast.clerk,
        MONDAY + HOUR,
    )
    assert monitor.report.known_at == MONDAY


def test_a_desk_clock_ahead_of_the_server_knows_now(cast):
    monitor = opened(cast, ReportEntry((M.MR6_ABANDON,), MONDAY + HOUR, "孩子独自在家三天。"), at=MONDAY)

    assert monitor.report.known_at == monitor.started_at == MONDAY


def test_reminders_run_by_the_hour_through_the_night(cast):
    evening = MONDAY.replace(hour=22)
    monitor = opened(
        cast, ReportEntry((M.MR4_BODY,), evening, "孩子腿上多处伤。"), at=evening + MINUTE, received_at=MONDAY
    )

    for hours in range(1, 8):
        remind(evening + hours * HOUR + MINUTE)

    heard = Notice.objects.filter(clock__monitor=monitor, recipient=cast.clerk)
    assert [notice.at.astimezone(MONDAY.tzinfo).hour for notice in heard.order_by("at")][:4] == [23, 1, 3, 5]


def test_a_child_makes_the_case_one_about_a_minor_and_somebody_without_capacity_does_not(cast):
    child = opened(cast, involves_minor=False).case
    grown = opened(
        cast, ReportEntry((M.DV_NO_CAPACITY,), MONDAY, "智力残疾，被打。"), involves_minor=False
    ).case

    assert Case.objects.get(pk=child.pk).involves_minor is child.involves_minor is True
    assert Case.objects.get(pk=grown.pk).involves_minor is False


@pytest.mark.parametrize("situation", list(M))
def test_高检发9号13_sexual_harm_seals_the_case_and_makes_it_red(cast, situation):
    case = opened(cast, ReportEntry((situation,), MONDAY, "已知的最少事实")).case

    sexual = situation in (M.MR1_GENITAL, M.MR2_GIRL_U14, M.MR3_GIRL_14UP)
    stored = Case.objects.get(pk=case.pk)
    assert stored.secrecy == (SecretLevel.MINOR_SEALED if sexual else SecretLevel.INTERNAL)
    assert stored.risk == (Risk.RED if sexual else Risk.BLUE)


def test_a_red_or_sealed_case_is_neither_raised_nor_sealed_again(cast):
    case = opened(cast, SEXUAL, category="CHD_SEXUAL", risk=Risk.RED).case

    assert [event.step for event in case.events.all()].count("SEAL") == 1
    assert "RERISK" not in {event.step for event in case.events.all()}


def test_a_report_outlives_the_case_and_begins_on_a_closed_one(cast):
    monitor = opened(cast, SEXUAL, status="CLOSED")

    assert (monitor.case.status, monitor.case.risk, monitor.stage) == (Status.CLOSED, Risk.BLUE, "TO_REPORT")
    assert monitor.case.is_sealed


def test_one_report_that_nobody_made_is_enough_to_make(cast):
    monitor = opened(cast)

    with pytest.raises(StepNotAllowed, match="已经有一项待报告"):
        verbs.open_report(monitor.case, BEATEN, by=cast.clerk, at=LATER)

    verbs.report_made(monitor, to_police(cast), by=cast.clerk, at=LATER)
    second = verbs.open_report(monitor.case, BEATEN, by=cast.clerk, at=LATER, keeper=cast.clerk2)
    assert (second.stage, second.keeper) == (MonitorStage.TO_REPORT, cast.clerk2)
    assert Monitor.objects.count() == 2


# Made.


def test_made_in_the_same_breath(cast):
    monitor = opened(cast, made=to_police(cast, at=MONDAY + MINUTE), at=MONDAY + 2 * MINUTE)

    assert monitor.stage == MonitorStage.REPORTED
    assert clocks(monitor) == {"MN-REPORT": ClockStatus.MET, "IN-MN-CHASE": ClockStatus.RUNNING}


def test_what_was_told_is_kept_sealed_told_upward_and_logged(cast):
    monitor = reported(cast)

    report = Monitor.objects.get(pk=monitor.pk).report
    assert (report.to, report.reported_by, report.reported_at) == (
        ["POLICE"],
        cast.clerk,
        MONDAY + 10 * MINUTE,
    )
    assert (report.report_unit, report.officer, report.receipt_number) == (
        "下汤派出所",
        "鲁警官",
        "接20261116007",
    )
    assert report.upper_told_at == MONDAY + 20 * MINUTE
    assert told(NoticeKind.MONITOR_NEWS) == {"officer", "leader"}
    disclosure = Disclosure.objects.get(kind=DisclosureKind.REPORT)
    assert (disclosure.case, disclosure.basis, disclosure.by) == (
        monitor.case,
        LegalBasis.STATUTORY_DUTY,
        cast.clerk,
    )
    assert disclosure.recipient == "下汤派出所，鲁警官"
    event = monitor.case.events.get(step=MonitorStep.REPORT)
    assert event.facts == {"kind": "REPORT", "to": ["POLICE"]}


def test_it_was_in_time_when_it_was_made_in_time_however_late_it_is_keyed_in(cast):
    monitor = opened(cast)

    verbs.report_made(monitor, to_police(cast), by=cast.clerk, at=MONDAY + 5 * HOUR)

    assert not monitor.clocks.get(code="MN-REPORT").was_late
    chase = monitor.clocks.get(code="IN-MN-CHASE")
    assert (chase.started_at, monitor.due_at) == (MONDAY + 10 * MINUTE, chase.effective_due)


def test_高检发9号2_the_police_come_first(cast):
    monitor = opened(cast)

    with pytest.raises(StepNotAllowed, match="先向公安"):
        verbs.report_made(monitor, to_police(cast, to=(ReportTo.EDUCATION,)), by=cast.clerk, at=LATER)
    assert clocks(monitor) == {"MN-REPORT": ClockStatus.RUNNING}


@pytest.mark.parametrize("reported_at", [MONDAY - MINUTE, LATER + MINUTE], ids=["before knowing", "tomorrow"])
def test_a_report_is_made_between_knowing_and_now(cast, reported_at):
    monitor = opened(cast)

    with pytest.raises(StepNotAllowed, match="报告时间"):
        verbs.report_made(monitor, to_police(cast, at=reported_at), by=cast.clerk, at=LATER)


def test_a_further_body_is_told_and_the_first_report_stays(cast):
    monitor = reported(cast)

    further = to_police(
        cast, at=LATER, to=(ReportTo.CIVIL_AFFAIRS,), report_unit="县民政局", receipt_number=""
    )
    verbs.report_made(monitor, further, by=cast.clerk, at=LATER)

    report = Monitor.objects.get(pk=monitor.pk).report
    assert (report.to, report.report_unit) == (["CIVIL_AFFAIRS", "POLICE"], "下汤派出所")
    assert monitor.stage == MonitorStage.REPORTED
    assert Disclosure.objects.filter(kind=DisclosureKind.REPORT).count() == 2
    assert "县民政局" in monitor.entries.latest("happened_at").content
    assert Notice.objects.filter(kind=NoticeKind.MONITOR_NEWS).count() == 2  # the county heard once


def test_what_the_county_reports_it_does_not_tell_itself(cast):
    case = make_case(cast, "HANDLING", unit=cast.county, involves_minor=True)

    monitor = verbs.open_report(
        case, BEATEN, by=cast.officer, at=LATER, made=to_police(cast, reported_by=cast.officer, at=LATER)
    )

    assert monitor.report.upper_told_at is None
    assert not Notice.objects.filter(kind=NoticeKind.MONITOR_NEWS).exists()


# The police.


def test_taken_up_the_police_owe_an_answer_in_three_days(cast):
    monitor = reported(cast)

    verbs.taken_up(monitor, taken_up_at=MONDAY + DAY, content="已立案", by=cast.clerk, at=MONDAY + DAY + HOUR)

    assert monitor.stage == MonitorStage.TAKEN_UP
    assert clocks(monitor) == {"MN-REPORT": "MET", "IN-MN-CHASE": "MET", "MN-FEEDBACK": "RUNNING"}
    clock = monitor.clocks.get(code="MN-FEEDBACK")
    assert (clock.started_at, clock.last_day) == (MONDAY + DAY, (MONDAY + 4 * DAY).date())
    assert monitor.due_at == clock.effective_due


def test_an_interim_answer_keeps_it_open_and_asks_again_in_a_month(cast):
    monitor = reported(cast)
    verbs.taken_up(monitor, taken_up_at=MONDAY + DAY, content="已立案", by=cast.clerk, at=MONDAY + DAY)

    verbs.answered(
        monitor,
        answered_at=MONDAY + 2 * DAY,
        answer="已刑拘一人",
        final=False,
        by=cast.clerk,
        at=MONDAY + 2 * DAY,
    )

    assert (monitor.stage, monitor.report.answer) == (MonitorStage.TAKEN_UP, "已刑拘一人")
    assert clocks(monitor)["MN-FEEDBACK"] == ClockStatus.MET
    assert clocks(monitor)["IN-MN-NEXT"] == ClockStatus.RUNNING
    assert monitor.due_at == monitor.clocks.get(code="IN-MN-NEXT").effective_due


@pytest.mark.parametrize("taken", [True, False], ids=["after they took it", "before"])
def test_the_last_answer_ends_it(cast, taken):
    monitor = reported(cast)
    if taken:
        verbs.taken_up(monitor, taken_up_at=MONDAY + DAY, content="已立案", by=cast.clerk, at=MONDAY + DAY)

    verbs.answered(
        monitor,
        answered_at=MONDAY + 2 * DAY,
        answer="不予立案",
        final=True,
        by=cast.clerk,
        at=MONDAY + 2 * DAY,
    )

    monitor.refresh_from_db()
    assert (monitor.stage, monitor.outcome, monitor.due_at) == ("ENDED", MonitorOutcome.ANSWERED, None)
    assert set(clocks(monitor).values()) == {ClockStatus.MET}
    assert monitor.report.answer == "不予立案"


def test_asking_the_police_begins_our_own_promise_anew(cast):
    monitor = reported(cast)
    asked = MONDAY + 3 * DAY

    verbs.chased(monitor, happened_at=asked, content="值班民警说在核实", by=cast.clerk, at=asked)

    running = monitor.clocks.get(status=ClockStatus.RUNNING)
    assert (running.code, running.started_at) == ("IN-MN-CHASE", asked)
    assert monitor.due_at == running.effective_due


def test_asking_does_not_lengthen_what_the_police_owe(cast):
    monitor = reported(cast)
    verbs.taken_up(monitor, taken_up_at=MONDAY + DAY, content="已立案", by=cast.clerk, at=MONDAY + DAY)

    verbs.chased(monitor, happened_at=LATER + DAY, content="催问一次", by=cast.clerk, at=LATER + DAY)

    assert monitor.clocks.get(status=ClockStatus.RUNNING).started_at == MONDAY + DAY


@pytest.mark.parametrize("verb", ["taken_up", "answered", "chased"])
def test_nothing_comes_before_the_report(cast, verb):
    monitor = opened(cast)
    told = {
        "taken_up": {"taken_up_at": LATER, "content": "已立案"},
        "answered": {"answered_at": LATER, "answer": "已处理", "final": True},
        "chased": {"happened_at": LATER, "content": "催问"},
    }[verb]

    with pytest.raises(StepNotAllowed, match="还没有登记向公安报告"):
        getattr(verbs, verb)(monitor, by=cast.clerk, at=LATER, **told)

    verbs.report_made(monitor, to_police(cast, at=LATER), by=cast.clerk, at=LATER)
    early = {name: MONDAY if name.endswith("_at") else value for name, value in told.items()}
    with pytest.raises(StepNotAllowed, match="不能早于报告"):
        getattr(verbs, verb)(monitor, by=cast.clerk, at=LATER, **early)


def test_two_who_answer_at_once_leave_one_answer(cast):
    monitor = reported(cast)
    slower = Monitor.objects.get(pk=monitor.pk)
    verbs.answered(monitor, answered_at=LATER, answer="第一个", final=True, by=cast.clerk, at=LATER)

    with pytest.raises((MovedOn, StepNotAllowed)):
        verbs.answered(slower, answered_at=LATER, answer="第二个", final=True, by=cast.clerk2, at=LATER)
    assert Monitor.objects.get(pk=monitor.pk).report.answer == "第一个"


# Not owed after all.


def test_not_owed_is_found_by_somebody_else_with_reasons(cast):
    monitor = opened(cast)

    with pytest.raises(StepNotAllowed, match="登记人以外"):
        verbs.not_owed(monitor, reason="看错了", by=cast.clerk, at=LATER)
    verbs.not_owed(monitor, reason="是旧伤疤，医院证明", by=cast.head, at=LATER)

    monitor.refresh_from_db()
    assert (monitor.outcome, monitor.conclusion) == (MonitorOutcome.NOT_OWED, "是旧伤疤，医院证明")
    assert clocks(monitor) == {"MN-REPORT": ClockStatus.CANCELLED}


def test_what_was_reported_is_not_taken_back(cast):
    monitor = reported(cast)

    with pytest.raises(StepNotAllowed, match="已经向公安报告"):
        verbs.not_owed(monitor, reason="不用了", by=cast.head, at=LATER)


@pytest.mark.parametrize(
    ("stage", "part", "sentence"),
    [
        pytest.param("TO_REPORT", "head", "", id="the head may"),
        pytest.param("TO_REPORT", "leader", "", id="so may the county"),
        pytest.param("TO_REPORT", "clerk2", "是否属于强制报告，由站长或者县妇联核实。", id="a clerk may not"),
        pytest.param(
            "TO_REPORT", "other_head", "这一步由负责单位、承办单位或上级妇联办理。", id="nor another station"
        ),
        pytest.param(
            "REPORTED", "head", "已经报告的，等公安的处理结果，不能直接结束。", id="nobody afterwards"
        ),
    ],
)
def test_who_may_drop_a_report(cast, stage, part, sentence):
    monitor = opened(cast) if stage == "TO_REPORT" else reported(cast)

    assert why_not_monitor(getattr(cast, part), MonitorStep.END, monitor) == sentence


def test_a_head_does_not_drop_what_she_opened(cast):
    case = make_case(cast, "HANDLING", involves_minor=True)
    monitor = verbs.open_report(case, BEATEN, by=cast.head, at=LATER)

    assert (
        why_not_monitor(cast.head, MonitorStep.END, monitor)
        == "是否属于强制报告，须由登记人以外的负责人核实。"
    )


# What it stops, and what it does not.


def propose(cast, case, at=LATER):
    return closure.propose_close(
        case, outcome=Outcome.SOLVED, solution="已移交公安", settled_level=case.level, by=cast.clerk, at=at
    )


def test_a_case_is_not_closed_over_a_report_that_is_owed_and_is_over_one_that_was_made(cast):
    monitor = opened(cast)
    with pytest.raises(StepNotAllowed, match="强制报告还没有作出"):
        propose(cast, monitor.case)

    verbs.report_made(monitor, to_police(cast), by=cast.clerk, at=LATER)
    case = Case.objects.get(pk=monitor.case_id)
    propose(cast, case)
    closure.close_case(case, opinion="同意", by=cast.leader, at=LATER)

    assert Monitor.objects.open().get().clocks.live().get().code == "IN-MN-CHASE"


def test_help_never_waits_for_the_report(cast):
    case = opened(cast).case

    handling.record_handling(
        case, method="MEDICAL", happened_at=LATER, content="送县医院", by=cast.clerk, at=LATER
    )

    assert HandlingRecord.objects.get(case=case, method="MEDICAL").content == "送县医院"


def test_a_case_with_a_report_is_not_void(cast):
    monitor = opened(cast)
    with pytest.raises(StepNotAllowed, match="强制报告还没有结果"):
        handling.ask_void(monitor.case, reason="误登", by=cast.head, at=LATER)

    verbs.not_owed(monitor, reason="登错了孩子", by=cast.head, at=LATER)
    case = Case.objects.get(pk=monitor.case_id)
    handling.ask_void(case, reason="误登", by=cast.head, at=LATER)
    verbs.open_report(case, BEATEN, by=cast.clerk, at=LATER)
    with pytest.raises(StepNotAllowed, match="强制报告还没有结果"):
        handling.void_case(case, reason="属实", by=cast.officer, at=LATER)


def test_a_report_goes_along_into_the_main_case_with_its_dates(cast):
    monitor, main = reported(cast), make_case(cast, "HANDLING")

    handling.merge_case(monitor.case, into=main, reason="同一件事", by=cast.head, at=LATER)

    moved = Monitor.objects.get(pk=monitor.pk)
    assert (moved.case, moved.is_open) == (main, True)
    assert moved.clocks.live().get().case == main


# The table.


def test_the_database_keeps_a_report_after_the_knowing(cast):
    report = opened(cast).report
    report.reported_at, report.reported_by = MONDAY - DAY, cast.clerk

    with pytest.raises(DatabaseError, match="report_after_knowing"):
        report.save()


def test_the_nine_situations_of_the_law_and_one_of_another(cast):
    assert [code[:3] for code in M.values if code.startswith("MR")] == [f"MR{n}" for n in range(1, 10)]
    assert set(M) - {code for code in M if code.startswith("MR")} == {M.DV_NO_CAPACITY}
