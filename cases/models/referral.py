"""A matter passed to another department, what goes along, and what comes back."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cases.choices import (
    ExtractField,
    FeedbackKind,
    FeedbackWay,
    LegalBasis,
    ReferralKind,
    ReferralStatus,
    ReferralStep,
    Urgency,
)
from cases.models.case import Case
from cases.models.guarding import not_barred
from cases.models.versioned import move
from cases.workflow import REFERRAL_TURN, next_referral_status
from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission
from weiquan.sealing import SealedJSONField, SealedModel, SealedTextField

LINK_DAYS = 14


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: Staff) -> Self:
        """A department sees what was sent to it while it is open; our side sees the referrals of its cases."""
        org = user.organisation
        if org is None:
            return self.none()
        if org.kind == OrgKind.DEPARTMENT:
            if not user.may(Permission.REFERRAL_READ):
                return self.none()
            sent = self.filter(department=org, status__in=ReferralStatus.open_statuses)
            return sent.filter(not_barred(user))
        return self.filter(case__in=Case.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(status__in=ReferralStatus.open_statuses)

    def with_partner(self) -> Self:
        return self.filter(status__in=ReferralStatus.with_partner)


class Referral(SealedModel):
    """One referral to one department. `extract` is what the department sees, copied when it was sent: exactly the
    ticked fields, nothing that changes later."""

    PERSONAL = (
        "request",
        "extract",
        "signed_name",
        "objection",
        "proper_body",
        "upheld_because",
        "rework_demand",
        "assessment",
    )

    case = models.ForeignKey(Case, models.PROTECT, related_name="referrals")
    number = models.CharField("文号", max_length=40, unique=True)
    kind = models.CharField("方式", max_length=10, choices=ReferralKind)
    from_org = models.ForeignKey(Organisation, models.PROTECT, related_name="sent_referrals")
    department = models.ForeignKey(
        Organisation, models.PROTECT, related_name="received_referrals", verbose_name="部门"
    )
    liaison = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="联系人"
    )
    urgency = models.CharField("紧急程度", max_length=14, choices=Urgency)
    request = SealedTextField("请贵单位做什么")
    ticked = ArrayField(models.CharField(max_length=20, choices=ExtractField), default=list, blank=True)
    extract = SealedJSONField(default=dict)
    legal_basis = models.CharField("提供个人信息的依据", max_length=20, choices=LegalBasis)
    status = models.CharField(max_length=14, choices=ReferralStatus, default=ReferralStatus.SENT)
    sent_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    signed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    signed_name = SealedTextField("签收人（无账号）", blank=True, default="")
    signed_at = models.DateTimeField(null=True, blank=True)
    handler = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    partner_number = models.CharField("对方案号", max_length=60, blank=True)
    objected_at = models.DateTimeField(null=True, blank=True)
    objection = SealedTextField("异议理由", blank=True, default="")
    proper_body = SealedTextField("建议的承办单位", blank=True, default="")
    upheld_because = SealedTextField("维持理由", blank=True, default="")
    rework_demand = SealedTextField("退回重办要求", blank=True, default="")
    assessment = SealedTextField("核对意见", blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    # Set when she took back the consent it rests on: the request stays, the extract is no longer shown.
    withheld_at = models.DateTimeField("停止提供个人信息", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "转交"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ReferralStatus.open_statuses, ended_at=None)
                | (~Q(status__in=ReferralStatus.open_statuses) & Q(ended_at__isnull=False)),
                name="referral_ended_when",
            ),
            models.CheckConstraint(
                condition=Q(status__in=(ReferralStatus.SENT, ReferralStatus.WITHDRAWN))
                | Q(signed_at__isnull=False),
                name="referral_signed_first",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "status", "sent_at"],
                condition=Q(status__in=ReferralStatus.open_statuses),
                name="referral_open_department",
            ),
            models.Index(fields=["from_org", "-sent_at", "-id"], name="referral_sent_recent"),
            models.Index(fields=["sent_at"], name="referral_sent"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status in ReferralStatus.open_statuses

    @property
    def next_step(self) -> str:
        return REFERRAL_TURN[ReferralStatus(self.status)]

    def advance(self, step: ReferralStep, *, at: datetime, **changes: object) -> None:
        """Move this referral one step; the caller records the step in the case's history.

        Raises StepNotAllowed; MovedOn when somebody moved it first.
        """
        status = next_referral_status(step, ReferralStatus(self.status))
        changes["status"] = status
        if status not in ReferralStatus.open_statuses:
            changes["ended_at"] = at
        move(self, changes, what="这次转交")


class Feedback(SealedModel):
    """What a department answered. Append-only but for the confirmation by its leader."""

    PERSONAL = ("text", "answered_by_name")

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="feedback")
    kind = models.CharField("反馈", max_length=8, choices=FeedbackKind)
    way = models.CharField("途径", max_length=8, choices=FeedbackWay)
    result = models.CharField("办理结果", max_length=40, blank=True)
    text = SealedTextField("办理情况")
    doc_number = models.CharField("文书号", max_length=60, blank=True)
    doc_on = models.DateField("文书日期", null=True, blank=True)
    valid_until = models.DateField("有效至", null=True, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    answered_by_name = SealedTextField("答复人（无账号）", blank=True, default="")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "反馈"
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=FeedbackKind.RESULT) | ~Q(result=""), name="feedback_result_has_code"
            ),
            models.CheckConstraint(
                condition=Q(way=FeedbackWay.LINK) | Q(by__isnull=False), name="feedback_by_account_or_link"
            ),
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk}"


class ReferralLink(models.Model):
    """A one-time address for a department without an account. Only the digest of its token is kept."""

    PERSONAL: tuple[str, ...] = ()

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="links")
    digest = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一次性链接"

    def __str__(self) -> str:
        return f"link {self.pk}"

    def is_usable(self, at: datetime) -> bool:
        return self.used_at is None and self.revoked_at is None and at < self.expires_at
