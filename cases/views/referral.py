"""Passing a case to a department, and every step of what follows, from both sides."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions import referral as verbs
from cases.actions.clocks import say_periods
from cases.actions.guarding.consent import disclose
from cases.actions.referral import Answer
from cases.actions.supervision import SUPERVISABLE
from cases.actions.urging import urge, urges_of
from cases.choices import (
    AccessKind,
    DisclosureKind,
    DocType,
    ExtractField,
    FieldGroup,
    LegalBasis,
    ReferralKind,
    ReferralStatus,
    ReferralStep,
    Status,
    Step,
    Urgency,
)
from cases.forms.referral import (
    STEP_FORMS,
    AnswerForm,
    InterimForm,
    PaperForm,
    ReferForm,
    StepForm,
)
from cases.forms.search import ReasonForm
from cases.models import Case, Event, Referral, Supervision
from cases.models.referral import LINK_DAYS
from cases.permissions import (
    in_owner_line,
    may_key_in_paper,
    may_reveal,
    referral_steps_open_to,
    why_not_supervise,
)
from cases.views.access import get_case, get_referral, log_access
from cases.views.monitors.proposed import watchable
from cases.views.paging import read_id, way_back
from cases.views.papers.doors import kept
from cases.views.partner import (
    STEP_WORDS,
    answers,
    clock_cards,
    due_of,
    extract_rows,
    partner_page,
    sheet,
    step_slug,
)
from cases.views.referral_list import kind_word
from cases.workflow import StepNotAllowed, next_referral_status, next_status
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Role
from weiquan.masking import HIDDEN, mask_name

Verb = Callable[..., object]

VERBS: dict[ReferralStep, Verb] = {
    ReferralStep.WITHDRAW: verbs.withdraw,
    ReferralStep.SIGN: verbs.sign_for,
    ReferralStep.OBJECT: verbs.object_to,
    ReferralStep.RETURN: verbs.take_back,
    ReferralStep.UPHOLD: verbs.uphold,
    ReferralStep.START: verbs.start_work,
    ReferralStep.INTERIM: verbs.report_progress,
    ReferralStep.ANSWER: verbs.report_result,
    ReferralStep.CONFIRM: verbs.confirm_result,
    ReferralStep.REWORK: verbs.send_for_rework,
    ReferralStep.WRITE_OFF: verbs.write_off,
    ReferralStep.REVOKE_LINK: verbs.revoke_links,
    ReferralStep.URGE: urge,
}
# The two answers to an objection stand beside it.
DECISIONS = (ReferralStep.RETURN, ReferralStep.UPHOLD)
# What the step means, above its form. A code in braces stands for the length of that rule where the case is.
EXPLAINED: dict[str, str] = {
    ReferralStep.WITHDRAW: "部门还没有签收，可以撤回。撤回后对方看不到这件转交。",
    ReferralStep.SIGN: "签收后由本部门办理。{XF-OBJECT}内可以对是否属本部门职责提出异议。",
    ReferralStep.OBJECT: "依据信访工作条例第23条，签收后{XF-OBJECT}内可以提出，过期不再受理。",
    ReferralStep.RETURN: "同意后这次转交结束，请另行转交或自行办理。",
    ReferralStep.UPHOLD: "维持后由该部门继续办理，期限仍从签收时算起。",
    ReferralStep.START: "开始办理就是认可属本部门职责，之后不能再提异议。",
    ReferralStep.INTERIM: "",
    ReferralStep.ANSWER: "提交后由本部门领导确认；没有领导账号的，提交即为确认。",
    ReferralStep.CONFIRM: "确认后结果正式反馈给转出单位。",
    ReferralStep.REWORK: "退回后对方按要求补办，期限{IN-REWORK}。",
    ReferralStep.WRITE_OFF: "结果核对无误再销号。销号后部门不再看得到这件转交。",
    ReferralStep.LINK: f"给没有账号的部门用：打开链接就能看到随函信息并答复一次，{LINK_DAYS}天内有效。旧链接会同时作废。",
    ReferralStep.REVOKE_LINK: "作废后，已发出的链接立即打不开。",
    ReferralStep.URGE: "提醒对方经办人尽快办理，每个工作日最多一次。到期未办的，系统也会自动催办。",
}
DONE_WORDS: dict[str, str] = {
    ReferralStep.WITHDRAW: "转交已撤回。请另行转交，或由本单位办理。",
    ReferralStep.SIGN: "已签收。下一步：办理，并在期限内首次反馈。",
    ReferralStep.OBJECT: "异议已送达转出单位。对方答复前，办理期限照常计算。",
    ReferralStep.RETURN: "已同意退回。请另行转交，或由本单位办理。",
    ReferralStep.UPHOLD: "已维持转交，并通知对方继续办理。",
    ReferralStep.START: "已记下承办人。下一步：反馈办理结果。",
    ReferralStep.INTERIM: "进展已反馈给转出单位。下一步：办完后反馈结果。",
    ReferralStep.ANSWER: "结果已提交。",
    ReferralStep.CONFIRM: "结果已确认并反馈给转出单位，等待对方核对。",
    ReferralStep.REWORK: "已退回重办，并通知对方。",
    ReferralStep.WRITE_OFF: "这次转交已销号。案件如已办完，可以提请结案。",
    ReferralStep.REVOKE_LINK: "一次性链接已作废。",
    ReferralStep.URGE: "已催办。对方仍不办理的，可以请县妇联督办。",
}
OBJECTION_TERM = "认为不属本单位职责的，请自收到之日起{XF-OBJECT}内书面说明理由（信访工作条例第23条）。"
SLIP_TERMS: dict[str, str] = {
    ReferralKind.ASSIGN: "请在签收后{IN-RESULT}内（涉家暴、未成年人的{IN-RESULT-S}内）书面反馈办理结果。",
    ReferralKind.TRANSFER: "请依法办理，并告知办理情况。",
}
# What a referral may have been put on paper as.
LETTERS = (DocType.REFER_LETTER, DocType.TRANSFER_CASE_LETTER, DocType.REFERRAL_SLIP)
SUPERVISED = ("stage", "status")
# Which group of the Access log a field of the extract belongs to.
FIELD_GROUPS: dict[str, FieldGroup] = {
    ExtractField.NAME: FieldGroup.IDENTITY,
    ExtractField.ID_NUMBER: FieldGroup.IDENTITY,
    ExtractField.AGE_SEX: FieldGroup.IDENTITY,
    ExtractField.PHONE: FieldGroup.CONTACT,
    ExtractField.PAPERS_ADDRESS: FieldGroup.ADDRESS,
    ExtractField.RESPONDENT: FieldGroup.RESPONDENT,
    ExtractField.FACTS: FieldGroup.STORY,
    ExtractField.DEMAND: FieldGroup.STORY,
    ExtractField.PLACE: FieldGroup.STORY,
    ExtractField.HANDLED_BEFORE: FieldGroup.STORY,
}


def _say(text: str, case: Case) -> str:
    return say_periods(text, case.place, timezone.now())


@require_http_methods(["GET", "POST"])
def refer(request: StaffRequest, number: str) -> HttpResponse:
    """Choose a department and what goes along; look at exactly that; send it."""
    case = get_case(request, number, to=Step.REFER)
    unit = request.user.organisation or case.holder
    made = partial(
        ReferForm,
        case=case,
        unit=unit,
        address=reverse("refer", args=[case.number]),
        say=partial(_say, case=case),
    )
    if request.method == "GET":
        form = made(initial={"department": request.GET.get("department", "")})
        if request.htmx:
            return render(request, "cases/_department.html", _department(form))
        return _refer_page(request, case, form)
    form = made(request.POST)
    if request.POST.get("go") == "edit":
        return _refer_page(request, case, made(initial=_typed(form)))
    if not form.is_valid():
        return _refer_page(request, case, form, status=422)
    if request.POST.get("go") != "send":
        return _preview(request, case, form)
    return _send(request, case, form)


def _send(request: StaffRequest, case: Case, form: ReferForm) -> HttpResponse:
    try:
        sent = verbs.refer_case(
            case, **form.cleaned_data, by=request.user, at=timezone.now(), earlier=_count_known(request)
        )
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _refer_page(request, get_case(request, case.number), form, status=409)
    messages.success(request, f"已发给{sent.department.name}，文号{sent.number}。下一步：等对方签收。")
    return redirect(way_back(request, reverse("referral", args=[sent.pk])))


def _typed(form: ReferForm) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields}


def _count_known(request: StaffRequest) -> int:
    """How many referrals the sender knew of; a mangled number fits no case, so the action asks to look again."""
    known = read_id(request.POST.get("earlier", ""))
    return -1 if known is None else known


def _refer_page(request: StaffRequest, case: Case, form: ReferForm, *, status: int = 200) -> HttpResponse:
    context = {"case": case, "form": form, "earlier": case.referrals.count(), "not_now": ""}
    try:
        next_status(Step.REFER, Status(case.status))
    except StepNotAllowed as refusal:
        context["not_now"] = str(refusal)
    return render(request, "cases/refer.html", context | _department(form), status=status)


def _department(form: ReferForm) -> dict[str, Any]:
    """The card of the chosen department: whom to ring, and whether anybody there can log in."""
    department = form.chosen_department
    has_account = department is not None and (
        Staff.objects.working()
        .filter(organisation=department)
        .holding(Role.PARTNER_LIAISON, Role.PARTNER_LEADER)
        .exists()
    )
    return {"form": form, "department": department, "has_account": has_account}


def _preview(request: StaffRequest, case: Case, form: ReferForm) -> HttpResponse:
    """Exactly what the department will see; reading the fields for it is written down. Whoever is not in the line
    sends them unread: opening them asks for a reason, and that is asked on the case page."""
    ticked = form.cleaned_data["ticked"]
    extract, in_line = verbs.build_extract(case, ticked), in_owner_line(request.user, case)
    if in_line:
        _log_fields(request.user, case, ticked)
    context = {
        "case": case,
        "form": form,
        "extract": extract_rows(extract if in_line else _masked(extract, in_line=False)),
        "in_line": in_line,
        "earlier": _count_known(request),
        "chosen": form.cleaned_data,
        "kind": ReferralKind(form.cleaned_data["kind"]).label.partition("（")[0],
        "urgency": Urgency(form.cleaned_data["urgency"]).label,
        "basis": LegalBasis(form.cleaned_data["legal_basis"]).label,
        "left_out": [field.label.partition("（")[0] for field in ExtractField if field not in ticked],
        "secret_identity": "SECRET_IDENTITY" in case.flags
        and any(FIELD_GROUPS[field] in (FieldGroup.IDENTITY, FieldGroup.CONTACT) for field in ticked),
    }
    return render(request, "cases/refer_preview.html", context | _department(form))


def _log_fields(
    user: Staff,
    case: Case,
    fields: list[str],
    *,
    reason: str = "",
    referral: Referral | None = None,
    also: tuple[FieldGroup, ...] = (),
) -> None:
    """One line a group of fields that was opened."""
    at = timezone.now()
    for group in dict.fromkeys([*(FIELD_GROUPS[field] for field in fields), *also]):
        log_access(user, case, at=at, kind=AccessKind.REVEAL, fields=group, referral=referral, reason=reason)


@require_http_methods(["GET", "POST"])
def referral(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The referral, for the side that looks; our side opens the masked fields by POST."""
    found = get_referral(request, pk)
    if request.user.is_partner:
        return partner_page(request, found) if request.method == "GET" else HttpResponseNotAllowed(["GET"])
    if request.method == "GET":
        log_access(request.user, found.case, at=timezone.now(), referral=found)
        return our_page(request, found)
    if not may_reveal(request.user, found.case):
        raise PermissionDenied("您的角色只能看遮盖后的内容。")
    in_line = in_owner_line(request.user, found.case)
    form = ReasonForm(request.POST, needs_reason=not in_line)
    if not form.is_valid():
        return our_page(request, found, reveal=form, status=422)
    reason, also = form.cleaned_data["reason"], () if in_line else (FieldGroup.HANDLING,)
    _log_fields(request.user, found.case, found.ticked, reason=reason, referral=found, also=also)
    return our_page(request, found, opened=True)


def our_page(
    request: StaffRequest,
    referral: Referral,
    *,
    reveal: ReasonForm | None = None,
    opened: bool = False,
    link: str = "",
    status: int = 200,
) -> HttpResponse:
    """Our side: the same extract masked, the answers, the history, and our buttons."""
    at = timezone.now()
    user = request.user
    in_line = in_owner_line(user, referral.case)
    steps = referral_steps_open_to(user, referral)
    live_link = _live_link(referral, at)
    if live_link is None:
        steps = tuple(step for step in steps if step is not ReferralStep.REVOKE_LINK)
    first = ReferralStep.WRITE_OFF if ReferralStep.WRITE_OFF in steps else None
    context = sheet(referral) | {
        "case": referral.case,
        "extract": extract_rows(referral.extract if opened else _masked(referral.extract, in_line=in_line)),
        "reads": in_line or opened,
        "opened": opened,
        "may_reveal": may_reveal(user, referral.case),
        "reveal": reveal or ReasonForm(needs_reason=not in_line),
        "in_line": in_line,
        "due": due_of(referral, at) if referral.is_open else "",
        "clocks": clock_cards(referral, at),
        "history": _history(referral, reads=in_line or opened),
        "first": (first, step_slug(first)) if first else None,
        "decisions": [(step, step_slug(step)) for step in steps if step in DECISIONS],
        "buttons": [(step, step_slug(step)) for step in steps if step is not first and step not in DECISIONS],
        "paper": may_key_in_paper(user, referral),
        "link": link,
        "withheld": False,  # we still see what was sent
        "link_days": LINK_DAYS,
        "live_link": live_link,
        "watchable": watchable(referral, user),
        **_pressed(referral, user),
    }
    return render(request, "referrals/referral.html", context, status=status)


def _pressed(referral: Referral, user: Staff) -> dict[str, Any]:
    """What presses the department over this referral, and whether it may be supervised now."""
    found = list(
        Supervision.objects.visible_to(user)
        .filter(referral=referral)
        .order_by("-opened_at")
        .only(*SUPERVISED)
    )
    free = referral.status != ReferralStatus.WITHDRAWN and not any(row.is_open for row in found)
    may = free and referral.case.status in SUPERVISABLE and not why_not_supervise(user, referral.case)
    return {"urges": urges_of(referral), "supervisions": found, "may_supervise": may}


def _live_link(referral: Referral, at: datetime) -> Any:
    return (
        referral.links.filter(used_at=None, revoked_at=None, expires_at__gt=at).order_by("-made_at").first()
    )


def _masked(extract: dict[str, str], *, in_line: bool) -> dict[str, str]:
    """The extract as the reader may see it: the line reads the story, names and numbers are opened by hand."""
    story = (FieldGroup.STORY,) if in_line else ()
    return {
        field: text
        if FIELD_GROUPS[field] in story or field == ExtractField.AGE_SEX
        else mask_name(text)
        if field == ExtractField.NAME
        else HIDDEN
        for field, text in extract.items()
    }


def _history(referral: Referral, *, reads: bool) -> list[dict[str, Any]]:
    events = (
        Event.objects.filter(case=referral.case, facts__referral=referral.number)
        .select_related("by", "unit", "note")
        .order_by("-seq")
    )
    return [
        {
            "at": event.at,
            "what": event.step_label,
            "who": event.by.name if event.by else "通过一次性链接" if event.facts.get("way") else "系统",
            "unit": event.unit.name if event.unit else "",
            "note": _said(event, reads=reads),
            "tone": "warn" if event.step in (ReferralStep.OBJECT, ReferralStep.REWORK) else "plain",
        }
        for event in events
    ]


def _said(event: Event, *, reads: bool) -> str:
    received = event.facts.get("received_on")
    words = [f"纸质回复收到日期：{received}"] if received else []
    if reads and hasattr(event, "note"):
        words.append(str(event.note.text))
    return "\n".join(words)


@require_http_methods(["GET", "POST"])
def referral_step(request: StaffRequest, pk: UUID, step_name: str) -> HttpResponse:
    """Every step that is one form, for either side."""
    step = _read_step(step_name)
    found = get_referral(request, pk, to=step)
    if request.method == "GET":
        return _step_page(request, found, step, STEP_FORMS[step](referral=found))
    form = STEP_FORMS[step](request.POST, referral=found)
    if not form.is_valid():
        return _step_page(request, found, step, form, status=409 if form.is_stale else 422)
    try:
        link = _take(step, found, form, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _step_page(request, get_referral(request, pk), step, form, status=409)
    if step is ReferralStep.LINK:
        # Shown on this answer and nowhere else: the database keeps its digest only.
        return our_page(request, found, link=request.build_absolute_uri(reverse("link_answer", args=[link])))
    messages.success(request, DONE_WORDS[step])
    return redirect("referral", found.pk)


def _read_step(name: str) -> ReferralStep:
    """`write-off` → ReferralStep.WRITE_OFF; only steps that have a form."""
    step = next((step for step in STEP_FORMS if step_slug(step) == name), None)
    if step is None:
        raise Http404
    return step


def _take(step: ReferralStep, referral: Referral, form: StepForm, *, by: Staff, at: datetime) -> str:
    """Call the one verb of the step; return the token of a new link, which exists nowhere else."""
    if step is ReferralStep.LINK:
        return verbs.make_link(referral, by=by, at=at)
    told = form.told()
    if isinstance(form, InterimForm | AnswerForm):
        told["answer"] = Answer(**form.answer())
    VERBS[step](referral, **told, by=by, at=at)
    return ""


def _step_page(
    request: StaffRequest, referral: Referral, step: ReferralStep, form: StepForm, *, status: int = 200
) -> HttpResponse:
    at = timezone.now()
    not_now = ""
    try:
        next_referral_status(step, ReferralStatus(referral.status))
    except StepNotAllowed as refusal:
        not_now = str(refusal)
    context = {
        "referral": referral,
        "step": step,
        "form": form,
        "explained": _say(EXPLAINED[step], referral.case),
        "button": STEP_WORDS.get(step, step.label),
        "not_now": not_now if status == 200 else "",
        "due": due_of(referral, at),
        "answers": answers(referral) if step is ReferralStep.CONFIRM else [],
    }
    return render(request, "referrals/step.html", context, status=status)


@require_http_methods(["GET", "POST"])
def referral_paper(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Key in what a department answered on paper."""
    found = get_referral(request, pk, to=ReferralStep.LINK)
    if request.method == "GET":
        return _paper_page(request, found, PaperForm(referral=found))
    form = PaperForm(request.POST, referral=found)
    if not form.is_valid():
        return _paper_page(request, found, form, status=409 if form.is_stale else 422)
    try:
        verbs.key_in_paper(
            found, answer=Answer(**form.answer()), **form.told(), by=request.user, at=timezone.now()
        )
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _paper_page(request, get_referral(request, pk), form, status=409)
    messages.success(request, "纸质回复已代录，并注明由我方录入。")
    return redirect("referral", found.pk)


def _paper_page(
    request: StaffRequest, referral: Referral, form: PaperForm, *, status: int = 200
) -> HttpResponse:
    context = {"referral": referral, "form": form, "open": may_key_in_paper(request.user, referral)}
    return render(request, "referrals/paper.html", context, status=status)


@require_GET
def referral_slip(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The letter with its receipt, as it goes to the department: the extract and nothing else of the case."""
    found = get_referral(request, pk)
    if not request.user.is_partner and not (
        may_reveal(request.user, found.case) and in_owner_line(request.user, found.case)
    ):
        raise PermissionDenied("转办函写有信访人信息，由承办这件案件的人打印。")
    if not request.user.is_partner and (issued := kept(request, *LETTERS, referral=found)):
        return issued
    _log_print(request.user, found, at=timezone.now())
    term = _say(OBJECTION_TERM + SLIP_TERMS.get(found.kind, ""), found.case)
    context = sheet(found) | {"title": f"{kind_word(found)}函", "term": term}
    return render(request, "referrals/slip.html", context)


@transaction.atomic
def _log_print(user: Staff, referral: Referral, *, at: datetime) -> None:
    """Read here, and carried out of the house on paper."""
    log_access(user, referral.case, at=at, kind=AccessKind.PRINT, fields=FieldGroup.STORY, referral=referral)
    if user.is_partner:  # prints what it has
        return
    disclose(
        referral.case,
        DisclosureKind.PRINT,
        by=user,
        at=at,
        organisation=referral.department,
        what=f"{kind_word(referral)}函",
        fields=() if referral.withheld_at else referral.ticked,
        basis=referral.legal_basis,
        referral=referral,
    )
