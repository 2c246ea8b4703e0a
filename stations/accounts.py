"""How allauth behaves here: no sign-up, no mail, failures counted by axes, second factors sealed."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from weiquan.sealing import ring

BOUND_TO = "mfa_authenticator.data"


def client_ip(request: HttpRequest) -> str:
    """The address the outermost of our own proxies saw; behind none, the peer itself."""
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if settings.TRUSTED_PROXIES and len(hops) >= settings.TRUSTED_PROXIES:
        return hops[-settings.TRUSTED_PROXIES].strip()
    return request.META.get("REMOTE_ADDR") or "127.0.0.1"  # a socket has no address


class ClosedAdapter(DefaultAccountAdapter):
    """Accounts are opened on the staff page, so sign-up is closed."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "用户名或密码不对。忘记密码请找本单位的安全管理员重置。",
        "incorrect_password": "密码不对。",
        "incorrect_code": "验证码不对，或者刚用过。请用手机上正显示的 6 位数字再试。",
        "too_many_login_attempts": "试错次数太多，请过几分钟再试。",
        "rate_limited": "试错次数太多，请过几分钟再试。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        # axes counts failures in the database; allauth's own count would need the cache and answer differently.
        return authenticate(request, **credentials)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request)

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("account_login")


class SealedMFAAdapter(DefaultMFAAdapter):
    """A dump of the database gives nobody a second factor."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": ClosedAdapter.error_messages["incorrect_code"],
        "cannot_generate_recovery_codes": "请先开启两步验证。",
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(ring().seal(text.encode(), BOUND_TO)).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return ring().open(base64.b64decode(encrypted_text), BOUND_TO).decode()
