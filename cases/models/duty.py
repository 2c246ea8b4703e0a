"""That nothing is left without an owner: handing over all of a person's work, and the nightly check of promises."""

from django.db import models

from stations.models import Staff
from weiquan.sealing import SealedModel, SealedTextField


class Handover(SealedModel):
    """All open work of one person moved at once (一次性移交). Counts only: the cases hold their own history."""

    PERSONAL = ("reason",)

    from_staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="移交人")
    to_staff = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="接收人")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("时间")
    reason = SealedTextField("原因")
    counts = models.JSONField("数量", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "一次性移交"

    def __str__(self) -> str:
        return f"handover {self.pk}"


class AbsenceTold(models.Model):
    """That the head was told once of this absence, or leaving, of somebody whose work nobody minds."""

    PERSONAL: tuple[str, ...] = ()

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    since = models.DateField("离岗起")
    at = models.DateTimeField("告知时间")

    class Meta:
        verbose_name = verbose_name_plural = "离岗提示"
        constraints = [models.UniqueConstraint(fields=["staff", "since"], name="absence_told_once")]

    def __str__(self) -> str:
        return f"absence {self.pk}"


class PromiseCheck(models.Model):
    """One run of the nightly check. `found` maps the code of each broken promise to pairs: the id of the row that
    breaks it, and the id of the case it is about or nothing. Warnings are found too, but not counted as broken."""

    PERSONAL: tuple[str, ...] = ()

    at = models.DateTimeField("时间")
    found = models.JSONField("发现", default=dict)
    broken = models.PositiveIntegerField("违反数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "每夜核查"
        indexes = [models.Index(fields=["-at"], name="promise_check_recent")]

    def __str__(self) -> str:
        return f"promise check {self.pk}"
