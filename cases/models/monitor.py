"""What is watched over beyond the handling of a case, and outlives its closing (factsheet §3.7)."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from cases.choices import MonitorKind, MonitorOutcome, MonitorStage, MonitorStep, VisitFinding, VisitWay
from cases.models.case import Case
from cases.models.versioned import move
from cases.workflow import next_monitor_stage
from stations.models import Organisation, Staff
from weiquan.sealing import SealedModel, SealedTextField


class MonitorQuerySet(models.QuerySet["Monitor"]):
    def visible_to(self, user: Staff) -> Self:
        """Whoever sees the case. No department does: what it needs travels in a referral or a report."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(stage__in=MonitorStage.open_stages)

    def reports(self) -> Self:
        """Compulsory reports not yet at their end: the child is not asked again."""
        return self.open().filter(kind=MonitorKind.REPORT)

    def owed(self) -> Self:
        """Reports the law asks for at once, which nobody has made."""
        return self.filter(kind=MonitorKind.REPORT, stage=MonitorStage.TO_REPORT)


class Monitor(SealedModel):
    """One thing watched over: a warning letter, an order, a stay, an agreement, a report, an emergency.

    The row holds what all kinds share; what one kind needs besides stands in a row that takes this row's id.
    """

    PERSONAL = ("conclusion",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="monitors")
    kind = models.CharField("种类", max_length=20, choices=MonitorKind)
    stage = models.CharField("进展", max_length=16, choices=MonitorStage)
    number = models.CharField("文书号", max_length=60, blank=True)
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="monitors", verbose_name="负责单位")
    keeper = models.ForeignKey(Staff, models.PROTECT, related_name="monitors", verbose_name="负责人")
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("建立时间")
    started_at = models.DateTimeField("起算时间")
    valid_until = models.DateField("有效至", null=True, blank=True)
    due_at = models.DateTimeField("最近期限", null=True, blank=True)
    clean_visits = models.PositiveSmallIntegerField("连续无再犯次数", default=0)
    follows = models.ForeignKey(
        "self", models.PROTECT, related_name="followed_by", null=True, blank=True, verbose_name="接续"
    )
    feedback = models.ForeignKey(
        "cases.Feedback",
        models.PROTECT,
        related_name="monitors",
        null=True,
        blank=True,
        verbose_name="来自反馈",
    )
    outcome = models.CharField("结果", max_length=12, choices=MonitorOutcome, blank=True)
    conclusion = SealedTextField("结束说明", blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = MonitorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监测事项"
        constraints = [
            models.CheckConstraint(
                condition=(~Q(stage=MonitorStage.ENDED) & Q(outcome="", ended_at=None, ended_by=None))
                | (
                    Q(stage=MonitorStage.ENDED, ended_at__isnull=False, ended_by__isnull=False)
                    & ~Q(outcome="")
                ),
                name="monitor_ended_how_by_whom_and_when",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(kind=MonitorKind.EMERGENCY) & ~Q(stage=MonitorStage.ENDED),
                name="monitor_one_open_emergency",
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "due_at"], condition=~Q(stage=MonitorStage.ENDED), name="monitor_open_unit"
            ),
            models.Index(
                fields=["keeper", "due_at"],
                condition=~Q(stage=MonitorStage.ENDED),
                name="monitor_open_keeper",
            ),
            models.Index(fields=["case", "-opened_at"], name="monitor_case_recent"),
        ]

    def __str__(self) -> str:
        return f"monitor {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.stage != MonitorStage.ENDED

    def advance(self, step: MonitorStep, *, at: datetime, **changes: object) -> None:
        """Move this monitor one step; the caller records the step in the case's history.

        A change may name the stage where the step leaves a choice (`stage=`). Raises StepNotAllowed; MovedOn.
        """
        wanted = changes.pop("stage", None)
        changes["stage"] = next_monitor_stage(
            step,
            MonitorKind(self.kind),
            MonitorStage(self.stage),
            MonitorStage(str(wanted)) if wanted else None,
        )
        move(self, changes, what="这项监测")


class MonitorEntry(SealedModel):
    """What happened on a monitor: a visit, a breach, a paper. Append-only."""

    PERSONAL = ("persons", "content")

    monitor = models.ForeignKey(Monitor, models.PROTECT, related_name="entries")
    step = models.CharField("事项", max_length=16, choices=MonitorStep)
    happened_at = models.DateTimeField("发生时间")
    way = models.CharField("方式", max_length=8, choices=VisitWay, blank=True)
    spoke_safely = models.BooleanField("对方能安全说话", null=True, blank=True)
    apart = models.BooleanField("双方分别见面", null=True, blank=True)
    finding = models.CharField("查访结果", max_length=12, choices=VisitFinding, blank=True)
    counts = models.BooleanField("计入连续无再犯", default=False)
    police_at = models.DateTimeField("报警时间", null=True, blank=True)
    court_told_at = models.DateTimeField("告知法院时间", null=True, blank=True)
    persons = SealedTextField("见到的人、在场的人", blank=True, default="")
    content = SealedTextField("情况", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "监测记录"
        indexes = [models.Index(fields=["monitor", "-happened_at"], name="monitor_entry_recent")]

    def __str__(self) -> str:
        return f"monitor entry {self.pk}"


class Emergency(SealedModel):
    """A case of high danger: police, upper federation, named handler, plan. Takes the id of its monitor.

    Source: 妇联组织受理家庭暴力投诉工作规程 第11条.
    """

    PERSONAL = ("police_unit", "police_officer", "receipt_number", "no_police_because")

    id = None  # type: ignore[assignment]
    monitor = models.OneToOneField(Monitor, models.PROTECT, primary_key=True, related_name="emergency")
    police_at = models.DateTimeField("报警时间", null=True, blank=True)
    police_unit = SealedTextField("出警单位", blank=True, default="")
    police_officer = SealedTextField("接警、出警民警", blank=True, default="")
    receipt_number = SealedTextField("报警回执号", blank=True, default="")
    no_police_because = SealedTextField("没有报警的原因", blank=True, default="")
    upper = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    upper_told_at = models.DateTimeField("报告上级时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "高危紧急处置"

    def __str__(self) -> str:
        return f"emergency {self.pk}"
