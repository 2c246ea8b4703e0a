"""The page she opens on her own telephone: where it stands, and her word on our work. No login, no cookie, no trace.

The answer stands on the page that was posted, at the same address: one entry in the history, and it holds nothing.
"""

import calendar
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions.guarding import progress as verbs
from cases.actions.guarding.progress import Progress, TooManyTries
from cases.choices import FieldGroup
from cases.forms.guarding.progress import ProgressForm, RateForm
from cases.models import Case
from cases.views.access import log_access
from cases.workflow import StepNotAllowed
from stations.accounts import client_ip

NOT_FOUND = "编号和查询码对不上，请核对后再填。"
TOO_OFTEN = "查询的次数太多，请过一个小时再试，或者直接问接待您的人。"
TICKET_OVER = "页面开得太久，请重新填写编号和查询码。"
RETRY_SECONDS = 60 * 60


# As on the page of a one-time link: the page sends no referrer, so no origin either, and Django's check could not pass.
# It acts for whoever knows the code, never for a session, and so it needs no cookie.
@csrf_exempt
@login_not_required
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    form = ProgressForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, form=form, status=422 if request.method == "POST" else 200)
    at, number = timezone.now(), verbs.spelled(form.cleaned_data["number"])
    try:
        verbs.count_try(number, client_ip(request), at=at)
    except TooManyTries:
        return _too_often(request, form)
    case = verbs.look_up(number, form.cleaned_data["code"])
    if case is None:
        form.add_error(None, NOT_FOUND)
        return _page(request, form=form, status=422)
    log_access(None, case, at=at, fields=FieldGroup.QUERY_CODE)
    return _shown(request, case, verbs.progress_of(case, at=at))


@csrf_exempt
@login_not_required
@sensitive_post_parameters()
@sensitive_variables()
@require_POST
def progress_rate(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    case = verbs.case_of_ticket(request.POST.get("ticket", ""))
    if case is None:
        return _page(request, form=ProgressForm(), words=TICKET_OVER, status=410)
    form = RateForm(request.POST)
    if not form.is_valid():
        return _shown(request, case, verbs.progress_of(case, at=at), rating=form, status=422)
    try:
        verbs.rate(case, **form.rating(), at=at)
    except StepNotAllowed as refusal:
        return _page(request, words=str(refusal), status=409)
    return _page(request, words="谢谢，您的评价已收到。")


@login_not_required
@require_GET
def away(request: HttpRequest) -> HttpResponse:
    """A month, and nothing else: where the quick exit leads on a network without the internet."""
    today = timezone.localdate()
    weeks = calendar.Calendar(firstweekday=0).monthdatescalendar(today.year, today.month)
    return _plain(render(request, "public/away.html", {"today": today, "weeks": weeks}))


def _shown(
    request: HttpRequest, case: Case, found: Progress, *, rating: RateForm | None = None, status: int = 200
) -> HttpResponse:
    form = rating or RateForm(initial={"ticket": found.ticket})
    return _page(request, found=found, rating=form if found.ticket else None, status=status)


def _too_often(request: HttpRequest, form: ProgressForm) -> HttpResponse:
    form.add_error(None, TOO_OFTEN)
    response = _page(request, form=form, status=429)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    return _plain(render(request, "public/progress.html", context, status=status))


def _plain(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store"
    return response
