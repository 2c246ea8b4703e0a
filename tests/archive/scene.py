"""A closed case with a bit of everything in it, and its file, brought there by the real verbs."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from cases.actions import closure, instruction
from cases.actions.archive import filing
from cases.actions.monitors.monitor import end_monitor
from cases.actions.monitors.warning import open_letter
from cases.actions.safety.plans import make_safety_plan
from cases.choices import InstructionKind, MonitorOutcome, Retention
from cases.models import ArchiveFile, Case, Monitor
from tests.cast import MONDAY, Cast
from tests.factories import MINUTE, make_case, make_referral

LATER = MONDAY + timedelta(hours=3)
# Long after a file of 2026 that is kept for ten years has run out.
RUN_OUT = datetime(2037, 1, 4, 9, tzinfo=MONDAY.tzinfo)
SAFE_PLACE = "城关镇姨母家后院东屋"


def rich_case(cast: Cast, **overrides: Any) -> Case:
    """Registered, referred and answered, a letter of warning watched, a safety plan, closed and visited."""
    case = make_case(cast, "HANDLING", **overrides)
    make_referral(cast, "CLOSED", case=case, at=MONDAY + 10 * MINUTE)
    by = {"by": cast.clerk, "at": MONDAY + 30 * MINUTE}
    make_safety_plan(case, safe_place=SAFE_PLACE, code_word="问豆腐还有吗", **by)
    letter = open_letter(case, delivered_on=MONDAY.date(), keeper=cast.clerk, **by)
    case = Case.objects.get(pk=case.pk)
    propose = {
        "outcome": "MEDIATED",
        "solution": f"双方和好，暂住{SAFE_PLACE}。",
        "settled_level": case.level,
    }
    closure.propose_close(
        case, **propose, petitioner_told_on=MONDAY.date(), by=cast.clerk, at=MONDAY + 40 * MINUTE
    )
    closure.close_case(case, opinion="同意结案", by=cast.head, at=MONDAY + 50 * MINUTE)
    with transaction.atomic():
        ended = {"by": cast.clerk, "at": MONDAY + 55 * MINUTE, "conclusion": "没有再犯"}
        end_monitor(Monitor.objects.get(pk=letter.pk), MonitorOutcome.REVOKED, **ended)
    return Case.objects.select_related("holder__region", "owner").get(pk=case.pk)


def with_fonds(cast: Cast) -> None:
    filing.set_fonds(cast.county, number="0123", by=cast.archivist, at=MONDAY)


def filed(cast: Cast, case: Case | None = None, *, retention: Retention | None = None) -> ArchiveFile:
    """The file of `case` (a plain closed one unless given), its volume made."""
    with_fonds(cast)
    case = case or make_case(cast, "CLOSED")
    proposed, _ = filing.proposed_class(case)
    file = filing.file_case(case, retention=retention or proposed, by=cast.archivist, at=LATER)
    filing.make_waiting(LATER)
    return again(file)


def again(file: ArchiveFile) -> ArchiveFile:
    return ArchiveFile.objects.select_related("case__owner", "case__holder", "unit", "filed_by").get(
        pk=file.pk
    )


def instructed(case: Case, cast: Cast, at: datetime = LATER) -> None:
    instruction.instruct(
        case,
        kind=InstructionKind.values[0],
        leader="某某",
        text="请妥善处理",
        given_on=date(2026, 11, 16),
        term_on=None,
        by=cast.officer,
        at=at,
    )
