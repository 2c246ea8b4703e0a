"""领导批示 and 领导包案: what they change of a case, until they are reported done."""

from datetime import date, timedelta

import pytest

from cases.actions import closure, instruction
from cases.choices import ClockStatus, Grade, InstructionKind, NoticeKind, Outcome, ReopenGround, Step
from cases.models import Case, Clock, Instruction, Notice
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from tests.cases import room
from tests.cases.test_actions_conference import told
from tests.cast import MONDAY
from tests.factories import make_case

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(hours=2)


def test_an_instruction_raises_the_case(cast):
    case = make_case(cast, "HANDLING")

    room.instruct(cast, case, term_on=date(2026, 12, 1))

    case = Case.objects.get(pk=case.pk)
    assert (case.grade, case.led, case.reached, case.level) == (
        Grade.HARD,
        True,
        AdminLevel.COUNTY,
        AdminLevel.TOWNSHIP,
    )
    assert told(NoticeKind.INSTRUCTED) == {"clerk", "head", "leader"}  # not the officer who wrote it down
    event = case.events.get(step=Step.INSTRUCT)
    assert event.facts == {"kind": "INSTRUCTION", "term": "2026-12-01"}
    assert event.note.text == "县委副书记某某：请妥善处理，确保人身安全。"
    clock = Clock.objects.get(case=case, code="LD-TERM")
    assert (clock.last_day, clock.status) == (date(2026, 12, 1), ClockStatus.RUNNING)


def test_the_reminders_of_a_led_case_come_oftener(cast):
    case = make_case(cast, "HANDLING")
    before = Clock.objects.get(case=case, code="IN-TOTAL")

    room.instruct(cast, case)

    after = Clock.objects.get(case=case, code="IN-TOTAL")
    assert before.next_notice_at is not None
    assert after.next_notice_at is not None
    assert after.next_notice_at < before.next_notice_at  # ten days ahead, no longer seven
    instruction.end_instruction(
        case, instruction=Instruction.objects.get(), result="已报告", by=cast.officer, at=LATER
    )
    assert Clock.objects.get(case=case, code="IN-TOTAL").next_notice_at == before.next_notice_at


def test_without_a_term_there_is_no_clock_and_the_city_raises_it_to_the_city(cast):
    case = make_case(cast, "HANDLING")

    room.instruct(cast, case, by=cast.city_officer, kind=InstructionKind.CHARGE)

    case.refresh_from_db()
    assert case.reached == AdminLevel.CITY
    assert not Clock.objects.filter(code="LD-TERM").exists()
    room.instruct(cast, case)
    case.refresh_from_db()
    assert case.reached == AdminLevel.CITY  # never lower again


def test_the_nearest_of_several_terms_runs(cast):
    case = make_case(cast, "HANDLING")
    room.instruct(cast, case, term_on=date(2026, 12, 10))
    near = room.instruct(cast, case, term_on=date(2026, 12, 1))
    room.instruct(cast, case, term_on=date(2026, 12, 20))
    live = Clock.objects.live().filter(code="LD-TERM")
    assert [clock.last_day for clock in live] == [date(2026, 12, 1)]

    instruction.end_instruction(case, instruction=near, result="已报告", by=cast.officer, at=LATER)

    assert [clock.last_day for clock in live.all()] == [date(2026, 12, 10)]
    assert Clock.objects.filter(code="LD-TERM", status=ClockStatus.MET).count() == 1
    case.refresh_from_db()
    assert case.led


def test_an_end_that_was_not_the_nearest_leaves_the_clock(cast):
    case = make_case(cast, "HANDLING")
    room.instruct(cast, case, term_on=date(2026, 12, 1))
    far = room.instruct(cast, case, term_on=date(2026, 12, 20))

    instruction.end_instruction(case, instruction=far, result="已报告", by=cast.officer, at=LATER)

    clock = Clock.objects.live().get(code="LD-TERM")
    assert clock.last_day == date(2026, 12, 1)
    assert not Clock.objects.filter(code="LD-TERM", status=ClockStatus.MET).exists()


def test_the_last_end_makes_the_case_an_ordinary_one(cast):
    case = make_case(cast, "HANDLING")
    row = room.instruct(cast, case)
    Notice.objects.all().delete()

    instruction.end_instruction(case, instruction=row, result="已向书记报告", by=cast.leader, at=LATER)

    row.refresh_from_db()
    assert (row.result, row.ended_by, row.ended_at) == ("已向书记报告", cast.leader, LATER)
    case.refresh_from_db()
    assert not case.led
    assert told(NoticeKind.CASE_NEWS) == {"clerk"}
    with pytest.raises(StepNotAllowed, match="已经登记办结"):
        instruction.end_instruction(case, instruction=row, result="再来", by=cast.leader, at=LATER)


def test_a_closed_case_is_reported_done_without_a_clock_and_reopening_keeps_the_mark(cast):
    case = make_case(cast, "HANDLING")
    first = room.instruct(cast, case, term_on=date(2026, 12, 1))
    second = room.instruct(cast, case, term_on=date(2026, 12, 10))
    case = Case.objects.select_related("holder__region", "station", "owner").get(pk=case.pk)
    closure.propose_close(
        case,
        outcome=Outcome.MEDIATED,
        solution="和好",
        settled_level=AdminLevel.TOWNSHIP,
        by=cast.clerk,
        at=LATER,
    )
    closure.close_case(case, opinion="同意", by=cast.head, at=LATER)

    instruction.end_instruction(case, instruction=first, result="已报告", by=cast.officer, at=LATER)

    assert not Clock.objects.live().filter(code="LD-TERM").exists()
    case.refresh_from_db()
    closure.reopen_case(
        case, ground=ReopenGround.RELAPSE, reason="又闹", owner=cast.clerk, by=cast.head, at=LATER
    )
    case.refresh_from_db()
    assert case.led
    assert second.ended_at is None


@pytest.mark.parametrize("words", [{"term_on": date(2026, 11, 15)}, {"by": None}])
def test_what_cannot_be_written_down(cast, words):
    case = make_case(cast, "HANDLING")
    if "by" in words:
        cast.officer.organisation = None
        words = {"by": cast.officer}

    with pytest.raises(StepNotAllowed):
        room.instruct(cast, case, **words)

    assert not Instruction.objects.exists()


def test_where_no_county_federation_is_set_up_the_unit_hears(cast):
    case = make_case(cast, "HANDLING")
    cast.county.active = False
    cast.county.save()

    room.instruct(cast, case, by=cast.city_officer)

    assert told(NoticeKind.INSTRUCTED) == {"clerk", "head"}


def test_an_ended_case_takes_no_instruction(cast):
    case = make_case(cast, "VOID")

    with pytest.raises(StepNotAllowed, match="作废"):
        room.instruct(cast, case)
    assert not case.clocks.live().exists()
