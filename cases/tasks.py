"""Celery tasks: read the clock, call one function. All are safe to run twice."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from cases.actions import absence, evidence, intake, promises, redating, reminders, urging
from cases.actions.archive import filing
from cases.actions.guarding import declared, reads
from cases.dispatch import send_unsent
from cases.models import PublicTry
from cases.statistics.figures import rollup
from stations.actions.locks import drop_held_before, drop_sessions_before

DRAFTS_KEPT = timedelta(days=7)
HELD_KEPT = TRIES_KEPT = timedelta(days=1)


@shared_task(name="cases.tasks.remind")
def remind(**_: object) -> None:
    reminders.remind(timezone.now())


@shared_task(name="cases.tasks.send_notices")
def send_notices(**_: object) -> None:
    send_unsent(timezone.now())


@shared_task(name="cases.tasks.redate_provisional")
def redate_provisional(**_: object) -> None:
    at = timezone.now()
    redating.carry_out_ordered(at)
    redating.redate_provisional(at)


@shared_task(name="cases.tasks.anchor_chains")
def anchor_chains(**_: object) -> None:
    evidence.anchor_chains(timezone.now())


@shared_task(name="cases.tasks.drop_old_drafts")
def drop_old_drafts(**_: object) -> None:
    at = timezone.now()
    intake.drop_drafts_before(at - DRAFTS_KEPT)
    drop_held_before(at - HELD_KEPT)
    drop_sessions_before(at)
    PublicTry.objects.drop_before(at - TRIES_KEPT)


@shared_task(name="cases.tasks.tell_of_absences")
def tell_of_absences(**_: object) -> None:
    absence.tell_of_absences(timezone.now())


@shared_task(name="cases.tasks.check_promises")
def check_promises(**_: object) -> None:
    at = timezone.now()
    promises.check_promises(at, further={promises.FIGURES_PROMISE.code: rollup.prove(at, promises.MOST)})


@shared_task(name="cases.tasks.count_figures")
def count_figures(**_: object) -> None:
    rollup.refresh(timezone.now())


@shared_task(name="cases.tasks.bar_declared")
def bar_declared(**_: object) -> None:
    declared.bar_declared(timezone.now())


@shared_task(name="cases.tasks.propose_supervision")
def propose_supervision(**_: object) -> None:
    urging.propose_supervision(timezone.now())


@shared_task(name="cases.tasks.make_archive_volumes")
def make_archive_volumes(**_: object) -> None:
    filing.make_waiting(timezone.now())


@shared_task(name="cases.tasks.tell_of_reads")
def tell_of_reads(**_: object) -> None:
    reads.tell_of_reads(timezone.now())
