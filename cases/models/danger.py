"""How grave the danger is, what is planned against it, and each call that was made to her."""

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cases.choices import CallOutcome, DangerLevel, NoScaleReason, VictimNeed, ViolenceType
from cases.models.case import Case
from cases.models.person import Phone
from stations.models import Organisation, Staff
from weiquan.sealing import SealedJSONField, SealedModel, SealedTextField

# What she said longer ago than this is asked again before closing.
FRESH = timedelta(days=14)


class DangerAssessmentQuerySet(models.QuerySet["DangerAssessment"]):
    def scored(self) -> Self:
        return self.exclude(level="")

    def newest(self) -> "DangerAssessment | None":
        """The latest one that says a level."""
        return self.scored().order_by("-at", "-pk").first()

    def fresh(self, case: Case, at: datetime) -> Self:
        """Scored lately enough, in this round, to close on."""
        return self.scored().filter(case=case, round_no=case.round_no, at__gt=at - FRESH)


class DangerAssessment(SealedModel):
    """One scoring of the danger scale, or why it could not be asked. Append-only: a later one replaces nothing.

    `answers` maps the code of an item (CodeSet.DANGER_ITEM) to a ScaleAnswer. `protected` holds the characteristics
    that raised the level. Source: 家庭暴力危险性预测量表; 妇联组织受理家庭暴力投诉工作规程 第8条; 反家庭暴力法 第5条第3款.
    """

    PERSONAL = ("answers", "words")

    case = models.ForeignKey(Case, models.PROTECT, related_name="assessments")
    round_no = models.PositiveSmallIntegerField(default=1)
    violence = ArrayField(
        models.CharField(max_length=16, choices=ViolenceType),
        verbose_name="暴力形式",
        default=list,
        blank=True,
    )
    answers = SealedJSONField(default=dict)
    score = models.PositiveSmallIntegerField("得分", null=True, blank=True)
    special = models.BooleanField("有致命危险的特别情形", default=False)
    protected = ArrayField(
        models.CharField(max_length=40), verbose_name="需特殊保护", default=list, blank=True
    )
    level = models.CharField("危险等级", max_length=8, choices=DangerLevel, blank=True)
    not_asked = models.CharField("未评估的原因", max_length=12, choices=NoScaleReason, blank=True)
    words = SealedTextField("说明", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField("评估时间")

    objects = DangerAssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "危险评估"
        constraints = [
            models.CheckConstraint(
                condition=Q(not_asked="", score__isnull=False) & ~Q(level="")
                | (~Q(not_asked="") & Q(score=None, level="")),
                name="assessment_scored_or_why_not",
            )
        ]
        indexes = [models.Index(fields=["case", "-at"], name="assessment_case_recent")]

    def __str__(self) -> str:
        return f"assessment {self.pk}"


class SafetyPlan(SealedModel):
    """What she does when it happens again, in her own words. Append-only: the newest one counts."""

    PERSONAL = ("signs", "leave", "safe_place", "helpers", "belongings", "children", "code_word", "devices")

    case = models.ForeignKey(Case, models.PROTECT, related_name="safety_plans")
    signs = SealedTextField("危险来临前的信号", blank=True, default="")
    leave = SealedTextField("怎样离开、从哪里走", blank=True, default="")
    safe_place = SealedTextField("可以去的安全地方", blank=True, default="")
    helpers = SealedTextField("可以求助的人和电话", blank=True, default="")
    belongings = SealedTextField("证件、钱、衣物、药品放在哪里", blank=True, default="")
    children = SealedTextField("孩子、老人怎样安排", blank=True, default="")
    code_word = SealedTextField("与亲友约定的求救暗号", blank=True, default="")
    devices = SealedTextField("手机、定位、账号怎样防范", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField("制定时间")

    class Meta:
        verbose_name = verbose_name_plural = "安全计划"
        indexes = [models.Index(fields=["case", "-at"], name="safety_plan_recent")]

    def __str__(self) -> str:
        return f"safety plan {self.pk}"


class ServicePlan(SealedModel):
    """The case service plan (个案服务方案) of a dangerous case. Append-only: the newest one counts; its tasks live on.

    Source: 妇联组织受理家庭暴力投诉工作规程 第11条.
    """

    PERSONAL = ("goals",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="service_plans")
    needs = ArrayField(models.CharField(max_length=12, choices=VictimNeed), verbose_name="她的需要")
    goals = SealedTextField("目标")
    review_on = models.DateField("下次检视日期")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField("制定时间")

    class Meta:
        verbose_name = verbose_name_plural = "个案服务方案"
        indexes = [models.Index(fields=["case", "-at"], name="service_plan_recent")]

    def __str__(self) -> str:
        return f"service plan {self.pk}"


class PlanTask(SealedModel):
    """One task of the plan: who does what until when."""

    PERSONAL = ("what", "who", "result")

    case = models.ForeignKey(Case, models.PROTECT, related_name="plan_tasks")
    need = models.CharField("对应需要", max_length=12, choices=VictimNeed)
    what = SealedTextField("任务")
    unit = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="责任单位"
    )
    who = SealedTextField("责任人", blank=True, default="")
    due_on = models.DateField("完成期限")
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    done_on = models.DateField("完成日期", null=True, blank=True)
    dropped = models.BooleanField("不再需要", default=False)
    result = SealedTextField("完成情况", blank=True, default="")
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "方案任务"
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None, done_on=None, dropped=False)
                | (
                    Q(ended_by__isnull=False, ended_at__isnull=False)
                    & (Q(done_on__isnull=False, dropped=False) | Q(done_on=None, dropped=True))
                ),
                name="plan_task_done_or_dropped",
            )
        ]
        indexes = [models.Index(fields=["case"], condition=Q(ended_at=None), name="plan_task_open")]

    def __str__(self) -> str:
        return f"plan task {self.pk}"


class Call(SealedModel):
    """One planned call: opened with the rules of how to call, closed with how it went."""

    PERSONAL = ("words",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="calls")
    phone = models.ForeignKey(Phone, models.PROTECT, related_name="calls", null=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField("打开时间")
    outcome = models.CharField("结果", max_length=12, choices=CallOutcome, blank=True)
    spoke_safely = models.BooleanField("对方能安全说话", null=True, blank=True)
    words = SealedTextField("说明", blank=True, default="")
    ended_at = models.DateTimeField("记录时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通话"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", ended_at=None, spoke_safely=None)
                | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="call_ended_with_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=CallOutcome.SPOKE) | Q(spoke_safely__isnull=False),
                name="call_spoken_says_whether_safe",
            ),
            models.UniqueConstraint(
                fields=["case", "by"], condition=Q(outcome=""), name="call_one_open_each"
            ),
        ]
        indexes = [models.Index(fields=["case", "-at"], name="call_case_recent")]

    def __str__(self) -> str:
        return f"call {self.pk}"
