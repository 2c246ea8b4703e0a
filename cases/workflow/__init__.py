"""Every procedure as a table. Pure: no database, no clock.

`Case.advance`, `Referral.advance` and `Supervision.advance` are the only doors through them; buttons and server
ask the same rows.
"""

from cases.workflow.case import (
    ACCEPTED,
    ENDED_BY_DECISION,
    OPEN,
    STARTS_HANDLING,
    TRANSITIONS,
    TURN,
    WAITING_STEP,
    WORKABLE,
    next_status,
    steps_from,
    waits_for_department,
)
from cases.workflow.referral import (
    REFERRAL_TRANSITIONS,
    REFERRAL_TURN,
    next_referral_status,
    referral_steps_from,
)
from cases.workflow.supervision import (
    SUPERVISION_TRANSITIONS,
    SUPERVISION_TURN,
    next_supervision_status,
    supervision_steps_from,
)
from cases.workflow.table import (
    ReferralTransition,
    StepNotAllowed,
    SupervisionTransition,
    Transition,
)

__all__ = [
    "ACCEPTED",
    "ENDED_BY_DECISION",
    "OPEN",
    "REFERRAL_TRANSITIONS",
    "REFERRAL_TURN",
    "STARTS_HANDLING",
    "SUPERVISION_TRANSITIONS",
    "SUPERVISION_TURN",
    "TRANSITIONS",
    "TURN",
    "WAITING_STEP",
    "WORKABLE",
    "ReferralTransition",
    "StepNotAllowed",
    "SupervisionTransition",
    "Transition",
    "next_referral_status",
    "next_status",
    "next_supervision_status",
    "referral_steps_from",
    "steps_from",
    "supervision_steps_from",
    "waits_for_department",
]
