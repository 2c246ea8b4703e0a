"""Who sees which meeting, item and task of the joint conference, and who may take which step: written as tables."""

import pytest

from cases.actions import conference, meeting
from cases.choices import (
    ConferenceStep,
    ItemStatus,
    MeetingStatus,
    MeetingStep,
    MeetingType,
    Step,
    TaskStatus,
)
from cases.models import AgendaItem, Case, Meeting, Task
from cases.permissions import (
    item_steps_open_to,
    keeps_conference,
    meeting_steps_open_to,
    steps_open_to,
    task_steps_open_to,
    why_not,
    why_not_item,
    why_not_meeting,
    why_not_task,
)
from cases.workflow import (
    ITEM_TRANSITIONS,
    ITEM_TURN,
    MEETING_TRANSITIONS,
    TASK_TRANSITIONS,
    TASK_TURN,
    StepNotAllowed,
    next_item_status,
    next_meeting_status,
    next_task_status,
)
from tests.cases import room
from tests.cast import MONDAY
from tests.factories import make_case

pytestmark = pytest.mark.django_db

# y sees it. The police were asked to the meetings and lead; the court helps; civil affairs is a member, no more.
SIGHT = """
                  clerk head officer leader conference city_officer other_officer liaison partner_leader handler court civil_liaison stat_officer
working meeting   .     .    y       y      y          y            .             y       y              .       y     .             .
working item      .     .    y       y      y          y            .             y       y              .       y     .             .
working task      .     .    y       y      y          y            .             y       y              .       .     .             .
case meeting      .     .    y       y      y          .            .             y       y              .       y     .             .
case item         .     .    y       y      y          .            .             y       y              .       y     .             .
case task         .     .    y       y      y          .            .             y       y              .       .     .             .
waiting case      .     .    y       y      y          .            .             .       .              .       .     .             .
waiting other     .     .    y       y      y          y            .             .       .              .       .     y             .
listed            .     .    y       y      y          y            .             y       y              .       y     y             .
citys meeting     .     .    .       .      .          y            .             .       .              .       .     .             .
"""


@pytest.fixture
def people(cast):
    """The cast, and a liaison of the court."""
    cast.civil_liaison.pk, court = None, cast.civil_liaison
    court.username, court.organisation = "court", cast.court
    court.save()
    cast.civil_liaison = type(court).objects.get(username="civil_liaison")
    return {**vars(cast), "court": court}


@pytest.fixture
def things(cast):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    found = {}
    for word, kind in (("working", MeetingType.WORKING), ("case", MeetingType.CASE)):
        item = room.screened(cast, case if kind == MeetingType.CASE else None)
        found[f"{word} meeting"] = room.held(cast, [item], kind=kind)
        found[f"{word} item"] = AgendaItem.objects.get(pk=item.pk)
        found[f"{word} task"] = room.task_of(room.resolve(cast, item), cast.police)
    found["waiting case"] = room.propose(cast, case)
    found["waiting other"] = room.screened(cast, by=cast.civil_liaison)
    listed = room.screened(cast, by=cast.civil_liaison)
    room.planned(cast, [listed])
    found["listed"] = AgendaItem.objects.get(pk=listed.pk)
    cast.justice.region_id = "410400000000"
    cast.justice.save()
    found["citys meeting"] = meeting.plan_meeting(
        cast.city, room.plan([], [cast.justice]), by=cast.city_officer, at=MONDAY
    )
    return found


def test_who_sees_what(people, things):
    names, *lines = SIGHT.strip().splitlines()
    expected = {}
    for line in lines:
        cells = line.split()
        marks = cells[-len(names.split()) :]
        thing = " ".join(cells[: -len(marks)])
        expected |= {(thing, name): mark for name, mark in zip(names.split(), marks, strict=True)}

    got = {
        (thing, name): "y" if type(row).objects.visible_to(people[name]).filter(pk=row.pk).exists() else "."
        for thing, row in things.items()
        for name in names.split()
    }

    assert got == expected


def test_each_is_listed_once_whoever_was_asked(cast, things):
    for model in (Meeting, AgendaItem, Task):
        for person in (cast.officer, cast.liaison, cast.city_officer):
            rows = list(model.objects.visible_to(person).values_list("pk", flat=True))
            assert len(rows) == len(set(rows))


def test_somebody_without_a_unit_sees_nothing_and_does_nothing(cast, things):
    cast.officer.organisation = None
    for model in (Meeting, AgendaItem, Task):
        assert not model.objects.visible_to(cast.officer).exists()
    assert why_not_item(cast.officer, ConferenceStep.WITHDRAW, things["waiting case"])
    assert not keeps_conference(cast.officer, cast.county)


def test_an_office_in_a_department_sees_the_whole_conference(cast, things):
    cast.conference.organisation = cast.civil
    for thing in ("working meeting", "case meeting", "waiting case", "case task"):
        row = things[thing]
        assert type(row).objects.visible_to(cast.conference).filter(pk=row.pk).exists()
    assert keeps_conference(cast.conference, cast.county)
    assert not keeps_conference(cast.conference, cast.city)


def test_a_declined_item_is_its_proposers_and_the_offices(cast):
    item = room.screened(cast, by=cast.conference)
    found = room.planned(cast, [item])
    meeting.cancel_meeting(found, reason="改期", by=cast.conference, at=MONDAY)
    item.refresh_from_db()
    conference.decline_item(item, opinion="不列入", by=cast.conference, at=MONDAY)

    assert not AgendaItem.objects.visible_to(cast.liaison).exists()


ITEM_TABLE = """
          PROPOSED SCREENED DECLINED ON_AGENDA RESOLVED NOTED WITHDRAWN
PROPOSE   .        .        .        .         .        .     .
SCREEN    SCREENED .        .        .         .        .     .
DECLINE   DECLINED DECLINED .        .         .        .     .
WITHDRAW  WITHDRAWN WITHDRAWN .      .         .        .     .
SCHEDULE  .        ON_AGENDA .       .         .        .     .
TAKE_OFF  .        .        .        SCREENED  .        .     .
RESOLVE   .        .        .        RESOLVED  RESOLVED .     .
NOTE      .        .        .        NOTED     .        .     .
"""
MEETING_TABLE = """
          PLANNED   HELD      MINUTED CANCELLED
CHANGE    PLANNED   .         .       .
CANCEL    CANCELLED .         .       .
HOLD      HELD      .         .       .
ATTEND    .         HELD      .       .
MINUTE    .         MINUTED   .       .
"""
TASK_TABLE = """
          ASSIGNED  REPORTED  ACCEPTED ESCALATED
REPORT    REPORTED  .         .        .
ASK       ASSIGNED  .         .        .
RETURN    .         ASSIGNED  .        .
WRITE_OFF .         ACCEPTED  .        .
EXTEND    ASSIGNED  .         .        .
KEEP_TERM ASSIGNED  .         .        .
ESCALATE  ESCALATED ESCALATED .        .
"""


@pytest.mark.parametrize(
    ("table", "steps", "statuses", "following", "rows"),
    [
        (ITEM_TABLE, ConferenceStep, ItemStatus, next_item_status, ITEM_TRANSITIONS),
        (MEETING_TABLE, MeetingStep, MeetingStatus, next_meeting_status, MEETING_TRANSITIONS),
        (TASK_TABLE, ConferenceStep, TaskStatus, next_task_status, TASK_TRANSITIONS),
    ],
    ids=["item", "meeting", "task"],
)
def test_where_every_step_leads(table, steps, statuses, following, rows):
    head, *lines = table.strip().splitlines()
    assert [line.split()[0] for line in lines] == [step.name for step in rows]
    assert head.split() == [status.name for status in statuses]

    def leads(step, status):
        try:
            return following(step, status).name
        except StepNotAllowed as refusal:
            said = str(refusal)
            return "." if status.label in said and step.label in said else said

    for line in lines:
        name, *cells = line.split()
        assert [leads(steps[name], status) for status in statuses] == cells


def test_every_status_says_whose_turn_it_is():
    assert set(ITEM_TURN) == set(ItemStatus)
    assert set(TASK_TURN) == set(TaskStatus)


# Who may take the step on a thing in her own conference: (officer, leader, office, city officer, city leader, liaison)
WHO = ("officer", "leader", "conference", "city_officer", "city_leader", "liaison", "civil_liaison")
MAY = """
item SCREEN       . . y . . . .
item DECLINE      . . y . . . .
item WITHDRAW     y y y . . . .
item RESOLVE      . . y . . . .
meeting CHANGE    . . y . . . .
meeting MINUTE    . . y . . . .
task REPORT       . . y . . y .
task ASK          . . y . . y .
task RETURN       . . y . . . .
task WRITE_OFF    . . y . . . .
task EXTEND       . y y . . . .
task KEEP_TERM    . y y . . . .
task ESCALATE     . y y . . . .
"""


def test_who_may_take_which_step(cast, things):
    ask = {
        "item": (why_not_item, ConferenceStep, things["waiting case"]),
        "meeting": (why_not_meeting, MeetingStep, things["working meeting"]),
        "task": (why_not_task, ConferenceStep, things["working task"]),
    }
    for line in MAY.strip().splitlines():
        kind, name, *marks = line.split()
        why, steps, thing = ask[kind]
        got = ["." if why(getattr(cast, person), steps[name], thing) else "y" for person in WHO]
        assert got == marks, line


def test_buttons_of_an_item(cast):
    item = room.propose(cast)
    assert item_steps_open_to(cast.officer, item) == (ConferenceStep.WITHDRAW,)
    assert item_steps_open_to(cast.conference, item) == (
        ConferenceStep.SCREEN,
        ConferenceStep.DECLINE,
        ConferenceStep.WITHDRAW,
    )
    conference.screen_item(item, opinion="同意", by=cast.conference, at=MONDAY)
    found = room.planned(cast, [item])
    assert item_steps_open_to(cast.conference, item) == ()  # nothing is decided before the meeting
    room.hold(cast, found)
    item = AgendaItem.objects.select_related("meeting", "host").get(pk=item.pk)
    assert item_steps_open_to(cast.conference, item) == (
        ConferenceStep.TAKE_OFF,
        ConferenceStep.RESOLVE,
        ConferenceStep.NOTE,
    )
    assert item_steps_open_to(cast.officer, item) == ()


def test_buttons_of_a_meeting(cast):
    found = room.planned(cast, [])
    assert meeting_steps_open_to(cast.conference, found) == (
        MeetingStep.CHANGE,
        MeetingStep.CANCEL,
        MeetingStep.HOLD,
    )
    assert meeting_steps_open_to(cast.leader, found) == ()
    room.hold(cast, found)
    assert meeting_steps_open_to(cast.conference, found) == (MeetingStep.ATTEND, MeetingStep.MINUTE)


def test_buttons_of_a_task(cast):
    task = room.decided(cast)
    assert task_steps_open_to(cast.liaison, task, asked=False) == (ConferenceStep.REPORT, ConferenceStep.ASK)
    assert task_steps_open_to(cast.liaison, task, asked=True) == (ConferenceStep.REPORT,)
    assert task_steps_open_to(cast.leader, task, asked=False) == (ConferenceStep.ESCALATE,)
    assert task_steps_open_to(cast.leader, task, asked=True) == (
        ConferenceStep.EXTEND,
        ConferenceStep.KEEP_TERM,
        ConferenceStep.ESCALATE,
    )
    assert task_steps_open_to(cast.officer, task, asked=True) == ()


def test_instructions_are_written_down_by_federations_over_the_case(cast):
    case = make_case(cast, "HANDLING")
    assert why_not(cast.clerk, Step.INSTRUCT, case) == "您的角色不办理这一步。"
    assert why_not(cast.officer, Step.INSTRUCT, case) == ""
    assert why_not(cast.city_leader, Step.INSTRUCT, case) == ""
    assert why_not(cast.other_officer, Step.INSTRUCT, case) == "领导批示由承办案件的妇联或上级妇联登记。"
    assert Step.END_INSTRUCTION not in steps_open_to(cast.officer, case)
    room.instruct(cast, case)
    case = Case.objects.select_related("holder__region", "owner", "station").get(pk=case.pk)
    assert Step.END_INSTRUCTION in steps_open_to(cast.officer, case)


def test_closing_is_not_offered_while_a_task_is_open(cast):
    case = make_case(cast, "HANDLING")
    assert Step.PROPOSE_CLOSE in steps_open_to(cast.clerk, case)
    room.decided(cast, case)
    assert Step.PROPOSE_CLOSE not in steps_open_to(cast.clerk, case)
