"""What somebody had typed when her screen was locked."""

from django.db import models

from stations.models.staff import Staff
from weiquan.sealing import SealedJSONField, SealedModel


class HeldForm(SealedModel):
    """One form that a lock came over: sealed, hers alone, given back when she unlocks, dropped after a day."""

    PERSONAL = ("fields",)

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="held_forms")
    path = models.CharField("页面", max_length=500)
    fields = SealedJSONField("填写的内容")
    posted = models.BooleanField("已经按了提交", default=False)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "锁屏时填写的内容"
        indexes = [models.Index(fields=["at"], name="held_form_at")]

    def __str__(self) -> str:
        return f"held form {self.pk}"
