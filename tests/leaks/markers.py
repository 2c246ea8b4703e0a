"""Marks for sealed values, and the detector that recognises them wherever they turn up.

A text is marked with one rare character (CJK extension A, used nowhere in the system) that no other field shares, so
that any piece of it betrays the whole. Names keep a common surname, because masking shows it. Phones, ID numbers and
birth dates are valid and unique; what masking shows of them is not looked for.
"""

import base64
import binascii
import html
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import unquote_to_bytes

from pypdf import PdfReader

FIRST, LAST = 0x3400, 0x4DB4
RARE = re.compile("[\u3400-\u4db5]")
# What a visitor of a test types into a form herself: her own page may show it again, nothing else may.
TYPED = "\u4db5" * 12
SURNAME = "祝"
NOT_INSIDE = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
SEPARATORS = str.maketrans("", "", "- \t\r\n")
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Marker:
    """The value of one sealed field of one row of one case."""

    field: str
    case: str
    value: str

    def __str__(self) -> str:
        return f"{self.field} of {self.case}"


class Marks:
    """Gives out marked values and finds them again."""

    def __init__(self) -> None:
        self.by_character: dict[str, Marker] = {}
        self.by_digits: dict[str, Marker] = {}
        self.exact: dict[str, Marker] = {}
        self._digits: re.Pattern[str] | None = None
        self._begins: re.Pattern[str] = re.compile("(?!)")

    # -- giving out ---------------------------------------------------------------------------------

    def mint(self, field: str, case: str) -> str:
        """A value that fits the field and stands nowhere else."""
        # Of a sealed object, what stands under a key is marked as that key asks: Referral.extract[PHONE].
        match re.sub(r"^\w+\[(\w+)\]$", r"\1", field.rpartition(".")[2]).lower():
            case "id_number":
                return self._id_number(field, case)
            case "birth_date":
                return self._birth_date(field, case)
            case last if last in ("number", "phone") or last.endswith("_phone"):
                return self._phone(field, case)
            case "name" | "respondent":
                return self._text(field, case, SURNAME)
        return self._text(field, case, "")

    def keep(self, field: str, case: str, value: str) -> None:
        """Look for a value that the system itself made, word for word."""
        self.exact[value] = Marker(field, case, value)

    def _text(self, field: str, case: str, before: str) -> str:
        character = chr(FIRST + len(self.by_character))
        assert ord(character) <= LAST, "no characters left to mark with"
        value = before + character * (2 if before else 3)
        self.by_character[character] = Marker(field, case, value)
        return value

    def _phone(self, field: str, case: str) -> str:
        value = f"139{71_930_000 + 1_117 * len(self.by_digits):08d}"
        marker = Marker(field, case, value)
        # Masking shows the first three and the last four.
        self._add_digits(marker, value, value[:7], value[3:])
        return value

    def _id_number(self, field: str, case: str) -> str:
        body = f"410423{self._day():%Y%m%d}000"
        rest = sum(int(digit) * weight for digit, weight in zip(body, CHECK_WEIGHTS, strict=True)) % 11
        value = body + "10X98765432"[rest]
        # Masking shows the last four.
        self._add_digits(Marker(field, case, value), value, value[:14], value[6:14])
        return value

    def _birth_date(self, field: str, case: str) -> str:
        day = self._day()
        forms = (
            f"{day:%Y-%m-%d}",
            f"{day:%Y%m%d}",
            f"{day:%Y/%m/%d}",
            f"{day.year}年{day.month}月{day.day}日",
        )
        self._add_digits(Marker(field, case, forms[0]), *forms)
        return forms[0]

    def _day(self) -> date:
        return date(1961, 1, 3) + timedelta(days=37 * len(self.by_digits))

    def _add_digits(self, marker: Marker, *forms: str) -> None:
        self.by_digits |= dict.fromkeys(forms, marker)
        self._digits = None

    # -- finding ------------------------------------------------------------------------------------

    def find(self, text: str, *, packed: bool = True) -> set[Marker]:
        """Every marker that a reader of this text could make out, escapes undone; base64 too, unless told."""
        found: set[Marker] = set()
        for reading in readings(text, packed=packed):
            found |= {self.by_character[one] for one in RARE.findall(reading) if one in self.by_character}
            found |= self._numbers_in(reading)
            found |= {marker for value, marker in self.exact.items() if value in reading}
        return found

    def find_in_binary(self, data: bytes) -> set[Marker]:
        """Whole values in bytes that may be random: one character of three bytes stands there by chance too often."""
        every = {**self.by_character, **self.by_digits, **self.exact}.values()
        return {marker for marker in every if marker.value.encode() in data}

    def find_in(self, data: bytes, content_type: str = "") -> set[Marker]:
        """The same in bytes: text, or a packed document, whose parts are read one by one."""
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                return {one for name in packed.namelist() for one in self.find_in(packed.read(name))}
        if data[:5] == b"%PDF-":
            read = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
            return self.find(read) | self.find_in_binary(data)
        readable = not content_type or re.match(r"text/|application/(json|javascript|xml)", content_type)
        if not readable and (whole := self.find_in_binary(data)):  # a file kept whole, given out again
            return whole
        assert readable, f"The detector cannot read {content_type} yet: teach it."
        return self.find(data.decode("utf-8", "replace"), packed=content_type != "text/html")

    def _numbers_in(self, text: str) -> set[Marker]:
        # Most texts hold none of them: what they begin with is looked for first, which is quick.
        pattern = self._digit_pattern()
        if not self._begins.search(text.translate(SEPARATORS)):
            return set()
        return {self._of_digits(hit) for hit in pattern.findall(text)}

    def _digit_pattern(self) -> re.Pattern[str]:
        if self._digits is None:
            loose = [_loosely(form) for form in sorted(self.by_digits, key=len, reverse=True)] or ["(?!)"]
            begins = sorted({form.translate(SEPARATORS)[:6] for form in self.by_digits}) or ["(?!)"]
            self._begins = re.compile("|".join(begins))
            self._digits = re.compile(NOT_INSIDE[0] + f"(?:{'|'.join(loose)})" + NOT_INSIDE[1])
        return self._digits

    def _of_digits(self, hit: str) -> Marker:
        return self.by_digits.get(hit) or self.by_digits[re.sub(r"[\s-]", "", hit)]


def _loosely(form: str) -> str:
    """Digits are also read when written in groups: 138 1234 5678."""
    return r"[\s-]?".join(form) if form.isalnum() and form.isascii() else re.escape(form)


def typed_in(text: str) -> bool:
    """Whether a text shows what a visitor of these tests typed."""
    return any(TYPED[0] in reading for reading in readings(text))


def readings(text: str, *, packed: bool = True) -> list[str]:
    """The text, and what it says once entities, percent signs, backslashes and base64 are undone."""
    found = [text]
    if "&" in text:
        found.append(html.unescape(text))
    if "%" in text:
        found.append(unquote_to_bytes(text).decode("utf-8", "replace"))
    if "\\u" in text:
        found.append(re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text))
    if "\\x" in text:
        found.append(_from_hex_escapes(text))
    if packed:
        found += [_from_base64(run) for run in re.findall(r"(?<![\w+/=-])[\w+/-]{8,}={0,2}", text)]
    return found


def _from_hex_escapes(text: str) -> str:
    """Bytes shown as Python or PostgreSQL writes them: \\xe3\\x90\\x80 or \\xe39080."""
    runs = re.findall(r"((?:\\+x[0-9a-fA-F]{2})+)((?:[0-9a-fA-F]{2})*)", text)
    raw = (bytes.fromhex(re.sub(r"\\+x", "", first) + rest) for first, rest in runs)
    return "\n".join(one.decode("utf-8", "replace") for one in raw)


def _from_base64(run: str) -> str:
    """Text behind base64, plain or made for addresses; nothing if it is none."""
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
