"""A ledger as a file: asking for it, seeing how far it is, fetching it. Nobody but whoever asked sees any of it."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from cases import tasks
from cases.actions.ledgers.books import LEDGERS
from cases.actions.ledgers.export import ask_export, download
from cases.choices import ExportStatus
from cases.forms.ledgers.choice import ExportForm
from cases.models import LedgerExport
from cases.views.access import require
from cases.views.ledgers.screen import choice_of, query_of
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest
from stations.roles import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
def ledger_export(request: StaffRequest) -> HttpResponse:
    """What the file is for. Which ledger of whom and when stands in the address, as on the screen."""
    require(request.user, Permission.LEDGER_EXPORT)
    _, ledger, scope = choice_of(request)
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            export = ask_export(ledger, scope, **form.cleaned_data, by=request.user, at=timezone.now())
        except StepNotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            tasks.look_at_ledgers_soon()
            return redirect("ledger_export_page", export.pk)
    context = {"form": form, "ledger": ledger, "scope": scope, "query": query_of(ledger, scope)}
    return render(
        request, "ledgers/export_form.html", context, status=422 if request.method == "POST" else 200
    )


def get_export(request: StaffRequest, pk: UUID, *, file: bool = False) -> LedgerExport:
    """An export of her own. Raises Http404, PermissionDenied."""
    require(request.user, Permission.LEDGER_EXPORT)
    rows = LedgerExport.objects.select_related("by__organisation__region", "unit__region", "by_unit")
    found = (rows if file else rows.defer("file")).filter(pk=pk, by=request.user).first()
    if found is None:
        raise Http404
    return found


@never_cache
@require_GET
def ledger_export_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    """How far it is; asks again every two seconds by itself, or by reloading."""
    export = get_export(request, pk)
    template = "ledgers/_export_state.html" if request.htmx else "ledgers/export.html"
    return render(request, template, _context(export))


def _context(export: LedgerExport) -> dict[str, Any]:
    is_ready = export.status == ExportStatus.READY
    return {
        "export": export,
        "ledger": LEDGERS[export.ledger],
        "is_ready": is_ready and export.expires_at is not None and timezone.now() < export.expires_at,
        "is_waiting": export.status == ExportStatus.WAITING,
        "downloads": export.downloads.order_by("-at", "-pk")[:20]
        if export.status != ExportStatus.WAITING
        else (),
    }


@never_cache
@require_GET
def ledger_export_file(request: StaffRequest, pk: UUID) -> HttpResponse:
    export = get_export(request, pk, file=True)
    try:
        file = download(export, by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("ledger_export_page", pk)
    name = f"{LEDGERS[export.ledger].name}-{export.since:%Y%m%d}-{export.until:%Y%m%d}.xlsx"
    return attachment(file, name)


def attachment(file: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(file, content_type=XLSX)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
