"""What happened and who looked: two append-only tables, and the anchors that notice what is missing."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from cases.choices import (
    AccessKind,
    ArchiveStep,
    ConferenceStep,
    FieldGroup,
    LedgerStep,
    MonitorStep,
    PaperStep,
    ReferralStep,
    SafetyStep,
    Step,
    SupervisionStep,
)
from stations.models import Organisation, Staff
from weiquan.prepared import insert
from weiquan.sealing import SealedModel, SealedTextField, evidence_mac

if TYPE_CHECKING:  # the case imports this module: history is written by its owner
    from cases.models.case import Case

GENESIS = bytes(32)
STEP_LABELS: dict[str, str] = dict(
    Step.choices
    + ReferralStep.choices
    + SupervisionStep.choices
    + ConferenceStep.choices
    + MonitorStep.choices
    + SafetyStep.choices
    + LedgerStep.choices
    + PaperStep.choices
    + ArchiveStep.choices
)


class Event(models.Model):
    """One step of one case. Each row carries the hash of the one before it, so nothing can be changed, taken out or
    put in between without the chain breaking. Rows are written by `Case.advance` and `Case.record` only; the
    database refuses to change or delete them."""

    PERSONAL: tuple[str, ...] = ()

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    step = models.CharField(max_length=24)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    role = models.CharField(max_length=24, blank=True)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True)
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16)
    facts = models.JSONField(default=dict)
    note_mac = models.BinaryField(max_length=32, null=True)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="event_once_per_seq"),
            models.CheckConstraint(
                condition=Q(by=None, unit=None) | Q(by__isnull=False), name="event_unit_only_with_person"
            ),
        ]
        indexes = [models.Index(fields=["step", "at"], name="event_step_at")]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq} {self.step}"

    @property
    def step_label(self) -> str:
        return STEP_LABELS[self.step]

    @classmethod
    def after(
        cls,
        case: "Case",
        *,
        step: str,
        by: Staff | None,
        at: datetime,
        role: str,
        from_status: str,
        to_status: str,
        facts: dict[str, Any] | None,
        note: str,
    ) -> Self:
        """The next link of the case's chain, not yet written."""
        event = cls(
            case=case,
            seq=case.seq + 1,
            step=step,
            at=at,
            by=by,
            role=role,
            unit_id=by.organisation_id if by else None,
            from_status=from_status,
            to_status=to_status,
            facts=facts or {},
            note_mac=evidence_mac(note) if note else None,
            previous=bytes(case.head) or GENESIS,
        )
        event.hash = event.compute_hash()
        return event

    def write(self, note: str) -> Self:
        insert([self])
        if note:
            EventNote.objects.create(event=self, text=note)
        return self

    def compute_hash(self) -> bytes:
        """HMAC-SM3 over the link before and everything this row says.

        Keyed, so that who holds the database but not the key cannot write a chain of her own.
        """
        said = [
            str(self.case_id),
            self.seq,
            str(self.step),
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.by_id,
            self.role,
            self.unit_id,
            str(self.from_status),
            str(self.to_status),
            self.facts,
            bytes(self.note_mac).hex() if self.note_mac else None,
        ]
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return evidence_mac(bytes(self.previous).hex() + text)


class EventNote(SealedModel):
    """The words that belong to an event, sealed."""

    PERSONAL = ("text",)

    event = models.OneToOneField(Event, models.PROTECT, related_name="note")
    text = SealedTextField("说明")

    def __str__(self) -> str:
        return f"note of event {self.event_id}"


class ChainAnchor(models.Model):
    """A seal over all events up to one row, and over the anchor before it: a case taken out whole, with its chain,
    leaves an anchor that no longer agrees."""

    PERSONAL: tuple[str, ...] = ()

    at = models.DateTimeField()
    latest_event = models.BigIntegerField()
    events = models.PositiveBigIntegerField()
    digest = models.BinaryField(max_length=32)
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="following")

    class Meta:
        verbose_name = verbose_name_plural = "链锚"

    def __str__(self) -> str:
        return f"anchor {self.pk}"


class Access(models.Model):
    """Somebody read something. Append-only like the events."""

    PERSONAL: tuple[str, ...] = ()

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="accesses")
    referral = models.ForeignKey("cases.Referral", models.PROTECT, related_name="accesses", null=True)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=AccessKind)
    fields = models.CharField(max_length=16, choices=FieldGroup)
    in_line = models.BooleanField()

    class Meta:
        verbose_name = verbose_name_plural = "查阅记录"
        indexes = [
            models.Index(fields=["case", "-at", "-id"], name="access_case_recent"),
            # What the weekly list looks through: few rows among all that is read.
            models.Index(
                fields=["at"],
                condition=Q(in_line=False) & ~Q(kind=AccessKind.SEARCH),
                name="access_outside_line",
            ),
        ]

    def __str__(self) -> str:
        return f"access {self.pk}"


class AccessReason(SealedModel):
    """Why somebody outside the owner's line looked: her own words, sealed because they may name people."""

    PERSONAL = ("text",)

    access = models.OneToOneField(Access, models.PROTECT, related_name="reason")
    text = SealedTextField("查看原因")

    def __str__(self) -> str:
        return f"reason of access {self.access_id}"
