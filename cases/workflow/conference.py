"""The joint conference as three tables: an item on its way to a meeting, the meeting, and a unit's task after it."""

from dataclasses import dataclass

from cases.choices import ConferenceStep, ItemStatus, MeetingStatus, MeetingStep, TaskStatus
from cases.workflow.table import StepNotAllowed
from stations.roles import Permission


@dataclass(frozen=True)
class ConferenceTransition:
    """Who may take a step, from where, and where it leads; no target means that it stays where it is.

    `by_unit` says that the side that proposed the item, or that has the task, takes the step.
    """

    needs: Permission
    sources: tuple[str, ...]
    target: str = ""
    by_unit: bool = False


ITEM_TRANSITIONS: dict[ConferenceStep, ConferenceTransition] = {
    ConferenceStep.PROPOSE: ConferenceTransition(
        Permission.CONFERENCE_PROPOSE, (), ItemStatus.PROPOSED, by_unit=True
    ),
    ConferenceStep.SCREEN: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (ItemStatus.PROPOSED,), ItemStatus.SCREENED
    ),
    ConferenceStep.DECLINE: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (ItemStatus.PROPOSED, ItemStatus.SCREENED), ItemStatus.DECLINED
    ),
    ConferenceStep.WITHDRAW: ConferenceTransition(
        Permission.CONFERENCE_PROPOSE,
        (ItemStatus.PROPOSED, ItemStatus.SCREENED),
        ItemStatus.WITHDRAWN,
        by_unit=True,
    ),
    ConferenceStep.SCHEDULE: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (ItemStatus.SCREENED,), ItemStatus.ON_AGENDA
    ),
    ConferenceStep.TAKE_OFF: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (ItemStatus.ON_AGENDA,), ItemStatus.SCREENED
    ),
    # One item may need several resolutions.
    ConferenceStep.RESOLVE: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (ItemStatus.ON_AGENDA, ItemStatus.RESOLVED), ItemStatus.RESOLVED
    ),
    ConferenceStep.NOTE: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (ItemStatus.ON_AGENDA,), ItemStatus.NOTED
    ),
}

MEETING_TRANSITIONS: dict[MeetingStep, ConferenceTransition] = {
    MeetingStep.CHANGE: ConferenceTransition(Permission.CONFERENCE_MANAGE, (MeetingStatus.PLANNED,)),
    MeetingStep.CANCEL: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (MeetingStatus.PLANNED,), MeetingStatus.CANCELLED
    ),
    MeetingStep.HOLD: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (MeetingStatus.PLANNED,), MeetingStatus.HELD
    ),
    MeetingStep.ATTEND: ConferenceTransition(Permission.CONFERENCE_MANAGE, (MeetingStatus.HELD,)),
    MeetingStep.MINUTE: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (MeetingStatus.HELD,), MeetingStatus.MINUTED
    ),
}

TASK_TRANSITIONS: dict[ConferenceStep, ConferenceTransition] = {
    ConferenceStep.REPORT: ConferenceTransition(
        Permission.TASK_REPORT, (TaskStatus.ASSIGNED,), TaskStatus.REPORTED, by_unit=True
    ),
    ConferenceStep.ASK: ConferenceTransition(Permission.TASK_REPORT, (TaskStatus.ASSIGNED,), by_unit=True),
    ConferenceStep.RETURN: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (TaskStatus.REPORTED,), TaskStatus.ASSIGNED
    ),
    ConferenceStep.WRITE_OFF: ConferenceTransition(
        Permission.CONFERENCE_MANAGE, (TaskStatus.REPORTED,), TaskStatus.ACCEPTED
    ),
    # What binds the units is changed by the convenor's side, not by whoever keeps the minutes alone.
    ConferenceStep.EXTEND: ConferenceTransition(Permission.CONFERENCE_DECIDE, (TaskStatus.ASSIGNED,)),
    ConferenceStep.KEEP_TERM: ConferenceTransition(Permission.CONFERENCE_DECIDE, (TaskStatus.ASSIGNED,)),
    ConferenceStep.ESCALATE: ConferenceTransition(
        Permission.CONFERENCE_DECIDE, (TaskStatus.ASSIGNED, TaskStatus.REPORTED), TaskStatus.ESCALATED
    ),
}

ITEM_TURN: dict[ItemStatus, str] = {
    ItemStatus.PROPOSED: "联席会议办公室初审",
    ItemStatus.SCREENED: "联席会议办公室排入会议",
    ItemStatus.DECLINED: "已答复提出单位",
    ItemStatus.ON_AGENDA: "等待开会",
    ItemStatus.RESOLVED: "承办单位落实议定事项",
    ItemStatus.NOTED: "已讨论",
    ItemStatus.WITHDRAWN: "已撤回",
}

TASK_TURN: dict[TaskStatus, str] = {
    TaskStatus.ASSIGNED: "承办单位办理并报告",
    TaskStatus.REPORTED: "联席会议办公室审核销号",
    TaskStatus.ACCEPTED: "已销号",
    TaskStatus.ESCALATED: "上级联席会议研究",
}


def next_item_status(step: ConferenceStep, status: ItemStatus) -> ItemStatus:
    """Where `step` leads an item from `status`.

    Raises StepNotAllowed.
    """
    return ItemStatus(_next(ITEM_TRANSITIONS[step], status, "这个议题", status.label, step.label))


def next_meeting_status(step: MeetingStep, status: MeetingStatus) -> MeetingStatus:
    """Where `step` leads a meeting from `status`.

    Raises StepNotAllowed.
    """
    return MeetingStatus(_next(MEETING_TRANSITIONS[step], status, "这次会议", status.label, step.label))


def next_task_status(step: ConferenceStep, status: TaskStatus) -> TaskStatus:
    """Where `step` leads a task from `status`.

    Raises StepNotAllowed.
    """
    return TaskStatus(_next(TASK_TRANSITIONS[step], status, "这项任务", status.label, step.label))


def _next(row: ConferenceTransition, status: str, what: str, now: str, step: str) -> str:
    if status not in row.sources:
        raise StepNotAllowed(f"{what}现在是“{now}”，不能“{step}”。请看最新情况后再办。")
    return row.target or status
