"""The ladder over a year of 2,000 cases: every due reminder once, at its hour, to somebody who is there.

Clocks are started, met, paused, extended and taken up by leaders with the real verbs, people go away and leave, and the
real sweep runs. What must have come of it is reckoned by other code: see `reckoning.py`.
"""

from collections.abc import Callable
from datetime import date, datetime, time
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from cases.actions.clocks import (
    end_on,
    forget_rules,
    meet_clocks,
    new_clock,
    pause_clocks,
    put_off,
    redate,
    reset_reminders,
    resume_clocks,
    start_clocks,
)
from cases.actions.reminders import remind
from cases.choices import (
    Channel,
    ClockStart,
    ClockStatus,
    LegalBasis,
    Nature,
    PetitionForm,
    ReferralKind,
    Status,
    SupervisionTrigger,
    TaskPart,
    Urgency,
)
from cases.models import (
    AgendaItem,
    Case,
    Clock,
    ClockRule,
    Notice,
    Referral,
    ReminderPlan,
    ReminderRung,
    Resolution,
    Supervision,
    Task,
)
from stations.models import Staff
from stations.workdays import load_calendar
from tests.cases.reckoning import (
    DAY,
    HEADS,
    LONGEST,
    OWNERS,
    SPOKESMEN,
    UNIT,
    YEAR_BEGINS,
    YEAR_ENDS,
    Life,
    Town,
    Wall,
    Way,
    ringing,
)
from tests.cast import CHINA, Cast

CASES = 2000

Act = Callable[[datetime], None]


class Year:
    """2,000 matters, and what is done to them, in the order of time."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.wall, self.town, self.random = cast, Wall(), Town(), Random(20260105)
        self.lives: list[Life] = []
        self.agenda: list[tuple[datetime, int, Act]] = []
        self.sweeps = 0

    def plan(self, at: datetime, act: Act) -> None:
        """Never on a bell's own minute."""
        at = at.replace(minute=17 if at.minute < 30 else 47, second=0, microsecond=0)
        if at < YEAR_ENDS:
            self.agenda.append((at, len(self.agenda), act))

    def run(self) -> None:
        for at, _, act in sorted(self.agenda, key=lambda entry: entry[:2]):
            self.sweep_until(at, earliest=YEAR_BEGINS)
            with transaction.atomic():
                act(at)
            self.sweep_until(at, earliest=at)
        self.sweep_until(YEAR_ENDS, earliest=YEAR_BEGINS)

    def sweep_until(self, at: datetime, earliest: datetime) -> None:
        """The sweep comes every minute; those with nothing to do are left out, but for some."""
        while (due := self.next_bell()) and due <= at:
            self.sweeps += 1
            now = max(due, earliest)
            remind(now)
            assert self.sweeps % 20 or remind(now) == 0

    @staticmethod
    def next_bell() -> datetime | None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(next_notice_at) FROM cases_clock WHERE status = 'RUNNING'")
            found: datetime | None = cursor.fetchone()[0]
        return found

    # What is done.

    def live(self, life: Life, days: float, start: Callable[[datetime], Clock]) -> None:
        """Plan the life of one clock: begun at any hour of the year, and what comes upon it before it is met."""
        self.lives.append(life)
        random, rule = self.random, life.rule
        begins = YEAR_BEGINS + random.random() * 350 * DAY
        self.plan(begins, self.begin(life, start))
        over = random.random()
        after = 1.2 * random.random() if rule.unit == "HOUR" else 25 * random.random()
        lasts = days * random.random() if over < 0.55 else days + after
        if over < 0.985 or rule.unit == "HOUR":
            self.plan(begins + max(lasts, 0.1) * DAY, self.end(life))
        if rule.pausable and life.outside == [] and random.random() < 0.5:
            since = begins + random.random() * lasts * DAY
            self.plan(since, self.pause(life))
            self.plan(since + random.random() * 30 * DAY, self.resume(life))
        if rule.unit != "HOUR" and random.random() < 0.15:
            self.plan(begins + random.random() * lasts * DAY, self.extend(life, random.randrange(1, 31)))
        if life.owner and random.random() < 0.06:
            since = begins + random.random() * lasts * DAY
            self.plan(since, self.lead(life, True))
            self.plan(since + random.random() * 20 * DAY, self.lead(life, False))

    def begin(self, life: Life, start: Callable[[datetime], Clock]) -> Act:
        def act(at: datetime) -> None:
            life.clock = start(at)
            life.rule, life.started = life.clock.rule, life.clock.started_at
            life.go_on(self.wall, at)

        return act

    def running(self, life: Life, act: Act) -> Act:
        """Nothing comes upon what is over, or rests."""
        return lambda at: act(at) if life.stretches[-1].until == YEAR_ENDS and not life.over else None

    def end(self, life: Life) -> Act:
        def act(at: datetime) -> None:
            clock = life.clock
            if clock.case is None:
                assert end_on(clock.task, ClockStatus.MET, at=at, by=None) == 1
            else:
                of = clock.referral or clock.supervision or clock.task
                assert meet_clocks(clock.case, clock.code, at=at, by=None, of=of) == 1
            life.over = True
            life.stretches[-1].until = min(at, life.stretches[-1].until)

        return act

    def pause(self, life: Life) -> Act:
        def act(at: datetime) -> None:
            pause_clocks(life.clock.case, at=at)
            life.stretches[-1].until = at

        return self.running(life, act)

    def resume(self, life: Life) -> Act:
        def act(at: datetime) -> None:
            resume_clocks(life.clock.case, at=at)
            life.extra += (at - life.stretches[-1].until).days
            life.go_on(self.wall, at)

        return lambda at: act(at) if life.stretches[-1].until < YEAR_ENDS and not life.over else None

    def extend(self, life: Life, days: int) -> Act:
        def act(at: datetime) -> None:
            clock = Clock.objects.select_related("case").get(pk=life.clock.pk)
            if clock.task_id:  # the conference says until when
                put_off(clock, days, at=at)
                life.term = life.stretches[-1].due.date() + (days - 1) * DAY
            else:
                clock.extended_days += days
                redate(clock, load_calendar(), at)
                clock.save()
                life.extra += days
            life.stretches[-1].until = at
            life.go_on(self.wall, at)

        return self.running(life, act)

    def lead(self, life: Life, led: bool) -> Act:
        def act(at: datetime) -> None:
            case = life.clock.case
            case.led = led
            case.save(update_fields=["led"])
            reset_reminders(case, at)
            life.stretches[-1].until = at
            life.led = led
            life.go_on(self.wall, at)

        return self.running(life, act)

    def change(self, part: str, at: datetime, **fields: Any) -> None:
        def act(at: datetime) -> None:
            self.town.change(part, at, **fields)
            state = self.town.state(part, at)
            since, until = state.away or (None, None)
            Staff.objects.filter(username=part).update(
                is_active=state.active,
                absent_from=since,
                absent_until=until,
                deputy=getattr(self.cast, state.deputy) if state.deputy else None,
            )

        self.plan(at, act)

    def people_come_and_go(self) -> None:
        """Everybody is away for two stretches of weeks, every second time with a deputy; some leave for good."""
        parts = list(UNIT)
        for part in parts:
            for half in range(2):
                begins = YEAR_BEGINS + (half * 180 + self.random.randrange(150)) * DAY
                since = begins.date() + DAY
                until = since + self.random.randrange(5, 25) * DAY
                deputy = self.random.choice([other for other in parts if other != part])
                self.change(part, begins, away=(since, until), deputy=deputy if half else "")
        for part, month in (("head", 3), ("leader", 6), ("other_head", 8), ("clerk2", 9), ("conference", 10)):
            self.change(part, datetime(2026, month, 2, 18, tzinfo=CHINA), active=False)
        self.change("head", datetime(2026, 5, 6, 9, tzinfo=CHINA), active=True)
        self.change("liaison", datetime(2026, 11, 2, 9, tzinfo=CHINA), active=False)


def make_cases(year: Year) -> list[tuple[Case, str]]:
    """Rows only: what is under test begins with their clocks."""
    random, cast = year.random, year.cast
    made = []
    for number in range(CASES):
        owner = random.choice(list(OWNERS))
        unit = getattr(cast, OWNERS[owner])
        case = Case(
            number=f"Y-{number:05d}",
            query_code="00000000",
            submission=uuid4(),
            station=unit,
            county_code=unit.county_code,
            township_code=unit.township_code,
            status=Status.HANDLING,
            level=unit.level,
            reached=unit.level,
            holder=unit,
            owner=getattr(cast, owner),
            channel=Channel.VISIT,
            form=PetitionForm.INDIVIDUAL,
            nature=Nature.HELP,
            category="MAR_DISPUTE",
            received_at=YEAR_BEGINS,
            registered_at=YEAR_BEGINS,
        )
        made.append((case, owner))
    Case.objects.bulk_create(case for case, _ in made)
    return made


def days_of(rule: ClockRule) -> float:
    return rule.amount * {"HOUR": 1 / 24, "DAY": 1, "WORKING_DAY": 1.45, "MONTH": 30.5}[rule.unit]


def fill(year: Year) -> None:
    """Every case gets a clock on itself, on a referral, on a supervision or on a task of the conference."""
    rules = [
        rule
        for rule in ClockRule.objects.exclude(starts=ClockStart.NEVER).order_by("pk")
        # What lapses by itself is nobody's to meet, and never late.
        if rule.amount <= LONGEST[rule.unit] and not (rule.plan and rule.plan.lapses)
    ]
    by_hour = [rule for rule in rules if rule.unit == "HOUR"]
    by_day = [rule for rule in rules if rule.unit != "HOUR" and rule.code[:3] not in ("SV-", "JC-")]
    supervising = [rule for rule in rules if rule.code.startswith("SV-")]
    task_rule = next(rule for rule in rules if rule.code == "JC-TASK")
    for number, (case, owner) in enumerate(make_cases(year)):
        kind = year.random.choices(["case", "referral", "supervision", "task"], [50, 30, 12, 8])[0]
        rule = year.random.choice(by_hour if year.random.random() < 0.04 else by_day)
        if kind == "case":
            on_case(year, case, owner, rule)
        elif kind == "referral":
            on_referral(year, case, owner, rule, number)
        elif kind == "supervision":
            on_supervision(year, case, year.random.choice(supervising))
        else:
            on_task(year, case if number % 2 else None, task_rule)


def on_case(year: Year, case: Case, owner: str, rule: ClockRule) -> None:
    late = year.random.randrange(1, 40) * DAY if year.random.random() < 0.08 else 0 * DAY
    if year.random.random() < 0.2:
        rule = next(r for r in ClockRule.objects.filter(code="IN-TOTAL"))

    def start(at: datetime) -> Clock:
        return start_clocks(case, rule.code, started_at=at - late, at=at)[0]

    holder = OWNERS[owner]
    decides = [HEADS[holder]] if rule.code == "IN-ACCEPT" else []
    year.live(Life(rule, YEAR_BEGINS, holder, owner, decides), days_of(rule), start)


def on_referral(year: Year, case: Case, owner: str, rule: ClockRule, number: int) -> None:
    department = year.random.choice(["police", "police", "civil", "court"])
    made = Referral.objects.create(
        case=case,
        number=f"函{number}",
        kind=ReferralKind.ASSIGN,
        from_org=case.holder,
        department=getattr(year.cast, department),
        urgency=Urgency.MILD,
        request="请依法处理",
        legal_basis=LegalBasis.CONSENT,
        sent_by=case.owner,
        sent_at=YEAR_BEGINS,
    )

    def start(at: datetime) -> Clock:
        return start_clocks(case, rule.code, started_at=at, at=at, of=made)[0]

    outside = [SPOKESMEN[department], HEADS[department]]
    year.live(Life(rule, YEAR_BEGINS, OWNERS[owner], owner, outside), days_of(rule), start)


def on_supervision(year: Year, case: Case, rule: ClockRule) -> None:
    by, from_unit = year.random.choice(
        [("officer", "county"), ("officer", "county"), ("city_officer", "city")]
    )
    target = year.random.choice(["police", "civil", "court", "station", "other_station", "far_station"])
    made = Supervision.objects.create(
        case=case,
        from_org=getattr(year.cast, from_unit),
        target=getattr(year.cast, target),
        trigger=SupervisionTrigger.OVERDUE,
        opened_by=getattr(year.cast, by),
        opened_at=YEAR_BEGINS,
    )

    def start(at: datetime) -> Clock:
        return start_clocks(case, rule.code, started_at=at, at=at, of=made)[0]

    both = [*SPOKESMEN.get(target, []), *(HEADS[target] if target in SPOKESMEN else [])]
    outside = [] if rule.code == "SV-CHECK" else [both, HEADS[target]]
    year.live(Life(rule, YEAR_BEGINS, from_unit, by, outside), days_of(rule), start)


def on_task(year: Year, case: Case | None, rule: ClockRule) -> None:
    host = year.random.choice(["county", "county", "city"])
    unit = year.random.choice(["police", "civil", "court", "county", "far_station"])
    organisation = getattr(year.cast, host)
    item = AgendaItem.objects.create(
        host=organisation, case=case, title="议题", brief="情况", asks="请明确", proposed_by=year.cast.officer,
        proposed_unit=year.cast.county, proposed_at=YEAR_BEGINS, screen_by=date(2026, 1, 9),
    )  # fmt: skip
    resolution = Resolution.objects.create(
        item=item, number=1, content="议定", term_on=date(2026, 2, 9), recorded_by=year.cast.conference,
        at=YEAR_BEGINS,
    )  # fmt: skip
    task = Task.objects.create(
        resolution=resolution, unit=getattr(year.cast, unit), part=TaskPart.LEAD, due_at=YEAR_ENDS
    )

    def start(at: datetime) -> Clock:
        region = organisation.region_id
        clock = new_clock(case, rule.code, started_at=at, at=at, of=task, region_code=region)
        clock.save()
        return clock

    outside = [SPOKESMEN.get(unit, []), HEADS[unit]]
    year.live(Life(rule, YEAR_BEGINS, host, "", outside), days_of(rule), start)


def unusual_plans() -> None:
    """Two more than are shipped: one whose night lasts into office hours, one that rings on rest days."""
    rungs = {"HEAD": 0, "CONFERENCE": 2}
    night = {"early_days": [6, 2], "overdue_every": 3, "quiet_from": time(19), "quiet_to": time(9)}
    weekend = {"early_days": [4, 1], "overdue_every": 1, "rest_days": True}
    for code, fields, rules in (
        ("NIGHT", night, ("IN-REWORK", "IN-FIRST", "XF-NOTICE")),
        ("WEEKEND", weekend, ("IN-VISIT-1", "XF-OBJECT")),
    ):
        plan = ReminderPlan.objects.create(code=code, name=code, **fields)
        ReminderRung.objects.bulk_create(
            ReminderRung(plan=plan, rung=rung, after=after) for rung, after in rungs.items()
        )
        ClockRule.objects.filter(code__in=rules).update(plan=plan)
    hours = ReminderPlan.objects.create(
        code="NIGHTS", name="夜间不响", overdue_every_hours=3, quiet_from=time(21), quiet_to=time(7)
    )
    ClockRule.objects.filter(code="DV-PO-SERVE").update(plan=hours)
    forget_rules()


def read_ways() -> dict[int, Way]:
    return {
        plan.pk: Way(
            tuple(plan.early_days),
            plan.overdue_every,
            plan.overdue_every_hours,
            (plan.quiet_from, plan.quiet_to) if plan.quiet_from and plan.quiet_to else None,
            plan.rest_days,
            dict(plan.rungs.values_list("rung", "after")),
        )
        for plan in ReminderPlan.objects.all()
    }


def expected(year: Year) -> dict[tuple[int, datetime, str, str], datetime]:
    """Who must have heard what, and when first."""
    ways = read_ways()
    led = ways[ReminderPlan.objects.get(code="LED").pk]
    heard: dict[tuple[int, datetime, str, str], datetime] = {}
    for life in year.lives:
        for stretch in life.stretches:
            way = ways[life.rule.plan_id]
            way = way.with_led(led) if stretch.led else way
            for at, name in ringing(life, stretch, way, year.wall):
                if at > stretch.until or at > YEAR_ENDS:
                    break
                for part in year.town.audience(life, name, way, at):
                    heard.setdefault((life.clock.pk, stretch.due, name, part), at)
    return heard


@pytest.fixture
def year(live_cast: Cast) -> Year:
    unusual_plans()
    year = Year(live_cast)
    year.people_come_and_go()
    fill(year)
    year.run()
    return year


def test_a_year_of_reminders(year: Year) -> None:
    rows = list(
        Notice.objects.exclude(clock=None).values_list(
            "clock", "due_at", "stage", "recipient__username", "at", "instead_of__username"
        )
    )
    told = {(clock, due, stage, who): at for clock, due, stage, who, at, _ in rows}
    due = expected(year)

    # Every due reminder exactly once, at its moment, to whom it is meant for; and none that is not due.
    assert len(told) == len(rows)
    assert {key: due[key] for key in due.keys() - told.keys()} == {}
    assert {key: told[key] for key in told.keys() - due.keys()} == {}
    assert {key: (at, due[key]) for key, at in told.items() if at != due[key]} == {}
    # It was a year: all kinds of clocks, all kinds of plans, everybody.
    assert len(year.lives) == CASES
    assert {who for _, _, _, who in told} == set(UNIT)
    assert len(rows) > 10_000
    check_days(year, rows)
    check_presence(year, rows)


def check_days(year: Year, rows: list[tuple[Any, ...]]) -> None:
    """None on a rest day unless it runs by the hour (or its plan says so); none before it began or after it was met."""
    lives = {life.clock.pk: life for life in year.lives}
    ways = read_ways()
    for clock, _, _, _, at, _ in rows:
        life, here = lives[clock], at.astimezone(CHINA)
        way = ways[life.rule.plan_id]
        assert here.date() in year.wall.open or life.rule.unit == "HOUR" or way.rest_days
        assert any(stretch.since <= here <= stretch.until for stretch in life.stretches)


def check_presence(year: Year, rows: list[tuple[Any, ...]]) -> None:
    """Nothing goes only to somebody who is away while anybody over her is there."""
    told = {(clock, due, stage, at, instead_of or who) for clock, due, stage, who, at, instead_of in rows}
    covered = {
        (clock, due, stage, at) for clock, due, stage, who, at, _ in rows if year.town.is_there(who, at)
    }
    away = [row for row in told if not year.town.is_there(row[4], row[3])]
    assert len(away) > 500
    assert {row[:4] for row in away} <= covered
