"""Meetings: planned, changed, held, decided, minuted; who is told, what is carried, what is refused."""

from datetime import date, timedelta

import pytest

from cases.actions import meeting
from cases.actions.conference import NamesSomebody
from cases.actions.meeting import Came
from cases.choices import (
    ClockStatus,
    ConferenceStep,
    ItemStatus,
    MeetingStatus,
    MeetingType,
    NoticeKind,
    Presence,
    TaskPart,
    TaskStatus,
)
from cases.models import AgendaItem, Attendance, Carry, Clock, Meeting, MovedOn, Notice, Resolution, Task
from cases.workflow import StepNotAllowed
from tests.cases import room
from tests.cases.test_actions_conference import history, told
from tests.cast import CHINA, MONDAY
from tests.factories import make_case

pytestmark = pytest.mark.django_db

WEDNESDAY = MONDAY + 2 * room.DAY


def test_planning_asks_the_units_and_lists_the_items(cast):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    first, second = room.screened(cast, case), room.screened(cast)

    found = room.planned(cast, [second, first])

    assert list(found.items.order_by("sort")) == [second, first]
    assert {row.organisation for row in found.attendance.all()} == {cast.police, cast.court}
    assert {row.presence for row in found.attendance.all()} == {Presence.INVITED}
    assert told(NoticeKind.MEETING) == {"liaison", "officer", "leader"}
    assert not Notice.objects.filter(kind=NoticeKind.MEETING, case__isnull=False).exists()
    assert history(case)[-1] == ConferenceStep.SCHEDULE
    first.refresh_from_db()
    assert first.status == ItemStatus.ON_AGENDA


def test_the_host_is_not_asked_to_its_own_meeting(cast):
    found = room.planned(cast, [], invited=[cast.county, cast.police])

    assert [row.organisation for row in found.attendance.all()] == [cast.police]


@pytest.mark.parametrize(
    ("invited", "sentence"),
    [
        ([], "请选择通知哪些单位"),
        (["county"], "请选择通知哪些单位"),
        (["police", "other_county"], "宝丰县妇女联合会不是本地部门"),
    ],
)
def test_who_cannot_be_asked(cast, invited, sentence):
    with pytest.raises(StepNotAllowed, match=sentence):
        room.planned(cast, [], invited=[getattr(cast, part) for part in invited])

    assert not Meeting.objects.exists()


def test_only_screened_items_of_this_conference_are_listed(cast):
    with pytest.raises(StepNotAllowed, match="“待审议题”"):
        room.planned(cast, [room.propose(cast)])
    other = room.screened(cast, by=cast.city_officer, host=cast.city)
    with pytest.raises(StepNotAllowed, match="本级联席会议的议题"):
        room.planned(cast, [other])


def test_changing_a_meeting_tells_those_who_knew_and_asks_the_new(cast):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    gone, stays, new = room.screened(cast, case), room.screened(cast), room.screened(cast)
    found = room.planned(cast, [gone, stays])
    Notice.objects.all().delete()

    later = room.plan(
        [new, AgendaItem.objects.get(pk=stays.pk)], [cast.court, cast.civil], held_at=WEDNESDAY + room.DAY
    )
    meeting.change_meeting(found, later, by=cast.conference, at=MONDAY + room.DAY)

    assert list(found.items.order_by("sort")) == [new, stays]
    assert {row.organisation for row in found.attendance.all()} == {cast.court, cast.civil}
    assert told(NoticeKind.MEETING) == {"civil_liaison"}
    assert told(NoticeKind.MEETING_NEWS) == {"liaison", "officer", "leader"}
    gone.refresh_from_db()
    assert (gone.status, gone.meeting) == (ItemStatus.SCREENED, None)
    assert history(case)[-1] == ConferenceStep.TAKE_OFF
    assert Meeting.objects.get().held_at == WEDNESDAY + room.DAY


def test_two_change_a_meeting_and_the_second_hears_of_it(cast):
    found = room.planned(cast, [])
    mine, yours = (Meeting.objects.select_related("host").get(pk=found.pk) for _ in range(2))

    meeting.cancel_meeting(mine, reason="领导出差", by=cast.conference, at=MONDAY + room.DAY)

    with pytest.raises(MovedOn):
        meeting.change_meeting(yours, room.plan([], [cast.police]), by=cast.conference, at=MONDAY + room.DAY)
    assert [row.organisation for row in found.attendance.order_by("pk")] == [cast.police, cast.court]


def test_a_cancelled_meeting_gives_its_items_back(cast):
    item = room.screened(cast)
    found = room.planned(cast, [item])

    meeting.cancel_meeting(found, reason="领导出差", by=cast.conference, at=MONDAY + room.DAY)

    item.refresh_from_db()
    assert (item.status, item.meeting) == (ItemStatus.SCREENED, None)
    assert Meeting.objects.get().cancelled_because == "领导出差"
    assert "partner_leader" in told(NoticeKind.MEETING_NEWS)  # no liaison named: everybody who answers
    with pytest.raises(StepNotAllowed, match="“已取消”"):
        room.hold(cast, found)


def test_holding_records_who_came(cast):
    found = room.planned(cast, [])
    came = {cast.police.pk: Came(Presence.PRESENT, "某副局长"), cast.court.pk: Came(Presence.EXCUSED)}

    meeting.hold_meeting(found, chair="政法委书记", came=came, by=cast.conference, at=WEDNESDAY)

    rows = {row.organisation_id: (row.presence, row.persons) for row in Attendance.objects.all()}
    assert rows == {cast.police.pk: ("PRESENT", "某副局长"), cast.court.pk: ("EXCUSED", "")}
    assert Meeting.objects.get().chair == "政法委书记"

    meeting.correct_attendance(found, chair="常务副县长", came=came | {cast.court.pk: Came(Presence.ABSENT)})
    assert Attendance.objects.get(organisation=cast.court).presence == Presence.ABSENT


def test_holding_waits_for_the_day_and_for_every_body(cast):
    found = room.planned(cast, [])
    with pytest.raises(StepNotAllowed, match="还没到开会的日子"):
        room.hold(cast, found, at=WEDNESDAY - room.DAY)
    with pytest.raises(StepNotAllowed, match="每个通知到的单位"):
        meeting.hold_meeting(found, chair="某", came={}, by=cast.conference, at=WEDNESDAY)


def test_a_resolution_gives_every_unit_a_task_with_a_clock(cast):
    room.fill_members(cast)
    case = make_case(cast, "HANDLING")
    item = room.screened(cast, case)
    room.held(cast, [item])

    resolution = room.resolve(cast, item)

    tasks = {task.unit: task for task in resolution.tasks.all()}
    assert {unit: task.part for unit, task in tasks.items()} == {
        cast.police: TaskPart.LEAD,
        cast.court: TaskPart.CO,
    }
    for task in tasks.values():
        clock = Clock.objects.get(task=task)
        assert (clock.code, clock.case, clock.status) == ("JC-TASK", case, ClockStatus.RUNNING)
        assert clock.effective_due == task.due_at
        assert clock.last_day == room.TERM
        assert (clock.amount, task.status) == (30, TaskStatus.ASSIGNED)
    assert told(NoticeKind.TASK_NEW) == {"liaison"}
    assert history(case)[-1] == ConferenceStep.RESOLVE
    event = case.events.get(step=ConferenceStep.RESOLVE)
    assert event.facts == {
        "number": 1,
        "lead": cast.police.pk,
        "units": [cast.court.pk],
        "term": "2026-12-18",
    }
    assert event.note.text == resolution.content


def test_resolutions_of_one_meeting_are_numbered_through(cast):
    first, second = room.screened(cast), room.screened(cast)
    room.held(cast, [first, second])

    numbers = [room.resolve(cast, item).number for item in (first, first, second)]

    assert numbers == [1, 2, 3]
    clock = Clock.objects.filter(task__resolution__number=3).first()
    assert clock is not None
    assert clock.case is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"term_on": date(2026, 11, 17)}, "不能早于今天"),
        ({"co_units": ["police"]}, "不能既牵头又配合"),
        ({"co_units": ["court", "court"]}, "不能既牵头又配合"),
        ({"lead": "justice"}, "承办单位须是成员单位"),
        ({"content": "由公安机关约谈秦大勇。"}, "姓名"),
    ],
)
def test_what_cannot_be_resolved(cast, words, sentence):
    room.fill_members(cast)
    item = room.screened(cast, make_case(cast, "HANDLING"))
    room.held(cast, [item])
    words = {
        name: [getattr(cast, part) for part in value]
        if name == "co_units"
        else getattr(cast, value)
        if name == "lead"
        else value
        for name, value in words.items()
    }

    with pytest.raises(StepNotAllowed, match=sentence):
        room.resolve(cast, item, **words)

    assert not Resolution.objects.exists()
    assert AgendaItem.objects.get().status == ItemStatus.ON_AGENDA


def test_a_member_that_was_not_asked_and_the_host_may_get_a_task(cast):
    room.fill_members(cast)
    item = room.screened(cast)
    room.held(cast, [item])

    resolution = room.resolve(cast, item, lead=cast.civil, co_units=[cast.county])

    assert {task.unit for task in resolution.tasks.all()} == {cast.civil, cast.county}
    assert told(NoticeKind.TASK_NEW) == {"civil_liaison", "officer", "leader"}


@pytest.mark.parametrize("verb", [meeting.note_item, meeting.postpone_item])
def test_nothing_is_decided_before_the_meeting_or_after_its_minutes(cast, verb):
    item = room.screened(cast)
    with pytest.raises(StepNotAllowed, match="会议召开后、纪要印发前"):
        room.resolve(cast, item)
    found = room.planned(cast, [item])
    item.refresh_from_db()
    with pytest.raises(StepNotAllowed, match="会议召开后、纪要印发前"):
        verb(item, opinion="已讨论", by=cast.conference, at=WEDNESDAY)
    room.hold(cast, found)
    meeting.note_item(item, opinion="已讨论", by=cast.conference, at=WEDNESDAY)
    meeting.issue_minutes(found, minutes="会议讨论了一个议题。", by=cast.conference, at=WEDNESDAY)
    with pytest.raises(StepNotAllowed, match="会议召开后、纪要印发前"):
        room.resolve(cast, item)


def test_an_item_discussed_or_left_for_the_next_meeting(cast):
    case = make_case(cast, "HANDLING")
    noted, left = room.screened(cast, case), room.screened(cast, make_case(cast, "HANDLING"))
    found = room.held(cast, [noted, left])

    with pytest.raises(NamesSomebody):
        meeting.note_item(noted, opinion="请祝冬雪先起诉", by=cast.conference, at=WEDNESDAY)
    meeting.note_item(noted, opinion="由法院先行调解", by=cast.conference, at=WEDNESDAY)
    meeting.postpone_item(left, opinion="时间不够", by=cast.conference, at=WEDNESDAY)

    assert (noted.status, noted.meeting, noted.opinion) == (ItemStatus.NOTED, found, "由法院先行调解")
    assert (left.status, left.meeting) == (ItemStatus.SCREENED, None)
    assert history(case)[-1] == ConferenceStep.NOTE
    assert left.case is not None
    assert history(left.case)[-1] == ConferenceStep.TAKE_OFF


def test_minutes_are_numbered_and_sent_and_name_nobody(cast):
    room.fill_members(cast)
    item = room.screened(cast, make_case(cast, "HANDLING"))
    found = room.held(cast, [item])
    with pytest.raises(StepNotAllowed, match="还有1个议题没有记下结果"):
        meeting.issue_minutes(found, minutes="纪要", by=cast.conference, at=WEDNESDAY)
    room.resolve(cast, item)
    with pytest.raises(NamesSomebody):
        meeting.issue_minutes(found, minutes="研究了祝冬雪一案", by=cast.conference, at=WEDNESDAY)
    Notice.objects.all().delete()

    meeting.issue_minutes(found, minutes="研究了一个议题。", by=cast.conference, at=WEDNESDAY)

    kept = Meeting.objects.get()
    assert (kept.status, kept.minutes_number) == (MeetingStatus.MINUTED, "鲁妇访会纪〔2026〕1号")
    assert (kept.minutes, kept.minuted_at) == ("研究了一个议题。", WEDNESDAY)
    assert told(NoticeKind.MEETING_NEWS) == {"liaison", "officer", "leader"}
    with pytest.raises(StepNotAllowed, match="“纪要已印发”"):
        meeting.correct_attendance(found, chair="某", came={})


def next_meeting(cast, kind: MeetingType, items: list[AgendaItem], weeks: int) -> Meeting:
    held_at = WEDNESDAY + timedelta(weeks=weeks)
    return room.held(cast, items, kind=kind, held_at=held_at, at=held_at - room.HOUR)


@pytest.mark.parametrize(
    ("kind", "carried"),
    [
        (MeetingType.PLENARY, 2),
        (MeetingType.WORKING, 2),
        (MeetingType.LIAISON, 2),
        (MeetingType.CASE, 0),
        (MeetingType.RESEARCH, 0),
    ],
)
def test_open_tasks_are_carried_to_the_next_meeting(cast, kind, carried):
    room.decided(cast)

    found = next_meeting(cast, kind, [], 1)

    assert Carry.objects.filter(meeting=found).count() == carried


def test_a_task_is_carried_again_and_again_until_it_is_written_off(cast):
    task = room.decided(cast)
    next_meeting(cast, MeetingType.WORKING, [], 1)
    next_meeting(cast, MeetingType.PLENARY, [], 2)
    assert task.carries.count() == 2

    Task.objects.filter(pk=task.pk).update(
        status=TaskStatus.ACCEPTED, ended_by=cast.conference, ended_at=WEDNESDAY
    )
    next_meeting(cast, MeetingType.WORKING, [], 3)

    assert task.carries.count() == 2


def test_a_case_meeting_goes_through_the_tasks_of_its_own_cases(cast):
    case = make_case(cast, "HANDLING")
    task = room.decided(cast, case)
    other = room.screened(cast)
    room.held(cast, [other])
    room.resolve(cast, other)
    again = room.screened(cast, case, at=WEDNESDAY + room.DAY)

    found = next_meeting(cast, MeetingType.CASE, [again], 1)

    assert set(found.carries.values_list("task__resolution", flat=True)) == {task.resolution.pk}


def test_another_countys_tasks_are_not_carried(cast):
    room.decided(cast)
    plan = room.plan([], [cast.police], held_at=WEDNESDAY + 7 * room.DAY)
    found = meeting.plan_meeting(
        cast.city, plan._replace(invited=_city_department(cast)), by=cast.city_officer, at=WEDNESDAY
    )

    assert room.hold(cast, found) == found
    assert not Carry.objects.exists()


def _city_department(cast):
    cast.court.region_id = "410400000000"
    cast.court.save()
    return [cast.court]


def test_a_meeting_in_the_evening_is_held_that_day(cast):
    evening = MONDAY.astimezone(CHINA).replace(hour=19)
    found = room.planned(cast, [], held_at=evening, at=MONDAY - room.DAY)

    room.hold(cast, found, at=MONDAY)

    assert Meeting.objects.get().status == MeetingStatus.HELD
