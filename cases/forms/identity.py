"""ID numbers and telephone numbers as people say them, read into one spelling. Pure: no database, no clock."""

import re
from dataclasses import dataclass
from datetime import date

from cases.choices import Sex
from cases.forms.fields import half_width

# GB 11643-1999, ISO 7064 MOD 11-2.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_OLD_SHAPE = re.compile(r"[0-9]{15}")
_EARLIEST_YEAR = 1900

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_SHORT = re.compile(r"1[0-9]{2}|1[0-9]{4}|9[0-9]{4}|(?:400|800)[0-9]{7}")
_ABROAD = re.compile(r"00[1-9][0-9]{6,14}")


@dataclass(frozen=True)
class IdReading:
    """What an ID number says. `flaw` is a sentence when it cannot be right, `hint` when it is right but unusual."""

    number: str
    born: date | None = None
    sex: Sex | None = None
    flaw: str = ""
    hint: str = ""


def tidy_id_number(text: str) -> str:
    """Half-width, capital X, no blanks or dashes."""
    return half_width(text).upper()


def check_character(body: str) -> str:
    """The last character that belongs to the first seventeen digits."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]


def read_id_number(text: str, today: date) -> IdReading:
    """Judge by checksum and date only: the first six digits may be a place whose code was abolished since."""
    number = tidy_id_number(text)
    if len(number) == 15:
        return _read_old(number, today)
    if len(number) != 18:
        return IdReading(number, flaw=f"身份证号应为18位，现在是{len(number)}位，请核对。")
    if not _SHAPE.fullmatch(number):
        return IdReading(number, flaw="身份证号前17位应是数字，最后一位是数字或X，请核对。")
    born = _real_date(number[6:14], today)
    sex = _sex(number[16])
    if born is None:
        return IdReading(number, flaw="身份证号第7至14位不是有效的出生日期，请核对。")
    if check_character(number[:17]) != number[17]:
        return IdReading(number, born, sex, flaw="身份证号最后一位校验不符，可能有一位抄错了，请核对。")
    return IdReading(number, born, sex)


def _read_old(number: str, today: date) -> IdReading:
    """Cards issued before 1999 and out of use since 2013, still found in old papers."""
    if not _OLD_SHAPE.fullmatch(number):
        return IdReading(number, flaw="15位旧身份证号应全是数字，请核对。")
    born = _real_date(f"19{number[6:12]}", today)
    if born is None:
        return IdReading(number, flaw="15位旧身份证号第7至12位不是有效的出生日期，请核对。")
    return IdReading(
        number,
        born,
        _sex(number[14]),
        hint="这是15位旧身份证号（2013年起停用），可以登记；有新证的请改填18位。",
    )


def _sex(digit: str) -> Sex:
    return Sex.MALE if int(digit) % 2 else Sex.FEMALE


def _real_date(digits: str, today: date) -> date | None:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return day if day.year >= _EARLIEST_YEAR and day <= today else None


def tidy_phone(text: str) -> str:
    """Digits only: no blanks, dashes, brackets or the country code of China; a number abroad begins with 00."""
    digits = re.sub(r"[()./]", "", half_width(text))
    if digits.startswith("+"):
        digits = "00" + digits[1:]
    return digits.removeprefix("0086") if digits.startswith("0086") else digits


def phone_flaw(number: str) -> str:
    """What is wrong with a tidied number, in a sentence; empty when it can be dialled."""
    if any(shape.fullmatch(number) for shape in (_MOBILE, _LANDLINE, _SHORT, _ABROAD)):
        return ""
    if re.search(r"[^0-9]", number):
        return "电话只填数字；分机号、接听人请写在“说明”里。"
    if number.startswith("1"):
        return (
            f"手机号应为11位，现在是{len(number)}位，请核对。"
            if len(number) != 11
            else "没有这样的手机号，请核对。"
        )
    if 7 <= len(number) <= 8:
        return "固定电话请加区号，如 0375-2661234。"
    return "电话号码不对，请核对。手机11位，固定电话加区号。"
