"""What went out of a case and on what ground; and the paper on it for the person herself."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.choices import AccessKind, DisclosureKind, ExtractField, FieldGroup
from cases.forms.guarding.consent import consent_words
from cases.models import Access, Case, Consent, Disclosure
from cases.permissions import in_owner_line, may_reveal
from cases.permissions.consent import BY_CONSENT
from cases.views.access import get_case, log_access
from stations.http import StaffRequest

PRINTED = 500


@require_GET
def disclosures(request: StaffRequest, number: str) -> HttpResponse:
    """Who got what, when, on what ground: for those who work on the case."""
    case = get_case(request, number)
    in_line = in_owner_line(request.user, case)
    if in_line:
        log_access(request.user, case, at=timezone.now(), fields=FieldGroup.CONSENT)
    context = {
        "case": case,
        "in_line": in_line,
        "may_print": in_line and may_reveal(request.user, case),
        "consents": _consents(case) if in_line else [],
        "rows": _rows(case) if in_line else [],
    }
    return render(request, "guarding/disclosures.html", context)


@require_GET
def disclosures_print(request: StaffRequest, number: str) -> HttpResponse:
    """Her right to know, on one paper: grounds, what went out, and which units looked. Units and days; the names of our
    people are ours to answer for, not for her to carry home.

    Source: 个人信息保护法 第44、45条.
    """
    case = get_case(request, number)
    if not (in_owner_line(request.user, case) and may_reveal(request.user, case)):
        raise PermissionDenied("个人信息使用情况由承办这件案件的人打印给本人。")
    log_access(request.user, case, at=timezone.now(), kind=AccessKind.PRINT, fields=FieldGroup.CONSENT)
    context = {
        "case": case,
        "consents": _consents(case),
        "rows": _rows(case),
        "readers": _readers(case),
        "today": timezone.localdate(),
    }
    return render(request, "guarding/disclosures_print.html", context)


def _consents(case: Case) -> list[dict[str, Any]]:
    rows = Consent.objects.filter(case=case).select_related("organisation", "by").order_by("at", "pk")
    return [{"row": row, "words": consent_words(row)} for row in rows]


def _rows(case: Case) -> list[dict[str, Any]]:
    found = (
        Disclosure.objects.filter(case=case)
        .select_related("organisation", "by", "referral", "consent")
        .order_by("-at", "-pk")
    )
    return [
        {
            "row": row,
            "to": row.organisation.name if row.organisation else row.recipient,
            "person": row.recipient if row.organisation else "",
            "what": _what(row),
            "how": DisclosureKind(row.kind).label,
            # Told by word of mouth on a consent that nobody recorded: the log says so.
            "unfounded": row.basis in BY_CONSENT
            and row.kind in DisclosureKind.by_hand
            and not row.consent_id,
        }
        for row in found[:PRINTED]
    ]


def _what(row: Disclosure) -> str:
    fields = [field.label.partition("（")[0] for field in ExtractField if field in row.fields]
    return "、".join([*fields, *([row.what] if row.what else [])]) or "只有要求，没有个人信息"


def _readers(case: Case) -> list[dict[str, Any]]:
    """Which units looked, how often, from when to when; being found by a search is not being read."""
    found = (
        Access.objects.filter(case=case, unit__isnull=False)
        .exclude(kind=AccessKind.SEARCH)
        .values("unit__name")
        .annotate(looks=Count("pk"), earliest=Min("at"), latest=Max("at"))
        .order_by("-looks", "unit__name")
    )
    return [dict(row) for row in found]
