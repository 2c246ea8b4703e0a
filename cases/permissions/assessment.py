"""Whose turn a round or a correction task is: the station's, the county's above it, or the city's."""

from cases.choices.assessment import (
    CorrectionStatus,
    CorrectionStep,
    RoundStatus,
    RoundStep,
    Side,
)
from cases.models import AssessmentRound, Correction, RoundEvent
from cases.workflow.assessment import (
    CORRECTION_TRANSITIONS,
    ROUND_TRANSITIONS,
    AssessmentTransition,
    round_step_fits,
)
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff

LEVELS = {AdminLevel.COUNTY: Side.COUNTY, AdminLevel.CITY: Side.CITY}
# The station's own part of a round; whoever did one of these does not judge the same round above.
OWN_PART = (RoundStep.SCORE_SELF, RoundStep.SUBMIT)
JUDGING = (RoundStep.SCORE_COUNTY, RoundStep.SEND_UP, RoundStep.SCORE_CITY, RoundStep.PUBLISH)


def side_of(user: Staff, station: Organisation) -> Side | None:
    """Which side of a station's assessment she is on."""
    org = user.organisation
    if org is None:
        return None
    if org.pk == station.pk:
        return Side.STATION
    if org.kind != OrgKind.FEDERATION or not station.region_id.startswith(org.region_prefix):
        return None
    return LEVELS.get(org.level)


def _why_not(user: Staff, row: AssessmentTransition, station: Organisation, sides: tuple[Side, ...]) -> str:
    if not user.may(row.needs):
        return "您的角色不办理这一步。"
    if side_of(user, station) in sides:
        return ""
    return f"这一步由{'、'.join(WHO[side] for side in sides)}办理。"


WHO = {Side.STATION: "本站", Side.COUNTY: "县妇联", Side.CITY: "市妇联"}


def why_not_round(user: Staff, step: RoundStep, found: AssessmentRound) -> str:
    """Why she may not take the step, or nothing. Nobody judges a round whose own part she wrote."""
    row = ROUND_TRANSITIONS[step]
    reason = _why_not(user, row, found.station, row.sides or (found.scheme.publisher,))
    if reason or step not in JUDGING:
        return reason
    # A correction takes over the station's own part of the round it corrects.
    told = RoundEvent.objects.filter(round__station=found.station_id, round__scheme=found.scheme_id)
    if told.filter(by=user, step__in=OWN_PART).exists():
        return "这次自评是您做的，评分请由其他人办理。"
    return ""


def round_steps_open_to(user: Staff, found: AssessmentRound) -> tuple[RoundStep, ...]:
    status, publisher = RoundStatus(found.status), found.scheme.publisher
    return tuple(
        step
        for step in ROUND_TRANSITIONS
        if round_step_fits(step, status, publisher)
        and not why_not_round(user, step, found)
        and not (step is RoundStep.CORRECT and hasattr(found, "corrected_by"))
    )


def why_not_correction(user: Staff, step: CorrectionStep, task: Correction) -> str:
    row = CORRECTION_TRANSITIONS[step]
    return _why_not(user, row, task.round.station, row.sides)


def correction_steps_open_to(user: Staff, task: Correction) -> tuple[CorrectionStep, ...]:
    return tuple(
        step
        for step, row in CORRECTION_TRANSITIONS.items()
        if CorrectionStatus(task.status) in row.sources and not why_not_correction(user, step, task)
    )
