"""Judge a file whose time has run out: one proposes, another agrees or not.

Source: 档案法 (2020) 第21条; 档案法实施条例 (2024) 第24条.
"""

from datetime import date, datetime

from django.db import transaction

from cases.actions.archive.filing import check_stage, proposed_class
from cases.actions.archive.holding import locked
from cases.choices import ArchiveStep, Proposal, Retention
from cases.deadlines import china_date
from cases.models import Appraisal, ArchiveFile
from cases.permissions.archive import why_not_second
from cases.workflow import StepNotAllowed
from cases.workflow.archive import has_run_out
from stations.models import Staff

NONE_WAITS = "没有等待复核的鉴定意见：可能刚刚已由别人办理。"


def why_not_destroy(file: ArchiveFile, today: date) -> str:
    """Why nothing of this file may be destroyed today, in a sentence; empty when it may be."""
    if not has_run_out(file.keep_until, today):
        return "保管期限还没有满，不能销毁。"
    if file.holds.filter(until=None).exists():
        return "这卷档案已暂停销毁，解除后才能办理。"
    if file.case.monitors.open().exists():
        return "案件还有没结束的监测事项，不能销毁。"
    proposed, reason = proposed_class(file.case)
    # What two people lowered stays lowered; a new reason is another matter.
    if proposed.rank > Retention(file.retention).rank and reason != file.reason:
        return "按现在的情况保管期限应当提高，请先调整保管期限。"
    return ""


@transaction.atomic
def appraise(
    file: ArchiveFile, *, proposal: Proposal, years: int, words: str, by: Staff, at: datetime
) -> Appraisal:
    """The first opinion.

    Raises StepNotAllowed.
    """
    now = locked(file)
    check_stage(ArchiveStep.APPRAISE, now)
    _check_may_be(now, proposal, china_date(at))
    if reason := why_not_second(by, now, None):
        raise StepNotAllowed(reason)
    if now.appraisals.filter(agreed=None).exists():
        raise StepNotAllowed("已有一份鉴定意见等待复核。")
    years = years if proposal == Proposal.EXTEND else 0
    facts = {"file": now.number, "proposal": proposal, "years": years}
    file.case.record(ArchiveStep.APPRAISE, by=by, at=at, facts=facts)
    return Appraisal.objects.create(
        file=now, proposal=proposal, years=years, first_words=words, first_by=by, first_at=at
    )


def _check_may_be(file: ArchiveFile, proposal: str, today: date) -> None:
    if proposal == Proposal.DESTROY:
        refusal = why_not_destroy(file, today)
    else:
        refusal = "" if has_run_out(file.keep_until, today) else "保管期限还没有满，不用鉴定。"
    if refusal:
        raise StepNotAllowed(refusal)


@transaction.atomic
def second(file: ArchiveFile, *, agreed: bool, words: str, by: Staff, at: datetime) -> Appraisal:
    """The second opinion. Where both would keep it longer, it is kept longer from now on.

    Raises StepNotAllowed.
    """
    now = locked(file)
    check_stage(ArchiveStep.SECOND, now)
    found = now.appraisals.select_related("first_by").filter(agreed=None).first()
    if found is None:
        raise StepNotAllowed(NONE_WAITS)
    if reason := why_not_second(by, now, found.first_by):
        raise StepNotAllowed(reason)
    today = china_date(at)
    if agreed:
        _check_may_be(now, found.proposal, today)
    found.agreed, found.second_words, found.second_by, found.second_at = agreed, words, by, at
    found.save()
    facts = {"file": now.number, "proposal": found.proposal, "agreed": agreed}
    if agreed and found.proposal == Proposal.EXTEND:
        until = date(today.year + found.years, 12, 31)
        ArchiveFile.objects.filter(pk=now.pk).update(keep_until=until)
        facts["until"] = until.isoformat()
    file.case.record(ArchiveStep.SECOND, by=by, at=at, facts=facts)
    return found
