"""How a notice leaves the house: where a unit wants it, and how each sending went."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from cases.choices import DeliveryStatus, OutletKind
from cases.models.notice import Notice
from stations.models import Organisation, Staff
from weiquan.sealing import SealedModel, SealedTextField


class OutletQuerySet(models.QuerySet["Outlet"]):
    def active(self) -> Self:
        return self.filter(active=True).order_by("made_at", "pk")


class Outlet(SealedModel):
    """One way out for the notices of one unit: a group robot, a webhook, an SMS gateway, a unit mailbox.

    The address of a robot carries its key, so it is sealed like a secret.
    """

    PERSONAL = ("address", "secret")

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="outlets", verbose_name="单位"
    )
    kind = models.CharField("渠道", max_length=10, choices=OutletKind)
    name = models.CharField("名称", max_length=40)
    address = SealedTextField("地址")
    secret = SealedTextField("签名密钥", blank=True, default="")
    active = models.BooleanField("启用", default=True)
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="修改人")
    made_at = models.DateTimeField("修改时间")

    objects = OutletQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知渠道"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "name"], name="outlet_named_once")
        ]

    def __str__(self) -> str:
        return f"outlet {self.pk}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def to_send(self, at: datetime) -> Self:
        """Waiting deliveries whose moment has come, earliest first: served by a partial index."""
        return self.filter(status=DeliveryStatus.WAITING, next_at__lte=at).order_by("next_at", "id")

    def dead(self) -> Self:
        return self.filter(status=DeliveryStatus.DEAD)


class Delivery(models.Model):
    """One notice by one way. `outlet` is empty for the recipient's own mailbox. Tried again with growing pauses;
    what will not go out is DEAD until somebody sends it anew or gives it up."""

    PERSONAL: tuple[str, ...] = ()

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="deliveries", null=True, blank=True)
    kind = models.CharField("渠道", max_length=10, choices=OutletKind)
    digest = models.BooleanField("并入每日汇总", default=False)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField("上次为何未发出", max_length=60, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发送"
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "outlet"], nulls_distinct=False, name="delivery_once_per_way"
            ),
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.WAITING, next_at__isnull=False)
                | (~Q(status=DeliveryStatus.WAITING) & Q(next_at=None)),
                name="delivery_waiting_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.SENT, sent_at__isnull=False)
                | (~Q(status=DeliveryStatus.SENT) & Q(sent_at=None)),
                name="delivery_sent_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                condition=Q(status=DeliveryStatus.WAITING),
                name="delivery_to_send",
            ),
            models.Index(fields=["id"], condition=Q(status=DeliveryStatus.DEAD), name="delivery_dead"),
            models.Index(fields=["sent_at"], condition=Q(status=DeliveryStatus.SENT), name="delivery_sent"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
