"""Who may take which step on which case. The state is asked in workflow, the sight in `visible_to`; here the line.

Every answer is a sentence or nothing: the button's tooltip and the server's refusal are the same words.
"""

from cases.permissions.break_in import may_break_in, why_not_judge
from cases.permissions.case import (
    in_owner_line,
    in_whose_line,
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
from cases.permissions.consent import NOT_ASKED, consent_for, rests_on_consent, why_withdrawn
from cases.permissions.document import (
    may_read_document,
    why_not_make,
    why_not_make_paper,
    why_not_void,
)
from cases.permissions.monitor import (
    may_read_monitor,
    monitor_steps_open_to,
    why_no_mistake,
    why_not_monitor,
    why_not_open_monitor,
)
from cases.permissions.referral import may_key_in_paper, referral_steps_open_to, why_not_referral
from cases.permissions.rule import why_not_rule
from cases.permissions.secrecy import may_be_told, readers_of
from cases.permissions.supervision import (
    may_key_in_supervision,
    may_read_supervision,
    papers_open_to,
    supervision_steps_open_to,
    why_not_supervise,
    why_not_supervision,
)

__all__ = [
    "NOT_ASKED",
    "consent_for",
    "in_owner_line",
    "in_whose_line",
    "item_steps_open_to",
    "keeps_conference",
    "may_be_told",
    "may_break_in",
    "may_key_in_paper",
    "may_key_in_supervision",
    "may_read_document",
    "may_read_monitor",
    "may_read_supervision",
    "may_reveal",
    "meeting_steps_open_to",
    "monitor_steps_open_to",
    "papers_open_to",
    "permission_for",
    "permission_to_close",
    "primary_step",
    "readers_of",
    "referral_steps_open_to",
    "rests_on_consent",
    "steps_open_to",
    "supervision_steps_open_to",
    "task_steps_open_to",
    "why_no_mistake",
    "why_not",
    "why_not_item",
    "why_not_judge",
    "why_not_lower",
    "why_not_make",
    "why_not_make_paper",
    "why_not_meeting",
    "why_not_monitor",
    "why_not_open_monitor",
    "why_not_referral",
    "why_not_rule",
    "why_not_supervise",
    "why_not_supervision",
    "why_not_task",
    "why_not_void",
    "why_withdrawn",
]
