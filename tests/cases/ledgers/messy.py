"""Old ledgers as offices keep them: titles over the head, merged cells, days in every spelling, digits of both widths,
names left out, rows entered twice. Every fault is planted by its number, so that a report can be held against it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import xlsxwriter

from cases.forms.identity import check_character

HEAD = (
    "序号", "登记\n日期", "信访形式", "姓名", "性别", "年龄", "身份证号码", "家庭住址", "联系电话", "人数", "被反映人",
    "反映问题（摘要）", "诉求", "问题类别", "是否家暴", "接访人", "处理情况", "处理结果", "办结时间", "备注",
)  # fmt: skip
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
FIRST_DAY = date(2025, 1, 2)
EVERY = 50

BAD, REPEATED, GOOD = "bad", "repeated", "good"
# What is planted in the rows whose number leaves this rest, and what has to become of them.
PLANTED = {
    1: ("wrong check digit", BAD),
    2: ("no name", BAD),
    3: ("full-width digits", GOOD),
    4: ("2025.3.8", GOOD),
    5: ("2025年3月8日", GOOD),
    6: ("a serial number of Excel", GOOD),
    7: ("3/8 without a year", GOOD),
    8: ("entered twice", REPEATED),
    9: ("a category of their own", BAD),
    10: ("a day that does not exist", BAD),
    11: ("a wrong telephone", GOOD),
    12: ("no matter", BAD),
    13: ("merged with the row below", GOOD),
    15: ("an ID kept as a number", BAD),
    16: ("a day to come", BAD),
    17: ("ended before it began", BAD),
    18: ("still in handling", GOOD),
    19: ("the other sex", GOOD),
}
WARNED = ("a wrong telephone", "the other sex")


def id_number(number: int) -> str:
    """Nobody's: the order number 000 is never given out."""
    born = date(1950, 1, 1) + timedelta(days=number)
    body = f"410423{born:%Y%m%d}000"
    return body + check_character(body)


def clean_row(number: int) -> list[Any]:
    """A row with nothing wrong in it."""
    on = FIRST_DAY + timedelta(days=number % 300)
    return [
        number + 1, on.isoformat(), ("来访", "来信", "来电", "12338", "网络")[number % 5], f"祝冬{chr(0x4E00 + number % 9000)}", "女",
        "", id_number(number), f"下汤镇假设路{number}号", f"139{number:08d}", 1, "秦大勇",
        f"第{number}件：因家庭琐事发生争吵，请求调解。", "希望调解", "离婚问题", "否", "单秀英", "上门调解两次", "调解成功",
        (on + timedelta(days=9)).isoformat(), "",
    ]  # fmt: skip


def planted_row(number: int, before: list[Any]) -> list[Any]:
    row = clean_row(number)
    on = date.fromisoformat(row[1])
    match PLANTED.get(number % EVERY, ("", ""))[0]:
        case "wrong check digit":
            row[6] = row[6][:17] + ("0" if row[6][17] != "0" else "1")
        case "no name":
            row[3] = ""
        case "full-width digits":
            row[6], row[8], row[9] = row[6].translate(WIDE), row[8].translate(WIDE), "１"
        case "2025.3.8":
            row[1] = f"{on.year}.{on.month}.{on.day}"
        case "2025年3月8日":
            row[1] = f"{on.year}年{on.month}月{on.day}日"
        case "a serial number of Excel":
            row[1] = (on - date(1899, 12, 30)).days
        case "3/8 without a year":
            row[1] = f"{on.month}/{on.day}"
        case "entered twice":
            row = [number + 1, *before[1:]]
        case "a category of their own":
            row[13] = "邻里口角"
        case "a day that does not exist":
            row[1] = "2025.2.30"
        case "a wrong telephone":
            row[8] = "1390000"
        case "no matter":
            row[11] = ""
        case "an ID kept as a number":
            row[6] = float(row[6][:17] + "0")
        case "a day to come":
            row[1] = "2031-01-05"
        case "ended before it began":
            row[18] = (on - timedelta(days=400)).isoformat()
        case "still in handling":
            row[17], row[18] = "正在办理", ""
        case "the other sex":
            row[4] = "男"
    return row


def messy_rows(count: int) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for number in range(count):
        rows.append(planted_row(number, rows[-1] if rows else []))
        if number % EVERY == 14 and number:  # its day stands in the cell above, merged over both
            rows[-1][1] = rows[-2][1]
            rows[-1][18] = rows[-2][18]
    return rows


def expected(count: int) -> dict[str, int]:
    """The figures of the report, counted from what was planted."""
    states = Counter(PLANTED.get(number % EVERY, ("", GOOD))[1] for number in range(count))
    warned = sum(PLANTED.get(number % EVERY, ("", ""))[0] in WARNED for number in range(count))
    return {
        "total": count,
        "good": states[GOOD],
        "bad": states[BAD],
        "repeated": states[REPEATED],
        "known": 0,
        "warned": warned,
    }


def messy_ledger(count: int) -> bytes:
    """The whole file: a merged title, a line with the unit, the head, the rows, a sum and a line for signatures."""
    rows = messy_rows(count)
    told = BytesIO()
    with xlsxwriter.Workbook(told, {"strings_to_numbers": False}) as book:
        page = book.add_worksheet("2025年")
        page.merge_range(0, 0, 0, len(HEAD) - 1, "下汤镇2025年来信来访来电登记台账")
        page.merge_range(1, 0, 1, len(HEAD) - 1, "填报单位：下汤镇妇联")
        page.write_row(2, 0, HEAD)
        for number, row in enumerate(rows):
            page.write_row(3 + number, 0, row)
            if number % EVERY == 14 and number:
                page.merge_range(2 + number, 1, 3 + number, 1, row[1])
        page.write_row(3 + count, 0, ["合计", "", "", count, count])
        page.merge_range(4 + count, 0, 4 + count, len(HEAD) - 1, "填表人：        负责人：")
        book.add_worksheet("说明").write(0, 0, "本表由各站填写")
    return told.getvalue()


def small_ledger(*rows: Sequence[Any], head: Sequence[str] = HEAD) -> bytes:
    """A tidy file with just these rows."""
    told = BytesIO()
    with xlsxwriter.Workbook(told) as book:
        page = book.add_worksheet("台账")
        page.write_row(0, 0, head)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, datetime | date):
                    page.write_datetime(1 + number, at, cell, day)
                else:
                    page.write(1 + number, at, cell)
    return told.getvalue()


def row_with(number: int = 0, **cells: Any) -> list[Any]:
    """A clean row with some cells changed, named by the head of their column."""
    row = clean_row(number)
    for name, cell in cells.items():
        row[HEAD.index(NAMES.get(name, name))] = cell
    return row


NAMES = {
    "received": "登记\n日期", "form": "信访形式", "name": "姓名", "sex": "性别", "age": "年龄", "id_number": "身份证号码",
    "address": "家庭住址", "phone": "联系电话", "persons": "人数", "respondent": "被反映人", "facts": "反映问题（摘要）",
    "category": "问题类别", "dv": "是否家暴", "result": "处理结果", "ended": "办结时间", "remark": "备注", "serial": "序号",
}  # fmt: skip
