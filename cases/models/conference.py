"""The joint conference (维权联席会议): members, meetings, items, resolutions and what each unit does about them."""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from cases.choices import (
    ConferenceStep,
    InstructionKind,
    ItemStatus,
    MeetingStatus,
    MeetingStep,
    MeetingType,
    MemberPart,
    Presence,
    TaskPart,
    TaskStatus,
)
from cases.models.case import Case
from cases.models.guarding import not_barred
from cases.models.versioned import move
from cases.workflow import TASK_TURN, next_item_status, next_meeting_status, next_task_status
from stations.choices import AdminLevel
from stations.models import Organisation, Staff
from stations.roles import Permission
from weiquan.sealing import SealedModel, SealedTextField


def seat(org: Organisation) -> str:
    """The region whose conference `org` belongs to: its county's, or its city's where it stands above the counties."""
    return f"{org.county_code:0<12}" if org.county_code else org.region_id


def at_home(user: Staff) -> bool:
    """Whether `user` reads a conference from inside: its office, wherever it sits, and the federation's own people."""
    return user.may(Permission.CONFERENCE_MANAGE) or user.may(Permission.CASE_REVIEW)


def _hosted(user: Staff, host: str, meeting_kind: str) -> Q:
    """What the conference of the reader's own region has; the city also what its counties do not keep to few."""
    org = user.organisation
    assert org is not None  # noqa: S101 – asked by the callers
    own = Q(**{f"{host}__region_id": seat(org)})
    if org.level < AdminLevel.CITY:
        return own
    below = Q(**{f"{host}__region__code__startswith": org.region_prefix})
    return own | (below & ~Q(**{meeting_kind: MeetingType.CASE}))


class MemberQuerySet(models.QuerySet["Member"]):
    def current(self) -> Self:
        return self.filter(until_on=None)


class Member(SealedModel):
    """A unit in the conference of one federation's county or city, with its liaison."""

    PERSONAL = ("liaison_name", "liaison_phone")

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="conference_members")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name="成员单位"
    )
    part = models.CharField("身份", max_length=10, choices=MemberPart, default=MemberPart.MEMBER)
    liaison = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="联络员账号"
    )
    liaison_name = SealedTextField("联络员姓名（无账号）", blank=True, default="")
    liaison_phone = SealedTextField("联络员电话", blank=True, default="")
    since_on = models.DateField("加入日期")
    until_on = models.DateField("退出日期", null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成员单位"
        constraints = [
            models.UniqueConstraint(
                fields=["host", "organisation"], condition=Q(until_on=None), name="member_once"
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("since_on")), name="member_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Staff) -> Self:
        """The conference's own people; everybody else the meetings her unit was invited to. Nobody one that speaks of
        a case she is kept away from: its minutes tell what was said of it."""
        org = user.organisation
        if org is None or not user.may(Permission.CONFERENCE_READ):
            return self.none()
        invited = Exists(Attendance.objects.filter(meeting=OuterRef("pk"), organisation=org))
        seen = Q(invited) | _hosted(user, "host", "kind") if at_home(user) else Q(invited)
        spoken_of = AgendaItem.objects.filter(~not_barred(user), meeting=OuterRef("pk"))
        return self.filter(seen).exclude(Exists(spoken_of))


class Meeting(SealedModel):
    """One meeting. A CASE meeting is read by the office and the invited bodies only."""

    PERSONAL = ("title", "minutes", "chair", "cancelled_because")

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="meetings")
    kind = models.CharField("类型", max_length=10, choices=MeetingType)
    title = SealedTextField("名称")
    status = models.CharField(max_length=10, choices=MeetingStatus, default=MeetingStatus.PLANNED)
    held_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=80)
    chair = SealedTextField("主持人", blank=True, default="")
    minutes_number = models.CharField("纪要文号", max_length=40, unique=True, null=True, blank=True)
    minutes = SealedTextField("纪要", blank=True, default="")
    minuted_at = models.DateTimeField(null=True, blank=True)
    cancelled_because = SealedTextField("取消原因", blank=True, default="")
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联席会议"
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=MeetingStatus.MINUTED)
                | Q(minutes_number__isnull=False, minuted_at__isnull=False),
                name="meeting_minuted_with_number",
            )
        ]
        indexes = [models.Index(fields=["host", "-held_at"], name="meeting_recent")]

    def __str__(self) -> str:
        return f"meeting {self.pk}"

    def advance(self, step: MeetingStep, **changes: Any) -> None:
        """Take one step of the meeting.

        Raises StepNotAllowed; MovedOn when somebody moved it first.
        """
        move(self, changes | {"status": next_meeting_status(step, MeetingStatus(self.status))})


class Attendance(SealedModel):
    """One body at one meeting, and who came for it."""

    PERSONAL = ("persons",)

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    presence = models.CharField("到会情况", max_length=10, choices=Presence, default=Presence.INVITED)
    persons = SealedTextField("参会人", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "参会"
        constraints = [models.UniqueConstraint(fields=["meeting", "organisation"], name="attendance_once")]

    def __str__(self) -> str:
        return f"attendance {self.pk}"


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def visible_to(self, user: Staff) -> Self:
        """The conference's own people; who proposed it; and the bodies invited to the meeting it is put before.

        What is about a case and not yet on a meeting stays in its county: it may come before a CASE meeting.
        """
        org = user.organisation
        if org is None or not user.may(Permission.CONFERENCE_READ):
            return self.none()
        invited = Exists(Attendance.objects.filter(meeting=OuterRef("meeting"), organisation=org))
        seen = Q(proposed_unit=org) | (Q(invited) & Q(status__in=ItemStatus.put_forward))
        if at_home(user):
            kept_to_few = Q(case__isnull=False, meeting=None) & ~Q(host__region_id=seat(org))
            seen |= _hosted(user, "host", "meeting__kind") & ~kept_to_few
        return self.filter(seen).filter(not_barred(user))


class AgendaItem(SealedModel):
    """What is put before the conference. `brief` is written for the meeting and names nobody; the case itself stays
    with those who see it anyway."""

    PERSONAL = ("title", "brief", "asks", "opinion")

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="agenda_items")
    case = models.ForeignKey(Case, models.PROTECT, related_name="agenda_items", null=True, blank=True)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items", null=True, blank=True)
    sort = models.PositiveSmallIntegerField("次序", default=0)
    title = SealedTextField("议题")
    brief = SealedTextField("情况（隐去姓名）")
    asks = SealedTextField("提请会议解决什么")
    status = models.CharField(max_length=10, choices=ItemStatus, default=ItemStatus.PROPOSED)
    proposed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    proposed_unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    screened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    screened_at = models.DateTimeField(null=True, blank=True)
    opinion = SealedTextField("初审意见", blank=True, default="")
    screen_by = models.DateField("初审期限")
    escalated_from = models.OneToOneField(
        "cases.Task", models.PROTECT, related_name="escalated_to", null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "议题"
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=(ItemStatus.ON_AGENDA, ItemStatus.RESOLVED, ItemStatus.NOTED))
                | Q(meeting__isnull=False),
                name="item_on_agenda_of_meeting",
            ),
            models.CheckConstraint(
                condition=Q(screened_by=None, screened_at=None)
                | Q(screened_by__isnull=False, screened_at__isnull=False),
                name="item_screened_by_whom_and_when",
            ),
            models.UniqueConstraint(
                fields=["case", "host"],
                condition=Q(status__in=ItemStatus.waiting),
                name="item_one_waiting_per_case",
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"

    def advance(self, step: ConferenceStep, **changes: Any) -> None:
        """Take one step of the item; the caller records it in the history of the case, if there is one.

        Raises StepNotAllowed; MovedOn when somebody moved it first.
        """
        move(self, changes | {"status": next_item_status(step, ItemStatus(self.status))})


class Resolution(SealedModel):
    """What the meeting decided on an item (议定事项): what, who leads, by when."""

    PERSONAL = ("content",)

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="resolutions")
    number = models.PositiveSmallIntegerField("序号")
    content = SealedTextField("议定事项")
    term_on = models.DateField("完成期限")
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "议定事项"
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="resolution_numbered_once")]

    def __str__(self) -> str:
        return f"resolution {self.pk}"


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: Staff) -> Self:
        """The conference's own people, and the unit that has it."""
        org = user.organisation
        if org is None or not user.may(Permission.CONFERENCE_READ):
            return self.none()
        item = "resolution__item__"
        hosted = _hosted(user, f"{item}host", f"{item}meeting__kind") if at_home(user) else Q(pk=None)
        return self.filter(Q(unit=org) | hosted).filter(not_barred(user, "resolution__item__case"))

    def open(self) -> Self:
        return self.filter(status__in=TaskStatus.open_statuses)


class Task(SealedModel):
    """One unit's share of a resolution, on that unit's desk until the office writes it off (销号)."""

    PERSONAL = ("conclusion",)

    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="tasks")
    unit = models.ForeignKey(
        Organisation, models.PROTECT, related_name="conference_tasks", verbose_name="承办单位"
    )
    part = models.CharField("分工", max_length=4, choices=TaskPart)
    status = models.CharField(max_length=10, choices=TaskStatus, default=TaskStatus.ASSIGNED)
    due_at = models.DateTimeField("完成期限")
    extended_days = models.PositiveSmallIntegerField(default=0)
    conclusion = SealedTextField("销号说明", blank=True, default="")
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "议定事项任务"
        constraints = [
            models.UniqueConstraint(fields=["resolution", "unit"], name="task_once_per_unit"),
            models.UniqueConstraint(
                fields=["resolution"], condition=Q(part=TaskPart.LEAD), name="task_one_lead"
            ),
            models.CheckConstraint(
                condition=Q(status__in=TaskStatus.open_statuses, ended_at=None, ended_by=None)
                | (
                    ~Q(status__in=TaskStatus.open_statuses)
                    & Q(ended_at__isnull=False, ended_by__isnull=False)
                ),
                name="task_ended_by_whom_and_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "due_at"],
                condition=Q(status__in=TaskStatus.open_statuses),
                name="task_open_unit",
            )
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in TaskStatus.open_statuses

    @property
    def next_step(self) -> str:
        return TASK_TURN[TaskStatus(self.status)]

    @property
    def case(self) -> Case | None:
        return self.resolution.item.case

    @property
    def host(self) -> Organisation:
        return self.resolution.item.host

    def advance(self, step: ConferenceStep, **changes: Any) -> None:
        """Take one step of the task; the caller records it in the history of the case, if there is one.

        Raises StepNotAllowed; MovedOn when somebody moved it first.
        """
        move(self, changes | {"status": next_task_status(step, TaskStatus(self.status))})


class TaskReport(SealedModel):
    """What a unit reports on its task, or the longer term it asks for, and the answer to it."""

    PERSONAL = ("text", "opinion", "reported_by_name")

    task = models.ForeignKey(Task, models.PROTECT, related_name="reports")
    asks_days = models.PositiveSmallIntegerField("申请延长天数", null=True, blank=True)
    text = SealedTextField("办理情况或延期理由")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    reported_by_name = SealedTextField("报告人（无账号）", blank=True, default="")
    at = models.DateTimeField()
    accepted = models.BooleanField(null=True)
    opinion = SealedTextField("审核意见", blank=True, default="")
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "议定事项报告"
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=None, decided_by=None, decided_at=None)
                | Q(accepted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="task_report_decided_by_whom_and_when",
            ),
            models.UniqueConstraint(
                fields=["task"], condition=Q(accepted=None), name="task_report_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"task report {self.pk}"


class Carry(models.Model):
    """An open task carried to the next meeting, until it is written off."""

    PERSONAL: tuple[str, ...] = ()

    task = models.ForeignKey(Task, models.PROTECT, related_name="carries")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="carries")

    class Meta:
        verbose_name = verbose_name_plural = "结转"
        constraints = [models.UniqueConstraint(fields=["task", "meeting"], name="carry_once")]

    def __str__(self) -> str:
        return f"carry {self.pk}"


class Instruction(SealedModel):
    """A leader's written instruction on a case, or a leader taking charge of it (领导批示、领导包案)."""

    PERSONAL = ("leader", "text", "result")

    case = models.ForeignKey(Case, models.PROTECT, related_name="instructions")
    kind = models.CharField("方式", max_length=12, choices=InstructionKind)
    leader = SealedTextField("领导姓名、职务")
    text = SealedTextField("批示或包案要求")
    given_on = models.DateField("批示日期")
    term_on = models.DateField("要求办结日期", null=True, blank=True)
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    result = SealedTextField("落实情况", blank=True, default="")
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "领导批示"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False),
                name="instruction_ended_by_whom_and_when",
            )
        ]
        indexes = [models.Index(fields=["case"], condition=Q(ended_at=None), name="instruction_open")]

    def __str__(self) -> str:
        return f"instruction {self.pk}"
