"""The documents of a case: what there is, making one, one of them with its deliveries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.actions.papers.delivery import deliver_document, void_document
from cases.actions.papers.issue import for_unit, is_whole, issue_document
from cases.actions.papers.offers import MEETING_PAPERS, Offer, meeting_offers, offered, offers
from cases.choices import AccessKind, DeliveryWay, DocType, FieldGroup, Receipt
from cases.documents import KINDS, About, Of, Written, draft
from cases.forms.papers.paper import DeliverForm, MakeForm, VoidForm
from cases.models import (
    Case,
    DocumentDelivery,
    IssuedDocument,
    Meeting,
    Monitor,
    PetitionerNotice,
    Referral,
    SupervisionPaper,
)
from cases.permissions import keeps_conference, may_read_document, why_not_make, why_not_void
from cases.views.access import get_case, get_meeting, log_access
from cases.views.papers.doors import MIMES, file_of, get_document, log_taken, refuse
from cases.workflow import StepNotAllowed
from stations.http import StaffRequest

NOT_OFFERED = "这件案件现在不能制发这种文书：可能已经制发过，或者还没有办到这一步。"
# What stands on a draft beside names and the matter, so that reading it is written down as what it is.
ALSO_SHOWN: dict[DocType, tuple[FieldGroup, ...]] = {
    DocType.AGENCY_AUTH: (FieldGroup.CONTACT, FieldGroup.ADDRESS),
    DocType.PO_APPLICATION: (FieldGroup.RESPONDENT,),
    DocType.MEDIATION_AGREEMENT: (FieldGroup.RESPONDENT,),
    DocType.CLOSE_REPORT: (FieldGroup.RESPONDENT,),
}
ROWS = ("unit", "made_by", "voiding", "notice", "paper__supervision", "case")


@require_GET
def papers(request: StaffRequest, number: str) -> HttpResponse:
    """文书: what was issued, and what can be issued now."""
    case = get_case(request, number)
    rows = [row for row in documents_of(case) if may_read_document(request.user, row)]
    log_access(request.user, case, at=timezone.now(), fields=FieldGroup.PAGE)
    context = {
        "case": case,
        "rows": [paper_row(row) for row in rows],
        "offers": [(one.label, make_url(case, one)) for one in offers(case, request.user)],
        "why_not": why_not_make(request.user, case, DocType.INTRO_LETTER),
    }
    return render(request, "papers/papers.html", context)


def documents_of(case: Case) -> list[IssuedDocument]:
    """Newest first, with their deliveries; the files stay where they are."""
    newest = DocumentDelivery.objects.order_by("-at", "-pk")
    found = IssuedDocument.objects.filter(case=case).for_lists().select_related(*ROWS)
    return list(found.prefetch_related(Prefetch("deliveries", newest)).order_by("-made_at", "-pk"))


def paper_row(document: IssuedDocument) -> dict[str, Any]:
    state, tone = state_of(document)
    return {"document": document, "state": state, "tone": tone}


def state_of(document: IssuedDocument) -> tuple[str, str]:
    """How far it has come, in words and colour."""
    if document.is_void:
        return "已作废", "stop"
    kind = KINDS[DocType(document.doc_type)]
    if not kind.goes_out:
        return "已制作，存卷", "done"
    arrived = [row for row in document.deliveries.all() if row.receipt in Receipt.delivered]
    if arrived:
        return f"已送达，{arrived[0].get_receipt_display()}", "done"
    if document.notice and document.notice.way not in (DeliveryWay.NOT_YET, DeliveryWay.WAIVED):
        return f"已送达，{document.notice.get_way_display()}", "done"
    return ("已制发，不另送达", "done") if kind.carried else ("已制发，待送达", "wait")


def make_url(case: Case, offer: Offer) -> str:
    url = reverse("paper_make", args=[case.number, slug_of(offer.doc_type)])
    return f"{url}?of={offer.of}" if offer.of else url


def slug_of(doc_type: DocType) -> str:
    return doc_type.value.lower().replace("_", "-")


def doc_type_of(slug: str) -> DocType:
    """Raises Http404."""
    try:
        return DocType(slug.upper().replace("-", "_"))
    except ValueError:
        raise Http404 from None


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def paper_make(request: StaffRequest, number: str, slug: str) -> HttpResponse:
    """The text before it is issued, the free paragraphs to change, and issuing it."""
    case, doc_type = get_case(request, number), doc_type_of(slug)
    if KINDS[doc_type].of is Of.MEETING:
        raise Http404
    if KINDS[doc_type].of is not Of.PAPER:
        refuse(why_not_make(request.user, case, doc_type))
    offer = offered(case, request.user, doc_type, _read_uuid(request.GET.get("of", "")))
    back = reverse("papers", args=[case.number])
    if offer is None:
        if again := _issued_before(request, case):
            return again
        messages.error(request, NOT_OFFERED)
        return redirect(back)
    about = _about(request, case, offer, at=timezone.now())
    for fields in (FieldGroup.IDENTITY, FieldGroup.STORY, *ALSO_SHOWN.get(doc_type, ())):
        log_access(request.user, case, at=about.at, fields=fields)
    return _make(request, doc_type, about, back=back)


def _issued_before(request: StaffRequest, case: Case) -> HttpResponse | None:
    """The button was pressed twice: the document is there."""
    pk = _read_uuid(request.POST.get("document", ""))
    made = IssuedDocument.objects.filter(pk=pk, case=case).only("pk").first() if pk else None
    return redirect("paper", made.pk) if made else None


def _about(request: StaffRequest, case: Case, offer: Offer, *, at: datetime) -> About:
    tables: dict[Of, Any] = {
        Of.NOTICE: PetitionerNotice.objects.select_related("made_by__organisation"),
        Of.REFERRAL: Referral.objects.select_related("department", "from_org__region", "sent_by", "case"),
        Of.PAPER: SupervisionPaper.objects.select_related(
            "supervision__target",
            "supervision__from_org__region",
            "supervision__case",
            "supervision__opened_by",
        ),
        Of.MONITOR: Monitor.objects.select_related("keeper", "unit"),
    }
    unit = request.user.organisation
    if unit is None:
        raise PermissionDenied("您不在任何单位，不能制发文书。")
    of = KINDS[offer.doc_type].of
    made_of = {of.value: tables[of].get(pk=offer.of)} if of in tables else {}
    return for_unit(offer.doc_type, About(unit=unit, by=request.user, at=at, case=case, **made_of))


def _make(request: StaffRequest, doc_type: DocType, about: About, *, back: str) -> HttpResponse:
    sheet = draft(doc_type, about)
    form = MakeForm(request.POST if request.method == "POST" else None, sheet=sheet)
    if not form.is_valid():
        return _make_page(request, doc_type, sheet, form, back, status=422 if form.is_bound else 200)
    changed = form.changed_words()
    if request.POST.get("do") != "issue":
        return _make_page(request, doc_type, draft(doc_type, about, changed=changed), form, back)
    try:
        document = issue_document(doc_type, about, pk=form.cleaned_data["document"], changed=changed)
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _make_page(request, doc_type, sheet, form, back, status=409)
    messages.success(request, f"{doc_type.label}已制发{'，' + document.number if document.number else ''}。")
    return redirect("paper", document.pk)


def _make_page(
    request: StaffRequest, doc_type: DocType, sheet: Written, form: MakeForm, back: str, *, status: int = 200
) -> HttpResponse:
    context = {
        "title": doc_type.label,
        "numbered": KINDS[doc_type].numbered,
        "sheet": {**sheet.common(), "blocks": sheet.blocks(), "look": sheet.layout.look},
        "form": form,
        "back": back,
    }
    return render(request, "papers/make.html", context, status=status)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def meeting_paper(request: StaffRequest, pk: UUID, slug: str) -> HttpResponse:
    """会议通知、议题单、纪要, issued by the office of the conference."""
    found, doc_type = get_meeting(request, pk), doc_type_of(slug)
    if doc_type not in MEETING_PAPERS:
        raise Http404
    if not keeps_conference(request.user, found.host):
        raise PermissionDenied("会议文书由联席会议办公室制发。")
    made = _meeting_document(found, doc_type)
    if made is not None:
        return redirect("paper", made.pk)
    if not any(one.doc_type == doc_type for one in meeting_offers(found)):
        messages.error(request, "纪要印发以后才能制发。")
        return redirect("meeting", found.pk)
    about = About(unit=found.host, by=request.user, at=timezone.now(), meeting=found)
    return _make(request, doc_type, about, back=reverse("meeting", args=[found.pk]))


def _meeting_document(meeting: Meeting, doc_type: DocType) -> IssuedDocument | None:
    standing = IssuedDocument.objects.standing().for_lists()
    return standing.filter(meeting=meeting, doc_type=doc_type).first()


@require_GET
def paper(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One document: its number, its digests, its deliveries, its files."""
    return _paper_page(request, get_document(request, pk))


def _paper_page(
    request: StaffRequest,
    document: IssuedDocument,
    *,
    deliver: DeliverForm | None = None,
    void: VoidForm | None = None,
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    if document.case:
        log_access(request.user, document.case, at=at, kind=AccessKind.VIEW, fields=FieldGroup.IDENTITY)
    kept = IssuedDocument.objects.only("docx", "pdf", "docx_sha256", "docx_sm3", "pdf_sha256", "pdf_sm3")
    deliveries = list(document.deliveries.select_related("by").order_by("-at", "-pk"))
    standing = not document.is_void
    context = {
        **paper_row(document),
        "title": document.title,
        "whole": is_whole(kept.get(pk=document.pk)),
        "deliveries": deliveries,
        "is_delivered": KINDS[DocType(document.doc_type)].is_delivered,
        "deliver": deliver
        or DeliverForm(document=document, initial={"delivered_on": timezone.localdate(at)}),
        "void": void or VoidForm(),
        "may_void": standing and not why_not_void(request.user, document),
    }
    return render(request, "papers/paper.html", context, status=status)


@require_GET
def paper_file(request: StaffRequest, pk: UUID, form: str) -> HttpResponse:
    """The kept file itself; taking it is written down."""
    document = get_document(request, pk)
    if form not in MIMES:
        raise Http404
    log_taken(request, document, at=timezone.now())
    return file_of(document, form)


@require_POST
@sensitive_post_parameters()
def paper_deliver(request: StaffRequest, pk: UUID) -> HttpResponse:
    document = get_document(request, pk)
    form = DeliverForm(request.POST, document=document)
    if not form.is_valid():
        return _paper_page(request, document, deliver=form, status=422)
    try:
        deliver_document(document, by=request.user, at=timezone.now(), **form.values())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _paper_page(request, get_document(request, pk), deliver=form, status=409)
    messages.success(request, "送达情况已登记。")
    return redirect("paper", document.pk)


@require_POST
@sensitive_post_parameters()
def paper_void(request: StaffRequest, pk: UUID) -> HttpResponse:
    document = get_document(request, pk)
    refuse(why_not_void(request.user, document))
    form = VoidForm(request.POST)
    if not form.is_valid():
        return _paper_page(request, document, void=form, status=422)
    try:
        void_document(document, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    except StepNotAllowed as refusal:
        form.add_error(None, str(refusal))
        return _paper_page(request, get_document(request, pk), void=form, status=409)
    messages.success(request, "文书已作废，文号保留在登记簿上。")
    return redirect("paper", document.pk)
