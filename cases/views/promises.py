"""What the nightly check found: counts for those who run the system, cases for those who answer for them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.actions.absence import Vacancy, unminded, vacancies
from cases.actions.handover import units_in_charge
from cases.actions.promises import ALL, WARNINGS
from cases.models import Case, PromiseCheck
from cases.views.access import require_any
from stations.http import StaffRequest
from stations.models import Staff
from stations.roles import Permission

RUNS = 30
CASES_SHOWN = 20
MAY_READ = (Permission.OUTLETS_MANAGE, Permission.AUDIT_READ, Permission.CASE_REVIEW)


@require_GET
def promises(request: StaffRequest) -> HttpResponse:
    """One line a promise; a federation reads only what is about cases in its sight."""
    user = request.user
    require_any(user, *MAY_READ)
    runs = list(PromiseCheck.objects.order_by("-at")[:RUNS])
    reads_cases = user.may(Permission.CASE_REVIEW)
    seen = _numbers(user, runs[0]) if runs and reads_cases else {}
    context: dict[str, Any] = {
        "latest": runs[0] if runs else None,
        "rows": _rows(runs[0], seen, reads_cases) if runs else [],
        "reads_cases": reads_cases,
    }
    if reads_cases:
        units = units_in_charge(user)
        context["vacancies"] = vacancies_below(user)
        context["unminded"] = unminded(Case.objects.visible_to(user).filter(holder__in=units), timezone.now())
    else:
        context["runs"] = runs
    return render(request, "cases/promises.html", context)


def vacancies_below(user: Staff) -> list[Vacancy]:
    return vacancies(user.organisation.region.prefix) if user.organisation else []


def _numbers(user: Staff, check: PromiseCheck) -> dict[str, str]:
    """The numbers of the cases that were found and that the reader sees."""
    ids = {case for rows in check.found.values() for _, case in rows if case}
    found = Case.objects.visible_to(user).filter(pk__in=ids).values_list("pk", "number")
    return {str(pk): number for pk, number in found}


def _rows(check: PromiseCheck, seen: dict[str, str], reads_cases: bool) -> list[dict[str, Any]]:
    """What is broken stands first."""
    rows = [_row(promise, check, seen, reads_cases) for promise in ALL]
    return sorted(rows, key=lambda row: not row["count"])


def _row(promise: Any, check: PromiseCheck, seen: dict[str, str], reads_cases: bool) -> dict[str, Any]:
    rows = check.found.get(promise.code, [])
    numbers = sorted({seen[case] for _, case in rows if case in seen})
    return {
        "promise": promise,
        "warning": promise.code in WARNINGS,
        "count": len(numbers) if reads_cases else len(rows),
        "numbers": numbers[:CASES_SHOWN],
        "more": max(0, len(numbers) - CASES_SHOWN),
    }
