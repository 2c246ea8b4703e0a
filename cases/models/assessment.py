"""The yearly assessment of stations: a scheme in versions, a round for each station, what was counted and given, and the
correction tasks after it. Units are assessed, never persons."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from cases.choices.assessment import (
    AssessmentResult,
    AutoRule,
    CorrectionStatus,
    CorrectionStep,
    IndicatorGroup,
    IndicatorKind,
    RoundStatus,
    RoundStep,
    Side,
)
from cases.models.versioned import move
from cases.workflow.assessment import (
    ROUND_TURN,
    next_correction_status,
    next_round_status,
    points_for,
    points_for_count,
    result_of,
)
from cases.workflow.table import StepNotAllowed
from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission
from weiquan.sealing import SealedModel, SealedTextField


class AssessmentScheme(models.Model):
    """What is asked of the stations of a region in a year, in one version; a round keeps the version it began with.

    `level` is the level that publishes the result.
    """

    PERSONAL: tuple[str, ...] = ()

    year = models.PositiveSmallIntegerField("年度")
    region_prefix = models.CharField("适用区划前缀", max_length=12, blank=True)
    version = models.PositiveSmallIntegerField("版本", default=1)
    level = models.CharField("公布级别", max_length=8, choices=Side, default=Side.CITY)
    total = models.DecimalField("总分", max_digits=5, decimal_places=1)
    good_from = models.DecimalField("候选线", max_digits=5, decimal_places=1)
    pass_from = models.DecimalField("合格线", max_digits=5, decimal_places=1)
    in_force = models.BooleanField("使用中", default=True)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    made_at = models.DateTimeField("修改时间", null=True, blank=True)
    reason = models.CharField("修改说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "考核方案"
        constraints = [
            models.UniqueConstraint(fields=["year", "region_prefix", "version"], name="scheme_version_once"),
            models.UniqueConstraint(
                fields=["year", "region_prefix"], condition=Q(in_force=True), name="scheme_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(pass_from__lte=F("good_from"), good_from__lte=F("total")), name="scheme_in_order"
            ),
            models.CheckConstraint(condition=~Q(level=Side.STATION), name="scheme_published_above"),
            models.CheckConstraint(
                condition=Q(made_by=None, made_at=None) | Q(made_by__isnull=False, made_at__isnull=False),
                name="scheme_made_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"scheme {self.year} {self.region_prefix} v{self.version}"

    @property
    def publisher(self) -> Side:
        return Side(self.level)

    @classmethod
    def for_region(cls, year: int, code: str) -> "AssessmentScheme | None":
        """The one in force that year for a region: the narrowest."""
        rows = cls.objects.filter(year=year, in_force=True)
        fitting = [scheme for scheme in rows if code.startswith(scheme.region_prefix)]
        return max(fitting, key=lambda scheme: len(scheme.region_prefix), default=None)


class Indicator(models.Model):
    """One line of a scheme. Texts are the federation's own and name nobody."""

    PERSONAL: tuple[str, ...] = ()

    scheme = models.ForeignKey(AssessmentScheme, models.PROTECT, related_name="indicators")
    code = models.CharField("代码", max_length=20)
    group = models.CharField("类别", max_length=10, choices=IndicatorGroup)
    name = models.CharField("指标", max_length=60)
    weight = models.DecimalField("分值", max_digits=4, decimal_places=1)
    kind = models.CharField("评分方式", max_length=8, choices=IndicatorKind)
    rule = models.CharField("取数规则", max_length=16, choices=AutoRule, blank=True)
    target = models.DecimalField("满分目标", max_digits=6, decimal_places=1, null=True, blank=True)
    explanation = models.CharField("评分办法", max_length=200)
    source = models.CharField("依据", max_length=100, blank=True)
    sort = models.PositiveSmallIntegerField("顺序")

    class Meta:
        verbose_name = verbose_name_plural = "考核指标"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="indicator_once"),
            models.CheckConstraint(
                condition=Q(kind=IndicatorKind.AUTO, target__gt=0) & ~Q(rule="")
                | ~Q(kind=IndicatorKind.AUTO) & Q(rule="", target=None),
                name="indicator_auto_has_rule",
            ),
            models.CheckConstraint(
                condition=Q(kind=IndicatorKind.VETO, weight=0)
                | ~Q(kind=IndicatorKind.VETO) & Q(weight__gt=0),
                name="indicator_veto_weighs_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.code}"

    @property
    def is_veto(self) -> bool:
        return self.kind == IndicatorKind.VETO

    @property
    def is_auto(self) -> bool:
        return self.kind == IndicatorKind.AUTO


class ScoreRefused(StepNotAllowed):
    """One entry cannot stand; `indicator` says which."""

    def __init__(self, indicator: Indicator, words: str) -> None:
        super().__init__(f"{indicator.name}：{words}")
        self.indicator, self.words = indicator, words


class RoundQuerySet(models.QuerySet["AssessmentRound"]):
    def visible_to(self, user: Staff) -> Self:
        """A station's head sees her own, a federation those of the stations below it, and nobody else any."""
        org = user.organisation
        if org is None or not (user.may(Permission.ASSESS_SCORE) or user.may(Permission.ASSESS_JUDGE)):
            return self.none()
        if org.kind == OrgKind.STATION:
            return self.filter(station=org)
        if org.kind != OrgKind.FEDERATION:
            return self.none()
        return self.filter(station__region__code__startswith=org.region_prefix)

    def newest(self) -> Self:
        """Without those that a correction has replaced."""
        return self.filter(corrected_by=None)


class AssessmentRound(SealedModel):
    """One station's assessment of one year. A published one never changes; a correction is a further round."""

    PERSONAL = ("why",)

    scheme = models.ForeignKey(AssessmentScheme, models.PROTECT, related_name="rounds")
    station = models.ForeignKey(Organisation, models.PROTECT, related_name="assessments")
    number = models.PositiveSmallIntegerField("第几次", default=1)
    status = models.CharField(max_length=10, choices=RoundStatus, default=RoundStatus.SELF)
    due_on = models.DateField("自评截止")
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    points = models.DecimalField("得分", max_digits=5, decimal_places=1, null=True, blank=True)
    result = models.CharField("结果", max_length=10, choices=AssessmentResult, blank=True)
    published_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    corrects = models.OneToOneField(
        "self", models.PROTECT, related_name="corrected_by", null=True, blank=True
    )
    why = SealedTextField("更正理由", blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度考核"
        constraints = [
            models.UniqueConstraint(fields=["station", "scheme", "number"], name="round_once"),
            models.CheckConstraint(
                condition=Q(status=RoundStatus.PUBLISHED, points__isnull=False, published_by__isnull=False)
                & Q(published_at__isnull=False)
                & ~Q(result="")
                | ~Q(status=RoundStatus.PUBLISHED)
                & Q(points=None, published_by=None, published_at=None, result=""),
                name="round_published_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.pk}"

    @property
    def is_published(self) -> bool:
        return self.status == RoundStatus.PUBLISHED

    @property
    def next_step(self) -> str:
        """Whose turn it is, in words."""
        if self.status == RoundStatus.COUNTY and self.scheme.publisher is Side.COUNTY:
            return "县妇联评分并公布"
        return ROUND_TURN[RoundStatus(self.status)]

    @cached_property
    def lines(self) -> "list[Line]":
        """Every indicator with what was counted and the newest score of each side, in four statements."""
        figures = {row.indicator_id: row for row in self.figures.order_by("at", "pk")}
        scores: dict[tuple[int, str], IndicatorScore] = {}
        for row in self.scores.select_related("by").order_by("at", "pk"):
            scores[row.indicator_id, row.side] = row
        indicators = self.scheme.indicators.order_by("sort", "code")
        return [
            Line(one, figures.get(one.pk), *(scores.get((one.pk, side)) for side in Side))
            for one in indicators
        ]

    @property
    def total(self) -> Decimal:
        """As it stands: what nobody has scored yet counts nothing."""
        return sum((line.points for line in self.lines), Decimal(0))

    @property
    def vetoed(self) -> bool:
        return any(line.vetoed for line in self.lines)

    @property
    def stands_at(self) -> AssessmentResult:
        scheme = self.scheme
        return result_of(
            self.total, vetoed=self.vetoed, good_from=scheme.good_from, pass_from=scheme.pass_from
        )

    def groups(self) -> "list[Group]":
        """The lines by group, in the order of the scheme."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.indicator.group, []).append(line)
        return [Group(IndicatorGroup(group), lines) for group, lines in found.items()]

    def advance(self, step: RoundStep, *, by: Staff, at: datetime, note: str = "", **changes: Any) -> None:
        """Take one step and write it down.

        Raises StepNotAllowed; MovedOn when somebody moved it first.
        """
        status = next_round_status(step, RoundStatus(self.status), self.scheme.publisher)
        # While it may still be changed: once it is published, the database refuses.
        RoundEvent.objects.create(round=self, step=step, by=by, at=at, note=note)
        move(self, changes | {"status": status}, what="这次考核")
        self.__dict__.pop("lines", None)


@dataclass(frozen=True)
class Line:
    """One indicator of one round."""

    indicator: Indicator
    figure: "AutoFigure | None"
    own: "IndicatorScore | None"
    county: "IndicatorScore | None"
    city: "IndicatorScore | None"

    @property
    def counted(self) -> Decimal | None:
        return self.figure.points if self.figure else None

    @property
    def deciding(self) -> "IndicatorScore | None":
        """The score of the highest side that gave one."""
        return self.city or self.county or self.own

    @property
    def points(self) -> Decimal:
        if self.deciding is not None:
            return self.deciding.points
        return self.counted or Decimal(0)

    @property
    def vetoed(self) -> bool:
        return self.deciding is not None and self.deciding.vetoed

    @property
    def adjusted(self) -> bool:
        """Counted by the system, and given another number by somebody with a reason."""
        return self.figure is not None and self.points != self.figure.points

    def before(self, side: Side) -> "IndicatorScore | None":
        """What the sides below have said."""
        return {Side.STATION: None, Side.COUNTY: self.own, Side.CITY: self.county or self.own}[side]

    def of(self, side: Side) -> "IndicatorScore | None":
        return {Side.STATION: self.own, Side.COUNTY: self.county, Side.CITY: self.city}[side]


@dataclass(frozen=True)
class Group:
    """A group of indicators and what it comes to."""

    group: IndicatorGroup
    lines: list[Line]

    @property
    def points(self) -> Decimal:
        return sum((line.points for line in self.lines), Decimal(0))

    @property
    def weight(self) -> Decimal:
        return sum((line.indicator.weight for line in self.lines), Decimal(0))

    @property
    def share(self) -> Decimal:
        """In per cent, for the bar."""
        return self.points * 100 / self.weight if self.weight else Decimal(0)


class AutoFigure(SealedModel):
    """What was counted from ordinary records at one moment; append-only, the newest holds."""

    PERSONAL: tuple[str, ...] = ()

    round = models.ForeignKey(AssessmentRound, models.PROTECT, related_name="figures")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField(null=True, blank=True)
    points = models.DecimalField(max_digits=4, decimal_places=1)
    at = models.DateTimeField("取数时间")

    class Meta:
        verbose_name = verbose_name_plural = "取数结果"
        indexes = [models.Index(fields=["round", "at"], name="auto_figure_round")]

    def __str__(self) -> str:
        return f"figure {self.pk}"

    @classmethod
    def of(
        cls, found: AssessmentRound, indicator: Indicator, counted: tuple[int, int | None], at: datetime
    ) -> "AutoFigure":
        """Not yet saved."""
        numerator, denominator = counted
        target = indicator.target or Decimal(100)
        points = (
            points_for_count(indicator.weight, numerator, target)
            if denominator is None
            else points_for(indicator.weight, numerator, denominator, target)
        )
        return cls(
            round=found,
            indicator=indicator,
            numerator=numerator,
            denominator=denominator,
            points=points,
            at=at,
        )


class IndicatorScore(SealedModel):
    """What one side gave, with its evidence or reasons; append-only, the newest of a side holds."""

    PERSONAL = ("text",)

    round = models.ForeignKey(AssessmentRound, models.PROTECT, related_name="scores")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    side = models.CharField(max_length=8, choices=Side)
    points = models.DecimalField(max_digits=4, decimal_places=1)
    vetoed = models.BooleanField("发生否决情形", default=False)
    text = SealedTextField("依据或理由", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "考核评分"
        constraints = [models.CheckConstraint(condition=Q(points__gte=0), name="score_not_below_nothing")]
        indexes = [models.Index(fields=["round", "at"], name="indicator_score_round")]

    def __str__(self) -> str:
        return f"score {self.pk}"


class RoundEvent(SealedModel):
    """What was done about a round, by whom and when; append-only."""

    PERSONAL = ("note",)

    round = models.ForeignKey(AssessmentRound, models.PROTECT, related_name="events")
    step = models.CharField(max_length=12, choices=RoundStep)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = SealedTextField("说明", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "考核经过"
        indexes = [models.Index(fields=["round", "at"], name="round_event_round")]

    def __str__(self) -> str:
        return f"round event {self.pk}"


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def visible_to(self, user: Staff) -> Self:
        return self.filter(round__in=AssessmentRound.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(status__in=CorrectionStatus.open_statuses)


class Correction(SealedModel):
    """One thing a station has to put right after a published round, by a day."""

    PERSONAL = ("what",)

    round = models.ForeignKey(AssessmentRound, models.PROTECT, related_name="corrections")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="针对的指标"
    )
    what = SealedTextField("整改什么")
    due_on = models.DateField("整改期限")
    status = models.CharField(max_length=10, choices=CorrectionStatus, default=CorrectionStatus.OPEN)
    set_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    remind_on = models.DateField("下次提醒", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改任务"
        constraints = [
            models.CheckConstraint(
                condition=Q(status=CorrectionStatus.ACCEPTED, accepted_at__isnull=False, remind_on=None)
                | ~Q(status=CorrectionStatus.ACCEPTED) & Q(accepted_at=None),
                name="correction_accepted_when",
            )
        ]
        indexes = [
            models.Index(
                fields=["remind_on"], condition=Q(remind_on__isnull=False), name="correction_to_remind"
            )
        ]

    def __str__(self) -> str:
        return f"correction {self.pk}"

    def advance(self, step: CorrectionStep, **changes: Any) -> None:
        """Raises StepNotAllowed; MovedOn when somebody moved it first."""
        status = next_correction_status(step, CorrectionStatus(self.status))
        move(self, changes | {"status": status}, what="这项整改")


class CorrectionReport(SealedModel):
    """What the station says it put right, and what checking it found."""

    PERSONAL = ("text", "opinion")

    correction = models.ForeignKey(Correction, models.PROTECT, related_name="reports")
    text = SealedTextField("整改情况")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    accepted = models.BooleanField("验收通过", null=True)
    opinion = SealedTextField("验收意见", blank=True, default="")
    decided_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "整改报告"
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=None, decided_by=None, decided_at=None)
                | Q(accepted__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
                name="correction_report_decided_whole",
            ),
            models.UniqueConstraint(
                fields=["correction"], condition=Q(accepted=None), name="correction_report_one_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"correction report {self.pk}"
