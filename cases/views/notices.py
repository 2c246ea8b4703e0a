"""Printing a notice to the petitioner, as it was written."""

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.actions.guarding.consent import disclose
from cases.choices import AccessKind, DisclosureKind, DocType, FieldGroup
from cases.models import PetitionerNotice
from cases.permissions import in_owner_line, may_reveal
from cases.views.access import get_case, log_access
from cases.views.papers.doors import kept
from stations.http import StaffRequest

PETITIONER = "信访人"


@require_GET
def notice_print(request: StaffRequest, number: str, pk: UUID) -> HttpResponse:
    case = get_case(request, number)
    notice = PetitionerNotice.objects.filter(case=case, pk=pk).first()
    # The letter names the petitioner: whoever reads masked files, a volunteer or an archivist, gets none.
    if notice is None or not (in_owner_line(request.user, case) and may_reveal(request.user, case)):
        raise Http404
    if issued := kept(request, DocType(notice.doc_type), notice=notice):
        return issued
    at, what = timezone.now(), notice.get_doc_type_display()
    with transaction.atomic():
        log_access(request.user, case, at=at, kind=AccessKind.PRINT, fields=FieldGroup.IDENTITY)
        disclose(case, DisclosureKind.PRINT, by=request.user, at=at, recipient=PETITIONER, what=what)
    return render(request, "cases/notice_print.html", {"case": case, "notice": notice})
