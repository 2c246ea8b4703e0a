"""Legal hold: while it stands, nothing of the file is destroyed, whatever was decided."""

from datetime import datetime

from django.db import transaction

from cases.actions.archive.filing import check_stage
from cases.choices import ArchiveStep
from cases.models import ArchiveFile, LegalHold
from cases.workflow import StepNotAllowed
from stations.models import Staff


@transaction.atomic
def hold(file: ArchiveFile, *, reason: str, by: Staff, at: datetime) -> LegalHold:
    """Raises StepNotAllowed."""
    now = locked(file)
    check_stage(ArchiveStep.HOLD, now)
    if now.holds.filter(until=None).exists():
        raise StepNotAllowed("这卷档案已经暂停销毁。")
    file.case.record(ArchiveStep.HOLD, by=by, at=at, note=reason, facts={"file": now.number})
    return LegalHold.objects.create(file=now, reason=reason, by=by, since=at)


@transaction.atomic
def release(file: ArchiveFile, *, because: str, by: Staff, at: datetime) -> LegalHold:
    """Raises StepNotAllowed."""
    now = locked(file)
    check_stage(ArchiveStep.RELEASE, now)
    found = now.holds.filter(until=None).first()
    if found is None:
        raise StepNotAllowed("这卷档案没有暂停销毁，或者刚刚已由别人解除。")
    file.case.record(ArchiveStep.RELEASE, by=by, at=at, note=because, facts={"file": now.number})
    found.until, found.released_by, found.released_because = at, by, because
    found.save()
    return found


def locked(file: ArchiveFile) -> ArchiveFile:
    """The row as it is now, held until the transaction ends."""
    return ArchiveFile.objects.select_for_update(of=("self",)).select_related("case").get(pk=file.pk)
