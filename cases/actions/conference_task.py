"""What a unit does about a resolution, until the office of the conference writes it off (销号)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import end_on, put_off
from cases.actions.conference import (
    check_names_nobody,
    desks,
    office_people,
    propose_item,
    write_history,
)
from cases.choices import ClockStatus, ConferenceStep, NoticeKind
from cases.models import AgendaItem, Case, Task, TaskReport
from cases.notifications import announce
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.models import Organisation, Staff

MAX_EXTENSION_DAYS = 90


def check_no_open_tasks(case: Case) -> None:
    """A case does not end while a unit still owes what the conference decided about it.

    Raises StepNotAllowed.
    """
    if Task.objects.open().filter(resolution__item__case=case).exists():
        raise StepNotAllowed("联席会议的议定事项还没有全部销号，不能结束这件案件。请先报告办理情况并销号。")


def waiting_report(task: Task) -> TaskReport | None:
    """The report, or the request for a longer term, that nobody has answered."""
    return task.reports.filter(accepted=None).select_related("by").first()


def _move(
    task: Task,
    step: ConferenceStep,
    *,
    by: Staff,
    at: datetime,
    note: str = "",
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Move the task and write the step into its case's history, in that order; the unit and the office read what is
    said of it, and neither need know whose case it is.

    Raises NamesSomebody.
    """
    check_names_nobody(task.case, note)
    task.advance(step, **changes)
    about = {"number": task.resolution.number, "unit": task.unit_id}
    write_history(task.case, step, by=by, at=at, note=note, facts=about | (facts or {}))


def _tell_office(task: Task, *, by: Staff, at: datetime) -> None:
    """The office, and whoever has the case the task is about."""
    told = [person for person in office_people(task.host) if person.pk != by.pk]
    announce(NoticeKind.TASK_NEWS, None, told, at=at, about=task)
    if task.case is not None:
        announce(NoticeKind.TASK_NEWS, task.case, [task.case.owner], at=at, about=task)


def _tell_unit(task: Task, *, at: datetime) -> None:
    announce(NoticeKind.TASK_NEWS, None, desks(task.host, [task.unit])[task.unit_id], at=at, about=task)


@transaction.atomic
def report_task(task: Task, *, text: str, by: Staff, at: datetime, name: str = "") -> TaskReport:
    """Say what was done. `name` is who reported on paper where the office keys it in.

    A longer term asked for meanwhile is no longer needed.
    Raises StepNotAllowed.
    """
    _check_name(task, name, by)
    check_names_nobody(task.case, text)
    _move(task, ConferenceStep.REPORT, by=by, at=at)
    task.reports.filter(accepted=None).update(accepted=False, decided_by=by, decided_at=at)
    report = TaskReport.objects.create(task=task, text=text, by=by, reported_by_name=name, at=at)
    _tell_office(task, by=by, at=at)
    return report


@transaction.atomic
def ask_longer(task: Task, *, days: int, reason: str, by: Staff, at: datetime, name: str = "") -> TaskReport:
    """Ask for a longer term.

    Raises StepNotAllowed.
    """
    _check_name(task, name, by)
    if not 1 <= days <= MAX_EXTENSION_DAYS:
        raise StepNotAllowed(f"一次最多申请延长{MAX_EXTENSION_DAYS}天。")
    check_names_nobody(task.case, reason)
    _move(task, ConferenceStep.ASK, by=by, at=at, facts={"days": days})
    if waiting_report(task) is not None:
        raise StepNotAllowed("已经申请延长，正等答复。")
    report = TaskReport.objects.create(
        task=task, text=reason, asks_days=days, by=by, reported_by_name=name, at=at
    )
    _tell_office(task, by=by, at=at)
    return report


def _check_name(task: Task, name: str, by: Staff) -> None:
    if by.organisation_id != task.unit_id and not name:
        raise StepNotAllowed(f"请填写{task.unit.name}报告人的姓名，系统会注明由您代录。")


def _answer(task: Task, *, accepted: bool, opinion: str, by: Staff, at: datetime, asks: bool) -> TaskReport:
    """Decide what waits; a request for time and a report of work are not answered by each other's steps."""
    report = task.reports.select_for_update().filter(accepted=None, asks_days__isnull=not asks).first()
    if report is None:
        raise StepNotAllowed("没有待答复的延长申请。" if asks else "没有待审核的报告。")
    report.accepted, report.opinion, report.decided_by, report.decided_at = accepted, opinion, by, at
    report.save(update_fields=["accepted", "opinion", "decided_by", "decided_at"])
    return report


@transaction.atomic
def return_report(task: Task, *, opinion: str, by: Staff, at: datetime) -> None:
    """Send a report back with what is missing; the term runs on.

    Raises StepNotAllowed.
    """
    _move(task, ConferenceStep.RETURN, by=by, at=at, note=opinion)
    _answer(task, accepted=False, opinion=opinion, by=by, at=at, asks=False)
    _tell_unit(task, at=at)


@transaction.atomic
def write_off_task(task: Task, *, opinion: str, by: Staff, at: datetime) -> None:
    """Accept what was done. Nobody accepts her own report, unless she keyed in what a unit sent on paper.

    Raises StepNotAllowed.
    """
    _move(
        task,
        ConferenceStep.WRITE_OFF,
        by=by,
        at=at,
        note=opinion,
        conclusion=opinion,
        ended_by=by,
        ended_at=at,
    )
    report = _answer(task, accepted=True, opinion=opinion, by=by, at=at, asks=False)
    if report.by_id == by.pk and not report.reported_by_name:
        raise StepNotAllowed("销号须由报告人以外的人审核。")
    end_on(task, ClockStatus.MET, at=at, by=by)
    _tell_unit(task, at=at)
    if task.case is not None:
        announce(NoticeKind.TASK_NEWS, task.case, [task.case.owner], at=at, about=task)


@transaction.atomic
def extend_task(task: Task, *, days: int, opinion: str, by: Staff, at: datetime) -> None:
    """Grant a longer term, by so many days: the clock ends later.

    Raises StepNotAllowed.
    """
    if not 1 <= days <= MAX_EXTENSION_DAYS:
        raise StepNotAllowed(f"一次最多延长{MAX_EXTENSION_DAYS}天。")
    _answer(task, accepted=True, opinion=opinion, by=by, at=at, asks=True)
    clock = task.clocks.live().select_related("rule").get()
    put_off(clock, days, at=at)
    _move(
        task,
        ConferenceStep.EXTEND,
        by=by,
        at=at,
        note=opinion,
        facts={"days": days, "term": clock.last_day.isoformat()},
        due_at=clock.effective_due,
        extended_days=task.extended_days + days,
    )
    _tell_unit(task, at=at)


@transaction.atomic
def keep_term(task: Task, *, opinion: str, by: Staff, at: datetime) -> None:
    """Decline a longer term, with reasons.

    Raises StepNotAllowed.
    """
    _move(task, ConferenceStep.KEEP_TERM, by=by, at=at, note=opinion)
    _answer(task, accepted=False, opinion=opinion, by=by, at=at, asks=True)
    _tell_unit(task, at=at)


def host_above(host: Organisation) -> Organisation | None:
    """The city's federation over a county's; nothing stands over the city's conference here."""
    if host.level >= AdminLevel.CITY:
        return None
    return Organisation.objects.federation_of(host.region_id[:4])


@transaction.atomic
def escalate_task(task: Task, *, asks: str, by: Staff, at: datetime) -> AgendaItem:
    """Put what the county's units cannot do before the city's conference: a new item there, and this task ends.

    Raises StepNotAllowed; NamesSomebody when the text says who the case is about.
    """
    upper = host_above(task.host)
    if upper is None:
        raise StepNotAllowed("没有可以提请的上级联席会议。")
    task.reports.filter(accepted=None).update(accepted=False, decided_by=by, decided_at=at)
    _move(
        task,
        ConferenceStep.ESCALATE,
        by=by,
        at=at,
        note=asks,
        facts={"to": upper.pk},
        conclusion=asks,
        ended_by=by,
        ended_at=at,
    )
    end_on(task, ClockStatus.CANCELLED, at=at, by=by)
    item = task.resolution.item
    decided = f"{task.host.name}联席会议议定（{task.unit.name}{task.get_part_display()}）：{task.resolution.content}"
    new = propose_item(
        upper,
        case=item.case,
        title=item.title,
        brief=f"{item.brief}\n{decided}",
        asks=asks,
        by=by,
        at=at,
        escalated_from=task,
    )
    _tell_unit(task, at=at)
    return new
