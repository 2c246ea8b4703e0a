"""Numbers without gaps, files that never change, deliveries that meet the clock, and a federation's own templates."""

from io import BytesIO
from threading import Barrier, Thread
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from cases.actions import handling
from cases.actions.papers.delivery import deliver_document, void_document
from cases.actions.papers.issue import is_whole, template_for, unit_of
from cases.actions.papers.templates import add_template, mark_tried, use_ours, use_template
from cases.choices import AccessKind, ClockStatus, DeliveryWay, DocType, PaperStep, Receipt
from cases.documents import KINDS, TemplateRefused, check_template, fill_docx, our_template, sample
from cases.models import Access, Clock, Disclosure, DocTemplate, DocumentDelivery, IssuedDocument, Person
from cases.workflow import StepNotAllowed
from tests.cases import room
from tests.cases.acting import applied, signed
from tests.cases.pages import as_, words
from tests.cases.papers import LATER, about, fresh, full_case, issue, referred, words_of
from tests.cases.supervising import supervised
from tests.cast import MONDAY, make_cast
from tests.factories import MINUTE, make_case
from weiquan.sealing import uuid7

OPINION_LAYOUT = KINDS[DocType.OPINION].layout


def undelivered(cast):
    """An accepted case whose notice has not reached her yet."""
    case = make_case(cast)
    notice = handling.accept_case(case, owner=cast.clerk, by=cast.head, at=MONDAY + MINUTE)
    return fresh(case), notice


def deliver(document, cast, receipt=Receipt.SIGNED, **told):
    said = {
        "way": DeliveryWay.IN_PERSON,
        "delivered_on": LATER.date(),
        "receiver": "祝冬雪",
        "remark": "",
    } | told
    return deliver_document(document, receipt=receipt, by=cast.clerk, at=LATER, **said)


def notice_clock(case):
    return Clock.objects.get(case=case, code="XF-NOTICE").status


# -- the register ---------------------------------------------------------------------------------------


def test_numbers_run_without_gaps_and_a_void_one_stays(cast):
    case = full_case(cast)
    told = about(cast, case)
    first, second = issue(DocType.INTRO_LETTER, told), issue(DocType.INTRO_LETTER, told)

    void_document(first, reason="去向写错", by=cast.clerk, at=LATER)
    third = issue(DocType.INTRO_LETTER, told)

    assert [one.serial for one in (first, second, third)] == [1, 2, 3]
    assert third.number == f"{first.register}3号"
    assert case.documents.standing().count() == 2
    with pytest.raises(StepNotAllowed, match="已经作废"):
        void_document(first, reason="再作废", by=cast.clerk, at=LATER)
    with pytest.raises(StepNotAllowed, match="已经作废"):
        deliver(first, cast)


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_once_get_two_numbers_in_a_row(transactional_db):
    cast = make_cast()
    cases = [full_case(cast), full_case(cast)]
    gate, made = Barrier(2), []

    def press(case):
        gate.wait()
        made.append(issue(DocType.INTRO_LETTER, about(cast, case)).serial)
        connection.close()

    threads = [Thread(target=press, args=[case]) for case in cases]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(made) == [1, 2]


def test_pressing_twice_makes_one_document(cast):
    told, pk = about(cast, full_case(cast)), uuid7()

    once, twice = (issue(DocType.INTRO_LETTER, told, pk=pk) for _ in range(2))

    assert once.pk == twice.pk
    assert IssuedDocument.objects.count() == 1


def test_a_failed_issue_takes_no_number(cast, monkeypatch):
    told = about(cast, full_case(cast))
    DocTemplate.objects.create(
        owner=cast.county, doc_type=DocType.INTRO_LETTER, version=1, docx=b"broken", digest="0",
        made_by=cast.officer, made_at=MONDAY, tried_at=MONDAY, in_use=True,
    )  # fmt: skip
    with pytest.raises(Exception, match="zip"):
        issue(DocType.INTRO_LETTER, told)
    DocTemplate.objects.update(in_use=False)

    assert issue(DocType.INTRO_LETTER, told).serial == 1


def test_a_letter_bears_the_number_its_step_took_and_a_new_one_after_a_void(cast):
    case = full_case(cast)
    sent = referred(cast, case)
    told = about(cast, case, referral=sent)
    letter = issue(DocType.REFER_LETTER, told)
    with pytest.raises(StepNotAllowed, match="已经制发"):
        issue(DocType.REFER_LETTER, told)

    void_document(letter, reason="附件漏了", by=cast.clerk, at=LATER)
    again = issue(DocType.REFER_LETTER, told)

    assert letter.number == sent.number
    assert (again.register, again.serial) == (letter.register, letter.serial + 1)


def test_a_notice_stays_in_the_register_of_the_unit_that_gave_it(cast):
    case, notice = undelivered(cast)
    told = about(cast, case, notice=notice)
    elsewhere = type(told)(unit=cast.county, by=cast.officer, at=LATER, case=case, notice=notice)

    assert unit_of(DocType.ACCEPT_NOTICE, elsewhere) == cast.station
    assert unit_of(DocType.INTRO_LETTER, told) == cast.station
    notice.number = "别处受〔2026〕1号"
    assert unit_of(DocType.ACCEPT_NOTICE, elsewhere) == cast.county


# -- what was sent never changes ----------------------------------------------------------------------------


def test_the_kept_file_does_not_change_with_the_case_or_the_template(cast):
    case = full_case(cast)
    document = issue(DocType.OPINION, about(cast, case))
    before = (bytes(document.docx), bytes(document.pdf))
    person = Person.objects.get(parties__case=case, parties__role="PETITIONER")
    person.name = "改了名"
    person.save()
    use_template(tried(cast, DocType.OPINION, renamed()))

    kept = IssuedDocument.objects.get(pk=document.pk)

    assert (bytes(kept.docx), bytes(kept.pdf)) == before
    assert is_whole(kept)
    assert "祝冬雪" in words_of(kept.docx)
    assert "改了名" in words_of(issue(DocType.OPINION, about(cast, case)).docx)


def test_a_file_that_was_exchanged_is_noticed(cast):
    document = issue(DocType.INTRO_LETTER, about(cast, full_case(cast)))

    document.docx = b"exchanged"

    assert not is_whole(document)


def test_the_history_tells_of_it_without_words(cast):
    case = full_case(cast)
    document = issue(DocType.INTRO_LETTER, about(cast, case))
    deliver(document, cast)
    void_document(document, reason="去向写错", by=cast.clerk, at=LATER)

    events = list(case.events.filter(step__in=PaperStep.values).order_by("seq"))

    assert [event.step for event in events] == [PaperStep.ISSUE, PaperStep.DELIVER, PaperStep.VOID]
    assert events[0].facts == {
        "document": str(document.pk),
        "kind": "INTRO_LETTER",
        "number": document.number,
    }
    assert events[2].note.text == "去向写错"


# -- delivery ---------------------------------------------------------------------------------------------


def test_printing_does_not_meet_the_clock_and_delivery_does(cast):
    case, notice = undelivered(cast)
    document = issue(DocType.ACCEPT_NOTICE, about(cast, case, notice=notice))
    as_(cast.clerk).get(reverse("paper_file", args=[document.pk, "pdf"]))
    printed = notice_clock(case)
    deliver(document, cast, Receipt.FAILED, remark="家中无人")
    tried_once = notice_clock(case)

    deliver(document, cast, Receipt.REFUSED, remark="拒收，村委会见证")

    notice.refresh_from_db()
    assert (printed, tried_once, notice_clock(case)) == (
        ClockStatus.RUNNING,
        ClockStatus.RUNNING,
        ClockStatus.MET,
    )
    assert (notice.way, notice.delivered_on) == (DeliveryWay.IN_PERSON, LATER.date())
    assert list(document.deliveries.order_by("at", "pk").values_list("receipt", flat=True)) == [
        "FAILED",
        "REFUSED",
    ]


def test_a_delivery_told_at_the_case_stands_on_the_paper_too(cast):
    case, notice = undelivered(cast)
    document = issue(DocType.ACCEPT_NOTICE, about(cast, case, notice=notice))
    told = {"way": DeliveryWay.POST, "delivered_on": LATER.date(), "remark": "挂号信"}

    handling.record_delivery(notice, by=cast.clerk, at=LATER, **told)

    row = DocumentDelivery.objects.get(document=document)
    assert (row.way, row.receipt, row.remark) == ("POST", "SIGNED", "挂号信")
    deliver(document, cast)  # a second proof is a second row, not a second delivery of the notice
    assert document.deliveries.count() == 2
    assert case.events.filter(step="DELIVER").count() == 1


def test_what_could_not_be_told_is_no_receipt(cast):
    case, notice = undelivered(cast)
    document = issue(DocType.ACCEPT_NOTICE, about(cast, case, notice=notice))

    handling.record_delivery(
        notice, way=DeliveryWay.WAIVED, delivered_on=LATER.date(), remark="没有地址", by=cast.clerk, at=LATER
    )

    assert document.deliveries.get().receipt == Receipt.FAILED
    assert not IssuedDocument.objects.delivered().exists()


# -- a federation's own templates -----------------------------------------------------------------------------


def renamed():
    """Our template of an opinion with another first line."""
    book = Document(BytesIO(our_template(DocType.OPINION)))
    book.paragraphs[0].insert_paragraph_before("本县专用文书 {{ petitioner }}")
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def saying(text, header=""):
    book = Document()
    book.add_paragraph(text)
    if header:
        book.sections[0].header.paragraphs[0].text = header
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(name, content=b"x", template=None):
    out = BytesIO(template or saying("{{ title }}"))
    with ZipFile(out, "a") as book:
        book.writestr(name, content)
    return out.getvalue()


def tried(cast, doc_type, content, *, owner=None, by=None):
    made = add_template(owner or cast.county, doc_type, content=content, by=by or cast.officer, at=MONDAY)
    mark_tried(made, at=MONDAY)
    return DocTemplate.objects.get(pk=made.pk)


def test_units_below_use_their_federations_template_and_it_can_be_put_back(cast):
    case = full_case(cast)
    old = issue(DocType.OPINION, about(cast, case))
    made = add_template(cast.county, DocType.OPINION, content=renamed(), by=cast.officer, at=MONDAY)
    with pytest.raises(StepNotAllowed, match="先试打"):
        use_template(made)
    mark_tried(made, at=MONDAY)
    use_template(made)
    own = issue(DocType.OPINION, about(cast, case))
    second = tried(cast, DocType.OPINION, renamed())
    use_template(second)
    use_template(made)
    assert template_for(cast.station, DocType.OPINION) == made
    use_ours(cast.county, DocType.OPINION)

    again = issue(DocType.OPINION, about(cast, case))

    assert second.version == 2
    assert "本县专用文书祝冬雪" in words_of(own.docx)
    assert (old.template, own.template, again.template) == (None, made, None)
    assert "本县专用文书" not in words_of(again.docx)
    assert template_for(cast.far_station, DocType.OPINION) is None


def test_the_countys_template_goes_before_the_citys(cast):
    use_template(tried(cast, DocType.OPINION, renamed(), owner=cast.city, by=cast.city_officer))
    of_city = template_for(cast.station, DocType.OPINION)
    use_template(tried(cast, DocType.OPINION, renamed()))

    assert of_city.owner == cast.city
    assert template_for(cast.station, DocType.OPINION).owner == cast.county
    assert template_for(cast.city, DocType.OPINION).owner == cast.city


REFUSED = {
    "no file": (b"hello", "不是 .docx"),
    "no document": (with_part("x.xml", template=None)[:60], "不是 .docx"),
    "macros": (with_part("word/vbaProject.bin"), "宏"),
    "controls": (with_part("word/activeX/activeX1.xml"), "控件"),
    "embedded": (with_part("word/embeddings/a.xlsx"), "嵌入"),
    "outside": (
        with_part("word/_rels/more.rels", b'<Relationship TargetMode="External" Target="http://x"/>'), "外部"),
    "entities": (with_part("word/more.xml", b"<!DOCTYPE x []><x/>"), "打不开"),
    "elsewhere": (with_part("word/footnotes.xml", b"<x>{{ title }}</x>"), "脚注"),
    "too big": (b"0" * (2 * 1024 * 1024 + 1), "2 MB"),
    "unknown": (saying("{{ address_now }}"), "不认识的占位符：address_now"),
    "unknown in header": (saying("{{ title }}", header="{{ id_number }}"), "id_number"),
    "unclosed": (saying("{% if title %}"), "成对"),
    "calls": (saying("{{ title.upper() }}"), "Call"),
    "filters": (saying("{{ title|safe }}"), "Filter|占位符"),
    "dunder": (saying("{{ title.__class__ }}"), "没有这一列"),
    "loop over text": (saying("{% for a in title %}{{ a }}{% endfor %}"), "不是清单"),
    "loop over range": (saying("{% for a in range(9) %}{{ a }}{% endfor %}"), "Call|循环"),
    "two targets": (saying("{% for a, b in found %}{{ a }}{% endfor %}"), "Tuple|循环"),
    "settings": (saying("{% set x = 1 %}{{ x }}"), "Assign"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_a_template_that_cannot_serve_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(TemplateRefused, match=sentence):
        check_template(content, OPINION_LAYOUT)


def test_a_zip_without_a_document_is_no_template():
    out = BytesIO()
    with ZipFile(out, "w") as book:
        book.writestr("a.txt", "x")

    with pytest.raises(TemplateRefused, match=r"不是 \.docx"):
        check_template(out.getvalue(), OPINION_LAYOUT)


def test_a_good_template_passes_and_runs_nothing():
    content = saying(
        "{% for line in found %}{{ line }}{% endfor %}{% if not right %}无{% endif %}{{ petitioner }}"
    )

    check_template(content, OPINION_LAYOUT)

    assert "示例信访人" in words_of(fill_docx(content, sample(DocType.OPINION)))


# -- on the screen ------------------------------------------------------------------------------------------


def test_a_document_is_read_changed_and_issued_on_its_page(cast):
    case = full_case(cast)
    client, url = as_(cast.head), reverse("paper_make", args=[case.number, "opinion"])
    page = client.get(url)
    typed = {"document": uuid7(), "demand": "要求", "found": "查明", "opinion": "支持{{ 7*7 }}您"}

    missing = client.post(url, typed | {"opinion": ""})
    preview = client.post(url, typed | {"do": "preview"})
    assert IssuedDocument.objects.count() == 0
    issued = client.post(url, typed | {"do": "issue"})
    again = client.post(url, typed | {"do": "issue"})

    document = IssuedDocument.objects.get()
    assert "祝冬雪" in words(page)
    assert missing.status_code == 422
    assert "支持{{ 7*7 }}您" in words(preview)
    assert issued["Location"] == again["Location"] == reverse("paper", args=[document.pk])
    assert "支持{{7*7}}您" in words_of(document.docx)
    assert "支持{{7*7}}您" not in document.title


@pytest.mark.parametrize(
    ("slug", "shown"),
    [
        ("opinion", {"IDENTITY", "STORY"}),
        ("agency-auth", {"IDENTITY", "STORY", "CONTACT", "ADDRESS"}),
        ("close-report", {"IDENTITY", "STORY", "RESPONDENT"}),
    ],
)
def test_reading_a_draft_is_written_down_as_what_it_shows(cast, slug, shown):
    case = full_case(cast, "CLOSED" if slug == "close-report" else "HANDLING")
    of = f"?of={signed(cast, applied(cast, case)).pk}" if slug == "agency-auth" else ""
    before = Access.objects.latest("pk").pk if Access.objects.exists() else 0

    assert as_(cast.head).get(reverse("paper_make", args=[case.number, slug]) + of).status_code == 200

    read = Access.objects.filter(case=case, staff=cast.head, pk__gt=before)
    assert set(read.values_list("fields", flat=True)) == shown


def test_taking_a_file_is_written_down_and_is_the_very_file(cast):
    case = full_case(cast)
    letter = issue(DocType.REFER_LETTER, about(cast, case, referral=referred(cast, case)))
    client = as_(cast.clerk)
    reads, gone = (
        Access.objects.filter(case=case, kind=AccessKind.PRINT),
        Disclosure.objects.filter(case=case, kind="PRINT"),
    )
    before = (reads.count(), gone.count())

    taken = client.get(reverse("paper_file", args=[letter.pk, "docx"]))

    assert taken.content == bytes(letter.docx)
    assert "祝冬雪" not in taken["Content-Disposition"]
    assert (reads.count(), gone.count()) == (before[0] + 1, before[1] + 1)
    assert gone.latest("at").organisation == cast.police
    assert client.get(reverse("paper_file", args=[letter.pk, "exe"])).status_code == 404


def test_an_inner_paper_is_logged_but_not_disclosed(cast):
    case = full_case(cast)
    record = issue(DocType.INTERVIEW_RECORD, about(cast, case))

    as_(cast.clerk).get(reverse("paper_file", args=[record.pk, "pdf"]))

    assert not Disclosure.objects.filter(case=case, kind="PRINT").exists()
    assert Access.objects.filter(case=case, kind=AccessKind.PRINT).exists()


def test_delivery_and_void_on_the_page(cast):
    case, notice = undelivered(cast)
    document = issue(DocType.ACCEPT_NOTICE, about(cast, case, notice=notice))
    client = as_(cast.clerk)
    today = document.made_at.date().isoformat()
    told = {"way": "IN_PERSON", "receipt": "SIGNED", "delivered_on": today, "receiver": "祝冬雪"}

    wrong = client.post(reverse("paper_deliver", args=[document.pk]), told | {"receiver": ""})
    client.post(reverse("paper_deliver", args=[document.pk]), told)
    delivered = words(client.get(reverse("paper", args=[document.pk])))
    unsaid = client.post(reverse("paper_void", args=[document.pk]), {"reason": ""})
    client.post(reverse("paper_void", args=[document.pk]), {"reason": "写错"})
    late = client.post(reverse("paper_deliver", args=[document.pk]), told)
    twice = client.post(reverse("paper_void", args=[document.pk]), {"reason": "写错"})

    assert (wrong.status_code, unsaid.status_code, late.status_code, twice.status_code) == (
        422,
        422,
        409,
        409,
    )
    assert "已送达，本人签收" in delivered
    assert notice_clock(case) == ClockStatus.MET
    assert IssuedDocument.objects.get(pk=document.pk).is_void


def test_the_office_of_the_conference_issues_its_papers(cast):
    room.fill_members(cast)
    meeting = room.held(cast, [room.screened(cast)])
    office, url = as_(cast.conference), reverse("meeting_paper", args=[meeting.pk, "meeting-notice"])
    office.post(url, {"document": uuid7(), "items": "1. 家暴案件协调", "do": "issue"})
    document = IssuedDocument.objects.get()

    deliver(document, cast)
    page = office.get(reverse("paper", args=[document.pk]))
    taken = office.get(reverse("paper_file", args=[document.pk, "pdf"]))
    void_document(document, reason="时间改了", by=cast.conference, at=LATER)

    assert document.case is None
    assert "已送达" in words(page)
    assert taken.content == bytes(document.pdf)
    assert as_(cast.leader).get(reverse("paper", args=[document.pk])).status_code == 404
    assert document.unit == meeting.host
    assert "纪要印发以后" in words(
        office.get(reverse("meeting_paper", args=[meeting.pk, "meeting-minutes"]), follow=True)
    )


def test_a_paper_of_supervision_is_issued_by_who_supervises(cast):
    found = supervised(cast)
    paper = found.papers.get()
    url = reverse("paper_make", args=[found.case.number, "supervise-notice"]) + f"?of={paper.pk}"
    typed = {"document": uuid7(), "facts": "超期未办", "demand": "请抓紧办理", "do": "issue"}

    refused = as_(cast.clerk).post(url, typed)
    as_(cast.officer).post(url, typed)

    document = IssuedDocument.objects.get()
    assert refused["Location"] == reverse("papers", args=[found.case.number])
    assert document.number == paper.number
    assert "请抓紧办理" in words_of(document.docx)


def test_print_buttons_lead_to_what_was_issued(cast):
    case, notice = undelivered(cast)
    client, url = as_(cast.clerk), reverse("notice_print", args=[case.number, notice.pk])
    before = client.get(url).status_code
    document = issue(DocType.ACCEPT_NOTICE, about(cast, case, notice=notice))

    assert before == 200
    assert client.get(url)["Location"] == reverse("paper", args=[document.pk])
    void_document(document, reason="写错", by=cast.clerk, at=LATER)
    assert client.get(url).status_code == 200


def test_the_register_shows_every_number_once(cast):
    case, _ = undelivered(cast)
    told = about(cast, case)
    first = issue(DocType.INTRO_LETTER, told)
    second = issue(DocType.INTRO_LETTER, told)
    void_document(first, reason="写错", by=cast.clerk, at=LATER)
    client = as_(cast.clerk)

    page = client.get(reverse("paper_register"), {"book": first.register, "year": 2026})
    taken = client.get(reverse("paper_register"), {"book": first.register.replace("信", "受"), "year": 2026})
    other = client.get(reverse("paper_register"), {"unit": cast.other_station.pk})

    text = page.content.decode()
    assert f"<s>{first.number}</s>" in text
    assert text.count(second.number) == 1
    assert "缺号" not in text
    assert "已取号，未制作文书" in words(taken)
    assert other.status_code == 404
    assert as_(cast.officer).get(reverse("paper_register"), {"unit": cast.station.pk}).status_code == 200


def test_the_register_hides_whose_case_it_is_from_who_must_not_see_it(cast):
    document = issue(DocType.INTRO_LETTER, about(cast, full_case(cast)))
    case = document.case
    case.secrecy = "MINOR_SEALED"
    case.save(update_fields=["secrecy"])

    text = words(as_(cast.clerk2).get(reverse("paper_register"), {"book": document.register, "year": 2026}))

    assert document.number in text
    assert case.number not in text


def test_a_template_is_uploaded_tried_and_used_on_its_page(cast):
    client = as_(cast.officer)
    url = reverse("doc_template", args=["opinion"])
    upload = lambda content: SimpleUploadedFile("a.docx", content)  # noqa: E731

    bad = client.post(url, {"docx": upload(saying("{{ nobody }}"))})
    client.post(url, {"docx": upload(renamed())})
    early = client.post(reverse("doc_template_use", args=["opinion", 1]), follow=True)
    before = words(client.get(url))
    tried_out = client.post(reverse("doc_template_try", args=["opinion", 1]), follow=True)
    shown = client.get(reverse("doc_template_try", args=["opinion", 1]))
    client.post(reverse("doc_template_use", args=["opinion", 1]))

    assert bad.status_code == 422
    assert "不认识的占位符：nobody" in words(bad)
    assert "先试打" in words(early)
    assert "待试打" in before
    assert "待试打" not in words(tried_out)
    assert "请下载样张" in words(tried_out)
    assert "本县专用文书示例信访人" in words_of(shown.content)
    assert DocTemplate.objects.get().in_use
    assert as_(cast.head).get(url).status_code == 403


def test_lists_cost_the_same_for_one_document_and_for_three(cast):
    case = full_case(cast)
    client, counts = as_(cast.clerk), []
    for _ in range(3):  # the first visit fills what a process keeps
        issue(DocType.INTRO_LETTER, about(cast, case))
        deliver(issue(DocType.INTERVIEW_RECORD, about(cast, case)), cast)
        for url in (reverse("papers", args=[case.number]), reverse("paper_register")):
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            counts.append(len(queries))

    assert counts[2:4] == counts[4:]
