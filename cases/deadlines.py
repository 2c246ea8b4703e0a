"""The arithmetic of periods. Pure: dates, rules and a calendar in, moments out; nothing here reads a clock or a table.

A period counted by days ends at 24:00 China time of its last day, so every due moment is *exclusive*: the midnight
after the last day. Hours run from the moment itself, without pause.

Source: 民法典 第201–203条 (first day not counted; a last day that is a rest day gives way to the next working day;
a month ends on the matching day, or on its last day where there is none).
"""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cases.choices import ClockUnit, Rung
from stations.workdays import Calendar

CHINA = ZoneInfo("Asia/Shanghai")
# Reminders go out at the start of office hours.
MORNING = time(8, 30)


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

    @property
    def is_early(self) -> bool:
        """Before the last day's own."""
        return self.name.startswith("T") and self.name != "T0"


@dataclass(frozen=True)
class Plan:
    """How the reminders of a kind of clock come, and to whom they climb.

    `early_days` are calendar days before the last day; `overdue_every` counts working days. `rungs` says from which
    overdue reminder on each rung hears too: 0 is the last day's own. Nothing rings from `quiet_from` to `quiet_to`,
    nor on a rest day unless `rest_days` allows it.
    """

    early_days: tuple[int, ...]
    overdue_every: int
    overdue_every_hours: int
    rungs: tuple[tuple[int, Rung], ...]
    quiet_from: time | None = None
    quiet_to: time | None = None
    rest_days: bool = False
    lapses: bool = False  # a right, not a duty: past its end nobody is late

    def after_quiet(self, moment: datetime) -> datetime:
        """`moment`, or the end of the quiet hours it lies in."""
        if self.quiet_from is None or self.quiet_to is None:
            return moment
        wall = moment.astimezone(CHINA)
        now, over_midnight = wall.time(), self.quiet_from > self.quiet_to
        since, until = now >= self.quiet_from, now < self.quiet_to
        if not (since or until if over_midnight else since and until):
            return moment
        return datetime.combine(wall.date() + timedelta(days=0 if until else 1), self.quiet_to, CHINA)

    def raised(self, other: "Plan") -> "Plan":
        """Both plans at once: reminders of either, each rung at the earlier of the two. The quiet hours stay ours."""
        after: dict[Rung, int] = {}
        for count, rung in (*self.rungs, *other.rungs):
            after[rung] = min(count, after.get(rung, count))
        return replace(
            self,
            early_days=tuple({*self.early_days, *other.early_days}),
            overdue_every=min(self.overdue_every, other.overdue_every),
            overdue_every_hours=min(self.overdue_every_hours, other.overdue_every_hours),
            rungs=tuple((after[rung], rung) for rung in Rung if rung in after),
        )


@dataclass(frozen=True)
class Period:
    """A period that runs: what its reminders are reckoned from."""

    started_at: datetime
    due_at: datetime
    unit: ClockUnit

    @property
    def last_day(self) -> date:
        return last_day(self.due_at)

    @property
    def half(self) -> datetime:
        return self.started_at + (self.due_at - self.started_at) / 2


def china_date(moment: datetime) -> date:
    """The day on the wall in China."""
    return moment.astimezone(CHINA).date()


def start_of_day(day: date) -> datetime:
    """0:00 China time of `day`."""
    return datetime.combine(day, time.min, CHINA)


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


def early_stages(period: Period, plan: Plan, calendar: Calendar) -> list[Stage]:
    """The reminders before that of the last day, in order; none before the period began, no two at one moment.

    A reminder that would fall on a rest day comes on the working day before it. By the hour there is one, at half time.
    """
    moments = {}
    if period.unit == ClockUnit.HOUR:
        moments[loud(period.half, period, plan, calendar)] = "T1"
    for days in sorted(plan.early_days, reverse=True) if period.unit != ClockUnit.HOUR else ():
        day = period.last_day - timedelta(days=days)
        if not plan.rest_days:
            day = previous_working_day_on_or_before(day, calendar)
        moments[loud(at_morning(day), period, plan, calendar)] = (
            f"T{days}"  # of two together the later name stays
        )
    end = late_stage(period, 0, plan, calendar).at
    return [Stage(moments[at], at) for at in sorted(moments) if period.started_at < at < end]


def late_stage(period: Period, count: int, plan: Plan, calendar: Calendar) -> Stage:
    """The reminder of the last day (T0) when `count` is 0, else the `count`-th after it."""
    return Stage(
        f"O{count}" if count else "T0",
        loud(_late_moment(period, count, plan, calendar), period, plan, calendar),
    )


def _late_moment(period: Period, count: int, plan: Plan, calendar: Calendar) -> datetime:
    if plan.lapses and count:
        return period.due_at + timedelta(days=count - 1)
    if period.unit == ClockUnit.HOUR:
        return period.due_at + timedelta(hours=plan.overdue_every_hours * count)
    if count:
        return at_morning(_working_day_after(period.last_day, plan.overdue_every * count, calendar))
    day = period.last_day
    if not plan.rest_days:  # a term set by a person may end on a Sunday
        day = previous_working_day_on_or_before(day, calendar)
    return max(at_morning(day), period.started_at)


def loud(moment: datetime, period: Period, plan: Plan, calendar: Calendar) -> datetime:
    """The first moment from `moment` on when a reminder may ring: the end of the quiet hours, a working day.

    Clocks by the hour know no rest day.
    """
    while True:
        moment = plan.after_quiet(moment)
        day = china_date(moment)
        if period.unit == ClockUnit.HOUR or plan.rest_days or calendar.is_working_day(day):
            return moment
        moment = at_morning(calendar.next_working_day_on_or_after(day))


def first_stage(period: Period, plan: Plan, calendar: Calendar, at: datetime) -> Stage:
    """The reminder a clock waits for at `at`: the earliest one not yet past, or the latest one already due.

    A clock that comes late gets one reminder, the latest, not all that were missed; and not at night.
    """
    opening = loud(at, period, plan, calendar)
    count = _latest(period, plan, calendar, opening)
    if count < 0:
        return stage_after(period, plan, calendar, at)
    stage = late_stage(period, count, plan, calendar)
    return stage if opening == at else Stage(stage.name, opening)


def stage_after(period: Period, plan: Plan, calendar: Calendar, at: datetime) -> Stage:
    """The reminder that follows those up to `at`: the earliest still ahead, of several at one moment the last."""
    count = _latest(period, plan, calendar, at) + 1
    ahead = early_stages(period, plan, calendar) if count == 0 else []
    for stage in ahead:
        if stage.at > at:
            return stage
    stage = late_stage(period, count, plan, calendar)
    while (following := late_stage(period, count + 1, plan, calendar)).at == stage.at:
        count, stage = count + 1, following
    return stage


def _latest(period: Period, plan: Plan, calendar: Calendar, at: datetime) -> int:
    """The count of the latest late stage at or before `at`; -1 when even the last day's is still ahead."""
    if period.unit == ClockUnit.HOUR:
        count = max(0, (at - period.due_at) // timedelta(hours=plan.overdue_every_hours))
    else:
        count = _working_days_between(period.last_day, china_date(at), calendar) // plan.overdue_every
    # Those of today, or of this night, may still be ahead.
    while count >= 0 and late_stage(period, count, plan, calendar).at > at:
        count -= 1
    return count


# A sweep asks the same of hundreds of clocks that end on the same few days.
@lru_cache(maxsize=4096)
def _working_day_after(day: date, count: int, calendar: Calendar) -> date:
    return calendar.add_working_days(day, count)[0]


@lru_cache(maxsize=4096)
def _working_days_between(earlier: date, later: date, calendar: Calendar) -> int:
    return calendar.working_days_between(earlier, later)


def rungs_for(stage: Stage, plan: Plan) -> tuple[Rung, ...]:
    """Who hears of this reminder: the owner always, from the last day on the ladder, one rung after another."""
    if stage.is_early:
        return (Rung.OWNER,)
    return (Rung.OWNER, *(rung for after, rung in plan.rungs if stage.overdue_count >= after))
