"""One monitor: opened on a case, its page, and every step of it that is one form."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions.guarding.conflicts import confirm_none, questions_about
from cases.choices import (
    AccessKind,
    ClockStatus,
    FieldGroup,
    MonitorKind,
    MonitorStage,
    MonitorStep,
    VisitFinding,
)
from cases.deadlines import china_date
from cases.forms.guarding.bars import ConflictQuestion
from cases.forms.monitors.base import EndForm, MonitorForm, OpeningForm, VisitForm
from cases.models import Case, Monitor, MonitorEntry
from cases.permissions import (
    may_read_monitor,
    may_reveal,
    monitor_steps_open_to,
    why_not_open_monitor,
)
from cases.views.access import get_case, get_monitor, log_access
from cases.views.casefile import clock_card
from cases.views.monitors.kind import Opening, Screen
from cases.views.monitors.screens import KINDS, kind_of, screen_of, slug
from cases.views.monitors.shelter import opened
from cases.views.rows import due_badge
from cases.views.safety.call import said_on_the_phone
from cases.workflow import MONITOR_TURN, StepNotAllowed, next_monitor_stage
from stations.http import StaffRequest
from stations.models import Staff

WARNS = (MonitorStep.BREACH,)
SAFELY = {None: "", True: "能安全说话", False: "不能安全说话，没有谈案情"}
WHO: dict[str, str] = {MonitorStep.POLICE: "民警", MonitorStep.UPPER: "报告给"}
APART = {None: "", True: "双方分别见面", False: "没有分别见面"}


@require_http_methods(["GET", "POST"])
def monitor_open(request: StaffRequest, number: str, kind: str) -> HttpResponse:
    """Begin to watch over something about a case, open or ended."""
    asked = next((one for one in KINDS if slug(one) == kind), None)
    opening = KINDS[asked].opening if asked else None
    if asked is None or opening is None:
        raise Http404
    case = get_case(request, number)
    if reason := why_not_open_monitor(request.user, case):
        raise PermissionDenied(reason)
    told: dict[str, Any] = {"case": case, "user": request.user}
    if request.method == "GET":
        form = opening.form(initial={"feedback": request.GET.get("feedback") or None}, **told)
        form.ask(*questions_about(case))
        return _opening_page(request, case, asked, opening, form)
    form = opening.form(request.POST, **told)
    form.ask(*questions_about(case))
    if not form.is_valid():
        return _opening_page(request, case, asked, opening, form, status=422)
    try:
        made = _confirming(opening.verb, case, case, form, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _opening_page(request, case, asked, opening, form, status=409)
    messages.success(request, "已建立。期限到前会提醒负责人。")
    return redirect("monitor", made.pk)


def _opening_page(
    request: StaffRequest,
    case: Case,
    kind: MonitorKind,
    opening: Opening,
    form: OpeningForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "case": case,
        "kind": kind,
        "form": form,
        "explained": opening.explained,
        "button": opening.button,
        "not_now": opening.refused(case) if status == 200 else "",
    }
    return render(request, "monitors/open.html", context, status=status)


@require_GET
def monitor(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The monitor, and a line in the log that it was read."""
    return monitor_page(request, get_monitor(request, pk))


def monitor_page(
    request: StaffRequest, found: Monitor, *, revealed: dict[str, str] | None = None
) -> HttpResponse:
    """Draw it for the reader; what was said only for those in its line."""
    at = timezone.now()
    log_access(request.user, found.case, at=at, fields=FieldGroup.MONITOR)
    kind, reads = kind_of(found), may_read_monitor(request.user, found)
    steps = [step for step in monitor_steps_open_to(request.user, found) if screen_of(found, step)]
    first = next((step for step in kind.primary if step in steps), None)
    context = {
        "monitor": found,
        "reads": reads,
        "turn": MONITOR_TURN[MonitorStage(found.stage)],
        "due": due_badge(found.due_at, at) if found.due_at else "",
        "over": kind.over if found.valid_until is not None and found.valid_until < china_date(at) else "",
        "facts": [fact for fact in kind.facts(found) if reads or not fact.secret],
        "template": kind.template,
        "more": kind.more(found, at) if kind.template and reads else {},
        "revealed": revealed or {},
        "may_reveal": reads and may_reveal(request.user, found.case),
        "entries": _entries(found, reads=reads),
        "clocks": _clocks(found, at),
        "first": _button(found, first) if first else None,
        "buttons": [_button(found, step) for step in steps if step is not first],
        "followed_by": found.followed_by.first(),
    }
    return render(request, "monitors/monitor.html", context)


@never_cache
@require_POST
def monitor_reveal(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Where the shelter is: to who works on it, one look at a time."""
    found = get_monitor(request, pk)
    if found.kind != MonitorKind.SHELTER:
        raise Http404
    if not (may_read_monitor(request.user, found) and may_reveal(request.user, found.case)):
        raise PermissionDenied("庇护地点只给承办人员和负责人查看。")
    log_access(request.user, found.case, at=timezone.now(), kind=AccessKind.REVEAL, fields=FieldGroup.ADDRESS)
    return monitor_page(request, found, revealed=opened(found))


def _button(found: Monitor, step: MonitorStep) -> tuple[str, str]:
    screen = screen_of(found, step)
    return (_name(found, step, screen), slug(step))


def _name(found: Monitor, step: MonitorStep, screen: Screen | None) -> str:
    """What the button of a step says; of the end, what ends."""
    own = f"结束{found.get_kind_display()}" if step is MonitorStep.END else step.label
    return (screen and screen.button) or own


def _clocks(found: Monitor, at: datetime) -> list[dict[str, Any]]:
    clocks = found.clocks.exclude(status=ClockStatus.CANCELLED).select_related("rule", "case")
    cards = [clock_card(clock, at) for clock in clocks.order_by("effective_due", "id")]
    return sorted(cards, key=lambda card: (not card["live"], card["order"]))


def _entries(found: Monitor, *, reads: bool) -> list[dict[str, Any]]:
    """What happened, newest first, and its beginning."""
    rows = found.entries.select_related("by", "unit").order_by("-happened_at", "-pk")
    opening = kind_of(found).opening
    asked = found.kind == MonitorKind.AGENCY  # begins with her asking, whenever that is written down
    begun = {
        "at": found.started_at if asked else found.opened_at,
        "what": opening.button if opening else MonitorStep.OPEN.label,
        "who": found.opened_by.name,
        "tone": "plain",
    }
    return [*(_entry(row, reads=reads) for row in rows), begun]


def _entry(row: MonitorEntry, *, reads: bool) -> dict[str, Any]:
    said = [
        row.get_way_display(),
        SAFELY[row.spoke_safely],
        APART[row.apart],
        row.get_finding_display() if row.spoke_safely is not False else "",
        "计入连续无再犯" if row.counts else "",
    ]
    words = "，".join(word for word in said if word)
    who = WHO.get(row.step, "在场")
    told = [f"{who}：{row.persons}" if row.persons else "", row.content] if reads else []
    breach = row.step in WARNS or row.finding == VisitFinding.BREACH
    return {
        "at": row.happened_at,
        "what": f"{row.get_step_display()}{f'：{words}' if words else ''}",
        "who": row.by.name,
        "unit": row.unit.name,
        "note": "\n".join(word for word in told if word),
        "tone": "warn" if breach else "done" if row.step == MonitorStep.END else "plain",
    }


@require_http_methods(["GET", "POST"])
def monitor_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    """Every step of every kind."""
    step = next((step for step in MonitorStep if slug(step) == step_name), None)
    if step is None or step is MonitorStep.OPEN:
        raise Http404
    found = get_monitor(request, pk, to=step)
    screen = screen_of(found, step)
    if screen is None:
        raise Http404
    if request.method == "GET":
        return _step_page(request, found, step, screen, _form(screen, found, request))
    form = _form(screen, found, request)
    if not form.is_valid():
        return _step_page(request, found, step, screen, form, status=409 if form.is_stale else 422)
    try:
        _confirming(screen.verb, found, found.case, form, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _step_page(request, get_monitor(request, pk), step, screen, form, status=409)
    messages.success(request, screen.done)
    return redirect("monitor", found.pk)


def _form(screen: Screen, found: Monitor, request: StaffRequest) -> MonitorForm:
    told: dict[str, Any] = {"monitor": found, "user": request.user}
    if issubclass(screen.form, EndForm):
        told["ends"] = kind_of(found).ends
    if issubclass(screen.form, VisitForm):
        told["initial"] = said_on_the_phone(request.user, found.case, request.GET.get("call", ""))
    form = screen.form(request.POST if request.method == "POST" else None, **told)
    if isinstance(form, ConflictQuestion):
        form.ask(*questions_about(found.case))
    return form


@transaction.atomic
def _confirming(
    verb: Callable[..., Any],
    of: Case | Monitor,
    case: Case,
    form: OpeningForm | MonitorForm,
    *,
    by: Staff,
    at: datetime,
) -> Any:
    """Take the step; with the answer about whoever gets it, where that was asked."""
    if isinstance(form, ConflictQuestion) and form.confirmed is not None:
        confirm_none(case, form.confirmed, by=by, at=at)
    return verb(of, **form.told(), by=by, at=at)


def _call_url(found: Monitor, form: MonitorForm) -> str:
    """Where a visit by telephone begins: how to call. Nothing once she has been called, or is no visit."""
    if form.is_bound or not isinstance(form, VisitForm) or "way" in form.initial:
        return ""
    return reverse("call", args=[found.case.number]) + f"?monitor={found.pk}"


def _step_page(
    request: StaffRequest,
    found: Monitor,
    step: MonitorStep,
    screen: Screen,
    form: MonitorForm,
    *,
    status: int = 200,
) -> HttpResponse:
    not_now = ""
    try:
        next_monitor_stage(step, MonitorKind(found.kind), MonitorStage(found.stage))
    except StepNotAllowed as refusal:
        not_now = str(refusal)
    context = {
        "monitor": found,
        "step": step,
        "title": _name(found, step, screen),
        "form": form,
        "explained": screen.explained,
        "warns": step in WARNS,
        "call_url": _call_url(found, form),
        "not_now": not_now if status == 200 else "",
        "due": due_badge(found.due_at, timezone.now()) if found.due_at else "",
    }
    return render(request, "monitors/step.html", context, status=status)
