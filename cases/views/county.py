"""The county's desk: the queue of what came up, each case decided in its place, and how the places below stand."""

from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.actions.supervision import SUPERVISABLE
from cases.choices import AccessKind, ConferenceStep, FieldGroup, Step
from cases.forms.steps import FORMS, StepForm
from cases.models import Case, CodeSet, Referral, code_names
from cases.permissions import permission_for, steps_open_to, why_not, why_not_supervise
from cases.statistics import places_below
from cases.statistics.below import SILENT_DAYS, UNUSED_DAYS
from cases.views.access import get_case, log_access, log_hits, require
from cases.views.charts import settled_chart
from cases.views.conference_case import conference_of
from cases.views.folder import RECORDS, STATEMENTS
from cases.views.guarding.sealed import closed_to
from cases.views.marks import further_marks, handled_below_of
from cases.views.paging import read_id
from cases.views.queue import PAGE, asks_of, in_line, queue_rows, waiting_for
from cases.views.rows import due_badge, marks_of
from cases.views.steps import ask_of_conflict, done_words, read_step, take_step
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.http import StaffRequest
from stations.models import Organisation
from stations.roles import Permission

# What can be decided in the queue, in the order of the forms.
DECISIONS = (
    Step.GUIDE,
    Step.CO_HANDLE,
    Step.TAKE_OVER,
    Step.GRANT_EXTENSION,
    Step.DECLINE_EXTENSION,
    Step.CLOSE,
    Step.SEND_BACK,
    Step.VOID,
)
# After these the reader's unit works on the case, and may pass it on to a department at once.
THEN_REFER = (Step.CO_HANDLE, Step.TAKE_OVER)


@require_GET
def county(request: StaffRequest) -> HttpResponse:
    require(request.user, Permission.CASE_REVIEW)
    org = request.user.organisation
    if org is None:
        raise PermissionDenied("您没有所属单位。")
    if request.GET.get("show") == "places":
        return render(request, "cases/county_places.html", _places(org))
    return _queue(request, org)


def _queue(request: StaffRequest, org: Organisation) -> HttpResponse:
    """One page of the queue. What was tried stands opened in it, so each case counts as read."""
    at = timezone.now()
    page = max(read_id(request.GET.get("page", "")) or 1, 1)
    waiting = waiting_for(request.user)
    cases = list(
        waiting.select_related("holder", "owner", "station", "void_asked_by")[
            (page - 1) * PAGE : page * PAGE + 1
        ]
    )
    rows = queue_rows(cases[:PAGE], request.user, at)
    read = [row["case"].pk for row in rows if any(ask.said for ask in row["asks"])]
    log_hits(request.user, read, at=at, kind=AccessKind.VIEW, fields=FieldGroup.HANDLING)
    context = {
        "rows": rows,
        "count": waiting.order_by().count(),
        "closed": closed_to(request.user),
        "show": "queue",
        "org": org,
        "next_url": f"?page={page + 1}" if len(cases) > PAGE else "",
        "previous_url": f"?page={page - 1}" if page > 1 else "",
    }
    return render(request, "cases/county.html", context)


def _places(org: Organisation) -> dict[str, Any]:
    at = timezone.now()
    worklist = reverse("worklist")
    return {
        "show": "places",
        "org": org,
        "is_city": org.level in (AdminLevel.CITY, AdminLevel.PROVINCE),
        "places": [
            (place, f"{worklist}?{urlencode({'show': 'open', 'place': place.code})}" if place.code else "")
            for place in places_below(org, at)
        ],
        "silent_days": SILENT_DAYS,
        "unused_days": UNUSED_DAYS,
        "settled": settled_chart(org, at),
    }


@require_GET
def county_case(request: StaffRequest, number: str) -> HttpResponse:
    """One case with everything needed to decide it: a part of the queue, or a page of its own."""
    require(request.user, Permission.CASE_REVIEW)
    return _panel(request, get_case(request, number))


@require_http_methods(["GET", "POST"])
def county_decide(request: StaffRequest, number: str, step_name: str) -> HttpResponse:
    """Take one decision where it is asked for. What was typed stays, whatever happened meanwhile."""
    require(request.user, Permission.CASE_REVIEW)
    step = read_step(step_name)
    if step not in DECISIONS:
        raise Http404
    case = get_case(request, number)
    if request.method == "GET":  # a page that was sent before, asked for again
        return redirect("county_case", case.number)
    form = _form(step, request, case, request.POST)
    if refusal := why_not(request.user, step, case):
        if not request.user.may(permission_for(step, case)):
            raise PermissionDenied(refusal)
        form.add_error(None, str(case.moved_on()))
        return _panel(request, case, failed=(step, form), status=409)
    if not form.is_valid():
        return _panel(request, case, failed=(step, form), status=409 if form.is_stale else 422)
    try:
        take_step(step, case, form, by=request.user, at=timezone.now())
    except StepNotAllowed as told:
        form.add_error(None, str(told))
        return _panel(request, get_case(request, number), failed=(step, form), status=409)
    return _done(request, case, step)


def _done(request: StaffRequest, case: Case, step: Step) -> HttpResponse:
    words = f"{case.number}：{done_words(case, step)}"
    queue = reverse("county")
    if step in THEN_REFER and request.POST.get("then") == "refer":
        messages.success(request, words)
        onward = f"{reverse('refer', args=[case.number])}?{urlencode({'next': queue})}"
        return HttpResponse(headers={"HX-Redirect": onward}) if request.htmx else redirect(onward)
    if not request.htmx:
        messages.success(request, words)
        return redirect(queue)
    still = waiting_for(request.user).filter(pk=case.pk).exists()
    if still:
        return _panel(request, get_case(request, case.number), said=words)
    return render(request, "cases/county_done.html", {"words": words, "case": case})


def _form(step: Step, request: StaffRequest, case: Case, typed: Any = None) -> StepForm:
    """Its fields have ids of their own in every answer: several forms stand on one page, and htmx, swapping in an
    element with an id that it replaces, sets a style the content security policy forbids."""
    form = FORMS[step](typed, case=case, user=request.user, auto_id=f"{_slug(step)}-{token_hex(4)}-%s")
    ask_of_conflict(form, case)
    return form


def _slug(step: Step) -> str:
    return step.lower().replace("_", "-")


def _panel(
    request: StaffRequest,
    case: Case,
    *,
    failed: tuple[Step, StepForm] | None = None,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    """The story stands on it, so it counts as read however the reader came to it: a refused decision shows it too."""
    at = timezone.now()
    log_access(request.user, case, at=at, kind=AccessKind.VIEW, fields=FieldGroup.PAGE)
    asks = asks_of([case], request.user)[case.pk]
    reads = in_line(request.user, case)
    decisions = _decisions(request, case, failed)
    may_refer = not why_not(request.user, Step.REFER, case)
    context = {
        "case": case,
        "title": code_names(CodeSet.MATTER_CATEGORY).get(case.category, case.category),
        "marks": marks_of(case, further_marks([case])),
        "asks": asks,
        "reads": reads,
        "statements": STATEMENTS(case.pk) if reads else [],
        "records": RECORDS(case.pk) if reads else [],
        "referrals": Referral.objects.filter(case=case).select_related("department").order_by("-sent_at"),
        "due": due_badge(case.due_at, at, provisional=case.due_provisional) if case.is_open else "",
        "decisions": decisions,
        "below": handled_below_of(case, request.user),
        "said": said,
        "in_queue": bool(request.htmx),
        "may_refer": may_refer,
        "refer_later": not may_refer and any(row["then_refer"] and not row["over"] for row in decisions),
        "may_supervise": case.status in SUPERVISABLE and not why_not_supervise(request.user, case),
        "propose_url": conference_of(case, request.user, at, {ConferenceStep.PROPOSE})["propose_url"],
        "queue_url": reverse("county"),
    }
    template = "cases/county_panel.html" if request.htmx else "cases/county_case.html"
    return render(request, template, context, status=status)


def _decisions(
    request: StaffRequest, case: Case, failed: tuple[Step, StepForm] | None
) -> list[dict[str, Any]]:
    """The forms of what the reader may decide now; the one that came back stands open with what was typed, also
    when the case has moved on and it can be sent no more."""
    wrong, form = failed or (None, None)
    open_now = steps_open_to(request.user, case)
    steps = [step for step in DECISIONS if step in open_now or step is wrong]
    return [
        {
            "step": step,
            "url": reverse("county_decide", args=[case.number, _slug(step)]),
            "form": _fresh(form, case) if step is wrong and form is not None else _form(step, request, case),
            "failed": step is wrong,
            "over": step not in open_now,
            "then_refer": step in THEN_REFER,
        }
        for step in steps
    ]


def _fresh(form: StepForm, case: Case) -> StepForm:
    """The same words beside the case as it is now: whoever was told of a change and presses again means it."""
    form.data = {name: form.data.get(name) for name in form.data} | {"seen": str(case.seq)}
    return form
