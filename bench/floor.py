"""The floor: what one page costs that does next to nothing, on the same server and through the same middleware."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases.models import Case

COLUMNS = ("number", "status", "category", "risk", "received_at")


@login_not_required
def floor(request: HttpRequest, number: str) -> HttpResponse:
    """One row by its indexed number, five plain columns, a template of ten nodes; no session, no person."""
    row = Case.objects.filter(number=number).values(*COLUMNS).get()
    return render(request, "bench/floor.html", row)
