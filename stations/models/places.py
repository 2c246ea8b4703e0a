"""Regions, kinds of departments, organisations."""

from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Q, When

from stations.choices import AdminLevel, OrgKind, StationGrade, level_of

if TYPE_CHECKING:
    from stations.models.staff import Staff


class RegionQuerySet(models.QuerySet["Region"]):
    def current(self) -> Self:
        """Regions still in force, leaving out codes that were replaced."""
        return self.filter(valid_to=None)

    def under(self, prefix: str) -> Self:
        """The region with this prefix and everything inside it."""
        return self.filter(code__startswith=prefix)


class Region(models.Model):
    """A division of the country by its 12-digit statistical code. Replaced codes stay, with a successor."""

    code = models.CharField(
        "区划代码",
        max_length=12,
        primary_key=True,
        validators=[RegexValidator(r"^\d{12}$", "区划代码是 12 位数字。")],
    )
    name = models.CharField("名称", max_length=60)
    level = models.CharField("级别", max_length=8, choices=AdminLevel.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级区划"
    )
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="由其接替"
    )

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{12}$"), name="region_code_is_12_digits"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_from__lte=models.F("valid_to")),
                name="region_valid_from_before_to",
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(valid_to__isnull=False), name="region_with_successor_is_over"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.code}"

    @property
    def prefix(self) -> str:
        """The leading digits everything inside this region shares."""
        return self.code[: AdminLevel(self.level).digits]


class DepartmentKind(models.Model):
    """公安, 民政 and so on. Kinds are data: reforms rename and merge them."""

    code = models.CharField(
        "代码",
        max_length=20,
        primary_key=True,
        validators=[RegexValidator(r"^[A-Z][A-Z_]*$", "代码用大写英文字母和下划线。")],
    )
    name = models.CharField("名称", max_length=30, unique=True)
    sort = models.PositiveSmallIntegerField("排序", default=100)
    enabled = models.BooleanField("使用中", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "部门类别"

    def __str__(self) -> str:
        return self.name


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def active(self) -> Self:
        return self.filter(active=True)

    def federation_of(self, code: str) -> "Organisation | None":
        """The federation of the region whose code begins so: six digits for a county, four for a city."""
        found = self.active().filter(kind=OrgKind.FEDERATION, region_id=f"{code:0<12}")
        return found.select_related("region").first()

    def places_seen_by(self, user: "Staff") -> Self:
        """The stations and points whose facts concern her: those below a federation, a station's own and its points."""
        org = user.organisation
        places = self.active().filter(kind__in=(OrgKind.STATION, OrgKind.VILLAGE_POINT))
        if org is None or org.kind not in (OrgKind.FEDERATION, OrgKind.STATION):
            return self.none()
        if org.kind == OrgKind.FEDERATION:
            return places.filter(region__code__startswith=org.region_prefix)
        points = Q(kind=OrgKind.VILLAGE_POINT, region__code__startswith=org.township_code or org.region_id)
        return places.filter(Q(pk=org.pk) | points)

    def departments_for(self, organisation: "Organisation") -> Self:
        """Departments a case held here can be sent to: those of its county and of the city above.

        Ordered by kind, the county's own before the townships' and the city's.
        """
        code = organisation.region_id
        own = Q(region__code__startswith=organisation.county_code or code[:4])
        city = Q(region__code=code[:4] + "0" * 8)
        return (
            self.active()
            .filter(own | city, kind=OrgKind.DEPARTMENT, department__enabled=True)
            .select_related("department", "region")
            .order_by("department__sort", Case(When(city, then=1), default=0), "region__code", "name", "id")
        )


class Organisation(models.Model):
    """A point, a station, a federation or a department. Holds no personal data."""

    name = models.CharField("名称", max_length=60)
    short_name = models.CharField("简称", max_length=20, help_text="用于文号和列表，如“鲁妇访”", blank=True)
    kind = models.CharField("性质", max_length=13, choices=OrgKind.choices)
    department = models.ForeignKey(
        DepartmentKind,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name="部门类别",
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="organisations", verbose_name="所在区划")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级单位"
    )
    grade = models.CharField("等级", max_length=11, choices=StationGrade.choices, blank=True)
    hours = models.CharField("接待时间", max_length=100, blank=True)
    phone = models.CharField("对外电话", max_length=30, blank=True)
    address = models.CharField("地址", max_length=120, blank=True)
    duty_contact = models.ForeignKey(
        "stations.Staff", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="值班联系人"
    )
    active = models.BooleanField("使用中", default=True)
    opened_on = models.DateField("成立日期", null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        constraints = [
            models.UniqueConstraint(fields=["region", "name"], name="organisation_name_once_per_region"),
            models.CheckConstraint(
                condition=Q(kind=OrgKind.DEPARTMENT, department__isnull=False)
                | (~Q(kind=OrgKind.DEPARTMENT) & Q(department=None)),
                name="organisation_department_iff_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        is_department = self.kind == OrgKind.DEPARTMENT
        if is_department and self.department is None:
            raise ValidationError({"department": "性质是“部门”的，请选部门类别。"})
        if not is_department and self.department is not None:
            raise ValidationError({"department": "只有性质是“部门”的才选部门类别，请清空。"})

    @property
    def level(self) -> AdminLevel:
        return level_of(self.region_id)

    @property
    def region_prefix(self) -> str:
        return self.region_id[: self.level.digits]

    @property
    def county_code(self) -> str:
        """Six digits, or nothing for a city or a province."""
        return self.region_id[:6] if self.level <= AdminLevel.COUNTY else ""

    @property
    def township_code(self) -> str:
        """Nine digits, or nothing above the township."""
        return self.region_id[:9] if self.level <= AdminLevel.TOWNSHIP else ""
