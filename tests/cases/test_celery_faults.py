"""Real workers, real beats, a real Valkey, and what goes wrong with them: each reminder exactly once."""

import sys
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cases.actions.clocks import forget_rules
from cases.actions.reminders import remind
from cases.choices import ClockStatus
from cases.models import Clock, Notice, ReminderPlan
from tests.factories import make_case
from weiquan.celery import app
from weiquan.launcher.process import Program, end_group

pytestmark = pytest.mark.servers

DUE = 300
PATIENCE = 60.0
# So many more swings of the pendulum would have shown a second reminder.
WATCHED = 3.0


@pytest.fixture
def work(live_cast, clockwork):
    return clockwork


def just_reminded(cast):
    """A case and its clock whose first reminder came due within the last day: how long ago that case came depends on the
    weekends and holidays since."""
    for days in range(5, 40):
        with transaction.atomic():
            case = make_case(cast, at=timezone.now() - timedelta(days=days))
            clock = case.clocks.get(code="XF-NOTICE")
            if clock.next_notice_at <= timezone.now() - timedelta(minutes=1):
                return case, clock
            transaction.set_rollback(True)
    raise AssertionError("no day of the last weeks has its first reminder today")


def due_clocks(cast, count=DUE):
    """Clocks whose reminder has come due, none sent; the next lies ahead. No hour or day is too quiet."""
    ReminderPlan.objects.update(rest_days=True, quiet_from=None, quiet_to=None)
    forget_rules()
    case, pattern = just_reminded(cast)
    begun = pattern.started_at
    case.clocks.exclude(pk=pattern.pk).update(status=ClockStatus.MET, ended_at=begun, next_notice_at=None)
    Clock.objects.bulk_create(copy_of(pattern, f"T-{number}") for number in range(count - 1))
    Notice.objects.all().delete()
    assert Clock.objects.to_remind(timezone.now()).count() == count
    return case


def copy_of(clock, code):
    row = Clock.objects.get(pk=clock.pk)
    row.pk, row.code = None, code
    return row


def quick_beat(work, name):
    program = Program(
        name,
        [
            *(sys.executable, "-m", "celery", "--app", "tests.cases.quick_clockwork", "beat"),
            *("--schedule", str(work.logs / f"{name}.schedule"), "--pidfile="),
        ],
        work.logs,
        work.variables,
    )
    work.running.append(program)
    program.start()
    return program


def worker(work, name):
    return work.start(name, "worker", "--concurrency", "2", "--loglevel", "INFO", ready=" ready.")


def wait_until(condition, *programs):
    latest = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < latest, "\n".join(program.tail() for program in programs)
        time.sleep(0.1)


def sent():
    return Notice.objects.filter(clock__isnull=False).count()


def each_exactly_once(count, *programs):
    wait_until(lambda: sent() >= count, *programs)
    time.sleep(WATCHED)
    reminders = Notice.objects.filter(clock__isnull=False)
    assert reminders.count() == reminders.values("clock", "stage").distinct().count() == count
    assert not Clock.objects.to_remind(timezone.now()).exists()


def insert_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'cases_notice'::regclass AND NOT granted"
        )
        return cursor.fetchone()[0] > 0


def test_a_worker_killed_in_the_middle_of_a_sweep(work, live_cast):
    due_clocks(live_cast)
    beat = quick_beat(work, "beat")
    with transaction.atomic(), connection.cursor() as cursor:
        # Clocks claimed and moved on, the notices not yet written: here the sweep is held, and here it dies.
        cursor.execute("LOCK TABLE cases_notice IN SHARE MODE")
        first = worker(work, "worker-1")
        wait_until(insert_waits, first, beat)
        end_group(first.pid)
        first.kill()
    assert not first.alive
    wait_until(lambda: Clock.objects.to_remind(timezone.now()).count() == DUE)
    assert sent() == 0

    second = worker(work, "worker-2")
    each_exactly_once(DUE, second, beat)


def test_a_valkey_that_loses_everything(work, live_cast, valkey):
    due_clocks(live_cast)
    programs = quick_beat(work, "beat"), worker(work, "worker-1")
    wait_until(lambda: sent() == DUE, *programs)

    valkey.program.kill()
    due_clocks(live_cast)
    assert sent() == 0
    valkey.start()

    each_exactly_once(DUE, *programs)
    assert all(program.alive for program in programs)


def test_two_beats_and_two_workers(work, live_cast):
    due_clocks(live_cast)
    programs = [quick_beat(work, f"beat-{number}") for number in (1, 2)]
    programs += [worker(work, f"worker-{number}") for number in (1, 2)]

    each_exactly_once(DUE, *programs)


def test_no_valkey_at_all_loses_no_reminder(work, live_cast, valkey):
    """What is due stands in the database: the sweep needs no memory of what was asked for."""
    due_clocks(live_cast)
    valkey.program.kill()

    assert remind(timezone.now()) == DUE
    each_exactly_once(DUE)


def test_beat_asks_only_for_tasks_there_are():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == {
        name for name in app.tasks if name.startswith("cases.")
    }


def test_every_task_may_run_twice_and_takes_what_a_newer_beat_may_say(cast):
    app.loader.import_default_modules()
    make_case(cast)
    for _ in range(2):
        for entry in app.conf.beat_schedule.values():
            app.tasks[entry["task"]].apply(kwargs={"said_by_a_newer_version": 1}, throw=True)

    reminders = Notice.objects.filter(clock__isnull=False)
    assert reminders.count() == reminders.values("clock", "stage", "recipient").distinct().count()
