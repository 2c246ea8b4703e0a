"""Correction tasks: set after a published round, answered by the station, accepted above it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions.assessment import corrections as verbs
from cases.choices.assessment import CorrectionStep, RoundStep
from cases.forms.assessment import CorrectionAnswerForm, CorrectionForm, OpinionForm
from cases.models import Correction
from cases.permissions.assessment import correction_steps_open_to
from cases.views.access import get_correction, get_round
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest

Verb = Callable[..., object]
STEPS: dict[str, tuple[CorrectionStep, type[Form], Verb]] = {
    "answer": (CorrectionStep.ANSWER, CorrectionAnswerForm, verbs.answer_correction),
    "accept": (CorrectionStep.ACCEPT, OpinionForm, verbs.accept_correction),
    "send-back": (CorrectionStep.SEND_BACK, OpinionForm, verbs.send_back_correction),
}


@require_http_methods(["GET", "POST"])
def correction_new(request: StaffRequest, pk: UUID) -> HttpResponse:
    found = get_round(request, pk, to=RoundStep.SET_TASK)
    indicators = found.scheme.indicators.order_by("sort")
    form = CorrectionForm(request.POST if request.method == "POST" else None, indicators=indicators)
    context = {"round": found, "form": form}
    if not form.is_valid():
        return render(
            request, "assessment/correction_new.html", context, status=422 if form.is_bound else 200
        )
    try:
        task = verbs.set_correction(found, **form.cleaned_data, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return render(request, "assessment/correction_new.html", context, status=409)
    messages.success(request, "已下达，并通知了站长。")
    return redirect("correction", task.pk)


@require_GET
def correction(request: StaffRequest, pk: UUID) -> HttpResponse:
    task = get_correction(request, pk)
    return _page(request, task, {}, 200)


def _page(
    request: StaffRequest, task: Correction, bound: dict[CorrectionStep, Form], status: int
) -> HttpResponse:
    open_steps = correction_steps_open_to(request.user, task)
    forms: list[dict[str, Any]] = [
        {"slug": slug, "label": step.label, "form": bound.get(step) or form(prefix=slug)}
        for slug, (step, form, _) in STEPS.items()
        if step in open_steps or step in bound
    ]
    context = {
        "task": task,
        "today": timezone.localdate(),
        "forms": forms,
        "reports": task.reports.select_related("by", "decided_by").order_by("-at", "-pk"),
    }
    return render(request, "assessment/correction.html", context, status=status)


@require_http_methods(["POST"])
def correction_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    if step_name not in STEPS:
        raise Http404
    step, form_class, verb = STEPS[step_name]
    task = get_correction(request, pk, to=step)
    form = form_class(request.POST, prefix=step_name)
    if not form.is_valid():
        return _page(request, task, {step: form}, 422)
    try:
        verb(task, **form.cleaned_data, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _page(request, get_correction(request, pk), {step: form}, 409)
    messages.success(request, f"“{step.label}”已记下。")
    return redirect("correction", task.pk)
