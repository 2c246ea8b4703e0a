"""A case with everything that can be put on paper, and the ways to ask a document what it says."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from uuid import UUID

from docx import Document
from pypdf import PdfReader

from cases.actions import closure, handling
from cases.actions.monitors import order
from cases.actions.monitors.agreement import Promised, open_agreement
from cases.actions.monitors.order import Wish
from cases.actions.monitors.report import ReportEntry, open_report
from cases.actions.monitors.shelter import open_stay
from cases.actions.monitors.warning import open_letter
from cases.actions.papers.issue import for_unit, issue_document
from cases.actions.safety.danger import DangerEntry, assess
from cases.actions.safety.plans import TaskEntry, make_service_plan
from cases.choices import ApplyGround, DocType, Evidence, ExtractField, ProtectionMeasure, ScaleAnswer
from cases.documents import About
from cases.models import Case, IssuedDocument
from cases.workflow.danger import ITEMS
from tests.cast import MONDAY, Cast
from tests.factories import MINUTE, make_case, make_referral, petitioner, respondent
from weiquan.sealing import uuid7

LATER = MONDAY + timedelta(hours=2)
# Where she is, where he lives, where the shelter is: on no paper.
HERS, HIS, SHELTER, KEEPER = "隐山巷七号顶楼", "隐水街九号院", "静谷庇护所三楼", "庇护所张姐"
FORBIDDEN = (HERS, HIS, SHELTER, KEEPER)


@dataclass
class Made:
    """A case and the rows its documents are made of."""

    case: Case
    about: dict[DocType, About]


def fresh(case: Case) -> Case:
    return Case.objects.select_related("station__region", "holder__region", "owner").get(pk=case.pk)


def about(cast: Cast, case: Case, **made_of) -> About:
    return About(unit=cast.station, by=cast.clerk, at=LATER, case=fresh(case), **made_of)


def issue(doc_type: DocType, told: About, *, pk: UUID | None = None, **changed: str) -> IssuedDocument:
    return issue_document(doc_type, for_unit(doc_type, told), pk=pk or uuid7(), changed=changed)


def full_case(cast: Cast, status: str = "HANDLING", **told) -> Case:
    people = (petitioner(address_now=HERS), respondent(address_now=HIS))
    return make_case(cast, status, **({"involves_dv": True, "parties": people} | told))


def shelter(cast: Cast, case: Case) -> None:
    open_stay(
        case, entered_at=MONDAY, place=SHELTER, contact=KEEPER, keeper=cast.clerk, by=cast.clerk, at=LATER
    )


def words_of(content: bytes) -> str:
    """Everything a .docx says, tables, heads and feet included, without its spaces."""
    book = Document(BytesIO(content))
    section = book.sections[0]
    parts = [book.element.body, section.first_page_header._element, section.footer._element]
    texts = [node.text or "" for part in parts for node in part.iter() if node.tag.endswith("}t")]
    return "".join("".join(texts).split())


def pdf_words(content: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def assessed(cast: Cast, case: Case) -> None:
    answers = dict.fromkeys(ITEMS, ScaleAnswer.NO) | {"D1": ScaleAnswer.YES}
    assess(case, DangerEntry(answers=answers, words="量表上的话"), by=cast.clerk, at=LATER)


def application(cast: Cast, case: Case):
    wish = Wish(ApplyGround.COERCED, [ProtectionMeasure.NO_DV], "多次殴打，有伤情照片", "被看管")
    asked = order.open_application(case, wish=wish, keeper=cast.clerk, by=cast.clerk, at=LATER)
    order.add_evidence(asked, kind=Evidence.STATEMENT, description="当事人陈述一份", by=cast.clerk, at=LATER)
    return asked


def planned(cast: Cast, case: Case) -> None:
    tasks = [
        TaskEntry("LEGAL_AID", "联系法律援助中心", MONDAY.date()),
        TaskEntry("SHELTER", f"送到{SHELTER}", MONDAY.date()),
    ]
    make_service_plan(
        case,
        needs=["LEGAL_AID", "SHELTER"],
        goals="先保证安全",
        review_on=MONDAY.date(),
        tasks=tasks,
        by=cast.clerk,
        at=LATER,
    )


def agreed(cast: Cast, case: Case):
    return open_agreement(
        case,
        made_on=MONDAY.date(),
        terms="男方每月给付抚养费八百元",
        dues=[Promised("给付第一笔", MONDAY.date() + timedelta(days=30))],
        mediator="下汤镇调解委员会",
        keeper=cast.clerk,
        by=cast.clerk,
        at=LATER,
    )


def reported(cast: Cast, case: Case):
    entry = ReportEntry(situations=["MR4_BODY"], known_at=MONDAY, facts="身上有多处瘀伤")
    return open_report(case, entry, by=cast.clerk, at=LATER)


def visited(cast: Cast, case: Case) -> None:
    told = {
        "happened_at": LATER,
        "way": "MEET",
        "spoke_safely": True,
        "result": "SAFE",
        "content": "近来平稳",
    }
    closure.record_follow_up(case, **told, by=cast.clerk, at=LATER)


def warned(cast: Cast, case: Case):
    return open_letter(case, delivered_on=MONDAY.date(), keeper=cast.clerk, by=cast.clerk, at=LATER)


def referred(cast: Cast, case: Case, **told):
    return make_referral(cast, "SENT", case, ticked=tuple(ExtractField), at=LATER - MINUTE, **told)


def extended(cast: Cast, case: Case) -> None:
    asked = handling.ask_extension(case, days=20, reason="等待鉴定", by=cast.clerk, at=LATER)
    handling.decide_extension(asked, granted=True, opinion="同意", by=cast.head, at=LATER)
