"""What waits beside the cases on one person's desk: to visit and watch, to sign, to check, to answer, to decide."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from cases.choices import ItemStatus, MonitorKind, MonitorStage, SupervisionStatus, TaskStatus
from cases.models import AgendaItem, Call, Case, Monitor, Supervision, SupervisionPaper, Task, TaskReport
from cases.views.guarding.reads import waiting
from cases.views.rows import due_badge
from cases.workflow import MONITOR_TURN
from stations.models import Staff
from stations.roles import Permission, Role

SHOWN = 20
# A visit is planned some days ahead; the first one after a warning letter is near from the beginning.
MONITOR_SOON = timedelta(days=8)


def pressing(user: Staff, at: datetime) -> list[dict[str, Any]]:
    """Rows of what, about whom, where and by when; a query a kind, whatever waits."""
    rows = [
        *_emergencies(user, at),
        *_calls(user),
        *_monitors(user, at),
        *_supervisions(user, at),
        *tasks_waiting(user, at),
        *_items(user, at),
        *waiting(user),
    ]
    return rows[:SHOWN]


def _monitors(user: Staff, at: datetime) -> list[dict[str, Any]]:
    """Those she keeps whose next date is near or gone, or that have none."""
    if not user.may(Permission.CASE_FOLLOW_UP):
        return []
    near = Q(due_at__lte=at + MONITOR_SOON) | Q(due_at=None)
    found = Monitor.objects.visible_to(user).open().filter(near, keeper=user).select_related("case")
    return [
        {
            "what": f"{row.get_kind_display()}：{MONITOR_TURN[MonitorStage(row.stage)]}",
            "about": row.case.number,
            "url": reverse("monitor", args=[row.pk]),
            "due": due_badge(row.due_at, at) if row.due_at else "",
        }
        for row in found.order_by("due_at", "pk")[:SHOWN]
    ]


def _emergencies(user: Staff, at: datetime) -> list[dict[str, Any]]:
    """Those that somebody below keeps, for whoever was told of them; her own stand among her monitors."""
    if not user.holds(Role.STATION_HEAD, Role.COUNTY_OFFICER, Role.COUNTY_LEADER):
        return []
    ours = (
        Q(unit=user.organisation) | Q(case__holder=user.organisation) | Q(emergency__upper=user.organisation)
    )
    found = Monitor.objects.visible_to(user).open().filter(ours, kind=MonitorKind.EMERGENCY)
    return [
        {
            "what": "高危紧急处置：看看办到哪一步",
            "about": f"{row.case.number}，{row.keeper.name}负责",
            "url": reverse("monitor", args=[row.pk]),
            "due": due_badge(row.due_at, at) if row.due_at else "",
        }
        for row in found.exclude(keeper=user)
        .select_related("case", "keeper")
        .order_by("due_at", "pk")[:SHOWN]
    ]


def _calls(user: Staff) -> list[dict[str, Any]]:
    """Calls of hers that ended nobody knows how."""
    if not user.may(Permission.CASE_FOLLOW_UP):
        return []
    cases = Case.objects.visible_to(user)
    waiting = Call.objects.filter(by=user, outcome="", case__in=cases).select_related("case")
    return [
        {
            "what": "有一次通话没有记录结果",
            "about": row.case.number,
            "url": reverse("call", args=[row.case.number]),
            "due": "",
        }
        for row in waiting.order_by("at", "pk")[:SHOWN]
    ]


def _supervisions(user: Staff, at: datetime) -> list[dict[str, Any]]:
    waits = Q()
    ours = Q(from_org=user.organisation)
    if user.may(Permission.SUPERVISE_SIGN):
        waits |= ours & Q(unsigned=True)
    if user.may(Permission.SUPERVISE):
        waits |= ours & Q(status__in=(SupervisionStatus.REPLIED, SupervisionStatus.UNSOUND), unsigned=False)
    if user.may(Permission.SUPERVISION_ANSWER):
        waits |= Q(target=user.organisation, status__in=SupervisionStatus.with_target)
    if not waits:
        return []
    drafts = SupervisionPaper.objects.filter(supervision=OuterRef("pk"), signed_at=None, returned_at=None)
    found = (
        Supervision.objects.visible_to(user)
        .open()
        .annotate(unsigned=Exists(drafts))
        .filter(waits)
        .select_related("target", "from_org")
        .order_by("due_at", "pk")[:SHOWN]
    )
    return [
        {
            "what": _step(row, user),
            "about": row.from_org.name if row.target_id == user.organisation_id else row.target.name,
            "url": reverse("supervision", args=[row.pk]),
            "due": due_badge(row.due_at, at) if row.due_at and not getattr(row, "unsigned", False) else "",
        }
        for row in found
    ]


def _step(row: Supervision, user: Staff) -> str:
    if row.target_id == user.organisation_id:
        return "被督办，请签收并书面回复"
    if getattr(row, "unsigned", False):
        return "签发督办文书"
    return "核查督办回复" if row.status == SupervisionStatus.REPLIED else "督办核查不通过，决定下一步"


def tasks_waiting(user: Staff, at: datetime) -> list[dict[str, Any]]:
    """Tasks of the conference whose next move is this person's."""
    waits = Q()
    if user.may(Permission.CONFERENCE_MANAGE):
        waits |= Q(status=TaskStatus.REPORTED)
    if user.may(Permission.CONFERENCE_DECIDE):
        waits |= Q(status=TaskStatus.ASSIGNED, asked=True)
    if user.may(Permission.TASK_REPORT):
        waits |= Q(status=TaskStatus.ASSIGNED, unit=user.organisation)
    if not waits:
        return []
    asks = TaskReport.objects.filter(task=OuterRef("pk"), accepted=None, asks_days__isnull=False)
    found = (
        Task.objects.visible_to(user)
        .open()
        .annotate(asked=Exists(asks))
        .filter(waits)
        .select_related("unit", "resolution__item")
        .order_by("due_at", "pk")[:SHOWN]
    )
    return [
        {
            "what": _task_step(row, user),
            "about": f"{row.unit.name}：{row.resolution.item.title}",
            "url": reverse("conference_task", args=[row.pk]),
            "due": due_badge(row.due_at, at) if row.status == TaskStatus.ASSIGNED else "",
        }
        for row in found
    ]


def _task_step(row: Task, user: Staff) -> str:
    if row.status == TaskStatus.REPORTED:
        return "审核议定事项报告"
    if getattr(row, "asked", False) and user.may(Permission.CONFERENCE_DECIDE):
        return "答复议定事项延期申请"
    return "办理联席会议议定事项"


def _items(user: Staff, at: datetime) -> list[dict[str, Any]]:
    if not user.may(Permission.CONFERENCE_MANAGE):
        return []
    found = (
        AgendaItem.objects.visible_to(user)
        .filter(status=ItemStatus.PROPOSED)
        .select_related("proposed_unit")
        .order_by("screen_by", "pk")[:SHOWN]
    )
    return [
        {
            "what": "初审议题",
            "about": f"{row.proposed_unit.name}：{row.title}",
            "url": reverse("agenda_item", args=[row.pk]),
            "due": "",
        }
        for row in found
    ]
