"""The yearly assessment as two tables, and its arithmetic: a station's round, and a correction task after it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from cases.choices.assessment import (
    AssessmentResult,
    CorrectionStatus,
    CorrectionStep,
    RoundStatus,
    RoundStep,
    Side,
)
from cases.workflow.table import StepNotAllowed
from stations.roles import Permission

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class AssessmentTransition:
    """Who may take a step, from where, and where it leads; no target means that it stays where it is.

    Without sides, the level that publishes by the scheme takes the step.
    """

    needs: Permission
    sources: tuple[str, ...]
    target: str = ""
    sides: tuple[Side, ...] = ()


@dataclass(frozen=True)
class Entry:
    """What somebody gives for one indicator."""

    points: Decimal = Decimal(0)
    text: str = ""
    vetoed: bool = False


@dataclass(frozen=True)
class Weight:
    """What an indicator weighs, and what earns all of it; nothing takes a line out."""

    weight: Decimal
    target: Decimal | None = None


_SELF, _COUNTY, _CITY, _DONE = (
    RoundStatus.SELF,
    RoundStatus.COUNTY,
    RoundStatus.CITY,
    RoundStatus.PUBLISHED,
)

ROUND_TRANSITIONS: dict[RoundStep, AssessmentTransition] = {
    RoundStep.SCORE_SELF: AssessmentTransition(Permission.ASSESS_SCORE, (_SELF,), sides=(Side.STATION,)),
    RoundStep.SUBMIT: AssessmentTransition(Permission.ASSESS_SCORE, (_SELF,), _COUNTY, sides=(Side.STATION,)),
    RoundStep.SCORE_COUNTY: AssessmentTransition(Permission.ASSESS_JUDGE, (_COUNTY,), sides=(Side.COUNTY,)),
    RoundStep.RECOUNT: AssessmentTransition(Permission.ASSESS_JUDGE, (_COUNTY,), sides=(Side.COUNTY,)),
    RoundStep.RETURN: AssessmentTransition(Permission.ASSESS_JUDGE, (_COUNTY,), _SELF, sides=(Side.COUNTY,)),
    RoundStep.SEND_UP: AssessmentTransition(Permission.ASSESS_JUDGE, (_COUNTY,), _CITY, sides=(Side.COUNTY,)),
    RoundStep.SCORE_CITY: AssessmentTransition(Permission.ASSESS_JUDGE, (_CITY,), sides=(Side.CITY,)),
    RoundStep.RETURN_DOWN: AssessmentTransition(
        Permission.ASSESS_JUDGE, (_CITY,), _COUNTY, sides=(Side.CITY,)
    ),
    RoundStep.PUBLISH: AssessmentTransition(Permission.ASSESS_MANAGE, (_COUNTY, _CITY), _DONE),
    # What was published stays as it is: a correction is a further round with a reason.
    RoundStep.CORRECT: AssessmentTransition(Permission.ASSESS_MANAGE, (_DONE,)),
    RoundStep.SET_TASK: AssessmentTransition(
        Permission.ASSESS_JUDGE, (_DONE,), sides=(Side.COUNTY, Side.CITY)
    ),
}

ROUND_TURN: dict[RoundStatus, str] = {
    RoundStatus.SELF: "站长自评",
    RoundStatus.COUNTY: "县妇联评分",
    RoundStatus.CITY: "市妇联评分并公布",
    RoundStatus.PUBLISHED: "已公布",
}

CORRECTION_TRANSITIONS: dict[CorrectionStep, AssessmentTransition] = {
    CorrectionStep.ANSWER: AssessmentTransition(
        Permission.ASSESS_SCORE,
        (CorrectionStatus.OPEN,),
        CorrectionStatus.ANSWERED,
        sides=(Side.STATION,),
    ),
    CorrectionStep.SEND_BACK: AssessmentTransition(
        Permission.ASSESS_JUDGE,
        (CorrectionStatus.ANSWERED,),
        CorrectionStatus.OPEN,
        sides=(Side.COUNTY, Side.CITY),
    ),
    CorrectionStep.ACCEPT: AssessmentTransition(
        Permission.ASSESS_JUDGE,
        (CorrectionStatus.ANSWERED,),
        CorrectionStatus.ACCEPTED,
        sides=(Side.COUNTY, Side.CITY),
    ),
}


def round_step_fits(step: RoundStep, status: RoundStatus, publisher: Side) -> bool:
    """Whether the table has the step from here under a scheme that this level publishes."""
    if status not in ROUND_TRANSITIONS[step].sources:
        return False
    if step is RoundStep.SEND_UP:
        return publisher is Side.CITY
    return step is not RoundStep.PUBLISH or status == publisher.value


def next_round_status(step: RoundStep, status: RoundStatus, publisher: Side) -> RoundStatus:
    """Where `step` leads a round from `status`.

    Raises StepNotAllowed.
    """
    if not round_step_fits(step, status, publisher):
        raise StepNotAllowed(f"这次考核现在是“{status.label}”，不能“{step.label}”。请看最新情况后再办。")
    return RoundStatus(ROUND_TRANSITIONS[step].target or status)


def next_correction_status(step: CorrectionStep, status: CorrectionStatus) -> CorrectionStatus:
    """The same for a correction task.

    Raises StepNotAllowed.
    """
    row = CORRECTION_TRANSITIONS[step]
    if status not in row.sources:
        raise StepNotAllowed(f"这项整改现在是“{status.label}”，不能“{step.label}”。请看最新情况后再办。")
    return CorrectionStatus(row.target)


# -- arithmetic -----------------------------------------------------------------------------------


def points_for(weight: Decimal, numerator: int, denominator: int, target: Decimal) -> Decimal:
    """The points of a share: all of them from `target` per cent on, below it in proportion, to a tenth.

    Where nothing was due there is nothing to fault: all points.
    """
    if denominator == 0:
        return weight
    return _part_of(weight, Decimal(numerator * 100) / denominator / target)


def points_for_count(weight: Decimal, count: int, target: Decimal) -> Decimal:
    """The same for a number to be reached."""
    return _part_of(weight, count / target)


def _part_of(weight: Decimal, share: Decimal) -> Decimal:
    return (weight * min(share, Decimal(1))).quantize(TENTH, ROUND_HALF_UP)


def result_of(points: Decimal, *, vetoed: bool, good_from: Decimal, pass_from: Decimal) -> AssessmentResult:
    """What the points come to; one veto is 整改 whatever they are."""
    if vetoed or points < pass_from:
        return AssessmentResult.RECTIFY
    return AssessmentResult.CANDIDATE if points >= good_from else AssessmentResult.QUALIFIED
