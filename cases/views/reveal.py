"""Opening masked fields: one group at a time, always written down, with a reason from outside the owner's line."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cases.choices import AccessKind, FieldGroup
from cases.forms.search import RevealForm
from cases.models import Case, HandlingRecord, Party, Statement
from cases.permissions import in_owner_line, may_reveal
from cases.views.access import get_case, log_access
from cases.views.casefile import case_page
from stations.http import StaffRequest


@never_cache
@require_POST
def reveal(request: StaffRequest, number: str) -> HttpResponse:
    """Show the case page with one group opened; ask for a reason first where one is needed."""
    case = get_case(request, number)
    if not may_reveal(request.user, case):
        raise PermissionDenied("您的角色只能看遮盖后的内容。")
    in_line = in_owner_line(request.user, case)
    form = RevealForm(request.POST, needs_reason=not in_line)
    if not form.is_valid():
        asked = "reason" in request.POST
        shown = form if asked else RevealForm(initial=request.POST.dict(), needs_reason=True)
        context = {"case": case, "form": shown, "group": request.POST.get("group", "")}
        return render(request, "cases/reveal.html", context, status=422 if asked else 200)
    group = FieldGroup(form.cleaned_data["group"])
    log_access(
        request.user,
        case,
        at=timezone.now(),
        kind=AccessKind.REVEAL,
        fields=group,
        reason=form.cleaned_data["reason"],
    )
    return case_page(request, case, revealed={"group": group, **open_group(case, group)})


def open_group(case: Case, group: FieldGroup) -> dict[str, Any]:
    """The opened values of one group, for the case page."""
    if group == FieldGroup.STORY:
        rows = Statement.objects.filter(case=case, corrected_by=None).select_related(
            "contact__received_by", "contact__unit", "corrects"
        )
        return {"statements": list(rows.order_by("contact__received_at", "at"))}
    if group == FieldGroup.HANDLING:
        return {
            "records": list(
                HandlingRecord.objects.filter(case=case).select_related("by", "unit").order_by("-happened_at")
            )
        }
    if group == FieldGroup.QUERY_CODE:
        return {"query_code": case.query_code}
    parties = (
        Party.objects.filter(case=case)
        .select_related("person")
        .prefetch_related("person__phones")
        .order_by("position", "pk")
    )
    return {"parties": list(parties)}
