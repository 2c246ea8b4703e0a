"""A leader's written instruction on a case (领导批示), or a leader taking charge of it (领导包案)."""

from datetime import date, datetime

from django.db import transaction

from cases.actions.clocks import cancel_clocks, meet_clocks, reset_reminders, start_term
from cases.choices import Grade, InstructionKind, NoticeKind, Step
from cases.deadlines import china_date
from cases.models import Case, Instruction
from cases.notifications import announce, county_federation, heads
from cases.workflow import StepNotAllowed
from stations.choices import AdminLevel
from stations.models import Staff

TERM = "LD-TERM"


@transaction.atomic
def instruct(
    case: Case,
    *,
    kind: InstructionKind,
    leader: str,
    text: str,
    given_on: date,
    by: Staff,
    at: datetime,
    term_on: date | None = None,
) -> Instruction:
    """Write down what a leader said: the case is a hard one from now on, and seen from the county up.

    Raises StepNotAllowed.
    """
    if term_on is not None and term_on < china_date(at):
        raise StepNotAllowed("要求办结的日期不能早于今天。")
    unit = by.organisation
    if unit is None:
        raise StepNotAllowed("您没有所属单位。")
    case.record(
        Step.INSTRUCT,
        by=by,
        at=at,
        note=f"{leader}：{text}",
        facts={"kind": kind, "term": term_on.isoformat() if term_on else None},
        grade=Grade.HARD,
        led=True,
        reached=max(AdminLevel(case.reached), unit.level, key=lambda level: level.rank),
    )
    instruction = Instruction.objects.create(
        case=case,
        kind=kind,
        leader=leader,
        text=text,
        given_on=given_on,
        term_on=term_on,
        recorded_by=by,
        at=at,
    )
    _run_to_nearest_term(case, at=at, by=by)
    reset_reminders(case, at)
    announce(NoticeKind.INSTRUCTED, case, _told(case, by), at=at)
    return instruction


def _told(case: Case, by: Staff) -> list[Staff]:
    """Whoever has it, who is in charge of it, and who watches it in the county; not the one who wrote it down."""
    county = county_federation(case)
    told = [case.owner, *heads(case.holder), *(heads(county) if county else [])]
    return [person for person in told if person is not None and person.pk != by.pk]


def _run_to_nearest_term(case: Case, *, at: datetime, by: Staff) -> None:
    """One clock a case: it ends with the nearest term of all open instructions."""
    nearest = (
        case.instructions.filter(ended_at=None, term_on__isnull=False)
        .order_by("term_on")
        .values_list("term_on", flat=True)
        .first()
    )
    running = case.clocks.live().of_case_itself().filter(code=TERM).first()
    if running is not None and running.last_day == nearest:
        return
    if running is not None:
        cancel_clocks(case, TERM, at=at, by=by)
    if nearest is not None:
        start_term(case, TERM, until=nearest, at=at)


@transaction.atomic
def end_instruction(case: Case, *, instruction: Instruction, result: str, by: Staff, at: datetime) -> None:
    """Write down what came of an instruction; the case is an ordinary one again when none is open.

    Raises StepNotAllowed.
    """
    others = case.instructions.filter(ended_at=None).exclude(pk=instruction.pk).exists()
    case.record(Step.END_INSTRUCTION, by=by, at=at, note=result, facts={"kind": instruction.kind}, led=others)
    row = Instruction.objects.select_for_update().get(pk=instruction.pk)
    if row.ended_at is not None:
        raise StepNotAllowed("这条批示已经登记办结。")
    row.result, row.ended_by, row.ended_at = result, by, at
    row.save(update_fields=["result", "ended_by", "ended_at"])
    if row.term_on is not None:
        running = case.clocks.live().filter(code=TERM).first()
        if running is not None and running.last_day == row.term_on:
            meet_clocks(case, TERM, at=at, by=by)
    if case.is_open:
        _run_to_nearest_term(case, at=at, by=by)
    reset_reminders(case, at)
    announce(NoticeKind.CASE_NEWS, case, [case.owner], at=at)
