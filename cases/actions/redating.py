"""Move running clocks onto a changed rule or a changed calendar: shown first, ordered on record, carried out a case at a
time. A run that is killed, or a second one beside it, leaves whole cases done and nothing done twice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from cases.actions.clocks import all_rules, forget_rules, keep_moved, redate, refresh_due
from cases.choices import ClockUnit, NoticeKind, Step
from cases.deadlines import Due, compute_due, end_of_day, last_day, start_of_day
from cases.models import Case, Clock, ClockRule, Redating
from cases.notifications import announce
from stations.models import Region, Staff
from stations.workdays import Calendar, load_calendar

# So many cases are done while the person waits; beat does the rest.
AT_ONCE = 200
FIRST_SHOWN = 10
COUNTY_DIGITS = 6
# What a preview needs of a clock, its rule and its case.
READ = (
    *("code", "started_at", "amount", "nominal_due", "effective_due", "provisional"),
    *("paused_days", "extended_days", "rule__name", "rule__unit", "case__county_code", "case__township_code"),
)


@dataclass(frozen=True)
class Move:
    """One clock that would end on another day, or whose provisional end would stand."""

    case_id: UUID
    county: str
    name: str
    old: Due
    new: Due

    @property
    def days(self) -> int:
        """By how many days it ends later; negative for earlier."""
        return (last_day(self.new.effective) - last_day(self.old.effective)).days

    @property
    def is_earlier(self) -> bool:
        return self.new.effective < self.old.effective

    @property
    def from_day(self) -> date:
        return last_day(self.old.effective)

    @property
    def to_day(self) -> date:
        return last_day(self.new.effective)


@dataclass
class Preview:
    """What a re-dating would do, told without naming a case."""

    clocks: int = 0
    earlier: int = 0
    later: int = 0
    settled: int = 0
    cases: set[UUID] = field(default_factory=set)
    by_days: Counter[int] = field(default_factory=Counter)
    by_county: dict[str, Counter[str]] = field(default_factory=dict)
    first: list[Move] = field(default_factory=list)

    def add(self, move: Move) -> None:
        self.clocks += 1
        self.cases.add(move.case_id)
        if move.new.effective == move.old.effective:
            self.settled += 1  # the same end, no longer provisional, or provisional from now on
            return
        way = "earlier" if move.is_earlier else "later"
        self.earlier += move.is_earlier
        self.later += not move.is_earlier
        self.by_days[move.days] += 1
        self.by_county.setdefault(move.county, Counter())[way] += 1
        self.first = sorted([*self.first, move], key=lambda one: one.old.effective)[:FIRST_SHOWN]

    @property
    def moves(self) -> bool:
        """Whether any clock would end at another moment."""
        return bool(self.earlier or self.later)

    def days_rows(self) -> list[tuple[int, int]]:
        """How many clocks move by how many days, the earliest first."""
        return sorted(self.by_days.items())

    def county_rows(self) -> list[tuple[str, int, int]]:
        """County, how many end earlier, how many later."""
        codes = {f"{county:0<12}": county for county in self.by_county}
        names = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
        return [
            (names.get(code, county), self.by_county[county]["earlier"], self.by_county[county]["later"])
            for code, county in sorted(codes.items())
        ]


def preview(redating: Redating, at: datetime, calendar: Calendar | None = None) -> Preview:
    """What `redating`, ordered or not, would move at `at`; `calendar` stands for one that is not saved yet."""
    told = Preview()
    for move in _moves(redating, calendar or load_calendar(), at):
        told.add(move)
    return told


def _moves(redating: Redating, calendar: Calendar, at: datetime) -> Iterator[Move]:
    forget_rules()  # a version of this very minute, made beside us
    for clock in _in_question(redating).only(*READ).iterator():
        if clock.case is None or not _concerns(redating, clock, at):
            continue
        old = Due(clock.nominal_due, clock.effective_due, (), clock.provisional)
        new = _due(clock, redating.rule or clock.rule, calendar, redating.rule)
        if (new.effective, new.provisional) != (old.effective, old.provisional):
            yield Move(clock.case_id or clock.case.pk, clock.case.county_code, clock.rule.name, old, new)


def _due(clock: Clock, rule: ClockRule, calendar: Calendar, onto: ClockRule | None) -> Due:
    extra = clock.paused_days + clock.extended_days
    amount = onto.amount if onto else clock.amount
    return compute_due(clock.started_at, amount, ClockUnit(rule.unit), calendar, extra)


def _in_question(redating: Redating) -> QuerySet[Clock]:
    """The live clocks a re-dating may move. A term set by a person is what that person said, whatever changes."""
    clocks = Clock.objects.live().filter(fixed=False, case__isnull=False).select_related("rule", "case")
    if redating.rule is not None:
        place = "county_code" if len(redating.rule.region_prefix) <= COUNTY_DIGITS else "township_code"
        within = {f"case__{place}__startswith": redating.rule.region_prefix}
        return clocks.filter(code=redating.rule.code, **within).exclude(rule=redating.rule)
    if redating.first_day is not None and redating.last_day is not None:
        return clocks.exclude(rule__unit=ClockUnit.HOUR).filter(
            started_at__lt=end_of_day(redating.last_day), effective_due__gt=start_of_day(redating.first_day)
        )
    return clocks.filter(provisional=True)


def _concerns(redating: Redating, clock: Clock, at: datetime) -> bool:
    """A clock goes onto the rule that binds its place today, not onto a wider one."""
    if redating.rule is None:
        return True
    assert clock.case is not None  # noqa: S101 – asked for by the query
    try:
        return ClockRule.pick(all_rules(), clock.code, at, clock.case.place) == redating.rule
    except ClockRule.DoesNotExist:
        return False


@transaction.atomic
def order_redating(
    *,
    rule: ClockRule | None = None,
    days: tuple[date, date] | None = None,
    may_shorten: bool,
    reason: str,
    by: Staff | None,
    at: datetime,
) -> Redating:
    """Put the act on record; `carry_out` does it. Clocks that would end earlier are left alone unless `may_shorten`."""
    first, last = days or (None, None)
    return Redating.objects.create(
        rule=rule, first_day=first, last_day=last, may_shorten=may_shorten, reason=reason, by=by, at=at
    )


def carry_out(redating: Redating, at: datetime, most: int | None = None) -> bool:
    """Move what a re-dating has still to move, at most `most` cases; return whether it is done."""
    calendar = load_calendar()
    waiting = {
        move.case_id: None
        for move in _moves(redating, calendar, at)
        if redating.may_shorten or not move.is_earlier
    }
    for pk in list(waiting)[:most]:
        _redate_case(redating, pk, calendar, at)
    if most is not None and len(waiting) > most:
        return False
    Redating.objects.filter(pk=redating.pk, done_at=None).update(done_at=at)
    return True


def carry_out_ordered(at: datetime) -> int:
    """Finish every re-dating that was ordered and not done: run by beat; return how many."""
    undone = list(Redating.objects.filter(done_at=None).select_related("rule", "by").order_by("id"))
    for redating in undone:
        carry_out(redating, at)
    return len(undone)


def redate_provisional(at: datetime) -> int:
    """Compute anew the live clocks whose end touches a year that had not been announced; return how many moved.

    Run after a State Council notice has been entered; a run with nothing to move locks and writes nothing.
    """
    waiting = Redating(may_shorten=True, reason="放假安排公布后自动重算", at=at)
    if not preview(waiting, at).clocks:
        return 0
    waiting.save()
    carry_out(waiting, at)
    waiting.refresh_from_db()
    if not waiting.clocks:  # another run was faster
        waiting.delete()
    return waiting.clocks


@transaction.atomic
def _redate_case(redating: Redating, pk: UUID, calendar: Calendar, at: datetime) -> None:
    """The case row is held first, as every other verb does, so that nobody waits for one another."""
    case = (
        Case.objects.select_for_update(of=("self",), no_key=True).select_related("owner__deputy").get(pk=pk)
    )
    moved = []
    for clock in _in_question(redating).filter(case=pk):
        clock.case = case
        if _concerns(redating, clock, at) and _move(clock, redating, calendar, at):
            moved.append(clock)
    if not moved:  # another run was faster
        return
    for clock in moved:
        keep_moved(clock)
    ends = {clock.code: clock.last_day.isoformat() for clock in moved}
    case.record(Step.REDATE, by=redating.by, at=at, facts={"clocks": ends, "redating": redating.pk})
    refresh_due(case)
    announce(NoticeKind.REDATED, case, [case.owner], at=at)
    Redating.objects.filter(pk=redating.pk).update(cases=F("cases") + 1, clocks=F("clocks") + len(moved))


def _move(clock: Clock, redating: Redating, calendar: Calendar, at: datetime) -> bool:
    """Date one clock anew; whether its end moved."""
    before = clock.effective_due
    if redating.rule is not None:
        clock.rule, clock.family, clock.amount = redating.rule, redating.rule.family, redating.rule.amount
    changed = redate(clock, calendar, at)
    return changed and (redating.may_shorten or clock.effective_due >= before)


class CalendarRedating:
    """What the calendar page asks before it saves a change, and does when the change is confirmed."""

    template = "cases/_redating.html"

    def effect(self, days: tuple[date, date], calendar: Calendar, at: datetime) -> Preview:
        return preview(Redating(first_day=days[0], last_day=days[1]), at, calendar)

    def changed(
        self, days: tuple[date, date], *, may_shorten: bool, reason: str, by: Staff, at: datetime
    ) -> str:
        """A sentence for the screen; what is too much to do while the person waits is done by beat."""
        act = order_redating(days=days, may_shorten=may_shorten, reason=reason, by=by, at=at)
        done = carry_out(act, at, most=AT_ONCE)
        act.refresh_from_db()
        said = f"已重算{act.cases}件案件的{act.clocks}个期限。"
        return said if done else f"{said}其余的会在十分钟内继续重算。"
