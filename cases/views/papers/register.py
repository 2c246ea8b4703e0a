"""发文登记簿: every number a unit gave out in a year under one word, one line each, void ones struck through."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.choices import DeliveryWay, DocType, MonitorKind, ReferralStatus
from cases.documents import DOC_WORDS, OWN_WORDS, book_of
from cases.models import (
    Case,
    Counter,
    IssuedDocument,
    Meeting,
    Monitor,
    PetitionerNotice,
    Referral,
    SupervisionPaper,
)
from cases.views.access import require_any
from cases.views.paging import read_id
from cases.views.papers.papers import state_of
from stations.http import StaffRequest
from stations.models import Organisation
from stations.roles import Permission

PAGE = 50
FIRST_YEAR = 2020

NOT_MADE = ("已取号，未制作文书", "wait")
SENT = ("已发出，由业务页打印", "done")
WITHDRAWN = ("已撤回", "done")
SIGNED = ("已签发，由业务页打印", "done")
RECEIVED = ("对方已签收", "done")
PRINTED = ("已印发，由业务页打印", "done")
MISSING: dict[str, Any] = {"case": None, "state": "缺号，请核对", "tone": "stop"}


@require_GET
def paper_register(request: StaffRequest) -> HttpResponse:
    """The registers of the reader's unit; a federation's also those of the units below it."""
    require_any(request.user, Permission.CASE_HANDLE, Permission.CONFERENCE_MANAGE)
    unit = _unit(request)
    this_year = timezone.localdate().year
    year = min(max(read_id(request.GET.get("year", "")) or this_year, FIRST_YEAR), this_year)
    books = _books(unit, year)
    book = request.GET.get("book", "")
    book = book if book in books else next(iter(books), "")
    top = min(read_id(request.GET.get("from", "")) or books.get(book, 0), books.get(book, 0))
    serials = range(top, max(top - PAGE, 0), -1)
    context = {
        "unit": unit,
        "units": _units(request),
        "year": year,
        "years": range(this_year, max(this_year - 5, FIRST_YEAR - 1), -1),
        "books": [(name, latest, name == book) for name, latest in books.items()],
        "book": book,
        "rows": _rows(request, [f"{book}{serial}号" for serial in serials]) if book else [],
        "may_blank": request.user.may(Permission.CASE_REGISTER),
        "may_templates": request.user.may(Permission.DOC_TEMPLATES),
        "older": top - PAGE if top > PAGE else 0,
    }
    return render(request, "papers/register.html", context)


def _units(request: StaffRequest) -> list[Organisation]:
    own = request.user.organisation
    if own is None or not request.user.may(Permission.CASE_REVIEW):
        return []
    below = Organisation.objects.active().filter(region__code__startswith=own.region_prefix)
    return list(below.exclude(kind="DEPARTMENT").order_by("region__code", "name"))


def _unit(request: StaffRequest) -> Organisation:
    """Raises Http404 for a unit that is not hers to ask about."""
    own, asked = request.user.organisation, request.GET.get("unit", "")
    if own is None:
        raise Http404
    if not asked or asked == str(own.pk):
        return own
    found = next((unit for unit in _units(request) if str(unit.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _books(unit: Organisation, year: int) -> dict[str, int]:
    """The registers that have begun, with the latest serial each."""
    names = dict.fromkeys(book_of(unit, word, year) for word in (*DOC_WORDS.values(), *OWN_WORDS.values()))
    latest = dict(Counter.objects.filter(prefix__in=names).values_list("prefix", "latest"))
    return {name: latest[name] for name in names if name in latest}


def _rows(request: StaffRequest, numbers: list[str]) -> list[dict[str, Any]]:
    """One line a number, in their order: its document, or the step that took it; of a case that is not the reader's to
    see there is the number and no more."""
    documents, steps = _documents(numbers), _steps(numbers)
    wanted = [row.case_id for row in documents.values() if row.case_id]
    wanted += [row["case"] for row in steps.values() if row["case"]]
    seen = dict(Case.objects.visible_to(request.user).filter(pk__in=wanted).values_list("pk", "number"))
    rows: list[dict[str, Any]] = []
    for number in numbers:
        document = documents.get(number)
        row = _row_of(document) if document else steps.get(number, MISSING)
        if row["case"] and row["case"] not in seen:
            row = {"case": None, "void": row.get("void"), "state": "不在您的查阅范围", "tone": "wait"}
        rows.append(row | {"number": number, "case_number": seen.get(row["case"])})
    return rows


def _row_of(document: IssuedDocument) -> dict[str, Any]:
    state, tone = state_of(document)
    return {
        "what": document.get_doc_type_display(),
        "case": document.case_id,
        "on": document.made_at,
        "by": document.made_by.name,
        "state": state,
        "tone": tone,
        "void": document.is_void,
        "pk": document.pk,
    }


def _documents(numbers: list[str]) -> dict[str | None, IssuedDocument]:
    rows = IssuedDocument.objects.filter(number__in=numbers).for_lists()
    rows = rows.select_related("made_by", "voiding", "notice").prefetch_related("deliveries")
    return {row.number: row for row in rows}


def _steps(numbers: list[str]) -> dict[str, dict[str, Any]]:
    """What steps took numbers and made no document of: notices, referrals, papers of supervision, authorities, minutes.
    Their pages print too, so that a number without a document is not yet one that went nowhere."""
    told: dict[str, dict[str, Any]] = {}
    for notice in PetitionerNotice.objects.filter(number__in=numbers).defer("body", "remark"):
        told[notice.number] = _step(
            notice.get_doc_type_display(), notice.case_id, notice.made_at, _of_notice(notice)
        )
    sent = Referral.objects.filter(number__in=numbers).only("number", "kind", "case_id", "sent_at", "status")
    for letter in sent:
        what = f"{letter.get_kind_display().partition('（')[0]}函"
        gone = WITHDRAWN if letter.status == ReferralStatus.WITHDRAWN else SENT
        told[letter.number] = _step(what, letter.case_id, letter.sent_at, gone)
    papers = SupervisionPaper.objects.filter(number__in=numbers).select_related("supervision")
    for paper in papers.only("number", "kind", "signed_at", "received_at", "supervision__case_id"):
        gone = RECEIVED if paper.received_at else SIGNED
        told[paper.number or ""] = _step(
            paper.get_kind_display(), paper.supervision.case_id, paper.signed_at, gone
        )
    for watched in Monitor.objects.filter(kind=MonitorKind.AGENCY, number__in=numbers):
        told[watched.number] = _step(DocType.AGENCY_AUTH.label, watched.case_id, watched.opened_at, NOT_MADE)
    for meeting in Meeting.objects.filter(minutes_number__in=numbers).only("minutes_number", "minuted_at"):
        told[meeting.minutes_number or ""] = _step("联席会议纪要", None, meeting.minuted_at, PRINTED)
    return told


def _step(what: str, case: UUID | None, on: datetime | None, so: tuple[str, str]) -> dict[str, Any]:
    return {"what": what, "case": case, "on": on, "state": so[0], "tone": so[1]}


def _of_notice(notice: PetitionerNotice) -> tuple[str, str]:
    if notice.way == DeliveryWay.NOT_YET:
        return NOT_MADE
    printed = notice.way not in (DeliveryWay.PHONE, DeliveryWay.WAIVED)
    return ("业务页打印，" if printed else "") + notice.get_way_display(), "done"
