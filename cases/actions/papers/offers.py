"""Which documents fit a case as it stands, for one reader."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, Q

from cases.choices import DocType, MonitorKind, PaperKind, PersonRole, ReferralKind, Status
from cases.documents import KINDS, Of
from cases.models import (
    Case,
    Closure,
    Contact,
    FollowUp,
    IssuedDocument,
    Meeting,
    Monitor,
    PetitionerNotice,
    Referral,
    ServicePlan,
    SupervisionPaper,
)
from cases.permissions import why_not_make, why_not_make_paper
from cases.workflow.danger import why_not_while
from stations.choices import OrgKind
from stations.models import Staff

WORKED_ON = (Status.HANDLING, Status.PENDING_CLOSE, Status.CLOSED)
REFERRED: dict[str, DocType] = {
    ReferralKind.ASSIGN: DocType.REFER_LETTER,
    ReferralKind.TRANSFER: DocType.REFER_LETTER,
    ReferralKind.HAND_OVER: DocType.TRANSFER_CASE_LETTER,
    ReferralKind.REFER: DocType.REFERRAL_SLIP,
}
WATCHED: dict[str, DocType] = {
    MonitorKind.REPORT: DocType.MR_LETTER,
    MonitorKind.ORDER_APPLICATION: DocType.PO_APPLICATION,
    MonitorKind.AGREEMENT: DocType.MEDIATION_AGREEMENT,
    MonitorKind.AGENCY: DocType.AGENCY_AUTH,
    MonitorKind.WARNING_LETTER: DocType.MONITOR_RECORD,
    MonitorKind.PROTECTION_ORDER: DocType.MONITOR_RECORD,
}
MEETING_PAPERS = (DocType.MEETING_NOTICE, DocType.MEETING_AGENDA, DocType.MEETING_MINUTES)


@dataclass(frozen=True)
class Offer:
    """One document that could be made: its type, what it is made of, and the words for the list."""

    doc_type: DocType
    of: UUID | None = None
    about: str = ""

    @property
    def label(self) -> str:
        return self.doc_type.label + (f"（{self.about}）" if self.about else "")


def offers(case: Case, user: Staff) -> list[Offer]:
    """Everything that fits and is hers to make; what was made of the same thing and stands is not offered again."""
    made = set(
        IssuedDocument.objects.standing()
        .filter(case=case)
        .values_list("doc_type", "notice_id", "referral_id", "paper_id", "monitor_id")
    )
    done = {(kind, one) for kind, *things in made for one in things if one}
    found = [
        *_of_notices(case),
        *_of_referrals(case),
        *_of_papers(case, user),
        *_of_monitors(case),
        *_of_case(case, user),
    ]
    return [
        offer for offer in found if (offer.doc_type, offer.of) not in done and not _refused(offer, case, user)
    ]


def offered(case: Case, user: Staff, doc_type: DocType, of: UUID | None) -> Offer | None:
    return next((one for one in offers(case, user) if (one.doc_type, one.of) == (doc_type, of)), None)


def _refused(offer: Offer, case: Case, user: Staff) -> str:
    if KINDS[offer.doc_type].of is Of.PAPER:
        return ""  # asked where the papers were looked for
    return why_not_make(user, case, offer.doc_type)


def _of_notices(case: Case) -> list[Offer]:
    notices = PetitionerNotice.objects.filter(case=case).order_by("-made_at")
    return [Offer(DocType(row.doc_type), row.pk, row.number) for row in notices]


def _of_referrals(case: Case) -> list[Offer]:
    sent = Referral.objects.filter(case=case).select_related("department").order_by("-sent_at")
    rows = [(row, f"{row.department.name} {row.number}") for row in sent]
    letters = [Offer(REFERRED[row.kind], row.pk, words) for row, words in rows]
    return letters + [
        Offer(DocType.TRANSFER_NOTICE, row.pk, words) for row, words in rows if row.kind != ReferralKind.REFER
    ]


def _of_papers(case: Case, user: Staff) -> list[Offer]:
    papers = SupervisionPaper.objects.filter(supervision__case=case, signed_at__isnull=False)
    return [
        Offer(paper_type(paper), paper.pk, f"{paper.get_kind_display()} {paper.number}")
        for paper in papers.select_related("supervision").order_by("-signed_at")
        if not why_not_make_paper(user, paper)
    ]


def paper_type(paper: SupervisionPaper) -> DocType:
    return DocType.URGE_OPINION if paper.kind == PaperKind.OPINION else DocType.SUPERVISE_NOTICE


def _of_monitors(case: Case) -> list[Offer]:
    """An authority has its number with the signing; before it there is the empty form. Nobody is bound to an agreement
    with a person who endangers her (妇联组织受理家庭暴力投诉工作规程 第11条)."""
    unsigned = Q(kind=MonitorKind.AGENCY, number="")
    watched = Monitor.objects.filter(case=case, kind__in=WATCHED).exclude(unsigned).order_by("-opened_at")
    refused = why_not_while(case.binding_danger, MonitorKind.AGREEMENT)
    return [
        Offer(WATCHED[row.kind], row.pk, row.number)
        for row in watched
        if not (refused and row.kind == MonitorKind.AGREEMENT)
    ]


def _of_case(case: Case, user: Staff) -> list[Offer]:
    """Made of the case alone, as often as needed."""
    fitting = {
        DocType.INTERVIEW_RECORD: True,
        DocType.PI_CONSENT: case.is_open,
        DocType.INTRO_LETTER: case.is_open,
        DocType.OBJECTION_LETTER: case.is_open and _came_from_elsewhere(case),
        DocType.SUPPORT_SUIT: case.is_open,
        DocType.INTERVIEW_NOTICE: case.is_open and _has_opponent(case),
        DocType.SERVICE_PLAN: ServicePlan.objects.filter(case=case).exists(),
        DocType.OPINION: case.status in WORKED_ON,
        DocType.REVIEW_OPINION: _decided(case, user, DocType.OPINION),
        DocType.RECHECK_OPINION: _decided(case, user, DocType.REVIEW_OPINION),
        DocType.CLOSE_REPORT: Closure.objects.filter(case=case).exists(),
        DocType.VISIT_RECORD: FollowUp.objects.filter(case=case).exists(),
    }
    return [Offer(doc_type) for doc_type, fits in fitting.items() if fits]


def _came_from_elsewhere(case: Case) -> bool:
    elsewhere = Contact.objects.filter(case=case).exclude(source_number="")
    return elsewhere.exists() or any(row.source_unit for row in Contact.objects.filter(case=case))


def _has_opponent(case: Case) -> bool:
    return case.parties.filter(Q(role=PersonRole.RESPONDENT) | Q(employer__isnull=False)).exists()


def _decided(case: Case, user: Staff, before: DocType) -> bool:
    """An opinion of another unit stands, and hers is a federation: it reviews what a unit below gave."""
    org = user.organisation
    if org is None or org.kind != OrgKind.FEDERATION:
        return False
    given = IssuedDocument.objects.standing().filter(case=case, doc_type=before)
    return given.exclude(unit=org).exists()


def meeting_offers(meeting: Meeting) -> list[Offer]:
    """The papers of a meeting; the minutes once they are printed."""
    standing = Prefetch("documents", IssuedDocument.objects.standing().for_lists())
    found = Meeting.objects.prefetch_related(standing).get(pk=meeting.pk)
    made = {document.doc_type for document in found.documents.all()}
    fitting = [one for one in MEETING_PAPERS if one != DocType.MEETING_MINUTES or meeting.minutes_number]
    return [Offer(doc_type, meeting.pk) for doc_type in fitting if doc_type not in made]
