"""When a matter should go up a level: the signs a case shows, and the reason each of them gives. A person decides."""

from collections.abc import Callable
from dataclasses import dataclass

from cases.choices import CaseFlag, EscalationReason, PetitionForm, Risk

# Sexual harm of a child by its name, and what is that when the victim is a minor.
HARM_TO_A_CHILD = frozenset({"CHD_SEXUAL"})
SEXUAL_HARM = frozenset({"PER_RAPE", "PER_INDECENT", "PER_HARASS", "PER_PROSTITUTE"})
REPEATS = 2
HANDED_BACK = 2
WORKING_DAYS_OVER = 10


@dataclass(frozen=True)
class Signs:
    """What the rules look at; `repeats` counts the contacts that were repeats, `handed_back` the referrals that a
    department gave back with our consent, `days_over` the working days since our own date passed."""

    risk: Risk
    involves_minor: bool
    categories: frozenset[str]
    form: PetitionForm
    flags: frozenset[str]
    repeats: int
    handed_back: int
    days_over: int


@dataclass(frozen=True)
class Proposal:
    """One reason to send the case up: the code that the form is filled with, and the words that say why."""

    reason: EscalationReason
    words: str


Rule = tuple[EscalationReason, str, Callable[[Signs], bool]]
RULES: tuple[Rule, ...] = (
    (EscalationReason.HIGH_RISK, "红色风险，有生命危险", lambda signs: signs.risk is Risk.RED),
    (EscalationReason.HIGH_RISK, "未成年人遭受性侵害", lambda signs: _harms_a_child(signs)),
    (EscalationReason.HIGH_RISK, "扬言采取极端行为", lambda signs: CaseFlag.THREAT in signs.flags),
    (EscalationReason.GROUP, "集体访", lambda signs: signs.form is PetitionForm.GROUP),
    (EscalationReason.REPEAT, "同一件事两次以上重复信访", lambda signs: signs.repeats >= REPEATS),
    (
        EscalationReason.PARTNER_REFUSED,
        "部门两次以上退回，没有单位承办",
        lambda signs: signs.handed_back >= HANDED_BACK,
    ),
    (
        EscalationReason.OVERDUE,
        f"逾期超过{WORKING_DAYS_OVER}个工作日",
        lambda signs: signs.days_over > WORKING_DAYS_OVER,
    ),
)


def proposals(signs: Signs) -> tuple[Proposal, ...]:
    """Every reason the signs give, the gravest first."""
    return tuple(Proposal(reason, words) for reason, words, shows in RULES if shows(signs))


def _harms_a_child(signs: Signs) -> bool:
    if signs.categories & HARM_TO_A_CHILD:
        return True
    return signs.involves_minor and bool(signs.categories & SEXUAL_HARM)
