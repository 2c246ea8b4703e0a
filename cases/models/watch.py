"""The kinds of monitors that need columns of their own. Each row takes the id of its monitor."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cases.choices import (
    ApplyGround,
    Evidence,
    MandatoryReportSituation,
    ProtectionMeasure,
    ReportTo,
)
from cases.models.monitor import Monitor
from stations.models import Organisation, Staff
from weiquan.sealing import SealedModel, SealedTextField


class MandatoryReport(SealedModel):
    """Harm to a child that must be reported: from the moment of knowing to the answer of the police.

    Minimal facts only: the station does not interview the child again.
    Source: 未成年人保护法 (2024) 第11条; 高检发〔2020〕9号 第2—6、10条; 反家庭暴力法 第14条.
    """

    PERSONAL = (
        *("facts", "measures", "guardian_because", "report_unit", "officer", "officer_phone"),
        *("receipt_number", "answer"),
    )

    id = None  # type: ignore[assignment]
    monitor = models.OneToOneField(Monitor, models.PROTECT, primary_key=True, related_name="report")
    situations = ArrayField(
        models.CharField(max_length=20, choices=MandatoryReportSituation), verbose_name="报告情形"
    )
    known_at = models.DateTimeField("知道的时间")
    facts = SealedTextField("已知的最少事实")
    measures = SealedTextField("已采取的紧急措施", blank=True, default="")
    guardian_suspected = models.BooleanField("监护人涉嫌侵害", default=False)
    guardian_because = SealedTextField("不征求监护人同意的原因", blank=True, default="")
    reported_at = models.DateTimeField("报告时间", null=True, blank=True)
    reported_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    to = ArrayField(
        models.CharField(max_length=16, choices=ReportTo), verbose_name="向谁报告", default=list, blank=True
    )
    report_unit = SealedTextField("接报单位", blank=True, default="")
    officer = SealedTextField("接报人", blank=True, default="")
    officer_phone = SealedTextField("接报人电话", blank=True, default="")
    receipt_number = SealedTextField("回执号", blank=True, default="")
    upper_told_at = models.DateTimeField("报上级备案时间", null=True, blank=True)
    taken_up_at = models.DateTimeField("公安受理或立案时间", null=True, blank=True)
    answered_at = models.DateTimeField("收到反馈时间", null=True, blank=True)
    answer = SealedTextField("反馈内容", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "强制报告"
        constraints = [
            models.CheckConstraint(
                condition=Q(reported_at=None, reported_by=None)
                | Q(reported_at__gte=F("known_at"), reported_by__isnull=False),
                name="report_after_knowing",
            )
        ]

    def __str__(self) -> str:
        return f"mandatory report {self.pk}"


class OrderApplication(SealedModel):
    """An application for a protection order on her behalf. Source: 反家庭暴力法 第23条; 法释〔2022〕17号 第2条."""

    PERSONAL = ("ground_words", "facts", "request", "ruling")

    id = None  # type: ignore[assignment]
    monitor = models.OneToOneField(Monitor, models.PROTECT, primary_key=True, related_name="application")
    ground = models.CharField("代为申请的理由", max_length=12, choices=ApplyGround)
    ground_words = SealedTextField("理由说明", blank=True, default="")
    consented = models.BooleanField("她本人同意", default=False)
    urgent = models.BooleanField("情况紧急（24小时内裁定）", default=False)
    measures = ArrayField(
        models.CharField(max_length=14, choices=ProtectionMeasure), verbose_name="请求的措施"
    )
    request = SealedTextField("其他请求", blank=True, default="")
    facts = SealedTextField("事实和理由")
    court = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="受理法院"
    )
    filed_at = models.DateTimeField("递交时间", null=True, blank=True)
    accepted_at = models.DateTimeField("法院受理时间", null=True, blank=True)
    court_number = models.CharField("法院案号", max_length=60, blank=True)
    decided_at = models.DateTimeField("裁定时间", null=True, blank=True)
    ruling = SealedTextField("裁定要点", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "代为申请保护令"
        constraints = [
            models.CheckConstraint(
                condition=~Q(ground__in=ApplyGround.with_her_consent) | Q(consented=True),
                name="application_with_her_consent",
            )
        ]

    def __str__(self) -> str:
        return f"order application {self.pk}"


class OrderEvidence(SealedModel):
    """One piece of evidence on the list that goes to the court. Source: 法释〔2022〕17号 第6条."""

    PERSONAL = ("description", "kept_at")

    application = models.ForeignKey(OrderApplication, models.PROTECT, related_name="evidence")
    kind = models.CharField("种类", max_length=14, choices=Evidence)
    description = SealedTextField("内容和证明什么")
    kept_at = SealedTextField("原件在哪里", blank=True, default="")
    copies = models.PositiveSmallIntegerField("份数", default=1)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "申请证据"

    def __str__(self) -> str:
        return f"evidence {self.pk}"


class ProtectionOrder(SealedModel):
    """A 人身安全保护令 in force. Source: 反家庭暴力法 第27—34条."""

    PERSONAL = ("terms",)

    id = None  # type: ignore[assignment]
    monitor = models.OneToOneField(Monitor, models.PROTECT, primary_key=True, related_name="order")
    court = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="作出法院"
    )
    measures = ArrayField(
        models.CharField(max_length=14, choices=ProtectionMeasure), verbose_name="措施", default=list
    )
    terms = SealedTextField("裁定内容", blank=True, default="")
    made_at = models.DateTimeField("作出时间")
    served_at = models.DateTimeField("送达时间", null=True, blank=True)
    fed_back_at = models.DateTimeField("期满情况反馈法院时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "人身安全保护令"

    def __str__(self) -> str:
        return f"protection order {self.pk}"


class WarningLetter(SealedModel):
    """A 告诫书 delivered. Source: 公通字〔2024〕34号 第9—12、19条; 反家庭暴力法 第16、17条."""

    PERSONAL = ("police_unit", "facts")

    id = None  # type: ignore[assignment]
    monitor = models.OneToOneField(Monitor, models.PROTECT, primary_key=True, related_name="warning")
    police_unit = SealedTextField("出具单位", blank=True, default="")
    facts = SealedTextField("告诫事由", blank=True, default="")
    issued_on = models.DateField("出具日期", null=True, blank=True)
    copy_received = models.BooleanField("已收到抄送", default=False)
    educated_on = models.DateField("对加害人法治教育日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "告诫书"

    def __str__(self) -> str:
        return f"warning letter {self.pk}"


class ShelterStay(SealedModel):
    """A stay in a shelter. Where it is, is as secret as where she lives. Source: 民发〔2015〕189号 第3条."""

    PERSONAL = ("place", "contact", "proof", "destination", "escort")

    id = None  # type: ignore[assignment]
    monitor = models.OneToOneField(Monitor, models.PROTECT, primary_key=True, related_name="stay")
    place = SealedTextField("庇护地点")
    contact = SealedTextField("庇护机构联系人", blank=True, default="")
    children = models.PositiveSmallIntegerField("随同子女人数", default=0)
    proof = SealedTextField("凭什么证明入住", blank=True, default="")
    prolonged_until = models.DateField("延长至（已报民政）", null=True, blank=True)
    left_at = models.DateTimeField("离开时间", null=True, blank=True)
    destination = SealedTextField("去向", blank=True, default="")
    escort = SealedTextField("护送人", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "庇护"

    def __str__(self) -> str:
        return f"shelter stay {self.pk}"


class Agreement(SealedModel):
    """A mediation agreement and its performance. Source: 人民调解法 第31、33条; 民事诉讼法 第205条."""

    PERSONAL = ("mediator", "terms")

    id = None  # type: ignore[assignment]
    monitor = models.OneToOneField(Monitor, models.PROTECT, primary_key=True, related_name="agreement")
    mediator = SealedTextField("调解组织、调解员", blank=True, default="")
    terms = SealedTextField("协议内容")
    made_on = models.DateField("生效日期")
    court = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="司法确认法院"
    )
    confirm_asked_on = models.DateField("申请司法确认日期", null=True, blank=True)
    confirmed_on = models.DateField("司法确认日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "调解协议"

    def __str__(self) -> str:
        return f"agreement {self.pk}"


class AgreementTerm(SealedModel):
    """One promise of the agreement with its day."""

    PERSONAL = ("what", "result")

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="dues")
    what = SealedTextField("谁做什么")
    due_on = models.DateField("履行日期")
    performed = models.BooleanField("已履行", null=True, blank=True)
    result = SealedTextField("履行情况", blank=True, default="")
    checked_on = models.DateField("核实日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "协议约定"
        constraints = [
            models.CheckConstraint(
                condition=Q(performed=None, checked_on=None)
                | Q(performed__isnull=False, checked_on__isnull=False),
                name="agreement_term_checked_when",
            )
        ]

    def __str__(self) -> str:
        return f"agreement term {self.pk}"
