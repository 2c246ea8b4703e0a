"""One station's round: how far it is, what is missing, the points of each side, and the steps."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions.assessment import rounds as verbs
from cases.choices.assessment import RoundStatus, RoundStep, Side
from cases.forms.assessment import ScoreForm, StepForm
from cases.models import AssessmentRound, MovedOn
from cases.permissions.assessment import round_steps_open_to, side_of, why_not_round
from cases.views.access import get_round
from cases.workflow import StepNotAllowed
from cases.workflow.assessment import next_round_status
from stations.http import StaffRequest

VERBS: dict[RoundStep, Callable[..., object]] = {
    RoundStep.SUBMIT: verbs.submit,
    RoundStep.RECOUNT: verbs.recount,
    RoundStep.RETURN: verbs.give_back,
    RoundStep.SEND_UP: verbs.send_up,
    RoundStep.RETURN_DOWN: verbs.give_down,
    RoundStep.PUBLISH: verbs.publish,
    RoundStep.CORRECT: verbs.correct,
}
SCORING = {step: side for side, step in verbs.SCORING.items()}
FIRST = (RoundStep.SUBMIT, RoundStep.SEND_UP, RoundStep.PUBLISH)
# What each button says before it is pressed.
EXPLAIN = {
    RoundStep.SUBMIT: "提交后由县妇联评分，自评不能再改；系统取数以提交时为准。",
    RoundStep.RECOUNT: "按现在的记录重新取数，原来的数留着。",
    RoundStep.RETURN: "退回后由站长补充，再提交一次。",
    RoundStep.SEND_UP: "报市妇联评分。",
    RoundStep.RETURN_DOWN: "退回县妇联重新评分。",
    RoundStep.PUBLISH: "公布后任何人都不能再改；发现错了另立更正。",
    RoundStep.CORRECT: "公布的结果不动，另立一次，改好后重新公布。",
}


def slug(step: RoundStep) -> str:
    return step.value.lower().replace("_", "-")


@require_GET
def assessment_round(request: StaffRequest, pk: UUID) -> HttpResponse:
    found = get_round(request, pk)
    steps = round_steps_open_to(request.user, found)
    turn = {RoundStatus.SELF: Side.STATION, RoundStatus.COUNTY: Side.COUNTY, RoundStatus.CITY: Side.CITY}
    side = turn.get(RoundStatus(found.status))
    left = verbs.missing(found, side) if side else []
    first = next((step for step in FIRST if step in steps), None) if not left else None
    buttons = [
        step for step in steps if step in VERBS and step is not first and (not left or step not in FIRST)
    ]
    context = {
        "round": found,
        "today": timezone.localdate(),
        "left": left,
        "scores": any(step in SCORING for step in steps),
        "first": first and (first.label, slug(first)),
        "buttons": [(step.label, slug(step)) for step in buttons],
        "may_task": RoundStep.SET_TASK in steps,
        "groups": found.groups(),
        "events": found.events.select_related("by__organisation").order_by("-at", "-pk"),
        "tasks": found.corrections.select_related("indicator").order_by("due_on", "pk"),
        "earlier": found.corrects,
        "later": AssessmentRound.objects.filter(corrects=found).first(),
    }
    return render(request, "assessment/round.html", context)


@require_http_methods(["GET", "POST"])
def assessment_score(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The points of the reader's side; half a page can be saved."""
    found = get_round(request, pk)
    side = side_of(request.user, found.station)
    if side is None or why_not_round(request.user, verbs.SCORING[side], found):
        raise PermissionDenied(why_not_round(request.user, verbs.SCORING[side or Side.COUNTY], found))
    try:
        next_round_status(verbs.SCORING[side], RoundStatus(found.status), found.scheme.publisher)
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
        return redirect("assessment_round", found.pk)
    typed = request.POST if request.method == "POST" else None
    form = ScoreForm(typed, lines=found.lines, side=side, now=found.version)
    if not form.is_valid():
        status = 200 if typed is None else 409 if form.is_stale else 422
        return _score_page(request, found, side, form, status)
    try:
        written = verbs.score(found, side, form.entries(), by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.refuse(refusal)
        return _score_page(request, found, side, form, 409 if isinstance(refusal, MovedOn) else 422)
    left = verbs.missing(found, side)
    messages.success(
        request, f"已保存{written}项。" + (f"还有{len(left)}项没有评。" if left else "可以进行下一步。")
    )
    return redirect("assessment_round", found.pk)


def _score_page(
    request: StaffRequest, found: AssessmentRound, side: Side, form: ScoreForm, status: int
) -> HttpResponse:
    counted = [line for line in found.lines if line.indicator.is_auto] if side is Side.STATION else []
    context = {"round": found, "side": side, "form": form, "counted": counted, "version": found.version}
    return render(request, "assessment/score.html", context, status=status)


@require_http_methods(["GET", "POST"])
def assessment_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    step = next((step for step in VERBS if slug(step) == step_name), None)
    if step is None:
        raise Http404
    found = get_round(request, pk, to=step)
    typed = request.POST if request.method == "POST" else None
    form = StepForm(typed, step=step, now=found.version)
    if not form.is_valid():
        status = 200 if typed is None else 409 if form.is_stale else 422
        return _step_page(request, found, step, form, status)
    try:
        VERBS[step](found, **form.told(), by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _step_page(request, get_round(request, pk), step, form, 409)
    messages.success(request, f"“{step.label}”已记下。")
    new = AssessmentRound.objects.filter(corrects=found).first() if step is RoundStep.CORRECT else None
    return redirect("assessment_round", (new or found).pk)


def _step_page(
    request: StaffRequest, found: AssessmentRound, step: RoundStep, form: StepForm, status: int
) -> HttpResponse:
    context = {
        "round": found,
        "form": form,
        "title": step.label,
        "explain": EXPLAIN[step],
        "version": found.version,
    }
    return render(request, "assessment/step.html", context, status=status)
