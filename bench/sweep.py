"""The overdue sweep: what a due clock costs, what nothing due costs, and the same writes as one bare statement.

Measured twice: on the clocks of the loaded cases, and (`--clocks`) among a million of which few are due.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from time import perf_counter

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.actions.reminders import remind, waiting
from cases.choices import ClockStatus, NoticeKind
from cases.deadlines import CHINA, china_date
from cases.models import Clock, Delivery, Notice
from stations.workdays import load_calendar

IDLE_ROUNDS = 20


@dataclass(frozen=True)
class Sweep:
    """Milliseconds, and statements."""

    due: int
    told: int
    ms_each: float
    bare_each: float
    statements: int
    idle_ms: float
    idle_sql_ms: float
    idle_statements: int


def measure_sweep(most: int, at: datetime) -> Sweep:
    """Make up to `most` running clocks due, sweep them, and sweep again with nothing left."""
    at = sweepable(at)
    due = make_due(most, at)
    bare = bare_statement(at)
    before = Notice.objects.count()
    start = perf_counter()
    served = remind(at)
    took = perf_counter() - start
    if served != due:
        raise RuntimeError(f"the sweep served {served} of {due} due clocks")
    idle = [_idle(at) for _ in range(IDLE_ROUNDS)]
    idle_ms, idle_sql_ms, idle_statements = sorted(idle)[len(idle) // 2]
    return Sweep(
        due=due,
        told=Notice.objects.count() - before,
        ms_each=1000 * took / due,
        bare_each=1000 * bare / due,
        statements=_statements_of_a_batch(at),
        idle_ms=idle_ms,
        idle_sql_ms=idle_sql_ms,
        idle_statements=idle_statements,
    )


def make_due(most: int, at: datetime) -> int:
    """So many running clocks become due a minute before a sweep at `at`, scattered among the rest, and no others."""
    at = sweepable(at)
    running = Clock.objects.filter(status=ClockStatus.RUNNING)
    running.filter(next_notice_at__lte=at).update(next_notice_at=at + timedelta(days=1))
    every = list(running.order_by("pk").values_list("pk", flat=True))
    chosen = every[:: max(1, len(every) // most)][:most]
    Delivery.objects.filter(notice__clock__in=chosen).delete()
    Notice.objects.filter(clock__in=chosen).delete()  # what was told before would not be written again
    return Clock.objects.filter(pk__in=chosen).update(next_notice_at=at - timedelta(minutes=1))


def sweepable(at: datetime) -> datetime:
    """Noon of a working day, today or next: by night and at the weekend only clocks by the hour are told."""
    day = load_calendar().next_working_day_on_or_after(china_date(at))
    return datetime.combine(day, time(12), CHINA)


def add_clocks(count: int) -> int:
    """Fill up to `count` running clocks: copies of the loaded ones under codes of their own, in one statement."""
    running = Clock.objects.filter(status=ClockStatus.RUNNING).count()
    columns = ", ".join(
        str(field.column) for field in Clock._meta.concrete_fields if field.column not in ("id", "code")
    )
    copied = columns.replace("next_notice_at", "next_notice_at + interval '1 day'")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_clock (code, {columns}) SELECT id || '-' || n, {copied} "
            "FROM generate_series(1, %s) AS n, cases_clock WHERE status = 'RUNNING' LIMIT %s",
            [count // max(1, running) + 1, max(0, count - running)],
        )
        cursor.execute("VACUUM ANALYZE cases_clock")
    return Clock.objects.filter(status=ClockStatus.RUNNING).count()


def plan_of_claim(at: datetime) -> str:
    """What PostgreSQL does to find and lock the first batch, taken back afterwards."""
    with transaction.atomic():
        plan: str = waiting(sweepable(at)).explain(analyze=True, buffers=True)
        transaction.set_rollback(True)
    return plan


def bare_statement(at: datetime) -> float:
    """Seconds of one UPDATE … RETURNING and one INSERT of as many notices, taken back afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        start = perf_counter()
        cursor.execute(BARE, {"at": at, "next": at + timedelta(days=2), "kind": NoticeKind.OVERDUE})
        took = perf_counter() - start
        transaction.set_rollback(True)
    return took


def _idle(at: datetime) -> tuple[float, float, int]:
    with CaptureQueriesContext(connection) as captured:
        start = perf_counter()
        remind(at)
        took = perf_counter() - start
    sql = sum(float(entry["time"]) for entry in captured.captured_queries)
    return 1000 * took, 1000 * sql, len(captured)


def _statements_of_a_batch(at: datetime) -> int:
    """One batch more, and what it asks of the database."""
    running = Clock.objects.filter(status=ClockStatus.RUNNING).order_by("pk").values("pk")[:100]
    Clock.objects.filter(pk__in=running).update(next_notice_at=at - timedelta(minutes=1))
    with CaptureQueriesContext(connection) as captured:
        remind(at)
    return len(captured) - _idle(at)[2]


BARE = """
    WITH claimed AS (
        UPDATE cases_clock SET next_notice_at = %(next)s, next_stage = 'B1'
        WHERE status = 'RUNNING' AND next_notice_at <= %(at)s
        RETURNING id, case_id, effective_due
    )
    INSERT INTO cases_notice (recipient_id, kind, case_id, clock_id, due_at, stage, at)
    SELECT c.owner_id, %(kind)s, c.id, claimed.id, claimed.effective_due, 'B1', %(at)s
    FROM claimed JOIN cases_case AS c ON c.id = claimed.case_id
"""
