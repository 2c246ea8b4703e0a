"""How long a file is kept may rise by one person's word or by the table; it falls by the word of two."""

from datetime import datetime

from django.db import transaction

from cases.actions.archive.filing import AFRESH, check_ended, check_stage, proposed_class
from cases.actions.archive.holding import locked
from cases.choices import ArchiveStage, ArchiveStep, Retention
from cases.models import ArchiveFile, Case, Reclass
from cases.models.versioned import move
from cases.permissions.archive import why_not_second
from cases.workflow import StepNotAllowed
from cases.workflow.archive import kept_until
from stations.models import Staff

DONE_ALREADY = "没有等待复核的调整：可能刚刚已由别人办理。"


@transaction.atomic
def change_class(file: ArchiveFile, *, retention: Retention, words: str, by: Staff, at: datetime) -> Reclass:
    """Raise the class at once; to lower it is only asked for.

    Raises StepNotAllowed.
    """
    check_stage(ArchiveStep.RECLASS, locked(file))
    now = Retention(file.retention)
    if retention == now:
        raise StepNotAllowed("新的保管期限与现在的相同。")
    if file.reclasses.filter(granted=None).exists():
        raise StepNotAllowed("已有一次降低保管期限的申请等待复核。")
    asked = Reclass(
        file=file, before=now, after=retention, number_before=file.number, words=words, by=by, at=at
    )
    if retention.rank < now.rank:
        if not words:
            raise StepNotAllowed("降低保管期限要写明理由。")
        asked.save()
        file.case.record(ArchiveStep.RECLASS, by=by, at=at, facts=_facts(asked), note=words)
        return asked
    return _carry_out(file, asked, by=by, at=at)


@transaction.atomic
def decide_lowering(file: ArchiveFile, *, granted: bool, opinion: str, by: Staff, at: datetime) -> Reclass:
    """The second person's word on a lower class.

    Raises StepNotAllowed.
    """
    check_stage(ArchiveStep.RECLASS, file)
    asked = Reclass.objects.select_for_update(of=("self",)).filter(file=file, granted=None).first()
    if asked is None:
        raise StepNotAllowed(DONE_ALREADY)
    if reason := why_not_second(by, file, asked.by):
        raise StepNotAllowed(reason)
    asked.granted, asked.opinion, asked.second_by, asked.second_at = granted, opinion, by, at
    if granted:
        return _carry_out(file, asked, by=by, at=at)
    asked.save()
    file.case.record(ArchiveStep.RECLASS, by=by, at=at, facts=_facts(asked), note=opinion)
    return asked


@transaction.atomic
def refile(file: ArchiveFile, *, by: Staff, at: datetime) -> None:
    """Put what came after the reopening into the same file, once the case has ended again. Where the table now asks
    for a higher class — a leader's instruction, a conference, a court's order — the class rises.

    Raises StepNotAllowed.
    """
    check_stage(ArchiveStep.REFILE, file)
    file.case = Case.objects.get(pk=file.case_id)
    check_ended(file.case)
    proposed, reason = proposed_class(file.case)
    move(file, {"stage": ArchiveStage.MAKING, "filed_by": by, "filed_at": at, **AFRESH}, what="这卷档案")
    if proposed.rank > Retention(file.retention).rank:
        before = {"before": file.retention, "number_before": file.number}
        _carry_out(file, Reclass(file=file, after=proposed, reason=reason, at=at, **before), by=by, at=at)


def reopen_file(case: Case) -> None:
    """The case is worked on again: what is in the file stays, and is added to when it ends."""
    in_use = ArchiveFile.objects.filter(case=case, stage__in=(ArchiveStage.MAKING, ArchiveStage.FILED))
    for file in in_use:
        move(file, {"stage": ArchiveStage.REOPENED}, what="这卷档案")


def _carry_out(file: ArchiveFile, asked: Reclass, *, by: Staff | None, at: datetime) -> Reclass:
    """A new class is a new number, and a new cover: the volume is made again."""
    after = Retention(asked.after)
    asked.granted = True
    asked.number_after = ArchiveFile.next_number(file.fonds, file.year, after)
    asked.save()
    until = kept_until(file.year, after)
    changes = {"retention": after, "number": asked.number_after, "keep_until": until, **AFRESH}
    if asked.reason:
        changes["reason"] = asked.reason
    move(file, changes | {"stage": ArchiveStage.MAKING}, what="这卷档案")
    file.case.record(ArchiveStep.RECLASS, by=by, at=at, facts=_facts(asked))
    return asked


def _facts(asked: Reclass) -> dict[str, object]:
    return {
        "before": asked.before,
        "after": asked.after,
        "number_before": asked.number_before,
        "number_after": asked.number_after,
        "granted": asked.granted,
    }
