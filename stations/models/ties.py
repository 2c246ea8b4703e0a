"""Who is close to whom: what a person here says of herself and her family, so that she need not handle their matters."""

from django.db import models
from django.db.models import Q

from stations.choices import TieKind
from stations.models.staff import Staff
from stations.roles import Role
from weiquan.sealing import BlindIndexField, SealedModel, SealedTextField


class Tie(SealedModel):
    """One declared person: the member of staff herself, or somebody close to her.

    Compared by blind index with the parties of a case; nobody reads the list but herself.
    Source: 信访工作条例 (2022) 第28条第3款.
    """

    PERSONAL = ("name", "id_number", "phone")

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="ties", verbose_name="工作人员")
    kind = models.CharField("关系", max_length=10, choices=TieKind)
    name = SealedTextField("姓名")
    name_index = BlindIndexField(source="name", kind="name")
    id_number = SealedTextField("身份证号", blank=True, default="")
    id_number_index = BlindIndexField(source="id_number", kind="id_number")
    phone = SealedTextField("手机号", blank=True, default="")
    phone_index = BlindIndexField(source="phone", kind="phone")
    at = models.DateTimeField("申报时间")

    class Meta:
        verbose_name = verbose_name_plural = "回避申报"
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(kind=TieKind.SELF), name="tie_self_once")
        ]
        indexes = [
            models.Index(
                fields=["id_number_index"],
                condition=Q(id_number_index__isnull=False),
                name="tie_by_id_number",
            ),
            models.Index(fields=["name_index"], condition=Q(name_index__isnull=False), name="tie_by_name"),
            models.Index(fields=["phone_index"], condition=Q(phone_index__isnull=False), name="tie_by_phone"),
        ]

    def __str__(self) -> str:
        return f"tie {self.pk}"


class IdleLock(models.Model):
    """After how many idle minutes the screen of somebody with this role is locked; without a row, the default."""

    role = models.CharField("角色", max_length=17, unique=True, choices=Role.choices)
    minutes = models.PositiveSmallIntegerField("分钟")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = verbose_name_plural = "屏幕锁定"
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=240), name="idle_lock_in_reason")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.minutes}"
