"""The tables of a case. One file a noun."""

from cases.models.agency import PetitionAgency
from cases.models.archive import (
    Appraisal,
    ArchiveContent,
    ArchiveFile,
    ArchivePaper,
    Disposal,
    Fonds,
    LegalHold,
    Reclass,
)
from cases.models.assessment import (
    AssessmentRound,
    AssessmentScheme,
    AutoFigure,
    Correction,
    CorrectionReport,
    Indicator,
    IndicatorScore,
    RoundEvent,
)
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
from cases.models.consent import Consent, Disclosure, Rating
from cases.models.contact import Contact, IntakeDraft, Statement
from cases.models.danger import Call, DangerAssessment, PlanTask, SafetyPlan, ServicePlan
from cases.models.delivery import Delivery, Outlet
from cases.models.document import DocTemplate, DocumentDelivery, DocumentVoid, IssuedDocument
from cases.models.duty import AbsenceTold, Handover, PromiseCheck
from cases.models.escalation import Escalation
from cases.models.event import Access, AccessReason, ChainAnchor, Event, EventNote
from cases.models.figure import Figure, FigureRun
from cases.models.guarding import Bar, CaseReader, EmergencyAccess, ReadsReview
from cases.models.handling import Closure, Extension, FollowUp, HandlingRecord, PetitionerNotice
from cases.models.ledger import LedgerDownload, LedgerExport, LedgerImport, LedgerImportRow, LedgerMemory
from cases.models.monitor import Emergency, Monitor, MonitorEntry
from cases.models.notice import Notice
from cases.models.person import Party, Person, Phone
from cases.models.public import PublicTry
from cases.models.referral import Feedback, Referral, ReferralLink
from cases.models.supervision import Supervision, SupervisionPaper, SupervisionReply
from cases.models.watch import (
    Agreement,
    AgreementTerm,
    MandatoryReport,
    OrderApplication,
    OrderEvidence,
    ProtectionOrder,
    ShelterStay,
    WarningLetter,
)

__all__ = [
    "AbsenceTold",
    "Access",
    "AccessReason",
    "AgendaItem",
    "Agreement",
    "AgreementTerm",
    "Appraisal",
    "ArchiveContent",
    "ArchiveFile",
    "ArchivePaper",
    "AssessmentRound",
    "AssessmentScheme",
    "Attendance",
    "AutoFigure",
    "Bar",
    "Call",
    "Carry",
    "Case",
    "CaseReader",
    "ChainAnchor",
    "Clock",
    "ClockRule",
    "Closure",
    "CodeItem",
    "CodeSet",
    "Consent",
    "Contact",
    "Correction",
    "CorrectionReport",
    "Counter",
    "DangerAssessment",
    "Delivery",
    "Disclosure",
    "Disposal",
    "DocTemplate",
    "DocumentDelivery",
    "DocumentVoid",
    "Emergency",
    "EmergencyAccess",
    "Escalation",
    "Event",
    "EventNote",
    "Extension",
    "Feedback",
    "Figure",
    "FigureRun",
    "FollowUp",
    "Fonds",
    "HandlingRecord",
    "Handover",
    "Holding",
    "Indicator",
    "IndicatorScore",
    "Instruction",
    "IntakeDraft",
    "IssuedDocument",
    "LedgerDownload",
    "LedgerExport",
    "LedgerImport",
    "LedgerImportRow",
    "LedgerMemory",
    "LegalHold",
    "MandatoryReport",
    "Meeting",
    "Member",
    "Monitor",
    "MonitorEntry",
    "MovedOn",
    "Notice",
    "OrderApplication",
    "OrderEvidence",
    "Outlet",
    "Party",
    "Person",
    "PetitionAgency",
    "PetitionerNotice",
    "Phone",
    "PlanTask",
    "PromiseCheck",
    "ProtectionOrder",
    "PublicTry",
    "Rating",
    "ReadsReview",
    "Reclass",
    "Redating",
    "Referral",
    "ReferralLink",
    "ReminderPlan",
    "ReminderRung",
    "Resolution",
    "RightLimit",
    "RoundEvent",
    "SafetyPlan",
    "ServicePlan",
    "ShelterStay",
    "Statement",
    "Supervision",
    "SupervisionPaper",
    "SupervisionReply",
    "Task",
    "TaskReport",
    "WarningLetter",
    "code_items",
    "code_names",
    "forget_codes",
]
