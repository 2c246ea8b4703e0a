"""Celery tasks: read the clock, call one function. All are safe to run twice."""

from contextlib import suppress
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from cases.actions import absence, evidence, intake, promises, redating, reminders, urging
from cases.actions.archive import filing
from cases.actions.assessment import corrections
from cases.actions.guarding import declared, reads
from cases.actions.ledgers import export as ledger_export
from cases.actions.ledgers import incoming
from cases.choices import ImportStatus
from cases.deadlines import china_date
from cases.dispatch import send_unsent
from cases.forms.ledgers.reading import SheetOutline, table
from cases.forms.ledgers.rows import How, RowReader
from cases.models import LedgerImport, PublicTry
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


@shared_task(name="cases.tasks.remind_of_corrections")
def remind_of_corrections(**_: object) -> None:
    corrections.remind_of_corrections(timezone.now())


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


@shared_task(name="cases.tasks.tell_of_reads")
def tell_of_reads(**_: object) -> None:
    reads.tell_of_reads(timezone.now())


@shared_task(name="cases.tasks.work_on_ledgers")
def work_on_ledgers(**_: object) -> None:
    """Whatever waits, one after the other: files to be made, old ledgers to be checked, imported and taken back."""
    while ledger_export.make_next_export(timezone.now()) or _go_on_with_an_import():
        pass


def _go_on_with_an_import() -> bool:
    at = timezone.now()
    if upload := incoming.claim(ImportStatus.CHECKING):
        check_import(upload, at=at)
    elif upload := incoming.claim(ImportStatus.IMPORTING):
        incoming.import_rows(upload, at=at)
    elif upload := incoming.claim(ImportStatus.TAKING_BACK):
        incoming.take_back(upload, at=at)
    else:
        return False
    return True


def check_import(upload: LedgerImport, *, at: datetime) -> None:
    """Read every row of the chosen sheet and write down what is wrong with it; nothing else happens."""
    sheet = next(SheetOutline(**one) for one in upload.outline if one["index"] == upload.sheet)
    lines = table(bytes(upload.file), sheet)
    how = How(china_date(at), upload.anonymous_ok, upload.default_year, upload.words)
    reader = RowReader(upload.mapping, how)
    incoming.keep_check(upload, (reader.read(*line) for line in lines), total=len(lines), at=at)


def look_at_ledgers_soon() -> None:
    """Somebody waits for it. With the broker away the next minute's look finds it as well."""
    with suppress(OperationalError):
        work_on_ledgers.apply_async(retry=False)


@shared_task(name="cases.tasks.wipe_ledgers")
def wipe_ledgers(**_: object) -> None:
    ledger_export.wipe_expired(timezone.now())


@shared_task(name="cases.tasks.make_archive_volumes")
def make_archive_volumes(**_: object) -> None:
    filing.make_waiting(timezone.now())
