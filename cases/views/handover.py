"""一次性移交: whose work may move, what would move, to whom it went."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions import handover as verbs
from cases.actions.absence import why_away
from cases.deadlines import china_date
from cases.forms.handover import DeputyForm, HandoverForm
from cases.models import Handover
from cases.views.access import get_colleague, get_handover, require_any
from cases.views.rows import COLUMNS, case_rows
from cases.workflow import StepNotAllowed
from stations.actions.accounts import change_account
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

PAGE = 50
ABSENCE = ("deputy", "absent_from", "absent_until")
MAY_MOVE = (Permission.CASE_ASSIGN, Permission.REFERRAL_SIGN)


@require_GET
def people(request: StaffRequest) -> HttpResponse:
    """Everybody with work in hand; those who are not there first."""
    require_any(request.user, *MAY_MOVE)
    rows = verbs.people_with_work(request.user, timezone.now())
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": page.object_list,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "cases/handover_people.html", context)


@require_http_methods(["GET", "POST"])
def handover(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_colleague(request, pk)
    told = request.POST if request.method == "POST" else None
    form = HandoverForm(told, receivers=verbs.receivers(person, by=request.user))
    if not form.is_valid():
        return _page(request, person, form=form, status=422 if form.is_bound else 200)
    try:
        done = verbs.hand_over_all(person, by=request.user, at=timezone.now(), **form.cleaned_data)
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _page(request, get_colleague(request, pk), form=form, status=409)
    return redirect("handover_done", done.pk)


@require_POST
def deputy(request: StaffRequest, pk: int) -> HttpResponse:
    """Only for a while: say until when she is away and who stands in."""
    person = get_colleague(request, pk, own=True)
    form = DeputyForm(request.POST, staff=person)
    if not form.is_valid():
        return _page(request, person, deputy_form=form, status=422)
    change_account(person, form.cleaned_data, by=request.user, at=timezone.now())
    messages.success(request, f"{person.name}的离岗和代办人已保存。")
    return redirect("handover", pk)


@require_GET
def done(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = get_handover(request, pk)
    left = _left(request.user, row)
    return render(
        request, "cases/handover_done.html", {"row": row, "moved": _named(row.counts), "left": left}
    )


def _left(user: Staff, row: Handover) -> int:
    """What she still has at other units in charge of the reader."""
    units = verbs.units_in_charge(user)
    return sum(verbs.work_of(row.from_staff, units=units, by=user).counts().values())


def _named(counts: dict[str, int]) -> list[tuple[str, str]]:
    """在办案件 5件; what there is none of is left out."""
    return [
        (words, f"{counts[name]}{unit}")
        for name, (words, unit) in verbs.WORDS_AFTERWARDS.items()
        if counts.get(name)
    ]


def _page(
    request: StaffRequest,
    person: Staff,
    *,
    form: HandoverForm | None = None,
    deputy_form: DeputyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, at = request.user, timezone.now()
    work = verbs.work_of(person, units=verbs.units_in_charge(user), by=user)
    context: dict[str, Any] = {
        "person": person,
        "counts": _named(work.counts()),
        "rows": case_rows(work.owned.order_by("due_at", "id").values_list(*COLUMNS)[:PAGE], user, at),
        "shown": PAGE,
        "away": why_away(person, china_date(at)),
        "form": form or HandoverForm(receivers=verbs.receivers(person, by=user)),
    }
    if person.is_active:
        initial = {name: getattr(person, name) for name in ABSENCE}
        context["deputy_form"] = deputy_form or DeputyForm(staff=person, initial=initial)
    return render(request, "cases/handover.html", context, status=status)
