"""The matter (件): one narrow row a case, and the one door through which its status moves."""

from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now, TruncDate

from cases.choices import (
    ArchiveStep,
    Channel,
    ConferenceStep,
    DangerLevel,
    EscalationStatus,
    Grade,
    MonitorKind,
    MonitorStage,
    MonitorStep,
    Nature,
    Occurrence,
    Outcome,
    PaperStep,
    Part,
    PetitionForm,
    ReferralStep,
    Risk,
    SafetyStep,
    SecretLevel,
    Status,
    Step,
    SupervisionStep,
)
from cases.deadlines import CHINA
from cases.models.event import Event
from cases.models.guarding import CaseReader, not_barred
from cases.workflow import TURN, WAITING_STEP, StepNotAllowed, next_status, waits_for_department
from cases.workflow.danger import NOT_WHILE_HIGH, why_not_while
from stations.choices import AdminLevel, OrgKind
from stations.models import Organisation, Staff
from stations.roles import Permission
from weiquan.sealing import SealedModel, SealedTextField


class MovedOn(StepNotAllowed):
    """Somebody else was faster. The message says who did what and when."""


DESTROYED = "这件案件的档案已按规定销毁，只留登记。有新的情况请重新登记。"


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: Staff) -> Self:
        """The cases inside `user`'s sight: the only place that knows it. Of those in her area, not the ones she or
        her unit is barred from, nor sealed ones of which she is no named reader."""
        open_to_her = ~Q(secrecy=SecretLevel.MINOR_SEALED) | _named(user)
        return self.in_area_of(user).not_barred_to(user).filter(open_to_her)

    def closed_to(self, user: Staff) -> Self:
        """The sealed cases of her area that she does not read: she may know that there is a number, and no more."""
        sealed = self.in_area_of(user).not_barred_to(user).filter(secrecy=SecretLevel.MINOR_SEALED)
        return sealed.exclude(_named(user))

    def not_barred_to(self, user: Staff) -> Self:
        """Without those from which she, or her unit, is kept away: no other right overrides this one."""
        return self.filter(not_barred(user, "pk"))

    def in_area_of(self, user: Staff) -> Self:
        """The cases that belong to her place and post, whoever may read them.

        A station's is its township, a village point's what it registered or holds, the county's everything below, the
        city's what came up to it, a volunteer's what she was asked to work on; partners and administrators have none.
        """
        org = user.organisation
        if org is None or org.kind == OrgKind.DEPARTMENT:
            return self.none()
        if not user.may(Permission.CASE_READ):
            if not user.may(Permission.CASE_READ_ASSIGNED):
                return self.none()
            return self.filter(Exists(Holding.objects.filter(case=OuterRef("pk"), staff=user, until_at=None)))
        own = Q(station=org) | Q(holder=org)
        # Only a federation looks down on a county, wherever a station or a point was entered.
        misplaced = org.kind != OrgKind.FEDERATION and org.level > AdminLevel.TOWNSHIP
        if org.kind == OrgKind.VILLAGE_POINT or org.level == AdminLevel.VILLAGE or misplaced:
            return self.filter(own)
        match org.level:
            case AdminLevel.TOWNSHIP:
                return self.filter(township_code=org.township_code)
            case AdminLevel.COUNTY:
                return self.filter(county_code=org.county_code)
            case _:
                below = Q(county_code__startswith=org.region.prefix)
                reached = Q(reached__in=[level.value for level in AdminLevel if level.rank >= org.level.rank])
                return self.filter(own | (below & reached))

    def within_reach_of(self, user: Staff) -> Self:
        """The cases she may open in an emergency although they are closed to her: those of her own city from which
        nobody keeps her away. Asked one number at a time, never for a list."""
        org = user.organisation
        if org is None or not user.may(Permission.CASE_BREAK_IN):
            return self.none()
        city = org.region_id[: AdminLevel.CITY.digits]
        here = Q(county_code__startswith=city) | Q(county_code="", station__region__code__startswith=city)
        return self.filter(here).not_barred_to(user)

    def open(self) -> Self:
        return self.filter(status__in=Status.open_statuses)

    def owned_by(self, user: Staff) -> Self:
        return self.filter(owner=user)

    def overdue(self, at: datetime) -> Self:
        return self.open().filter(due_at__lte=at)


def _named(user: Staff) -> Q:
    """Whether `user` is one of those a sealed case is open to: its owner, whoever holds a part in it or watches over
    something of it, its named readers, and whoever stands in for one of these today."""
    today = TruncDate(Now(), tzinfo=CHINA)
    away = Q(staff__deputy=user, staff__absent_from__lte=today, staff__absent_until__gte=today)
    hers = Q(staff=user) | away
    here = OuterRef("pk")
    owns = Q(owner=user) | Q(
        owner__deputy=user, owner__absent_from__lte=today, owner__absent_until__gte=today
    )
    keeps = Q(monitors__keeper=user) | Q(
        monitors__keeper__deputy=user,
        monitors__keeper__absent_from__lte=today,
        monitors__keeper__absent_until__gte=today,
    )
    watched = Case.objects.filter(keeps, pk=here, monitors__stage__in=MonitorStage.open_stages)
    return (
        owns
        | Q(Exists(watched))
        | Q(Exists(CaseReader.objects.filter(hers, case=here, until_at=None)))
        | Q(Exists(Holding.objects.filter(hers, case=here, until_at=None)))
    )


class Case(SealedModel):
    """A matter: what one petitioner, or one group, asks for, however often they come.

    `status`, `owner`, `holder` and `level` change only through `advance`; `seq` and `head` are the length and the
    newest link of its event chain.
    """

    PERSONAL = ("label", "query_code")

    number = models.CharField("案号", max_length=32, unique=True)
    query_code = SealedTextField("查询码")
    submission = models.UUIDField("提交标识", unique=True)
    station = models.ForeignKey(
        Organisation, models.PROTECT, related_name="registered_cases", verbose_name="首接单位"
    )
    county_code = models.CharField(max_length=6)
    township_code = models.CharField(max_length=9, blank=True)
    status = models.CharField("状态", max_length=16, choices=Status)
    level = models.CharField("办理层级", max_length=10, choices=AdminLevel)
    reached = models.CharField("到过的最高层级", max_length=10, choices=AdminLevel)
    holder = models.ForeignKey(
        Organisation, models.PROTECT, related_name="held_cases", verbose_name="承办单位"
    )
    owner = models.ForeignKey(
        Staff, models.PROTECT, related_name="owned_cases", null=True, blank=True, verbose_name="承办人"
    )
    channel = models.CharField("来源", max_length=20, choices=Channel)
    form = models.CharField("信访形式", max_length=16, choices=PetitionForm)
    occurrence = models.CharField("初次或重复", max_length=10, choices=Occurrence, default=Occurrence.FIRST)
    nature = models.CharField("目的", max_length=16, choices=Nature)
    category = models.CharField("主要类别", max_length=40)
    categories = ArrayField(
        models.CharField(max_length=40), verbose_name="次要类别", default=list, blank=True
    )
    flags = ArrayField(models.CharField(max_length=20), verbose_name="标记", default=list, blank=True)
    involves_dv = models.BooleanField("涉家暴", default=False)
    involves_minor = models.BooleanField("涉未成年人", default=False)
    is_litigation = models.BooleanField("涉法涉诉", default=False)
    own_power = models.BooleanField("属本单位职权、作出处理意见", default=False)
    risk = models.CharField("风险等级", max_length=8, choices=Risk, default=Risk.BLUE)
    grade = models.CharField("大小难", max_length=8, choices=Grade, blank=True)
    label = SealedTextField("列表显示的称呼（已遮盖）", blank=True, default="")
    persons = models.PositiveSmallIntegerField("人数", default=1)
    received_at = models.DateTimeField("收到时间")
    registered_at = models.DateTimeField("登记时间")
    due_at = models.DateTimeField("我方最近期限", null=True, blank=True)
    due_provisional = models.BooleanField(default=False)
    led = models.BooleanField("领导批示或包案", default=False)
    danger = models.CharField("危险评估", max_length=8, choices=DangerLevel, blank=True)
    secrecy = models.CharField("保密级别", max_length=12, choices=SecretLevel, default=SecretLevel.INTERNAL)
    open_referrals = models.PositiveSmallIntegerField("未销号的转交", default=0)
    contacts_count = models.PositiveSmallIntegerField("件次", default=1)
    round_no = models.PositiveSmallIntegerField("办理轮次", default=1)
    outcome = models.CharField("结果", max_length=24, choices=Outcome, blank=True)
    settled_level = models.CharField("化解层级", max_length=10, choices=AdminLevel, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    disposed_at = models.DateTimeField("档案销毁时间", null=True, blank=True)
    void_asked_at = models.DateTimeField(null=True, blank=True)
    void_asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, related_name="merged", null=True, blank=True)
    seq = models.PositiveIntegerField(default=0)
    moved_seq = models.PositiveIntegerField(default=0)
    head = models.BinaryField(max_length=32, default=bytes)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件"
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(status__in=Status.ended_statuses),
                name="case_open_has_owner",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.ended_statuses, ended_at__isnull=False, ended_by__isnull=False)
                | Q(status__in=Status.open_statuses, ended_at=None, ended_by=None),
                name="case_ended_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.CLOSED) | (~Q(outcome="") & ~Q(settled_level="")),
                name="case_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=False, status=Status.MERGED)
                | (Q(merged_into=None) & ~Q(status=Status.MERGED)),
                name="case_merged_into_something",
            ),
            models.CheckConstraint(
                condition=Q(void_asked_at=None, void_asked_by=None)
                | Q(void_asked_at__isnull=False, void_asked_by__isnull=False),
                name="case_void_asked_pair",
            ),
            models.CheckConstraint(
                condition=Q(registered_at__gte=F("received_at")), name="case_received_first"
            ),
        ]
        indexes = [
            models.Index(
                F("owner"),
                F("due_at").asc(nulls_last=True),
                F("id"),
                condition=Q(status__in=Status.open_statuses),
                name="case_open_owner",
            ),
            models.Index(
                F("township_code"),
                F("due_at").asc(nulls_last=True),
                F("id"),
                condition=Q(status__in=Status.open_statuses),
                name="case_open_township",
            ),
            models.Index(
                F("county_code"),
                F("due_at").asc(nulls_last=True),
                F("id"),
                condition=Q(status__in=Status.open_statuses),
                name="case_open_county",
            ),
            models.Index(
                F("holder"),
                F("due_at").asc(nulls_last=True),
                F("id"),
                condition=Q(status__in=Status.open_statuses),
                name="case_open_holder",
            ),
            models.Index(fields=["township_code", "-received_at", "-id"], name="case_township_recent"),
            models.Index(fields=["county_code", "-received_at", "-id"], name="case_county_recent"),
            models.Index(
                fields=["-received_at", "-id"],
                condition=Q(reached__in=("CITY", "PROVINCE")),
                name="case_reached_city",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_sealed(self) -> bool:
        return self.secrecy == SecretLevel.MINOR_SEALED

    @property
    def is_open(self) -> bool:
        return self.status in Status.open_statuses

    @property
    def status_enum(self) -> Status:
        return Status(self.status)

    @property
    def place(self) -> str:
        """The region code whose rules bind: the township's, where one is known."""
        return self.township_code or self.county_code

    @property
    def next_step(self) -> str:
        """What has to happen next, in words."""
        if waits_for_department(self.status_enum, self.open_referrals):
            return WAITING_STEP
        return TURN[self.status_enum]

    def advance(
        self,
        step: Step,
        *,
        by: Staff | None,
        at: datetime,
        note: str = "",
        facts: dict[str, Any] | None = None,
        role: str = "",
        **changes: Any,
    ) -> Event:
        """Take one step of the workflow and record it: the only way a status, an owner or a holder changes.

        The row moves only if nobody moved it first, so two people pressing the same button leave one event.
        `facts` holds codes, ids and numbers; anything that could name a person goes into `note`, which is sealed.

        Raises StepNotAllowed; MovedOn when another step came between reading and writing.
        """
        before = self.status
        self.check_not_destroyed(self.disposed_at)
        changes["status"] = next_status(step, Status(before))
        event = Event.after(
            self,
            step=step,
            by=by,
            at=at,
            role=role,
            from_status=before,
            to_status=changes["status"],
            facts=facts,
            note=note,
        )
        changes |= {"seq": event.seq, "head": event.hash, "moved_seq": event.seq}
        moved = Case.objects.filter(pk=self.pk, seq=self.seq).update(**changes)
        if not moved:
            raise self.moved_on()
        for name, value in changes.items():
            setattr(self, name, value)
        return event.write(note)

    def record(
        self,
        step: Step
        | ReferralStep
        | SupervisionStep
        | ConferenceStep
        | MonitorStep
        | SafetyStep
        | PaperStep
        | ArchiveStep,
        *,
        by: Staff | None,
        at: datetime,
        note: str = "",
        facts: dict[str, Any] | None = None,
        role: str = "",
        **changes: Any,
    ) -> Event:
        """Write a step that leaves the case where it is. Waits for a concurrent one instead of failing:
        two records made at the same time are both true. Must run inside a transaction.

        Raises StepNotAllowed when the case has meanwhile moved to a status that does not allow the step.
        """
        now = (
            Case.objects.select_for_update(of=("self",), no_key=True)
            .only("seq", "head", "status", "disposed_at")
            .get(pk=self.pk)
        )
        self.check_not_destroyed(now.disposed_at)
        self.seq, self.head, self.status = now.seq, now.head, now.status
        if isinstance(step, Step):
            next_status(step, Status(self.status))
        event = Event.after(
            self,
            step=step,
            by=by,
            at=at,
            role=role,
            from_status=self.status,
            to_status=self.status,
            facts=facts,
            note=note,
        )
        changes |= {"seq": event.seq, "head": event.hash}
        Case.objects.filter(pk=self.pk).update(**changes)
        for name, value in changes.items():
            setattr(self, name, value)
        return event.write(note)

    @staticmethod
    def check_not_destroyed(disposed_at: datetime | None) -> None:
        """Raises StepNotAllowed: of a destroyed file only the register is left, and nothing is added to it."""
        if disposed_at is not None:
            raise StepNotAllowed(DESTROYED)

    def check_danger_allows(self, *what: str) -> None:
        """Ask while the row is held, or the answer may be old.

        Raises StepNotAllowed for what must not be done while the danger is high.
        """
        if NOT_WHILE_HIGH.isdisjoint(what):
            return
        danger = Case.objects.get(pk=self.pk).binding_danger
        for refusal in filter(None, (why_not_while(danger, one) for one in what)):
            raise StepNotAllowed(refusal)

    @property
    def binding_danger(self) -> str:
        """What decides which steps are allowed: an open emergency, e.g. after a breach, binds like high danger, whether
        anybody has scored the case since or not."""
        if self.monitors.open().filter(kind=MonitorKind.EMERGENCY).exists():
            return DangerLevel.HIGH
        return self.danger

    def must_hear_of_order(self) -> bool:
        """Whether nobody has told her yet that she may apply for a protection order, where that is owed at once.

        Source: 法发〔2022〕10号 第13条.
        """
        grave = self.danger in (DangerLevel.MEDIUM, DangerLevel.HIGH) or self.risk in (Risk.ORANGE, Risk.RED)
        return (
            self.involves_dv
            and grave
            and not self.events.filter(facts__contains={"order_told": True}).exists()
        )

    def came_from(self) -> Organisation:
        """The unit that had it before the one that has it now; the first receiver where there was none."""
        former = (
            self.holdings.filter(part=Part.OWNER)
            .exclude(organisation=self.holder)
            .select_related("organisation__region")
            .order_by("-since_at", "-pk")
            .first()
        )
        return former.organisation if former else self.station

    def end_work(self, at: datetime, by: Staff) -> None:
        """Nobody holds a case that has ended, and no upper level is waited for."""
        self.holdings.filter(until_at=None).update(until_at=at)
        self.escalations.filter(status=EscalationStatus.SUBMITTED).update(
            status=EscalationStatus.LAPSED, decided_by=by, decided_at=at
        )

    def moved_on(self) -> MovedOn:
        """The sentence for the slower of two people."""
        latest = Event.objects.filter(case=self).select_related("by").latest("seq")
        who = latest.by.name if latest.by else "系统"
        return MovedOn(
            f"{who}刚刚办理了“{latest.step_label}”，案件已有变化。请看最新情况后再办，您填写的内容还在。"
        )


class Holding(models.Model):
    """Who had the case, in which part, from when until when. Exactly one open OWNER row an open case."""

    PERSONAL: tuple[str, ...] = ()

    case = models.ForeignKey(Case, models.PROTECT, related_name="holdings")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="holdings")
    level = models.CharField(max_length=10, choices=AdminLevel)
    part = models.CharField(max_length=10)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "承办记录"
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(part="OWNER", until_at=None), name="holding_one_open_owner"
            ),
            models.UniqueConstraint(
                fields=["case", "staff", "part"], condition=Q(until_at=None), name="holding_one_open_part"
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("since_at")), name="holding_in_order"
            ),
        ]
        indexes = [models.Index(fields=["staff"], condition=Q(until_at=None), name="holding_open_staff")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.part} {self.staff_id}"
