"""Filing: the class the table proposes, the number, and the making of the volume by the worker."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from cases.actions.archive.volume import Digests, Volume, make_volume
from cases.choices import (
    ArchiveStage,
    ArchiveStep,
    ClassReason,
    InstructionKind,
    ItemStatus,
    MonitorKind,
    Retention,
)
from cases.deadlines import china_date
from cases.models import (
    ArchiveContent,
    ArchiveFile,
    ArchivePaper,
    Case,
    Feedback,
    Fonds,
    MandatoryReport,
    MovedOn,
)
from cases.workflow import StepNotAllowed
from cases.workflow.archive import TO_FILE, Matter, kept_until, propose, why_not_now
from stations.models import Organisation, Staff

LEASE = timedelta(minutes=10)
ORDERS = (MonitorKind.PROTECTION_ORDER, MonitorKind.ORDER_APPLICATION)
ORDERED = ("COURT.PO_ISSUED", "COURT.PO_EXTENDED")
DISCUSSED = (ItemStatus.RESOLVED, ItemStatus.NOTED)
NO_FONDS = "先登记本单位（或上级妇联）的全宗号，再立卷。"
TOO_LOW = "保管期限不能低于系统建议；确需降低的，立卷后提出理由，由另一个人复核。"


def matter_of(case: Case) -> Matter:
    """What the table of classes asks, read from the rows of the case."""
    reports = MandatoryReport.objects.filter(monitor__case=case)
    return Matter(
        status=case.status,
        outcome=case.outcome,
        categories=[case.category, *case.categories],
        situations=[code for report in reports for code in report.situations],
        involves_minor=case.involves_minor,
        protection_order=_has_order(case),
        instructed=case.instructions.filter(kind__in=InstructionKind.values).exists(),
        conference=case.agenda_items.filter(status__in=DISCUSSED).exists(),
    )


def _has_order(case: Case) -> bool:
    """Watched over here, applied for by us, or told by the court."""
    told = Feedback.objects.filter(referral__case=case, result__in=ORDERED)
    return case.monitors.filter(kind__in=ORDERS).exists() or told.exists()


def proposed_class(case: Case) -> tuple[Retention, ClassReason]:
    return propose(matter_of(case))


def fonds_of(unit: Organisation) -> Fonds | None:
    """The unit's own fonds, or that of the nearest unit above which has one."""
    above: Organisation | None = unit
    while above is not None:
        if (found := Fonds.objects.filter(organisation=above).first()) is not None:
            return found
        above = above.parent
    return None


@transaction.atomic
def set_fonds(unit: Organisation, *, number: str, by: Staff, at: datetime) -> Fonds:
    """Numbers given out before keep the old one."""
    told = {"number": number, "by": by, "at": at}
    return Fonds.objects.update_or_create(organisation=unit, defaults=told)[0]


@transaction.atomic
def file_case(case: Case, *, retention: Retention, by: Staff, at: datetime) -> ArchiveFile:
    """Open the file of an ended case: number and class now, the volume a moment later.

    Raises StepNotAllowed.
    """
    now = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    check_ended(now)
    if ArchiveFile.objects.filter(case=now).exists():
        raise MovedOn("这件案件刚刚已由别人立卷。")
    unit = now.holder
    fonds = fonds_of(unit)
    if fonds is None:
        raise StepNotAllowed(NO_FONDS)
    proposed, reason = proposed_class(now)
    if retention.rank < proposed.rank:
        raise StepNotAllowed(TOO_LOW)
    year = china_date(now.ended_at or at).year
    return ArchiveFile.objects.create(
        case=now,
        number=ArchiveFile.next_number(fonds.number, year, retention),
        fonds=fonds.number,
        unit=unit,
        year=year,
        retention=retention,
        reason=reason,
        keep_until=kept_until(year, retention),
        filed_by=by,
        filed_at=at,
    )


def check_ended(case: Case) -> None:
    if case.status not in TO_FILE:
        raise StepNotAllowed(f"案件现在是“{case.get_status_display()}”，办结后再立卷。")


AFRESH = {"done": 0, "total": 0, "failed": False, "leased_until": None}


def check_stage(step: ArchiveStep, file: ArchiveFile) -> None:
    """Raises StepNotAllowed."""
    if reason := why_not_now(step, ArchiveStage(file.stage)):
        raise StepNotAllowed(reason)


@transaction.atomic
def try_again(file: ArchiveFile) -> None:
    """Let the worker make a volume once more that could not be made."""
    ArchiveFile.objects.filter(pk=file.pk, stage=ArchiveStage.MAKING).update(**AFRESH)


# -- the worker ---------------------------------------------------------------------------------------


def make_waiting(at: datetime, most: int = 50) -> int:
    """Make the volumes that wait, one after the other. Safe to run twice: each is leased."""
    made = 0
    while made < most and (file := _lease(at)) is not None:
        try:
            store(file, make_volume(file, at=at, progress=partial(_tell, file)), at=at)
        except Exception:
            # One volume that cannot be made does not keep the others from being made; the page says so.
            ArchiveFile.objects.filter(pk=file.pk).update(failed=True, leased_until=None)
            raise
        made += 1
    return made


@transaction.atomic
def _lease(at: datetime) -> ArchiveFile | None:
    free = Q(leased_until=None) | Q(leased_until__lte=at)
    waiting = ArchiveFile.objects.filter(free, stage=ArchiveStage.MAKING, failed=False).order_by(
        "filed_at", "pk"
    )
    file = waiting.select_for_update(of=("self",), skip_locked=True).first()
    if file is None:
        return None
    ArchiveFile.objects.filter(pk=file.pk).update(leased_until=at + LEASE)
    return ArchiveFile.objects.select_related("case__holder", "unit", "filed_by").get(pk=file.pk)


def _tell(file: ArchiveFile, done: int, total: int) -> None:
    ArchiveFile.objects.filter(pk=file.pk).update(done=done, total=total)


@transaction.atomic
def store(file: ArchiveFile, volume: Volume, *, at: datetime) -> None:
    """Keep the volume sealed, with its list and its digests; the history of the case holds the digests too.

    A case that was reopened meanwhile is not filed: the volume is dropped.
    """
    now = ArchiveFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if now.stage != ArchiveStage.MAKING or now.version != file.version:
        return
    again = now.made_at is not None
    _keep_content(now, volume, at)
    ArchivePaper.objects.filter(file=now).delete()
    ArchivePaper.objects.bulk_create(
        ArchivePaper(
            file=now,
            seq=leaf.seq,
            author=leaf.paper.author,
            doc_number=leaf.paper.doc_number,
            title=leaf.paper.title,
            on=leaf.paper.on,
            first_page=leaf.first_page,
            pages=leaf.pages,
            remark=leaf.paper.remark,
            sha256=leaf.digests.sha256,
            sm3=leaf.digests.sm3,
        )
        for leaf in volume.leaves
    )
    changes = {"stage": ArchiveStage.FILED, "made_at": at, "pages": volume.pages, "leased_until": None}
    ArchiveFile.objects.filter(pk=now.pk).update(**changes)
    facts = {
        "file": now.number,
        "retention": now.retention,
        "pages": volume.pages,
        "pdf": Digests.of(volume.pdf).sha256,
        "package": Digests.of(volume.package).sha256,
    }
    step = ArchiveStep.REFILE if again else ArchiveStep.FILE
    file.case.record(step, by=file.filed_by, at=at, facts=facts)


def _keep_content(file: ArchiveFile, volume: Volume, at: datetime) -> None:
    pdf, package = Digests.of(volume.pdf), Digests.of(volume.package)
    annex = Digests.of(volume.annex) if volume.annex else Digests("", "")
    content = ArchiveContent(
        file=file,
        pdf=volume.pdf,
        pdf_sha256=pdf.sha256,
        pdf_sm3=pdf.sm3,
        package=volume.package,
        package_sha256=package.sha256,
        package_sm3=package.sm3,
        annex=volume.annex,
        annex_sha256=annex.sha256,
        annex_sm3=annex.sm3,
        made_at=at,
    )
    content.save(force_insert=not ArchiveContent.objects.filter(pk=file.pk).exists())
