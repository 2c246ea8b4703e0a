"""A case going up a level, and what the upper level decided."""

from django.db import models
from django.db.models import Q

from cases.choices import EscalationReason, EscalationStatus
from cases.models.case import Case
from stations.models import Organisation, Staff
from weiquan.sealing import SealedModel, SealedTextField


class Escalation(SealedModel):
    """One step up the ladder 村 → 乡 → 县 → 市."""

    PERSONAL = ("tried", "guidance")

    case = models.ForeignKey(Case, models.PROTECT, related_name="escalations")
    from_org = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    to_org = models.ForeignKey(Organisation, models.PROTECT, related_name="incoming_escalations")
    reason = models.CharField("上报原因", max_length=20, choices=EscalationReason)
    tried = SealedTextField("已经做过什么")
    skips_level = models.BooleanField("越级", default=False)
    status = models.CharField(max_length=16, choices=EscalationStatus, default=EscalationStatus.SUBMITTED)
    submitted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    guidance = SealedTextField("上级意见", blank=True, default="")
    term_on = models.DateField("办理期限", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "上报"
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(status=EscalationStatus.SUBMITTED), name="escalation_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(status=EscalationStatus.SUBMITTED, decided_by=None, decided_at=None)
                | (
                    ~Q(status=EscalationStatus.SUBMITTED)
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="escalation_decided_by_whom_and_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_org", "submitted_at"],
                condition=Q(status=EscalationStatus.SUBMITTED),
                name="escalation_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"escalation {self.pk}"
