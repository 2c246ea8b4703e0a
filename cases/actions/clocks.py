"""Start, meet, pause and re-date periods. The rule says how long, the calendar which days count, the row keeps the moment."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import Min, QuerySet

from cases.choices import ClockStart, ClockStatus, ClockUnit
from cases.deadlines import Due, Plan, china_date, compute_due, end_of_day, first_stage
from cases.models import (
    Case,
    Clock,
    ClockRule,
    CodeSet,
    Monitor,
    Referral,
    ReminderPlan,
    RightLimit,
    Supervision,
    Task,
    code_items,
)
from stations.models import Staff
from stations.workdays import Calendar, load_calendar
from weiquan.prepared import Prepared

# Rules and plans change a few times in a decade and are asked several times a request.
KEEP_SECONDS = 30.0
# What the level above owes on a case that came up to it.
REVIEW_CLOCKS = ("IN-REVIEW", "IN-REVIEW-U")
# The plan that raises the reminders of a case a leader has taken up.
LED = "LED"


@dataclass(frozen=True)
class Rulebook:
    """Every rule and every plan, as they stood when they were read."""

    rules: tuple[ClockRule, ...]
    rights: tuple[RightLimit, ...]
    plans: dict[int, Plan]
    led: Plan


_kept: tuple[float, Rulebook | None] = (float("-inf"), None)


_CODE = re.compile(r"\{([A-Z0-9-]+)\}")

# What a clock may run on besides the case itself.
Thing = Referral | Supervision | Task | Monitor


def on(of: Thing | None) -> dict[str, Any]:
    """The columns that say what a clock runs on: the case alone, or one thing about it."""
    return {
        "referral": of if isinstance(of, Referral) else None,
        "supervision": of if isinstance(of, Supervision) else None,
        "task": of if isinstance(of, Task) else None,
        "monitor": of if isinstance(of, Monitor) else None,
    }


def rule_in_force(code: str, at: datetime, region_code: str) -> ClockRule:
    """The version of a rule that binds this place at that moment: the narrowest region, then the newest.

    Raises ClockRule.DoesNotExist.
    """
    return ClockRule.pick(_rulebook().rules, code, at, region_code)


def rules_binding(at: datetime, region_code: str) -> list[ClockRule]:
    """One rule a code: all that bind this place at that moment."""
    return ClockRule.binding(all_rules(), at, region_code)


def all_rules() -> tuple[ClockRule, ...]:
    """Every version of every rule, as this process last read them."""
    return _rulebook().rules


def say_periods(text: str, region_code: str, at: datetime) -> str:
    """`text` with each {CODE} replaced by the length of that rule where it binds: what a page says is what is counted."""
    return _CODE.sub(lambda found: rule_in_force(found[1], at, region_code).length, text)


def codes_of_rights() -> list[str]:
    """Clocks of what somebody may do and does not owe: they end in silence, and nobody is late."""
    book = _rulebook()
    return sorted({rule.code for rule in book.rules if book.plans[rule.plan_id].lapses})


def rights_of(case: Case, at: datetime) -> list[RightLimit]:
    """What is worth telling the petitioner of her own limits (权利时效提醒), by the categories of the matter."""
    parents = {item.code: item.parent for item in code_items(CodeSet.MATTER_CATEGORY)}
    codes = {case.category, *case.categories}
    codes |= {parents.get(code, "") for code in codes}
    rights = RightLimit.binding(_rulebook().rights, at, case.place)
    return [right for right in rights if right.fits(codes)]


def with_rules(clocks: Iterable[Clock]) -> list[Clock]:
    """The clocks, each holding its rule, without asking for the rules again."""
    rules = {rule.pk: rule for rule in _rulebook().rules}
    told = list(clocks)
    for clock in told:
        if clock.rule_id in rules:  # a version made in this very moment is fetched when it is read
            clock.rule = rules[clock.rule_id]
    return told


def plan_of(clock: Clock) -> Plan:
    """How this clock reminds: by the plan of its rule, raised where a leader has taken up the case."""
    book = _rulebook()
    plan = book.plans.get(clock.rule.plan_id)
    if plan is None:  # made in this very moment
        plan = clock.rule.plan.as_plan()
    return plan.raised(book.led) if clock.case is not None and clock.case.led else plan


def _rulebook() -> Rulebook:
    global _kept
    since, book = _kept
    if book is None or monotonic() - since > KEEP_SECONDS:
        plans = ReminderPlan.objects.prefetch_related("rungs")
        by_code = {plan.code: (plan.pk, plan.as_plan()) for plan in plans}
        book = Rulebook(
            rules=tuple(ClockRule.objects.all()),
            rights=tuple(RightLimit.objects.order_by("sort", "code")),
            plans=dict(by_code.values()),
            led=by_code[LED][1],
        )
        _kept = (monotonic(), book)
    return book


def forget_rules() -> None:
    """Read the rules and plans anew, after a change or between tests."""
    global _kept
    _kept = (float("-inf"), None)


def new_clock(
    case: Case | None,
    code: str,
    *,
    started_at: datetime,
    at: datetime,
    of: Thing | None = None,
    region_code: str = "",
    due: Due | None = None,
    calendar: Calendar | None = None,
) -> Clock:
    """A clock that began at `started_at`, not yet saved. `due` overrides the rule's period by a term set by a person.

    Without a case, `region_code` says whose law binds.
    """
    calendar = calendar or load_calendar()
    if case is not None:
        region_code = case.place
    rule = rule_in_force(code, started_at, region_code)
    clock = Clock(
        case=case,
        **on(of),
        rule=rule,
        code=code,
        family=rule.family,
        started_at=started_at,
        amount=rule.amount,
        made_at=at,
    )
    clock.set_due(due or compute_due(started_at, rule.amount, ClockUnit(rule.unit), calendar))
    _set_next_notice(clock, calendar, at)
    return clock


def _set_next_notice(clock: Clock, calendar: Calendar, at: datetime) -> None:
    stage = first_stage(clock.period, plan_of(clock), calendar, at)
    clock.next_notice_at, clock.next_stage = stage.at, stage.name


def start_clocks(
    case: Case, *codes: str, started_at: datetime, at: datetime, of: Thing | None = None
) -> list[Clock]:
    """Start several clocks of one moment and bring the case's own date up to date."""
    calendar = load_calendar()
    clocks = [new_clock(case, code, started_at=started_at, at=at, of=of, calendar=calendar) for code in codes]
    Clock.objects.bulk_create(clocks)
    if of is None:
        refresh_due(case)
    return clocks


def start_term(
    case: Case | None, code: str, *, until: date, at: datetime, of: Thing | None = None, region_code: str = ""
) -> Clock:
    """Start a clock whose last day a person has set, such as the term of a guidance: taken as said, rest day or not.
    It says its own length in the rule's unit."""
    calendar = load_calendar()
    clock = new_clock(
        case,
        code,
        started_at=at,
        at=at,
        due=_as_said(until),
        of=of,
        region_code=region_code,
        calendar=calendar,
    )
    clock.fixed = True
    if clock.rule.unit == ClockUnit.WORKING_DAY:
        clock.amount = calendar.working_days_between(china_date(at), clock.last_day)
    else:
        clock.amount = max(0, (clock.last_day - china_date(at)).days)  # a day already gone is late at once
    clock.save()
    if case is not None and of is None:
        refresh_due(case)
    return clock


def _end(clocks: QuerySet[Clock], status: ClockStatus, at: datetime, by: Staff | None) -> int:
    return clocks.update(
        status=status, ended_at=at, ended_by=by, paused_at=None, next_notice_at=None, next_stage=""
    )


def meet_clocks(case: Case, *codes: str, at: datetime, by: Staff | None, of: Thing | None = None) -> int:
    """Say that what these clocks waited for has happened; return how many were running."""
    met = _end(case.clocks.live().filter(code__in=codes, **on(of)), ClockStatus.MET, at, by)
    if met and of is None:
        refresh_due(case)
    return met


def meet_all(case: Case, *, at: datetime, by: Staff | None) -> None:
    """Meet every clock of ours: the petitioner has her answer. What a person registered, a person ends."""
    ours = case.clocks.live().filter(**on(None)).exclude(rule__starts=ClockStart.PERSON)
    _end(ours, ClockStatus.MET, at, by)
    refresh_due(case)


def cancel_clocks(case: Case, *codes: str, at: datetime, by: Staff | None, of: Thing | None = None) -> int:
    """End clocks that no longer ask for anything; without codes, all of the case or of that thing. What is watched over
    outlives the case: its clocks end with it alone."""
    clocks = case.clocks.live()
    clocks = clocks.filter(**on(of)) if of or codes else clocks.filter(monitor=None)
    if codes:
        clocks = clocks.filter(code__in=codes)
    ended = _end(clocks, ClockStatus.CANCELLED, at, by)
    if of is None:
        refresh_due(case)
    return ended


def end_on(of: Thing, status: ClockStatus, *, at: datetime, by: Staff | None) -> int:
    """End whatever runs on one thing, whether that is about a case or not."""
    return _end(of.clocks.live(), status, at, by)


def _as_said(day: date) -> Due:
    end = end_of_day(day)
    return Due(end, end, (), False)


def put_off(clock: Clock, days: int, *, at: datetime) -> None:
    """Let a clock whose end a person set end so many days later."""
    clock.move_due(_as_said(clock.last_day + timedelta(days=days)), at)
    clock.extended_days += days
    _set_next_notice(clock, load_calendar(), at)
    clock.save()


def pause_clocks(case: Case, *, at: datetime) -> None:
    """Stop our own promises while handling rests; the law's periods run on (no pause but for a hearing)."""
    case.clocks.filter(status=ClockStatus.RUNNING, rule__pausable=True, **on(None)).update(
        status=ClockStatus.PAUSED, paused_at=at, next_notice_at=None, next_stage=""
    )
    refresh_due(case)


def resume_clocks(case: Case, *, at: datetime) -> None:
    """Let paused promises run on, later by the whole days they rested."""
    calendar = load_calendar()
    for clock in case.clocks.filter(status=ClockStatus.PAUSED, **on(None)).select_related("rule"):
        assert clock.paused_at is not None  # noqa: S101 – held by the constraint clock_paused_when
        clock.paused_days += (at - clock.paused_at).days
        clock.status = ClockStatus.RUNNING
        redate(clock, calendar, at)
        clock.paused_at = None
        clock.save()
    refresh_due(case)


def redate(clock: Clock, calendar: Calendar, at: datetime) -> bool:
    """Compute a live clock anew from its own start, period, pauses and extension; return whether its end moved."""
    before = (clock.effective_due, clock.provisional)
    extra = clock.paused_days + clock.extended_days
    due = compute_due(clock.started_at, clock.amount, ClockUnit(clock.rule.unit), calendar, extra)
    clock.move_due(due, at)
    if clock.status == ClockStatus.RUNNING:
        _set_next_notice(clock, calendar, at)
    return (clock.effective_due, clock.provisional) != before


def keep_moved(clock: Clock) -> None:
    """Store a clock that was re-dated, and its end where a list sorts by it; the case itself has `refresh_due`."""
    clock.save()
    if clock.supervision_id:
        Supervision.objects.filter(pk=clock.supervision_id).update(due_at=clock.effective_due)
    if clock.monitor_id:
        nearest = Clock.objects.filter(monitor=clock.monitor_id, status=ClockStatus.RUNNING)
        Monitor.objects.filter(pk=clock.monitor_id).update(
            due_at=nearest.aggregate(Min("effective_due"))["effective_due__min"]
        )


def reset_reminders(case: Case, at: datetime) -> None:
    """Reckon anew when each running clock of the case reminds next: after a leader took it up, or let go of it."""
    calendar = load_calendar()
    clocks = with_rules(case.clocks.filter(status=ClockStatus.RUNNING).select_for_update())
    for clock in clocks:
        clock.case = case
        _set_next_notice(clock, calendar, at)
    Clock.objects.bulk_update(clocks, ["next_notice_at", "next_stage"])


_NEAREST: Prepared[UUID] = Prepared(
    lambda case: (
        Clock.objects.filter(case=case, status=ClockStatus.RUNNING)
        .ours()
        .order_by("effective_due", "id")
        .values_list("effective_due", "provisional")[:1]
    ),
    sample=UUID(int=0),
)


def refresh_due(case: Case) -> None:
    """Copy the nearest date that binds us onto the case row, where the worklists sort by it."""
    nearest = _NEAREST(case.pk)
    case.due_at, case.due_provisional = nearest[0] if nearest else (None, False)
    Case.objects.filter(pk=case.pk).update(due_at=case.due_at, due_provisional=case.due_provisional)
