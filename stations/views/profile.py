"""Everybody's own settings, password and sessions."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from stations.actions import accounts
from stations.forms.login import ChangePasswordForm
from stations.forms.staff import ProfileForm
from stations.http import StaffRequest

OWN = (
    *("phone", "mobile", "email", "wants_mail", "wants_digest"),
    *("deputy", "absent_from", "absent_until"),
)


@require_http_methods(["GET", "POST"])
def profile(request: StaffRequest) -> HttpResponse:
    staff = request.user
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        staff=staff,
        initial={name: getattr(staff, name) for name in OWN},
    )
    if not form.is_valid():
        context = {"form": form, "second_factor": is_mfa_enabled(staff)}
        return render(request, "stations/profile.html", context, status=422 if form.is_bound else 200)
    accounts.change_own(staff, form.cleaned_data)
    messages.success(request, "您的设置已保存。")
    return redirect("profile")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_password(request: StaffRequest) -> HttpResponse:
    form = ChangePasswordForm(
        request.POST if request.method == "POST" else None, request=request, staff=request.user
    )
    if not form.is_valid():
        return render(
            request, "account/password_change.html", {"form": form}, status=422 if form.is_bound else 200
        )
    accounts.choose_password(request.user, form.cleaned_data["new"])
    update_session_auth_hash(request, request.user)
    messages.success(request, "密码已改，其他电脑和手机上的登录已退出。")
    return redirect("profile")


@require_POST
def sign_out_everywhere(request: StaffRequest) -> HttpResponse:
    accounts.end_sessions(request.user, by=request.user, at=timezone.now())
    update_session_auth_hash(request, request.user)
    messages.success(request, "其他电脑和手机上的登录已退出，只留这一处。")
    return redirect("profile")
