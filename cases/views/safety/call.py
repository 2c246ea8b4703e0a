"""The calling card: first how to call, then, once, the number, then how it went."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases.actions.safety.call import begin_call, end_call, numbers_to_dial, parties_to_reach
from cases.choices import AccessKind, CallOutcome, FieldGroup, PhoneSafety, Status, Step, VisitWay
from cases.forms.safety.call import CallResultForm, DialForm
from cases.forms.search import ReasonForm
from cases.models import Call, Case, Monitor, Phone
from cases.permissions import in_owner_line, why_not
from cases.views.access import get_case, log_access
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest
from stations.models import Staff
from weiquan.masking import mask_name, mask_phone

# Said of every call, whoever is called.
ALWAYS = (
    "接电话的不是她本人：只说“对不起，打错了”，马上挂断。不问她在不在，不留姓名、单位和电话。",
    "她说不方便、声音不对、旁边有人：说“打错了”，挂断，改天再打。",
    "不发短信、不留语音，不在电话里谈案情细节，先问清她能不能安全说话。",
)


@dataclass(frozen=True)
class Way:
    """How one number is to be called."""

    pk: UUID
    masked: str
    asks_first: bool
    has_phrase: bool
    hide_caller: bool
    window: str
    remark: str


@never_cache
@require_http_methods(["GET", "POST"])
def call(request: StaffRequest, number: str) -> HttpResponse:
    case = get_case(request, number, to=Step.CALL)
    doing = request.POST.get("do", "")
    if request.method == "POST" and doing == "end":
        return _end(request, case)
    if request.method == "POST" and doing == "dial":
        return _dial(request, case)
    needs_reason = not in_owner_line(request.user, case)
    form = ReasonForm(request.POST if request.method == "POST" else None, needs_reason=needs_reason)
    if needs_reason and not form.is_valid():
        asked = {"case": case, "form": form}
        return render(request, "safety/call_reason.html", asked, status=422 if form.is_bound else 200)
    reason = form.cleaned_data["reason"] if form.is_bound and form.is_valid() else ""
    return _card(request, case, reason=reason)


def _card(
    request: StaffRequest,
    case: Case,
    *,
    reason: str = "",
    result: CallResultForm | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    """How to call her. When and by whom it is answered is read as much as the number is: it is written down."""
    open_call = _open_call(request.user, case)
    if open_call is None:
        log_access(
            request.user,
            case,
            at=timezone.now(),
            kind=AccessKind.REVEAL,
            fields=FieldGroup.CONTACT,
            reason=reason,
        )
    context = {
        **_frame(request, case),
        "people": [] if open_call else _people(case),
        "always": ALWAYS,
        "reason": reason,
        "open_call": open_call,
        "masked": mask_phone(open_call.phone.number) if open_call and open_call.phone else "",
        "form": (result or CallResultForm()) if open_call else None,
        "error": error,
    }
    return render(request, "safety/call.html", context, status=status)


def _dial(request: StaffRequest, case: Case) -> HttpResponse:
    """Show one number, once, on a page that nothing keeps; write down who dialled."""
    needs_reason = not in_owner_line(request.user, case)
    form = DialForm(request.POST, needs_reason=needs_reason, numbers=numbers_to_dial(case))
    if not form.is_valid():
        said = str(next(iter(form.errors.values()))[0])
        return _card(request, case, reason=request.POST.get("reason", ""), error=said, status=422)
    at, reason = timezone.now(), form.cleaned_data["reason"]
    try:
        begun = begin_call(case, form.cleaned_data["phone"], by=request.user, at=at)
    except StepNotAllowed as refusal:
        return _card(request, case, reason=reason, error=str(refusal), status=409)
    log_access(request.user, case, at=at, kind=AccessKind.CALL, fields=FieldGroup.CONTACT, reason=reason)
    assert begun.phone is not None  # noqa: S101 – begun with one
    context = {
        **_frame(request, case),
        "open_call": begun,
        "dialled": begun.phone,
        "way": _way(begun.phone),
        "always": ALWAYS,
        "form": CallResultForm(),
    }
    return render(request, "safety/call.html", context)


def _end(request: StaffRequest, case: Case) -> HttpResponse:
    open_call = _open_call(request.user, case)
    if open_call is None:
        return _card(request, case, error="没有等着记录结果的通话，可能刚刚已经记录过。", status=409)
    form = CallResultForm(request.POST)
    if not form.is_valid():
        return _card(request, case, result=form, status=422)
    try:
        end_call(open_call, **form.cleaned_data, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        return _card(request, case, result=form, error=str(refusal), status=409)
    messages.success(request, _what_next(form.cleaned_data))
    return redirect(_after(request, case, open_call, safe=_safely(form.cleaned_data)))


def _safely(told: dict[str, Any]) -> bool:
    return told["outcome"] is CallOutcome.SPOKE and bool(told["spoke_safely"])


def _what_next(told: dict[str, Any]) -> str:
    if told["outcome"] is not CallOutcome.SPOKE:
        return "通话结果已记录。没有联系上的，另选时间再打。"
    if _safely(told):
        return "通话结果已记录。"
    return "通话结果已记录。她不能安全说话，这次不谈案情，另约时间再打。"


def _after(request: StaffRequest, case: Case, ended: Call, *, safe: bool) -> str:
    """Where the call was the first step of a visit and she could speak, the record of that visit is next."""
    page = reverse("case", args=[case.number])
    watched = _monitor(request, case)
    if not safe:
        return reverse("monitor", args=[watched.pk]) if watched else page
    if watched:
        return reverse("monitor_step", args=[watched.pk, "visit"]) + f"?call={ended.pk}"
    if case.status == Status.CLOSED and not why_not(request.user, Step.FOLLOW_UP, case):
        return reverse("case_step", args=[case.number, "follow-up"]) + f"?call={ended.pk}"
    return page


def said_on_the_phone(user: Staff, case: Case, pk: str) -> dict[str, Any]:
    """What a call of hers in which she was spoken to safely fills into the record of a visit; nothing otherwise."""
    try:
        key = UUID(pk)
    except ValueError:
        return {}
    made = Call.objects.filter(
        pk=key, case=case, by=user, outcome=CallOutcome.SPOKE, spoke_safely=True
    ).first()
    if made is None:
        return {}
    return {"way": VisitWay.PHONE, "spoke_safely": "yes", "happened_at": timezone.localtime(made.at)}


def _monitor(request: StaffRequest, case: Case) -> Monitor | None:
    """The monitor whose visit this call begins, if it is one of this case."""
    try:
        pk = UUID(request.GET.get("monitor", ""))
    except ValueError:
        return None
    return Monitor.objects.visible_to(request.user).open().filter(case=case, pk=pk).first()


def _frame(request: StaffRequest, case: Case) -> dict[str, Any]:
    watched = _monitor(request, case)
    here = reverse("call", args=[case.number])
    return {
        "case": case,
        "watched": watched,
        "here": f"{here}?monitor={watched.pk}" if watched else here,
        "may_reach": not why_not(request.user, Step.REACH, case),
    }


def _open_call(user: Staff, case: Case) -> Call | None:
    return Call.objects.filter(case=case, by=user, outcome="").select_related("case", "phone").first()


def _people(case: Case) -> list[dict[str, Any]]:
    """Her side, each with the numbers that may be dialled and how many may not."""
    people = []
    for party in parties_to_reach(case):
        phones = list(party.person.phones.all())  # type: ignore[union-attr]
        may = [phone for phone in phones if phone.safety != PhoneSafety.UNSAFE]
        people.append(
            {
                "role": party.get_role_display(),
                "name": mask_name(party.person.name) if party.person and party.person.name else "未具名",
                "ways": [_way(phone) for phone in may],
                "unsafe": len(phones) - len(may),
            }
        )
    return people


def _way(phone: Phone) -> Way:
    return Way(
        pk=phone.pk,
        masked=mask_phone(phone.number),
        asks_first=phone.safety == PhoneSafety.ASK_FIRST,
        has_phrase=bool(phone.pass_phrase),
        hide_caller=phone.hide_caller,
        window=phone.window,
        remark=phone.remark,
    )
