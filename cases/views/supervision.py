"""One supervision, from both sides: its papers, the answers to them, and every step of what follows."""

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
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions import supervision as verbs
from cases.actions.guarding.consent import disclose
from cases.actions.supervision import Draft
from cases.actions.urging import (
    DEMANDS,
    suggested,
    why_suggested,
    words_about_referral,
    words_about_unit,
)
from cases.choices import (
    AccessKind,
    ClockStatus,
    DisclosureKind,
    DocType,
    FieldGroup,
    PaperKind,
    ReferralStatus,
    SupervisionStatus,
    SupervisionStep,
    SupervisionTrigger,
)
from cases.forms.supervision import STEP_FORMS, DraftForm, NextDraftForm, PaperAnswerForm, SupervisionForm
from cases.models import Case, Event, Referral, Supervision, SupervisionPaper, SupervisionReply
from cases.models.guarding import barred_from
from cases.permissions import (
    may_key_in_supervision,
    may_read_supervision,
    papers_open_to,
    supervision_steps_open_to,
    why_not_supervise,
)
from cases.views.access import get_case, get_supervision, log_access
from cases.views.casefile import clock_card
from cases.views.papers.doors import kept
from cases.views.referral_list import SUPERVISED_TURN
from cases.views.rows import due_badge
from cases.workflow import SUPERVISION_TURN, StepNotAllowed, next_supervision_status, why_not_paper
from stations.http import StaffRequest
from stations.models import Organisation, Staff

VERBS: dict[SupervisionStep, Callable[..., object]] = {
    SupervisionStep.SIGN_OFF: verbs.sign_off,
    SupervisionStep.SIGN_OTHER: verbs.sign_off,
    SupervisionStep.RETURN_DRAFT: verbs.return_draft,
    SupervisionStep.ACKNOWLEDGE: verbs.acknowledge,
    SupervisionStep.REPLY: verbs.reply,
    SupervisionStep.REJECT: verbs.reject,
    SupervisionStep.CLOSE: verbs.close,
    SupervisionStep.UNLIST: verbs.unlist,
    SupervisionStep.WITHDRAW: verbs.withdraw,
}
WORDS: dict[str, str] = {
    SupervisionStep.DRAFT: "拟下一份文书",
    SupervisionStep.SIGN_OFF: "签发",
    SupervisionStep.SIGN_OTHER: "签发",
    SupervisionStep.RETURN_DRAFT: "退回修改",
    SupervisionStep.ACKNOWLEDGE: "签收",
    SupervisionStep.REPLY: "回复",
    SupervisionStep.REJECT: "核查不通过",
    SupervisionStep.CLOSE: "核查通过，销号",
}
EXPLAINED: dict[str, str] = {
    SupervisionStep.DRAFT: "上一份文书到期未回复或核查不通过的，升一级：二次督办、督促处理意见书，再到提请督查、联合督办、挂牌、通报。",
    SupervisionStep.SIGN_OFF: "签发后编号、发给被督办单位，回复期限从今天起算。签发后不能再改。",
    SupervisionStep.SIGN_OTHER: "签发后编号，由我方打印盖章送出。被督办单位看不到这份文书，也不因它改变回复期限。",
    SupervisionStep.RETURN_DRAFT: "退回后由拟稿人重拟。被督办单位看不到草稿。",
    SupervisionStep.ACKNOWLEDGE: "签收后请在期限内书面回复。",
    SupervisionStep.REPLY: "写明采取的措施和结果；不采纳的写明理由。提交后由督办单位核查。",
    SupervisionStep.REJECT: "核查情况留档。之后请决定下一份文书。",
    SupervisionStep.CLOSE: "核查属实再销号。销号后被督办单位不再看得到这项督办。",
    SupervisionStep.UNLIST: "摘牌后督办继续，只是不再列入挂牌清单。",
    SupervisionStep.WITHDRAW: "撤销后被督办单位不再看得到这项督办。",
}
DONE: dict[str, str] = {
    SupervisionStep.DRAFT: "文书已拟好。下一步：请领导签发。",
    SupervisionStep.SIGN_OFF: "已签发。下一步：等对方签收并回复；对方没有账号的，请打印送达。",
    SupervisionStep.SIGN_OTHER: "已签发。下一步：打印、盖章、送出。",
    SupervisionStep.RETURN_DRAFT: "已退回，并通知拟稿人。",
    SupervisionStep.ACKNOWLEDGE: "已签收。下一步：在期限内书面回复。",
    SupervisionStep.REPLY: "回复已提交，等督办单位核查。",
    SupervisionStep.REJECT: "已记下核查不通过。下一步：拟下一份文书。",
    SupervisionStep.CLOSE: "已销号。",
    SupervisionStep.UNLIST: "已摘牌，督办继续。",
    SupervisionStep.WITHDRAW: "督办已撤销。",
}
# One primary button a page: the first of these that is open.
PRIMARY = (
    SupervisionStep.SIGN_OFF,
    SupervisionStep.SIGN_OTHER,
    SupervisionStep.CLOSE,
    SupervisionStep.ACKNOWLEDGE,
    SupervisionStep.REPLY,
    SupervisionStep.DRAFT,
)
# A draft waits, wherever the target stands.
SIGNING = SUPERVISION_TURN[SupervisionStatus.DRAFTED]
WARNS = (SupervisionStep.REJECT, SupervisionStep.RETURN_DRAFT)


def step_slug(step: SupervisionStep) -> str:
    return step.removeprefix("SV_").lower().replace("_", "-")


@require_http_methods(["GET", "POST"])
def supervise(request: StaffRequest, number: str) -> HttpResponse:
    """Begin to supervise over a case: over one of its referrals, or the unit that holds it."""
    case = get_case(request, number)
    if reason := why_not_supervise(request.user, case):
        raise PermissionDenied(reason)
    chosen = _chosen(request, case)
    if chosen is None:
        options = _options(case, request.user)
        if len(options) == 1:
            return redirect(options[0]["url"])
        return render(request, "supervisions/choose.html", {"case": case, "options": options})
    target, referral = chosen
    unit, barred = request.user.organisation or case.holder, barred_from(case.pk)
    if request.method == "GET":
        filled = _prefilled(case, referral, timezone.now())
        form = DraftForm(unit=unit, target=target, barred=barred, initial=filled)
        return _draft_page(request, case, target, referral, form)
    form = DraftForm(request.POST, unit=unit, target=target, barred=barred)
    if not form.is_valid():
        return _draft_page(request, case, target, referral, form, status=422)
    told = form.paper() | {"trigger": SupervisionTrigger(form.cleaned_data["trigger"])}
    told.pop("addressee")
    try:
        made = verbs.draft(case, target=target, referral=referral, **told, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _draft_page(request, case, target, referral, form, status=409)
    messages.success(request, DONE[SupervisionStep.DRAFT])
    return redirect("supervision", made.pk)


def _chosen(request: StaffRequest, case: Case) -> tuple[Organisation, Referral | None] | None:
    """Whom the address names: ?referral=… a department, ?unit=holder the unit of ours."""
    asked = request.GET.get("referral", "")
    if asked:
        referral = next((found for found in _referrals(case) if str(found.pk) == asked), None)
        if referral is None:
            raise Http404
        return referral.department, referral
    if request.GET.get("unit"):
        own = [unit for unit in verbs.own_targets(case) if unit.pk != request.user.organisation_id]
        if not own:
            raise Http404
        return own[0], None
    return None


def _referrals(case: Case) -> list[Referral]:
    """Withdrawn ones were never the department's."""
    sent = case.referrals.exclude(status=ReferralStatus.WITHDRAWN)
    return list(sent.select_related("department", "from_org", "case").order_by("-sent_at"))


def _options(case: Case, user: Staff) -> list[dict[str, str]]:
    """Whom one may supervise here: nobody twice at a time."""
    busy_referrals = set(case.supervisions.open().values_list("referral", flat=True))
    address = reverse("supervise", args=[case.number])
    options = [
        {
            "url": f"{address}?referral={referral.pk}",
            "label": referral.department.name,
            "about": f"{referral.number}，{referral.get_status_display()}",
        }
        for referral in _referrals(case)
        if referral.pk not in busy_referrals
    ]
    busy = set(case.supervisions.open().filter(referral=None).values_list("target", flat=True))
    own = [unit for unit in verbs.own_targets(case) if unit.pk not in (user.organisation_id, *busy)]
    return options + [
        {"url": f"{address}?unit=holder", "label": unit.name, "about": "承办本案的单位"} for unit in own
    ]


def _prefilled(case: Case, referral: Referral | None, at: datetime) -> dict[str, Any]:
    trigger = SupervisionTrigger.OVERDUE
    if referral is not None:
        found = suggested(Referral.objects.filter(pk=referral.pk), at).first()
        trigger = why_suggested(found, at).trigger if found else trigger
        words = words_about_referral(referral, at)
    else:
        words = words_about_unit(case, at)
    return {"kind": PaperKind.NOTICE, "trigger": trigger, "facts": words, "demand": DEMANDS[trigger]}


def _draft_page(
    request: StaffRequest,
    case: Case,
    target: Organisation,
    referral: Referral | None,
    form: DraftForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {"case": case, "target": target, "referral": referral, "form": form}
    return render(request, "supervisions/draft.html", context, status=status)


@require_GET
def supervision(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The supervision for the side that looks, and a line in the log that it was read."""
    found = get_supervision(request, pk)
    at = timezone.now()
    log_access(request.user, found.case, at=at, referral=found.referral)
    user = request.user
    reads = may_read_supervision(user, found) or user.is_partner
    steps = supervision_steps_open_to(user, found)
    first = next((step for step in PRIMARY if step in steps), None)
    is_target = user.organisation_id == found.target_id
    papers = _papers(found, user)
    drafted = any(row["is_draft"] for row in papers)
    context = {
        "supervision": found,
        "is_target": is_target,
        "reads": reads,
        "turn": SUPERVISED_TURN.get(found.status, "")
        if is_target
        else SIGNING
        if drafted
        else found.next_step,
        "due": due_badge(found.due_at, at) if found.due_at else "",
        "papers": papers,
        "clocks": _clocks(found, at),
        "history": [] if is_target else _history(found, reads=reads),
        "first": (WORDS[first], step_slug(first)) if first else None,
        "buttons": [(WORDS.get(step, step.label), step_slug(step)) for step in steps if step is not first],
        "keys_in": may_key_in_supervision(user, found),
    }
    return render(request, "supervisions/supervision.html", context)


def _papers(found: Supervision, user: Staff) -> list[dict[str, Any]]:
    """Each paper with the answers to it, newest first."""
    papers = papers_open_to(user, found)
    replies: dict[UUID, list[SupervisionReply]] = {}
    for reply in (
        SupervisionReply.objects.filter(paper__supervision=found)
        .select_related("by", "checked_by")
        .order_by("-at", "-pk")
    ):
        replies.setdefault(reply.paper_id, []).append(reply)
    return [
        {
            "paper": paper,
            "is_draft": paper.signed_at is None and paper.returned_at is None,
            "answers": [
                {"reply": reply, "who": _answered_by(reply, found)} for reply in replies.get(paper.pk, [])
            ],
            "co_units": [unit.name for unit in paper.co_units.all()] if paper.kind == PaperKind.JOINT else [],
            "receiver": _receiver(paper, found),
        }
        for paper in papers
    ]


def _answered_by(reply: SupervisionReply, found: Supervision) -> str:
    """Who answered: never one of our people, who only keyed it in."""
    if reply.answered_by_name:
        return f"{reply.answered_by_name}（纸质，我方代录）"
    return reply.by.name if reply.by.organisation_id == found.target_id else ""


def _receiver(paper: SupervisionPaper, found: Supervision) -> str:
    if paper.received_name:
        return f"{paper.received_name}（纸质，我方代录）"
    return paper.received_by.name if paper.received_by else ""


def _clocks(found: Supervision, at: datetime) -> list[dict[str, Any]]:
    clocks = found.clocks.exclude(status=ClockStatus.CANCELLED).select_related("rule", "case")
    cards = [clock_card(clock, at) for clock in clocks.order_by("effective_due", "id")]
    return sorted(cards, key=lambda card: (not card["live"], card["order"]))


def _history(found: Supervision, *, reads: bool) -> list[dict[str, Any]]:
    events = (
        Event.objects.filter(case=found.case, facts__supervision=str(found.pk))
        .select_related("by", "unit", "note")
        .order_by("-seq")
    )
    return [
        {
            "at": event.at,
            "what": f"{event.step_label}{_of_paper(event)}",
            "who": event.by.name if event.by else "系统",
            "unit": event.unit.name if event.unit else "",
            "note": str(event.note.text) if reads and hasattr(event, "note") else "",
            "tone": "warn" if event.step in WARNS else "plain",
        }
        for event in events
    ]


def _of_paper(event: Event) -> str:
    number, kind = event.facts.get("number", ""), event.facts.get("kind")
    keyed = f"（纸质，{event.facts['received_on']}收到，我方代录）" if event.facts.get("keyed_in") else ""
    return f"{f'：{PaperKind(kind).label}' if kind else ''}{f' {number}' if number else ''}{keyed}"


@require_http_methods(["GET", "POST"])
def supervision_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    """Every step that is one form, for either side."""
    step = next((step for step in STEP_FORMS if step_slug(step) == step_name), None)
    if step is None:
        raise Http404
    found = get_supervision(request, pk, to=step)
    make = STEP_FORMS[step]
    if request.method == "GET":
        return _step_page(request, found, step, make(supervision=found, initial=_initial(step, found)))
    form = make(request.POST, supervision=found)
    if not form.is_valid():
        return _step_page(request, found, step, form, status=409 if form.is_stale else 422)
    try:
        _take(step, found, form, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _step_page(request, get_supervision(request, pk), step, form, status=409)
    messages.success(request, DONE[step])
    ended = found.status in (SupervisionStatus.CLOSED, SupervisionStatus.WITHDRAWN)
    return redirect("case", found.case.number) if ended else redirect("supervision", found.pk)


def _take(
    step: SupervisionStep, found: Supervision, form: SupervisionForm, *, by: Staff, at: datetime
) -> None:
    if isinstance(form, NextDraftForm):
        verbs.draft_next(found, Draft(**form.paper()), by=by, at=at)
    else:
        VERBS[step](found, **form.told(), by=by, at=at)


def _initial(step: SupervisionStep, found: Supervision) -> dict[str, Any]:
    """The next paper begins with the words of the last one, and the rung that is next."""
    if step is not SupervisionStep.DRAFT:
        return {}
    last = found.papers.order_by("-drafted_at", "-pk").first()
    told = {"kind": _next_kind(found, last)}
    if last is not None:
        told |= {"facts": last.facts, "demand": last.demand, "mode": last.mode}
    return told


def _next_kind(found: Supervision, last: SupervisionPaper | None) -> str:
    """What was returned is drafted again; else one rung up."""
    if last is not None and last.signed_at is None:
        return last.kind
    signed, pressed = found.signed_kinds(), found.is_pressed(timezone.now())
    unsound = found.status == SupervisionStatus.UNSOUND
    if unsound and not found.is_internal and PaperKind.OPINION not in signed:
        return (
            PaperKind.OPINION
        )  # who answered badly is told what the law says; who was silent is asked once more
    rungs = (PaperKind.LISTED, PaperKind.OPINION, PaperKind.SECOND_NOTICE)
    wanted = (PaperKind.OPINION, PaperKind.SECOND_NOTICE, PaperKind.NOTICE)
    for kind, before in zip(rungs, wanted, strict=True):
        open_now = not why_not_paper(kind, signed, pressed=pressed, internal=found.is_internal)
        if before in signed and open_now:
            return kind
    return PaperKind.REQUEST_GOV if not found.is_internal else PaperKind.CIRCULAR


def _step_page(
    request: StaffRequest,
    found: Supervision,
    step: SupervisionStep,
    form: SupervisionForm,
    *,
    status: int = 200,
) -> HttpResponse:
    not_now = ""
    try:
        next_supervision_status(step, SupervisionStatus(found.status))
    except StepNotAllowed as refusal:
        not_now = str(refusal)
    signing = step in (SupervisionStep.SIGN_OFF, SupervisionStep.SIGN_OTHER, SupervisionStep.RETURN_DRAFT)
    checking = step in (SupervisionStep.CLOSE, SupervisionStep.REJECT)
    papers = _papers(found, request.user)
    if signing or checking or step is SupervisionStep.DRAFT:  # papers and answers stand beside the form
        log_access(request.user, found.case, at=timezone.now(), referral=found.referral)
    context = {
        "supervision": found,
        "title": found_title(found),
        "step": step,
        "form": form,
        "explained": EXPLAINED[step],
        "button": WORDS.get(step, step.label),
        "not_now": not_now if status == 200 else "",
        "shown": papers[:1] if signing else [row for row in papers if row["answers"]][:1] if checking else [],
    }
    return render(request, "supervisions/step.html", context, status=status)


def found_title(found: Supervision) -> str:
    """What the supervision is called: its newest number, or that it has none yet."""
    newest = found.papers.filter(signed_at__isnull=False, kind__in=PaperKind.answered)
    paper = newest.order_by("-signed_at", "-pk").first()
    return str(paper.number) if paper else f"督办{found.target.name}（未签发）"


@require_http_methods(["GET", "POST"])
def supervision_paper(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Key in what a department sent on paper: its receipt, or its answer."""
    found = get_supervision(request, pk)
    if not may_key_in_supervision(request.user, found) and request.method == "GET":
        raise PermissionDenied("这项督办现在不等对方的纸质回执，或不由您代录。")
    if found.from_org_id != request.user.organisation_id or why_not_supervise(request.user, found.case):
        raise PermissionDenied("纸质回执和回复由发出督办的单位代录。")
    if request.method == "GET":
        return _keying_page(request, found, PaperAnswerForm(supervision=found))
    form = PaperAnswerForm(request.POST, supervision=found)
    if not form.is_valid():
        return _keying_page(request, found, form, status=409 if form.is_stale else 422)
    verb = verbs.reply if form.is_reply else verbs.acknowledge
    try:
        verb(found, **form.told(), by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _keying_page(request, get_supervision(request, pk), form, status=409)
    messages.success(request, "已代录，并注明由我方录入。原件请归入案卷。")
    return redirect("supervision", found.pk)


def _keying_page(
    request: StaffRequest, found: Supervision, form: PaperAnswerForm, *, status: int = 200
) -> HttpResponse:
    context = {"supervision": found, "title": found_title(found), "form": form}
    return render(request, "supervisions/paper.html", context, status=status)


@require_GET
def supervision_print(request: StaffRequest, pk: UUID, paper: UUID) -> HttpResponse:
    """One paper as a letter, with its receipt where the target has to answer."""
    found = get_supervision(request, pk)
    if not (request.user.is_partner or may_read_supervision(request.user, found)):
        raise PermissionDenied("督办文书由承办这件案件和发出督办的人打印。")
    sheet = next((said for said in papers_open_to(request.user, found) if said.pk == paper), None)
    if sheet is None:
        raise Http404
    if issued := kept(request, DocType.SUPERVISE_NOTICE, DocType.URGE_OPINION, paper=sheet):
        return issued
    _log_print(request.user, found, sheet)
    context = {
        "supervision": found,
        "paper": sheet,
        "to": sheet.addressee or found.target.name,
        "co_units": [unit.name for unit in sheet.co_units.all()],
        "contact": found.opened_by,
        "phone": found.opened_by.phone or found.from_org.phone,
        "internal": found.is_internal,
    }
    return render(request, "supervisions/letter.html", context)


@transaction.atomic
def _log_print(user: Staff, found: Supervision, paper: SupervisionPaper) -> None:
    """Read here, and carried out of the house on paper; the department only prints what it has."""
    at, case = timezone.now(), found.case
    log_access(user, case, at=at, kind=AccessKind.PRINT, fields=FieldGroup.STORY, referral=found.referral)
    if user.is_partner:
        return
    disclose(
        case,
        DisclosureKind.PRINT,
        by=user,
        at=at,
        organisation=None if paper.addressee else found.target,
        recipient=paper.addressee,
        what=f"督办文书{paper.number}",
    )
