"""发文登记簿: every number a unit gave out in a year under one word, one line each, void ones struck through."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.documents import DOC_WORDS, OWN_WORDS, book_of
from cases.models import Case, Counter, IssuedDocument, Meeting, PetitionerNotice, Referral, SupervisionPaper
from cases.views.access import require_any
from cases.views.paging import read_id
from cases.views.papers.papers import state_of
from stations.http import StaffRequest
from stations.models import Organisation
from stations.roles import Permission

PAGE = 50
FIRST_YEAR = 2020


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
    """One line a number, in their order. A number taken by a step whose paper is not made yet says so; of a case that
    is not the reader's to see there is the number and no more."""
    found = _documents(numbers)
    steps = _steps(numbers)
    wanted = [row.case_id for row in found.values() if row.case_id] + [
        case for _, case, _ in steps.values() if case
    ]
    seen = dict(Case.objects.visible_to(request.user).filter(pk__in=wanted).values_list("pk", "number"))
    rows: list[dict[str, Any]] = []
    for number in numbers:
        document = found.get(number)
        if document is not None:
            state, tone = state_of(document)
            row: dict[str, Any] = {
                "what": document.get_doc_type_display(),
                "case": document.case_id,
                "on": document.made_at,
                "by": document.made_by.name,
                "state": state,
                "tone": tone,
                "void": document.is_void,
                "pk": document.pk if document.case_id in seen or document.case_id is None else None,
            }
        else:
            what, case, on = steps.get(number, ("", None, None))
            state = "已取号，未制作文书" if what else "缺号，请核对"
            row = {"what": what, "case": case, "on": on, "state": state, "tone": "wait" if what else "stop"}
        if row["case"] and row["case"] not in seen:
            row = {"case": None, "void": row.get("void"), "state": "不在您的查阅范围", "tone": "wait"}
        rows.append(row | {"number": number, "case_number": seen.get(row["case"])})
    return rows


def _documents(numbers: list[str]) -> dict[str | None, IssuedDocument]:
    rows = IssuedDocument.objects.filter(number__in=numbers).for_lists()
    rows = rows.select_related("made_by", "voiding", "notice").prefetch_related("deliveries")
    return {row.number: row for row in rows}


def _steps(numbers: list[str]) -> dict[str, tuple[str, Any, Any]]:
    """What steps took numbers: notices, referrals, papers of supervision, minutes."""
    told: dict[str, tuple[str, Any, Any]] = {}
    for notice in PetitionerNotice.objects.filter(number__in=numbers).only(
        "number", "doc_type", "case_id", "made_at"
    ):
        told[notice.number] = (notice.get_doc_type_display(), notice.case_id, notice.made_at)
    for sent in Referral.objects.filter(number__in=numbers).only("number", "kind", "case_id", "sent_at"):
        told[sent.number] = (f"{sent.get_kind_display().partition('（')[0]}函", sent.case_id, sent.sent_at)
    papers = SupervisionPaper.objects.filter(number__in=numbers).select_related("supervision")
    for paper in papers.only("number", "kind", "signed_at", "supervision__case_id"):
        told[paper.number or ""] = (paper.get_kind_display(), paper.supervision.case_id, paper.signed_at)
    for meeting in Meeting.objects.filter(minutes_number__in=numbers).only("minutes_number", "minuted_at"):
        told[meeting.minutes_number or ""] = ("联席会议纪要", None, meeting.minuted_at)
    return told
