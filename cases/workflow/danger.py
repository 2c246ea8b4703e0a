"""How answers become a level of danger, and what the level changes. Pure.

Source: 家庭暴力危险性预测量表 (nine scored items, two special ones); 妇联组织受理家庭暴力投诉工作规程 第9–11条;
反家庭暴力法 第5条第3款 (persons under special protection).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cases.choices import (
    AgeBand,
    DangerLevel,
    HandlingMethod,
    MonitorKind,
    Outcome,
    Risk,
    ScaleAnswer,
    ServiceType,
)

SCORED = ("D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9")
SPECIAL = ("S1", "S2")
ITEMS = (*SCORED, *SPECIAL)
MEDIUM_FROM, HIGH_FROM = 4, 6

SPECIAL_PROTECTION: dict[str, str] = {
    "MINOR": "未成年人",
    "ELDERLY": "老年人",
    "DISABLED": "残疾人",
    "PREGNANT_NURSING": "孕期或哺乳期",
    "SERIOUS_ILLNESS": "重病患者",
}

LEAST_RISK: dict[DangerLevel, Risk] = {
    DangerLevel.LOW: Risk.YELLOW,
    DangerLevel.MEDIUM: Risk.ORANGE,
    DangerLevel.HIGH: Risk.RED,
}

# At high danger nobody is talked into staying: no mediation, no counselling of the couple, no "settled by mediation".
NOT_WHILE_HIGH: frozenset[str] = frozenset(
    {
        HandlingMethod.MEDIATE,
        HandlingMethod.FAMILY_GUIDE,
        ServiceType.MEDIATE,
        Outcome.MEDIATED,
        MonitorKind.AGREEMENT,
    }
)
STAYS_RED = "高危案件的风险等级保持红色：先由两个人先后重新评估危险，最后由县妇联领导确认解除高危，再调低。"
NO_MEDIATION = "高危案件不得调解、不得劝和（妇联组织受理家庭暴力投诉工作规程第11条）：先保护人身安全，协助报警、申请保护令、庇护。"
# What a department reads of it.
NOT_FACE_TO_FACE = "有暴力危险，不得组织当面调解。"


@dataclass(frozen=True)
class Reading:
    """What the answers come to. `at_most` is the level if everything left unasked were so."""

    level: DangerLevel
    score: int
    special: bool
    unknown: int
    protected: tuple[str, ...]
    at_most: DangerLevel

    @property
    def raised(self) -> bool:
        """Whether special protection made it graver than the answers alone."""
        return self.level != _plain(self.score, self.special)


def protected_by(characteristics: Iterable[str], ages: Iterable[str] = ()) -> tuple[str, ...]:
    """Which grounds of special protection the victim's characteristics and age bands give."""
    found, bands = set(characteristics), set(ages)
    if bands & set(AgeBand.minors):
        found.add("MINOR")
    if AgeBand.OVER_60 in bands:
        found.add("ELDERLY")
    return tuple(code for code in SPECIAL_PROTECTION if code in found)


def level_of(answers: Mapping[str, str], protected: Iterable[str] = ()) -> DangerLevel:
    return read_scale(answers, protected).level


def read_scale(answers: Mapping[str, str], protected: Iterable[str] = ()) -> Reading:
    """Score, level and how certain it is. What was not found out counts as nothing, and is said to be missing."""
    yes = {code for code in ITEMS if answers.get(code) == ScaleAnswer.YES}
    open_ = {code for code in ITEMS if answers.get(code) == ScaleAnswer.UNKNOWN}
    grounds = tuple(protected)
    return Reading(
        level=_level(yes, grounds),
        score=len(yes.intersection(SCORED)),
        special=bool(yes.intersection(SPECIAL)),
        unknown=len(open_),
        protected=grounds,
        at_most=_level(yes | open_, grounds),
    )


def _level(yes: set[str], grounds: tuple[str, ...]) -> DangerLevel:
    level = _plain(len(yes.intersection(SCORED)), bool(yes.intersection(SPECIAL)))
    if not grounds or level is DangerLevel.HIGH:
        return level
    return list(DangerLevel)[level.rank + 1]


def _plain(score: int, special: bool) -> DangerLevel:
    if special or score >= HIGH_FROM:
        return DangerLevel.HIGH
    return DangerLevel.MEDIUM if score >= MEDIUM_FROM else DangerLevel.LOW


def explain(reading: Reading) -> tuple[str, ...]:
    """How the level came about, in sentences for the one who asked."""
    said = [
        f"九项危险情形中有{reading.score}项（{MEDIUM_FROM}项起为中危，{HIGH_FROM}项起为高危）。",
        "有致命危险的特别情形，不论几项都是高危。" if reading.special else "",
        _said_of_protection(reading),
        _said_of_unknown(reading),
    ]
    return (*filter(None, said), f"危险等级：{reading.level.label}。")


def _said_of_protection(reading: Reading) -> str:
    if not reading.protected:
        return ""
    who = "、".join(SPECIAL_PROTECTION[code] for code in reading.protected)
    effect = "等级上调一级" if reading.raised else "已经是最高等级"
    return f"受害人是{who}，依法给予特殊保护（反家庭暴力法第5条），{effect}。"


def _said_of_unknown(reading: Reading) -> str:
    if not reading.unknown:
        return ""
    more = f"，如果都有，就是{reading.at_most.label}" if reading.at_most != reading.level else ""
    return f"还有{reading.unknown}项没问到，实际危险可能更高{more}。请尽快问清。"


def why_not_while(danger: str, what: str) -> str:
    """Why `what` (a method, a service, an outcome, a kind of monitor) is refused at this danger; empty when it is not."""
    return NO_MEDIATION if danger == DangerLevel.HIGH and what in NOT_WHILE_HIGH else ""


def why_not_paler(danger: str, risk: Risk) -> str:
    """Why the colour may not be `risk` at this danger; empty when it may. Otherwise whoever lowers the colour alone
    takes the closing away from the county, without anybody having found the danger over."""
    least = LEAST_RISK[DangerLevel.HIGH]
    return STAYS_RED if danger == DangerLevel.HIGH and risk.rank < least.rank else ""
