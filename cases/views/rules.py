"""Pages beside the cases: the rules of law in force, who read what, whether the server lives."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases.choices import ClockFamily
from cases.models import Access, ClockRule, Event
from cases.views.access import require
from cases.views.paging import read_id
from stations.http import StaffRequest
from stations.roles import Permission

PAGE = 100


@require_GET
def rules(request: StaffRequest) -> HttpResponse:
    """Every period of law and promise, with its article, in the three families."""
    require(request.user, Permission.RULES_READ)
    found = list(ClockRule.objects.order_by("code", "region_prefix", "-version"))
    families = [(family.label, [rule for rule in found if rule.family == family]) for family in ClockFamily]
    return render(request, "cases/rules.html", {"families": families})


@require_GET
def audit(request: StaffRequest) -> HttpResponse:
    """Who read and who did what, by number only: the audit administrator sees no case."""
    require(request.user, Permission.AUDIT_READ)
    before = read_id(request.GET.get("before", ""))
    show = "events" if request.GET.get("show") == "events" else "accesses"
    model = Event if show == "events" else Access
    people = ("case", "by", "unit") if show == "events" else ("case", "staff", "unit")
    rows = model.objects.select_related(*people).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: PAGE + 1])
    context = {
        "rows": page[:PAGE],
        "show": show,
        "next_before": page[PAGE - 1].pk if len(page) > PAGE else "",
    }
    return render(request, "cases/audit.html", context)


@login_not_required
@require_GET
def healthz(request: StaffRequest) -> HttpResponse:
    """For the process manager: the server answers and the database too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
