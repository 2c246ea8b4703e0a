"""Who may take which step on which case. The state is asked in workflow, the sight in `visible_to`; here the line.

Every answer is a sentence or nothing: the button's tooltip and the server's refusal are the same words.
"""

from cases.permissions.case import (
    in_owner_line,
    may_reveal,
    permission_for,
    permission_to_close,
    primary_step,
    steps_open_to,
    why_not,
    why_not_lower,
)
from cases.permissions.conference import (
    item_steps_open_to,
    keeps_conference,
    meeting_steps_open_to,
    task_steps_open_to,
    why_not_item,
    why_not_meeting,
    why_not_task,
)
from cases.permissions.monitor import monitor_steps_open_to, why_not_monitor, why_not_open_monitor
from cases.permissions.referral import may_key_in_paper, referral_steps_open_to, why_not_referral
from cases.permissions.rule import why_not_rule
from cases.permissions.supervision import (
    may_key_in_supervision,
    may_read_supervision,
    papers_open_to,
    supervision_steps_open_to,
    why_not_supervise,
    why_not_supervision,
)

__all__ = [
    "in_owner_line",
    "item_steps_open_to",
    "keeps_conference",
    "may_key_in_paper",
    "may_key_in_supervision",
    "may_read_supervision",
    "may_reveal",
    "meeting_steps_open_to",
    "monitor_steps_open_to",
    "papers_open_to",
    "permission_for",
    "permission_to_close",
    "primary_step",
    "referral_steps_open_to",
    "steps_open_to",
    "supervision_steps_open_to",
    "task_steps_open_to",
    "why_not",
    "why_not_item",
    "why_not_lower",
    "why_not_meeting",
    "why_not_monitor",
    "why_not_open_monitor",
    "why_not_referral",
    "why_not_rule",
    "why_not_supervise",
    "why_not_supervision",
    "why_not_task",
]
