"""Issuing a document: its number, its two files, its line in the history. From then on nothing of it changes."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash
from django.db import transaction

from cases.choices import DocType, MonitorKind, PaperStep
from cases.deadlines import china_date
from cases.documents import (
    DOC_WORDS,
    KINDS,
    MINUTES,
    OWN_WORDS,
    About,
    Of,
    Written,
    book_and_serial,
    draft,
    draw,
    next_number,
)
from cases.models import Case, DocTemplate, IssuedDocument, Meeting
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.models import Organisation

ALREADY_MADE = "这份文书已经制发。写错了的，先作废原件再重新制发。"

ANOTHER = "这一页已经用过，请回到“文书”重新打开再制发。"


@transaction.atomic
def issue_document(
    doc_type: DocType, about: About, *, pk: UUID, changed: Mapping[str, str] | None = None
) -> IssuedDocument:
    """Issue a document. `pk` is given out with the page, so that pressing twice makes one document.

    Raises StepNotAllowed.
    """
    _hold(about)
    if (made := IssuedDocument.objects.filter(pk=pk).first()) is not None:
        if (made.case, made.meeting, made.doc_type) != (about.case, about.meeting, doc_type):
            raise StepNotAllowed(ANOTHER)
        return made
    _check_not_made(doc_type, about)
    if doc_type == DocType.MEDIATION_AGREEMENT:
        about.matter.check_danger_allows(MonitorKind.AGREEMENT)
    number = _number(doc_type, about)
    sheet = draft(doc_type, about, number=number, changed=changed)
    template = template_for(about.unit, doc_type)
    files = draw(sheet, template=template.docx if template else None, at=about.at, like=doc_type)
    book, serial = book_and_serial(number) if number else ("", None)
    document = IssuedDocument.objects.create(
        pk=pk,
        case=about.case,
        unit=about.unit,
        doc_type=doc_type,
        number=number or None,
        register=book,
        serial=serial,
        year=china_date(about.at).year,
        title=sheet.title,
        snapshot=_snapshot(sheet),
        docx=files.docx,
        pdf=files.pdf,
        docx_sha256=sha256(files.docx),
        docx_sm3=sm3(files.docx),
        pdf_sha256=sha256(files.pdf),
        pdf_sm3=sm3(files.pdf),
        template=template,
        made_by=about.by,
        made_at=about.at,
        **_made_of(about),
    )
    if about.case:
        facts = {"document": str(pk), "kind": doc_type, "number": number}
        about.case.record(PaperStep.ISSUE, by=about.by, at=about.at, facts=facts)
    return document


def _hold(about: About) -> None:
    """Of two who issue about the same thing at the same time the second sees what the first made."""
    table, row = (Case, about.case) if about.case else (Meeting, about.meeting)
    assert row is not None  # noqa: S101 – a document is about one of the two
    table.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=row.pk)


def _made_of(about: About) -> dict[str, Any]:
    return {
        "notice": about.notice,
        "referral": about.referral,
        "paper": about.paper,
        "meeting": about.meeting,
        "monitor": about.monitor,
    }


def _check_not_made(doc_type: DocType, about: About) -> None:
    of = KINDS[doc_type].of
    if of is Of.CASE:
        return
    thing = _made_of(about)[of.value]
    if IssuedDocument.objects.standing().filter(doc_type=doc_type, **{of.value: thing}).exists():
        raise StepNotAllowed(ALREADY_MADE)


def _number(doc_type: DocType, about: About) -> str:
    """The number the step took already, if no void document bears it; else the next of the register."""
    if not KINDS[doc_type].numbered:
        return ""
    taken, word = _taken(doc_type, about)
    if taken and not IssuedDocument.objects.filter(number=taken).exists():
        return taken
    return next_number(about.unit, word, about.at)


def _taken(doc_type: DocType, about: About) -> tuple[str, str]:
    """The number that came with what the document is made of, and the word of its register."""
    if about.notice:
        return about.notice.number, DOC_WORDS[about.notice.doc_type]
    if about.referral and doc_type != DocType.TRANSFER_NOTICE:
        return about.referral.number, DOC_WORDS[about.referral.kind]
    if about.paper:
        return about.paper.number or "", DOC_WORDS[about.paper.kind]
    if doc_type == DocType.MEETING_MINUTES and about.meeting:
        return about.meeting.minutes_number or "", DOC_WORDS[MINUTES]
    if doc_type == DocType.AGENCY_AUTH and about.monitor:
        return about.monitor.number, OWN_WORDS[doc_type]
    return "", OWN_WORDS[doc_type]


def unit_of(doc_type: DocType, about: About) -> Organisation:
    """Whose letter it is: of what was numbered already, the unit in whose register it stands."""
    if about.referral and doc_type != DocType.TRANSFER_NOTICE:
        return about.referral.from_org
    if about.paper:
        return about.paper.supervision.from_org
    if about.meeting:
        return about.meeting.host
    if about.notice and about.case:
        units = (about.case.holder, about.case.station, about.notice.made_by.organisation, about.unit)
        return _whose(about.notice.number, *units)
    if doc_type == DocType.AGENCY_AUTH and about.monitor:
        case = about.monitor.case
        return _whose(about.monitor.number, about.monitor.unit, case.holder, case.station, about.unit)
    return about.unit


def _whose(number: str, *units: Organisation | None) -> Organisation:
    """The first of the units whose register the number stands in; the last where it is none of theirs."""
    found = [unit for unit in units if unit]
    return next((unit for unit in found if number.startswith(unit.short_name or unit.name)), found[-1])


def for_unit(doc_type: DocType, about: About) -> About:
    return replace(about, unit=unit_of(doc_type, about))


def template_for(unit: Organisation, doc_type: DocType) -> DocTemplate | None:
    """The county federation's own template, else the city's, else none: ours."""
    county = f"{unit.county_code:0<12}" if unit.county_code else ""
    city = f"{unit.region_id[: AdminLevel.CITY.digits]:0<12}"
    found = DocTemplate.objects.filter(doc_type=doc_type, in_use=True, owner__region_id__in=(county, city))
    return found.order_by("-owner__region_id").first()


def _snapshot(sheet: Written) -> dict[str, Any]:
    return {"values": dict(sheet.values), **sheet.common()}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sm3(content: bytes) -> str:
    """Source: GB/T 32905."""
    digest = Hash(SM3())
    digest.update(content)
    return digest.finalize().hex()


def is_whole(document: IssuedDocument) -> bool:
    """Whether both files are still the ones that were issued."""
    return (sha256(document.docx), sm3(document.docx), sha256(document.pdf), sm3(document.pdf)) == (
        document.docx_sha256,
        document.docx_sm3,
        document.pdf_sha256,
        document.pdf_sm3,
    )
