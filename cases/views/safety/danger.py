"""The danger scale: its level while the page is filled in, what follows a scoring, and what the case page says of it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from cases.actions.closure import propose_close
from cases.actions.safety.danger import DangerEntry, assess
from cases.choices import DangerLevel, ScaleAnswer, Step, ViolenceType
from cases.forms.intake import Intake
from cases.forms.safety.scale import ScaleForm, questions
from cases.models import Case, DangerAssessment
from cases.views.access import require
from cases.workflow.danger import NO_MEDIATION, explain, read_scale
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

BOX_TONES = {DangerLevel.LOW: "info", DangerLevel.MEDIUM: "warning", DangerLevel.HIGH: "error"}
DO_NOW = {
    DangerLevel.LOW: "",
    DangerLevel.MEDIUM: "协助报警、鉴定伤情、申请保护令、庇护，任选她需要的；经常回访。",
    DangerLevel.HIGH: "先帮她报警、找安全的地方住，登记后按“高危紧急处置”逐项办；不得调解。",
}


@require_POST
@sensitive_post_parameters()
def scale_level(request: StaffRequest) -> HttpResponse:
    """What the answers so far come to; on the intake page they stand beside the rest, on the step alone."""
    require(request.user, Permission.CASE_HANDLE)
    at = timezone.now()
    if any(name.startswith("danger-") for name in request.POST):
        page = Intake(request.POST, at=at)
        form: ScaleForm = page.danger
        known = page.protection if all([page.petitioner.is_valid(), page.victim.is_valid()]) else ()
    else:
        form, known = ScaleForm(request.POST, today=timezone.localdate(at)), ()
    form.is_valid()
    reading = form.reading(known)
    context = {"reading": reading} | (
        {"said": explain(reading), "tone": BOX_TONES[reading.level], "now": DO_NOW[reading.level]}
        if reading
        else {}
    )
    return render(request, "safety/_level.html", context)


def assess_told(case: Case, *, by: Staff, at: datetime, **told: Any) -> DangerAssessment:
    return assess(case, DangerEntry(**told), by=by, at=at)


def propose_close_told(case: Case, *, danger_not_asked: dict[str, str] | None = None, **told: Any) -> object:
    absence = DangerEntry(**danger_not_asked) if danger_not_asked else None  # type: ignore[arg-type]
    return propose_close(case, danger_not_asked=absence, **told)


def after_assessing(request: StaffRequest, case: Case) -> HttpResponseRedirect:
    """Say what came of it, and lead to what is to be done."""
    latest = DangerAssessment.objects.filter(case=case).order_by("-at", "-pk").first()
    if latest is None or not latest.level:
        messages.warning(request, "已记下没能评估的原因。请尽快补做，系统会提醒。")
        return redirect("case", case.number)
    level = DangerLevel(latest.level)
    if case.danger != latest.level:
        messages.warning(request, _kept_words(case, latest))
    else:
        messages.success(request, f"危险评估：{level.label}。{DO_NOW[level]}")
    return redirect("emergency" if level is DangerLevel.HIGH else "case", case.number)


def _kept_words(case: Case, latest: DangerAssessment) -> str:
    now = DangerLevel(case.danger).label
    said = f"这次评估是{latest.get_level_display()}，但还按{now}办："
    if ScaleAnswer.UNKNOWN in latest.answers.values():
        return f"{said}有没问到的题，不能据此降低等级。"
    return f"{said}解除高危要两个人先后评估，最后一次由县妇联领导评估确认。"


def danger_of(case: Case, happened: set[str], *, in_line: bool) -> dict[str, Any]:
    """The latest scoring, how its level came about, and the answers for those who work on the case."""
    if Step.ASSESS not in happened:
        return {"danger": None}
    rows = list(
        DangerAssessment.objects.filter(case=case).select_related("by", "unit").order_by("-at", "-pk")
    )
    return {
        "danger": {
            "level": DangerLevel(case.danger) if case.danger else None,
            "forbids": NO_MEDIATION if case.danger == DangerLevel.HIGH else "",
            "rows": [_card(row, in_line=in_line) for row in rows],
        }
    }


def _card(row: DangerAssessment, *, in_line: bool) -> dict[str, Any]:
    reading = read_scale(row.answers, row.protected) if row.level else None
    names = questions()
    shown = [
        (names.get(code, code), ScaleAnswer(answer).label)
        for code, answer in row.answers.items()
        if answer != ScaleAnswer.NO
    ]
    return {
        "row": row,
        "said": explain(reading) if reading else (),
        "answers": shown if in_line else [],
        "violence": [ViolenceType(code).label for code in row.violence] if in_line else [],
        "words": row.words if in_line else "",
    }
