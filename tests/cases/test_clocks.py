"""Running periods: which rule binds, and the date that stands on the case."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cases.actions.clocks import (
    cancel_clocks,
    forget_rules,
    keep_moved,
    meet_clocks,
    redate,
    refresh_due,
    rule_in_force,
    start_clocks,
    with_rules,
)
from cases.choices import ClockFamily, ClockStatus, ClockUnit
from cases.models import ClockRule, ReminderPlan
from stations.choices import DayKind
from stations.models import Holiday
from stations.workdays import load_calendar
from tests.cases.supervising import supervised
from tests.cast import MONDAY
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + 30 * MINUTE
CITY, TOWNSHIP = "4104", "410423101"


def rule(code="IN-ACCEPT", **changes):
    fields = {
        "code": code,
        "name": "决定是否受理",
        "family": ClockFamily.INTERNAL,
        "amount": 5,
        "unit": ClockUnit.WORKING_DAY,
        "bound": "站长",
        "law": "本县约定",
        "plan": ReminderPlan.objects.get(code="STANDARD"),
        "met_by": "受理",
        "effective_from": datetime(2020, 1, 1, tzinfo=UTC),
    }
    made = ClockRule.objects.create(**(fields | changes))
    forget_rules()
    return made


def test_the_narrowest_region_binds_then_the_newest_version(cast):
    shipped = rule_in_force("IN-ACCEPT", MONDAY, TOWNSHIP)
    city = rule(region_prefix=CITY)
    assert rule_in_force("IN-ACCEPT", MONDAY, TOWNSHIP) == city
    assert rule_in_force("IN-ACCEPT", MONDAY, "410521100") == shipped

    newer = rule(region_prefix=CITY, version=2)
    assert rule_in_force("IN-ACCEPT", MONDAY, TOWNSHIP) == newer
    county = rule(region_prefix="410423")
    assert rule_in_force("IN-ACCEPT", MONDAY, TOWNSHIP) == county


def test_a_rule_binds_from_its_first_moment_to_its_last(cast):
    shipped = rule_in_force("IN-ACCEPT", MONDAY, TOWNSHIP)
    newer = rule(version=2, effective_from=MONDAY, effective_to=LATER)

    assert rule_in_force("IN-ACCEPT", MONDAY - MINUTE, TOWNSHIP) == shipped
    assert rule_in_force("IN-ACCEPT", MONDAY, TOWNSHIP) == newer
    assert rule_in_force("IN-ACCEPT", LATER, TOWNSHIP) == shipped


def test_a_rule_nobody_wrote_is_an_error(cast):
    with pytest.raises(ClockRule.DoesNotExist):
        rule_in_force("XF-NONE", MONDAY, TOWNSHIP)


def test_a_running_clock_keeps_the_rule_it_began_with(cast):
    case = make_case(cast)
    before = case.clocks.get(code="IN-ACCEPT")
    rule(version=2, amount=1)

    assert make_case(cast).clocks.get(code="IN-ACCEPT").amount == 1
    calendar = load_calendar()
    assert not redate(before, calendar, LATER)
    assert before.amount == 3


def test_clocks_of_a_page_carry_their_rules_without_asking(cast, django_assert_num_queries):
    case = make_case(cast)
    rule_in_force("IN-ACCEPT", MONDAY, TOWNSHIP)

    with django_assert_num_queries(1):
        told = with_rules(case.clocks.all())
        assert {clock.rule.code for clock in told} == {clock.code for clock in told}


def test_a_rule_newer_than_what_is_kept_is_fetched(cast):
    clock = make_case(cast).clocks.get(code="IN-ACCEPT")
    newer = ClockRule.objects.get(pk=clock.rule_id)
    newer.pk, newer.version = None, 9
    newer.save()
    clock.rule_id = newer.pk

    (told,) = with_rules([clock])

    assert told.rule == newer


def test_our_nearest_date_stands_on_the_case(cast):
    case = make_case(cast)
    assert case.due_at == case.clocks.get(code="IN-ACCEPT").effective_due

    assert meet_clocks(case, "IN-ACCEPT", at=LATER, by=cast.head) == 1
    assert case.due_at == case.clocks.get(code="XF-NOTICE").effective_due
    assert meet_clocks(case, "IN-ACCEPT", at=LATER, by=cast.head) == 0

    cancel_clocks(case, at=LATER, by=cast.head)
    case.refresh_from_db()
    assert (case.due_at, case.due_provisional) == (None, False)


def test_a_provisional_date_is_marked_on_the_case(cast):
    case = make_case(cast)
    meet_clocks(case, "IN-ACCEPT", "XF-NOTICE", at=LATER, by=cast.head)

    case.refresh_from_db()
    assert case.due_provisional


def test_the_partners_dates_never_stand_on_the_case(cast):
    case = make_case(cast, "HANDLING")
    before = case.due_at

    sent = make_referral(cast, "SIGNED", case=case)
    refresh_due(case)
    assert case.due_at == before

    start_clocks(case, "IN-REWORK", started_at=LATER, at=LATER, of=sent)
    assert meet_clocks(case, "IN-REWORK", at=LATER, by=None, of=sent) == 1
    cancel_clocks(case, at=LATER, by=None, of=sent)
    case.refresh_from_db()
    assert case.due_at == before
    assert case.clocks.live().filter(referral=None).exists()


def test_re_dating_starts_from_the_clocks_own_start(cast):
    clock = make_case(cast).clocks.select_related("rule").get(code="IN-ACCEPT")
    assert clock.last_day == date(2026, 11, 19)
    Holiday.objects.create(date=date(2026, 11, 18), kind=DayKind.REST, name="雪", source="测试")
    # The cache is keyed by a version that only the calendar's own verbs raise.
    calendar = load_calendar()
    changed = type(calendar)(calendar.rest | {date(2026, 11, 18)}, calendar.work, calendar.announced)

    assert redate(clock, changed, LATER)

    assert clock.last_day == date(2026, 11, 20)
    assert "2026-11-18" in clock.skipped
    assert clock.next_notice_at > LATER
    assert not redate(clock, changed, LATER)


def test_a_paused_clock_is_re_dated_without_a_reminder(cast):
    clock = make_case(cast, "SUSPENDED").clocks.select_related("rule").get(code="IN-TOTAL")
    clock.extended_days = 5

    assert redate(clock, load_calendar(), LATER)

    assert (clock.status, clock.next_notice_at) == (ClockStatus.PAUSED, None)


def test_lateness_is_the_end_after_the_due_moment(cast):
    clock = make_case(cast).clocks.get(code="IN-ACCEPT")
    assert (clock.is_live, clock.was_late) == (True, False)

    clock.status, clock.ended_at = ClockStatus.MET, clock.effective_due
    assert not clock.was_late
    clock.ended_at += timedelta(microseconds=1)
    assert clock.was_late
    clock.status = ClockStatus.CANCELLED
    assert not clock.was_late


def test_a_rule_names_its_source(cast):
    assert rule_in_force("XF-DECIDE", MONDAY, TOWNSHIP).source == "信访工作条例（2022）第34条"
    assert rule_in_force("IN-TOTAL", MONDAY, TOWNSHIP).source == "本市妇联工作承诺"


def test_a_supervision_keeps_the_end_of_its_moved_clock(cast):
    found = supervised(cast)
    clock = found.clocks.get(code="SV-REPLY")
    clock.effective_due += timedelta(days=3)

    keep_moved(clock)

    found.refresh_from_db()
    assert found.due_at == clock.effective_due
