"""One unit's task after a meeting, for the unit, the office and the federation."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions import conference_task as verbs
from cases.actions.clocks import with_rules
from cases.choices import ConferenceStep, TaskStatus
from cases.forms.conference import TASK_FORMS, DecideForm, TaskForm
from cases.models import AgendaItem, Case, Task, TaskReport
from cases.permissions import task_steps_open_to
from cases.views.access import get_task
from cases.views.casefile import clock_card
from cases.views.conference import log_texts, refusal_status, slug
from cases.views.rows import task_due
from cases.workflow import StepNotAllowed, next_task_status
from stations.http import StaffRequest

STEP_WORDS: dict[ConferenceStep, str] = {
    ConferenceStep.REPORT: "报告办理情况",
    ConferenceStep.ASK: "申请延长期限",
    ConferenceStep.RETURN: "退回补办",
    ConferenceStep.WRITE_OFF: "审核销号",
    ConferenceStep.EXTEND: "同意延长",
    ConferenceStep.KEEP_TERM: "不同意延长",
    ConferenceStep.ESCALATE: "提请上级联席会议",
}
FIRST = (ConferenceStep.WRITE_OFF, ConferenceStep.EXTEND, ConferenceStep.REPORT)
VERBS: dict[ConferenceStep, Callable[..., object]] = {
    ConferenceStep.REPORT: verbs.report_task,
    ConferenceStep.ASK: verbs.ask_longer,
    ConferenceStep.RETURN: verbs.return_report,
    ConferenceStep.WRITE_OFF: verbs.write_off_task,
    ConferenceStep.EXTEND: verbs.extend_task,
    ConferenceStep.KEEP_TERM: verbs.keep_term,
    ConferenceStep.ESCALATE: verbs.escalate_task,
}


@require_GET
def conference_task(request: StaffRequest, pk: UUID) -> HttpResponse:
    task = get_task(request, pk)
    user, at = request.user, timezone.now()
    asked = _asked(task)
    steps = task_steps_open_to(user, task, asked=asked is not None)
    first = next((step for step in FIRST if step in steps), None)
    item = task.resolution.item
    log_texts(request, [item])
    seen = AgendaItem.objects.visible_to(user)
    context = {
        "task": task,
        "item": item,
        "item_open": seen.filter(pk=item.pk).exists(),
        "case": Case.objects.visible_to(user).filter(pk=item.case_id).first() if item.case_id else None,
        "due": task_due(task, at),
        "carried": task.carries.count(),
        "clocks": [clock_card(clock, at) for clock in with_rules(task.clocks.order_by("-started_at"))],
        "others": task.resolution.tasks.exclude(pk=task.pk).select_related("unit").order_by("-part", "pk"),
        "reports": task.reports.select_related("by__organisation", "decided_by").order_by("-at", "-pk"),
        "upward": seen.filter(escalated_from=task).first(),
        "first": (STEP_WORDS[first], slug(first)) if first else None,
        "buttons": [(STEP_WORDS[step], slug(step)) for step in steps if step is not first],
        "keyed": _keyed(request, task),
    }
    return render(request, "conference/task.html", context)


def _asked(task: Task) -> TaskReport | None:
    """The request for a longer term that waits for an answer."""
    report = verbs.waiting_report(task)
    return report if report is not None and report.asks_days is not None else None


def _keyed(request: StaffRequest, task: Task) -> bool:
    """Whether the reader writes down what a unit sent on paper."""
    return request.user.organisation_id != task.unit_id


@require_http_methods(["GET", "POST"])
def conference_task_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    """Every step of a task that is one form."""
    step = next((step for step in TASK_FORMS if slug(step) == step_name), None)
    if step is None:
        raise Http404
    task = get_task(request, pk, to=step)
    if request.method == "GET":
        return _step_page(request, task, step, _form(step, task, request, None))
    form = _form(step, task, request, request.POST)
    if not form.is_valid():
        return _step_page(request, task, step, form, status=409 if form.is_stale else 422)
    try:
        VERBS[step](task, **form.told(), by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _step_page(request, get_task(request, pk), step, form, status=refusal_status(request, refusal))
    messages.success(request, f"“{STEP_WORDS[step]}”已记下。下一步：{task.next_step}。")
    return redirect("conference_task", task.pk)


def _form(step: ConferenceStep, task: Task, request: StaffRequest, typed: Any) -> TaskForm | DecideForm:
    initial = {}
    if step is ConferenceStep.EXTEND and (asked := _asked(task)):
        initial["days"] = asked.asks_days
    return TASK_FORMS[step](typed, task=task, keyed=_keyed(request, task), initial=initial)


def _step_page(
    request: StaffRequest,
    task: Task,
    step: ConferenceStep,
    form: TaskForm | DecideForm,
    *,
    status: int = 200,
) -> HttpResponse:
    not_now = ""
    try:
        next_task_status(step, TaskStatus(task.status))
    except StepNotAllowed as refusal:
        not_now = str(refusal)
    waiting = verbs.waiting_report(task)
    log_texts(request, [task.resolution.item])
    context = {
        "form": form,
        "title": STEP_WORDS[step],
        "back": reverse("conference_task", args=[task.pk]),
        "crumb": task.resolution.item.title,
        "version": task.version,
        "not_now": not_now if status == 200 else "",
        "about": waiting.text if waiting and step not in (ConferenceStep.REPORT, ConferenceStep.ASK) else "",
    }
    return render(request, "conference/step.html", context, status=status)
