"""Days that differ from the plain week, and the yearly notices that say so."""

from django.conf import settings
from django.db import models

from stations.choices import DayKind


class Holiday(models.Model):
    """A day off or a make-up work day. In a year without a notice yet: the statutory days, computed."""

    date = models.DateField("日期", primary_key=True)
    kind = models.CharField("安排", max_length=4, choices=DayKind.choices)
    name = models.CharField("节日", max_length=30)
    source = models.CharField("依据", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "节假日"

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()}"


class CalendarYear(models.Model):
    """A year whose holiday notice is out; deadlines touching any other year are provisional."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    notice_no = models.CharField("通知文号", max_length=50, blank=True)
    announced_on = models.DateField("发布日期", null=True, blank=True)
    source = models.CharField("来源", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "放假通知"

    def __str__(self) -> str:
        return f"{self.year}年"


class CalendarVersion(models.Model):
    """One row a change. The largest id is the version: ids are never used twice, even after a rollback."""

    changed_at = models.DateTimeField("修改时间")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="修改人"
    )
    note = models.CharField("说明", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "日历修改记录"

    def __str__(self) -> str:
        return f"第{self.pk}版"
