"""A sealed case to those it is closed to: that there is a number, who has it, and whom to ask. No more."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.defaults import permission_denied

from cases.actions.guarding.secrecy import named_readers
from cases.choices import Status
from cases.models import Case
from cases.permissions.break_in import may_break_in
from cases.views.access import SealedCase
from stations.models import Staff

MOST_NUMBERS = 10


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Every 403 of the house; a sealed case says whom to ask."""
    if not isinstance(exception, SealedCase):
        return permission_denied(request, exception)
    case = exception.case
    context = {"number": case.number, "holder": case.holder, "break_in_url": _break_in(request, case)}
    return render(request, "guarding/sealed.html", context, status=403)


def _break_in(request: HttpRequest, case: Case) -> str:
    """The address of emergency access, to whom it is open."""
    if not isinstance(request.user, Staff) or not may_break_in(request.user, case):
        return ""
    try:
        return reverse("break_in", args=[case.number])
    except NoReverseMatch:
        return ""


def closed_to(user: Staff, *, ended: bool = False) -> dict[str, Any]:
    """The one line under a list: how many sealed cases of her area are not hers to read, and the newest numbers."""
    statuses = Status.ended_statuses if ended else Status.open_statuses
    closed = Case.objects.closed_to(user).filter(status__in=statuses)
    numbers = list(
        closed.order_by("-received_at", "-pk").values_list("number", flat=True)[: MOST_NUMBERS + 1]
    )
    count = len(numbers) if len(numbers) <= MOST_NUMBERS else closed.count()
    return {"count": count, "numbers": numbers[:MOST_NUMBERS]}


def sealed_block(case: Case) -> dict[str, Any]:
    """On the page of the case itself, for those who read it: who else does."""
    return {"readers": list(named_readers(case))} if case.is_sealed else {}
