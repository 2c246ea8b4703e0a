"""One official document of each kind, issued about the demonstration's cases; some delivered, one void."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from cases.actions.papers.delivery import deliver_document, void_document
from cases.actions.papers.issue import for_unit, issue_document
from cases.actions.papers.offers import REFERRED, WATCHED
from cases.choices import (
    DangerLevel,
    DeliveryWay,
    DocType,
    MonitorKind,
    PaperKind,
    Receipt,
    SecretLevel,
    Status,
)
from cases.deadlines import china_date
from cases.demo.places import MAIN_COUNTY
from cases.documents import KINDS, About, Of
from cases.models import Case, IssuedDocument, Meeting, Monitor, PetitionerNotice, Referral, SupervisionPaper
from stations.models import Organisation
from weiquan.sealing import uuid7

DELIVERED = (DocType.ACCEPT_NOTICE, DocType.REFUSE_NOTICE, DocType.REFER_LETTER, DocType.OPINION)


# What the demonstration begins with; drawing all of them takes seconds.
SEEDED = (
    *DELIVERED,
    DocType.TRANSFER_NOTICE,
    DocType.SUPERVISE_NOTICE,
    DocType.INTRO_LETTER,
    DocType.INTERVIEW_RECORD,
    DocType.MEETING_NOTICE,
)
# What nothing in the case tells.
TYPED: dict[DocType, dict[str, str]] = {
    DocType.INTRO_LETTER: {"to": "县公安局（演示）"},
    DocType.SUPPORT_SUIT: {"court": "县人民法院（演示）"},
    DocType.OBJECTION_LETTER: {
        "sender": "县民政局（演示）",
        "letter": "鲁民转〔2026〕12号",
        "reasons": "经审核，该事项不属于我单位职权范围：\n建议由县公安局依法办理。",
    },
}


def issue_papers(at: datetime, kinds: Iterable[DocType] = SEEDED) -> None:
    """After everything else has happened, on the eve of the demonstration."""
    for doc_type in kinds:
        about = next(_abouts(doc_type, at), None)
        if about is None:
            continue
        document = issue_document(
            doc_type, for_unit(doc_type, about), pk=uuid7(), changed=TYPED.get(doc_type)
        )
        if doc_type in DELIVERED:
            told: dict[str, Any] = {"receiver": "本人", "remark": "", "by": about.by, "at": at}
            day, way = china_date(at), DeliveryWay.IN_PERSON
            deliver_document(document, way=way, receipt=Receipt.SIGNED, delivered_on=day, **told)
        if doc_type == DocType.INTRO_LETTER:
            void_document(document, reason="前往单位写错，重新开具。", by=about.by, at=at)


def _abouts(doc_type: DocType, at: datetime) -> Iterator[About]:
    """What a document of this kind can be made of, the newest first."""
    of = KINDS[doc_type].of
    if of is Of.MEETING:
        yield from _meetings(at)
        return
    row: Any
    for row in _rows(doc_type)[:20]:
        case = row if isinstance(row, Case) else row.supervision.case if of is Of.PAPER else row.case
        case = Case.objects.select_related("holder__region", "station__region", "owner__organisation").get(
            pk=case.pk
        )
        by = case.owner or (row.signed_by if of is Of.PAPER else None)
        if by is None or by.organisation is None:
            continue
        if doc_type == DocType.MEDIATION_AGREEMENT and case.binding_danger == DangerLevel.HIGH:
            continue
        unit = _federation_above(doc_type) or by.organisation
        made_of: dict[str, Any] = {} if of is Of.CASE else {of.value: row}
        yield About(unit=unit, by=by, at=at, case=case, **made_of)


def _federation_above(doc_type: DocType) -> Organisation | None:
    """Who reviews what a station decided, and who checks the review."""
    places = {DocType.REVIEW_OPINION: MAIN_COUNTY, DocType.RECHECK_OPINION: MAIN_COUNTY[:4]}
    return Organisation.objects.federation_of(places[doc_type]) if doc_type in places else None


def _meetings(at: datetime) -> Iterator[About]:
    found = Meeting.objects.filter(host__region_id=f"{MAIN_COUNTY:0<12}", minutes_number__isnull=False)
    for meeting in found.select_related("host__region", "made_by").order_by("-held_at"):
        yield About(unit=meeting.host, by=meeting.made_by, at=at, meeting=meeting)


def _rows(doc_type: DocType) -> "QuerySet[Any, Any]":
    ours = {"case__county_code": MAIN_COUNTY, "case__secrecy": SecretLevel.INTERNAL}
    match KINDS[doc_type].of:
        case Of.NOTICE:
            waiting = PetitionerNotice.objects.filter(doc_type=doc_type, **ours).order_by("-made_at")
            return waiting.select_related("made_by__organisation")
        case Of.REFERRAL:
            kinds = [kind for kind, letter in REFERRED.items() if letter == doc_type] or [
                "TRANSFER",
                "ASSIGN",
            ]
            every = Referral.objects.filter(**ours).order_by("-sent_at")
            sent = every.filter(kind__in=kinds) if every.filter(kind__in=kinds).exists() else every
            return sent.select_related("department", "from_org__region", "sent_by", "case")
        case Of.PAPER:
            signed = SupervisionPaper.objects.filter(
                supervision__case__county_code=MAIN_COUNTY, signed_at__isnull=False
            ).select_related(
                "supervision__case", "supervision__target", "supervision__from_org__region", "signed_by"
            )
            opinions = {"kind": PaperKind.OPINION}
            chosen = (
                signed.filter(**opinions) if doc_type == DocType.URGE_OPINION else signed.exclude(**opinions)
            )
            return chosen.order_by("-signed_at")
        case Of.MONITOR:
            kinds = [kind for kind, paper in WATCHED.items() if paper == doc_type]
            found = Monitor.objects.filter(kind__in=kinds, case__county_code=MAIN_COUNTY)
            return found.exclude(kind=MonitorKind.AGENCY, number="").order_by("-opened_at")
    return _cases(doc_type)


def _cases(doc_type: DocType) -> "QuerySet[Case]":
    cases = Case.objects.filter(county_code=MAIN_COUNTY, secrecy=SecretLevel.INTERNAL, owner__isnull=False)
    if doc_type == DocType.SERVICE_PLAN:
        cases = cases.filter(service_plans__isnull=False).distinct()
    elif doc_type == DocType.VISIT_RECORD:
        cases = cases.filter(follow_ups__isnull=False).distinct()
    elif doc_type == DocType.CLOSE_REPORT:
        cases = cases.filter(status=Status.PENDING_CLOSE)
    else:
        cases = cases.filter(status=Status.HANDLING)
    return cases.order_by("-own_power", "-received_at")


def newest_of_each() -> Iterator[IssuedDocument]:
    """One document of each kind that was issued, void ones too."""
    for doc_type in DocType:
        found = IssuedDocument.objects.filter(doc_type=doc_type).order_by("-made_at", "-pk").first()
        if found:
            yield found
