"""The case service plan and her safety plan: read by those who work on the case, each version kept."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from cases.actions.safety.plans import TaskEntry, end_task, make_safety_plan, make_service_plan
from cases.choices import AccessKind, FieldGroup, VictimNeed
from cases.deadlines import end_of_day
from cases.forms.safety.plans import (
    SAFETY_FIELDS,
    TASK_ROWS,
    EndTaskForm,
    PlanForm,
    SafetyPlanForm,
    TakeAwayForm,
    TaskForm,
)
from cases.models import Case, PlanTask, SafetyPlan, ServicePlan
from cases.permissions import in_owner_line, may_reveal, why_not_open_monitor
from cases.views.access import get_case, log_access
from cases.views.rows import due_badge
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest

NOT_YOURS = "方案和安全计划只给办理本案的人看。"


def _case(request: StaffRequest, number: str, *, write: bool = False) -> Case:
    """Whoever works on the case reads; whoever may act on it writes."""
    case = get_case(request, number)
    if not in_owner_line(request.user, case) or not may_reveal(request.user, case):
        raise PermissionDenied(NOT_YOURS)
    if write and (reason := why_not_open_monitor(request.user, case)):
        raise PermissionDenied(reason)
    return case


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def service_plan(request: StaffRequest, number: str) -> HttpResponse:
    """The plan as it stands, its tasks, its earlier versions, and a form for the next one."""
    case = _case(request, number, write=request.method == "POST")
    if request.method == "GET":
        return _plan_page(request, case)
    form = PlanForm(request.POST)
    rows = [TaskForm(request.POST, prefix=f"task-{row}", case=case) for row in range(TASK_ROWS)]
    good = [one.is_valid() for one in (form, *rows)]
    if not all(good):
        return _plan_page(request, case, form=form, rows=rows, status=422)
    tasks = [TaskEntry(**row.cleaned_data) for row in rows if row.told]
    try:
        make_service_plan(case, **form.cleaned_data, tasks=tasks, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _plan_page(request, case, form=form, rows=rows, status=409)
    messages.success(request, "服务方案已保存。每项任务完成后，在这里登记结果。")
    return redirect("service_plan", case.number)


def _plan_page(
    request: StaffRequest,
    case: Case,
    *,
    form: PlanForm | None = None,
    rows: list[TaskForm] | None = None,
    ending: tuple[PlanTask, EndTaskForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    log_access(request.user, case, at=at, fields=FieldGroup.SAFETY)
    versions = list(ServicePlan.objects.filter(case=case).select_related("by").order_by("-at", "-pk"))
    context = {
        "case": case,
        "plan": _version(versions[0]) if versions else None,
        "earlier": [_version(version) for version in versions[1:]],
        "tasks": _tasks(case, at, ending),
        "may_write": not why_not_open_monitor(request.user, case),
        "form": form or PlanForm(initial=_as_before(versions)),
        "rows": rows or [TaskForm(prefix=f"task-{row}", case=case) for row in range(TASK_ROWS)],
        "form_open": form is not None or not versions,
    }
    return render(request, "safety/service_plan.html", context, status=status)


def _version(plan: ServicePlan) -> dict[str, Any]:
    return {"plan": plan, "needs": [VictimNeed(code).label for code in plan.needs]}


def _as_before(versions: list[ServicePlan]) -> dict[str, Any]:
    return {"needs": versions[0].needs, "goals": versions[0].goals} if versions else {}


def _tasks(case: Case, at: Any, ending: tuple[PlanTask, EndTaskForm] | None) -> list[dict[str, Any]]:
    """Open ones first, the nearest date on top; each with the form that ends it."""
    rows = PlanTask.objects.filter(case=case).select_related("unit", "ended_by").order_by("due_on", "pk")
    told = []
    for task in sorted(rows, key=lambda task: task.ended_at is not None):
        form = ending[1] if ending and ending[0].pk == task.pk else None
        if form is None and task.ended_at is None:
            form = EndTaskForm(initial={"version": task.version}, prefix=f"end-{task.pk.hex[-6:]}")
        told.append({"task": task, "form": form, "due": due_badge(end_of_day(task.due_on), at)})
    return told


@require_POST
@sensitive_post_parameters()
def plan_task(request: StaffRequest, number: str, pk: UUID) -> HttpResponse:
    """Say what came of one task."""
    case = _case(request, number, write=True)
    task = PlanTask.objects.filter(pk=pk, case=case).first()
    if task is None:
        raise Http404
    form = EndTaskForm(request.POST, prefix=f"end-{task.pk.hex[-6:]}")
    if not form.is_valid():
        return _plan_page(request, case, ending=(task, form), status=422)
    task.case, task.version = case, form.cleaned_data["version"]
    try:
        end_task(task, **form.values(), by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _plan_page(request, case, ending=(task, form), status=409)
    messages.success(request, "任务结果已登记。")
    return redirect("service_plan", case.number)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def safety_plan(request: StaffRequest, number: str) -> HttpResponse:
    """What she does when it happens again: her newest plan, filled in to be changed."""
    case = _case(request, number, write=request.method == "POST")
    if request.method == "GET":
        return _safety_page(request, case)
    form = SafetyPlanForm(request.POST)
    if not form.is_valid():
        return _safety_page(request, case, form=form, status=422)
    make_safety_plan(case, **form.cleaned_data, by=request.user, at=timezone.now())
    messages.success(request, "安全计划已保存。和她再对一遍，让她记在心里。")
    return redirect("safety_plan", case.number)


def _safety_page(
    request: StaffRequest,
    case: Case,
    *,
    form: SafetyPlanForm | None = None,
    take: TakeAwayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    log_access(request.user, case, at=timezone.now(), fields=FieldGroup.SAFETY)
    versions = list(SafetyPlan.objects.filter(case=case).select_related("by").order_by("-at", "-pk"))
    context = {
        "case": case,
        "latest": versions[0] if versions else None,
        "earlier": [{"plan": plan, "lines": _lines(plan)} for plan in versions[1:]],
        "may_write": not why_not_open_monitor(request.user, case),
        "form": form or SafetyPlanForm(latest=versions[0] if versions else None),
        "take": take or TakeAwayForm(),
    }
    return render(request, "safety/safety_plan.html", context, status=status)


def _lines(plan: SafetyPlan) -> list[tuple[str, str]]:
    return [(label, getattr(plan, name)) for name, label, _ in SAFETY_FIELDS if getattr(plan, name)]


@require_POST
def safety_plan_print(request: StaffRequest, number: str) -> HttpResponse:
    """The plan on paper, because she asks for it: nothing on it says who she is, who we are, or where she lives now."""
    case = _case(request, number)
    plan = SafetyPlan.objects.filter(case=case).order_by("-at", "-pk").first()
    if plan is None:
        raise Http404
    take = TakeAwayForm(request.POST)
    if not take.is_valid():
        return _safety_page(request, case, take=take, status=422)
    log_access(request.user, case, at=timezone.now(), kind=AccessKind.PRINT, fields=FieldGroup.SAFETY)
    return render(request, "safety/safety_plan_print.html", {"case": case, "lines": _lines(plan)})
