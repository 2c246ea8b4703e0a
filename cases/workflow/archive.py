"""The default table of retention classes, when a file is due, and which step fits where it stands. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from cases.choices import (
    ArchiveStage,
    ArchiveStep,
    ClassReason,
    MandatoryReportSituation,
    Outcome,
    Retention,
    Status,
)

TRAFFICKING = {"PER_TRAFFIC", "CHD_TRAFFIC"}
CHILD_SEX = {"CHD_SEXUAL"}
SEX_CRIME = {"PER_RAPE", "PER_INDECENT"}
NO_RESULT = {Outcome.WITHDRAWN, Outcome.LOST_CONTACT}
# A void number stays in the register of cases; there is nothing to keep.
TO_FILE = (Status.CLOSED, Status.NOT_ACCEPTED, Status.REDIRECTED, Status.MERGED)

STAGES: dict[ArchiveStep, tuple[ArchiveStage, ...]] = {
    ArchiveStep.REFILE: (ArchiveStage.REOPENED,),
    ArchiveStep.RECLASS: (ArchiveStage.FILED,),
    ArchiveStep.HOLD: (ArchiveStage.MAKING, ArchiveStage.FILED, ArchiveStage.REOPENED),
    ArchiveStep.RELEASE: (ArchiveStage.MAKING, ArchiveStage.FILED, ArchiveStage.REOPENED),
    ArchiveStep.APPRAISE: (ArchiveStage.FILED,),
    ArchiveStep.SECOND: (ArchiveStage.FILED,),
    ArchiveStep.DESTROY: (ArchiveStage.FILED,),
}


@dataclass(frozen=True)
class Matter:
    """What the table of classes asks about a case."""

    status: str
    outcome: str = ""
    categories: Collection[str] = field(default_factory=tuple)
    situations: Collection[str] = field(default_factory=tuple)
    involves_minor: bool = False
    protection_order: bool = False
    instructed: bool = False
    conference: bool = False


def propose(matter: Matter) -> tuple[Retention, ClassReason]:
    """The class the default table gives a case, and the row that says so; the gravest row wins."""
    grave = _grave(matter)
    if grave:
        return Retention.PERMANENT, grave
    reason = _plain(matter)
    return (Retention.Y30 if reason == ClassReason.RESULT else Retention.Y10), reason


def _grave(matter: Matter) -> ClassReason | None:
    codes, told = set(matter.categories), set(matter.situations)
    against_child = codes & CHILD_SEX or (matter.involves_minor and codes & SEX_CRIME)
    rows = (
        ("PER_DEATH" in codes or MandatoryReportSituation.MR5_DEATH_DISABLE in told, ClassReason.DEATH),
        (codes & TRAFFICKING or MandatoryReportSituation.MR7_MISSING in told, ClassReason.TRAFFICKING),
        (against_child or told & set(MandatoryReportSituation.sexual), ClassReason.MINOR_SEX),
        (matter.protection_order, ClassReason.PROTECTION_ORDER),
        (matter.instructed and _plain(matter) == ClassReason.RESULT, ClassReason.LEADER),
        (matter.conference, ClassReason.CONFERENCE),
    )
    return next((reason for applies, reason in rows if applies), None)


def _plain(matter: Matter) -> ClassReason:
    by_status = {
        Status.MERGED: ClassReason.DUPLICATE,
        Status.REDIRECTED: ClassReason.REDIRECTED,
        Status.NOT_ACCEPTED: ClassReason.NOT_ACCEPTED,
    }
    by_outcome: dict[str, ClassReason] = {
        Outcome.DUPLICATE: ClassReason.DUPLICATE,
        Outcome.ANSWERED: ClassReason.ADVICE,
        **dict.fromkeys(NO_RESULT, ClassReason.NO_RESULT),
    }
    ended = by_status.get(Status(matter.status))
    return ended or by_outcome.get(matter.outcome, ClassReason.RESULT)


def filing_due(year_ended: int) -> date:
    """What ended in a year is filed by the end of June of the next. Source: 机关档案管理规定."""
    return date(year_ended + 1, 6, 30)


def kept_until(year: int, retention: Retention) -> date | None:
    """The last day a file of `year` has to be kept, counted from the beginning of the next year; none: for ever."""
    return None if retention.years is None else date(year + retention.years, 12, 31)


def has_run_out(until: date | None, today: date) -> bool:
    return until is not None and today > until


def why_not_now(step: ArchiveStep, stage: ArchiveStage) -> str:
    """Why a step does not fit where the file stands, in a sentence; empty when it does."""
    if stage in STAGES[step]:
        return ""
    return f"这卷档案现在是“{stage.label}”，不能{step.label}。"
