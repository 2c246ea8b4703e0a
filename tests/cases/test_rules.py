"""Rules of law as data: a change is a new version, running clocks keep theirs until somebody re-dates them on record."""

from datetime import date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import redating, rules
from cases.actions.clocks import forget_rules, start_term
from cases.actions.redating import carry_out, carry_out_ordered, order_redating, preview
from cases.choices import ClockStart, NoticeKind, Rung, Step
from cases.models import Case, Clock, ClockRule, MovedOn, Notice, Redating, ReminderPlan, ReminderRung
from cases.seeds import fill_rules, read_clock_rules, read_reminder_plans
from cases.workflow import StepNotAllowed
from stations.workdays import load_calendar
from tests.cases.pages import words
from tests.cast import CHINA, MONDAY, login
from tests.factories import make_case

DAY = timedelta(days=1)
LATER = MONDAY + 2 * DAY
TUESDAY = datetime(2026, 11, 17, tzinfo=CHINA)


@pytest.fixture(autouse=True)
def fresh_rules():
    yield
    forget_rules()


def shipped(code="IN-ACCEPT", prefix=""):
    return ClockRule.objects.versions_of(ClockRule(code=code, region_prefix=prefix)).first()


def change(cast, rule=None, amount=5, **told):
    told = {"effective_from": TUESDAY, "reason": "人手不足", "by": cast.legal_officer, "at": LATER} | told
    made = rules.change_rule(rule or shipped(), changes={"amount": amount}, **told)
    forget_rules()
    return made


def variant(cast, prefix="410423", amount=5, **told):
    told = {"effective_from": TUESDAY, "reason": "本县约定", "by": cast.legal_officer, "at": LATER} | told
    made = rules.add_variant(shipped(), region_prefix=prefix, changes={"amount": amount}, **told)
    forget_rules()
    return made


def order(cast, rule=None, **told):
    told = {"may_shorten": False, "reason": "一并适用", "by": cast.legal_officer, "at": LATER} | told
    return order_redating(rule=rule, **told)


def ends(case, code="IN-ACCEPT"):
    return case.clocks.get(code=code).last_day


def tables(name):
    return apps.get_model("cases", name)


# What is shipped.


def test_the_tables_hold_every_rule_that_is_shipped(db):
    shipped_rows = [row | {"department_kind": row["department_kind"] or None} for row in read_clock_rules()]
    columns = [name for name in shipped_rows[0] if name not in ("plan", "department_kind")]

    held = {
        (rule.code, rule.region_prefix, rule.version): {name: getattr(rule, name) for name in columns}
        | {"plan": rule.plan.code, "department_kind": rule.department_kind or None}
        for rule in ClockRule.objects.select_related("plan")
    }

    assert held == {(row["code"], row["region_prefix"], row["version"]): row for row in shipped_rows}


def test_the_tables_hold_every_plan_that_is_shipped(db):
    held = {plan.code: dict(plan.rungs.values_list("rung", "after")) for plan in ReminderPlan.objects.all()}

    assert held == {fields["code"]: rungs for fields, rungs in read_reminder_plans()}


def test_an_update_of_the_program_keeps_what_an_officer_decided(cast):
    made = change(cast, amount=5)
    own = variant(cast, prefix="4104", amount=7)
    plan = ReminderPlan.objects.get(code="STANDARD")
    rules.change_plan(plan, fields={"early_days": [5]}, rungs={Rung.HEAD: 2}, by=cast.legal_officer, at=LATER)

    fill_rules(tables)

    first = ClockRule.objects.get(code="IN-ACCEPT", region_prefix="", version=1)
    made.refresh_from_db()
    own.refresh_from_db()
    plan.refresh_from_db()
    assert (first.effective_to, made.amount, own.amount) == (TUESDAY, 5, 7)
    assert (plan.early_days, list(plan.rungs.values_list("rung", "after"))) == ([5], [(Rung.HEAD, 2)])


def test_an_update_of_the_program_brings_what_is_new(cast):
    ClockRule.objects.filter(code="XF-EVAL").delete()
    ClockRule.objects.filter(code="IN-ACCEPT").update(name="旧名", effective_to=TUESDAY)
    ReminderRung.objects.filter(plan__code="SHELTER").delete()

    fill_rules(tables)

    assert shipped("XF-EVAL").amount == 30
    assert (shipped().name, shipped().effective_to) == ("决定是否受理", TUESDAY)
    assert ReminderRung.objects.filter(plan__code="SHELTER").exists()


# A change is a new version.


def test_a_change_is_a_new_version_and_the_old_one_ends(cast):
    old = shipped()
    made = change(cast)

    old.refresh_from_db()
    assert (old.amount, old.effective_to, made.version, made.amount) == (3, TUESDAY, 2, 5)
    assert (made.made_by, made.made_at, made.reason) == (cast.legal_officer, LATER, "人手不足")
    assert (made.code, made.family, made.starts, made.plan) == (old.code, old.family, old.starts, old.plan)


def test_running_clocks_keep_their_version(cast):
    case = make_case(cast)
    change(cast)

    assert (ends(case), case.clocks.get(code="IN-ACCEPT").rule.version) == (date(2026, 11, 19), 1)
    assert ends(make_case(cast, at=MONDAY + DAY)) == date(2026, 11, 24)  # five from Tuesday


def test_only_the_newest_version_is_changed_and_one_officer_wins(cast):
    old = shipped()
    change(cast)

    with pytest.raises(MovedOn, match="新的版本"):
        change(cast, old, effective_from=TUESDAY + 9 * DAY)
    assert ClockRule.objects.filter(code="IN-ACCEPT").count() == 2


def test_versions_follow_one_another_in_time(cast):
    made = change(cast)
    for wrong in (TUESDAY, TUESDAY - DAY):
        with pytest.raises(StepNotAllowed, match="起用日"):
            change(cast, made, effective_from=wrong)
    ClockRule.objects.filter(pk=made.pk).update(effective_to=TUESDAY + 5 * DAY)
    with pytest.raises(StepNotAllowed, match="停用日"):
        change(cast, made, effective_from=TUESDAY + DAY)

    newest = change(cast, made, effective_from=TUESDAY + 5 * DAY)
    made.refresh_from_db()
    assert (made.effective_to, newest.version) == (TUESDAY + 5 * DAY, 3)


def test_what_the_program_knows_a_rule_by_is_not_changed(cast):
    made = rules.change_rule(
        shipped(),
        changes={"code": "X", "family": "STATUTORY_OWN", "region_prefix": "11", "name": "新名"},
        effective_from=TUESDAY,
        reason="",
        by=cast.legal_officer,
        at=LATER,
    )

    assert (made.code, made.family, made.region_prefix, made.name) == ("IN-ACCEPT", "INTERNAL", "", "新名")


def test_a_region_gets_its_own_rule_once(cast):
    variant(cast)

    at_home = make_case(cast, at=MONDAY + DAY)
    elsewhere = make_case(cast, at=MONDAY + DAY, unit=cast.far_station)
    assert (ends(at_home), ends(elsewhere)) == (date(2026, 11, 24), date(2026, 11, 20))
    with pytest.raises(StepNotAllowed, match="已经有自己的规则"):
        variant(cast)
    with pytest.raises(StepNotAllowed, match="适用范围以内"):
        rules.add_variant(
            shipped("DV-WARN", "41"),
            region_prefix="42",
            changes={},
            effective_from=TUESDAY,
            reason="",
            by=cast.legal_officer,
            at=LATER,
        )


# Re-dating.


def test_a_preview_says_what_would_move_and_moves_nothing(cast):
    first, second = make_case(cast), make_case(cast, unit=cast.far_station)
    made = change(cast)

    told = preview(Redating(rule=made), LATER)

    assert (told.clocks, told.later, told.earlier, len(told.cases)) == (2, 2, 0, 2)
    assert told.days_rows() == [(4, 2)]  # Thursday to Monday
    assert told.county_rows() == [("宝丰县", 0, 1), ("鲁山县", 0, 1)]
    assert [(move.from_day, move.to_day) for move in told.first] == [
        (date(2026, 11, 19), date(2026, 11, 23))
    ] * 2
    assert (ends(first), ends(second)) == (date(2026, 11, 19), date(2026, 11, 19))


def test_carrying_out_moves_records_and_tells_once(cast):
    case = make_case(cast, "HANDLING")
    made = change(cast, shipped("IN-TOTAL"), amount=90)
    act = order(cast, made)

    assert carry_out(act, LATER)
    assert carry_out(act, LATER + DAY)  # a second run finds nothing

    clock = case.clocks.get(code="IN-TOTAL")
    assert (clock.rule, clock.amount, clock.last_day) == (made, 90, date(2027, 2, 14 + 1))
    act.refresh_from_db()
    assert (act.cases, act.clocks, act.done_at) == (1, 1, LATER)
    event = case.events.get(step=Step.REDATE)
    assert (event.by, event.facts) == (
        cast.legal_officer,
        {"clocks": {"IN-TOTAL": "2027-02-15"}, "redating": act.pk},
    )
    (notice,) = Notice.objects.filter(kind=NoticeKind.REDATED)
    assert notice.recipient == cast.clerk


def test_the_date_of_the_case_follows(cast):
    case = make_case(cast, "REGISTERED")
    before = case.due_at
    carry_out(order(cast, change(cast)), LATER)

    case.refresh_from_db()
    assert case.due_at > before


def test_nobody_loses_time_that_was_promised_unless_the_order_says_so(cast):
    case = make_case(cast)
    made = change(cast, amount=1)
    told = preview(Redating(rule=made), LATER)
    assert (told.earlier, told.later) == (1, 0)

    carry_out(order(cast, made), LATER)
    assert ends(case) == date(2026, 11, 19)
    assert not case.events.filter(step=Step.REDATE).exists()

    carry_out(order(cast, made, may_shorten=True), LATER)
    assert ends(case) == date(2026, 11, 17)


def test_a_term_set_by_a_person_stays_what_she_said(cast):
    case = make_case(cast, "HANDLING")
    start_term(case, "IN-GUIDED", until=date(2026, 12, 7), at=MONDAY)
    made = change(cast, shipped("IN-GUIDED"), amount=3)

    assert preview(Redating(rule=made), LATER).clocks == 0


def test_a_wider_rule_does_not_reach_where_a_narrower_one_binds(cast):
    variant(cast, amount=3)
    make_case(cast)
    make_case(cast, unit=cast.far_station)
    made = change(cast)

    assert list(preview(Redating(rule=made), LATER).by_county) == ["410421"]
    assert preview(Redating(rule=shipped(prefix="410423")), LATER).clocks == 0


def test_a_township_rule_moves_its_own_clocks_only(cast):
    here, there = make_case(cast), make_case(cast, unit=cast.other_station)
    made = variant(cast, prefix="410423101")
    carry_out(order(cast, made), LATER)

    assert (ends(here), ends(there)) == (date(2026, 11, 23), date(2026, 11, 19))


def test_a_version_that_does_not_bind_yet_moves_nothing(cast):
    make_case(cast)
    made = change(cast, effective_from=TUESDAY + 30 * DAY)

    assert preview(Redating(rule=made), LATER).clocks == 0


def test_a_rule_that_binds_nowhere_any_more_moves_nothing(cast):
    make_case(cast)
    made = change(cast)
    ClockRule.objects.filter(code="IN-ACCEPT").update(effective_to=TUESDAY + DAY)
    made.refresh_from_db()

    assert preview(Redating(rule=made), LATER).clocks == 0


def test_many_cases_are_done_in_parts_and_beat_does_the_rest(cast):
    cases = [make_case(cast) for _ in range(3)]
    act = order(cast, change(cast))

    assert not carry_out(act, LATER, most=2)
    act.refresh_from_db()
    assert (act.cases, act.done_at) == (2, None)
    assert carry_out_ordered(LATER + DAY) == 1
    act.refresh_from_db()
    assert (act.cases, act.clocks, act.done_at) == (3, 3, LATER + DAY)
    assert {ends(case) for case in cases} == {date(2026, 11, 23)}
    assert carry_out_ordered(LATER + DAY) == 0


def test_a_run_beside_another_does_nothing_twice(cast):
    case = make_case(cast)
    act = order(cast, change(cast))
    carry_out(act, LATER)

    redating._redate_case(act, case.pk, load_calendar(), LATER)

    act.refresh_from_db()
    assert act.clocks == 1
    assert case.events.filter(step=Step.REDATE).count() == 1


def test_a_plan_is_changed_with_its_rungs_and_says_by_whom(cast):
    plan = ReminderPlan.objects.get(code="STANDARD")

    rules.change_plan(plan, fields={"early_days": [2]}, rungs={Rung.HEAD: 0}, by=cast.legal_officer, at=LATER)

    plan = ReminderPlan.objects.get(code="STANDARD")
    assert (plan.early_days, plan.changed_by, plan.changed_at) == ([2], cast.legal_officer, LATER)
    assert list(plan.rungs.values_list("rung", "after")) == [(Rung.HEAD, 0)]


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
