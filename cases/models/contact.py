"""One letter, visit or call (件次), and what was said in it."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from cases.choices import Channel, Occurrence, PrivacyNotice
from cases.models.case import Case
from cases.models.person import PENDING_KILOBYTES
from stations.models import Organisation, Staff
from weiquan.sealing import BigramField, SealedJSONField, SealedModel, SealedTextField

MAX_REPRESENTATIVES = 5  # 信访工作条例 (2022) 第20条第3款


class Contact(SealedModel):
    """A contact about a case: 件次 counts these rows, 人次 sums `persons`."""

    PERSONAL = ("companions", "source_unit", "source_person")

    case = models.ForeignKey(Case, models.PROTECT, related_name="contacts")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    received_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    received_at = models.DateTimeField("收到时间")
    entered_at = models.DateTimeField("录入时间")
    channel = models.CharField("来源", max_length=20, choices=Channel)
    occurrence = models.CharField("初次或重复", max_length=10, choices=Occurrence)
    persons = models.PositiveSmallIntegerField("来了几人", default=1)
    companions = SealedTextField("同来的人", blank=True, default="")
    source_unit = SealedTextField("转来单位", blank=True, default="")  # a school names the child
    source_number = models.CharField("来文字号", max_length=60, blank=True)
    source_person = SealedTextField("报告人、联系人", blank=True, default="")
    posted_on = models.DateField("邮戳日期", null=True, blank=True)
    privacy_notice = models.CharField("个人信息处理告知", max_length=16, choices=PrivacyNotice)

    class Meta:
        verbose_name = verbose_name_plural = "来访来信来电"
        constraints = [models.CheckConstraint(condition=Q(persons__gte=1), name="contact_has_persons")]
        indexes = [
            models.Index(fields=["unit", "received_at"], name="contact_unit_received"),
            models.Index(fields=["entered_at"], name="contact_entered"),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"


class Statement(SealedModel):
    """What was said in a contact. A correction is another row that names the one it replaces; nothing is overwritten."""

    PERSONAL = ("facts", "demand", "place", "handled_before", "reply")

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="statements")
    case = models.ForeignKey(Case, models.PROTECT, related_name="statements")
    facts = SealedTextField("反映的事情")
    demand = SealedTextField("诉求", blank=True, default="")
    place = SealedTextField("发生地点", blank=True, default="")
    handled_before = SealedTextField("此前处理情况", blank=True, default="")
    reply = SealedTextField("当场答复", blank=True, default="")
    grams = BigramField(source=("facts", "demand"), kind="story")
    corrects = models.OneToOneField(
        "self", models.PROTECT, related_name="corrected_by", null=True, blank=True
    )
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "笔录"
        indexes = [
            GinIndex(
                fields=["grams"],
                name="statement_grams",
                opclasses=["array_ops"],
                gin_pending_list_limit=PENDING_KILOBYTES,
            )
        ]

    def __str__(self) -> str:
        return f"statement {self.pk}"


class IntakeDraft(SealedModel):
    """What a clerk had typed when the line broke: sealed, hers alone, dropped after some days."""

    PERSONAL = ("answers",)

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="drafts")
    submission = models.UUIDField()
    saved_at = models.DateTimeField()
    answers = SealedJSONField()

    class Meta:
        verbose_name = verbose_name_plural = "登记草稿"
        constraints = [
            models.UniqueConstraint(fields=["staff", "submission"], name="draft_once_per_submission")
        ]
        indexes = [models.Index(fields=["saved_at"], name="draft_saved_at")]

    def __str__(self) -> str:
        return f"draft {self.pk}"
