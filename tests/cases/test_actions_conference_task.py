"""What a unit does about a resolution, and how the office answers."""

from datetime import timedelta

import pytest

from cases.actions import conference_task as verbs
from cases.actions.conference import NamesSomebody
from cases.choices import ClockStatus, ConferenceStep, ItemStatus, NoticeKind, TaskStatus
from cases.models import AgendaItem, Clock, MovedOn, Notice, Task, TaskReport
from cases.workflow import StepNotAllowed
from tests.cases import room
from tests.cases.test_actions_conference import history, told
from tests.cast import MONDAY
from tests.factories import make_case

pytestmark = pytest.mark.django_db

FRIDAY = MONDAY + 4 * room.DAY


def again(task: Task) -> Task:
    return room.task_of(task.resolution, task.unit)


def test_a_report_tells_the_office_and_whoever_has_the_case(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)

    room.report(cast, task)

    assert again(task).status == TaskStatus.REPORTED
    assert told(NoticeKind.TASK_NEWS) == {"conference", "clerk"}
    assert set(Notice.objects.filter(kind=NoticeKind.TASK_NEWS).values_list("case", flat=True)) == {
        None,
        case.pk,
    }
    assert history(case)[-1] == ConferenceStep.REPORT
    assert Clock.objects.get(task=task).status == ClockStatus.RUNNING  # until it is written off


def test_a_report_on_paper_says_who_it_came_from(cast):
    task = room.decided(cast)
    with pytest.raises(StepNotAllowed, match="请填写鲁山县公安局报告人的姓名"):
        room.report(cast, task, by=cast.conference)

    report = room.report(cast, task, by=cast.conference, name="某副局长")

    assert (report.by, report.reported_by_name) == (cast.conference, "某副局长")
    assert told(NoticeKind.TASK_NEWS) == set()  # the only one in the office keyed it in herself


def test_writing_off_ends_the_clock_and_tells_the_unit_and_the_owner(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    room.report(cast, task)
    Notice.objects.all().delete()

    verbs.write_off_task(again(task), opinion="已核实", by=cast.conference, at=FRIDAY)

    done = again(task)
    assert (done.status, done.ended_by, done.ended_at, done.conclusion) == (
        TaskStatus.ACCEPTED,
        cast.conference,
        FRIDAY,
        "已核实",
    )
    clock = Clock.objects.get(task=task)
    assert (clock.status, clock.ended_at) == (ClockStatus.MET, FRIDAY)
    assert told(NoticeKind.TASK_NEWS) == {"liaison", "clerk"}
    assert history(case)[-1] == ConferenceStep.WRITE_OFF
    assert task.reports.get().accepted is True


def test_a_task_without_a_case_is_written_off_too(cast):
    task = room.decided(cast)
    room.report(cast, task)

    verbs.write_off_task(again(task), opinion="已核实", by=cast.conference, at=FRIDAY)

    assert Clock.objects.get(task=task).status == ClockStatus.MET


def test_nobody_accepts_her_own_report_but_what_she_keyed_in(cast):
    item = room.screened(cast)
    room.held(cast, [item])
    task = room.task_of(room.resolve(cast, item, lead=cast.county, co_units=[]), cast.county)
    room.report(cast, task, by=cast.conference)
    with pytest.raises(StepNotAllowed, match="报告人以外的人审核"):
        verbs.write_off_task(again(task), opinion="好", by=cast.conference, at=FRIDAY)
    assert again(task).status == TaskStatus.REPORTED
    verbs.return_report(again(task), opinion="请写明", by=cast.conference, at=FRIDAY)

    room.report(cast, again(task), by=cast.conference, name="权益部某人")
    verbs.write_off_task(again(task), opinion="好", by=cast.conference, at=FRIDAY)

    assert again(task).status == TaskStatus.ACCEPTED


def test_a_report_is_sent_back_with_reasons(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    room.report(cast, task)
    Notice.objects.all().delete()

    verbs.return_report(again(task), opinion="没有写明告诫书文号", by=cast.conference, at=FRIDAY)

    assert again(task).status == TaskStatus.ASSIGNED
    report = TaskReport.objects.get()
    assert (report.accepted, report.opinion, report.decided_by) == (
        False,
        "没有写明告诫书文号",
        cast.conference,
    )
    assert told(NoticeKind.TASK_NEWS) == {"liaison"}
    room.report(cast, again(task))
    assert task.reports.count() == 2


def test_a_longer_term_moves_the_clock_and_its_reminders(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    before = Clock.objects.get(task=task)
    verbs.ask_longer(task, days=10, reason="当事人外出务工", by=cast.liaison, at=FRIDAY)
    assert told(NoticeKind.TASK_NEWS) == {"conference", "clerk"}

    verbs.extend_task(again(task), days=7, opinion="同意延长一周", by=cast.leader, at=FRIDAY)

    clock, moved = Clock.objects.get(task=task), again(task)
    assert clock.last_day == room.TERM + timedelta(days=7)
    assert (moved.due_at, moved.extended_days, clock.extended_days) == (clock.effective_due, 7, 7)
    assert clock.next_notice_at is not None
    assert before.next_notice_at is not None
    assert clock.next_notice_at > before.next_notice_at
    assert moved.status == TaskStatus.ASSIGNED
    assert TaskReport.objects.get().accepted is True
    assert history(case)[-2:] == [ConferenceStep.ASK, ConferenceStep.EXTEND]
    assert case.events.get(step=ConferenceStep.EXTEND).facts["term"] == "2026-12-25"


@pytest.mark.parametrize("days", [0, verbs.MAX_EXTENSION_DAYS + 1])
def test_a_term_is_not_put_off_for_ever(cast, days):
    task = room.decided(cast)
    with pytest.raises(StepNotAllowed, match="最多申请延长90天"):
        verbs.ask_longer(task, days=days, reason="忙", by=cast.liaison, at=FRIDAY)
    with pytest.raises(StepNotAllowed, match="最多延长90天"):
        verbs.extend_task(task, days=days, opinion="同意", by=cast.leader, at=FRIDAY)


def test_a_request_waits_once_and_is_declined_with_reasons(cast):
    task = room.decided(cast)
    with pytest.raises(StepNotAllowed, match="没有待答复的延长申请"):
        verbs.extend_task(task, days=7, opinion="同意", by=cast.leader, at=FRIDAY)
    with pytest.raises(StepNotAllowed, match="没有待答复的延长申请"):
        verbs.keep_term(again(task), opinion="不同意", by=cast.leader, at=FRIDAY)
    verbs.ask_longer(again(task), days=10, reason="忙", by=cast.liaison, at=FRIDAY)
    with pytest.raises(StepNotAllowed, match="正等答复"):
        verbs.ask_longer(again(task), days=10, reason="忙", by=cast.liaison, at=FRIDAY)

    verbs.keep_term(again(task), opinion="人命关天，不能再拖", by=cast.leader, at=FRIDAY)

    assert Clock.objects.get(task=task).last_day == room.TERM
    assert TaskReport.objects.get().accepted is False


def test_who_reports_needs_no_longer_term_any_more(cast):
    task = room.decided(cast)
    verbs.ask_longer(task, days=10, reason="忙", by=cast.liaison, at=FRIDAY)

    room.report(cast, again(task))

    waiting = verbs.waiting_report(task)
    assert waiting is not None
    assert waiting.asks_days is None
    assert TaskReport.objects.get(asks_days=10).accepted is False


def test_what_the_county_cannot_do_goes_to_the_city(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    verbs.ask_longer(task, days=10, reason="忙", by=cast.liaison, at=FRIDAY)

    item = verbs.escalate_task(again(task), asks="请市公安局督促", by=cast.leader, at=FRIDAY)

    assert (item.host, item.case, item.status, item.escalated_from) == (
        cast.city,
        case,
        ItemStatus.PROPOSED,
        task,
    )
    assert task.resolution.content in item.brief
    assert again(task).status == TaskStatus.ESCALATED
    assert Clock.objects.get(task=task).status == ClockStatus.CANCELLED
    assert TaskReport.objects.get().accepted is False
    assert told(NoticeKind.ITEM_PROPOSED) == {"conference", "city_officer", "city_leader"}
    assert history(case)[-2:] == [ConferenceStep.ESCALATE, ConferenceStep.PROPOSE]
    case.refresh_from_db()
    assert case.reached == "TOWNSHIP"  # the city reads the item; the case stays where it is


def test_escalating_is_refused_where_nobody_stands_above_or_a_name_is_said(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    with pytest.raises(NamesSomebody):
        verbs.escalate_task(again(task), asks="请市局约谈秦大勇", by=cast.leader, at=FRIDAY)
    assert again(task).status == TaskStatus.ASSIGNED

    cast.city.active = False
    cast.city.save()
    with pytest.raises(StepNotAllowed, match="没有可以提请的上级"):
        verbs.escalate_task(again(task), asks="请市局督促", by=cast.leader, at=FRIDAY)
    assert verbs.host_above(cast.city) is None


def test_report_and_escalation_at_once_and_the_second_hears_of_it(cast):
    task = room.decided(cast)
    mine, yours = again(task), again(task)

    room.report(cast, mine)

    with pytest.raises(MovedOn, match="刚刚有了变化"):
        verbs.escalate_task(yours, asks="请市局督促", by=cast.leader, at=FRIDAY)
    assert not AgendaItem.objects.filter(host=cast.city).exists()
    with pytest.raises(StepNotAllowed, match="“已报告，待审”"):
        room.report(cast, again(task))


def test_nothing_to_write_off_without_a_report(cast):
    task = room.decided(cast)
    with pytest.raises(StepNotAllowed, match="“待办理”"):
        verbs.write_off_task(task, opinion="好", by=cast.conference, at=FRIDAY)
    Task.objects.filter(pk=task.pk).update(status=TaskStatus.REPORTED)
    with pytest.raises(StepNotAllowed, match="没有待审核的报告"):
        verbs.write_off_task(again(task), opinion="好", by=cast.conference, at=FRIDAY)
