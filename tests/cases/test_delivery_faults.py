"""Reminders and their sendings while workers are killed and Valkey forgets: nothing lost, and doubled only where the
far side had taken a message whose sender died before it could write that down."""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cases.actions.outlets import add_outlet
from cases.actions.reminders import remind
from cases.choices import DeliveryStatus, OutletKind
from cases.dispatch import LEASE, send_unsent
from cases.models import Clock, Delivery, Notice
from tests.cases.endpoints import Endpoint, free_port, smtp_server
from tests.cases.test_celery_faults import due_clocks, quick_beat, wait_until, worker
from weiquan.launcher.process import end_group

pytestmark = pytest.mark.servers

KILLS = 50
WHOLE = 4  # of the kills: the worker with all its processes; otherwise one of the processes that do the work
A_KILL = 20  # clocks that come due between two kills
SEED = 20261116


@pytest.fixture
def work(live_cast, clockwork):
    return clockwork


@pytest.fixture
def far_side(live_cast, work, settings):
    """A mailbox and a group of the station, for the workers and for this process alike."""
    port = free_port()
    settings.OUTLETS_ALLOW_PRIVATE, settings.EMAIL_URL = True, f"smtp://127.0.0.1:{port}"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    work.variables |= {"OUTLETS_ALLOW_PRIVATE": "1", "EMAIL_URL": settings.EMAIL_URL}
    work.variables |= {"QUICK_TASKS": "cases.tasks.remind cases.tasks.send_notices", "QUICK_SECONDS": "0.25"}
    server, endpoint = smtp_server(port), Endpoint()
    server.start()
    live_cast.clerk.wants_mail = True
    live_cast.clerk.save()
    group = (live_cast.station, OutletKind.WEBHOOK, "group", endpoint.url, "")
    add_outlet(*group, by=live_cast.sys_admin, at=timezone.now())

    def taken():
        """How often each message was taken: by its Message-ID, by its id."""
        mails = (mail["Message-ID"].strip("<>").partition("@")[0] for mail in list(server.handler.received))
        return Counter([*mails, *(body["id"] for body in endpoint.taken)])

    yield taken
    endpoint.close()
    server.stop()


def sent_ids():
    rows = Delivery.objects.filter(status=DeliveryStatus.SENT).values_list("pk", flat=True)
    return {f"delivery-{pk}" for pk in rows}


def processes_of(program):
    """The processes that do the work of a worker."""
    children = Path(f"/proc/{program.pid}/task/{program.pid}/children")
    return [int(pid) for pid in children.read_text().split()] if program.alive and children.exists() else []


def kill_one(program, chance):
    """How many processes that may have been sending were killed."""
    pids = processes_of(program)
    if not pids:
        return 0
    os.kill(chance.choice(pids), signal.SIGKILL)
    return 1


def kill_whole(program):
    pids = processes_of(program)
    end_group(program.pid)
    program.kill()
    return len(pids)


def come_due(clocks):
    Clock.objects.filter(pk__in=clocks).update(next_notice_at=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def clocks(live_cast):
    """Enough for every kill; none is due yet."""
    case = due_clocks(live_cast, KILLS * A_KILL)
    case.clocks.exclude(next_notice_at=None).update(next_notice_at=timezone.now() + timedelta(days=1))
    found = list(
        Clock.objects.filter(next_notice_at__isnull=False).order_by("pk").values_list("pk", flat=True)
    )
    return [found[start : start + A_KILL] for start in range(0, len(found), A_KILL)]


def drained():
    """What the killed left behind comes back when its lease is over: time passed in, nobody sleeps."""
    later = timezone.now() + LEASE
    remind(later)
    send_unsent(later)
    assert not Clock.objects.to_remind(later).exists()


def each_told_once(count, taken):
    reminders = Notice.objects.filter(clock__isnull=False)
    assert reminders.count() == reminders.values("clock", "stage").distinct().count() == count
    assert set(Delivery.objects.values_list("status", flat=True)) == {"SENT"}
    assert Delivery.objects.count() == 2 * count
    assert set(taken()) == sent_ids()


def test_a_worker_killed_fifty_times(work, live_cast, far_side, clocks):
    chance = random.Random(SEED)
    whole = set(chance.sample(range(KILLS), WHOLE))
    beat, program, killed = quick_beat(work, "beat"), worker(work, "worker-0"), 0
    for number, batch in enumerate(clocks):
        come_due(batch)
        time.sleep(chance.uniform(0.05, 0.5))
        if number in whole:
            killed += kill_whole(program)
            program = worker(work, f"worker-{number + 1}")  # it takes its time; what is due waits
        else:
            latest = time.monotonic() + 10
            while not (hit := kill_one(program, chance)):  # all of them are being replaced
                assert time.monotonic() < latest, program.tail()
                time.sleep(0.02)
            killed += hit
    wait_until(lambda: Notice.objects.filter(clock__isnull=False).count() == KILLS * A_KILL, program, beat)
    wait_until(lambda: not Delivery.objects.to_send(timezone.now()).exists(), program, beat)
    beat.stop()
    kill_whole(program)

    # Taken over there, not written down here: only these may come twice, one at most for each that was killed.
    unsure = set(far_side()) - sent_ids()
    assert set(far_side().values()) == {1}
    assert len(unsure) <= killed
    assert killed >= KILLS
    drained()

    each_told_once(KILLS * A_KILL, far_side)
    assert {pk for pk, times in far_side().items() if times > 1} == unsure
    assert max(far_side().values()) <= 2


def test_a_valkey_that_forgets_everything_loses_no_sending(work, live_cast, valkey, far_side, clocks):
    count = 4 * A_KILL
    programs = quick_beat(work, "beat"), worker(work, "worker-1")
    for number, batch in enumerate(clocks[:4]):
        if number == 2:
            valkey.program.kill()
        come_due(batch)
        time.sleep(0.5)
    valkey.start()

    wait_until(lambda: len(sent_ids()) == 2 * count, *programs)

    each_told_once(count, far_side)
    assert set(far_side().values()) == {1}
