"""What must come of a year of reminders, by plain code that shares nothing with the arithmetic under test.

The calendar and the plans are read from their rows; who is in charge of whom is written out below.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from cases.models import ClockRule
from stations.models import Holiday
from tests.cast import CHINA

YEAR_BEGINS, YEAR_ENDS = datetime(2026, 1, 5, tzinfo=CHINA), datetime(2026, 12, 31, 23, 30, tzinfo=CHINA)
DAY, MORNING = timedelta(days=1), time(8, 30)
LONGEST = {"HOUR": 48, "DAY": 90, "WORKING_DAY": 30, "MONTH": 3}

# Who is where, by the parts of the cast. The posts of each unit, then those above it, lowest first.
HEADS = {
    "station": ["head"],
    "village": ["head"],
    "other_station": ["other_head"],
    "far_station": [],
    "county": ["officer"],
    "city": ["city_officer"],
    "police": ["partner_leader"],
    "civil": [],
    "court": [],
    "other_county": ["other_officer"],
}
COUNTY = dict.fromkeys(
    ("station", "village", "other_station", "county", "police", "civil", "court"), "county"
)
COUNTY |= {"far_station": "other_county", "other_county": "other_county", "city": "city"}
OFFICES = {
    "county": (["officer"], ["leader"], ["conference"]),
    "other_county": (["other_officer"], [], []),
    "city": (["city_officer"], ["city_leader"], []),
}
SPOKESMEN = {"police": ["liaison"], "civil": ["civil_liaison"], "court": []}
OWNERS = {
    "clerk": "station",
    "clerk2": "station",
    "head": "station",
    "other_clerk": "other_station",
    "village_liaison": "village",
    "officer": "county",
    "far_clerk": "far_station",
    "city_officer": "city",
}
UNIT = OWNERS | {
    "other_head": "other_station",
    "leader": "county",
    "conference": "county",
    "other_officer": "other_county",
    "city_leader": "city",
    "liaison": "police",
    "partner_leader": "police",
    "civil_liaison": "civil",
}
LADDER = ("HEAD", "COUNTY_OFFICER", "COUNTY_LEADER", "CONFERENCE")


class Wall:
    """A wall calendar, from the rows."""

    def __init__(self) -> None:
        kinds = dict(Holiday.objects.values_list("date", "kind"))
        days = [date(2025, 1, 1) + n * DAY for n in range(4 * 365)]
        self.open = {day for day in days if kinds.get(day, "REST" if day.weekday() > 4 else "WORK") == "WORK"}

    def forward(self, day: date) -> date:
        while day not in self.open:
            day += DAY
        return day

    def back(self, day: date) -> date:
        while day not in self.open:
            day -= DAY
        return day

    def nth(self, day: date, count: int) -> date:
        for _ in range(count):
            day = self.forward(day + DAY)
        return day


@dataclass(frozen=True)
class Way:
    """A plan's row and its rungs'."""

    early: tuple[int, ...]
    every: int
    hours: int
    night: tuple[time, time] | None
    rest_days: bool
    rungs: dict[str, int]

    def with_led(self, led: "Way") -> "Way":
        least = {
            rung: min(way.rungs[rung] for way in (self, led) if rung in way.rungs)
            for rung in {*self.rungs, *led.rungs}
        }
        early = tuple(sorted({*self.early, *led.early}))
        return Way(
            early, min(self.every, led.every), min(self.hours, led.hours), self.night, self.rest_days, least
        )


@dataclass
class Stretch:
    """A part of a clock's life with one end and one plan."""

    since: datetime
    due: datetime
    led: bool
    until: datetime = YEAR_ENDS


@dataclass
class Life:
    """What was done to one clock."""

    rule: ClockRule
    started: datetime
    holder: str
    owner: str  # none for a task: whoever holds the office of the conference
    outside: list[list[str]]
    extra: int = 0
    led: bool = False
    over: bool = False
    term: date | None = None
    clock: Any = None
    stretches: list[Stretch] = field(default_factory=list)

    def go_on(self, wall: Wall, at: datetime) -> None:
        self.stretches.append(Stretch(at, self.due(wall), self.led))

    def due(self, wall: Wall) -> datetime:
        if self.term:
            return midnight_after(self.term)
        amount, day = self.rule.amount, self.started.date()
        if self.rule.unit == "HOUR":
            return self.started + timedelta(hours=amount)
        if self.rule.unit == "WORKING_DAY":
            day = wall.nth(day, amount)
        elif self.rule.unit == "DAY":
            day += amount * DAY
        else:
            months = day.month - 1 + amount
            first = date(day.year + months // 12, months % 12 + 1, 1)
            longest = (first + 31 * DAY).replace(day=1) - DAY
            day = min(longest, first + (day.day - 1) * DAY)
        return midnight_after(wall.forward(day + self.extra * DAY))


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + DAY, time(0), CHINA)


def opening(moment: datetime, by_hour: bool, way: Way, wall: Wall) -> datetime:
    """When the bell may first ring."""
    if way.night:
        falls, ends = way.night
        if moment.time() < ends:
            moment = datetime.combine(moment.date(), ends, CHINA)
        elif moment.time() >= falls:
            moment = datetime.combine(moment.date() + DAY, ends, CHINA)
    if not by_hour and not way.rest_days and moment.date() not in wall.open:
        return opening(datetime.combine(wall.forward(moment.date()), MORNING, CHINA), by_hour, way, wall)
    return moment


def bells(life: Life, stretch: Stretch, way: Way, wall: Wall) -> dict[datetime, str]:
    """Every reminder of this stretch, by its moment; of two at one moment the later name."""
    by_hour = life.rule.unit == "HOUR"
    started, due = life.started, stretch.due
    last = due.date() - DAY
    near = last if way.rest_days else wall.back(last)
    end = due if by_hour else max(datetime.combine(near, MORNING, CHINA), started)
    end = opening(end, by_hour, way, wall)
    rung: dict[datetime, str] = {}
    for days in sorted(way.early, reverse=True):
        day = last - days * DAY
        moment = datetime.combine(day if way.rest_days else wall.back(day), MORNING, CHINA)
        rung[opening(moment, by_hour, way, wall)] = f"T{days}"
    if by_hour:
        rung = {opening(started + (due - started) / 2, by_hour, way, wall): "T1"}
    rung = {moment: name for moment, name in rung.items() if started < moment < end}
    rung[end] = "T0"
    day, count, moment = last, 0, end
    while moment <= stretch.until:
        count += 1
        if by_hour:
            moment = due + timedelta(hours=count * way.hours)
        else:
            day = wall.nth(day, way.every)
            moment = datetime.combine(day, MORNING, CHINA)
        moment = opening(moment, by_hour, way, wall)
        rung[moment] = f"O{count}"
    return rung


def ringing(life: Life, stretch: Stretch, way: Way, wall: Wall) -> Iterator[tuple[datetime, str]]:
    """Those that come while it runs: what lies ahead, and of the late ones past already the latest, once."""
    every = bells(life, stretch, way, wall)
    since = stretch.since
    first = opening(since, life.rule.unit == "HOUR", way, wall)
    missed = [moment for moment, name in every.items() if moment <= first and not is_early(name)]
    if missed:
        yield first, every[max(missed)]
        since = first
    for moment, name in sorted(every.items()):
        if moment > since:
            yield moment, name


def is_early(name: str) -> bool:
    return name.startswith("T") and name != "T0"


@dataclass(frozen=True)
class Presence:
    active: bool = True
    away: tuple[date, date] | None = None
    deputy: str = ""


class Town:
    """Who was there when."""

    def __init__(self) -> None:
        self.changes: dict[str, list[tuple[datetime, Presence]]] = defaultdict(list)

    def change(self, part: str, at: datetime, **fields: Any) -> None:
        self.changes[part].append((at, replace(self.state(part, at), **fields)))

    def state(self, part: str, at: datetime) -> Presence:
        return next((state for moment, state in reversed(self.changes[part]) if moment <= at), Presence())

    def holding(self, parts: list[str], at: datetime) -> list[str]:
        return [part for part in parts if self.state(part, at).active]

    def is_there(self, part: str, at: datetime) -> bool:
        state = self.state(part, at)
        day = at.astimezone(CHINA).date()
        return state.active and not (state.away and state.away[0] <= day <= state.away[1])

    def stand_in(self, part: str, at: datetime) -> str:
        """Herself, or the first of her deputies who is there."""
        for _ in range(6):
            if not part or self.is_there(part, at):
                return part
            part = self.state(part, at).deputy
        return ""

    def reached(self, part: str, at: datetime) -> set[str]:
        told = self.stand_in(part, at)
        if told:
            return {told}
        unit = UNIT[part]
        above = [HEADS[unit], SPOKESMEN.get(unit, []), *OFFICES[COUNTY[unit]][:2], *OFFICES["city"][:2]]
        for group in above:
            cover = {self.stand_in(other, at) for other in self.holding(group, at) if other != part} - {""}
            if cover:
                return {part, *cover}
        return {part}

    def audience(self, life: Life, name: str, way: Way, at: datetime) -> set[str]:
        outside = next((people for group in life.outside if (people := self.holding(group, at))), [])
        hear = set(outside)
        if not (outside and is_early(name)):
            offices = OFFICES[COUNTY[life.holder]]
            steps = [HEADS[life.holder], *offices, *OFFICES["city"][:2]]
            posts = [self.holding(group, at) for group in steps]
            own = [life.owner] if life.owner else self.holding(offices[2], at)
            hear |= set(own or next(filter(None, posts), []))
            count = -1 if is_early(name) else int(name[1:])
            for place, rung in enumerate(LADDER):
                if way.rungs.get(rung, count + 1) <= count:
                    hear |= set(next(filter(None, posts[place:]), []))
        return {one for part in hear for one in self.reached(part, at)}
