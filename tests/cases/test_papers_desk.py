"""Documents as a clerk meets them: what is left to be written by hand, what is carried, what the register says of a
number, what a template may say, and no agreement where the danger is high."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cases.actions import handling
from cases.actions.papers.issue import is_whole
from cases.actions.papers.offers import offers
from cases.actions.papers.templates import add_template
from cases.actions.safety.danger import DangerEntry, assess
from cases.choices import DeliveryWay, DocType, ScaleAnswer
from cases.documents import KINDS, draft, meanings, our_template
from cases.forms.papers.blank import blank_form
from cases.models import Contact, IssuedDocument
from cases.views.papers.papers import state_of
from cases.workflow import StepNotAllowed
from cases.workflow.danger import ITEMS
from tests.cases import papers
from tests.cases.acting import applied, signed
from tests.cases.pages import as_, words
from tests.cases.papers import LATER, about, full_case, issue, pdf_words, referred, words_of
from tests.cases.supervising import supervised
from tests.factories import FACTS, make_case
from weiquan.sealing import uuid7


def make_url(case, slug):
    return reverse("paper_make", args=[case.number, slug])


def paragraphs(sheet):
    return [block["text"] for block in sheet.blocks() if block["kind"] == "para"]


# -- a record written by hand where nothing was typed -----------------------------------------------------------------


def test_a_record_is_made_with_answers_left_to_be_written(cast):
    case = full_case(cast)
    typed = {"document": uuid7(), "facts": FACTS, "demand": "", "before": "", "reply": "", "do": "issue"}

    as_(cast.head).post(make_url(case, "interview-record"), typed)

    document = IssuedDocument.objects.get(doc_type=DocType.INTERVIEW_RECORD)
    for told in (words_of(document.docx), pdf_words(document.pdf)):
        assert f"答：{FACTS}" in told
        assert "您希望怎么解决？答：问：以前找过谁" in told
    assert is_whole(document)


def test_blank_lines_are_left_only_where_nothing_was_typed(cast):
    told = about(cast, full_case(cast))

    left = paragraphs(draft(DocType.INTERVIEW_RECORD, told, changed={"demand": ""}))
    filled = paragraphs(draft(DocType.INTERVIEW_RECORD, told, changed={"demand": "要求一\n要求二"}))
    at = left.index("问：您希望怎么解决？")

    assert left[at + 1 : at + 5] == ["答：　", "　", "　", "　"]
    assert filled[at + 1 : at + 4] == ["答：要求一", "要求二", "问：以前找过谁，怎么处理的？"]


def test_the_empty_authority_leaves_room_for_its_scope():
    sheet = blank_form("authority", issuer="下汤镇维权站", at=LATER)

    said = paragraphs(sheet)

    assert said[said.index("一、代理权限：") + 1 :][:2] == ["　", "　"]


# -- what is carried ----------------------------------------------------------------------------------------------


def test_a_letter_of_introduction_says_where_to_and_owes_no_delivery(cast):
    case = full_case(cast)
    client, url = as_(cast.head), make_url(case, "intro-letter")
    typed = {"document": uuid7(), "details": "兹介绍", "do": "issue"}

    page = words(client.get(url))
    unsaid = client.post(url, typed | {"to": ""})
    assert IssuedDocument.objects.count() == 0
    issued = client.post(url, typed | {"to": "鲁山县民政局"}, follow=True)

    document = IssuedDocument.objects.get()
    assert "前往单位" in page
    assert (unsaid.status_code, "请填写前往单位" in words(unsaid)) == (422, True)
    for told in (words_of(document.docx), pdf_words(document.pdf)):
        assert told.count("鲁山县民政局") == 2  # to whom, and on the counterfoil
        assert "鲁山县民政局：" in told
    assert document.snapshot["addressee"] == "鲁山县民政局"
    assert "已制发，不另送达" in words(issued)
    assert "登记送达" not in words(issued)


@pytest.mark.parametrize(
    ("slug", "name", "label", "rest"),
    [
        ("support-suit", "court", "受理的法院", {"facts": "事实", "opinion": "支持起诉"}),
        ("objection-letter", "sender", "来函单位", {"reasons": "不属于本单位职权"}),
    ],
)
def test_whom_a_letter_is_for_is_typed_where_the_case_does_not_tell(cast, slug, name, label, rest):
    case = full_case(cast)
    Contact.objects.filter(case=case).update(source_number="鲁信转〔2026〕5号")
    client, url = as_(cast.head), make_url(case, slug)
    typed = {"document": uuid7(), "do": "issue", **rest}

    unsaid = client.post(url, typed | {name: ""})
    client.post(url, typed | {name: "鲁山县某某机关"})

    assert (unsaid.status_code, f"请填写{label}" in words(unsaid)) == (422, True)
    document = IssuedDocument.objects.get()
    assert "鲁山县某某机关：" in words_of(document.docx)
    assert document.snapshot["addressee"] == "鲁山县某某机关"


@pytest.mark.parametrize("doc_type", DocType)
def test_what_awaits_its_delivery(doc_type):
    """Carried by their bearer, or signed at the desk by those they bind."""
    carried = {"INTRO_LETTER", "AGENCY_AUTH", "PI_CONSENT", "MEDIATION_AGREEMENT"}
    kept = {"INTERVIEW_RECORD", "SERVICE_PLAN", "CLOSE_REPORT", "VISIT_RECORD"}

    assert KINDS[doc_type].is_delivered == (doc_type not in carried | kept)


def test_a_notice_still_awaits_its_delivery(cast):
    case = make_case(cast)
    notice = handling.accept_case(case, owner=cast.clerk, by=cast.head, at=LATER)
    document = issue(DocType.ACCEPT_NOTICE, about(cast, case, notice=notice))

    assert state_of(document) == ("已制发，待送达", "wait")
    assert "登记送达" in words(as_(cast.clerk).get(reverse("paper", args=[document.pk])))


# -- the page before issuing ----------------------------------------------------------------------------------------


def test_issuing_stands_below_the_whole_text(cast):
    page = as_(cast.head).get(make_url(full_case(cast), "opinion")).content.decode()

    order = [page.index(mark) for mark in ('value="preview"', "全文预览</h2>", 'value="issue"')]

    assert order == sorted(order)


# -- what the register says of a number without a document -----------------------------------------------------------


def told_of(cast, number, by=None):
    """The state in the line of this number."""
    book = number[: number.index("〕") + 1]
    page = as_(by or cast.head).get(reverse("paper_register"), {"book": book, "year": 2026}).content.decode()
    line = next(line for line in page.split("<tr>") if number in line)
    return re.findall(r'wq-status--(\w+)">([^<]+)<', line)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (DeliveryWay.NOT_YET, ("wait", "已取号，未制作文书")),
        (DeliveryWay.POST, ("done", "业务页打印，邮寄")),
        (DeliveryWay.PHONE, ("done", "电话告知并记录")),
        (DeliveryWay.WAIVED, ("done", "姓名或地址不清，无法告知")),
    ],
)
def test_a_notice_delivered_without_a_document_misses_nothing(cast, way, said):
    notice = handling.accept_case(make_case(cast), owner=cast.clerk, by=cast.head, at=LATER)
    if way != DeliveryWay.NOT_YET:
        handling.record_delivery(
            notice, way=way, delivered_on=LATER.date(), remark="", by=cast.clerk, at=LATER
        )

    assert told_of(cast, notice.number) == [said]


def test_a_letter_that_was_sent_misses_nothing(cast):
    sent = referred(cast, full_case(cast))

    assert told_of(cast, sent.number) == [("done", "已发出，由业务页打印")]
    type(sent).objects.filter(pk=sent.pk).update(status="WITHDRAWN", ended_at=LATER)
    assert told_of(cast, sent.number) == [("done", "已撤回")]


def test_a_signed_paper_of_supervision_misses_nothing(cast):
    paper = supervised(cast).papers.get()

    assert told_of(cast, paper.number, cast.officer) == [("done", "已签发，由业务页打印")]
    type(paper).objects.filter(pk=paper.pk).update(received_at=LATER, received_by=cast.liaison)
    assert told_of(cast, paper.number, cast.officer) == [("done", "对方已签收")]


def test_a_signed_authority_without_its_paper_is_no_gap(cast):
    case = full_case(cast)
    found = signed(cast, applied(cast, case))

    assert told_of(cast, found.number) == [("wait", "已取号，未制作文书")]


# -- templates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("doc_type", DocType)
def test_every_placeholder_is_explained_in_chinese(doc_type):
    told = meanings(doc_type)

    assert set(told) == KINDS[doc_type].layout.names()
    assert [name for name, words in told.items() if not re.search("[一-龥]", words)] == []


def test_the_page_of_a_template_explains_its_placeholders(cast):
    client = as_(cast.officer)

    plan = words(client.get(reverse("doc_template", args=["service-plan"])))
    letter = words(client.get(reverse("doc_template", args=["intro-letter"])))

    assert "{{ issuer }}" in plan
    assert "制发单位" in plan
    assert "row.need" in plan
    assert "表格：需要、任务、责任单位、责任人、完成期限" in plan
    assert "有效天数" in letter
    assert "前往单位" in letter


def test_looking_at_a_sample_does_not_make_it_tried(cast):
    made = add_template(
        cast.county, DocType.OPINION, content=our_template(DocType.OPINION), by=cast.officer, at=LATER
    )
    url = reverse("doc_template_try", args=["opinion", made.version])

    assert as_(cast.officer).get(url).status_code == 200
    made.refresh_from_db()
    assert made.tried_at is None
    as_(cast.officer).post(url)
    made.refresh_from_db()
    assert made.tried_at is not None


# -- no agreement where the danger is high -----------------------------------------------------------------------------


def test_no_agreement_is_offered_or_issued_while_the_danger_is_high(cast):
    case = full_case(cast)
    agreement = papers.agreed(cast, case)
    told = about(cast, case, monitor=agreement)
    kinds = lambda: {one.doc_type for one in offers(papers.fresh(case), cast.head)}  # noqa: E731
    assert DocType.MEDIATION_AGREEMENT in kinds()
    papers.warned(cast, case)
    answers = dict.fromkeys(ITEMS, ScaleAnswer.YES)

    assess(papers.fresh(case), DangerEntry(answers=answers), by=cast.clerk, at=LATER + timedelta(minutes=1))

    assert DocType.MEDIATION_AGREEMENT not in kinds()
    assert DocType.MONITOR_RECORD in kinds()
    with pytest.raises(StepNotAllowed, match="高危案件不得调解"):
        issue(DocType.MEDIATION_AGREEMENT, told)
    assert not IssuedDocument.objects.exists()
