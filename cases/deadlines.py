"""The arithmetic of periods. Pure: dates, rules and a calendar in, moments out; nothing here reads a clock or a table.

A period counted by days ends at 24:00 China time of its last day, so every due moment is *exclusive*: the midnight
after the last day. Hours run from the moment itself, without pause.

Source: 民法典 第201–203条 (first day not counted; a last day that is a rest day gives way to the next working day;
a month ends on the matching day, or on its last day where there is none).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.choices import ClockUnit, Rung
from stations.workdays import Calendar

CHINA = ZoneInfo("Asia/Shanghai")
# Reminders go out at the start of office hours.
MORNING = time(8, 30)
# Before the last day: seven, three and one day ahead.
EARLY_STAGES = (("T7", 7), ("T3", 3), ("T1", 1))
# After it: every second working day; by the hour for clocks that count hours.
OVERDUE_EVERY_WORKING_DAYS = 2
OVERDUE_EVERY_HOURS = 2
# Every step up the ladder waits for so many overdue reminders.
LADDER = ((1, Rung.HEAD), (2, Rung.COUNTY_OFFICER), (4, Rung.COUNTY_LEADER))


@dataclass(frozen=True)
class Due:
    """When a period ends and why: `nominal` by plain counting, `effective` after rest days moved it."""

    nominal: datetime
    effective: datetime
    skipped: tuple[date, ...]
    provisional: bool


@dataclass(frozen=True)
class Stage:
    """One reminder: its name (T7 … T0, O1, O2 …) and its moment."""

    name: str
    at: datetime

    @property
    def overdue_count(self) -> int:
        """How many overdue reminders this is the latest of; 0 before and on the day."""
        return int(self.name[1:]) if self.name.startswith("O") else 0


def china_date(moment: datetime) -> date:
    """The day on the wall in China."""
    return moment.astimezone(CHINA).date()


def end_of_day(day: date) -> datetime:
    """24:00 China time of `day`."""
    return datetime.combine(day + timedelta(days=1), time.min, CHINA)


def last_day(due_at: datetime) -> date:
    """The last day of a period that ends at `due_at` (exclusive)."""
    return china_date(due_at - timedelta(microseconds=1))


def add_months(day: date, months: int) -> date:
    """The matching day `months` later, or the month's last day where there is none. Source: 民法典 第202条."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def compute_due(
    start: datetime, amount: int, unit: ClockUnit, calendar: Calendar, extra_days: int = 0
) -> Due:
    """The end of `amount` `unit`s from `start`, put off by `extra_days` calendar days of pause or extension.

    Zero working days means the day itself, or the next working day if it is a rest day. Hours know no pause.
    """
    if unit == ClockUnit.HOUR:
        moment = start + timedelta(hours=amount)
        return Due(moment, moment, (), False)
    first = china_date(start)
    skipped: list[date] = []
    if unit == ClockUnit.WORKING_DAY:
        plain, skipped = calendar.add_working_days(first, amount)
        counted_from = first
    else:
        plain = add_months(first, amount) if unit == ClockUnit.MONTH else first + timedelta(days=amount)
        counted_from = plain + timedelta(days=extra_days)
    plain += timedelta(days=extra_days)
    end = calendar.next_working_day_on_or_after(plain)
    skipped = [*skipped, *(plain + timedelta(days=n) for n in range((end - plain).days))]
    # Days counted plainly ask the calendar about their last day only, so only its year can change the answer.
    provisional = calendar.is_provisional(counted_from, end)
    return Due(end_of_day(plain), end_of_day(end), tuple(skipped), provisional)


def previous_working_day_on_or_before(day: date, calendar: Calendar) -> date:
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day


def at_morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, CHINA)


def early_stages(started_at: datetime, due_at: datetime, unit: ClockUnit, calendar: Calendar) -> list[Stage]:
    """The reminders up to the last day, in order; none before the period began, no two at one moment.

    A reminder that would fall on a rest day comes on the working day before it.
    """
    if unit == ClockUnit.HOUR:
        return [Stage("T1", started_at + (due_at - started_at) / 2), Stage("T0", due_at)]
    end = last_day(due_at)
    stages = {}
    for name, days in EARLY_STAGES:
        moment = at_morning(previous_working_day_on_or_before(end - timedelta(days=days), calendar))
        if moment > started_at and china_date(moment) < end:
            stages[moment] = Stage(name, moment)  # of two that fall together the later name stays
    today = max(at_morning(end), started_at)
    return [*(stages[moment] for moment in sorted(stages)), Stage("T0", today)]


def overdue_stage(due_at: datetime, unit: ClockUnit, count: int, calendar: Calendar) -> Stage:
    """The `count`-th reminder after the period ended, counting from 1."""
    if unit == ClockUnit.HOUR:
        return Stage(f"O{count}", due_at + timedelta(hours=OVERDUE_EVERY_HOURS * count))
    day, _ = calendar.add_working_days(last_day(due_at), OVERDUE_EVERY_WORKING_DAYS * count)
    return Stage(f"O{count}", at_morning(day))


def first_stage(
    started_at: datetime, due_at: datetime, unit: ClockUnit, calendar: Calendar, at: datetime
) -> Stage:
    """The reminder a clock waits for at `at`: the earliest one not yet past, or the latest one already due.

    A sweep that comes late sends one reminder, the latest, not all that were missed.
    """
    stages = early_stages(started_at, due_at, unit, calendar)
    ahead = [stage for stage in stages if stage.at > at]
    if ahead:
        return ahead[0]
    count = _overdue_reminders_sent_by(at, due_at, unit, calendar)
    return overdue_stage(due_at, unit, count, calendar) if count else stages[-1]


def stage_after(
    started_at: datetime, due_at: datetime, unit: ClockUnit, calendar: Calendar, at: datetime
) -> Stage:
    """The reminder that follows the one just sent at `at`: the earliest still ahead."""
    for stage in early_stages(started_at, due_at, unit, calendar):
        if stage.at > at:
            return stage
    return overdue_stage(due_at, unit, _overdue_reminders_sent_by(at, due_at, unit, calendar) + 1, calendar)


def _overdue_reminders_sent_by(at: datetime, due_at: datetime, unit: ClockUnit, calendar: Calendar) -> int:
    """How many overdue reminders have their moment at or before `at`."""
    if unit == ClockUnit.HOUR:
        return max(0, int((at - due_at) / timedelta(hours=OVERDUE_EVERY_HOURS)))
    days = calendar.working_days_between(last_day(due_at), china_date(at))
    count = max(0, days // OVERDUE_EVERY_WORKING_DAYS)
    # The latest of them comes at the start of office hours of today: not yet, before half past eight.
    return count - 1 if count and overdue_stage(due_at, unit, count, calendar).at > at else count


def rungs_for(stage: Stage) -> tuple[Rung, ...]:
    """Who hears of this reminder: the owner always, from the last day on the ladder, one rung after another."""
    if stage.name == "T0":
        return (Rung.OWNER,)
    count = stage.overdue_count
    return (Rung.OWNER, *(rung for after, rung in LADDER if count >= after))
