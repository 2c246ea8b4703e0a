"""Periods of law and promise: the rules as rows, and the running ones as moments."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from cases.choices import ClockFamily, ClockStatus, ClockUnit
from cases.deadlines import Due, last_day
from cases.models.case import Case
from stations.models import Staff


class ClockRule(models.Model):
    """One period of law, or one promise of ours, in one version."""

    PERSONAL: tuple[str, ...] = ()

    code = models.CharField("代码", max_length=24)
    version = models.PositiveIntegerField("版本", default=1)
    name = models.CharField("名称", max_length=40)
    family = models.CharField("性质", max_length=20, choices=ClockFamily)
    amount = models.PositiveIntegerField("期限")
    unit = models.CharField("单位", max_length=12, choices=ClockUnit)
    bound = models.CharField("义务方", max_length=40)
    law = models.CharField("依据", max_length=60)
    article = models.CharField("条款", max_length=40, blank=True)
    met_by = models.CharField("怎样算完成", max_length=60)
    pausable = models.BooleanField("中止时停表", default=False)
    region_prefix = models.CharField("适用区划前缀", max_length=12, blank=True)
    effective_from = models.DateTimeField("起用")
    effective_to = models.DateTimeField("停用", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "期限规则"
        constraints = [
            models.UniqueConstraint(fields=["code", "region_prefix", "version"], name="rule_version_once"),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gt=F("effective_from")), name="rule_in_order"
            ),
            models.CheckConstraint(
                condition=Q(family=ClockFamily.INTERNAL) | Q(pausable=False),
                name="rule_statutory_never_pauses",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version} {self.region_prefix}"

    @classmethod
    def pick(cls, rules: Iterable["ClockRule"], code: str, at: datetime, region_code: str) -> "ClockRule":
        """Of `rules`, the one called `code` that binds `region_code` at `at`: the narrowest region, then the newest.

        Raises ClockRule.DoesNotExist.
        """
        fitting = [
            rule
            for rule in rules
            if rule.code == code
            and region_code.startswith(rule.region_prefix)
            and rule.effective_from <= at
            and (rule.effective_to is None or at < rule.effective_to)
        ]
        if not fitting:
            raise cls.DoesNotExist(code)
        return max(fitting, key=lambda rule: (len(rule.region_prefix), rule.version))

    @property
    def source(self) -> str:
        """Law and article, or that it is a promise of our own."""
        return f"{self.law}{self.article}"


class ClockQuerySet(models.QuerySet["Clock"]):
    def live(self) -> Self:
        return self.filter(status__in=ClockStatus.live)

    def to_remind(self, at: datetime) -> Self:
        """Running clocks whose next reminder is due, earliest first: served by a partial index."""
        return self.filter(status=ClockStatus.RUNNING, next_notice_at__lte=at).order_by(
            "next_notice_at", "id"
        )

    def ours(self) -> Self:
        return self.filter(family__in=(ClockFamily.STATUTORY_OWN, ClockFamily.INTERNAL), referral=None)


class Clock(models.Model):
    """One period running on one case. The due moment is stored when it starts; nothing counts days at night."""

    PERSONAL: tuple[str, ...] = ()

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks")
    referral = models.ForeignKey(
        "cases.Referral", models.PROTECT, related_name="clocks", null=True, blank=True
    )
    rule = models.ForeignKey(ClockRule, models.PROTECT, related_name="clocks")
    code = models.CharField(max_length=24)
    family = models.CharField(max_length=20, choices=ClockFamily)
    started_at = models.DateTimeField()
    amount = models.PositiveIntegerField()
    nominal_due = models.DateTimeField()
    effective_due = models.DateTimeField()
    skipped = models.JSONField(default=list)
    provisional = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=ClockStatus, default=ClockStatus.RUNNING)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_days = models.PositiveIntegerField(default=0)
    extended_days = models.PositiveIntegerField(default=0)
    next_notice_at = models.DateTimeField(null=True, blank=True)
    next_stage = models.CharField(max_length=6, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "期限"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ClockStatus.live, ended_at=None)
                | Q(status__in=(ClockStatus.MET, ClockStatus.CANCELLED), ended_at__isnull=False),
                name="clock_live_xor_ended",
            ),
            models.CheckConstraint(
                condition=Q(status=ClockStatus.PAUSED, paused_at__isnull=False)
                | (~Q(status=ClockStatus.PAUSED) & Q(paused_at=None)),
                name="clock_paused_when",
            ),
            models.CheckConstraint(
                condition=Q(status=ClockStatus.RUNNING, next_notice_at__isnull=False)
                | (~Q(status=ClockStatus.RUNNING) & Q(next_notice_at=None)),
                name="clock_running_reminds",
            ),
            models.CheckConstraint(
                condition=Q(effective_due__gte=F("nominal_due")), name="clock_never_shorter"
            ),
            models.UniqueConstraint(
                fields=["case", "code"],
                condition=Q(referral=None, status__in=ClockStatus.live),
                name="clock_once_live_per_case",
            ),
            models.UniqueConstraint(
                fields=["referral", "code"],
                condition=Q(status__in=ClockStatus.live),
                name="clock_once_live_per_referral",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_notice_at", "id"],
                include=["case"],
                condition=Q(status=ClockStatus.RUNNING),
                name="clock_next_notice",
            ),
            models.Index(
                fields=["effective_due", "id"],
                condition=Q(status__in=ClockStatus.live, provisional=True),
                name="clock_provisional",
            ),
        ]

    def __str__(self) -> str:
        return f"clock {self.pk} {self.code}"

    def set_due(self, due: Due) -> None:
        self.nominal_due = due.nominal
        self.effective_due = due.effective
        self.skipped = [day.isoformat() for day in due.skipped]
        self.provisional = due.provisional

    @property
    def is_live(self) -> bool:
        return self.status in ClockStatus.live

    @property
    def last_day(self) -> date:
        """The last day, as people say it (the stored moment is the midnight after)."""
        return last_day(self.effective_due)

    @property
    def was_late(self) -> bool:
        return (
            self.ended_at is not None
            and self.status == ClockStatus.MET
            and self.ended_at > self.effective_due
        )
