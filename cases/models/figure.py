"""What was counted: figures by place and month, made from what happened and never from how a case stands today."""

from django.db import models
from django.db.models import Q

from cases.choices import Grain


class Figure(models.Model):
    """One figure of one place in one month or one year. `place` is a prefix of region codes: nine digits a township
    (000 at the end: the county's or the city's own desk), six a county, four a city. Rows are written by
    `cases.statistics.rollup` alone and can be made anew at any time."""

    PERSONAL: tuple[str, ...] = ()

    place = models.CharField("地方", max_length=9)
    grain = models.CharField("时段", max_length=1, choices=Grain)
    start = models.DateField("首日")
    measure = models.CharField("计量", max_length=16)
    dim = models.CharField("分组", max_length=60, blank=True)
    value = models.BigIntegerField("数值")

    class Meta:
        verbose_name = verbose_name_plural = "统计数"
        constraints = [
            models.UniqueConstraint(
                fields=["place", "grain", "start", "measure", "dim"], include=["value"], name="figure_once"
            ),
            models.CheckConstraint(condition=~Q(value=0), name="figure_says_something"),
        ]
        indexes = [models.Index(fields=["grain", "start"], name="figure_month")]

    def __str__(self) -> str:
        return f"{self.place} {self.grain} {self.start} {self.measure} {self.dim}"


class FigureRun(models.Model):
    """How far the figures are: one row. What happened up to `at` is counted; events up to `event` were seen."""

    PERSONAL: tuple[str, ...] = ()

    at = models.DateTimeField("统计截至")
    event = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "统计进度"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="figure_run_one")]

    def __str__(self) -> str:
        return f"figures run {self.pk}"
