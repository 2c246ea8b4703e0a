"""The case service plan with its tasks, and her own safety plan: each version is kept, the newest one counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from cases.actions.clocks import cancel_clocks, meet_clocks, start_term
from cases.actions.ownership import check_unit_not_barred
from cases.actions.safety.emergency import note_planned
from cases.choices import ClockStatus, SafetyStep
from cases.models import Case, PlanTask, SafetyPlan, ServicePlan
from cases.models.versioned import move
from cases.workflow import StepNotAllowed
from stations.models import Organisation, Staff

TASK_CLOCK = "IN-PLAN-TASK"


@dataclass(frozen=True)
class TaskEntry:
    """One task as planned: for which need, what, who, until when."""

    need: str
    what: str
    due_on: date
    unit: Organisation | None = None
    who: str = ""


@transaction.atomic
def make_service_plan(
    case: Case,
    *,
    needs: Iterable[str],
    goals: str,
    review_on: date,
    tasks: Iterable[TaskEntry],
    by: Staff,
    at: datetime,
) -> ServicePlan:
    """Keep a new version of the plan and its new tasks; tasks planned before live on.

    Raises StepNotAllowed.
    """
    wanted, planned = list(needs), list(tasks)
    check_unit_not_barred(case, *(task.unit for task in planned if task.unit is not None))
    case.record(SafetyStep.PLAN, by=by, at=at, facts={"needs": wanted, "tasks": len(planned)})
    plan = ServicePlan.objects.create(case=case, needs=wanted, goals=goals, review_on=review_on, by=by, at=at)
    for task in planned:
        PlanTask.objects.create(
            case=case,
            need=task.need,
            what=task.what,
            unit=task.unit,
            who=task.who,
            due_on=task.due_on,
            made_by=by,
            made_at=at,
        )
    _redate(case, by=by, at=at)
    note_planned(case, by=by, at=at)
    return plan


@transaction.atomic
def end_task(task: PlanTask, *, result: str, done_on: date | None, by: Staff, at: datetime) -> None:
    """Say what came of it; without a day it is no longer needed.

    Raises StepNotAllowed; MovedOn.
    """
    if task.ended_at is not None:
        raise StepNotAllowed("这项任务已经登记过结果。")
    changes: dict[str, Any] = {"done_on": done_on, "dropped": done_on is None, "ended_by": by, "ended_at": at}
    move(task, changes | {"result": result}, what="这项任务")
    task.case.record(SafetyStep.TASK, by=by, at=at, facts={"need": task.need, "dropped": task.dropped})
    _redate(task.case, by=by, at=at)


def _redate(case: Case, *, by: Staff, at: datetime) -> None:
    """One clock a case, at the nearest task: the next one begins when it is done with."""
    nearest = (
        case.plan_tasks.filter(ended_at=None).order_by("due_on").values_list("due_on", flat=True).first()
    )
    running = case.clocks.filter(code=TASK_CLOCK, status=ClockStatus.RUNNING).first()
    if running is not None and running.last_day == nearest:
        return
    if nearest is None:
        meet_clocks(case, TASK_CLOCK, at=at, by=by)
        return
    cancel_clocks(case, TASK_CLOCK, at=at, by=by)
    start_term(case, TASK_CLOCK, until=nearest, at=at)


@transaction.atomic
def make_safety_plan(case: Case, *, by: Staff, at: datetime, **words: str) -> SafetyPlan:
    """Keep a new version of what she does when it happens again.

    Raises StepNotAllowed when nothing was said.
    """
    if not any(words.values()):
        raise StepNotAllowed("安全计划还是空的：至少写下怎样离开、去哪里、找谁。")
    case.record(SafetyStep.SAFETY_PLAN, by=by, at=at)
    plan = SafetyPlan.objects.create(case=case, by=by, at=at, **words)
    note_planned(case, by=by, at=at)
    return plan
