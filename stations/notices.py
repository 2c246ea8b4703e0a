"""Read the State Council's holiday notice as it is pasted, and say in plain words what does not add up."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

DATE = r"(?:(?P<y{0}>\d{{4}})[年\-/.])?(?P<m{0}>\d{{1,2}})[月\-/.](?P<d{0}>\d{{1,2}})日?"
SPAN = re.compile(
    DATE.format(1)
    + r"(?:[（(](?P<w1>[^）)]*)[）)])?"
    + r"(?:\s*(?:至|到|—|－|–|-|~|～)\s*"
    + r"(?:(?:(?P<y2>\d{4})[年\-/.])?(?P<m2>\d{1,2})[月\-/.])?(?P<d2>\d{1,2})日?"
    + r"(?:[（(](?P<w2>[^）)]*)[）)])?)?"
)
COUNT = re.compile(r"(?:共|放假)\s*(\d+)\s*天")
NAMES = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
WEEKDAYS = "一二三四五六日"
LONGEST = 15
LONGEST_HEADING = 12


@dataclass
class YearNotice:
    """What a notice says, and what is wrong with it; without `errors` it can be entered."""

    year: int
    rest: dict[date, str] = field(default_factory=dict)
    work: dict[date, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def read_notice(text: str, year: int) -> YearNotice:
    """Days off and make-up work days from sentences such as 元旦：1月1日（周四）至3日（周六）放假调休，共3天。

    A sentence that says 放假 gives days off, one that says 上班 make-up days; a date without a year is in `year`.
    """
    notice = YearNotice(year)
    name = ""
    for sentence in re.split(r"[。；;\n]", text):
        # The opening words name several feasts too; a heading is short or stands before a date.
        if len(sentence) <= LONGEST_HEADING or SPAN.search(sentence):
            name = _feast(sentence) or name
        if "放假" in sentence or "上班" in sentence:
            _read_sentence(notice, sentence.strip(), name)
    _check(notice, text)
    return notice


def _feast(sentence: str) -> str:
    heading = re.split("[：:]", sentence)[0]
    return "、".join(name for name in NAMES if name.removesuffix("节") in heading)


def _read_sentence(notice: YearNotice, sentence: str, name: str) -> None:
    spans = list(SPAN.finditer(sentence))
    if not spans and not re.search(r"\d\s*日", sentence):
        return  # the opening words of the notice, which name the feasts and no day
    if not spans:
        notice.errors.append(f"“{sentence}”里没有读到日期。请写成“1月1日至3日放假”。")
        return
    if not name:
        notice.errors.append(f"“{sentence}”前面没有节日名称。请写成“元旦：1月1日放假”。")
        return
    if "放假" in sentence and "上班" in sentence:
        notice.errors.append(f"“{sentence}”既说放假又说上班。请用句号分成两句。")
        return
    into = notice.work if "上班" in sentence else notice.rest
    days = [day for span in spans for day in _days(notice, span, sentence)]
    into.update(dict.fromkeys(days, name))
    count = COUNT.search(sentence)
    if count and into is notice.rest and int(count[1]) != len(days):
        notice.errors.append(f"“{sentence}”写明 {count[1]} 天，按日期数是 {len(days)} 天。")


def _days(notice: YearNotice, span: re.Match[str], sentence: str) -> list[date]:
    try:
        first = date(int(span["y1"] or notice.year), int(span["m1"]), int(span["d1"]))
        latest = date(
            int(span["y2"] or first.year), int(span["m2"] or first.month), int(span["d2"] or first.day)
        )
    except ValueError:
        notice.errors.append(f"“{sentence}”里有不存在的日期。")
        return []
    for day, words in ((first, span["w1"]), (latest, span["w2"])):
        weekday = re.search(r"(?:周|星期)([一二三四五六日])", words or "")
        if weekday and WEEKDAYS[day.weekday()] != weekday[1]:
            notice.errors.append(f"{_words(day)}是周{WEEKDAYS[day.weekday()]}，不是周{weekday[1]}。")
    if not 0 <= (latest - first).days < LONGEST:
        notice.errors.append(f"“{sentence}”从{_words(first)}到{_words(latest)}不像一次假期。")
        return []
    return [first + timedelta(days=n) for n in range((latest - first).days + 1)]


def _check(notice: YearNotice, text: str) -> None:
    if not notice.rest and not notice.errors:
        notice.errors.append("没有读到放假日期。请把通知里“一、元旦：……”到“七、国庆节：……”的全文粘贴进来。")
        return
    earliest, latest = date(notice.year - 1, 12, 1), date(notice.year + 1, 1, 31)
    for day in sorted(notice.rest.keys() | notice.work.keys()):
        if not earliest <= day <= latest:
            notice.errors.append(f"{_words(day)}不属于 {notice.year} 年的放假安排。")
        if day in notice.rest and day in notice.work:
            notice.errors.append(f"{_words(day)}既放假又上班。")
        if day in notice.work and day.weekday() < 5:
            notice.errors.append(f"{_words(day)}是周{WEEKDAYS[day.weekday()]}，本来就上班，不必调休。")
    missing = [name for name in NAMES if not any(name in given for given in notice.rest.values())]
    if missing and notice.rest:
        notice.errors.append(f"没有读到{'、'.join(missing)}的放假日期。")


def _words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
