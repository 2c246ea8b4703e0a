"""One row of an old ledger as domain values, with what is wrong with it in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from cases.choices import AgeBand, Channel, Sex
from cases.forms.fields import clean_text
from cases.forms.identity import phone_flaw, read_id_number, tidy_phone
from cases.forms.ledgers.columns import BY_CODE
from cases.forms.ledgers.values import (
    Misread,
    half,
    is_unfinished,
    read_channel,
    read_count,
    read_moment,
    read_occurrence,
    read_outcome,
    read_risk,
    read_sex,
    read_yes,
    text_of,
)
from cases.models import CodeSet
from cases.models.code import code_items

MOST_WORDS = 8000
MOST_PERSONS = 5000
NAMELESS = ("", "无", "匿名", "不详", "未知", "保密", "/", "-")
EARLIEST = 1980
CODED = {
    "ethnicity": CodeSet.ETHNICITY,
    "education": CodeSet.EDUCATION,
    "marital": CodeSet.MARITAL,
    "occupation": CodeSet.OCCUPATION,
}
# What has no field of its own is kept as it was written, in one record of the case.
KEPT = (
    *(
        "number",
        "risk",
        "receiver",
        "instruction",
        "method",
        "handler",
        "referred",
        "due",
        "progress",
        "result",
    ),
    *("replied", "satisfaction", "visit", "archive", "remark", "characteristics"),
)


@dataclass(frozen=True)
class How:
    """What was decided about a file before it is read."""

    today: date
    anonymous_ok: bool = False
    default_year: int | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass
class ReadRow:
    """`values` is JSON; without faults it can be imported. `unknown` are words that have to be mapped first."""

    line: int
    values: dict[str, Any]
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)

    @property
    def said(self) -> str:
        """What makes two rows the same: the day, who, and what about."""
        told = self.values
        who = told.get("id_number") or "".join(told.get("phones", ())) or told.get("name", "")
        return "|".join((told.get("received", "")[:10], told.get("name", ""), who, told.get("facts", "")))


class RowReader:
    """Reads the cells of one sheet by its mapping. One for a whole sheet: lists are looked up once."""

    def __init__(self, mapping: Mapping[str, int], how: How) -> None:
        self.mapping, self.how = mapping, how

    @cached_property
    def categories(self) -> dict[str, str]:
        """Names of both levels to codes; a name that several have in common, such as 其他, to none."""
        items = {item.code: item for item in code_items(CodeSet.MATTER_CATEGORY)}
        found: dict[str, str] = {}
        for item in items.values():
            parent = items.get(item.parent)
            for name in (item.name, f"{parent.name}/{item.name}" if parent else item.name, item.code):
                name = half(name)
                found[name] = "" if found.get(name, item.code) != item.code else item.code
        return found

    @cached_property
    def codes(self) -> dict[str, dict[str, str]]:
        return {
            name: {half(item.name): item.code for item in code_items(kind)} for name, kind in CODED.items()
        }

    def cell(self, cells: list[Any], code: str) -> Any:
        at = self.mapping.get(code)
        return cells[at] if at is not None and at < len(cells) else None

    def words(self, cells: list[Any], code: str) -> str:
        return clean_text(text_of(self.cell(cells, code)))[:MOST_WORDS]

    def read(self, line: int, cells: list[Any]) -> ReadRow:
        row = ReadRow(line, {})
        self._when(row, cells)
        self._who(row, cells)
        self._how_it_came(row, cells)
        self._what(row, cells)
        self._end(row, cells)
        kept = [(BY_CODE[code].label, words) for code in KEPT if (words := self.words(cells, code))]
        row.values["kept"] = [*row.values.pop("lost", []), *kept]
        return row

    def _moment(self, row: ReadRow, cells: list[Any], code: str) -> datetime | None:
        label = BY_CODE[code].label
        try:
            found = read_moment(self.cell(cells, code), year=self.how.default_year)
        except Misread as misread:
            row.faults.append(f"{label}：{misread}")
            return None
        if found is None:
            return None
        if found.date() > self.how.today:
            row.faults.append(f"{label}晚于今天，请核对")
        elif found.year < EARLIEST:
            row.faults.append(f"{label}的年份不对，请核对")
        return found

    def _when(self, row: ReadRow, cells: list[Any]) -> None:
        received = self._moment(row, cells, "received")
        if received is not None:
            row.values["received"] = received.isoformat()
        elif not row.faults:
            row.faults.append("没有登记日期")

    def _who(self, row: ReadRow, cells: list[Any]) -> None:
        self._name(row, cells)
        sex = read_sex(self.cell(cells, "sex"))
        born = self._id_number(row, cells, sex)
        row.values["age_band"] = self._age_band(row, cells, born)
        self._phones(row, cells)
        row.values["address"] = self.words(cells, "address")
        for name, names in self.codes.items():
            self._coded(row, cells, name, names)
        respondent = self.words(cells, "respondent")
        row.values["respondent"] = respondent[:50]

    def _name(self, row: ReadRow, cells: list[Any]) -> None:
        name = self.words(cells, "name")
        if half(name) in NAMELESS:
            name = ""
            if self.how.anonymous_ok:
                row.warnings.append("没有姓名，按匿名导入")
            else:
                row.faults.append("没有姓名。确是匿名的，点“重新对应各列”，勾选“没有姓名的按匿名导入”")
        elif len(name) > 50:
            row.faults.append("姓名超过50字，请核对是不是填错了列")
        row.values["name"] = name

    def _id_number(self, row: ReadRow, cells: list[Any], sex: Sex) -> date | None:
        cell = self.cell(cells, "id_number")
        row.values["sex"], row.values["id_number"] = sex.value, ""
        text = text_of(cell)
        if half(text) in NAMELESS:
            return None
        if isinstance(cell, int | float) and len(text) > 15:
            row.faults.append("身份证号在 Excel 中存成了数字，末尾几位已经丢失，请设为文本后重新填写")
            return None
        reading = read_id_number(text, self.how.today)
        if reading.flaw:
            row.faults.append(reading.flaw.removesuffix("，请核对。").removesuffix("。"))
            return None
        if reading.hint:
            row.warnings.append("15位旧身份证号，按原样登记")
        if reading.sex and sex in (Sex.FEMALE, Sex.MALE) and reading.sex != sex:
            row.warnings.append("性别与身份证号不一致，以身份证号为准")
        row.values["id_number"] = reading.number
        row.values["sex"] = (reading.sex or sex).value
        row.values["born"] = reading.born.isoformat() if reading.born else ""
        return reading.born

    def _age_band(self, row: ReadRow, cells: list[Any], born: date | None) -> str:
        received = row.values.get("received")
        if born is not None and received:
            return AgeBand.on(datetime.fromisoformat(received).date(), born=born).value
        try:
            age = read_count(self.cell(cells, "age"))
        except Misread as misread:
            row.warnings.append(f"年龄：{misread}，未登记")
            return AgeBand.UNKNOWN.value
        return AgeBand.of(age if age is not None and age < 130 else None).value

    def _phones(self, row: ReadRow, cells: list[Any]) -> None:
        """A number that cannot be right is no reason to leave a case out: it stays among the words."""
        text = half(self.words(cells, "phone"))
        found: list[str] = []
        for part in text.replace("、", " ").replace(",", " ").replace(";", " ").replace("/", " ").split():
            number = tidy_phone(part)
            if phone_flaw(number):
                row.warnings.append("联系电话有误，没有登记为电话，原文留在办理记录里")
                row.values.setdefault("lost", []).append(("联系电话", part))
            elif number not in found:
                found.append(number)
        row.values["phones"] = found

    def _coded(self, row: ReadRow, cells: list[Any], name: str, names: dict[str, str]) -> None:
        text = half(self.words(cells, name))
        code = names.get(text) or next(
            (code for full, code in names.items() if text and full.startswith(text)), ""
        )
        row.values[name] = code
        if text and not code:
            label = BY_CODE[name].label
            row.warnings.append(f"{label}不在清单中，原文留在办理记录里")
            row.values.setdefault("lost", []).append((label, text))

    def _mapped(self, row: ReadRow, code: str, text: str, found: str | None) -> str:
        """The code of a word: its own, or what this unit said it means; else the row waits for that."""
        known = found or self.how.words.get(code, {}).get(text, "")
        if not known:
            row.unknown.append((code, text))
            row.faults.append(f"{BY_CODE[code].label}“{text[:20]}”不在清单中，请在核对结果页为它选一项")
        return known

    def _how_it_came(self, row: ReadRow, cells: list[Any]) -> None:
        text = half(self.words(cells, "form"))
        if text:
            row.values["channel"] = self._mapped(row, "form", text, read_channel(text))
        else:
            row.values["channel"] = Channel.VISIT.value
            row.warnings.append("没有写信访形式，按来访导入")
        row.values["occurrence"] = read_occurrence(self.cell(cells, "occurrence")).value
        row.values["companions"] = self.words(cells, "companions")
        try:
            persons = read_count(self.cell(cells, "persons"))
        except Misread as misread:
            row.warnings.append(f"人数：{misread}，按1人导入")
            persons = None
        row.values["persons"] = min(persons or 1, MOST_PERSONS)

    def _what(self, row: ReadRow, cells: list[Any]) -> None:
        for name in ("facts", "demand", "place", "handled"):
            row.values[name] = self.words(cells, name)
        if not row.values["facts"]:
            row.faults.append("没有写反映的问题")
        text = half(self.words(cells, "category"))
        if text:
            row.values["category"] = self._mapped(row, "category", text, self.categories.get(text))
        else:
            row.values["category"] = "GEN_OTHER"
            row.warnings.append("没有写问题类别，按“其他”导入")
        for name in ("litigation", "dv", "minor"):
            row.values[name] = read_yes(self.cell(cells, name))
        risk = read_risk(self.cell(cells, "risk"))
        row.values["risk"] = risk.value if risk else ""

    def _end(self, row: ReadRow, cells: list[Any]) -> None:
        """Finished if the ledger gives an end or a result; else the case is taken as still in handling."""
        ended = self._moment(row, cells, "ended")
        result = self.words(cells, "result")
        done = ended is not None or bool(result)
        if done and not is_unfinished(result):
            row.values["outcome"] = read_outcome(result).value
        row.values["ended"] = ended.isoformat() if ended else ""
        received = row.values.get("received", "")
        if ended and received and ended.date() < datetime.fromisoformat(received).date():
            row.faults.append("办结日期早于登记日期，请核对")
