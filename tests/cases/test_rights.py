"""权利时效提醒: which limits of her own a petitioner is told of, and how the case page says it."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions.clocks import forget_rules, rights_of
from cases.choices import ClockFamily
from cases.models import ClockRule, CodeItem, CodeSet, RightLimit
from cases.seeds import read_right_limits
from tests.cases.pages import words
from tests.cast import CHINA, MONDAY
from tests.factories import make_case

ALWAYS = {"PETITION", "EVALUATE"}


def codes(case, at=MONDAY):
    return {right.code for right in rights_of(case, at)}


@pytest.mark.parametrize(
    ("category", "also", "told"),
    [
        ("LAB_WAGE", (), {"CIVIL", "LABOUR_ARB", "LABOUR_SUE", "LABOUR_INSPECT", "CONFIRM", "ENFORCE"}),
        ("ACC_ADMIN", (), {"RECONSIDER", "ADMIN_SUIT"}),
        ("PRO_LAND", (), {"CIVIL", "LAND_ARB", "LAND_SUE", "CONFIRM", "ENFORCE"}),
        ("GEN_THANKS", (), set()),
        ("GEN_THANKS", ("ACC_ADMIN",), {"RECONSIDER", "ADMIN_SUIT"}),
        ("CHD", (), {"CIVIL", "OFFENCE", "NOFILE", "ENFORCE"}),
    ],
)
def test_rights_follow_the_category_and_its_parent(cast, category, also, told):
    assert codes(make_case(cast, category=category, categories=also)) == told | ALWAYS


def test_a_limit_is_told_in_the_version_in_force(cast):
    case = make_case(cast, category="MAR_DV", categories=())

    def law(at):
        (right,) = [right for right in rights_of(case, at) if right.code == "OFFENCE"]
        return right.law, right.verified

    assert law(datetime(2025, 12, 31, 23, tzinfo=CHINA)) == ("治安管理处罚法（2012）", True)
    assert law(datetime(2026, 1, 1, tzinfo=CHINA)) == ("治安管理处罚法（2025）", False)


def test_a_limit_of_another_place_is_not_told(cast):
    case = make_case(cast, category="MAR_DV", categories=())
    RightLimit.objects.filter(code="PO_OBJ").update(region_prefix="42")
    forget_rules()

    assert "PO_OBJ" not in codes(case)


def test_the_case_page_says_them_with_article_and_what_is_unchecked(cast, client, clock):
    case = make_case(cast, category="MAR_DV", categories=())
    client.force_login(cast.clerk)

    page = words(client.get(reverse("case", args=[case.number])))

    assert "权利时效提醒" in page
    assert "反家庭暴力法第31条" in page
    assert "治安管理处罚法（2025） 待核" in page


def test_the_case_page_asks_no_more_for_them(cast, client, clock):
    def asked(case):
        client.get(reverse("case", args=[case.number]))  # what is kept is read
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("case", args=[case.number]))
        return [query["sql"] for query in queries if "rightlimit" in query["sql"]]

    client.force_login(cast.clerk)
    assert asked(make_case(cast, category="LAB_WAGE")) == []


def test_every_shipped_limit_names_real_categories_and_its_law(cast):
    known = set(CodeItem.objects.in_set(CodeSet.MATTER_CATEGORY).values_list("code", flat=True))
    for right in read_right_limits():
        assert set(right["categories"]) <= known, right["code"]
        assert right["law"]
        assert right["article"] or not right["verified"], right["code"]


def test_a_period_nobody_checked_says_so_on_the_case(cast, client, clock):
    clock.at = MONDAY + timedelta(days=1)
    case = make_case(cast, "HANDLING")
    client.force_login(cast.clerk)
    client.post(
        reverse("case_step", args=[case.number, "start-clock"]),
        {"rule": "PS-ORDER", "started_at": "2026-11-16T10:00"},
    )

    page = words(client.get(reverse("case", args=[case.number])))

    assert "治安管理处罚法（2025）第118条（待核）" in page
    assert "信访工作条例（2022）第23条第1、2款（待核）" not in page
    assert ClockRule.objects.filter(family=ClockFamily.STATUTORY_OWN, verified=False).count() == 0
