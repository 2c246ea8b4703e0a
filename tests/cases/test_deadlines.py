"""The arithmetic of periods against a table anybody can check with a wall calendar, and what holds for every date."""

import csv
import os
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import tzset

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.choices import ClockUnit, Rung
from cases.deadlines import (
    Period,
    Plan,
    Stage,
    add_months,
    at_morning,
    china_date,
    compute_due,
    early_stages,
    end_of_day,
    first_stage,
    last_day,
    late_stage,
    loud,
    previous_working_day_on_or_before,
    rungs_for,
    stage_after,
)
from cases.models import ClockRule
from cases.seeds import read_clock_rules
from stations.seeds import ANNOUNCED_YEARS, _days
from stations.workdays import Calendar
from tests.cast import CHINA
from tests.plans import shipped_plans

SHIPPED = [*_days("holidays.csv"), *_days("statutory_days.csv")]
CALENDAR = Calendar(
    rest=frozenset(day["date"] for day in SHIPPED if day["kind"] == "REST"),
    work=frozenset(day["date"] for day in SHIPPED if day["kind"] == "WORK"),
    announced=frozenset(ANNOUNCED_YEARS),
)
RULES = {
    (rule["code"], rule["region_prefix"]): (rule["amount"], ClockUnit(rule["unit"]))
    for rule in read_clock_rules()
}
PLANS = shipped_plans()
STANDARD, HOURLY = PLANS["STANDARD"], PLANS["HOURLY"]

with (Path(__file__).parent / "data" / "clocks.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [
        pytest.param(row, id=f"{row['rule']} {row['region']} {row['start']} {row['note']}")
        for row in csv.DictReader(file)
    ]


def moment(text):
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=CHINA)


def plain_period(words):
    """`15 DAY`: a period that is no rule of ours."""
    amount, unit = words.split()
    return int(amount), ClockUnit(unit)


def china(*parts):
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize("row", ROWS)
def test_period_ends_when_the_table_says(row):
    amount, unit = RULES.get((row["rule"], row["region"])) or plain_period(row["rule"])

    due = compute_due(moment(row["start"]), amount, unit, CALENDAR, int(row["extra"] or 0))

    if unit == ClockUnit.HOUR:
        assert (due.nominal, due.effective) == (moment(row["nominal"]), moment(row["effective"]))
    else:
        # Stored is the midnight after; people say the day before it.
        assert (due.nominal.astimezone(CHINA).hour, due.effective.astimezone(CHINA).hour) == (0, 0)
        assert (last_day(due.nominal).isoformat(), last_day(due.effective).isoformat()) == (
            row["nominal"],
            row["effective"],
        )
    assert due.provisional is (row["provisional"] == "yes")


def test_table_covers_every_rule_we_ship():
    assert {(row.values[0]["rule"], row.values[0]["region"]) for row in ROWS} >= set(RULES)
    assert len(ROWS) >= 250
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_due_names_the_days_it_passed_over():
    working_days = compute_due(china(2026, 9, 30, 9), 3, ClockUnit.WORKING_DAY, CALENDAR)
    days = compute_due(china(2026, 9, 16, 9), 15, ClockUnit.DAY, CALENDAR)

    assert working_days.skipped == tuple(date(2026, 10, day) for day in range(1, 8))
    assert days.skipped == tuple(date(2026, 10, day) for day in range(1, 8))
    assert compute_due(china(2026, 11, 16, 9), 15, ClockUnit.DAY, CALENDAR).skipped == ()


def test_last_moment_of_the_last_day_is_in_time():
    due = compute_due(china(2026, 11, 16, 9), 15, ClockUnit.DAY, CALENDAR).effective

    assert due == china(2026, 12, 2)
    assert china(2026, 12, 1, 23, 59, 59) < due
    assert last_day(due) == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 6, 15), 0, date(2026, 6, 15)),
    ],
)
def test_a_month_ends_on_the_matching_day_or_the_last(day, months, expected):
    assert add_months(day, months) == expected


def test_the_day_is_the_day_in_china():
    assert china_date(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == date(2027, 1, 1)
    assert china_date(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == date(2026, 12, 31)
    assert end_of_day(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


def test_previous_working_day_steps_back_over_a_holiday():
    assert previous_working_day_on_or_before(date(2026, 10, 7), CALENDAR) == date(2026, 9, 30)
    assert previous_working_day_on_or_before(date(2026, 10, 10), CALENDAR) == date(2026, 10, 10)


# Reminders. XF-NOTICE from Monday 16 November 2026: last day Tuesday 1 December.
START, DUE = china(2026, 11, 16, 9), china(2026, 12, 2)
FIFTEEN_DAYS = Period(START, DUE, ClockUnit.DAY)


def days(start, due, unit=ClockUnit.DAY):
    return Period(start, due, unit)


def by_plan(period, plan=STANDARD):
    return (period, plan, CALENDAR)


def morning(month, day):
    return china(2026, month, day, 8, 30)


def early(period, plan=STANDARD):
    return [(stage.name, stage.at) for stage in early_stages(*by_plan(period, plan))]


def late(period, count, plan=STANDARD):
    return late_stage(period, count, plan, CALENDAR).at


def test_early_reminders_come_seven_three_and_one_day_ahead_and_on_the_day():
    assert early(FIFTEEN_DAYS) == [
        ("T7", morning(11, 24)),
        # Three days ahead is a Saturday, one day ahead a Monday.
        ("T3", morning(11, 27)),
        ("T1", morning(11, 30)),
    ]
    assert late_stage(FIFTEEN_DAYS, 0, STANDARD, CALENDAR) == Stage("T0", morning(12, 1))


def test_early_reminders_that_fall_together_are_one():
    # Last day Thursday 8 October: 7, 3 and 1 day ahead are all rest days and give way to 30 September.
    period = days(china(2026, 9, 16, 9), china(2026, 10, 9))

    assert early(period) == [("T1", morning(9, 30))]
    assert late(period, 0) == morning(10, 8)


def test_no_reminder_comes_before_the_period_began():
    # Three working days from Thursday 19 November: last day Tuesday 24.
    period = days(china(2026, 11, 19, 9), china(2026, 11, 25), ClockUnit.WORKING_DAY)

    # Three days ahead, Saturday, gives way to Friday 20; seven days ahead lies before the start.
    assert early(period) == [("T3", morning(11, 20)), ("T1", morning(11, 23))]


def test_period_of_one_day_reminds_at_its_start():
    begun = china(2026, 11, 16, 16)
    period = days(begun, china(2026, 11, 17), ClockUnit.WORKING_DAY)

    assert early(period) == []
    assert late(period, 0) == begun


def test_hours_remind_halfway_and_at_the_end():
    begun = china(2026, 11, 16, 23, 10)
    due = begun + timedelta(hours=2)
    period = days(begun, due, ClockUnit.HOUR)

    assert early(period, HOURLY) == [("T1", begun + timedelta(hours=1))]
    assert late(period, 0, HOURLY) == due
    assert late_stage(period, 3, HOURLY, CALENDAR) == Stage("O3", due + timedelta(hours=6))


@pytest.mark.parametrize(
    ("count", "day"),
    [
        (1, (2026, 12, 3)),  # Tuesday was the last day: Thursday
        (2, (2026, 12, 7)),  # Friday, Monday
        (3, (2026, 12, 9)),
        (4, (2026, 12, 11)),
        (5, (2026, 12, 15)),
    ],
)
def test_overdue_reminders_come_every_second_working_day(count, day):
    assert late_stage(FIFTEEN_DAYS, count, STANDARD, CALENDAR) == Stage(f"O{count}", china(*day, 8, 30))


def test_overdue_reminders_rest_over_a_holiday():
    # Last day 29 September 2026: one working day before the holiday, the second is 8 October.
    period = days(china(2026, 9, 1), china(2026, 9, 30))

    assert late(period, 1) == morning(10, 8)
    # 9 and the make-up Saturday 10 October
    assert late(period, 2) == morning(10, 10)


@pytest.mark.parametrize(
    ("at", "stage"),
    [
        pytest.param(START, Stage("T7", morning(11, 24)), id="at the start: seven days ahead"),
        pytest.param(morning(11, 24), Stage("T3", morning(11, 27)), id="at a moment: the next one"),
        pytest.param(
            morning(12, 1) - timedelta(seconds=1), Stage("T0", morning(12, 1)), id="just before the last"
        ),
        pytest.param(morning(12, 1), Stage("T0", morning(12, 1)), id="on the day: the day's own, due now"),
        pytest.param(
            china(2026, 12, 2, 9), Stage("T0", morning(12, 1)), id="a day late: still the day's own"
        ),
        pytest.param(china(2026, 12, 3, 8, 29), Stage("T0", morning(12, 1)), id="before office hours"),
        pytest.param(china(2026, 12, 3, 8, 30), Stage("O1", morning(12, 3)), id="two working days late"),
        pytest.param(china(2026, 12, 18, 12), Stage("O6", morning(12, 17)), id="weeks late: only the latest"),
        pytest.param(
            china(2026, 12, 20, 12), Stage("O7", morning(12, 21)), id="on a Sunday: the latest by Monday"
        ),
        pytest.param(
            china(2026, 12, 3, 21), Stage("O1", china(2026, 12, 4, 8)), id="in the night: at its end"
        ),
    ],
)
def test_first_reminder_of_a_clock(at, stage):
    assert first_stage(*by_plan(FIFTEEN_DAYS), at) == stage


@pytest.mark.parametrize(
    ("at", "stage"),
    [
        (START, Stage("T7", morning(11, 24))),
        (morning(11, 24), Stage("T3", morning(11, 27))),
        (china(2026, 11, 28, 3), Stage("T1", morning(11, 30))),
        (morning(11, 30), Stage("T0", morning(12, 1))),
        (morning(12, 1), Stage("O1", morning(12, 3))),
        (china(2026, 12, 2, 0, 1), Stage("O1", morning(12, 3))),
        (china(2026, 12, 3, 8, 29), Stage("O1", morning(12, 3))),
        (morning(12, 3), Stage("O2", morning(12, 7))),
        (china(2026, 12, 7, 8, 29), Stage("O2", morning(12, 7))),
        (china(2026, 12, 20, 12), Stage("O7", morning(12, 21))),
    ],
)
def test_reminder_after_the_one_just_sent(at, stage):
    assert stage_after(*by_plan(FIFTEEN_DAYS), at) == stage


@pytest.mark.parametrize(
    ("hours", "first", "after"),
    [
        (0, "T1", "T1"),
        (1, "T0", "T0"),
        (2, "T0", "O1"),
        (3.9, "T0", "O1"),
        (4, "O1", "O2"),
        (9, "O3", "O4"),
    ],
)
def test_reminders_by_the_hour(hours, first, after):
    begun = china(2026, 11, 16, 23, 10)
    period = by_plan(days(begun, begun + timedelta(hours=2), ClockUnit.HOUR), HOURLY)
    at = begun + timedelta(hours=hours)

    assert first_stage(*period, at).name == first
    assert stage_after(*period, at).name == after


# Plans.


def test_a_plan_says_which_days_ahead():
    # Ten days ahead is a Saturday, five a Thursday.
    assert [name for name, _ in early(FIFTEEN_DAYS, PLANS["LED"])] == ["T10", "T7", "T5", "T3", "T1"]
    assert early(FIFTEEN_DAYS, PLANS["LED"])[0] == ("T10", morning(11, 20))
    assert late(FIFTEEN_DAYS, 1, PLANS["LED"]) == morning(12, 2)


def test_a_plan_may_ring_on_rest_days():
    plan = replace(STANDARD, rest_days=True)

    # Three days ahead is Saturday 28 November; a term that a person set may end on a Sunday.
    assert ("T3", morning(11, 28)) in early(FIFTEEN_DAYS, plan)
    assert late(days(START, china(2026, 11, 30)), 0, plan) == morning(11, 29)


def test_a_term_that_ends_on_a_rest_day_reminds_before_it():
    # Until Sunday 29 November: on Friday; set on that Friday afternoon: at once; set on Saturday: on Monday.
    ends = china(2026, 11, 30)

    assert late(days(START, ends), 0) == morning(11, 27)
    assert late(days(china(2026, 11, 27, 16), ends), 0) == china(2026, 11, 27, 16)
    assert late(days(china(2026, 11, 28, 10), ends), 0) == morning(11, 30)


@pytest.mark.parametrize(
    ("hours", "moment", "rings"),
    [
        pytest.param((20, 8), china(2026, 11, 16, 19, 59), china(2026, 11, 16, 19, 59), id="before"),
        pytest.param((20, 8), china(2026, 11, 16, 20), china(2026, 11, 17, 8), id="from the first minute"),
        pytest.param((20, 8), china(2026, 11, 17, 7, 59), china(2026, 11, 17, 8), id="after midnight"),
        pytest.param((20, 8), china(2026, 11, 17, 8), china(2026, 11, 17, 8), id="at their end"),
        pytest.param((20, 8), datetime(2026, 11, 16, 12, tzinfo=UTC), china(2026, 11, 17, 8), id="in China"),
        pytest.param((12, 14), china(2026, 11, 16, 13), china(2026, 11, 16, 14), id="at noon"),
        pytest.param((12, 14), china(2026, 11, 16, 14), china(2026, 11, 16, 14), id="after noon"),
        pytest.param((12, 14), china(2026, 11, 16, 11), china(2026, 11, 16, 11), id="before noon"),
        pytest.param((20, 8), china(2026, 11, 20, 20), morning(11, 23), id="Friday night: Monday morning"),
    ],
)
def test_nothing_rings_in_quiet_hours(hours, moment, rings):
    plan = replace(STANDARD, quiet_from=time(hours[0]), quiet_to=time(hours[1]))

    assert loud(moment, *by_plan(FIFTEEN_DAYS, plan)) == rings


def test_a_plan_without_quiet_hours_rings_at_night():
    night = china(2026, 11, 21, 3)

    assert loud(night, *by_plan(days(START, DUE, ClockUnit.HOUR), HOURLY)) == night


def test_quiet_hours_hold_for_hours_too_and_the_last_of_the_night_stands():
    plan = replace(HOURLY, quiet_from=time(20), quiet_to=time(8), rest_days=False)
    # From Friday 19:00 to 21:00: half time at 20:00, then 21:00, 23:00 … 07:00; on a Saturday all the same.
    period = by_plan(days(china(2026, 11, 20, 19), china(2026, 11, 20, 21), ClockUnit.HOUR), plan)
    eight = china(2026, 11, 21, 8)

    assert early_stages(*period) == []
    assert stage_after(*period, china(2026, 11, 20, 19)) == Stage("O5", eight)
    assert first_stage(*period, china(2026, 11, 20, 19)) == Stage("O5", eight)
    assert first_stage(*period, china(2026, 11, 21, 4)) == Stage("O5", eight)
    assert stage_after(*period, eight) == Stage("O6", china(2026, 11, 21, 9))


def test_a_last_day_that_begins_at_night_gives_way_to_the_next_reminder():
    # Signed at 21:00 on the last day, a Friday: on Monday at half past eight both would ring.
    period = by_plan(days(china(2026, 11, 20, 21), china(2026, 11, 21)), PLANS["LED"])

    assert stage_after(*period, china(2026, 11, 20, 21)) == Stage("O1", morning(11, 23))
    # With the ordinary plan the first overdue one comes a day later.
    ordinary = by_plan(period[0])
    assert stage_after(*ordinary, china(2026, 11, 20, 21)) == Stage("T0", morning(11, 23))
    assert stage_after(*ordinary, morning(11, 23)) == Stage("O1", morning(11, 24))


@pytest.mark.parametrize(
    ("name", "rungs"),
    [
        ("T7", "OWNER"),
        ("T3", "OWNER"),
        ("T1", "OWNER"),
        ("T0", "OWNER"),
        ("O1", "OWNER HEAD"),
        ("O2", "OWNER HEAD COUNTY_OFFICER"),
        ("O3", "OWNER HEAD COUNTY_OFFICER"),
        ("O4", "OWNER HEAD COUNTY_OFFICER COUNTY_LEADER"),
        ("O7", "OWNER HEAD COUNTY_OFFICER COUNTY_LEADER"),
        ("O8", "OWNER HEAD COUNTY_OFFICER COUNTY_LEADER CONFERENCE"),
        ("O40", "OWNER HEAD COUNTY_OFFICER COUNTY_LEADER CONFERENCE"),
    ],
)
def test_a_reminder_climbs_one_rung_after_another(name, rungs):
    assert " ".join(rungs_for(Stage(name, START), STANDARD)) == rungs


@pytest.mark.parametrize(
    ("name", "rungs"),
    [("T1", "OWNER"), ("T0", "OWNER HEAD"), ("O1", "OWNER HEAD COUNTY_OFFICER COUNTY_LEADER")],
)
def test_a_rung_may_hear_on_the_last_day(name, rungs):
    assert " ".join(rungs_for(Stage(name, START), PLANS["LED"])) == rungs


def test_a_raised_plan_never_reminds_less():
    raised = PLANS["CONFERENCE"].raised(PLANS["LED"])

    assert sorted(raised.early_days) == [1, 3, 5, 7, 10]
    assert (raised.overdue_every, raised.overdue_every_hours) == (1, 2)
    assert raised.rungs == (
        (0, Rung.HEAD),
        (1, Rung.COUNTY_OFFICER),
        (1, Rung.COUNTY_LEADER),
        (0, Rung.CONFERENCE),
    )
    # What runs by the hour is not put to sleep by it.
    assert HOURLY.raised(PLANS["LED"]).quiet_from is None


# What holds for every date.

moments = st.datetimes(datetime(2004, 1, 1), datetime(2034, 1, 1), timezones=st.sampled_from([CHINA, UTC]))
day_counts = st.sampled_from([ClockUnit.DAY, ClockUnit.WORKING_DAY, ClockUnit.MONTH])
amounts = st.integers(0, 90)


@given(moments, amounts, day_counts, st.integers(0, 60))
def test_never_earlier_than_by_plain_counting_and_never_on_a_rest_day(start, amount, unit, extra):
    due = compute_due(start, min(amount, 12) if unit == ClockUnit.MONTH else amount, unit, CALENDAR, extra)

    assert due.effective >= due.nominal > start
    assert CALENDAR.is_working_day(last_day(due.effective))
    assert not any(CALENDAR.is_working_day(day) for day in due.skipped)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=40)), amounts, st.sampled_from(ClockUnit))
def test_a_later_start_never_ends_earlier(start, later, amount, unit):
    # By elapsed time: the wall clock of a zone may repeat an hour.
    second = (start.astimezone(UTC) + later).astimezone(start.tzinfo)

    assert (
        compute_due(second, amount, unit, CALENDAR).effective
        >= compute_due(start, amount, unit, CALENDAR).effective
    )


@given(moments, amounts, st.sampled_from(ClockUnit))
def test_the_zone_of_the_start_does_not_matter(start, amount, unit):
    assert compute_due(start.astimezone(UTC), amount, unit, CALENDAR) == compute_due(
        start.astimezone(CHINA), amount, unit, CALENDAR
    )


@given(moments, amounts, day_counts, st.integers(0, 60), st.integers(0, 60))
def test_a_pause_or_an_extension_only_ever_ends_it_later(start, amount, unit, extra, more):
    amount = min(amount, 12) if unit == ClockUnit.MONTH else amount

    assert (
        compute_due(start, amount, unit, CALENDAR, extra + more).effective
        >= compute_due(start, amount, unit, CALENDAR, extra).effective
    )


@given(moments, amounts, st.integers(0, 60))
def test_hours_know_no_pause_and_no_rest_day(start, amount, extra):
    due = compute_due(start, amount, ClockUnit.HOUR, CALENDAR, extra)

    assert due.nominal == due.effective == start + timedelta(hours=amount)
    assert (due.skipped, due.provisional) == ((), False)


regions = st.sampled_from(["", "41", "4104", "410423", "410423101", "42", "4205"])


@given(
    st.lists(regions, min_size=1, max_size=7, unique=True), st.sampled_from(["410423101", "410521", "420500"])
)
def test_the_narrowest_region_that_holds_the_place_wins(prefixes, place):
    since = datetime(2020, 1, 1, tzinfo=UTC)
    rules = [
        ClockRule(code="X", version=version, region_prefix=prefix, effective_from=since)
        for prefix in prefixes
        for version in (1, 2)
    ]
    holding = [prefix for prefix in prefixes if place.startswith(prefix)]

    if not holding:
        with pytest.raises(ClockRule.DoesNotExist):
            ClockRule.pick(rules, "X", since, place)
        return
    chosen = ClockRule.pick(rules, "X", since, place)
    assert (chosen.region_prefix, chosen.version) == (max(holding, key=len), 2)
    assert ClockRule.binding(rules, since, place) == [chosen]


@pytest.fixture
def process_zone():
    """Sets the time zone of the process and puts it back."""
    before = os.environ.get("TZ")

    def put(zone):
        os.environ["TZ"] = zone
        tzset()

    yield put
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    tzset()


def test_the_zone_of_the_process_does_not_matter(process_zone):
    def all_ends():
        return [
            compute_due(moment(row.values[0]["start"]), *RULES["XF-NOTICE", ""], CALENDAR).effective
            for row in ROWS
        ]

    process_zone("Asia/Shanghai")
    at_home = all_ends()
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        process_zone(zone)
        assert all_ends() == at_home


quiets = st.sampled_from([(None, None), (20, 8), (22, 9), (7, 9), (12, 14), (17, 7)])


@st.composite
def plans(draw):
    quiet_from, quiet_to = draw(quiets)
    return Plan(
        early_days=tuple(draw(st.sets(st.integers(1, 15), max_size=5))),
        overdue_every=draw(st.integers(1, 5)),
        overdue_every_hours=draw(st.integers(1, 30)),
        rungs=STANDARD.rungs,
        quiet_from=None if quiet_from is None else time(quiet_from),
        quiet_to=None if quiet_to is None else time(quiet_to),
        rest_days=draw(st.booleans()),
    )


@given(
    moments,
    st.integers(1, 90),
    st.sampled_from(ClockUnit),
    plans(),
    st.timedeltas(timedelta(0), timedelta(days=200)),
)
def test_reminders_keep_to_their_plan_and_always_go_on(start, amount, unit, plan, passed):
    due = compute_due(start, min(amount, 3) if unit == ClockUnit.MONTH else amount, unit, CALENDAR).effective
    at = (start.astimezone(UTC) + passed).astimezone(CHINA)
    period = (Period(start, due, unit), plan, CALENDAR)

    first, following = first_stage(*period, at), stage_after(*period, at)

    assert following.at > at
    for moment in (following.at, *([first.at] if first.at > at else [])):
        assert plan.after_quiet(moment) == moment
        assert unit == ClockUnit.HOUR or plan.rest_days or CALENDAR.is_working_day(china_date(moment))
    # Whatever the sweep sends now, the next one is another and a later one.
    if first.at <= at:
        assert first != following
    stages = [*early_stages(*period), *(late_stage(period[0], count, plan, CALENDAR) for count in range(9))]
    assert [stage.at for stage in stages] == sorted(stage.at for stage in stages)
    assert all(stage.at > start for stage in stages[:-9])


@given(moments, st.integers(1, 60), st.sampled_from(ClockUnit), plans())
def test_a_sweep_every_minute_sends_each_reminder_once(start, amount, unit, plan):
    due = compute_due(start, min(amount, 3) if unit == ClockUnit.MONTH else amount, unit, CALENDAR).effective
    period = (Period(start, due, unit), plan, CALENDAR)
    waiting, sent = first_stage(*period, start), []

    for _ in range(12):
        sent.append(waiting)
        waiting = stage_after(*period, waiting.at)

    # Of several that fall on one moment the last stands for all.
    every = [*early_stages(*period), *(late_stage(period[0], count, plan, CALENDAR) for count in range(60))]
    standing = {stage.at: stage for stage in every if stage.at > start or stage.name == "T0"}
    assert sent == list(standing.values())[: len(sent)]


def test_at_morning_is_the_start_of_office_hours_in_china():
    assert at_morning(date(2026, 12, 1)) == datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
