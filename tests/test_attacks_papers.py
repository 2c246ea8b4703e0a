"""What somebody with a valid account tries on papers, ledgers, figures, assessment and archive, each named by the
attack."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from django.urls import reverse
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from lxml import html

from cases.actions.archive import classes
from cases.actions.assessment import corrections, rounds
from cases.actions.guarding.bars import bar_person, bar_unit
from cases.actions.guarding.secrecy import seal_case
from cases.actions.ledgers import export as exporting
from cases.actions.ledgers import incoming
from cases.choices import AccessKind, BarKind, DocType, Retention
from cases.choices.assessment import RoundStep
from cases.documents import KINDS, TemplateRefused, check_template, our_template
from cases.forms.ledgers.reading import Unreadable, outline
from cases.models import Access, Correction, CorrectionReport, IssuedDocument, Reclass
from cases.models.ledger import LedgerImport, LedgerMemory
from cases.permissions import why_not_void
from cases.permissions.assessment import why_not_round
from cases.statistics.figures.reports import REPORTS
from cases.statistics.figures.rollup import refresh
from cases.workflow import StepNotAllowed
from stations.actions import standing
from stations.models import Honour, Staff, Volunteer
from tests.archive import scene
from tests.cases import assessing, papers, room
from tests.cases.conftest import clock
from tests.cases.ledgers.test_export import made, rows_of
from tests.cases.pages import LATER, as_, at_once, words
from tests.cases.supervising import supervised
from tests.cast import MONDAY, make_cast
from tests.factories import make_case
from weiquan.sealing import uuid7

__all__ = ["clock"]
HOUR = timedelta(hours=1)

# Files that come in -----------------------------------------------------------------------------------------------


def a_ledger() -> bytes:
    told = BytesIO()
    with xlsxwriter.Workbook(told) as book:
        sheet = book.add_worksheet("台账")
        sheet.write_row(0, 0, ["登记日期", "姓名", "反映问题", "联系电话"])
        sheet.write_row(1, 0, ["2025-03-01", "祝冬雪", "因家庭琐事争吵", "13900000000"])
    return told.getvalue()


def exchanged(book: bytes, *, name: str = "", by: str = "", **parts: bytes | None) -> bytes:
    """A zip with one part under another name, and others (slashes written `__`) exchanged, added or taken out."""
    told, wanted = BytesIO(), {key.replace("__", "/"): value for key, value in parts.items()}
    with ZipFile(BytesIO(book)) as old, ZipFile(told, "w", ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename not in wanted:
                new.writestr(by if info.filename == name else info.filename, old.read(info))
        for key, content in wanted.items():
            if content is not None:
                new.writestr(key, content)
    return told.getvalue()


def with_rows(rows: str) -> bytes:
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    return exchanged(a_ledger(), **{"xl/worksheets/sheet1.xml": sheet.encode()})


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='a1'><v>1</v></c></row><row r='9'><c r='&#88;FD300'><v>1</v></c></row>",
        '<x:row xmlns:x="urn:x" r="1000000"><x:c/><x:c/><x:c/><x:c/><x:c><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_a_file_of_a_kilobyte_that_asks_for_all_memory_is_refused_before_it_is_opened(rows):
    with pytest.raises(Unreadable, match="太宽太长"):
        outline(with_rows(rows))


def test_a_stray_format_far_out_is_no_attack():
    far = '<c r="XFD2" s="1"/></row></sheetData>'
    with ZipFile(BytesIO(a_ledger())) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    told = sheet.replace("</row></sheetData>", far).encode()

    assert outline(exchanged(a_ledger(), **{"xl/worksheets/sheet1.xml": told}))[0].rows == 1


@pytest.mark.parametrize(
    "book",
    [
        exchanged(a_ledger(), name="xl/worksheets/sheet1.xml", by="xl/worksheets/sheet1.dat"),
        exchanged(a_ledger(), name="xl/workbook.xml", by="xl/workbook.bin"),
        exchanged(a_ledger(), **{"content.xml": b"<office/>"}),
        exchanged(a_ledger(), **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData></worksheet>"}),
    ],
    ids=["a sheet under another name", "another workbook", "another format within", "a broken sheet"],
)
def test_a_sheet_is_not_smuggled_past_the_measuring(book):
    with pytest.raises(Unreadable, match="打不开"):
        outline(book)


def test_cells_merged_over_one_another_a_million_times_are_not_filled_a_million_times():
    merged = '<mergeCell ref="A1:A2"/>' * 50
    with ZipFile(BytesIO(a_ledger())) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    told = sheet.replace("</sheetData>", f"</sheetData><mergeCells>{merged}</mergeCells>").encode()

    with pytest.raises(Unreadable, match="互相重叠"):
        outline(exchanged(a_ledger(), **{"xl/worksheets/sheet1.xml": told}))


def a_template(text: str = "{{ petitioner }}", inner: str = "") -> bytes:
    book = Document()
    book.add_paragraph(text)
    if inner:
        book.element.body.insert(
            0, parse_xml(f"<w:p {nsdecls('w', 'r')} xmlns:v='urn:schemas-microsoft-com:vml'>{inner}</w:p>")
        )
    told = BytesIO()
    book.save(told)
    return told.getvalue()


def in_part(book: bytes, name: str, old: bytes, new: bytes) -> bytes:
    with ZipFile(BytesIO(book)) as parts:
        content = parts.read(name)
    assert old in content
    return exchanged(book, **{name: content.replace(old, new)})


REL, RELS = b"</Relationships>", "word/_rels/document.xml.rels"
OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
CORE, CORE_TYPE = "docProps/core.xml", b"application/vnd.openxmlformats-package.core-properties+xml"
CREATOR = b"<dc:creator>python-docx</dc:creator>"
RUNS = b"{{ 'a' * 9999999999 }}"


def related(kind: bytes, rest: bytes) -> bytes:
    return in_part(
        a_template(), RELS, REL, b"<Relationship Id='x9' Type='" + OFFICE + kind + b"' " + rest + b"/>" + REL
    )


def field(*words: str) -> str:
    said = "".join(f"<w:r><w:instrText>{word}</w:instrText></w:r>" for word in words)
    return f'<w:r><w:fldChar w:fldCharType="begin"/></w:r>{said}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


TEMPLATES = {
    "a picture from elsewhere, in other quotes": (
        related(b"image", b"Target='http://x/a.png' TargetMode = 'External'"), "外部"),
    "a template from elsewhere, in character references": (
        related(b"settings", b"Target='http://x/a.dotm' TargetMode='&#69;xternal'"), "外部"),
    "a page brought in": (
        exchanged(related(b"aFChunk", b"Target='a.xml'"), **{"word/a.xml": b"<html/>"}), "嵌入"),
    "an object under another name": (
        exchanged(related(b"oleObject", b"Target='a.xml'"), **{"word/a.xml": b"<a/>"}), "嵌入"),
    "a field that fetches": (a_template(inner=field(' INCLUDEPICTURE "http://x/a.png" ')), "INCLUDEPICTURE"),
    "a field that runs, in two pieces": (a_template(inner=field("DDE", "AUTO c:\\\\cmd.exe")), "DDEAUTO"),
    "a field put together from another": (a_template(inner=field("QUOTE 68 68 69")), "QUOTE"),
    "a simple field that fetches": (
        a_template(inner='<w:fldSimple w:instr="INCLUDETEXT http://x"/>'), "INCLUDETEXT"),
    "an old picture from elsewhere": (
        a_template(inner='<w:r><w:pict><v:imagedata src="http://x/a.png"/></w:pict></w:r>'), "外部"),
    "a sum in the author's name": (
        in_part(a_template(), CORE, CREATOR, CREATOR.replace(b"python-docx", RUNS.replace(b"{", b"&#123;"))), "占位符"),
    "loops in loops": (
        a_template("{% for a in found %}{% for b in found %}{{ b }}{% endfor %}{% endfor %}"), "循环里面"),
    "a story a hundred thousand times": (a_template("{{ petitioner }}" * 2001), "超过2000"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_smuggles_nothing_in_that_is_fetched_or_run_later(content, sentence):
    with pytest.raises(TemplateRefused, match=sentence):
        check_template(content, KINDS[DocType.OPINION].layout)


def test_a_sum_in_a_footnote_whose_part_has_another_name_is_not_reckoned():
    kind = b"application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    book = exchanged(
        related(b"footnotes", b"Target='notes.txt'"), **{"word/notes.txt": b"<x>" + RUNS + b"</x>"}
    )
    typed = b'<Override PartName="/word/notes.txt" ContentType="' + kind + b'"/></Types>'
    book = in_part(book, "[Content_Types].xml", b"</Types>", typed)

    with pytest.raises(TemplateRefused, match="占位符"):
        check_template(book, KINDS[DocType.OPINION].layout)


def test_every_template_of_ours_still_passes():
    for doc_type, kind in KINDS.items():
        check_template(our_template(doc_type), kind.layout)


# A file that waits on the server ----------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", ["herself", "her unit", "sealed"])
def test_a_file_made_before_a_case_was_closed_to_her_is_not_fetched_after_it(cast, clock, closed):
    minor = closed == "sealed"
    case = make_case(cast, "HANDLING", involves_minor=minor)
    export = made(cast.other_head if minor else cast.head, opened=not minor)
    if minor:
        export = made(cast.officer)
    clock.at = LATER + HOUR
    assert exporting.download(export, by=export.by, at=clock.at)

    if closed == "sealed":
        seal_case(case, by=cast.clerk, at=clock.at)
    elif closed == "herself":
        bar_person(case, cast.head, kind=BarKind.BLOCKED, reason="被反映", by=cast.officer, at=clock.at)
    else:
        bar_unit(case, cast.station, kind=BarKind.ACCUSED, reason="被反映", by=cast.officer, at=clock.at)

    page = as_(export.by).get(reverse("ledger_export_file", args=[export.pk]), follow=True)
    assert page.redirect_chain
    assert exporting.GONE in words(page)


def test_what_was_closed_from_the_beginning_takes_no_file_away(cast, clock):
    export = made(cast.head)
    late = make_case(cast, "HANDLING", at=LATER + HOUR)
    bar_person(late, cast.head, kind=BarKind.BLOCKED, reason="被反映", by=cast.officer, at=LATER + 2 * HOUR)

    assert exporting.download(export, by=cast.head, at=LATER + 3 * HOUR)


# Papers of others -------------------------------------------------------------------------------------------------


def test_a_station_does_not_declare_void_what_presses_it(cast, clock):
    clock.at = LATER
    found = supervised(cast)
    told = papers.about(cast, found.case, paper=found.papers.get())
    notice = papers.issue(DocType.SUPERVISE_NOTICE, told)

    page = as_(cast.head).post(reverse("paper_void", args=[notice.pk]), {"reason": "不服"})

    assert notice.unit == cast.county
    assert page.status_code == 403
    assert IssuedDocument.objects.standing().count() == 1
    assert why_not_void(cast.leader, notice) == ""
    own = papers.issue(DocType.INTRO_LETTER, papers.about(cast, found.case))
    assert why_not_void(cast.head, own) == why_not_void(cast.officer, own) == ""
    assert why_not_void(cast.other_head, own)


def test_the_register_tells_the_one_complained_of_nothing_but_the_number(cast, clock):
    clock.at = LATER
    case = make_case(cast, "HANDLING")
    letter = papers.issue(DocType.INTRO_LETTER, papers.about(cast, case))
    bar_person(case, cast.head, kind=BarKind.BLOCKED, reason="被反映", by=cast.officer, at=LATER)

    page = words(as_(cast.head).get(reverse("paper_register"), {"book": letter.register, "year": 2026}))

    assert letter.number in page
    assert "不在您的查阅范围" in page
    assert cast.clerk.name not in page.partition(letter.number)[2]
    assert DocType.INTRO_LETTER.label not in page.partition(letter.number)[2]


def test_the_id_of_another_cases_document_tells_nothing_of_it(cast, clock):
    clock.at = LATER
    theirs = papers.issue(DocType.INTRO_LETTER, papers.about(cast, make_case(cast, "HANDLING")))
    mine = make_case(cast, "HANDLING")
    typed = {"document": theirs.pk, "do": "issue", "purpose": "了解情况", "matter": "了解情况"}

    page = as_(cast.head).post(reverse("paper_make", args=[mine.number, "intro-letter"]), typed)

    assert theirs.number not in words(page)
    with pytest.raises(StepNotAllowed, match="已经用过"):
        papers.issue(DocType.INTRO_LETTER, papers.about(cast, mine), pk=theirs.pk)
    assert papers.issue(DocType.INTRO_LETTER, papers.about(cast, mine), pk=uuid7()).case == mine


# Two at once ------------------------------------------------------------------------------------------------------


def told_of(call):
    try:
        return call()
    except (StepNotAllowed, standing.Refused) as refusal:
        return str(refusal)


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_to_keep_a_file_shorter_at_once(transactional_db):
    cast = make_cast()
    file = scene.filed(cast, retention=Retention.Y30)
    asks = [
        lambda who=who: told_of(
            lambda: classes.change_class(
                scene.again(file), retention=Retention.Y10, words="按表", by=who, at=LATER
            )
        )
        for who in (cast.archivist, cast.leader)
    ]

    answers = at_once(*asks)

    assert sorted(isinstance(one, Reclass) for one in answers) == [False, True]
    assert any("等待复核" in str(one) for one in answers)


@pytest.mark.django_db(transaction=True)
def test_two_who_give_one_account_to_two_volunteers_at_once(transactional_db):
    cast = make_cast()
    gives = [lambda: told_of(lambda: assessing.checked(cast.volunteer, cast.station, by=cast.head))] * 2

    answers = at_once(*gives)

    assert sorted(isinstance(one, Volunteer) for one in answers) == [False, True]
    assert any("别的志愿者" in str(one) for one in answers)


@pytest.mark.django_db(transaction=True)
def test_two_who_say_what_the_columns_are_at_once_are_both_remembered(transactional_db):
    cast = make_cast()
    sheets = [{"index": 0, "name": "台账", "rows": 1, "head": 0, "titles": ["甲", "乙"]}]
    uploads = [
        incoming.keep_upload(data, name="a.xlsx", sheets=sheets, by=cast.head, at=MONDAY)
        for data in (b"one", b"two")
    ]
    rest = {"sheet": 0, "anonymous_ok": False, "known_too": False, "default_year": None}
    checks = [
        lambda pk=upload.pk, at=at: told_of(
            lambda: incoming.order_check(LedgerImport.objects.get(pk=pk), mapping={f"x{at}": at}, **rest)
        )
        for at, upload in enumerate(uploads)
    ]

    assert at_once(*checks) == [None, None]
    assert LedgerMemory.objects.get().titles == {"甲": "x0", "乙": "x1"}


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_one_correction_at_once(transactional_db):
    cast = make_cast()
    due = {"what": "补齐登记", "due_on": MONDAY.date() + timedelta(days=30), "indicator": None}
    task = corrections.set_correction(assessing.published(cast), **due, by=cast.officer, at=MONDAY)
    seen = [Correction.objects.select_related("round__station__region").get(pk=task.pk) for _ in range(2)]
    answers = [
        lambda one=one: told_of(
            lambda: corrections.answer_correction(one, text="已补齐", by=cast.head, at=LATER)
        )
        for one in seen
    ]

    told = at_once(*answers)

    assert sorted(isinstance(one, CorrectionReport) for one in told) == [False, True]
    assert any("刚刚有了变化" in str(one) for one in told)
    assert CorrectionReport.objects.count() == 1


# A station's name and points --------------------------------------------------------------------------------------

NAMED = {"kind": "MODEL", "document_number": "平妇〔2026〕1号", "valid_from": MONDAY.date(), "valid_to": None}


def test_the_same_name_for_ever_twice_is_told(cast, clock):
    clock.at = LATER
    typed = {name: str(value or "") for name, value in NAMED.items()}
    client, address = as_(cast.leader), reverse("station_honours", args=[cast.station.pk])

    once, twice = (client.post(address, typed) for _ in range(2))

    assert (once.status_code, twice.status_code) == (302, 422)
    assert "已经记过" in words(twice)


def test_a_county_does_not_take_back_what_the_city_named(cast, clock):
    clock.at = LATER
    honour = standing.name_station(cast.station, **NAMED, by=cast.city_leader, at=LATER)
    typed = {"withdraw-on": MONDAY.date().isoformat(), "withdraw-why": "不服"}
    address = reverse("honour_withdraw", args=[cast.station.pk, honour.pk])

    page = as_(cast.leader).post(address, typed)

    assert (page.status_code, "由上级撤销" in words(page)) == (422, True)
    assert Honour.objects.get().withdrawn_on is None
    assert as_(cast.city_leader).post(address, typed).status_code == 302
    assert Honour.objects.get().withdrawn_on == MONDAY.date()


def test_who_scored_for_the_station_does_not_judge_the_round_that_corrects_it(cast):
    found = assessing.published(cast)
    new = rounds.correct(found, note="有误", by=cast.city_leader, at=LATER)
    Staff.objects.filter(pk=cast.head.pk).update(organisation=cast.city, roles=["COUNTY_LEADER"])
    moved = Staff.objects.get(pk=cast.head.pk)

    assert why_not_round(cast.city_leader, RoundStep.PUBLISH, new) == ""
    assert "自评是您做的" in why_not_round(moved, RoundStep.PUBLISH, new)


# Figures ----------------------------------------------------------------------------------------------------------


def test_a_reader_from_outside_does_not_subtract_one_day(cast, clock):
    """Two spans a day apart, each with figures too large to be hidden, tell what happened on that day."""
    clock.at = LATER
    asked = {"span": "span", "first": "2026-11-01", "last": "2026-11-15"}

    assert as_(cast.conference).get(reverse("reports"), asked).status_code == 422
    assert as_(cast.conference).get(reverse("report_file"), asked).status_code == 404
    assert as_(cast.officer).get(reverse("reports"), asked).status_code == 200


MONTH = {"span": "month", "year": "2026", "month": "11"}
SPANS = (
    MONTH,
    {"span": "year", "year": "2026"},
    {"span": "span", "first": "2026-11-15", "last": "2026-11-17"},
)


def figures_of(client) -> list[str]:
    """Everything that stands in the tables of every report she gets."""
    told = []
    for report in REPORTS:
        for span in SPANS:
            page = html.fromstring(client.get(reverse("reports"), {"report": report, **span}).content)
            told += [
                f"{report} {span['span']} {' '.join(one.text_content().split())}"
                for one in page.xpath("//table")
            ]
    return told


@pytest.mark.parametrize("who", ["herself", "her unit"])
def test_the_one_complained_of_does_not_find_the_case_by_counting(cast, clock, who):
    make_case(cast, "CLOSED")
    clock.at = MONDAY + timedelta(days=40)
    refresh(clock.at)
    client = as_(cast.head)
    before = figures_of(client)
    case = make_case(cast, "CLOSED", involves_dv=True)
    refresh(clock.at, anew=True)
    assert figures_of(client) != before
    page = client.get(reverse("reports"), MONTH).content
    link = html.fromstring(page).xpath("//td/a/@href")[0]
    assert case.number in words(client.get(link))

    kept = {"reason": "被反映", "by": cast.officer, "at": clock.at}
    if who == "herself":
        bar_person(case, cast.head, kind=BarKind.BLOCKED, **kept)
    else:
        bar_unit(case, cast.station, kind=BarKind.ACCUSED, **kept)

    assert figures_of(client) == before
    seen = words(client.get(link))
    assert "此数为1，其中您能看到的合计1" in seen
    assert case.number not in seen


# Words of a case in a ledger that is about none -------------------------------------------------------------------


def test_what_the_conference_said_of_a_case_is_not_read_in_its_ledger_without_a_trace(cast, clock):
    clock.at = LATER + timedelta(days=7)
    item = room.decided(cast, make_case(cast, "HANDLING")).resolution.item
    address = reverse("ledgers")

    page = words(as_(cast.officer).get(address, {"ledger": "CONFERENCE"}))
    masked = str(rows_of(made(cast.officer, "CONFERENCE")))
    before = Access.objects.filter(case=item.case, kind=AccessKind.EXPORT).count()
    opened = str(rows_of(made(cast.officer, "CONFERENCE", opened=True)))

    assert item.case_id
    assert item.meeting.title in page
    assert item.title not in page + masked
    assert item.title in opened
    assert before == 0
    assert Access.objects.filter(case=item.case, kind=AccessKind.EXPORT, staff=cast.officer).count() == 1
