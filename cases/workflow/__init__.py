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
from cases.workflow.conference import (
    ITEM_TRANSITIONS,
    ITEM_TURN,
    MEETING_TRANSITIONS,
    TASK_TRANSITIONS,
    TASK_TURN,
    ConferenceTransition,
    next_item_status,
    next_meeting_status,
    next_task_status,
)
from cases.workflow.monitor import (
    ALWAYS_TIMED,
    FIRST_STAGE,
    MONITOR_TRANSITIONS,
    MONITOR_TURN,
    monitor_steps_from,
    next_monitor_stage,
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
    why_not_paper,
)
from cases.workflow.table import (
    ReferralTransition,
    StepNotAllowed,
    SupervisionTransition,
    Transition,
)

__all__ = [
    "ACCEPTED",
    "ALWAYS_TIMED",
    "ENDED_BY_DECISION",
    "FIRST_STAGE",
    "ITEM_TRANSITIONS",
    "ITEM_TURN",
    "MEETING_TRANSITIONS",
    "MONITOR_TRANSITIONS",
    "MONITOR_TURN",
    "OPEN",
    "REFERRAL_TRANSITIONS",
    "REFERRAL_TURN",
    "STARTS_HANDLING",
    "SUPERVISION_TRANSITIONS",
    "SUPERVISION_TURN",
    "TASK_TRANSITIONS",
    "TASK_TURN",
    "TRANSITIONS",
    "TURN",
    "WAITING_STEP",
    "WORKABLE",
    "ConferenceTransition",
    "ReferralTransition",
    "StepNotAllowed",
    "SupervisionTransition",
    "Transition",
    "monitor_steps_from",
    "next_item_status",
    "next_meeting_status",
    "next_monitor_stage",
    "next_referral_status",
    "next_status",
    "next_supervision_status",
    "next_task_status",
    "referral_steps_from",
    "steps_from",
    "supervision_steps_from",
    "waits_for_department",
    "why_not_paper",
]
