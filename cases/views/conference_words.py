"""Words the conference is given, drawn from what is known: never a name, a number or an address of a person."""

from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone

from cases.choices import ClockStatus, ItemStatus, Risk, TaskPart
from cases.deadlines import china_date, last_day
from cases.documents import chinese_date
from cases.models import AgendaItem, Case, Clock, CodeSet, Meeting, Resolution, Task, code_names

DIGITS = "零一二三四五六七八九"


def agenda_title(case: Case) -> str:
    category = code_names(CodeSet.MATTER_CATEGORY).get(case.category, "信访")
    return f"一起{category}案件的协调处理"


def agenda_brief(case: Case, at: datetime) -> str:
    """What the conference needs to know of a case: kind, danger, dates, who was asked and how late they are."""
    category = code_names(CodeSet.MATTER_CATEGORY).get(case.category, case.category)
    received = chinese_date(china_date(case.received_at))
    lines = [
        f"类别：{category}。风险等级：{Risk(case.risk).mark}色。",
        f"{received}由{case.station.name}首接，共来访来信来电{case.contacts_count}次，现由{case.holder.name}承办。",
    ]
    if case.due_at is not None and case.due_at <= at:
        lines.append(f"本单位办理已逾期{_days(case.due_at, at)}天。")
    late = _late(case, at)
    for referral in case.referrals.select_related("department").order_by("sent_at", "pk"):
        sent = chinese_date(china_date(referral.sent_at))
        words = f"{sent}转交{referral.department.name}（{referral.get_status_display()}）"
        days = f"，逾期{late[referral.pk]}天" if referral.pk in late else ""
        lines.append(f"{words}{days}。")
    return "\n".join(lines)


def _days(due_at: datetime, at: datetime) -> int:
    return (china_date(at) - last_day(due_at)).days


def _late(case: Case, at: datetime) -> dict[UUID, int]:
    """How many days each department is late; a right it let pass is no duty."""
    clocks = Clock.objects.filter(
        case=case, referral__isnull=False, status=ClockStatus.RUNNING, effective_due__lte=at
    ).exclude(code="XF-OBJECT")
    return {
        clock.referral_id: _days(clock.effective_due, at)
        for clock in clocks.order_by("-effective_due")
        if clock.referral_id is not None
    }


def minutes_draft(meeting: Meeting) -> str:
    """The minutes as far as the tables know them: when, where, who presided, what was decided."""
    held = timezone.localtime(meeting.held_at)
    when = f"{chinese_date(held.date())}{held:%H:%M}"
    lines = [f"{when}，{meeting.chair or '　　'}在{meeting.place}主持召开{meeting.title}。会议纪要如下："]
    for count, item in enumerate(items_of(meeting), start=1):
        lines.append(f"{chinese_number(count)}、{item.title}")
        if item.status == ItemStatus.NOTED:
            lines.append(item.opinion)
        lines += [
            f"（{chinese_number(row.number)}）{row.content}{who_and_when(row)}"
            for row in item.resolutions.all()
        ]
    return "\n".join(lines)


def items_of(meeting: Meeting) -> list[AgendaItem]:
    """The items in their order, with what was decided and who does it."""
    tasks = Task.objects.select_related("unit").order_by("-part", "pk")
    resolutions = Resolution.objects.order_by("number").prefetch_related(Prefetch("tasks", queryset=tasks))
    return list(
        meeting.items.select_related("proposed_unit")
        .prefetch_related(Prefetch("resolutions", queryset=resolutions))
        .order_by("sort", "pk")
    )


def who_and_when(resolution: Resolution) -> str:
    """（由某单位牵头，某某配合，某月某日前完成）"""
    units = {
        part: [task.unit.name for task in resolution.tasks.all() if task.part == part] for part in TaskPart
    }
    co = f"，{'、'.join(units[TaskPart.CO])}配合" if units[TaskPart.CO] else ""
    lead = "、".join(units[TaskPart.LEAD])
    return f"（由{lead}牵头{co}，{chinese_date(resolution.term_on)}前完成）"


def chinese_number(count: int) -> str:
    """1 to 99 as numbered headings write them."""
    tens, ones = divmod(count, 10)
    head = ("" if tens == 1 else DIGITS[tens]) + "十" if tens else ""
    return head + (DIGITS[ones] if ones else "")
