"""Periods of law and promise: the rules as rows, and the running ones as moments."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from cases.choices import ClockFamily, ClockStart, ClockStatus, ClockTopic, ClockUnit, Rung
from cases.deadlines import Due, Period, Plan, last_day
from cases.models.case import Case
from stations.models import Staff


class ReminderPlan(models.Model):
    """How reminders of a kind of clock come and to whom they climb: data, so that each kind may have its own.

    `early_days` counts calendar days before the last day; `overdue_every` counts working days, or hours where the
    clock counts hours. Between `quiet_from` and `quiet_to` (China time, may span midnight) nothing is sent.
    """

    PERSONAL: tuple[str, ...] = ()

    code = models.CharField("代码", max_length=16, unique=True)
    name = models.CharField("名称", max_length=40)
    early_days = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name="提前几日提醒", default=list, blank=True
    )
    overdue_every = models.PositiveSmallIntegerField("逾期后每几个工作日提醒", default=2)
    overdue_every_hours = models.PositiveSmallIntegerField("逾期后每几小时提醒（按小时计的期限）", default=2)
    quiet_from = models.TimeField("免打扰起", null=True, blank=True)
    quiet_to = models.TimeField("免打扰止", null=True, blank=True)
    rest_days = models.BooleanField("休息日也提醒", default=False)
    lapses = models.BooleanField("到期自行终止，不算逾期（是权利，不是义务）", default=False)
    changed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    changed_at = models.DateTimeField("修改时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "提醒方案"
        constraints = [
            models.CheckConstraint(
                condition=Q(changed_by=None, changed_at=None)
                | Q(changed_by__isnull=False, changed_at__isnull=False),
                name="plan_changed_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="plan_quiet_both_or_neither",
            ),
            models.CheckConstraint(
                condition=Q(overdue_every__gte=1, overdue_every_hours__gte=1), name="plan_repeats_apart"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def as_plan(self) -> Plan:
        """What the arithmetic needs of it, rungs from the lowest to the highest."""
        after = {rung.rung: rung.after for rung in self.rungs.all()}
        return Plan(
            early_days=tuple(self.early_days),
            overdue_every=self.overdue_every,
            overdue_every_hours=self.overdue_every_hours,
            rungs=tuple((after[rung], rung) for rung in Rung if rung in after),
            quiet_from=self.quiet_from,
            quiet_to=self.quiet_to,
            rest_days=self.rest_days,
            lapses=self.lapses,
        )


class ReminderRung(models.Model):
    """From the `after`-th overdue reminder on, these people hear of it too; 0 is the last day itself."""

    PERSONAL: tuple[str, ...] = ()

    plan = models.ForeignKey(ReminderPlan, models.CASCADE, related_name="rungs")
    after = models.PositiveSmallIntegerField("第几次逾期提醒起")
    rung = models.CharField("告知谁", max_length=18, choices=Rung)

    class Meta:
        verbose_name = verbose_name_plural = "提醒阶梯"
        constraints = [models.UniqueConstraint(fields=["plan", "rung"], name="rung_once_per_plan")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.after} {self.rung}"


def in_words(amount: int, unit: ClockUnit) -> str:
    return f"{amount}{unit.label}" if amount else "当个工作日"


class DatedRule(models.Model):
    """A line of law as data: in one version, from one moment to another, in one region and everything below it."""

    code = models.CharField("代码", max_length=24)
    version = models.PositiveIntegerField("版本", default=1)
    name = models.CharField("名称", max_length=40)
    law = models.CharField("依据", max_length=60)
    article = models.CharField("条款", max_length=40, blank=True)
    verified = models.BooleanField("已核对法条原文", default=True)
    region_prefix = models.CharField("适用区划前缀", max_length=12, blank=True)
    effective_from = models.DateTimeField("起用")
    effective_to = models.DateTimeField("停用", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} v{self.version} {self.region_prefix}"

    @classmethod
    def binding(cls, rules: Iterable[Self], at: datetime, region_code: str) -> list[Self]:
        """One rule a code: all that bind `region_code` at `at`, in the order of `rules`."""
        chosen: dict[str, Self] = {}
        for rule in rules:
            if rule.binds(at, region_code):
                other = chosen.get(rule.code)
                if other is None or rule.rank > other.rank:
                    chosen[rule.code] = rule
        return list(chosen.values())

    @classmethod
    def pick(cls, rules: Iterable[Self], code: str, at: datetime, region_code: str) -> Self:
        """Of `rules`, the one called `code` that binds `region_code` at `at`: the narrowest region, then the newest.

        Raises DoesNotExist.
        """
        found = cls.binding((rule for rule in rules if rule.code == code), at, region_code)
        if not found:
            raise cls.DoesNotExist(code)
        return found[0]

    def binds(self, at: datetime, region_code: str) -> bool:
        return (
            region_code.startswith(self.region_prefix)
            and self.effective_from <= at
            and (self.effective_to is None or at < self.effective_to)
        )

    @property
    def rank(self) -> tuple[int, int]:
        """Of two that bind, the higher goes first: the narrower region, then the newer version."""
        return len(self.region_prefix), self.version

    @property
    def source(self) -> str:
        """Law and article, or that it is a promise of our own."""
        return f"{self.law}{self.article}"


class ClockRuleQuerySet(models.QuerySet["ClockRule"]):
    def versions_of(self, rule: "ClockRule") -> Self:
        """All versions of one rule in one region, the newest first."""
        return self.filter(code=rule.code, region_prefix=rule.region_prefix).order_by("-version")

    def newer_than(self, rule: "ClockRule") -> Self:
        return self.versions_of(rule).filter(version__gt=rule.version)


class ClockRule(DatedRule):
    """One period of law, or one promise of ours, in one version.

    A change is a new row with the next version; running clocks keep theirs unless a `Redating` moves them.
    """

    PERSONAL: tuple[str, ...] = ()

    family = models.CharField("性质", max_length=20, choices=ClockFamily)
    amount = models.PositiveIntegerField("期限")
    unit = models.CharField("单位", max_length=12, choices=ClockUnit)
    bound = models.CharField("义务方", max_length=40)
    topic = models.CharField("领域", max_length=16, choices=ClockTopic, default=ClockTopic.OFFICE)
    trigger = models.CharField("从何时起算", max_length=80, blank=True)
    met_by = models.CharField("怎样算完成", max_length=80)
    paused_by = models.CharField("中止、延长与终止", max_length=80, blank=True)
    pausable = models.BooleanField("中止时停表", default=False)
    starts = models.CharField("怎样开始", max_length=8, choices=ClockStart, default=ClockStart.SYSTEM)
    department_kind = models.CharField("适用部门", max_length=24, blank=True)
    plan = models.ForeignKey(ReminderPlan, models.PROTECT, related_name="rules", verbose_name="提醒方案")
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    made_at = models.DateTimeField("修改时间", null=True, blank=True)
    reason = models.CharField("修改说明", max_length=200, blank=True)

    objects = ClockRuleQuerySet.as_manager()

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
            models.CheckConstraint(
                condition=~Q(starts=ClockStart.SIGNED) | ~Q(department_kind=""), name="rule_signed_by_whom"
            ),
            models.CheckConstraint(
                condition=Q(made_by=None, made_at=None) | Q(made_by__isnull=False, made_at__isnull=False),
                name="rule_made_by_whom_and_when",
            ),
        ]

    @property
    def length(self) -> str:
        """The period in words."""
        return in_words(self.amount, ClockUnit(self.unit))


class RightLimit(DatedRule):
    """A limit worth telling the petitioner (权利时效提醒): hers, not ours; no clock of the house runs on it."""

    PERSONAL: tuple[str, ...] = ()

    text = models.CharField("提醒内容", max_length=200)
    categories = ArrayField(
        models.CharField(max_length=40), verbose_name="适用类别", default=list, blank=True
    )
    sort = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "权利时效"
        constraints = [
            models.UniqueConstraint(fields=["code", "region_prefix", "version"], name="right_version_once")
        ]

    def fits(self, categories: Iterable[str]) -> bool:
        """Whether it is worth telling in a matter of these categories, their parents among them; without any, always."""
        return not self.categories or not set(categories).isdisjoint(self.categories)


class Redating(models.Model):
    """The recorded act of moving running clocks: onto a changed rule, or onto a changed calendar.

    A changed calendar says between which days it changed; with neither, a notice was out and the provisional ends
    (暂定) were dated anew by themselves. It is carried out a case at a time and done when none is left.
    """

    PERSONAL: tuple[str, ...] = ()

    rule = models.ForeignKey(ClockRule, models.PROTECT, related_name="redatings", null=True, blank=True)
    first_day = models.DateField("日历改动首日", null=True, blank=True)
    last_day = models.DateField("日历改动末日", null=True, blank=True)
    may_shorten = models.BooleanField("可以提前", default=False)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField("时间")
    reason = models.CharField("理由", max_length=200, blank=True)
    cases = models.PositiveIntegerField("涉及案件", default=0)
    clocks = models.PositiveIntegerField("涉及期限", default=0)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "期限重算"
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day=None, last_day=None)
                | Q(rule=None, first_day__isnull=False, last_day__gte=F("first_day")),
                name="redating_onto_rule_or_calendar",
            )
        ]
        indexes = [models.Index(fields=["id"], condition=Q(done_at=None), name="redating_undone")]

    def __str__(self) -> str:
        return f"redating {self.pk}"


class ClockQuerySet(models.QuerySet["Clock"]):
    def live(self) -> Self:
        return self.filter(status__in=ClockStatus.live)

    def to_remind(self, at: datetime) -> Self:
        """Running clocks whose next reminder is due, earliest first: served by a partial index."""
        return self.filter(status=ClockStatus.RUNNING, next_notice_at__lte=at).order_by(
            "next_notice_at", "id"
        )

    def of_case_itself(self) -> Self:
        """Without those that run on one thing about it."""
        return self.filter(referral=None, supervision=None, task=None, monitor=None)

    def ours(self) -> Self:
        return self.of_case_itself().filter(family__in=(ClockFamily.STATUTORY_OWN, ClockFamily.INTERNAL))


class Clock(models.Model):
    """One period running. The due moment is stored when it starts; nothing counts days at night.

    It belongs to a case, and may belong to one referral, supervision, monitor or task of a resolution about that
    case; only a task that the conference set without a case has a clock without one.
    """

    PERSONAL: tuple[str, ...] = ()

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks", null=True, blank=True)
    referral = models.ForeignKey(
        "cases.Referral", models.PROTECT, related_name="clocks", null=True, blank=True
    )
    supervision = models.ForeignKey(
        "cases.Supervision", models.PROTECT, related_name="clocks", null=True, blank=True
    )
    task = models.ForeignKey("cases.Task", models.PROTECT, related_name="clocks", null=True, blank=True)
    monitor = models.ForeignKey("cases.Monitor", models.PROTECT, related_name="clocks", null=True, blank=True)
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
    # When it was entered or its end last moved; earlier rows do not say. What ended before that counts on that day.
    made_at = models.DateTimeField(null=True, blank=True)
    # Ends missed before it was dated anew, by the day they count on: moving an end does not undo that it was missed.
    missed = ArrayField(models.DateTimeField(), default=list, blank=True)
    fixed = models.BooleanField("期限由人定，不随规则和日历变动", default=False)
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
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(task__isnull=False), name="clock_of_case_or_task"
            ),
            models.CheckConstraint(
                condition=Q(referral=None, supervision=None, task=None)
                | Q(referral=None, supervision=None, monitor=None)
                | Q(referral=None, task=None, monitor=None)
                | Q(supervision=None, task=None, monitor=None),
                name="clock_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["case", "code"],
                condition=Q(
                    referral=None, supervision=None, task=None, monitor=None, status__in=ClockStatus.live
                ),
                name="clock_once_live_per_case",
            ),
            models.UniqueConstraint(
                fields=["monitor", "code"],
                condition=Q(status__in=ClockStatus.live),
                name="clock_once_live_per_monitor",
            ),
            models.UniqueConstraint(
                fields=["supervision", "code"],
                condition=Q(status__in=ClockStatus.live),
                name="clock_once_live_per_supervision",
            ),
            models.UniqueConstraint(
                fields=["task", "code"],
                condition=Q(status__in=ClockStatus.live),
                name="clock_once_live_per_task",
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
            # What fell due in a month, for the figures; and the few that were missed and then moved.
            models.Index(Greatest("effective_due", "made_at"), name="clock_counted"),
            models.Index(fields=["id"], condition=~Q(missed=[]), name="clock_missed"),
        ]

    def __str__(self) -> str:
        return f"clock {self.pk} {self.code}"

    def move_due(self, due: Due, at: datetime) -> None:
        """End at another moment. An end that had passed by `at`, not while it was paused, stays on record as missed."""
        before, counted = self.effective_due, max(self.effective_due, self.made_at or self.effective_due)
        self.set_due(due)
        if before == self.effective_due:
            return
        if before <= (self.paused_at or at):
            self.missed = [*self.missed, counted]
        self.made_at = at

    def set_due(self, due: Due) -> None:
        self.nominal_due = due.nominal
        self.effective_due = due.effective
        self.skipped = [day.isoformat() for day in due.skipped]
        self.provisional = due.provisional

    @property
    def period(self) -> Period:
        return Period(self.started_at, self.effective_due, ClockUnit(self.rule.unit))

    @property
    def length(self) -> str:
        """Its own period in words, which may be another than its rule's: a term set by a person."""
        return in_words(self.amount, ClockUnit(self.rule.unit))

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
