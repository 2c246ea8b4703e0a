"""What somebody with a valid account tries on papers, ledgers, figures, assessment and archive, each named by the
attack."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from cases.choices import DocType
from cases.documents import KINDS, TemplateRefused, check_template, our_template
from cases.forms.ledgers.reading import Unreadable, outline
from tests.cases.conftest import clock

__all__ = ["clock"]

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
