"""What the demonstration's ledgers hold beside its cases: an old ledger of a station, gone through and not yet imported."""

from dataclasses import asdict
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from cases.actions.ledgers import incoming
from cases.choices import ImportStatus
from cases.deadlines import china_date
from cases.demo.places import MAIN_TOWNSHIP, City
from cases.forms.ledgers.columns import propose
from cases.forms.ledgers.reading import outline, table
from cases.forms.ledgers.rows import How, RowReader
from stations.roles import Role

HEAD = (
    "编号",
    "来访时间",
    "形式",
    "姓名",
    "性别",
    "联系电话",
    "反映问题",
    "问题类别",
    "处理结果",
    "办结时间",
)
# What old books really look like: every year another hand.
ROWS: tuple[tuple[Any, ...], ...] = (
    (
        1,
        "{y}.3.8",
        "来访",
        "祝某荣",
        "女",
        "",
        "婆媳争吵，请人说和",
        "家庭纠纷（婆媳、邻里等）",
        "调解成功",
        "{y}.3.15",
    ),
    (
        2,
        "{y}年4月2日",
        "来电",
        "申屠某兰",
        "女",
        "１３９００００００６１",
        "咨询离婚怎样分房子",
        "离婚问题",
        "当场答复",
        "",
    ),
    (3, "5/20", "来访", "", "", "", "邻居砍了地边的树", "邻里口角", "已调解", "{y}.5.21"),
    (4, "{y}.2.30", "来信", "宗政某", "女", "", "土地分红没有给出嫁的女儿", "集体收益分配", "转镇政府", ""),
    (5, "{y}-06-18", "来访", "左丘某梅", "女", "1390000", "拖欠两个月工资", "拖欠工资", "正在办理", ""),
    (5, "{y}-06-18", "来访", "左丘某梅", "女", "1390000", "拖欠两个月工资", "拖欠工资", "正在办理", ""),
    (
        6,
        "{y}/7/9",
        "走访",
        "百里某英",
        "女",
        "",
        "丈夫外出打工，孩子没有人接送",
        "留守困境",
        "联系学校托管",
        "{y}/7/30",
    ),
    (7, "{y}-08-01", "来访", "东郭某", "女", "", "", "离婚问题", "", ""),
)


def bring_old_ledger(at: datetime) -> None:
    """Uploaded by the head of the first station, checked, and left for her to decide on."""
    city = City.read()
    head = city.with_role(city.stations[MAIN_TOWNSHIP], Role.STATION_HEAD)[0]
    year = china_date(at).year - 1
    data = _file(year)
    [sheet] = outline(data)
    upload = incoming.keep_upload(data, name=f"{year}年台账.xlsx", sheets=[asdict(sheet)], by=head, at=at)
    mapping = propose(sheet.titles, {})
    how: dict[str, Any] = {"anonymous_ok": False, "known_too": False, "default_year": year}
    incoming.order_check(upload, sheet=sheet.index, mapping=mapping, **how)
    reader = RowReader(mapping, How(date(year + 1, 1, 1), default_year=year))
    lines = table(data, sheet)
    incoming.keep_check(upload, (reader.read(*line) for line in lines), total=len(lines), at=at)
    assert upload.status == ImportStatus.CHECKED  # noqa: S101 – a rule of our own


def _file(year: int) -> bytes:
    told = BytesIO()
    with xlsxwriter.Workbook(told) as book:
        page = book.add_worksheet(f"{year}年")
        page.merge_range(0, 0, 0, len(HEAD) - 1, f"{year}年来信来访来电登记台账")
        page.write_row(1, 0, HEAD)
        for number, row in enumerate(ROWS):
            page.write_row(2 + number, 0, [_said(cell, year) for cell in row])
    return told.getvalue()


def _said(cell: Any, year: int) -> Any:
    return cell.format(y=year) if isinstance(cell, str) else cell
