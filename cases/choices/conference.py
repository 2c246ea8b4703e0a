"""The joint conference (维权联席会议), and what leaders decide about a single case."""

from enum import nonmember

from django.db.models import TextChoices


class MeetingType(TextChoices):
    """CASE meetings are for invited bodies only."""

    PLENARY = "PLENARY", "全体会议"
    WORKING = "WORKING", "工作（专题）会议"
    CASE = "CASE", "个案会商（重大案件协调）"
    LIAISON = "LIAISON", "联络员会议"
    RESEARCH = "RESEARCH", "联合调研"

    # Meetings that go through every open task; a CASE meeting only through those about its own cases.
    reviews = nonmember(("PLENARY", "WORKING", "LIAISON"))


class MeetingStatus(TextChoices):
    PLANNED = "PLANNED", "筹备中"
    HELD = "HELD", "已召开"
    MINUTED = "MINUTED", "纪要已印发"
    CANCELLED = "CANCELLED", "已取消"


class MeetingStep(TextChoices):
    """What the office does about a meeting."""

    CHANGE = "CHANGE", "改动会议安排"
    CANCEL = "CANCEL", "取消会议"
    HOLD = "HOLD", "记录会议召开"
    ATTEND = "ATTEND", "更正到会情况"
    MINUTE = "MINUTE", "印发纪要"


class MemberPart(TextChoices):
    CONVENOR = "CONVENOR", "召集人单位"
    OFFICE = "OFFICE", "办公室"
    MEMBER = "MEMBER", "成员单位"


class Presence(TextChoices):
    INVITED = "INVITED", "已通知"
    PRESENT = "PRESENT", "到会"
    EXCUSED = "EXCUSED", "请假"
    ABSENT = "ABSENT", "缺席"

    answers = nonmember(("PRESENT", "EXCUSED", "ABSENT"))


class ItemStatus(TextChoices):
    PROPOSED = "PROPOSED", "待审议题"
    SCREENED = "SCREENED", "已通过初审"
    DECLINED = "DECLINED", "不列入"
    ON_AGENDA = "ON_AGENDA", "已列入议程"
    RESOLVED = "RESOLVED", "已议定"
    NOTED = "NOTED", "已讨论，无议定事项"
    WITHDRAWN = "WITHDRAWN", "已撤回"

    waiting = nonmember(("PROPOSED", "SCREENED", "ON_AGENDA"))
    # What bodies invited to the meeting may read of it.
    put_forward = nonmember(("ON_AGENDA", "RESOLVED", "NOTED"))


class TaskStatus(TextChoices):
    """One unit's share of a resolution."""

    ASSIGNED = "ASSIGNED", "待办理"
    REPORTED = "REPORTED", "已报告，待审"
    ACCEPTED = "ACCEPTED", "已销号"
    ESCALATED = "ESCALATED", "已提请上级协调"

    open_statuses = nonmember(("ASSIGNED", "REPORTED"))


class TaskPart(TextChoices):
    LEAD = "LEAD", "牵头"
    CO = "CO", "配合"


class InstructionKind(TextChoices):
    """What a leader said about one case (领导批示) or took upon himself (领导包案)."""

    INSTRUCTION = "INSTRUCTION", "领导批示"
    CHARGE = "CHARGE", "领导包案"
