"""An Excel file of an old ledger, opened with care: what it is, which sheets it has, where the head stands."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from cases.forms.ledgers.columns import plain, recognised
from cases.forms.ledgers.grid import Oversized, check_grids

MOST_BYTES = 15_000_000
MOST_UNPACKED = 300_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 80
MOST_SHEETS = 30
HEAD_WITHIN = 15  # rows from the top
KNOWN_TITLES = 3  # fewer make no head
LIMITS = f".xlsx 或 .xls，最大{MOST_BYTES // 1_000_000}兆，每张工作表最多{MOST_ROWS}行、{MOST_COLUMNS}列，不能带宏和密码"

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams as an old file keeps them.
_MACROS, _LOCKED = "_VBA_PROJECT".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")

Cells = list[Any]


class Unreadable(Exception):
    """The file is of no use as it is. The message is a Chinese sentence that says what to do."""


@dataclass(frozen=True)
class SheetOutline:
    """One sheet: its name, how many rows lie below the head, where the head is (from 0) and what stands in it."""

    index: int
    name: str
    rows: int
    head: int
    titles: list[str]


def open_book(data: bytes) -> CalamineWorkbook:
    """Raises Unreadable."""
    if not data:
        raise Unreadable("文件是空的，请重新选择。")
    if len(data) > MOST_BYTES:
        raise Unreadable(f"文件超过{MOST_BYTES // 1_000_000}兆，请按年份拆成几个文件再导入。")
    if not data.startswith((_ZIP, _OLE)):
        raise Unreadable("这不是 Excel 文件。请在 Excel 或 WPS 中另存为 .xlsx 再上传。")
    _refuse_locked_and_macros(data)
    try:
        return CalamineWorkbook.from_filelike(BytesIO(data))
    except PasswordError as error:
        raise Unreadable("文件设有密码。请在 Excel 或 WPS 中去掉密码，另存后再上传。") from error
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable("文件打不开，可能已损坏。请在 Excel 或 WPS 中打开后另存为 .xlsx 再上传。") from error


def _refuse_locked_and_macros(data: bytes) -> None:
    if data.startswith(_OLE):
        if _LOCKED in data:
            raise Unreadable("文件设有密码。请在 Excel 或 WPS 中去掉密码，另存后再上传。")
        has_macros = _MACROS in data
    else:
        has_macros = _unpacked_safely(data)
    if has_macros:
        raise Unreadable("文件带有宏，不能导入。请另存为不带宏的 .xlsx 再上传。")


def _unpacked_safely(data: bytes) -> bool:
    """Whether there are macros in it; a file that would unpack to something huge is refused before it does."""
    try:
        with ZipFile(BytesIO(data)) as packed:
            infos = packed.infolist()
            if sum(info.file_size for info in infos) > MOST_UNPACKED:
                raise Unreadable("文件解开后太大，不能导入。请只保留台账内容，另存后再上传。")
            if any("vbaProject" in info.filename for info in infos):
                return True
            check_grids(packed)
    except Oversized as error:
        raise Unreadable(
            "有一张工作表的内容占得太宽太长，不能导入。请删去表格外面的零星内容，另存后再上传。"
        ) from error
    except (BadZipFile, struct.error, ValueError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise Unreadable("文件打不开，可能没有传完整。请重新上传。") from error
    return False


def outline(data: bytes) -> list[SheetOutline]:
    """The sheets in which a head was found. Raises Unreadable where there is none."""
    book = open_book(data)
    sheets = [
        (index, meta.name)
        for index, meta in enumerate(book.sheets_metadata)
        if meta.typ == SheetTypeEnum.WorkSheet
    ]
    found = [
        told
        for index, name in sheets[:MOST_SHEETS]
        if (told := _outline_of(index, name, book.get_sheet_by_index(index)))
    ]
    if not found:
        raise Unreadable(
            "没有找到表头。请检查：第一行（或标题下面一行）应写有“登记日期、姓名、反映问题”等列名，下面至少有一行内容。"
        )
    return found


def _outline_of(index: int, name: str, sheet: CalamineSheet) -> SheetOutline | None:
    height, width = (end + 1 for end in sheet.end or (-1, -1))
    if width > MOST_COLUMNS:
        raise Unreadable(
            f"工作表“{name}”有{width}列，最多{MOST_COLUMNS}列。请删去空列和不用的列，另存后再上传。"
        )
    if height > MOST_ROWS + HEAD_WITHIN:
        raise Unreadable(f"工作表“{name}”有{height}行，最多{MOST_ROWS}行。请拆成几个文件再导入。")
    rows = _filled(sheet)
    head = _head(rows)
    if head is None:
        return None
    below = sum(1 for row in rows[head + 1 :] if _is_data(row))
    return SheetOutline(index, name, below, head, _titles(rows, head)) if below else None


def _head(rows: list[Cells]) -> int | None:
    """The row among the first ones in which most titles are known; of a head in two rows the lower."""
    counted = [(recognised(map(str, row)), -number) for number, row in enumerate(rows[:HEAD_WITHIN])]
    best, at = max(counted, default=(0, 0))
    if best < KNOWN_TITLES:
        return None
    return -at + 1 if _goes_on(rows, -at + 1) else -at


def _goes_on(rows: list[Cells], number: int) -> bool:
    """Whether this row holds nothing but titles: the second row of a head."""
    said = [str(cell) for cell in rows[number] if str(cell).strip()] if number < len(rows) else []
    return bool(said) and recognised(said) == len(said)


def _titles(rows: list[Cells], head: int) -> list[str]:
    """What stands in the head, and above it where a title reaches over two rows."""
    above = rows[head - 1] if head else []
    return [
        plain(str(cell)) or (plain(str(above[at])) if at < len(above) else "")
        for at, cell in enumerate(rows[head])
    ]


def _filled(sheet: CalamineSheet) -> list[Cells]:
    """All cells; what was merged downwards stands in each of its rows."""
    rows: list[Cells] = sheet.to_python(skip_empty_area=False)
    # Merged cells never lie on one another, unless somebody wrote them so.
    filled, most = 0, sum(map(len, rows))
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top < len(rows) and left < len(rows[top]):
            below = range(top + 1, min(bottom + 1, len(rows)))
            filled += len(below)
            if filled > most:
                raise Unreadable("合并的单元格互相重叠。请取消合并单元格，另存后再上传。")
            for number in below:
                rows[number][left] = rows[top][left]
    return rows


def _is_data(row: Cells) -> bool:
    """More than a lone word: a blank line, a sum or a line for signatures is no entry."""
    said = [cell for cell in row if cell not in ("", None)]
    return len(said) >= KNOWN_TITLES and not str(said[0]).strip().startswith(
        ("合计", "总计", "小计", "填报", "填表")
    )


def table(data: bytes, sheet: SheetOutline) -> list[tuple[int, Cells]]:
    """The rows below the head with their line numbers as Excel counts them. Raises Unreadable."""
    rows = _filled(open_book(data).get_sheet_by_index(sheet.index))
    return [(number + 1, row) for number, row in enumerate(rows) if number > sheet.head and _is_data(row)]
