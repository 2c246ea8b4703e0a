"""The ledgers of disputes met on rounds and of women and children in need: from ordinary records, nothing written twice."""

from datetime import timedelta

import pytest

from cases.actions.guarding.secrecy import seal_case
from cases.choices import Channel, PersonRole, Relation, VictimNeed, VisitResult, VisitWay
from cases.models import FollowUp, ServicePlan
from tests.cases.ledgers.test_books import rows_of, told
from tests.cast import MONDAY
from tests.factories import make_case, petitioner, respondent
from weiquan.masking import HIDDEN

LATER = MONDAY + timedelta(days=2)


def visited(cast, case):
    FollowUp.objects.create(
        case=case,
        happened_at=LATER,
        way=VisitWay.MEET,
        spoke_safely=True,
        result=VisitResult.SAFE,
        content="还好",
        by=cast.clerk,
        at=LATER,
    )


def test_a_dispute_met_on_a_round(cast):
    case = make_case(cast, "CLOSED", channel=Channel.OUTREACH, parties=(petitioner(), respondent()))
    visited(cast, case)
    make_case(cast, channel=Channel.VISIT)

    full, masked = (told("DISPUTE", *rows_of("DISPUTE", cast.head, opened=o)) for o in (True, False))

    assert (full["日期"], full["村/网格"]) == (MONDAY.date(), "下汤镇妇女儿童维权站")
    assert (full["户主"], full["家庭成员"]) == ("祝冬雪", "秦大勇（配偶）")
    assert (masked["户主"], masked["家庭成员"]) == ("祝某某", "秦某某（配偶）")
    assert full["纠纷类型"].count("/") == 1
    assert (full["成因"], full["风险色"]) == ("", case.get_risk_display())
    assert (full["首次发现人"], full["包保人"]) == (cast.clerk.name, case.owner.name)
    assert full["化解措施"] == "、".join(
        one.get_method_display() for one in case.handling.order_by("happened_at")
    )
    assert full["走访频次"] == f"{case.handling.count() + 1}次"
    assert (full["结果"], full["销号"]) == (case.get_outcome_display(), MONDAY.date())


def test_an_open_dispute_is_not_written_off(cast):
    case = make_case(cast, channel=Channel.OUTREACH, parties=(petitioner(),))

    row = told("DISPUTE", *rows_of("DISPUTE", cast.head, opened=True))

    assert (row["家庭成员"], row["包保人"], row["走访频次"]) == ("", case.owner.name, "0次")
    assert (row["结果"], row["销号"]) == ("", None)


def test_a_child_in_need_with_guardian_plan_and_visit(cast):
    guardian = petitioner(role=PersonRole.GUARDIAN, name="祝奶奶", id_number="", phones=(), characteristics=(),
                          relation=Relation.OTHER)  # fmt: skip
    child = petitioner(characteristics=("ORPHAN", "MENTAL", "POOR"))
    case = make_case(cast, "HANDLING", parties=(child, guardian))
    ServicePlan.objects.create(
        case=case, needs=[VictimNeed.MEDICAL], goals="看病", review_on=LATER.date(), by=cast.clerk, at=MONDAY
    )
    visited(cast, case)

    full, masked = (told("HARDSHIP", *rows_of("HARDSHIP", cast.head, opened=o)) for o in (True, False))

    assert (full["姓名(代号)"], masked["姓名(代号)"]) == ("祝冬雪", "祝某某")
    # An illness of the mind is on no list of this kind.
    assert (full["类别"], masked["类别"]) == ("孤儿、低保/低收入/易返贫", HIDDEN)
    assert (full["监护"], masked["监护"]) == ("祝奶奶（其他）", "祝某某（其他）")
    assert full["需求"] == "医疗救治"
    assert full["帮扶人"] == case.owner.name
    assert full["频次"] == f"{case.handling.count() + 1}次"
    assert full["变化"] == "2026-11-18 安全平稳"


def test_without_a_plan_her_own_demand_is_what_she_needs(cast):
    make_case(cast, demand="想办低保")

    full, masked = (told("HARDSHIP", *rows_of("HARDSHIP", cast.head, opened=o)) for o in (True, False))

    assert (full["需求"], masked["需求"]) == ("想办低保", HIDDEN)


@pytest.mark.parametrize("told_of", [(), ("MENTAL", "HIV", "DRUG"), ("MIGRANT",)])
def test_who_is_not_in_need_is_on_no_list(cast, told_of):
    make_case(cast, parties=(petitioner(characteristics=told_of),))

    assert rows_of("HARDSHIP", cast.head) == []


def test_a_respondent_in_need_is_not_listed_as_one_who_is_helped(cast):
    make_case(cast, parties=(petitioner(characteristics=()), respondent(characteristics=("POOR",))))

    assert rows_of("HARDSHIP", cast.head) == []


@pytest.mark.parametrize("code", ["DISPUTE", "HARDSHIP"])
def test_a_sealed_matter_is_on_neither(cast, code):
    case = make_case(cast, "HANDLING", channel=Channel.OUTREACH, involves_minor=True)
    assert len(rows_of(code, cast.other_head)) == 0
    assert len(rows_of(code, cast.officer)) == 1

    seal_case(case, reason="涉及未成年人性侵害", by=cast.head, at=LATER)

    assert rows_of(code, cast.officer) == []
