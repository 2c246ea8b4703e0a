"""Django's admin, for the system administrator only: regions, organisations, kinds of departments, holidays.

Accounts are not here: they belong to the security administrator's page.
"""

from typing import Any

from allauth.account.admin import EmailAddress
from allauth.account.decorators import secure_admin_login
from allauth.mfa.admin import Authenticator
from django.contrib import admin
from django.contrib.auth import admin as auth_admin  # noqa: F401 – registers Group before it is taken out below
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from stations.actions.calendar import raise_version
from stations.choices import level_of
from stations.models import CalendarYear, ChecklistItem, DepartmentKind, Holiday, Organisation, Region


def _change_password(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    return redirect("account_change_password")


admin.site.site_header = admin.site.site_title = "维权系统管理"
admin.site.index_title = "代码和基础资料"
# One door: the login with its lock-out and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.password_change = _change_password  # type: ignore[method-assign, assignment]
for model in (EmailAddress, Authenticator, Group):
    admin.site.unregister(model)


class KeptAdmin(admin.ModelAdmin):
    """Rows are ended or switched off, never deleted: cases point at them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Region)
class RegionAdmin(KeptAdmin):
    list_display = ["code", "name", "level", "valid_from", "valid_to", "successor"]
    list_filter = ["level"]
    search_fields = ["code__startswith", "name__startswith"]
    raw_id_fields = ["parent", "successor"]
    ordering = ["code"]
    list_per_page = 50
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Region | None = None) -> list[str]:
        return ["code", "level"] if obj else ["level"]

    def save_model(self, request: HttpRequest, obj: Region, form: Any, change: bool) -> None:
        obj.level = level_of(obj.code)
        super().save_model(request, obj, form, change)


@admin.register(DepartmentKind)
class DepartmentKindAdmin(KeptAdmin):
    list_display = ["name", "code", "sort", "enabled"]
    list_editable = ["sort", "enabled"]
    ordering = ["sort", "code"]

    def get_readonly_fields(self, request: HttpRequest, obj: DepartmentKind | None = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(ChecklistItem)
class ChecklistItemAdmin(DepartmentKindAdmin):
    """The 六有 are listed, ordered and switched off like the kinds of departments."""


@admin.register(Organisation)
class OrganisationAdmin(KeptAdmin):
    list_display = ["name", "kind", "department", "region", "phone", "active"]
    list_filter = ["kind", "department", "active"]
    list_select_related = ["department", "region"]
    search_fields = ["name", "region__code__startswith", "region__name__startswith"]
    raw_id_fields = ["region", "parent", "duty_contact"]
    ordering = ["region__code", "kind", "name", "id"]
    list_per_page = 50


class CalendarAdmin(admin.ModelAdmin):
    """Every change raises the version, so that deadlines follow."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [self.opts.pk.name] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._raise(request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._raise(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        self._raise(request, self.opts.verbose_name)

    def _raise(self, request: HttpRequest, what: Any) -> None:
        raise_version(f"后台修改 {what}", by=request.user, at=timezone.now())  # type: ignore[arg-type]  # noqa: TID251 – admin is a view


@admin.register(Holiday)
class HolidayAdmin(CalendarAdmin):
    list_display = ["date", "kind", "name", "source"]
    list_filter = ["kind"]
    date_hierarchy = "date"
    ordering = ["-date"]


@admin.register(CalendarYear)
class CalendarYearAdmin(CalendarAdmin):
    list_display = ["year", "notice_no", "announced_on", "source"]
    ordering = ["-year"]
