"""What a station is and has: its room and people, what it was named, its volunteers, what it did in public."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from stations.choices import (
    ActivityForm,
    ActivityTheme,
    AdminLevel,
    HousedIn,
    OffenceResult,
    Profession,
    Room,
    StationGrade,
    VolunteerWork,
    WallRule,
)
from stations.models.places import Organisation
from stations.models.staff import Staff
from stations.offence_checks import first_day_of_valid_checks, is_running_out, last_day_of_year_after
from weiquan.masking import mask_phone
from weiquan.sealing import SealedModel, SealedTextField


class ChecklistItem(models.Model):
    """One of the 六有. No official list was found, so that a federation edits its own."""

    PERSONAL: tuple[str, ...] = ()

    code = models.CharField(
        "代码",
        max_length=20,
        primary_key=True,
        validators=[RegexValidator(r"^[A-Z][A-Z_]*$", "代码用大写英文字母和下划线。")],
    )
    name = models.CharField("内容", max_length=30, unique=True)
    sort = models.PositiveSmallIntegerField("排序", default=100)
    enabled = models.BooleanField("使用中", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "六有清单"

    def __str__(self) -> str:
        return self.name


class StationFacts(SealedModel):
    """A station as it was from one moment on. What changes is a further row; `current` is the newest."""

    PERSONAL = ("head", "deputies", "members")

    station = models.ForeignKey(Organisation, models.PROTECT, related_name="facts", verbose_name="维权站")
    address = models.CharField("地址", max_length=120)
    housed_in = models.CharField("依托", max_length=12, choices=HousedIn)
    opened_on = models.DateField("挂牌日期", null=True, blank=True)
    head = SealedTextField("站长")
    deputies = SealedTextField("副站长", blank=True, default="")
    members = SealedTextField("成员", blank=True, default="")
    phone = models.CharField("电话", max_length=30)
    hours = models.CharField("接待时间", max_length=100)
    area = models.PositiveIntegerField("面积（平方米）", default=0)
    rooms = ArrayField(
        models.CharField(max_length=12, choices=Room), verbose_name="功能室", default=list, blank=True
    )
    wall_rules = ArrayField(
        models.CharField(max_length=16, choices=WallRule), verbose_name="上墙制度", default=list, blank=True
    )
    funds = models.PositiveIntegerField("年度经费（元）", default=0)
    has = ArrayField(models.CharField(max_length=20), verbose_name="六有", default=list, blank=True)
    current = models.BooleanField(default=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField("填写时间")

    class Meta:
        verbose_name = verbose_name_plural = "站点情况"
        constraints = [
            models.UniqueConstraint(
                fields=["station"], condition=Q(current=True), name="station_facts_one_current"
            )
        ]
        indexes = [models.Index(fields=["station", "-at"], name="station_facts_versions")]

    def __str__(self) -> str:
        return f"facts {self.pk}"

    @property
    def room_names(self) -> str:
        return "、".join(Room(room).label for room in self.rooms)

    @property
    def wall_rule_names(self) -> str:
        return "、".join(WallRule(rule).label for rule in self.wall_rules)


class HonourQuerySet(models.QuerySet["Honour"]):
    def holding(self, on: date) -> Self:
        """Named, not run out and not withdrawn on that day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), withdrawn_on=None, valid_from__lte=on)


class Honour(SealedModel):
    """What a station was named, by a paper, for a time: 标准化维权站, 示范站, 示范工作点 (十百千工程)."""

    PERSONAL = ("withdrawn_why",)

    station = models.ForeignKey(Organisation, models.PROTECT, related_name="honours", verbose_name="单位")
    kind = models.CharField("名称", max_length=11, choices=StationGrade)
    named_by = models.CharField("命名级别", max_length=10, choices=AdminLevel)
    document_number = models.CharField("命名文号", max_length=60)
    valid_from = models.DateField("命名日期")
    valid_to = models.DateField("有效期至", null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_on = models.DateField("撤销日期", null=True, blank=True)
    withdrawn_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    withdrawn_why = SealedTextField("撤销理由", blank=True, default="")

    objects = HonourQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "命名表彰"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=StationGrade.honours), name="honour_is_one"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="honour_in_order"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_by=None)
                | Q(withdrawn_on__isnull=False, withdrawn_by__isnull=False),
                name="honour_withdrawn_by_whom_and_when",
            ),
            models.UniqueConstraint(
                fields=["station", "kind"], condition=Q(withdrawn_on=None, valid_to=None), name="honour_once"
            ),
        ]
        indexes = [models.Index(fields=["station", "-valid_from"], name="honour_station")]

    def __str__(self) -> str:
        return f"honour {self.pk}"


class VolunteerQuerySet(models.QuerySet["Volunteer"]):
    def serving(self) -> Self:
        return self.filter(left_on=None)

    def fit_for_minors(self, on: date) -> Self:
        """Checked within the year, with nothing found. Source: 未成年人保护法 (2024) 第62条."""
        return self.serving().filter(
            checked_on__gte=first_day_of_valid_checks(on), checked_on__lte=on, result=OffenceResult.CLEAR
        )


class Volunteer(SealedModel):
    """A person who helps stations beside her own work; `staff` is her account, where she has one."""

    PERSONAL = ("name", "phone", "certificate_number", "unit")

    name = SealedTextField("姓名")
    phone = SealedTextField("电话")
    profession = models.CharField("专业", max_length=16, choices=Profession)
    certificate_number = SealedTextField("证号", blank=True, default="")
    unit = SealedTextField("工作单位", blank=True, default="")
    stations = models.ManyToManyField(Organisation, related_name="volunteers", verbose_name="服务站")
    staff = models.OneToOneField(
        Staff, models.PROTECT, related_name="volunteer", null=True, blank=True, verbose_name="账号"
    )
    checked_on = models.DateField("查询日期", null=True, blank=True)
    result = models.CharField("查询结果", max_length=8, choices=OffenceResult, blank=True)
    joined_on = models.DateField("加入日期")
    left_on = models.DateField("退出日期", null=True, blank=True)
    version = models.PositiveIntegerField("修改次数", default=0)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = VolunteerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "志愿者"
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_on=None, result="") | (Q(checked_on__isnull=False) & ~Q(result="")),
                name="volunteer_check_whole",
            )
        ]

    def __str__(self) -> str:
        return f"volunteer {self.pk}"

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def check_holds_until(self) -> date | None:
        return last_day_of_year_after(self.checked_on) if self.checked_on else None

    def is_fit_for_minors(self, on: date) -> bool:
        if self.left_on is not None or self.checked_on is None or self.result != OffenceResult.CLEAR:
            return False
        return self.checked_on <= on <= last_day_of_year_after(self.checked_on)

    def check_is_running_out(self, on: date) -> bool:
        """Whether the station has to see to a new check: soon over, over, or never made."""
        return self.checked_on is None or is_running_out(self.checked_on, on)


class VolunteerService(SealedModel):
    """One piece of a volunteer's help, as the ledger of volunteers counts it."""

    PERSONAL: tuple[str, ...] = ()

    volunteer = models.ForeignKey(Volunteer, models.PROTECT, related_name="services")
    station = models.ForeignKey(Organisation, models.PROTECT, related_name="volunteer_services")
    on = models.DateField("服务日期")
    kind = models.CharField("服务类型", max_length=16, choices=VolunteerWork)
    persons = models.PositiveIntegerField("服务人次")
    hours = models.DecimalField("时长（小时）", max_digits=4, decimal_places=1)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "志愿服务"
        constraints = [
            models.CheckConstraint(
                condition=Q(hours__gt=0, hours__lte=Decimal(24)), name="volunteer_service_within_a_day"
            )
        ]
        indexes = [models.Index(fields=["station", "-on"], name="volunteer_service_station")]

    def __str__(self) -> str:
        return f"service {self.pk}"


class Activity(SealedModel):
    """What a station did in public."""

    PERSONAL = ("note",)

    station = models.ForeignKey(Organisation, models.PROTECT, related_name="activities")
    on = models.DateField("日期")
    theme = models.CharField("主题", max_length=16, choices=ActivityTheme)
    form = models.CharField("形式", max_length=12, choices=ActivityForm)
    place = models.CharField("地点", max_length=80)
    participants = models.PositiveIntegerField("参与人次")
    papers = models.PositiveIntegerField("发放资料（份）", default=0)
    note = SealedTextField("备注", blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "活动"
        indexes = [models.Index(fields=["station", "-on"], name="activity_station")]

    def __str__(self) -> str:
        return f"activity {self.pk}"
