"""What somebody with a valid account tries on papers, ledgers, figures, assessment and archive, each named by the
attack."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

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
