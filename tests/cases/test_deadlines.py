"""The arithmetic of periods against a table anybody can check with a wall calendar, and what holds for every date."""

import csv
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.choices import ClockUnit, Rung
from cases.deadlines import (
    Stage,
    add_months,
    at_morning,
    china_date,
    compute_due,
    early_stages,
    end_of_day,
    first_stage,
    last_day,
    overdue_stage,
    previous_working_day_on_or_before,
    rungs_for,
    stage_after,
)
from cases.seeds import read_clock_rules
from stations.seeds import ANNOUNCED_YEARS, _days
from stations.workdays import Calendar
from tests.cast import CHINA

SHIPPED = [*_days("holidays.csv"), *_days("statutory_days.csv")]
CALENDAR = Calendar(
    rest=frozenset(day["date"] for day in SHIPPED if day["kind"] == "REST"),
    work=frozenset(day["date"] for day in SHIPPED if day["kind"] == "WORK"),
    announced=frozenset(ANNOUNCED_YEARS),
)
RULES = {rule["code"]: (rule["amount"], ClockUnit(rule["unit"])) for rule in read_clock_rules()}


with (Path(__file__).parent / "data" / "clocks.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [
        pytest.param(row, id=f"{row['rule']} {row['start']} {row['note']}") for row in csv.DictReader(file)
    ]


def moment(text):
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=CHINA)


def china(*parts):
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize("row", ROWS)
def test_period_ends_when_the_table_says(row):
    amount, unit = RULES.get(row["rule"]) or (int(row["rule"].split()[0]), ClockUnit(row["rule"].split()[1]))

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
    assert {row.values[0]["rule"] for row in ROWS} >= set(RULES)


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


def day_units(*args):
    return (START, DUE, ClockUnit.DAY, CALENDAR, *args)


def morning(month, day):
    return china(2026, month, day, 8, 30)


def test_early_reminders_come_seven_three_and_one_day_ahead_and_on_the_day():
    assert early_stages(*day_units()) == [
        Stage("T7", morning(11, 24)),
        # Three days ahead is a Saturday, one day ahead a Monday.
        Stage("T3", morning(11, 27)),
        Stage("T1", morning(11, 30)),
        Stage("T0", morning(12, 1)),
    ]


def test_early_reminders_that_fall_together_are_one():
    # Last day Thursday 8 October: 7, 3 and 1 day ahead are all rest days and give way to 30 September.
    stages = early_stages(china(2026, 9, 16, 9), china(2026, 10, 9), ClockUnit.DAY, CALENDAR)

    assert stages == [Stage("T1", morning(9, 30)), Stage("T0", morning(10, 8))]


def test_no_reminder_comes_before_the_period_began():
    # Three working days from Thursday 19 November: last day Tuesday 24.
    stages = early_stages(china(2026, 11, 19, 9), china(2026, 11, 25), ClockUnit.WORKING_DAY, CALENDAR)

    # Three days ahead, Saturday, gives way to Friday 20; seven days ahead lies before the start.
    assert stages == [
        Stage("T3", morning(11, 20)),
        Stage("T1", morning(11, 23)),
        Stage("T0", morning(11, 24)),
    ]


def test_period_of_one_day_reminds_at_its_start():
    begun = china(2026, 11, 16, 16)

    assert early_stages(begun, china(2026, 11, 17), ClockUnit.WORKING_DAY, CALENDAR) == [Stage("T0", begun)]


def test_hours_remind_halfway_and_at_the_end():
    begun = china(2026, 11, 16, 23, 10)
    due = begun + timedelta(hours=2)

    assert early_stages(begun, due, ClockUnit.HOUR, CALENDAR) == [
        Stage("T1", begun + timedelta(hours=1)),
        Stage("T0", due),
    ]
    assert overdue_stage(due, ClockUnit.HOUR, 3, CALENDAR) == Stage("O3", due + timedelta(hours=6))


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
    assert overdue_stage(DUE, ClockUnit.DAY, count, CALENDAR) == Stage(f"O{count}", china(*day, 8, 30))


def test_overdue_reminders_rest_over_a_holiday():
    # Last day 29 September 2026: one working day before the holiday, the second is 8 October.
    assert overdue_stage(china(2026, 9, 30), ClockUnit.DAY, 1, CALENDAR).at == morning(10, 8)
    # 9 and the make-up Saturday 10 October
    assert overdue_stage(china(2026, 9, 30), ClockUnit.DAY, 2, CALENDAR).at == morning(10, 10)


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
        pytest.param(china(2026, 12, 20, 12), Stage("O6", morning(12, 17)), id="weeks late: only the latest"),
    ],
)
def test_first_reminder_of_a_clock(at, stage):
    assert first_stage(*day_units(at)) == stage


@pytest.mark.parametrize(
    ("at", "stage"),
    [
        (START, Stage("T7", morning(11, 24))),
        (morning(11, 24), Stage("T3", morning(11, 27))),
        (china(2026, 11, 28, 3), Stage("T1", morning(11, 30))),
        (morning(12, 1), Stage("O1", morning(12, 3))),
        (china(2026, 12, 2, 0, 1), Stage("O1", morning(12, 3))),
        (china(2026, 12, 3, 8, 29), Stage("O1", morning(12, 3))),
        (morning(12, 3), Stage("O2", morning(12, 7))),
        (china(2026, 12, 7, 8, 29), Stage("O2", morning(12, 7))),
        (china(2026, 12, 20, 12), Stage("O7", morning(12, 21))),
    ],
)
def test_reminder_after_the_one_just_sent(at, stage):
    assert stage_after(*day_units(at)) == stage


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
    period = (begun, begun + timedelta(hours=2), ClockUnit.HOUR, CALENDAR)
    at = begun + timedelta(hours=hours)

    assert first_stage(*period, at).name == first
    assert stage_after(*period, at).name == after


@pytest.mark.parametrize(
    ("name", "rungs"),
    [
        ("T7", (Rung.OWNER,)),
        ("T3", (Rung.OWNER,)),
        ("T1", (Rung.OWNER,)),
        ("T0", (Rung.OWNER,)),
        ("O1", (Rung.OWNER, Rung.HEAD)),
        ("O2", (Rung.OWNER, Rung.HEAD, Rung.COUNTY_OFFICER)),
        ("O3", (Rung.OWNER, Rung.HEAD, Rung.COUNTY_OFFICER)),
        ("O4", (Rung.OWNER, Rung.HEAD, Rung.COUNTY_OFFICER, Rung.COUNTY_LEADER)),
        ("O40", (Rung.OWNER, Rung.HEAD, Rung.COUNTY_OFFICER, Rung.COUNTY_LEADER)),
    ],
)
def test_a_reminder_climbs_one_rung_after_another(name, rungs):
    assert rungs_for(Stage(name, START)) == rungs


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


@pytest.fixture
def process_zone():
    """Sets the time zone of the process and puts it back."""
    before = os.environ.get("TZ")

    def put(zone):
        os.environ["TZ"] = zone
        time.tzset()

    yield put
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_the_zone_of_the_process_does_not_matter(process_zone):
    def all_ends():
        return [
            compute_due(moment(row.values[0]["start"]), *RULES["XF-NOTICE"], CALENDAR).effective
            for row in ROWS
        ]

    process_zone("Asia/Shanghai")
    at_home = all_ends()
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        process_zone(zone)
        assert all_ends() == at_home


@given(moments, st.integers(1, 90), day_counts, st.timedeltas(timedelta(0), timedelta(days=200)))
def test_reminders_never_come_on_a_rest_day_and_always_go_on(start, amount, unit, passed):
    due = compute_due(start, min(amount, 3) if unit == ClockUnit.MONTH else amount, unit, CALENDAR).effective
    at = (start.astimezone(UTC) + passed).astimezone(CHINA)

    first, following = (
        first_stage(start, due, unit, CALENDAR, at),
        stage_after(start, due, unit, CALENDAR, at),
    )

    assert following.at > at
    assert CALENDAR.is_working_day(china_date(following.at))
    # Whatever the sweep sends now, the next one is another and a later one.
    if first.at <= at:
        assert first != following
    stages = early_stages(start, due, unit, CALENDAR)
    assert [stage.at for stage in stages] == sorted({stage.at for stage in stages})
    assert stages[-1].name == "T0"


@given(moments, st.integers(1, 60))
def test_a_sweep_every_minute_sends_each_reminder_once(start, amount):
    due = compute_due(start, amount, ClockUnit.DAY, CALENDAR).effective
    period = (start, due, ClockUnit.DAY, CALENDAR)
    waiting, sent = first_stage(*period, start), []

    for _ in range(8):
        at = waiting.at
        sent.append(waiting.name)
        waiting = stage_after(*period, at)
        assert waiting.at > at

    assert len(sent) == len(set(sent))
    assert sent[: sent.index("T0") + 1] == [stage.name for stage in early_stages(*period)]
    assert sent[sent.index("T0") + 1 :] == [f"O{n}" for n in range(1, len(sent) - sent.index("T0"))]


def test_at_morning_is_the_start_of_office_hours_in_china():
    assert at_morning(date(2026, 12, 1)) == datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
