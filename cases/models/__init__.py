"""The tables of a case. One file a noun."""

from cases.models.case import Case, Holding, MovedOn
from cases.models.clock import Clock, ClockRule
from cases.models.code import CodeItem, CodeSet, Counter, code_items, code_names, forget_codes
from cases.models.contact import Contact, IntakeDraft, Statement
from cases.models.escalation import Escalation
from cases.models.event import Access, AccessReason, ChainAnchor, Event, EventNote
from cases.models.handling import Closure, Extension, FollowUp, HandlingRecord, PetitionerNotice
from cases.models.notice import Notice
from cases.models.person import Party, Person, Phone
from cases.models.referral import Feedback, Referral, ReferralLink

__all__ = [
    "Access",
    "AccessReason",
    "Case",
    "ChainAnchor",
    "Clock",
    "ClockRule",
    "Closure",
    "CodeItem",
    "CodeSet",
    "Contact",
    "Counter",
    "Escalation",
    "Event",
    "EventNote",
    "Extension",
    "Feedback",
    "FollowUp",
    "HandlingRecord",
    "Holding",
    "IntakeDraft",
    "MovedOn",
    "Notice",
    "Party",
    "Person",
    "PetitionerNotice",
    "Phone",
    "Referral",
    "ReferralLink",
    "Statement",
    "code_items",
    "code_names",
    "forget_codes",
]
