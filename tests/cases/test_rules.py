"""Rules of law as data: a change is a new version, running clocks keep theirs until somebody re-dates them on record."""

from datetime import date, datetime, timedelta

import pytest
from django.apps import apps

from cases.actions import redating, rules
from cases.actions.clocks import forget_rules, start_term
from cases.actions.redating import carry_out, carry_out_ordered, order_redating, preview
from cases.choices import NoticeKind, Rung, Step
from cases.models import ClockRule, MovedOn, Notice, Redating, ReminderPlan, ReminderRung
from cases.seeds import fill_rules, read_clock_rules, read_reminder_plans
from cases.workflow import StepNotAllowed
from stations.workdays import load_calendar
from tests.cast import CHINA, MONDAY
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
