"""The danger scale as a truth table: every combination of answers, the level, what is forbidden, what is opened.

The rule is told again here by hand, from the scale itself, and not taken from the code.
"""

from itertools import product

import pytest

from cases.choices import AgeBand, DangerLevel, HandlingMethod, Outcome, Risk, ServiceType
from cases.workflow.danger import (
    ITEMS,
    LEAST_RISK,
    NO_MEDIATION,
    explain,
    level_of,
    protected_by,
    read_scale,
    why_not_while,
)

LOW, MEDIUM, HIGH = DangerLevel
# By the number of scored items that are so: without and with special protection; a special item is HIGH whatever else.
BY_HAND = {
    0: (LOW, MEDIUM),
    1: (LOW, MEDIUM),
    2: (LOW, MEDIUM),
    3: (LOW, MEDIUM),
    4: (MEDIUM, HIGH),
    5: (MEDIUM, HIGH),
    6: (HIGH, HIGH),
    7: (HIGH, HIGH),
    8: (HIGH, HIGH),
    9: (HIGH, HIGH),
}


def answered(*yes, unknown=()):
    told = {code: "YES" if code in yes else "NO" for code in ITEMS}
    return told | dict.fromkeys(unknown, "UNKNOWN")


@pytest.mark.parametrize("protected", [(), ("MINOR",)], ids=["plain", "protected-反家庭暴力法第5条"])
@pytest.mark.parametrize("score", range(10))
def test_every_combination_of_answers_has_the_level_of_the_hand_table(score, protected):
    combinations = 0

    for scored in product((True, False), repeat=9):
        if sum(scored) != score:
            continue
        yes = {f"D{place}" for place, so in enumerate(scored, start=1) if so}
        for special in ((), ("S1",), ("S2",), ("S1", "S2")):
            combinations += 1
            expected = HIGH if special else BY_HAND[score][bool(protected)]
            assert level_of(answered(*yes, *special), protected) is expected, (yes, special)

    assert combinations == 4 * [1, 9, 36, 84, 126, 126, 84, 36, 9, 1][score]


@pytest.mark.parametrize(
    ("level", "refused", "risk"),
    [(LOW, set(), Risk.YELLOW), (MEDIUM, set(), Risk.ORANGE), (HIGH, {"MEDIATE", "FAMILY_GUIDE"}, Risk.RED)],
)
def test_level_says_which_methods_are_refused_and_the_least_risk(level, refused, risk):
    assert {method.value for method in HandlingMethod if why_not_while(level, method)} == refused
    assert LEAST_RISK[level] is risk


def test_high_danger_refuses_whatever_else_means_mediation_and_names_the_source():
    assert {outcome.value for outcome in Outcome if why_not_while("HIGH", outcome)} == {"MEDIATED"}
    assert {service.value for service in ServiceType if why_not_while("HIGH", service)} == {"MEDIATE"}
    assert why_not_while("HIGH", "AGREEMENT") == NO_MEDIATION
    assert "规程第11条" in NO_MEDIATION
    assert why_not_while("", "MEDIATE") == ""


@pytest.mark.parametrize("asked", ["YES", "NO"])
def test_an_answer_that_is_missing_never_makes_it_less_grave(asked):
    for yes in product((True, False), repeat=4):
        sure = [code for code, so in zip(("D1", "D4", "D7", "S1"), yes, strict=True) if so]
        without = answered(*sure) | {"D9": asked}
        unknown = answered(*sure, unknown=["D9"])
        if asked == "NO":
            assert level_of(unknown) is level_of(without)
        assert read_scale(unknown).at_most.rank >= level_of(without).rank


def test_explanation_counts_and_says_what_is_missing():
    reading = read_scale(answered("D1", "D2", "D8", unknown=["D3", "S1"]))

    assert explain(reading) == (
        "九项危险情形中有3项（4项起为中危，6项起为高危）。",
        "还有2项没问到，实际危险可能更高，如果都有，就是高危。请尽快问清。",
        "危险等级：低危。",
    )


def test_explanation_says_that_missing_answers_change_nothing_any_more():
    reading = read_scale(answered("S2", unknown=["D3"]))

    assert explain(reading)[1:] == (
        "有致命危险的特别情形，不论几项都是高危。",
        "还有1项没问到，实际危险可能更高。请尽快问清。",
        "危险等级：高危。",
    )


@pytest.mark.parametrize(
    ("yes", "effect"), [(("D1",), "等级上调一级"), (("S1",), "已经是最高等级")], ids=["raised", "highest"]
)
def test_explanation_names_the_ground_of_special_protection(yes, effect):
    reading = read_scale(answered(*yes), ("MINOR", "PREGNANT_NURSING"))

    who = "受害人是未成年人、孕期或哺乳期"
    assert f"{who}，依法给予特殊保护（反家庭暴力法第5条），{effect}。" in explain(reading)


@pytest.mark.parametrize(
    ("characteristics", "ages", "grounds"),
    [
        ([], [], ()),
        (["LEFT_BEHIND_WOMAN", "POOR"], [AgeBand.UNDER_45], ()),
        (["MINOR"], [], ("MINOR",)),
        (["ELDERLY"], [], ("ELDERLY",)),
        (["DISABLED"], [], ("DISABLED",)),
        (["PREGNANT_NURSING"], [], ("PREGNANT_NURSING",)),
        (["SERIOUS_ILLNESS"], [], ("SERIOUS_ILLNESS",)),
        ([], [AgeBand.UNDER_6], ("MINOR",)),
        ([], [AgeBand.UNDER_14], ("MINOR",)),
        ([], [AgeBand.UNDER_18], ("MINOR",)),
        ([], [AgeBand.UNDER_30], ()),
        ([], [AgeBand.OVER_60], ("ELDERLY",)),
        (["SERIOUS_ILLNESS", "MINOR"], [AgeBand.UNDER_14], ("MINOR", "SERIOUS_ILLNESS")),
    ],
)
def test_special_protection_follows_from_characteristics_and_age(characteristics, ages, grounds):
    assert protected_by(characteristics, ages) == grounds
