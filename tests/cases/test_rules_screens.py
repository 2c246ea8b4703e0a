"""Rules and plans on the pages of the legal officer."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import rules
from cases.choices import ClockStart, Rung, Step
from cases.models import Case, Clock, Redating, ReminderPlan
from tests.cases.pages import words
from tests.cases.test_rules import (
    DAY,
    LATER,
    TUESDAY,
    change,
    ends,
    fresh_rules,  # noqa: F401
    shipped,
    variant,
)
from tests.cast import login
from tests.factories import make_case

# The pages.


@pytest.fixture
def desk(cast, client, clock):
    clock.at = LATER
    return login(client, cast.legal_officer)


def typed(rule, **changes):
    names = ("name", "amount", "unit", "bound", "law", "article", "trigger", "met_by", "paused_by", "starts")
    fields = {name: getattr(rule, name) for name in names}
    fields |= {"plan": rule.plan_id, "verified": "on", "effective_on": "2026-11-17", "reason": "依据新文件"}
    return fields | changes


def test_the_legal_officer_lands_on_the_rules(cast, desk):
    assert desk.get(reverse("desk")).url == reverse("rules")


def test_the_list_stands_by_family_and_field_with_what_runs(cast, desk):
    make_case(cast)

    response = desk.get(reverse("rules"))

    families = dict(response.context["families"])
    assert list(families) == ["法定（本单位）", "法定（承办部门）", "内部承诺"]
    rows = {row["rule"].code: row for _, topics in families.items() for _, part in topics for row in part}
    assert rows["IN-ACCEPT"]["running"] == 1
    assert rows["XF-OBJECT"]["running"] == 0
    page = words(response)
    assert "治安管理处罚法（2025）第118条 待核" in page
    assert "第2版，2026年1月1日起" in page
    assert "治安管理处罚法（2012）" not in page


def test_others_read_without_counts(cast, client, clock):
    page = words(login(client, cast.clerk).get(reverse("rules")))

    assert "第34条" in page
    assert "正在计时" not in page
    assert "提醒方案" not in page


@pytest.mark.parametrize(
    ("asked", "there", "not_there"),
    [
        ({"family": "INTERNAL"}, "IN-ACCEPT", "XF-DECIDE"),
        ({"topic": "DV"}, "DV-PO-DECIDE", "IN-ACCEPT"),
        ({"only": "unverified"}, "LB-INSPECT-IN", "XF-DECIDE"),
        ({"only": "local"}, "DV-WARN", "DV-PO-DECIDE"),
        ({"q": "第34条"}, "XF-DECIDE", "IN-ACCEPT"),
        ({"family": "NO_SUCH"}, "XF-DECIDE", "没有符合条件"),
        ({"only": "changed"}, "没有符合条件", "XF-DECIDE"),
    ],
)
def test_the_list_is_filtered(cast, desk, asked, there, not_there):
    page = words(desk.get(reverse("rules"), asked))

    assert there in page
    assert not_there not in page


def test_the_list_asks_the_same_however_many_rules(cast, desk):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("rules"))
        return len(queries)

    asked()  # what is kept is read
    before = asked()
    for prefix in ("410423", "410421"):
        variant(cast, prefix=prefix)
    assert asked() == before


def test_a_change_goes_through_the_page(cast, desk):
    old = shipped("XF-NOTICE")

    response = desk.post(reverse("rule_change", args=[old.pk]), typed(old, amount="20"))

    made = shipped("XF-NOTICE")
    assert response.url == reverse("rule", args=[made.pk])
    assert (made.amount, made.starts, made.effective_from) == (20, ClockStart.SYSTEM, TUESDAY)
    page = words(desk.get(response.url))
    assert "郑法制，2026年11月18日：依据新文件" in page
    assert "2026年11月17日—现行" in page
    assert (
        reverse("rule_change", args=[old.pk]) not in desk.get(reverse("rule", args=[old.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"amount": "0"}, "amount", "只有按工作日的期限可以是0"),
        ({"amount": "5000"}, "amount", "期限最长1100日"),
        ({"effective_on": "2003-01-01"}, "effective_on", "晚于现行版本的起用日"),
        ({"reason": ""}, "reason", "请填写"),
        ({"plan": "999"}, "plan", "请重新选择"),
    ],
)
def test_a_wrong_change_is_told_at_the_field(cast, desk, changes, field, said):
    old = shipped("XF-NOTICE")

    response = desk.post(reverse("rule_change", args=[old.pk]), typed(old, **changes))

    assert response.status_code == 422
    assert said in str(response.context["form"].errors[field])
    assert shipped("XF-NOTICE") == old


def test_the_slower_officer_is_told_and_keeps_her_words(cast, desk):
    old = shipped("XF-NOTICE")
    change(cast, old, amount=16)

    response = desk.post(reverse("rule_change", args=[old.pk]), typed(old, reason="按第三号文", amount="17"))

    assert response.status_code == 409
    assert "刚刚有了新的版本" in words(response)
    assert "按第三号文" in response.content.decode()


def test_what_a_person_registers_may_be_switched_on(cast, desk):
    old = shipped("CA-RELIEF")
    assert old.starts == ClockStart.NEVER

    desk.post(reverse("rule_change", args=[old.pk]), typed(old, starts="PERSON"))

    assert shipped("CA-RELIEF").starts == ClockStart.PERSON
    signed = desk.get(reverse("rule_change", args=[shipped("LB-INSPECT-IN").pk])).context["form"]
    assert [key for key, _ in signed.fields["starts"].choices] == ["SIGNED", "PERSON", "NEVER"]
    own = desk.get(reverse("rule_change", args=[shipped().pk])).context["form"]
    assert "starts" not in own.fields
    assert "pausable" in own.fields
    assert "pausable" not in signed.fields


def test_a_county_officer_keeps_to_her_county(cast, client, clock):
    clock.at = LATER
    cast.legal_officer.organisation = cast.county
    cast.legal_officer.save()
    desk = login(client, cast.legal_officer)
    national, city = shipped(), variant(cast, prefix="4104")
    own, other = variant(cast), variant(cast, prefix="410421")

    for rule, status in ((national, 403), (city, 403), (other, 403), (own, 200)):
        for name in ("rule_change", "rule_redate"):
            assert desk.get(reverse(name, args=[rule.pk])).status_code == status, (rule, name)
    assert "由上级妇联修改" in words(desk.get(reverse("rule", args=[national.pk])))
    assert desk.get(reverse("rule_variant", args=[national.pk])).status_code == 200  # a township of hers
    plan = ReminderPlan.objects.first()
    assert desk.get(reverse("rule_plan", args=[plan.pk])).status_code == 403


def test_a_variant_goes_through_the_page(cast, desk):
    rule = shipped()
    page = desk.get(reverse("rule_variant", args=[rule.pk]))
    assert dict(page.context["form"].fields["region_prefix"].choices) == {
        "4104": "平顶山市",
        "410421": "宝丰县",
        "410423": "鲁山县",
    }

    response = desk.post(
        reverse("rule_variant", args=[rule.pk]), typed(rule, region_prefix="410423", amount="4")
    )

    made = shipped(prefix="410423")
    assert (response.url, made.amount, made.version) == (reverse("rule", args=[made.pk]), 4, 1)
    assert "鲁山县" in words(desk.get(reverse("rule", args=[rule.pk])))


def test_where_every_place_has_its_own_there_is_none_to_give(cast, desk):
    rule = shipped("DV-WARN", "41")
    for prefix in ("4104", "410421", "410423"):
        rules.add_variant(
            rule,
            region_prefix=prefix,
            changes={},
            effective_from=TUESDAY,
            reason="",
            by=cast.legal_officer,
            at=LATER,
        )

    assert desk.get(reverse("rule_variant", args=[rule.pk])).status_code == 403


def test_re_dating_shows_first_and_then_does(cast, desk):
    case = make_case(cast)
    made = change(cast)
    url = reverse("rule_redate", args=[made.pk])

    page = desk.get(url)
    assert "推迟1个，提前0个" in words(page)
    assert "推迟4天" in words(page)
    assert case.number not in page.content.decode()  # the legal officer sees no case
    empty = desk.post(url, {})
    assert empty.status_code == 422
    assert "还没有保存" in words(empty)
    assert ends(case) == date(2026, 11, 19)

    response = desk.post(url, {"reason": "一并适用"})

    assert response.url == reverse("rule", args=[made.pk])
    assert ends(case) == date(2026, 11, 23)
    assert "已重算1件案件的1个期限" in words(desk.get(response.url))
    assert "没有会因此变动的期限" in words(desk.get(url))
    assert desk.post(url, {"reason": "再来一次"}).status_code == 422
    assert Redating.objects.count() == 1


def test_shortening_is_said_before_it_is_done(cast, desk):
    case = make_case(cast)
    made = change(cast, amount=1)
    url = reverse("rule_redate", args=[made.pk])

    assert "有期限会提前" in words(desk.get(url))
    desk.post(url, {"reason": "缩短"})
    assert ends(case) == date(2026, 11, 19)
    desk.post(url, {"reason": "缩短", "may_shorten": "on"})
    assert ends(case) == date(2026, 11, 17)


def test_a_version_to_come_is_not_yet_re_dated_onto(cast, desk):
    made = change(cast, effective_from=TUESDAY + 30 * DAY)

    assert "现在没有施行" in words(desk.get(reverse("rule_redate", args=[made.pk])))


def test_a_plan_goes_through_the_page(cast, desk):
    plan = ReminderPlan.objects.get(code="STANDARD")
    url = reverse("rule_plan", args=[plan.pk])
    right = {
        "name": "一般期限",
        "early_days": "3 1 5",
        "overdue_every": "1",
        "overdue_every_hours": "2",
        "quiet_from": "21:00",
        "quiet_to": "07:30",
        "rung_HEAD": "1",
        "rung_COUNTY_OFFICER": "",
    }
    assert "7 3 1" in desk.get(url).content.decode()

    for wrong, field in (
        ({"early_days": "3 x"}, "early_days"),
        ({"early_days": "1 2 3 4 5 6 7 8 9 10 11"}, "early_days"),
        ({"quiet_to": ""}, "quiet_to"),
        ({"quiet_from": ""}, "quiet_from"),
        ({"quiet_to": "21:00"}, "quiet_to"),
        ({"overdue_every": "0"}, "overdue_every"),
    ):
        response = desk.post(url, right | wrong)
        assert response.status_code == 422
        assert field in response.context["form"].errors

    assert desk.post(url, right).url == reverse("rules")
    plan.refresh_from_db()
    assert (plan.early_days, plan.overdue_every, plan.rest_days) == ([5, 3, 1], 1, False)
    assert dict(plan.rungs.values_list("rung", "after")) == {Rung.HEAD: 1}
    assert "上次由郑法制于2026年11月18日修改" in words(desk.get(url))


@pytest.mark.parametrize("name", ["rule", "rule_change", "rule_variant", "rule_redate", "rule_plan"])
def test_what_is_not_there_is_not_found(cast, desk, name):
    assert desk.get(reverse(name, args=[10**7])).status_code == 404


def test_cases_are_untouched_by_a_change_alone(cast):
    make_case(cast)
    before = list(Clock.objects.values_list("pk", "effective_due", "rule"))
    change(cast)

    assert list(Clock.objects.values_list("pk", "effective_due", "rule")) == before
    assert not Case.objects.get().events.filter(step=Step.REDATE).exists()
