"""The people who work here: the user model, and what was done to each account."""

from collections.abc import Container
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from stations.choices import OrgKind, StaffStep
from stations.pinyin import SortKeyField
from stations.roles import ADMIN_ROLES, Permission, Role, granted

if TYPE_CHECKING:
    from stations.models.places import Organisation

DEPUTY_STEPS = 5


class StaffQuerySet(models.QuerySet["Staff"]):
    def working(self) -> Self:
        """Accounts that can log in."""
        return self.filter(is_active=True)

    def of(self, organisation: "Organisation") -> Self:
        return self.filter(organisation=organisation)

    def holding(self, *roles: Role) -> Self:
        """People with any of these roles."""
        return self.filter(roles__overlap=list(roles))

    def by_name(self) -> Self:
        """In pinyin order."""
        return self.order_by("name_pinyin", "id")


class StaffManager(BaseUserManager["Staff"]):
    def get_queryset(self) -> StaffQuerySet:
        return StaffQuerySet(self.model, using=self._db)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Staff":
        """Save a new account; without a password nobody can log in to it."""
        staff = self.model(username=self.model.normalize_username(username).lower(), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "Staff":
        """The first account of a new installation: the security administrator, who opens all others.

        Nobody here is above the roles, so `createsuperuser` makes no superuser.
        """
        return self.create_user(username, password, roles=[Role.SEC_ADMIN], **fields)


class Staff(AbstractUser):
    """One person with one account. Rights come from the roles and the organisation only."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    groups = None  # type: ignore[assignment]
    user_permissions = None  # type: ignore[assignment]
    is_superuser = False

    name = models.CharField("姓名", max_length=50)
    name_pinyin = SortKeyField("姓名拼音", source="name", db_index=True)
    organisation = models.ForeignKey(
        "stations.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="staff",
        verbose_name="单位",
    )
    roles = ArrayField(
        models.CharField(max_length=17, choices=Role.choices), verbose_name="角色", default=list, blank=True
    )
    title = models.CharField("职务", max_length=30, blank=True)
    phone = models.CharField("办公电话", max_length=30, blank=True)
    deputy = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="principals", verbose_name="代办人"
    )
    absent_from = models.DateField("离岗起", null=True, blank=True)
    absent_until = models.DateField("离岗止", null=True, blank=True)
    wants_mail = models.BooleanField("同时用邮件提醒我", default=False)
    wants_digest = models.BooleanField("每个工作日8:30汇总成一封", default=False)
    mobile = models.CharField("手机（只用于接收短信提醒）", max_length=20, blank=True)
    left_on = models.DateField("离任日期", null=True, blank=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    session_epoch = models.PositiveIntegerField("登录批次", default=0, editable=False)

    REQUIRED_FIELDS = ["name"]
    PERSONAL = ("name", "name_pinyin", "email", "phone", "mobile")

    objects = StaffManager.from_queryset(StaffQuerySet)()  # type: ignore[misc, assignment]

    class Meta:
        verbose_name = verbose_name_plural = "工作人员"
        constraints = [
            models.UniqueConstraint(Lower("username"), name="staff_username_once_in_any_case"),
            models.CheckConstraint(
                condition=Q(absent_from=None, absent_until=None)
                | Q(
                    absent_from__isnull=False, absent_until__isnull=False, absent_from__lte=F("absent_until")
                ),
                name="staff_absence_both_or_neither",
            ),
            models.CheckConstraint(
                condition=~Q(roles__overlap=sorted(ADMIN_ROLES)) | Q(roles__len=1),
                name="staff_admin_role_stands_alone",
            ),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("id")), name="staff_deputy_is_another"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if ADMIN_ROLES.intersection(self.roles) and len(self.roles) > 1:
            raise ValidationError({"roles": "系统、安全、审计管理员须由专人担任，不能再兼其他角色。"})
        if (self.absent_from is None) != (self.absent_until is None):
            raise ValidationError({"absent_until": "离岗起止日期要么都填，要么都不填。"})
        if self.absent_from and self.absent_until and self.absent_until < self.absent_from:
            raise ValidationError({"absent_until": "离岗止不能早于离岗起。"})

    def may(self, permission: Permission) -> bool:
        """Whether any of her roles allows this. On which cases is for the cases to say."""
        return self.is_active and permission in granted(self.roles)

    def holds(self, *roles: Role) -> bool:
        return not set(roles).isdisjoint(self.roles)

    @property
    def is_partner(self) -> bool:
        """Works in a department: sees what was referred to it, and no case."""
        return self.organisation is not None and self.organisation.kind == OrgKind.DEPARTMENT

    @property
    def role_names(self) -> str:
        return "、".join(Role(role).label for role in self.roles if role in Role.values)

    def is_absent(self, on: date) -> bool:
        """Away on that day, gone for good, or switched off."""
        if not self.is_active or (self.left_on is not None and self.left_on <= on):
            return True
        return self.absent_from is not None and self.absent_from <= on <= self.absent_until  # type: ignore[operator]

    def stand_in(self, on: date, *, besides: "Container[Staff]" = ()) -> "Staff | None":
        """Who acts for her that day: the first deputy along the chain who is there, within five steps; not one of
        those in `besides`."""
        seen = {self.pk}
        person = self.deputy
        for _ in range(DEPUTY_STEPS):
            if person is None or person.pk in seen:
                return None
            if not person.is_absent(on) and person not in besides:
                return person
            seen.add(person.pk)
            person = person.deputy
        return None

    def stands_in_for(self, on: date) -> "list[Staff]":
        """Whose deputy she is that day, the same chain looked at from its other end."""
        found: list[Staff] = []
        reached = [self]
        for _ in range(DEPUTY_STEPS):
            known = {self.pk, *(person.pk for person in found)}
            people = Staff.objects.filter(deputy__in=reached).exclude(pk__in=known).order_by("id")
            reached = [person for person in people if person.is_absent(on)]
            if not reached:
                break
            found += reached
        return found

    # Django's admin asks these; it is the system administrator's, for the code lists, and for nobody else.

    @property
    def is_staff(self) -> bool:  # type: ignore[override]
        return self.may(Permission.CODES_MANAGE)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_staff and perm.startswith(("stations.", "cases."))

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff and app_label in {"stations", "cases"}

    # Raising the epoch ends every session of the account, as a new password does.

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        text = f"{self.session_epoch}:{self.password}"
        return salted_hmac("stations.Staff.session", text, secret=secret, algorithm="sha256").hexdigest()


class StaffEvent(models.Model):
    """What was done to an account, by whom. Codes and role names only, no personal data; never changed."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="events", verbose_name="账号")
    step = models.CharField("事项", max_length=14, choices=StaffStep.choices)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name="操作人")
    at = models.DateTimeField("时间", db_index=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "账号变动"

    def __str__(self) -> str:
        return f"{self.staff_id} {self.get_step_display()} {self.at:%Y-%m-%d %H:%M}"
