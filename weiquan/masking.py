"""What lists and pages show of a person before somebody asks for more. Shorter is always safe."""

import re

COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛夏侯皇甫尉迟公孙慕容令狐长孙宇文司徒司空东方独孤南宫端木申屠轩辕淳于"
        "单于太叔钟离鲜于闾丘濮阳赫连呼延澹台公冶宗政西门百里拓跋万俟闻人纳兰第五",
    )
)
MIDDLE_DOTS = "·•・‧．"
HIDDEN = "（已遮盖）"


def mask_name(name: str) -> str:
    """王秀英 → 王某某, 王英 → 王某, 欧阳秀英 → 欧阳某某, 阿依古丽·买买提 → 阿某某, Anna Smith → A***."""
    name = "".join(name.split())
    if not name:
        return ""
    if any(dot in name for dot in MIDDLE_DOTS):
        return name[0] + "某某"
    if not _is_han(name[0]):
        return name[0] + "***"
    surname = name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[0]
    return surname + "某" * min(max(len(name) - len(surname), 1), 2)


def mask_phone(phone: str) -> str:
    """13812341234 → 138****1234, 0375-2661234 → 0375-****234; a short number (12338, 110) names nobody."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) <= 6 and digits == phone.strip():
        return digits
    if len(digits) == 13 and digits.startswith("861"):
        digits = digits[2:]
    if len(digits) == 11 and digits[0] == "1":
        return f"{digits[:3]}****{digits[-4:]}"
    area, _, number = phone.strip().replace("—", "-").partition("-")
    if number and area.isdigit() and area[0] == "0" and len(area) in (3, 4):
        return f"{area}-****{_last_digits(number, 3)}"
    return f"****{_last_digits(phone, 3)}" if digits else ""


def mask_id_number(number: str) -> str:
    """All but the last four: the first six say where she comes from, the next eight when she was born."""
    number = "".join(number.split()).upper()
    shown = number[-4:] if len(number) > 8 else ""
    return "*" * (len(number) - len(shown)) + shown


def _last_digits(number: str, count: int) -> str:
    return "".join(character for character in number if character.isdigit())[-count:]


def _is_han(character: str) -> bool:
    # The CJK blocks with their extensions and compatibility forms, and 〇, which is a name character.
    return (
        character == "〇"
        or "\u3400" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or ("\U00020000" <= character <= "\U0003ffff")
    )
