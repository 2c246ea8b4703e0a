"""What a station has to put right after a round: set, answered, sent back or accepted, and reminded of."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localtime

from cases.choices import NoticeKind
from cases.choices.assessment import CorrectionStep, RoundStatus, RoundStep
from cases.deadlines import CHINA
from cases.models import AssessmentRound, Correction, CorrectionReport, Indicator
from cases.notifications import announce, heads
from cases.workflow import StepNotAllowed
from cases.workflow.assessment import next_round_status
from stations.models import Organisation, Staff

# Days before the end on which the station is reminded; after it every week, and the county with it.
EARLY = (7, 3, 1, 0)
LATE = timedelta(days=7)


@transaction.atomic
def set_correction(
    found: AssessmentRound, *, what: str, due_on: date, indicator: Indicator | None, by: Staff, at: datetime
) -> Correction:
    """Raises StepNotAllowed."""
    next_round_status(RoundStep.SET_TASK, RoundStatus(found.status), found.scheme.publisher)
    today = localtime(at, CHINA).date()
    task = Correction.objects.create(
        round=found,
        indicator=indicator,
        what=what,
        due_on=due_on,
        set_by=by,
        set_at=at,
        remind_on=_next_reminder(due_on, today),
    )
    announce(NoticeKind.CORRECTION, None, heads(found.station), at=at, about=found)
    return task


def _next_reminder(due_on: date, after: date) -> date:
    """The next day on which it is reminded of."""
    early = (due_on - timedelta(days=days) for days in EARLY)
    coming = next((day for day in early if day > after), None)
    if coming is not None:
        return coming
    weeks = (after - due_on) // LATE + 1
    return due_on + weeks * LATE


def _county(found: AssessmentRound) -> list[Staff]:
    federation = Organisation.objects.federation_of(found.station.county_code)
    return heads(federation) if federation else []


@transaction.atomic
def answer_correction(task: Correction, *, text: str, by: Staff, at: datetime) -> CorrectionReport:
    """Say what was put right; the reminders stop while it is looked at. Raises StepNotAllowed."""
    task.advance(CorrectionStep.ANSWER, remind_on=None)
    report = CorrectionReport.objects.create(correction=task, text=text, by=by, at=at)
    announce(NoticeKind.CORRECTION, None, _county(task.round), at=at, about=task.round)
    return report


def _decide(task: Correction, *, accepted: bool, opinion: str, by: Staff, at: datetime) -> None:
    report = task.reports.get(accepted=None)
    if report.by_id == by.pk:
        raise StepNotAllowed("验收须由报告人以外的人办理。")
    report.accepted, report.opinion, report.decided_by, report.decided_at = accepted, opinion, by, at
    report.save(update_fields=["accepted", "opinion", "decided_by", "decided_at"])
    announce(NoticeKind.CORRECTION, None, heads(task.round.station), at=at, about=task.round)


@transaction.atomic
def send_back_correction(task: Correction, *, opinion: str, by: Staff, at: datetime) -> None:
    """Raises StepNotAllowed."""
    remind_on = _next_reminder(task.due_on, localtime(at, CHINA).date())
    task.advance(CorrectionStep.SEND_BACK, remind_on=remind_on)
    _decide(task, accepted=False, opinion=opinion, by=by, at=at)


@transaction.atomic
def accept_correction(task: Correction, *, opinion: str, by: Staff, at: datetime) -> None:
    """Raises StepNotAllowed."""
    task.advance(CorrectionStep.ACCEPT, accepted_at=at)
    _decide(task, accepted=True, opinion=opinion, by=by, at=at)


def remind_of_corrections(at: datetime) -> int:
    """Tell stations what is soon due or overdue, and the county what is overdue; each once for its day."""
    today = localtime(at, CHINA).date()
    due = Correction.objects.filter(remind_on__lte=today).select_related("round__station__region")
    told = 0
    for task in due.order_by("remind_on", "pk"):
        with transaction.atomic():
            claimed = Correction.objects.filter(pk=task.pk, remind_on=task.remind_on).update(
                remind_on=_next_reminder(task.due_on, today)
            )
            if claimed:
                late = _county(task.round) if task.due_on < today else []
                people = [*heads(task.round.station), *late]
                announce(NoticeKind.CORRECTION_DUE, None, people, at=at, about=task.round)
                told += 1
    return told
