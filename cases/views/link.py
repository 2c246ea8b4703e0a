"""One answer through a one-time address, for a department without an account. No login: the token is the key."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods
from redis.exceptions import RedisError

from cases.actions.guarding.consent import disclose
from cases.actions.referral import Answer, LinkNotUsable, answer_by_link, find_link
from cases.choices import DisclosureKind
from cases.forms.referral import OutsideForm
from cases.models import ReferralLink
from cases.views.access import log_access
from cases.views.partner import sheet
from cases.workflow import StepNotAllowed
from stations.accounts import client_ip
from weiquan.sealing import sm3

FAILURES = 10
FAILURE_SECONDS = 15 * 60
LOADS = 20
LOAD_SECONDS = 60 * 60
TOO_OFTEN = "打开的次数太多，请过一会儿再试。"


# The page sends no referrer, so the browser names no origin either and Django's check could not pass. Nothing is lost:
# the page acts for whoever holds the token, never for a session.
@csrf_exempt
@login_not_required
@sensitive_variables("token")
@require_http_methods(["GET", "POST"])
def link_answer(request: HttpRequest, token: str) -> HttpResponse:
    response = _answer(request, token)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store"
    return response


@sensitive_variables("token")
def _answer(request: HttpRequest, token: str) -> HttpResponse:
    visitor = f"link:failed:{sm3(client_ip(request).encode()).hex()}"
    if _counted(visitor) >= FAILURES:
        return _closed(request, TOO_OFTEN, status=429)
    try:
        link = find_link(token, at=timezone.now())
    except LinkNotUsable as over:
        _count(visitor, FAILURE_SECONDS)
        return _closed(request, str(over), status=410)
    if _count(f"link:loaded:{bytes(link.digest).hex()}", LOAD_SECONDS) > LOADS:
        return _closed(request, TOO_OFTEN, status=429)
    if request.method == "POST":
        return _receive(request, link)
    _log_opening(link)
    return _page(request, link, OutsideForm(referral=link.referral))


def _log_opening(link: ReferralLink) -> None:
    """What the department sees by it has gone out once more, to whoever holds the address."""
    referral = link.referral
    if referral.ticked and not referral.withheld_at:
        disclose(
            referral.case,
            DisclosureKind.LINK,
            by=None,
            at=timezone.now(),
            organisation=referral.department,
            fields=referral.ticked,
            basis=referral.legal_basis,
            referral=referral,
        )


def _receive(request: HttpRequest, link: ReferralLink) -> HttpResponse:
    form = OutsideForm(request.POST, referral=link.referral)
    if not form.is_valid():
        return _page(request, link, form, status=409 if form.is_stale else 422)
    try:
        answer_by_link(link, answer=Answer(**form.answer()), **form.told(), at=timezone.now())
    except LinkNotUsable as over:
        return _closed(request, str(over), status=410)
    except StepNotAllowed as refusal:
        link.referral.refresh_from_db()
        form.add_error(None, str(refusal))
        return _page(request, link, form, status=409)
    return render(request, "referrals/link_done.html", {"sender": link.referral.from_org})


def _page(request: HttpRequest, link: ReferralLink, form: OutsideForm, *, status: int = 200) -> HttpResponse:
    """The extract beside the form, whichever way somebody came to it: each time it is shown is written down."""
    at = timezone.now()
    ReferralLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=at)
    log_access(None, link.referral.case, at=at, referral=link.referral)
    context = sheet(link.referral) | {"form": form, "expires_at": link.expires_at}
    return render(request, "referrals/link.html", context, status=status)


def _closed(request: HttpRequest, words: str, *, status: int) -> HttpResponse:
    response = render(request, "referrals/link_over.html", {"words": words}, status=status)
    if status == 429:
        response["Retry-After"] = str(FAILURE_SECONDS)
    return response


def _count(key: str, seconds: int) -> int:
    """One more, and how many that makes. Without a cache nothing is counted: 256 random bits do not need it."""
    try:
        cache.add(key, 0, seconds)
        return int(cache.incr(key))
    except (RedisError, ValueError):
        return 0


def _counted(key: str) -> int:
    try:
        return int(cache.get(key, 0))
    except RedisError:
        return 0
