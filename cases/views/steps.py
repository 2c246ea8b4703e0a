"""Every step of the case page that is one form: show it, take it, say what is next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cases.actions import closure, escalation, handling, instruction, intake, statutory
from cases.actions.clocks import say_periods
from cases.actions.guarding import bars, consent, progress, secrecy
from cases.actions.guarding.conflicts import confirm_none, questions_about
from cases.actions.ownership import units_above
from cases.choices import AccessKind, FieldGroup, Step
from cases.forms.guarding.bars import AsksOfConflict
from cases.forms.steps import (
    FORMS,
    CorrectForm,
    DeliverForm,
    EndClockForm,
    EndReaderForm,
    EscalateForm,
    MergeForm,
    NameReaderForm,
    StartClockForm,
    StepForm,
)
from cases.models import Case, CodeSet, code_names
from cases.permissions import in_owner_line
from cases.views.access import get_case, log_access
from cases.views.paging import way_back
from cases.views.proposals import asked_reason
from cases.views.rows import due_badge
from cases.views.safety.call import said_on_the_phone
from cases.views.safety.danger import after_assessing, assess_told, propose_close_told
from cases.workflow import StepNotAllowed, next_status
from stations.http import StaffRequest
from stations.models import Staff

Action = Callable[..., object]

# Steps whose form gives the action's keywords as they are.
PLAIN: dict[Step, Action] = {
    Step.ACCEPT: handling.accept_case,
    Step.REFUSE: handling.refuse_case,
    Step.REDIRECT: handling.redirect_case,
    Step.ASSIGN: handling.assign_owner,
    Step.ASSIST: handling.add_assistant,
    Step.HANDLE: handling.record_handling,
    Step.ASSESS: assess_told,
    Step.RERISK: handling.change_risk,
    Step.NEW_CODE: progress.replace_code,
    Step.ESCALATE: escalation.escalate,
    Step.TAKE_OVER: escalation.take_over,
    Step.GUIDE: escalation.guide,
    Step.CO_HANDLE: escalation.handle_jointly,
    Step.SEND_DOWN: escalation.send_down,
    Step.ASK_EXTENSION: handling.ask_extension,
    Step.SUSPEND: handling.suspend_case,
    Step.RESUME: handling.resume_case,
    Step.PROPOSE_CLOSE: propose_close_told,
    Step.CLOSE: closure.close_case,
    Step.SEND_BACK: closure.send_back,
    Step.FOLLOW_UP: closure.record_follow_up,
    Step.REOPEN: closure.reopen_case,
    Step.MERGE: handling.merge_case,
    Step.ASK_VOID: handling.ask_void,
    Step.VOID: handling.void_case,
    Step.START_CLOCK: statutory.start_statutory,
    Step.END_CLOCK: statutory.end_statutory,
    Step.SEAL: secrecy.seal_case,
    Step.UNSEAL: secrecy.unseal_case,
    Step.NAME_READER: secrecy.name_reader,
    Step.END_READER: secrecy.end_reader,
    Step.INSTRUCT: instruction.instruct,
    Step.END_INSTRUCTION: instruction.end_instruction,
    Step.RECUSE: bars.recuse,
    Step.BAR: bars.bar,
    Step.LIFT_BAR: bars.lift_bar,
    Step.CONSENT: consent.give_consent,
    Step.WITHDRAW_CONSENT: consent.withdraw_consent,
    Step.DISCLOSE: consent.record_disclosure,
}


# Steps that take down what somebody says.
TAKES_WORDS = (Step.HANDLE, Step.FOLLOW_UP, Step.CORRECT)
# Steps towards the end of a case, which what is watched outlives.
ENDING = (Step.PROPOSE_CLOSE, Step.CLOSE)


def step_url(case: Case, step: Step) -> str:
    if step is Step.REFER:
        return reverse("refer", args=[case.number])
    if step is Step.CONTACT:
        return reverse("contact", args=[case.number])
    if step in (Step.CALL, Step.REACH):
        return reverse(step.lower(), args=[case.number])
    return reverse("case_step", args=[case.number, step.lower().replace("_", "-")])


@require_http_methods(["GET", "POST"])
def case_step(request: StaffRequest, number: str, step_name: str) -> HttpResponse:
    step = read_step(step_name)
    case = get_case(request, number, to=step)
    form = _form(step, request, case)
    if request.method == "GET":
        if step is Step.ASSESS:
            log_access(request.user, case, at=timezone.now(), fields=FieldGroup.SAFETY)
        if step is Step.CORRECT:
            log_access(request.user, case, at=timezone.now(), kind=AccessKind.REVEAL, fields=FieldGroup.STORY)
        return _page(request, case, step, form)
    if not form.is_valid():
        return _page(request, case, step, form, status=409 if form.is_stale else 422)
    try:
        take_step(step, case, form, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _page(request, get_case(request, number), step, form, status=409)
    if step is Step.ASSESS:
        return after_assessing(request, case)
    if not Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        messages.success(request, "已办理。这件案件已交他人接办，您不再看到。")
        return redirect("desk")
    messages.success(request, done_words(case, step))
    return redirect(way_back(request, reverse("case", args=[case.number])))


def done_words(case: Case, step: Step) -> str:
    if step is Step.NEW_CODE:
        return "查询码已更换，旧的已失效。请打印登记回执交给她，或者念给她记住。"
    case.refresh_from_db(fields=["status", "open_referrals"])
    return f"“{step.label}”已记入案件。下一步：{case.next_step}。"


def _page(
    request: StaffRequest, case: Case, step: Step, form: StepForm, *, status: int = 200
) -> HttpResponse:
    """The form beside the case as it is now: whoever was told of a change and presses again means it."""
    if form.is_bound:
        typed = request.POST.copy()
        typed["seen"] = str(case.seq)
        form.data = typed
    return render(request, form.template, _context(case, step, form), status=status)


def _context(case: Case, step: Step, form: StepForm) -> dict[str, Any]:
    at = timezone.now()
    return {
        "case": case,
        "step": step,
        "form": form,
        # A visit by telephone begins with how to call.
        "call_first": step is Step.FOLLOW_UP and not form.is_bound and "way" not in form.initial,
        "explain": say_periods(form.explain, case.place, at),
        "not_now": _not_now(step, case),
        "ask_no_more": step in TAKES_WORDS and case.monitors.reports().exists(),
        "still_watched": _still_watched(step, case),
        "category": code_names(CodeSet.MATTER_CATEGORY).get(case.category, case.category),
        "due": due_badge(case.due_at, at, provisional=case.due_provisional) if case.is_open else "",
    }


def _still_watched(step: Step, case: Case) -> str:
    """What goes on beyond the closing that is asked for, in a sentence; empty where nothing does."""
    if step not in ENDING:
        return ""
    names = [row.get_kind_display() for row in case.monitors.open().order_by("opened_at", "pk")]
    return f"还没有结束的：{'、'.join(names)}。结案以后照常继续、照常提醒。" if names else ""


def read_step(name: str) -> Step:
    """`propose-close` → Step.PROPOSE_CLOSE; only steps that have a form here."""
    try:
        step = Step(name.upper().replace("-", "_"))
    except ValueError:
        raise Http404 from None
    if step not in FORMS or name != name.lower():
        raise Http404
    return step


def _form(step: Step, request: StaffRequest, case: Case) -> StepForm:
    given = {"reason": asked_reason(request.GET.get("reason", ""))} if step is Step.ESCALATE else {}
    if step is Step.REOPEN:
        given = {"ground": request.GET.get("ground", "")}  # what is on no list is not chosen
    if step is Step.FOLLOW_UP:
        given = said_on_the_phone(request.user, case, request.GET.get("call", ""))
    form = FORMS[step](
        request.POST if request.method == "POST" else None, case=case, user=request.user, initial=given
    )
    if isinstance(form, NameReaderForm):
        form.offer(secrecy.candidates(case))
    if isinstance(form, EndReaderForm):
        form.offer(row.staff for row in secrecy.named_readers(case))
    ask_of_conflict(form, case)
    if isinstance(form, EscalateForm):
        form.offer(units_above(case))
    if isinstance(form, StartClockForm):
        form.offer(statutory.rules_to_register(case, timezone.now()))
    if isinstance(form, EndClockForm):
        form.offer(statutory.clocks_to_end(case))
    if isinstance(form, MergeForm):
        form.visible = Case.objects.visible_to(request.user)
    if isinstance(form, CorrectForm) and not in_owner_line(request.user, case):
        raise Http404
    return form


def _not_now(step: Step, case: Case) -> str:
    """Why the table does not allow the step from here; empty when it does."""
    try:
        next_status(step, case.status_enum)
    except StepNotAllowed as refusal:
        return str(refusal)
    return ""


def ask_of_conflict(form: StepForm, case: Case) -> None:
    """Compare the parties with what the people offered have declared."""
    if isinstance(form, AsksOfConflict):
        form.ask(*questions_about(case))


@transaction.atomic
def take_step(step: Step, case: Case, form: StepForm, *, by: Staff, at: datetime) -> None:
    """Call the one action of the step."""
    if isinstance(form, AsksOfConflict) and form.confirmed is not None:
        confirm_none(case, form.confirmed, by=by, at=at)
    values: dict[str, Any] = form.values()
    if step in PLAIN:
        PLAIN[step](case, by=by, at=at, **values)
    elif step is Step.DELIVER:
        assert isinstance(form, DeliverForm)  # noqa: S101 – by the table of forms
        notice = form.notices[values.pop("notice")]
        handling.record_delivery(notice, by=by, at=at, **values)
    elif step is Step.CORRECT:
        assert isinstance(form, CorrectForm)  # noqa: S101 – by the table of forms
        if form.statement is None:
            raise StepNotAllowed("没有可以更正的笔录。")
        intake.correct_statement(form.statement, by=by, at=at, **values)
    else:
        asked = case.extensions.filter(granted=None).first()
        if asked is None:
            raise StepNotAllowed("没有待审批的延期申请。")
        handling.decide_extension(asked, granted=step is Step.GRANT_EXTENSION, by=by, at=at, **values)
