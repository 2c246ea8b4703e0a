"""What becomes a paper of the file, kind by kind; and the page that lies apart."""

from io import BytesIO

import pytest
from pypdf import PdfWriter

from cases.actions.archive.papers import confidential_page, papers_of
from cases.actions.archive.volume import Digests, make_volume, metadata
from cases.actions.handling import ask_extension
from cases.actions.monitors.report import ReportEntry, open_report
from cases.actions.monitors.shelter import open_stay
from cases.choices import InstructionKind
from cases.models import (
    Case,
    DangerAssessment,
    DocumentVoid,
    FollowUp,
    HandlingRecord,
    IssuedDocument,
    Party,
    Person,
)
from tests.archive.scene import LATER, again, filed, instructed
from tests.cases import room
from tests.cases.acting import answered, applied, at_body, decided, signed
from tests.cases.supervising import supervised
from tests.cast import MONDAY
from tests.factories import make_case, make_referral

PLACE = "城南安全屋三号院"


def titles(case):
    return [paper.title for paper in papers_of(case)]


def one(case, title):
    (found,) = [paper for paper in papers_of(case) if paper.title.startswith(title)]
    return found


def words(paper):
    return "\n".join(
        [
            paper.author,
            *map("：".join, paper.facts),
            *map("：".join, paper.parts),
            *map("，".join, paper.rows),
        ]
    )


@pytest.fixture
def case(cast):
    return make_case(cast, "HANDLING")


def test_what_is_pressed_and_answered(cast):
    referral = make_referral(cast, "SENT")
    supervised(cast, "REPLIED", referral=referral)
    told = titles(referral.case)

    assert any(title.startswith("督办通知") for title in told)
    assert "鲁山县公安局对督办的回复" in told


def test_what_leaders_and_the_conference_said(cast, case):
    room.decided(cast, case)
    instructed(Case.objects.get(pk=case.pk), cast)

    assert "由公安机关一周内核查并依法出具告诫书" in words(one(case, "维权联席会议议定事项"))
    assert "请妥善处理" in words(one(case, InstructionKind.choices[0][1]))


def test_the_danger_scale_leaves_its_level_and_no_answer(cast, case):
    told = {
        "answers": {"D1": "YES"},
        "words": "他说过要弄死我",
        "by": cast.clerk,
        "unit": cast.station,
        "at": LATER,
    }
    DangerAssessment.objects.create(case=case, score=9, level="HIGH", **told)
    DangerAssessment.objects.create(case=case, not_asked="REFUSED", **(told | {"answers": {}}))
    first, second = [paper for paper in papers_of(case) if paper.title == "家庭暴力危险评估结果"]

    assert "高" in words(first)
    assert "未评估" in words(second)
    assert "弄死" not in words(first) + words(second)
    assert first.remark == "答题内容另存"


def test_a_shelter_leaves_no_place(cast, case):
    HandlingRecord.objects.create(
        case=case,
        method="SHELTER",
        happened_at=LATER,
        content=f"送到{PLACE}",
        by=cast.clerk,
        unit=cast.station,
        at=LATER,
    )
    open_stay(case, entered_at=MONDAY, place=PLACE, keeper=cast.clerk, by=cast.clerk, at=MONDAY)
    told = "".join(map(words, papers_of(case)))

    assert PLACE not in told
    assert "送到〔另存〕" in told
    assert one(case, "庇护记录").remark == "庇护地点另存"


def test_an_agency_leaves_its_authority_and_its_way(cast, case):
    decided(cast, answered(cast, at_body(cast, signed(cast, applied(cast, case)))))

    paper = one(case, "信访代理记录")

    assert paper.doc_number == "下妇访代〔2026〕1号"
    told = words(paper)
    for part in (
        "请公安说明为什么不立案",
        "报警回执复印件一份",
        "责任单位：鲁山县公安局",
        "鲁公信复〔2026〕5号",
    ):
        assert part in told
    assert "提交责任单位，单秀英：提交鲁山县公安局：申请书一份" in told


def test_a_longer_term_and_a_visit(cast, case):
    ask_extension(case, days=20, reason="等鉴定", by=cast.clerk, at=LATER)
    told = {"happened_at": LATER, "way": "MEET", "spoke_safely": True, "result": "SAFE", "content": "平稳"}
    FollowUp.objects.create(case=case, by=cast.clerk, at=LATER, **told)

    assert "20日" in words(one(case, "延期审批表"))
    assert "平稳" in words(one(case, "回访记录"))


def test_an_anonymous_petitioner_has_a_paper_too(cast, case):
    case.parties.filter(role="PETITIONER").update(person=None)

    assert "不详" in words(one(case, "来访登记表"))


def test_a_document_is_in_it_as_it_went_out_and_a_void_one_is_not(cast, case):
    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(595, 842)
    made = BytesIO()
    writer.write(made)
    told = {"pdf_sha256": "0" * 64, "pdf_sm3": "0" * 64, "docx_sha256": "0" * 64, "docx_sm3": "0" * 64}
    told |= {
        "unit": cast.station,
        "year": 2026,
        "snapshot": {},
        "docx": b"",
        "pdf": made.getvalue(),
        "title": "x",
    }
    told |= {"made_by": cast.clerk, "made_at": LATER, "case": case, "doc_type": "INTRO_LETTER"}
    notice = case.petitioner_notices.get()
    document = IssuedDocument.objects.create(
        number="下妇访介〔2026〕1号", register="r", serial=1, notice=notice, **told
    )
    assert "受理告知书" not in titles(case)  # the document stands for its notice
    assert one(case, "介绍信").pdf == made.getvalue()

    DocumentVoid.objects.create(document=document, reason="写错", by=cast.clerk, at=LATER)
    assert "介绍信" not in titles(case)


def test_who_reported_harm_to_a_child_lies_apart(cast):
    case = make_case(cast, "CLOSED", involves_minor=True)
    contact = case.contacts.get()
    contact.source_unit, contact.source_person = "假设小学", "何老师"
    contact.save()
    entry = ReportEntry(situations=["MR4_BODY"], known_at=MONDAY, facts="孩子身上多处淤青")
    open_report(case, entry, by=cast.clerk, at=LATER)
    reporter = Person.objects.create(name="温校长")
    Party.objects.create(case=case, person=reporter, role="REPORTER", position=9)
    told = "".join(map(words, papers_of(case)))
    apart = confidential_page(case)

    assert "孩子身上多处淤青" in told
    assert "见保密附页" in told
    for name in ("假设小学", "何老师", "温校长"):
        assert name not in told
        assert name in words(apart)
    file = filed(cast, Case.objects.get(pk=case.pk))
    made = make_volume(file, at=LATER)
    assert made.annex
    assert file.content.annex_sha256 == Digests.of(file.content.annex).sha256
    assert "何老师" not in str(metadata(again(file), made.leaves, made.pdf, LATER))


def test_without_a_report_nothing_lies_apart(case):
    assert confidential_page(case) is None
