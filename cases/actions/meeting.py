"""Meetings of the joint conference: plan, hold, decide, and issue the minutes (纪要)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, QuerySet

from cases.actions.clocks import start_term
from cases.actions.conference import (
    candidates,
    check_names_nobody,
    desks,
    office_people,
    write_history,
)
from cases.actions.ownership import check_unit_not_barred
from cases.choices import (
    ConferenceStep,
    ItemStatus,
    MeetingStatus,
    MeetingStep,
    MeetingType,
    NoticeKind,
    Presence,
    TaskPart,
)
from cases.deadlines import china_date, end_of_day
from cases.documents import MINUTES, next_doc_number
from cases.models import AgendaItem, Attendance, Carry, Meeting, Resolution, Task
from cases.models.guarding import barred_from
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff


class Plan(NamedTuple):
    """What a meeting is about, where and when, who is asked to it, and the items in their order."""

    kind: MeetingType
    title: str
    held_at: datetime
    place: str
    invited: Sequence[Organisation]
    items: Sequence[AgendaItem]


class Came(NamedTuple):
    """Who came for one body."""

    presence: Presence
    persons: str = ""


@transaction.atomic
def plan_meeting(host: Organisation, plan: Plan, *, by: Staff, at: datetime) -> Meeting:
    """Set a meeting and ask the bodies to it.

    Raises StepNotAllowed.
    """
    _check_invited(host, plan)
    _check_not_about_them(plan.invited, plan.items)
    meeting = Meeting.objects.create(
        host=host,
        kind=plan.kind,
        title=plan.title,
        held_at=plan.held_at,
        place=plan.place,
        made_by=by,
        made_at=at,
    )
    # The items first: who is barred from one of them is not asked.
    _put_on(meeting, plan.items, by=by, at=at)
    _invite(meeting, plan.invited, at=at)
    announce(NoticeKind.MEETING, None, _ours(host, by), at=at, about=meeting)
    return meeting


def _check_invited(host: Organisation, plan: Plan) -> None:
    asked = [unit for unit in plan.invited if unit != host]
    if not asked:
        raise StepNotAllowed("请选择通知哪些单位参加。")
    allowed = {unit.pk for unit in candidates(host)}
    allowed |= set(host.conference_members.filter(until_on=None).values_list("organisation_id", flat=True))
    if strange := [unit.name for unit in asked if unit.pk not in allowed]:
        raise StepNotAllowed(f"{'、'.join(strange)}不是本地部门，也不是成员单位，不能通知参会。")


def _check_not_about_them(units: Sequence[Organisation], items: Sequence[AgendaItem]) -> None:
    """A unit that is complained of is not asked to the meeting that speaks of it, nor given a task about it."""
    barred = barred_from(*(item.case_id for item in items)).units
    if refused := [unit.name for unit in units if unit.pk in barred]:
        raise StepNotAllowed(
            f"{'、'.join(refused)}须回避列入的案件：请不要通知它，或者把那个议题放到另一次会议。"
        )


def _ours(host: Organisation, by: Staff) -> list[Staff]:
    """The office and the federation's own people, but for the one who did it."""
    told = {person.pk: person for person in [*office_people(host), *heads(host)]}
    return [person for key, person in told.items() if key != by.pk]


def _invite(meeting: Meeting, units: Sequence[Organisation], *, at: datetime) -> None:
    units = [unit for unit in units if unit.pk != meeting.host_id]
    Attendance.objects.bulk_create(Attendance(meeting=meeting, organisation=unit) for unit in units)
    told = [person for desk in desks(meeting.host, units).values() for person in desk]
    announce(NoticeKind.MEETING, None, told, at=at, about=meeting)


def _put_on(meeting: Meeting, items: Sequence[AgendaItem], *, by: Staff, at: datetime) -> None:
    for place, item in enumerate(items, start=1):
        if item.host_id != meeting.host_id:
            raise StepNotAllowed("只能列入本级联席会议的议题。")
        check_names_nobody(item.case, meeting.title, meeting.place)
        if item.meeting_id == meeting.pk:
            AgendaItem.objects.filter(pk=item.pk).update(sort=place)
            continue
        item.advance(ConferenceStep.SCHEDULE, meeting=meeting, sort=place)
        write_history(
            item.case,
            ConferenceStep.SCHEDULE,
            by=by,
            at=at,
            facts={"held_on": china_date(meeting.held_at).isoformat()},
        )


def _take_off(items: QuerySet[AgendaItem], reason: str, *, by: Staff, at: datetime) -> None:
    for item in items.select_related("case", "host"):
        item.advance(ConferenceStep.TAKE_OFF, meeting=None, sort=0)
        write_history(item.case, ConferenceStep.TAKE_OFF, by=by, at=at, note=reason)


def _tell_invited(meeting: Meeting, units: Sequence[Organisation], *, by: Staff, at: datetime) -> None:
    told = [person for desk in desks(meeting.host, units).values() for person in desk]
    announce(NoticeKind.MEETING_NEWS, None, [*told, *_ours(meeting.host, by)], at=at, about=meeting)


def _invited(meeting: Meeting) -> list[Organisation]:
    return [row.organisation for row in meeting.attendance.select_related("organisation").order_by("pk")]


@transaction.atomic
def change_meeting(meeting: Meeting, plan: Plan, *, by: Staff, at: datetime) -> None:
    """Another time, place, kind, round of bodies or list of items; whoever was asked before hears of it.

    Raises StepNotAllowed.
    """
    _check_invited(meeting.host, plan)
    _check_not_about_them(plan.invited, plan.items)
    before = _invited(meeting)
    meeting.advance(
        MeetingStep.CHANGE, kind=plan.kind, title=plan.title, held_at=plan.held_at, place=plan.place
    )
    wanted = {unit.pk for unit in plan.invited}
    meeting.attendance.exclude(organisation__in=wanted).delete()
    known = {unit.pk for unit in before}
    kept = [item.pk for item in plan.items]
    _take_off(meeting.items.exclude(pk__in=kept), "会议安排有变", by=by, at=at)
    _put_on(meeting, plan.items, by=by, at=at)
    _invite(meeting, [unit for unit in plan.invited if unit.pk not in known], at=at)
    _tell_invited(meeting, before, by=by, at=at)


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, reason: str, by: Staff, at: datetime) -> None:
    """Call a meeting off; its items wait for the next one.

    Raises StepNotAllowed.
    """
    for item in meeting.items.select_related("case"):
        check_names_nobody(item.case, reason)
    meeting.advance(MeetingStep.CANCEL, cancelled_because=reason)
    _take_off(meeting.items.all(), "会议取消", by=by, at=at)
    _tell_invited(meeting, _invited(meeting), by=by, at=at)


@transaction.atomic
def hold_meeting(
    meeting: Meeting, *, chair: str, came: Mapping[int, Came], by: Staff, at: datetime
) -> list[Carry]:
    """Write down that the meeting took place and who came; what is still open is carried to it.

    Raises StepNotAllowed.
    """
    if china_date(at) < china_date(meeting.held_at):
        raise StepNotAllowed("还没到开会的日子。提前开了的，请先改会议时间。")
    meeting.advance(MeetingStep.HOLD, chair=chair)
    _write_attendance(meeting, came)
    return Carry.objects.bulk_create(
        (Carry(task=task, meeting=meeting) for task in _to_carry(meeting)), ignore_conflicts=True
    )


@transaction.atomic
def correct_attendance(meeting: Meeting, *, chair: str, came: Mapping[int, Came]) -> None:
    """Put right who came, until the minutes are issued.

    Raises StepNotAllowed.
    """
    meeting.advance(MeetingStep.ATTEND, chair=chair)
    _write_attendance(meeting, came)


def _write_attendance(meeting: Meeting, came: Mapping[int, Came]) -> None:
    for row in meeting.attendance.all():
        if row.organisation_id not in came:
            raise StepNotAllowed("请为每个通知到的单位选择是否到会。")
        row.presence, row.persons = came[row.organisation_id]
        row.save(update_fields=["presence", "persons"])


def _to_carry(meeting: Meeting) -> QuerySet[Task]:
    """A plenary, working or liaison meeting goes through every open task; a CASE meeting through those of its cases."""
    still_open = Task.objects.open().filter(resolution__item__host=meeting.host)
    if meeting.kind in MeetingType.reviews:
        return still_open
    if meeting.kind == MeetingType.CASE:
        about = meeting.items.exclude(case=None).values("case")
        return still_open.filter(resolution__item__case__in=about)
    return still_open.none()


@transaction.atomic
def resolve_item(
    item: AgendaItem,
    *,
    content: str,
    lead: Organisation,
    co_units: Sequence[Organisation],
    term_on: date,
    by: Staff,
    at: datetime,
) -> Resolution:
    """Record what the meeting decided: every unit named gets a task with its own clock.

    Raises StepNotAllowed; NamesSomebody when the text says who the case is about.
    """
    meeting = _held(item)
    _check_resolution(meeting, [lead, *co_units], term_on, at)
    if item.case is not None:
        check_unit_not_barred(item.case, lead, *co_units)
    check_names_nobody(item.case, content)
    item.advance(ConferenceStep.RESOLVE)
    latest = Resolution.objects.filter(item__meeting=meeting).aggregate(latest=Max("number"))["latest"]
    resolution = Resolution.objects.create(
        item=item, number=(latest or 0) + 1, content=content, term_on=term_on, recorded_by=by, at=at
    )
    facts = {"number": resolution.number, "lead": lead.pk, "term": term_on.isoformat()}
    facts["units"] = [unit.pk for unit in co_units]
    write_history(item.case, ConferenceStep.RESOLVE, by=by, at=at, note=content, facts=facts)
    _hand_out(resolution, lead, co_units, at=at)
    return resolution


def _held(item: AgendaItem) -> Meeting:
    """The meeting an item stands on, held but without minutes; its row is kept, so that numbers come one by one."""
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("host")
    meeting = rows.get(pk=item.meeting_id) if item.meeting_id else None
    if meeting is None or meeting.status != MeetingStatus.HELD:
        raise StepNotAllowed("会议召开后、纪要印发前，才能记下会议对议题的决定。")
    return meeting


def _check_resolution(meeting: Meeting, units: list[Organisation], term_on: date, at: datetime) -> None:
    if term_on < china_date(at):
        raise StepNotAllowed("完成期限不能早于今天。")
    keys = [unit.pk for unit in units]
    if len(set(keys)) < len(keys):
        raise StepNotAllowed("同一个单位不能既牵头又配合。")
    allowed = {meeting.host_id, *meeting.attendance.values_list("organisation_id", flat=True)}
    allowed |= set(
        meeting.host.conference_members.filter(until_on=None).values_list("organisation_id", flat=True)
    )
    if not allowed.issuperset(keys):
        raise StepNotAllowed("承办单位须是成员单位或参加这次会议的单位。")


def _hand_out(
    resolution: Resolution, lead: Organisation, co_units: Sequence[Organisation], *, at: datetime
) -> None:
    host, end = resolution.item.host, end_of_day(resolution.term_on)
    told = desks(host, [lead, *co_units])
    for unit in (lead, *co_units):
        part = TaskPart.LEAD if unit == lead else TaskPart.CO
        task = Task.objects.create(resolution=resolution, unit=unit, part=part, due_at=end)
        start_term(
            resolution.item.case,
            "JC-TASK",
            until=resolution.term_on,
            at=at,
            of=task,
            region_code=host.region_id,
        )
        announce(NoticeKind.TASK_NEW, None, told[unit.pk], at=at, about=task)


@transaction.atomic
def note_item(item: AgendaItem, *, opinion: str, by: Staff, at: datetime) -> None:
    """The meeting discussed the item and decided nothing.

    Raises StepNotAllowed.
    """
    _held(item)
    check_names_nobody(item.case, opinion)
    item.advance(ConferenceStep.NOTE, opinion=opinion)
    write_history(item.case, ConferenceStep.NOTE, by=by, at=at, note=opinion)


@transaction.atomic
def postpone_item(item: AgendaItem, *, opinion: str, by: Staff, at: datetime) -> None:
    """The meeting did not come to the item: it waits for the next one.

    Raises StepNotAllowed.
    """
    _held(item)
    item.advance(ConferenceStep.TAKE_OFF, meeting=None, sort=0)
    write_history(item.case, ConferenceStep.TAKE_OFF, by=by, at=at, note=opinion)


@transaction.atomic
def issue_minutes(meeting: Meeting, *, minutes: str, by: Staff, at: datetime) -> None:
    """Number the minutes and send word; from now on nothing of the meeting changes.

    Raises StepNotAllowed; NamesSomebody when the text says who a case is about.
    """
    items = list(meeting.items.select_related("case"))
    if undecided := sum(item.status == ItemStatus.ON_AGENDA for item in items):
        raise StepNotAllowed(
            f"还有{undecided}个议题没有记下结果：请先记录议定事项、记为已讨论，或移到下次会议。"
        )
    carried = meeting.carries.select_related("task__resolution__item__case")
    spoken_of = {item.case for item in items} | {row.task.case for row in carried}
    for case in spoken_of:
        check_names_nobody(case, minutes)
    number = next_doc_number(meeting.host, MINUTES, at)
    meeting.advance(MeetingStep.MINUTE, minutes=minutes, minutes_number=number, minuted_at=at)
    _tell_invited(meeting, _invited(meeting), by=by, at=at)
