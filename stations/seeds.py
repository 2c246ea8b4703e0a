"""Rows every installation starts with: kinds of departments and the calendar."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
ANNOUNCED_YEARS = range(2004, 2027)
PUBLISHED = "国务院办公厅历年放假通知（整理）"
COMPUTED = "按法定节假日推算，待放假通知"

DEPARTMENT_KINDS = {
    "POLICE": "公安",
    "PROCURATORATE": "检察院",
    "COURT": "法院",
    "JUSTICE": "司法行政",
    "HR_SOCIAL": "人社",
    "CIVIL_AFFAIRS": "民政",
    "EDUCATION": "教育",
    "HEALTH": "卫健",
    "XINFANG": "信访局",
    "POLITICS_LAW": "政法委/综治中心",
    "AGRICULTURE": "农业农村",
    "TOWNSHIP": "乡镇（街道）",
    "DISCIPLINE": "纪检监察",
    "UNION": "工会",
    "YOUTH": "共青团",
    "DISABLED_FED": "残联",
    "CARE_NEXT": "关工委",
    "VILLAGE": "村（居）委会",
    "HOSPITAL": "医院",
    "SCHOOL": "学校",
    "PSY_ORG": "心理服务机构",
    "LAW_FIRM": "律师事务所",
}

# The models come as arguments: a migration hands in those of its own moment.


def seed_department_kinds(model: Any) -> None:
    """Add the kinds that are missing; a kind renamed by the administrator keeps its name."""
    rows = [
        model(code=code, name=name, sort=(place + 1) * 10)
        for place, (code, name) in enumerate(DEPARTMENT_KINDS.items())
    ]
    model.objects.bulk_create(rows, ignore_conflicts=True)


def seed_calendar(holiday: Any, calendar_year: Any, calendar_version: Any, *, at: datetime) -> None:
    """Enter the published years and the statutory days of the coming ones; days already there stay."""
    rows = [holiday(source=PUBLISHED, **day) for day in _days("holidays.csv")]
    rows += [holiday(source=COMPUTED, **day) for day in _days("statutory_days.csv")]
    holiday.objects.bulk_create(rows, ignore_conflicts=True)
    years = [calendar_year(year=year, source=PUBLISHED) for year in ANNOUNCED_YEARS]
    calendar_year.objects.bulk_create(years, ignore_conflicts=True)
    calendar_version.objects.create(changed_at=at, note="初始数据")


def _days(file: str) -> Iterator[dict[str, Any]]:
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield {"date": date.fromisoformat(row["date"]), "kind": row["kind"], "name": row["name"]}


def seed_checklist(model: Any) -> None:
    """The usual 六有; a federation edits them in the administration."""
    with (DATA / "checklist.csv").open(encoding="utf-8", newline="") as file:
        rows = [row | {"sort": int(row["sort"])} for row in csv.DictReader(file)]
    model.objects.bulk_create([model(**row) for row in rows], ignore_conflicts=True)
