"""Who may do what about items, meetings and tasks of the joint conference."""

from cases.choices import ConferenceStep, ItemStatus, MeetingStatus, MeetingStep, TaskStatus
from cases.models import AgendaItem, Meeting, Task
from cases.models.conference import seat
from cases.workflow import ITEM_TRANSITIONS, MEETING_TRANSITIONS, TASK_TRANSITIONS, ConferenceTransition
from stations.models import Organisation, Staff
from stations.roles import Permission


def _why_not_conference(
    user: Staff, row: ConferenceTransition, host: Organisation, unit_id: int | None
) -> str:
    org = user.organisation
    if org is None or not user.may(row.needs):
        return "您的角色不办理这一步。"
    if row.by_unit:
        return "" if unit_id == org.pk else "这一步由提出议题的单位或承办单位办理。"
    return "" if host.region_id == seat(org) else "这一步由本级联席会议办公室办理。"


def why_not_item(user: Staff, step: ConferenceStep, item: AgendaItem) -> str:
    """The same question for an item before the joint conference."""
    return _why_not_conference(user, ITEM_TRANSITIONS[step], item.host, item.proposed_unit_id)


def item_steps_open_to(user: Staff, item: AgendaItem) -> tuple[ConferenceStep, ...]:
    """What may be done about an item now. What a meeting decides waits until it was held."""
    held = item.meeting is not None and item.meeting.status == MeetingStatus.HELD
    outcomes = (ConferenceStep.RESOLVE, ConferenceStep.NOTE, ConferenceStep.TAKE_OFF)
    return tuple(
        step
        for step, row in ITEM_TRANSITIONS.items()
        if ItemStatus(item.status) in row.sources
        and step is not ConferenceStep.SCHEDULE  # done where the meeting is planned
        and (held or step not in outcomes)
        and not why_not_item(user, step, item)
    )


def why_not_meeting(user: Staff, step: MeetingStep, meeting: Meeting) -> str:
    return _why_not_conference(user, MEETING_TRANSITIONS[step], meeting.host, None)


def meeting_steps_open_to(user: Staff, meeting: Meeting) -> tuple[MeetingStep, ...]:
    return tuple(
        step
        for step, row in MEETING_TRANSITIONS.items()
        if MeetingStatus(meeting.status) in row.sources and not why_not_meeting(user, step, meeting)
    )


def keeps_conference(user: Staff, host: Organisation) -> bool:
    """Whether `user` is of the office of this conference."""
    org = user.organisation
    return org is not None and user.may(Permission.CONFERENCE_MANAGE) and host.region_id == seat(org)


def why_not_task(user: Staff, step: ConferenceStep, task: Task) -> str:
    """The same for a task. What a unit without an account sends on paper, the office keys in."""
    row = TASK_TRANSITIONS[step]
    if row.by_unit and keeps_conference(user, task.host):
        return ""
    return _why_not_conference(user, row, task.host, task.unit_id)


def task_steps_open_to(user: Staff, task: Task, *, asked: bool) -> tuple[ConferenceStep, ...]:
    """What may be done about a task now; `asked` says that a longer term was asked for and not answered."""
    answers = (ConferenceStep.EXTEND, ConferenceStep.KEEP_TERM)
    return tuple(
        step
        for step, row in TASK_TRANSITIONS.items()
        if TaskStatus(task.status) in row.sources
        and (asked or step not in answers)
        and not (asked and step is ConferenceStep.ASK)
        and not why_not_task(user, step, task)
    )
