"""Supervision (督办): a unit is pressed to do what it owes, in numbered papers, until it is verified."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.choices import (
    Adoption,
    CheckWay,
    PaperKind,
    SupervisionMode,
    SupervisionStatus,
    SupervisionStep,
    SupervisionTrigger,
)
from cases.models.case import Case
from cases.models.guarding import not_barred
from cases.models.referral import Referral
from cases.models.versioned import move
from cases.workflow import SUPERVISION_TURN, next_supervision_status
from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission
from weiquan.sealing import SealedModel, SealedTextField


class SupervisionQuerySet(models.QuerySet["Supervision"]):
    def visible_to(self, user: Staff) -> Self:
        """A department sees what was signed and sent to it, while it is open; our side sees those of its cases."""
        org = user.organisation
        if org is None:
            return self.none()
        if org.kind == OrgKind.DEPARTMENT:
            if not user.may(Permission.REFERRAL_READ):
                return self.none()
            return self.open().issued().filter(target=org).filter(not_barred(user))
        # Until its leader has signed, only the supervising unit knows of it.
        return self.filter(Q(from_org=org) | Q(_signed()), case__in=Case.objects.visible_to(user))

    def issued(self) -> Self:
        return self.filter(_signed())

    def open(self) -> Self:
        return self.filter(status__in=SupervisionStatus.open_statuses)


def _signed() -> Exists:
    return Exists(SupervisionPaper.objects.filter(supervision=OuterRef("pk"), signed_at__isnull=False))


class Supervision(SealedModel):
    """One unit being supervised over one case: a department over a referral, or a unit of ours over its own work.

    Source: 信访工作条例 (2022) 第40条; 妇女权益保障法 (2022) 第73条第1款.
    """

    PERSONAL = ("conclusion",)

    case = models.ForeignKey(Case, models.PROTECT, related_name="supervisions")
    referral = models.ForeignKey(
        Referral,
        models.PROTECT,
        related_name="supervisions",
        null=True,
        blank=True,
        verbose_name="所督办的转交",
    )
    from_org = models.ForeignKey(
        Organisation, models.PROTECT, related_name="sent_supervisions", verbose_name="督办单位"
    )
    target = models.ForeignKey(
        Organisation, models.PROTECT, related_name="received_supervisions", verbose_name="被督办单位"
    )
    trigger = models.CharField("督办事由", max_length=16, choices=SupervisionTrigger)
    status = models.CharField(max_length=14, choices=SupervisionStatus, default=SupervisionStatus.DRAFTED)
    stage = models.CharField("已到哪一步", max_length=14, choices=PaperKind, default=PaperKind.NOTICE)
    listed = models.BooleanField("挂牌", default=False)
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField("当前期限", null=True, blank=True)
    conclusion = SealedTextField("销号或撤销说明", blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督办"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=SupervisionStatus.open_statuses, ended_at=None, ended_by=None)
                | (
                    ~Q(status__in=SupervisionStatus.open_statuses)
                    & Q(ended_at__isnull=False, ended_by__isnull=False)
                ),
                name="supervision_ended_by_whom_and_when",
            ),
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(status__in=SupervisionStatus.open_statuses),
                name="supervision_one_open_per_referral",
            ),
            models.UniqueConstraint(
                fields=["case", "target"],
                condition=Q(status__in=SupervisionStatus.open_statuses, referral=None),
                name="supervision_one_open_per_unit",
            ),
        ]
        indexes = [
            models.Index(
                fields=["target", "due_at"],
                condition=Q(status__in=SupervisionStatus.open_statuses),
                name="supervision_open_target",
            ),
            models.Index(fields=["from_org", "-opened_at", "-id"], name="supervision_recent"),
        ]

    def __str__(self) -> str:
        return f"supervision {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in SupervisionStatus.open_statuses

    @property
    def is_internal(self) -> bool:
        """A unit of ours is supervised, not a department."""
        return self.target.kind != OrgKind.DEPARTMENT

    @property
    def next_step(self) -> str:
        return SUPERVISION_TURN[SupervisionStatus(self.status)]

    def draft(self) -> "SupervisionPaper | None":
        """The paper that waits for the leader's signature."""
        return self.papers.filter(signed_at=None, returned_at=None).first()

    def latest_demand(self) -> "SupervisionPaper | None":
        """The newest signed paper that the target has to answer."""
        signed = self.papers.filter(signed_at__isnull=False, kind__in=PaperKind.answered)
        return signed.order_by("-signed_at", "-pk").first()

    def signed_kinds(self) -> set[str]:
        return set(self.papers.filter(signed_at__isnull=False).values_list("kind", flat=True))

    def is_pressed(self, at: datetime) -> bool:
        """Whether the newest demand was left without an answer in time, or answered unsoundly."""
        if self.status == SupervisionStatus.UNSOUND:
            return True
        late = self.due_at is not None and self.due_at <= at
        return late and self.status in SupervisionStatus.with_target

    def advance(self, step: SupervisionStep, *, at: datetime, **changes: object) -> None:
        """Move one step; the caller records the step in the case's history.

        Raises StepNotAllowed; MovedOn when somebody moved it first.
        """
        status = next_supervision_status(step, SupervisionStatus(self.status))
        changes["status"] = status
        if status not in SupervisionStatus.open_statuses:
            changes["ended_at"] = at
        move(self, changes, what="这项督办")


class SupervisionPaper(SealedModel):
    """One numbered paper: drafted by one person, signed by another, and from then on never changed."""

    PERSONAL = ("facts", "demand", "basis", "skip_reason", "opinion", "received_name")

    supervision = models.ForeignKey(Supervision, models.PROTECT, related_name="papers")
    kind = models.CharField("文书", max_length=14, choices=PaperKind)
    number = models.CharField("文号", max_length=40, unique=True, null=True, blank=True)
    mode = models.CharField(
        "督办方式", max_length=10, choices=SupervisionMode, default=SupervisionMode.LETTER
    )
    # A unit outside the system, such as the county's government; empty where the paper goes to the target itself.
    addressee = models.CharField("主送单位", max_length=80, blank=True)
    co_units = models.ManyToManyField(Organisation, related_name="+", blank=True, verbose_name="联合督办单位")
    facts = SealedTextField("存在的问题")
    demand = SealedTextField("督办要求")
    basis = SealedTextField("依据", blank=True, default="")
    skip_reason = SealedTextField("未按次序的理由", blank=True, default="")
    term_on = models.DateField("回复期限", null=True, blank=True)
    drafted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    opinion = SealedTextField("签发意见", blank=True, default="")
    signed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField("退回修改", null=True, blank=True)
    received_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    received_name = SealedTextField("签收人（无账号）", blank=True, default="")
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "督办文书"
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None, number=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False, number__isnull=False),
                name="paper_signed_by_whom_and_when",
            ),
            models.UniqueConstraint(
                fields=["supervision"],
                condition=Q(signed_at=None, returned_at=None),
                name="paper_one_draft",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"draft {self.pk}"

    @property
    def to_target(self) -> bool:
        """Whether the supervised unit gets it and has to answer; the rest goes to others about it."""
        return self.kind in PaperKind.answered


class SupervisionReply(SealedModel):
    """What the supervised unit answered, and what checking it found."""

    PERSONAL = ("measures", "why_not", "answered_by_name", "evidence")

    paper = models.ForeignKey(SupervisionPaper, models.PROTECT, related_name="replies")
    adoption = models.CharField("是否采纳", max_length=12, choices=Adoption)
    measures = SealedTextField("采取的措施和结果")
    why_not = SealedTextField("不采纳的理由", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    answered_by_name = SealedTextField("答复人（无账号）", blank=True, default="")
    at = models.DateTimeField()
    check_way = models.CharField("核查方式", max_length=12, choices=CheckWay, blank=True)
    evidence = SealedTextField("核查情况", blank=True, default="")
    sound = models.BooleanField("核查通过", null=True)
    checked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "督办回复"
        constraints = [
            models.CheckConstraint(
                condition=Q(sound=None, checked_by=None, checked_at=None, check_way="")
                | (
                    Q(sound__isnull=False, checked_by__isnull=False, checked_at__isnull=False)
                    & ~Q(check_way="")
                ),
                name="supervision_reply_checked_whole",
            )
        ]

    def __str__(self) -> str:
        return f"supervision reply {self.pk}"
