"""The matters that stand somewhere on the day of the demonstration, and those whose course has its own dates."""

from collections.abc import Callable
from dataclasses import dataclass

from cases.choices import ReferralStatus
from cases.demo import courses, oversight
from cases.demo.courses import Part
from cases.demo.lives import Life
from cases.demo.places import LEFT_TOWNSHIP, MAIN_TOWNSHIP, UNMINDED_TOWNSHIP


@dataclass(frozen=True)
class Standing:
    """An open case to be there on the day of the demonstration: how it got there, and how many working days ago it
    began. Where: a township of the main county, or anywhere else."""

    course: Callable[[Life], Part]
    since: int
    where: str = ""
    partner: str = ""
    risk: str = ""
    dangerous: bool | None = None
    category: str = ""


at = courses.errand_at
ZGY, XIATANG, LIANGWA, ZHANGLIANG = MAIN_TOWNSHIP, "410423101", "410423102", "410423104"
# What the main cast finds on its desks.
DESKS: tuple[Standing, ...] = (
    Standing(courses.waits_for_acceptance, 1, ZGY, dangerous=False),
    Standing(courses.waits_for_acceptance, 2, ZGY, risk="Y"),
    Standing(at(ReferralStatus.SENT), 3, ZGY, "POLICE", "Y"),
    Standing(at(ReferralStatus.IN_PROGRESS), 9, ZGY, "POLICE", "O"),
    Standing(courses.waits_for_closing, 18, ZGY, risk="B", dangerous=False),
    Standing(courses.waits_for_upper, 5, ZGY, risk="O"),
    Standing(at(ReferralStatus.SENT), 4, XIATANG, "POLICE", "Y"),
    Standing(at(ReferralStatus.SENT), 3, LIANGWA, "POLICE", "O"),
    Standing(at(ReferralStatus.IN_PROGRESS), 8, XIATANG, "POLICE", "Y"),
    Standing(at(ReferralStatus.ANSWERED), 16, LIANGWA, "POLICE", "Y"),
    Standing(courses.waits_for_upper, 4, ZHANGLIANG, risk="Y"),
    Standing(courses.waits_for_upper, 5, LIANGWA, risk="R"),
    Standing(courses.waits_for_closing, 18, XIATANG, risk="R"),
    Standing(courses.waits_for_closing, 18, ZHANGLIANG, risk="O", dangerous=False),
    Standing(courses.held_by_county, 11, XIATANG, risk="O"),
    Standing(courses.waits_for_voiding, 5, ZHANGLIANG, dangerous=False),
)
# Once each with the fewest cases, several times with more; nothing that would crowd the desks above.
ELSEWHERE: tuple[Standing, ...] = (
    Standing(courses.waits_for_acceptance, 1),
    Standing(courses.waits_for_acceptance, 2),
    Standing(courses.waits_for_acceptance, 6),
    Standing(courses.just_accepted, 4),
    Standing(courses.in_handling, 12),
    Standing(courses.in_handling, 25),
    Standing(courses.in_handling, 36),
    Standing(courses.backlog, 43),
    Standing(at(ReferralStatus.SENT), 4),
    Standing(at(ReferralStatus.SIGNED), 5),
    Standing(courses.errand_objected, 6),
    Standing(at(ReferralStatus.IN_PROGRESS), 9),
    Standing(at(ReferralStatus.ANSWERED), 17),
    Standing(at(ReferralStatus.RESULT), 18),
    Standing(courses.waits_for_upper, 5),
    Standing(courses.works_under_guidance, 9),
    Standing(courses.held_by_county, 12),
    Standing(courses.shared_with_county, 9),
    Standing(courses.waits_for_city, 14),
    Standing(courses.extension_waits, 38),
    Standing(courses.extension_runs, 44),
    Standing(courses.rests, 25),
    Standing(courses.waits_for_closing, 18),
    Standing(courses.taken_up_again, 30),
    Standing(courses.waits_for_acceptance, 1, "village"),
    Standing(courses.waits_for_upper, 5, "village", dangerous=False),
    Standing(courses.in_handling, 10, "county"),
    Standing(courses.in_handling, 10, "city"),
)
# Under somebody's eye: supervised, led, before the joint conference, with a period of law or by somebody who left.
# All once each; those that began long ago have ended.
OTHERS = tuple(f"410423{township}" for township in (
    "001", "002", "003", "105", "107", "201", "202", "203", "204", "206", "207", "208", "209", "210", "212", "213", "214",
))  # fmt: skip
LUFENG, QINTAI, LUYANG, YAOSHAN, ZHAOCUN, SIKESHU, TUANCHENG, XIONGBEI, RANGHE, GUANYINSI = OTHERS[:10]
ZHAOPINGTAI, BEIZI, CANGTOU, DONGZHOU, XINJI, GUNZIYING, MALOU = OTHERS[10:]
sv, before = oversight, oversight.brought
OVERSEEN: tuple[Standing, ...] = (
    Standing(sv.left_silent, 14, LUFENG, "COURT", dangerous=False),
    Standing(sv.left_silent, 16, QINTAI, "CIVIL_AFFAIRS", dangerous=False),
    Standing(sv.answered_badly, 24, LUYANG, "JUSTICE", dangerous=False),
    Standing(sv.drafted, 13, YAOSHAN, "HR_SOCIAL", dangerous=False),
    Standing(sv.issued, 14, ZHAOCUN, "POLICE", "Y"),
    Standing(sv.issued_after_return, 16, SIKESHU, "EDUCATION"),
    Standing(sv.acknowledged, 17, TUANCHENG, "CIVIL_AFFAIRS", dangerous=False),
    Standing(sv.replied, 22, XIONGBEI, "COURT", dangerous=False),
    Standing(sv.unsound, 24, RANGHE, "JUSTICE", dangerous=False),
    Standing(sv.second_notice, 27, GUANYINSI, "POLICE", "Y"),
    Standing(sv.pressed_and_waiting, 37, ZHAOPINGTAI, "CIVIL_AFFAIRS", dangerous=False),
    Standing(sv.listed_and_brought, 57, BEIZI, "HR_SOCIAL", category="LAB_WAGE"),
    Standing(sv.circulated, 56, CANGTOU, "AGRICULTURE", category="PRO_MARRIED_OUT"),
    Standing(sv.own_station_pressed, 50, DONGZHOU, risk="Y", dangerous=False),
    Standing(sv.pressed_once, 95, XINJI, "POLICE"),
    Standing(sv.pressed_once, 140, GUNZIYING, "EDUCATION"),
    Standing(sv.pressed_once, 230, MALOU, "COURT"),
    Standing(sv.pressed_twice, 170, LUFENG, "CIVIL_AFFAIRS"),
    Standing(sv.pressed_to_the_end, 210, QINTAI, "HR_SOCIAL"),
    Standing(sv.pressed_too_soon, 115, LUYANG, "JUSTICE"),
    Standing(sv.pressed_once, 60, "410481100", "POLICE"),
    Standing(sv.acknowledged, 18, "410421100", "COURT"),
    Standing(sv.warned, 6, YAOSHAN, "POLICE", "O", category="MAR_DV"),
    Standing(sv.protected, 75, ZHAOCUN, "COURT", category="MAR_DV"),
    Standing(sv.in_charge, 116, LIANGWA, "POLICE", "R", category="CHD_ABUSE"),
    Standing(sv.instructed, 20, XIATANG, "POLICE", "O", category="MAR_DV"),
    Standing(before("land", 44, prolong=14), 48, SIKESHU, category="PRO_MARRIED_OUT"),
    Standing(before("school", 43, prolong=13), 47, TUANCHENG, category="EDU_BULLY"),
    Standing(before("shelter", 43, prolong=12), 48, XIONGBEI, category="CHD_LEFT_BEHIND"),
    Standing(before("divorce", 44, until=30), 50, RANGHE, category="MAR_DIVORCE"),
    Standing(before("wages", 43, prolong=11), 47, GUANYINSI, category="LAB_WAGE"),
    Standing(before("pension", 9), 15, XINJI, category="LAB_WELFARE"),
    Standing(before("noise", 9, taken_back=7), 14, MALOU, category="MAR_DISPUTE"),
    Standing(sv.passed_on, 22, LEFT_TOWNSHIP, risk="Y", dangerous=False),
    Standing(sv.passed_on, 18, LEFT_TOWNSHIP, risk="B", dangerous=False),
    # What the county brought to its end in the last weeks, so that the next meeting has something to hear.
    Standing(courses.advised, 3, ZHAOCUN, risk="B", dangerous=False),
    Standing(courses.advised, 8, XINJI, risk="B", dangerous=False),
    Standing(courses.settled, 25, GUNZIYING, risk="B", dangerous=False),
    Standing(courses.settled, 27, MALOU, risk="Y", dangerous=False),
    Standing(courses.settled, 29, YAOSHAN, risk="B", dangerous=False),
    Standing(courses.in_handling, 9, UNMINDED_TOWNSHIP, risk="Y", dangerous=False),
    Standing(courses.in_handling, 16, UNMINDED_TOWNSHIP, risk="B", dangerous=False),
)
