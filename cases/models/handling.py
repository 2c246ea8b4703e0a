"""What is done about a case: records of work, notices delivered, extensions, closing, follow-up."""

from django.db import models
from django.db.models import Q

from cases.choices import (
    DeliveryWay,
    DocType,
    HandlingMethod,
    Outcome,
    Satisfaction,
    ServiceType,
    VisitResult,
    VisitWay,
)
from cases.models.case import Case
from stations.choices import AdminLevel
from stations.models import Organisation, Staff
from weiquan.sealing import SealedModel, SealedTextField

MAX_EXTENSION_DAYS = 30  # 信访工作条例 (2022) 第34条


class HandlingRecord(SealedModel):
    """One piece of work. Append-only: what was wrong is said in a further record."""

    PERSONAL = ("persons", "content", "result")

    case = models.ForeignKey(Case, models.PROTECT, related_name="handling")
    method = models.CharField("办理方式", max_length=24, choices=HandlingMethod)
    happened_at = models.DateTimeField("办理时间")
    persons = SealedTextField("参加人", blank=True, default="")
    content = SealedTextField("办理内容")
    result = SealedTextField("结果", blank=True, default="")
    service = models.CharField("服务类型", max_length=12, choices=ServiceType, blank=True)
    service_persons = models.PositiveSmallIntegerField("服务人次", default=0)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField("录入时间")
    round_no = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        indexes = [
            models.Index(fields=["case", "-happened_at"], name="handling_case_recent"),
            models.Index(fields=["at"], name="handling_entered"),
        ]

    def __str__(self) -> str:
        return f"record {self.pk}"


class PetitionerNotice(SealedModel):
    """A written notice to the petitioner and its delivery. The clock is met by the delivery, not by the printing.

    Source: 信访工作条例 (2022) 第23条, 第34条.
    """

    PERSONAL = ("body", "remark")

    case = models.ForeignKey(Case, models.PROTECT, related_name="petitioner_notices")
    doc_type = models.CharField("文书", max_length=20, choices=DocType)
    number = models.CharField("文号", max_length=40, unique=True)
    body = SealedTextField("告知内容")
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    way = models.CharField("送达方式", max_length=12, choices=DeliveryWay, default=DeliveryWay.NOT_YET)
    delivered_on = models.DateField("送达日期", null=True, blank=True)
    delivered_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    remark = SealedTextField("签收情况", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "告知书"
        constraints = [
            models.CheckConstraint(
                condition=Q(way=DeliveryWay.NOT_YET, delivered_on=None, delivered_by=None)
                | (~Q(way=DeliveryWay.NOT_YET) & Q(delivered_on__isnull=False, delivered_by__isnull=False)),
                name="petitioner_notice_delivery_whole",
            )
        ]

    def __str__(self) -> str:
        return self.number


class Extension(SealedModel):
    """A longer term: once, at most 30 days, approved, the petitioner told why. Source: 信访工作条例 (2022) 第34条."""

    PERSONAL = ("reason", "opinion")

    case = models.ForeignKey(Case, models.PROTECT, related_name="extensions")
    round_no = models.PositiveSmallIntegerField(default=1)
    days = models.PositiveSmallIntegerField("延长天数")
    reason = SealedTextField("延期理由")
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    opinion = SealedTextField("审批意见", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "延期"
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=MAX_EXTENSION_DAYS), name="extension_within_law"
            ),
            models.CheckConstraint(
                condition=Q(granted=None, decided_by=None, decided_at=None)
                | Q(granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="extension_decided_by_whom_and_when",
            ),
            models.UniqueConstraint(
                fields=["case", "round_no"],
                condition=Q(granted=None) | Q(granted=True),
                name="extension_only_once",
            ),
        ]

    def __str__(self) -> str:
        return f"extension {self.pk}"


class Closure(SealedModel):
    """A proposal to close and the decision on it; a case sent back has several."""

    PERSONAL = ("solution", "petitioner_view", "opinion")

    case = models.ForeignKey(Case, models.PROTECT, related_name="closures")
    round_no = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField("结果", max_length=24, choices=Outcome)
    solution = SealedTextField("解决情况")
    settled_level = models.CharField("在哪一级化解", max_length=10, choices=AdminLevel)
    petitioner_told_on = models.DateField("答复信访人的日期", null=True, blank=True)
    petitioner_view = SealedTextField("信访人意见", blank=True, default="")
    satisfaction = models.CharField(
        "满意度", max_length=14, choices=Satisfaction, default=Satisfaction.NOT_RATED
    )
    proposed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved = models.BooleanField(null=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    opinion = SealedTextField("审核意见", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "结案"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved=None, decided_by=None, decided_at=None)
                | Q(approved__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="closure_decided_by_whom_and_when",
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(approved=None), name="closure_one_pending"),
        ]
        indexes = [
            # What was settled where, by month: nothing else of the row is read.
            models.Index(
                fields=["decided_at"],
                include=["case", "settled_level"],
                condition=Q(approved=True),
                name="closure_approved_when",
            )
        ]

    def __str__(self) -> str:
        return f"closure {self.pk}"


class FollowUp(SealedModel):
    """A return visit after closing. Source: 妇联组织受理家庭暴力投诉工作规程 第13条 (first make sure she speaks safely)."""

    PERSONAL = ("content",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="follow_ups")
    round_no = models.PositiveSmallIntegerField(default=1)
    happened_at = models.DateTimeField("回访时间")
    way = models.CharField("方式", max_length=8, choices=VisitWay)
    spoke_safely = models.BooleanField("对方能安全说话")
    result = models.CharField("结果", max_length=12, choices=VisitResult)
    content = SealedTextField("回访情况", blank=True, default="")
    satisfaction = models.CharField(
        "对本站满意度", max_length=14, choices=Satisfaction, default=Satisfaction.NOT_RATED
    )
    partner_satisfaction = models.CharField(
        "对责任单位满意度", max_length=14, choices=Satisfaction, default=Satisfaction.NOT_RATED
    )
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "回访"
        indexes = [models.Index(fields=["happened_at"], name="follow_up_when")]

    def __str__(self) -> str:
        return f"follow-up {self.pk}"
