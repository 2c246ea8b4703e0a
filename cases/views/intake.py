"""Registering: the one page for every channel, its draft, who is known already, and the papers that go with it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions import intake as actions
from cases.choices import AccessKind, Channel, ClockStatus, DangerLevel, FieldGroup, SecretLevel, Status, Step
from cases.deadlines import last_day
from cases.forms.identity import phone_flaw, tidy_phone
from cases.forms.intake import ADVISE, FROM_UNITS, ContactForm, Intake, category_choices
from cases.forms.persons import PetitionerForm
from cases.models import Access, Case, IntakeDraft, Party
from cases.models.contact import MAX_REPRESENTATIVES
from cases.models.guarding import not_barred
from cases.notifications import heads
from cases.permissions import in_owner_line, may_reveal
from cases.views.access import get_case, log_access, log_hits, require
from cases.views.entries import contact_entry, intake_entry
from cases.workflow import StepNotAllowed, steps_from
from stations.choices import AdminLevel
from stations.http import StaffRequest
from stations.models import Organisation, Staff
from stations.roles import Permission

MOST_KNOWN = 5
MOST_DRAFTS = 3
# Looking at the same hit again while typing is one look.
SAME_LOOK = timedelta(minutes=10)
SEALED = SecretLevel.MINOR_SEALED
# How long the slip of a case that went to somebody else is shown again to whoever pressed twice.
SLIP_SHOWN = timedelta(minutes=10)
NOT_ANSWERS = ("csrfmiddlewaretoken", "submission", "desk")


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def intake(request: StaffRequest) -> HttpResponse:
    """The page itself, empty, from a draft, or sent."""
    require(request.user, Permission.CASE_REGISTER)
    at = timezone.now()
    if request.method == "GET":
        return _new_page(request)
    page = Intake(request.POST, at=at, unit=request.user.organisation)
    if not page.is_valid():
        return _page(request, page, status=422, **_known(request, page.petitioner, at))
    if _is_anothers(request):
        words = f"这一页是别人登录时打开的。核对内容后再提交一次，就由您（{request.user.name}）登记。"
        page.matter.add_error(None, words)
        return _page(request, page, status=409)
    try:
        case = _register(page, request.user, at)
    except StepNotAllowed as error:
        page.matter.add_error(None, str(error))
        return _page(request, page, status=409)
    hers = case.owner_id == request.user.pk and case.registered_at == at
    if not hers and not Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return _handed_on(request, case, at)
    if case.registered_at != at:
        messages.info(request, "这份登记刚才已经保存，就是下面这件。要登记另一件事，请点“再登记一件”。")
    if (owed := case.monitors.owed().first()) is not None:
        messages.warning(request, f"已登记，案号{case.number}。现在就报警，打完电话马上按“登记强制报告”。")
        return redirect("monitor", owed.pk)
    return redirect("emergency" if case.danger == DangerLevel.HIGH else "registered", case.number)


def _handed_on(request: StaffRequest, case: Case, at: datetime) -> HttpResponse:
    """She registered what she may not read: what the petitioner takes home is shown now, and not again.

    Why it went to somebody else is not said: it would name a party, or say who is complained of.
    """
    actions.drop_drafts(staff=request.user, submissions=[case.submission])
    fresh = at - case.registered_at <= SLIP_SHOWN and case.contacts.filter(received_by=request.user).exists()
    if fresh:
        log_access(request.user, case, at=at, fields=FieldGroup.QUERY_CODE)
    context = {"case": case, "fresh": fresh, "unit": case.station}
    return render(request, "guarding/handed_on.html", context)


def _is_anothers(request: StaffRequest) -> bool:
    """Office computers are shared: a page may still stand open when somebody else logs in beside it."""
    return request.POST.get("desk", str(request.user.pk)) != str(request.user.pk)


def _register(page: Intake, user: Staff, at: datetime) -> Case:
    entry, unit = intake_entry(page, user=user, at=at), user.organisation
    assert unit is not None  # noqa: S101 – nobody registers without a unit: see stations.roles.HOMES
    told = page.matter.cleaned_data
    if told["finish"] != ADVISE:
        return actions.register_case(entry, unit=unit, by=user, at=at)
    require(user, Permission.CASE_HANDLE)
    return actions.register_and_advise(
        entry, reply=told["reply"], satisfaction=told["satisfaction"], unit=unit, by=user, at=at
    )


def _new_page(request: StaffRequest) -> HttpResponse:
    drafts = _drafts(request.user)
    wanted = request.GET.get("draft", "")
    draft = next((row for row in drafts if str(row.submission) == wanted), None)
    if wanted and draft is None:
        messages.warning(request, "没有找到这份草稿：可能已经提交，或者已经丢弃。")
    page = Intake(at=timezone.now(), draft=draft, unit=request.user.organisation)
    return _page(request, page, drafts=[] if draft else drafts[:MOST_DRAFTS], draft=draft)


def _drafts(user: Staff) -> list[IntakeDraft]:
    """Her drafts, newest first. What was registered meanwhile needs none any more."""
    drafts = list(IntakeDraft.objects.filter(staff=user).order_by("-saved_at"))
    done = set(
        Case.objects.filter(submission__in=[row.submission for row in drafts]).values_list(
            "submission", flat=True
        )
    )
    if done:
        actions.drop_drafts(staff=user, submissions=done)
    return [row for row in drafts if row.submission not in done]


def _page(request: StaffRequest, page: Intake, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {
        "page": page,
        "unit": request.user.organisation,
        "from_units": "|".join(FROM_UNITS),
        "visits": "|".join(Channel.visits),
    }
    return render(request, "cases/intake.html", context, status=status)


@require_POST
@sensitive_post_parameters()
def intake_draft(request: StaffRequest) -> HttpResponse:
    """Keep what is typed so far, right or wrong; or throw it away on request."""
    require(request.user, Permission.CASE_REGISTER)
    try:
        submission = UUID(request.POST.get("submission", ""))
    except ValueError:
        return HttpResponseBadRequest("草稿没有编号，请刷新页面。")
    if "discard" in request.POST:
        actions.drop_drafts(staff=request.user, submissions=[submission])
        messages.success(request, "草稿已丢弃。")
        return redirect("intake")
    if _is_anothers(request):
        return HttpResponse(status=409)
    if not Case.objects.filter(submission=submission).exists():
        answers = {name: values for name, values in request.POST.lists() if name not in NOT_ANSWERS}
        actions.save_draft(staff=request.user, submission=submission, answers=answers, at=timezone.now())
    return HttpResponse(status=204)


@require_POST
@sensitive_post_parameters()
def intake_known(request: StaffRequest) -> HttpResponse:
    """The lines under ID number and phone: what is wrong with the number, and whether she has been here."""
    require(request.user, Permission.CASE_REGISTER)
    at = timezone.now()
    form = PetitionerForm(request.POST, prefix="petitioner", today=timezone.localdate(at))
    form.is_valid()
    return render(
        request, "cases/intake_known.html", {"form": form, "typing": True} | _known(request, form, at)
    )


def known_elsewhere(request: StaffRequest, at: datetime) -> list[UUID]:
    """The cases beyond her sight that the page's ID number or phones lead to."""
    form = PetitionerForm(request.POST, prefix="petitioner", today=timezone.localdate(at))
    form.is_valid()
    return _look_up(request, form, at)[1]


def _look_up(request: StaffRequest, form: PetitionerForm, at: datetime) -> tuple[list[Case], list[UUID]]:
    reading = form.id_reading
    phones = {tidy_phone(request.POST[name]) for name in request.POST if _is_phone(name)}
    parties = Party.objects.known_as(
        id_number=reading.number if reading else "",
        phones=[phone for phone in phones if phone and not phone_flaw(phone)],
    ).filter(not_barred(request.user))
    seen, elsewhere = _known_cases(request.user, parties)
    _log_hits(request.user, seen, elsewhere, at)
    return seen, elsewhere


def _known(request: StaffRequest, form: PetitionerForm, at: datetime) -> dict[str, Any]:
    """What the lines say; `form` has been cleaned."""
    reading = form.id_reading
    seen, elsewhere = _look_up(request, form, at)
    ask = _whom_to_ask(request.user) if elsewhere else None
    rows = [(case, Step.CONTACT in steps_from(Status(case.status))) for case in seen]
    below = _handled_below(request.user, seen)
    return {"reading": reading, "seen": rows, "below": below} | {
        "elsewhere": bool(elsewhere),
        "ask": ask,
        "may_break_in": request.user.may(Permission.CASE_BREAK_IN),
    }


def _handled_below(user: Staff, seen: list[Case]) -> list[UUID]:
    """For a federation: what a station or a village point handles already, so that she does not take it up as well.

    Source: 信访工作条例 (2022) 第19条第3款.
    """
    org = user.organisation
    if org is None or org.level < AdminLevel.COUNTY:
        return []
    return [case.pk for case in seen if case.is_open and AdminLevel(case.level) < AdminLevel.COUNTY]


def _is_phone(name: str) -> bool:
    return name.startswith("phone-") and name.endswith("-number")


def _known_cases(user: Staff, parties: QuerySet[Party]) -> tuple[list[Case], list[UUID]]:
    """Cases in sight, newest first; and the ids of those beyond it, of which nothing is shown but that there are any."""
    ids = list(parties.values_list("case_id", flat=True).distinct()[: MOST_KNOWN * 10])
    if not ids:
        return [], []
    seen = list(
        Case.objects.visible_to(user).filter(pk__in=ids).select_related("owner").order_by("-received_at")
    )
    beyond = set(ids) - {case.pk for case in seen}
    if beyond:  # of a sealed case not even that there is one
        beyond -= set(Case.objects.filter(pk__in=beyond, secrecy=SEALED).values_list("pk", flat=True))
    return seen[:MOST_KNOWN], [pk for pk in ids if pk in beyond]


def _log_hits(user: Staff, seen: list[Case], elsewhere: list[UUID], at: datetime) -> None:
    """Also beyond her sight: who asks whether somebody went to another unit is written down there."""
    found = [*(case.pk for case in seen), *elsewhere]
    lately = set(
        Access.objects.filter(
            case__in=found, staff=user, kind=AccessKind.SEARCH, at__gt=at - SAME_LOOK
        ).values_list("case_id", flat=True)
    )
    for case in seen:
        if case.pk not in lately:
            log_access(user, case, at=at, kind=AccessKind.SEARCH, fields=FieldGroup.IDENTITY)
    beyond = [pk for pk in elsewhere if pk not in lately]
    log_hits(user, beyond, at=at, kind=AccessKind.SEARCH, fields=FieldGroup.IDENTITY, in_line=False)


def _whom_to_ask(user: Staff) -> Organisation | None:
    """The federation next above: it sees more than we do, and says no more than we need."""
    org = user.organisation
    if org is None or org.level is AdminLevel.PROVINCE:
        return None
    above = AdminLevel.COUNTY if org.level < AdminLevel.COUNTY else org.level.above
    return Organisation.objects.federation_of(org.region_id[: above.digits] if above else "")


@require_GET
def registered(request: StaffRequest, number: str) -> HttpResponse:
    """What to tell the petitioner now: her number, her code, what is next and who does it."""
    case = _case_to_hand_out(request, number)
    log_access(request.user, case, at=timezone.now(), fields=FieldGroup.QUERY_CODE)
    # Here, after the page that sent it is gone: an autosave still under way would have brought the draft back.
    actions.drop_drafts(staff=request.user, submissions=[case.submission])
    deciders = heads(case.holder) if case.status == Status.REGISTERED else []
    due_on = last_day(case.due_at) if case.due_at else None
    context = {
        "case": case,
        "deciders": deciders,
        "due_on": due_on,
        "told_by": _told_by(case),
        "unit": case.station,
    }
    return render(request, "cases/intake_registered.html", context)


@require_GET
def slip(request: StaffRequest, number: str) -> HttpResponse:
    """The paper she takes home. It may be found there: nothing of the matter and no name is on it."""
    case = _case_to_hand_out(request, number)
    log_access(request.user, case, at=timezone.now(), kind=AccessKind.PRINT, fields=FieldGroup.QUERY_CODE)
    context = {"case": case, "told_by": _told_by(case), "unit": case.station, "today": timezone.localdate()}
    return render(request, "cases/slip.html", context)


def _case_to_hand_out(request: StaffRequest, number: str) -> Case:
    """The query code goes to the petitioner through the units that deal with her."""
    case = get_case(request, number)
    own = case.station_id == request.user.organisation_id
    if not may_reveal(request.user, case) or not (own or in_owner_line(request.user, case)):
        raise PermissionDenied("查询码由首接单位或承办单位交给信访人。")
    return case


def _told_by(case: Case) -> date | None:
    """Until when she hears whether the matter is taken up; nothing once she has."""
    clock = case.clocks.filter(code__in=("XF-NOTICE", "XF-NOTICE-T"), status=ClockStatus.RUNNING).first()
    return clock.last_day if clock else None


@require_GET
def intake_blank(request: StaffRequest) -> HttpResponse:
    """The same questions on paper, for a day without power or a visit to a home."""
    require(request.user, Permission.CASE_REGISTER)
    context = {
        "unit": request.user.organisation,
        "page": Intake(at=timezone.now()),
        "categories": category_choices(),
        "representatives": range(1, MAX_REPRESENTATIVES + 1),
    }
    return render(request, "cases/intake_blank.html", context)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def contact(request: StaffRequest, number: str) -> HttpResponse:
    """Record that she came, wrote or called again about the same matter."""
    case, at = get_case(request, number, to=Step.CONTACT), timezone.now()
    form = ContactForm(
        request.POST if request.method == "POST" else None,
        today=timezone.localdate(at),
        initial={"received_at": at},
    )
    if case.monitors.reports().exists():
        form.keep_short()
    if not form.is_valid():
        return _contact_page(request, case, form, status=422 if form.is_bound else 200)
    unit = request.user.organisation
    assert unit is not None  # noqa: S101 – the door asked for a permission that only units give
    try:
        actions.add_contact(case, contact_entry(form, case, at=at), unit=unit, by=request.user, at=at)
    except StepNotAllowed as error:
        form.add_error(None, str(error))
        return _contact_page(request, case, form, status=409)
    messages.success(
        request, f"这次来访来电已记在 {case.number} 下，是第{case.contacts_count}次。承办人会看到。"
    )
    return redirect("case", case.number)


def _contact_page(request: StaffRequest, case: Case, form: ContactForm, *, status: int) -> HttpResponse:
    context = {
        "case": case,
        "form": form,
        "from_units": "|".join(FROM_UNITS),
        "ask_no_more": case.monitors.reports().exists(),
    }
    return render(request, "cases/intake_contact.html", context, status=status)
