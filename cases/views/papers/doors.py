"""The doors of official documents, and what is written down when one goes through."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from cases.actions.guarding.consent import disclose
from cases.choices import AccessKind, DisclosureKind, DocType, FieldGroup
from cases.documents import KINDS
from cases.models import IssuedDocument
from cases.permissions import may_read_document
from cases.views.access import get_case, get_meeting, log_access
from stations.http import StaffRequest

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MIMES = {"docx": DOCX, "pdf": "application/pdf"}
PARTS = (
    *("case", "unit", "made_by", "template", "voiding__by", "notice", "referral__department"),
    *("paper__supervision__target", "meeting__host"),
)


def get_document(request: StaffRequest, pk: UUID) -> IssuedDocument:
    """A document under the rules of its case, or of its meeting.

    Raises Http404; SealedCase where the case is closed to her.
    """
    document = IssuedDocument.objects.select_related(*PARTS).for_lists().filter(pk=pk).first()
    if document is None:
        raise Http404
    if document.case:
        document.case = get_case(request, document.case.number)
    elif document.meeting:
        get_meeting(request, document.meeting.pk)
    if not may_read_document(request.user, document):
        raise Http404
    return document


def refuse(sentence: str) -> None:
    """Raises PermissionDenied with the sentence, if there is one."""
    if sentence:
        raise PermissionDenied(sentence)


def file_of(document: IssuedDocument, form: str) -> HttpResponse:
    """The kept file, byte for byte. Its name says what it is and names nobody."""
    content = IssuedDocument.objects.only(form).get(pk=document.pk)
    return attachment(
        bytes(getattr(content, form)), f"{document.get_doc_type_display()}{document.number or ''}.{form}"
    )


def attachment(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=MIMES[name.rpartition(".")[2]])
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@transaction.atomic
def log_taken(request: StaffRequest, document: IssuedDocument, *, at: datetime) -> None:
    """Read here; and what is written to somebody else is carried out of the house, unless it is void."""
    case = document.case
    if case is None:
        return
    told: dict[str, Any] = {"kind": AccessKind.PRINT, "fields": FieldGroup.IDENTITY}
    log_access(request.user, case, at=at, referral=document.referral, **told)
    if not KINDS[DocType(document.doc_type)].goes_out or document.is_void:
        return
    sent = document.referral
    department = sent.department if sent and document.doc_type != DocType.TRANSFER_NOTICE else None
    target = document.paper.supervision.target if document.paper and not document.paper.addressee else None
    disclose(
        case,
        DisclosureKind.PRINT,
        by=request.user,
        at=at,
        organisation=department or target,
        recipient="" if department or target else _recipient(document),
        what=f"{document.get_doc_type_display()}{document.number or ''}",
        fields=sent.ticked if sent and department and not sent.withheld_at else (),
        basis=sent.legal_basis if sent and department else "",
        referral=sent if department else None,
    )


def _recipient(document: IssuedDocument) -> str:
    snapshot = IssuedDocument.objects.only("snapshot").get(pk=document.pk).snapshot
    return str(snapshot.get("addressee") or "信访人").strip("　＿") or "信访人"


def kept(request: StaffRequest, *kinds: DocType, **of: Any) -> HttpResponse | None:
    """The way to the document that was issued of this and stands: what was sent is not drawn again."""
    standing = IssuedDocument.objects.standing().for_lists().select_related(*PARTS)
    found = standing.filter(doc_type__in=kinds, **of).order_by("-made_at").first()
    return redirect("paper", found.pk) if found and may_read_document(request.user, found) else None
