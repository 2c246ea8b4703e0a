"""The security administrator's pages: who works here, in which roles. No case is to be seen from here."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stations.actions import accounts
from stations.forms.staff import StaffFilterForm, StaffForm
from stations.http import StaffRequest
from stations.models import Staff, StaffEvent
from stations.pinyin import sort_key
from stations.roles import Permission, Role
from stations.views.access import needs

PAGE = 50
EVENTS_SHOWN = 20


@require_GET
@needs(Permission.STAFF_MANAGE)
def staff_list(request: StaffRequest) -> HttpResponse:
    form = StaffFilterForm(request.GET)
    rows = Staff.objects.select_related("organisation").by_name()
    if form.is_valid():
        rows = _filtered(rows, form.cleaned_data)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "stations/staff_list.html", {"form": form, "page": page, **_pages(request, page)})


@require_http_methods(["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
@sensitive_variables("password")
def staff_create(request: StaffRequest) -> HttpResponse:
    form = StaffForm(request.POST if request.method == "POST" else None, by=request.user)
    if not form.is_valid():
        return render(
            request, "stations/staff_form.html", {"form": form}, status=422 if form.is_bound else 200
        )
    staff, password = accounts.open_account(**form.cleaned_data, by=request.user, at=timezone.now())
    return _show_password(request, staff, password)


@require_http_methods(["GET", "POST"])
@needs(Permission.STAFF_MANAGE)
def staff_edit(request: StaffRequest, staff_id: int) -> HttpResponse:
    staff = _staff(staff_id)
    form = StaffForm(
        request.POST if request.method == "POST" else None,
        by=request.user,
        staff=staff,
        initial=_initial(staff),
    )
    if not form.is_valid():
        return _staff_page(request, staff, form)
    accounts.change_account(staff, form.cleaned_data, by=request.user, at=timezone.now())
    messages.success(request, f"{staff.name}的资料已保存。")
    return redirect("staff_edit", staff.pk)


@require_POST
@needs(Permission.STAFF_MANAGE)
@sensitive_variables("password")
def staff_reset_password(request: StaffRequest, staff_id: int) -> HttpResponse:
    staff = _another(request, staff_id)
    password = accounts.reset_password(staff, by=request.user, at=timezone.now())
    return _show_password(request, staff, password)


@require_POST
@needs(Permission.STAFF_MANAGE)
def staff_deactivate(request: StaffRequest, staff_id: int) -> HttpResponse:
    staff = _another(request, staff_id)
    at = timezone.now()
    accounts.deactivate(staff, left_on=timezone.localdate(at), by=request.user, at=at)
    messages.success(request, f"{staff.name}的账号已停用，不能再登录。请把手上的案件转给别人。")
    return redirect("staff_edit", staff.pk)


@require_POST
@needs(Permission.STAFF_MANAGE)
def staff_reactivate(request: StaffRequest, staff_id: int) -> HttpResponse:
    staff = _another(request, staff_id)
    accounts.reactivate(staff, by=request.user, at=timezone.now())
    messages.success(request, f"{staff.name}的账号已恢复。请核对单位和角色，忘记密码的再重置一次。")
    return redirect("staff_edit", staff.pk)


@require_POST
@needs(Permission.STAFF_MANAGE)
def staff_sign_out(request: StaffRequest, staff_id: int) -> HttpResponse:
    staff = _another(request, staff_id)
    accounts.end_sessions(staff, by=request.user, at=timezone.now())
    messages.success(request, f"{staff.name}在所有电脑和手机上的登录都已退出。")
    return redirect("staff_edit", staff.pk)


@require_POST
@needs(Permission.STAFF_MANAGE)
def staff_unlock(request: StaffRequest, staff_id: int) -> HttpResponse:
    staff = _another(request, staff_id)
    accounts.unlock(staff, by=request.user, at=timezone.now())
    messages.success(request, f"{staff.name}可以马上再登录。")
    return redirect("staff_edit", staff.pk)


@require_POST
@needs(Permission.STAFF_MANAGE)
def staff_clear_second_factor(request: StaffRequest, staff_id: int) -> HttpResponse:
    staff = _another(request, staff_id)
    accounts.clear_second_factor(staff, by=request.user, at=timezone.now())
    messages.success(request, f"{staff.name}的两步验证已解除，请本人登录后重新开启。")
    return redirect("staff_edit", staff.pk)


@require_GET
@needs(Permission.AUDIT_READ)
def staff_events(request: StaffRequest) -> HttpResponse:
    rows = StaffEvent.objects.select_related("staff", "by").order_by("-at", "-id")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "stations/staff_events.html", {"page": page, **_pages(request, page)})


def _staff(staff_id: int) -> Staff:
    return get_object_or_404(Staff.objects.select_related("organisation", "deputy"), pk=staff_id)


def _another(request: StaffRequest, staff_id: int) -> Staff:
    staff = _staff(staff_id)
    if staff.pk == request.user.pk:
        raise PermissionDenied
    return staff


def _initial(staff: Staff) -> dict[str, Any]:
    return {name: getattr(staff, name) for name in accounts.FIELDS}


def _filtered(rows: Any, wanted: dict[str, Any]) -> Any:
    if not wanted["closed"]:
        rows = rows.working()
    if wanted["organisation"]:
        rows = rows.of(wanted["organisation"])
    if wanted["role"]:
        rows = rows.holding(Role(wanted["role"]))
    words = wanted["q"].strip()
    if words:
        pinyin = Q(name_pinyin__startswith=sort_key(words))
        rows = rows.filter(Q(name__contains=words) | Q(username__startswith=words.lower()) | pinyin)
    return rows


def _pages(request: StaffRequest, page: Any) -> dict[str, str]:
    """Addresses of the neighbouring pages that keep the filter."""

    def address(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"{request.path}?{query.urlencode()}"

    return {
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }


def _staff_page(request: StaffRequest, staff: Staff, form: StaffForm) -> HttpResponse:
    events = staff.events.select_related("by").order_by("-at", "-id")[:EVENTS_SHOWN]
    context = {
        "staff": staff,
        "form": form,
        "own": staff.pk == request.user.pk,
        "timeline": [
            {"at": event.at, "what": event.get_step_display(), "note": event.note, "who": event.by.name}
            for event in events
        ],
    }
    return render(request, "stations/staff_form.html", context, status=422 if form.is_bound else 200)


def _show_password(request: StaffRequest, staff: Staff, password: str) -> HttpResponse:
    return render(request, "stations/password_once.html", {"staff": staff, "password": password})
