"""Acting for a petitioner before the body that has to decide (信访代理). The row takes the id of its monitor."""

from django.db import models
from django.db.models import F, Q

from cases.choices import AgencyMode, AgencyRefusal, AgencySide, Satisfaction, SubmitWay
from cases.models.monitor import Monitor
from stations.models import Organisation
from weiquan.sealing import SealedModel, SealedTextField


class PetitionAgency(SealedModel):
    """A written authority and what became of it. No national law rules it; it costs her nothing.

    The keeper of the monitor is the agent, its number that of the authority, `valid_until` the end of its term.
    Source: 山东省信访条例 (2015) 第28条, as the model of local law.
    """

    PERSONAL = (
        *("matter", "wish", "other_agent", "scope", "papers", "body_name", "handed_in", "answer", "returned"),
    )

    id = None  # type: ignore[assignment]
    monitor = models.OneToOneField(Monitor, models.PROTECT, primary_key=True, related_name="agency")
    matter = SealedTextField("委托事项")
    wish = SealedTextField("委托人的要求", blank=True, default="")
    mode = models.CharField("代理方式", max_length=12, choices=AgencyMode)
    refusal = models.CharField("不予代理的原因", max_length=16, choices=AgencyRefusal, blank=True)
    other_agent = SealedTextField("另一代理人", blank=True, default="")
    scope = SealedTextField("代理范围", blank=True, default="")
    papers = SealedTextField("委托人交来的材料", blank=True, default="")
    signed_on = models.DateField("委托日期", null=True, blank=True)
    body = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="责任单位"
    )
    body_name = SealedTextField("清单以外的责任单位", blank=True, default="")
    submitted_on = models.DateField("提交日期", null=True, blank=True)
    submit_way = models.CharField("提交方式", max_length=12, choices=SubmitWay, blank=True)
    handed_in = SealedTextField("提交的材料", blank=True, default="")
    letter_number = models.CharField("介绍信编号", max_length=60, blank=True)
    notice_number = models.CharField("受理告知书号", max_length=60, blank=True)
    noticed_on = models.DateField("收到告知日期", null=True, blank=True)
    taken_up = models.BooleanField("责任单位已受理", null=True, blank=True)
    opinion_number = models.CharField("处理意见书号", max_length=60, blank=True)
    opinion_on = models.DateField("收到处理意见日期", null=True, blank=True)
    answer = SealedTextField("答复要点", blank=True, default="")
    told_on = models.DateField("反馈日期", null=True, blank=True)
    review_asked_on = models.DateField("申请复查、复核日期", null=True, blank=True)
    satisfaction = models.CharField(
        "委托人满意度", max_length=12, choices=Satisfaction, default=Satisfaction.NOT_RATED
    )
    cost = models.DecimalField("站里支出（元）", max_digits=8, decimal_places=2, default=0)
    ended_on = models.DateField("终结日期", null=True, blank=True)
    revoked_by = models.CharField("由谁解除", max_length=12, choices=AgencySide, blank=True)
    returned = SealedTextField("退回的材料", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "信访代理"
        constraints = [
            models.CheckConstraint(
                condition=Q(submitted_on=None) | Q(submitted_on__gte=F("signed_on")),
                name="agency_signed_before_submitting",
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="agency_cost_not_negative"),
        ]

    def __str__(self) -> str:
        return f"petition agency {self.pk}"

    @property
    def body_told(self) -> str:
        """The responsible body by whichever name it has here."""
        return self.body.name if self.body else self.body_name
