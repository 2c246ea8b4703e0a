"""What stands in a cell of an old ledger, read as people meant it. Pure: no database, no clock."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from cases.choices import Channel, Occurrence, Outcome, Risk, Sex

# Excel counts days from here (its 29 February 1900 included); ledgers hold days between these.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 – a wall clock's time, as all moments in a ledger
_SERIALS = (20_000, 80_000)
_FULL = re.compile(r"(\d{4}|\d{2})[年./\-](\d{1,2})[月./\-](\d{1,2})日?(?:\s*(\d{1,2})[:时点](\d{1,2})?.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHORT = re.compile(r"(\d{1,2})[月./\-](\d{1,2})日?")
_YES = ("是", "有", "√", "y", "1", "涉", "真", "true")


class Misread(ValueError):
    """A cell that means nothing certain. The message is a Chinese sentence."""


def text_of(cell: Any) -> str:
    """A cell as text: whole numbers without a point, days as they are written in ledgers."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}" if cell.time() != time() else f"{cell:%Y-%m-%d}"
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()


def half(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def read_moment(cell: Any, *, year: int | None) -> datetime | None:
    """A day, with its time where one is written; `year` stands for the one that is not.

    Raises Misread.
    """
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    text = half(text_of(cell))
    if not text:
        return None
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and _SERIALS[0] < float(text) < _SERIALS[1]:
        return (_EPOCH + timedelta(days=float(text))).replace(microsecond=0)
    return _written(text, year)


def _written(text: str, year: int | None) -> datetime:
    if found := _FULL.fullmatch(text):
        years, month, day, hour, minute = found.groups()
        return _moment(_whole(int(years)), int(month), int(day), int(hour or 0), int(minute or 0), text)
    if found := _COMPACT.fullmatch(text):
        return _moment(int(found[1]), int(found[2]), int(found[3]), 0, 0, text)
    if found := _SHORT.fullmatch(text):
        if year is None:
            raise Misread(f"“{text}”没有写年份，请在“日期没有写年份时”里填写年份后重新核对")
        return _moment(year, int(found[1]), int(found[2]), 0, 0, text)
    raise Misread(f"“{text}”看不出是哪一天，请写成 2025-3-8 的样子")


def _whole(year: int) -> int:
    return year if year > 99 else 2000 + year


def _moment(year: int, month: int, day: int, hour: int, minute: int, text: str) -> datetime:
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 – as above
    except ValueError:
        raise Misread(f"“{text}”没有这一天，请核对") from None


def read_count(cell: Any) -> int | None:
    """How many, as 3, ３人 or 三人以上 cannot say. Raises Misread."""
    text = half(text_of(cell)).rstrip("人名岁周")
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise Misread(f"“{text}”不是数字")
    return int(text)


def read_yes(cell: Any) -> bool:
    return half(text_of(cell)).lower().startswith(_YES)


def read_sex(cell: Any) -> Sex:
    text = half(text_of(cell))
    return Sex.FEMALE if text.startswith("女") else Sex.MALE if text.startswith("男") else Sex.UNKNOWN


LONGEST_WORD = 8  # a sentence is no form
_CHANNELS = (
    ("12338", Channel.PHONE_12338),
    ("网", Channel.ONLINE),
    ("微信", Channel.ONLINE),
    ("领导", Channel.VISIT_LEADER_DAY),
    ("信访局", Channel.TRANSFER_XINFANG),
    ("访", Channel.VISIT),
    ("信", Channel.LETTER),
    ("电", Channel.PHONE_OTHER),
    ("上级", Channel.TRANSFER_UPPER),
    ("转", Channel.TRANSFER_DEPT),
    ("排查", Channel.OUTREACH),
)


def read_channel(text: str) -> Channel | None:
    """How it came, where the word leaves no doubt."""
    text = half(text)
    if text == "走访":
        return Channel.OUTREACH
    for sign, channel in _CHANNELS:
        if sign in text and len(text) <= LONGEST_WORD:
            return channel
    return None


def read_occurrence(cell: Any) -> Occurrence:
    text = half(text_of(cell))
    return Occurrence.REPEAT if text.startswith(("重", "多", "二", "再")) else Occurrence.FIRST


def read_risk(cell: Any) -> Risk | None:
    """A colour; other words for danger mean something else in every office."""
    text = half(text_of(cell))
    return next((risk for risk in Risk if text.startswith(risk.mark)), Risk.BLUE if not text else None)


_UNFINISHED = ("正在", "办理中", "未办结", "未结", "待", "处理中", "跟进")
_OUTCOMES = (
    ("不予支持", Outcome.NOT_SUPPORTED),
    ("撤", Outcome.WITHDRAWN),
    ("失联", Outcome.LOST_CONTACT),
    ("调解", Outcome.MEDIATED),
    ("答复", Outcome.ANSWERED),
    ("咨询", Outcome.ANSWERED),
    ("解答", Outcome.ANSWERED),
    ("转", Outcome.TRANSFERRED_REPLIED),
    ("救助", Outcome.RELIEVED),
    ("诉讼", Outcome.ENTERED_PROCEDURE),
    ("起诉", Outcome.ENTERED_PROCEDURE),
)


def is_unfinished(text: str) -> bool:
    return half(text).startswith(_UNFINISHED)


def read_outcome(text: str) -> Outcome:
    """What the words of a result come nearest to; a matter called finished without a word counts as solved."""
    words = half(text)
    return next((outcome for sign, outcome in _OUTCOMES if sign in words), Outcome.SOLVED)
