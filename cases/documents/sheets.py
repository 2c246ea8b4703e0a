"""Excel sheets in the offices' own layout: title, unit and period, head, rows, notes, the line for signatures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from itertools import groupby
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

SIGNATURES = "填报单位（盖章）：            负责人：            填表人：            填报日期：    年  月  日"


class Kind(StrEnum):
    """What a column holds. An ID number is TEXT: Excel keeps fifteen digits of a number."""

    TEXT = "@"
    NUMBER = "0"
    RATE = "0.0%"
    DATE = "yyyy-mm-dd"
    MOMENT = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True)
class Column:
    """`group` is the head over several neighbouring columns; the width is in characters of the office's usual hand."""

    title: str
    width: float = 10
    kind: Kind = Kind.TEXT
    group: str = ""


@dataclass(frozen=True)
class Sheet:
    """Rows are lists of text, numbers, dates and naive local moments; None is an empty cell, text is never a formula."""

    name: str
    title: str
    unit: str
    period: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[str] = field(default_factory=tuple)


def workbook(sheets: Iterable[Sheet], *, watermark: str) -> bytes:
    """The .xlsx file; the watermark, e.g. the reader's unit and the moment, stands in the foot of every printed page.

    Written row by row: memory does not grow with the number of rows.
    """
    told = BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": True,
    }
    with xlsxwriter.Workbook(told, options) as book:
        styles = _Styles(book)
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name[:31]), sheet, styles, watermark)
    return told.getvalue()


class _Styles:
    def __init__(self, book: Workbook) -> None:
        edge = {"border": 1, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
        self.title = book.add_format({"bold": True, "align": "center", "font_name": "黑体", "font_size": 16})
        self.line = book.add_format({"font_name": "宋体", "font_size": 10})
        self.note = book.add_format({"font_name": "宋体", "font_size": 9, "text_wrap": True, "valign": "top"})
        self.head = book.add_format({**edge, "bold": True, "align": "center", "text_wrap": True})
        self.cells: dict[Kind, Format] = {
            kind: book.add_format(
                {**edge, "num_format": kind.value, "text_wrap": kind == Kind.TEXT, "align": _ALIGN[kind]}
            )
            for kind in Kind
        }


_ALIGN = {
    Kind.TEXT: "left",
    Kind.NUMBER: "right",
    Kind.RATE: "right",
    Kind.DATE: "center",
    Kind.MOMENT: "center",
}


def _write(page: Worksheet, sheet: Sheet, styles: _Styles, watermark: str) -> None:
    last = max(len(sheet.columns) - 1, 1)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L{watermark.replace('&', '&&')}&R第 &P 页 共 &N 页")
    page.merge_range(0, 0, 0, last, sheet.title, styles.title)
    page.merge_range(1, 0, 1, last, f"单位：{sheet.unit}    期间：{sheet.period}", styles.line)
    row = _write_head(page, sheet, styles)
    page.freeze_panes(row, 0)
    page.repeat_rows(0, row - 1)
    formats = [styles.cells[column.kind] for column in sheet.columns]
    for values in sheet.rows:
        for at, (value, look) in enumerate(zip(values, formats, strict=True)):
            _put(page, row, at, value, look)
        row += 1
    for note in sheet.notes:
        page.merge_range(row, 0, row, last, note, styles.note)
        row += 1
    page.merge_range(row, 0, row, last, SIGNATURES, styles.line)
    page.merge_range(row + 1, 0, row + 1, last, watermark, styles.line)


def _write_head(page: Worksheet, sheet: Sheet, styles: _Styles) -> int:
    """The head, in two rows where columns are grouped; the first row after it."""
    top = 2
    if not any(column.group for column in sheet.columns):
        for at, column in enumerate(sheet.columns):
            page.write_string(top, at, column.title, styles.head)
        return top + 1
    at = 0
    # Row by row, as constant memory asks: the groups first, then what stands under them.
    for group, columns in groupby(sheet.columns, key=lambda column: column.group):
        wide = len(list(columns))
        if group and wide > 1:
            page.merge_range(top, at, top, at + wide - 1, group, styles.head)
        else:
            for place in range(at, at + wide):
                page.write_string(top, place, group, styles.head)
        at += wide
    for place, column in enumerate(sheet.columns):
        page.write_string(top + 1, place, column.title, styles.head)
    return top + 2


def _put(page: Worksheet, row: int, at: int, value: Any, look: Format) -> None:
    if value is None or value == "":
        page.write_blank(row, at, None, look)
    elif isinstance(value, str):
        page.write_string(row, at, value, look)
    elif isinstance(value, bool | int | float):
        page.write_number(row, at, value, look)
    else:
        page.write_datetime(row, at, value, look)
