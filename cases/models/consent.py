"""On what ground personal data is kept and passed on, what was passed on to whom, and what she says of our work."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cases.choices import (
    ConsentBy,
    ConsentScope,
    ConsentWay,
    DisclosureKind,
    ExtractField,
    LegalBasis,
    Satisfaction,
)
from cases.models.case import Case
from cases.models.referral import Referral
from stations.models import Organisation, Staff
from weiquan.sealing import SealedModel, SealedTextField


class ConsentQuerySet(models.QuerySet["Consent"]):
    def live(self) -> Self:
        return self.filter(withdrawn_at=None)


class Consent(SealedModel):
    """One legal ground, recorded: for keeping the case, or for passing data on to one unit or to any.

    Source: 个人信息保护法 第13—18、23、29—31条.
    """

    PERSONAL = ("purpose", "guardian_because", "withdrawn_words")

    case = models.ForeignKey(Case, models.PROTECT, related_name="consents")
    scope = models.CharField("范围", max_length=8, choices=ConsentScope)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="向哪个单位"
    )
    basis = models.CharField("依据", max_length=20, choices=LegalBasis)
    given_by = models.CharField("谁同意", max_length=10, choices=ConsentBy)
    way = models.CharField("方式", max_length=8, choices=ConsentWay)
    fields = ArrayField(
        models.CharField(max_length=20, choices=ExtractField), verbose_name="内容", default=list, blank=True
    )
    purpose = SealedTextField("目的", blank=True, default="")
    guardian_because = SealedTextField("未取得监护人同意的原因", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_words = SealedTextField("撤回说明", blank=True, default="")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "同意与依据"
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="consent_withdrawn_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(basis__in=(LegalBasis.CONSENT, LegalBasis.GUARDIAN_CONSENT))
                | (~Q(given_by=ConsentBy.NOBODY) & ~Q(way=ConsentWay.NONE)),
                name="consent_given_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["case", "-at"], name="consent_case_recent")]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class Disclosure(SealedModel):
    """Something of a case was passed on. Append-only; kept with the case.

    Source: 个人信息保护法 第55、56条; 网络数据安全管理条例 第12条 (three years at least).
    """

    PERSONAL = ("recipient", "what", "purpose")

    case = models.ForeignKey(Case, models.PROTECT, related_name="disclosures")
    kind = models.CharField("方式", max_length=12, choices=DisclosureKind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="接收单位"
    )
    recipient = SealedTextField("接收人", blank=True, default="")
    what = SealedTextField("提供了什么", blank=True, default="")
    fields = ArrayField(
        models.CharField(max_length=20, choices=ExtractField), verbose_name="内容", default=list, blank=True
    )
    basis = models.CharField("依据", max_length=20, choices=LegalBasis, blank=True)
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="disclosures", null=True, blank=True)
    purpose = SealedTextField("目的", blank=True, default="")
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="disclosures", null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "对外提供记录"
        indexes = [models.Index(fields=["case", "-at"], name="disclosure_case_recent")]

    def __str__(self) -> str:
        return f"disclosure {self.pk}"


class Rating(SealedModel):
    """What she says of our work, by herself, with her query code. Source: 信访工作条例 (2022) 第21条第2款."""

    PERSONAL = ("words",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="ratings")
    round_no = models.PositiveSmallIntegerField(default=1)
    satisfaction = models.CharField("对本站", max_length=14, choices=Satisfaction)
    partner_satisfaction = models.CharField(
        "对责任单位", max_length=14, choices=Satisfaction, default=Satisfaction.NOT_RATED
    )
    words = SealedTextField("想说的话", blank=True, default="")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "信访人评价"
        constraints = [
            models.UniqueConstraint(fields=["case", "round_no"], name="rating_once_per_round"),
            models.CheckConstraint(
                condition=~Q(satisfaction=Satisfaction.NOT_RATED), name="rating_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"rating {self.pk}"
