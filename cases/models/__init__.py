"""The tables of a case. One file a noun."""

from cases.models.case import Case, Holding, MovedOn
from cases.models.clock import Clock, ClockRule, Redating, ReminderPlan, ReminderRung, RightLimit
from cases.models.code import CodeItem, CodeSet, Counter, code_items, code_names, forget_codes
from cases.models.conference import (
    AgendaItem,
    Attendance,
    Carry,
    Instruction,
    Meeting,
    Member,
    Resolution,
    Task,
    TaskReport,
)
from cases.models.contact import Contact, IntakeDraft, Statement
from cases.models.delivery import Delivery, Outlet
from cases.models.duty import AbsenceTold, Handover, PromiseCheck
from cases.models.escalation import Escalation
from cases.models.event import Access, AccessReason, ChainAnchor, Event, EventNote
from cases.models.handling import Closure, Extension, FollowUp, HandlingRecord, PetitionerNotice
from cases.models.notice import Notice
from cases.models.person import Party, Person, Phone
from cases.models.referral import Feedback, Referral, ReferralLink
from cases.models.supervision import Supervision, SupervisionPaper, SupervisionReply

__all__ = [
    "AbsenceTold",
    "Access",
    "AccessReason",
    "AgendaItem",
    "Attendance",
    "Carry",
    "Case",
    "ChainAnchor",
    "Clock",
    "ClockRule",
    "Closure",
    "CodeItem",
    "CodeSet",
    "Contact",
    "Counter",
    "Delivery",
    "Escalation",
    "Event",
    "EventNote",
    "Extension",
    "Feedback",
    "FollowUp",
    "HandlingRecord",
    "Handover",
    "Holding",
    "Instruction",
    "IntakeDraft",
    "Meeting",
    "Member",
    "MovedOn",
    "Notice",
    "Outlet",
    "Party",
    "Person",
    "PetitionerNotice",
    "Phone",
    "PromiseCheck",
    "Redating",
    "Referral",
    "ReferralLink",
    "ReminderPlan",
    "ReminderRung",
    "Resolution",
    "RightLimit",
    "Statement",
    "Supervision",
    "SupervisionPaper",
    "SupervisionReply",
    "Task",
    "TaskReport",
    "code_items",
    "code_names",
    "forget_codes",
]
