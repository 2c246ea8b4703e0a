"""The sweep: clocks whose reminder is due are claimed, told and set to their next reminder in one transaction."""

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import F, QuerySet

from cases.actions.audience import Audience
from cases.actions.clocks import plan_of, refresh_due, with_rules
from cases.choices import ClockStatus, NoticeKind
from cases.deadlines import Plan, Stage, china_date, first_stage, loud, stage_after
from cases.models import Clock, Notice
from cases.notifications import notices_for, write_many
from stations.workdays import Calendar, load_calendar

BATCH = 500
# What a reminder needs to know; the rows themselves are four times as wide.
READ = (
    *("rule", "code", "started_at", "effective_due", "next_notice_at", "next_stage"),
    *("case__owner", "case__holder", "case__led", "case__secrecy"),
    *("referral__signed_by", "referral__handler", "referral__liaison", "referral__department"),
    *("supervision__from_org", "supervision__target", "supervision__opened_by"),
    *("task__unit", "task__resolution__item__host"),
    *("monitor__unit", "monitor__keeper"),
)


def remind(at: datetime) -> int:
    """Send every reminder whose moment has come; return how many clocks were served.

    Batches of one transaction each: a sweep killed in the middle leaves whole batches done and the rest untouched,
    and two sweeps at once skip each other's rows. Each clock is served once a stage.
    """
    served = 0
    calendar = load_calendar()
    while batch := _remind_batch(at, calendar):
        served += batch
        if batch < BATCH:  # there is no more, or another sweep has it
            break
    return served


def waiting(at: datetime) -> QuerySet[Clock]:
    """The next batch to remind of, locked, with what a reminder needs to know; others' rows are passed over."""
    return (
        Clock.objects.to_remind(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("case", "referral", "supervision", "monitor", "task__resolution__item")
        .only(*READ)[:BATCH]
    )


@transaction.atomic
def _remind_batch(at: datetime, calendar: Calendar) -> int:
    clocks = with_rules(waiting(at))
    if not clocks:
        return 0
    rights = [clock for clock in clocks if plan_of(clock).lapses and clock.effective_due <= at]
    _let_lapse(rights)
    running = [clock for clock in clocks if clock not in rights] if rights else clocks
    audience = Audience(running, china_date(at))
    notices: list[Notice] = []
    for clock in running:
        period, plan = clock.period, plan_of(clock)
        if loud(at, period, plan, calendar) == at:
            notices += _reminders(clock, plan, audience, at)
            following = stage_after(period, plan, calendar, at)
        else:  # a sweep that comes late, in the night or on a rest day, waits like everybody
            following = first_stage(period, plan, calendar, at)
        clock.next_notice_at, clock.next_stage = following.at, following.name
    _set_next(running)
    write_many(notices)
    return len(clocks)


def _let_lapse(rights: list[Clock]) -> None:
    """End what could be claimed until now and was not: nobody is late, nobody is told."""
    if rights:
        Clock.objects.filter(pk__in=[clock.pk for clock in rights]).update(
            status=ClockStatus.CANCELLED, ended_at=F("effective_due"), next_notice_at=None, next_stage=""
        )
    for case in {clock.case for clock in rights if clock.case is not None}:
        refresh_due(case)


def _reminders(clock: Clock, plan: Plan, audience: Audience, at: datetime) -> list[Notice]:
    stage = Stage(clock.next_stage, clock.next_notice_at or at)
    return notices_for(
        kind_of(stage, clock.last_day, china_date(at)),
        clock.case,
        audience.of(clock, stage, plan),
        at=at,
        about=clock.referral or clock.supervision or clock.task or clock.monitor,
        clock=clock,
        stage=stage.name,
        posts=audience.posts,
        barred=audience.barred_from(clock),
    )


def _set_next(clocks: list[Clock]) -> None:
    """One statement for the batch: bulk_update would write a CASE of a thousand branches."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_clock AS clock SET next_notice_at = following.at, next_stage = following.stage "
            "FROM unnest(%s::bigint[], %s::timestamptz[], %s::varchar[]) AS following (id, at, stage) "
            "WHERE clock.id = following.id",
            [
                [clock.pk for clock in clocks],
                [clock.next_notice_at for clock in clocks],
                [clock.next_stage for clock in clocks],
            ],
        )


def kind_of(stage: Stage, last_day: date, today: date) -> NoticeKind:
    """What to call it: by its name, unless it comes on another day than its name says."""
    if stage.overdue_count or today > last_day:
        return NoticeKind.OVERDUE
    return NoticeKind.DUE_SOON if stage.is_early or today < last_day else NoticeKind.DUE_TODAY
